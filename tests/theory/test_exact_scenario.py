"""A scenario's day by theory: reference days written as scenarios, what is supposed, what is refused."""

import math
from typing import Any

import pytest

import kcas
from kcas.distributions import laws
from kcas.errors import ScenarioError
from kcas.queueing.general_patience import steady_with
from kcas.queueing.scenario_day import exact_day
from kcas.simulation.scenario.file import scenario_of
from kcas.simulation.scenario.schema import Scenario
from tests.theory.chains_of_options import priority
from tests.theory.reference import CASES


def scenario(name: str = "tv_day1000_staffcurve", **changes: Any) -> Scenario:
    """A reference day as the engines read it."""
    return scenario_of(reference_tables(name, **changes), where="test")


def reference_tables(name: str, **changes: Any) -> dict[str, Any]:
    """A reference day as a planner would write it."""
    params = CASES[name]["params"]
    tables: dict[str, Any] = {
        "question": "A reference day?",
        "day": {"opens": "08:00", "closes": "20:00", "interval": "60 min", "weekdays": ["monday"]},
        "demand": {"calls_per_day": sum(params["rates_per_hour"]), "arrival_profile": params["rates_per_hour"]},
        "types": {
            "public": {
                "share": "100%",
                "talk": {"distribution": "exponential", "mean": f"{params['aht_s']} s"},
                "patience": {"distribution": "exponential", "mean": f"{params['patience_mean_s']} s"},
            }
        },
        "teams": {"desk": {"by_interval": params["agents"]}},
    }
    for path, value in changes.items():
        *tables_on_the_way, key = path.split("__")
        inner = tables
        for name_of_table in tables_on_the_way:
            inner = inner.setdefault(name_of_table, {})
        inner[key] = value
    return tables


def test_a_reference_day_written_as_a_scenario_gives_the_reference_counts() -> None:
    found, expected = exact_day(scenario()), CASES["tv_day1000_staffcurve"]["expected"]
    assert found.total.abandoned == pytest.approx(expected["abandoned_total"], rel=1e-6)
    assert found.total.mean_wait == pytest.approx(expected["mean_wait_all_s"], rel=1e-6)
    for part, abandoned in zip(found.intervals[:-1], expected["abandoned_by_interval"], strict=False):
        assert part.abandoned == pytest.approx(abandoned, rel=1e-6)
    assert found.intervals[-1].abandoned == pytest.approx(sum(expected["abandoned_by_interval"][-2:]), rel=1e-6)
    assert found.starts[0] == "08:00"
    assert len(found.notes) == 1


def test_days_that_differ_give_the_reference_rate() -> None:
    share = f"{100 / math.sqrt(10):.15f}%"
    found = exact_day(scenario("tv_day1000_12agents", demand__day_to_day_sd=share))
    expected = CASES["tv_day1000_12agents_busyness_gamma10"]["expected"]["p_abandon_ratio_of_means"]
    assert found.total.rate == pytest.approx(expected, rel=1e-5)


def test_callers_who_hang_up_at_once_are_those_of_the_reference() -> None:
    patience = {"distribution": "exponential", "mean": "240 s", "hang_up_at_once": "5%"}
    found = exact_day(scenario("tv_balk5", types__public__patience=patience))
    assert found.total.abandoned == pytest.approx(CASES["tv_balk5"]["expected"]["abandoned_total"], rel=1e-6)


def test_weekdays_are_averaged() -> None:
    busy = exact_day(scenario(demand__weekdays={"monday": "120%"})).total
    quiet = exact_day(scenario(demand__weekdays={"monday": "80%"})).total
    both = exact_day(scenario(
        demand__weekdays={"monday": "120%", "tuesday": "80%"},
        day={"opens": "08:00", "closes": "20:00", "interval": "60 min", "weekdays": ["monday", "tuesday"]},
    )).total  # fmt: skip
    assert both.abandoned == pytest.approx((busy.abandoned + quiet.abandoned) / 2, rel=1e-9)


def test_another_law_of_patience_loses_as_many_in_a_steady_day_and_is_said() -> None:
    patience = {"distribution": "weibull", "mean": "3 min", "shape": 2}
    found = exact_day(scenario(
        demand={"calls_per_day": 115 * 12},
        teams={"desk": {"agents": 12}},
        types__public__patience=patience,
    ))  # fmt: skip
    law = laws.Weibull(2, 180 / math.gamma(1.5))
    settled = steady_with(115 / 3600, handle=300, agents=12, patience=law).p_abandon
    assert found.intervals[6].rate == pytest.approx(settled, rel=1e-4)
    assert any("Patience is taken as exponential" in note for note in found.notes)


