"""No rule looks across days that are missing from the log."""

from datetime import date, timedelta

import numpy as np
import pytest

from kcas.monitoring.control_chart import SHIFT, TREND, TWO_OF_THREE, signalled_on_the_day, signals
from kcas.monitoring.drift import drift
from kcas.monitoring.persistence import autocorrelation
from kcas.monitoring.rate_chart import PeriodCount, RateChart, episodes, rate_chart

MONDAY = date(2010, 1, 4)
ORDINARY = [18 + 4 * (n % 2) for n in range(65)]  # thirteen weeks of low and high days in turn, low at the end
WEEKS = timedelta(weeks=1)


def weekdays(first: date, counts: list[int]) -> list[PeriodCount]:
    """A count in a hundred for each working day from a Monday on."""
    days = [first + timedelta(days=n) for n in range(len(counts) * 2)]
    return [PeriodCount(day, n, 100) for day, n in zip([d for d in days if d.weekday() < 5], counts, strict=False)]


def with_three_weeks_missing(high: list[int]) -> tuple[list[PeriodCount], list[date]]:
    """Thirteen ordinary weeks, of the next only four days, high, then three weeks missing, then four high days."""
    before = weekdays(MONDAY, ORDINARY + high[:4])
    after = weekdays(MONDAY + 17 * WEEKS, high[4:])
    day, missing = before[-1].start + timedelta(days=1), []
    while day < after[0].start:
        missing += [day] if day.weekday() < 5 else []
        day += timedelta(days=1)
    return before + after, missing


def runs(chart: RateChart, rule: str) -> list[int]:
    return [len(episode.points) for episode in episodes(chart.points) if episode.rule == rule]


@pytest.mark.parametrize(("rule", "high"), [(SHIFT, [22, 24] * 4), (TREND, [16, 18, 20, 21, 22, 23, 24, 25])])
def test_a_run_or_trend_does_not_bridge_missing_weeks(rule: str, high: list[int]) -> None:
    rows, missing = with_three_weeks_missing(high)
    assert len(missing) == 16
    assert runs(rate_chart(rows, by="day"), rule) == [8]  # what the chart said where nothing is known to be missing
    apart = rate_chart(rows, by="day", missing=missing)
    assert runs(apart, rule) == []
    assert [point.start for point in apart.points if point.after_gap] == [MONDAY + 17 * WEEKS]
    assert not [point for point in apart.points[-4:] if point.rule or point.on_the_day]


def test_one_missing_day_ends_a_run_and_a_weekend_does_not() -> None:
    rows = weekdays(MONDAY, ORDINARY + [23] * 8)
    assert runs(rate_chart(rows, by="day"), SHIFT) == [8]
    without = [row for row in rows if row.start != rows[-4].start]
    assert runs(rate_chart(without, by="day"), SHIFT) == [7]  # a day on which the desk was closed
    assert runs(rate_chart(without, by="day", missing=[rows[-4].start]), SHIFT) == []


def test_a_missing_week_ends_a_run_of_weeks_and_a_missing_day_within_a_week_does_not() -> None:
    counts = [19, 22] * 8 + [19] + [24] * 8
    rows = [PeriodCount(MONDAY + n * WEEKS, count, 100) for n, count in enumerate(counts)]
    gone = rows[-5]
    within = rate_chart(rows, by="week", missing=[gone.start + timedelta(days=2)])
    assert runs(within, SHIFT) == [8]
    rest = [row for row in rows if row is not gone]
    lost = [gone.start + timedelta(days=n) for n in range(5)]
    assert runs(rate_chart(rest, by="week"), SHIFT) == [7]
    assert runs(rate_chart(rest, by="week", missing=lost), SHIFT) == []


def test_a_month_after_a_missing_month_starts_a_stretch_of_its_own() -> None:
    months = [date(2009 + n // 12, n % 12 + 1, 1) for n in range(20)]
    rows = [PeriodCount(month, 20, 100) for month in months if month != date(2010, 2, 1)]
    found = rate_chart(rows, by="month", missing=[date(2010, 2, 1) + timedelta(days=n) for n in range(28)])
    assert [point.start for point in found.points if point.after_gap] == [date(2010, 3, 1)]


def test_two_of_three_are_not_counted_across_a_break() -> None:
    scores = [0.0, 2.5, 1.0, 2.5, 0.0]
    assert [signal.rule for signal in signals(scores)] == [TWO_OF_THREE] * 2
    assert signals(scores, breaks=[2]) == []
    assert signalled_on_the_day(scores).tolist() == [False, False, False, True, False]
    assert not signalled_on_the_day(scores, breaks=[3]).any()


def test_signals_of_each_stretch_are_those_of_the_stretch_alone() -> None:
    scores = np.random.default_rng(2010).normal(0.6, 1.4, 120)
    breaks = [17, 18, 63, 100]
    apart = [
        (signal.index + edge, signal.rule, signal.high)
        for edge, until in zip([0, *breaks], [*breaks, 120], strict=True)
        for signal in signals(scores[edge:until])
    ]
    assert len(apart) > 10
    assert [(signal.index, signal.rule, signal.high) for signal in signals(scores, breaks=breaks)] == apart


def test_the_weighted_mean_starts_again_after_missing_days() -> None:
    rows, missing = with_three_weeks_missing([30] * 8)
    found = rate_chart(rows, by="day", missing=missing)
    first_after = drift(found)[-4]
    score = next(point.score for point in found.points if point.after_gap)
    assert score is not None
    assert first_after.value == pytest.approx(0.2 * score)  # λ of the first point's own, from the centre


def test_the_step_over_a_missing_week_is_no_moving_range() -> None:
    counts = [18, 22] * 4 + [28, 32] * 4
    rows = [PeriodCount(MONDAY + (n + (n >= 8)) * WEEKS, count, 100) for n, count in enumerate(counts)]
    found = rate_chart(rows, by="week", screen_outliers=False, missing=[MONDAY + 8 * WEEKS])
    # every two neighbours differ by four points in a hundred, so a limit is 3 x 0.04 / 1.128 from the centre, 25 %
    assert found.points[0].upper == pytest.approx(0.25 + 3 * 0.04 / 1.128)
    bridged = rate_chart(rows, by="week", screen_outliers=False)  # and once, by six: 22 to 28
    assert bridged.points[0].upper == pytest.approx(0.25 + 3 * (14 * 0.04 + 0.06) / 15 / 1.128)


def test_residuals_on_either_side_of_missing_days_are_no_neighbours() -> None:
    residuals = np.array([1.0, 1.0, -1.0, -1.0])
    assert autocorrelation(residuals) == pytest.approx(1 / 4)
    assert autocorrelation(residuals, stretch=[0, 0, 1, 1]) == pytest.approx(2 / 4)
