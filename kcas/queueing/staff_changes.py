"""Who is at work and who waits when the staff change: more agents take callers, fewer finish the call in hand.

Between the stretches of a day the chances stand as a table of (agents at work, callers waiting); within one, as the
rows that `exact_step` moves on.
"""

from collections.abc import Sequence

import numpy as np

from kcas.queueing.transient_step import Floats, Rates, room

NOTHING = 1e-15  # a chance that no longer matters


def initial_state(start: Floats | None, agents: int, most_waiting: int) -> Floats:
    """The chance of (agents at work, callers waiting)."""
    start = np.ones(1) if start is None else start
    chances = np.zeros((max(agents, len(start)) + 1, max(most_waiting, len(start)) + 1))
    for callers, chance in enumerate(start):
        working = min(callers, agents)
        chances[working, callers - working] += chance
    return chances


def change_staff(chances: Floats, agents: int, *, finish_call: bool) -> Floats:
    """More agents take callers who wait; fewer finish the call in hand, or hand it on."""
    changed = np.zeros((max(agents + 1, chances.shape[0]), sum(chances.shape)))
    for working, waiting in zip(*np.nonzero(chances), strict=True):
        taken = min(waiting, agents - working) if working < agents or not finish_call else 0
        changed[working + taken, waiting - taken] += chances[working, waiting]
    return changed


def rows(chances: Floats, rates: Rates, *, most_waiting: int) -> list[Floats]:
    """The chances as `step` wants them: nobody beyond the roster by callers in the system, then by callers waiting."""
    agents = rates.agents
    beyond = np.flatnonzero(chances[agents + 1 :].sum(axis=1) > NOTHING)
    most = agents + room(rates, most_waiting=most_waiting, extra=0)
    first = np.zeros((most if rates.lines is None else min(most, rates.lines)) + 1)
    for working in range(agents + 1):
        part = chances[working, : max(len(first) - working, 0)]
        first[working : working + len(part)] += part
    found = [first]
    for extra in range(1, int(beyond[-1]) + 2 if len(beyond) else 1):
        size = room(rates, most_waiting=most_waiting, extra=extra) + 1
        found.append(chances[agents + extra, :size])
    return found


def grid(parts: Sequence[Floats], rates: Rates) -> Floats:
    """Back to the chance of (agents at work, callers waiting)."""
    agents = rates.agents
    chances = np.zeros((agents + len(parts), max(len(row) for row in parts)))
    free = parts[0][: agents + 1]
    chances[np.arange(len(free)), 0] = free
    chances[agents, : max(len(parts[0]) - agents, 0)] = parts[0][agents:]
    for extra, row in enumerate(parts[1:], start=1):
        chances[agents + extra, : len(row)] = row
    return np.where(np.abs(chances) > NOTHING, chances, 0.0)


def queued(chances: Floats) -> float:
    """The mean number of callers waiting."""
    return float(chances.sum(axis=0) @ np.arange(chances.shape[1]))
