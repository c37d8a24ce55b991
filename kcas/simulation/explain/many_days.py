"""What does theory expect of many days at once: their calls lost, by the same equations as `exact_day`?

`exact_day` takes a day at a time and whole agents. To share out a difference hundreds of days are asked about that
differ a little, so here all step through the day together, a minute at a time (backward Euler on the chance of each
number of callers), and a part of an agent works as a part: 10.4 agents end calls 10.4 times as fast as one.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
STEP = 60.0
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


def lost(days: Days) -> Floats:
    """The callers expected to hang up, [day, interval]; those who still queue at closing count in the last."""
    rate, finishing, leaving = days.calls / days.interval, 1 / days.handle, 1 / days.patience
    rooms = most_callers(days)
    chances = np.ones((1, len(days.handle)))
    steps = max(round(days.interval / STEP), 1)
    found = np.zeros(days.calls.shape)
    for number in range(days.calls.shape[1] + 1):
        closed = number == days.calls.shape[1]
        owner = number - closed
        chances = with_room(chances, int(rooms[owner]))
        callers = np.arange(len(chances))[:, None]
        working = np.minimum(callers, days.agents[:, owner])
        waiting = callers - working
        solve = stepper(rate[:, owner] * (not closed), working * finishing + waiting * leaving, days.interval / steps)
        for _ in range(AFTER_CLOSE if closed else steps):
            chances = solve(chances)
            found[:, owner] += (chances * waiting).sum(axis=0) * leaving * days.interval / steps
    return found


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
