"""Before and after a date: published regressions, Newcombe's interval, hand calculations, and how often it errs."""

from dataclasses import replace
from datetime import date, timedelta
from math import exp, lgamma, log
from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.stats import t as student_t

from kcas.calls.rates import wilson
from kcas.errors import SettingError
from kcas.monitoring.between_days import log_linear, logistic, newey_west, student
from kcas.monitoring.persistence import autocorrelation, grid, steps
from kcas.monitoring.rate_chart import PeriodCount
from kcas.monitoring.since import Since, Week, newcombe, since
from tests.theory.counts_alone import chi_squared, exact, pooled_z, variance_ratio, wald
from tests.theory.reference import statistic

APRIL = date(2010, 4, 1)  # a Thursday


def ones(count: int) -> Any:
    return np.ones(count)


def test_crowders_seeds_give_the_published_quasi_binomial_errors() -> None:
    case = statistic("glm_quasibinomial_seeds")
    given = {name: np.array(values, dtype=float) for name, values in case["input"].items()}
    design = np.column_stack([ones(21), given["x1"], given["x2"], given["x1"] * given["x2"]])
    found, expected = logistic(design, count=given["r"], of=given["n"]), case["expected"]
    assert found.coefficients == pytest.approx(expected["coef"], rel=1e-5)
    assert np.sqrt(np.diag(found.dice)) == pytest.approx(expected["se_binomial"], rel=1e-5)
    assert np.sqrt(np.diag(found.quasi)) == pytest.approx(expected["se_quasi"], rel=1e-5)
    assert found.dispersion == pytest.approx(expected["dispersion"], rel=1e-5)
    assert found.deviance == pytest.approx(expected["deviance"], rel=1e-8)
    assert found.degrees == expected["df"]


def test_the_sicilian_smoking_ban_gives_the_published_step() -> None:
    case = statistic("its_sicily")
    given = {name: np.array(values, dtype=float) for name, values in case["input"].items()}
    turn = 2 * np.pi * given["month"] / 12
    plain = [ones(59), given["smokban"], given["time"]]
    seasons = [np.sin(turn), np.cos(turn), np.sin(2 * turn), np.cos(2 * turn)]
    for columns, name in ((plain, "quasipoisson"), (plain + seasons, "quasi_seasonal")):
        found = log_linear(np.column_stack(columns), count=given["aces"], exposure=given["stdpop"])
        expected = case["expected"][name]
        assert found.coefficients[1] == pytest.approx(expected["coef"], abs=1e-5)
        assert found.quasi[1, 1] ** 0.5 == pytest.approx(expected["se"], abs=1e-5)
        assert found.dispersion == pytest.approx(expected["dispersion"], rel=1e-5)


def test_newey_wests_errors_are_those_of_the_investment_data() -> None:
    case = statistic("newey_west_investment")
    design = np.column_stack([ones(19), case["input"]["RealGNP"], case["input"]["RealInt"]])
    invested = np.array(case["input"]["RealInv"])
    bread = np.linalg.inv(design.T @ design)
    rest = invested - design @ (bread @ design.T @ invested)
    found = newey_west(design * rest[:, None], bread=bread, lag=4)
    assert np.sqrt(np.diag(found)) == pytest.approx(case["expected"]["se_nw"], rel=1e-6)


def test_two_proportions_have_newcombes_interval_and_montgomerys_z() -> None:
    case = statistic("prop_test_two_phase")
    given, expected = case["input"], case["expected"]
    found = newcombe(given["x1"], given["n1"], less=(given["x2"], given["n2"]))
    assert found == pytest.approx(expected["newcombe"], abs=1e-8)
    assert pooled_z(given["x1"], given["n1"], less=(given["x2"], given["n2"])) == pytest.approx(expected["z"], abs=1e-8)
    with pytest.raises(SettingError):
        newcombe(0, 0, less=(1, 2))


