"""Declared fields of a TOML table: key, unit, bounds and meaning, read from dataclasses.

Each part of a scenario is a frozen dataclass whose fields carry their own reader and words. The reader of files,
`scenario check` and the reference page all walk the same fields, so none can be out of step.
"""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, TypeVar

from kcas.desk.toml_file import only_known, shown_key, value_text
from kcas.desk.units import duration_text, percentage_text, read_duration, read_percentage, read_time_of_day
from kcas.errors import ScenarioError, SettingError

Part = TypeVar("Part")
Read = Callable[[object, str], Any]


Respell = Callable[[Any, str, list[str]], Any]
"""The value with keys as they are spelled now; adds to the list which had a spelling of before."""


def as_it_is(value: Any, where: str, old: list[str]) -> Any:
    """The value: nothing in it ever had another spelling."""
    return value


@dataclass(frozen=True)
class Former:
    """How an earlier version spelled a key, and the values that it spelled otherwise, as pairs of then and now."""

    key: str
    values: tuple[tuple[str | bool, str | bool], ...] = ()

    def value(self, then: Any) -> Any:
        """What the value of then is now."""
        return next((now for before, now in self.values if type(then) is type(before) and then == before), then)

    def words(self, key: str, value: Any, *, then: Any) -> str:
        """The change of spelling: of the key, and of its value where that has changed too."""
        if not self.values or value == then:
            return f"{self.key} is now {key}"
        return f"{self.key} = {json.dumps(then)} is now {key} = {json.dumps(value)}"


@dataclass(frozen=True)
class Kind:
    """How one value is read, and what it looks like when right."""

    words: str
    example: str
    read: Read
    part: type | None = None  # the dataclass of a table, or of each table of a list or group
    respell: Respell = as_it_is
    write: Callable[[Any], str] = str
    """A value as the file says it."""


def setting(kind: Kind, words: str, *, default: Any = MISSING, formerly: Former | None = None) -> Any:
    """A field that a scenario file can set."""
    return field(default=default, metadata={"kind": kind, "words": words, "formerly": formerly})


def key_of(name: str) -> str:
    """The key in the file: a word Python keeps for itself bears an underscore in the code."""
    return name.rstrip("_")


def read_part(part: type[Part], table: object, *, where: str) -> Part:
    """The dataclass from its table. Raises ScenarioError, or SettingError, saying where and what would be right."""
    if not isinstance(table, Mapping):
        keys = ", ".join(key_of(each.name) for each in fields(part))  # type: ignore[arg-type]
        raise ScenarioError(f"{where}: {value_text(table)} is not a table. Expected one with the keys {keys}.")
    known = {key_of(each.name): each for each in fields(part)}  # type: ignore[arg-type]
    only_known(table, known, where=where)
    values = {}
    for key, each in known.items():
        kind: Kind = each.metadata["kind"]
        if key in table:
            values[each.name] = kind.read(table[key], f"{where}, {key}")
        elif each.default is MISSING:
            raise ScenarioError(f"{where}: {key} is missing: {each.metadata['words']}. Expected {kind.words}.")
    return part(**values)


def respelt(part: type, table: Any, where: str, old: list[str]) -> Any:
    """The table with its keys, and those of tables within, as they are spelled now; what is no table as it is.

    Raises ScenarioError where a table has a key in both spellings.
    """
    if not isinstance(table, Mapping):
        return table
    known: dict[str, Field[Any]] = {key_of(each.name): each for each in fields(part)}
    former: dict[str, str] = {
        each.metadata["formerly"].key: key for key, each in known.items() if each.metadata["formerly"]
    }
    current = {}
    for given, value in table.items():
        key: str = given if given in known else former.get(given) or given
        if key != given:
            refuse_both(table, key, given, where=where)
            before: Former = known[key].metadata["formerly"]
            then, value = value, before.value(value)
            old.append(before.words(key, value, then=then))
        kind: Kind | None = known[key].metadata["kind"] if key in known else None
        current[key] = kind.respell(value, f"{where}, {key}", old) if kind else value
    return current


def refuse_both(table: Mapping[str, Any], key: str, former: str, *, where: str) -> None:
    """Raises ScenarioError for a table that spells one key in both ways."""
    if key in table and former in table:
        raise ScenarioError(f"{where}: {key} and {former} are the same setting, spelled now and before. Keep {key}.")


def wrong(value: object, kind_words: str, *, where: str) -> ScenarioError:
    return ScenarioError(f"{where}: {value_text(value)} is not valid. Expected {kind_words}.")


