"""Tallies of each simulated day, counted as a log is, with the agents' occupancy."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
import polars.selectors as cs
from numpy.typing import NDArray

from kcas.arrays import Whole
from kcas.calls.call import OFFERED, OUTCOMES
from kcas.calls.definitions import Definition, ServiceLevel
from kcas.calls.histogram import histogram, tally
from kcas.calls.rates import with_rates
from kcas.simulation.engines.tables import ANSWERED, CALLBACK, SELF_SERVED, Desk, Rows, Workload
from kcas.simulation.scenario.data_range import longest_known
from kcas.simulation.scenario.schema import Scenario
from kcas.simulation.simulated_calls import short_calls


def time_on_calls(scenario: Scenario, load: Workload, rows: Rows, *, first_day: int) -> pl.DataFrame:
    """Agents' time on calls and at their desks by day and interval, in seconds, while the desk is open.

    A try to ring back that no one answers leaves no moment behind, and counts as time at the desk.
    """
    opens, closes = (round(moment * 1000) for moment in (scenario.day.opens, scenario.day.closes))
    length, days, intervals = closes - opens, len(load.first) - 1, scenario.day.intervals
    starts = np.arange(days)[:, None] * length + np.arange(intervals) * round(scenario.day.interval * 1000)
    edges = np.append(starts.ravel(), days * length)
    begins, ends, team_of, call = _stretches(load, rows)
    day = np.searchsorted(load.first, call, side="right") - 1
    begins, ends = (day * length + np.clip(moment - opens, 0, length) for moment in (begins, ends))
    busy = overlaps(begins, ends, np.ones(len(begins)), edges=edges)
    staffed = np.zeros(days * intervals)
    for team in range(len(scenario.teams)):
        changed, by = roster(load, team=team, opens=opens, length=length)
        agents = np.cumsum(by)
        staffed += overlaps(changed, np.append(changed[1:], edges[-1]), agents, edges=edges)
        if (by[changed % length > 0] < 0).any():  # else no one works on after the shift
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
    totals = np.bincount(first, weights=(np.minimum(ends, edges[first + 1]) - begins) * weights, minlength=size)
    on = last > first
    totals += np.bincount(last[on], weights=((ends - edges[last]) * weights)[on], minlength=size)
    whole_of = np.bincount(first[on] + 1, weights=weights[on], minlength=size + 1)
    whole_of -= np.bincount(last[on], weights=weights[on], minlength=size + 1)
    return np.asarray(totals + np.cumsum(whole_of)[:-1] * np.diff(edges))


def overtime(begins: Whole, ends: Whole, changed: Whole, by: Whole, *, edges: Whole) -> NDArray[np.float64]:
    """How long more agents were on calls than were rostered: they finish the call in hand after their shift."""
    at = np.concatenate([changed, begins, ends])
    more = np.concatenate([-by, np.repeat([1, -1], len(begins))])
    order = np.argsort(at, kind="stable")
    at, beyond = at[order], np.maximum(np.cumsum(more[order]), 0)
    return overlaps(at[:-1], at[1:], beyond[:-1], edges=edges)


def _stretches(load: Workload, rows: Rows) -> tuple[Whole, Whole, Whole, Whole]:
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


GROUPS = {"total": None, "intervals": "slot", "by_type": "type_number", "by_team": "team_number"}
COUNTS = ("offered", *OUTCOMES)
RATIOS = {
    "rate": ("numerator", "denominator"),
    "service_level": ("service_level_numerator", "service_level_denominator"),
    "average_speed_of_answer": ("wait_answered", "answered_waits"),
    "average_handle_time": ("handle", "handled"),
    "wait_all": ("wait_joined", "joined"),
    "rate_with_unreached_callbacks": ("not_reached", "denominator"),
    "rate_per_person": ("people_never_answered", "people"),
    "occupancy": ("busy", "staffed"),
}
"""Each rate or mean with the sums that are its halves."""
SHARES = ("rate", "service_level", "rate_with_unreached_callbacks", "rate_per_person", "occupancy")
"""Which of them are shares of a whole, from zero to one."""
HALVES = ("numerator", "denominator", "service_level_numerator", "service_level_denominator")
"""What the rate and the service level are made of, per day."""
PEOPLE = ("people", "people_never_answered", "callbacks_reached", "callbacks_not_reached", "redials")


@dataclass(frozen=True)
class Tallies:
    """For each grouping, a row for each day and group, of things that add."""

    by: dict[str, pl.DataFrame]


def tallies(
    scenario: Scenario,
    desk: Desk,
    load: Workload,
    rows: Rows,
    *,
    first_day: int,
    definition: Definition,
    service_level: ServiceLevel,
) -> Tallies:
    """Every count of these days."""
    calls = short_calls(scenario, load, rows, first_day=first_day)
    keys = ["replication", "slot", "type_number", "team_number"]
    counted = histogram(calls.lazy(), keys=[pl.col(key) for key in keys])
    columns = {}
    for name, group in GROUPS.items():
        by = ["replication", group] if group else ["replication"]
        frame = with_rates(
            tally(counted, keys=by, definition=definition, service_level=service_level),
            definition=definition,
            service_level=service_level,
        )
        columns[name] = frame.join(waits_of_all(counted, by=by), on=by, how="left")
    beyond = waits_beyond_patience(scenario, counted)
    columns["by_type"] = columns["by_type"].join(beyond, on=["replication", "type_number"], how="left")
    people = people_of(load, rows, first_day=first_day)
    work = work_of(desk, load, rows, first_day=first_day)
    columns["total"] = (
        columns["total"]
        .join(people, on="replication", how="full", coalesce=True)
        .join(work.group_by("replication").agg(pl.col("busy", "staffed").sum()), on="replication", how="left")
        .with_columns(not_reached=pl.col("numerator") + pl.col("callbacks_not_reached"))
    )
    spent = time_on_calls(scenario, load, rows, first_day=first_day)
    columns["intervals"] = columns["intervals"].join(spent, on=["replication", "slot"], how="full", coalesce=True)
    teams = columns["by_team"].filter(pl.col("team_number") >= 0)
    columns["by_team"] = teams.join(work, on=["replication", "team_number"], how="full", coalesce=True)
    # sums of whole milliseconds: rounded, they do not depend on the order in which threads added them
    whole = cs.float().round(3)
    return Tallies({name: frame.select(*wanted(frame)).with_columns(whole) for name, frame in columns.items()})


def wanted(frame: pl.DataFrame) -> list[str]:
    """The columns that add, and those that say of what."""
    halves = {half for pair in RATIOS.values() for half in pair}
    keep = {
        "replication",
        "waited_beyond",
        "longest",
        *(group for group in GROUPS.values() if group),
        *COUNTS,
        *halves,
        *PEOPLE,
    }
    return [name for name in frame.columns if name in keep]


def waits_of_all(counted: pl.DataFrame, *, by: list[str]) -> pl.DataFrame:
    """Time in queue over all who joined, however it ended."""
    waited = pl.col("outcome").is_in(OFFERED) & pl.col("wait").is_not_null()
    return counted.group_by(by).agg(
        (pl.col("wait") * pl.col("calls")).filter(waited).sum().alias("wait_joined"),
        pl.col("calls").filter(waited).sum().alias("joined"),
    )


def waits_beyond_patience(scenario: Scenario, counted: pl.DataFrame) -> pl.DataFrame:
    """By day and type: the longest wait, and how many were longer than any the patience is known for."""
    known = pl.Series([longest_known(each.patience) for each in scenario.types.values()], dtype=pl.Float64)
    waited = pl.col("outcome").is_in(OFFERED) & pl.col("wait").is_not_null()
    longer = pl.col("wait") > pl.lit(known).gather(pl.col("type_number"))
    return (
        counted.filter(waited)
        .with_columns(longer=longer)
        .group_by("replication", "type_number")
        .agg(
            pl.col("calls").filter(pl.col("longer")).sum().alias("waited_beyond"),
            pl.col("wait").max().alias("longest"),
        )
    )


def people_of(load: Workload, rows: Rows, *, first_day: int) -> pl.DataFrame:
    """Callers, whatever number of times they rang: whom did no one and nothing ever help that day?"""
    calls = len(load.arrival)
    outcome = rows.outcome.reshape(-1, calls)
    promised = outcome == CALLBACK
    reached = rows.rung_back.reshape(-1, calls) >= 0 if rows.rung_back.size else np.zeros_like(promised)
    helped = ((outcome == ANSWERED) | (outcome == SELF_SERVED) | reached).any(axis=0)

    def per_day(each: NDArray[Any]) -> NDArray[np.int64]:
        sums = np.concatenate([[0], np.cumsum(each)])
        return np.asarray(sums[load.first[1:]] - sums[load.first[:-1]])

    return pl.DataFrame(
        {
            "replication": np.arange(first_day, first_day + len(load.first) - 1, dtype=np.int32),
            "people": np.diff(load.first),
            "people_never_answered": per_day(~helped),
            "callbacks_reached": per_day(reached.sum(axis=0)),
            "callbacks_not_reached": per_day((promised & ~reached).sum(axis=0)),
            "redials": per_day((outcome[1:] > 0).sum(axis=0)),
        }
    )


def work_of(desk: Desk, load: Workload, rows: Rows, *, first_day: int) -> pl.DataFrame:
    """Agents' time on calls, and at their desks, in seconds, by day and team."""
    days, teams = rows.idle.shape
    busy = np.zeros((days, teams))
    used = np.flatnonzero(rows.outcome == ANSWERED)
    call = used % len(load.arrival)
    day = np.searchsorted(load.first, call, side="right") - 1
    np.add.at(busy, (day, rows.team[used]), (load.talk[call] + load.wrap[call]) / 1000)
    if rows.tries.size:
        rung = np.flatnonzero(rows.tries > 0)
        call = rung % len(load.arrival)
        reached = rows.rung_back[rung] >= 0
        lost_tries = (rows.tries[rung].astype(np.int64) - reached) * desk.callback_ring
        taken = np.where(reached, load.talk[call] + load.wrap[call], 0) + lost_tries
        day = np.searchsorted(load.first, call, side="right") - 1
        np.add.at(busy, (day, rows.rung_by[rung]), taken / 1000)
    return pl.DataFrame(
        {
            "replication": np.repeat(np.arange(first_day, first_day + days, dtype=np.int32), teams),
            "team_number": np.tile(np.arange(teams, dtype=np.int16), days),
            "busy": busy.ravel(),
            "staffed": (busy + rows.idle / 1000).ravel(),
        }
    )
