"""Fitting of patience distributions: maximum likelihood with censoring (Lawless 2003), chosen by AIC (Akaike 1974).

Weibull, lognormal and log-logistic are one family: the logarithm of patience is mu + sigma × a standard error. The
exponential and the hazard in bins are sums of the log (Friedman 1982; Brown and others 2005). Each law's own `fit` is
in `laws` and `measured`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from kcas.arrays import Floats

if TYPE_CHECKING:
    from kcas.distributions.distribution import Distribution


_Shape = Callable[[Floats], tuple[Floats, Floats, Floats, Floats]]

HALF_A_SECOND = 0.5
"""Logs keep whole seconds: a caller who gave up in second 0 had waited about half of one.

So in every law's likelihood, or their AICs would not be of the same waits. The parameters that are sums of the log, the
exponential's mean and the empirical hazard, stay those sums: half a second here and there does not move them.
"""


@dataclass(frozen=True)
class Waits:
    """Waits counted: so many callers had waited so long when they gave up, or were cut short."""

    at: Floats
    gave_up: Floats
    cut_short: Floats

    @property
    def exposure(self) -> float:
        """All the seconds waited."""
        return float(self.at @ (self.gave_up + self.cut_short))

    @property
    def likely(self) -> "Waits":
        """As likelihoods take them: no one gave up after no time, and an answer at once tells nothing."""
        at_once = self.at == 0
        return Waits(np.where(at_once, HALF_A_SECOND, self.at), self.gave_up, np.where(at_once, 0.0, self.cut_short))


@dataclass(frozen=True)
class Fit:
    """A law with its parameters in seconds, and how well it explains the waits."""

    law: str
    parameters: dict[str, float]
    log_likelihood: float
    freedom: int
    distribution: "Distribution" = field(compare=False)  # the parameters say it
    standard_error: float | None = None  # of the mean, where it has a closed form

    @property
    def aic(self) -> float:
        """Akaike's criterion: less is better."""
        return 2 * self.freedom - 2 * self.log_likelihood


def by_bin(waits: Waits, *, edges: Sequence[float]) -> tuple[Floats, Floats]:
    """How many gave up, and how many seconds were waited, between each edge and the next."""
    starts, ends = np.asarray(edges, dtype=float), np.append(np.asarray(edges, dtype=float)[1:], np.inf)
    everyone = waits.gave_up + waits.cut_short
    exposure = np.array(
        [everyone @ np.clip(waits.at - start, 0, end - start) for start, end in zip(starts, ends, strict=True)]
    )
    # a wait that ends on an edge was spent below it, so that a hazard is never shared by no one
    place = np.maximum(np.searchsorted(starts, waits.at, side="left") - 1, 0)
    return np.bincount(place, weights=waits.gave_up, minlength=starts.size).astype(float), exposure


def smallest_extreme_error(z: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """log f, its slope, log S and its slope: the error of a Weibull law."""
    power = np.exp(np.minimum(z, 700.0))
    return z - power, 1 - power, -power, -power


def normal_error(z: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """log f, its slope, log S and its slope: the error of a lognormal law."""
    from scipy.special import log_ndtr

    density = -0.5 * z**2 - 0.5 * np.log(2 * np.pi)
    beyond = log_ndtr(-z)
    return density, -z, beyond, -np.exp(density - beyond)


def logistic_error(z: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """log f, its slope, log S and its slope: the error of a log-logistic law."""
    beyond = -np.logaddexp(0.0, z)
    share = np.exp(z + beyond)
    return z + 2 * beyond, 1 - 2 * share, beyond, -share


def location_and_scale(waits: Waits, shape: _Shape) -> tuple[float, float, float] | None:
    """The most likely mu and sigma of log patience, and the log-likelihood there.

    None where fewer than two different waits were given up: no spread can be told.
    """
    from scipy.optimize import minimize

    likely = waits.likely
    log_wait, gave_up, cut = np.log(likely.at), likely.gave_up, likely.cut_short
    events = gave_up.sum()
    if np.count_nonzero(gave_up) < 2:
        return None

    def against(parameters: Floats) -> tuple[float, Floats]:
        mu, log_sigma = parameters
        z = (log_wait - mu) / np.exp(log_sigma)
        density, density_slope, beyond, beyond_slope = shape(z)
        # log L = Σ abandoned (log f(z) − log σ − log t) + Σ censored log S(z)
        total = gave_up @ (density - log_sigma - log_wait) + cut @ beyond
        slope = gave_up * density_slope + cut * beyond_slope
        by_mu, by_log_sigma = -slope.sum() / np.exp(log_sigma), -(slope @ z) - events
        return -total / events, -np.array([by_mu, by_log_sigma]) / events

    start = np.array([np.log(waits.exposure / events), 0.0])
    best = minimize(against, start, jac=True, method="BFGS", options={"gtol": 1e-10, "maxiter": 500})
    mu, log_sigma = best.x
    return float(mu), float(np.exp(log_sigma)), float(-best.fun * events)
