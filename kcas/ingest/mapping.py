"""A mapping: the meaning of each column of a supplier's table, declared.

Mapping files in TOML, and where one is wrong (docs/formats.md).
"""

import re
from collections.abc import Mapping as Table
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kcas.calls.call import OUTCOMES
from kcas.desk.toml_file import only_known, read_toml
from kcas.desk.units import read_duration
from kcas.errors import SettingError
from kcas.ingest.file_rows import FILE_KINDS, Layout
from kcas.ingest.mapping_values import (
    Amount,
    Duration,
    Name,
    Rule,
    When,
    a_table,
    amount_of,
    duration_of,
    durations_of,
    name_of,
    one_of,
    rule_of,
    tested,
    text_at,
    texts,
    when_of,
)
from kcas.ingest.masking import masked
from kcas.ingest.moments import zone_named


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
    durations: Table[str, tuple[Duration, ...]]  # ways to tell each, tried in turn
    entered: tuple[When, ...]
    outcomes: tuple[Rule, ...]
    ignored: tuple[Rule, ...]
    length: float | str | Duration  # of an interval: seconds, one of LENGTHS, or a column
    amounts: tuple[Amount, ...]
    same_leg: str = "later row"  # rows of one leg: the "later row" counts, or they are parts of "one call"
    updated: When | None = None  # when a record was written, by which the later one counts
    same_interval: str = "add"  # rows of one queue and interval: "add" them, or take the "later row"
    note: str = ""  # what a person must know of every file, said with each import
    decimal: str | None = None  # "point" or "comma", None where it is seen from each number

    @property
    def conditioned(self) -> tuple[str, ...]:
        """Every column that a condition looks at."""
        rules = tested(*(rule.when for rule in (*self.outcomes, *self.ignored)))
        return rules + tested(*(condition for when in self.entered for condition in (when.when, when.unless)))

    @property
    def used(self) -> tuple[str, ...]:
        """Every column the mapping speaks of."""
        whens = [column for when in self.entered for column in (when.column, when.day, when.near)]
        named = [name.column for name in (self.queue, *self.names.values())]
        values: list[Duration | Amount | When] = [
            *(one for ways in self.durations.values() for one in ways),
            *self.amounts,
            *self.entered,
        ]
        values += [self.updated] if self.updated else []
        values += [self.length] if isinstance(self.length, Duration) else []
        told = [column for value in values for column in value.used]
        # a call without a leg is known by these columns in this order: what is new comes last
        columns = [*self.leg, *self.contact, *whens, *self.conditioned, *named, *told]
        return tuple(dict.fromkeys(column for column in columns if column))


DELIMITERS = {"tab": "\t", "comma": ",", "semicolon": ";", "bar": "|", "space": " "}
ENCODINGS = ("utf-8", "ascii", "latin-1", "iso8859-15", "cp1252", "cp850", "utf-16", "utf-16-le", "utf-16-be")
REPEATED_HOUR = ("order", "first", "second")
LENGTHS = ("month", "week", "day", "range")
SAME_LEG_MEANS = ("later row", "one call")
SAME_INTERVAL = ("add", "later row")
DURATION_COLUMNS = ("wait", "menu", "ring", "talk", "hold", "wrap")
KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")


COMMON = (
    "key", "words", "kind", "delimiter", "quote", "encoding", "zone", "repeated_hour", "before_header", "columns",
    "recognise", "codes", "file", "queue", "ignore", "decimal", "note",
)  # fmt: skip
OF_FILE = (
    "kind", "delimiter", "quote", "encoding", "sheet", "before_header", "header_rows", "columns", "footer",
    "recognise", "codes", "above", "fill_down", "optional", "widths", "records", "each",
    "known_columns",
)  # fmt: skip
OF_CALLS = (
    *COMMON,
    "leg",
    "contact",
    "same_leg",
    "updated",
    "entered",
    "outcome",
    "type",
    "agent",
    "caller",
    *DURATION_COLUMNS,
)
OF_INTERVALS = (*COMMON, "start", "length", "amount", "same_interval")


