"""Permanent deletion of calls, with the figures already published unchanged.

One commit takes the calls away and brings their tallies. Which half-hours stood at what is kept to the hour in
which a batch was committed: finer would be as good as keeping the calls.

Traces of forgotten days and of one caller, taken out of everything a store keeps besides the calls that count.

What a forgotten day leaves: the ledger's name, refusals and warnings of files that told of it, moments in the log's
own statistics, sums of the log, events of calls never told whole, and torn commits set aside. What an erased caller
leaves: a mark drawn at random for each day, so that each day's distinct callers stay as they were counted.

Tallies of calls that are to be deleted: the counts that keep past figures exact.

Half-hourly counts and totals by queue, and each day's distinct callers: figures, and no person in them. They
carry the batch that brought the calls and the batch that replaced them, so that "as at" still holds.
"""

import json
import secrets
import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any

import polars as pl

from kcas.calls.call import ALL_QUEUES, LOST, OFFERED, OUTCOMES
from kcas.calls.callers import with_reached
from kcas.calls.desk_day import Calendar, date_of
from kcas.calls.store.files import CALLS, INTERVALS, Batch, Change, DataFile, write_file
from kcas.calls.store.read import read_file, rows, scan
from kcas.calls.store.rewriting import (
    READERS_HAVE,
    Action,
    one_checkpoint,
    rewrite_log,
    rewrite_loose,
    rewrite_rows,
    sweep,
    sweep_loose,
)
from kcas.calls.store.seal import put_in_place
from kcas.calls.store.table import Table
from kcas.calls.store.write import FORGOTTEN, Tables

NAMELESS = "forgotten"
ERASED = "erased.json"
"""Keyed digests of erased callers' tokens: of these no token is kept again, whatever logs are read."""

_MOMENT = 2
"""The place of the moment, in microseconds since 1970, in an event kept for a call that is not whole yet."""
MARK_BYTES = 16


@dataclass(frozen=True)
class Erased:
    """What became of one caller's calls."""

    calls: int  # rows that no longer bear the caller, earlier revisions included
    files_deleted: int
    files_waiting: int


def forget_traces(tables: Tables, cutoff: datetime) -> None:
    """Take every trace of the days before a moment out of the log, the ledger and what lies beside the tables."""
    shutil.rmtree(tables.folder / "set-aside", ignore_errors=True)
    micros = int(cutoff.timestamp() * 1_000_000)
    rewrite_loose(tables, lambda event: event if json.loads(event)[_MOMENT] >= micros else None)
    of_figures = _batches_of_figures(tables)
    counting = {file.path for file in tables.calls.files}

    def revise(action: Action) -> Action:
        if "add" in action and action["add"]["path"] not in counting:
            return {"add": {**action["add"], "stats": json.dumps({"numRecords": _rows(action["add"])})}}
        if "commitInfo" in action and "file" in action["commitInfo"].get("kcas", {}):
            notes = action["commitInfo"]["kcas"]
            if notes["batch"] not in of_figures:
                return {"commitInfo": {**action["commitInfo"], "kcas": without_days(notes, cutoff)}}
        return action

    rewrite_log(tables.calls.folder, revise)
    for table in (tables.calls, tables.intervals):
        one_checkpoint(table)


def without_days(notes: Mapping[str, Any], cutoff: datetime) -> dict[str, Any]:
    """The ledger's line of a file less what it says of days before a moment; its counts stay."""
    file, added = dict(notes["file"]), dict(notes["added"])
    first, last = (datetime.fromisoformat(added[each]) if added[each] else None for each in ("first", "last"))
    if first and first >= cutoff:
        return dict(notes)
    file |= {"refusals": [], "warnings": [], "forgotten": True}
    if last and last >= cutoff:
        added["first"] = cutoff.isoformat()
    else:
        file["name"] = f"invented, {NAMELESS}" if "invented" in file["name"].casefold() else NAMELESS
        added["first"] = added["last"] = None
    return {**notes, "file": file, "added": added}


def _rows(add: Mapping[str, Any]) -> int:
    return int(json.loads(add.get("stats") or "{}").get("numRecords", 0))


def _batches_of_figures(tables: Tables) -> set[int]:
    """The files that were tables of intervals: figures, which stay."""
    held = scan(tables.intervals.folder, tables.intervals.files, shape=INTERVALS).filter(~pl.col("of_calls"))
    return set(held.select(pl.col("batch").unique()).collect(engine="streaming")["batch"])


