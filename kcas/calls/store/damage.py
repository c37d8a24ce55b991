"""Damage in data files: found before a file's rows are used, named with the logs to read again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from kcas.calls.store import files as checksums
from kcas.calls.store.files import CALLS, Batch, DataFile, Shape
from kcas.calls.store.ledger import Ledger
from kcas.calls.store.seal import last_whole
from kcas.errors import StoreError

CHANGED = "its content is not what was written (its SHA-256 is another)"
MISSING = "it is missing"
NAMED = 3
"""Logs named in a message; the rest are counted, and `kcas store --check` names them all."""

READER = (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError)
"""What the reader of Parquet raises over a damaged file."""

_readable: set[tuple[str, int, int]] = set()


@dataclass(frozen=True)
class Damage:
    """A file that is not what was written, why we say so, and the logs whose rows it held."""

    file: str
    why: str
    read_again: tuple[str, ...] = ()


def check(folder: Path, files: Sequence[DataFile], *, shape: Shape) -> None:
    """Raise StoreError, naming the logs to read again, where a data file of a table is damaged."""
    damaged_files = damaged(folder, files, shape=shape)
    if damaged_files:
        raise StoreError(in_words(folder, damaged_files[0], others=len(damaged_files) - 1))


def damaged(
    folder: Path, files: Sequence[DataFile], *, shape: Shape, batches: Sequence[Batch] | None = None
) -> list[Damage]:
    """The damaged ones among a table's data files; those without a checksum are read in full, which shows most."""
    sums = {folder / file.path: file.sha256 for file in files if file.sha256}
    differing = set(checksums.differing(sums)) if sums else set()
    whys = {file: _why(folder / file.path) for file in files if folder / file.path in differing}
    for file in files:
        why = None if file.sha256 else _unreadable(folder / file.path, file, shape=shape)
        if why:
            whys[file] = why
    if not whys:
        return []
    known = ledger_of(folder) if batches is None else batches
    return [Damage(f"{folder.name}/{file.path}", why, read_again(file, known)) for file, why in whys.items()]


def content(folder: Path, file: DataFile, *, shape: Shape) -> bytes:
    """A data file's bytes, compared with its checksum now. Raises StoreError where it is damaged."""
    try:
        content_read = (folder / file.path).read_bytes()
    except FileNotFoundError:
        content_read = b""
    if file.sha256 is None:
        check(folder, [file], shape=shape)
    elif checksums.checksum(content_read) != file.sha256:
        damage = Damage(f"{folder.name}/{file.path}", _why(folder / file.path), read_again(file, ledger_of(folder)))
        raise StoreError(in_words(folder, damage))
    return content_read


def ledger_of(folder: Path) -> list[Batch]:
    """The ledger of the store that a table's folder is part of."""
    calls = folder.parent / CALLS.name
    return Ledger(calls).batches(last_whole(calls))


def read_again(file: DataFile, batches: Iterable[Batch]) -> tuple[str, ...]:
    """The names of the logs to read again where a data file is damaged, in this order."""
    return tuple(batch.record.name for batch in to_read_again(file, batches))


def to_read_again(file: DataFile, batches: Iterable[Batch]) -> list[Batch]:
    """The batches whose rows a data file may hold, and the later ones that corrected calls of the same days.

    An earlier log read again would have the last word over those corrections, unless they follow it.
    """
    batches_found: list[Batch] = []
    for batch in batches:
        brought = file.first_batch <= batch.number <= file.last_batch and _overlap(batch, file.first, file.last)
        if brought or (batch.added.superseded and any(_overlap(batch, *_span(each)) for each in batches_found)):
            batches_found.append(batch)
    return batches_found


def _overlap(batch: Batch, first: datetime | None, last: datetime | None) -> bool:
    begins, ends = _span(batch)
    return bool(begins and ends and first and last and begins <= last and ends >= first)


def _span(batch: Batch) -> tuple[datetime | None, datetime | None]:
    return batch.added.first, batch.added.last


def in_words(folder: Path, damage: Damage, *, others: int = 0) -> str:
    """What is damaged and what to do about it."""
    more = f" Other damaged files: {others:,}." if others else ""
    logs = list(damage.read_again[:NAMED])
    if len(damage.read_again) > NAMED:
        logs.append(f"and {len(damage.read_again) - NAMED:,} more")
    again = f", or run `kcas store --repair` and read again: {', '.join(logs)}" if logs else ""
    return (
        f"{folder.parent / damage.file}: damaged: {damage.why}.{more} Restore it from a copy{again}. "
        "See all: kcas store --check"
    )


def _why(path: Path) -> str:
    return CHANGED if path.exists() else MISSING


def _unreadable(path: Path, file: DataFile, *, shape: Shape) -> str | None:
    """Why a file without a checksum cannot be believed; None where it can be read and is as the log says."""
    try:
        stat = path.stat()
        key = (str(path), stat.st_size, stat.st_mtime_ns)
        if key in _readable:
            return None
        frame = pl.read_parquet(path, columns=shape.stored.names(), hive_partitioning=False)
    except FileNotFoundError:
        return MISSING
    except READER:
        return "it cannot be read"
    if file.rows and file.rows != frame.height:
        return f"it holds {frame.height:,} rows, and {file.rows:,} were written"
    if file.is_ours and file.replaced != frame.height - frame["replaced_by"].null_count():
        return "its rows are not those that were written"
    _readable.add(key)
    return None