def test_two_proportions_have_the_test_and_the_interval_that_r_prints() -> None:
    case = statistic("prop_test_R")
    (count, other), (of, among) = case["input"]["x"], case["input"]["n"]
    for corrected, name in ((False, "uncorrected"), (True, "corrected")):
        expected = case["expected"][name]
        ratio, chance = chi_squared(count, of, less=(other, among), corrected=corrected)
        assert ratio == pytest.approx(expected["chisq"], rel=1e-8)
        assert chance == pytest.approx(expected["p"], rel=1e-8)
        low, high = wald(count, of, less=(other, among), corrected=corrected)
        assert (low, high) == pytest.approx((expected["lower"], expected["upper"]), abs=1e-8)
    # alike to within Yates's half a call, the correction takes all there is and no more
    assert chi_squared(10, 20, less=(10, 20), corrected=True) == (0.0, 1.0)
    assert wald(10, 20, less=(10, 20), corrected=True) == wald(10, 20, less=(10, 20))


def test_the_exact_interval_and_chance_are_conovers() -> None:
    case = statistic("binom_test_R")
    count, of = case["input"]["x"], case["input"]["n"]
    assert exact(count, of) == pytest.approx((case["expected"]["lower"], case["expected"]["upper"]), abs=1e-8)
    assert exact(0, 20) == pytest.approx((0.0, 1 - 0.025 ** (1 / 20)), abs=1e-12)
    assert exact(20, 20) == pytest.approx((0.025 ** (1 / 20), 1.0), abs=1e-12)
    # every count as unlikely as this one or less, added by hand
    log_chance = [
        lgamma(of + 1) - lgamma(n + 1) - lgamma(of - n + 1) + n * log(0.75) + (of - n) * log(0.25)
        for n in range(of + 1)
    ]
    p = sum(exp(each) for each in log_chance if each <= log_chance[count] + 1e-9)
    assert p == pytest.approx(case["expected"]["p"], abs=1e-8)


def test_one_proportion_has_wilsons_interval() -> None:
    case = statistic("wilson_single")
    for (count, of), expected in zip(case["input"]["x_n"], case["expected"]["wilson"], strict=True):
        assert wilson(count, of) == pytest.approx(expected, abs=1e-12)


def test_counts_alone_are_shown_beside_the_verdict_and_are_narrower() -> None:
    found = since(both(WAVE, [rate - 0.05 + 0.04 * (-1) ** n for n, rate in enumerate(WAVE)]), APRIL)
    assert found.counts_only == newcombe(
        found.after.numerator, found.after.denominator, less=(found.before.numerator, found.before.denominator)
    )
    assert found.counts_only[1] - found.counts_only[0] < (found.high or 0) - (found.low or 0)


def test_overdispersion_is_that_of_wetherill_and_brown() -> None:
    case = statistic("overdispersion_qcc")
    for of, name in ((None, "poisson"), (50, "binomial")):
        ratio, chance = variance_ratio(case["input"]["x"], of=of)
        assert ratio == pytest.approx(case["expected"][name]["ratio"], abs=1e-6)
        assert chance == pytest.approx(case["expected"][name]["p"], abs=1e-5)


def test_students_quantiles_are_those_of_the_tables() -> None:
    assert [round(student(degrees), 3) for degrees in (1, 10, 30)] == [12.706, 2.228, 2.042]


def weeks(rates: list[float], *, first: date, of: int = 800) -> list[Week]:
    return [Week(first + timedelta(weeks=n), round(rate * of), of) for n, rate in enumerate(rates)]


def both(before: list[float], after: list[float], **more: int) -> list[Week]:
    monday = APRIL - timedelta(days=APRIL.weekday())
    return weeks(before, first=monday - timedelta(weeks=len(before)), **more) + weeks(
        after, first=monday + timedelta(weeks=1), **more
    )


WAVE = [0.195, 0.205, 0.2, 0.21, 0.19, 0.2] * 3


