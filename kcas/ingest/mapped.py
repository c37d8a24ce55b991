"""Reading of a log by its mapping, without code of its own: calls or interval tables.

Rows of a table as calls, by a mapping.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time, timedelta
from functools import partial

import numpy as np
import polars as pl

from kcas.calls.call import BEFORE_THE_QUEUE, INTERVAL_SCHEMA, OUTCOMES, SCHEMA, Outcome
from kcas.errors import LogError
from kcas.ingest import fields
from kcas.ingest.columns import LARGEST, MISSING, MOST, MOST_SECONDS, Array, Unreadable, amount, duration, numbers
from kcas.ingest.fields import Rows
from kcas.ingest.log_format import Carried, Piece, ReadSettings
from kcas.ingest.mapping import Amount, Duration, Mapping
from kcas.ingest.masking import shape
from kcas.ingest.moment_forms import SECOND
from kcas.ingest.moments import to_utc
from kcas.ingest.reading import Head, Log
from kcas.ingest.row_reading import (
    Faults,
    Reading,
    entered,
    met,
    names_column,
    seconds_of_cell,
    tokens,
    typed_cells,
    wall_clock,
    without_ignored,
)

LONGEST_LEG = 200
"""Characters of what makes a call itself."""
WHEN_ANSWERED = ("talk", "hold", "wrap")
_NAMES = list(OUTCOMES)
_BEFORE = [_NAMES.index(outcome) for outcome in BEFORE_THE_QUEUE]
ANSWERED, RINGING = _NAMES.index("answered"), _NAMES.index("abandoned_ringing")
NEGATIVE = -1.0
SAME_LEG = (
    "told apart by nothing from a call shortly before: the mapping's leg needs another column, or it was sent twice"
)


def _calls_of(rows: Rows, reading: Reading) -> Piece:
    """One stretch of a log as calls, every line accounted for."""
    lines = len(rows.lines) + len(rows.refusals) + sum(rows.ignored.values())
    rows, ignored = without_ignored(rows, reading.mapping)
    faults = Faults()
    outcome = outcomes(rows, reading, faults)
    moment, clock = entered(rows, reading, faults)
    frame = pl.DataFrame(
        {
            "leg": legs(rows, reading, faults),
            "contact": contacts(rows, reading),
            "queue": names_column(rows, reading.mapping.queue, faults, required=True),
            "entered": pl.Series(moment, dtype=pl.Int64).cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
            "outcome": pl.Series(_NAMES, dtype=Outcome).gather(outcome),
            **durations(rows, reading, faults, outcome=outcome),
            **identities(rows, reading, faults, outcome=outcome),
            "clock": pl.Series(clock, dtype=pl.String).replace({"": None}),
            "line": pl.Series(rows.lines, dtype=pl.Int64),
        },
        schema=SCHEMA,
    )
    if faults.of_row:
        frame = frame.filter(pl.Series(faults.sound(len(rows.lines))))
    reading.warn(SAME_LEG, frame.height - frame["leg"].n_unique())
    refusals = sorted(rows.refusals + faults.refusals(rows.lines), key=lambda refusal: refusal.line)
    return Piece(
        lines=lines, calls=frame, call_lines=frame.height, ignored=ignored, refusals=tuple(refusals),
        warnings=reading.warnings,
    )  # fmt: skip


def outcomes(rows: Rows, reading: Reading, faults: Faults) -> Array:
    """Each row's outcome, by the first rule it meets."""
    found = np.full(len(rows.lines), len(_NAMES), dtype=np.uint8)
    for rule in reversed(reading.mapping.outcomes):
        found[met(rule.when, rows)] = _NAMES.index(rule.gives)
    column = next(iter(reading.mapping.outcomes[-1].when.texts))
    texts = rows.columns[column]
    unknown = np.flatnonzero(found == len(_NAMES))
    reasons = {int(row): f"{shape(texts[int(row)].as_py())} is no outcome this mapping knows." for row in unknown}
    faults.add(column, reasons)
    found[unknown] = 0
    return found


def durations(rows: Rows, reading: Reading, faults: Faults, *, outcome: Array) -> dict[str, pl.Series]:
    """The durations a mapping tells, and nulls for the others; what an outcome cannot have is left out."""
    found = {}
    for column in ("wait", "menu", "ring", *WHEN_ANSWERED):
        told = reading.mapping.durations.get(column)
        values = _seconds(rows, told, reading, faults) if told else np.full(len(rows.lines), np.nan)
        if column in WHEN_ANSWERED:
            values[outcome != ANSWERED] = np.nan
        elif column == "wait":
            values[np.isin(outcome, _BEFORE)] = np.nan
        found[column] = pl.Series(values, dtype=pl.Float64).fill_nan(None)
    return found


def _seconds(rows: Rows, told: Duration, reading: Reading, faults: Faults) -> Array:
    """A column of durations, NaN where none is known."""

    def parse(text: str) -> float:
        if text.strip(" ") in told.unknown:
            return float("nan")
        try:
            return duration(text, form=told.form)
        except Unreadable:
            if told.negative_is_unknown and text.strip(" ").startswith("-"):
                duration(text.strip(" ")[1:], form=told.form)
                return NEGATIVE
            raise

    values, reasons = numbers(rows.columns[told.column], parse)
    for row, cell in typed_cells(rows, told.column, timedelta, time):
        if 0 <= (seconds := seconds_of_cell(cell)) <= MOST_SECONDS:  # what is not is for the text to say
            values[row] = seconds
            reasons.pop(row, None)
    faults.add(told.column, reasons)
    negative = values == NEGATIVE
    reading.warn(f"{told.column}: negative, taken as not known", int(negative.sum()))
    values[negative] = np.nan
    return values


