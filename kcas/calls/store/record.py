"""Record of every file imported.

The ledger lives in the commits themselves: a file's rows and its record are kept by one act or not at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import polars as pl

from kcas.calls.call import empty


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
