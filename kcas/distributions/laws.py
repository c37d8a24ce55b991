"""Probability distributions of durations, each law one class: sampling, survival, restricted mean, density, fit.

With T the duration in seconds, `survival(x)` is S(x) = P(T > x), `restricted_mean(x)` is E[min(T, x)], the integral of
S from 0 to x, and `density(x)` is f(x) = -S'(x) where S has a slope. All take arrays and give arrays. `draw` samples
with a NumPy generator; `fit` estimates by maximum likelihood from censored waits; `table` is the law as a scenario
writes it. `kinks` are where S turns sharply: quadrature must not step across. `scale` is where the law does most of
its work, and sets the first step of a search. Closed forms: Johnson, Kotz and Balakrishnan, Continuous Univariate
Distributions, volumes 1 and 2 (2nd edition, 1994 and 1995).
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.random import Generator

from kcas.arrays import Floats
from kcas.distributions.fitting import (
    Fit,
    Waits,
    location_and_scale,
    logistic_error,
    normal_error,
    smallest_extreme_error,
)
from kcas.errors import SettingError

Written = Callable[[float], Any]
"""How a number is written in a table, such as seconds with their unit."""


class Distribution(ABC):
    """A law of a duration in seconds."""

    name: ClassVar[str]
    """The law's name in scenarios."""
    kinks: tuple[float, ...] = ()

    @property
    @abstractmethod
    def mean(self) -> float:
        """The mean; infinity where there is none."""

    @property
    def scale(self) -> float:
        """Where the law does most of its work."""
        return self.mean

    @abstractmethod
    def draw(self, rng: Generator, size: int) -> Floats:
        """So many independent durations."""

    @abstractmethod
    def survival(self, x: Floats) -> Floats:
        """The chance of lasting longer than x."""

    @abstractmethod
    def restricted_mean(self, x: Floats) -> Floats:
        """The mean where nothing lasts longer than x."""

    @abstractmethod
    def density(self, x: Floats) -> Floats:
        """The density at x; mass at single points is not in it."""

    @abstractmethod
    def parameters(self, *, time: Written, number: Written) -> dict[str, Any]:
        """The law's keys and values as a scenario writes them; `time` writes seconds, `number` other numbers."""

    def table(self, *, time: Written, number: Written = float) -> dict[str, Any]:
        """The law as a table of a scenario, its name first."""
        return {"law": self.name, **self.parameters(time=time, number=number)}

    def quantile(self, share: float) -> float:
        """The duration that this share falls short of; infinity where fewer ever end. A root of S(x) = 1 - share."""
        from scipy.optimize import brentq

        if not 0 <= share < 1:
            raise SettingError(f"quantile {share:g}: expected a share from 0 to below 1.")

        def excess(x: float) -> float:
            return float(self.survival(np.array([x]))[0]) - (1 - share)

        if excess(0.0) <= 0:
            return 0.0
        high = 1.0
        while excess(high) > 0:
            high *= 4
            if high > 1e15:
                return math.inf
        return float(brentq(excess, 0.0, high, xtol=1e-9))


@dataclass(frozen=True)
class Endless(Distribution):
    """No end at all: callers who never hang up."""

    name = "endless"
    scale = 60.0

    @property
    def mean(self) -> float:
        return math.inf

    def draw(self, rng: Generator, size: int) -> Floats:
        return np.full(size, math.inf)

    def survival(self, x: Floats) -> Floats:
        return np.ones_like(x)

    def restricted_mean(self, x: Floats) -> Floats:
        return x

    def density(self, x: Floats) -> Floats:
        return np.zeros_like(x)

    def parameters(self, *, time: Written, number: Written) -> dict[str, Any]:
        return {}


@dataclass(frozen=True)
class Fixed(Distribution):
    """Always the same duration."""

    value: float
    name = "fixed"

    @property
    def mean(self) -> float:
        return self.value

    @property
    def kinks(self) -> tuple[float, ...]:  # type: ignore[override]
        return (self.value,)

    def draw(self, rng: Generator, size: int) -> Floats:
        return np.full(size, self.value)

    def survival(self, x: Floats) -> Floats:
        return np.asarray((x < self.value) * 1.0, dtype=float)

    def restricted_mean(self, x: Floats) -> Floats:
        return np.asarray(np.minimum(x, self.value))

    def density(self, x: Floats) -> Floats:
        return np.zeros_like(x)

    def parameters(self, *, time: Written, number: Written) -> dict[str, Any]:
        return {"value": time(self.value)}