def read_mapping(path: Path) -> Mapping:
    """The mapping in a file. Raises SettingError saying where it is wrong and what would be right."""
    return mapping_of(read_toml(path), where=str(path))


def mapping_of(table: dict[str, Any], *, where: str) -> Mapping:
    """A mapping from its tables."""
    kind = one_of(table, "kind", ("calls", "intervals"), where=where, otherwise="calls")
    if open_ones := texts(table, "not_certain", where=where):
        raise SettingError(f"{where}: still open: {', '.join(open_ones)}. Answer these and take not_certain out.")
    only_known(table, OF_CALLS if kind == "calls" else OF_INTERVALS, where=where)
    key, words = text_at(table, "key", where=where), text_at(table, "words", where=where)
    if not KEY.fullmatch(key):
        raise SettingError(f'{where}, key: {key!r} is not a short name. Expected one like "our_switch".')
    if masked(key) != key:
        raise SettingError(f'{where}, key: holds a number of six digits or more. Expected "our_switch".')
    zone = text_at(table, "zone", where=where) if "zone" in table else None
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
        queue=name_of(table.get("queue"), where=f"{where}, queue"),
        names={
            n: name_of(table[n], where=f"{where}, {n}", of_a_person=n != "type")
            for n in ("type", "agent", "caller")
            if n in table
        },
        durations={n: durations_of(table[n], where=f"{where}, {n}") for n in DURATION_COLUMNS if n in table},
        entered=tuple(when_of(one, where=f"{where}, {'entered' if kind == 'calls' else 'start'}") for one in started),
        outcomes=tuple(rule_of(rule, OUTCOMES, where=f"{where}, outcome") for rule in rules),
        ignored=tuple(rule_of(rule, None, where=f"{where}, ignore") for rule in _tables(table, "ignore", where=where)),
        length=length_of(table.get("length", "day"), where=f"{where}, length"),
        amounts=tuple(amount_of(one, where=f"{where}, amount") for one in _tables(table, "amount", where=where)),
        same_leg=one_of(table, "same_leg", SAME_LEG_MEANS, where=where, otherwise="later row"),
        updated=when_of(table["updated"], where=f"{where}, updated") if "updated" in table else None,
        note=text_at(table, "note", where=where) if "note" in table else "",
        same_interval=one_of(table, "same_interval", SAME_INTERVAL, where=where, otherwise="add"),
        decimal=one_of(table, "decimal", ("point", "comma"), where=where, otherwise="") if "decimal" in table else None,
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
    check_several_rows(mapping, where=where)
    if mapping.kind == "intervals" and not mapping.amounts:
        raise SettingError(f"{where}: tells no measure. Expected [[amount]] tables with a column and a measure.")


def check_several_rows(mapping: Mapping, *, where: str) -> None:
    """Refuse what cannot be said together of the rows of one call."""
    one_call = mapping.same_leg == "one call"
    if (mapping.updated or one_call) and not mapping.leg:
        raise SettingError(f"{where}: same_leg and updated need leg, the columns by which rows are of one call.")
    if mapping.updated and one_call:
        raise SettingError(f"{where}: rows of a call are its parts (same_leg) or records of it (updated), not both.")
    for name, ways in mapping.durations.items():
        if one_call and len({(way.of, way.from_entry) for way in ways}) > 1:
            raise SettingError(f"{where}, {name}: its ways must be of the same row, and all or none from the entry.")


