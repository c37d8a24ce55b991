"""Is the time that agents spend on calls put into the half-hours in which they spend it?"""

import itertools
from typing import Any

import numpy as np
import pytest

from kcas.desk.standard import Standard
from kcas.simulation.day_tallies import time_on_calls
from kcas.simulation.engines import simpy_engine
from kcas.simulation.engines.layout import desk_of
from kcas.simulation.engines.sampling import sample_workload
from kcas.simulation.engines.tables import ANSWERED, Rows, Workload
from kcas.simulation.projection import simulate
from kcas.simulation.scenario.file import scenario_of
from kcas.simulation.scenario.schema import Scenario
from tests.theory.random_scenarios import random_scenario

DESK: dict[str, Any] = {
    "question": "Who is busy when?",
    "day": {"opens": "09:00", "closes": "10:00"},
    "demand": {"calls_per_day": 20},
    "types": {
        "public": {
            "share": "100%",
            "talk": {"distribution": "fixed", "value": "5 min"},
            "patience": {"distribution": "endless"},
        }
    },
    "teams": {"desk": {"by_interval": [2, 1]}},
}
HOUR, MINUTE = 3_600_000, 60_000


def by_hand(*begins: int) -> tuple[Workload, Rows]:
    """Calls of five minutes that begin so many minutes after nine, on the desk above."""
    at = np.array([9 * HOUR + minute * MINUTE for minute in begins])
    none, size = np.empty(0, np.int64), len(at)
    load = Workload(
        first=np.array([0, size]), arrival=at, call_type=np.zeros(size, np.int64),
        talk=np.full(size, 5 * MINUTE), wrap=np.zeros(size, np.int64), menu=none, attempts=1,
        patience=np.full(size, 9 * HOUR), choices=none.astype(np.int16), redial_delay=none, team_die=none,
        reached_on=none, staff_first=np.array([0, 2]), staff_at=np.array([9 * HOUR, 9 * HOUR + 30 * MINUTE]),
        staff_team=np.zeros(2, np.int64), staff_agents=np.array([2, 1]),
    )  # fmt: skip
    return load, simpy_engine.run(desk_of(scenario_of(DESK, where="desk")), load)


def test_a_call_across_two_half_hours_is_shared_between_them_and_overtime_counts_as_at_the_desk() -> None:
    load, rows = by_hand(0, 10, 28, 28)
    found = time_on_calls(scenario_of(DESK, where="desk"), load, rows, first_day=0)
    # before half past: 5 + 5 + 2 + 2 minutes; after: 3 + 3, one of them by an agent whose shift is over
    assert found["busy"].to_list() == [14 * 60, 6 * 60]
    # before: two agents for thirty minutes; after: one, and for three minutes a second
    assert found["staffed"].to_list() == [60 * 60, 33 * 60]


def naive(scenario: Scenario, load: Workload, rows: Rows, *, day: int) -> tuple[list[float], list[float]]:
    """Moment by moment: who is on a call and who is at work, between every two events of a day."""
    opens, closes = scenario.day.opens * 1000, scenario.day.closes * 1000
    calls = []
    for row in range(len(rows.outcome)):
        call = row % len(load.arrival)
        if not load.first[day] <= call < load.first[day + 1]:
            continue
        took = load.talk[call] + load.wrap[call]
        if rows.outcome[row] == ANSWERED:
            calls.append((rows.left[row], rows.left[row] + took, rows.team[row]))
        if rows.rung_back.size and rows.rung_back[row] >= 0:
            calls.append((rows.rung_back[row], rows.rung_back[row] + took, rows.rung_by[row]))
    staff = slice(*load.staff_first[day : day + 2])
    changes = list(zip(load.staff_at[staff], load.staff_team[staff], load.staff_agents[staff], strict=True))
    marks = [opens + n * scenario.day.interval * 1000 for n in range(scenario.day.intervals)] + [closes]
    edges = sorted({*marks, *(t for c in calls for t in c[:2]), *(c[0] for c in changes)})
    busy, staffed = [0.0] * scenario.day.intervals, [0.0] * scenario.day.intervals
    for begin, end in itertools.pairwise(edges):
        if not opens <= begin < closes:
            continue
        slot = int((begin - opens) // (scenario.day.interval * 1000))
        for team in range(len(scenario.teams)):
            on = sum(1 for c in calls if c[2] == team and c[0] <= begin < c[1])
            there = next((n for at, t, n in reversed(changes) if t == team and at <= begin), 0)
            busy[slot] += on * (end - begin) / 1000
            staffed[slot] += max(on, there) * (end - begin) / 1000
    return busy, staffed


@pytest.mark.parametrize("seed", range(12))
def test_it_agrees_with_a_walk_from_moment_to_moment(seed: int) -> None:
    scenario = scenario_of(random_scenario(seed + 1000)[0], where="random")
    load = sample_workload(scenario, seed=seed, days=range(2))
    rows = simpy_engine.run(desk_of(scenario), load)
    found = time_on_calls(scenario, load, rows, first_day=7)
    for day in range(2):
        mine = found.filter(found["replication"] == 7 + day)
        busy, staffed = naive(scenario, load, rows, day=day)
        assert mine["busy"].to_list() == pytest.approx(busy, abs=1e-6)
        assert mine["staffed"].to_list() == pytest.approx(staffed, abs=1e-6)


def test_half_hours_without_a_call_are_told_too() -> None:
    quiet = scenario_of(DESK | {"demand": {"calls_per_day": 3, "arrival_profile": [1, 0]}}, where="desk")
    run = simulate(quiet, standard=Standard(), replications=20, engine="simpy")
    assert run.groups("intervals") == [0, 1]
    assert run.measure("offered", grouping="intervals", group=1).mean == 0
    assert 0 < (run.measure("occupancy", grouping="intervals", group=1).mean or 0) < 0.3
