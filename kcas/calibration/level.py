"""Level of a quantity on a day to come: its weekday's mean, adjusted by recent days.

Everything that differs from day to day (calls, handling, load) is looked ahead to in this one way, on a scale of
logarithms: a weekday's usual forgets half of a day in a quarter, the recent level half of one in a week, or in as
many days as are to be forecast. A weekday rarely seen leans towards the others, as if it had had one day like theirs.
"""

from kcas.arrays import Floats
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kcas.calls.proportion import Z95

PATTERN_HALF_LIFE = 84.0
LEVEL_HALF_LIFE = 7.0
FEWEST_DAYS = 14  # before what was expected and what came can be compared
FARTHEST = 0.7  # on the logarithm's scale: a day further from its usual is held to this, so that one outage is one day
WEEK = 7


@dataclass(frozen=True)
class Outlook:
    """What to expect on each weekday (Monday first), and how far days come out from it."""

    usual: Floats  # [weekday] logarithm
    spread: float  # of a day to come: standard deviation, with what is not known of the level and of itself
    day_spread: float  # of days about their level: standard deviation, chance included
    misses: Floats  # each day less what the weeks before led to expect of it; not a number where none did
    weeks: int  # that were forecast so
    level_error: float  # of the recent level: standard error
    trend: tuple[float, float]  # of the logarithm in a day, and its error

    def expected(self, weekday: int) -> float:
        """The quantity itself, its middle value."""
        return float(np.exp(self.usual[weekday]))


def outlook(
    values: Floats,
    *,
    numbers: NDArray[np.int64],
    weekdays: NDArray[np.int64],
    weights: Floats,
    usual: NDArray[np.bool_] | None = None,
    ahead: int = WEEK,
) -> Outlook:
    """From logarithms of the days' values; `ahead` is how many days beyond the last known are to be forecast.

    Days that are not `usual` teach nothing of what to expect, but how far days come out from it they do show.
    """
    known = np.isfinite(values) & (weights > 0)
    taught = known if usual is None else known & usual
    days = {"numbers": numbers, "weekdays": weekdays}
    now = int(numbers[-1]) + 1
    found, doubts = weekday_levels(values, **days, weights=weights * taught, now=now, ahead=ahead)
    misses, far, own = np.full((3, len(values)), np.nan)
    for start in range(int(numbers[0]) + FEWEST_DAYS, now, WEEK):
        before = (numbers < start) & taught
        if before.sum() < FEWEST_DAYS:
            continue
        then, doubt = weekday_levels(values, **days, weights=weights * before, now=start, ahead=ahead)
        soon = known & (numbers >= start) & (numbers < start + ahead)
        miss = np.clip(values - then[weekdays], -FARTHEST, FARTHEST)
        far[soon] = np.where(np.isnan(far[soon]), miss[soon] ** 2, (far[soon] + miss[soon] ** 2) / 2)
        first = soon & taught & (numbers < start + WEEK)
        misses[first] = miss[first]
        own[first] = miss[first] ** 2 / (1 + doubt[weekdays[first]])
    if not np.isfinite(misses).any():
        misses = np.where(taught, np.clip(values - found[weekdays], -FARTHEST, FARTHEST), np.nan)
        far = own = misses**2
    seen, mine = np.isfinite(far), np.isfinite(own)
    weeks = len({(number - int(numbers[0])) // WEEK for number in numbers[np.isfinite(misses)].tolist()})
    day_spread = mean_root(own[mine], weights[mine])
    return Outlook(
        found,
        mean_root(far[seen], weights[seen]) * of_few(weeks),
        day_spread,
        misses,
        weeks,
        day_spread * float(np.sqrt(doubts[weekdays[-1]])),
        slope(np.where(taught, values - found[weekdays], 0.0), numbers, weights * taught),
    )


def mean_root(squares: Floats, weights: Floats) -> float:
    """The root of the weighted mean."""
    return float(np.sqrt(weights @ squares / weights.sum()))


def of_few(weeks: int) -> float:
    """By how much Student's law is wider than the normal: the days of one week miss together, so weeks are counted."""
    from scipy.special import stdtrit

    return float(stdtrit(max(weeks, 2), 0.975) / Z95)


def slope(rest: Floats, numbers: NDArray[np.int64], weights: Floats) -> tuple[float, float]:
    """A straight line through what is left of the days, by weighted least squares, and its error."""
    away = numbers - weights @ numbers / weights.sum()
    across = weights @ away**2
    if across <= 0:
        return 0.0, float("inf")
    steep = float(weights @ (away * rest) / across)
    left = rest - weights @ rest / weights.sum() - steep * away
    return steep, float(np.sqrt(weights**2 @ (left**2 * away**2)) / across)


def weekday_levels(
    values: Floats, *, numbers: NDArray[np.int64], weekdays: NDArray[np.int64], weights: Floats, now: int, ahead: int
) -> tuple[Floats, Floats]:
    """Each weekday's expected logarithm, and its variance as a multiple of one day's."""
    values = np.where(weights > 0, values, 0.0)
    age = np.maximum(now - numbers, 0)
    slow = weights * 0.5 ** (age / PATTERN_HALF_LIFE)
    middle = float(slow @ values / slow.sum())
    away = np.clip(values - middle, -3 * FARTHEST, 3 * FARTHEST)
    usual = np.zeros(WEEK)
    doubt = np.zeros(WEEK)
    one_day = weights[weights > 0].mean()
    for weekday in range(WEEK):
        mine = slow * (weekdays == weekday)
        usual[weekday] = mine @ away / (mine.sum() + one_day)
        doubt[weekday] = (mine**2).sum() / (mine.sum() + one_day) ** 2
    quick = weights * 0.5 ** (age / max(LEVEL_HALF_LIFE, ahead))
    rest = np.clip(values - middle - usual[weekdays], -FARTHEST, FARTHEST)
    level = float(quick @ rest / quick.sum())
    return middle + usual + level, doubt + (quick**2).sum() / quick.sum() ** 2
