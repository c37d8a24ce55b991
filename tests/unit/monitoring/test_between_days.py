"""Does the interval of a period hold the rate of such days as often as it says, and agree with a hand's reckoning?"""

import math
from datetime import date, timedelta

import numpy as np
import pytest

from kcas.calls.rates import wilson
from kcas.monitoring.between_days import between_days, difference_between_days
from kcas.monitoring.rate_chart import PeriodCount


def days(counts: list[tuple[int, int]]) -> list[PeriodCount]:
    return [PeriodCount(date(2010, 1, 4) + timedelta(days=n), lost, of) for n, (lost, of) in enumerate(counts)]


def test_it_is_the_log_odds_give_or_take_students_t_times_the_widened_error() -> None:
    counts = [(10, 100), (30, 100)] * 6  # 240 of 1,200: one in five
    # Pearson: each day is 10 off its 20, so 100 / (100 × 0.2 × 0.8) = 6.25, twelve times, over eleven degrees
    dispersion = 12 * 6.25 / 11
    half = 2.200985 * math.sqrt(dispersion / (1200 * 0.2 * 0.8))  # Student's t of eleven degrees, from a table
    wanted = [1 / (1 + math.exp(-(math.log(0.2 / 0.8) + sign * half))) for sign in (-1, 1)]
    assert between_days(days(counts)) == pytest.approx(wanted, abs=1e-6)


def test_days_that_are_exactly_alike_are_no_surer_than_dice() -> None:
    low, high = between_days(days([(20, 100)] * 20)) or (0, 0)
    assert (low, high) == pytest.approx(wilson(400, 2000), abs=0.002)


@pytest.mark.parametrize("counts", [[(10, 100)] * 11, [(0, 100)] * 20, [(100, 100)] * 20, []])
def test_too_few_days_or_none_lost_have_no_interval(counts: list[tuple[int, int]]) -> None:
    assert between_days(days(counts)) is None


@pytest.mark.parametrize(("many", "alike"), [(26, 0.0), (90, 0.0), (90, 0.4)])
def test_it_holds_the_rate_of_such_days_nearly_as_often_as_it_says_and_wilson_does_not(many: int, alike: float) -> None:
    dice, runs, held, held_by_wilson = np.random.default_rng(2010), 400, 0, 0
    for _ in range(runs):
        shocks = dice.normal(size=many)
        for n in range(1, many):
            shocks[n] = alike * shocks[n - 1] + math.sqrt(1 - alike**2) * shocks[n]
        share = np.clip(0.2 + 0.06 * shocks, 0.01, 0.9)  # about as days of a real log differ
        counts = [(int(lost), 1000) for lost in dice.binomial(1000, share)]
        low, high = between_days(days(counts)) or (0, 0)
        held += low <= 0.2 <= high
        low, high = wilson(sum(lost for lost, _ in counts), 1000 * many)
        held_by_wilson += low <= 0.2 <= high
    least = 0.95 if not alike else 0.92  # neighbours that are alike are allowed for, not quite in full
    assert held / runs >= least - 3 * math.sqrt(least * (1 - least) / runs)
    assert held_by_wilson / runs < 0.6


def test_a_difference_has_the_delta_methods_interval() -> None:
    before, now = [(10, 100), (30, 100)] * 3, [(20, 100), (40, 100)] * 3  # 20 % and 30 %
    # Pearson: each day is 10 off: 6 × 100 / 16 and 6 × 100 / 21, over ten degrees
    dispersion = (6 * 100 / 16 + 6 * 100 / 21) / 10
    error = math.sqrt(dispersion * (0.2 * 0.8 / 600 + 0.3 * 0.7 / 600))
    half = 2.228139 * error  # Student's t of ten degrees, from a table
    wanted = pytest.approx((0.1 - half, 0.1 + half), abs=1e-6)
    assert difference_between_days(days(now), days(before)) == wanted
    # where neighbours are alike by a third, twice the variance over half the degrees: t of five is 2.570582
    half = 2.570582 * error * math.sqrt(2)
    alike = difference_between_days(days(now), days(before), lag1=1 / 3 - 1e-9)
    assert alike == pytest.approx((0.1 - half, 0.1 + half), abs=1e-6)


@pytest.mark.parametrize(
    ("now", "before"), [([(10, 100)] * 3, [(9, 100)] * 9), ([(0, 100)] * 9, [(9, 100)] * 9), ([], [(9, 100)] * 9)]
)
def test_a_side_of_three_days_or_none_lost_has_no_difference_told(
    now: list[tuple[int, int]], before: list[tuple[int, int]]
) -> None:
    assert difference_between_days(days(now), days(before)) is None
    assert difference_between_days(days(before), days(now)) is None


@pytest.mark.parametrize(("many", "alike"), [(5, 0.0), (20, 0.0), (20, 0.5)])
def test_a_difference_where_nothing_changed_is_seldom_called_more_than_chance(many: int, alike: float) -> None:
    dice, runs, called = np.random.default_rng(2010), 600, 0
    for _ in range(runs):
        shocks = dice.normal(size=2 * many)
        for n in range(1, 2 * many):
            shocks[n] = alike * shocks[n - 1] + math.sqrt(1 - alike**2) * shocks[n]
        share = 1 / (1 + np.exp(-(-1.4 + 0.4 * shocks)))
        counts = days([(int(lost), 200) for lost in dice.binomial(200, share)])
        low, high = difference_between_days(counts[many:], counts[:many], lag1=alike) or (-1, 1)
        called += not low <= 0 <= high
    most = 0.05 if not alike else 0.07
    assert called / runs <= most + 3 * math.sqrt(most * (1 - most) / runs)