def test_a_clear_fall_is_lower_and_the_difference_is_that_of_the_two_sides() -> None:
    found = since(both(WAVE, [rate - 0.05 for rate in WAVE]), APRIL)
    assert found.verdict == "lower"
    assert (found.before.rate, found.after.rate) == pytest.approx((0.2, 0.15))
    assert found.difference == pytest.approx(-0.05, abs=1e-9)
    assert found.relative_risk == pytest.approx(0.75, abs=1e-9)
    assert found.low is not None
    assert found.high is not None
    assert found.low < -0.05 < found.high < 0
    assert "20.0% (2,880 of 14,400) over 18 weeks before" in found.sentence
    assert "−5.0 percentage points" in found.sentence


def test_the_spread_beyond_dice_is_the_one_a_hand_calculation_gives() -> None:
    found = since(both(WAVE, [rate - 0.05 for rate in WAVE]), APRIL)
    shares = np.array([*WAVE, *(rate - 0.05 for rate in WAVE)])
    fitted = np.repeat([0.2, 0.15], 18)
    counts = np.round(shares * 800)
    pearson = ((counts - 800 * fitted) ** 2 / (800 * fitted * (1 - fitted))).sum() / 34
    assert found.dispersion == pytest.approx(pearson, rel=1e-9)


def dense(values: Any, base: Any, block: Any, times: Any, *, weeks: int) -> tuple[float, float, float, float]:
    """The mixture worked out with whole matrices and a search on a line, pair by pair."""
    columns, found = np.column_stack([base, block]), []
    over = grid(weeks)
    for lasting, share, prior in zip(over.lasting, over.share, over.log_prior, strict=True):
        alike = share * np.exp(-np.abs(times[:, None] - times) / lasting) + (1 - share) * np.eye(len(times))
        inverse = np.linalg.inv(alike)
        spread = np.linalg.inv(columns.T @ inverse @ columns)
        line = spread @ columns.T @ inverse @ values
        rest = values - columns @ line
        squares, degrees = rest @ inverse @ rest, len(values) - columns.shape[1]
        restricted = -(np.linalg.slogdet(alike)[1] - np.linalg.slogdet(spread)[1] + degrees * np.log(squares)) / 2
        place = base.shape[1]
        found.append((prior + restricted, line[place], (squares / degrees * spread[place, place]) ** 0.5))
    log_weight, step, error = np.array(found).T
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()

    def below(value: float) -> float:
        return float(weight @ student_t.cdf((value - step) / error, len(values) - columns.shape[1]))

    low, high = (brentq(lambda value, at=at: below(value) - at, -50, 50, xtol=1e-13) for at in (0.025, 0.975))
    return float(weight @ step), low, high, 2 * min(below(0), 1 - below(0))


@pytest.mark.parametrize("slope", [False, True])
def test_the_mixture_is_the_one_that_whole_matrices_give(slope: bool) -> None:
    dice = np.random.default_rng(9)
    times = np.cumsum(dice.integers(1, 4, 70)).astype(float)
    values = 0.3 * dice.normal(size=70).cumsum() + dice.normal(size=70)
    base = np.column_stack([np.ones(70), np.sin(times)])
    blocks = [
        np.column_stack([times >= at, (times >= at) * times][: 1 + slope]).astype(float) for at in (50.0, 70.0, 90.0)
    ]
    found = steps(values, base, blocks, times=times, over=grid(26))
    for n, block in enumerate(blocks):
        middle, low, high, chance = dense(values, base, block, times, weeks=26)
        assert found.mean(n) == pytest.approx(middle, rel=1e-8)
        assert found.interval(n) == pytest.approx((low, high), rel=1e-6)
        assert found.chance(n) == pytest.approx(chance, rel=1e-6)