def erase_caller(tables: Tables, tokens: Collection[str], *, calendar: Calendar, at_once: bool) -> Erased:
    """Take one caller's tokens out of every row and event. All counts and rates stay as they were."""
    calls, table = scan(tables.calls.folder, tables.calls.files, shape=CALLS), tables.calls
    wanted = pl.Series(sorted(tokens), dtype=pl.String)
    theirs = calls.filter(pl.col("caller").is_in(wanted.implode())).select("contact", "entered").collect()
    contacts = _spans(calls, theirs["contact"].drop_nulls().unique())
    salt = secrets.token_bytes(MARK_BYTES)  # forgotten when this returns: no mark can be made again

    def revise(rows: pl.DataFrame) -> pl.DataFrame:
        return with_marks(rows, wanted, contacts, calendar=calendar, salt=salt)

    files = rewrite_rows(table, revise, what="erased a caller", numbers={})
    rewrite_loose(tables, lambda event: without_tokens(event, tokens))
    deleted = 0
    if files:
        sweep_loose(tables, older_than=-1 if at_once else READERS_HAVE)
        deleted = sweep(table, older_than=-1 if at_once else READERS_HAVE)
    return Erased(theirs.height, deleted, 0 if at_once else files)


def _spans(calls: pl.LazyFrame, contacts: pl.Series) -> pl.DataFrame:
    """The contacts of a caller, and whether each is more than one day long, as one made of a number is."""
    rows = calls.filter(pl.col("contact").is_in(contacts.implode()))
    span = pl.col("entered").max() - pl.col("entered").min()
    return rows.group_by("contact").agg(by_day=span >= timedelta(days=1)).collect(engine="streaming")


def with_marks(
    rows: pl.DataFrame, tokens: pl.Series, contacts: pl.DataFrame, *, calendar: Calendar, salt: bytes
) -> pl.DataFrame:
    """Rows with a day's mark for the caller, and another reference for what ties their legs together."""
    day = calendar.day(pl.col("entered")).cast(pl.String)
    whose = pl.col("caller").is_in(tokens.implode())
    tied = rows.join(contacts, on="contact", how="left", maintain_order="left")
    parts = tied.select(
        caller=pl.when(whose).then(pl.concat_str(pl.lit("caller "), day)),
        contact=pl.when(pl.col("by_day").is_not_null()).then(
            pl.concat_str("contact", pl.when("by_day").then(day).otherwise(pl.lit("")), separator=" ")
        ),
    )
    marks = parts.with_columns(_marked(parts[name], salt) for name in parts.columns)
    return rows.with_columns(
        caller=pl.coalesce(marks["caller"], rows["caller"]), contact=pl.coalesce(marks["contact"], rows["contact"])
    )


def _marked(texts: pl.Series, salt: bytes) -> pl.Series:
    """A mark for each distinct text, which no one can make again once the salt is gone."""
    known = texts.drop_nulls().unique()
    made = [blake2b(text.encode(), key=salt, digest_size=MARK_BYTES).hexdigest() for text in known]
    return texts.replace_strict(known, pl.Series(made, dtype=pl.String), default=None, return_dtype=pl.String)


def without_tokens(event: str, tokens: Collection[str]) -> str:
    """An event of a call that is not whole yet, without the caller."""
    parts = json.loads(event)
    return json.dumps([None if isinstance(part, str) and part in tokens else part for part in parts])


def erased_callers(folder: Path) -> frozenset[str]:
    """The digests of erased callers' tokens."""
    try:
        return frozenset(json.loads((folder / ERASED).read_text(encoding="utf-8")))
    except FileNotFoundError:
        return frozenset()


def note_erased(folder: Path, digests: Collection[str]) -> None:
    """Add digests of tokens to those of which none is kept again."""
    put_in_place(folder / ERASED, json.dumps(sorted({*erased_callers(folder), *digests})) + "\n")


HALF_HOUR = timedelta(minutes=30)
THRESHOLDS = (5, 6, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300)
"""Seconds at which a published definition or service level divides the waits."""

NEEDED = (
    "contact",
    "queue",
    "entered",
    "outcome",
    "wait",
    "talk",
    "hold",
    "wrap",
    "caller",
    "line",
    "batch",
    "replaced_by",
)
SPLIT = "|"
REVISION = ("batch", "replaced_by")


def tallies(calls: pl.DataFrame, *, calendar: Calendar, thresholds: Iterable[float]) -> pl.DataFrame:
    """Half-hourly and daily tallies of whole local days of calls, all revisions, as rows of the intervals table.

    The calls bear a further column, `reached`: whether a later leg of the same contact was answered.
    """
    parts = [
        _half_hours(calls, zone=calendar.zone, thresholds=sorted({*THRESHOLDS, *thresholds})),
        _days(calls, calendar=calendar),
    ]
    return pl.concat([part.select(INTERVALS.stored.names()).cast(INTERVALS.stored) for part in parts])


