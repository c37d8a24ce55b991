"""How is a file's whole content kept, or none of it?"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

import polars as pl

from kcas.calls.call import INTERVAL_SCHEMA, SCHEMA, check
from kcas.calls.store.record import Added, Record, to_metadata
from kcas.calls.store.revise import Verdict, judge
from kcas.calls.store.stage import Stage
from kcas.calls.store.write import FORGOTTEN, LOOSE, Tables, put_loose


def add(tables: Tables, pieces: Iterable[pl.DataFrame], *, record: Callable[[], Record]) -> Added:
    """Stage the pieces, settle them against what is held, and commit."""
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
        kept = True  # from here on only the log knows whether the files count
        tables.commit(calls.change, intervals.change, notes=notes, numbers=numbers)
        return added
    finally:
        for stage in stages:
            stage.close(keep=kept)


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
    if record.loose is None:
        return {}
    put_loose(tables.folder, record.format, batch, record.loose)
    return {LOOSE + record.format: batch}
