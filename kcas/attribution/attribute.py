"""Attribution of one day's or period's rate against another's: each factor's share (Shapley 1953) and the remainder.

The shares are the model's, and model is not proof. What the model does not account for is left as chance and the rest:
the observed difference less all shares, so that everything adds up to the difference itself.

Counterfactual rates with some inputs of another day, and their Shapley values (Shapley 1953).

Counts and inputs of one side of a comparison.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kcas.arrays import Floats
from kcas.attribution.comparators import FEWEST, HOLIDAY, HolidaysMet, holidays_left_out, kinds, normal_days, recent
from kcas.attribution.fitted import Days, Fitted, expected_halves, fit
from kcas.attribution.observed_days import Observed, refuse_left_otherwise
from kcas.calls.definitions import Definition
from kcas.errors import ScenarioError

A_FIT = 5000
"""Mixed days that take as long as one fit of a month or two."""


@dataclass
class _Steps:
    """What is done, of how much; told as it goes on."""

    of: int
    progress: Callable[[int, int], None] | None = None
    done: int = 0

    def add(self, many: int) -> None:
        """So many more are done."""
        self.done += many
        if self.progress:
            self.progress(self.done, self.of)


FACTORS_AT_MOST = 10  # a thousand settings of the model; each further factor doubles them


def subsets(factors: int) -> NDArray[np.bool_]:
    """Every choice of factors to swap, [choice, factor]: bit f of a choice's number says whether f is in it."""
    if not 0 < factors <= FACTORS_AT_MOST:
        raise ValueError(f"{factors} factors: from one to {FACTORS_AT_MOST} can be shared out.")
    return (np.arange(2**factors)[:, None] >> np.arange(factors) & 1).astype(bool)


def shares(values: Floats, *, factors: int) -> Floats:
    """Each factor's share of the last value less the first; `values` are the model's, choice by choice of `subsets`.

        φ_f = Σ_S |S|!(n − |S| − 1)!/n! (v(S ∪ f) − v(S))   (Shapley 1953)

    Further axes of `values` are worked out side by side.
    """
    chosen = subsets(factors)
    size = chosen.sum(axis=1)
    parts = []
    for factor in range(factors):
        without = np.flatnonzero(~chosen[:, factor])
        before = size[without]
        weight = np.array([math.factorial(n) * math.factorial(factors - n - 1) for n in before])
        gained = values[without | (1 << factor)] - values[without]
        parts.append(np.tensordot(weight / math.factorial(factors), gained, axes=1))
    return np.array(parts)


FACTORS = ("volume", "shape", "handling", "staff", "timing")
OF_PERIODS = ("availability", "patience")
"""Factors between two periods only: one day's hang-ups are too few to fit them to."""
_AT_ONCE = 1500  # mixed days that step through the model side by side


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


