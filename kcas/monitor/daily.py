"""Has a day's rate left the ordinary for such a day? p′ with a centre line for each kind of day.

Mondays are not Fridays, and neighbouring days are alike: so each kind of day has its own centre, and sigma_z is the
standard deviation of the points about them, not their moving range. Outliers are left out of the limits, in one pass,
unless told otherwise.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from kcas.monitor.control_chart import Chart, Floats, Mask

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
ENOUGH_WEEKDAYS = 60  # before that the limits are provisional
FEWEST_OF_A_KIND = 4  # days, below which a kind of day has no centre line of its own


def kind_of_day(day: date, *, holidays: Container[date]) -> str:
    """Each weekday is a kind; so are weekends, and bank holidays."""
    if day in holidays:
        return "bank holiday"
    return WEEKDAYS[day.weekday()] if day.weekday() < 5 else "weekend"


@dataclass(frozen=True)
class DailyChart:
    """The chart, which days it shows, and what a reader must be told."""

    chart: Chart
    shown: Mask  # days of too rare a kind are left out
    provisional: bool
    left_out: tuple[str, ...]  # kinds of day without a centre line
    screened: Mask  # days left out of the limits as outliers


def daily_p_prime(
    count: Sequence[float],
    of: Sequence[float],
    *,
    kinds: Sequence[str],
    baseline: Mask | None = None,
    screen_outliers: bool = True,
) -> DailyChart:
    """The chart of days from their counts and kinds; limits come from the baseline days where one is given."""
    counts, sizes = np.asarray(count, dtype=float), np.asarray(of, dtype=float)
    kind = np.asarray(kinds)
    known = (np.ones(len(counts), dtype=bool) if baseline is None else baseline) & (sizes > 0)
    names = sorted(set(kinds))
    rare = tuple(name for name in names if int((known & (kind == name)).sum()) < FEWEST_OF_A_KIND)
    shown = (sizes > 0) & ~np.isin(kind, rare)
    known &= shown
    chart = _about(counts, sizes, kind, known)
    used = known & ~(np.abs(chart.score) > 3) if screen_outliers else known
    if (used != known).any():
        chart = _about(counts, sizes, kind, used)
    weekdays = int((known & np.isin(kind, WEEKDAYS)).sum())
    return DailyChart(chart, shown, weekdays < ENOUGH_WEEKDAYS, rare, known & ~used)


def _about(counts: Floats, sizes: Floats, kind: np.ndarray[tuple[int], np.dtype[np.str_]], used: Mask) -> Chart:
    """Each kind's own centre, and one spread about them all."""
    centre = np.full(len(counts), np.nan)
    for name in np.unique(kind[used]):
        these = used & (kind == name)
        centre[kind == name] = counts[these].sum() / sizes[these].sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        value, dice = counts / sizes, np.sqrt(centre * (1 - centre) / sizes)
        scores = np.where(dice > 0, (value - centre) / dice, 0.0)[used]
    degrees = len(scores) - len(np.unique(kind[used]))
    sigma_z = float(np.sqrt((scores**2).sum() / degrees)) if degrees > 0 else 1.0
    return Chart(value, centre, dice * sigma_z, sigma_z, used, 0.0, 1.0)
