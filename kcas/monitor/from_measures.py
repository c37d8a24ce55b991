"""How do rows of measures become the points of a chart and the weeks of a verdict?"""

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

from kcas.monitor.rate_chart import Counted, RateChart, rate_chart
from kcas.monitor.rebasing import Act
from kcas.monitor.since import Week
from kcas.standard import Standard

REACH = {"day": timedelta(days=90), "week": timedelta(weeks=52), "month": timedelta(days=1095)}
"""How far back a control chart goes at least: sixty weekdays, or twelve points and some more."""


def reach(last: date, *, by: str) -> date:
    """The first day of a chart that ends on a day."""
    return last - REACH[by]


def chart(
    rows: pl.DataFrame, *, desk: Standard, by: str, at_most: float | None = None, rebased: Sequence[Act] = ()
) -> RateChart:
    """The control chart of rows of measures, on the desk's own calendar, with the re-basings that hold for it."""
    told = counted(rows)
    return rate_chart(told, by=by, holidays=holidays(desk, told), charted=desk.charts, at_most=at_most, rebased=rebased)


def counted(rows: pl.DataFrame) -> list[Counted]:
    """Both halves of each row, in order of time; rows that tell only one half are left out."""
    told = rows.select(pl.col("start").dt.date(), "numerator", "denominator").drop_nulls().sort("start")
    return [Counted(*row) for row in told.iter_rows()]


def weeks(counted: Sequence[Counted]) -> list[Week]:
    """The same by the Mondays of their weeks."""
    return [Week(row.start - timedelta(days=row.start.weekday()), row.numerator, row.denominator) for row in counted]


def holidays(desk: Standard, counted: Sequence[Counted]) -> frozenset[date]:
    """The desk's holidays in the years of the points."""
    if not counted:
        return frozenset()
    return frozenset(desk.holidays.named(years=range(counted[0].start.year, counted[-1].start.year + 1)))
