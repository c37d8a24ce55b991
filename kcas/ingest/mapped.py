"""Reading of a log by its mapping, without code of its own: calls or interval tables.

Rows of a table as calls, by a mapping.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from kcas.calls.call import BEFORE_THE_QUEUE, OUTCOMES, SCHEMA, Outcome
from kcas.errors import LogError
from kcas.ingest import fields
from kcas.ingest.columns import Array
from kcas.ingest.fields import Rows
from kcas.ingest.log_format import Carried, Piece, ReadSettings
from kcas.ingest.mapped_intervals import IntervalTable
from kcas.ingest.mapping import Mapping
from kcas.ingest.masking import shape
from kcas.ingest.reading import Head, Log
from kcas.ingest.row_reading import Faults, Reading, entered, met, names_column, seconds_of, tokens, without_ignored

LONGEST_LEG = 200
"""Characters of what makes a call itself."""
WHEN_ANSWERED = ("talk", "hold", "wrap")
_NAMES = list(OUTCOMES)
_BEFORE = [_NAMES.index(outcome) for outcome in BEFORE_THE_QUEUE]
ANSWERED, RINGING = _NAMES.index("answered"), _NAMES.index("abandoned_ringing")
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
            **durations(rows, reading, faults, outcome=outcome, moment=moment),
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
    column = next(iter(reading.mapping.outcomes[-1].when.tests))
    texts = rows.columns[column]
    unknown = np.flatnonzero(found == len(_NAMES))
    reasons = {int(row): f"{shape(texts[int(row)].as_py())} is no outcome this mapping knows." for row in unknown}
    faults.add(column, reasons)
    found[unknown] = 0
    return found


def durations(rows: Rows, reading: Reading, faults: Faults, *, outcome: Array, moment: Array) -> dict[str, pl.Series]:
    """The durations a mapping tells, and nulls for the others; what an outcome cannot have is left out."""
    found = {}
    for column in ("wait", "menu", "ring", *WHEN_ANSWERED):
        ways = reading.mapping.durations.get(column, ())
        had = outcome == ANSWERED if column in WHEN_ANSWERED else np.ones(len(outcome), dtype=np.bool_)
        had = ~np.isin(outcome, _BEFORE) if column == "wait" else had
        values = seconds_of(rows, ways, reading, faults, outcome=outcome, entered=moment, had=had)
        found[column] = pl.Series(values, dtype=pl.Float64).fill_nan(None)
    return found


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
        table = IntervalTable(reading) if mapping.kind == "intervals" else None
        for rows in fields.stretches_of(
            log, layout=mapping.layout, used=mapping.used, as_it_stands=as_it_stands(mapping)
        ):
            reading.warnings = {}
            reading.warn(PARTED, rows.parted)
            told += len(rows.lines) + len(rows.refusals)
            yield table.take(rows) if table else _calls_of(rows, reading)
        if not told:
            raise LogError(f"{log.name}: holds a header and no rows.")
        if table:
            yield table.finish()


def as_it_stands(mapping: Mapping) -> set[str]:
    """Columns whose texts are mostly distinct: what tells a call from another, and moments written with their day."""
    moments_told = {when.column for when in mapping.entered if when.form.has_day and when.form.fixed}
    names = {name.column for name in (mapping.queue, *mapping.names.values())}
    told = {column for ways in mapping.durations.values() for one in ways for column in one.used}
    return (moments_told | set(mapping.leg[-1:])) - set(mapping.conditioned) - names - told
