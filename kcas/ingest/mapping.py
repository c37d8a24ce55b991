"""A mapping: the meaning of each column of a supplier's table, declared.

Mapping files in TOML, and where one is wrong (docs/formats.md).
"""

import re
from collections.abc import Mapping as Table
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kcas.calls.call import INTERVAL_MEASURES, OUTCOMES
from kcas.desk.toml_file import only_known, read_toml, seconds
from kcas.errors import SettingError
from kcas.ingest.columns import DURATIONS
from kcas.ingest.file_rows import FILE_KINDS, Layout
from kcas.ingest.masking import masked
from kcas.ingest.moment_forms import Form, form
from kcas.ingest.moments import zone_named


@dataclass(frozen=True)
class Condition:
    """What certain columns must say, all of them: column -> texts, any of which will do ("*": anything at all)."""

    texts: Table[str, tuple[str, ...]]


@dataclass(frozen=True)
class Rule:
    """Rows that meet a condition, and what follows: an outcome, or the words of the rule that leaves them out."""

    when: Condition
    gives: str


@dataclass(frozen=True)
class When:
    """Where a moment is told: a column, or a time of day with the column of its day beside it."""

    column: str
    form: Form
    day: str | None = None
    day_form: Form | None = None
    near: str | None = None  # the column whose time is on that day; this one is on the day nearest to it
    when: Condition | None = None
    unless: Condition | None = None


@dataclass(frozen=True)
class Duration:
    """A column of durations, which texts in it mean that nothing is known, and what a negative one means."""

    column: str
    form: str
    unknown: tuple[str, ...]
    negative_is_unknown: bool


@dataclass(frozen=True)
class Name:
    """A name in a column, or the same for every row; texts that mean none, and a pattern the others must have."""

    column: str | None
    constant: str | None = None
    unknown: tuple[str, ...] = ("",)
    only: re.Pattern[str] | None = None


@dataclass(frozen=True)
class Amount:
    """A column of an interval table, and which measure it is."""

    column: str
    measure: str
    threshold: float | None


@dataclass(frozen=True)
class Mapping:
    """A whole mapping. `kind` is "calls" (a row is a call) or "intervals" (a row is a queue's interval)."""

    key: str
    words: str
    kind: str
    layout: Layout
    zone: str | None
    repeated_hour: str
    leg: tuple[str, ...]
    contact: tuple[str, ...]
    queue: Name
    names: Table[str, Name]  # type, agent, caller
    durations: Table[str, Duration]
    entered: tuple[When, ...]
    outcomes: tuple[Rule, ...]
    ignored: tuple[Rule, ...]
    length: float | str  # of an interval: seconds, "month" or "day"
    amounts: tuple[Amount, ...]

    @property
    def conditioned(self) -> tuple[str, ...]:
        """Every column that a condition looks at."""
        conditions = [rule.when for rule in (*self.outcomes, *self.ignored)]
        conditions += [c for when in self.entered for c in (when.when, when.unless) if c]
        return tuple(column for condition in conditions for column in condition.texts)

    @property
    def used(self) -> tuple[str, ...]:
        """Every column the mapping speaks of."""
        whens = [c for when in self.entered for c in (when.column, when.day, when.near)]
        named = [name.column for name in (self.queue, *self.names.values())]
        columns = [
            *self.leg, *self.contact, *whens, *self.conditioned, *named,
            *(duration.column for duration in self.durations.values()), *(amount.column for amount in self.amounts),
        ]  # fmt: skip
        return tuple(dict.fromkeys(column for column in columns if column))


DELIMITERS = {"tab": "\t", "comma": ",", "semicolon": ";", "bar": "|", "space": " "}
ENCODINGS = ("utf-8", "ascii", "latin-1", "iso8859-15", "cp1252", "cp850", "utf-16", "utf-16-le", "utf-16-be")
REPEATED_HOUR = ("order", "first", "second")
LENGTHS = ("month", "day")
DURATION_COLUMNS = ("wait", "menu", "ring", "talk", "hold", "wrap")
KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")


