"""State of the contact centre at a time: callers waiting, calls in progress, agents available."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kcas.simulation.engines.rows import ANSWERED, NOT_USED, Rows
from kcas.simulation.engines.workload import Workload

Whole = NDArray[np.int64]


@dataclass(frozen=True)
class Present:
    """The desk at a moment; times in milliseconds, as the engines have them."""

    at: int  # after midnight
    waiting_type: Whole  # [caller] who wait, longest first
    waited: Whole
    busy_type: Whole  # [agent] whose call, or its wrap-up, is in hand
    busy_team: Whole
    busy_for: Whole
    rostered: Whole  # [team] on the phones, the busy ones included


def present_of(load: Workload, rows: Rows, *, at: int, day: int = 0) -> Present:
    """How a simulated day without redials, callbacks or a menu stood at a moment."""
    calls = np.arange(load.first[day], load.first[day + 1])
    arrived = rows.arrived[calls]
    there = (arrived <= at) & (rows.outcome[calls] != NOT_USED)
    left = np.where(rows.left[calls] < 0, at + 1, rows.left[calls])
    waits = calls[there & (left > at)]
    handled = rows.outcome[calls] == ANSWERED
    busy = calls[handled & (left <= at) & (left + load.talk[calls] + load.wrap[calls] > at)]
    changes = slice(load.staff_first[day], load.staff_first[day + 1])
    teams = rows.idle.shape[1]
    rostered = np.zeros(teams, np.int64)
    for moment, team, agents in zip(
        load.staff_at[changes], load.staff_team[changes], load.staff_agents[changes], strict=True
    ):
        if moment <= at:
            rostered[team] = agents
    return Present(
        at=at,
        waiting_type=load.call_type[waits],
        waited=at - load.arrival[waits],
        busy_type=load.call_type[busy],
        busy_team=rows.team[busy].astype(np.int64),
        busy_for=at - rows.left[busy].astype(np.int64),
        rostered=rostered,
    )
