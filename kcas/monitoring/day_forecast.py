"""One-step forecasts of how far a day lies from the centre of its kind, where days resemble their neighbours.

A chart with a fixed centre assumes that days are independent. Where they are not, the standard remedy is a chart of the
forecast errors (Alwan and Roberts 1988): each day is held against what the days before it lead to expect. Whether days
are alike, and how, is judged by the same grid of slow and independent parts that judges a step (`persistence`), and a
series that one lasting shift explains better than a slow part is not taken for a drifting one.
"""

from kcas.arrays import Floats
import math
from dataclasses import dataclass

import numpy as np

from kcas.monitoring.persistence import (STILL, Grid, autocorrelation, evidence, pairs)

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
    # half the prior weight for no shift; a shift costs what a coefficient costs by Schwarz's criterion
    every = np.vstack([plain[None, :], shifted - math.log(len(places)) - math.log(days) / 2])
    weight = np.exp(every - every.max())
    slow = over.share > 0
    varies = variance[0] >= STILL
    alike = varies and weight[:, slow].sum() > weight[:, ~slow].sum()
    own = np.exp(plain[slow] - plain[slow].max())
    own /= own.sum()
    kept = Grid(over.lasting[slow], over.share[slow], over.log_prior[slow])
    return Likeness(kept, own, variance[slow], bool(alike), autocorrelation(distance))


def forecasts(distance: Floats, *, times: Floats, known: Likeness) -> tuple[Floats, Floats]:
    """For each day the distance expected from the days before it, and the standard deviation of what remains."""
    over, sigma = known.over, np.sqrt(known.variance)
    expected, spread = np.zeros(len(distance)), np.zeros(len(distance))
    mean, uncertain = np.zeros(len(over.share)), over.share.copy()
    for day, value in enumerate(distance):
        if day:
            kept = np.exp(-(times[day] - times[day - 1]) / over.lasting)
            mean = mean * kept
            uncertain = over.share + kept**2 * (uncertain - over.share)
        total = uncertain + 1 - over.share
        expected[day] = known.weight @ mean
        spread[day] = math.sqrt(known.weight @ (known.variance * total + (mean - expected[day]) ** 2))
        gain = uncertain / total
        surprise = np.clip(value - mean, -LIMIT * sigma * np.sqrt(total), LIMIT * sigma * np.sqrt(total))
        mean = mean + gain * surprise
        uncertain = uncertain * (1 - gain)
    return expected, spread
