"""Comparators of a day or period: days of the same weekday, and holidays for a holiday.

Holidays are one kind of day, whatever their weekday, as on the control chart. They make no normal weekday.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from kcas.attribution.observed_days import Observed
from kcas.errors import ScenarioError

FEWEST, MOST = 4, 12
"""How many days of the same weekday before it make a normal one."""
HOLIDAY = 7  # the kind after the weekdays
Named = Mapping[date, str]


@dataclass(frozen=True)
class HolidaysMet:
    """Holidays among the days explained, among those they stand against, and those left out of these and of the fit."""

    here: Named = field(default_factory=dict)
    against: Named = field(default_factory=dict)
    left_out: Named = field(default_factory=dict)
    given: bool = False  # whether it was said which days they stand against


def normal_days(days: Observed, day: date) -> Observed:
    """The last dozen days of the same weekday before the day, for a holiday of holidays where four are told.

    Raises ScenarioError for fewer than four.
    """
    before = [number for number, each in enumerate(days.dates) if each < day]
    holidays = [number for number in before if days.dates[number] in days.holidays]
    if day in days.holidays and len(holidays) >= FEWEST:
        return days.of(holidays[-MOST:])
    same = [n for n in before if days.dates[n].weekday() == day.weekday() and n not in holidays]
    if len(same) < FEWEST:
        raise ScenarioError(
            f"{day}: the log tells of {how_many(len(same))} of its weekday before it, holidays left out; a normal one "
            f"needs {FEWEST}. Say which days it stands against, with --against."
        )
    return days.of(same[-MOST:])


def how_many(days: int) -> str:
    """Few days, as one says it."""
    return ("no day", "only 1 day")[days] if days < 2 else f"only {days} days"


def recent(days: Observed, day: date) -> Observed:
    """The days before it that the model is fitted to: all of the twelve weeks before but holidays."""
    return days.of(
        [n for n, each in enumerate(days.dates) if 0 < (day - each).days <= 7 * MOST and each not in days.holidays]
    )


def holidays_left_out(days: Observed, day: date, *, normal: Observed) -> Named:
    """The holidays of the time from which normal days and those fitted to were taken, that were not taken."""
    first = min(normal.dates[0], date.fromordinal(day.toordinal() - 7 * MOST))
    return {
        each: name for each, name in days.holidays.items() if first <= each < day and each not in normal.holidays
    }  # fmt: skip


def kinds(days: Observed, *, apart: bool) -> NDArray[np.int64]:
    """Each day's weekday; with `apart` holidays are a kind of their own."""
    return np.array([HOLIDAY if apart and each in days.holidays else each.weekday() for each in days.dates], np.int64)
