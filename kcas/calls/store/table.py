"""A table's data files, changed all at once by one commit.

A table is a Delta Lake folder: Parquet files by month, and a log that says which of them count.
"""

import json
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import unquote

import numpy as np
import polars as pl
from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties, Schema, Transaction
from deltalake.exceptions import CommitFailedError, DeltaError
from deltalake.transaction import AddAction, RemoveAction

from kcas.calls.store import ledger
from kcas.calls.store.files import Change, DataFile, Shape, reason
from kcas.calls.store.seal import LOG, checkpoints_hold, last_whole, seal, write_through
from kcas.errors import StoreError

APPLICATION = "kcas"
"""Names the number of the last batch in the log; every commit writes it, so two writers can never both win."""

SETTINGS = {
    "delta.logRetentionDuration": "interval 36500 days",  # the log is the record of what was read
    "delta.enableExpiredLogCleanup": "false",
    "delta.dataSkippingStatsColumns": "batch,replaced_by",  # ours add the moment; no token may stay in the log
}
EVER = (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC))
NO_HOOKS = PostCommitHookProperties(create_checkpoint=False, cleanup_expired_logs=False)


class Overtaken(StoreError):
    """Another writer committed first; what we were about to write was decided on an older state."""


@dataclass
class FoundInFile:
    """What was found in a data file by those who had to look at every one."""

    keys: np.ndarray | None = None  # sorted
    unfinished: pl.DataFrame | None = None


class Table:
    """A table at one version: its files, and the one way to change them.

    `all_entries`: whether also the entries of the log that this process has verified before are looked at again.
    """

    def __init__(self, folder: Path, shape: Shape, *, at_most: int | None = None, all_entries: bool = False) -> None:
        self.folder, self.shape = folder / shape.name, shape
        self.version = last_whole(self.folder)
        self.tidied = max(self.version, 0)  # up to which version small files were merged and the log was summed up
        self.found: dict[str, FoundInFile] = {}  # by data file, which never changes
        self._numbers: dict[str, int | None] = {}
        self._copy: TemporaryDirectory[str] | None = None
        ledger.check(self.folder, self.version, all_entries=all_entries)
        self._delta = self._open()
        while at_most is not None and self.batch > at_most:
            self.version -= 1
            self._delta = self._open()
        self.files = self._files()

    def _open(self) -> DeltaTable | None:
        self._numbers.clear()  # of another version
        if self.version < 0:
            return None
        try:
            if checkpoints_hold(self.folder):
                return DeltaTable(self.folder, version=self.version)
        except DeltaError:
            pass
        return self._open_without_checkpoint()

    def _open_without_checkpoint(self) -> DeltaTable:
        """The same from the commits alone, as a torn checkpoint makes the table unreadable to its library."""
        self._copy = TemporaryDirectory(prefix="kcas-")  # as long as the table: its library reads the log when asked
        log = Path(self._copy.name) / LOG
        log.mkdir()
        for commit in (self.folder / LOG).glob("*.json"):
            shutil.copy(commit, log)
        try:
            return DeltaTable(self._copy.name, version=self.version)
        except DeltaError as error:
            raise StoreError(f"{self.folder}: not a table that can be opened: {reason(error)}.") from None

    def _files(self) -> tuple[DataFile, ...]:
        if self._delta is None:
            return ()
        actions = pl.DataFrame(self._delta.get_add_actions(flatten=True))
        return tuple(_told(row, moment=self.shape.moment) for row in actions.iter_rows(named=True))

    def number(self, application: str) -> int | None:
        """What the log last said of a numbered matter: the last batch, a file's sha256, how far one was read."""
        if self._delta is None:
            return None
        if application not in self._numbers:  # its library looks through the whole log for one that is not there
            self._numbers[application] = self._delta.transaction_version(application)
        return self._numbers[application]

    @property
    def batch(self) -> int:
        """The number of the last batch committed; 0 before the first."""
        return self.number(APPLICATION) or 0

    def create(self) -> None:
        """Make the empty table."""
        self.folder.mkdir(parents=True, exist_ok=True)
        arrow = pl.DataFrame(schema={**_foreign(self.shape.stored), "month": pl.String}).to_arrow().schema
        skipping = f"{self.shape.moment},{SETTINGS['delta.dataSkippingStatsColumns']}"
        settings = {**SETTINGS, "delta.dataSkippingStatsColumns": skipping}
        try:
            DeltaTable.create(
                self.folder, Schema.from_arrow(arrow), partition_by=["month"], configuration=settings, mode="ignore"
            )
        except (DeltaError, OSError) as error:
            raise StoreError(f"{self.folder}: no table can be made here: {reason(error)}.") from None
        self._reopen()

    def commit(
        self,
        change: Change,
        *,
        batch: int,
        notes: Mapping[str, Any],
        numbers: Mapping[str, int],
        same_rows: bool = False,
    ) -> None:
        """All of the change or nothing, written through and sealed. Raises Overtaken if another got in first."""
        delta = self._opened()
        self.write_through(change)
        transactions = [Transaction(name, version) for name, version in {APPLICATION: batch, **numbers}.items()]
        actions: list[AddAction | RemoveAction] = [
            *(_remove(file, same_rows=same_rows) for file in change.removes),
            *(_add(file, moment=self.shape.moment, same_rows=same_rows) for file in change.adds),
        ]
        lines = 1 + len(actions) + len(transactions)
        entry = {**notes, **ledger.link(self.folder, self.version), "actions": lines}
        properties = CommitProperties({"kcas": entry}, 0, transactions)
        try:
            delta.create_write_transaction(
                actions,
                "append",
                delta.schema(),
                ["month"],
                commit_properties=properties,
                post_commithook_properties=NO_HOOKS,
            )
        except CommitFailedError:
            raise Overtaken(f"{self.folder}: another writer got in first; nothing was kept. Run it again.") from None
        except DeltaError as error:
            raise StoreError(f"{self.folder}: the commit could not be written: {reason(error)}.") from None
        seal(self.folder, self.version + 1)  # the library's own object stays at the version it was opened at
        self._go_on({APPLICATION: batch, **numbers})

    def write_through(self, change: Change) -> None:
        """Make a change's data files outlast a power cut, before any log tells of them."""
        write_through(self.folder / file.path for file in change.adds)

    def due(self, versions: int) -> bool:
        """Whether so many versions have gone by since it was tidied."""
        return self.version // versions > self.tidied // versions

    def checkpoint(self) -> None:
        """Sum the log up, so that opening stays quick however many commits there are."""
        self._opened().create_checkpoint()
        log = self.folder / LOG
        files = [*log.glob(f"{self.version:020d}.checkpoint*"), log / "_last_checkpoint"]
        write_through(files)
        seal(self.folder, self.version, files=files)

    def _opened(self) -> DeltaTable:
        if self._delta is None:
            raise StoreError(f"{self.folder}: there is no table here.")
        return self._delta

    def _reopen(self) -> None:
        self.version = last_whole(self.folder)
        self._delta = self._open()
        self.files = self._files()

    def _go_on(self, numbers: Mapping[str, int]) -> None:
        """Be at the version just committed, which needs no more than its one entry to be read."""
        version = last_whole(self.folder)
        delta = self._opened()
        if version != self.version + 1 or self._copy is not None:
            self._reopen()
            return
        try:
            delta.update_incremental()
        except DeltaError:
            self._reopen()
            return
        if delta.version() != version:  # a writer on another machine has gone further
            self._reopen()
            return
        self.version = version
        self._numbers |= numbers
        self.files = self._files()


