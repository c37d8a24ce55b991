"""Is this week told against the right days before, with counts added and the rate made last?"""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import polars as pl
import pytest

from kcas.monitoring.control_chart import OUTSIDE, SHIFT
from kcas.monitoring.rate_chart import RateChart, rate_chart
from kcas.reporting import period_comparison


def days(first: date, counts: list[tuple[int, int]]) -> pl.DataFrame:
    """A row a day: (abandoned, offered)."""
    return pl.DataFrame(
        [
            {
                "day": first + timedelta(days=n), "offered": offered, "answered": offered - lost,
                "abandoned_all": lost, "numerator": lost, "denominator": offered,
            }
            for n, (lost, offered) in enumerate(counts)
        ]
    )  # fmt: skip


def test_the_rate_of_a_week_is_its_sums_and_not_the_mean_of_its_days() -> None:
    # 1 of 10 and 90 of 100: the mean of the rates would be 50%, the week's is 91 of 110.
    week = period_comparison.summed(
        days(date(2026, 11, 16), [(1, 10), (90, 100)]), first=date(2026, 11, 16), last=date(2026, 11, 17)
    )
    assert (week.numerator, week.denominator) == (91, 110)
    assert week.rate == pytest.approx(91 / 110)


def test_the_interval_is_wilsons() -> None:
    # 15 of 148 with z = 1.96: 0.0624 to 0.1605 (R. Newcombe, Statistics in Medicine 17 (1998), table I, method 3).
    row = period_comparison.with_rate(pl.DataFrame({"numerator": [15], "denominator": [148]})).row(0, named=True)
    assert (round(row["low"], 4), round(row["high"], 4)) == (0.0624, 0.1605)


def test_a_month_has_the_interval_between_its_days_and_a_week_too_few_of_them() -> None:
    # Eighteen days of 40 and 60 in turn of 200: the log odds of 900 of 3,600 have a standard error of
    # √(dispersion ÷ (n p q)), 0.0385 by dice; each day is 10 out where dice would have it √(200 p q) = 6.12 out, so the
    # dispersion is 18 × (10 ÷ 6.12)² ÷ 17 = 2.82. Student's t of 17 degrees is 2.110: 0.25 becomes 0.2253 to 0.2764.
    rows = days(date(2026, 11, 1), [(40, 200), (60, 200)] * 9)
    week, month = period_comparison.periods(rows, last=date(2026, 11, 18))[1:]
    assert (month.now.low, month.now.high) == (pytest.approx(0.2253, abs=2e-4), pytest.approx(0.2764, abs=2e-4))
    assert (week.now.low, week.now.high) == (None, None)
    assert week.now.rate == pytest.approx(160 / 600)  # Monday 16 to Wednesday 18 November


def test_no_calls_have_no_rate() -> None:
    row = period_comparison.with_rate(pl.DataFrame({"numerator": [0], "denominator": [0]})).row(0, named=True)
    assert row["rate"] is None
    assert row["low"] is None


def test_each_period_stands_against_the_same_time_before() -> None:
    # Wednesday 18 November 2026 is the last day: the week is Monday to Wednesday, the month the 1st to the 18th.
    rows = days(date(2026, 10, 1), [(1, 10)] * 49)
    spans = {
        p.name: (p.now.first, p.now.last, p.before) for p in period_comparison.periods(rows, last=date(2026, 11, 18))
    }
    assert spans["day"][2] is not None
    assert (spans["day"][2].first, spans["day"][2].last) == (date(2026, 11, 11), date(2026, 11, 11))
    assert spans["week"][:2] == (date(2026, 11, 16), date(2026, 11, 18))
    assert spans["week"][2] is not None
    assert (spans["week"][2].first, spans["week"][2].last) == (date(2026, 11, 9), date(2026, 11, 11))
    assert spans["month"][2] is not None
    assert (spans["month"][2].first, spans["month"][2].last) == (date(2026, 10, 1), date(2026, 10, 18))


def test_a_month_longer_than_the_one_before_stands_against_the_whole_of_it() -> None:
    rows = days(date(2026, 2, 1), [(1, 10)] * 59)  # 1 February to 31 March
    month = period_comparison.periods(rows, last=date(2026, 3, 31))[2]
    assert month.before is not None
    assert (month.before.first, month.before.last, month.before.denominator) == (
        date(2026, 2, 1),
        date(2026, 2, 28),
        280,
    )


