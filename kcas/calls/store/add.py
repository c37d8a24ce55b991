"""Adding a file's content to the store: all of it, or none.

Revision: which new rows are already stored, and which stored rows they replace.

Sequentially it is one sentence: a row with a known key and other content replaces the known row, unless
the known one is told to its end and this one is not. Here it is done for ten million at once.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl

from kcas.calls.call import INTERVAL_SCHEMA, SCHEMA, check
from kcas.calls.store.files import Added, Change, DataFile, Record, Shape, to_metadata
from kcas.calls.store.read import read_file
from kcas.calls.store.stage import Spool, Stage, content_of, finished, key_of, repeats
from kcas.calls.store.table import FoundInFile, Table
from kcas.calls.store.write import ESCAPED, FORGOTTEN, IDENTITIES, KEY, LOOSE, Tables, put_loose
from kcas.errors import SettingError

PRINT = np.dtype([("key", "u8"), ("second", "u8"), ("content", "u8"), ("turn", "i4"), ("file", "i4"), ("row", "i4"),
                  ("finished", "?")])  # fmt: skip
PRINTS_HELD = 3_000_000
"""37 bytes each, and some ten times that while they are compared."""

KEYS_AT_HAND = 200_000
"""Rows of a data file whose keys, 8 bytes each, are kept from one file read in to the next."""

KNOWN = -1
"""The turn of a row the store holds already: before every piece of the file."""


@dataclass(frozen=True)
class _Verdict:
    """What a batch does to a table, and how many of its rows met which fate."""

    change: Change
    new: int
    already_held: int
    superseded: int


def judge(stage: Stage) -> _Verdict:
    """Settle every staged row against the file itself and against the store."""
    repeated, touched = _contested(stage)
    if not repeated and not touched:
        adds = tuple(each.file for each in stage.staged)
        return _Verdict(Change(adds), new=stage.rows, already_held=stage.already_held, superseded=stage.superseded)
    known = [stage.table.files[index] for index in sorted(touched)]
    prints = Spool(stage.scratch / f"{stage.shape.name}.prints", dtype=PRINT, rows_held=PRINTS_HELD)
    try:
        for row in _prints(stage, known):
            prints.put(row)
        return _settle(prints, stage, known)
    finally:
        prints.close()


def _contested(stage: Stage) -> tuple[bool, set[int]]:
    """Whether a key comes twice in the file, and which of the store's files hold a key of it."""
    repeated, touched = False, set[int]()
    here = {file.path for file in stage.table.files}
    stage.table.found = {path: found for path, found in stage.table.found.items() if path in here}
    for heap in stage.keys.heaps():
        wanted = np.sort(heap)
        repeated = repeated or repeats(wanted)
        for index, file in enumerate(stage.table.files):
            if index not in touched and _holds_any(stage, file, wanted):
                touched.add(index)
    return repeated, touched


def _holds_any(stage: Stage, file: DataFile, wanted: np.ndarray) -> bool:
    if not len(wanted):
        return False
    few, many = sorted((sorted_keys(stage.table, file), wanted), key=len)
    if not len(few):
        return False
    places = np.searchsorted(many, few)
    places[places == len(many)] = 0
    return bool((many[places] == few).any())


def sorted_keys(table: Table, file: DataFile) -> np.ndarray:
    """The keys of a data file; those of small files stay at hand, for every file read in is compared with them all."""
    found = table.found.setdefault(file.path, FoundInFile())
    if found.keys is None:
        keys = np.sort(
            key_of(read_file(table.folder, file, shape=table.shape, columns=table.shape.key), shape=table.shape)
        )
        if file.rows > KEYS_AT_HAND:
            return keys
        found.keys = keys
    return found.keys


def _prints(stage: Stage, known: Sequence[DataFile]) -> Iterator[np.ndarray]:
    folder = stage.table.folder
    for index, file in enumerate(known):
        frame = read_file(folder, file, shape=stage.shape)
        current = np.flatnonzero(frame["replaced_by"].is_null().to_numpy())
        turns = np.full(frame.height, KNOWN, dtype=np.int32)
        yield _print(frame, shape=stage.shape, turns=turns, file=index)[current]
    for index, each in enumerate(stage.staged):
        yield _print(read_file(folder, each.file, shape=stage.shape), shape=stage.shape, turns=each.turns(), file=index)


