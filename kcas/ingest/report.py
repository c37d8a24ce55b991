"""What became of a file that was handed over: every line of it accounted for.

Faults of kcas itself met while one file is read: told with a reference, written down without a word of the file.

A maintainer needs to know where the program failed, and must not see what the log held. So an entry has the kinds of
exception, the modules and their lines, and never a message, a value or a path of the machine. The reference is made
of the same parts: one fault has one reference, however many files meet it.
"""

import os
import platform
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from traceback import walk_tb
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

import kcas
from kcas.ingest.log_format import Piece, Refusal

REFUSALS_KEPT = 1_000
"""Refused lines a report holds; their true number is always told, and all of them can be written to a file."""
NO_DATA = ("header", "blank line", "before the header")


def of_forgotten_days(calls: int) -> str:
    """How many calls are of days whose calls have been permanently deleted, and so left out; empty where none is."""
    if not calls:
        return ""
    one = calls == 1
    return (
        f"{calls:,} {'call is of a day' if one else 'calls are of days'} whose calls have been permanently deleted "
        f"(kcas forget), and {'is' if one else 'are'} left out"
    )


def zone_words(zone: str) -> str:
    """What is said of a log whose clock is not the settings' own."""
    own = "in UTC" if zone == "UTC" else f"local times of {zone}"
    return f"its times are {own}; here they are shown by the contact centre's own clock"


@dataclass
class FileReport:
    """What became of one file. Every line of it is in exactly one of call_lines, used, ignored and refused."""

    file: str
    format: str | None = None
    sha256: str = ""
    lines: int = 0
    call_lines: int = 0
    used: int = 0
    ignored: dict[str, int] = field(default_factory=dict)
    calls: int = 0
    intervals: int = 0
    new: int = 0
    already_held: int = 0
    superseded: int = 0
    forgotten: int = 0
    refused: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    warnings: dict[str, int] = field(default_factory=dict)
    zone: str = ""  # of the log's clock, where it is not the settings' own
    first: datetime | None = None
    last: datetime | None = None
    error: str | None = None  # why nothing of it was kept
    store_failed: bool = False  # for no fault of the file: it may be read another time
    passed_over: bool = False  # lay in a folder among others, and no format claims it

    def to_json(self) -> dict[str, Any]:
        """As the command line's contract has it."""
        return {
            "file": self.file, "format": self.format, "sha256": self.sha256,
            "rows": self.lines - sum(self.ignored.get(rule, 0) for rule in NO_DATA),
            "lines": self.lines, "call_lines": self.call_lines, "used": self.used, "ignored": self.ignored,
            "calls": self.calls, "intervals": self.intervals, "new": self.new, "already_held": self.already_held,
            "superseded": self.superseded, "forgotten": self.forgotten, "refused": self.refused,
            "refusals": [{"line": r.line, "column": r.column, "reason": r.reason} for r in self.refusals],
            "warnings": self.warnings_in_words, "from": self.first, "to": self.last, "error": self.error,
            "zone": self.zone or None,
        }  # fmt: skip

    @property
    def warnings_in_words(self) -> list[str]:
        """Warnings with how often, where that is more than once."""
        return [f"{words} ({times:,} times)" if times > 1 else words for words, times in self.warnings.items()]

    @property
    def forgotten_in_words(self) -> str:
        """Number of calls left out because those of their day have been permanently deleted; empty where none was."""
        return of_forgotten_days(self.forgotten)

    def note(self, piece: Piece) -> None:
        """Add one stretch of the file to the account."""
        self.lines += piece.lines
        self.call_lines += piece.call_lines
        self.used += piece.used
        self.calls += piece.calls.height
        self.intervals += piece.intervals.height
        self.refused += len(piece.refusals)
        self.refusals += piece.refusals[: max(0, REFUSALS_KEPT - len(self.refusals))]
        add_to(self.ignored, piece.ignored)
        self.warn(piece.warnings)
        self.warn(clock_warnings(piece.calls))
        moments = [m for m in (self.first, self.last, *span(piece.calls), *span(piece.intervals)) if m]
        self.first, self.last = min(moments, default=None), max(moments, default=None)

    def warn(self, warnings: Mapping[str, int]) -> None:
        """Add what was put right or left out, by name."""
        add_to(self.warnings, warnings)

    def at_the_desk(self, zone: str) -> "FileReport":
        """The finished report, its moments on the desk's clock."""
        clock = ZoneInfo(zone)
        first, last = (moment.astimezone(clock) if moment else None for moment in (self.first, self.last))
        return replace(self, first=first, last=last)