def test_a_log_that_does_not_reach_back_is_not_compared_with_half_of_itself() -> None:
    week = period_comparison.periods(days(date(2026, 11, 11), [(1, 10)] * 8), last=date(2026, 11, 18))[1]
    assert week.before is None
    assert week.difference is None


def test_what_one_interval_does_not_tell_the_sum_does_not_tell_either() -> None:
    rows = days(date(2026, 11, 16), [(1, 10), (2, 10)]).with_columns(answered=pl.Series([9, None]))
    week = period_comparison.summed(rows, first=date(2026, 11, 16), last=date(2026, 11, 17))
    assert week.answered is None
    assert week.numerator == 3


def test_half_a_day_stands_against_the_same_half_a_week_before() -> None:
    # The log ends at 12:10 on Wednesday 18 November: a week before, only what came until then counts.
    last, week_before = date(2026, 11, 18), date(2026, 11, 11)
    half_hours = pl.DataFrame(
        [
            {"start": datetime(day.year, day.month, day.day, hour, tzinfo=UTC), "offered": 10, "answered": 10 - lost,
             "abandoned_all": lost, "numerator": lost, "denominator": 10}
            for day, lost in ((week_before, 1), (last, 2))
            for hour in ((9, 12, 15) if day == week_before else (9, 12))
        ]
    )  # fmt: skip
    whole = period_comparison.add_up(half_hours, by=[pl.col("start").dt.date().alias("day")])
    fair = period_comparison.cut_short(whole, half_hours, last=last, at=time(12, 10))
    day, _, month = period_comparison.periods(whole, last=last, before=fair)
    assert day.before is not None
    assert (day.before.numerator, day.before.denominator) == (2, 20)
    assert month.now.denominator == 50  # the month itself keeps the whole of the day a week before


def charted(rows: pl.DataFrame) -> RateChart:
    return rate_chart(period_comparison.counted(rows, first=date.min, last=date.max), by="day")


def test_a_day_is_held_against_the_day_a_week_before_by_how_far_days_differ() -> None:
    # thirteen weeks in which days swing by 8 points about 20 %: sigma_z about 2, so a pair differs by some 22 points
    usual = [(40 + 16 * (n // 7 % 2 * 2 - 1), 200) for n in range(89)]
    last = date(2026, 11, 27)  # a Friday
    for lost, beyond in ((60, False), (110, True)):
        rows = days(last - timedelta(days=89), [*usual, (lost, 200)])
        (day, *_) = period_comparison.periods(rows, last=last)
        assert period_comparison.more_than_chance(day, rows, chart=charted(rows)) is beyond


def test_two_days_of_one_run_do_not_differ_though_the_run_is_a_signal() -> None:
    last = date(2026, 11, 27)
    rows = days(last - timedelta(days=89), [(40 + 16 * (n % 2), 200) for n in range(82)] + [(38, 200)] * 8)
    chart = charted(rows)
    run = replace(chart.points[-1], rule=SHIFT, side="low")
    (day, *_) = period_comparison.periods(rows, last=last)
    assert day.difference is not None
    assert not period_comparison.more_than_chance(day, rows, chart=replace(chart, points=(*chart.points[:-1], run)))
    outside = replace(chart.points[-1], rule=OUTSIDE, side="low")
    lower = replace(day, before=replace(day.now, rate=0.2))
    assert period_comparison.more_than_chance(lower, rows, chart=replace(chart, points=(*chart.points[:-1], outside)))


def test_a_month_is_held_against_a_month_by_the_interval_between_their_days() -> None:
    october, november = [(20, 200), (30, 200)] * 9, [(40, 200), (50, 200)] * 9
    filler = [(25, 200)] * 13
    rows = days(date(2026, 10, 1), [*october, *filler, *november])
    month = period_comparison.periods(rows, last=date(2026, 11, 18))[2]
    assert month.difference == pytest.approx(0.1)
    assert period_comparison.more_than_chance(month, rows, chart=replace(charted(rows), lag1=0.0))
    assert not period_comparison.more_than_chance(month, rows, chart=replace(charted(rows), lag1=0.95))
