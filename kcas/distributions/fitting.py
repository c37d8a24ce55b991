"""Fitting of patience distributions: maximum likelihood with censoring (Lawless 2003), chosen by AIC (Akaike 1974).

Weibull, lognormal and log-logistic are one family: the logarithm of patience is mu + sigma × a standard error. The
exponential and the hazard in bins are sums of the log (Friedman 1982; Brown and others 2005).

Law of patience as `kcas patience` prints it, made into the table that a scenario holds.

`kcas patience --json` gives a fit by its parameters in seconds (`{"law": "loglogistic", "parameters": {"shape": …,
"scale": …}, …}`); a scenario names its laws by what a planner knows of them, with units. Both are read.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kcas.desk.toml_file import value_text
from kcas.errors import SettingError

_Numbers = NDArray[np.float64]
_Shape = Callable[[_Numbers], tuple[_Numbers, _Numbers, _Numbers, _Numbers]]

HALF_A_SECOND = 0.5
"""Logs keep whole seconds: a caller who gave up in second 0 had waited about half of one.

So in every law's likelihood, or their AICs would not be of the same waits. The parameters that are sums of the log, the
exponential's mean and the empirical hazard, stay those sums: half a second here and there does not move them.
"""


@dataclass(frozen=True)
class Waits:
    """Waits counted: so many callers had waited so long when they gave up, or were cut short."""

    at: _Numbers
    gave_up: _Numbers
    cut_short: _Numbers

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
    standard_error: float | None = None  # of the mean, where it has a closed form

    @property
    def aic(self) -> float:
        """Akaike's criterion: less is better."""
        return 2 * self.freedom - 2 * self.log_likelihood


def exponential(waits: Waits) -> Fit | None:
    """All the seconds waited, shared among those who gave up."""
    events = waits.gave_up.sum()
    if not events or not waits.exposure:
        return None
    mean = waits.exposure / events
    likelihood = float(-events * np.log(mean) - waits.likely.exposure / mean)
    return Fit("exponential", {"mean": mean}, likelihood, 1, mean / float(np.sqrt(events)))


def piecewise(waits: Waits, *, edges: Sequence[float]) -> Fit | None:
    """The empirical hazard: one constant hazard between each two edges, the last going on for ever."""
    events, exposure = by_bin(waits, edges=edges)
    used = exposure > 0
    if not events.sum() or not exposure.sum():
        return None
    hazard = np.divide(events, exposure, out=np.zeros_like(exposure), where=used)
    logs = np.log(hazard, out=np.zeros_like(hazard), where=hazard > 0)
    likelihood = float((events * logs).sum() - hazard @ by_bin(waits.likely, edges=edges)[1])
    parameters = {f"from {edge:g} s": float(rate) for edge, rate, use in zip(edges, hazard, used, strict=True) if use}
    return Fit("empirical hazard", parameters, likelihood, int(used.sum()))


def by_bin(waits: Waits, *, edges: Sequence[float]) -> tuple[_Numbers, _Numbers]:
    """How many gave up, and how many seconds were waited, between each edge and the next."""
    starts, ends = np.asarray(edges, dtype=float), np.append(np.asarray(edges, dtype=float)[1:], np.inf)
    everyone = waits.gave_up + waits.cut_short
    exposure = np.array(
        [everyone @ np.clip(waits.at - start, 0, end - start) for start, end in zip(starts, ends, strict=True)]
    )
    # a wait that ends on an edge was spent below it, so that a hazard is never shared by no one
    place = np.maximum(np.searchsorted(starts, waits.at, side="left") - 1, 0)
    return np.bincount(place, weights=waits.gave_up, minlength=starts.size).astype(float), exposure


def smallest_extreme(z: _Numbers) -> tuple[_Numbers, _Numbers, _Numbers, _Numbers]:
    """log f, its slope, log S and its slope: the error of a Weibull law."""
    power = np.exp(np.minimum(z, 700.0))
    return z - power, 1 - power, -power, -power


def _normal(z: _Numbers) -> tuple[_Numbers, _Numbers, _Numbers, _Numbers]:
    """log f, its slope, log S and its slope: the error of a lognormal law."""
    from scipy.special import log_ndtr

    density = -0.5 * z**2 - 0.5 * np.log(2 * np.pi)
    beyond = log_ndtr(-z)
    return density, -z, beyond, -np.exp(density - beyond)


