"""Is the roster the cheapest by the rules, does it cover what is needed, and is it said why where none can?"""

import itertools
from typing import Any

import pytest

from kcas.errors import KcasError, ScenarioError
from kcas.simulation.scenario.changes import agents_by_interval
from kcas.simulation.scenario.file import scenario_of
from kcas.simulation.scenario.schema import Scenario
from kcas.staffing.cover import Cover, covered
from kcas.staffing.roster_file import by_shifts, roster_text
from kcas.staffing.shift_file import ShiftRules, rules_of
from tests.unit.staffing.desks import desk

DAY = desk([10, 20, 20, 10])  # from nine to eleven
SCENARIO = scenario_of(DAY, where="a small desk")
HOURS = {"starts": ["09:00", "09:30", "10:00"], "lengths": ["1 h"]}


def rules(*, scenario: Scenario = SCENARIO, more: dict[str, Any] | None = None, **patterns: Any) -> ShiftRules:
    return rules_of({"shifts": patterns, **(more or {})}, scenario=scenario, where="shifts.toml")


def cover(needed: list[int], given: ShiftRules, *, scenario: Scenario = SCENARIO) -> Cover:
    return covered({"desk": tuple(needed)}, rules=given, scenario=scenario)


def on_the_phones(found: Cover, at: float) -> int:
    """Who is at work at a moment and not on a break, counted one by one."""
    return sum(
        duty.agents
        for duty in found.duties
        if duty.kind.begin <= at < duty.kind.end and not any(begin <= at < end for begin, end in duty.breaks)
    )


@pytest.mark.parametrize("needed", [[1, 2, 2, 1], [3, 0, 0, 2], [2, 1, 3, 1], [0, 0, 0, 1], [1, 3, 1, 0], [4, 4, 4, 4]])
def test_no_roster_at_all_of_a_tiny_day_costs_less(needed: list[int]) -> None:
    given = rules(hour=HOURS, long={"starts": ["09:00", "09:30"], "lengths": ["1 h 30 min"], "cost_per_hour": 9.0},
                  more={"cost_per_hour": 10.0})  # fmt: skip
    shifts = [(0, 2, 10.0), (1, 3, 10.0), (2, 4, 10.0), (0, 3, 13.5), (1, 4, 13.5)]  # from, to, cost
    least = min(
        sum(many * cost for many, (_, _, cost) in zip(chosen, shifts, strict=True))
        for chosen in itertools.product(range(max(needed) + 1), repeat=len(shifts))
        if all(
            sum(many for many, (begin, end, _) in zip(chosen, shifts, strict=True) if begin <= slot < end)
            >= needed[slot]
            for slot in range(4)
        )
    )
    found = cover(needed, given)
    assert found.cost == pytest.approx(least)
    assert (found.at_best, found.gap) == (True, 0)
    for slot, wanted in enumerate(needed):
        assert on_the_phones(found, 9 * 3600 + slot * 1800) >= wanted


BREAKS = [
    {"length": "15 min", "paid": True, "earliest": "15 min", "latest": "45 min"},
    {"length": "15 min", "earliest": "1 h", "latest": "1 h 45 min"},
]


def test_breaks_lie_in_their_windows_and_nobody_is_missed_meanwhile() -> None:
    given = rules(whole={"starts": ["09:00"], "lengths": ["2 h"], "breaks": BREAKS})
    found = cover([2, 3, 2, 1], given)
    assert sum(duty.agents for duty in found.duties) == found.heads == 4  # with three nobody could pause before ten
    for duty in found.duties:
        (first, first_end), (second, second_end) = ((b - duty.kind.begin, e - duty.kind.begin) for b, e in duty.breaks)
        assert 900 <= first <= 2700
        assert 3600 <= second <= 6300
        assert (first_end - first, second_end - second) == (900, 900)
    for minute in range(0, 120, 5):
        assert on_the_phones(found, 9 * 3600 + minute * 60) >= [2, 3, 2, 1][minute // 30]
    assert found.paid_time == 4 * (2 * 3600 - 900)  # the second break is not paid


def test_the_roster_written_out_as_a_scenario_has_the_same_agents() -> None:
    found = cover([2, 3, 2, 1], rules(whole={"starts": ["09:00"], "lengths": ["2 h"], "breaks": BREAKS}))
    tables = by_shifts(DAY, found, roster={"desk": (2, 3, 2, 1)})
    back = scenario_of(tables, where="written")
    assert agents_by_interval(back, "desk") == tuple(on_the_phones(found, 9 * 3600 + n * 1800) for n in range(4))
    assert "agents = 3" not in roster_text(tables, question="Enough?", words="a test", invented=("everything",))


WEEK = scenario_of(
    desk([10, 20, 20, 10])
    | {"day": {"opens": "09:00", "closes": "11:00",
               "weekdays": ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]}},
    where="a week",
)  # fmt: skip


