"""Small, lasting changes: EWMA (Roberts 1959) of a series and of a chart's points, and runs about the median.

The EWMA's weight and limit are of Montgomery (2019, section 9.2).
"""

import math
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kcas.arrays import Floats
from kcas.monitoring.rate_chart import RateChart, unbroken


@dataclass(frozen=True)
class Ewma:
    """A weighted mean of what has been, with its limits."""

    value: Floats
    lower: Floats
    upper: Floats

    @property
    def beyond(self) -> list[int]:
        """The points outside the limits."""
        return np.flatnonzero((self.value < self.lower) | (self.value > self.upper)).tolist()


def ewma(
    values: ArrayLike, *, weight: float = 0.2, limit: float = 2.86, centre: float = 0.0, sigma: float = 1.0
) -> Ewma:
    """Each new value counts for `weight` of the mean, older ones for less and less.

    m_t = λ x_t + (1 − λ) m_{t−1},   limits ± L σ √(λ/(2 − λ) (1 − (1 − λ)^{2t}))
    """
    series = np.asarray(values, dtype=float)
    averages, last = np.empty(len(series)), centre
    for n, value in enumerate(series):
        last = averages[n] = weight * value + (1 - weight) * last
    age = np.arange(1, len(series) + 1)
    half = limit * sigma * np.sqrt(weight / (2 - weight) * (1 - (1 - weight) ** (2 * age)))
    return Ewma(averages, centre - half, centre + half)


@dataclass(frozen=True)
class Cusum:
    """Cumulative sums above and below the target, in the values' own units, with their common limit.

    Since when each has been above zero is counted in points: the estimate of when a change began.
    """

    above: Floats
    below: Floats
    limit: float
    since_above: NDArray[np.int_]
    since_below: NDArray[np.int_]

    @property
    def beyond(self) -> list[int]:
        """The points at which either sum is beyond the limit."""
        return np.flatnonzero((self.above > self.limit) | (self.below > self.limit)).tolist()


def cusum(
    values: ArrayLike, *, target: float = 0.0, sigma: float = 1.0, slack: float = 0.5, limit: float = 5.0,
    head_start: float = 0.0,
) -> Cusum:  # fmt: skip
    """The tabular CUSUM (Page 1954; Montgomery, section 9.1): slack, limit and head start in standard deviations."""
    series = np.asarray(values, dtype=float)
    sums, since = np.zeros((2, len(series))), np.zeros((2, len(series)), dtype=int)
    for row, sign in enumerate((1.0, -1.0)):
        last, run = head_start * sigma, 0
        for n, value in enumerate(series):
            last = max(0.0, last + sign * (value - target) - slack * sigma)
            run = run + 1 if last > 0 else 0
            sums[row, n], since[row, n] = last, run
    return Cusum(sums[0], sums[1], limit * sigma, since[0], since[1])


@dataclass(frozen=True)
class Runs:
    """Runs about the median, by the rules of Anhøj: is any too long, are crossings too few?"""

    median: float
    useful: int  # points not on the median itself
    longest: int
    longest_allowed: int
    crossings: int
    fewest_crossings: int

    @property
    def signal(self) -> bool:
        """Whether either rule is broken."""
        return self.longest > self.longest_allowed or self.crossings < self.fewest_crossings


def runs(values: ArrayLike) -> Runs:
    """The longest run on one side of the median, and how often the series crosses it (Anhøj and Olesen 2014)."""
    series = np.asarray(values, dtype=float)
    middle = float(np.median(series))
    sides = np.sign(series - middle)
    sides = sides[sides != 0]
    changes = np.flatnonzero(np.diff(sides) != 0)
    lengths = np.diff(np.concatenate(([-1], changes, [len(sides) - 1])))
    allowed, fewest = run_limits(len(sides))
    return Runs(middle, len(sides), int(lengths.max()) if len(sides) else 0, allowed, len(changes), fewest)


def run_limits(useful: int) -> tuple[int, int]:
    """The longest run and the fewest crossings to be expected of so many points (Schilling 2012; Chen 2010)."""
    if useful < 2:
        return useful, 0
    chance, crossings = 0.5 ** (useful - 1), 0
    below = chance
    while below < 0.05:
        chance *= (useful - 1 - crossings) / (crossings + 1)
        crossings += 1
        below += chance
    return round(math.log2(useful) + 3), crossings


WEIGHT, LIMIT = 0.2, 2.86  # false alarms as rare as those of three steps either side (Montgomery, table of schemes)


@dataclass(frozen=True)
class DriftPoint:
    """The weighted mean at a point, in steps from the centre, with its limits."""

    start: date
    value: float
    lower: float
    upper: float
    segment: int

    @property
    def side(self) -> str | None:
        """On which side it is beyond the limits, if it is."""
        return "high" if self.value > self.upper else "low" if self.value < self.lower else None


def drift(chart: RateChart) -> tuple[DriftPoint, ...]:
    """The mean at each point that has limits; it starts again with them, and where days are missing from the log."""
    averages: list[DriftPoint] = []
    for points in unbroken(chart.points):
        mean = ewma([point.score or 0.0 for point in points], weight=WEIGHT, limit=LIMIT)
        averages += [
            DriftPoint(point.start, float(mean.value[n]), float(mean.lower[n]), float(mean.upper[n]), point.segment)
            for n, point in enumerate(points)
        ]
    return tuple(averages)
