"""Charts, rules and runs against the figures of R's packages and Montgomery's book; laws over invented days."""

import json
import math
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from kcas.monitoring.control_chart import (
    OUTSIDE,
    SHIFT,
    TREND,
    TWO_OF_THREE,
    Chart,
    assurance,
    i_prime,
    p_chart,
    p_prime,
    seven_on_one_side,
    seven_trend,
    signalled_on_the_day,
    signals,
    trends,
    two_of_three,
    u_chart,
    u_prime,
    variation,
    xmr,
)
from kcas.monitoring.daily import daily_p_prime, kind_of_day
from kcas.monitoring.drift import ewma, run_limits, runs
from tests.theory.reference import STATISTICS, statistic


def check(found: Chart, expected: dict, *, within: float = 1e-8) -> None:
    assert found.centre == pytest.approx(
        np.broadcast_to(expected.get("center", expected.get("mean")), len(found.centre)), abs=within
    )
    assert found.lower == pytest.approx(
        np.broadcast_to(expected.get("lcl", expected.get("lpl")), len(found.centre)), abs=within
    )
    assert found.upper == pytest.approx(
        np.broadcast_to(expected.get("ucl", expected.get("upl")), len(found.centre)), abs=within
    )
    beyond = (np.flatnonzero((found.value < found.lower) | (found.value > found.upper)) + 1).tolist()
    assert beyond == expected.get("beyond_limits_1based", expected.get("sigma_signal_1based", beyond))


def without(count: int, *places: int) -> np.ndarray:
    return ~np.isin(np.arange(1, count + 1), places)


def test_our_copy_of_the_statistics_has_not_drifted(shared: Path) -> None:
    theirs = json.loads((shared / "reference" / "statistics.json").read_text(encoding="utf-8"))["cases"]
    assert all(case in theirs for case in json.loads(STATISTICS.read_text(encoding="utf-8"))["cases"])


AREAS = ("its", "proportions", "spc", "making_data_count", "ewma_cusum", "runs")


def test_no_published_case_of_these_areas_is_passed_over() -> None:
    cases = json.loads(STATISTICS.read_text(encoding="utf-8"))["cases"]
    asked = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    assert [case["id"] for case in cases if case["area"] in AREAS and f'"{case["id"]}"' not in asked] == []
    assert (
        sum(case["area"] in AREAS for case in cases) == 31 - 1
    )  # the other is of Mann and Kendall, left out on purpose


@pytest.mark.parametrize("name", ["spc_p_orangejuice", "spc_p_variable_n", "spc_p_nhs_overdispersed"])
def test_a_p_chart_has_montgomerys_limits(name: str) -> None:
    case = statistic(name)
    found = p_chart(case["input"]["count"], case["input"]["n"])
    check(found, case["expected"])
    if "n_signals" in case["expected"]:
        assert ((found.value < found.lower) | (found.value > found.upper)).sum() == case["expected"]["n_signals"]


def test_points_left_out_of_the_limits_are_judged_by_them_all_the_same() -> None:
    case = statistic("spc_p_orangejuice_excl")
    found = p_chart(case["input"]["count"], case["input"]["n"], used=without(30, 15, 23))
    check(found, case["expected"])
    assert found.value[14] > found.upper[14]


def test_new_points_are_judged_by_frozen_limits() -> None:
    case = statistic("spc_p_phase2")
    used = without(54, 15, 23) & (np.arange(54) < case["input"]["baseline_n"])
    found = p_chart(case["input"]["count"], case["input"]["n"], used=used)
    check(found, case["expected"])
    assert int((found.score[30:] < 0).sum()) == case["expected"]["below_centre_run_phase2"]


@pytest.mark.parametrize("name", ["spc_pprime_nhs_plain", "spc_pprime_nhs_screened", "spc_pprime_outlier_plain"])
def test_laneys_chart_has_the_limits_of_the_published_tutorial(name: str) -> None:
    case = statistic(name)
    found = p_prime(case["input"]["count"], case["input"]["n"], screened=case["input"]["screened"])
    check(found, case["expected"])
    assert found.sigma_z == pytest.approx(case["expected"].get("sigma_z", found.sigma_z), rel=1e-12)


def test_screening_narrows_the_limits_about_the_same_outlier() -> None:
    case = statistic("spc_pprime_outlier_plain")
    plain = p_prime(case["input"]["count"], case["input"]["n"], screened=False)
    screened = p_prime(case["input"]["count"], case["input"]["n"])
    assert (screened.step < plain.step).all()


def test_a_chart_rebased_by_a_person_has_two_sets_of_limits() -> None:
    case = statistic("spc_pprime_rebase9")
    count, of = case["input"]["count"], case["input"]["n"]
    parts = [p_prime(count[:9], of[:9], screened=False), p_prime(count[9:], of[9:], screened=False)]
    joined = [np.concatenate([getattr(part, name) for part in parts]) for name in ("value", "centre", "step")]
    found = Chart(*joined, None, np.concatenate([part.used for part in parts]), parts[0].least, parts[0].most)
    check(found, case["expected"] | {"center": np.repeat(case["expected"]["center"], (9, 11))})
    assert run_limits(9) == (6, 2) == run_limits(11)