def test_days_off_are_covered_by_others() -> None:
    given = rules(scenario=WEEK, whole={"starts": ["09:00"], "lengths": ["2 h"], "days": [5]})
    found = cover([1, 5, 5, 1], given, scenario=WEEK)
    assert found.heads == 7  # five a day on seven days are 35 days of work, of five each
    for day in WEEK.day.weekdays:
        assert sum(week.heads for week in found.weeks if day in week.days) >= 5
    assert all(len(week.days) == 5 for week in found.weeks)


def test_days_off_follow_one_another_where_the_contract_says_so() -> None:
    given = rules(
        scenario=WEEK, whole={"starts": ["09:00"], "lengths": ["2 h"], "days": [5], "days_off_together": True}
    )
    found = cover([3, 3, 3, 3], given, scenario=WEEK)
    days = WEEK.day.weekdays
    for week in found.weeks:
        off = [number for number, day in enumerate(days) if day not in week.days]
        assert (off[1] - off[0]) in (1, 6), off
    for day in days:
        assert sum(week.heads for week in found.weeks if day in week.days) >= 3


def test_weekly_hours_bind_what_a_person_may_work() -> None:
    most = {
        "starts": ["09:00"],
        "lengths": ["1 h", "2 h"],
        "days": [3, 4, 5],
        "most_hours": "8 h",
        "least_hours": "6 h",
    }
    found = cover([1, 1, 1, 1], rules(scenario=WEEK, whole=most), scenario=WEEK)
    for week in found.weeks:
        assert 6 * 3600 <= len(week.days) * week.kind.length <= 8 * 3600
    with pytest.raises(ScenarioError, match=r"no one's week.*5 days of 2 h paid are not between 0 s and 8 h"):
        cover([1, 1, 1, 1], rules(scenario=WEEK, whole={"starts": ["09:00"], "lengths": ["2 h"], "days": [5],
                                                         "most_hours": "8 h"}), scenario=WEEK)  # fmt: skip


def test_more_heads_never_cost_more() -> None:
    def with_heads(most: int) -> float:
        given = rules(
            hour=HOURS | {"cost_per_hour": 8.0, "most_heads": most},
            whole={"starts": ["09:00"], "lengths": ["2 h"], "cost_per_hour": 10.0},
        )
        found = cover([1, 3, 3, 1], given).cost
        assert found is not None
        return found

    costs = [with_heads(most) for most in (1, 2, 3, 4, 6)]
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] < costs[0]


def test_too_few_heads_say_which_half_hours_fall_short_and_by_how_many() -> None:
    with pytest.raises(ScenarioError) as refused:
        cover([0, 0, 5, 4], rules(hour=HOURS, more={"most_heads": 3}))
    assert "most_heads 3" in str(refused.value)
    assert "desk at 10:00 by 2, desk at 10:30 by 1" in str(refused.value)


def test_too_few_desks_are_too_few_agents() -> None:
    with pytest.raises(ScenarioError, match=r"most_at_once 4.*desk at 10:00 by 1"):
        cover([2, 2, 5, 2], rules(hour=HOURS, more={"most_at_once": 4}))


def test_a_half_hour_at_which_no_shift_is_at_work_is_named() -> None:
    with pytest.raises(ScenarioError, match=r"10:30: team desk needs 2 agents until 11:00.*the last ends at 10:30"):
        cover([1, 1, 1, 2], rules(hour={"starts": ["09:00", "09:30"], "lengths": ["1 h"]}))
    assert cover([1, 1, 1, 0], rules(hour={"starts": ["09:00", "09:30"], "lengths": ["1 h"]})).heads == 2


