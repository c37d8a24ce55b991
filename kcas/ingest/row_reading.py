"""Conditions, times and names of a mapping, row by row, for calls and intervals; lines that come again."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute

from kcas.calls.call import OUTCOMES
from kcas.ingest.columns import (
    EPOCH,
    MISSING,
    MOST_SECONDS,
    Array,
    Unreadable,
    distinct,
    duration,
    each_once,
    matching,
    name,
    numbers,
    plain_spaces,
    rows_at_fault,
)
from kcas.ingest.copies import Repeats
from kcas.ingest.fields import Rows
from kcas.ingest.log_format import OLDEST, ReadSettings, Refusal
from kcas.ingest.mapping import Mapping
from kcas.ingest.mapping_values import Condition, Duration, Name, When
from kcas.ingest.moment_forms import DAY, SECOND, Form
from kcas.ingest.moments import REPEATED, Order, moments, to_utc

_NAMES = list(OUTCOMES)
Tokens = Callable[[pa.Array], list[str | None]]
MICROSECOND = timedelta(microseconds=1)
OLDEST_WALL = (OLDEST.replace(tzinfo=None) - EPOCH) // timedelta(microseconds=1) - DAY


@dataclass
class Faults:
    """The first fault of each row, found column by column."""

    of_row: dict[int, tuple[str, str]] = field(default_factory=dict)

    def add(self, column: str, reasons: dict[int, str]) -> None:
        """Note why rows are at fault, unless they are already."""
        for row, reason in reasons.items():
            self.of_row.setdefault(row, (column, reason))

    def sound(self, count: int) -> Array:
        """Which rows have no fault."""
        mask = np.ones(count, dtype=np.bool_)
        mask[list(self.of_row)] = False
        return mask

    def refusals(self, lines: Array) -> list[Refusal]:
        """The rows at fault as refused lines."""
        return [Refusal(int(lines[row]), *self.of_row[row]) for row in sorted(self.of_row)]


@dataclass
class Reading:
    """What is carried from block to block while a file is read."""

    mapping: Mapping
    settings: ReadSettings
    zone: str
    orders: dict[str, Order] = field(default_factory=dict)
    repeats: Repeats = field(default_factory=Repeats)
    warnings: dict[str, int] = field(default_factory=dict)

    def order_of(self, name: str) -> Order:
        """What the rows of a name have told so far by their order."""
        meant = self.mapping.repeated_hour
        if self.mapping.kind == "intervals" and meant == "order":
            meant = "first"  # a table's rows are told apart when all of them are known
        return self.orders.setdefault(name, Order(meant))

    def warn(self, words: str, times: int) -> None:
        """Count something put right or left out."""
        if times:
            self.warnings[words] = self.warnings.get(words, 0) + times


def met(condition: Condition, rows: Rows) -> Array:
    """Which rows meet a condition."""
    mask = np.ones(len(rows.lines), dtype=np.bool_)
    for column, test in condition.tests.items():
        mask &= matching(rows.columns[column], test)
    return mask


def without_ignored(rows: Rows, mapping: Mapping) -> tuple[Rows, dict[str, int]]:
    """The rows no rule leaves out, and how many each rule did."""
    ignored = dict(rows.ignored)
    for rule in mapping.ignored:
        hit = met(rule.when, rows)
        if count := int(hit.sum()):
            ignored[rule.gives] = ignored.get(rule.gives, 0) + count
            rows = rows.only(~hit)
    return rows, ignored


def entered(rows: Rows, reading: Reading, faults: Faults, *, of: pl.Series | None = None) -> tuple[Array, Array]:
    """When each row's call entered, in UTC (MISSING where that is a fault), and why the clock was not certain.

    `of` are names whose rows have each an order of time of their own.
    """
    whens = reading.mapping.entered
    wall = np.full(len(rows.lines), MISSING, dtype=np.int64)
    left, is_utc = np.ones(len(wall), dtype=np.bool_), np.zeros(len(wall), dtype=np.bool_)
    shift = np.zeros(len(wall), dtype=np.int64)
    for when in whens:
        here = left & applies(when, rows)
        if when.unknown:
            here &= ~matching(rows.columns[when.column], when.unknown.__contains__)
        if here.any():
            told, reasons = wall_clock(rows, when)
            wall[here], is_utc[here] = told[here], when.form.is_utc
            shift[here] = shift_of(rows, when, reading, faults, here=here)[here]
            for row in filter(here.__getitem__, reasons):
                faults.of_row.setdefault(row, reasons[row])
        left &= ~here
    faults.add(whens[-1].column, {int(row): "tells no moment by this mapping." for row in np.flatnonzero(left)})
    utc, flags = in_utc(wall, reading, faults, is_utc=is_utc, column=whens[0].column, of=of)
    return np.where(utc == MISSING, utc, utc + shift), flags


def shift_of(rows: Rows, when: When, reading: "Reading", faults: Faults, *, here: Array) -> Array:
    """Microseconds by which the call entered later than its column says, or earlier where they are negative."""
    shift = np.zeros(len(rows.lines), dtype=np.int64)
    for sign, parts in ((1, when.plus), (-1, when.less)):
        for part in parts:
            seconds, reasons = column_of_seconds(rows, part, reading)
            unknown = np.flatnonzero(here & np.isnan(seconds))
            reasons = {int(row): "is empty, and the moment needs it." for row in unknown} | reasons
            faults.add(part.columns[0], {row: why for row, why in reasons.items() if here[row]})
            shift += sign * np.rint(np.nan_to_num(seconds) * SECOND).astype(np.int64)
    return shift


def applies(when: When | Duration, rows: Rows) -> Array:
    """Which rows tell their value in this way."""
    mask = met(when.when, rows) if when.when else np.ones(len(rows.lines), dtype=np.bool_)
    return mask & ~met(when.unless, rows) if when.unless else mask


def wall_clock(rows: Rows, when: When) -> tuple[Array, dict[int, tuple[str, str]]]:
    """The wall clock told in a column, put on its day where another column tells that; and faults with their column."""
    if when.range:
        rows = replace(rows, columns={**rows.columns, when.column: cut_at(rows.columns[when.column], when.range)[0]})
    told, reasons = moments_in(rows, when.column, when.form)
    told = afternoon(told, when)
    if not when.day or not when.day_form:
        return told, reasons
    days, of_days = moments_in(rows, when.day, when.day_form)
    shift = np.zeros(len(told), dtype=np.int64)
    if when.near:
        near, of_near = moments_in(rows, when.near, when.form)
        reasons = of_near | reasons
        apart = told - afternoon(near, when)
        shift = np.where(apart > DAY // 2, -DAY, np.where(apart < -DAY // 2, DAY, 0))
    reasons = of_days | reasons
    wall = told + days + shift
    wall[list(reasons)] = MISSING
    return wall, reasons


def afternoon(told: Array, when: When) -> Array:
    """Moments of a clock of twelve hours on one of 24, where the mapping says which hours are after noon."""
    if when.afternoon_before is None:
        return told
    hour = told % DAY // (DAY // 24)
    later = (told != MISSING) & (hour > 0) & (hour < when.afternoon_before)
    return np.where(later, told + DAY // 2, told)


def cut_at(texts: pa.Array, mark: str) -> tuple[pa.Array, pa.Array]:
    """A column of ranges as two: what is before the mark, and what is after it."""
    different, codes = distinct(texts)
    halves = [plain_spaces(text).partition(mark) for text in different.to_pylist()]
    places = pa.array(codes)
    before, after = (pa.array([half[at].strip(" ") for half in halves], pa.string()) for at in (0, 2))
    return before.take(places).dictionary_encode(), after.take(places).dictionary_encode()


def moments_in(rows: Rows, column: str, written: Form) -> tuple[Array, dict[int, tuple[str, str]]]:
    """A column's moments, and its faults with its name."""
    told, reasons = moments(rows.columns[column], written)
    for row, cell in typed_cells(rows, column, date, time):
        told[row] = moment_of_cell(cell, written)
        if told[row] != MISSING:
            reasons.pop(row, None)
    return told, {row: (column, reason) for row, reason in reasons.items()}