@dataclass(frozen=True)
class Exponential(Distribution):
    """As likely to end in the next second after an hour as after a second: S(x) = exp(-x / mean)."""

    average: float
    name = "exponential"

    @classmethod
    def fit(cls, waits: Waits) -> Fit | None:
        """All the seconds waited, divided by the number who gave up (Lawless 2003; Brown and others 2005)."""
        events = waits.gave_up.sum()
        if not events or not waits.exposure:
            return None
        mean = waits.exposure / events
        likelihood = float(-events * np.log(mean) - waits.likely.exposure / mean)
        error = mean / float(np.sqrt(events))
        return Fit("exponential", {"mean": mean}, likelihood, 1, cls(mean), standard_error=error)

    @property
    def mean(self) -> float:
        return self.average

    def draw(self, rng: Generator, size: int) -> Floats:
        return rng.standard_exponential(size) * self.average

    def survival(self, x: Floats) -> Floats:
        return np.asarray(np.exp(-x / self.average))

    def restricted_mean(self, x: Floats) -> Floats:
        return np.asarray(-self.average * np.expm1(-x / self.average))

    def density(self, x: Floats) -> Floats:
        return np.asarray(np.exp(-x / self.average) / self.average)

    def parameters(self, *, time: Written, number: Written) -> dict[str, Any]:
        return {"mean": time(self.average)}


@dataclass(frozen=True)
class Weibull(Distribution):
    """Ends come more and more often (shape above 1) or less and less often: S(x) = exp(-(x / spread)^shape)."""

    shape: float
    spread: float
    name = "weibull"

    @classmethod
    def with_mean(cls, mean: float, *, shape: float) -> "Weibull":
        """The law of this shape with this mean."""
        return cls(shape, mean / math.gamma(1 + 1 / shape))

    @classmethod
    def fit(cls, waits: Waits) -> Fit | None:
        """Log duration as a location, a scale and an error of the smallest extreme."""
        found = location_and_scale(waits, smallest_extreme_error)
        if found is None:
            return None
        shape, scale = 1 / found[1], float(np.exp(found[0]))
        return Fit("weibull", {"shape": shape, "scale": scale}, found[2], 2, cls(shape, scale))

    @property
    def mean(self) -> float:
        return self.spread * math.gamma(1 + 1 / self.shape)

    @property
    def scale(self) -> float:
        return self.spread

    def draw(self, rng: Generator, size: int) -> Floats:
        return self.spread * rng.weibull(self.shape, size)

    def cumulative_hazard(self, x: Floats) -> Floats:
        """The hazard met by x."""
        with np.errstate(over="ignore", under="ignore"):
            return np.asarray((x / self.spread) ** self.shape)

    def survival(self, x: Floats) -> Floats:
        return np.asarray(np.exp(-self.cumulative_hazard(x)))

    def restricted_mean(self, x: Floats) -> Floats:
        from scipy.special import gamma, gammainc

        mean = self.spread * gamma(1 + 1 / self.shape)
        y = self.cumulative_hazard(x)  # of a steep law no number at all until shortly before the end: no one has left
        return np.asarray(np.where(y < 1e-8, x * (1 - y / (1 + self.shape)), mean * gammainc(1 / self.shape, y)))

    def density(self, x: Floats) -> Floats:
        with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
            pace = self.shape / self.spread * (x / self.spread) ** (self.shape - 1)
            return np.asarray(pace * self.survival(x))

    def parameters(self, *, time: Written, number: Written) -> dict[str, Any]:
        return {"shape": number(self.shape), "scale": time(self.spread)}


