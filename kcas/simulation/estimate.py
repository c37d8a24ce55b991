"""Estimates over replications: t intervals, and paired differences.

A rate is the sum of its numerators over the sum of its denominators (the ratio estimator, Cochran 1977, chapter 6),
never a mean of the days' rates. Intervals are Student's t (1908) over replications (Law 2015, chapter 9). A share lies
between zero and one, and is not known exactly because no one was seen to hang up: Wilson's interval (1927), on as many
independent calls as the days' differences are worth.
"""

from dataclasses import dataclass, replace

import numpy as np

from kcas.arrays import Floats
from kcas.calls.rates import wilson

UNSEEN = 10  # calls a day: the first day on which a thing happens is assumed to have it happen to a tenth at most
TWICE = 2  # degrees of freedom: the variance of a thing seen on few of many days is known as well as by twice so many


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

    @property
    def reach(self) -> float | None:
        """How far from the figure the interval goes, on its longer side."""
        if self.mean is None or self.low is None or self.high is None:
            return None
        return max(self.high - self.mean, self.mean - self.low)


NOTHING = Estimate(None, None, None, None)


def mean_of(days: Floats) -> Estimate:
    """A count or total, per day."""
    return not_below(days, around(float(days.mean()), deviations=days - days.mean(), days=days))


def ratio_of(numerators: Floats, denominators: Floats) -> Estimate:
    """A mean, like a wait: both halves summed over the days first; the interval by the residuals of each day."""
    if denominators.sum() <= 0:
        return NOTHING
    ratio = float(numerators.sum() / denominators.sum())
    counted = denominators > 0
    estimate = around(
        ratio, deviations=residuals(numerators, denominators), days=numerators[counted] / denominators[counted]
    )
    return not_below(numerators, estimate)


def share_of(numerators: Floats, denominators: Floats) -> Estimate:
    """A share of calls, people or time: Wilson's interval on the effective number that the days' differences leave.

    As Korn and Graubard (1998) do for samples in clusters: so many independent calls as would differ by as much.
    """
    estimate, counted = ratio_of(numerators, denominators), denominators > 0
    count = int(counted.sum())
    if estimate.mean is None or count < 2 or not 0 <= estimate.mean <= 1:
        return estimate
    from scipy.special import stdtrit

    calls = float(denominators.sum())
    seen = min(int((numerators[counted] > 0).sum()), int((numerators[counted] < denominators[counted]).sum()))
    spread = float(residuals(numerators, denominators).var(ddof=1)) / len(numerators)
    if seen:  # n* = R(1 − R)/Var R
        worth = min(calls, estimate.mean * (1 - estimate.mean) / spread) if spread > 0 else calls
    else:
        worth = min(calls, UNSEEN * count)
    freedom = min(count - 1, TWICE * seen) if seen else count - 1
    low, high = wilson(estimate.mean * worth, worth, quantile=float(stdtrit(freedom, 0.975)))
    return Estimate(estimate.mean, low, high, estimate.sd)


def not_below(days: Floats, estimate: Estimate) -> Estimate:
    """The interval of what is never below zero, cut there."""
    if estimate.low is None or estimate.low >= 0 or (days < 0).any():
        return estimate
    return replace(estimate, low=0.0)


def residuals(numerators: Floats, denominators: Floats) -> Floats:
    """What each day adds to the error of a rate: (x − R n)/n̄."""
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
    """Another scenario less the first, day by day with the same simulated callers."""
    if one.mean is None or other.mean is None:
        return NOTHING
    return around(other.mean - one.mean, deviations=deviations, days=deviations)
