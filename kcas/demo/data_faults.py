"""Data faults put into the sample logs on purpose, and the result expected of each line."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

MARK = "INVENTED"
FATES = ("refused", "ignored", "already held", "superseded", "used")


@dataclass(frozen=True)
class Blemish:
    """A line that is not as it should be: where an editor shows it, what is wrong, and what must become of it."""

    file: str
    line: int
    words: str
    fate: str


@dataclass(frozen=True)
class Damage:
    """A line to put into a file after a share of it, as some switch, disk or person would have left it."""

    after: float
    line: str
    words: str
    fate: str = "refused"
    encoding: str = "utf-8"


def spoil(path: Path, *, lines: pl.Series, encoding: str, header: int = 0, damage: tuple[Damage, ...]) -> list[Blemish]:
    """Write the lines with the damage among them; each damaged line is told with its number."""
    clean = [line.encode(encoding) for line in lines.to_list()]
    blemishes: list[Blemish] = []
    written: list[bytes] = []
    taken = 0
    for piece in sorted(damage, key=lambda piece: piece.after):
        upto = max(header, round(piece.after * len(clean)))
        written += clean[taken:upto]
        taken = upto
        written.append(piece.line.encode(piece.encoding))
        blemishes.append(Blemish(path.name, len(written), piece.words, piece.fate))
    written += clean[taken:]
    path.write_bytes(b"\n".join(written) + b"\n")
    return blemishes