def time(*, low: float = 0.0, high: float = 86_400.0) -> Kind:
    """A duration with its unit, in seconds."""
    words = f'a duration with its unit, like "7 min 20 s", from {duration_text(low)} to {duration_text(high)}'

    def read(value: object, where: str) -> float:
        if isinstance(value, bool | int | float):
            raise ScenarioError(
                f'{where}: {value_text(value)} has no unit. Expected a number and a unit, like "{value_text(value)} s".'
            )
        number = read_duration(value, where=where)
        if not low <= number <= high:
            raise wrong(value, words, where=where)
        return number

    return Kind(words, '"7 min 20 s"', read, write=duration_text)


def percent(*, low: float = 0.0, high: float = 100.0) -> Kind:
    """A percentage, as a fraction of one."""
    words = f'a percentage like "28%", from {low:g}% to {high:g}%'

    def read(value: object, where: str) -> float:
        try:
            return read_percentage(value, where=where, low=low, high=high)
        except SettingError as error:
            raise ScenarioError(str(error)) from None

    return Kind(words, '"28%"', read, write=percentage_text)


def count(*, low: int = 0, high: int) -> Kind:
    """A whole number."""
    words = f"a whole number from {low:,} to {high:,}"

    def read(value: object, where: str) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise wrong(value, words, where=where)
        return value

    return Kind(words, f"{max(low, 1)}", read)


def amount(*, above: float, high: float) -> Kind:
    """A number that need not be whole."""
    words = f"a number above {above:,.10g} and up to {high:,.10g}"

    def read(value: object, where: str) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise wrong(value, words, where=where)
        if not above < value <= high:
            raise wrong(value, words, where=where)
        return float(value)

    return Kind(words, f"{max(above, 1):g}", read)


def one_of(*choices: str) -> Kind:
    """One of a few words."""
    words = "one of " + ", ".join(f'"{choice}"' for choice in choices)

    def read(value: object, where: str) -> str:
        if not isinstance(value, str) or value not in choices:
            raise wrong(value, words, where=where)
        return value

    return Kind(words, f'"{choices[0]}"', read)


def _text(value: object, where: str) -> str:
    text = " ".join(value.split()) if isinstance(value, str) else ""
    if not text or len(text) > LONGEST_TEXT or not text.isprintable():
        raise wrong(value, TEXT.words, where=where)
    return text


def _yes_or_no(value: object, where: str) -> bool:
    if not isinstance(value, bool):
        raise wrong(value, YES_OR_NO.words, where=where)
    return value


def _clock(value: object, where: str) -> float:
    try:
        return read_time_of_day(value, where=where)
    except SettingError as error:
        raise ScenarioError(str(error)) from None


LONGEST_TEXT, LONGEST_NAME = 500, 60
TEXT = Kind("words in quotation marks", '"What would two more agents do?"', _text)
YES_OR_NO = Kind("true or false", "true", _yes_or_no)
CLOCK = Kind('a time of day like "08:30", up to "24:00"', '"08:30"', _clock)


def listed(each: Kind, *, at_most: int = 1440) -> Kind:
    """A list, each of one kind."""
    words = f"a list, each {each.words}"

    def read(value: object, where: str) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise wrong(value, words, where=where)
        if len(value) > at_most:
            raise ScenarioError(f"{where}: {len(value):,} are more than the {at_most:,} there can be.")
        return tuple(each.read(inner, f"{where}, number {number}") for number, inner in enumerate(value, start=1))

    def respell(value: Any, where: str, old: list[str]) -> Any:
        if not isinstance(value, list):
            return value
        return [each.respell(inner, f"{where}, number {number}", old) for number, inner in enumerate(value, start=1)]

    deep = each.respell is not as_it_is
    return Kind(words, f"[{each.example}, {each.example}]", read, each.part, respell if deep else as_it_is)


def table(part: type) -> Kind:
    """A table of settings of its own."""
    return Kind(
        "a table", "", lambda value, where: read_part(part, value, where=where), part,
        lambda value, where, old: respelt(part, value, where, old),
    )  # fmt: skip


def named_tables(part: type, *, at_most: int, what: str) -> Kind:
    """Several tables, each with a name of the writer's choice."""
    words = f"up to {at_most} tables, each with a name of your choice"

    def read(value: object, where: str) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise wrong(value, words, where=where)
        for name in value:
            if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
                raise ScenarioError(
                    f"{where}: {value_text(name)} is not valid as a name. Expected {LONGEST_NAME} letters at most, "
                    'like "public".'
                )
        if len(value) > at_most:
            raise ScenarioError(f"{where}: {len(value)} {what} are more than the {at_most} that can be simulated.")
        return {name: read_part(part, inner, where=f"{where}.{name}") for name, inner in value.items()}

    def respell(value: Any, where: str, old: list[str]) -> Any:
        if not isinstance(value, Mapping):
            return value
        return {name: respelt(part, inner, f"{where}.{shown_key(name)}", old) for name, inner in value.items()}

    return Kind(words, "", read, part, respell)
