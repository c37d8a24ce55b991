"""The store's folder: its tables, and what each imported file added.

A folder with two tables, calls and intervals, that one process writes while others read. Every reading sees
the last whole commit; opening a store writes nothing.
"""

import os
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from kcas.calls.call import SCHEMA, empty
from kcas.calls.desk_day import Calendar
from kcas.calls.store.add import add, check_key
from kcas.calls.store.check import Checked, Repaired, check, repair
from kcas.calls.store.files import CALLS, INTERVALS, Added, Batch, Record, Unfinished, identity_of
from kcas.calls.store.forget import (
    Erased,
    Forgotten,
    erase_caller,
    erased_callers,
    forget,
    last_of_its_hour,
    note_erased,
)
from kcas.calls.store.ledger import Ledger, log_named_in
from kcas.calls.store.read import every_row, found_unfinished, rows
from kcas.calls.store.rewriting import (
    Published,
    compact,
    one_checkpoint,
    publish,
    rewrite_log,
    rewrite_loose,
    rewrite_rows,
    sweep,
    sweep_loose,
    tidy,
    with_notes,
)
from kcas.calls.store.seal import entry, last_whole, newest_of
from kcas.calls.store.stage import unfinished_rows
from kcas.calls.store.table import Table
from kcas.calls.store.write import (
    DIGESTS_FROM,
    ESCAPED,
    FORGOTTEN,
    IDENTITIES,
    KEY,
    LOOSE,
    NEW_TABLE,
    PLAIN,
    Opened,
    is_store,
    layout_of,
    loose_file,
    pending,
    raise_layout,
    writing,
)
from kcas.errors import StoreError


