"""Values of a mapping, as its TOML tables declare them: conditions, moments, durations, names and amounts.

Each is a frozen declaration; where a table is wrong, SettingError says its place and what would be right.
"""

import re
from collections.abc import Callable
from collections.abc import Mapping as Table
from dataclasses import dataclass
from functools import partial
from typing import Any

from kcas.calls.call import INTERVAL_MEASURES, OUTCOMES
from kcas.desk.toml_file import only_known
from kcas.desk.units import read_duration
from kcas.errors import SettingError
from kcas.ingest.columns import DURATIONS, Unreadable, amount, duration
from kcas.ingest.moment_forms import Form, form

Test = Callable[[str], bool]
EPOCH_SECONDS = Form("epoch s", ())


@dataclass(frozen=True)
class Condition:
    """What certain columns must say, all of them: column -> a test of its text."""

    tests: Table[str, Test]


@dataclass(frozen=True)
class Rule:
    """Rows that meet a condition, and what follows: an outcome, or the words of the rule that leaves them out."""

    when: Condition
    gives: str


@dataclass(frozen=True)
class Duration:
    """Columns of durations, the first that says one; what is added and taken away; and which rows have it at all.

    Where `until` names columns it is the time to that moment, from `since` or else from the call's entry.
    """

    columns: tuple[str, ...]
    form: str
    unknown: tuple[str, ...]
    negative_is_unknown: bool
    plus: tuple["Duration", ...] = ()
    less: tuple["Duration", ...] = ()
    since: tuple[str, ...] = ()
    until: tuple[str, ...] = ()
    moment: Form = EPOCH_SECONDS  # how both moments are written
    when: Condition | None = None
    unless: Condition | None = None
    outcomes: tuple[str, ...] = ()
    of: str = "deciding"  # of several rows of a call: which one says it, or their "sum", "largest" or "smallest"

    @property
    def from_entry(self) -> bool:
        """Whether it is counted from the call's entry."""
        return bool(self.until) and not self.since

    @property
    def used(self) -> tuple[str, ...]:
        """Every column it speaks of."""
        own = (*self.columns, *self.since, *self.until, *tested(self.when, self.unless))
        return (*own, *(column for part in (*self.plus, *self.less) for column in part.used))


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
    unknown: tuple[str, ...] = ()  # texts with which the column says nothing, so that the next one is asked
    plus: tuple[Duration, ...] = ()
    less: tuple[Duration, ...] = ()
    range: str = ""  # what stands between the beginning and the end of an interval in one cell
    range_form: Form | None = None  # how its end is written
    afternoon_before: int | None = None  # of a 12-hour clock without AM and PM: the first hour of the morning

    @property
    def used(self) -> tuple[str, ...]:
        """Every column it speaks of."""
        own = [column for column in (self.column, self.day, self.near) if column]
        return (*own, *tested(self.when, self.unless), *(c for part in (*self.plus, *self.less) for c in part.used))


@dataclass(frozen=True)
class Name:
    """A name in a column, or the same for every row; texts that mean none, and a pattern the others must have."""

    column: str | None
    constant: str | None = None
    unknown: tuple[str, ...] = ("",)
    only: re.Pattern[str] | None = None
    otherwise: str | None = None  # the name where the column says none


@dataclass(frozen=True)
class Amount:
    """Columns of an interval table that are one measure together, and how their numbers are to be read.

    `form` is that of durations; "" is a plain number. `times` names the column of the count an average is of;
    `percent_of` and `share_of` the column a share is taken of.
    """

    columns: tuple[str, ...]
    measure: str
    threshold: float | None
    form: str = ""
    unknown: tuple[str, ...] = ("",)
    less: tuple[str, ...] = ()
    times: str | None = None
    percent_of: str | None = None
    share_of: str | None = None

    @property
    def base(self) -> str | None:
        """The column of counts that an average or a share is multiplied by."""
        return self.times or self.percent_of or self.share_of

    @property
    def used(self) -> tuple[str, ...]:
        """Every column it speaks of."""
        return (*self.columns, *self.less, *((self.base,) if self.base else ()))


