"""How much of each half-hour did agents spend on calls, and how much had they to spend?"""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kcas.simulation.rows import ANSWERED, Rows
from kcas.simulation.scenario import Scenario
from kcas.simulation.workload import Workload

Whole = NDArray[np.int64]


def time_on_calls(scenario: Scenario, load: Workload, rows: Rows, *, first_day: int) -> pl.DataFrame:
    """Agents' time on calls and at their desks by day and interval, in seconds, while the desk is open.

    A try to ring back that nobody answers leaves no moment behind, and counts as time at the desk.
    """
    opens, closes = (round(moment * 1000) for moment in (scenario.day.opens, scenario.day.closes))
    interval, length = round(scenario.day.interval * 1000), closes - opens
    days, intervals = len(load.first) - 1, scenario.day.intervals
    busy, staffed = np.zeros(days * intervals), np.zeros(days * intervals)
    marks = np.arange(days)[:, None] * length + np.arange(intervals) * interval
    begins, ends, team_of, call = stretches(load, rows)
    day = np.searchsorted(load.first, call, side="right") - 1
    begins, ends = (day * length + np.clip(moment - opens, 0, length) for moment in (begins, ends))
    for team in range(len(scenario.teams)):
        mine = team_of == team
        changed, by = roster(load, team=team, opens=opens, length=length)
        at = np.concatenate([marks.ravel(), changed, begins[mine], ends[mine], [days * length]])
        calls, nobody = int(mine.sum()), np.zeros(marks.size, np.int64)
        taken = np.concatenate([nobody, np.zeros(len(by), np.int64), np.repeat([1, -1], calls), [0]])
        there = np.concatenate([nobody, by, np.zeros(2 * calls + 1, np.int64)])
        order = np.argsort(at, kind="stable")
        at, on_calls, agents = at[order], np.cumsum(taken[order]), np.cumsum(there[order])
        lasts = np.diff(at)
        place = np.minimum(at[:-1] // length, days - 1) * intervals + at[:-1] % length // interval
        work, room = on_calls[:-1] * lasts, np.maximum(agents[:-1] - on_calls[:-1], 0) * lasts
        busy += np.bincount(place, weights=work, minlength=days * intervals)
        staffed += np.bincount(place, weights=work + room, minlength=days * intervals)
    return pl.DataFrame(
        {
            "replication": np.repeat(np.arange(first_day, first_day + days, dtype=np.int32), intervals),
            "slot": np.tile(np.arange(intervals, dtype=np.int32), days),
            "busy": busy / 1000,
            "staffed": staffed / 1000,
        }
    )


def stretches(load: Workload, rows: Rows) -> tuple[Whole, Whole, Whole, Whole]:
    """When calls took an agent and until when, of which team, and which calls they were."""
    answered = np.flatnonzero(rows.outcome == ANSWERED)
    begins, team = rows.left[answered], rows.team[answered]
    call = answered % len(load.arrival)
    if rows.rung_back.size:
        back = np.flatnonzero(rows.rung_back >= 0)
        begins, team = np.concatenate([begins, rows.rung_back[back]]), np.concatenate([team, rows.rung_by[back]])
        call = np.concatenate([call, back % len(load.arrival)])
    ends = begins + load.talk[call] + load.wrap[call]
    return whole(begins), whole(ends), whole(team), whole(call)


def whole(numbers: NDArray[Any]) -> Whole:
    """Wide enough for days laid end to end."""
    return numbers.astype(np.int64)


def roster(load: Workload, *, team: int, opens: int, length: int) -> tuple[Whole, Whole]:
    """When the agents of a team change, on a clock of open hours alone, and by how many; each day begins with none."""
    days = len(load.first) - 1
    day = np.repeat(np.arange(days), np.diff(load.staff_first))
    mine = load.staff_team == team
    at = np.concatenate(
        [np.arange(days) * length, day[mine] * length + np.clip(load.staff_at[mine] - opens, 0, length)]
    )
    agents = np.concatenate([np.zeros(days, np.int64), load.staff_agents[mine]])
    rank = np.concatenate([np.arange(days) * 2, day[mine] * 2 + 1])
    order = np.lexsort((at, rank))
    return at[order], np.diff(agents[order], prepend=0)
