"""What do the simulated days say, and how surely? Means with t intervals over days; differences day by day.

A rate is the sum of its numerators over the sum of its denominators, never a mean of the days' rates.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval over replications, and how much single days differ."""

    mean: float | None
    low: float | None
    high: float | None
    sd: float | None

    @property
    def half_width(self) -> float | None:
        """Half the interval."""
        return None if self.low is None or self.high is None else (self.high - self.low) / 2


NOTHING = Estimate(None, None, None, None)


def mean_of(days: Floats) -> Estimate:
    """A count or total, per day."""
    return around(float(days.mean()), deviations=days - days.mean(), days=days)


def ratio_of(numerators: Floats, denominators: Floats) -> Estimate:
    """A rate: both halves summed over the days first; the interval by the residuals of each day."""
    if denominators.sum() <= 0:
        return NOTHING
    ratio = float(numerators.sum() / denominators.sum())
    told = denominators > 0
    return around(ratio, deviations=residuals(numerators, denominators), days=numerators[told] / denominators[told])


def residuals(numerators: Floats, denominators: Floats) -> Floats:
    """What each day adds to the error of a rate."""
    ratio = numerators.sum() / denominators.sum()
    return np.asarray((numerators - ratio * denominators) / denominators.mean())


def around(middle: float, *, deviations: Floats, days: Floats) -> Estimate:
    """The t interval of so many days' deviations."""
    count = len(deviations)
    if count < 2:
        return Estimate(middle, None, None, None)
    from scipy.special import stdtrit

    error = float(deviations.std(ddof=1)) / count**0.5
    reach = float(stdtrit(count - 1, 0.975)) * error
    return Estimate(middle, middle - reach, middle + reach, float(days.std(ddof=1)) if len(days) > 1 else None)


def difference(one: Estimate, other: Estimate, *, deviations: Floats) -> Estimate:
    """Another scenario less the first, day by day on the same dice."""
    if one.mean is None or other.mean is None:
        return NOTHING
    return around(other.mean - one.mean, deviations=deviations, days=deviations)
