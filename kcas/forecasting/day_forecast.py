"""Forecast of a day from the days before it.

A weekday's usual forgets half of a day in four weeks; the level of all days, against their usual, half in ten days.
Everything that is laid on today as a surprise was foretold in this same way, so that surprises are honest.
"""

from datetime import date

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
PATTERN_HALF_LIFE, LEVEL_HALF_LIFE = 28.0, 10.0
FARTHEST = 2.0  # a day beyond twice or half its usual is held to that, so that one odd day is one day
FEWEST_BEFORE = 2  # days of a weekday before one of it can be foretold


def expected_on(day: date, dates: tuple[date, ...], values: Floats) -> Floats | None:
    """The values [cell] to expect of a day from the days [day, cell] before it; None where there are too few."""
    age = np.array([(day - each).days for each in dates], float)
    before = age > 0
    weekdays = np.array([each.weekday() for each in dates])
    if (before & (weekdays == day.weekday())).sum() < FEWEST_BEFORE:
        return None
    slow = np.where(before, 0.5 ** (np.maximum(age, 0) / PATTERN_HALF_LIFE), 0.0)
    usual = np.zeros((7, values.shape[1]))
    for weekday in range(7):
        mine = slow * (weekdays == weekday)
        usual[weekday] = mine @ values / mine.sum() if mine.sum() > 0 else np.nan
    totals = usual.sum(axis=1)[weekdays]
    told = before & (totals > 0)
    ratio = np.clip(values.sum(axis=1)[told] / totals[told], 1 / FARTHEST, FARTHEST)
    quick = 0.5 ** (age[told] / LEVEL_HALF_LIFE) * totals[told]
    return np.asarray(usual[day.weekday()] * np.exp((quick * np.log(ratio)).sum() / quick.sum()))


def day_forecasts(dates: tuple[date, ...], values: Floats) -> Floats:
    """Each day's values as the days before led one to expect them; not a number where those were too few."""
    found = np.full(values.shape, np.nan)
    for number, day in enumerate(dates):
        expected = expected_on(day, dates, values)
        if expected is not None:
            found[number] = expected
    return found
