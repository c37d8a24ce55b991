"""A log format, and what it returns for each stretch of a log.

A format turns a log into pieces. Every line of the log is a call, an event used, an event ignored by rule, or a
refusal; the four add up to the lines read, and `Piece` holds itself to that.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol, runtime_checkable

import polars as pl

from kcas.calls.call import INTERVAL_SCHEMA, empty
from kcas.errors import AccountError, LogError
from kcas.ingest.reading import Head, Log
from kcas.ingest.redact import Redactor

OLDEST = datetime(1970, 1, 1, tzinfo=UTC)
"""No telephone log is older than the epoch it counts from."""
AHEAD = timedelta(days=1)
"""A switch's clock may be a little fast; a moment further ahead is refused (2106 is a counter that is full)."""


@dataclass(frozen=True)
class Refusal:
    """A line that could not be taken, where an editor would show it, and why."""

    line: int
    column: str | None
    reason: str


@dataclass(frozen=True)
class Carried:
    """What earlier files of the same format left unfinished.

    `calls` are legs still open, or answered with their talk not yet known (SCHEMA, tokens already made). `loose` are
    events whose beginning has not been seen, one JSON text each, in the format's own words and without any number.
    """

    calls: pl.DataFrame = field(default_factory=empty)
    loose: tuple[str, ...] = ()


@dataclass(frozen=True)
class Piece:
    """The calls and intervals one stretch of a log told of, and an account of every line in it."""

    lines: int
    calls: pl.DataFrame = field(default_factory=empty)
    intervals: pl.DataFrame = field(default_factory=INTERVAL_SCHEMA.to_frame)
    call_lines: int = 0  # lines that are a call (one line may also close a leg: then it is an event used)
    used: int = 0
    ignored: Mapping[str, int] = field(default_factory=dict)  # rule -> lines
    refusals: tuple[Refusal, ...] = ()
    warnings: Mapping[str, int] = field(default_factory=dict)  # what was put right or left out, in words -> times
    carried: Carried | None = None  # on the last piece: events that still wait for their beginning

    def __post_init__(self) -> None:
        """Hold the account to its sum."""
        accounted = self.call_lines + self.used + sum(self.ignored.values()) + len(self.refusals)
        if accounted != self.lines:
            raise AccountError(
                f"{self.lines} lines were read and {accounted} accounted for: a fault in kcas, not in the log. "
                "Nothing of it was kept. Please report it."
            )


@dataclass(frozen=True)
class ReadSettings:
    """What a reader is told besides the log itself."""

    redactor: Redactor
    zone: str | None = None  # overrides the zone a format or mapping declares; for logs without one of their own
    default_zone: str = "Europe/London"  # the desk's own, where neither the log nor its format says
    plain_joins: bool = False  # join the parts of a reference as stores begun before the digests did
    latest: datetime = field(default_factory=lambda: datetime.now(UTC) + AHEAD)


class NotALog(LogError):
    """A file that no format claims: it may lie among logs without harm."""


class UnknownFormat(NotALog):
    """A file that may be a log of a format that no one has described."""


class LogFormat(Protocol):
    """One supplier's way to write a log."""

    @property
    def key(self) -> str:
        """A short name, as `--format` takes it."""

    @property
    def words(self) -> str:
        """What it is, for a person."""

    @property
    def encoding(self) -> str:
        """How its bytes are to be read: "utf-8" unless it declares another."""

    def claims(self, head: Head) -> bool:
        """Whether the log is of this format, from its content alone."""

    def read(self, log: Log, *, settings: ReadSettings, carried: Carried) -> Iterator[Piece]:
        """The log in pieces. Lines it cannot take are refusals; it raises only LogError, for the log as a whole."""


@runtime_checkable
class TellsItsBeginning(Protocol):
    """A format whose first moment stands in plain sight, so that a log need not be read for it."""

    def begins(self, head: Head) -> datetime | None:
        """The earliest moment in the first lines; None where none is told."""


@runtime_checkable
class RefusedByName(Protocol):
    """A format that cannot tell what is asked of a log, and says which file to bring."""

    @property
    def instead(self) -> str:
        """What it is, why it does not serve, and what does; a sentence after the file's name."""


def recognise(head: Head, formats: Sequence[LogFormat], *, name: str) -> LogFormat:
    """The one format that claims a log. Raises LogError saying what could where none or several do."""
    if not head.lines and not head.binary:
        raise NotALog(f"{name}: the file is empty.")
    claiming = [form for form in formats if form.claims(head) and not head.packed]
    if len(claiming) == 1:
        if isinstance(claiming[0], RefusedByName):
            raise NotALog(f"{name}: {claiming[0].instead}")
        return claiming[0]
    if claiming:
        keys = ", ".join(sorted(form.key for form in claiming))
        raise LogError(f"{name}: several formats could read it ({keys}). Say which with --format.")
    if head.binary and not head.sheets:
        raise NotALog(f"{name}: not a telephone log: it looks like {head.binary}.")
    known = ", ".join(sorted(form.key for form in formats if not isinstance(form, RefusedByName)))
    raise UnknownFormat(
        f"{name}: no known format claims it. Known: {known}. Say which with --format, drop it on the page Data, "
        f"or describe it by a mapping (kcas mapping suggest {name}, then --mapping)."
    )