class Store:
    """The calls kept in one folder. `patience` is how long to wait for another writer to be done."""

    def __init__(self, folder: Path, *, patience: float = 30.0) -> None:
        self.folder = Path(folder)
        self.patience = patience
        self._ledger = Ledger(self.folder / CALLS.name)
        self._kept_open = Opened(self.folder)

    def __repr__(self) -> str:
        return f"Store({str(self.folder)!r})"

    def __reduce__(self) -> tuple[Any, tuple[Path]]:
        """Another process opens the folder for itself."""
        return partial(Store, patience=self.patience), (self.folder,)

    @property
    def exists(self) -> bool:
        """Whether anything was ever kept here. Raises StoreError where a later program did."""
        return is_store(self.folder) and self.version() > NEW_TABLE

    def owns(self, path: Path) -> bool:
        """Whether a path lies in the store, or next to it as a record or as a mapping: no log."""
        own = os.path.realpath(self.folder)
        asked = os.path.realpath(path)
        beside = (own, f"{own}-faults.log", f"{own}-watch", f"{own}-mappings")
        return asked in beside or asked.startswith((own + os.sep, f"{own}-mappings{os.sep}"))

    def version(self) -> int:
        """Grows with every commit; -1 where there is nothing yet. Cheap enough to ask every second."""
        return last_whole(self.folder / CALLS.name)

    def warnings(self) -> tuple[str, ...]:
        """What must be said beside every figure: that the last commits are damaged, and left out."""
        table = self.folder / CALLS.name
        left_out = [entry(table, each) for each in range(self.version() + 1, newest_of(table) + 1)]
        if not left_out:
            return ()
        named = [name for path in left_out for name in log_named_in(path)]
        without = f", without {', '.join(named)}" if named else ""
        return (
            f"The last commit of {self.folder} is torn or damaged ({left_out[0].name}): these figures are those of "
            f"the commit before it{without}. Read the last log again: kcas ingest.",
        )

    def check(self) -> Checked:
        """Compare everything here with its checksums, and the ledger's counts with the rows."""
        return check(self.folder)

    def repair(self) -> Repaired:
        """Take damaged data files out, and let the logs that they came from be read again."""
        with writing(self.folder, patience=self.patience) as tables:
            return repair(tables, batches=self.batches())

    def calls(self, as_at: datetime | None = None) -> pl.LazyFrame:
        """The current calls, or those that were current at a moment: the columns of a call, and `batch`."""
        return rows(self._calls(all_entries=True), batch=self._batch_at(as_at))

    def intervals(self, as_at: datetime | None = None) -> pl.LazyFrame:
        """The current rows of interval tables, or those that were current at a moment; `of_calls` marks kept figures.

        The figures kept of forgotten calls are known to the hour: at a moment within one, as they stood at its end.
        """
        calls = self._calls(all_entries=True)
        intervals = Table(self.folder, INTERVALS, at_most=calls.batch, all_entries=True)
        waiting, batch = pending(calls, intervals), self._batch_at(as_at)
        if batch is None:
            return rows(intervals, batch=None, pending=waiting)
        later = last_of_its_hour(self.batches()).get(batch, batch)
        own = rows(intervals, batch=batch, pending=waiting).filter(~pl.col("of_calls"))
        return pl.concat([own, rows(intervals, batch=later, pending=waiting).filter(pl.col("of_calls"))])

    def figures_stand_at(self, as_at: datetime) -> datetime | None:
        """The later moment of which the figures kept of forgotten calls are, where they are not known of this one."""
        batches, batch = self.batches(), self._batch_at(as_at) or 0
        later = last_of_its_hour(batches).get(batch, batch)
        if later == batch or self.forgotten_before() is None:
            return None
        calls = self._calls()
        intervals = Table(self.folder, INTERVALS, at_most=calls.batch)
        changed = pl.col("batch").is_between(batch + 1, later) | pl.col("replaced_by").is_between(batch + 1, later)
        kept = every_row(intervals, pending=pending(calls, intervals)).filter(pl.col("of_calls") & changed)
        if kept.head(1).collect().is_empty():
            return None
        return next(each.committed for each in batches if each.number == later)

    def batches(self) -> list[Batch]:
        """The ledger: every file taken in, oldest first."""
        return self._ledger.batches(self.version())

    def has(self, sha256: str, *, reading: str = "") -> Batch | None:
        """The record of a file with this content, if it has been taken in, read in this way."""
        number = self._calls().number(identity_of(sha256, reading=reading))
        return next((each for each in self.batches() if each.number == number), None) if number else None

    def position(self, application: str) -> int:
        """How far a growing file has been read, in bytes; 0 where it is not known."""
        return self._calls().number(application) or 0

    def forgotten_before(self) -> datetime | None:
        """The moment before which calls have been permanently deleted, if any have been."""
        second = self._calls().number(FORGOTTEN)
        return None if second is None else datetime.fromtimestamp(second, UTC)

    def unfinished(self, format_key: str) -> Unfinished:
        """What earlier files of a format left open."""
        calls = self._calls()
        legs = found_unfinished(calls, which=unfinished_rows())
        if legs.height:
            batches = [each.number for each in self.batches() if each.record.format == format_key]
            legs = legs.filter(pl.col("batch").is_in(batches))
        number = calls.number(LOOSE + format_key)
        loose = pl.read_parquet(loose_file(self.folder, format_key, number))["event"] if number else ()
        return Unfinished(legs.select(*SCHEMA) if legs.height else empty(), tuple(loose))

    @property
    def key(self) -> str | None:
        """The fingerprint of the key its tokens were made with; None where that is not known."""
        number = self._calls().number(KEY)
        return None if number is None else f"{number:014x}"

    @property
    def identities(self) -> int:
        """How the parts of a reference are joined (`ESCAPED`, or `PLAIN` in stores that were begun before); 0 where
        references stand in clear, as a version before the digests wrote them."""
        calls = self._calls()
        done = calls.number(IDENTITIES) if layout_of(self.folder) >= DIGESTS_FROM else None
        return done or (0 if calls.batch else ESCAPED)

    def check_key(self, key: str) -> None:
        """Raise SettingError where the store's tokens were made with another key."""
        check_key(self.folder, self._calls(), key)

    @property
    def erased(self) -> frozenset[str]:
        """Digests of erased callers' tokens, of which none is kept again."""
        return erased_callers(self.folder)

    def erase(
        self, tokens: Collection[str], digests: Collection[str], *, zone: str, begins: int = 0, at_once: bool = False
    ) -> Erased:
        """Take one caller's tokens out of every row, and remember their digests so that none is kept again."""
        with writing(self.folder, patience=self.patience) as tables:
            note_erased(self.folder, digests)
            return erase_caller(tables, tokens, calendar=Calendar(zone, begins), at_once=at_once)

    def rewrite(
        self,
        *,
        calls: Callable[[pl.DataFrame], pl.DataFrame],
        intervals: Callable[[pl.DataFrame], pl.DataFrame],
        loose: Callable[[str], str | None],
        notes: Callable[[dict[str, Any]], dict[str, Any]],
        key: str,
    ) -> bool:
        """Bring a store of an older version up to date: rows, kept events, and what the log says of files.

        A run that died is taken up where it was. Returns whether it was this run that did so. The old data files are
        deleted at once.
        """
        with writing(self.folder, patience=self.patience) as tables:
            if layout_of(self.folder) >= DIGESTS_FROM or not tables.calls.batch:
                return False
            rewrite_rows(tables.intervals, intervals, what="brought up to date", numbers={})
            rewrite_loose(tables, loose)
            if not tables.calls.number(IDENTITIES):  # digests of digests would be wrong: this is done once
                numbers = {IDENTITIES: PLAIN, KEY: int(key, 16)}
                rewrite_rows(tables.calls, calls, what="brought up to date", numbers=numbers)
            rewrite_log(tables.calls.folder, lambda action: with_notes(action, notes))
            for table in (tables.calls, tables.intervals):
                one_checkpoint(table)
                sweep(table, older_than=-1)
            sweep_loose(tables, older_than=-1)
            raise_layout(self.folder)
        self._ledger.clear()
        return True

    def add(self, pieces: Iterable[pl.DataFrame], *, record: Callable[[], Record], key: str | None = None) -> Added:
        """Keep a file's rows, calls or intervals, and its record: all of it or nothing.

        `key` is the fingerprint of the key that made the tokens: the first is kept, another refused.
        `record` is asked once the pieces are exhausted. Whatever they or it raise leaves the store as it was.
        Raises Overtaken where a writer on another machine committed meanwhile: read the file again.
        """
        with writing(self.folder, patience=self.patience, opened=self._kept_open) as tables:
            added = add(tables, pieces, record=record, key=key)
            tidy(tables)
            return added

    def recover(self) -> list[str]:
        """Set aside what a power cut tore and finish what a kill left half done. Returns what it did, in words."""
        if not is_store(self.folder):
            return []
        with writing(self.folder, patience=self.patience) as tables:
            return tables.repairs

    def forget(
        self, before: date, *, zone: str, begins: int = 0, thresholds: Sequence[float] = (), at_once: bool = False
    ) -> Forgotten:
        """Remove the calls of every local day before a day for good, and keep tallies that carry no person.

        A day begins so many minutes after midnight in the zone.
        Their data files are deleted an hour later, when no reader can still have them open, or `at_once`.
        """
        with writing(self.folder, patience=self.patience) as tables:
            done = forget(
                tables, before, calendar=Calendar(zone, begins), thresholds=thresholds, at_once=at_once,
                batches=self.batches(),
            )  # fmt: skip
        self._ledger.clear()
        return done

    def publish(self, url: str) -> Published:
        """Bring a copy for other engines up to date in object storage."""
        return publish(self.folder, url)

    def compact(self) -> tuple[int, int]:
        """Make small files into large ones. Returns how many files there were and are."""
        with writing(self.folder, patience=self.patience) as tables:
            return compact(tables)

    def _calls(self, *, all_entries: bool = False) -> Table:
        is_store(self.folder)  # a store of a later layout must not be read as an empty one
        if not all_entries and (kept := self._kept_open.tables()):
            return kept.calls
        return Table(self.folder, CALLS, all_entries=all_entries)

    def _batch_at(self, moment: datetime | None) -> int | None:
        if moment is None:
            return None
        if moment.tzinfo is None:
            raise StoreError(f'"{moment}" has no UTC offset. Say which clock: 2026-03-01T09:00+00:00.')
        return max((each.number for each in self.batches() if each.committed <= moment), default=0)
