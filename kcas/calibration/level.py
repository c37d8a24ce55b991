"""Level of a quantity on a day to come: its weekday's mean, adjusted by recent days.

Everything that differs from day to day (calls, handling, load) is looked ahead to in this one way, on a scale of
logarithms: a weekday's usual forgets half of a day in a quarter, the recent level half of one in a week, or in as many
days as are to be forecast. A weekday rarely seen leans towards the others, as if it had had one day like theirs.
Exponential smoothing (Gardner 2006) with a credibility weight (Bühlmann 1967); the spread is that of past forecast
errors (Williams and Goodman 1971).

Profile of a weekday: its arrivals, its staff, and the rate that follows from its load.

The *load* of a day is its calls times their handling, against the agents on duty, as a multiple of what is usual for
its weekday. The curve from load to abandonment is the queue's own; read backwards, it says what load a day's rate
amounts to, whatever the log leaves out.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kcas.arrays import Floats
from kcas.calibration.day_records import DayLog
from kcas.calibration.staff_on_duty import lost_calls
from kcas.calls.rates import Z95
from kcas.distributions.measured import PiecewiseExponential

PATTERN_HALF_LIFE = 84.0
LEVEL_HALF_LIFE = 7.0
_FEWEST_DAYS = 14  # before what was expected and what came can be compared
_FARTHEST = 0.7  # on the logarithm's scale: a day further from its usual is held to this, so that one outage is one day
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
    levels, doubts = weekday_levels(values, **days, weights=weights * taught, now=now, ahead=ahead)
    misses, far, own = np.full((3, len(values)), np.nan)
    for start in range(int(numbers[0]) + _FEWEST_DAYS, now, WEEK):
        before = (numbers < start) & taught
        if before.sum() < _FEWEST_DAYS:
            continue
        then, doubt = weekday_levels(values, **days, weights=weights * before, now=start, ahead=ahead)
        soon = known & (numbers >= start) & (numbers < start + ahead)
        miss = np.clip(values - then[weekdays], -_FARTHEST, _FARTHEST)
        far[soon] = np.where(np.isnan(far[soon]), miss[soon] ** 2, (far[soon] + miss[soon] ** 2) / 2)
        first = soon & taught & (numbers < start + WEEK)
        misses[first] = miss[first]
        own[first] = miss[first] ** 2 / (1 + doubt[weekdays[first]])
    if not np.isfinite(misses).any():
        misses = np.where(taught, np.clip(values - levels[weekdays], -_FARTHEST, _FARTHEST), np.nan)
        far = own = misses**2
    seen, mine = np.isfinite(far), np.isfinite(own)
    weeks = len({(number - int(numbers[0])) // WEEK for number in numbers[np.isfinite(misses)].tolist()})
    day_spread = mean_root(own[mine], weights[mine])
    return Outlook(
        levels,
        mean_root(far[seen], weights[seen]) * of_few(weeks),
        day_spread,
        misses,
        weeks,
        day_spread * float(np.sqrt(doubts[weekdays[-1]])),
        slope(np.where(taught, values - levels[weekdays], 0.0), numbers, weights * taught),
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
    away = np.clip(values - middle, -3 * _FARTHEST, 3 * _FARTHEST)
    usual = np.zeros(WEEK)
    doubt = np.zeros(WEEK)
    one_day = weights[weights > 0].mean()
    for weekday in range(WEEK):
        mine = slow * (weekdays == weekday)
        usual[weekday] = mine @ away / (mine.sum() + one_day)  # Σ w a/(Σ w + one day)
        doubt[weekday] = (mine**2).sum() / (mine.sum() + one_day) ** 2
    quick = weights * 0.5 ** (age / max(LEVEL_HALF_LIFE, ahead))
    rest = np.clip(values - middle - usual[weekdays], -_FARTHEST, _FARTHEST)
    level = float(quick @ rest / quick.sum())
    # m + a_weekday + level, and the sum of the variances of the last two
    return middle + usual + level, doubt + (quick**2).sum() / quick.sum() ** 2


LOADS = np.exp(np.linspace(np.log(0.35), np.log(2.6), 18))
MOVED = 1.1  # by so much calls and handling are raised, to see by how much load rises
QUIET = 0.02  # of the busiest half-hour: before the first and after the last that is busier, the desk is closed


@dataclass(frozen=True)
class Profile:
    """A weekday's usual run, and the curve from load to the share given up."""

    offered: Floats  # [interval] calls
    on_duty: Floats  # [interval] agents
    handling: float
    first: int  # interval of opening
    last: int  # interval of closing, not within
    rates: Floats  # at LOADS
    days: int

    def rate(self, load: float) -> float:
        """Given up of offered at a load."""
        return float(np.interp(np.log(load), np.log(LOADS), self.rates))

    def load(self, rate: float) -> float:
        """The load at which that share is given up; the least or the largest that was looked at, beyond."""
        rising = np.maximum.accumulate(self.rates) + 1e-12 * np.arange(len(LOADS))
        return float(np.exp(np.interp(rate, rising, np.log(LOADS))))

    def slope(self, load: float) -> float:
        """How much the rate rises with the logarithm of load."""
        return float(max((self.rate(load * 1.05) - self.rate(load / 1.05)) / (2 * np.log(1.05)), 0.02))