COMMON = (
    "key", "words", "kind", "delimiter", "quote", "encoding", "zone", "repeated_hour", "before_header", "columns",
    "recognise", "codes", "file", "queue", "ignore",
)  # fmt: skip
OF_FILE = (
    "kind", "delimiter", "quote", "encoding", "sheet", "before_header", "header_rows", "columns", "footer", "recognise",
    "codes",
)  # fmt: skip
OF_CALLS = (*COMMON, "leg", "contact", "entered", "outcome", "type", "agent", "caller", *DURATION_COLUMNS)
OF_INTERVALS = (*COMMON, "start", "length", "amount")


def read_mapping(path: Path) -> Mapping:
    """The mapping in a file. Raises SettingError saying where it is wrong and what would be right."""
    return mapping_of(read_toml(path), where=str(path))


def mapping_of(table: dict[str, Any], *, where: str) -> Mapping:
    """A mapping from its tables."""
    kind = one_of(table, "kind", ("calls", "intervals"), where=where, otherwise="calls")
    only_known(table, OF_CALLS if kind == "calls" else OF_INTERVALS, where=where)
    key, words = _text(table, "key", where=where), _text(table, "words", where=where)
    if not KEY.fullmatch(key):
        raise SettingError(f'{where}, key: {key!r} is not a short name. Expected one like "our_switch".')
    if masked(key) != key:
        raise SettingError(f'{where}, key: holds a number of six digits or more. Expected "our_switch".')
    zone = _text(table, "zone", where=where) if "zone" in table else None
    if zone:
        zone_named(zone, where=f"{where}, zone")
    started = [table.get("start", {})] if kind == "intervals" else _tables(table, "entered", where=where)
    rules = _tables(table, "outcome", where=where) if kind == "calls" else []
    if not started or (kind == "calls" and not rules):
        raise SettingError(f"{where}: says neither when a call entered nor how it ended ([[entered]], [[outcome]]).")
    mapping = Mapping(
        key=key, words=words, kind=kind, zone=zone,
        layout=layout_of(table, where=where),
        repeated_hour=one_of(table, "repeated_hour", REPEATED_HOUR, where=where, otherwise="order"),
        leg=texts(table, "leg", where=where), contact=texts(table, "contact", where=where),
        queue=_name_of(table.get("queue"), where=f"{where}, queue"),
        names={
            n: _name_of(table[n], where=f"{where}, {n}", of_a_person=n != "type")
            for n in ("type", "agent", "caller")
            if n in table
        },
        durations={n: duration_of(table[n], where=f"{where}, {n}") for n in DURATION_COLUMNS if n in table},
        entered=tuple(when_of(one, where=f"{where}, {'entered' if kind == 'calls' else 'start'}") for one in started),
        outcomes=tuple(rule_of(rule, OUTCOMES, where=f"{where}, outcome") for rule in rules),
        ignored=tuple(rule_of(rule, None, where=f"{where}, ignore") for rule in _tables(table, "ignore", where=where)),
        length=length_of(table.get("length", "day"), where=f"{where}, length"),
        amounts=tuple(amount_of(one, where=f"{where}, amount") for one in _tables(table, "amount", where=where)),
    )  # fmt: skip
    check_columns(mapping, where=where)
    return mapping


def check_columns(mapping: Mapping, *, where: str) -> None:
    """Refuse a mapping that speaks of columns its own list does not have, or that has nothing to tell."""
    header = mapping.layout.header
    named = (*mapping.leg, *mapping.contact, *mapping.conditioned, *(header or ()), *mapping.layout.recognise)
    if "" in named:
        raise SettingError(f'{where}: the name of a column is empty. Expected what stands in the header, like "Call".')
    missing = [column for column in mapping.used if header is not None and column not in header]
    if missing:
        raise SettingError(f"{where}: {missing[0]!r} is not among its columns ({', '.join(header or ())}).")
    if mapping.kind == "intervals" and not mapping.amounts:
        raise SettingError(f"{where}: tells no measure. Expected [[amount]] tables with a column and a measure.")


