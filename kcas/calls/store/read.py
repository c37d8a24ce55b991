"""Rows of a table that are current, or were at an earlier batch."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from kcas.calls.store import damage
from kcas.calls.store.files import Change, DataFile, Shape
from kcas.calls.store.table import FoundInFile, Table

READ_AT_ONCE = 1_000
UNFINISHED_AT_HAND = 1_000
"""Unfinished calls of a data file that are kept from one file read in to the next; usually there is none."""


def rows(table: Table, *, batch: int | None, pending: Change | None = None) -> pl.LazyFrame:
    """The rows current now, or as at a batch, read only when asked for."""
    files = files_after(table.files, pending)
    shape = table.shape
    if batch is not None:
        then = [file for file in files if file.first_batch <= batch]
        current = pl.col("replaced_by").is_null() | (pl.col("replaced_by") > batch)
        return scan(table.folder, then, shape=shape).filter(pl.col("batch") <= batch, current).drop("replaced_by")
    whole = [file for file in files if not file.replaced]
    revised = [file for file in files if file.replaced]
    scans = [scan(table.folder, part, shape=shape) for part in (whole, revised) if part]
    if revised:
        scans[-1] = scans[-1].filter(pl.col("replaced_by").is_null())
    if not scans:
        return scan(table.folder, [], shape=shape).drop("replaced_by")
    return (pl.concat(scans) if len(scans) > 1 else scans[0]).drop("replaced_by")


def found_unfinished(table: Table, *, which: pl.Expr) -> pl.DataFrame:
    """The current calls that are not told to their end; each data file is looked through once."""
    whole = [file for file in table.files if not file.replaced]
    revised = [file for file in table.files if file.replaced]
    ordered = [file for part in (whole, revised) for file in sorted(part, key=lambda file: (file.first, file.path))]
    frames = []
    for file in ordered:
        found = table.found.setdefault(file.path, FoundInFile())
        unfinished = found.unfinished
        if unfinished is None:
            small = file.rows <= READ_AT_ONCE
            rows = (
                read_file(table.folder, file, shape=table.shape).lazy()
                if small
                else scan(table.folder, [file], shape=table.shape)
            )
            unfinished = rows.filter(pl.col("replaced_by").is_null(), which).drop("replaced_by").collect()
        if unfinished.height <= UNFINISHED_AT_HAND:
            found.unfinished = unfinished
        frames += [unfinished] if unfinished.height else []
    return pl.concat(frames) if frames else pl.DataFrame(schema=table.shape.stored).drop("replaced_by")


def every_row(table: Table, *, pending: Change | None = None) -> pl.LazyFrame:
    """The rows of every revision, each with the batch that replaced it."""
    return scan(table.folder, files_after(table.files, pending), shape=table.shape)


def files_after(files: Sequence[DataFile], change: Change | None) -> list[DataFile]:
    """The files that count once a change has been made."""
    if change is None:
        return list(files)
    gone = {file.path for file in change.removes}
    return [*(file for file in files if file.path not in gone), *change.adds]


def scan(folder: Path, files: Sequence[DataFile], *, shape: Shape) -> pl.LazyFrame:
    """The rows of data files, each compared with its checksum. Raises StoreError where one is damaged."""
    if not files:
        return pl.LazyFrame(schema=shape.stored)
    damage.check(folder, files, shape=shape)
    ordered = sorted(files, key=lambda file: (file.first, file.path))
    ours = [folder / file.path for file in ordered if file.is_ours]
    others = [folder / file.path for file in ordered if not file.is_ours]
    scans = []
    if ours:
        scans.append(pl.scan_parquet(ours, hive_partitioning=False, schema=shape.stored))
    if others:
        foreign = pl.scan_parquet(others, hive_partitioning=False)
        scans.append(foreign.select(shape.stored.names()).cast(dict(shape.stored)))  # type: ignore[arg-type]
    return pl.concat(scans) if len(scans) > 1 else scans[0]


def read_file(folder: Path, file: DataFile, *, shape: Shape, columns: Sequence[str] | None = None) -> pl.DataFrame:
    """A data file's rows, in their order. Raises StoreError where it is damaged.

    A file read whole is compared with its checksum each time: what is written from it is to last.
    """
    if columns:
        damage.check(folder, [file], shape=shape)
    source = folder / file.path if columns else damage.content(folder, file, shape=shape)
    chosen = list(columns or shape.stored.names())
    frame = pl.read_parquet(source, columns=chosen, hive_partitioning=False)
    return frame if file.is_ours else frame.cast({name: shape.stored[name] for name in chosen})
