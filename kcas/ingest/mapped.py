"""Reading of a log by its mapping, without code of its own: calls or interval tables."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import polars as pl

from kcas.calls.call import INTERVAL_SCHEMA
from kcas.errors import LogError
from kcas.ingest import fields
from kcas.ingest.columns import LARGEST, MISSING, MOST, Array, amount, numbers
from kcas.ingest.fields import Rows
from kcas.ingest.log_format import Carried, Piece, ReadSettings
from kcas.ingest.mapped_calls import calls_of
from kcas.ingest.mapping import Amount, Mapping
from kcas.ingest.reading import Head, Log
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


PARTED = "columns run together by spaces, told apart by their fixed codes"


@dataclass(frozen=True)
class Mapped:
    """A log whose rows are calls, or a table whose rows are intervals, as its mapping says."""

    mapping: Mapping

    @property
    def key(self) -> str:
        """The mapping's short name."""
        return self.mapping.key

    @property
    def words(self) -> str:
        """What it is, for a person."""
        return self.mapping.words

    @property
    def encoding(self) -> str:
        """How its bytes are to be read."""
        return self.mapping.layout.encoding

    def claims(self, head: Head) -> bool:
        """Whether the log has the header this mapping is recognised by."""
        marked = head.encoding is not None
        return fields.claims(head.raw, layout=self.mapping.layout, used=self.mapping.used, marked=marked)

    def read(self, log: Log, *, settings: ReadSettings, carried: Carried) -> Iterator[Piece]:
        """The log in pieces, one for each block. A row is a whole call: nothing is carried from file to file."""
        mapping, told = self.mapping, 0
        zone = settings.zone or mapping.zone or settings.default_zone
        reading = Reading(mapping, settings, zone)
        make = calls_of if mapping.kind == "calls" else intervals_of
        for rows in fields.rows_of(log, layout=mapping.layout, used=mapping.used, as_it_stands=as_it_stands(mapping)):
            reading.warnings = {}
            reading.warn(PARTED, rows.parted)
            piece = make(rows, reading)
            told += len(rows.lines) + len(rows.refusals)
            yield piece
        if not told:
            raise LogError(f"{log.name}: holds a header and no rows.")


def as_it_stands(mapping: Mapping) -> set[str]:
    """Columns whose texts are mostly distinct: what tells a call from another, and moments written with their day."""
    conditions = [rule.when for rule in (*mapping.outcomes, *mapping.ignored)]
    conditions += [c for when in mapping.entered for c in (when.when, when.unless) if c]
    moments_told = {when.column for when in mapping.entered if when.form.has_day and when.form.fixed}
    names = {name.column for name in (mapping.queue, *mapping.names.values())}
    durations = {duration.column for duration in mapping.durations.values()}
    return (
        (moments_told | set(mapping.leg[-1:])) - {column for c in conditions for column in c.texts} - names - durations
    )
