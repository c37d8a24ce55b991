"""Loss of a day by a Markov chain, for fractional agents and patience with any hazard; many days at once.

A birth-and-death chain carried through the day in steps. It differs from the exact day in two things a fit
needs: the number of agents need not be whole, so that availability can be turned smoothly; and of k callers waiting
the j-th from the end is taken to have waited j / arrivals, so that hang-ups follow a measured hazard (Whitt 2005).
"""

from kcas.arrays import Floats
from dataclasses import dataclass

import numpy as np
from scipy.linalg.lapack import dgttrf, dgttrs

from kcas.calibration.day_records import (INTERVAL)

STEP = 60.0  # seconds; backward Euler, which stays a chance however long the step
ROOM = 100  # callers in the system at most; a queue of so many on a desk this would be fitted to is lost anyway


@dataclass(frozen=True)
class Hazard:
    """At what pace a second callers give up, from each of these waits on."""

    starts: Floats
    pace: Floats

    def until(self, wait: Floats) -> Floats:
        """The hazard met by someone who waits so long."""
        sums = np.concatenate([[0.0], np.cumsum(np.diff(self.starts) * self.pace[:-1])])
        place = np.clip(np.searchsorted(self.starts, wait, side="right") - 1, 0, len(self.starts) - 1)
        return np.asarray(sums[place] + (wait - self.starts[place]) * self.pace[place])


def lost_calls(arrivals: Floats, agents: Floats, handling: Floats, hazard: Hazard) -> Floats:
    """Calls given up in each interval; rows are days, `arrivals` calls an interval, `handling` one mean a day."""
    rows, intervals = arrivals.shape
    room = ROOM + int(np.ceil(agents.max(initial=0.0)))
    chance = np.zeros((rows, room + 1))
    chance[:, 0] = 1.0
    found = np.zeros(arrivals.shape)
    used = np.flatnonzero(arrivals.sum(axis=0) > 0)
    for number in range(used[0] if len(used) else 0, (used[-1] + 2) if len(used) else 0):
        if number >= intervals:
            break
        chance, found[:, number] = one_interval(
            chance, arrivals[:, number] / INTERVAL, agents[:, number], handling, hazard
        )
    return found


def one_interval(
    chance: Floats, pace: Floats, agents: Floats, handling: Floats, hazard: Hazard
) -> tuple[Floats, Floats]:
    """The chances at the end of an interval, and the calls given up within it."""
    callers = np.arange(chance.shape[1], dtype=float)[None, :]
    busy = np.minimum(callers, agents[:, None])
    apart = np.maximum(pace, 1e-4)[:, None]  # so that the queue of a quiet hour is not taken to be endlessly old
    leave = apart * hazard.until((callers - busy) / apart)
    down = busy / handling[:, None] + leave
    up = np.repeat(pace[:, None], chance.shape[1], axis=1)
    up[:, -1] = 0.0
    # all days stand in one tridiagonal system, their first and last states not joined
    below, above = -STEP * up.ravel()[:-1], -STEP * down.ravel()[1:]
    *factors, failed = dgttrf(below, 1 + STEP * (up + down).ravel(), above)
    if failed:
        raise ArithmeticError("the queue's equations cannot be solved")
    state, spent = chance.ravel(), np.zeros(chance.size)
    for _ in range(round(INTERVAL / STEP)):
        state, _ = dgttrs(*factors, state)
        spent += state
    return state.reshape(chance.shape), np.asarray((spent.reshape(chance.shape) * leave).sum(axis=1) * STEP)
