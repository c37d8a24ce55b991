"""A desk whose truth is known: simulated days as a log, with names of agents and without what a log does not show."""

import heapq
from functools import cache
from typing import Any

import polars as pl

from kcas.simulation.projection import happened
from kcas.simulation.scenario.file import scenario_of
from kcas.simulation.scenario.schema import Scenario
from kcas.simulation.simulated_calls import simulated_calls

AGENTS, PATIENCE, TALK, WRAP, CALLS, VARIATION = 8, 150.0, 200.0, 40.0, 620.0, 0.12

TABLES: dict[str, Any] = {
    "question": "invented: a desk to be found again",
    "day": {"opens": "09:00", "closes": "17:00", "after_closing": "serve queue"},
    "demand": {
        "calls_per_day": CALLS,
        "arrival_profile": [8, 10, 12, 14, 15, 14, 12, 11, 11, 12, 12, 11, 10, 9, 8, 6],
        "weekdays": {"monday": "115%", "tuesday": "105%", "wednesday": "100%", "thursday": "95%", "friday": "85%"},
        "day_to_day_sd": f"{VARIATION:.0%}",
    },
    "types": {
        "callers": {
            "share": "100%",
            "talk": {"distribution": "exponential", "mean": f"{TALK:g} s"},
            "wrap": {"distribution": "exponential", "mean": f"{WRAP:g} s"},
            "patience": {"distribution": "exponential", "mean": f"{PATIENCE:g} s"},
        }
    },
    "teams": {"desk": {"agents": AGENTS}},
}


def known_scenario(**changes: Any) -> Scenario:
    """The desk, or one that differs."""
    return scenario_of(TABLES | changes, where="the known desk")


@cache
def known_calls(days: int, seed: int = 5) -> pl.DataFrame:
    """So many days of the desk as a log would have them: agents named, wrap-up not recorded."""
    scenario = known_scenario()
    _, load, rows = happened(scenario, range(days), seed=seed, engine="compiled")
    calls = simulated_calls(scenario, load, rows, first_day=0)
    parts = calls.with_columns(day=pl.col("entered").dt.date()).partition_by("day")
    return pl.concat([named(part) for part in parts]).with_columns(wrap=pl.lit(None, dtype=pl.Float64)).drop("day")


def named(calls: pl.DataFrame) -> pl.DataFrame:
    """Each answered call of a day given to the agent who has been free the longest; wrap-up keeps an agent busy."""
    second = pl.col("entered").dt.epoch("ms") / 1000 + pl.col("wait").fill_null(0.0)
    calls = calls.with_columns(begin=second).sort("begin")
    free = [(0.0, number) for number in range(AGENTS)]
    names: list[str | None] = []
    for outcome, begin, talk, wrap in calls.select("outcome", "begin", "talk", "wrap").iter_rows():
        if outcome != "answered":
            names.append(None)
            continue
        since, agent = heapq.heappop(free)
        assert since <= begin + 0.01, "an agent was given a call while on another"
        heapq.heappush(free, (begin + talk + wrap, agent))
        names.append(f"agent-{agent}")
    return calls.with_columns(agent=pl.Series(names, dtype=pl.String)).drop("begin")
