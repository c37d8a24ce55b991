"""Logistic regression of counts with overdispersion: quasi-binomial and Newey–West (1987) standard errors.

Iterated weighted least squares for a logistic (counts out of so many) or a log-linear line (counts for an exposure);
the standard errors are widened by the dispersion, Pearson's X² over the degrees of freedom.
"""

from kcas.arrays import Floats
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kcas.errors import SettingError

MOST_STEPS = 60


@dataclass(frozen=True)
class Line:
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


def logistic(design: Floats, *, count: Floats, of: Floats) -> Line:
    """A line through the log odds of counts out of so many."""

    def mean(height: Floats) -> tuple[Floats, Floats]:
        share = 1 / (1 + np.exp(-height))
        return of * share, of * share * (1 - share)

    begin = math.log((count.sum() + 0.5) / (of.sum() - count.sum() + 0.5))
    return _fit(design, count, mean, begin=begin, height=np.zeros(len(count)), most=of)


def log_linear(design: Floats, *, count: Floats, exposure: Floats) -> Line:
    """A line through the logarithm of counts for each unit of exposure."""

    def mean(height: Floats) -> tuple[Floats, Floats]:
        expected = np.exp(height)
        return expected, expected

    return _fit(design, count, mean, begin=math.log(count.sum() / exposure.sum()), height=np.log(exposure), most=None)


def newey_west(scores: Floats, *, bread: Floats, lag: int) -> Floats:
    """A covariance from each row's scores, neighbours up to `lag` rows apart counted with falling weight."""
    meat = scores.T @ scores
    for apart in range(1, lag + 1):
        cross = scores[apart:].T @ scores[:-apart]
        meat += (1 - apart / (lag + 1)) * (cross + cross.T)
    return np.asarray(bread @ meat @ bread)


def student(degrees: int, *, confidence: float = 0.95) -> float:
    """The quantile of Student's t that leaves the rest equally on both sides."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, (1 + confidence) / 2))


def _fit(design: Floats, count: Floats, mean, *, begin: float, height: Floats, most: Floats | None) -> Line:  # type: ignore[no-untyped-def]
    degrees = len(count) - design.shape[1]
    if degrees < 1 or np.linalg.matrix_rank(design) < design.shape[1]:
        raise SettingError("too few weeks for this line: some of its terms cannot be told apart.")
    coefficients = np.zeros(design.shape[1])
    coefficients[0] = begin  # the first column is the constant
    for _ in range(MOST_STEPS):
        expected, variance = mean(design @ coefficients + height)
        information = design.T @ (variance[:, None] * design)
        change = np.linalg.solve(information, design.T @ (count - expected))
        coefficients = coefficients + change
        if np.abs(change).max() < 1e-12:
            break
    expected, variance = mean(design @ coefficients + height)
    dice = np.linalg.inv(design.T @ (variance[:, None] * design))
    pearson = (count - expected) / np.sqrt(variance)
    return Line(
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
