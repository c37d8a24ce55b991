"""Rows of an interval table as intervals, by a mapping."""

from functools import partial

import numpy as np
import polars as pl

from kcas.calls.call import INTERVAL_SCHEMA
from kcas.ingest.columns import LARGEST, MISSING, MOST, Array, amount, numbers
from kcas.ingest.fields import Rows
from kcas.ingest.log_format import Piece
from kcas.ingest.mapping import Amount
from kcas.ingest.row_reading import Faults, Reading, entered, names_column, wall_clock, without_ignored
from kcas.ingest.wall_clock import SECOND, to_utc

TOTALS = ("wait_answered", "wait_abandoned", "talk", "hold", "wrap", "longest_wait")
ALIKE = "the same queue's interval twice: the later row counts"


def intervals_of(rows: Rows, reading: Reading) -> Piece:
    """One stretch of a table as long interval rows, every line accounted for."""
    mapping = reading.mapping
    lines = len(rows.lines) + len(rows.refusals) + sum(rows.ignored.values())
    rows, ignored = without_ignored(rows, mapping)
    faults = Faults()
    queue = names_column(rows, mapping.queue, faults, required=True)
    start, _ = entered(rows, reading, faults, of=queue)
    end = interval_ends(rows, reading, start=start)
    told = []
    for one in mapping.amounts:
        values, reasons = numbers(rows.columns[one.column], partial(amount_or_none, largest=most_of(one)))
        faults.add(one.column, reasons)
        told.append((one, values))
    sound = faults.sound(len(rows.lines))
    base = pl.DataFrame({"start": start[sound], "end": end[sound], "queue": queue.filter(pl.Series(sound))})
    reading.warn(ALIKE, base.height - base.n_unique())
    frames = [base.with_columns(measure_of(one), amount=values[sound]) for one, values in told]
    moment = pl.col("start", "end").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    frame = pl.concat(frames).with_columns(moment).filter(pl.col("amount").is_not_nan()).cast(INTERVAL_SCHEMA)
    refusals = sorted(rows.refusals + faults.refusals(rows.lines), key=lambda refusal: refusal.line)
    return Piece(
        lines=lines, intervals=frame.select(*INTERVAL_SCHEMA), used=int(sound.sum()), ignored=ignored,
        refusals=tuple(refusals), warnings=reading.warnings,
    )  # fmt: skip


def amount_or_none(text: str, *, largest: float) -> float:
    """An amount, NaN where the field is empty."""
    return amount(text, largest=largest) if text.strip(" ") else np.nan


def most_of(told: Amount) -> float:
    """The largest amount that can be meant: of seconds in all, or of calls."""
    return LARGEST if told.measure in TOTALS else MOST


def measure_of(told: Amount) -> list[pl.Expr]:
    """Which measure a column tells."""
    return [pl.lit(told.measure).alias("measure"), pl.lit(told.threshold, pl.Float64).alias("threshold")]


def interval_ends(rows: Rows, reading: Reading, *, start: Array) -> Array:
    """When each interval ends: a while after its start, or with its local day or month."""
    length, when = reading.mapping.length, reading.mapping.entered[0]
    if isinstance(length, float):
        return start + int(length * SECOND)
    wall, _ = wall_clock(rows, when)
    unit = "datetime64[M]" if length == "month" else "datetime64[D]"
    known = wall != MISSING
    after = np.where(known, wall, 0).astype("datetime64[us]").astype(unit) + 1
    local = after.astype("datetime64[us]").astype(np.int64)
    return local if when.form.is_utc else to_utc(local, zone=reading.zone)[0]