def _add(file: DataFile, *, moment: str, same_rows: bool) -> AddAction:
    stats = {
        "numRecords": file.rows,
        "minValues": {moment: _stamp(file.first), "batch": file.first_batch},
        "maxValues": {moment: _stamp(file.last), "batch": file.last_batch},
        "nullCount": {moment: 0, "batch": 0, "replaced_by": file.rows - file.replaced},
    }
    return AddAction(
        file.path, file.size, {"month": file.month}, int(time.time() * 1000), not same_rows, json.dumps(stats)
    )


def _remove(file: DataFile, *, same_rows: bool) -> RemoveAction:
    return RemoveAction(file.path, not same_rows, int(time.time() * 1000), file.size, {"month": file.month})


def _told(row: Mapping[str, Any], *, moment: str) -> DataFile:
    """A file as the log tells of it; where another engine left its figures out, nothing is presumed."""
    rows, current = row["num_records"] or 0, row.get("null_count.replaced_by") or 0
    return DataFile(
        row["path"],
        size=row["size_bytes"],
        rows=rows,
        replaced=max(rows - current, 0 if rows else 1),
        first=row.get(f"min.{moment}") or EVER[0],
        last=row.get(f"max.{moment}") or EVER[1],
        first_batch=row.get("min.batch") or 0,
        last_batch=row.get("max.batch") or 0,
    )


def data_file(add: Mapping[str, Any], *, moment: str) -> DataFile:
    """A file as an entry of the log adds it."""
    stats = json.loads(add.get("stats") or "{}")
    least, most = stats.get("minValues", {}), stats.get("maxValues", {})
    row = {
        "path": unquote(add["path"]),
        "size_bytes": add["size"],
        "num_records": stats.get("numRecords"),
        "null_count.replaced_by": stats.get("nullCount", {}).get("replaced_by"),
        f"min.{moment}": _moment(least.get(moment)),
        f"max.{moment}": _moment(most.get(moment)),
        "min.batch": least.get("batch"),
        "max.batch": most.get("batch"),
    }
    return _told(row, moment=moment)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _foreign(schema: pl.Schema) -> dict[str, Any]:
    """The columns as any engine knows them: an outcome is text."""
    return {name: pl.String if isinstance(dtype, pl.Enum) else dtype for name, dtype in schema.items()}
