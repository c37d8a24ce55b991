"""Staging: a file of any length becomes data files in bounded memory.

Rows are held by month until there are enough for a data file; of each row only a fingerprint stays behind.

Hundreds of millions of fingerprints, in heaps small enough to look through one at a time.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl

from kcas.calls.store.files import DataFile, Shape, span, write_file
from kcas.calls.store.table import Table

HEAPS = 64
ROWS_SPOOLED = 16_000_000
"""Fingerprints kept in memory (128 MB of plain keys) before the heaps go to the disk."""


class Spool:
    """Rows put in any order come back in heaps; rows with the same key are always in the same heap."""

    def __init__(self, path: Path, *, dtype: np.dtype, rows_held: int = ROWS_SPOOLED) -> None:
        self.path, self.dtype, self.rows_held = path, dtype, rows_held
        self.rows = 0
        self._held: list[np.ndarray] = []
        self._on_disk = False

    def put(self, rows: np.ndarray) -> None:
        """Take rows."""
        self._held.append(rows)
        self.rows += len(rows)
        if sum(map(len, self._held)) > self.rows_held:
            self._spill()

    def heaps(self) -> Iterator[np.ndarray]:
        """All rows, a heap at a time: one heap while they fit in memory."""
        if not self._on_disk:
            yield np.concatenate(self._held) if self._held else np.empty(0, self.dtype)
            return
        self._spill()
        for heap in range(HEAPS):
            if self._file(heap).exists():
                yield np.fromfile(self._file(heap), dtype=self.dtype)

    def close(self) -> None:
        """Leave nothing behind."""
        self._held.clear()
        for heap in range(HEAPS) if self._on_disk else ():
            self._file(heap).unlink(missing_ok=True)

    def _spill(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        rows = np.concatenate(self._held) if self._held else np.empty(0, self.dtype)
        self._held = []
        self._on_disk = True
        keys = rows["key"] if self.dtype.names else rows
        heap_of = (keys >> np.uint64(64 - HEAPS.bit_length() + 1)).astype(np.uint8)
        order = np.argsort(heap_of, kind="stable")
        ends = np.cumsum(np.bincount(heap_of, minlength=HEAPS))
        for heap, part in enumerate(np.split(rows[order], ends[:-1])):
            with self._file(heap).open("ab") as file:
                part.tofile(file)

    def _file(self, heap: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{heap:02d}")


ROWS_A_FILE = 400_000
ROWS_HELD = 800_000
"""A row takes some 250 bytes while it waits: 200 MB."""

Fingerprints = np.ndarray
"""One unsigned 64-bit number a row."""


@dataclass
class Staged:
    """A data file not yet in the log, and which piece each of its rows came in."""

    file: DataFile
    pieces: list[tuple[int, int]]  # (rows, piece), in the order of the rows

    def turns(self) -> np.ndarray:
        """For each row, the number of the piece it came in: later pieces were issued later."""
        rows, pieces = zip(*self.pieces, strict=True)
        return np.repeat(np.array(pieces, dtype=np.int32), rows)


@dataclass
class _Month:
    frames: list[pl.DataFrame] = field(default_factory=list)
    pieces: list[tuple[int, int]] = field(default_factory=list)
    rows: int = 0


class Stage:
    """Takes pieces, makes data files of them, and remembers every row's key as a fingerprint."""

    def __init__(self, table: Table, *, batch: int, scratch: Path) -> None:
        self.table, self.shape, self.batch, self.scratch = table, table.shape, batch, scratch
        self.staged: list[Staged] = []
        self.keys = Spool(scratch / f"{self.shape.name}.keys", dtype=np.dtype("u8"))
        self.given = self.rows = self.already_held = self.superseded = self.forgotten = 0
        self.first: datetime | None = None
        self.last: datetime | None = None
        self._months: dict[str, _Month] = {}
        self._piece = 0
        self._written: list[DataFile] = []

    def put(self, frame: pl.DataFrame, *, not_before: datetime | None) -> None:
        """Take a piece. Rows before `not_before` are left out, as forgotten."""
        self._piece += 1
        self.given += frame.height
        if not_before is not None:
            kept = frame.filter(pl.col(self.shape.moment) >= not_before)
            self.forgotten += frame.height - kept.height
            frame = kept
        if frame.is_empty():
            return
        keys = key_of(frame, shape=self.shape)
        frame, keys = self._once(frame, keys)
        self.keys.put(keys)
        self.rows += frame.height
        first, last = span(frame[self.shape.moment])
        self.first, self.last = min(first, self.first or first), max(last, self.last or last)
        for month, rows in _by_month(frame, shape=self.shape):
            self._hold(month, rows)

    def finish(self) -> None:
        """Write what is still held."""
        for month in list(self._months):
            self._write(month)

    def write(self, frame: pl.DataFrame, *, month: str) -> DataFile:
        """A data file that counts once the batch is committed."""
        file = write_file(self.table.folder, frame, shape=self.shape, month=month, batch=self.batch)
        self._written.append(file)
        return file

    def close(self, *, keep: bool) -> None:
        """Leave no fingerprints behind, nor data files unless they are to be kept."""
        self.keys.close()
        for file in () if keep else self._written:
            (self.table.folder / file.path).unlink(missing_ok=True)

    def _once(self, frame: pl.DataFrame, keys: Fingerprints) -> tuple[pl.DataFrame, Fingerprints]:
        """Each key once within a piece: the last finished row of it, or else the last."""
        if not repeats(np.sort(keys)):
            return frame, keys
        marked = frame.with_columns(
            _finished=finished(frame, shape=self.shape), _content=content_of(frame, shape=self.shape)
        ).with_row_index("_row")
        last = marked.sort("_finished", "_row", maintain_order=True).group_by(self.shape.key).tail(1)
        repeated = marked.join(last.select("_row"), on="_row", how="anti").join(
            last.select(*self.shape.key, kept="_content"), on=self.shape.key, how="left", nulls_equal=True
        )
        alike = int((repeated["_content"] == repeated["kept"]).sum())
        self.already_held += alike
        self.superseded += repeated.height - alike
        rows = last["_row"].sort().to_numpy()
        return frame[rows], keys[rows]

    def _hold(self, month: str, rows: pl.DataFrame) -> None:
        held = self._months.setdefault(month, _Month())
        held.frames.append(rows)
        held.pieces.append((rows.height, self._piece))
        held.rows += rows.height
        if held.rows >= ROWS_A_FILE:
            self._write(month)
        while sum(each.rows for each in self._months.values()) > ROWS_HELD:
            self._write(max(self._months, key=lambda name: self._months[name].rows))

    def _write(self, month: str) -> None:
        held = self._months.pop(month)
        frame = pl.concat(held.frames).with_columns(
            batch=pl.lit(self.batch, pl.Int64), replaced_by=pl.lit(None, pl.Int64)
        )
        self.staged.append(Staged(self.write(frame, month=month), held.pieces))