def test_the_least_heads_of_a_contract_are_kept() -> None:
    found = cover([1, 1, 1, 1], rules(hour=HOURS | {"least_heads": 4}, whole={"starts": ["09:00"], "lengths": ["2 h"]}))
    assert sum(week.heads for week in found.weeks if week.kind.pattern == "hour") >= 4


TWO = scenario_of(
    desk([10, 20, 20, 10]) | {"teams": {"desk": {"agents": 3}, "night": {"agents": 1}}}, where="two teams"
)


def test_each_team_is_covered_by_its_own_shifts() -> None:
    given = rules(
        scenario=TWO, day=HOURS | {"team": "desk"}, late={"starts": ["09:00"], "lengths": ["2 h"], "team": "night"}
    )
    found = covered({"desk": (1, 2, 2, 1), "night": (0, 1, 0, 0)}, rules=given, scenario=TWO)
    by_team = {team: sum(d.agents for d in found.duties if d.kind.team == team) for team in TWO.teams}
    assert by_team == {"desk": 3, "night": 1}
    with pytest.raises(ScenarioError, match="no pattern is for that team"):
        covered({"night": (0, 1, 0, 0)}, rules=rules(scenario=TWO, day=HOURS | {"team": "desk"}), scenario=TWO)


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        ({"shifts": {}}, "there are no patterns of shifts"),
        ({}, "shifts is missing"),
        ({"shifts": {"a": {"starts": [], "lengths": ["1 h"]}}}, "no starts or no lengths"),
        ({"shifts": {"a": {"start": ["09:00"], "lengths": ["1 h"]}}}, "Did you mean 'starts'"),
        ({"shifts": {"a": HOURS}, "most_heads": 0}, "from 1 to 20,000"),
        ({"shifts": {"a": HOURS | {"most_heads": 0}}}, "from 1 to 20,000"),
        ({"shifts": {"a": {"starts": ["9"], "lengths": ["1 h"]}}}, "a time of day"),
        ({"shifts": {"a": {"starts": ["09:00"], "lengths": [60]}}}, "has no unit"),
        ({"shifts": {"a": {"starts": ["12:00"], "lengths": ["1 h"]}}}, "never at work between 09:00 and 11:00"),
        ({"shifts": {"a": {"starts": ["10:00"], "lengths": ["15 h"]}}}, "ends after midnight"),
        ({"shifts": {"a": HOURS | {"team": "dask"}}}, "Did you mean 'desk'"),
        ({"shifts": {"a": HOURS | {"least_heads": 3, "most_heads": 2}}}, "more than most_heads"),
        ({"shifts": {"a": HOURS | {"least_hours": "9 h", "most_hours": "8 h"}}}, "more than most_hours"),
        ({"shifts": {"a": HOURS | {"days": [3]}}}, "open on 1 days a week"),
        ({"shifts": {"a": HOURS | {"cost_per_hour": 9.0}, "b": HOURS}}, "Expected all, or none"),
        ({"shifts": {"a": {"starts": ["09:00"], "lengths": ["90 s"]}}}, "from 15 min"),
        ({"shifts": {"a": {"starts": ["09:00"], "lengths": ["1000 s"]}}}, "not whole minutes"),
        ({"shifts": {"a": HOURS | {"breaks": [{"length": "30 min", "earliest": "45 min", "latest": "45 min"}]}}},
         "may end 1 h 15 min into a shift of 1 h"),
        ({"shifts": {"a": HOURS | {"breaks": [{"length": "5 min", "earliest": "9 min", "latest": "8 min"}]}}},
         "latest is before earliest"),
        ({"shifts": {"a": HOURS | {"breaks": [BREAKS[0], BREAKS[0]]}}},
         "before the one before it must be over"),
        ({"shifts": {"a": HOURS | {"breaks": [{"length": "1 h", "earliest": "0 s", "latest": "0 s"}]}}}, "is paid"),
        ({"shifts": {"a": {"starts": [f"{h:02d}:{m:02d}" for h in (9, 10) for m in range(30)] * 3,
                           "lengths": [f"{n} min" for n in range(30, 60)]}}}, "more than the 2,000"),
    ],
)  # fmt: skip
def test_shifts_that_cannot_be_are_refused_in_words(tables: dict[str, Any], words: str) -> None:
    with pytest.raises(KcasError, match=words) as refused:
        rules_of(tables, scenario=SCENARIO, where="shifts.toml")
    assert str(refused.value).startswith("shifts.toml")
