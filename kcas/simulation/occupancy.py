"""Occupancy: agents' time on calls in each half-hour, and their time available."""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kcas.simulation.engines.rows import ANSWERED, Rows
from kcas.simulation.engines.workload import Workload
from kcas.simulation.scenario.schema import Scenario

Whole = NDArray[np.int64]


def time_on_calls(scenario: Scenario, load: Workload, rows: Rows, *, first_day: int) -> pl.DataFrame:
    """Agents' time on calls and at their desks by day and interval, in seconds, while the desk is open.

    A try to ring back that nobody answers leaves no moment behind, and counts as time at the desk.
    """
    opens, closes = (round(moment * 1000) for moment in (scenario.day.opens, scenario.day.closes))
    length, days, intervals = closes - opens, len(load.first) - 1, scenario.day.intervals
    starts = np.arange(days)[:, None] * length + np.arange(intervals) * round(scenario.day.interval * 1000)
    edges = np.append(starts.ravel(), days * length)
    begins, ends, team_of, call = stretches(load, rows)
    day = np.searchsorted(load.first, call, side="right") - 1
    begins, ends = (day * length + np.clip(moment - opens, 0, length) for moment in (begins, ends))
    busy = overlaps(begins, ends, np.ones(len(begins)), edges=edges)
    staffed = np.zeros(days * intervals)
    for team in range(len(scenario.teams)):
        changed, by = roster(load, team=team, opens=opens, length=length)
        agents = np.cumsum(by)
        staffed += overlaps(changed, np.append(changed[1:], edges[-1]), agents, edges=edges)
        if (by[changed % length > 0] < 0).any():  # else nobody works on after the shift
            mine = team_of == team
            staffed += overtime(begins[mine], ends[mine], changed, by, edges=edges)
    return pl.DataFrame(
        {
            "replication": np.repeat(np.arange(first_day, first_day + days, dtype=np.int32), intervals),
            "slot": np.tile(np.arange(intervals, dtype=np.int32), days),
            "busy": busy / 1000,
            "staffed": staffed / 1000,
        }
    )


def overlaps(begins: Whole, ends: Whole, weights: NDArray[Any], *, edges: Whole) -> NDArray[np.float64]:
    """How much of each interval between edges the stretches cover, each times its weight."""
    some = ends > begins
    begins, ends, weights = begins[some], ends[some], weights[some]
    first = np.searchsorted(edges, begins, side="right") - 1
    last = np.searchsorted(edges, ends, side="left") - 1
    size = len(edges) - 1
    found = np.bincount(first, weights=(np.minimum(ends, edges[first + 1]) - begins) * weights, minlength=size)
    on = last > first
    found += np.bincount(last[on], weights=((ends - edges[last]) * weights)[on], minlength=size)
    whole_of = np.bincount(first[on] + 1, weights=weights[on], minlength=size + 1)
    whole_of -= np.bincount(last[on], weights=weights[on], minlength=size + 1)
    return np.asarray(found + np.cumsum(whole_of)[:-1] * np.diff(edges))


def overtime(begins: Whole, ends: Whole, changed: Whole, by: Whole, *, edges: Whole) -> NDArray[np.float64]:
    """How long more agents were on calls than were rostered: they finish the call in hand after their shift."""
    at = np.concatenate([changed, begins, ends])
    more = np.concatenate([-by, np.repeat([1, -1], len(begins))])
    order = np.argsort(at, kind="stable")
    at, beyond = at[order], np.maximum(np.cumsum(more[order]), 0)
    return overlaps(at[:-1], at[1:], beyond[:-1], edges=edges)


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
    return wide_integers(begins), wide_integers(ends), wide_integers(team), wide_integers(call)


def wide_integers(numbers: NDArray[Any]) -> Whole:
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
