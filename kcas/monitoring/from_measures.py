"""Chart points, weekly counts and whole weeks from rows of measures."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import median

import polars as pl

from kcas.calls.coverage import Coverage
from kcas.desk.standard import Standard
from kcas.monitoring.rate_chart import PeriodCount, RateChart
from kcas.monitoring.rebasing import Act, Rebasings, active_rebasings, declined
from kcas.monitoring.recalculated import recalculated_chart
from kcas.monitoring.since import Week

ALL_WEEK = frozenset(range(7))
CUT_SHORT = 0.5  # of the calls usual on such a day: fewer, at an end of the log, and the day is not told whole
BUSY = 20  # calls usual on such a day, from which a day without any was not told rather than quiet


def whole_weeks(
    weeks: Sequence[Week], *, days: Sequence[PeriodCount], desk: Standard, covered: tuple[date, date]
) -> tuple[list[Week], int]:
    """The weeks told whole, and how many are not. `covered`: the first and last day of the log, or of what was asked.

    Where the standard states no hours, a weekday is open if the days themselves have calls on it as a rule.
    """
    calls = {day.start: day.denominator for day in days}
    usual = [_usual(days, weekday) for weekday in range(7)]
    often = usual_weekdays(days)
    first, last = covered
    first += timedelta(days=calls.get(first, 0) < CUT_SHORT * usual[first.weekday()])
    last -= timedelta(days=calls.get(last, 0) < CUT_SHORT * usual[last.weekday()])

    def is_open(day: date) -> bool:
        if desk.opening.stated:
            return desk.opening.span(day, holidays=desk.holidays) is not None
        return day.weekday() in often

    def is_told(day: date) -> bool:
        quiet = usual[day.weekday()] < BUSY or day in desk.holidays
        return first <= day <= last and (quiet or calls.get(day, 0) > 0)

    def is_whole(week: Week) -> bool:
        return all(is_told(day) for n in range(7) if is_open(day := week.monday + timedelta(days=n)))

    kept = [week for week in weeks if is_whole(week)]
    return kept, len(weeks) - len(kept)


def usual_weekdays(days: Sequence[PeriodCount]) -> frozenset[int]:
    """The days of the week with calls at least half as often as the one that has them most often."""
    often = [sum(day.start.weekday() == n and day.denominator > 0 for day in days) for n in range(7)]
    return frozenset(n for n in range(7) if often[n] and often[n] * 2 >= max(often)) or ALL_WEEK


def _usual(days: Sequence[PeriodCount], weekday: int) -> float:
    """The middle number of calls on such a day; zero where there is none."""
    found = [day.denominator for day in days if day.start.weekday() == weekday and day.denominator > 0]
    return float(median(found)) if found else 0.0


REACH = {"day": timedelta(days=90), "week": timedelta(weeks=52), "month": timedelta(days=1095)}
"""How far back a control chart goes at least: sixty weekdays, or twelve points and some more."""


def reach(last: date, *, by: str) -> date:
    """The first day of a chart that ends on a day."""
    return last - REACH[by]


@dataclass(frozen=True)
class Record:
    """What the limits of a desk's charts rest on besides counts: its settings, acts on record, and missing days."""

    desk: Standard
    rebased: Sequence[Act] = ()
    declined: Collection[date] = ()
    missing: Collection[date] = ()


def record(
    folder: Path, *, desk: Standard, queues: Sequence[str] = (), lacking: Coverage | None = None,
    as_at: datetime | None = None,
) -> Record:  # fmt: skip
    """The acts on record in a store's folder that hold for the chart of these queues, and the days its log lacks."""
    acts = Rebasings(folder).acts(as_at)
    missing = lacking.missing if lacking else ()
    return Record(desk, active_rebasings(acts, queues=queues), declined(acts, queues=queues), missing)


def chart(
    rows: pl.DataFrame | Sequence[PeriodCount],
    *,
    by: str,
    record: Record,
    at_most: float | None = None,
    baseline: tuple[date, date] | None = None,
    screen_outliers: bool = True,
    shown_from: date | None = None,
) -> RateChart:
    """The control chart of the rows of a whole record, whatever part of it is shown, on the desk's own calendar."""
    told = chart_counts(rows) if isinstance(rows, pl.DataFrame) else rows
    desk = record.desk
    found = recalculated_chart(
        told,
        by=by,
        holidays=holidays(desk, told),
        charted=desk.charts,
        baseline=baseline,
        screen_outliers=screen_outliers,
        at_most=at_most,
        rebased=record.rebased,
        actions=desk.actions,
        declined=record.declined,
        missing=record.missing,
    )
    return replace(found, shown_from=shown_from)


def chart_counts(rows: pl.DataFrame) -> list[PeriodCount]:
    """Both halves of each row, in order of time; rows that tell only one half are left out."""
    told = rows.select(pl.col("start").dt.date(), "numerator", "denominator").drop_nulls().sort("start")
    return [PeriodCount(*row) for row in told.iter_rows()]


def weeks(counted: Sequence[PeriodCount]) -> list[Week]:
    """The same by the Mondays of their weeks."""
    return [Week(row.start - timedelta(days=row.start.weekday()), row.numerator, row.denominator) for row in counted]


def holidays(desk: Standard, counted: Sequence[PeriodCount]) -> frozenset[date]:
    """The desk's holidays in the years of the points."""
    if not counted:
        return frozenset()
    return frozenset(desk.holidays.named(years=range(counted[0].start.year, counted[-1].start.year + 1)))
