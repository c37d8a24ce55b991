"""Permanent deletion of calls, with the figures already published unchanged.

One commit takes the calls away and brings their tallies. Which half-hours stood at what is kept to the hour in
which a batch was committed: finer would be as good as keeping the calls.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import polars as pl

from kcas.calls.callers import with_reached
from kcas.calls.desk_day import Calendar, date_of
from kcas.calls.store.compact import READERS_HAVE, sweep, sweep_loose
from kcas.calls.store.erase import forget_traces
from kcas.calls.store.files import CALLS, INTERVALS, Change, DataFile, write_file
from kcas.calls.store.read import read_file, rows, scan
from kcas.calls.store.record import Batch
from kcas.calls.store.table import Table
from kcas.calls.store.tallies import NEEDED, tallies
from kcas.calls.store.write import FORGOTTEN, Tables


@dataclass(frozen=True)
class Forgotten:
    """What was removed, and what was kept of it."""

    before: date
    calls: int  # rows removed, earlier revisions included
    tallies: int  # rows of figures kept in their place
    files_deleted: int  # data files that are off the disk already
    files_waiting: int  # data files that will be, once no reader can have them open


def forget(
    tables: Tables, before: date, *, calendar: Calendar, thresholds: Sequence[float], at_once: bool,
    batches: Sequence[Batch],
) -> Forgotten:  # fmt: skip
    """Take away every call of a local day before `before`."""
    cutoff = calendar.start(before)
    removes = tuple(file for file in tables.calls.files if file.first < cutoff)
    removed = kept = 0
    if removes:
        change, removed = _remainder(tables, removes, cutoff=cutoff)
        figures = tuple(_figures(tables, removes, cutoff=cutoff, calendar=calendar, thresholds=thresholds,
                                 batches=batches))  # fmt: skip
        kept = sum(file.rows for file in figures)
        _commit(tables, change, Change(figures), before=before, cutoff=cutoff, removed=removed)
    elif (tables.calls.number(FORGOTTEN) or 0) < cutoff.timestamp():
        _commit(tables, Change(), Change(), before=before, cutoff=cutoff, removed=0)
    forget_traces(tables, cutoff)
    sweep_loose(tables, older_than=-1 if at_once else READERS_HAVE)
    deleted = sweep(tables.calls, older_than=-1 if at_once else READERS_HAVE)
    waiting = sum((tables.calls.folder / file.path).exists() for file in removes)
    return Forgotten(before, removed, kept, deleted, waiting)


def _commit(tables: Tables, calls: Change, figures: Change, *, before: date, cutoff: datetime, removed: int) -> None:
    moment = tables.moment()
    told = {"before": before.isoformat(), "calls": removed}
    notes = {"batch": tables.calls.batch + 1, "committed": moment.isoformat(), "forgot": told}
    tables.commit(calls, figures, notes=notes, numbers={FORGOTTEN: int(cutoff.timestamp())})


def _remainder(tables: Tables, removes: Sequence[DataFile], *, cutoff: datetime) -> tuple[Change, int]:
    """What stays of files that hold days on both sides, and how many rows do not stay."""
    stays, batch = [], tables.calls.batch + 1
    for file in removes:
        if file.last >= cutoff:
            rest = read_file(tables.calls.folder, file, shape=CALLS).filter(pl.col("entered") >= cutoff)
            stays.append(write_file(tables.calls.folder, rest, shape=CALLS, month=file.month, batch=batch))
    removed = sum(file.rows for file in removes) - sum(file.rows for file in stays)
    return Change(tuple(stays), tuple(removes)), removed


def _figures(
    tables: Tables,
    removes: Sequence[DataFile],
    *,
    cutoff: datetime,
    calendar: Calendar,
    thresholds: Sequence[float],
    batches: Sequence[Batch],
) -> Iterator[DataFile]:
    """Data files of tallies, a local month of calls at a time."""
    by_hour = last_of_its_hour(batches)
    calls = scan(tables.calls.folder, removes, shape=CALLS).select(NEEDED)
    for start, end in _months(min(file.first for file in removes), cutoff, calendar=calendar):
        month = calls.filter(pl.col("entered") >= start, pl.col("entered") < end).collect()
        month = month.with_columns(pl.col("batch", "replaced_by").replace(by_hour))
        month = month.filter(pl.col("replaced_by").is_null() | (pl.col("replaced_by") != pl.col("batch")))
        if month.height:
            figures = tallies(_with_reached(month, tables.calls), calendar=calendar, thresholds=thresholds)
            yield from _written(figures, tables.intervals, batch=tables.calls.batch + 1)


def _with_reached(calls: pl.DataFrame, table: Table) -> pl.DataFrame:
    """The calls, and of each callback whether a later leg of its contact, be it of another month, was answered."""
    callbacks = pl.col("outcome") == "callback"
    asked = with_reached(calls.lazy().filter(callbacks), rows(table, batch=None)).collect(engine="streaming")
    others = calls.filter(~callbacks).with_columns(reached=pl.lit(False))
    return pl.concat([asked.select(others.columns), others])


def _written(figures: pl.DataFrame, table: Table, *, batch: int) -> Iterator[DataFile]:
    by_month = figures.sort("start").with_columns(_month=pl.col("start").dt.strftime("%Y-%m"))
    for (month,), part in by_month.partition_by("_month", as_dict=True, include_key=False).items():
        yield write_file(table.folder, part, shape=INTERVALS, month=str(month), batch=batch)


def last_of_its_hour(batches: Sequence[Batch]) -> dict[int, int]:
    """For each batch, the last that was committed within the same hour."""
    last: dict[datetime, int] = {}
    for each in batches:
        last[_hour(each.committed)] = each.number
    return {each.number: last[_hour(each.committed)] for each in batches}


def _hour(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _months(first: datetime, end: datetime, *, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    """The local months from that of the first moment until the end, as spans of moments."""
    day = date_of(first, zone=calendar.zone, begins=calendar.begins)
    month = day.replace(day=1)
    while calendar.start(month) < end:
        after = (month + timedelta(days=31)).replace(day=1)
        yield calendar.start(month), min(calendar.start(after), end)
        month = after