def tested(*conditions: Condition | None) -> tuple[str, ...]:
    """Every column that conditions look at."""
    return tuple(column for condition in conditions if condition for column in condition.tests)


OF_TEST = ("is", "not", "begins", "ends", "contains", "more_than", "less_than", "at_least", "at_most", "format")
COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "more_than": float.__gt__, "less_than": float.__lt__, "at_least": float.__ge__, "at_most": float.__le__,
}  # fmt: skip
TEXT_TESTS: dict[str, Callable[[str, str], bool]] = {
    "begins": str.startswith, "ends": str.endswith, "contains": str.__contains__,
}  # fmt: skip


def condition_of(table: object, *, where: str) -> Condition:
    """What columns must say."""
    if not isinstance(table, dict) or not table:
        raise SettingError(f'{where}: expected what columns say, like when = {{ Result = ["Lost", "Gone"] }}.')
    if "" in table:
        raise SettingError(f'{where}: the name of a column is empty. Expected what stands in the header, like "Call".')
    return Condition({str(column): text_test(table[column], where=f"{where}, {column}") for column in table})


def text_test(value: object, *, where: str) -> Test:
    """A test of a column's text: one of some texts, or what a table says of it."""
    if not isinstance(value, dict):
        wanted = texts({"is": value}, "is", where=where)
        return partial(_says, wanted)
    said = a_table(value, OF_TEST, where=where)
    tests: list[Test] = [partial(_says, texts(said, "is", where=where))] if "is" in said else []
    if "not" in said:
        tests.append(partial(_says_not, texts(said, "not", where=where)))
    tests += [partial(_any, TEXT_TESTS[key], texts(said, key, where=where)) for key in TEXT_TESTS if key in said]
    written = one_of(said, "format", ("", *DURATIONS), where=where, otherwise="")
    limits = {key: _limit(said[key], written, where=f"{where}, {key}") for key in COMPARISONS if key in said}
    tests += [partial(_compares, COMPARISONS[key], limit, written) for key, limit in limits.items()]
    if not tests:
        raise SettingError(f"{where}: expected what the column says, by one of {', '.join(OF_TEST[:-1])}.")
    return partial(_all, tuple(tests))


def _says(wanted: tuple[str, ...], text: str) -> bool:
    """Whether a text is one of the wanted; "*" is anything that is not empty."""
    return text in wanted or ("*" in wanted and text != "")


def _says_not(unwanted: tuple[str, ...], text: str) -> bool:
    return not _says(unwanted, text)


def _any(compare: Callable[[str, str], bool], wanted: tuple[str, ...], text: str) -> bool:
    return any(compare(text, one) for one in wanted)


def _compares(compare: Callable[[float, float], bool], limit: float, written: str, text: str) -> bool:
    """Whether a number compares so with the limit; a text that is no number does not."""
    try:
        return compare(duration(text, form=written) if written else amount(text, decimal="point"), limit)
    except Unreadable:
        return False


def _all(tests: tuple[Test, ...], text: str) -> bool:
    return all(test(text) for test in tests)


def _limit(value: object, written: str, *, where: str) -> float:
    """The number that others are compared with."""
    if isinstance(value, int | float) and not isinstance(value, bool) and not written:
        return float(value)
    try:
        return duration(str(value), form=written or "s")
    except Unreadable:
        raise SettingError(f"{where}: {value!r} is not a number. Expected one like 5, or a duration.") from None


def rule_of(table: object, known: Table[str, str] | None, *, where: str) -> Rule:
    """A rule; its result must be known where there is a list of them."""
    result = "rule" if known is None else "gives"
    said = a_table(table, ("when", result), where=where)
    gives = text_at(said, result, where=where)
    if known is not None and gives not in known:
        raise SettingError(f"{where}: {gives!r} is not an outcome. Known: {', '.join(known)}.")
    return Rule(condition_of(said.get("when"), where=where), gives)


