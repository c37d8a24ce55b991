"""Which data files make up a table, and how do they change all at once?

A table is a Delta Lake folder: Parquet files by month, and a log that says which of them count.
"""

import json
import shutil
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties, Schema, Transaction
from deltalake.exceptions import CommitFailedError, DeltaError
from deltalake.transaction import AddAction, RemoveAction

from kcas.calls.call import INTERVAL_SCHEMA, SCHEMA
from kcas.calls.store_seal import LOG, last_whole, seal, write_through
from kcas.errors import StoreError

BATCHES = {"batch": pl.Int64(), "replaced_by": pl.Int64()}
"""Which batch brought a row, and which replaced it; `replaced_by` is null where the row is current."""

APPLICATION = "kcas"
"""Names the number of the last batch in the log; every commit writes it, so two writers can never both win."""

SETTINGS = {
    "delta.logRetentionDuration": "interval 36500 days",  # the log is the record of what was read
    "delta.enableExpiredLogCleanup": "false",
    "delta.dataSkippingStatsColumns": "batch,replaced_by",  # ours add the moment; no token may stay in the log
}
NO_HOOKS = PostCommitHookProperties(create_checkpoint=False, cleanup_expired_logs=False)


class Overtaken(StoreError):
    """Another writer committed first; what we were about to write was decided on an older state."""


@dataclass(frozen=True)
class Shape:
    """What a table holds: its columns, what makes a row itself, and when it happened."""

    name: str
    schema: pl.Schema
    key: tuple[str, ...]
    moment: str
    beside: tuple[str, ...] = ()  # columns that may differ without the content being another

    @property
    def stored(self) -> pl.Schema:
        """The columns of its data files."""
        return pl.Schema({**self.schema, **BATCHES})

    @property
    def content(self) -> tuple[str, ...]:
        """The columns of which a difference makes a row another revision."""
        return tuple(column for column in self.schema if column not in (*self.key, *self.beside))


CALLS = Shape("calls", SCHEMA, key=("leg",), moment="entered", beside=("line",))
OF_CALLS = pl.Schema({**INTERVAL_SCHEMA, "of_calls": pl.Boolean()})
"""Interval rows, and whether we counted them ourselves of calls that have since been removed for good."""

INTERVALS = Shape(
    "intervals", OF_CALLS, key=("of_calls", "start", "end", "queue", "measure", "threshold"), moment="start"
)


@dataclass(frozen=True)
class DataFile:
    """One Parquet file of a table, as the log tells of it."""

    path: str
    size: int
    rows: int
    replaced: int  # how many of its rows are no longer current
    first: datetime
    last: datetime
    first_batch: int
    last_batch: int

    @property
    def month(self) -> str:
        return self.path.split("/")[0].removeprefix("month=")

    def to_json(self) -> dict[str, Any]:
        """Itself as it stands in a commit's metadata."""
        return {**self.__dict__, "first": self.first.isoformat(), "last": self.last.isoformat()}

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> "DataFile":
        """Itself read back."""
        moments = {name: datetime.fromisoformat(value[name]) for name in ("first", "last")}
        return DataFile(**{**value, **moments})


@dataclass(frozen=True)
class Change:
    """What a commit does to a table: files that come to count, files that no longer do."""

    adds: tuple[DataFile, ...] = ()
    removes: tuple[DataFile, ...] = ()


class Table:
    """A table at one version: its files, and the one way to change them."""

    def __init__(self, folder: Path, shape: Shape, *, at_most: int | None = None) -> None:
        self.folder, self.shape = folder / shape.name, shape
        self.version = last_whole(self.folder)
        self._delta = self._open()
        while at_most is not None and self.batch > at_most:
            self.version -= 1
            self._delta = self._open()
        self.files = self._files()

    def _open(self) -> DeltaTable | None:
        if self.version < 0:
            return None
        try:
            return DeltaTable(self.folder, version=self.version)
        except DeltaError:
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
            first = str(error).splitlines()[0]
            raise StoreError(f"{self.folder}: not a table that can be opened: {first}") from None

    def _files(self) -> tuple[DataFile, ...]:
        if self._delta is None:
            return ()
        actions = pl.DataFrame(self._delta.get_add_actions(flatten=True))
        return tuple(_told(row, moment=self.shape.moment) for row in actions.iter_rows(named=True))

    def number(self, application: str) -> int | None:
        """What the log last said of a numbered matter: the last batch, a file's sha256, how far one was read."""
        return None if self._delta is None else self._delta.transaction_version(application)

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
            raise StoreError(f"{self.folder}: no table can be made here: {str(error).splitlines()[0]}") from None
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
        properties = CommitProperties({"kcas": {**notes, "actions": lines}}, 0, transactions)
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
        seal(self.folder, delta.version())
        self._reopen()

    def write_through(self, change: Change) -> None:
        """Make a change's data files outlast a power cut, before any log tells of them."""
        write_through(self.folder / file.path for file in change.adds)

    def checkpoint(self) -> None:
        """Sum the log up, so that opening stays quick however many commits there are."""
        self._opened().create_checkpoint()
        log = self.folder / LOG
        write_through([*log.glob(f"{self.version:020d}.checkpoint*"), log / "_last_checkpoint"])

    def _opened(self) -> DeltaTable:
        if self._delta is None:
            raise StoreError(f"{self.folder}: there is no table here.")
        return self._delta

    def _reopen(self) -> None:
        self.version = last_whole(self.folder)
        self._delta = self._open()
        self.files = self._files()


def write_file(table: Path, frame: pl.DataFrame, *, shape: Shape, month: str, batch: int) -> DataFile:
    """A Parquet file of one month's rows, in the table's folder but not yet in its log."""
    path = f"month={month}/{batch:08d}-{uuid.uuid4().hex}.parquet"
    (table / path).parent.mkdir(parents=True, exist_ok=True)
    frame.select(shape.stored.names()).write_parquet(
        table / path, compression="zstd", compression_level=1, row_group_size=131_072
    )
    first, last = span(frame[shape.moment])
    first_batch, last_batch = span(frame["batch"])
    return DataFile(
        path,
        size=(table / path).stat().st_size,
        rows=frame.height,
        replaced=frame.height - frame["replaced_by"].null_count(),
        first=first,
        last=last,
        first_batch=first_batch,
        last_batch=last_batch,
    )


def span(column: pl.Series) -> tuple[Any, Any]:
    """The least and the greatest of a column."""
    return column.min(), column.max()


def read_file(table: Path, file: DataFile, *, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """A data file's rows, in their order."""
    return pl.read_parquet(table / file.path, columns=list(columns) if columns else None, hive_partitioning=False)


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
    return DataFile(
        row["path"],
        size=row["size_bytes"],
        rows=row["num_records"],
        replaced=row["num_records"] - row["null_count.replaced_by"],
        first=row[f"min.{moment}"],
        last=row[f"max.{moment}"],
        first_batch=row["min.batch"],
        last_batch=row["max.batch"],
    )


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _foreign(schema: pl.Schema) -> dict[str, Any]:
    """The columns as any engine knows them: an outcome is text."""
    return {name: pl.String if isinstance(dtype, pl.Enum) else dtype for name, dtype in schema.items()}