def counterfactual_rates(pairs: Pairs, *, steps: _Steps) -> Counterfactuals:
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
    rates = []
    for a in range(0, len(calls), _AT_ONCE):
        b = a + _AT_ONCE
        some = Days(calls[a:b], agents[a:b], handle[a:b], waits[a:b], pairs.days.interval)
        rates.append(expected_halves(some, definition, beyond=beyond[a:b]))
        steps.add(len(some.handle))
    shape = (len(chosen), len(pairs.days.dates))
    return Counterfactuals(
        np.concatenate([each.numerator for each in rates]).reshape(shape),
        np.concatenate([each.denominator for each in rates]).reshape(shape),
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


@dataclass(frozen=True)
class Side:
    """Counts of one side of the difference, and what they were made of."""

    numerator: float
    denominator: float
    lost: float  # whatever the definition
    offered: float
    handle: float
    agent_hours: float  # a day
    days: int
    calls_by_interval: tuple[float, ...]  # mean over its days, as the next
    agents_by_interval: tuple[float, ...]

    @property
    def rate(self) -> float:
        """By the definition."""
        return self.numerator / self.denominator


def side(days: Observed) -> Side:
    """The days' counts added."""
    handled, counted = max(float(days.handled.sum()), 1.0), days.halves
    offered, lost = float(days.offered.sum()), float(days.lost.sum())
    refuse_left_otherwise(days.definition, offered=offered, answered=float(days.answered.sum()), lost=lost)
    return Side(
        numerator=float(counted.numerator.sum()),
        denominator=float(counted.denominator.sum()),
        lost=lost,
        offered=offered,
        handle=float((days.handle * days.handled).sum()) / handled,
        agent_hours=float(days.agents.sum()) * days.interval / 3600 / len(days.dates),
        days=len(days.dates),
        calls_by_interval=tuple(days.calls.mean(axis=0).tolist()),
        agents_by_interval=tuple(days.agents.mean(axis=0).tolist()),
    )


_Told = Callable[[int, int], None] | None
DRAWS = 400
_SEED = 20100401
_REACH = 1.96  # standard errors in half a 95 % interval
FITTED = ("availability", "patience", "beyond")
MOST_PAIRS, FEW_PAIRS = 36, 12  # all are swapped; the few say what the fit's errors do


@dataclass(frozen=True)
class Share:
    """A factor's part of the difference, as a share of one, with its 95 % interval."""

    factor: str
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Why:
    """The difference and its shares; they add up to it."""

    now: Side
    against: Side
    shares: tuple[Share, ...]
    chance: (
        Share  # with the interval in which it lies on 95 of 100 days, if only chance and what days always hide is in it
    )
    expected: float  # what the model expects of these days, given all factors
    within: bool  # whether the observed rate lies where the model would have it in 95 of 100 days
    fitted: Fitted
    dates: tuple[date, ...]
    dates_against: tuple[date, ...]
    opens: float  # seconds after midnight at which the first interval begins
    interval: float
    holidays: HolidaysMet
    definition: Definition
    fitted_now: Fitted | None = None  # to the days themselves, where two periods are compared

    @property
    def difference(self) -> float:
        """The rate less the rate that it stands against."""
        return self.now.rate - self.against.rate


def why_day(days: Observed, day: date, *, against: Observed | None = None, progress: _Told = None) -> Why:
    """One day against normal: its like before it, or the days given. ScenarioError where there are too few."""
    number = place_of(days, day)
    refuse_unnamed(days)
    normal = against or normal_days(days, day)
    steps = _Steps(work(normal, fits=1, pairs=len(normal.dates)), progress)
    fitted = fit(recent(days, day) if against is None else against)
    steps.add(A_FIT)
    here, alone = days.of([number] * len(normal.dates)), days.of([number])
    out = {} if against else holidays_left_out(days, day, normal=normal)
    met = HolidaysMet(alone.holidays, normal.holidays, out, given=against is not None)
    pairs = Pairs(here, normal, fitted)
    return why(pairs, now=side(alone), against=side(normal), dates=(day,), holidays=met, steps=steps)


def why_period(now: Observed, against: Observed, *, progress: _Told = None) -> Why:
    """One period against another, day by day on the same weekdays; holidays on holidays where both have some."""
    refuse_unnamed(now)
    refuse_unnamed(against)
    draw = np.random.default_rng(_SEED)
    here, there = [], []
    apart = bool(now.holidays) and bool(against.holidays)
    ours, others = kinds(now, apart=apart), kinds(against, apart=apart)
    for kind in range(HOLIDAY + 1):
        mine, theirs = np.flatnonzero(ours == kind), np.flatnonzero(others == kind)
        if len(mine) and len(theirs):
            many = max(len(mine), len(theirs))
            here += list(np.resize(draw.permutation(mine), many))
            there += list(np.resize(draw.permutation(theirs), many))
    if len(here) < FEWEST:
        raise ScenarioError(
            f"the two periods share only {len(here)} weekdays with calls. Expected {FEWEST} days at least on each side."
        )
    some = draw.permutation(len(here))[:MOST_PAIRS]
    steps = _Steps(work(against, fits=2, pairs=len(some)), progress)
    fits = []
    for each in (against, now):
        fits.append(fit(each))
        steps.add(A_FIT)
    pairs = Pairs(now.of([int(here[n]) for n in some]), against.of([int(there[n]) for n in some]), *fits)
    met = HolidaysMet(now.holidays, against.holidays, given=True)
    return why(pairs, now=side(now), against=side(against), dates=now.dates, holidays=met, steps=steps)


def why(
    pairs: Pairs, *, now: Side, against: Side, dates: tuple[date, ...], holidays: HolidaysMet, steps: _Steps
) -> Why:
    """The shares of these pairs, each with its interval (bootstrap over pairs, Efron 1979), and what is left over."""
    count, factors = len(pairs.against.dates), len(pairs.factors)
    plain = counterfactual_rates(pairs, steps=steps)
    middle = shares(plain.rates(), factors=factors)
    draws = np.random.default_rng(_SEED).multinomial(count, np.full(count, 1 / count), size=DRAWS).T.astype(float)
    drawn = plain.rates(draws)
    spread = shares(drawn, factors=factors).var(axis=1, ddof=1) + fitted_variance(pairs, steps=steps)
    reach = _REACH * np.sqrt(spread)
    named = zip(pairs.factors, middle, reach, strict=True)
    leftover = now.rate - against.rate - float(middle.sum())
    usual = float(np.hypot(pairs.fitted.usual(now.denominator), _REACH * drawn[-1].std()))
    expected = float(plain.rates()[-1])
    return Why(
        now=now,
        against=against,
        shares=tuple(Share(name, float(m), float(m - r), float(m + r)) for name, m, r in named),
        chance=Share("chance", leftover, -usual, usual),
        expected=expected,
        within=abs(now.rate - expected) <= usual,
        fitted=pairs.fitted,
        dates=dates,
        dates_against=tuple(sorted(set(pairs.against.dates))),
        opens=pairs.days.opens,
        interval=pairs.days.interval,
        holidays=holidays,
        definition=pairs.days.definition,
        fitted_now=pairs.fitted_days,
    )


def work(days: Observed, *, fits: int, pairs: int) -> int:
    """How many mixed days are asked about, fits included."""
    factors = len(FACTORS) + (len(OF_PERIODS) if fits > 1 else 0)
    turned = 1 + fits * (len(FITTED) if days.definition.short is not None else len(FITTED) - 1)
    return int(2**factors * (pairs + turned * len(few_of(pairs)))) + fits * A_FIT


def few_of(pairs: int) -> list[int]:
    """Which pairs say what the fit's errors do."""
    return list(range(0, pairs, -(-pairs // FEW_PAIRS)))


def fitted_variance(pairs: Pairs, *, steps: _Steps) -> Floats:
    """What the errors of what was fitted add to the variance of each share, each side's by itself."""
    count, factors = len(pairs.against.dates), len(pairs.factors)
    some = few_of(count)
    few = replace(pairs, days=pairs.days.of(some), against=pairs.against.of(some))
    start = shares(counterfactual_rates(few, steps=steps).rates(), factors=factors)
    moved = []
    sides: dict[str, Any] = {"fitted": few.fitted, "fitted_days": few.fitted_days}
    for name, fitted in sides.items():
        for what in FITTED if fitted else ():
            if not getattr(fitted, f"{what}_error"):
                continue
            off = replace(fitted, **{what: getattr(fitted, what) + getattr(fitted, f"{what}_error")})
            other = replace(few, **{name: off})
            moved.append(shares(counterfactual_rates(other, steps=steps).rates(), factors=factors) - start)
    return np.asarray(sum(each**2 for each in moved))


def place_of(days: Observed, day: date) -> int:
    """Which of the days it is. Raises ScenarioError where it has no calls."""
    if day not in days.dates:
        held = f"{days.dates[0]} to {days.dates[-1]}" if days.dates else "no day at all"
        raise ScenarioError(f"{day}: no call was offered that day. The log tells of {held}.")
    return days.dates.index(day)


def refuse_unnamed(days: Observed) -> None:
    """Raises ScenarioError where no one can say who was on the phones."""
    if not days.agents.any():
        raise ScenarioError(
            "the log does not say which agent took a call, so no one can tell how many were on the phones. Nothing can "
            "be explained from it."
        )
