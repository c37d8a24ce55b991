"""Trace of one simulated day: waiting callers, busy agents, abandoned calls."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kcas.desk.units import clock
from kcas.errors import ScenarioError
from kcas.simulation.engines.tables import ABANDONED, ANSWERED, BLOCKED, LEFT_IVR, NOT_USED, SELF_SERVED, Rows, Workload
from kcas.simulation.projection import happened
from kcas.simulation.scenario.schema import Scenario

MOST_CALLS = 20_000
"""Callers a day beyond whom no one could watch."""
STEP = 60.0
LATELY = 600.0
"""Seconds for which a hang-up is told."""


@dataclass(frozen=True)
class LivedDay:
    """One day's stays in the queue, its work and its staff. Times in seconds after midnight."""

    stays: pl.DataFrame  # type, joined, left, abandoned
    work: pl.DataFrame  # begin, end
    staff: pl.DataFrame  # at, agents: all teams together, from then on
    opens: float
    ends: float


@dataclass(frozen=True)
class Now:
    """The desk at one moment."""

    at: float
    waiting: pl.DataFrame  # type, waited; longest first
    agents: int
    busy: int
    answered: int
    hung_up: int
    recent_hang_ups: pl.DataFrame  # type, at, waited: who hung up in the last minutes, latest first

    @property
    def words(self) -> str:
        """The moment in a sentence."""
        waited = self.waiting["waited"].to_list()
        queue = f"{len(waited)} waiting, the longest for {waited[0]:.0f} s" if waited else "No one is waiting"
        return (
            f"{clock(self.at)}. {queue}. {self.busy} of {self.agents} agents on a call or its wrap-up. "
            f"So far {self.answered:,} answered and {self.hung_up:,} hung up."
        )


def simulated_day(scenario: Scenario, *, day: int, seed: int | None = None) -> LivedDay:
    """A day of the scenario, as its replication of that number was. Raises ScenarioError for a day beyond watching."""
    if scenario.demand.calls_per_day * scenario.attempts > MOST_CALLS:
        raise ScenarioError(
            f"{scenario.demand.calls_per_day:,.0f} callers a day are more than the {MOST_CALLS:,} that can be watched."
        )
    number = day - 1
    chosen = scenario.run.seed if seed is None else seed
    _, load, rows = happened(scenario, range(number, number + 1), seed=chosen, engine="simpy")
    stays, work = stays_of(scenario, load, rows), work_of(load, rows)
    last = max([scenario.day.closes, *stays["left"].to_list(), *work["end"].to_list()])
    return LivedDay(stays, work, staff_of(load), scenario.day.opens, last)


def stays_of(scenario: Scenario, load: Workload, rows: Rows) -> pl.DataFrame:
    """Who joined the queue when, and left it when."""
    joined = ~np.isin(rows.outcome, (NOT_USED, BLOCKED, LEFT_IVR, SELF_SERVED)) & (rows.left >= 0)
    used = np.flatnonzero(joined)
    call = used % len(load.arrival)
    menu = load.menu[call] if load.menu.size else 0
    names = np.array(list(scenario.types))
    return pl.DataFrame(
        {
            "type": names[load.call_type[call]],
            "joined": (rows.arrived[used] + menu) / 1000,
            "left": rows.left[used] / 1000,
            "abandoned": rows.outcome[used] == ABANDONED,
            "answered": rows.outcome[used] == ANSWERED,
        }
    )


def work_of(load: Workload, rows: Rows) -> pl.DataFrame:
    """When agents were on a call or its wrap-up: answered calls, and callbacks that reached their caller."""
    spans: list[tuple[NDArray[Any], NDArray[Any]]] = []
    answered = np.flatnonzero(rows.outcome == ANSWERED)
    spans.append((rows.left[answered], answered))
    if rows.rung_back.size:
        reached = np.flatnonzero(rows.rung_back >= 0)
        spans.append((rows.rung_back[reached], reached))
    begin = np.concatenate([at for at, _ in spans])
    call = np.concatenate([row for _, row in spans]) % len(load.arrival)
    return pl.DataFrame({"begin": begin / 1000, "end": (begin + load.talk[call] + load.wrap[call]) / 1000})


def staff_of(load: Workload) -> pl.DataFrame:
    """Agents on the phones from each moment on, all teams together."""
    now: dict[int, int] = {}
    rows = []
    for at, team, agents in zip(load.staff_at, load.staff_team, load.staff_agents, strict=True):
        now[int(team)] = int(agents)
        rows.append({"at": float(at) / 1000, "agents": sum(now.values())})
    return pl.DataFrame(rows, schema={"at": pl.Float64, "agents": pl.Int64})


def now(day: LivedDay, at: float) -> Now:
    """The desk at a moment."""
    stays = day.stays
    waiting = stays.filter((pl.col("joined") <= at) & (at < pl.col("left")))
    gone = stays.filter(pl.col("abandoned") & (pl.col("left") <= at))
    recent_hang_ups = gone.filter(pl.col("left") > at - LATELY).sort("left", descending=True)
    staff = day.staff.filter(pl.col("at") <= at)
    return Now(
        at=at,
        waiting=waiting.select("type", waited=at - pl.col("joined")).sort("waited", descending=True),
        agents=int(staff["agents"][-1]) if staff.height else 0,
        busy=day.work.filter((pl.col("begin") <= at) & (at < pl.col("end"))).height,
        answered=stays.filter(pl.col("answered") & (pl.col("left") <= at)).height,
        hung_up=gone.height,
        recent_hang_ups=recent_hang_ups.select("type", at="left", waited=pl.col("left") - pl.col("joined")),
    )


def course(day: LivedDay) -> pl.DataFrame:
    """The whole day, a row a minute: waiting, busy, agents, and hang-ups in that minute."""
    moments = np.arange(day.opens, day.ends + STEP, STEP)
    joined, left = (np.sort(day.stays[name].to_numpy()) for name in ("joined", "left"))
    begin, end = (np.sort(day.work[name].to_numpy()) for name in ("begin", "end"))
    lost = np.sort(day.stays.filter("abandoned")["left"].to_numpy())
    place = np.searchsorted(day.staff["at"].to_numpy(), moments, side="right") - 1
    agents = np.where(place >= 0, day.staff["agents"].to_numpy()[np.maximum(place, 0)], 0) if day.staff.height else 0

    def until(sorted_times: NDArray[np.float64], at: NDArray[np.float64]) -> NDArray[np.int64]:
        return np.searchsorted(sorted_times, at, side="right")

    return pl.DataFrame(
        {
            "at": moments,
            "clock": [clock(float(each)) for each in moments],
            "waiting": until(joined, moments) - until(left, moments),
            "busy": until(begin, moments) - until(end, moments),
            "agents": agents,
            "hung_up": until(lost, moments) - until(lost, moments - STEP),
        }
    )


def course_words(minutes: pl.DataFrame) -> str:
    """The day in a sentence, for readers who cannot see it drawn."""
    most, lost = max(minutes["waiting"].to_list(), default=0), sum(minutes["hung_up"].to_list())
    return f"Most waiting at once: {most}. Hung up over the day: {lost}."
