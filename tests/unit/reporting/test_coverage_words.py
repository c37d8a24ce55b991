"""Sentences and columns about missing days say which they are."""

from datetime import date, time, timedelta

import polars as pl

from kcas.calls.coverage import Coverage, PartDay
from kcas.monitoring.rate_chart import PeriodCount, rate_chart
from kcas.reporting import period_comparison, tables
from kcas.reporting.coverage import chart_coverage, missing_words

FIRST, LAST = date(2026, 1, 7), date(2026, 5, 14)


def weekdays(first: date, last: date) -> list[date]:
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return [day for day in days if day.weekday() < 5]


def lacking(*stretches: tuple[date, date], partial: tuple[PartDay, ...] = ()) -> Coverage:
    missing = [day for first, last in stretches for day in weekdays(first, last)]
    held = frozenset(set(weekdays(FIRST, LAST)) - set(missing))
    return Coverage(FIRST, LAST, tuple(missing), partial, held)


def test_a_log_that_lacks_nothing_says_nothing() -> None:
    assert missing_words(lacking()) == []


def test_three_weeks_are_told_as_one_stretch_with_its_open_days() -> None:
    assert missing_words(lacking((date(2026, 3, 9), date(2026, 3, 27)))) == [
        "15 open days are missing from the log: 9 to 27 March 2026."
    ]


def test_one_day_and_a_part_of_another() -> None:
    part = PartDay(date(2026, 1, 7), begins=time(11, 30))
    assert missing_words(lacking((date(2026, 3, 9), date(2026, 3, 9)), partial=(part,))) == [
        "1 open day is missing from the log: Monday 9 March 2026.",
        "Part of a day is missing from the log: Wednesday 7 January 2026, nothing before 11:30.",
    ]


def test_only_the_latest_stretches_are_named() -> None:
    mondays = [date(2026, 2, 2) + timedelta(weeks=n) for n in range(8)]
    (said,) = missing_words(lacking(*((day, day) for day in mondays)))
    assert said.startswith("8 open days are missing from the log: Monday 16 February 2026, ")
    assert said.endswith(" and Monday 23 March 2026, and 2 earlier stretches.")


def test_a_chart_of_months_says_which_days_its_months_lack_and_where_it_starts_and_ends() -> None:
    rows = [PeriodCount(date(2026, month, 1), 20, 100) for month in range(1, 6)]
    found = chart_coverage(rate_chart(rows, by="month"), lacking((date(2026, 3, 9), date(2026, 3, 27))))
    assert found == [
        "15 open days are missing from the log: 9 to 27 March 2026. No run or trend is counted across them.",
        "The log starts on Wednesday 7 January 2026: the first month is counted from then.",
        "The log ends on Thursday 14 May 2026: the last month is counted until then.",
    ]


def test_a_chart_says_nothing_of_days_before_it() -> None:
    rows = [PeriodCount(day, 20, 100) for day in weekdays(date(2026, 4, 1), date(2026, 4, 30))]
    assert chart_coverage(rate_chart(rows, by="day"), lacking((date(2026, 3, 9), date(2026, 3, 27)))) == []


def test_weeks_and_months_have_a_column_of_days_missing() -> None:
    missing = weekdays(date(2026, 3, 25), date(2026, 4, 2))
    days = [day for day in weekdays(date(2026, 3, 16), date(2026, 4, 10)) if day not in missing]
    counts = pl.DataFrame({"day": days, "start": days}).with_columns(
        pl.lit(n).alias(name) for name, n in (("offered", 20), ("answered", 18), ("abandoned_all", 2),
                                              ("numerator", 2), ("denominator", 20))
    )  # fmt: skip
    weeks = tables.weeks(counts, missing=missing)
    assert weeks.select("Week from", "Offered", "Days missing").rows() == [
        ("Mon 6 Apr 2026", 100, 0), ("Mon 30 Mar 2026", 20, 4), ("Mon 23 Mar 2026", 40, 3), ("Mon 16 Mar 2026", 100, 0),
    ]  # fmt: skip
    by_month = period_comparison.add_up(counts, by=[pl.col("start").dt.truncate("1mo")]).with_columns(
        pl.col("start").cast(pl.Datetime("us", "Europe/London"))
    )
    months = tables.months(by_month.sort("start"), missing=missing)
    assert months.select("Month", "Days missing").rows() == [("April 2026", 2), ("March 2026", 5)]
    assert "Days missing" not in tables.weeks(counts).columns