def profiles(log: DayLog, on_duty: Floats, hazard: PiecewiseExponential) -> dict[int, Profile]:
    """Each weekday that the log has, by its number."""
    now, numbers, weekdays = int(log.numbers[-1]) + 1, log.numbers, log.weekdays
    weight = 0.5 ** ((now - numbers) / PATTERN_HALF_LIFE)
    handling = float(np.nansum(weight * log.handled * log.handling) / np.nansum(weight * log.handled))
    shapes, odd = {}, log.odd
    for weekday in range(WEEK):
        mine = (weekdays == weekday) & (log.volume > 0) & ~odd
        if mine.any() and on_duty[mine].sum() > 0:
            share = weight[mine] / weight[mine].sum()
            offered, staff = share @ log.offered[mine], share @ on_duty[mine]
            first, last = hours(offered)
            inside = np.zeros(len(offered))
            inside[first:last] = 1.0
            shapes[weekday] = (offered * inside, staff, first, last, int(mine.sum()))
    arrivals = np.concatenate([np.repeat(offered[None, :], len(LOADS), axis=0) for offered, *_ in shapes.values()])
    agents = np.concatenate([staff[None, :] / LOADS[:, None] for _, staff, *_ in shapes.values()])
    lost = lost_calls(arrivals, agents, np.full(len(arrivals), handling), hazard).sum(axis=1)
    rates = (lost / arrivals.sum(axis=1)).reshape(-1, len(LOADS))
    return {
        weekday: Profile(offered, staff, handling, first, last, curve, days)
        for (weekday, (offered, staff, first, last, days)), curve in zip(shapes.items(), rates, strict=True)
    }


def elasticities(shapes: dict[int, Profile], hazard: PiecewiseExponential, *, loads: Outlook) -> tuple[float, float]:
    """By what power of calls, and of handling, a day's load rises: beneath one, for a larger queue runs smoother."""
    offered = np.array([shape.offered for shape in shapes.values()])
    usual = np.array([loads.expected(weekday) for weekday in shapes])
    agents = np.array([shape.on_duty for shape in shapes.values()]) / usual[:, None]
    handling = np.array([shape.handling for shape in shapes.values()])
    levels = []
    for calls, slower in ((MOVED, 1.0), (1.0, MOVED), (1.0, 1.0)):
        lost = lost_calls(offered * calls, agents, handling * slower, hazard).sum(axis=1)
        rates = lost / (offered.sum(axis=1) * calls)
        levels.append([np.log(shape.load(rate)) for shape, rate in zip(shapes.values(), rates, strict=True)])
    steep = (np.array(levels[:2]) - np.array(levels[2])) / np.log(MOVED)
    each = steep @ offered.sum(axis=1) / offered.sum()
    return float(each[0]), float(each[1])


def hours(offered: Floats) -> tuple[int, int]:
    """The half-hours of opening and closing."""
    busy = np.flatnonzero(offered > QUIET * offered.max())
    return int(busy[0]), int(busy[-1]) + 1
