"""Survival function of each patience distribution, and its integral (the restricted mean).

`remaining(x)` is the chance that patience exceeds x; `until(x)` the mean of patience cut off at x. Theory needs no
more of a law. `kinks` are the moments at which a curve turns sharply, where quadrature must not step across.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kcas.arrays import Floats
from kcas.errors import SettingError

Curve = Callable[[Floats], Any]


@dataclass(frozen=True)
class Patience:
    """A law of patience, ready for theory."""

    remaining: Curve
    until: Curve
    kinks: tuple[float, ...] = ()
    scale: float = 60.0  # where the law does most of its work: sets the first step of a search


def endless() -> Patience:
    """No one ever hangs up."""
    return Patience(np.ones_like, lambda x: x)


def exponential(mean: float) -> Patience:
    """As ready to hang up after an hour as after a second."""
    return Patience(lambda x: np.exp(-x / mean), lambda x: -mean * np.expm1(-x / mean), scale=mean)


def weibull(*, shape: float, scale: float) -> Patience:
    """Hang-ups come more and more often (shape above 1) or less and less (below 1)."""
    from scipy.special import gamma, gammainc

    mean = scale * gamma(1 + 1 / shape)

    def hazard(x: Floats) -> Floats:
        with np.errstate(over="ignore", under="ignore"):
            return np.asarray((x / scale) ** shape)

    def until(x: Floats) -> Floats:
        y = hazard(x)  # of a steep law no number at all until shortly before the end: no one has hung up by then
        return np.asarray(np.where(y < 1e-8, x * (1 - y / (1 + shape)), mean * gammainc(1 / shape, y)))

    return Patience(lambda x: np.exp(-hazard(x)), until, scale=scale)


def gamma_law(*, shape: float, mean: float) -> Patience:
    """The sum of `shape` exponential stretches (Erlang's law where that is whole)."""
    from scipy.special import gammainc, gammaincc

    scale = mean / shape
    return Patience(
        lambda x: gammaincc(shape, x / scale),
        lambda x: mean * gammainc(shape + 1, x / scale) + x * gammaincc(shape, x / scale),
        scale=mean,
    )


def lognormal(*, median: float, sigma: float) -> Patience:
    """The logarithm of patience is normal."""
    from scipy.special import ndtr

    mean = median * math.exp(sigma**2 / 2)

    def standard(x: Floats) -> Floats:
        with np.errstate(divide="ignore"):
            return np.asarray((np.log(x) - math.log(median)) / sigma)

    return Patience(
        lambda x: ndtr(-standard(x)),
        lambda x: mean * ndtr(standard(x) - sigma) + x * ndtr(-standard(x)),
        scale=median,
    )


def log_logistic(*, median: float, shape: float) -> Patience:
    """Like the lognormal, with a heavier tail."""
    from scipy.special import hyp2f1

    longest = median * 10 ** min(300 / shape, 250)  # beyond it the odds are no number, and no one is left

    def odds(x: Floats) -> Floats:
        return np.asarray((np.minimum(x, longest) / median) ** shape)

    return Patience(
        lambda x: 1 / (1 + odds(x)),
        lambda x: np.minimum(x, longest) * hyp2f1(1, 1 / shape, 1 + 1 / shape, -odds(x)),
        scale=median,
    )


def fixed(value: float) -> Patience:
    """Everybody waits exactly so long."""
    return Patience(lambda x: (x < value) * 1.0, lambda x: np.minimum(x, value), kinks=(value,), scale=value)


def uniform(low: float, high: float) -> Patience:
    """Any patience from low to high is as likely as any other."""

    def until(x: Floats) -> Floats:
        within = np.clip(x, low, high) - low
        return np.asarray(np.minimum(x, low) + within - within**2 / (2 * (high - low)))

    return Patience(lambda x: 1 - (np.clip(x, low, high) - low) / (high - low), until, kinks=(low, high), scale=high)


def empirical(times: Sequence[float], still: Sequence[float], *, tail: float | None = None) -> Patience:
    """A curve from the log, straight between its points; past the last an exponential tail of this mean, or none.

    Where the curve does not fall to nothing and no tail is given, that share never hangs up.
    """
    at, left = np.array([0.0, *times]), np.array([1.0, *still])
    if len(at) != len(left) or len(at) < 2 or (np.diff(at) <= 0).any() or (np.diff(left) > 0).any():
        raise SettingError("patience curve: expected times that rise and shares still waiting that fall, as many each.")
    if left[1] > 1 or left[-1] < 0:
        raise SettingError("patience curve: expected shares still waiting from 1 down to 0.")
    areas = np.concatenate(([0.0], np.cumsum(np.diff(at) * (left[1:] + left[:-1]) / 2)))

    def remaining(x: Floats) -> Floats:
        beyond = np.exp(-np.maximum(x - at[-1], 0.0) / tail) if tail else 1.0
        return np.asarray(np.interp(x, at, left) * beyond)

    def until(x: Floats) -> Floats:
        index = np.clip(np.searchsorted(at, x, side="right") - 1, 0, len(at) - 1)
        inside = np.minimum(x, at[-1])
        part = (inside - at[index]) * (left[index] + np.interp(inside, at, left)) / 2
        beyond = np.maximum(x - at[-1], 0.0)
        past = -tail * np.expm1(-beyond / tail) if tail else beyond
        return np.asarray(areas[index] + part + past * left[-1])

    return Patience(remaining, until, kinks=tuple(at[1:].tolist()), scale=float(at[-1]))


def piecewise_exponential(starts: Floats, pace: Floats) -> Patience:
    """Hang-ups at a pace (the hazard, per second) that is constant from each start to the next, the last for ever."""
    gone = np.concatenate(([0.0], np.cumsum(np.diff(starts) * pace[:-1])))
    rates = np.maximum(pace, 1e-300)  # so small that x stays x
    areas = np.concatenate(
        ([0.0], np.cumsum(-np.exp(-gone[:-1]) * np.expm1(-np.diff(starts) * rates[:-1]) / rates[:-1]))
    )

    def place(x: Floats) -> Any:
        return np.maximum(np.searchsorted(starts, x, side="right") - 1, 0)

    def remaining(x: Floats) -> Floats:
        at = place(x)
        return np.asarray(np.exp(-gone[at] - pace[at] * (x - starts[at])))

    def until(x: Floats) -> Floats:
        at = place(x)
        return np.asarray(areas[at] - np.exp(-gone[at]) * np.expm1(-rates[at] * (x - starts[at])) / rates[at])

    return Patience(remaining, until, kinks=tuple(starts[1:].tolist()), scale=max(float(starts[-1]), 60.0))


def mixture(parts: Sequence[tuple[float, Patience]]) -> Patience:
    """A share of callers of each kind; a share that is left over hangs up at once unless an agent is free."""
    total = sum(share for share, _ in parts)
    if any(share < 0 for share, _ in parts) or total > 1 + 1e-12:
        raise SettingError(f"patience: shares add up to {total:g}. Expected shares from 0 that add up to 1 at most.")
    return Patience(
        lambda x: sum((share * law.remaining(x) for share, law in parts), np.zeros_like(x)),
        lambda x: sum((share * law.until(x) for share, law in parts), np.zeros_like(x)),
        kinks=tuple(sorted({kink for _, law in parts for kink in law.kinks})),
        scale=max(law.scale for _, law in parts),
    )