@dataclass(frozen=True)
class Lognormal(Distribution):
    """The logarithm is normal with deviation sigma about log median: S(x) = Phi(-(log x - log median) / sigma)."""

    median: float
    sigma: float
    name = "lognormal"

    @classmethod
    def with_mean(cls, mean: float, *, variation: float) -> "Lognormal":
        """The law with this mean and this coefficient of variation."""
        sigma = math.sqrt(math.log1p(variation**2))
        return cls(mean * math.exp(-(sigma**2) / 2), sigma)

    @classmethod
    def fit(cls, waits: Waits) -> Fit | None:
        """Mean and deviation of the logarithm."""
        found = location_and_scale(waits, normal_error)
        if found is None:
            return None
        law = cls(float(np.exp(found[0])), found[1])
        return Fit("lognormal", {"mu": found[0], "sigma": found[1]}, found[2], 2, law)

    @property
    def mean(self) -> float:
        return self.median * math.exp(self.sigma**2 / 2)

    @property
    def scale(self) -> float:
        return self.median

    def draw(self, rng: Generator, size: int) -> Floats:
        return np.asarray(self.median * np.exp(self.sigma * rng.standard_normal(size)))

    def _standard(self, x: Floats) -> Floats:
        with np.errstate(divide="ignore"):
            return np.asarray((np.log(x) - math.log(self.median)) / self.sigma)

    def survival(self, x: Floats) -> Floats:
        from scipy.special import ndtr

        return np.asarray(ndtr(-self._standard(x)))

    def restricted_mean(self, x: Floats) -> Floats:
        from scipy.special import ndtr

        z = self._standard(x)
        return np.asarray(self.mean * ndtr(z - self.sigma) + x * ndtr(-z))

    def density(self, x: Floats) -> Floats:
        z = self._standard(x)
        with np.errstate(divide="ignore", invalid="ignore"):
            found = np.exp(-(z**2) / 2) / (x * self.sigma * math.sqrt(2 * math.pi))
        return np.asarray(np.where(x > 0, found, 0.0))

    def parameters(self, *, time: Written, number: Written) -> dict[str, Any]:
        return {"median": time(self.median), "sigma": number(self.sigma)}


@dataclass(frozen=True)
class Gamma(Distribution):
    """The sum of `shape` exponential stretches; Erlang's law where that is whole."""

    shape: float
    average: float
    name = "gamma"

    @property
    def mean(self) -> float:
        return self.average

    def draw(self, rng: Generator, size: int) -> Floats:
        return rng.standard_gamma(self.shape, size) * (self.average / self.shape)

    def survival(self, x: Floats) -> Floats:
        from scipy.special import gammaincc

        return np.asarray(gammaincc(self.shape, x / (self.average / self.shape)))

    def restricted_mean(self, x: Floats) -> Floats:
        from scipy.special import gammainc, gammaincc

        y = x / (self.average / self.shape)
        return np.asarray(self.average * gammainc(self.shape + 1, y) + x * gammaincc(self.shape, y))

    def density(self, x: Floats) -> Floats:
        from scipy.special import gammaln, xlogy

        unit = self.average / self.shape
        y = x / unit
        with np.errstate(divide="ignore"):
            return np.asarray(np.exp(xlogy(self.shape - 1, y) - y - gammaln(self.shape)) / unit)

    def parameters(self, *, time: Written, number: Written) -> dict[str, Any]:
        return {"shape": number(self.shape), "mean": time(self.average)}


@dataclass(frozen=True)
class LogLogistic(Distribution):
    """Like the lognormal, with a heavier tail: S(x) = 1 / (1 + (x / median)^shape)."""

    median: float
    shape: float
    name = "log-logistic"

    @classmethod
    def fit(cls, waits: Waits) -> Fit | None:
        """Log duration as a location, a scale and a logistic error."""
        found = location_and_scale(waits, logistic_error)
        if found is None:
            return None
        shape, median = 1 / found[1], float(np.exp(found[0]))
        return Fit("loglogistic", {"shape": shape, "scale": median}, found[2], 2, cls(median, shape))

    @property
    def mean(self) -> float:
        angle = math.pi / self.shape
        return self.median * angle / math.sin(angle) if self.shape > 1 else math.inf

    @property
    def scale(self) -> float:
        return self.median

    @property
    def _longest(self) -> float:
        return self.median * 10 ** min(300 / self.shape, 250)  # beyond it the odds are no number, and no one is left

    def draw(self, rng: Generator, size: int) -> Floats:
        uniform = rng.random(size)
        return np.asarray(self.median * (uniform / (1 - uniform)) ** (1 / self.shape))

    def _odds(self, x: Floats) -> Floats:
        return np.asarray((np.minimum(x, self._longest) / self.median) ** self.shape)

    def survival(self, x: Floats) -> Floats:
        return np.asarray(1 / (1 + self._odds(x)))

    def restricted_mean(self, x: Floats) -> Floats:
        from scipy.special import hyp2f1

        tail = hyp2f1(1, 1 / self.shape, 1 + 1 / self.shape, -self._odds(x))
        return np.asarray(np.minimum(x, self._longest) * tail)

    def density(self, x: Floats) -> Floats:
        odds = self._odds(x)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.where(x > 0, self.shape * odds / (x * (1 + odds) ** 2), 0.0))

    def parameters(self, *, time: Written, number: Written) -> dict[str, Any]:
        return {"median": time(self.median), "shape": number(self.shape)}


