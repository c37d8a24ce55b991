"""Has a series drifted a little at a time? EWMA, and runs about the median."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


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
    """Each new value counts for `weight` of the mean, older ones for less and less."""
    series = np.asarray(values, dtype=float)
    found, last = np.empty(len(series)), centre
    for n, value in enumerate(series):
        last = found[n] = weight * value + (1 - weight) * last
    age = np.arange(1, len(series) + 1)
    half = limit * sigma * np.sqrt(weight / (2 - weight) * (1 - (1 - weight) ** (2 * age)))
    return Ewma(found, centre - half, centre + half)


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
    """The longest run on one side of the median, and how often the series crosses it."""
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
