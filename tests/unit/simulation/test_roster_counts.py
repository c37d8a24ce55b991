"""Are as many agents on the phones as a count of every person, moment by moment, finds?"""

import random

import numpy as np
import pytest

from kcas.simulation.scenario.roster import Break, OtherWork, Shift, Team, staffing

OPENS, CLOSES, INTERVAL = 32_400.0, 40_200.0, 1_800.0


def drawn(dice: random.Random) -> Team:
    """A team by agents, by interval or by shift."""
    absence, way = dice.choice([0.0, 0.3]), dice.randrange(3)
    if way == 0:
        return Team(agents=dice.randint(0, 6), absence=absence)
    if way == 1:
        return Team(by_interval=tuple(dice.randint(0, 5) for _ in range(5)), absence=absence)
    shifts = []
    for _ in range(dice.randint(1, 4)):
        begin = 60.0 * dice.randint(470, 600)
        pauses = (Break(begin + 600, begin + 900), Break(begin + 1800, begin + 2400)) if dice.random() < 0.5 else ()
        shifts.append(Shift(dice.randint(0, 4), begin, begin + 5400, pauses))
    return Team(shifts=tuple(shifts), absence=absence)


def one_by_one(team: Team, present: list[bool], at: float) -> int:
    """People at work at a moment, each looked at."""
    if team.agents is not None:
        return sum(present[: team.agents]) if OPENS <= at < CLOSES else 0
    if team.by_interval:
        return sum(present[: team.by_interval[int((at - OPENS) // INTERVAL)]]) if OPENS <= at < CLOSES else 0
    found, first = 0, 0
    for shift in team.shifts:
        on = shift.from_ <= at < shift.to and not any(pause.from_ <= at < pause.to for pause in shift.breaks)
        found += sum(present[first : first + shift.agents]) if on else 0
        first += shift.agents
    return found


@pytest.mark.parametrize("seed", range(60))
def test_staffing_counts_every_person_of_every_stretch(seed: int) -> None:
    team = drawn(random.Random(seed))
    work = [OtherWork("desk", 1, from_=OPENS + 900)] if seed % 3 == 0 else []
    people = team.agents or max(team.by_interval, default=0) or sum(shift.agents for shift in team.shifts)
    present = (np.random.default_rng(seed).random(people) >= team.absence).tolist()
    found = staffing(
        team, other_work=work, opens=OPENS, closes=CLOSES, interval=INTERVAL, rng=np.random.default_rng(seed)
    )
    assert found
    for moment in np.arange(found[0][0], CLOSES, 150.0).tolist():
        last = [agents for at, agents in found if at <= moment][-1]
        away = 1 if work and moment >= OPENS + 900 else 0
        assert last == max(one_by_one(team, present, moment) - away, 0), moment
