"""Hundreds of millions of fingerprints, in heaps small enough to look through one at a time."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

HEAPS = 64
ROWS_HELD = 16_000_000
"""Fingerprints kept in memory (128 MB of plain keys) before the heaps go to the disk."""


class Spool:
    """Rows put in any order come back in heaps; rows with the same key are always in the same heap."""

    def __init__(self, path: Path, *, dtype: np.dtype, rows_held: int = ROWS_HELD) -> None:
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