def test_charts_of_counts_for_an_exposure_and_of_plain_values_have_their_published_limits() -> None:
    case = statistic("spc_u_pcmanufact")
    check(u_chart(case["input"]["count"], case["input"]["size"]), case["expected"])
    case = statistic("spc_uprime_hai")
    found = u_prime(case["input"]["count"], case["input"]["exposure"], screened=False)
    check(found, case["expected"], within=1e-10)
    case = statistic("spc_iprime_nhs")
    check(i_prime(case["input"]["value"], case["input"]["n"]), case["expected"])
    case = statistic("spc_xmr_nhs")
    check(xmr(case["input"]["value"], screened=False), case["expected"])


@pytest.mark.parametrize("name", ["mdc_xmr_1", "mdc_xmr_2"])
def test_making_data_count_screens_wide_ranges_once(name: str) -> None:
    case = statistic(name)
    check(xmr(case["input"]["value"], wide=2.66), case["expected"], within=1e-6)


def test_making_data_count_shows_how_much_screening_matters() -> None:
    case = statistic("mdc_deviation")
    check(xmr(case["input"]["value"], wide=2.66), case["expected"]["screened"])
    check(xmr(case["input"]["value"], wide=2.66, screened=False), case["expected"]["unscreened"])


def test_each_point_of_a_fall_is_named_by_the_first_rule_it_breaks() -> None:
    case = statistic("mdc_points_shift")
    found = xmr(case["input"]["value"], used=np.arange(31) < case["input"]["fix_after_n_points"], wide=2.66)
    check(found, case["expected"])
    names = {OUTSIDE: "Below LCL", SHIFT: "7 Points Below CL", TWO_OF_THREE: "2 in 3 Below CL"}
    named = ["Common Cause"] * 31
    for signal in signals(found.score):
        named[signal.index] = names[signal.rule]
        assert not signal.high
    assert named == case["expected"]["special_cause_type"]
    assert variation(signals(found.score), points=31) == case["expected"]["point_type"][-1]


def test_the_rules_give_the_packages_own_vectors() -> None:
    given, expected = statistic("mdc_rule_vectors")["input"], statistic("mdc_rule_vectors")["expected"]
    assert seven_on_one_side(given["seven_one_side"]["in1"]).tolist() == expected["seven_one_side"]
    assert seven_trend(given["seven_trend"]["in1"]).tolist() == expected["seven_trend_in1"]
    assert seven_trend(given["seven_trend"]["in2"]).tolist() == expected["seven_trend_in2"]
    for name in ("two_in_three", "two_in_three_opp"):
        assert two_of_three(given[name]["close"], given[name]["rel"]).tolist() == expected[name]


def test_seven_falling_points_are_a_trend_and_six_are_not() -> None:
    falling = [0.9, 0.7, 0.5, 0.3, 0.1, -0.1, -0.3]
    assert [(signal.index, signal.rule) for signal in signals(falling)] == [(n, TREND) for n in range(7)]
    assert signals(falling[:6]) == []
    assert seven_trend([3, 2, 2, 1, 0, -1, -2]).tolist() == [0] * 7  # two alike: not falling


def test_no_more_than_chance_allows_are_trends_where_busy_and_quiet_points_are_mixed() -> None:
    dice = np.random.default_rng(5040)
    calls = np.array([100, 300, 1000, 4000, 1000, 300, 100])
    found = alone = 0
    for scores in dice.normal(size=(100_000, 7)):
        found += len(trends(scores, distance=scores / np.sqrt(calls)))
        alone += len(trends(scores / np.sqrt(calls)))
    assert found <= 100_000 * 2 / 5040 + 3 * math.sqrt(100_000 * 2 / 5040)
    assert alone > 100_000 * 2 / 5040 * 2  # rates by themselves: the quiet points at both ends swing widest


def test_only_what_could_be_known_when_a_point_came_is_of_that_day() -> None:
    below = [-0.5, -1, -0.5, -1, -0.5, -1, -0.5, -1]
    assert signalled_on_the_day(below).tolist() == [False] * 6 + [True] * 2
    assert [signal.index for signal in signals(below)] == list(range(8))  # found out later, all belong to it
    assert signalled_on_the_day([2.5, 1, 2.5, -1]).tolist() == [False, False, True, False]
    assert signalled_on_the_day([2.5, 2.5, 1]).tolist() == [
        False,
        False,
        True,
    ]  # two of three, though the third is not close
    assert signalled_on_the_day([2.5, 2.5, -1]).tolist() == [False, False, False]
    assert signalled_on_the_day([0, 4, -4]).tolist() == [False, True, True]
    assert signalled_on_the_day([]).tolist() == []


def test_no_later_point_changes_what_a_day_was_told() -> None:
    dice = np.random.default_rng(11)
    for _ in range(30):
        scores = dice.normal(0.4, 1.2, 40)
        whole = signalled_on_the_day(scores)
        assert all(signalled_on_the_day(scores[: n + 1])[n] == whole[n] for n in range(40))
        assert not whole[:2].any() or (np.abs(scores[:2]) > 3).any()


