"""Conditions, times and names of a mapping, row by row, for calls and intervals; lines that come again."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute

from kcas.ingest.columns import EPOCH, MISSING, Array, distinct, each_once, matching, name, rows_at_fault
from kcas.ingest.fields import Rows
from kcas.ingest.log_format import OLDEST, ReadSettings, Refusal
from kcas.ingest.mapping import Condition, Mapping, Name, When
from kcas.ingest.moment_forms import DAY, Form
from kcas.ingest.moments import Order, moments, to_utc


class Repeats:
    """State that lives while a file is read: the identities met so far."""

    def __init__(self) -> None:
        self._met: list[Array] = []

    def numbered(self, identities: pl.Series) -> pl.Series:
        """The identities (hexadecimal), each one met before with the number of its turn."""
        short = identities.str.slice(0, 16).str.to_integer(base=16, dtype=pl.UInt64).to_numpy()
        within = pl.DataFrame({"identity": identities}).select(pl.int_range(pl.len()).over("identity")).to_series()
        turn = within + 1
        for met in self._met:
            turn += np.searchsorted(met, short, side="right") - np.searchsorted(met, short, side="left")
        self._keep(np.sort(short))
        repeated = pl.select(pl.concat_str(identities, pl.lit("/"), turn.cast(pl.String))).to_series()
        return identities.zip_with(turn == 1, repeated)

    def _keep(self, met: Array) -> None:
        """Add sorted identities, merging runs of like size so that few need be searched."""
        while self._met and len(self._met[-1]) <= 2 * len(met):
            met = np.sort(np.concatenate([self._met.pop(), met]))
        self._met.append(met)


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
        return self.orders.setdefault(name, Order(self.mapping.repeated_hour))

    def warn(self, words: str, times: int) -> None:
        """Count something put right or left out."""
        if times:
            self.warnings[words] = self.warnings.get(words, 0) + times


def met(condition: Condition, rows: Rows) -> Array:
    """Which rows meet a condition."""
    mask = np.ones(len(rows.lines), dtype=np.bool_)
    for column, texts in condition.texts.items():
        mask &= matching(rows.columns[column], texts)
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
    left = np.ones(len(rows.lines), dtype=np.bool_)
    for when in whens:
        here = left & applies(when, rows)
        if here.any():
            told, reasons = wall_clock(rows, when)
            wall[here] = told[here]
            for row in filter(here.__getitem__, reasons):
                faults.of_row.setdefault(row, reasons[row])
        left &= ~here
    faults.add(whens[-1].column, {int(row): "tells no moment by this mapping." for row in np.flatnonzero(left)})
    return in_utc(wall, reading, faults, column=whens[0].column, of=of)


def applies(when: When, rows: Rows) -> Array:
    """Which rows tell their moment in this column."""
    mask = met(when.when, rows) if when.when else np.ones(len(rows.lines), dtype=np.bool_)
    return mask & ~met(when.unless, rows) if when.unless else mask


def wall_clock(rows: Rows, when: When) -> tuple[Array, dict[int, tuple[str, str]]]:
    """The wall clock told in a column, put on its day where another column tells that; and faults with their column."""
    told, reasons = moments_in(rows, when.column, when.form)
    if not when.day or not when.day_form:
        return told, reasons
    days, of_days = moments_in(rows, when.day, when.day_form)
    shift = np.zeros(len(told), dtype=np.int64)
    if when.near:
        near, of_near = moments_in(rows, when.near, when.form)
        reasons = of_near | reasons
        apart = told - near
        shift = np.where(apart > DAY // 2, -DAY, np.where(apart < -DAY // 2, DAY, 0))
    reasons = of_days | reasons
    wall = told + days + shift
    wall[list(reasons)] = MISSING
    return wall, reasons


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


def in_utc(wall: Array, reading: Reading, faults: Faults, *, column: str, of: pl.Series | None) -> tuple[Array, Array]:
    """Wall clock as UTC; moments before 1970 or still to come are faults."""
    latest = (reading.settings.latest.replace(tzinfo=None) - EPOCH) // timedelta(microseconds=1)
    known = wall != MISSING
    within = known & (wall >= OLDEST_WALL) & (wall <= latest + DAY)
    utc, flags = np.full(len(wall), MISSING, dtype=np.int64), np.full(len(wall), "", dtype="<U13")
    if reading.mapping.entered[0].form.is_utc:
        utc[within] = wall[within]
    else:
        for name, rows in in_orders(within, of):
            utc[rows], flags[rows] = to_utc(wall[rows], zone=reading.zone, order=reading.order_of(name))
    for row in np.flatnonzero(known & (~within | (utc > latest) | (utc < 0))):
        when = "before 1970" if wall[row] < DAY else "in the future"
        faults.add(column, {int(row): f"a moment {when}."})
    return utc, flags


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
