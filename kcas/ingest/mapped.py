"""Reading of a log by its mapping, without code of its own: calls or interval tables.

Rows of a table as calls, by a mapping.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import repeat

import numpy as np
import polars as pl

from kcas.calls.call import BEFORE_THE_QUEUE, OUTCOMES, SCHEMA, Outcome
from kcas.errors import LogError
from kcas.ingest import fields
from kcas.ingest.columns import Array
from kcas.ingest.copies import AGAIN, ALIKE_CALL, hashes_of, whole_file, without_copy
from kcas.ingest.fields import Rows
from kcas.ingest.log_format import Carried, Piece, ReadSettings, Refusal
from kcas.ingest.mapped_intervals import IntervalTable
from kcas.ingest.mapping import Mapping
from kcas.ingest.masking import shape
from kcas.ingest.moment_forms import SECOND
from kcas.ingest.reading import Head, Log
from kcas.ingest.row_reading import (
    Faults,
    Reading,
    entered,
    met,
    names_column,
    seconds_of,
    tokens,
    wall_clock,
    without_ignored,
)

LONGEST_LEG = 200
"""Characters of what makes a call itself."""
WHEN_ANSWERED = ("talk", "hold", "wrap")
_NAMES = list(OUTCOMES)
_BEFORE = [_NAMES.index(outcome) for outcome in BEFORE_THE_QUEUE]
ANSWERED, RINGING = _NAMES.index("answered"), _NAMES.index("abandoned_ringing")
SAME_LEG = (
    "told apart by nothing from a call shortly before: the mapping's leg needs another column, or it was sent twice"
)
UNLIKE = (
    "rows of one call that tell of different outcomes: the later row counts (where a call has several rows, say "
    'same_leg = "one call" in the mapping)'
)
EARLIER = "an earlier record of the same call"
NO_RULE = np.iinfo(np.uint8).max
"""Stands for the rule of a row that says no outcome."""


def _calls_of(rows: Rows, reading: Reading) -> Piece:
    """One stretch of a log as calls, every line accounted for."""
    lines = len(rows.lines) + len(rows.refusals) + sum(rows.ignored.values())
    rows, ignored = without_ignored(rows, reading.mapping)
    faults = Faults()
    frame = call_rows(rows, reading, faults)
    if faults.of_row:
        frame = frame.filter(pl.Series(faults.sound(len(rows.lines))))
    different = frame["leg"].n_unique()
    if different < frame.height:
        reading.warn(SAME_LEG, frame.height - different)
        reading.warn(UNLIKE, frame.select("leg", "outcome").n_unique() - different)
    refusals = sorted(rows.refusals + faults.refusals(rows.lines), key=lambda refusal: refusal.line)
    return Piece(
        lines=lines, calls=frame, call_lines=frame.height, ignored=ignored, refusals=tuple(refusals),
        warnings=reading.warnings,
    )  # fmt: skip


def call_rows(rows: Rows, reading: Reading, faults: Faults, *, parts: bool = False) -> pl.DataFrame:
    """Rows as calls, or as parts of calls of several rows: then what is missing in one may stand in another."""
    rule = rules_met(rows, reading, faults, needed=not parts)
    named = np.array([_NAMES.index(one.gives) for one in reading.mapping.outcomes], dtype=np.int64)
    outcome = np.where(rule == NO_RULE, -1, named[np.minimum(rule, len(named) - 1)])
    moment, clock = entered(rows, reading, faults)
    frame = pl.DataFrame(
        {
            "leg": legs(rows, reading, faults),
            "contact": contacts(rows, reading),
            "queue": names_column(rows, reading.mapping.queue, faults, required=not parts),
            "entered": pl.Series(moment, dtype=pl.Int64).cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
            "outcome": pl.Series(_NAMES, dtype=Outcome).gather(np.maximum(outcome, 0)),
            **durations(rows, reading, faults, outcome=outcome, moment=moment, parts=parts),
            **identities(rows, reading, faults, outcome=outcome, parts=parts),
            "clock": pl.Series(clock, dtype=pl.String).replace({"": None}),
            "line": pl.Series(rows.lines, dtype=pl.Int64),
        },
        schema=SCHEMA,
    )
    return frame.with_columns(rule=pl.Series(rule)) if parts else frame


def rules_met(rows: Rows, reading: Reading, faults: Faults, *, needed: bool) -> Array:
    """The place of the first rule of outcomes that each row meets, NO_RULE where it meets none."""
    rules = reading.mapping.outcomes
    found = np.full(len(rows.lines), NO_RULE, dtype=np.uint8)
    for place, rule in reversed(list(enumerate(rules))):
        found[met(rule.when, rows)] = place
    if needed and (unknown := np.flatnonzero(found == NO_RULE)).size:
        column = next(iter(rules[-1].when.tests))
        texts = rows.columns[column]
        faults.add(
            column, {int(row): f"{shape(texts[int(row)].as_py())} is no outcome this mapping knows." for row in unknown}
        )
    return found


def durations(
    rows: Rows, reading: Reading, faults: Faults, *, outcome: Array, moment: Array, parts: bool
) -> dict[str, pl.Series]:
    """The durations a mapping tells, and nulls for the others; what an outcome cannot have is left out."""
    found = {}
    for column in ("wait", "menu", "ring", *WHEN_ANSWERED):
        ways = reading.mapping.durations.get(column, ())
        had = np.ones(len(outcome), dtype=np.bool_)
        if not parts and column in WHEN_ANSWERED:
            had = outcome == ANSWERED
        elif not parts and column == "wait":
            had = ~np.isin(outcome, _BEFORE)
        values = seconds_of(rows, ways, reading, faults, outcome=outcome, entered=moment, had=had)
        found[column] = pl.Series(values, dtype=pl.Float64).fill_nan(None)
    return found


def identities(rows: Rows, reading: Reading, faults: Faults, *, outcome: Array, parts: bool) -> dict[str, pl.Series]:
    """The agent's and caller's tokens, and the type of call."""
    names, redactor = reading.mapping.names, reading.settings.redactor
    none = pl.repeat(None, len(rows.lines), dtype=pl.String, eager=True)
    agent = tokens(rows, names["agent"], redactor.agent_tokens, reading) if "agent" in names else none
    reached = pl.Series(np.isin(outcome, [ANSWERED, RINGING]) | parts)
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
        if not mapping.leg:
            identity = reading.repeats.numbered(identity)
            reading.warn(ALIKE_CALL, int(identity.str.contains("/", literal=True).sum()))
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


REACHED = ("answered", "abandoned_ringing")
WHOLE_CALL = {"first": pl.Expr.first, "last": pl.Expr.last, "largest": pl.Expr.max, "smallest": pl.Expr.min}
MATE = "another row of this call was rejected, and without it the call may be wrong."


class CallTable:
    """The rows of a file in which one call has several, as parts or as records of which the latest counts."""

    def __init__(self, reading: Reading) -> None:
        self.reading = reading
        self.rows: list[pl.DataFrame] = []
        self.headers = 0

    def take(self, rows: Rows) -> Piece:
        """The next rows of the file. Its calls come at its end; here is what becomes of the other lines."""
        reading, mapping = self.reading, self.reading.mapping
        rows, ignored = without_ignored(rows, mapping)
        faults = Faults()
        frame = call_rows(rows, reading, faults, parts=mapping.same_leg == "one call")
        if mapping.updated:
            told, reasons = wall_clock(rows, mapping.updated)
            frame = frame.with_columns(updated=pl.Series(told, dtype=pl.Int64))
            for row, (column, reason) in reasons.items():
                faults.add(column, {row: reason})
        sound = pl.Series(faults.sound(len(rows.lines)), dtype=pl.Boolean)
        self.rows.append(frame.with_columns(sound=sound))
        self.headers += ignored.get("header", 0)
        refusals = sorted(rows.refusals + faults.refusals(rows.lines), key=lambda refusal: refusal.line)
        return Piece(
            lines=sum(ignored.values()) + len(refusals), ignored=ignored, refusals=tuple(refusals),
            warnings=reading.warnings,
        )  # fmt: skip

    def finish(self) -> Piece:
        """The calls of the whole file."""
        self.reading.warnings = {}
        if not self.rows:
            return Piece(lines=0)
        rows = pl.concat(self.rows)
        once = whole_file(hashes_of(rows, "line"), headers=self.headers)
        piece = self.calls_of(rows.head(once))
        again = int(rows.tail(rows.height - once)["sound"].sum())
        return with_lines(piece, {AGAIN: again}) if again else piece

    def calls_of(self, rows: pl.DataFrame) -> Piece:
        """The calls of rows."""
        return self.latest(rows.filter("sound")) if self.reading.mapping.updated else self.as_one(rows)

    def latest(self, rows: pl.DataFrame) -> Piece:
        """Of each call the record that was updated last; of two of one moment the one that is no open call."""
        unfinished = (pl.col("outcome") == "open").cast(pl.Int8)
        calls = rows.sort("updated", -unfinished, "line").unique("leg", keep="last").sort("line").select(*SCHEMA)
        earlier = rows.height - calls.height
        return Piece(
            lines=rows.height, calls=calls, call_lines=calls.height, ignored={EARLIER: earlier} if earlier else {}
        )

    def as_one(self, rows: pl.DataFrame) -> Piece:
        """The rows of each call as one: the outcome by the first rule that any of them meets."""
        mates = rows.filter(pl.col("sound"), ~pl.col("sound").all().over("leg"))
        whole = rows.filter(pl.col("sound").all().over("leg"))
        calls = one_call_each(whole, self.reading.mapping)
        rejected = dict.fromkeys(mates["line"].to_list(), (None, MATE))
        unclear = {"outcome": calls["rule"] == NO_RULE, "queue": calls["queue"].is_null()}
        for what, there in unclear.items():
            legs_of_them = calls.filter(there)["leg"].implode()
            lines = whole.filter(pl.col("leg").is_in(legs_of_them))["line"]
            reason = f"no row of this call says its {what} by this mapping."
            rejected = dict.fromkeys(lines.to_list(), (None, reason)) | rejected
        calls = calls.filter(~unclear["outcome"] & ~unclear["queue"]).select(*SCHEMA)
        refusals = tuple(Refusal(line, *rejected[line]) for line in sorted(rejected))
        lines_in_all = int(rows["sound"].sum())
        return Piece(
            lines=lines_in_all, calls=calls, call_lines=calls.height,
            used=lines_in_all - calls.height - len(refusals), refusals=refusals,
        )  # fmt: skip


def with_lines(piece: Piece, ignored: dict[str, int]) -> Piece:
    """A piece with more lines, ignored by rule."""
    return replace(piece, lines=piece.lines + sum(ignored.values()), ignored={**piece.ignored, **ignored})


def one_call_each(rows: pl.DataFrame, mapping: Mapping) -> pl.DataFrame:
    """One row for each call, in the order of their first rows' lines."""
    for name, ways in mapping.durations.items():
        if ways[0].from_entry:  # each row counted from its own entry: count from the call's
            later = (pl.col("entered") - pl.col("entered").min().over("leg")).dt.total_microseconds() / SECOND
            rows = rows.with_columns(pl.col(name) + later)
    in_order = ["rule", "entered", "line"]
    deciding = rows.sort(in_order).group_by("leg", maintain_order=True)
    texts = [pl.col(name).drop_nulls().first() for name in ("contact", "queue", "caller", "type", "agent")]
    told = [durations_of_call(name, mapping) for name in ("wait", "menu", "ring", *WHEN_ANSWERED)]
    first = pl.col("clock").sort_by("entered", "line").first()
    calls = deciding.agg(*texts, *told, first, pl.col("entered").min(), pl.col("rule", "outcome", "line").first())
    outcome = pl.col("outcome").cast(pl.String)
    return calls.with_columns(
        pl.when(outcome.is_in(REACHED)).then("agent").alias("agent"),
        pl.when(~outcome.is_in(BEFORE_THE_QUEUE)).then("wait").alias("wait"),
        *(pl.when(outcome == "answered").then(name).alias(name) for name in WHEN_ANSWERED),
    ).sort("line")


