"""Arrival profile of one weekday, used where it differs from the others by more than random variation."""

from collections.abc import Sequence

import numpy as np

from kcas.calibration.day_records import DayLog, Floats
from kcas.calibration.level import PATTERN_HALF_LIFE
from kcas.calibration.time_of_day import FEWEST, OverTheDay, drawn_together


def shapes_apart(log: DayLog, weekdays: Sequence[int], shape: Floats, *, first: int) -> dict[int, OverTheDay]:
    """By what each weekday's calls differ from a common shape in every half-hour, from the half-hour `first` on.

    Drawn towards the common shape as far as chance makes half-hours differ: chance as days of one weekday show it.
    """
    inside = slice(first, first + len(shape))
    weight = 0.5 ** ((int(log.numbers[-1]) + 1 - log.numbers) / PATTERN_HALF_LIFE)
    found = {}
    for weekday in weekdays:
        mine = (log.weekdays == weekday) & ~log.odd & (log.volume > 0)
        calls, lately = log.offered[mine][:, inside], weight[mine]
        counted = lately @ calls
        common = shape / shape.sum() * counted.sum()
        told = (calls.sum(axis=0) >= FEWEST) & (common > 0)
        errors = np.sqrt(beyond_dice(calls) * (lately**2 @ calls[:, told])) / counted[told]
        found[weekday] = drawn_together(
            first + np.flatnonzero(told), np.log(counted[told] / common[told]), errors, weights=common[told],
            behind=int(calls[:, told].sum()),
        )  # fmt: skip
    return found


def beyond_dice(calls: Floats) -> float:
    """By how much more than dice the half-hours of these days vary, each day's own number of calls being given."""
    days = calls[calls.sum(axis=1) > 0]
    share = days.sum(axis=0) / days.sum()
    used = share > 0
    expected = days.sum(axis=1)[:, None] * share[used]
    freedom = (len(days) - 1) * (int(used.sum()) - 1)
    return max(float(((days[:, used] - expected) ** 2 / expected).sum()) / freedom, 1.0) if freedom > 0 else 1.0
