"""Reads a log as the program does and holds it to its account, for every test of a format."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from kcas.calls.call import check, empty
from kcas.ingest.log_format import Carried, LogFormat, Piece, ReadSettings
from kcas.ingest.reading import BLOCK, Block, Log
from kcas.ingest.redact import Redactor
from kcas.ingest.unpacking import Source


@dataclass(frozen=True)
class ReadBack:
    """What a log came to."""

    calls: pl.DataFrame
    lines: int
    call_lines: int
    used: int
    ignored: Counter[str]
    refused: list[tuple[int, str | None]]
    reasons: list[str]
    warnings: Counter[str]
    carried: Carried


class LogInBlocks(Log):
    """A log whose blocks are as small as a test wants them."""

    def __init__(self, source: Source, *, size: int):
        super().__init__(source)
        self.size = size

    def blocks(self, *, encoding: str = "utf-8", size: int = BLOCK) -> Iterable[Block]:  # type: ignore[override]
        return super().blocks(encoding=encoding, size=self.size)


def settings_in(folder: Path, **more: object) -> ReadSettings:
    return ReadSettings(redactor=Redactor(folder / "token.key"), **more)  # type: ignore[arg-type]


def read_back(
    form: LogFormat,
    path: Path,
    *,
    settings: ReadSettings,
    carried: Carried | None = None,
    size: int = BLOCK,
    by_line: bool = True,
) -> ReadBack:
    """The whole log; every line of it accounted for once, where its records are lines."""
    log = LogInBlocks(Source(path), size=size)
    pieces = list(form.read(log, settings=settings, carried=carried or Carried()))
    told = ReadBack(
        calls=pl.concat([empty(), *(check(piece.calls) for piece in pieces)]),
        lines=sum(piece.lines for piece in pieces),
        call_lines=sum(piece.call_lines for piece in pieces),
        used=sum(piece.used for piece in pieces),
        ignored=sum((Counter(piece.ignored) for piece in pieces), Counter()),
        refused=[(refusal.line, refusal.column) for piece in pieces for refusal in piece.refusals],
        reasons=[refusal.reason for piece in pieces for refusal in piece.refusals],
        warnings=sum((Counter(piece.warnings) for piece in pieces), Counter()),
        carried=next((piece.carried for piece in reversed(pieces) if piece.carried), Carried()),
    )
    assert not by_line or told.lines == sum(block.lines for block in log.blocks(encoding=form.encoding))
    return told


def latest(rows: Iterable[pl.DataFrame]) -> dict[str, dict[str, object]]:
    """What a store would hold after these frames: the last word on each leg, without its place in the file."""
    return {row["leg"]: {**row, "line": None} for frame in rows for row in frame.iter_rows(named=True)}


def whole(pieces: Iterable[Piece]) -> Piece:
    """The pieces of a file as one."""
    told = list(pieces)
    ignored, warnings = Counter[str](), Counter[str]()
    for piece in told:
        ignored.update(piece.ignored)
        warnings.update(piece.warnings)
    return Piece(
        lines=sum(piece.lines for piece in told),
        calls=pl.concat([piece.calls for piece in told]),
        intervals=pl.concat([piece.intervals for piece in told]),
        call_lines=sum(piece.call_lines for piece in told),
        used=sum(piece.used for piece in told),
        ignored=dict(ignored),
        refusals=tuple(refusal for piece in told for refusal in piece.refusals),
        warnings=dict(warnings),
    )