def durations_of_call(name: str, mapping: Mapping) -> pl.Expr:
    """A duration of a call from those of its rows; not known where none of the rows it is taken from knows it."""
    ways = mapping.durations.get(name, ())
    of = ways[0].of if ways else "deciding"
    values = pl.col(name)
    if of == "deciding":
        return values.first()
    if of == "sum":
        return pl.when(values.count() > 0).then(values.sum()).alias(name)
    in_time = values.sort_by("entered", "line").drop_nulls()
    return WHOLE_CALL[of](in_time)


PARTED = "columns run together by spaces, told apart by their fixed codes"
MIXED = (
    "texts among the workbook's dates: opened under another country's settings, it may have swapped days and months "
    "of the others"
)


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

    def clock(self, settings: ReadSettings) -> str:
        """The time zone by whose clock the log's times are written; empty where they are counts since 1970."""
        forms = [when.form for when in self.mapping.entered]
        if all(form.is_utc for form in forms):
            return "UTC" if any(form.parts and form.offset == 0 for form in forms) else ""
        return settings.zone or self.mapping.zone or settings.default_zone

    def header_near(self, head: Head) -> tuple[str, ...]:
        """The header of a log that has most of the columns used; empty where it has none of them."""
        return fields.header_near(head, layout=self.mapping.layout, used=self.mapping.used)

    def cells(self, log: Log, columns: Sequence[str]) -> Iterator[tuple[str, int, str]]:
        """Every cell of some columns, of rejected rows too: the column, the line and the text."""
        used = tuple(dict.fromkeys((*self.mapping.used, *columns)))
        for rows in (
            fields.stretches_of(log, layout=self.mapping.layout, used=used, as_it_stands=used) if columns else ()
        ):
            for name in columns:
                yield from zip(repeat(name), map(int, rows.lines), map(str.strip, rows.texts(name)), strict=False)

    def read(self, log: Log, *, settings: ReadSettings, carried: Carried) -> Iterator[Piece]:
        """The log in pieces, one for each block. A row is a whole call: nothing is carried from file to file."""
        pieces = self.pieces(log, settings=settings)
        named = self.mapping.kind == "intervals" or self.mapping.leg
        yield from pieces if named else without_copy(pieces)

    def pieces(self, log: Log, *, settings: ReadSettings) -> Iterator[Piece]:
        """The same, with the calls of a file that holds its content twice."""
        mapping, told = self.mapping, 0
        zone = settings.zone or mapping.zone or settings.default_zone
        reading = Reading(mapping, settings, zone)
        table: IntervalTable | CallTable | None = None
        if mapping.kind == "intervals":
            table = IntervalTable(reading)
        elif mapping.updated or mapping.same_leg == "one call":
            table = CallTable(reading)
        if mapping.note:
            yield Piece(lines=0, warnings={mapping.note: 1})
        for rows in fields.stretches_of(
            log, layout=mapping.layout, used=mapping.used, as_it_stands=as_it_stands(mapping)
        ):
            reading.warnings = {}
            reading.warn(PARTED, rows.parted)
            for column in {when.column for when in mapping.entered}:
                reading.warn(f"{column}: {MIXED}", rows.texts_among_dates(column))
            told += len(rows.lines) + len(rows.refusals)
            yield table.take(rows) if table else _calls_of(rows, reading)
        if not told:
            raise LogError(f"{log.name}: holds a header and no rows.")
        if table:
            yield table.finish()


def as_it_stands(mapping: Mapping) -> set[str]:
    """Columns whose texts are mostly distinct: what tells a call from another, and moments written with their day."""
    whens = [*mapping.entered, *([mapping.updated] if mapping.updated else [])]
    moments_told = {when.column for when in whens if when.form.has_day and when.form.fixed}
    names = {name.column for name in (mapping.queue, *mapping.names.values())}
    told = {column for ways in mapping.durations.values() for one in ways for column in one.used}
    return (moments_told | set(mapping.leg[-1:])) - set(mapping.conditioned) - names - told
