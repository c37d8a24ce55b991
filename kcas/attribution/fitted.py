"""Fit of what the log does not show: callers' patience and the availability of agents.

Both are fitted to days that are not themselves explained. Patience: queueing time for each caller who hung up.
Availability: the share of inferred agents' time that there is for calls, the rest being work after each call that the
log does not show, at which the model loses as many callers as those days lost.
"""

from kcas.arrays import Floats
from dataclasses import dataclass

import numpy as np

from kcas.attribution.definitions import RateCounts, rate_counts
from kcas.attribution.many_days import (Days, expected_abandoned, hung_up)
from kcas.attribution.observed_days import Observed
from kcas.calls.definitions import Definition
from kcas.errors import ScenarioError

USUAL = (0.75, 0.95)  # where the search begins
LEAST, MOST = 0.3, 1.5  # beyond these it is no availability
FEWEST_LOST = 20


@dataclass(frozen=True)
class Fitted:
    """The two, with their standard errors from how days differ, and the leftovers of the days they were fitted to."""

    patience: float
    patience_error: float
    availability: float
    availability_error: float
    days: int
    beyond: float  # hung up after the definition's threshold, for each whom the model has do so; one where it has none
    beyond_error: float
    leftover: float  # of the rate observed less the rate expected, times the root of calls: 95 of 100 days are within

    def usual(self, offered: float) -> float:
        """How far the rate of so many calls lies from the model's on 95 of 100 days, either way."""
        return float(self.leftover / np.sqrt(max(offered, 1.0)))


def fit(days: Observed) -> Fitted:
    """Raises ScenarioError where too few callers hung up to say anything."""
    hung_up = float(days.lost.sum())
    if hung_up < FEWEST_LOST:
        raise ScenarioError(
            f"only {hung_up:.0f} callers hung up on the {len(days.dates)} days that would be normal. Expected at least "
            f"{FEWEST_LOST}, to say how patient callers are."
        )
    patience = float(days.queue_time.sum()) / hung_up
    ratio_error = float(np.sqrt(((days.queue_time - patience * days.lost) ** 2).sum())) / hung_up
    availability = availability_of(days, patience=patience)
    expected = expect(days, patience=patience, availability=availability)
    more = expect(days, patience=patience, availability=availability * 1.02)
    slope = (more.sum() - expected.sum()) / (0.02 * availability)
    leftovers = days.lost - expected
    asked = as_days(days, patience=patience, availability=availability)
    beyond, beyond_error = beyond_of(days, asked)
    return Fitted(
        patience=patience,
        patience_error=ratio_error,
        availability=availability,
        availability_error=float(np.sqrt((leftovers**2).sum()) / abs(slope)) if slope else 0.0,
        days=len(days.dates),
        beyond=beyond,
        beyond_error=beyond_error,
        leftover=leftover(days, asked, beyond=beyond),
    )


def availability_of(days: Observed, *, patience: float) -> float:
    """The share of inferred agents' time at which as many are lost as were."""
    from scipy.optimize import brentq

    def excess(availability: float) -> float:
        return float(expect(days, patience=patience, availability=availability).sum() - days.lost.sum())

    low, high = USUAL
    while excess(low) < 0 and low > LEAST:
        low, high = max(low / 1.5, LEAST), low
    while excess(high) > 0 and high < MOST:
        low, high = high, min(high * 1.5, MOST)
    if excess(low) < 0 or excess(high) > 0:
        return low if excess(low) < 0 else high
    return float(brentq(excess, low, high, xtol=1e-3))


def beyond_of(days: Observed, asked: Days) -> tuple[float, float]:
    """How many hung up after the threshold for each whom the model has do so, and the error of that.

    Patience is taken to be exponential; real callers hang up more at some waits than at others.
    """
    if days.definition.short is None:
        return 1.0, 0.0
    model = hung_up(asked, after=days.definition.short)[1].sum(axis=1)
    ratio = float(days.over.sum() / max(model.sum(), 1e-9))
    return ratio, float(np.sqrt(((days.over - ratio * model) ** 2).sum()) / max(model.sum(), 1e-9))


def leftover(days: Observed, asked: Days, *, beyond: float) -> float:
    """How far a day's rate lies from what the model expects on 95 of 100 days, times the root of its calls."""
    seen = days.halves
    model = expected_halves(asked, days.definition, beyond=np.full(len(days.dates), beyond))
    rates = [each.numerator / np.maximum(each.denominator, 1.0) for each in (seen, model)]
    return float(np.quantile(np.abs(rates[0] - rates[1]) * np.sqrt(seen.denominator), 0.95))


def expect(days: Observed, *, patience: float, availability: float) -> Floats:
    """The callers that the model expects to lose on each day, given its calls, agents and handling."""
    return np.asarray(expected_abandoned(as_days(days, patience=patience, availability=availability)).sum(axis=1))


def as_days(days: Observed, *, patience: float, availability: float) -> Days:
    """The days as theory needs them."""
    each = np.full(len(days.dates), patience)
    return Days(days.calls, days.agents, np.maximum(days.handle, 1.0) / availability, each, days.interval)


def expected_halves(days: Days, definition: Definition, *, beyond: Floats) -> RateCounts:
    """Both halves of each day's rate as the model expects them: callers who do not hang up are answered."""
    gone, over = (each.sum(axis=1) for each in hung_up(days, after=definition.short or 0.0))
    offered = days.calls.sum(axis=1)
    # no threshold: all are beyond it, and `beyond` is one
    return rate_counts(
        definition, offered=offered, answered=offered - gone, lost=gone, over=np.minimum(over * beyond, gone)
    )