def layout_of(table: dict[str, Any], *, where: str) -> Layout:
    """How the file is written: the table [file], and the same settings where they stand outside it."""
    inside = a_table(table.get("file", {}), OF_FILE, where=f"{where}, [file]")
    outside = {key: table[key] for key in OF_FILE if key in table and key in COMMON and key != "kind"}
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
        sheet=text_at(said, "sheet", where=where) if "sheet" in said else "",
        before_header=_lines(said, "before_header", least=0, where=where),
        header_rows=_lines(said, "header_rows", least=1, where=where) or 1,
        header=header, footer=texts(said, "footer", where=where), recognise=recognise, codes=codes,
        above=above_of(said.get("above", {}), where=f"{where}, above"),
        fill_down=texts(said, "fill_down", where=where), optional=texts(said, "optional", where=where),
        widths=_widths(said.get("widths", []), where=f"{where}, widths"),
        records=text_at(said, "records", where=where) if "records" in said else "",
        each=text_at(said, "each", where=where) if "each" in said else "",
        known_columns=texts(said, "known_columns", where=where),
    )  # fmt: skip


def _delimiter_and_quote(said: dict[str, Any], *, where: str) -> tuple[str, str]:
    """What stands between the fields and around them."""
    delimiter = text_at(said, "delimiter", where=where) if "delimiter" in said else ","
    delimiter, quote = DELIMITERS.get(delimiter, delimiter), said.get("quote", '"')
    if len(delimiter) != 1 or delimiter in "\r\n" or not delimiter.isascii() or quote not in ("", '"', "'"):
        raise SettingError(f"{where}, delimiter and quote: expected one character or {', '.join(DELIMITERS)}.")
    return delimiter, quote


def _widths(value: object, *, where: str) -> tuple[int, ...]:
    """Widths of printed columns."""
    if not isinstance(value, list) or not all(type(one) is int and 0 < one < 10_000 for one in value):
        raise SettingError(f"{where}: expected the characters of each column, like widths = [12, 20, 8].")
    return tuple(value)


def _encoding(said: dict[str, Any], *, where: str) -> str:
    """How the bytes are to be read."""
    encoding = text_at(said, "encoding", where=where) if "encoding" in said else "utf-8"
    if encoding not in ENCODINGS:
        raise SettingError(f"{where}, encoding: {encoding!r} is not known here. Known: {', '.join(ENCODINGS)}.")
    return encoding


def _lines(said: dict[str, Any], key: str, *, least: int, where: str) -> int | None:
    """A number of lines."""
    value = said.get(key)
    if value is not None and (type(value) is not int or not least <= value <= 100):
        raise SettingError(f"{where}, {key}: {value!r} is not a number of lines.")
    return value


def above_of(table: object, *, where: str) -> dict[str, re.Pattern[str]]:
    """Columns that only the lines above the header say, each by a pattern with one group."""
    if not isinstance(table, dict):
        raise SettingError(f"{where}: expected columns and patterns, like above = {{ Day = 'Date: (.+)' }}.")
    found = {}
    for column in table:
        try:
            found[str(column)] = re.compile(text_at(table, column, where=where), re.ASCII)
        except re.error as error:
            raise SettingError(f"{where}, {column}: not a pattern ({error}).") from None
        if found[str(column)].groups != 1:
            raise SettingError(f"{where}, {column}: expected a pattern with one group, like 'Date: (.+)'.")
    return found


def codes_of(table: object, *, where: str) -> dict[str, frozenset[str]]:
    """Columns that hold one of a fixed set of codes, and the codes."""
    if not isinstance(table, dict):
        raise SettingError(f'{where}: expected columns and their codes, like codes = {{ Result = ["Lost", "Gone"] }}.')
    found = {str(column): frozenset(texts(table, column, where=where)) for column in table}
    for column, codes in found.items():
        if any(" " in code or not code for code in codes):
            raise SettingError(f"{where}, {column}: a code is one word. Leave out a column whose texts have spaces.")
    return found


def length_of(value: object, *, where: str) -> float | str | Duration:
    """How long an interval is."""
    if isinstance(value, dict):
        return duration_of(value, where=where)
    return str(value) if value in LENGTHS else read_duration(value, where=where)


def _tables(table: dict[str, Any], key: str, *, where: str) -> list[Any]:
    """A list of tables, written [[key]]."""
    value = table.get(key, [])
    if not isinstance(value, list):
        raise SettingError(f"{where}: write [[{key}]], with two brackets: there may be several.")
    return value
