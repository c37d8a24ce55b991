"""Data files of a table and their columns.

A data file is Parquet, of one month, written once and never changed.
"""

import io
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from kcas.calls.call import INTERVAL_SCHEMA, SCHEMA
from kcas.calls.store import checksums
from kcas.errors import StoreError

BATCHES = {"batch": pl.Int64(), "replaced_by": pl.Int64()}
"""Which batch brought a row, and which replaced it; `replaced_by` is null where the row is current."""

COLOURS = re.compile(r"\x1b\[\d*m")
OURS = re.compile(r"month=\d{4}-\d\d/\d{8}-[0-9a-f]{32}(-[0-9a-f]{64})?\.parquet")


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
    def is_ours(self) -> bool:
        """Whether we wrote it; another engine that tidied the folder knows no outcomes, only text."""
        return OURS.fullmatch(self.path) is not None

    @property
    def sha256(self) -> str | None:
        """The SHA-256 of its content; None where it was written by another engine or an older kcas."""
        return checksums.expected(self.path)

    @property
    def month(self) -> str:
        """The month its rows belong to."""
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


def write_file(table: Path, frame: pl.DataFrame, *, shape: Shape, month: str, batch: int) -> DataFile:
    """A Parquet file of one month's rows, in the table's folder but not yet in its log."""
    written = io.BytesIO()
    frame.select(shape.stored.names()).write_parquet(
        written, compression="zstd", compression_level=1, row_group_size=131_072
    )
    sha256 = checksums.checksum(written.getbuffer())
    path = f"month={month}/{batch:08d}-{uuid.uuid4().hex}-{sha256}.parquet"
    try:
        (table / path).parent.mkdir(parents=True, exist_ok=True)
        (table / path).write_bytes(written.getbuffer())
    except OSError as error:  # a full disk, most likely
        (table / path).unlink(missing_ok=True)
        raise StoreError(f"{table.parent}: cannot be written: {error.strerror}. Nothing was kept.") from None
    checksums.remember(table / path, sha256)
    first, last = span(frame[shape.moment])
    first_batch, last_batch = span(frame["batch"])
    return DataFile(
        path,
        size=written.getbuffer().nbytes,
        rows=frame.height,
        replaced=frame.height - frame["replaced_by"].null_count(),
        first=first,
        last=last,
        first_batch=first_batch,
        last_batch=last_batch,
    )


def reason(error: Exception) -> str:
    """The innermost cause of what a library says over several coloured lines."""
    lines = [COLOURS.sub("", line).strip(" ↳") for line in str(error).splitlines()]
    return [line for line in lines if line][-1].rpartition("error: ")[2]


def span(column: pl.Series) -> tuple[Any, Any]:
    """The least and the greatest of a column."""
    return column.min(), column.max()
