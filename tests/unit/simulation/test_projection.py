"""Are results what the days add up to, with honest intervals, by the same measures that count a log?"""

import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from scipy import stats

from kcas.calls.call import OFFERED, check
from kcas.calls.measures import measure
from kcas.desk.standard import read_standard
from kcas.simulation.engines import sampling
from kcas.simulation.engines.layout import desk_of
from kcas.simulation.engines.sampling import sample_workload
from kcas.simulation.engines.tables import Workload
from kcas.simulation.estimate import mean_of, ratio_of, share_of
from kcas.simulation.projection import compared, happened, simulate
from kcas.simulation.scenario.file import merge_tables, read_scenario, scenario_of
from kcas.simulation.scenario.schema import Scenario
from kcas.simulation.simulated_calls import EXTRA, simulated_calls

SCENARIOS = Path(__file__).parents[3] / "scenarios"
STANDARD = read_standard(None)
BUSY: dict[str, Any] = {
    "question": "A small desk with everything on",
    "day": {"opens": "09:00", "closes": "13:00", "weekdays": ["monday", "saturday"]},
    "demand": {"calls_per_day": 120, "day_to_day_sd": "20%", "weekdays": {"saturday": "50%"}},
    "types": {
        "public": {
            "share": "70%",
            "talk": {"distribution": "lognormal", "mean": "5 min", "cv": 1.0},
            "hold": {"distribution": "uniform", "low": "5 s", "high": "30 s"},
            "wrap": {"distribution": "gamma", "mean": "1 min", "shape": 2},
            "patience": {"distribution": "exponential", "mean": "2 min", "hang_up_at_once": "10%"},
            "teams": ["desk"],
            "overflow_to": ["helpers"],
            "overflow_after": "40 s",
        },
        "professionals": {
            "share": "30%",
            "talk": {"distribution": "exponential", "mean": "4 min"},
            "patience": {
                "distribution": "mixture",
                "parts": [
                    {"share": "50%", "distribution": "fixed", "value": "30 s"},
                    {"share": "50%", "distribution": "weibull", "mean": "3 min", "shape": 0.8},
                ],
            },
        },
    },
    "teams": {
        "desk": {
            "shifts": [
                {"agents": 2, "from": "09:00", "to": "13:00", "breaks": [{"from": "11:00", "to": "11:15"}]},
                {"agents": 1, "from": "10:00", "to": "12:00"},
            ],
            "absence": "10%",
        },
        "helpers": {"agents": 1, "shrinkage": "20%"},
    },
    "telephone": {
        "lines": 6,
        "menu": {"length": {"distribution": "fixed", "value": "15 s"}, "self_service_share": "5%", "hang_up": "5%"},
        "callback": {"accepts": "50%", "offered_when_waiting": 2, "reached": "40%", "max_attempts": 2,
         "deadline": "1 h"},
        "voicemail": {"offered_after": "2 min", "accepts": "30%"},
        "announcement": {"announces": "wait", "balk_share": "40%", "patience": "120%"},
    },
    "redials": {
        "after_abandoning": "40%", "after_busy_tone": "60%", "delay": {"distribution": "exponential", "mean": "8 min"},
    },
}  # fmt: skip


@pytest.fixture(scope="module")
def busy() -> Scenario:
    return scenario_of(BUSY, where="busy.toml")


def all_calls(scenario: Scenario, days: int, *, engine: str = "compiled") -> pl.DataFrame:
    _, load, rows = happened(scenario, range(days), seed=scenario.run.seed, engine=engine)
    return simulated_calls(scenario, load, rows, first_day=0)


def test_simulated_calls_have_the_columns_of_logged_ones(busy: Scenario) -> None:
    calls = check(all_calls(busy, 20))
    assert calls["leg"].is_unique().all()
    assert set(EXTRA) <= set(calls.columns)
    assert set(calls["outcome"].cast(pl.String)) > {"answered", "abandoned", "callback", "blocked", "left_ivr"}


def test_both_engines_make_the_same_table_of_a_scenario_with_everything(busy: Scenario) -> None:
    assert all_calls(busy, 30).equals(all_calls(busy, 30, engine="simpy"))