def test_the_verdict_is_that_mixture_on_the_scale_of_shares() -> None:
    rows = both(WAVE, [rate - 0.05 for rate in WAVE])
    found = since(rows, APRIL)
    count, of = (np.array([getattr(week, half) for week in rows], dtype=float) for half in ("count", "of"))
    later = np.repeat([0.0, 1.0], 18)
    share = np.repeat([0.2, 0.15], 18)
    root = np.sqrt(of * share * (1 - share))
    values = (count - of * share) / root + root * later * log((0.15 / 0.85) / (0.2 / 0.8))
    times = np.array([(week.monday - rows[0].monday).days for week in rows], dtype=float)
    middle, low, high, _ = dense(values, root[:, None], (root * later)[:, None], times, weeks=36)
    share_of = [0.15 - 1 / (1 + exp(step - log(0.15 / 0.85))) for step in (middle, low, high)]
    # this desk does not wander, so the difference is that of all calls, with the mixture's interval about it
    assert found.low == pytest.approx(-0.05 + share_of[1] - share_of[0], abs=1e-9)
    assert found.high == pytest.approx(-0.05 + share_of[2] - share_of[0], abs=1e-9)


@pytest.mark.parametrize(("change", "verdict"), [(0.05, "higher"), (0.0, "no clear change")])
def test_a_rise_and_no_change_are_said_so(change: float, verdict: str) -> None:
    assert since(both(WAVE, [rate + change for rate in WAVE]), APRIL).verdict == verdict


def test_eleven_weeks_on_a_side_are_not_enough() -> None:
    found = since(both(WAVE, WAVE[:11]), APRIL)
    assert found.verdict == "not enough data"
    assert found.difference is None
    assert "18 whole weeks before 1 April 2010 and 11 after" in found.sentence
    assert since(both([], WAVE), APRIL).verdict == "not enough data"


def test_the_week_in_which_the_date_falls_belongs_to_neither_side() -> None:
    rows = both(WAVE, WAVE)
    straddling = Week(APRIL - timedelta(days=3), 800, 800)
    assert since([*rows, straddling], APRIL) == since(rows, APRIL)
    assert since([*rows, straddling], APRIL - timedelta(days=3)).after.weeks == 19


def test_a_trend_that_was_there_before_is_no_fall_where_the_slope_is_asked_for() -> None:
    falling = [1 / (1 + np.exp(1.1 + 0.01 * n)) + 0.006 * (-1) ** n for n in range(61)]  # straight in log odds
    with_slope = since(both(falling[:30], falling[31:]), APRIL, slope=True)
    assert with_slope.verdict == "no clear change"
    assert abs(with_slope.difference or 1) < 0.01
    fell = [rate * 0.7 for rate in falling[31:]]
    assert since(both(falling[:30], fell), APRIL, slope=True).verdict == "lower"


def test_a_season_is_not_taken_for_a_change_from_two_years_of_data_on() -> None:
    yearly = [0.2 + 0.05 * np.sin(2 * np.pi * n / 52.18) + 0.003 * (-1) ** n for n in range(130)]
    found = since(both(yearly[:117], yearly[118:]), APRIL)
    assert found.seasons
    assert found.verdict == "no clear change"
    assert since(both(yearly[:117], [rate - 0.05 for rate in yearly[118:]]), APRIL).verdict == "lower"


def test_a_desk_whose_weeks_wander_is_told_by_how_much() -> None:
    slow = [0.2 + 0.02 * np.sin(n / 4) for n in range(60)]
    found = since(both(slow[:30], slow[30:]), APRIL)
    dice = np.random.default_rng(5)
    calm = since(both(*np.array(dice.permutation(slow)).reshape(2, 30).tolist()), APRIL)
    assert found.lag1 is not None
    assert found.lag1 > 0.4
    assert (found.drifts, calm.drifts) == (True, False)
    about = np.array(slow) - np.repeat([np.mean(slow[:30]), np.mean(slow[30:])], 30)
    beyond = (about**2).sum() / 58 - 0.2 * 0.8 / 800  # by hand: how the weeks differ, less what dice do
    assert found.wander == pytest.approx(beyond**0.5, rel=0.03)
    assert f"wanders by about {100 * (found.wander or 0):.1f} percentage points without any cause" in found.sentence
    assert "wanders" not in calm.sentence


