"""How is it going: yesterday, this week and this month, against the same time before?

Everything here adds counts of days and makes the rate last; nothing averages a rate.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from kcas.calls.call import OUTCOMES

COUNTS = ("offered", *OUTCOMES, "numerator", "denominator")
Z = 1.959963984540054  # two-sided 95%


@dataclass(frozen=True)
class Sum:
    """What some days add up to, first to last, both included."""

    first: date
    last: date
    offered: int
    answered: int
    abandoned: int
    numerator: int
    denominator: int
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


def periods(days: pl.DataFrame, *, last: date) -> list[Period]:
    """The last day, the week and the month so far, each against the same time before.

    `days` are daily rows with a `day` column and the counts.
    """
    monday = last - timedelta(days=last.weekday())
    first = last.replace(day=1)
    before_first = (first - timedelta(days=1)).replace(day=1)
    same_day = min(before_first + timedelta(days=(last - first).days), first - timedelta(days=1))
    week = timedelta(days=7)
    stretches = [
        ("day", last, last, last - week, last - week, "the same day a week before"),
        ("week", monday, last, monday - week, last - week, "the same days a week before"),
        ("month", first, last, before_first, same_day, "the same days a month before"),
    ]
    return [
        Period(name, summed(days, first=a, last=b), held(days, first=c, last=d), words)
        for name, a, b, c, d, words in stretches
    ]


def held(days: pl.DataFrame, *, first: date, last: date) -> Sum | None:
    """What the days add up to, or None where the log does not reach back so far."""
    return summed(days, first=first, last=last) if days.height and days["day"].min() <= first else None  # type: ignore[operator]


def summed(days: pl.DataFrame, *, first: date, last: date) -> Sum:
    """What the days from first to last, both included, add up to."""
    wanted = ("offered", "answered", "numerator", "denominator", "abandoned", "abandoned_ringing")
    row = days.filter(pl.col("day").is_between(first, last)).select(pl.col(wanted).sum()).row(0, named=True)
    rated = with_rate(pl.DataFrame([row])).row(0, named=True)
    return Sum(
        first, last, row["offered"], row["answered"], row["abandoned"] + row["abandoned_ringing"],
        row["numerator"], row["denominator"], rated["rate"], rated["low"], rated["high"],
    )  # fmt: skip


def add_up(rows: pl.DataFrame, *, by: Iterable[str | pl.Expr]) -> pl.DataFrame:
    """Rows of counts added within groups, with the rate of each sum."""
    present = [name for name in COUNTS if name in rows.columns]
    return with_rate(rows.group_by(*by, maintain_order=True).agg(pl.col(present).sum()))


def with_rate(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with `rate`, `low` and `high` from their own numerator and denominator (Wilson, 95%)."""
    n = pl.col("denominator").cast(pl.Float64)
    p = pl.when(n > 0).then(pl.col("numerator") / n)
    middle = (p + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z * (p * (1 - p) / n + Z**2 / (4 * n**2)).sqrt() / (1 + Z**2 / n)
    return rows.with_columns(rate=p, low=(middle - half).clip(0, 1), high=(middle + half).clip(0, 1))