def layout_of(table: dict[str, Any], *, where: str) -> Layout:
    """How the file is written: the table [file], and the same settings where they stand outside it."""
    inside = a_table(table.get("file", {}), OF_FILE, where=f"{where}, [file]")
    outside = {key: table[key] for key in OF_FILE if key in table and key != "kind"}
    if twice := sorted(set(inside) & set(outside)):
        raise SettingError(f"{where}: {twice[0]} stands both in [file] and outside it. Expected it in [file].")
    said = inside | outside
    header = texts(said, "columns", where=where) or None
    recognise, codes = texts(said, "recognise", where=where), codes_of(said.get("codes", {}), where=f"{where}, codes")
    if header is not None and (missing := [column for column in codes if column not in header]):
        raise SettingError(f"{where}, codes: {missing[0]!r} is not among its columns ({', '.join(header)}).")
    delimiter, quote = _delimiter_and_quote(said, where=where)
    return Layout(
        kind=one_of(said, "kind", ("", *FILE_KINDS), where=where, otherwise=""), delimiter=delimiter, quote=quote,
        encoding=_encoding(said, where=where),
        sheet=_text(said, "sheet", where=where) if "sheet" in said else "",
        before_header=_lines(said, "before_header", least=0, where=where),
        header_rows=_lines(said, "header_rows", least=1, where=where) or 1,
        header=header, footer=texts(said, "footer", where=where), recognise=recognise, codes=codes,
    )  # fmt: skip


def _delimiter_and_quote(said: dict[str, Any], *, where: str) -> tuple[str, str]:
    """What stands between the fields and around them."""
    delimiter = _text(said, "delimiter", where=where) if "delimiter" in said else ","
    delimiter, quote = DELIMITERS.get(delimiter, delimiter), said.get("quote", '"')
    if len(delimiter) != 1 or delimiter in "\r\n" or not delimiter.isascii() or quote not in ("", '"', "'"):
        raise SettingError(f"{where}, delimiter and quote: expected one character or {', '.join(DELIMITERS)}.")
    return delimiter, quote


def _encoding(said: dict[str, Any], *, where: str) -> str:
    """How the bytes are to be read."""
    encoding = _text(said, "encoding", where=where) if "encoding" in said else "utf-8"
    if encoding not in ENCODINGS:
        raise SettingError(f"{where}, encoding: {encoding!r} is not known here. Known: {', '.join(ENCODINGS)}.")
    return encoding


def _lines(said: dict[str, Any], key: str, *, least: int, where: str) -> int | None:
    """A number of lines."""
    value = said.get(key)
    if value is not None and (type(value) is not int or not least <= value <= 100):
        raise SettingError(f"{where}, {key}: {value!r} is not a number of lines.")
    return value


def codes_of(table: object, *, where: str) -> dict[str, frozenset[str]]:
    """Columns that hold one of a fixed set of codes, and the codes."""
    if not isinstance(table, dict):
        raise SettingError(f'{where}: expected columns and their codes, like codes = {{ Result = ["Lost", "Gone"] }}.')
    found = {str(column): frozenset(texts(table, column, where=where)) for column in table}
    for column, codes in found.items():
        if any(" " in code or not code for code in codes):
            raise SettingError(f"{where}, {column}: a code is one word. Leave out a column whose texts have spaces.")
    return found


def when_of(table: object, *, where: str) -> When:
    """Where a moment is told."""
    said = a_table(table, ("column", "format", "day", "day_format", "near", "when", "unless"), where=where)
    written = form(_text(said, "format", where=where), where=f"{where}, format")
    day = _text(said, "day", where=where) if "day" in said else None
    day_form = form(_text(said, "day_format", where=where), where=f"{where}, day_format") if day else None
    if written.has_day == bool(day) or (day_form and not day_form.has_day):
        raise SettingError(f"{where}: {written.text!r} tells a time of day. Say its day with day and day_format.")
    near = _text(said, "near", where=where) if "near" in said else None
    conditions = {n: condition_of(said[n], where=f"{where}, {n}") for n in ("when", "unless") if n in said}
    return When(_text(said, "column", where=where), written, day, day_form, near, **conditions)


def rule_of(table: object, known: Table[str, str] | None, *, where: str) -> Rule:
    """A rule; its result must be known where there is a list of them."""
    result = "rule" if known is None else "gives"
    said = a_table(table, ("when", result), where=where)
    gives = _text(said, result, where=where)
    if known is not None and gives not in known:
        raise SettingError(f"{where}: {gives!r} is not an outcome. Known: {', '.join(known)}.")
    return Rule(condition_of(said.get("when"), where=where), gives)


