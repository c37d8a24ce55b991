"""Traces of forgotten days and of one caller, taken out of everything a store keeps besides the calls that count.

What a forgotten day leaves: the ledger's name, refusals and warnings of files that told of it, moments in the log's
own statistics, sums of the log, events of calls never told whole, and torn commits set aside. What an erased caller
leaves: a mark drawn at random for each day, so that each day's distinct callers stay as they were counted.
"""

import json
import secrets
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any

import polars as pl

from kcas.calls.desk_day import Calendar
from kcas.calls.store.compact import READERS_HAVE, sweep, sweep_loose
from kcas.calls.store.files import CALLS, INTERVALS
from kcas.calls.store.read import scan
from kcas.calls.store.rewriting import Action, one_checkpoint, rewrite_log, rewrite_loose, rewrite_rows
from kcas.calls.store.seal import put_in_place
from kcas.calls.store.write import Tables

NAMELESS = "forgotten"
ERASED = "erased.json"
"""Keyed digests of erased callers' tokens: of these no token is kept again, whatever logs are read."""

MOMENT = 2
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
    rewrite_loose(tables, lambda event: event if json.loads(event)[MOMENT] >= micros else None)
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
