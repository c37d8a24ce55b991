"""Fit of what the log does not show: callers' patience and the availability of agents.

Both are fitted to days that are not themselves explained. Patience: queueing time for each caller who hung up.
Availability: the share of inferred agents' time that there is for calls, the rest being work after each call that the
log does not show, at which the model loses as many callers as those days lost.

Expected losses of many days at once, by the equations of the transient queue (`kcas.queueing.transient`).

Kolmogorov's equations (Kolmogoroff 1931) by backward Euler (Reibman and Trivedi 1988).

`exact_day` takes a day at a time and whole agents. To share out a difference hundreds of days are asked about that
differ a little, so here all step through the day together, a minute at a time (backward Euler on the chance of each
number of callers), and a part of an agent works as a part: 10.4 agents end calls 10.4 times as fast as one.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from kcas.arrays import Floats
from kcas.attribution.observed_days import Observed, RateCounts, rate_counts
from kcas.calls.definitions import Definition
from kcas.errors import ScenarioError

_STEP = 60.0
LONGEST_STEP = 5.0  # of looking ahead, while some of those who wait are answered
AFTER_CLOSE = 20  # steps in which the queue empties
_NOTHING = 1e-9  # a chance that no longer matters
DEVIATIONS = 6.0  # callers beyond the expected crowd, in standard deviations, for whom there is room


@dataclass(frozen=True)
class Days:
    """Days as theory needs them: calls and agents in each interval [day, interval]; times [day]."""

    calls: Floats
    agents: Floats
    handle: Floats  # an agent's time a call
    patience: Floats  # mean
    interval: float


def expected_abandoned(days: Days) -> Floats:
    """The callers expected to hang up, [day, interval]; those who still queue at closing count in the last."""
    return hung_up(days, after=0.0)[0]


def hung_up(days: Days, *, after: float) -> tuple[Floats, Floats]:
    """The callers expected to hang up, and those of them who do so after a wait of so long, both [day, interval]."""
    rate, finishing, leaving = days.calls / days.interval, 1 / days.handle, 1 / days.patience
    rooms = most_callers(days)
    chances = np.ones((1, len(days.handle)))
    steps = max(round(days.interval / _STEP), 1)
    lost = np.zeros((2, *days.calls.shape))
    for number in range(days.calls.shape[1] + 1):
        closed = number == days.calls.shape[1]
        owner = number - closed
        chances = with_room(chances, int(rooms[owner]))
        callers = np.arange(len(chances), dtype=float)[:, None]
        working = np.minimum(callers, days.agents[:, owner])
        waiting = callers - working
        solve = stepper(rate[:, owner] * (not closed), working * finishing + waiting * leaving, days.interval / steps)
        spent = np.zeros(chances.shape)
        for _ in range(AFTER_CLOSE if closed else steps):
            chances = solve(chances)
            spent += chances
        pace = leaving * days.interval / steps
        lost[0, :, owner] += (spent * waiting).sum(axis=0) * pace
        if after:
            staying = still_there(waiting, working * finishing, leaving, after=after)
            lost[1, :, owner] += (spent * staying).sum(axis=0) * pace
    return lost[0], lost[1] if after else lost[0]


def still_there(waiting: Floats, finishing: Floats, leaving: Floats, *, after: float) -> Floats:
    """Of those who wait, [state, day], how many are expected to wait still after so long.

    In the order of arrival no one who came later takes their turn, so they only grow fewer: a caller who hangs up
    before then, or is answered, is gone. A caller who hangs up later does so after a wait of more than that.
    """
    pace = np.where(waiting > 0, finishing + waiting * leaving, 0.0)
    steps = max(int(np.ceil(after / LONGEST_STEP)), 1)
    half = pace * after / steps / 2
    here = waiting
    for _ in range(steps):  # the trapezoidal rule, solved from the fewest upward: the fewest are no one
        moved = np.zeros_like(here)
        for state in range(1, len(here)):
            gone = half[state] * (here[state - 1] - here[state] + moved[state - 1])
            moved[state] = (here[state] + gone) / (1 + half[state])
        here = moved
    return here


def with_room(chances: Floats, room: int) -> Floats:
    """The chances with room for so many callers, or for as many as there may be already."""
    likely = np.flatnonzero(chances.max(axis=1) > _NOTHING)
    size = max(room, int(likely[-1]) if likely.size else 0) + 1
    return chances[:size] if size <= len(chances) else np.pad(chances, ((0, size - len(chances)), (0, 0)))


def most_callers(days: Days) -> Floats:
    """Callers at once beyond whom there is no need to look, [interval]."""
    rate = days.calls / days.interval
    crowd = days.agents + np.maximum(rate - days.agents / days.handle[:, None], 0) * days.patience[:, None]
    load = rate * np.maximum(days.handle, days.patience)[:, None]
    return np.asarray(np.ceil((crowd + DEVIATIONS * np.sqrt(load + 1)).max(axis=0)) + 5)


def stepper(arriving: Floats, leaving: Floats, step: float) -> Callable[[Floats], Floats]:
    """A function that moves the chances one step on: the tridiagonal system is taken apart once for all its steps.

    (I − h Qᵀ) p(t + h) = p(t)
    """
    room = len(leaving) - 1
    up = np.broadcast_to(arriving, leaving.shape).copy()
    up[room] = 0.0
    middle = 1 + step * (up + leaving)
    pivot, ratio = np.empty_like(middle), np.empty_like(middle)
    pivot[0] = middle[0]
    for state in range(1, room + 1):
        ratio[state] = step * up[state - 1] / pivot[state - 1]
        pivot[state] = middle[state] - ratio[state] * step * leaving[state]

    def solve(chances: Floats) -> Floats:
        moved = chances.copy()
        for state in range(1, room + 1):
            moved[state] += ratio[state] * moved[state - 1]
        moved[room] /= pivot[room]
        for state in range(room - 1, -1, -1):
            moved[state] = (moved[state] + step * leaving[state + 1] * moved[state + 1]) / pivot[state]
        return moved

    return solve


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