def span(frame: pl.DataFrame) -> tuple[datetime | None, datetime | None]:
    """The first and last moment in a frame of calls or intervals."""
    moments = frame["entered" if "entered" in frame.columns else "start"]
    return moments.min(), moments.max()  # type: ignore[return-value]


def clock_warnings(calls: pl.DataFrame) -> dict[str, int]:
    """How many calls stood in an hour that came twice, or never."""
    counts = calls["clock"].drop_nulls().value_counts().rows()
    return {f"in a {flag}: see the column clock": count for flag, count in counts}


def add_to(tally: dict[str, int], more: Mapping[str, int]) -> None:
    """Add counts by name."""
    for name, count in more.items():
        tally[name] = tally.get(name, 0) + count


STOPS = (KeyboardInterrupt, SystemExit, GeneratorExit)
"""What ends a command on purpose. All else is a fault, also what a library raises past `Exception` when it panics."""

_LARGEST = 1 << 20
"""Bytes of the record of faults; a larger one starts again."""

LIBRARIES = ("polars", "deltalake", "numpy")


class FaultRecord:
    """The record of faults beside a store, for its owner alone."""

    def __init__(self, store: Path) -> None:
        folder = Path(os.path.abspath(store))  # without following links: one that leads in a circle is no fault here
        self.path = folder.with_name(f"{folder.name}-faults.log")

    def words(self, error: BaseException, *, name: str) -> str:
        """What a person is told of a fault met with one file, once it is written down."""
        if isinstance(error, MemoryError):
            return f"{name}: needs more memory than there is. Nothing of it was kept. Read it in smaller parts."
        reference = self.write(error)
        place = f"{self.path.name}, beside the store, says where" if self.holds(reference) else "it could not be noted"
        return (
            f"{name}: a fault in kcas, not in the file. Nothing of it was kept. Please report it with the reference "
            f"{reference} ({place})."
        )

    def write(self, error: BaseException) -> str:
        """Write a fault down unless it is there already, and return its reference."""
        lines = list(places(error))
        reference = sha256("\n".join([kcas.__version__, *lines]).encode()).hexdigest()[:10]
        if not self.holds(reference):
            head = f"{reference} {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {versions()}"
            with suppress(OSError):
                self._append("\n".join([head, *(f"    {line}" for line in lines)]) + "\n")
        return reference

    def holds(self, reference: str) -> bool:
        """Whether a fault of this reference is written down."""
        try:
            text = self.path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return False
        return any(line.startswith(f"{reference} ") for line in text.splitlines())

    def _append(self, text: str) -> None:
        """Add to the record, which only its owner may read."""
        full = self.path.exists() and self.path.stat().st_size > _LARGEST
        handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if full else os.O_APPEND), 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)


def places(error: BaseException) -> Iterator[str]:
    """The kinds of exception, the last first, each with the modules and lines it came through."""
    seen: set[int] = set()
    each: BaseException | None = error
    while each is not None and id(each) not in seen:
        seen.add(id(each))
        yield f"{type(each).__module__}.{type(each).__qualname__}"
        for frame, line in walk_tb(each.__traceback__):
            yield f"  {frame.f_globals.get('__name__', '?')}:{line} {frame.f_code.co_name}"
        each = each.__cause__ or each.__context__


def versions() -> str:
    """The program's version, Python's and those of the libraries that read and keep."""
    found = [f"kcas {kcas.__version__}", f"Python {platform.python_version()}"]
    for library in LIBRARIES:
        with suppress(PackageNotFoundError):
            found.append(f"{library} {version(library)}")
    return ", ".join(found)
