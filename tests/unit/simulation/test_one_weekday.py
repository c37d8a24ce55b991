"""Weekdays with a shape and a roster of their own: in the dice, in the exact day, in files, and refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kcas.errors import ScenarioError
from kcas.queueing.scenario_day import exact_day
from kcas.simulation.engines.sampling import sample_workload
from kcas.simulation.scenario.changes import Baseline, Change, changed
from kcas.simulation.scenario.file import merge_tables, scenario_of, tables_on
from kcas.simulation.scenario.schema import Scenario
from kcas.staffing.evaluation import rostered

DESK: dict[str, Any] = {
    "question": "?",
    "day": {"opens": "09:00", "closes": "11:00", "weekdays": ["monday", "tuesday"]},
    "demand": {"calls_per_day": 120, "arrival_profile": [1, 1, 1, 1], "weekdays": {"tuesday": "80%"}},
    "types": {
        "public": {
            "share": "100%",
            "talk": {"distribution": "exponential", "mean": "200 s"},
            "patience": {"distribution": "exponential", "mean": "90 s"},
        }
    },
    "teams": {"desk": {"by_interval": [3, 4, 4, 3]}},
}
OWN = {
    "demand": {"arrival_profile_by_weekday": {"tuesday": [0, 3, 1, 0]}},
    "teams": {"desk": {"extra_agents_by_weekday": {"tuesday": [-9, 2, 0, 1]}}},
}


def desk(*changes: dict[str, Any]) -> Scenario:
    tables = DESK
    for change in changes:
        tables = merge_tables(tables, change)
    return scenario_of(tables, where="desk")


def by_hand(weekday: str) -> dict[str, Any]:
    """The desk of a weekday, written out."""
    if weekday == "monday":
        return merge_tables(DESK, {"day": {"weekdays": ["monday"]}})
    return merge_tables(DESK, {"day": {"weekdays": ["tuesday"]}, "demand": {"arrival_profile": [0, 3, 1, 0]},
                       "teams": {"desk": {"by_interval": [0, 6, 4, 4]}}})  # fmt: skip


def test_every_second_day_is_the_tuesday_written_out_with_the_same_dice() -> None:
    both, mondays = (sample_workload(each, seed=3, days=range(6)) for each in (desk(OWN), desk()))
    for day in range(0, 6, 2):
        mine, theirs = (load.arrival[load.first[day] : load.first[day + 1]] for load in (both, mondays))
        assert mine.tolist() == theirs.tolist()
    half_hours = [
        (both.arrival[both.first[day] : both.first[day + 1]] / 1000 - 9 * 3600) // 1800 for day in range(1, 6, 2)
    ]
    assert set(np.concatenate(half_hours).tolist()) == {1.0, 2.0}
    at = (both.staff_at[both.staff_first[1] : both.staff_first[2]] / 3_600_000).tolist()
    agents = both.staff_agents[both.staff_first[1] : both.staff_first[2]].tolist()
    assert dict(zip(at, agents, strict=True)) == {9.0: 0, 9.5: 6, 10.0: 4, 11.0: 0}


def test_the_exact_day_is_the_mean_of_its_weekdays_written_out() -> None:
    apart = [exact_day(scenario_of(by_hand(weekday), where="desk")) for weekday in ("monday", "tuesday")]
    both = exact_day(desk(OWN))
    for name in ("arrivals", "abandoned", "busy_time", "rostered_time"):
        for number in range(4):
            expected = np.mean([getattr(each.intervals[number], name) for each in apart])
            assert getattr(both.intervals[number], name) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_one_weekdays_tables_are_those_written_out_and_of_no_other_day() -> None:
    assert tables_on(merge_tables(DESK, OWN), "tuesday", where="desk") == by_hand("tuesday")
    with pytest.raises(ScenarioError, match=r"desk: 'sunday' is not among its weekdays\. Expected one of monday, tue"):
        tables_on(DESK, "sunday", where="desk")


def test_a_roster_said_anew_in_a_file_is_every_weekdays_and_in_a_projection_weekdays_go_on_differing() -> None:
    said = desk(OWN, {"teams": {"desk": {"by_interval": [5, 5, 5, 5]}}})
    assert said.teams["desk"].extra_agents_by_weekday == desk().teams["desk"].extra_agents_by_weekday
    start = Baseline("desk", Path("desk.toml"), merge_tables(DESK, OWN), desk(OWN), {})
    moved = scenario_of(changed(start, Change(rosters={"desk": (5, 5, 5, 5)})), where="desk")
    assert moved.teams["desk"].by_interval == (5, 5, 5, 5)
    assert moved.teams["desk"].extra_agents_by_weekday.tuesday == (-9, 2, 0, 1)
    assert rostered(moved, {"desk": (7, 7, 7, 7)}).teams["desk"].extra_agents_by_weekday.tuesday == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"demand": {"arrival_profile_by_weekday": {"friday": [1, 2]}}},
         r"demand, arrival_profile_by_weekday, friday: 2 weights\. Expected 4"),
        ({"demand": {"arrival_profile_by_weekday": {"monday": [0, 0, 0, 0]}}},
         r"arrival_profile_by_weekday, monday: every weight is zero"),
        ({"teams": {"desk": {"extra_agents_by_weekday": {"monday": [1]}}}},
         r"team desk, extra_agents_by_weekday, monday: 1 numbers\. Expected 4, one"),
        ({"teams": {"desk": {"agents": 4, "extra_agents_by_weekday": {"monday": [1]}}}},
         r"monday: 1 numbers\. It needs by_interval"),
    ],
)  # fmt: skip
def test_what_does_not_fit_the_day_is_refused(change: dict[str, Any], words: str) -> None:
    with pytest.raises(ScenarioError, match=words):
        desk(change)
