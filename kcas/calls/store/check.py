"""Check of a whole store: data files, the log of commits, checkpoints, marks, and the ledger's counts.

Nothing that is checked is believed on the way: the log is read entry by entry, and a damaged one is passed over.

Repair of a store with damaged data files: they no longer count, and their logs may be read again.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from kcas.calls.store import damage, ledger
from kcas.calls.store import files as checksums
from kcas.calls.store.damage import Damage, damaged, to_read_again
from kcas.calls.store.files import CALLS, INTERVALS, Batch, Change, DataFile, Shape, from_metadata
from kcas.calls.store.ledger import log_named_in
from kcas.calls.store.seal import LOG, entry, is_whole, mark, read_entry, read_mark
from kcas.calls.store.table import APPLICATION, Table, data_file
from kcas.calls.store.write import FOLLOWED, FORGOTTEN, MARK, Tables, mark_is_sound
from kcas.errors import StoreError
from kcas.systems import replace

NOT_AS_WRITTEN = "it is not what was written (its SHA-256 is another)"
NO_ENTRY = "this entry of the log is missing"
NOT_AN_ENTRY = "this entry of the log is torn or cannot be read"


@dataclass(frozen=True)
class Checked:
    """What a check found. Files without a checksum come from an older kcas or another engine."""

    files: int
    size: int  # bytes of them
    damaged: tuple[Damage, ...]
    not_verifiable: tuple[str, ...]
    differing: tuple[str, ...]  # where the ledger's counts and the rows differ, in words

    @property
    def tallies_equal(self) -> bool:
        """Whether every count of the log and the ledger is the number of rows that the files hold."""
        return not self.differing


@dataclass
class _Log:
    """A table's log, read leniently: what it says that counts, and what of it is damaged."""

    folder: Path
    shape: Shape
    paths: list[Path] = field(default_factory=list)
    damaged: list[Damage] = field(default_factory=list)
    not_verifiable: list[str] = field(default_factory=list)
    files: dict[str, DataFile] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    batches: list[Batch] = field(default_factory=list)
    pending: list[DataFile] = field(default_factory=list)
    whole: bool = True  # whether every entry could be read


def check(folder: Path) -> Checked:
    """Compare every file of a store with its checksum, the log with its chain, and the ledger with the rows."""
    calls, intervals = (_read_log(folder / shape.name, shape) for shape in (CALLS, INTERVALS))
    if calls.numbers.get(FOLLOWED, 0) > intervals.numbers.get(APPLICATION, 0):
        intervals.files |= {file.path: file for file in calls.pending}
    for log in (calls, intervals):
        _check_data(log, calls.batches)
    mark_file, loose = folder / MARK, sorted((folder / "loose").glob("*.parquet"))
    damaged = [*calls.damaged, *intervals.damaged, *_damaged_loose(loose)]
    if not mark_is_sound(mark_file):
        damaged.insert(0, Damage(MARK, NOT_AS_WRITTEN))
    paths = [mark_file, *loose, *calls.paths, *intervals.paths]
    paths += [log.folder / path for log in (calls, intervals) for path in log.files]
    present = [path for path in paths if path.exists()]
    unknown = [*calls.not_verifiable, *intervals.not_verifiable]
    unknown += [f"loose/{path.name}" for path in loose if not checksums.expected(path.name)]
    return Checked(
        len(present),
        sum(path.stat().st_size for path in present),
        tuple(damaged),
        tuple(unknown),
        tuple(_differing(calls, intervals)),
    )


def _read_log(table: Path, shape: Shape) -> _Log:
    log = _Log(table, shape)
    numbers = [int(path.stem) for path in (table / LOG).glob("*.json") if path.stem.isdigit()]
    newest = max([*numbers, read_mark(table).version])
    found = ledger.verify(table, newest)
    for version in range(newest + 1):
        path = entry(table, version)
        actions = read_entry(path)
        why = NO_ENTRY if not path.exists() else None if actions else NOT_AN_ENTRY
        if why is None and version == newest and not is_whole(table, version):
            why = NOT_AN_ENTRY
        if why is None and path in found.damaged:
            why = NOT_AS_WRITTEN
        if why:
            log.damaged.append(Damage(_name(table, path), why, log_named_in(path)))
        log.whole = log.whole and bool(actions)
        _replay(log, actions or ())
    log.paths += [path for path in sorted((table / LOG).iterdir()) if path.is_file()] if numbers else []
    log.not_verifiable += [_name(table, path) for path in found.not_verifiable]
    _check_marks(log)
    return log