def test_a_projection_counts_as_the_measures_count_a_log(busy: Scenario) -> None:
    run = simulate(busy, standard=STANDARD, replications=30, engine="compiled")
    logged = measure(all_calls(busy, 30).lazy(), standard=STANDARD).row(0, named=True)
    for name in ("offered", "answered", "abandoned", "callback", "voicemail", "blocked", "left_ivr"):
        assert run.days(name).sum() == logged[name], name
    assert run.measure("rate").mean == pytest.approx(logged["rate"], rel=1e-12)
    assert run.measure("service_level").mean == pytest.approx(logged["service_level"], rel=1e-12)
    assert run.measure("average_speed_of_answer").mean == pytest.approx(logged["average_speed_of_answer"], rel=1e-9)
    assert run.measure("average_handle_time").mean == pytest.approx(logged["average_handle_time"], rel=1e-9)


def test_every_offered_call_ends_in_one_outcome_and_intervals_and_types_add_up(busy: Scenario) -> None:
    run = simulate(busy, standard=STANDARD, replications=25, engine="compiled")
    offered = run.days("offered")
    assert (sum(run.days(name) for name in OFFERED) == offered).all()
    for grouping in ("intervals", "by_type"):
        parts = [run.days("offered", grouping=grouping, group=group) for group in run.groups(grouping)]
        assert (sum(parts) == offered).all(), grouping


def test_people_are_counted_once_however_often_they_ring(busy: Scenario) -> None:
    run = simulate(busy, standard=STANDARD, replications=25, engine="compiled")
    calls = all_calls(busy, 25)
    helped = (
        (pl.col("outcome") == "answered") | (pl.col("outcome") == "self_served") | pl.col("rung_back").fill_null(False)
    )
    by_person = calls.group_by("contact").agg(helped.any().alias("helped"))
    assert run.days("people").sum() == by_person.height
    assert run.days("people_never_answered").sum() == by_person.filter(~pl.col("helped")).height
    assert run.days("redials").sum() == (calls["attempt"] > 1).sum() > 0
    assert run.measure("rate_per_person").mean != run.measure("rate").mean


def test_a_callback_is_not_an_answer_and_those_not_reached_are_shown_beside_the_rate(busy: Scenario) -> None:
    run = simulate(busy, standard=STANDARD, replications=100, engine="compiled")
    calls = all_calls(busy, 100)
    unreached = calls.filter((pl.col("outcome") == "callback") & ~pl.col("rung_back")).height
    assert unreached > 0
    assert calls.filter(pl.col("outcome") == "callback")["talk"].is_null().all()
    rate, beside = run.measure("rate").mean, run.measure("rate_with_unreached_callbacks").mean
    assert rate is not None
    assert beside == pytest.approx(rate + unreached / run.days("denominator").sum())


def test_an_interval_is_the_t_interval_of_the_days() -> None:
    days = np.array([12.0, 15.0, 9.0, 14.0, 11.0])
    low, high = stats.t.interval(0.95, 4, loc=days.mean(), scale=stats.sem(days))
    found = mean_of(days)
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))
    assert found.sd == pytest.approx(days.std(ddof=1))


def test_a_rate_is_the_ratio_of_sums_and_never_a_mean_of_rates() -> None:
    """Nine quiet intervals with 3 of 10 lost and one busy one with 10 of 910: 3.7 %, where the mean rate is 27.1 %."""
    found = ratio_of(np.array([3.0] * 9 + [10.0]), np.array([10.0] * 9 + [910.0]))
    assert found.mean == pytest.approx(37 / 1000)


def test_the_interval_of_a_rate_holds_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(3)
    held = 0
    for _ in range(400):
        calls = rng.poisson(100, 30).astype(float)
        found = share_of(rng.binomial(calls.astype(int), 0.2).astype(float), calls)
        held += bool(found.low is not None and found.high is not None and found.low <= 0.2 <= found.high)
    assert 0.92 <= held / 400 <= 0.98


def test_a_day_is_the_same_however_many_are_rolled_with_it(busy: Scenario) -> None:
    together, alone = sample_workload(busy, seed=5, days=range(4)), sample_workload(busy, seed=5, days=range(2, 3))
    begin, end = together.first[2:4]
    np.testing.assert_array_equal(together.arrival[begin:end], alone.arrival)
    np.testing.assert_array_equal(together.talk[begin:end], alone.talk)
    rows = together.patience.reshape(busy.attempts, -1)[:, begin:end]
    np.testing.assert_array_equal(rows.ravel(), alone.patience)


