"""Expected losses of many days at once, by the equations of the transient queue (`kcas.queueing.transient`).

`exact_day` takes a day at a time and whole agents. To share out a difference hundreds of days are asked about that
differ a little, so here all step through the day together, a minute at a time (backward Euler on the chance of each
number of callers), and a part of an agent works as a part: 10.4 agents end calls 10.4 times as fast as one.
"""

from kcas.arrays import Floats
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

STEP = 60.0
LONGEST_STEP = 5.0  # of looking ahead, while some of those who wait are answered
AFTER_CLOSE = 20  # steps in which the queue empties
NOTHING = 1e-9  # a chance that no longer matters
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
    steps = max(round(days.interval / STEP), 1)
    found = np.zeros((2, *days.calls.shape))
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
        found[0, :, owner] += (spent * waiting).sum(axis=0) * pace
        if after:
            staying = still_there(waiting, working * finishing, leaving, after=after)
            found[1, :, owner] += (spent * staying).sum(axis=0) * pace
    return found[0], found[1] if after else found[0]


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
    likely = np.flatnonzero(chances.max(axis=1) > NOTHING)
    size = max(room, int(likely[-1]) if likely.size else 0) + 1
    return chances[:size] if size <= len(chances) else np.pad(chances, ((0, size - len(chances)), (0, 0)))


def most_callers(days: Days) -> Floats:
    """Callers at once beyond whom there is no need to look, [interval]."""
    rate = days.calls / days.interval
    crowd = days.agents + np.maximum(rate - days.agents / days.handle[:, None], 0) * days.patience[:, None]
    load = rate * np.maximum(days.handle, days.patience)[:, None]
    return np.asarray(np.ceil((crowd + DEVIATIONS * np.sqrt(load + 1)).max(axis=0)) + 5)


def stepper(arriving: Floats, leaving: Floats, step: float) -> Callable[[Floats], Floats]:
    """A function that moves the chances one step on: the tridiagonal system is taken apart once for all its steps."""
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
