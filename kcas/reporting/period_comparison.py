"""Comparison of the last day, week and month with the period before.

Everything here adds counts of days and makes the rate last; nothing averages a rate.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, time, timedelta

import polars as pl

from kcas.calls.call import OUTCOMES
from kcas.calls.desk_day import day_of
from kcas.calls.rates import proper, wilson_of
from kcas.desk.opening_hours import A_DAY
from kcas.monitoring.between_days import between_days, difference_between_days
from kcas.monitoring.control_chart import OUTSIDE
from kcas.monitoring.rate_chart import PeriodCount, RateChart

COUNTS = ("offered", *OUTCOMES, "abandoned_all", "unexplained", "numerator", "denominator")
NORMAL_95 = 1.959964  # standard deviations within which 95 in 100 lie
RATE = ("numerator", "denominator", "rate", "low", "high")


@dataclass(frozen=True)
class Sum:
    """What some days add up to, first to last, both included."""

    first: date
    last: date
    offered: int | None
    answered: int | None
    abandoned_all: int | None
    numerator: int | None
    denominator: int | None
    rate: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Period:
    """A stretch that ends with the last day of the log, and the same stretch before it."""

    name: str
    now: Sum
    before: Sum | None
    before_name: str

    @property
    def difference(self) -> float | None:
        """The rate now less the rate before, as a share of one; None where either is missing."""
        if self.before is None or self.now.rate is None or self.before.rate is None:
            return None
        return self.now.rate - self.before.rate


def same_times(last: date) -> tuple[date, date]:
    """The day a week before, and the day a month before or the last there was of that month."""
    first = last.replace(day=1)
    before = (first - timedelta(days=1)).replace(day=1)
    return last - timedelta(days=7), min(before + timedelta(days=(last - first).days), first - timedelta(days=1))


def desk_day(half_hours: pl.DataFrame, *, begins: int) -> pl.Expr:
    """The day of the desk to which each half-hour belongs."""
    start = pl.col("start")
    if not begins:
        return start.dt.date()
    return day_of(start, zone=half_hours.schema["start"].time_zone, begins=begins)  # type: ignore[attr-defined]


def cut_short(days: pl.DataFrame, half_hours: pl.DataFrame, *, last: date, at: time, begins: int = 0) -> pl.DataFrame:
    """The days, those that the last day stands against counted only until the time at which the log ends.

    A day of which the log tells the morning is thus not held against a whole one.
    """
    cut = same_times(last)
    day = desk_day(half_hours, begins=begins)
    minute = pl.col("start").dt.hour().cast(pl.Int32) * 60 + pl.col("start").dt.minute()
    into, ended = (minute + A_DAY - begins) % A_DAY, (at.hour * 60 + at.minute - begins) % A_DAY
    part = add_up(half_hours.filter(day.is_in(cut), into <= ended), by=[day.alias("day")])
    return pl.concat([days.filter(~pl.col("day").is_in(cut)).select(part.columns), part]).sort("day")


def periods(days: pl.DataFrame, *, last: date, before: pl.DataFrame | None = None) -> list[Period]:
    """The last day, the week and the month so far, each against the same time before.

    `days` are daily rows with a `day` column and the counts; `before`, where given, the days to stand against.
    """
    against = days if before is None else before
    monday = last - timedelta(days=last.weekday())
    first = last.replace(day=1)
    week_before, month_before = same_times(last)
    stretches = [
        ("day", last, last, week_before, week_before, "the same day a week before"),
        ("week", monday, last, monday - timedelta(days=7), week_before, "the same days a week before"),
        ("month", first, last, month_before.replace(day=1), month_before, "the same days a month before"),
    ]
    return [
        Period(name, apart(summed(days, first=a, last=b), days), period_sum(against, first=c, last=d), words)
        for name, a, b, c, d, words in stretches
    ]


def more_than_chance(
    period: Period, days: pl.DataFrame, *, before: pl.DataFrame | None = None, chart: RateChart
) -> bool:
    """Whether a difference is more than random variation: of two days by the chart, of several between days.

    Two days differ so where the newest is outside its limits on that side, or where, each against its own kind of day,
    they lie further apart than 95 in 100 pairs of the chart's days would.
    """
    if period.difference is None or period.before is None:
        return False
    if period.now.first == period.now.last:
        return _outside(period, chart=chart) or _days_apart(period.now, period.before, chart=chart)
    then = counted(days if before is None else before, first=period.before.first, last=period.before.last)
    now = counted(days, first=period.now.first, last=period.now.last)
    interval = difference_between_days(now, then, lag1=chart.lag1 or 0.0)
    return interval is not None and not interval[0] <= 0 <= interval[1]


def _outside(period: Period, *, chart: RateChart) -> bool:
    newest, higher = chart.points[-1] if chart.points else None, (period.difference or 0.0) > 0
    if newest is None or newest.start != period.now.last or newest.rule != OUTSIDE:
        return False
    return newest.side == ("high" if higher else "low")


def _days_apart(now: Sum, before: Sum, *, chart: RateChart) -> bool:
    centres = {point.start: point.centre for point in chart.points}
    parts = [(each.rate, each.denominator, centres.get(each.last)) for each in (now, before)]
    known = [(rate, of, centre) for rate, of, centre in parts if rate is not None and of and centre is not None]
    if len(known) < len(parts) or chart.sigma_z is None:
        return False
    dice = sum(centre * (1 - centre) / of for _, of, centre in known)
    (rate, _, centre), (rate_before, _, centre_before) = known
    apart = (rate - centre) - (rate_before - centre_before)
    beyond = abs(apart) > NORMAL_95 * max(chart.sigma_z, 1.0) * math.sqrt(dice)
    return beyond and (apart > 0) == (rate > rate_before)


def counted(days: pl.DataFrame, *, first: date, last: date) -> list[PeriodCount]:
    """Both halves of each day from first to last that has any calls."""
    within = days.filter(pl.col("day").is_between(first, last), pl.col("denominator") > 0)
    return [PeriodCount(*row) for row in within.select("day", "numerator", "denominator").drop_nulls().iter_rows()]


def apart(found: Sum, days: pl.DataFrame) -> Sum:
    """The sum of several days with the interval that their differing makes; none where too few tell."""
    if found.first == found.last:
        return found
    low, high = between_days(counted(days, first=found.first, last=found.last)) or (None, None)
    return replace(found, low=low, high=high)


def period_sum(days: pl.DataFrame, *, first: date, last: date) -> Sum | None:
    """What the days add up to, or None where the log does not reach back so far."""
    return summed(days, first=first, last=last) if days.height and days["day"].min() <= first else None  # type: ignore[operator]


def summed(days: pl.DataFrame, *, first: date, last: date) -> Sum:
    """What the days from first to last, both included, add up to."""
    within = days.filter(pl.col("day").is_between(first, last))
    row = with_rate(within.select(column_sum(within))).row(0, named=True)
    return Sum(first, last, **{name: row[name] for name in ("offered", "answered", "abandoned_all", *RATE)})


def add_up(rows: pl.DataFrame, *, by: Iterable[str | pl.Expr]) -> pl.DataFrame:
    """Rows of counts added within groups, with the rate of each sum."""
    return with_rate(rows.group_by(*by, maintain_order=True).agg(column_sum(rows)))


def column_sum(rows: pl.DataFrame) -> list[pl.Expr]:
    """The sum of each count; what one row does not tell, the sum does not tell either."""
    names = [name for name in COUNTS if name in rows.columns]
    return [pl.when(pl.col(name).null_count() == 0).then(pl.col(name).sum()).alias(name) for name in names]


def with_rate(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with `rate`, `low` and `high` from their own numerator and denominator."""
    some = proper("numerator", "denominator")
    low, high = wilson_of(pl.col("numerator"), of=pl.col("denominator"))
    return rows.with_columns(
        rate=pl.when(some).then(pl.col("numerator") / pl.col("denominator")),
        low=pl.when(some).then(low),
        high=pl.when(some).then(high),
    )
