"""Confidence interval of a period's rate that allows for day-to-day variation (overdispersion).

The counts of a period are complete: no sample was drawn. What is uncertain is the rate that such days have, of which
these were some. Wilson's interval takes every call for an independent draw with one probability, and on real days is
several times too narrow.
"""

import math
from collections.abc import Sequence

import numpy as np

from kcas.monitoring.rate_chart import PeriodCount
from kcas.monitoring.regression import logistic, student

FEWEST_DAYS = 12
FEWEST_A_SIDE = 4
MOST_ALIKE = 0.95  # of neighbouring days: beyond it hardly any number of days would tell
ENOUGH_FOR_NEIGHBOURS = 50
"""Days, from which Newey and West's covariance is to be trusted."""
A_WEEK = 7
"""Days over which bad ones may come together."""


def between_days(days: Sequence[PeriodCount]) -> tuple[float, float] | None:
    """The 95 % interval of all counts out of all, from how far the days differ; None where too few tell.

    Quasi-binomial on the log odds, with Student's t; from fifty days on, the larger of that and Newey and West's, for
    bad days come together. Never narrower than random variation alone would have it.
    """
    told = [day for day in days if day.denominator > 0]
    count, of = (np.array([getattr(day, half) for day in told], dtype=float) for half in ("numerator", "denominator"))
    if len(told) < FEWEST_DAYS or not 0 < count.sum() < of.sum() or (count > of).any():
        return None
    line = logistic(np.ones((len(told), 1)), count=count, of=of)
    variance = max(float(line.quasi[0, 0]), float(line.dice[0, 0]))
    if len(told) >= ENOUGH_FOR_NEIGHBOURS:
        variance = max(variance, float(line.newey_west(lag=A_WEEK)[0, 0]))
    middle, half = float(line.coefficients[0]), student(line.degrees) * math.sqrt(variance)
    return _share(middle - half), _share(middle + half)


def difference_between_days(
    now: Sequence[PeriodCount], before: Sequence[PeriodCount], *, lag1: float = 0.0
) -> tuple[float, float] | None:
    """The 95 % interval of the rate of some days less that of others; None where too few days tell.

    Quasi-binomial on the log odds with a step, one dispersion for both; the difference by the delta method. Days that
    resemble the day before (lag-1 autocorrelation, of a longer record) count for fewer: variance by (1+r)/(1-r).
    """
    sides = [[day for day in days if day.denominator > 0] for days in (before, now)]
    told = [*sides[0], *sides[1]]
    count, of = (np.array([getattr(day, half) for day in told], dtype=float) for half in ("numerator", "denominator"))
    later = np.arange(len(told)) >= len(sides[0])
    lost = [count[~later].sum(), count[later].sum()]
    if min(map(len, sides)) < FEWEST_A_SIDE or min(lost) <= 0 or (count > of).any():
        return None
    if any(part >= whole for part, whole in zip(lost, (of[~later].sum(), of[later].sum()), strict=True)):
        return None
    line = logistic(np.column_stack([np.ones(len(told)), later.astype(float)]), count=count, of=of)
    alike = min(max(lag1, 0.0), MOST_ALIKE)
    covariance = line.dice * max(line.dispersion, 1.0) * (1 + alike) / (1 - alike)
    shares = [_share(float(line.coefficients[0])), _share(float(line.coefficients.sum()))]
    slopes = [share * (1 - share) for share in shares]
    gradient = np.array([slopes[1] - slopes[0], slopes[1]])
    degrees = max(int(line.degrees * (1 - alike) / (1 + alike)), 2)
    half = student(degrees) * math.sqrt(float(gradient @ covariance @ gradient))
    return shares[1] - shares[0] - half, shares[1] - shares[0] + half


def _share(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))