def _replay(log: _Log, actions: Iterable[Mapping[str, Any]]) -> None:
    """Take over what an entry says; an action that is not as it should be was found by the chain, or will be."""
    for action in actions:
        with suppress(ValueError, KeyError, TypeError, AttributeError):
            if "add" in action:
                file = data_file(action["add"], moment=log.shape.moment)
                log.files[file.path] = file
            elif "remove" in action:
                log.files.pop(action["remove"]["path"], None)
            elif "txn" in action:
                log.numbers[action["txn"]["appId"]] = int(action["txn"]["version"])
            elif "commitInfo" in action:
                notes = action["commitInfo"].get("kcas", {})
                if "intervals" in notes:
                    log.pending = [DataFile.from_json(each) for each in notes["intervals"]["adds"]]
                if "file" in notes:
                    log.batches.append(from_metadata(notes))


def _check_marks(log: _Log) -> None:
    """The mark beside the table, and the checkpoints, which the mark holds the checksums of."""
    seen, path = read_mark(log.folder), mark(log.folder)
    if not path.exists():
        return
    log.paths.append(path)
    if seen.damaged or not entry(log.folder, seen.version).exists():
        log.damaged.append(Damage(path.name, NOT_AS_WRITTEN))
    elif not seen.sums:
        log.not_verifiable.append(path.name)
    for each in [*(log.folder / LOG).glob("*.checkpoint*"), log.folder / LOG / "_last_checkpoint"]:
        wanted = seen.sums.get(each.name)
        if not each.exists():
            continue
        if wanted is None:
            log.not_verifiable.append(_name(log.folder, each))
        elif checksums.differing({each: wanted}):
            log.damaged.append(Damage(_name(log.folder, each), NOT_AS_WRITTEN))


def _check_data(log: _Log, batches: Sequence[Batch]) -> None:
    files = list(log.files.values())
    damaged_files = damage.damaged(log.folder, files, shape=log.shape, batches=batches)
    if not log.whole:  # a file may have been taken away by the very entry that cannot be read
        damaged_files = [each for each in damaged_files if each.why != damage.MISSING]
    log.damaged += damaged_files
    log.not_verifiable += [f"{log.folder.name}/{file.path}" for file in files if not file.sha256]


def _damaged_loose(paths: Iterable[Path]) -> Iterator[Damage]:
    for path in paths:
        wanted = checksums.expected(path.name)
        if wanted and checksums.differing({path: wanted}):
            yield Damage(f"loose/{path.name}", NOT_AS_WRITTEN)


def _name(table: Path, path: Path) -> str:
    return f"{table.name}/{LOG}/{path.name}"


def _differing(calls: _Log, intervals: _Log) -> Iterator[str]:
    """Where the numbers of rows are not those on record."""
    rows: dict[int, int] = {}
    replaced: dict[int, int] = {}
    for log in (calls, intervals):
        lost = {each.file for each in log.damaged}
        for file in log.files.values():
            name = f"{log.folder.name}/{file.path}"
            if name in lost:
                yield f"{name}: damaged, so its rows cannot be counted."
                continue
            yield from _recounted(log, file, name=name, rows=rows, replaced=replaced)
    forgotten = calls.numbers.get(FORGOTTEN)
    for batch in calls.batches:
        first = batch.added.first
        if batch.record.forgotten or (forgotten and first and first.timestamp() < forgotten):
            continue  # its rows were permanently deleted
        read_as = calls.numbers.get(batch.record.identity, batch.number)
        if not read_as:
            yield f"{batch.record.name}: not read again since its damaged data file was taken out."
        if read_as != batch.number:
            continue
        held, wanted = rows.get(batch.number, 0), batch.added.new + replaced.get(batch.number, 0)
        if held != wanted:
            yield f"{batch.record.name}: {wanted:,} rows on record, and {held:,} in the data files."


def _recounted(
    log: _Log, file: DataFile, *, name: str, rows: dict[int, int], replaced: dict[int, int]
) -> Iterator[str]:
    """Count a data file's rows into the totals, and say where the log has another number."""
    path = log.folder / file.path
    columns = ["batch", "replaced_by"] + (["of_calls"] if log.shape is INTERVALS else [])
    frame = pl.read_parquet(path, columns=columns, hive_partitioning=False)
    if (frame.height, frame["replaced_by"].len() - frame["replaced_by"].null_count()) != (file.rows, file.replaced):
        yield f"{name}: {file.rows:,} rows on record, and {frame.height:,} in the file."
    if log.shape is INTERVALS:
        frame = frame.filter(~pl.col("of_calls"))
    for column, counts in (("batch", rows), ("replaced_by", replaced)):
        for number, count in frame[column].drop_nulls().value_counts().iter_rows():
            counts[number] = counts.get(number, 0) + count


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
    damaged_names = {each.file for each in damaged(table.folder, table.files, shape=table.shape, batches=batches)}
    return [file for file in table.files if f"{table.shape.name}/{file.path}" in damaged_names]


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
