"""Counterfactual rates with some inputs of another day, and their Shapley values (Shapley 1953)."""

from kcas.arrays import Floats
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kcas.attribution.fitted import Fitted, expected_halves
from kcas.attribution.many_days import (Days)
from kcas.attribution.observed_days import Observed

A_FIT = 5000
"""Mixed days that take as long as one fit of a month or two."""


@dataclass
class Steps:
    """What is done, of how much; told as it goes on."""

    of: int
    told: Callable[[int, int], None] | None = None
    done: int = 0

    def add(self, many: int) -> None:
        """So many more are done."""
        self.done += many
        if self.told:
            self.told(self.done, self.of)


FACTORS_AT_MOST = 10  # a thousand settings of the model; each further factor doubles them


def subsets(factors: int) -> NDArray[np.bool_]:
    """Every choice of factors to swap, [choice, factor]: bit f of a choice's number says whether f is in it."""
    if not 0 < factors <= FACTORS_AT_MOST:
        raise ValueError(f"{factors} factors: from one to {FACTORS_AT_MOST} can be shared out.")
    return (np.arange(2**factors)[:, None] >> np.arange(factors) & 1).astype(bool)


def shares(values: Floats, *, factors: int) -> Floats:
    """Each factor's share of the last value less the first; `values` are the model's, choice by choice of `subsets`.

    Further axes of `values` are worked out side by side.
    """
    chosen = subsets(factors)
    size = chosen.sum(axis=1)
    found = []
    for factor in range(factors):
        without = np.flatnonzero(~chosen[:, factor])
        before = size[without]
        weight = np.array([math.factorial(n) * math.factorial(factors - n - 1) for n in before])
        gained = values[without | (1 << factor)] - values[without]
        found.append(np.tensordot(weight / math.factorial(factors), gained, axes=1))
    return np.array(found)


FACTORS = ("volume", "shape", "handling", "staff", "timing")
OF_PERIODS = ("availability", "patience")
"""Factors between two periods only: one day's hang-ups are too few to fit them to."""
AT_ONCE = 1500  # mixed days that step through the model side by side


@dataclass(frozen=True)
class Pairs:
    """Days and what each stands against: the same number of days on both sides, and what was fitted to each."""

    days: Observed
    against: Observed
    fitted: Fitted  # to the days that stand against
    fitted_days: Fitted | None = None  # to the days themselves, where they are many

    @property
    def factors(self) -> tuple[str, ...]:
        """What is swapped."""
        return FACTORS if self.fitted_days is None else (*FACTORS, *OF_PERIODS)


@dataclass(frozen=True)
class Counterfactuals:
    """Both halves of the rate as the model expects them, [choice of factors, pair]."""

    numerator: Floats
    denominator: Floats

    def rates(self, weights: Floats | None = None) -> Floats:
        """The rate of each choice; with `weights` [pair, draw] of each choice and draw."""
        if weights is None:
            return np.asarray(self.numerator.sum(axis=1) / self.denominator.sum(axis=1))
        return np.asarray((self.numerator @ weights) / (self.denominator @ weights))


def counterfactual_rates(pairs: Pairs, *, steps: Steps) -> Counterfactuals:
    """Every choice of factors."""
    sides = [parts(pairs.against), parts(pairs.days)]
    fits = [pairs.fitted, pairs.fitted_days or pairs.fitted]
    chosen = subsets(len(pairs.factors)).astype(int)
    mixed = []
    for choice in chosen:
        of = dict.fromkeys(OF_PERIODS, 0) | dict(zip(pairs.factors, choice, strict=True))
        volume, staff = sides[of["volume"]]["volume"], sides[of["staff"]]["staff"]
        mixed.append(
            (
                volume[:, None] * sides[of["shape"]]["shape"],
                staff[:, None] * sides[of["timing"]]["timing"],
                sides[of["handling"]]["handling"] / fits[of["availability"]].availability,
                np.full(len(volume), fits[of["patience"]].patience),
                np.full(len(volume), fits[of["patience"]].beyond),
            )
        )
    calls, agents, handle, waits, beyond = (np.concatenate(each) for each in zip(*mixed, strict=True))
    definition = pairs.days.definition
    found = []
    for a in range(0, len(calls), AT_ONCE):
        b = a + AT_ONCE
        some = Days(calls[a:b], agents[a:b], handle[a:b], waits[a:b], pairs.days.interval)
        found.append(expected_halves(some, definition, beyond=beyond[a:b]))
        steps.add(len(some.handle))
    shape = (len(chosen), len(pairs.days.dates))
    return Counterfactuals(
        np.concatenate([each.numerator for each in found]).reshape(shape),
        np.concatenate([each.denominator for each in found]).reshape(shape),
    )


def parts(days: Observed) -> dict[str, Floats]:
    """Each day taken apart: how many calls and when, how long they take, how many agents and when."""
    volume, agents = days.offered, days.agents.sum(axis=1)
    return {
        "volume": volume,
        "shape": days.calls / volume[:, None],
        "handling": np.maximum(days.handle, 1.0),
        "staff": agents,
        "timing": days.agents / np.maximum(agents, 1e-9)[:, None],
    }