def test_callers_cut_off_at_closing_are_counted_apart() -> None:
    hours = {
        "opens": "08:00",
        "closes": "20:00",
        "interval": "60 min",
        "weekdays": ["monday"],
        "after_closing": "disconnect",
    }
    found = exact_day(scenario(day=hours))
    whole = found.total
    assert found.cut_off > 0
    assert whole.arrivals == pytest.approx(whole.answered + whole.abandoned + found.cut_off, rel=1e-9)


def test_nobody_is_answered_after_closing_where_callers_wait_on_for_nobody() -> None:
    hours = {
        "opens": "08:00",
        "closes": "20:00",
        "interval": "60 min",
        "weekdays": ["monday"],
        "after_closing": "keep waiting",
    }
    waits_on, stays = exact_day(scenario(day=hours)).total, exact_day(scenario()).total
    assert waits_on.abandoned > stays.abandoned
    assert waits_on.answered + waits_on.abandoned == pytest.approx(1000, rel=1e-9)


def test_other_work_takes_its_agents_off_the_phones() -> None:
    work = {"assessments": {"team": "desk", "agents": 2, "from": "10:00", "to": "12:00"}}
    fewer = [8, 10, 10, 11, 13, 11, 10, 11, 11, 9, 7, 5]
    assert exact_day(scenario(other_work=work)).total == exact_day(scenario(teams__desk__by_interval=fewer)).total


def test_what_theory_cannot_say_is_refused_by_name() -> None:
    redials = {
        "delay": {"distribution": "exponential", "mean": "10 min"},
        "after_abandoning": "50%",
        "patience": "same",
    }
    with pytest.raises(ScenarioError, match=r"call again with the same patience.*kcas simulate"):
        exact_day(scenario(redials=redials))


def two_kinds(patience: tuple[int, int], *, teams: dict[str, Any]) -> Scenario:
    """A steady day of two types in order of priority, 72 calls an hour of 300 s for six agents."""
    types = {
        name: {"share": share, "priority": first, "talk": {"distribution": "exponential", "mean": "300 s"},
               "patience": {"distribution": "exponential", "mean": f"{mean} s"}}
        for name, share, first, mean in (("urgent", "30%", 1, patience[0]), ("other", "70%", 2, patience[1]))
    }  # fmt: skip
    day = {"opens": "00:00", "closes": "24:00", "interval": "60 min", "weekdays": ["monday"]}
    tables = {"question": "?", "day": day, "demand": {"calls_per_day": 72 * 24}, "types": types, "teams": teams}
    return scenario_of(tables, where="test")


@pytest.mark.parametrize("teams", [{"one": {"agents": 6}}, {"one": {"agents": 2}, "two": {"agents": 4}}])
def test_teams_that_take_every_type_are_one_and_alike_types_lose_as_many_in_any_order(teams: dict[str, Any]) -> None:
    found = exact_day(two_kinds((180, 180), teams=teams))
    high, low = priority(high=0.006, low=0.014, handle=300, agents=6, patience_high=180, patience_low=180)
    assert found.intervals[12].rate == pytest.approx(0.3 * high.p_abandon + 0.7 * low.p_abandon, rel=1e-6)
    assert not [note for note in found.notes if "Priorities" in note]


def test_where_the_order_changes_how_many_hang_up_it_is_said_that_it_is_left_out() -> None:
    found = exact_day(two_kinds((60, 900), teams={"one": {"agents": 6}}))
    high, low = priority(high=0.006, low=0.014, handle=300, agents=6, patience_high=60, patience_low=900)
    rate = found.intervals[12].rate
    assert rate is not None
    assert abs(rate - (0.3 * high.p_abandon + 0.7 * low.p_abandon)) > 0.005  # what the note is for
    assert [note for note in found.notes if note.startswith("Priorities are left out")]


def test_the_document_has_the_intervals_of_simulate() -> None:
    found = kcas.exact_day(kcas.Scenario(reference_tables("tv_day1000_staffcurve"))).to_dict()
    assert [row["start"] for row in found["intervals"]][:2] == ["08:00", "09:00"]
    assert found["total"]["offered"]["mean"] == pytest.approx(1000)
    assert found["total"]["rate"]["mean"] == pytest.approx(0.0346026871)
    assert sum(row["abandoned"]["mean"] for row in found["intervals"]) == found["total"]["abandoned"]["mean"]
