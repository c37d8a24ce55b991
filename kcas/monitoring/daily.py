"""Laney p′ chart of daily rates, with a centre line for each kind of day.

Laney (2002) for one kind of day; here each kind has its own centre, for Mondays are not Fridays. sigma_z is the
standard deviation of the points about the centres, not their moving range: √(Σz² / (days − kinds)). Outliers are left
out of the limits, in one pass, unless told otherwise. Where limits were recalculated a few days ago, a kind that is
still rare lies to the others as it did before. Where days resemble their neighbours the centre follows the level, one
day ahead, and limits are those of the forecast errors below.

One-step forecasts of how far a day lies from the centre of its kind, where days resemble their neighbours.

A chart with a fixed centre assumes that days are independent. Where they are not, the standard remedy is a chart of the
forecast errors (Alwan and Roberts 1988): each day is held against what the days before it lead to expect. Whether days
are alike, and how, is judged by the same grid of slow and independent parts that judges a step (`persistence`), and a
series that one lasting shift explains better than a slow part (Schwarz 1978) is not taken for a drifting one. The
forecasts are a Kalman filter's (Harvey 1989, chapter 3), averaged over the grid.
"""

import math
from collections.abc import Collection, Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from kcas.arrays import Floats
from kcas.monitoring.control_chart import Chart, Mask
from kcas.monitoring.persistence import STILL, Grid, autocorrelation, evidence, pairs

INDEPENDENT = 0.6  # prior weight of days that are independent
FEWEST_DAYS = 30  # below which nothing is said of likeness
LIMIT = 3.0  # a day further off than this counts as this far: one bad day does not move the level
MOST_DAYS = 500  # the newest of a long record: two years tell likeness well enough
MOST_SHIFTS = 30  # places tried for a lasting shift
RECENT = (3, 5, 7, 10, 14, 20)  # days from the end at which one is tried too, or a shift of this week passes for drift


@dataclass(frozen=True)
class Likeness:
    """How alike days are: pairs of the grid that have a slow part, their posterior weights and variances."""

    over: Grid
    weight: Floats
    variance: Floats
    alike: bool  # more likely than not
    lag1: float  # autocorrelation of the distances, one day apart


