"""How do rows of measures become the points of a chart and the weeks of a verdict?"""

from collections.abc import Sequence
from datetime import date, timedelta

import polars as pl

from kcas.monitor.rate_chart import Counted
from kcas.monitor.since import Week
from kcas.standard import Standard


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