def _print(frame: pl.DataFrame, *, shape: Shape, turns: np.ndarray, file: int) -> np.ndarray:
    prints = np.empty(frame.height, dtype=PRINT)
    prints["key"] = key_of(frame, shape=shape)
    prints["second"] = key_of(frame, shape=shape, seed=9)
    prints["content"] = content_of(frame, shape=shape).to_numpy()
    prints["turn"] = turns
    prints["file"] = file
    prints["row"] = np.arange(frame.height)
    prints["finished"] = finished(frame, shape=shape).to_numpy()
    return prints


def _settle(prints: Spool, stage: Stage, known: Sequence[DataFile]) -> _Verdict:
    replaced = [np.zeros(file.rows, dtype=bool) for file in known]
    dropped = [np.zeros(each.file.rows, dtype=bool) for each in stage.staged]
    new, already_held, superseded = 0, stage.already_held, stage.superseded
    for heap in prints.heaps():
        fates = _fates(heap)
        _tick(replaced, fates.filter("replaced"))
        _tick(dropped, fates.filter("dropped"))
        counts = fates.filter(pl.col("turn") != KNOWN).group_by("fate").len()
        told = dict(counts.iter_rows())
        new += told.get("new", 0)
        already_held += told.get("already_held", 0)
        superseded += told.get("superseded", 0)
    change = _rewrite(stage, known, replaced=replaced, dropped=dropped)
    return _Verdict(change, new=new, already_held=already_held, superseded=superseded)


def _fates(prints: np.ndarray) -> pl.DataFrame:
    """For each row: is it dropped or replaced, and as what is it counted?"""
    key = ["key", "second"]
    rows = pl.DataFrame({name: prints[name] for name in PRINT.names or ()})
    rank = pl.col("turn").cast(pl.Int64) + pl.col("finished").cast(pl.Int64) * (1 << 40)
    by_key = rows.with_columns(rank=rank).with_columns(
        wins=pl.col("rank") == pl.col("rank").max().over(key),
        known_content=pl.col("content").filter(pl.col("turn") == KNOWN).first().over(key),
        won_content=pl.col("content").sort_by("rank").last().over(key),
    )
    staged, known = pl.col("turn") != KNOWN, pl.col("known_content").is_not_null()
    alike = pl.col("known_content") == pl.col("won_content")
    held = pl.col("content") == pl.col("won_content")
    beaten = pl.col("known_wins")
    return by_key.with_columns(
        known_wins=(pl.col("wins") & ~staged).any().over(key),
    ).select(
        "file",
        "row",
        "turn",
        replaced=~staged & ~pl.col("wins") & ~alike,
        dropped=staged & (~pl.col("wins") | (known & alike)),
        fate=pl.when(beaten)
        .then(pl.lit("already_held"))
        .when(pl.col("wins") & ~known)
        .then(pl.lit("new"))
        .when(pl.col("wins") & ~alike)
        .then(pl.lit("superseded"))
        .when(held)
        .then(pl.lit("already_held"))
        .otherwise(pl.lit("superseded")),
    )


def _tick(marks: Sequence[np.ndarray], rows: pl.DataFrame) -> None:
    for (file,), part in rows.group_by("file"):
        marks[int(str(file))][part["row"].to_numpy()] = True


def _rewrite(
    stage: Stage, known: Sequence[DataFile], *, replaced: Sequence[np.ndarray], dropped: Sequence[np.ndarray]
) -> Change:
    revised = [(file, marks) for file, marks in zip(known, replaced, strict=True) if marks.any()]
    adds = [_with_replaced(stage, file, marks) for file, marks in revised]
    for each, marks in zip(stage.staged, dropped, strict=True):
        adds += _without(stage, each.file, marks) if marks.any() else [each.file]
    return Change(tuple(adds), tuple(file for file, _ in revised))


def _with_replaced(stage: Stage, file: DataFile, marks: np.ndarray) -> DataFile:
    by = pl.when(pl.Series(marks)).then(pl.lit(stage.batch, pl.Int64)).otherwise("replaced_by")
    return stage.write(
        read_file(stage.table.folder, file, shape=stage.shape).with_columns(replaced_by=by), month=file.month
    )


