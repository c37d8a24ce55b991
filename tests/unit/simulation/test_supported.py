"""Does a projection say where it leaves the range that data support, and keep quiet where it does not?"""

import math
from typing import Any

import polars as pl
import pytest

from kcas.calls.coverage import DaysSeen
from kcas.desk.standard import Standard
from kcas.distributions.law_table import read_law
from kcas.simulation.projection import Projection, happened, simulate
from kcas.simulation.scenario.data_range import inputs_beyond, longest_known, waits_beyond
from kcas.simulation.scenario.file import merge_tables, scenario_of
from kcas.simulation.scenario.schema import Scenario
from kcas.simulation.simulated_calls import simulated_calls

DESK: dict[str, Any] = {
    "question": "Does it run?",
    "day": {"opens": "09:00", "closes": "12:00", "weekdays": ["monday", "friday"]},
    "demand": {"calls_per_day": 100, "weekdays": {"monday": "120%"}},
    "types": {
        "public": {
            "share": "100%",
            "talk": {"distribution": "exponential", "mean": "5 min"},
            "patience": {"distribution": "exponential", "mean": "3 min"},
        }
    },
    "teams": {"desk": {"agents": 4}},
}


def desk(**change: Any) -> Scenario:
    return scenario_of(merge_tables(DESK, change), where="desk")


def patient(law: dict[str, Any], *, agents: int = 1) -> Projection:
    scenario = desk(types={"public": {"patience": law}}, teams={"desk": {"agents": agents}})
    return simulate(scenario, standard=Standard(), replications=10, engine="simpy")


def said(run: Projection) -> list[str]:
    return waits_beyond(run.scenario, run.by["by_type"])


@pytest.mark.parametrize(
    ("law", "expected"),
    [
        ({"distribution": "exponential", "mean": "100 s"}, 100 * math.log(100)),
        ({"distribution": "exponential", "mean": "100 s", "hang_up_at_once": "10%"}, 100 * math.log(90)),
        ({"distribution": "weibull", "shape": 2, "scale": "100 s"}, 100 * math.sqrt(math.log(100))),
        ({"distribution": "uniform", "low": "0 s", "high": "200 s"}, 198.0),
        ({"distribution": "fixed", "value": "60 s"}, 60.0),
        (
            {"distribution": "empirical", "at": ["1 min", "5 min"], "still_waiting": ["50%", "20%"], "tail": "9 min"},
            300.0,
        ),
        ({"distribution": "exponential", "mean": "100 s", "supported_to": "4 min"}, 240.0),
        ({"distribution": "empirical", "at": ["5 min"], "still_waiting": ["0%"], "supported_to": "2 min"}, 120.0),
        ({"distribution": "endless"}, math.inf),
    ],
)
def test_patience_is_known_to_its_measured_end_or_for_99_callers_in_100(law: dict[str, Any], expected: float) -> None:
    assert longest_known(read_law(law, "patience")) == pytest.approx(expected, rel=1e-6)


def test_waits_beyond_a_measured_curve_are_told_with_their_share_and_the_longest() -> None:
    run = patient({"distribution": "empirical", "at": ["1 min"], "still_waiting": ["70%"], "tail": "20 min"})
    _, load, rows = happened(run.scenario, range(10), seed=run.seed, engine="simpy")
    calls = simulated_calls(run.scenario, load, rows, first_day=0)
    beyond = calls.filter(pl.col("wait") > 60).height / calls.height
    [line] = said(run)
    assert "longer than any patience that was measured (1 min)" in line
    assert f"{beyond:.1%} of cases" in line
    longest = round(float(calls["wait"].max()))  # type: ignore[arg-type]
    assert f"{longest // 60} min {longest % 60} s at most" in line


def test_a_stated_end_of_what_data_support_is_heeded() -> None:
    assert (
        "measured (30 s)" in said(patient({"distribution": "exponential", "mean": "5 min", "supported_to": "30 s"}))[0]
    )


def test_patience_that_an_announcement_lengthens_goes_beyond_the_law_that_was_supposed() -> None:
    law = {"distribution": "uniform", "low": "1 min", "high": "3 min"}
    scenario = desk(
        teams={"desk": {"agents": 1}}, types={"public": {"patience": law}},
        telephone={"announcement": {"announces": "wait", "patience": "300%"}},
    )  # fmt: skip
    run = simulate(scenario, standard=Standard(), replications=10, engine="simpy")
    assert "than 99 in 100 of them are assumed to (2 min 59 s)" in said(run)[0]


def test_where_callers_hang_up_as_supposed_nothing_is_said() -> None:
    assert said(patient({"distribution": "exponential", "mean": "3 min"})) == []
    assert said(patient({"distribution": "empirical", "at": ["9 min"], "still_waiting": ["0%"]})) == []


def test_endless_patience_is_said_to_be_nobodys() -> None:
    assert "never to hang up" in said(patient({"distribution": "endless"}, agents=9))[0]


SEEN = DaysSeen(days=250, calls=(90.0, 130.0), handling=(250.0, 320.0), agents=(3.0, 5.0))


def test_within_what_the_days_kept_have_shown_nothing_is_said() -> None:
    assert inputs_beyond(desk(), seen=SEEN) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"demand": {"calls_per_day": 110}}, "132 calls on a Monday are more than any of the 250 days kept here"),
        ({"demand": {"calls_per_day": 80}}, "80 calls on a Friday are fewer than any of the 250 days kept here"),
        ({"training": {"inappropriate": "20%"}}, "80 calls on a Friday are fewer"),
        ({"training": {"handling": "120%"}}, "6 min a call is outside the daily means on 250 days kept here"),
        ({"teams": {"desk": {"agents": 6}}}, "6 agents on the phones at once are outside"),
        ({"teams": {"desk": {"agents": 2}}}, "(3 to 5)"),
    ],
)
def test_what_no_day_kept_has_shown_is_said(change: dict[str, Any], says: str) -> None:
    [line] = inputs_beyond(desk(**change), seen=SEEN, baseline=desk())
    assert says in line


def test_other_work_is_not_on_the_phones() -> None:
    busy = desk(teams={"desk": {"agents": 6}}, other_work={"visits": {"team": "desk", "agents": 1}})
    assert inputs_beyond(busy, seen=SEEN) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"demand": {"calls_per_day": 130}}, "Calls 30% above the baseline: no calls are kept here to support more"),
        ({"training": {"handling": "70%"}}, "Handling time 30% below the baseline"),
        ({"teams": {"desk": {"by_interval": [4, 4, 8, 4, 4, 4]}}}, "Agents on the phones at 10:00 100% above"),
    ],
)  # fmt: skip
def test_without_days_to_go_by_a_quarter_from_the_baseline_is_the_reach(change: dict[str, Any], says: str) -> None:
    [line] = inputs_beyond(desk(**change), seen=None, baseline=desk())
    assert says in line


def test_a_quarter_from_the_baseline_is_within_reach() -> None:
    near = desk(demand={"calls_per_day": 125}, training={"handling": "75%"}, teams={"desk": {"agents": 5}})
    assert inputs_beyond(near, seen=None, baseline=desk()) == []
    assert inputs_beyond(near, seen=None) == []
