"""Weekends and holidays in a chart of days: left out, or a kind of day of their own."""

from dataclasses import dataclass
from typing import Any

from kcas.desk.opening_hours import WEEKDAYS, check_table
from kcas.desk.toml_file import nearest
from kcas.errors import SettingError

OWN_KIND, LEFT_OUT = "own kind", "left out"


@dataclass(frozen=True)
class DaysCharted:
    """The desk's weekend, and whether weekends and holidays have a centre line of their own or are left out."""

    weekend: tuple[int, ...] = (5, 6)  # Monday is 0
    weekends: str = OWN_KIND
    holidays: str = OWN_KIND


def read_days_charted(table: Any, *, where: str) -> DaysCharted:
    """What the standard says of a chart's days."""
    check_table(table, ("weekend", "weekends", "holidays"), where=where)
    own = DaysCharted()
    return DaysCharted(
        weekend=_weekend(table["weekend"], where=f"{where}, weekend") if "weekend" in table else own.weekend,
        weekends=_treated(table.get("weekends", own.weekends), where=f"{where}, weekends"),
        holidays=_treated(table.get("holidays", own.holidays), where=f"{where}, holidays"),
    )


def _weekend(value: object, *, where: str) -> tuple[int, ...]:
    if not isinstance(value, list) or not all(isinstance(day, str) for day in value):
        raise SettingError(f'{where}: {value!r} is not a list of days. Expected one like ["saturday", "sunday"].')
    for day in value:
        if day not in WEEKDAYS:
            raise SettingError(f"{where}: {day!r} is not a day of the week. {nearest(day, WEEKDAYS)}")
    return tuple(sorted({WEEKDAYS.index(day) for day in value}))


def _treated(value: object, *, where: str) -> str:
    if value not in (OWN_KIND, LEFT_OUT):
        raise SettingError(f'{where}: {value!r} is not known. Expected "{OWN_KIND}" or "{LEFT_OUT}".')
    return str(value)
