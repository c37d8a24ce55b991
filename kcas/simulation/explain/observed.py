"""What happened on each day, as the model needs it: calls by interval, agents on the phones, and time a call.

Who was on the phones is read off who took calls: an agent is there from the first call taken until the last has ended,
away where nothing was taken for longer than GAP. Short absences and wrap-up that the log does not show are made up for
by one share, `availability`, fitted later.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kcas.calls.call import LOST, OFFERED
from kcas.calls.grouping import select
from kcas.standard import Standard

Floats = NDArray[np.float64]
INTERVAL = 1800.0
GAP = 1800.0  # without a call for longer than this, an agent is taken to be away
LONGEST = 3600.0  # one call keeps an agent no longer; what a log says beyond is an outlier
NEEDED = ("entered", "outcome", "wait", "talk", "hold", "wrap", "agent")
A_DAY = 86_400.0
EPOCH = date(1970, 1, 1)


@dataclass(frozen=True)
class Observed:
    """Days in order, each with its counts; calls and agents are [day, interval], everything else [day]."""

    dates: tuple[date, ...]
    calls: Floats  # offered, those still open left out
    agents: Floats  # mean number on the phones
    lost: Floats  # hung up in the queue
    queue_time: Floats  # of all who were offered
    handled: Floats
    handle: Floats  # an agent's time a call, mean of the day
    handle_squares: Floats  # mean of its square
    opens: float  # seconds after midnight at which the first interval begins
    interval: float

    @property
    def offered(self) -> Floats:
        """Calls of each day."""
        return np.asarray(self.calls.sum(axis=1))

    def of(self, wanted: NDArray[np.bool_] | list[int]) -> "Observed":
        """Some of the days."""
        index = np.flatnonzero(wanted) if isinstance(wanted, np.ndarray) else np.array(wanted, int)
        names = ("calls", "agents", "lost", "queue_time", "handled", "handle", "handle_squares")
        return replace(
            self,
            dates=tuple(self.dates[number] for number in index),
            **{name: getattr(self, name)[index] for name in names},
        )


def observed_days(calls: pl.LazyFrame, *, standard: Standard, queues: Sequence[str] = ()) -> Observed:
    """The days of these queues' calls on the standard's clock, hours that it leaves out left out."""
    return observed(select(calls, standard=standard, queues=queues).select(*NEEDED).collect(), zone=standard.time_zone)


def observed(calls: pl.DataFrame, *, zone: str, interval: float = INTERVAL) -> Observed:
    """The days of these calls, between the first and the last interval in which any day has calls or agents."""
    wall = pl.col("entered").dt.convert_time_zone(zone).dt.replace_time_zone(None, ambiguous="earliest")
    offered = calls.filter(pl.col("outcome").is_in(OFFERED), pl.col("outcome") != "open").with_columns(
        at=wall.dt.epoch("ms") / 1000, wait=pl.col("wait").fill_null(0.0)
    )
    at = offered["at"].to_numpy()
    first, last = (int(at.min() // A_DAY), int(at.max() // A_DAY)) if at.size else (0, -1)
    grid = np.arange(first * A_DAY, (last + 1) * A_DAY + interval / 2, interval)
    counts = np.histogram(at, bins=grid)[0].astype(float).reshape(last - first + 1, -1)
    agents = on_duty(stays(work(offered)), grid=grid).reshape(counts.shape)
    has_calls = counts.sum(axis=1) > 0
    used = np.flatnonzero((counts + agents)[has_calls].sum(axis=0) > 0)
    within = slice(used[0], used[-1] + 1) if used.size else slice(0, 0)
    days = by_day(offered)
    return Observed(
        dates=tuple(EPOCH + timedelta(days=first + int(number)) for number in np.flatnonzero(has_calls)),
        calls=counts[has_calls][:, within],
        agents=agents[has_calls][:, within],
        opens=float(used[0] * interval) if used.size else 0.0,
        interval=interval,
        **{name: days[name].to_numpy().astype(float) for name in days.columns if name != "day"},
    )


def by_day(offered: pl.DataFrame) -> pl.DataFrame:
    """Each day's counts and totals, in order."""
    busy = busy_time()
    return (
        offered.group_by(day=(pl.col("at") // A_DAY).cast(pl.Int64))
        .agg(
            lost=pl.col("outcome").is_in(LOST).sum(),
            queue_time=pl.col("wait").clip(0, LONGEST).sum(),
            handled=busy.count(),
            handle=busy.mean().fill_null(0.0),
            handle_squares=(busy**2).mean().fill_null(0.0),
        )
        .sort("day")
    )


def busy_time() -> pl.Expr:
    """How long an answered call keeps its agent; null where the log does not tell."""
    parts = [pl.col(name).fill_null(0.0).clip(0, None) for name in ("hold", "wrap")]
    whole = (pl.col("talk") + sum(parts, start=pl.lit(0.0))).clip(0, LONGEST)
    return pl.when(pl.col("outcome") == "answered", pl.col("talk").is_not_null()).then(whole)


def work(offered: pl.DataFrame) -> pl.DataFrame:
    """Each answered call's agent, and from when to when it kept the agent, on the desk's wall clock."""
    return (
        offered.filter(pl.col("outcome") == "answered", pl.col("agent").is_not_null())
        .select("agent", begin=pl.col("at") + pl.col("wait"), busy=busy_time().fill_null(0.0))
        .with_columns(end=pl.col("begin") + pl.col("busy"))
        .sort("agent", "begin")
    )


def stays(worked: pl.DataFrame, *, gap: float = GAP) -> pl.DataFrame:
    """From when to when each agent was on the phones: work with no pause longer than `gap`."""
    so_far = pl.col("end").cum_max().shift(1).over("agent")
    return (
        worked.with_columns(number=(pl.col("begin") - so_far > gap).fill_null(True).cum_sum().over("agent"))
        .group_by("agent", "number", maintain_order=True)
        .agg(pl.col("begin").min(), pl.col("end").max())
    )


def on_duty(there: pl.DataFrame, *, grid: Floats) -> Floats:
    """The mean number of agents on the phones between each moment of the grid and the next."""
    came, went = there["begin"].to_numpy(), there["end"].to_numpy()
    return np.diff(passed(came, grid) - passed(went, grid)) / np.diff(grid)


def passed(moments: Floats, at: Floats) -> Floats:
    """At each time of `at`, the time passed since each earlier moment, added up."""
    ordered = np.sort(moments)
    earlier = np.searchsorted(ordered, at)
    sums = np.concatenate([[0.0], np.cumsum(ordered)])
    return np.asarray(earlier * at - sums[earlier])
