"""Copies within a file: lines that stand there again, and whole files that do, recognised where the file proves it.

A log may be shipped twice into one file. Where nothing proves that, the rows are kept and the report says how many.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import polars as pl

from kcas.ingest.columns import Array
from kcas.ingest.log_format import Piece

SURE = 10
"""Different rows that a file must hold before its repetition is no coincidence, where it has no second header."""
MOST_COPIES = 10
AGAIN = "the whole file again"
ALIKE_CALL = "the same in every column as another row, and taken as another call: was the file sent twice?"


class Seen:
    """State that lives while a file is read: the hashes met so far, as sorted runs of like size."""

    def __init__(self) -> None:
        self._met: list[Array] = []

    def times(self, hashes: Array) -> Array:
        """How often each was met in earlier blocks."""
        found = np.zeros(len(hashes), dtype=np.int64)
        for met in self._met:
            found += np.searchsorted(met, hashes, side="right") - np.searchsorted(met, hashes, side="left")
        return found

    def add(self, hashes: Array) -> None:
        """Add a block's, merging runs of like size so that few need be searched."""
        met = np.sort(hashes)
        while self._met and len(self._met[-1]) <= 2 * len(met):
            met = np.sort(np.concatenate([self._met.pop(), met]))
        self._met.append(met)


class Repeats:
    """State that lives while a file is read: the identities met so far."""

    def __init__(self) -> None:
        self._seen = Seen()

    def numbered(self, identities: pl.Series) -> pl.Series:
        """The identities (hexadecimal), each one met before with the number of its turn."""
        short = identities.str.slice(0, 16).str.to_integer(base=16, dtype=pl.UInt64).to_numpy()
        within = pl.DataFrame({"identity": identities}).select(pl.int_range(pl.len()).over("identity")).to_series()
        turn = within + 1 + self._seen.times(short)
        self._seen.add(short)
        repeated = pl.select(pl.concat_str(identities, pl.lit("/"), turn.cast(pl.String))).to_series()
        return identities.zip_with(turn == 1, repeated)


def whole_file(hashes: Array, *, headers: int) -> int:
    """How many of a file's rows are its content, of which the others are one or more exact copies in the same order.

    All of them where that is not so, or where it may be a coincidence: a few rows, with no header before each copy.
    """
    count = len(hashes)
    for copies in range(min(MOST_COPIES, count), 1, -1):
        once = count // copies
        if count % copies or not np.array_equal(hashes[once:], hashes[:-once]):
            continue
        if headers >= copies or len(np.unique(hashes[:once])) >= SURE:
            return once
    return count


def hashes_of(rows: pl.DataFrame, *but: str) -> Array:
    """A hash of each row's columns, but for some."""
    return np.asarray(rows.drop(but).hash_rows().to_numpy())


def without_copy(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """The pieces of a file whose calls have no names, without its copies.

    Pieces pass as they come, until the first call of the file comes again: from there on they wait for its end.
    """
    hashes: list[Array] = []
    waiting: list[Piece] = []
    headers = passed = 0
    for piece in pieces:
        own = hashes_of(piece.calls, "leg", "line")
        hashes.append(own)
        headers += piece.ignored.get("header", 0)
        again = own[1:] if len(hashes) == 1 else own
        if waiting or (hashes[0].size and (again == hashes[0][0]).any()):
            waiting.append(piece)
        else:
            passed += len(own)
            yield piece
    once = whole_file(np.concatenate(hashes), headers=headers) if waiting else 0
    for piece in waiting:
        yield shortened(piece, max(0, once - passed))
        passed += piece.calls.height


def shortened(piece: Piece, kept: int) -> Piece:
    """A piece with its first calls only, the others being copies."""
    left_out = piece.calls.height - kept
    if left_out <= 0:
        return piece
    ignored = {**piece.ignored, AGAIN: left_out}
    return replace(piece, calls=piece.calls.head(kept), call_lines=kept, ignored=ignored)