OF_WHEN = (
    "column", "format", "day", "day_format", "near", "when", "unless", "unknown", "plus", "less", "range",
    "range_format", "afternoon_before",
)  # fmt: skip


def when_of(table: object, *, where: str) -> When:
    """Where a moment is told."""
    said = a_table(table, OF_WHEN, where=where)
    written = form(text_at(said, "format", where=where), where=f"{where}, format")
    day = text_at(said, "day", where=where) if "day" in said else None
    day_form = form(text_at(said, "day_format", where=where), where=f"{where}, day_format") if day else None
    if written.has_day == bool(day) or (day_form and not day_form.has_day):
        raise SettingError(f"{where}: {written.text!r} tells a time of day. Say its day with day and day_format.")
    ends = form(text_at(said, "range_format", where=where), where=where) if "range_format" in said else None
    return When(
        text_at(said, "column", where=where), written, day, day_form,
        near=text_at(said, "near", where=where) if "near" in said else None,
        **conditions_of(said, where=where),
        unknown=unknown_of(said, where=where) if "unknown" in said else (),
        plus=parts_of(said, "plus", where=where), less=parts_of(said, "less", where=where),
        range=text_at(said, "range", where=where) if "range" in said else "", range_form=ends,
        afternoon_before=_an_hour(said["afternoon_before"], where=where) if "afternoon_before" in said else None,
    )  # fmt: skip


def _an_hour(value: object, *, where: str) -> int:
    """The hour at which a morning starts on a clock of twelve."""
    if type(value) is not int or not 1 <= value <= 12:
        raise SettingError(f"{where}, afternoon_before: {value!r} is not an hour from 1 to 12. Expected one like 8.")
    return value


def conditions_of(said: dict[str, Any], *, where: str) -> dict[str, Condition]:
    """The conditions under which a value is told."""
    return {key: condition_of(said[key], where=f"{where}, {key}") for key in ("when", "unless") if key in said}


WHICH_ROW = ("deciding", "first", "last", "sum", "largest", "smallest")
OF_PART = ("column", "format", "unknown", "negative")
OF_DURATION = (*OF_PART, "plus", "less", "since", "until", "when", "unless", "outcome", "of")


def durations_of(value: object, *, where: str) -> tuple[Duration, ...]:
    """One way to tell a duration, or several that are tried in turn."""
    listed = value if isinstance(value, list) and value else [value]
    return tuple(duration_of(one, where=where) for one in listed)


def duration_of(table: object, *, where: str) -> Duration:
    """A column of durations, or one made of others."""
    said = a_table(table, OF_DURATION, where=where)
    if "until" in said:
        return _between(said, where=where)
    if "since" in said:
        raise SettingError(f"{where}: since needs until, the column of the moment at which it ends.")
    return Duration(
        columns_at(said, where=where),
        one_of(said, "format", DURATIONS, where=where, otherwise="s"),
        **_shared(said, where=where),
    )


def _between(said: dict[str, Any], *, where: str) -> Duration:
    """The time from one moment to another."""
    if "column" in said:
        raise SettingError(f"{where}: expected either column or until, the column of the moment at which it ends.")
    written = form(text_at(said, "format", where=where), where=f"{where}, format")
    since = texts(said, "since", where=where)
    if not since and not written.has_day:
        raise SettingError(f"{where}: {written.text!r} has no day. Say since, the column of the time it starts at.")
    return Duration(
        (), "s", since=since, until=texts(said, "until", where=where), moment=written, **_shared(said, where=where)
    )


def _shared(said: dict[str, Any], *, where: str) -> dict[str, Any]:
    """What every duration may say."""
    outcomes = texts(said, "outcome", where=where)
    if unheard := [one for one in outcomes if one not in OUTCOMES]:
        raise SettingError(f"{where}: {unheard[0]!r} is not an outcome. Known: {', '.join(OUTCOMES)}.")
    negative = one_of(said, "negative", ("refused", "unknown"), where=where, otherwise="refused")
    return {
        "unknown": unknown_of(said, where=where), "negative_is_unknown": negative == "unknown", "outcomes": outcomes,
        "plus": parts_of(said, "plus", where=where), "less": parts_of(said, "less", where=where),
        "of": one_of(said, "of", WHICH_ROW, where=where, otherwise="deciding"), **conditions_of(said, where=where),
    }  # fmt: skip


