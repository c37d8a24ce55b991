"""Distributions as measured: a survival curve from the log, and a hazard that is constant between waits."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.random import Generator

from kcas.arrays import Floats
from kcas.distributions.distribution import Distribution, Written
from kcas.distributions.fitting import Fit, Waits, by_bin
from kcas.errors import SettingError


@dataclass(frozen=True)
class Empirical(Distribution):
    """A measured survival curve, straight between its points; past the last an exponential tail of mean `tail`.

    `at` are seconds that rise, `still` the shares left, that never rise. Where the curve does not fall to zero and
    there is no tail, that share never ends. Raises SettingError where the lists are not such.
    """

    at: Sequence[float]
    still: Sequence[float]
    tail: float | None = None
    name = "empirical"

    def __post_init__(self) -> None:
        at, left = self._points
        if len(at) != len(left) or len(at) < 2 or (np.diff(at) <= 0).any() or (np.diff(left) > 0).any():
            raise SettingError(
                "patience curve: expected times that rise and shares still waiting that fall, as many each."
            )
        if left[1] > 1 or left[-1] < 0:
            raise SettingError("patience curve: expected shares still waiting from 1 down to 0.")

    @cached_property
    def _points(self) -> tuple[Floats, Floats]:
        return np.array([0.0, *self.at]), np.array([1.0, *self.still])

    @property
    def mean(self) -> float:
        at, left = self._points
        inside, last = float((left[:-1] + left[1:]) @ np.diff(at) / 2), float(left[-1])
        return inside + (last * (math.inf if self.tail is None else self.tail) if last else 0.0)

    @property
    def kinks(self) -> tuple[float, ...]:  # type: ignore[override]
        return tuple(self._points[0][1:].tolist())

    @property
    def scale(self) -> float:
        return float(self._points[0][-1])

    def draw(self, rng: Generator, size: int) -> Floats:
        at, left = self._points
        last, tail = float(left[-1]), math.inf if self.tail is None else self.tail
        uniform, beyond = rng.random(size), rng.standard_exponential(size)
        within = np.interp(1 - uniform, 1 - left, at)
        return np.asarray(np.where(uniform < last, at[-1] + tail * beyond, within) if last else within)

    def survival(self, x: Floats) -> Floats:
        at, left = self._points
        beyond = np.exp(-np.maximum(x - at[-1], 0.0) / self.tail) if self.tail else 1.0
        return np.asarray(np.interp(x, at, left) * beyond)

    def restricted_mean(self, x: Floats) -> Floats:
        at, left = self._points
        areas = np.concatenate(([0.0], np.cumsum(np.diff(at) * (left[1:] + left[:-1]) / 2)))
        index = np.clip(np.searchsorted(at, x, side="right") - 1, 0, len(at) - 1)
        inside = np.minimum(x, at[-1])
        part = (inside - at[index]) * (left[index] + np.interp(inside, at, left)) / 2
        beyond = np.maximum(x - at[-1], 0.0)
        past = -self.tail * np.expm1(-beyond / self.tail) if self.tail else beyond
        return np.asarray(areas[index] + part + past * left[-1])

    def density(self, x: Floats) -> Floats:
        at, left = self._points
        slopes = np.append(-np.diff(left) / np.diff(at), 0.0)
        inside = slopes[np.clip(np.searchsorted(at, x, side="right") - 1, 0, len(at) - 1)]
        past = self.survival(x) / self.tail if self.tail else 0.0
        return np.asarray(np.where(x > at[-1], past, inside))

    def parameters(self, *, time: Written, number: Written) -> dict[str, Any]:
        table: dict[str, Any] = {"at": [time(x) for x in self.at], "still_waiting": [f"{x:.2%}" for x in self.still]}
        return table if self.tail is None else table | {"tail": time(self.tail)}


@dataclass(frozen=True, eq=False)
class PiecewiseExponential(Distribution):
    """A hazard, per second, that is constant from each start to the next, the last for ever.

    Friedman 1982; of callers Brown and others 2005.
    """

    starts: Floats
    pace: Floats
    name = "empirical hazard"

    @classmethod
    def fit(cls, waits: Waits, *, edges: Sequence[float]) -> Fit | None:
        """One constant hazard between each two edges, the last for ever: ends divided by seconds at risk."""
        events, exposure = by_bin(waits, edges=edges)
        used = exposure > 0
        if not events.sum() or not exposure.sum():
            return None
        hazard = np.divide(events, exposure, out=np.zeros_like(exposure), where=used)
        logs = np.log(hazard, out=np.zeros_like(hazard), where=hazard > 0)
        likelihood = float((events * logs).sum() - hazard @ by_bin(waits.likely, edges=edges)[1])
        starts = np.asarray(edges, dtype=float)[used]
        parameters = {f"from {start:g} s": float(rate) for start, rate in zip(starts, hazard[used], strict=True)}
        return Fit("empirical hazard", parameters, likelihood, int(used.sum()), cls(starts, hazard[used]))

    @cached_property
    def _hazard_at_starts(self) -> Floats:
        return np.concatenate(([0.0], np.cumsum(np.diff(self.starts) * self.pace[:-1])))

    @property
    def mean(self) -> float:
        stays, widths = np.exp(-self._hazard_at_starts), np.append(np.diff(self.starts), np.inf)
        with np.errstate(divide="ignore", invalid="ignore"):
            waited = np.where(self.pace > 0, -np.expm1(-self.pace * widths) / self.pace, widths) * stays
        return float(waited.sum())

    @property
    def kinks(self) -> tuple[float, ...]:  # type: ignore[override]
        return tuple(self.starts[1:].tolist())

    @property
    def scale(self) -> float:
        return max(float(self.starts[-1]), 60.0)

    def draw(self, rng: Generator, size: int) -> Floats:
        hazard, gone = rng.standard_exponential(size), self._hazard_at_starts
        place = np.searchsorted(gone, hazard, side="right") - 1
        with np.errstate(divide="ignore"):
            return np.asarray(self.starts[place] + (hazard - gone[place]) / self.pace[place])

    def _place(self, x: Floats) -> Any:
        return np.maximum(np.searchsorted(self.starts, x, side="right") - 1, 0)

    def cumulative_hazard(self, x: Floats) -> Floats:
        """The hazard met by x."""
        at = self._place(x)
        return np.asarray(self._hazard_at_starts[at] + (x - self.starts[at]) * self.pace[at])

    def survival(self, x: Floats) -> Floats:
        at = self._place(x)
        return np.asarray(np.exp(-self._hazard_at_starts[at] - self.pace[at] * (x - self.starts[at])))

    def restricted_mean(self, x: Floats) -> Floats:
        gone, rates = self._hazard_at_starts, np.maximum(self.pace, 1e-300)  # so small that x stays x
        whole = -np.exp(-gone[:-1]) * np.expm1(-np.diff(self.starts) * rates[:-1]) / rates[:-1]
        areas, at = np.concatenate(([0.0], np.cumsum(whole))), self._place(x)
        return np.asarray(areas[at] - np.exp(-gone[at]) * np.expm1(-rates[at] * (x - self.starts[at])) / rates[at])

    def density(self, x: Floats) -> Floats:
        return np.asarray(self.pace[self._place(x)] * self.survival(x))

    def parameters(self, *, time: Written, number: Written) -> dict[str, Any]:
        return {"at": [time(x) for x in self.starts.tolist()], "per_second": self.pace.tolist()}
