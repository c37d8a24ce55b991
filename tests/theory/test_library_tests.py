"""Ratio of two rates, trend of several, CUSUM and Ljung-Box: published examples, by hand, and by second ways."""

from math import exp, log, sqrt
from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import chi2

from kcas.errors import SettingError
from kcas.monitoring.drift import cusum
from kcas.monitoring.persistence import ljung_box
from kcas.monitoring.since import risk_ratio, risk_ratio_score, trend_in_proportions
from tests.theory.reference import statistic


def test_the_physicians_health_study_has_its_published_relative_risk() -> None:
    found = risk_ratio(189, 11034, over=(104, 11037))  # Agresti 2013: 1.82 (1.43, 2.30), from rounded logarithms
    assert (round(found.ratio, 2), round(found.low, 2), round(found.high, 2)) == (1.82, 1.43, 2.31)
    half = 1.959964 * sqrt(1 / 189 - 1 / 11034 + 1 / 104 - 1 / 11037)
    assert found.high == pytest.approx(found.ratio * exp(half), rel=1e-6)
    back = risk_ratio(104, 11037, over=(189, 11034))
    assert (back.low, back.high) == pytest.approx((1 / found.high, 1 / found.low))


def test_koopmans_own_example_has_his_interval() -> None:
    found = risk_ratio_score(36, 40, over=(16, 80))  # Koopman 1984: 4.5 (2.94, 7.15)
    assert (round(found.ratio, 2), round(found.low, 2), round(found.high, 2)) == (4.5, 2.94, 7.15)


def unlike(count: int, of: int, other: int, among: int, ratio: float) -> float:
    """Pearson's chi-squared of both counts, the rates fitted under the ratio by a search of the likelihood."""

    def against(second: float) -> float:
        first = second * ratio
        return -sum(
            part * log(max(share, 1e-300))
            for part, share in (
                (count, first), (of - count, 1 - first), (other, second), (among - other, 1 - second),
            )
        )  # fmt: skip

    most = min(1.0, 1 / ratio)
    second = minimize_scalar(against, bounds=(1e-12, most - 1e-12), method="bounded", options={"xatol": 1e-13}).x
    first = second * ratio
    return float(
        (count - of * first) ** 2 / (of * first * (1 - first))
        + (other - among * second) ** 2 / (among * second * (1 - second))
    )


@pytest.mark.parametrize("counts", [(36, 40, 16, 80), (7, 34, 1, 34), (150, 1000, 200, 1000), (3, 200, 9, 150)])
def test_koopmans_limits_are_where_pearsons_chi_squared_reaches_its_quantile(counts: tuple[int, int, int, int]) -> None:
    count, of, other, among = counts
    found = risk_ratio_score(count, of, over=(other, among))
    wide = chi2.ppf(0.95, 1)
    low = brentq(lambda x: unlike(*counts, exp(x)) - wide, log(found.ratio) - 8, log(found.ratio) - 1e-6)
    high = brentq(lambda x: unlike(*counts, exp(x)) - wide, log(found.ratio) + 1e-6, log(found.ratio) + 8)
    assert (found.low, found.high) == pytest.approx((exp(low), exp(high)), rel=1e-4)


def test_nothing_counted_on_a_side_leaves_one_end_open() -> None:
    none_first = risk_ratio_score(0, 50, over=(5, 50))
    assert (none_first.ratio, none_first.low) == (0.0, 0.0)
    assert none_first.high == pytest.approx(
        exp(brentq(lambda x: unlike(0, 50, 5, 50, exp(x)) - chi2.ppf(0.95, 1), -6, 0)), rel=1e-3
    )
    none_second = risk_ratio_score(5, 50, over=(0, 50))
    assert none_second.high == float("inf")
    assert none_second.low == pytest.approx(1 / none_first.high, rel=1e-6)
    with pytest.raises(SettingError, match="score interval"):
        risk_ratio(0, 50, over=(5, 50))
    with pytest.raises(SettingError, match="no calls at all"):
        risk_ratio_score(1, 2, over=(0, 0))


def test_the_trend_of_rs_smokers_is_the_one_r_prints() -> None:
    smokers, patients = (83, 90, 129, 70), (86, 93, 136, 82)
    found = trend_in_proportions(smokers, patients)
    assert (round(found.statistic, 4), round(found.chance, 6), found.rises) == (8.2249, 0.004132, False)
    last = trend_in_proportions(smokers, patients, score=(0, 0, 0, 1))
    assert (round(last.statistic, 3), round(last.chance, 7)) == (12.173, 0.0004848)


def test_two_rates_have_the_trend_that_is_their_chi_squared() -> None:
    case = statistic("prop_test_R")
    found = trend_in_proportions(case["input"]["x"], case["input"]["n"])
    assert found.statistic == pytest.approx(case["expected"]["uncorrected"]["chisq"], rel=1e-8)
    assert found.chance == pytest.approx(case["expected"]["uncorrected"]["p"], rel=1e-8)
    for count, of in (((1, 2), (5,)), ((1,), (5,)), ((0, 0), (5, 5)), ((1, 0), (5, 0))):
        with pytest.raises(SettingError):
            trend_in_proportions(count, of)


def test_montgomerys_cusum_signals_at_the_twenty_ninth_sample() -> None:
    series = statistic("ewma_montgomery")["input"]["x"]  # his tables 9.1 and 9.2: target 10, sigma 1
    found = cusum(series, target=10, sigma=1, slack=0.5, limit=5)
    assert [n + 1 for n in found.beyond] == [29, 30]
    assert np.round(found.above[27:], 2).tolist() == [4.47, 5.28, 5.3]
    assert found.since_above[28] == 7  # since sample 23: the shift came between 22 and 23
    above, below = 0.0, 0.0
    for n, value in enumerate(series):
        above, below = max(0.0, value - 10.5 + above), max(0.0, 9.5 - value + below)
        assert (found.above[n], found.below[n]) == pytest.approx((above, below), abs=1e-12)


def test_a_head_start_finds_a_change_that_was_there_from_the_beginning_sooner() -> None:
    shifted = [1.0] * 12
    assert cusum(shifted, limit=4).beyond[0] == 8  # half a deviation gained at each point: 4.5 at the ninth
    assert cusum(shifted, limit=4, head_start=2).beyond[0] == 4
    assert cusum([-1.0] * 12, limit=4).since_below[8] == 9


def test_ljung_and_boxs_statistic_by_hand() -> None:
    found = ljung_box(np.array([1.0, -1.0, 1.0, -1.0]), lags=1)
    assert found.statistic == pytest.approx(4 * 6 * 0.75**2 / 3)  # r = -3/4
    assert found.chance == pytest.approx(0.0339, abs=5e-5)  # of 4.5, one degree
    two: Any = ljung_box(np.array([1.0, -1.0, 1.0, -1.0]), lags=2)
    assert two.statistic == pytest.approx(4 * 6 * (0.75**2 / 3 + 0.5**2 / 2))
    assert ljung_box(np.arange(20.0), lags=5, fitted=2).degrees == 3
    with pytest.raises(SettingError):
        ljung_box(np.arange(4.0), lags=4)


def test_independent_residuals_seldom_fail_ljung_and_box_and_slow_ones_always_do() -> None:
    dice = np.random.default_rng(8)
    chances = [ljung_box(dice.normal(size=100), lags=10).chance for _ in range(400)]
    assert np.mean(np.array(chances) < 0.05) == pytest.approx(0.05, abs=0.035)
    assert ljung_box(dice.normal(size=100).cumsum(), lags=10).chance < 1e-6