def key_of(frame: pl.DataFrame, *, shape: Shape, seed: int = 0) -> Fingerprints:
    """A fingerprint of what makes each row itself."""
    return frame.select(shape.key).hash_rows(seed=seed).to_numpy()


def repeats(ordered: Fingerprints) -> bool:
    """Whether any of the ordered fingerprints comes twice."""
    return bool((ordered[1:] == ordered[:-1]).any())


def content_of(frame: pl.DataFrame, *, shape: Shape) -> pl.Series:
    """A fingerprint of what each row says."""
    return frame.select(shape.content).hash_rows(seed=5)


def finished(frame: pl.DataFrame, *, shape: Shape) -> pl.Series:
    """Whether each row is told to its end; one that is never gives way to one that is not."""
    if "talk" not in shape.schema:
        return pl.repeat(True, frame.height, eager=True, dtype=pl.Boolean)
    return frame.select(finished=~unfinished_rows())["finished"]


def unfinished_rows() -> pl.Expr:
    """Whether a call is not told to its end: waiting, answered and its talk not known, cut off and no one saw when."""
    answered, failed = pl.col("outcome") == "answered", pl.col("outcome") == "failed"
    unseen = (answered & pl.col("talk").is_null()) | (failed & pl.col("wait").is_null())
    return (pl.col("outcome") == "open") | unseen


def _by_month(frame: pl.DataFrame, *, shape: Shape) -> Iterator[tuple[str, pl.DataFrame]]:
    first, last = span(frame[shape.moment])
    if (first.year, first.month) == (last.year, last.month):
        yield f"{first:%Y-%m}", frame
        return
    parts = frame.with_columns(_month=pl.col(shape.moment).dt.strftime("%Y-%m")).partition_by(
        "_month", as_dict=True, include_key=False, maintain_order=True
    )
    yield from ((str(month), rows) for (month,), rows in parts.items())
