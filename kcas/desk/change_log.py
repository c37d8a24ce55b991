"""Change log: actions taken, with date and point of recommendation 10, kept in the settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from kcas.desk.toml_file import nearest, only_known, value_text
from kcas.errors import SettingError

POINTS = {
    "i": "The wider assessment work given up, its agents' time returned to calls",
    "ii": "A new telephone system, and training to reduce inappropriate referrals",
    "iii": "Extra money for capacity",
    "iv": "The rate since April 2010, under continuing review",
}
"""The four points of recommendation 10."""
MOST_ACTIONS, LONGEST_WORDS = 500, 10_000
FIRST_YEAR, LAST_YEAR = 1990, 2100
EXPECTED = 'expected a table like { date = 2010-04-01, point = "i", what = "…" }'


@dataclass(frozen=True)
class Action:
    """What was done on a day, for which point, and, where it is known, by whom and where that is written."""

    day: date
    point: str
    what: str
    who: str = ""
    source: str = ""


def read_actions(tables: Sequence[Any], *, where: str) -> tuple[Action, ...]:
    """The actions of a standard, in order of their days. Raises SettingError naming the one that is wrong."""
    if len(tables) > MOST_ACTIONS:
        raise SettingError(
            f"{where}: {len(tables)} actions; at most {MOST_ACTIONS} can be told. Keep the telling ones."
        )
    actions = [read_action(table, where=f"{where}, number {number}") for number, table in enumerate(tables, start=1)]
    return tuple(sorted(actions, key=lambda action: action.day))


def read_action(table: object, *, where: str) -> Action:
    """One action."""
    if not isinstance(table, Mapping):
        raise SettingError(f"{where}: {EXPECTED}.")
    only_known(table, ("date", "point", "what", "who", "source"), where=where)
    day, point = table.get("date"), table.get("point")
    if type(day) is not date or not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise SettingError(
            f"{where}, date: {day!r} is not a day. Expected one from {FIRST_YEAR} to {LAST_YEAR} without quotation "
            "marks, like 2010-04-01."
        )
    if not isinstance(point, str) or point not in POINTS:
        raise SettingError(
            f"{where}, point: {value_text(point)} is not a point of recommendation 10. {nearest(str(point), POINTS)}"
        )
    return Action(
        day,
        point,
        _words(table.get("what"), where=f"{where}, what"),
        _words(table.get("who", ""), where=f"{where}, who", may_be_empty=True),
        _words(table.get("source", ""), where=f"{where}, source", may_be_empty=True),
    )


def _words(value: object, *, where: str, may_be_empty: bool = False) -> str:
    """Text of a length that a report can hold."""
    if not isinstance(value, str) or not (may_be_empty or value.strip()):
        raise SettingError(f"{where}: {value!r} is not text. Expected words in quotation marks.")
    if len(value) > LONGEST_WORDS:
        raise SettingError(f"{where}: {len(value):,} characters; at most {LONGEST_WORDS:,} can be told.")
    return value
