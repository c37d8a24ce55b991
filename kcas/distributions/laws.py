"""Laws of a duration with parameters, each one class: sampling, survival, restricted mean, density and fit.

`fit` estimates by maximum likelihood from censored waits. Closed forms: Johnson, Kotz and Balakrishnan, Continuous
Univariate Distributions, volumes 1 and 2 (2nd edition, 1994 and 1995).
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator

from kcas.arrays import Floats
from kcas.distributions.distribution import Distribution, Written
from kcas.distributions.fitting import (
    Fit,
    Waits,
    location_and_scale,
    logistic_error,
    normal_error,
    smallest_extreme_error,
)


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
        estimated = location_and_scale(waits, smallest_extreme_error)
        if estimated is None:
            return None
        shape, scale = 1 / estimated[1], float(np.exp(estimated[0]))
        return Fit("weibull", {"shape": shape, "scale": scale}, estimated[2], 2, cls(shape, scale))

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
        estimated = location_and_scale(waits, normal_error)
        if estimated is None:
            return None
        law = cls(float(np.exp(estimated[0])), estimated[1])
        return Fit("lognormal", {"mu": estimated[0], "sigma": estimated[1]}, estimated[2], 2, law)

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
            values = np.exp(-(z**2) / 2) / (x * self.sigma * math.sqrt(2 * math.pi))
        return np.asarray(np.where(x > 0, values, 0.0))

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
        estimated = location_and_scale(waits, logistic_error)
        if estimated is None:
            return None
        shape, median = 1 / estimated[1], float(np.exp(estimated[0]))
        return Fit("loglogistic", {"shape": shape, "scale": median}, estimated[2], 2, cls(median, shape))

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