def _without(stage: Stage, file: DataFile, marks: np.ndarray) -> list[DataFile]:
    frame = read_file(stage.table.folder, file, shape=stage.shape).filter(pl.Series(~marks))
    (stage.table.folder / file.path).unlink()
    return [] if frame.is_empty() else [stage.write(frame, month=file.month)]


def add(
    tables: Tables, pieces: Iterable[pl.DataFrame], *, record: Callable[[], Record], key: str | None = None
) -> Added:
    """Stage the pieces, settle them against what is held, and commit. `key` is the fingerprint of the tokens' key."""
    check_key(tables.folder, tables.calls, key)
    stages = _stages(tables)
    kept = False
    try:
        _fill(pieces, *stages, not_before=_forgotten(tables))
        told = record()
        known = tables.calls.number(told.identity)
        if known:
            return Added(known, already_held=sum(stage.given for stage in stages))
        calls, intervals = judge(stages[0]), judge(stages[1])
        added = _added(*stages, calls, intervals)
        notes = to_metadata(told, added=added, committed=tables.moment())
        numbers = {told.identity: added.batch, **told.positions, **_keep_loose(tables, told, batch=added.batch)}
        numbers |= _made_with(tables, key)
        kept = True  # from here on only the log knows whether the files count
        tables.commit(calls.change, intervals.change, notes=notes, numbers=numbers)
        return added
    finally:
        for stage in stages:
            stage.close(keep=kept)


def check_key(folder: Path, calls: Table, key: str | None) -> None:
    """Raise SettingError where tokens of another key would join those that are held."""
    known = calls.number(KEY)
    if key and known is not None and known != int(key, 16):
        raise SettingError(
            f"{folder}: its tokens were made with the key {known:014x}, and the key here is {key}: every caller would "
            "become two. Restore that key (kcas key restore FILE), say where it is in KCAS_KEY, or read the logs into "
            "a new store. Nothing was kept."
        )


def _made_with(tables: Tables, key: str | None) -> dict[str, int]:
    """What the first batch says for good: which key, and how references are joined."""
    numbers = {} if tables.calls.batch else {IDENTITIES: ESCAPED}
    return {**numbers, KEY: int(key, 16)} if key and tables.calls.number(KEY) is None else numbers


def _stages(tables: Tables) -> tuple[Stage, Stage]:
    batch = tables.calls.batch + 1
    return (
        Stage(tables.calls, batch=batch, scratch=tables.scratch),
        Stage(tables.intervals, batch=batch, scratch=tables.scratch),
    )


def _forgotten(tables: Tables) -> datetime | None:
    second = tables.calls.number(FORGOTTEN)
    return None if second is None else datetime.fromtimestamp(second, UTC)


def _fill(pieces: Iterable[pl.DataFrame], calls: Stage, intervals: Stage, *, not_before: datetime | None) -> None:
    for piece in pieces:
        if "measure" in piece.columns:
            told = piece.select(INTERVAL_SCHEMA.names()).cast(INTERVAL_SCHEMA)
            intervals.put(told.with_columns(of_calls=False), not_before=None)
        else:
            calls.put(check(piece).select(SCHEMA.names()), not_before=not_before)
    calls.finish()
    intervals.finish()


def _added(calls: Stage, intervals: Stage, of_calls: _Verdict, of_intervals: _Verdict) -> Added:
    moments = [each for stage in (calls, intervals) for each in (stage.first, stage.last) if each]
    return Added(
        calls.batch,
        new=of_calls.new + of_intervals.new,
        already_held=of_calls.already_held + of_intervals.already_held,
        superseded=of_calls.superseded + of_intervals.superseded,
        forgotten=calls.forgotten,
        first=min(moments, default=None),
        last=max(moments, default=None),
    )


def _keep_loose(tables: Tables, record: Record, *, batch: int) -> dict[str, int]:
    """Write down the events whose call is not whole yet: beside the log, so that they can be erased."""
    if record.loose is None or not (record.loose or tables.calls.number(LOOSE + record.format)):
        return {}  # nothing is waited for, and nothing was
    put_loose(tables.folder, record.format, batch, record.loose)
    return {LOOSE + record.format: batch}