def typed_cells(rows: Rows, column: str, *kinds: type) -> Iterator[tuple[int, Any]]:
    """The rows in which a workbook gives a column's value as one of these types, and the value."""
    cells = rows.typed.get(column, ())
    return ((row, cell) for row, cell in enumerate(cells) if isinstance(cell, kinds))


def moment_of_cell(cell: date | time, written: Form) -> int:
    """Microseconds of a cell, since the epoch or since midnight as the form has it; MISSING where it lacks the day, or
    each row's own offset."""
    if written.is_utc and written.offset is None:
        return MISSING
    if isinstance(cell, time):
        return MISSING if written.has_day else _since_midnight(cell) // MICROSECOND
    moment = cell if isinstance(cell, datetime) else datetime.combine(cell, time())
    since = (moment - timedelta(minutes=written.offset or 0) - EPOCH) // MICROSECOND
    return since if written.has_day else since % DAY


def seconds_of_cell(cell: time | timedelta) -> float:
    """Seconds of a cell that is a duration, or a time of day that stands for one."""
    return cell.total_seconds() if isinstance(cell, timedelta) else seconds_of_cell(_since_midnight(cell))


def _since_midnight(cell: time) -> timedelta:
    return datetime.combine(EPOCH, cell) - EPOCH


def in_utc(
    wall: Array, reading: Reading, faults: Faults, *, is_utc: Array, column: str, of: pl.Series | None
) -> tuple[Array, Array]:
    """Wall clock as UTC; moments before 1970 or still to come are faults."""
    latest = (reading.settings.latest.replace(tzinfo=None) - EPOCH) // timedelta(microseconds=1)
    known = wall != MISSING
    within = known & (wall >= OLDEST_WALL) & (wall <= latest + DAY)
    utc, flags = np.full(len(wall), MISSING, dtype=np.int64), np.full(len(wall), "", dtype="<U13")
    utc[within & is_utc] = wall[within & is_utc]
    for whose, rows in in_orders(within & ~is_utc, of):
        utc[rows], flags[rows] = to_utc(wall[rows], zone=reading.zone, order=reading.order_of(whose))
    for row in np.flatnonzero(known & (~within | (utc > latest) | (utc < 0))):
        when = "before 1970" if wall[row] < DAY else "in the future"
        faults.add(column, {int(row): f"a moment {when}."})
    return utc, flags


