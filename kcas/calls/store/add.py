"""Adding a file's content to the store: all of it, or none."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from kcas.calls.call import INTERVAL_SCHEMA, SCHEMA, check
from kcas.calls.store.record import Added, Record, to_metadata
from kcas.calls.store.revise import Verdict, judge
from kcas.calls.store.stage import Stage
from kcas.calls.store.table import Table
from kcas.calls.store.write import ESCAPED, FORGOTTEN, IDENTITIES, KEY, LOOSE, Tables, put_loose
from kcas.errors import SettingError


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


def _added(calls: Stage, intervals: Stage, of_calls: Verdict, of_intervals: Verdict) -> Added:
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
