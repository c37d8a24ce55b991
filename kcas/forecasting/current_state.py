"""State of the contact centre at a time: the day so far, callers waiting, calls in progress, agents available."""

from kcas.arrays import Floats, Whole
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kcas.attribution.observed_days import A_DAY, EPOCH, LONGEST
from kcas.calls.call import OFFERED
from kcas.simulation.engines.rows import ANSWERED, NOT_USED, Rows
from kcas.simulation.engines.workload import Workload

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
