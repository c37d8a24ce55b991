"""What must the model suppose beyond what the log shows: how patient callers are, and how much agents' time counts?

Both are fitted to days that are not themselves explained. Patience: queueing time for each caller who hung up.
Availability: the share of inferred agents' time that there is for calls, the rest being work after each call that the
log does not show, at which the model loses as many callers as those days lost.
"""

from dataclasses import dataclass

import numpy as np

from kcas.errors import ScenarioError
from kcas.simulation.explain.many_days import Days, Floats, lost
from kcas.simulation.explain.observed import Observed

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
    return Fitted(
        patience=patience,
        patience_error=ratio_error,
        availability=availability,
        availability_error=float(np.sqrt((leftovers**2).sum()) / abs(slope)) if slope else 0.0,
        days=len(days.dates),
        leftover=float(np.quantile(np.abs(leftovers) / np.sqrt(days.offered), 0.95)),
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


def expect(days: Observed, *, patience: float, availability: float) -> Floats:
    """The callers that the model expects to lose on each day, given its calls, agents and handling."""
    each = np.full(len(days.dates), patience)
    asked = Days(days.calls, days.agents, np.maximum(days.handle, 1.0) / availability, each, days.interval)
    return np.asarray(lost(asked).sum(axis=1))
