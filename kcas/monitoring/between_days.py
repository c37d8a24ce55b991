"""Confidence interval of a period's rate that allows for day-to-day variation (overdispersion).

The counts of a period are complete: no sample was drawn. What is uncertain is the rate that such days have, of which
these were some. Wilson's interval takes every call for an independent draw with one probability, and on real days is
several times too narrow.

Logistic regression of counts with overdispersion: quasi-binomial and Newey–West (1987) standard errors.

Iterated weighted least squares (Nelder and Wedderburn 1972) for a logistic (counts out of so many) or a log-linear line
(counts for an exposure); the standard errors are widened by the dispersion, Pearson's X² over the degrees of freedom
(Wedderburn 1974).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kcas.arrays import Floats
from kcas.errors import SettingError
from kcas.monitoring.rate_chart import PeriodCount

MOST_STEPS = 60


@dataclass(frozen=True)
class FittedLine:
    """Coefficients and their covariance as random variation alone would have it, with what is needed to widen it."""

    coefficients: Floats
    dice: Floats  # the covariance, dispersion not yet counted
    fitted: Floats  # expected counts
    dispersion: float
    degrees: int
    pearson: Floats  # residuals in standard errors of the counts
    scores: Floats  # each row's pull on each coefficient
    deviance: float

    @property
    def quasi(self) -> Floats:
        """The covariance, widened by the dispersion."""
        return self.dice * self.dispersion

    def newey_west(self, *, lag: int) -> Floats:
        """The covariance that allows neighbouring rows to be alike (Bartlett weights)."""
        return newey_west(self.scores, bread=self.dice, lag=lag)


def logistic(design: Floats, *, count: Floats, of: Floats) -> FittedLine:
    """A line through the log odds of counts out of so many."""

    def mean(height: Floats) -> tuple[Floats, Floats]:
        share = 1 / (1 + np.exp(-height))
        return of * share, of * share * (1 - share)

    begin = math.log((count.sum() + 0.5) / (of.sum() - count.sum() + 0.5))
    return _fit(design, count, mean, begin=begin, height=np.zeros(len(count)), most=of)


def log_linear(design: Floats, *, count: Floats, exposure: Floats) -> FittedLine:
    """A line through the logarithm of counts for each unit of exposure (quasi-Poisson)."""

    def mean(height: Floats) -> tuple[Floats, Floats]:
        expected = np.exp(height)
        return expected, expected

    return _fit(design, count, mean, begin=math.log(count.sum() / exposure.sum()), height=np.log(exposure), most=None)


def newey_west(scores: Floats, *, bread: Floats, lag: int) -> Floats:
    """A covariance from each row's scores u, neighbours up to `lag` rows apart counted with falling weight.

    B (Γ₀ + Σ_k (1 − k/(lag + 1)) (Γ_k + Γ_k′)) B,   Γ_k = Σ_t u_t u′_{t−k}
    """
    meat = scores.T @ scores
    for apart in range(1, lag + 1):
        cross = scores[apart:].T @ scores[:-apart]
        meat += (1 - apart / (lag + 1)) * (cross + cross.T)
    return np.asarray(bread @ meat @ bread)


def student(degrees: int, *, confidence: float = 0.95) -> float:
    """The quantile of Student's t that leaves the rest equally on both sides."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, (1 + confidence) / 2))


def _fit(design: Floats, count: Floats, mean, *, begin: float, height: Floats, most: Floats | None) -> FittedLine:  # type: ignore[no-untyped-def]
    degrees = len(count) - design.shape[1]
    if degrees < 1 or np.linalg.matrix_rank(design) < design.shape[1]:
        raise SettingError("too few weeks for this line: some of its terms cannot be told apart.")
    coefficients = np.zeros(design.shape[1])
    coefficients[0] = begin  # the first column is the constant
    for _ in range(MOST_STEPS):
        expected, variance = mean(design @ coefficients + height)
        information = design.T @ (variance[:, None] * design)  # β ← β + (X′WX)⁻¹ X′(y − μ)
        change = np.linalg.solve(information, design.T @ (count - expected))
        coefficients = coefficients + change
        if np.abs(change).max() < 1e-12:
            break
    expected, variance = mean(design @ coefficients + height)
    dice = np.linalg.inv(design.T @ (variance[:, None] * design))
    pearson = (count - expected) / np.sqrt(variance)
    return FittedLine(
        coefficients=coefficients,
        dice=dice,
        fitted=expected,
        dispersion=float((pearson**2).sum() / degrees),
        degrees=degrees,
        pearson=pearson,
        scores=design * (count - expected)[:, None],
        deviance=_deviance(count, expected, most),
    )