NEGATIVE = -1.0
HOUR_PUT_BACK = 3600 * SECOND


def column_of_seconds(rows: Rows, told: Duration, reading: Reading) -> tuple[Array, dict[int, str]]:
    """The first of a duration's columns that says one, in seconds; NaN where none does, NEGATIVE where that is to be
    taken as not known. And why rows are at fault."""

    def parse(text: str) -> float:
        if text.strip(" ") in told.unknown:
            return float("nan")
        try:
            return duration(text, form=told.form, decimal=reading.mapping.decimal)
        except Unreadable:
            if told.negative_is_unknown and text.strip(" ").startswith("-"):
                duration(text.strip(" ")[1:], form=told.form, decimal=reading.mapping.decimal)
                return NEGATIVE
            raise

    found, faults = np.full(len(rows.lines), np.nan), dict[int, str]()
    for column in told.columns:
        values, reasons = numbers(rows.columns[column], parse)
        for row, cell in typed_cells(rows, column, timedelta, time):
            if 0 <= (seconds := seconds_of_cell(cell)) <= MOST_SECONDS:  # what is not is for the text to say
                values[row] = seconds
                reasons.pop(row, None)
        faults |= {row: why for row, why in reasons.items() if np.isnan(found[row]) and row not in faults}
        found = np.where(np.isnan(found), values, found)
    return found, faults


def seconds_of(
    rows: Rows,
    ways: tuple[Duration, ...],
    reading: Reading,
    faults: Faults,
    *,
    outcome: Array,
    entered: Array,
    had: Array,
) -> Array:
    """A duration of each row in seconds, by the first way that applies to it; NaN where none is known.

    `had` marks the rows whose outcome has such a duration at all: what comes to less than zero elsewhere is no fault.
    """
    found, left = np.full(len(rows.lines), np.nan), np.ones(len(rows.lines), dtype=np.bool_)
    for way in ways:
        here = left & applies(way, rows)
        if way.outcomes:
            here &= np.isin(outcome, [_NAMES.index(name) for name in way.outcomes])
        if here.any():
            values, reasons = whole_duration(rows, way, reading, entered=entered)
            negative = here & (values < 0)
            if way.negative_is_unknown:
                reading.warn(f"{name_of_value(way)}: negative, taken as not known", int(negative.sum()))
                values[negative] = np.nan
            else:
                below = np.flatnonzero(negative & had)
                reasons = {int(row): "comes to less than nothing." for row in below} | reasons
            faults.add(name_of_value(way), {row: why for row, why in reasons.items() if here[row]})
            found[here] = values[here]
        left &= ~here
    return np.where(had, found, np.nan)


def name_of_value(way: Duration) -> str:
    """The column that a duration is known by."""
    return (way.columns or way.until)[0]


