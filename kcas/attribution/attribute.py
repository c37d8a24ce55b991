"""Attribution of one day's or period's rate against another's: each factor's share (Shapley 1953) and the remainder.

The shares are the model's, and model is not proof. What the model does not account for is left as chance and the rest:
the observed difference less all shares, so that everything adds up to the difference itself.
"""

from kcas.arrays import Floats
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from kcas.attribution.comparators import FEWEST, HOLIDAY, HolidaysMet, holidays_left_out, kinds, normal_days, recent
from kcas.attribution.counterfactuals import A_FIT, FACTORS, OF_PERIODS, Pairs, Steps, counterfactual_rates, shares
from kcas.attribution.fitted import Fitted, fit
from kcas.attribution.observed_days import Observed
from kcas.attribution.period_counts import Side, side
from kcas.calls.definitions import Definition
from kcas.errors import ScenarioError

Told = Callable[[int, int], None] | None
DRAWS = 400
SEED = 20100401
REACH = 1.96  # standard errors in half a 95 % interval
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


def why_day(days: Observed, day: date, *, against: Observed | None = None, told: Told = None) -> Why:
    """One day against normal: its like before it, or the days given. ScenarioError where there are too few."""
    number = place_of(days, day)
    refuse_unnamed(days)
    normal = against or normal_days(days, day)
    steps = Steps(work(normal, fits=1, pairs=len(normal.dates)), told)
    fitted = fit(recent(days, day) if against is None else against)
    steps.add(A_FIT)
    here, alone = days.of([number] * len(normal.dates)), days.of([number])
    out = {} if against else holidays_left_out(days, day, normal=normal)
    met = HolidaysMet(alone.holidays, normal.holidays, out, given=against is not None)
    pairs = Pairs(here, normal, fitted)
    return why(pairs, now=side(alone), against=side(normal), dates=(day,), holidays=met, steps=steps)


def why_period(now: Observed, against: Observed, *, told: Told = None) -> Why:
    """One period against another, day by day on the same weekdays; holidays on holidays where both have some."""
    refuse_unnamed(now)
    refuse_unnamed(against)
    draw = np.random.default_rng(SEED)
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
    steps = Steps(work(against, fits=2, pairs=len(some)), told)
    fits = []
    for each in (against, now):
        fits.append(fit(each))
        steps.add(A_FIT)
    pairs = Pairs(now.of([int(here[n]) for n in some]), against.of([int(there[n]) for n in some]), *fits)
    met = HolidaysMet(now.holidays, against.holidays, given=True)
    return why(pairs, now=side(now), against=side(against), dates=now.dates, holidays=met, steps=steps)


def why(pairs: Pairs, *, now: Side, against: Side, dates: tuple[date, ...], holidays: HolidaysMet, steps: Steps) -> Why:
    """The shares of these pairs, each with its interval, and what is left over."""
    count, factors = len(pairs.against.dates), len(pairs.factors)
    plain = counterfactual_rates(pairs, steps=steps)
    middle = shares(plain.rates(), factors=factors)
    draws = np.random.default_rng(SEED).multinomial(count, np.full(count, 1 / count), size=DRAWS).T.astype(float)
    drawn = plain.rates(draws)
    spread = shares(drawn, factors=factors).var(axis=1, ddof=1) + fitted_variance(pairs, steps=steps)
    reach = REACH * np.sqrt(spread)
    named = zip(pairs.factors, middle, reach, strict=True)
    leftover = now.rate - against.rate - float(middle.sum())
    usual = float(np.hypot(pairs.fitted.usual(now.denominator), REACH * drawn[-1].std()))
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


def fitted_variance(pairs: Pairs, *, steps: Steps) -> Floats:
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
        told = f"{days.dates[0]} to {days.dates[-1]}" if days.dates else "no day at all"
        raise ScenarioError(f"{day}: no call was offered that day. The log tells of {told}.")
    return days.dates.index(day)


def refuse_unnamed(days: Observed) -> None:
    """Raises ScenarioError where no one can say who was on the phones."""
    if not days.agents.any():
        raise ScenarioError(
            "the log does not say which agent took a call, so no one can tell how many were on the phones. Nothing can "
            "be explained from it."
        )