def _deviance(count: Floats, expected: Floats, most: Floats | None) -> float:
    from scipy.special import xlogy

    if most is None:
        return float(2 * (xlogy(count, count / expected) - (count - expected)).sum())
    rest = most - count
    return float(2 * (xlogy(count, count / expected) + xlogy(rest, rest / (most - expected))).sum())


FEWEST_DAYS = 12
FEWEST_A_SIDE = 4
MOST_ALIKE = 0.95  # of neighbouring days: beyond it hardly any number of days would tell
ENOUGH_FOR_NEIGHBOURS = 50
"""Days, from which Newey and West's covariance is to be trusted."""
A_WEEK = 7
"""Days over which bad ones may come together."""


def between_days(days: Sequence[PeriodCount]) -> tuple[float, float] | None:
    """The 95 % interval of all counts out of all, from how far the days differ; None where too few tell.

    Quasi-binomial on the log odds, with Student's t (Wedderburn 1974); from fifty days on, the larger of that and Newey
    and West's (1987), for bad days come together. Never narrower than random variation alone would have it.

        logit p ± t √max(φ, 1) se,   φ = Pearson's X² / degrees of freedom
    """
    counted = [day for day in days if day.denominator > 0]
    count, of = (
        np.array([getattr(day, half) for day in counted], dtype=float) for half in ("numerator", "denominator")
    )
    if len(counted) < FEWEST_DAYS or not 0 < count.sum() < of.sum() or (count > of).any():
        return None
    line = logistic(np.ones((len(counted), 1)), count=count, of=of)
    variance = max(float(line.quasi[0, 0]), float(line.dice[0, 0]))
    if len(counted) >= ENOUGH_FOR_NEIGHBOURS:
        variance = max(variance, float(line.newey_west(lag=A_WEEK)[0, 0]))
    middle, half = float(line.coefficients[0]), student(line.degrees) * math.sqrt(variance)
    return _share(middle - half), _share(middle + half)


def difference_between_days(
    now: Sequence[PeriodCount], before: Sequence[PeriodCount], *, lag1: float = 0.0
) -> tuple[float, float] | None:
    """The 95 % interval of the rate of some days less that of others; None where too few days tell.

    Quasi-binomial on the log odds with a step, one dispersion for both; the difference by the delta method (Oehlert
    1992). Days that resemble the day before (lag-1 autocorrelation r, of a longer record) count for fewer (Bayley and
    Hammersley 1946).

        Var(p₂ − p₁) = g′Σg (1 + r)/(1 − r),   g = (p₂(1 − p₂) − p₁(1 − p₁), p₂(1 − p₂))
    """
    sides = [[day for day in days if day.denominator > 0] for days in (before, now)]
    both = [*sides[0], *sides[1]]
    count, of = (np.array([getattr(day, half) for day in both], dtype=float) for half in ("numerator", "denominator"))
    later = np.arange(len(both)) >= len(sides[0])
    lost = [count[~later].sum(), count[later].sum()]
    if min(map(len, sides)) < FEWEST_A_SIDE or min(lost) <= 0 or (count > of).any():
        return None
    if any(part >= whole for part, whole in zip(lost, (of[~later].sum(), of[later].sum()), strict=True)):
        return None
    line = logistic(np.column_stack([np.ones(len(both)), later.astype(float)]), count=count, of=of)
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
