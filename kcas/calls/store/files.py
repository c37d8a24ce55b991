"""Data files of a table and their columns.

A data file is Parquet, of one month, written once and never changed.

SHA-256 checksums of the store's files: given when a file is written, compared when it is first read.

A data file carries its checksum in its name, so that it is part of the commit that adds the file and passes
through checkpoints, compaction and publication. A process compares each file once, and again if the file's
size or time of change is another.

Record of every file imported.

The ledger lives in the commits themselves: a file's rows and its record are kept by one act or not at all.
"""

import hashlib
import io
import re
import uuid
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from kcas.calls.call import INTERVAL_SCHEMA, SCHEMA, empty
from kcas.errors import StoreError

IN_NAME = re.compile(r"[-.]([0-9a-f]{64})\.parquet")
_REMEMBERED = 100_000
"""Files whose checksum a process remembers; then it forgets them all and starts again."""

_known: dict[tuple[str, int, int], str] = {}


def checksum(content: bytes | memoryview) -> str:
    """The SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def expected(path: str) -> str | None:
    """The checksum that a file's name carries; None where a file was written without one."""
    match = IN_NAME.search(path)
    return match[1] if match else None


def remember(path: Path, sha256: str) -> None:
    """Take a file for compared: its checksum was computed from the bytes just written."""
    if len(_known) >= _REMEMBERED:
        _known.clear()
    _known[_key(path)] = sha256


def of_file(path: Path) -> str:
    """The checksum of a file's content. Raises OSError where it cannot be read."""
    known = _known.get(_key(path))
    if known is None:
        with path.open("rb") as file:
            known = hashlib.file_digest(file, "sha256").hexdigest()
        remember(path, known)
    return known


def differing(expected: Mapping[Path, str]) -> list[Path]:
    """The files that are missing, cannot be read, or whose content is not what it was, in the order given."""
    unseen = [path for path, sha256 in expected.items() if _seen(path) != sha256]
    if len(unseen) <= 1:
        return [path for path in unseen if not _is(path, expected[path])]
    with ThreadPoolExecutor(2) as pool:  # hashing lets go of the interpreter lock
        same = list(pool.map(lambda path: _is(path, expected[path]), unseen))
    return [path for path, is_same in zip(unseen, same, strict=True) if not is_same]


def _is(path: Path, sha256: str) -> bool:
    try:
        return of_file(path) == sha256
    except OSError:
        return False


def _seen(path: Path) -> str | None:
    try:
        return _known.get(_key(path))
    except OSError:
        return None


def _key(path: Path) -> tuple[str, int, int]:
    stat = path.stat()
    return str(path), stat.st_size, stat.st_mtime_ns


BATCHES = {"batch": pl.Int64(), "replaced_by": pl.Int64()}
"""Which batch brought a row, and which replaced it; `replaced_by` is null where the row is current."""

COLOURS = re.compile(r"\x1b\[\d*m")
_OURS = re.compile(r"month=\d{4}-\d\d/\d{8}-[0-9a-f]{32}(-[0-9a-f]{64})?\.parquet")


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
_OF_CALLS = pl.Schema({**INTERVAL_SCHEMA, "of_calls": pl.Boolean()})
"""Interval rows, and whether we counted them ourselves of calls that have since been removed for good."""