def test_another_option_moves_no_other_die(busy: Scenario) -> None:
    """The same callers, patience and talk with one more agent, other callbacks and no menu."""
    tables = merge_tables(BUSY, {"telephone": {"callback": {"accepts": "10%", "offered_when_waiting": 5}}})
    tables["telephone"].pop("menu")
    tables["teams"] = {**tables["teams"], "helpers": {"agents": 2}}
    one, two = (
        sample_workload(busy, seed=5, days=range(3)),
        sample_workload(scenario_of(tables, where="x"), seed=5, days=range(3)),
    )
    for name in ("arrival", "call_type", "talk", "wrap", "patience", "redial_delay"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name), err_msg=name)


def test_training_makes_the_same_calls_shorter_and_leaves_some_out() -> None:
    today, trained = read_scenario(SCENARIOS / "today.toml"), read_scenario(SCENARIOS / "training.toml")
    one, two = sample_workload(today, seed=5, days=range(20)), sample_workload(trained, seed=5, days=range(20))
    assert set(two.arrival.tolist()) < set(one.arrival.tolist())
    assert len(two.arrival) / len(one.arrival) == pytest.approx(0.95, abs=0.01)
    assert (two.talk + two.wrap).mean() / (one.talk + one.wrap).mean() == pytest.approx(0.94, abs=0.01)


def test_differences_are_taken_day_by_day_on_the_same_dice() -> None:
    runs = [
        simulate(read_scenario(SCENARIOS / f"{name}.toml"), standard=STANDARD, replications=60, engine="compiled")
        for name in ("today", "more-agents")
    ]
    change = compared(*runs)["rate"]
    apart = [run.measure("rate") for run in runs]
    assert change.mean == pytest.approx(apart[1].mean - apart[0].mean)  # type: ignore[operator]
    unpaired = np.hypot(apart[0].half_width, apart[1].half_width)  # type: ignore[arg-type]
    assert change.half_width is not None
    assert change.half_width**2 < unpaired**2 / 3  # a third of the days would do
    assert change.high is not None
    assert change.high < 0


def test_today_gives_back_the_fifteen_to_twenty_per_cent_that_were_reported() -> None:
    rate = simulate(read_scenario(SCENARIOS / "today.toml"), standard=STANDARD, replications=300).measure("rate")
    assert rate.low is not None
    assert rate.high is not None
    assert 0.15 < rate.low < rate.high < 0.20


def test_a_run_goes_on_until_the_rate_is_as_sure_as_was_asked() -> None:
    today = read_scenario(SCENARIOS / "today.toml")
    run = simulate(today, standard=STANDARD, replications=5000, precision=0.01, engine="compiled")
    width = run.measure("rate").half_width
    assert width is not None
    assert width <= 0.01
    assert run.replications < 1000


def test_days_in_several_processes_give_the_same_as_in_one(busy: Scenario) -> None:
    one = simulate(busy, standard=STANDARD, replications=60, engine="compiled")
    two = simulate(busy, standard=STANDARD, replications=60, engine="compiled", jobs=2)
    assert one.measures() == two.measures()


