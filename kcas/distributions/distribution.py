"""What every law of a duration can do; and the laws that need no fitting: endless, fixed, uniform, mixed.

With T the duration in seconds, `survival(x)` is S(x) = P(T > x), `restricted_mean(x)` is E[min(T, x)], the integral of
S from 0 to x, and `density(x)` is f(x) = -S'(x) where S has a slope. All take arrays and give arrays. `draw` samples
with a NumPy generator; `table` is the law as a scenario writes it. `kinks` are where S turns sharply: quadrature must
not step across. `scale` is where the law does most of its work, and sets the first step of a search.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.random import Generator

from kcas.arrays import Floats
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
        return {"distribution": self.name, **self.parameters(time=time, number=number)}

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
