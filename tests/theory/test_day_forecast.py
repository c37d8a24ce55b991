"""Forecasts of days that resemble their neighbours: whole matrices, desks of which the answer is known, and charts."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from kcas.monitoring.daily import FEWEST_DAYS, Likeness, daily_p_prime, forecasts, likeness
from kcas.monitoring.persistence import Grid
from kcas.monitoring.rate_chart import PeriodCount, rate_chart

MONDAY = date(2010, 1, 4)
WORKING = np.array([7 * week + day for week in range(40) for day in range(5)], dtype=float)


def one_kind(days: int) -> Any:
    return np.ones((days, 1))


def drifting(dice: np.random.Generator, days: int, *, share: float = 0.5, kept: float = 0.955) -> Any:
    """Half of the variance a first-order autoregression of calendar days, seen on working days; the rest noise."""
    level = dice.normal(size=7 * 40)
    for day in range(1, len(level)):
        level[day] = kept * level[day - 1] + (1 - kept**2) ** 0.5 * level[day]
    return share**0.5 * level[WORKING.astype(int)][:days] + (1 - share) ** 0.5 * dice.normal(size=days)


def test_each_forecast_is_the_conditional_mean_that_whole_matrices_give() -> None:
    dice = np.random.default_rng(1)
    times = np.cumsum(dice.integers(1, 5, 25)).astype(float)
    values = dice.normal(size=25)
    lasting, share, variance = 9.0, 0.6, 2.5
    over = Grid(np.array([lasting]), np.array([share]), np.zeros(1))
    known = Likeness(over, np.ones(1), np.array([variance]), alike=True, lag1=0.0)
    expected, spread = forecasts(values, times=times, known=known)
    alike = variance * (
        share * np.exp(-np.abs(times[:, None] - times) / lasting) + (1 - share) * np.eye(25)
    )  # fmt: skip
    for day in range(1, 25):
        weight = np.linalg.solve(alike[:day, :day], alike[:day, day])
        assert expected[day] == pytest.approx(weight @ values[:day], rel=1e-9)
        assert spread[day] ** 2 == pytest.approx(alike[day, day] - weight @ alike[:day, day], rel=1e-9)
    assert (expected[0], spread[0] ** 2) == pytest.approx((0.0, variance))


def test_one_bad_day_does_not_move_the_level_further_than_three_deviations() -> None:
    over = Grid(np.array([20.0]), np.array([0.5]), np.zeros(1))
    known = Likeness(over, np.ones(1), np.ones(1), alike=True, lag1=0.0)
    times = np.arange(3, dtype=float)
    far, further = (forecasts(np.array([value, 0.0, 0.0]), times=times, known=known)[0] for value in (3.0, 50.0))
    assert far.tolist() == further.tolist()


def test_drifting_days_are_found_alike_and_independent_ones_are_not() -> None:
    dice = np.random.default_rng(2)
    found = [likeness(drifting(dice, 200), kinds=one_kind(200), times=WORKING) for _ in range(30)]
    assert sum(each is not None and each.alike for each in found) >= 28
    # what the process has from one working day to the next, most of them neighbours: 0.5 * 0.955
    assert np.mean([each.lag1 for each in found if each]) == pytest.approx(0.48, abs=0.08)
    calm = [likeness(dice.normal(size=200), kinds=one_kind(200), times=WORKING) for _ in range(30)]
    assert sum(each is not None and each.alike for each in calm) <= 2


def test_independent_days_about_one_lasting_shift_are_not_taken_for_a_drift() -> None:
    dice = np.random.default_rng(3)
    shifted = [
        likeness(dice.normal(size=200) - 1.2 * (np.arange(200) >= 90), kinds=one_kind(200), times=WORKING)
        for _ in range(30)
    ]
    assert sum(each is not None and each.alike for each in shifted) <= 4


def test_few_days_tell_nothing_of_likeness() -> None:
    assert likeness(np.arange(FEWEST_DAYS - 1.0), kinds=one_kind(FEWEST_DAYS - 1), times=WORKING[:29]) is None


def days_of(share: Any, *, of: int = 200) -> list[PeriodCount]:
    return [
        PeriodCount(MONDAY + timedelta(days=int(time)), round(float(each) * of), of)
        for time, each in zip(WORKING, share, strict=False)
    ]


def test_a_chart_of_independent_days_is_the_plain_one_to_the_last_digit() -> None:
    dice = np.random.default_rng(4)
    rows = days_of(0.2 + dice.normal(0, 0.04, 150))
    found = rate_chart(rows, by="day")
    plain = daily_p_prime(
        [row.numerator for row in rows],
        [row.denominator for row in rows],
        kinds=[day.kind or "" for day in found.points],
    ).chart
    assert not found.follows
    assert [point.centre for point in found.points] == plain.centre.tolist()
    assert [point.upper for point in found.points] == plain.upper.tolist()
    assert not any("forecast" in note for note in found.notes)


def test_the_centre_follows_a_drifting_desk_and_its_ordinary_days_stand_out_no_more_often() -> None:
    dice = np.random.default_rng(5)
    told, fixed, lag1 = [], [], []
    for _ in range(30):
        odds = np.log(0.2 / 0.8) + 0.7 * drifting(dice, 200)
        rows = days_of(dice.binomial(200, 1 / (1 + np.exp(-odds))) / 200)
        found = rate_chart(rows, by="day")
        lag1 += [found.lag1] if found.follows else []
        told.append(np.mean([point.on_the_day for point in found.points]))
        score = daily_p_prime(
            [row.numerator for row in rows],
            [row.denominator for row in rows],
            kinds=[one.kind or "" for one in found.points],
        ).chart.score
        fixed.append(
            np.mean([abs(score[n - 6 : n + 1].sum()) == abs(score[n - 6 : n + 1]).sum() for n in range(6, 200)])
        )
    assert np.mean(told) < 0.05
    assert np.mean(fixed) > 0.10  # runs of seven alone, about a centre that stands still
    assert found.follows
    assert len(lag1) >= 27
    assert np.mean(lag1) == pytest.approx(0.45, abs=0.1)  # 0.48, less what a centre from the same days takes away
    assert any("each day is measured against a forecast" in note for note in found.notes)
    about = [(point.centre or 0) - (found.centre or 0) for point in found.points]
    assert np.corrcoef(about[1:], [point.value for point in found.points][:-1])[0, 1] > 0.4  # it goes after the rate


def test_what_a_following_chart_says_on_a_day_needs_no_later_day_where_the_baseline_is_given() -> None:
    dice = np.random.default_rng(6)
    odds = np.log(0.2 / 0.8) + 0.5 * drifting(dice, 200)
    rows = days_of(dice.binomial(200, 1 / (1 + np.exp(-odds))) / 200)
    edges = rows[0].start, rows[120].start
    whole = rate_chart(rows, by="day", baseline=edges)
    assert whole.follows
    for cut in (140, 170):
        shorter = rate_chart(rows[:cut], by="day", baseline=edges)
        assert [point.score for point in shorter.points] == [point.score for point in whole.points[:cut]]


def test_a_jump_on_a_drifting_desk_is_told_on_its_day() -> None:
    dice = np.random.default_rng(7)
    odds = np.log(0.2 / 0.8) + 0.3 * drifting(dice, 200)
    odds[150:] += 1.5
    rows = days_of(dice.binomial(200, 1 / (1 + np.exp(-odds))) / 200)
    found = rate_chart(rows, by="day", baseline=(rows[0].start, rows[140].start))
    assert found.follows
    assert found.points[150].on_the_day
    assert found.points[150].side == "high"
