"""Contents of a store: dates, queues, and whether it has caller tokens."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from kcas.calls.call import ALL_QUEUES
from kcas.calls.desk_day import date_of
from kcas.calls.store import Store

LATELY = timedelta(weeks=5)
MOMENT = timedelta(seconds=1)  # an interval that ends at midnight belongs to the day before


@dataclass(frozen=True)
class Contents:
    """The first and last moment on the desk's clock, the queues, and whether callers and interval tables are told.

    `intervals` counts the figures kept of forgotten calls as tables too; `own_tables` only what a switch told.
    """

    first: datetime
    last: datetime
    queues: tuple[str, ...]
    callers: bool
    intervals: bool
    own_tables: bool = False
    begins: int = 0  # minutes after midnight at which the desk's day begins

    @property
    def first_day(self) -> date:
        """The day of the desk on which the log begins."""
        return self._day(self.first)

    @property
    def last_day(self) -> date:
        """The day of the desk on which the log ends."""
        return self._day(self.last)

    def _day(self, moment: datetime) -> date:
        return date_of(moment, zone=str(moment.tzinfo), begins=self.begins)


def contents(store: Store, *, zone: str, begins: int = 0, as_at: datetime | None = None) -> Contents | None:
    """What a store holds, or held at a moment; None where that is neither calls nor intervals."""
    calls = extent(store.calls(as_at), first="entered", last="entered")
    tables = extent(store.intervals(as_at), first="start", last="end")
    told = pl.concat([calls, tables.with_columns(pl.col("last") - MOMENT)]).drop_nulls("first")
    if told.is_empty():
        return None
    first, last = told.select(pl.col("first").min(), pl.col("last").max()).row(0)
    queues = sorted({*told["queues"].explode()} - {ALL_QUEUES})
    clock = ZoneInfo(zone)
    return Contents(
        first.astimezone(clock),
        last.astimezone(clock),
        tuple(queues),
        tell_callers(store.calls(as_at), last=calls["last"].item()),
        tables["first"].item() is not None,
        not store.intervals(as_at).filter(~pl.col("of_calls")).head(1).collect().is_empty(),
        begins,
    )


def extent(rows: pl.LazyFrame, *, first: str, last: str) -> pl.DataFrame:
    """The first and last moment of rows, and their queues."""
    queues = pl.col("queue").unique().implode()
    return rows.select(first=pl.col(first).min(), last=pl.col(last).max(), queues=queues).collect(engine="streaming")


def tell_callers(calls: pl.LazyFrame, *, last: datetime | None) -> bool:
    """Whether the calls of the last weeks tell one caller from another; older ones may have been forgotten."""
    if last is None:
        return False
    lately = calls.filter(pl.col("entered") > last - LATELY)
    return bool(lately.select(pl.col("caller").is_not_null().any()).collect(engine="streaming").item())