def _half_hours(calls: pl.DataFrame, *, zone: str, thresholds: Sequence[float]) -> pl.DataFrame:
    """Counts and totals of each half-hour of the local clock, queue and revision. Zero is recorded as zero."""
    local = pl.col("entered").dt.convert_time_zone(zone).dt.replace_time_zone(None).to_physical()
    into = pl.duration(microseconds=local % (HALF_HOUR // timedelta(microseconds=1)))
    counted = calls.group_by(pl.col("entered") - into, "queue", *REVISION).agg(_amounts(thresholds))
    long = counted.unpivot(index=["entered", "queue", *REVISION], variable_name="told", value_name="amount")
    told = pl.col("told").str.split_exact(SPLIT, 1).struct
    return long.filter(pl.col("amount").is_not_null()).with_columns(
        start="entered",
        end=pl.col("entered") + HALF_HOUR,
        measure=told.field("field_0"),
        threshold=told.field("field_1").cast(pl.Float64),
        of_calls=True,
    )


def _days(calls: pl.DataFrame, *, calendar: Calendar) -> pl.DataFrame:
    """Each local day's distinct callers, and those never answered, by queue and over all queues."""
    day = calendar.day(pl.col("entered")).alias("day")
    known = calls.filter(
        pl.col("replaced_by").is_null(), pl.col("caller").is_not_null(), pl.col("outcome") != "open"
    ).with_columns(day)
    answered = (pl.col("outcome") == "answered").any().over("day", "caller")  # in whatever queue: see callers.py
    known = known.with_columns(answered=answered)
    parts = [_callers(known), _callers(known.with_columns(queue=pl.lit(ALL_QUEUES)))]
    counted = pl.concat(parts).with_columns(threshold=None, replaced_by=None, of_calls=True)
    dates = counted["day"].unique()
    starts = {each: calendar.start(each) for each in dates}
    ends = {each: calendar.start(each + timedelta(days=1)) for each in dates}
    moment = INTERVALS.schema["start"]
    return counted.with_columns(
        start=pl.col("day").replace_strict(starts, return_dtype=moment),
        end=pl.col("day").replace_strict(ends, return_dtype=moment),
    )


def _callers(known: pl.DataFrame) -> pl.DataFrame:
    of_caller = known.group_by("day", "queue", "caller").agg(
        lost=~pl.col("answered").any(), batch=pl.col("batch").max()
    )
    counted = of_caller.group_by("day", "queue").agg(
        pl.col("batch").max(), callers=pl.len().cast(pl.Float64), callers_lost=pl.col("lost").sum().cast(pl.Float64)
    )
    return counted.unpivot(index=["day", "queue", "batch"], variable_name="measure", value_name="amount")


def _amounts(thresholds: Sequence[float]) -> list[pl.Expr]:
    outcome, wait = pl.col("outcome"), pl.col("wait")
    answered, lost = outcome == "answered", outcome.is_in(LOST)
    handled = answered & pl.col("talk").is_not_null()
    amounts = {name: (outcome == name).sum() for name in OUTCOMES}
    amounts["callback_unreached"] = ((outcome == "callback") & ~pl.col("reached")).sum()
    amounts["offered"] = outcome.is_in(OFFERED).sum()
    for each in thresholds:
        amounts[f"abandoned_within{SPLIT}{each}"] = (lost & (wait <= each)).sum()
        amounts[f"abandoned_below{SPLIT}{each}"] = (lost & (wait < each)).sum()
        amounts[f"abandoned_over{SPLIT}{each}"] = lost.sum() - (lost & (wait <= each)).sum()
        amounts[f"answered_within{SPLIT}{each}"] = (answered & (wait <= each)).sum()
    for name, which in (("answered", answered), ("abandoned", lost)):
        amounts[f"wait_{name}"] = wait.filter(which).sum()
        amounts[f"{name}_timed"] = (which & wait.is_not_null()).sum()
    amounts |= {name: pl.col(name).filter(handled).sum() for name in ("talk", "hold", "wrap")}
    amounts["handled"] = handled.sum()
    amounts["longest_wait"] = wait.filter(outcome.is_in(OFFERED)).max()
    return [amount.cast(pl.Float64).alias(name) for name, amount in amounts.items()]


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