def parts_of(said: dict[str, Any], key: str, *, where: str) -> tuple[Duration, ...]:
    """Durations that are added or taken away: columns written as the whole is, or tables with a form of their own."""
    listed = said.get(key, [])
    listed = listed if isinstance(listed, list) else [listed]
    written = said.get("format", "s") if said.get("format", "s") in DURATIONS else "s"
    tables = [{"column": one, "format": written} if isinstance(one, str) else one for one in listed]
    return tuple(duration_of(a_table(one, OF_PART, where=f"{where}, {key}"), where=f"{where}, {key}") for one in tables)


def name_of(table: object, *, where: str, of_a_person: bool = False) -> Name:
    """A name from a column, or one for all rows."""
    said = a_table(table, ("column", "constant", "unknown", "only", "otherwise"), where=where)
    if ("column" in said) == ("constant" in said):
        raise SettingError(f'{where}: expected either column = "…" or constant = "…".')
    if of_a_person and {"constant", "otherwise"} & set(said):
        raise SettingError(f"{where}: one person cannot be on every row. Expected column = the column that names them.")
    if "constant" in said:
        return Name(None, text_at(said, "constant", where=where))
    try:
        only = re.compile(text_at(said, "only", where=where), re.ASCII) if "only" in said else None
    except re.error as error:
        raise SettingError(f"{where}, only: not a pattern ({error}).") from None
    otherwise = text_at(said, "otherwise", where=where) if "otherwise" in said else None
    return Name(text_at(said, "column", where=where), None, unknown_of(said, where=where), only, otherwise)


OF_BASE = ("times", "percent_of", "share_of")
OF_AMOUNT = ("column", "measure", "threshold", "format", "unknown", "less", *OF_BASE)


def amount_of(table: object, *, where: str) -> Amount:
    """Columns of an interval table."""
    said = a_table(table, OF_AMOUNT, where=where)
    measure = one_of(said, "measure", (*OUTCOMES, *INTERVAL_MEASURES), where=where, otherwise="")
    threshold = read_duration(said["threshold"], where=f"{where}, threshold") if "threshold" in said else None
    if (threshold is None) == measure.endswith(("_over", "_within", "_below")):
        raise SettingError(f"{where}: {measure!r} {'needs a' if threshold is None else 'has no'} threshold.")
    bases: dict[str, Any] = {key: text_at(said, key, where=where) for key in OF_BASE if key in said}
    if len(bases) > 1:
        raise SettingError(f"{where}: expected one of {', '.join(OF_BASE)}.")
    written = one_of(said, "format", ("", *DURATIONS), where=where, otherwise="")
    return Amount(
        columns_at(said, where=where), measure, threshold, written,
        unknown=unknown_of(said, where=where), less=texts(said, "less", where=where), **bases,
    )  # fmt: skip


def unknown_of(said: dict[str, Any], *, where: str) -> tuple[str, ...]:
    """Texts that mean that nothing is known; an empty field always does."""
    return ("", *texts(said, "unknown", where=where))


def columns_at(said: dict[str, Any], *, where: str) -> tuple[str, ...]:
    """The name of a column, or of several."""
    if isinstance(said.get("column"), list):
        named = texts(said, "column", where=where)
        if named and all(named):
            return named
    return (text_at(said, "column", where=where),)


def a_table(value: object, known: tuple[str, ...], *, where: str) -> dict[str, Any]:
    """A table of a mapping, with known keys only."""
    if not isinstance(value, dict):
        raise SettingError(f"{where}: expected a table with {', '.join(known)}.")
    only_known(value, known, where=where)
    return value


def text_at(table: dict[str, Any], key: str, *, where: str) -> str:
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