def likeness(distance: Floats, *, kinds: Floats, times: Floats) -> Likeness | None:
    """Whether neighbouring days are correlated, from distances in standard errors; None where there are too few.

    `kinds`: a column for each kind of day. `times`: days, ascending.
    """
    distance, kinds, times = distance[-MOST_DAYS:], kinds[-MOST_DAYS:], times[-MOST_DAYS:]
    kinds = kinds[:, kinds.any(axis=0)]
    days = len(distance)
    if days < max(FEWEST_DAYS, kinds.shape[1] + 4):
        return None
    over = pairs(INDEPENDENT)
    edge = max(days // 10, 7)
    spread = np.linspace(edge, days - edge, MOST_SHIFTS).astype(int)
    places = np.unique([*spread, *(days - n for n in RECENT if n < edge)])
    shifts = (np.arange(days)[:, None] >= places).astype(float)
    plain, shifted, variance = evidence(distance, kinds, shifts, times=times, over=over)
    # half the prior weight for no shift; a shift costs what a coefficient costs by Schwarz's criterion (1978):
    # log weight = log likelihood − log(places) − ½ log(days)
    every = np.vstack([plain[None, :], shifted - math.log(len(places)) - math.log(days) / 2])
    weight = np.exp(every - every.max())
    slow = over.share > 0
    varies = variance[0] >= STILL
    alike = varies and weight[:, slow].sum() > weight[:, ~slow].sum()
    own = np.exp(plain[slow] - plain[slow].max())
    own /= own.sum()
    grid = Grid(over.lasting[slow], over.share[slow], over.log_prior[slow])
    return Likeness(grid, own, variance[slow], bool(alike), autocorrelation(distance))


def forecasts(distance: Floats, *, times: Floats, known: Likeness) -> tuple[Floats, Floats]:
    """For each day the distance expected from the days before it, and the standard deviation of what remains."""
    over, sigma = known.over, np.sqrt(known.variance)
    expected, spread = np.zeros(len(distance)), np.zeros(len(distance))
    mean, uncertain = np.zeros(len(over.share)), over.share.copy()
    for day, value in enumerate(distance):
        if day:
            decay = np.exp(-(times[day] - times[day - 1]) / over.lasting)
            mean = mean * decay
            uncertain = over.share + decay**2 * (uncertain - over.share)
        total = uncertain + 1 - over.share
        expected[day] = known.weight @ mean
        spread[day] = math.sqrt(known.weight @ (known.variance * total + (mean - expected[day]) ** 2))
        gain = uncertain / total
        surprise = np.clip(value - mean, -LIMIT * sigma * np.sqrt(total), LIMIT * sigma * np.sqrt(total))
        mean = mean + gain * surprise
        uncertain = uncertain * (1 - gain)
    return expected, spread


_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WEEKEND, HOLIDAY = "weekend", "bank holiday"
SATURDAY_AND_SUNDAY = (5, 6)
ENOUGH_WEEKDAYS = 60  # before that the limits are provisional
FEWEST_OF_A_KIND = 4  # days, below which a kind of day has no centre line of its own


def kind_of_day(day: date, *, holidays: Container[date], weekend: Collection[int] = SATURDAY_AND_SUNDAY) -> str:
    """Each working day of the week is a kind; so are weekends, and bank holidays."""
    if day in holidays:
        return HOLIDAY
    return WEEKEND if day.weekday() in weekend else _NAMES[day.weekday()]


@dataclass(frozen=True)
class DailyChart:
    """The chart, which days it shows, and what a reader must be told."""

    chart: Chart
    shown: Mask  # days of too rare a kind are left out
    provisional: bool
    left_out: tuple[str, ...]  # kinds of day without a centre line
    screened: Mask  # days left out of the limits as outliers
    kinds: tuple[str, ...]
    usual: Floats  # the centre of each day's kind, which the chart's own follows the level about
    likeness: Likeness | None = None  # of neighbouring days; None: they are independent, or too few to tell

    @property
    def shares(self) -> dict[str, float]:
        """The centre of each kind of day."""
        return {
            str(kind): float(centre)
            for kind, centre, shown in zip(self.kinds, self.usual, self.shown, strict=True)
            if shown
        }


def daily_p_prime(
    count: Sequence[float],
    of: Sequence[float],
    *,
    kinds: Sequence[str],
    baseline: Mask | None = None,
    screen_outliers: bool = True,
    pattern: Mapping[str, float] | None = None,
    starts: Sequence[date] = (),
) -> DailyChart:
    """The chart of days from their counts and kinds; limits come from the baseline days where one is given.

    A rare kind borrows how it lies to the others from a pattern of shares, where one is given. `starts`: which days
    they are; without them the days are taken for independent.
    """
    counts, sizes = np.asarray(count, dtype=float), np.asarray(of, dtype=float)
    kind = np.asarray(kinds)
    known = (np.ones(len(counts), dtype=bool) if baseline is None else baseline) & (sizes > 0)
    rare = {name for name in set(kinds) if int((known & (kind == name)).sum()) < FEWEST_OF_A_KIND}
    borrowed = {name: share for name, share in (pattern or {}).items() if name in rare and 0 < share < 1}
    alone = tuple(sorted(rare - borrowed.keys()))
    shown = (sizes > 0) & ~np.isin(kind, alone)
    known &= shown
    centre = _centres(counts, sizes, kind, known, borrowed, pattern or {})
    chart = _about(counts, sizes, centre, known, lost=_levels(kind[known], borrowed))
    used = known & ~(np.abs(chart.score) > 3) if screen_outliers else known
    if (used != known).any():
        centre = _centres(counts, sizes, kind, used, borrowed, pattern or {})
        chart = _about(counts, sizes, centre, used, lost=_levels(kind[used], borrowed))
    weekdays = int((known & ~np.isin(kind, (WEEKEND, HOLIDAY))).sum())
    followed, alike = _following(chart, kind, shown=shown, known=known, starts=starts) if len(starts) else (chart, None)
    provisional = weekdays < ENOUGH_WEEKDAYS
    return DailyChart(followed, shown, provisional, alone, known & ~used, tuple(kinds), chart.centre, alike)


def _following(
    chart: Chart, kind: "Kinds", *, shown: Mask, known: Mask, starts: Sequence[date]
) -> tuple[Chart, Likeness | None]:
    """The chart with centres that follow the level, one day ahead, where its known days resemble their neighbours."""
    dice, sigma_z = chart.step / (chart.sigma_z or 1.0), chart.sigma_z or 0.0
    usable = shown & np.isfinite(dice) & (dice > 0)
    known = known & usable
    if not sigma_z or not known.any():
        return chart, None
    times = np.array([(start - starts[0]).days for start in starts], dtype=float)
    distance = np.where(usable, chart.score * sigma_z, 0.0)
    columns = np.array([kind[known] == name for name in np.unique(kind[known])], dtype=float).T
    clipped = np.clip(distance[known], -LIMIT * sigma_z, LIMIT * sigma_z)
    correlation = likeness(clipped, kinds=columns, times=times[known])
    if correlation is None or not correlation.alike:
        return chart, None
    expected, spread = np.zeros(len(kind)), np.full(len(kind), sigma_z)
    expected[usable], spread[usable] = forecasts(distance[usable], times=times[usable], known=correlation)
    centre = np.clip(chart.centre + expected * dice, 0.0, 1.0)
    return replace(chart, centre=centre, step=dice * spread), correlation


Kinds = np.ndarray[tuple[int], np.dtype[np.str_]]


def _centres(
    counts: Floats, sizes: Floats, kind: Kinds, used: Mask, borrowed: Mapping[str, float], pattern: Mapping[str, float]
) -> Floats:
    """Each kind's own centre; a borrowed one is raised or lowered as all the days are against their pattern."""
    centre = np.full(len(counts), np.nan)
    for name in set(np.unique(kind[used])) - borrowed.keys():
        these = used & (kind == name)
        centre[kind == name] = counts[these].sum() / sizes[these].sum()
    usable = used & np.isin(kind, list(pattern))
    expected = sum(sizes[usable & (kind == name)].sum() * share for name, share in pattern.items())
    level = counts[usable].sum() / expected if expected else 1.0
    for name, share in borrowed.items():
        centre[kind == name] = min(level * share, 1.0)
    return centre


def _levels(kind: Kinds, borrowed: Mapping[str, float]) -> int:
    """How many centres were made from the days themselves."""
    kinds = set(np.unique(kind))
    return len(kinds - borrowed.keys()) + bool(kinds & borrowed.keys())


def _about(counts: Floats, sizes: Floats, centre: Floats, used: Mask, *, lost: int) -> Chart:
    """Points about their centres, and one spread about them all."""
    with np.errstate(divide="ignore", invalid="ignore"):
        value, dice = counts / sizes, np.sqrt(centre * (1 - centre) / sizes)
        scores = np.where(dice > 0, (value - centre) / dice, 0.0)[used]
    degrees = len(scores) - lost
    sigma_z = float(np.sqrt((scores**2).sum() / degrees)) if degrees > 0 else 1.0
    return Chart(value, centre, dice * sigma_z, sigma_z, used, 0.0, 1.0)
