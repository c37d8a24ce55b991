"""State of the contact centre at a time: the day so far, callers waiting, calls in progress, agents available.

Initial state of a simulation that starts in the middle of a day, and the workload of the rest of it.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl
from numpy.random import PCG64, Generator, SeedSequence
from numpy.typing import NDArray

from kcas.arrays import Floats, Whole
from kcas.attribution.observed_days import A_DAY, EPOCH, LONGEST
from kcas.calls.call import OFFERED
from kcas.distributions.law_table import Law
from kcas.errors import ScenarioError
from kcas.simulation.engines.layout import desk_of
from kcas.simulation.engines.sampling import sample_workload, whole_milliseconds
from kcas.simulation.engines.tables import ANSWERED, NEVER, NOT_USED, STAY, Desk, Rows, Workload
from kcas.simulation.scenario.handling_time import LONGEST_CALL, trained
from kcas.simulation.scenario.schema import Scenario

GONE_QUIET = 900.0  # an agent who has had no call for longer than this may have gone
WAIT_AT_MOST = 3600.0  # a caller who is said to have waited longer is a leftover of the log


@dataclass(frozen=True)
class SoFar:
    """The day until the moment; times in seconds, moments after midnight on the desk's clock."""

    day: date
    now: float
    decided: pl.DataFrame  # calls that have left the queue: outcome, wait
    offered: int  # callers who have joined the queue, those who wait included
    waited: Floats  # of callers who wait now, longest first
    talking: Floats  # of agents whose call is in hand: for how long
    done: Floats  # [agent free] since the last call ended
    last_talk: Floats  # [agent free] how long that call was
    handled: int
    handle: float  # mean of calls that have ended


def timed(calls: pl.DataFrame, *, zone: str) -> pl.DataFrame:
    """Offered calls with the moments at which they came, left the queue, and ended, in seconds since 1970 (wall clock).

    A call still open has not left; one whose talk is not known has not ended.
    """
    wall = pl.col("entered").dt.convert_time_zone(zone).dt.replace_time_zone(None, ambiguous="earliest")
    never = pl.lit(float("inf"))
    talk = pl.col("talk") + pl.col("hold").fill_null(0.0) + pl.col("wrap").fill_null(0.0)
    return (
        calls.filter(pl.col("outcome").is_in(OFFERED))
        .with_columns(at=wall.dt.epoch("ms") / 1000, busy=talk.clip(0, LONGEST))
        .with_columns(
            left=pl.when(pl.col("outcome") == "open").then(never).otherwise(
                pl.col("at") + pl.col("wait").fill_null(0.0).clip(0, WAIT_AT_MOST)
            )
        )
        .with_columns(
            ended=pl.when(pl.col("outcome") == "answered").then(pl.col("left") + pl.col("busy").fill_null(never))
        )
        .select("at", "left", "ended", "busy", "outcome", "wait", "agent")
        .sort("at")
    )  # fmt: skip


def so_far(calls: pl.DataFrame, *, day: date, now: float) -> SoFar:
    """The day until the moment, of calls made `timed`."""
    midnight = (day - EPOCH).days * A_DAY
    moment = midnight + now
    came = calls.filter(pl.col("at") >= midnight, pl.col("at") <= moment)
    waits = came.filter(pl.col("left") > moment, moment - pl.col("at") <= WAIT_AT_MOST)
    decided = came.filter(pl.col("left") <= moment)
    in_hand = decided.filter(pl.col("ended") > moment, moment - pl.col("left") <= LONGEST)
    over = decided.filter(pl.col("ended") <= moment)
    busy = set(in_hand["agent"].drop_nulls())
    free = (
        over.filter(pl.col("agent").is_not_null() & ~pl.col("agent").is_in(list(busy)))
        .group_by("agent")
        .agg(pl.col("ended").max(), pl.col("busy").sort_by("ended").last())
        .filter(moment - pl.col("ended") <= GONE_QUIET)
    )
    return SoFar(
        day=day,
        now=now,
        decided=decided.select("outcome", "wait"),
        offered=came.height,
        waited=np.sort(moment - waits["at"].to_numpy())[::-1],
        talking=moment - in_hand["left"].to_numpy(),
        done=moment - free["ended"].to_numpy(),
        last_talk=free["busy"].to_numpy(),
        handled=over.height,
        handle=float(over["busy"].mean() or 0.0),  # type: ignore[arg-type]
    )


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


POOL = 20_000  # draws among which those beyond what has passed are looked for
_OF_CALLS = ("arrival", "call_type", "talk", "wrap", "menu", "reached_on", "hold")
OF_ROWS = ("patience", "choices", "redial_delay", "team_die")


def hand_over(load: Workload, present: Present, *, callers: dict[str, Whole], work_left: Whole, desk: Desk) -> Workload:
    """Each day of the workload from the present on.

    `callers` has talk, wrap and patience of those who wait, [day, caller]; `work_left` of calls in hand, [day, agent].
    """
    days = len(load.first) - 1
    parts = [rest_of(load, present, day=day, callers=callers) for day in range(days)]
    staff = [staff_from(load, present, day=day, ends=present.at + work_left[day], desk=desk) for day in range(days)]
    changes = np.concatenate(staff)
    counts = [part["arrival"].size for part in parts]
    joined: dict[str, Any] = {
        name: np.ascontiguousarray(np.concatenate([part[name] for part in parts], axis=-1)).ravel() for name in parts[0]
    }
    return load._replace(
        first=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        staff_first=np.concatenate([[0], np.cumsum([len(each) for each in staff])]).astype(np.int64),
        staff_at=changes[:, 0].copy(),
        staff_team=changes[:, 1].copy(),
        staff_agents=changes[:, 2].copy(),
        **joined,
    )