@dataclass(frozen=True)
class Uniform(Distribution):
    """Any duration from low to high is as likely as any other."""

    low: float
    high: float
    name = "uniform"

    @property
    def mean(self) -> float:
        return (self.low + self.high) / 2

    @property
    def kinks(self) -> tuple[float, ...]:  # type: ignore[override]
        return (self.low, self.high)

    @property
    def scale(self) -> float:
        return self.high

    def draw(self, rng: Generator, size: int) -> Floats:
        return rng.uniform(self.low, self.high, size)

    def survival(self, x: Floats) -> Floats:
        return np.asarray(1 - (np.clip(x, self.low, self.high) - self.low) / (self.high - self.low))

    def restricted_mean(self, x: Floats) -> Floats:
        within = np.clip(x, self.low, self.high) - self.low
        return np.asarray(np.minimum(x, self.low) + within - within**2 / (2 * (self.high - self.low)))

    def density(self, x: Floats) -> Floats:
        return np.asarray(np.where((x >= self.low) & (x <= self.high), 1 / (self.high - self.low), 0.0))

    def parameters(self, *, time: Written, number: Written) -> dict[str, Any]:
        return {"low": time(self.low), "high": time(self.high)}


@dataclass(frozen=True)
class Mixture(Distribution):
    """A share of each law; a share that is left over ends at once, as callers who wait only if an agent is free.

    Raises SettingError where a share is below zero or they add up to more than one.
    """

    parts: Sequence[tuple[float, Distribution]]
    name = "mixture"

    def __post_init__(self) -> None:
        total = sum(share for share, _ in self.parts)
        if any(share < 0 for share, _ in self.parts) or total > 1 + 1e-12:
            raise SettingError(
                f"patience: shares add up to {total:g}. Expected shares from 0 that add up to 1 at most."
            )

    @property
    def mean(self) -> float:
        return sum(share * law.mean for share, law in self.parts)

    @property
    def kinks(self) -> tuple[float, ...]:  # type: ignore[override]
        return tuple(sorted({kink for _, law in self.parts for kink in law.kinks}))

    @property
    def scale(self) -> float:
        return max(law.scale for _, law in self.parts)

    def draw(self, rng: Generator, size: int) -> Floats:
        edges = np.cumsum([share for share, _ in self.parts])[:-1]
        which = np.searchsorted(edges, rng.random(size), side="right")
        return np.choose(which, [law.draw(rng, size) for _, law in self.parts])

    def survival(self, x: Floats) -> Floats:
        return sum((share * law.survival(x) for share, law in self.parts), np.zeros_like(x))

    def restricted_mean(self, x: Floats) -> Floats:
        return sum((share * law.restricted_mean(x) for share, law in self.parts), np.zeros_like(x))

    def density(self, x: Floats) -> Floats:
        return sum((share * law.density(x) for share, law in self.parts), np.zeros_like(x))

    def parameters(self, *, time: Written, number: Written) -> dict[str, Any]:
        parts = [{"share": f"{share:.4%}", **law.table(time=time, number=number)} for share, law in self.parts]
        return {"parts": parts}


@dataclass(frozen=True)
class Impatient(Distribution):
    """A law of those who wait at all; the share `at_once` hangs up at once unless an agent is free."""

    at_once: float
    others: Distribution

    @property
    def name(self) -> str:  # type: ignore[override]
        return self.others.name

    @property
    def mean(self) -> float:
        return self.others.mean * (1 - self.at_once) if self.at_once < 1 else 0.0

    @property
    def kinks(self) -> tuple[float, ...]:  # type: ignore[override]
        return self.others.kinks

    @property
    def scale(self) -> float:
        return self.others.scale

    def draw(self, rng: Generator, size: int) -> Floats:
        return np.where(rng.random(size) < self.at_once, 0.0, self.others.draw(rng, size))

    def survival(self, x: Floats) -> Floats:
        return (1 - self.at_once) * self.others.survival(x)

    def restricted_mean(self, x: Floats) -> Floats:
        return (1 - self.at_once) * self.others.restricted_mean(x)

    def density(self, x: Floats) -> Floats:
        return (1 - self.at_once) * self.others.density(x)

    def parameters(self, *, time: Written, number: Written) -> dict[str, Any]:
        return {**self.others.parameters(time=time, number=number), "hang_up_at_once": f"{self.at_once:.4%}"}