def whole_duration(rows: Rows, way: Duration, reading: Reading, *, entered: Array) -> tuple[Array, dict[int, str]]:
    """A duration with what is added to it and taken away; unknown where one of them is."""
    if way.until:
        values, reasons = time_between(rows, way, reading, entered=entered)
    else:
        values, reasons = column_of_seconds(rows, way, reading)
    for sign, parts in ((1, way.plus), (-1, way.less)):
        for part in parts:
            more, why = column_of_seconds(rows, part, reading)
            values, reasons = values + sign * more, why | reasons
    return values, reasons


def time_between(rows: Rows, way: Duration, reading: Reading, *, entered: Array) -> tuple[Array, dict[int, str]]:
    """Seconds from one moment to another, NaN where either is not told."""
    ends, put_back, reasons = first_moment_told(rows, way.until, way, reading)
    starts, twice = entered, np.zeros(len(rows.lines), dtype=np.bool_)
    if way.since:
        starts, twice, of_starts = first_moment_told(rows, way.since, way, reading)
        reasons = of_starts | reasons
    known = (starts != MISSING) & (ends != MISSING)
    apart = np.where(known, ends - np.where(known, starts, 0), 0)
    if not way.moment.has_day:  # a clock that has gone past midnight
        apart = np.where(apart < -DAY // 2, apart + DAY, apart)
    apart = np.where(
        (apart < 0) & put_back, apart + HOUR_PUT_BACK, apart
    )  # it ended in the second pass of the repeated hour
    out_of_second = twice & ~put_back & (apart >= HOUR_PUT_BACK)  # it began there: the shorter time is meant
    apart = np.where(out_of_second, apart - HOUR_PUT_BACK, apart)
    return np.where(known, apart / SECOND, np.nan), reasons


def first_moment_told(
    rows: Rows, columns: tuple[str, ...], way: Duration, reading: Reading
) -> tuple[Array, Array, dict[int, str]]:
    """The moment in the first of the columns that tells one, in UTC where it has a day; MISSING where none does.

    And which rows are in an hour that comes twice, of which the first pass is taken; and why rows are at fault.
    """
    found, faults = np.full(len(rows.lines), MISSING, dtype=np.int64), dict[int, str]()
    for column in columns:
        told, reasons = moments_in(rows, column, way.moment)
        empty = matching(rows.columns[column], way.unknown.__contains__)
        faults |= {row: why for row, (_, why) in reasons.items() if not empty[row] and found[row] == MISSING}
        found = np.where((found == MISSING) & ~empty, told, found)
    known, twice = found != MISSING, np.zeros(len(found), dtype=np.bool_)
    if way.moment.has_day and not way.moment.is_utc:
        found[known], flags = to_utc(found[known], zone=reading.zone)
        twice[known] = flags == REPEATED
    return found, twice, faults


def in_orders(within: Array, of: pl.Series | None) -> Iterator[tuple[str, Array]]:
    """The rows that share an order of time: all of them, or those of each name."""
    if of is None:
        yield "", within
        return
    for one in of.drop_nulls().unique():
        yield one, within & (of == one).fill_null(value=False).to_numpy()


def names_column(rows: Rows, told: Name, faults: Faults, *, required: bool) -> pl.Series:
    """A column of names."""
    if told.column is None:
        return pl.repeat(told.constant, len(rows.lines), dtype=pl.String, eager=True)

    def parse(text: str) -> str | None:
        if told.otherwise is not None and text.strip(" ") in told.unknown:
            return told.otherwise
        return name(text) if required or text.strip(" ") not in told.unknown else None

    values, codes, at_fault = each_once(rows.columns[told.column], parse)
    faults.add(told.column, rows_at_fault(codes, at_fault))
    return spread(values, codes)


def tokens(rows: Rows, told: Name, make: Tokens, reading: Reading) -> pl.Series:
    """A column of identifiers as keyed tokens; null where no one is named."""
    texts, codes = distinct(rows.columns[told.column or ""])
    texts = pa.compute.utf8_trim(texts, " ")
    nobody = pa.compute.is_in(texts, pa.array(told.unknown, pa.string()))
    if only := told.only:
        spoilt = np.array([not only.fullmatch(text) for text in texts.to_pylist()], dtype=np.bool_)
        spoilt &= ~nobody.to_numpy(zero_copy_only=False)
        reading.warn(f"{told.column}: not an identifier, left without a token", int(spoilt[codes].sum()))
        nobody = pa.compute.or_(nobody, pa.array(spoilt))
    return spread(make(pa.compute.if_else(nobody, pa.scalar(None, pa.string()), texts)), codes)


def spread(values: list[Any], codes: Array) -> pl.Series:
    """Each row's value from the distinct ones."""
    return pl.Series(values, dtype=pl.String).gather(codes)