def test_more_abandoned_than_offered_is_refused() -> None:
    rows = both(WAVE, WAVE)
    with pytest.raises(SettingError, match="more calls abandoned than offered"):
        since([replace(rows[0], count=900), *rows[1:]], APRIL)


def test_autocorrelation_of_an_alternating_series_by_hand() -> None:
    assert autocorrelation(np.array([1.0, -1.0, 1.0, -1.0])) == pytest.approx(-0.75)


def test_under_day_to_day_variation_it_cries_wolf_about_as_often_as_it_says() -> None:
    dice, alarms, pooled = np.random.default_rng(20100403), 0, 0
    for _ in range(400):
        days = dice.beta(0.2 * 60, 0.8 * 60, size=(60, 5))
        counts = dice.binomial(170, days).sum(axis=1)
        rows = [
            replace(week, count=float(count))
            for week, count in zip(both([0.2] * 30, [0.2] * 30, of=850), counts, strict=True)
        ]
        alarms += since(rows, APRIL).verdict != "no clear change"
        low, high = newcombe(counts[30:].sum(), 30 * 850, less=(counts[:30].sum(), 30 * 850))
        pooled += not low <= 0 <= high
    assert 0.02 <= alarms / 400 <= 0.09
    assert pooled / 400 > 0.2


def test_a_result_without_data_says_nothing_it_does_not_know() -> None:
    found = since([], APRIL)
    assert isinstance(found, Since)
    assert (found.before.weeks, found.after.weeks, found.before.rate) == (0, 0, None)


@pytest.mark.parametrize(("before", "after"), [(0, 10), (10, 0), (200, 10)])
def test_a_side_that_lost_nobody_or_everybody_has_no_interval_and_no_verdict(before: int, after: int) -> None:
    monday = date(2010, 1, 4)
    weeks = [Week(monday + timedelta(days=7 * n), before if n < 13 else after, 200) for n in range(26)]
    found = since(weeks, date(2010, 4, 5))
    assert (found.verdict, found.low, found.high) == ("not enough data", None, None)
    assert (found.before.numerator, found.after.numerator) == (13 * before, 13 * after)
    assert "on one side of 5 April 2010 no call was lost, or every call was" in found.sentence


def test_weeks_in_which_nobody_was_ever_lost_are_not_called_too_few() -> None:
    monday = date(2010, 1, 4)
    found = since([Week(monday + timedelta(days=7 * n), 0, 200) for n in range(26)], date(2010, 4, 5))
    assert (found.verdict, found.before.weeks, found.after.weeks) == ("not enough data", 13, 13)
    assert "on both sides of 5 April 2010 no call was lost" in found.sentence
    assert "are needed" not in found.sentence


def days_of(rows: list[Week], shares: Any, *, of: int = 160) -> list[PeriodCount]:
    """Mondays to Fridays of the weeks, of which so large a share is lost."""
    starts = [week.monday + timedelta(days=n) for week in rows for n in range(5)]
    return [PeriodCount(start, round(float(share) * of), of) for start, share in zip(starts, shares, strict=True)]


def by_week(days: list[PeriodCount]) -> list[Week]:
    mondays = sorted({day.start - timedelta(days=day.start.weekday()) for day in days})
    halves = {monday: [day for day in days if monday <= day.start < monday + timedelta(weeks=1)] for monday in mondays}
    return [
        Week(monday, sum(day.numerator for day in same), sum(day.denominator for day in same))
        for monday, same in halves.items()
    ]


