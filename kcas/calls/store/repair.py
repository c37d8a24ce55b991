"""Repair of a store with damaged data files: they no longer count, and their logs may be read again."""

from collections.abc import Sequence
from dataclasses import dataclass

from kcas.calls.store.damage import damaged, to_read_again
from kcas.calls.store.files import INTERVALS, Change, DataFile
from kcas.calls.store.record import Batch
from kcas.calls.store.table import Table
from kcas.calls.store.write import FORGOTTEN, Tables
from kcas.errors import StoreError
from kcas.systems import replace


@dataclass(frozen=True)
class Repaired:
    """What was taken out, and the logs that must be read again, in this order."""

    files: tuple[str, ...]
    read_again: tuple[str, ...]


def repair(tables: Tables, *, batches: Sequence[Batch]) -> Repaired:
    """Take the damaged files of both tables out in one commit. Raises StoreError where no log could bring them back."""
    calls, intervals = (_damaged(table, batches) for table in (tables.calls, tables.intervals))
    if not calls and not intervals:
        return Repaired((), ())
    _check_can_be_read_again(tables, intervals)
    numbers = {batch.number for file in (*calls, *intervals) for batch in to_read_again(file, batches)}
    again = [batch for batch in batches if batch.number in numbers]
    notes = {
        "batch": tables.calls.batch + 1,
        "committed": tables.moment().isoformat(),
        "repaired": [file.path for file in (*calls, *intervals)],
    }
    unread = {name: 0 for batch in again for name in (batch.record.identity, *batch.record.positions)}
    tables.commit(Change(removes=tuple(calls)), Change(removes=tuple(intervals)), notes=notes, numbers=unread)
    files = [(table, file) for table, found in ((tables.calls, calls), (tables.intervals, intervals)) for file in found]
    for table, file in files:
        _set_aside(tables, table, file)
    return Repaired(
        tuple(f"{table.shape.name}/{file.path}" for table, file in files),
        tuple(dict.fromkeys(batch.record.name for batch in again)),
    )


def _damaged(table: Table, batches: Sequence[Batch]) -> list[DataFile]:
    found = {each.file for each in damaged(table.folder, table.files, shape=table.shape, batches=batches)}
    return [file for file in table.files if f"{table.shape.name}/{file.path}" in found]


def _check_can_be_read_again(tables: Tables, intervals: Sequence[DataFile]) -> None:
    forgotten = tables.calls.number(FORGOTTEN)
    for file in intervals:
        if forgotten and file.first.timestamp() < forgotten:
            raise StoreError(
                f"{tables.folder / INTERVALS.name / file.path}: holds figures of days whose calls were removed for "
                "good, so no log can bring them back. Restore the file from a copy."
            )


def _set_aside(tables: Tables, table: Table, file: DataFile) -> None:
    """Keep the damaged file where nothing reads it."""
    path = table.folder / file.path
    if path.exists():
        into = tables.folder / "set-aside"
        into.mkdir(exist_ok=True)
        replace(path, into / f"{table.shape.name}-{path.name}")