def rest_of(load: Workload, present: Present, *, day: int, callers: dict[str, Whole]) -> dict[str, NDArray[Any]]:
    """The day's calls still to come, after those who wait."""
    span = slice(load.first[day], load.first[day + 1])
    coming = load.arrival[span] > present.at
    waits = len(present.waited)
    given = {
        "arrival": np.full(waits, present.at, np.int64),
        "call_type": present.waiting_type,
        **{name: column[day] for name, column in callers.items()},
    }
    drawn: dict[str, NDArray[Any]] = {}
    for name in _OF_CALLS:
        column: NDArray[Any] = getattr(load, name)
        if column.size or name in given:
            first = given.get(name, np.zeros(waits, column.dtype)).astype(column.dtype)
            drawn[name] = np.concatenate([first, column[span][coming]])
    for name in OF_ROWS:
        column = getattr(load, name)
        if column.size or name in given:
            block = column.reshape(load.attempts, -1)[:, span][:, coming]
            first = np.broadcast_to(given.get(name, np.zeros(waits)), (load.attempts, waits)).astype(column.dtype)
            drawn[name] = np.concatenate([first, block], axis=-1)
    return drawn


def staff_from(load: Workload, present: Present, *, day: int, ends: Whole, desk: Desk) -> Whole:
    """The changes of staff from the present on: the roster less those whose call in hand is not yet over."""
    span = slice(load.staff_first[day], load.staff_first[day + 1])
    later = load.staff_at[span] > present.at
    if desk.at_close == STAY:  # no one leaves then, so a lower number after closing means nothing
        later &= load.staff_at[span] < desk.close
    levels = []
    for team, there in enumerate(present.rostered):
        mine = later & (load.staff_team[span] == team)
        over = np.sort(ends[present.busy_team == team])
        moments = np.unique(np.concatenate([[present.at], load.staff_at[span][mine], over]))
        roster = np.concatenate([[there], load.staff_agents[span][mine]])
        rostered = roster[np.searchsorted(load.staff_at[span][mine], moments, side="right")]
        busy = len(over) - np.searchsorted(over, moments, side="right")
        levels.append(np.column_stack([moments, np.full(len(moments), team), rostered - busy]))
    changes = np.concatenate(levels).astype(np.int64)
    return changes[np.lexsort((changes[:, 1], changes[:, 0]))]


def residual(pool: Floats, passed: Floats, *, draws: int, rng: Generator) -> Floats:
    """What is left after what has passed, [draw, each]: chosen among draws of the law that are longer.

    Beyond the longest of them the law says nothing more, and the mean of the pool's last hundredth is taken to be left,
    exponentially.
    """
    ordered = np.sort(pool)
    start = np.searchsorted(ordered, passed, side="right")
    beyond = len(ordered) - start
    picked = start + (rng.random((draws, len(passed))) * beyond).astype(np.int64)
    left = ordered[np.minimum(picked, len(ordered) - 1)] - passed
    tail = ordered[-max(len(ordered) // 100, 1) :]
    spare = rng.exponential(max(float(tail.mean() - tail[0]), 1.0), size=left.shape)
    return np.where(beyond > 0, left, spare)


def pool_of(laws: list[Law | None], *, rng: Generator, scale: float = 1.0) -> Floats:
    """Many draws of the sum of these laws, in milliseconds."""
    drawn = sum((law.draw(rng, POOL) for law in laws if law), np.zeros(POOL)) * 1000 * scale
    return np.minimum(drawn, NEVER)


PRESENT = 2**31
"""Stands for the replication in the seed of the present's random numbers, which all replications share."""


def continued(scenario: Scenario, present: Present, *, seed: int, days: range) -> tuple[Desk, Workload]:
    """The desk and the rest of these days. Raises ScenarioError for options whose state at a moment is not known."""
    phone = scenario.telephone
    if scenario.redials or phone.callback or phone.menu or phone.announcement or phone.lines is not None:
        raise ScenarioError(
            "a day cannot be taken up in its middle with redials, callbacks, a menu, announcements or a number of "
            "lines: the log does not say who is where in them. Expected a scenario without."
        )
    desk, load = desk_of(scenario), sample_workload(scenario, seed=seed, days=days)
    rng = Generator(PCG64(SeedSequence(seed, spawn_key=(PRESENT, days.start))))
    count = len(days)
    callers = {name: np.zeros((count, len(present.waited)), np.int64) for name in ("talk", "wrap", "hold", "patience")}
    work_left = np.zeros((count, len(present.busy_for)), np.int64)
    for number, (name, each) in enumerate(scenario.types.items()):
        scale = scenario.training.handling if trained(scenario, name) else 1.0
        mine, hands = present.waiting_type == number, present.busy_type == number
        size = (count, int(mine.sum()))
        laws = {"hold": each.hold, "talk": each.talk, "wrap": each.wrap}
        drawn = {
            what: np.minimum(law.draw(rng, size[0] * size[1]) * scale, LONGEST_CALL) if law else np.zeros(size).ravel()
            for what, law in laws.items()
        }
        drawn["talk"] = drawn["talk"] + drawn["hold"]
        for column, seconds in drawn.items():
            callers[column][:, mine] = whole_milliseconds(seconds).reshape(size)
        patience = residual(pool_of([each.patience], rng=rng), present.waited[mine], draws=count, rng=rng)
        callers["patience"][:, mine] = np.rint(patience).astype(np.int64)
        work = pool_of([each.talk, each.hold, each.wrap], rng=rng, scale=scale)
        work_left[:, hands] = np.rint(residual(work, present.busy_for[hands], draws=count, rng=rng)).astype(np.int64)
    return desk, hand_over(load, present, callers=callers, work_left=np.maximum(work_left, 1), desk=desk)