def test_a_target_is_met_always_never_or_now_and_then() -> None:
    case = statistic("mdc_assurance")
    given = case["input"]
    for better in ("decrease", "increase"):
        found = [
            assurance(lower=low, upper=high, target=given["target"], lower_is_better=better == "decrease")
            for low, high in zip(given["lpl"], given["upl"], strict=True)
        ]
        assert found == case["expected"][better]


def test_ewma_gives_montgomerys_table() -> None:
    case = statistic("ewma_montgomery")
    given = case["input"]
    found = ewma(given["x"], weight=given["lambda"], limit=given["L"], centre=given["mu0"], sigma=given["sigma"])
    assert found.value == pytest.approx(case["expected"]["z"], abs=1e-8)
    assert found.lower == pytest.approx(case["expected"]["lcl"], abs=1e-8)
    assert found.upper == pytest.approx(case["expected"]["ucl"], abs=1e-8)
    assert [n + 1 for n in found.beyond] == case["expected"]["violations_1based"]


def test_runs_about_the_median_keep_to_anhojs_limits() -> None:
    case = statistic("runs_anhoej_limits")
    expected = zip(case["expected"]["longest_run_max"], case["expected"]["crossings_min"], strict=True)
    assert [run_limits(n) for n in case["input"]["n_useful"]] == list(expected)
    case = statistic("runs_nhs")
    found = runs(case["input"]["value"])
    assert found.median == pytest.approx(case["expected"]["median"], abs=1e-10)
    assert (found.useful, found.longest, found.crossings) == (20, 7, 7)
    assert found.signal is case["expected"]["runs_signal"]


WEEKDAY = np.array([1.25, 1.05, 0.95, 0.9, 0.85])  # Mondays lose more callers than Fridays


def invented_days(dice: np.random.Generator, *, days: int, fall_from: int | None = None) -> tuple[list, list, list]:
    """About 170 calls a day on working days, of which about 20 % are lost, more on Mondays and on bad days."""
    first, count, of, kinds = date(2010, 1, 4), [], [], []
    for day in (first + timedelta(days=n) for n in range(days * 7 // 5)):
        if day.weekday() < 5:
            share = (0.15 if fall_from is not None and len(of) >= fall_from else 0.20) * WEEKDAY[day.weekday()]
            calls = int(dice.poisson(170))
            of.append(calls)
            count.append(int(dice.binomial(calls, dice.beta(share * 400, (1 - share) * 400))))
            kinds.append(kind_of_day(day, holidays=()))
    return count, of, kinds


def test_ordinary_days_are_seldom_outside_their_limits_and_a_plain_chart_cries_wolf() -> None:
    dice = np.random.default_rng(20100401)
    ours = plain = days = 0
    for _ in range(60):
        count, of, kinds = invented_days(dice, days=100)
        found = daily_p_prime(count, of, kinds=kinds)
        ours += sum(signal.rule == OUTSIDE for signal in signals(found.chart.score))
        plain += int((np.abs(p_chart(count, of).score) > 3).sum())
        days += len(count)
    assert ours / days < 0.01
    assert plain / days > 0.03


def test_a_fall_from_twenty_to_fifteen_per_cent_is_found_within_two_working_weeks() -> None:
    dice = np.random.default_rng(20100402)
    found_after = []
    for _ in range(60):
        count, of, kinds = invented_days(dice, days=100, fall_from=70)
        found = daily_p_prime(count, of, kinds=kinds, baseline=np.arange(len(count)) < 70)
        run = seven_on_one_side(np.sign(found.chart.score)) & (found.chart.score < 0)
        asked = np.flatnonzero((run | (found.chart.score < -3))[70:])  # known on the day: no later point is needed
        found_after.append(int(asked[0]) + 1 if len(asked) else 31)
    assert np.median(found_after) <= 10


def test_days_of_a_rare_kind_are_left_out_and_sixty_weekdays_are_asked_for() -> None:
    count, of, kinds = [5] * 40, [50] * 40, (["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"] * 8)
    kinds[7] = "bank holiday"
    found = daily_p_prime(count, of, kinds=kinds)
    assert found.left_out == ("bank holiday",)
    assert not found.shown[7]
    assert found.provisional


def test_one_wild_day_is_left_out_of_the_limits_unless_told_otherwise() -> None:
    dice = np.random.default_rng(7)
    count, of, kinds = invented_days(dice, days=100)
    count[40] = of[40]
    screened = daily_p_prime(count, of, kinds=kinds)
    plain = daily_p_prime(count, of, kinds=kinds, screen_outliers=False)
    assert screened.screened[40]
    assert not plain.screened.any()
    assert screened.chart.sigma_z < plain.chart.sigma_z
    assert next(signal.rule for signal in signals(plain.chart.score) if signal.index == 40) == OUTSIDE


def test_kinds_of_day() -> None:
    assert kind_of_day(date(2010, 4, 2), holidays={date(2010, 4, 2)}) == "bank holiday"
    assert kind_of_day(date(2010, 4, 1), holidays=()) == "Thursday"
    assert kind_of_day(date(2010, 4, 4), holidays=()) == "weekend"