def identities(rows: Rows, reading: Reading, faults: Faults, *, outcome: Array) -> dict[str, pl.Series]:
    """The agent's and caller's tokens, and the type of call."""
    names, redactor = reading.mapping.names, reading.settings.redactor
    none = pl.repeat(None, len(rows.lines), dtype=pl.String, eager=True)
    agent = tokens(rows, names["agent"], redactor.agent_tokens, reading) if "agent" in names else none
    reached = pl.Series(np.isin(outcome, [ANSWERED, RINGING]))
    return {
        "agent": agent.zip_with(reached, none),
        "caller": tokens(rows, names["caller"], redactor.caller_tokens, reading) if "caller" in names else none,
        "type": names_column(rows, names["type"], faults, required=False) if "type" in names else none,
    }


def legs(rows: Rows, reading: Reading, faults: Faults) -> pl.Series:
    """What makes each call itself. Where that is a person's number or the whole line, a keyed hash stands for it."""
    mapping, redactor = reading.mapping, reading.settings.redactor
    people = {name.column for key, name in mapping.names.items() if key in ("agent", "caller")}
    columns = mapping.leg or mapping.used
    joined = joined_columns(rows, columns, plainly=reading.settings.plain_joins)
    if not mapping.leg or people & set(columns):
        identity = redactor.lines(joined)
        identity = identity if mapping.leg else reading.repeats.numbered(identity)
        return pl.select(pl.concat_str(pl.lit(f"{mapping.key}/"), identity)).to_series()
    faults.add(columns[-1], not_names(joined))
    return pl.select(pl.concat_str(pl.lit(f"{mapping.key}/"), joined)).to_series()


def contacts(rows: Rows, reading: Reading) -> pl.Series:
    """What ties the legs of one call together, where the mapping tells."""
    mapping = reading.mapping
    if not mapping.contact:
        return pl.repeat(None, len(rows.lines), dtype=pl.String, eager=True)
    joined = joined_columns(rows, mapping.contact, plainly=reading.settings.plain_joins)
    told = pl.when(joined.str.strip_chars("/ ") != "").then(pl.concat_str(pl.lit(f"{mapping.key}/"), joined))
    return pl.select(told).to_series()


def joined_columns(rows: Rows, columns: tuple[str, ...], *, plainly: bool) -> pl.Series:
    """Several columns' texts as one, each part told from the next by an unescaped stroke: `2026/1` with `7` is never
    `2026` with `1/7`. `plainly` leaves strokes within a part as they are, as stores before the digests have them."""
    texts = [series(rows, column).str.strip_chars(" ") for column in columns]
    if len(texts) == 1:
        return texts[0]
    parts = texts if plainly else [escaped(text) for text in texts]
    return pl.select(pl.concat_str(parts, separator="/")).to_series()


def escaped(part: pl.Series) -> pl.Series:
    """A part of a reference in which no stroke stands for itself."""
    if not part.str.contains_any(["/", "\\"]).any():
        return part
    return part.str.replace_all("\\", "\\\\", literal=True).str.replace_all("/", "\\/", literal=True)


def series(rows: Rows, column: str) -> pl.Series:
    """A column's texts."""
    texts = rows.columns[column]
    plain = texts if not hasattr(texts, "dictionary") else texts.dictionary.take(texts.indices)
    return pl.Series(pl.from_arrow(plain))


def not_names(joined: pl.Series) -> dict[int, str]:
    """Rows whose identity is empty, too long, or holds what cannot be seen."""
    fine = joined.str.contains(r"^[!-~ ]*[0-9A-Za-z][!-~ ]*$") & (joined.str.len_bytes() <= LONGEST_LEG)
    reasons = {}
    for row in (~fine).arg_true():
        text = joined[row]
        if not text.strip("/ ") or not text.isprintable() or len(text) > LONGEST_LEG:
            reasons[int(row)] = f"{shape(text)} cannot tell this call from others."
    return reasons


TOTALS = ("wait_answered", "wait_abandoned", "talk", "hold", "wrap", "longest_wait")
SAME_INTERVAL = "the same queue's interval twice: the later row counts"


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
    reading.warn(SAME_INTERVAL, base.height - base.n_unique())
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
        return fields.claims(head, layout=self.mapping.layout, used=self.mapping.used)

    def read(self, log: Log, *, settings: ReadSettings, carried: Carried) -> Iterator[Piece]:
        """The log in pieces, one for each block. A row is a whole call: nothing is carried from file to file."""
        mapping, told = self.mapping, 0
        zone = settings.zone or mapping.zone or settings.default_zone
        reading = Reading(mapping, settings, zone)
        make = _calls_of if mapping.kind == "calls" else intervals_of
        for rows in fields.stretches_of(
            log, layout=mapping.layout, used=mapping.used, as_it_stands=as_it_stands(mapping)
        ):
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