def test_a_dask_cluster_of_two_workers_gives_the_same(busy: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    # A worker runs our __main__ again as it starts; a page tested before in this process has put its own there.
    monkeypatch.setitem(sys.modules, "__main__", types.ModuleType("__main__"))
    distributed = pytest.importorskip("dask.distributed", reason="Dask is not installed: --backend dask was not tried")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        address = cluster.scheduler_address.replace("tcp://", "dask://")
        two = simulate(busy, standard=STANDARD, replications=60, engine="compiled", jobs=2, backend=address)
    assert two.measures() == simulate(busy, standard=STANDARD, replications=60, engine="compiled").measures()


def test_arrivals_meet_the_rate_of_their_own_interval() -> None:
    """A published thinning sampler used the rate of the interval before: twelve arrivals where thirty was right."""
    profile = [1, 0, 9, 0, 30, 0, 2, 0]
    demand = {"calls_per_day": 42, "arrival_profile": profile, "day_to_day_sd": "0%"}
    tables = merge_tables(BUSY, {"demand": demand, "redials": {}})
    tables.pop("redials")
    tables["day"] = {**tables["day"], "weekdays": ["monday"]}
    load = sample_workload(scenario_of(tables, where="x"), seed=1, days=range(2000))
    slots = np.bincount((load.arrival - 9 * 3_600_000) // 1_800_000, minlength=8) / 2000
    for expected, found in zip(profile, slots, strict=True):
        assert abs(found - expected) <= 4 * np.sqrt(expected / 2000)


def test_busy_days_vary_as_the_scenario_says() -> None:
    tables = merge_tables(
        BUSY, {"demand": {"calls_per_day": 400, "day_to_day_sd": "30%"}, "day": {"weekdays": ["monday"]}}
    )
    load = sample_workload(scenario_of(tables, where="x"), seed=1, days=range(1500))
    counts = np.diff(load.first)
    assert counts.mean() == pytest.approx(400, abs=4 * counts.std() / np.sqrt(1500))
    assert counts.std() == pytest.approx(np.sqrt(400 + (0.3 * 400) ** 2), rel=0.08)


def test_the_average_speed_of_answer_leaves_out_callers_who_hung_up(busy: Scenario) -> None:
    calls = all_calls(busy, 25).filter(pl.col("outcome") == "answered")
    run = simulate(busy, standard=STANDARD, replications=25, engine="compiled")
    assert run.measure("average_speed_of_answer").mean == pytest.approx(calls["wait"].mean())
    assert run.measure("average_speed_of_answer").mean != pytest.approx(run.measure("wait_all").mean)


def test_a_shift_with_a_break_and_absence_puts_the_right_number_on_the_phones(busy: Scenario) -> None:
    load = sample_workload(busy, seed=1, days=range(3000))
    at, team, agents = load.staff_at, load.staff_team, load.staff_agents
    day = np.repeat(np.arange(3000), np.diff(load.staff_first))

    def on_the_phones(moment: float, number: int) -> float:
        found = np.zeros(3000)
        for each_day, when, which, many in zip(day, at, team, agents, strict=True):
            if which == number and when <= moment * 3_600_000:
                found[each_day] = many
        return float(found.mean())

    for moment, expected in ((9.5, 2), (10.5, 3), (11.1, 1), (11.5, 3), (12.5, 2), (13.5, 0)):
        assert on_the_phones(moment, 0) == pytest.approx(expected * 0.9, abs=0.06), moment
    assert on_the_phones(12, 1) == pytest.approx(0.8, abs=0.04)


def test_the_desk_of_today_has_thirteen_on_the_phones() -> None:
    today = read_scenario(SCENARIOS / "today.toml")
    load = sample_workload(today, seed=1, days=range(1))
    assert load.staff_agents.tolist() == [13, 0]
    assert desk_of(today).close == 17 * 3_600_000


def test_callers_kept_from_the_last_request_are_those_that_would_be_rolled_anew(busy: Scenario) -> None:
    """A scenario that differs in its roster alone meets the callers kept; one that differs otherwise must not."""
    more = scenario_of(merge_tables(BUSY, {"teams": {"helpers": {"agents": 3}}}), where="more")
    fewer = scenario_of(merge_tables(BUSY, {"telephone": {"lines": 6, "callback": {"accepts": "10%"}}}), where="fewer")
    for scenario in (more, fewer, more):
        sampling.latest.clear()
        anew = sample_workload(scenario, seed=4, days=range(3, 9))
        sample_workload(busy, seed=4, days=range(3, 9))
        kept = sample_workload(scenario, seed=4, days=range(3, 9))
        for name in Workload._fields:
            np.testing.assert_array_equal(getattr(kept, name), getattr(anew, name), err_msg=name)
    assert np.shares_memory(
        sample_workload(busy, seed=4, days=range(3)).talk, sample_workload(more, seed=4, days=range(3)).talk
    )
    helpers = [sample_workload(each, seed=4, days=range(3)) for each in (busy, more)]
    assert [load.staff_agents[load.staff_team == 1].max() for load in helpers] == [1, 3]
    assert (
        sample_workload(fewer, seed=4, days=range(3)).choices != sample_workload(busy, seed=4, days=range(3)).choices
    ).any()
    assert (
        sample_workload(busy, seed=5, days=range(3)).arrival.tolist()
        != sample_workload(busy, seed=4, days=range(3)).arrival.tolist()
    )
