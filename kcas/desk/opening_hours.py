"""Opening hours and holidays."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from kcas.desk.toml_file import only_known
from kcas.desk.units import read_time_of_day
from kcas.errors import SettingError

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
QUARTER = 15  # minutes: hours are set on the quarter, so that no quarter-hour interval is half open

Span = tuple[int, int]
"""Minutes of the day from which and until which the desk is open; over midnight, the end is beyond 24 hours."""
A_DAY = 24 * 60


@dataclass(frozen=True)
class Holidays:
    """The bank holidays of England, with the desk's own additions and removals."""

    of_england: bool = True
    also: tuple[date, ...] = ()
    not_these: tuple[date, ...] = ()

    def named(self, *, years: range) -> dict[date, str]:
        """Each holiday in these years, and what it is called."""
        holidays = england(years.start, years.stop) if self.of_england else {}
        added = {day: "the desk's own holiday" for day in self.also if day.year in years}
        return {day: name for day, name in sorted({**added, **holidays}.items()) if day not in self.not_these}

    def __contains__(self, day: object) -> bool:
        """Whether a day is a holiday."""
        return isinstance(day, date) and day in self.named(years=range(day.year, day.year + 1))


@dataclass(frozen=True)
class Opening:
    """Hours for each weekday and for holidays; with none stated every hour counts."""

    weekdays: tuple[Span | None, ...] = ()  # Monday first; empty: not stated
    holiday: Span | str | None = "as the weekday"  # hours, None for closed
    outside_left_out: bool = False

    @property
    def stated(self) -> bool:
        """Whether any hours were set at all."""
        return bool(self.weekdays)

    def span(self, day: date, *, holidays: Holidays) -> Span | None:
        """The minutes of a day in which the desk is open, or None where it is closed."""
        if not self.stated:
            return (0, 24 * 60)
        if not isinstance(self.holiday, str) and day in holidays:
            return self.holiday
        return self.weekdays[day.weekday()]


@lru_cache(maxsize=32)
def england(first: int, stop: int) -> dict[date, str]:
    """The bank holidays of England from the first year until the year left out."""
    from holidays import country_holidays

    return dict(country_holidays("GB", subdiv="ENG", years=range(first, stop), language="en_GB"))


def read_opening(table: Any, *, where: str) -> Opening:
    """Opening hours of a table with a line for each weekday, "closed" where a day is left out."""
    check_table(table, (*WEEKDAYS, "holiday", "outside"), where=where)
    outside = table.get("outside", "counted")
    if outside not in ("counted", "left out"):
        raise SettingError(f'{where}, outside: {outside!r} is not known. Expected "counted" or "left out".')
    if not any(day in table for day in WEEKDAYS):
        if outside == "left out" or "holiday" in table:
            raise SettingError(f"{where}: set the hours of at least one weekday first.")
        return Opening()
    holiday = table.get("holiday", "as the weekday")
    return Opening(
        weekdays=tuple(hours(table.get(day, "closed"), where=f"{where}, {day}") for day in WEEKDAYS),
        holiday=holiday if holiday == "as the weekday" else hours(holiday, where=f"{where}, holiday"),
        outside_left_out=outside == "left out",
    )


def hours(value: object, *, where: str) -> Span | None:
    """Minutes of the day from text like "08:00-20:00"; None for "closed"."""
    if value == "closed":
        return None
    begins, _, ends = value.replace("–", "-").partition("-") if isinstance(value, str) else ("", "", "")
    with suppress(SettingError):
        first, last = minute_of(begins, where=where), minute_of(ends, where=where)
        if first < A_DAY and first != last and not (first % QUARTER or last % QUARTER):
            return first, last if first < last else last + A_DAY
    raise SettingError(
        f'{where}: {value!r} are not hours. Expected "closed", or hours on the quarter, like "08:00-20:00" or, over '
        'midnight, "22:00-06:00".'
    )


def minute_of(text: str, *, where: str) -> int:
    """The minute of the day of a time of day."""
    return int(read_time_of_day(text, where=where)) // 60


def read_holidays(table: Any, *, where: str) -> Holidays:
    """Holidays of a table: whose they are, which days also, which not."""
    check_table(table, ("of", "also", "not"), where=where)
    if table.get("of", "England") not in ("England", "none"):
        raise SettingError(f'{where}, of: {table["of"]!r} is not known. Expected "England" or "none".')
    return Holidays(
        of_england=table.get("of", "England") == "England",
        also=_days(table.get("also", []), where=f"{where}, also"),
        not_these=_days(table.get("not", []), where=f"{where}, not"),
    )


def _days(value: object, *, where: str) -> tuple[date, ...]:
    """A list of days written without quotation marks, as TOML has them."""
    if not isinstance(value, list) or not all(type(day) is date for day in value):
        raise SettingError(f"{where}: {value!r} is not a list of days. Expected one like [2011-04-29].")
    return tuple(value)


def check_table(table: object, known: tuple[str, ...], *, where: str) -> None:
    """Refuse anything but a table of known keys."""
    if not isinstance(table, Mapping):
        raise SettingError(f"{where}: expected a table.")
    only_known(table, known, where=where)