def logistic(z: _Numbers) -> tuple[_Numbers, _Numbers, _Numbers, _Numbers]:
    """log f, its slope, log S and its slope: the error of a log-logistic law."""
    beyond = -np.logaddexp(0.0, z)
    share = np.exp(z + beyond)
    return z + 2 * beyond, 1 - 2 * share, beyond, -share


def weibull(waits: Waits) -> Fit | None:
    """Shape and scale of a Weibull law."""
    found = location_and_scale(waits, smallest_extreme)
    if found is None:
        return None
    mu, sigma, likelihood = found
    return Fit("weibull", {"shape": 1 / sigma, "scale": float(np.exp(mu))}, likelihood, 2)


def lognormal(waits: Waits) -> Fit | None:
    """Mean and deviation of the logarithm of a lognormal law."""
    found = location_and_scale(waits, _normal)
    return None if found is None else Fit("lognormal", {"mu": found[0], "sigma": found[1]}, found[2], 2)


def loglogistic(waits: Waits) -> Fit | None:
    """Shape and scale of a log-logistic law."""
    found = location_and_scale(waits, logistic)
    if found is None:
        return None
    mu, sigma, likelihood = found
    return Fit("loglogistic", {"shape": 1 / sigma, "scale": float(np.exp(mu))}, likelihood, 2)


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

    def against(parameters: _Numbers) -> tuple[float, _Numbers]:
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


OF_THE_FIT = frozenset({"parameters", "log_likelihood", "aic", "scenario"})
"""Keys of a fit that are no parameters."""

SAME = {"loglogistic": "log-logistic", "log_logistic": "log-logistic"}
_TIMES = ("mean", "scale", "median")
FROM = re.compile(r"from (\d+(?:\.\d+)?) s", re.ASCII)
"""A bin of the empirical hazard: the wait at which it starts."""


def as_scenario_table(table: Any, *, where: str) -> Any:
    """The table of a law with the keys that scenarios have; one that has them already is given back as it is.

    Raises SettingError where a fit lacks a parameter, or has one that is no number.
    """
    if not isinstance(table, Mapping) or not isinstance(table.get("law"), str):
        return table
    law = SAME.get(table["law"], table["law"])
    given = {key: value for key, value in table.items() if key not in OF_THE_FIT} | {"law": law}
    parameters = table.get("parameters", {})
    if not isinstance(parameters, Mapping):
        raise SettingError(f"{where}, parameters: {value_text(parameters)} is not a table of numbers.")
    given |= {key: _number(value, where=f"{where}, {key}") for key, value in parameters.items()}
    if law == "empirical hazard":
        return _hazard(given, where=where)
    if law == "lognormal" and "mu" in given:
        given["median"] = _exp(_number(given.pop("mu"), where=f"{where}, mu"), where=where)
    if law == "log-logistic" and "scale" in given:
        given["median"] = given.pop("scale")
    if law == table["law"] and not parameters and "median" not in given:
        return table
    return {key: _spoken(value) if key in _TIMES else value for key, value in given.items()}


def in_toml(table: Mapping[str, Any]) -> str:
    """A scenario's law as one line of its file."""
    return f"{{ {', '.join(f'{key} = {_toml(value)}' for key, value in table.items())} }}"


def _hazard(given: dict[str, Any], *, where: str) -> dict[str, Any]:
    """Bins named `from 5 s` as two lists, in the order of their starts."""
    bins = {float(found[1]): key for key in given if (found := FROM.fullmatch(str(key)))}
    if not bins:
        return given
    rates = [_number(given.pop(bins[start]), where=f"{where}, {bins[start]}") for start in sorted(bins)]
    return given | {"at": [_spoken(start) for start in sorted(bins)], "per_second": rates}


def _number(value: object, *, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise SettingError(
            f"{where}: {value_text(value)} is not a number. Expected one as `kcas patience --json` gives it."
        )
    return float(value)


def _exp(logarithm: float, *, where: str) -> float:
    if logarithm > 100:
        raise SettingError(f"{where}, mu: {logarithm:g} is too large. Expected the logarithm of seconds.")
    return math.exp(logarithm)


def _spoken(value: Any) -> Any:
    """Seconds with their unit, to the nanosecond; a text with its unit as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return f"{value:.9f}".rstrip("0").rstrip(".") + " s"


def _toml(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return f'"{value}"' if isinstance(value, str) else f"{value:.12g}"
