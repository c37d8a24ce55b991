"""Interval tables by a mapping: rows of queues' intervals as the measures they tell, added where several are one.

A table is known when all its rows are: only then can be seen which rows share an interval, and which of them are the
second pass of the hour that comes twice in autumn, in whatever order they stand.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import numpy as np
import polars as pl
import pyarrow as pa

from kcas.calls.call import INTERVAL_SCHEMA
from kcas.ingest.columns import (
    LARGEST,
    MISSING,
    MOST,
    Array,
    Unreadable,
    amount,
    distinct,
    duration,
    numbers,
    plain_spaces,
)
from kcas.ingest.copies import AGAIN, hashes_of, whole_file
from kcas.ingest.fields import Rows
from kcas.ingest.log_format import Piece
from kcas.ingest.mapping import Mapping
from kcas.ingest.mapping_values import Amount, Duration, When
from kcas.ingest.moment_forms import DAY, SECOND
from kcas.ingest.moments import REPEATED, to_utc
from kcas.ingest.row_reading import (
    HOUR_PUT_BACK,
    Faults,
    Reading,
    column_of_seconds,
    cut_at,
    entered,
    moments_in,
    names_column,
    typed_cells,
    wall_clock,
    without_ignored,
)

TOTALS = ("wait_answered", "wait_abandoned", "talk", "hold", "wrap", "longest_wait")
DISTINCT = ("callers", "callers_lost")
"""Distinct callers of several rows may be the same: they cannot be added."""
KEYS = ("queue", "start", "end")
ADDED = "the same queue's interval in several rows: they are added together"
LATER = "the same queue's interval in several rows: the later row counts"
ALIKE = "the same as another row in all its figures, and added to it: was the file sent twice?"
NOT_ADDED = "distinct callers of several rows, which cannot be added: left out"
ROUNDED = "counts from rounded percentages, which may be off by one call or more"


class IntervalTable:
    """The rows of one table, while its blocks go by."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.rows: list[pl.DataFrame] = []
        self.headers = 0

    def take(self, rows: Rows) -> Piece:
        """The next rows of the table, every line accounted for; their measures come at its end."""
        reading, mapping = self.reading, self.reading.mapping
        lines = len(rows.lines) + len(rows.refusals) + sum(rows.ignored.values())
        rows, ignored = without_ignored(rows, mapping)
        faults = Faults()
        queue = names_column(rows, mapping.queue, faults, required=True)
        start, clock = entered(rows, reading, faults, of=queue)
        end = interval_ends(rows, reading, faults, start=start)
        told = {str(at): amounts_of(rows, one, reading, faults) for at, one in enumerate(mapping.amounts)}
        sound = pl.Series(faults.sound(len(rows.lines)), dtype=pl.Boolean)
        frame = pl.DataFrame({"queue": queue, "start": start, "end": end, "clock": clock, "line": rows.lines, **told})
        self.rows.append(frame.filter(sound))
        self.headers += ignored.get("header", 0)
        refusals = sorted(rows.refusals + faults.refusals(rows.lines), key=lambda refusal: refusal.line)
        return Piece(
            lines=lines, used=int(sound.sum()), ignored=ignored, refusals=tuple(refusals), warnings=reading.warnings
        )

    def finish(self) -> Piece:
        """The measures of the whole table."""
        self.reading.warnings = {}
        rows = pl.concat(self.rows) if self.rows else pl.DataFrame()
        if not rows.height:
            return Piece(lines=0)
        once = whole_file(hashes_of(rows, "line"), headers=self.headers)
        self.reading.warn(f"{AGAIN}: its rows were counted once", rows.height - once)
        rows = rows.head(once)
        if self.reading.mapping.repeated_hour == "order":
            rows = with_second_pass(rows)
        return Piece(lines=0, intervals=self.measures(rows), warnings=self.reading.warnings)

    def measures(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Long rows of measures, the rows of one queue and interval as one."""
        shared = rows.height - rows.select(KEYS).n_unique()
        if self.reading.mapping.same_interval == "later row":
            self.reading.warn(LATER, shared)
            rows = rows.unique(KEYS, keep="last", maintain_order=True)
        else:
            self.reading.warn(ADDED, shared)
            self.reading.warn(ALIKE, rows.height - rows.drop("line").n_unique())
        told = enumerate(self.reading.mapping.amounts)
        frames = [rows.select(*KEYS, *measure_of(one), amount=str(at)) for at, one in told]
        long = pl.concat(frames).filter(pl.col("amount").is_not_nan())
        by = [*KEYS, "measure", "threshold"]
        many = pl.col("amount").count() > 1
        one = (
            pl.when(pl.col("measure").first() == "longest_wait").then(pl.col("amount").max())
            .when(~(pl.col("measure").first().is_in(DISTINCT) & many)).then(pl.col("amount").sum())
        )  # fmt: skip
        added = long.group_by(by, maintain_order=True).agg(amount=one)
        self.reading.warn(NOT_ADDED, added["amount"].null_count())
        moment = pl.col("start", "end").cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
        return added.drop_nulls("amount").with_columns(moment).select(*INTERVAL_SCHEMA).cast(INTERVAL_SCHEMA)


def with_second_pass(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with those of the second pass of a repeated hour an hour later.

    A queue's interval in that hour is there twice as often as its other intervals: the half of its rows that stand
    later are the second pass, or the half that stand earlier in a table whose latest interval comes first.
    """
    if not (rows["clock"] == REPEATED).any():
        return rows
    twice = pl.col("clock") == REPEATED
    rows = rows.with_row_index("at").with_columns(
        rows_there=pl.len().over(KEYS), turn=pl.int_range(pl.len()).over(KEYS)
    )
    usual = rows.filter(~twice).group_by("queue").agg(usual=pl.col("rows_there").mode().min())
    falling = rows.group_by("queue").agg(falling=pl.col("start").first() > pl.col("start").last())
    rows = rows.join(usual, on="queue", how="left").join(falling, on="queue", how="left").sort("at")
    usually = pl.col("usual").fill_null(1)
    later = pl.when("falling").then(pl.col("turn") < usually).otherwise(pl.col("turn") >= usually)
    second = twice & (pl.col("rows_there") == 2 * usually) & later
    shift = pl.when(second).then(HOUR_PUT_BACK).otherwise(0)
    columns = [name for name in rows.columns if name not in ("at", "rows_there", "turn", "usual", "falling")]
    return rows.with_columns(pl.col("start", "end") + shift).select(columns)


def amounts_of(rows: Rows, told: Amount, reading: Reading, faults: Faults) -> Array:
    """The amounts of a measure, NaN where none is told."""
    mapping = reading.mapping
    base = None if told.base is None else _numbers_in(rows, told.base, count_or_none(told, mapping), faults)
    total = np.zeros(len(rows.lines))
    for sign, columns in ((1, told.columns), (-1, told.less)):
        for column in columns:
            total += sign * _numbers_in(rows, column, amount_or_none(told, mapping), faults)
    faults.add(told.columns[0], {int(row): "comes to less than nothing." for row in np.flatnonzero(total < 0)})
    if base is None:
        return total
    share = total / 100 if told.percent_of else total
    if not told.times:
        above = {int(row): "is more than the whole of which it is a share." for row in np.flatnonzero(share > 1)}
        faults.add(told.columns[0], above)
    amounts: Array = np.where(base == 0, 0.0, share * base)
    return amounts if told.times else whole_calls(amounts, base, told, reading)


def whole_calls(amounts: Array, base: Array, told: Amount, reading: Reading) -> Array:
    """Counts from shares, as whole calls; those of a base so large that the share's rounding is a call are counted."""
    rounding = 0.0005 if told.percent_of else 1e-6  # a percentage is taken to have one decimal
    reading.warn(ROUNDED, int(np.count_nonzero(base * rounding > 0.5)))
    return np.where(np.isnan(amounts), np.nan, np.rint(amounts))


def _numbers_in(rows: Rows, column: str, parse: Callable[[str], float], faults: Faults) -> Array:
    """A column's numbers, NaN where there is none."""
    values, reasons = numbers(rows.columns[column], parse)
    for row, cell in typed_cells(rows, column, timedelta):
        values[row] = cell.total_seconds()
        reasons.pop(row, None)
    faults.add(column, reasons)
    return values


def amount_or_none(told: Amount, mapping: Mapping) -> Callable[[str], float]:
    """Reads one amount, NaN where the field says none."""
    counts = told.measure not in TOTALS and not told.base
    largest = MOST if counts else LARGEST

    def parse(text: str) -> float:
        text = plain_spaces(text)
        if text in told.unknown:
            return float("nan")
        if told.form:
            return duration(text, form=told.form, decimal=mapping.decimal, longest=LARGEST)
        if told.percent_of:
            text = text.removesuffix("%").rstrip(" ")
        elif text.endswith("%"):
            raise Unreadable(
                "is not an amount but a percentage. Say percent_of, the column of calls of which it is one."
            )
        return amount(text, largest=largest, decimal=mapping.decimal, whole=counts)

    return parse


def count_or_none(told: Amount, mapping: Mapping) -> Callable[[str], float]:
    """Reads the count that an average or a share is of, NaN where the field says none."""

    def parse(text: str) -> float:
        none = plain_spaces(text) in told.unknown
        return float("nan") if none else amount(text, largest=MOST, decimal=mapping.decimal, whole=True)

    return parse


def measure_of(told: Amount) -> list[pl.Expr]:
    """Which measure a column tells."""
    return [pl.lit(told.measure).alias("measure"), pl.lit(told.threshold, pl.Float64).alias("threshold")]


def interval_ends(rows: Rows, reading: Reading, faults: Faults, *, start: Array) -> Array:
    """When each interval ends: a while after its start, with its local day, week or month, or where its range does."""
    length, when = reading.mapping.length, reading.mapping.entered[0]
    if isinstance(length, float):
        return start + int(length * SECOND)
    if isinstance(length, Duration):
        seconds, reasons = column_of_seconds(rows, length, reading)
        reasons = {int(row): "says no length." for row in np.flatnonzero(~(seconds > 0))} | reasons
        faults.add(length.columns[0], reasons)
        return np.asarray(start + np.rint(np.nan_to_num(seconds) * SECOND).astype(np.int64))
    if length == "range":
        return ends_told(rows, reading, faults, start=start)
    wall, _ = wall_clock(rows, when)
    known = wall != MISSING
    days = np.where(known, wall, 0).astype("datetime64[us]").astype("datetime64[D]")
    after = days + 7 if length == "week" else days.astype(f"datetime64[{'M' if length == 'month' else 'D'}]") + 1
    local: Array = after.astype("datetime64[us]").astype(np.int64)
    return local if when.form.is_utc else to_utc(local, zone=reading.zone)[0]


def ends_told(rows: Rows, reading: Reading, faults: Faults, *, start: Array) -> Array:
    """The ends that the ranges themselves tell; as long after the start as their clocks are apart."""
    when = reading.mapping.entered[0]
    wall, _ = wall_clock(rows, when)
    ends, reasons = range_ends(rows, when)
    for row, (column, reason) in reasons.items():
        faults.of_row.setdefault(row, (column, reason))
    known = (wall != MISSING) & (ends != MISSING)
    apart = np.where(known, ends - np.where(known, wall, 0), 0)
    faults.add(when.column, {int(row): "ends before it starts." for row in np.flatnonzero(known & (apart <= 0))})
    return start + apart


def range_ends(rows: Rows, when: When) -> tuple[Array, dict[int, tuple[str, str]]]:
    """The wall clock at which each row's range ends; a time of day is on the day of its start, or the next."""
    whole = replace(when, range="", form=when.range_form or when.form, near=None)
    after = cut_at(rows.columns[when.column], when.range)[1]
    starts, _ = wall_clock(rows, when)
    if whole.form.has_day:
        return moments_in(replace(rows, columns={**rows.columns, when.column: after}), when.column, whole.form)
    told, reasons = moments_in(
        replace(rows, columns={**rows.columns, when.column: midnight_as_zero(after)}), when.column, whole.form
    )
    known = (told != MISSING) & (starts != MISSING)
    ends = np.where(known, starts // DAY * DAY + told, MISSING)
    if when.afternoon_before is not None:  # the next time that a clock of twelve hours shows this
        return np.where(known, starts + (ends - starts - 1) % (DAY // 2) + 1, MISSING), reasons
    return np.where(known & (ends <= starts), ends + DAY, ends), reasons


def midnight_as_zero(texts: pa.Array) -> pa.Array:
    """Times of day with 24:00, the end of a day, as the beginning of the next."""
    different, codes = distinct(texts)
    plain = [re.sub(r"^24(:?00(?::?00)?)$", r"00\1", text) for text in different.to_pylist()]
    return pa.array(plain, pa.string()).take(pa.array(codes)).dictionary_encode()
