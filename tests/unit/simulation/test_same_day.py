"""A changed roster meets the same day: random numbers of staff are indexed by the clock."""

from typing import Any

import numpy as np
import pytest

from kcas.simulation.scenario.roster import OtherWork, Team, staffing

NINE, FIVE, HALF_HOUR = 9 * 3600.0, 17 * 3600.0, 1800.0


def agents_at(team: Team, work: list[OtherWork], *, seed: int, opens: float = NINE) -> list[int]:
    """The agents on the phones in each quarter of an hour from nine to five, looked up in the day's changes."""
    changes = staffing(
        team, other_work=work, opens=opens, closes=FIVE, interval=HALF_HOUR, rng=np.random.default_rng(seed)
    )
    return [[agents for at, agents in changes if at <= moment][-1] for moment in np.arange(NINE, FIVE, 900.0)]


def team(**more: Any) -> Team:
    return Team(**{"shrinkage": 0.23, "absence": 0.1, **more})


@pytest.mark.parametrize("seed", range(30))
def test_a_meeting_changes_nobody_s_staffing_but_while_it_lasts(seed: int) -> None:
    meeting = OtherWork(team="duty", agents=3, from_=NINE + 900, to=NINE + 2700)
    plain, with_meeting = (agents_at(team(agents=11), work, seed=seed) for work in ([], [meeting]))
    assert with_meeting[1:3] != plain[1:3]
    assert (with_meeting[:1], with_meeting[3:]) == (plain[:1], plain[3:])


@pytest.mark.parametrize("seed", range(30))
def test_more_people_in_the_afternoon_leave_the_morning_as_it_was(seed: int) -> None:
    some, more = ([9] * 8 + [afternoon] * 8 for afternoon in (9, 12))
    plain, fuller = (agents_at(team(by_interval=tuple(roster)), [], seed=seed) for roster in (some, more))
    assert fuller[:16] == plain[:16]
    assert sum(fuller[16:]) > sum(plain[16:])


@pytest.mark.parametrize("seed", range(30))
def test_opening_an_hour_earlier_leaves_the_later_hours_as_they_were(seed: int) -> None:
    plain, longer = (agents_at(team(agents=11), [], seed=seed, opens=opens) for opens in (NINE, NINE - 3600))
    assert longer == plain


def test_a_fraction_of_an_agent_is_there_on_its_share_of_half_hours() -> None:
    on = [agents_at(Team(agents=10, shrinkage=0.25), [], seed=seed)[::2] for seed in range(400)]
    assert np.mean(on) == pytest.approx(7.5, abs=0.03)
    assert set(np.unique(on)) == {7, 8}
    assert np.corrcoef(np.array(on)[:, 0], np.array(on)[:, 1])[0, 1] == pytest.approx(0, abs=0.15)
