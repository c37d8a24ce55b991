"""What became of a file that was handed over: every line of it accounted for."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

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
