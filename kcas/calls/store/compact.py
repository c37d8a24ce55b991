"""Compaction of small data files, and removal of files that no reader needs.

Small files of a month become large ones, in the order of their moments. A file that no longer counts stays
an hour for the readers that have just opened it.
"""

import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import polars as pl

from kcas.calls.store import damage
from kcas.calls.store.files import Change, DataFile, Shape, write_file
from kcas.calls.store.read import read_file
from kcas.calls.store.seal import entry, read_entry
from kcas.calls.store.table import Table
from kcas.calls.store.write import LOOSE, Tables
from kcas.systems import InUse, remove

SMALL = 100_000
LARGE = 1_000_000
"""Rows. A large file takes some 300 MB while it is made."""

MANY = 16
"""So many small files in a month are made into large ones without being asked."""

VERSIONS_A_CHECKPOINT = 50
VERSIONS_A_SWEEP = 10
READERS_HAVE = 3600.0


def tidy(tables: Tables) -> None:
    """What every writer does once its own work is committed: nothing, most of the time."""
    if tables.calls.due(VERSIONS_A_SWEEP):
        sweep_loose(tables, older_than=READERS_HAVE)
    for table in (tables.calls, tables.intervals):
        crowded = [files for files in _small_by_month(table.files) if len(files) >= MANY]
        if crowded:
            merge(table, crowded)
        if crowded or table.due(VERSIONS_A_SWEEP):
            sweep(table, older_than=READERS_HAVE)
        if table.due(VERSIONS_A_CHECKPOINT):
            table.checkpoint()
        table.tidied = table.version


def compact(tables: Tables) -> tuple[int, int]:
    """Make every month's small files into large ones. Returns how many files there were and are.

    Raises StoreError where a data file is damaged, also one that need not be merged.
    """
    for table in (tables.calls, tables.intervals):
        damage.check(table.folder, table.files, shape=table.shape)
    sweep_loose(tables, older_than=READERS_HAVE)
    before = len(tables.calls.files) + len(tables.intervals.files)
    for table in (tables.calls, tables.intervals):
        merge(table, [files for files in _small_by_month(table.files) if len(files) > 1])
        give_checksums(table)
        sweep(table, older_than=READERS_HAVE)
        table.checkpoint()
    return before, len(tables.calls.files) + len(tables.intervals.files)


def merge(table: Table, months: Sequence[Sequence[DataFile]]) -> None:
    """Commit larger files in the place of small ones: the same rows, in the order of their moments."""
    groups = [group for files in months for group in _portions(files)]
    if not groups:
        return
    adds = tuple(_merged(table.folder, group, shape=table.shape) for group in groups)
    change = Change(adds, tuple(file for group in groups for file in group))
    notes = {"compacted": len(change.removes)}
    table.commit(change, batch=table.batch, notes=notes, numbers={}, same_rows=True)


def give_checksums(table: Table) -> None:
    """Write the files of older stores and other engines again, under names that carry their checksums."""
    for file in [file for file in table.files if file.sha256 is None and file.rows]:
        again = _merged(table.folder, [file], shape=table.shape)
        notes = {"given checksums": 1}
        table.commit(Change((again,), (file,)), batch=table.batch, notes=notes, numbers={}, same_rows=True)


def sweep(table: Table, *, older_than: float) -> int:
    """Delete data files that have not counted for so many seconds, and those of writers that died."""
    before = time.time() - older_than
    keep = {file.path for file in table.files} | set(_removed_since(table, before))
    gone = [
        path
        for path in table.folder.glob("month=*/*.parquet")
        if path.relative_to(table.folder).as_posix() not in keep and path.stat().st_mtime <= before
    ]
    return sum(map(_deleted, gone))


def sweep_loose(tables: Tables, *, older_than: float) -> None:
    """Delete events kept for a call that has since been told whole, or that a later file keeps again."""
    before = time.time() - older_than
    for path in (tables.folder / "loose").glob("*.parquet"):
        form, _, number = path.name.split(".")[0].rpartition("-")
        if int(number) != tables.calls.number(LOOSE + form) and path.stat().st_mtime <= before:
            _deleted(path)


def _deleted(path: Path) -> bool:
    """Whether a file is gone; one that a reader holds open, on Windows, stays until the next sweep."""
    try:
        remove(path)
    except InUse:
        return False
    return True


def _small_by_month(files: Sequence[DataFile]) -> list[list[DataFile]]:
    months: defaultdict[str, list[DataFile]] = defaultdict(list)
    for file in files:
        if file.rows < SMALL:
            months[file.month].append(file)
    return list(months.values())


def _portions(files: Sequence[DataFile]) -> Iterator[list[DataFile]]:
    portion: list[DataFile] = []
    for file in sorted(files, key=lambda each: (each.first, each.path)):
        if portion and sum(each.rows for each in portion) + file.rows > LARGE:
            yield portion
            portion = []
        portion.append(file)
    if len(portion) > 1:
        yield portion


def _merged(folder: Path, files: Sequence[DataFile], *, shape: Shape) -> DataFile:
    frame = pl.concat(read_file(folder, file, shape=shape) for file in files).sort(shape.moment, maintain_order=True)
    batch = max(file.last_batch for file in files)
    return write_file(folder, frame, shape=shape, month=files[0].month, batch=batch)


def _removed_since(table: Table, moment: float) -> Iterator[str]:
    for version in range(table.version, -1, -1):
        actions = read_entry(entry(table.folder, version)) or []
        removed = [action["remove"] for action in actions if "remove" in action]
        yield from (each["path"] for each in removed if each["deletionTimestamp"] / 1000 >= moment)
        if any(action["commitInfo"]["timestamp"] / 1000 < moment for action in actions if "commitInfo" in action):
            return