INTERVALS = Shape(
    "intervals", _OF_CALLS, key=("of_calls", "start", "end", "queue", "measure", "threshold"), moment="start"
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
        return _OURS.fullmatch(self.path) is not None

    @property
    def sha256(self) -> str | None:
        """The SHA-256 of its content; None where it was written by another engine or an older kcas."""
        return expected(self.path)

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
    sha256 = checksum(written.getbuffer())
    path = f"month={month}/{batch:08d}-{uuid.uuid4().hex}-{sha256}.parquet"
    try:
        (table / path).parent.mkdir(parents=True, exist_ok=True)
        (table / path).write_bytes(written.getbuffer())
    except OSError as error:  # a full disk, most likely
        (table / path).unlink(missing_ok=True)
        raise StoreError(f"{table.parent}: cannot be written: {error.strerror}. Nothing was kept.") from None
    remember(table / path, sha256)
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


@dataclass(frozen=True)
class Record:
    """What the reader of a file says of it, once read to the end."""

    name: str
    sha256: str
    size: int
    format: str
    lines: int = 0
    call_lines: int = 0
    used: int = 0
    ignored: Mapping[str, int] = field(default_factory=dict)
    refused: int = 0
    refusals: tuple[Mapping[str, Any], ...] = ()  # the first few: line, column, reason
    warnings: tuple[str, ...] = ()
    loose: tuple[str, ...] | None = None  # events whose call is not whole yet; None leaves the kept ones as they are
    positions: Mapping[str, int] = field(default_factory=dict)  # how far each growing file has been read
    forgotten: bool = False  # calls of it have been permanently deleted, and its refusals and warnings with them
    reading: str = ""  # a mark of how it was read, where that was not left to its format

    @property
    def identity(self) -> str:
        """What makes it a file already read: its content, and how that was read."""
        return identity_of(self.sha256, reading=self.reading)

    @property
    def invented(self) -> bool:
        """Whether the file says by its name that it is sample data, made up."""
        return "invented" in self.name.casefold()


def identity_of(sha256: str, *, reading: str = "") -> str:
    """A file's content and how it was read, as one name."""
    return f"{sha256}/{reading}" if reading else sha256


@dataclass(frozen=True)
class Added:
    """What became of the rows given: each is in exactly one of these counts."""

    batch: int
    new: int = 0
    already_held: int = 0  # known with the same content, or known as finished where this copy is not
    superseded: int = 0  # known with other content, which it replaced
    forgotten: int = 0  # of a day whose calls have been permanently deleted; left out
    first: datetime | None = None
    last: datetime | None = None


@dataclass(frozen=True)
class Batch:
    """One line of the ledger: a file taken in, when, and what it brought."""

    number: int
    committed: datetime
    record: Record
    added: Added


@dataclass(frozen=True)
class Unfinished:
    """What an earlier file of a format left open: legs, and events whose call is not whole yet."""

    calls: pl.DataFrame = field(default_factory=empty)
    loose: tuple[str, ...] = ()


def to_metadata(record: Record, *, added: Added, committed: datetime) -> dict[str, Any]:
    """The ledger's line as it stands in the commit."""
    return {
        "batch": added.batch,
        "committed": committed.isoformat(),
        "file": {
            "name": record.name,
            "sha256": record.sha256,
            "size": record.size,
            "format": record.format,
            "lines": record.lines,
            "call_lines": record.call_lines,
            "used": record.used,
            "ignored": dict(record.ignored),
            "refused": record.refused,
            "refusals": [dict(refusal) for refusal in record.refusals],
            "warnings": list(record.warnings),
            "positions": dict(record.positions),
            "reading": record.reading,
        },
        "added": {
            "new": added.new,
            "already_held": added.already_held,
            "superseded": added.superseded,
            "forgotten": added.forgotten,
            "first": _text(added.first),
            "last": _text(added.last),
        },
    }


def from_metadata(metadata: Mapping[str, Any]) -> Batch:
    """The ledger's line read back from a commit."""
    file, counts = dict(metadata["file"]), dict(metadata["added"])
    file["refusals"] = tuple(file["refusals"])
    file["warnings"] = tuple(file["warnings"])
    first, last = _moment(counts.pop("first")), _moment(counts.pop("last"))
    added = Added(batch=metadata["batch"], first=first, last=last, **counts)
    return Batch(metadata["batch"], datetime.fromisoformat(metadata["committed"]), Record(**file), added)


def now() -> datetime:
    """This moment, UTC."""
    return datetime.now(UTC)


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