def test_a_fall_in_each_kind_of_day_is_the_step_though_kinds_differ() -> None:
    dice = np.random.default_rng(3)
    usual = np.tile([0.25, 0.21, 0.19, 0.18, 0.17], 40) + dice.normal(0, 0.01, 200)
    shares = usual - 0.05 * (np.arange(200) >= 100)
    days = days_of(both(WAVE + WAVE[:2], WAVE + WAVE[:2]), shares)
    found = since(by_week(days), APRIL, days=days)
    assert found.verdict == "lower"
    assert found.difference == pytest.approx(-0.05, abs=0.004)
    assert found.standard_error == "averaged over how persistent days may be"


def test_days_that_wander_over_weeks_give_no_verdict_where_independent_ones_do() -> None:
    slow = 0.2 + 0.05 * np.sin(np.arange(200) / 25)  # up, down, and by chance lower on the whole after
    lower = slow[:100].mean() - slow[100:].mean()
    assert lower > 0.02
    days = days_of(both(WAVE + WAVE[:2], WAVE + WAVE[:2]), slow)
    found = since(by_week(days), APRIL, days=days)
    assert found.verdict == "no clear change"
    assert found.drifts
    assert found.persistence == pytest.approx(1, abs=0.15)
    mixed = np.random.default_rng(4).permutation(slow[:100]), np.random.default_rng(5).permutation(slow[100:])
    days = days_of(both(WAVE + WAVE[:2], WAVE + WAVE[:2]), np.concatenate(mixed))
    found = since(by_week(days), APRIL, days=days)
    assert found.verdict == "lower"
    assert not found.drifts
    assert found.persistence == pytest.approx(0, abs=0.1)


def test_a_kind_of_day_on_one_side_only_tells_nothing_of_the_step() -> None:
    dice = np.random.default_rng(6)
    days = days_of(both(WAVE, WAVE), 0.2 + dice.normal(0, 0.02, 180))
    weeks = by_week(days)
    plain = since(weeks, APRIL, days=days)
    saturdays = [PeriodCount(week.monday + timedelta(days=5), 90, 100) for week in weeks if week.monday > APRIL]
    with_saturdays = since(by_week([*days, *saturdays]), APRIL, days=[*days, *saturdays])
    assert (with_saturdays.high or 0) - (with_saturdays.difference or 0) == pytest.approx(
        (plain.high or 0) - (plain.difference or 0), abs=1e-9
    )
    assert with_saturdays.after.numerator == plain.after.numerator + 18 * 90


def test_days_that_lose_more_than_they_offer_leave_the_verdict_to_the_weeks() -> None:
    rows = both(WAVE, [rate - 0.05 for rate in WAVE])
    days = [PeriodCount(week.monday, week.count, week.of - 1) for week in rows] + [
        PeriodCount(week.monday + timedelta(days=1), 2, 1) for week in rows
    ]
    assert since(rows, APRIL, days=days) == since(rows, APRIL)


def test_other_dates_of_a_log_seldom_do_as_well_as_a_real_change() -> None:
    dice = np.random.default_rng(7)
    noise = dice.normal(0, 0.01, 60)
    fell = since(both((0.2 + noise[:30]).tolist(), (0.15 + noise[30:]).tolist()), APRIL)
    assert fell.placebo is not None
    assert fell.placebo.dates == 60 - 2 * 12  # every Monday with twelve weeks on either side, but the one asked for
    assert fell.placebo.as_strong == 0
    assert f"of {fell.placebo.dates} other dates of this log, judged in the same way, none would" in fell.notes[0]
    still = since(both((0.2 + noise[:30]).tolist(), (0.2 + noise[30:]).tolist()), APRIL)
    assert still.placebo is not None
    assert still.placebo.as_strong > 5
    short = since(both(WAVE[:12], WAVE[:12]), APRIL)
    assert short.placebo is not None
    assert short.placebo.dates == 0
    assert "no other date" in short.notes[0]