def condition_of(table: object, *, where: str) -> Condition:
    """What columns must say."""
    if not isinstance(table, dict) or not table:
        raise SettingError(f'{where}: expected what columns say, like when = {{ Result = ["Lost", "Gone"] }}.')
    return Condition({str(column): texts(table, column, where=where) for column in table})


def duration_of(table: object, *, where: str) -> Duration:
    """A column of durations."""
    said = a_table(table, ("column", "format", "unknown", "negative"), where=where)
    written = one_of(said, "format", DURATIONS, where=where, otherwise="s")
    negative = one_of(said, "negative", ("refused", "unknown"), where=where, otherwise="refused")
    return Duration(_text(said, "column", where=where), written, unknown_of(said, where=where), negative == "unknown")


def _name_of(table: object, *, where: str, of_a_person: bool = False) -> Name:
    """A name from a column, or one for all rows."""
    said = a_table(table, ("column", "constant", "unknown", "only"), where=where)
    if ("column" in said) == ("constant" in said):
        raise SettingError(f'{where}: expected either column = "…" or constant = "…".')
    if "constant" in said and of_a_person:
        raise SettingError(f"{where}: one person cannot be on every row. Expected column = the column that names them.")
    if "constant" in said:
        return Name(None, _text(said, "constant", where=where))
    try:
        only = re.compile(_text(said, "only", where=where), re.ASCII) if "only" in said else None
    except re.error as error:
        raise SettingError(f"{where}, only: not a pattern ({error}).") from None
    return Name(_text(said, "column", where=where), None, unknown_of(said, where=where), only)


def amount_of(table: object, *, where: str) -> Amount:
    """A column of an interval table."""
    said = a_table(table, ("column", "measure", "threshold"), where=where)
    known = (*OUTCOMES, *INTERVAL_MEASURES)
    measure = one_of(said, "measure", known, where=where, otherwise="")
    threshold = seconds(said["threshold"], where=f"{where}, threshold") if "threshold" in said else None
    if (threshold is None) == measure.endswith(("_over", "_within", "_below")):
        raise SettingError(f"{where}: {measure!r} {'needs a' if threshold is None else 'has no'} threshold.")
    return Amount(_text(said, "column", where=where), measure, threshold)


def length_of(value: object, *, where: str) -> float | str:
    """How long an interval is."""
    return str(value) if value in LENGTHS else seconds(value, where=where)


def unknown_of(said: dict[str, Any], *, where: str) -> tuple[str, ...]:
    """Texts that mean that nothing is known; an empty field always does."""
    return ("", *texts(said, "unknown", where=where))


def a_table(value: object, known: tuple[str, ...], *, where: str) -> dict[str, Any]:
    """A table of a mapping, with known keys only."""
    if not isinstance(value, dict):
        raise SettingError(f"{where}: expected a table with {', '.join(known)}.")
    only_known(value, known, where=where)
    return value


def _tables(table: dict[str, Any], key: str, *, where: str) -> list[Any]:
    """A list of tables, written [[key]]."""
    value = table.get(key, [])
    if not isinstance(value, list):
        raise SettingError(f"{where}: write [[{key}]], with two brackets: there may be several.")
    return value


def _text(table: dict[str, Any], key: str, *, where: str) -> str:
    """A text that must be there."""
    value = table.get(key)
    if not isinstance(value, str) or not value:
        raise SettingError(f'{where}: {key} is missing or not a text. Expected {key} = "…".')
    return value


def texts(table: dict[str, Any], key: str, *, where: str) -> tuple[str, ...]:
    """One text or a list of them."""
    value = table.get(key, [])
    listed = [value] if isinstance(value, str) else value
    if not isinstance(listed, list) or not all(isinstance(one, str) for one in listed):
        raise SettingError(f'{where}: {key} is not a list of texts. Expected {key} = ["…"].')
    return tuple(listed)


def one_of(table: dict[str, Any], key: str, known: tuple[str, ...], *, where: str, otherwise: str) -> str:
    """One of a few words."""
    value = table.get(key, otherwise)
    if value not in known:
        raise SettingError(f"{where}: {key} = {value!r} is not one of {', '.join(known)}.")
    return str(value)
