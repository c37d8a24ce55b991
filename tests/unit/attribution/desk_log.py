"""A simulated desk's days as a log that names agents, for tests that must know the truth."""

from datetime import date

import polars as pl

from kcas.simulation.engines.layout import desk_of
from kcas.simulation.engines.sampling import sample_workload
from kcas.simulation.engines.simpy_engine import run
from kcas.simulation.scenario.file import scenario_of
from kcas.simulation.simulated_calls import simulated_calls


def tables(**changes):
    """Ten hours, 740 calls, six agents: nearly a tenth hang up."""
    asked = {
        "calls": 740,
        "handle": 260.0,
        "agents": [6] * 20,
        "shape": [1] * 20,
        "variation": "8%",
    } | changes
    return {
        "question": "What if?",
        "day": {"opens": "08:00", "closes": "18:00", "after_closing": "serve queue"},
        "demand": {
            "calls_per_day": asked["calls"],
            "arrival_profile": asked["shape"],
            "day_to_day_sd": asked["variation"],
        },
        "types": {
            "all": {
                "share": "100%",
                "talk": {"distribution": "exponential", "mean": f"{asked['handle']} s"},
                "patience": {"distribution": "exponential", "mean": "4 min"},
            }
        },
        "teams": {"desk": {"by_interval": asked["agents"]}},
    }


def log_of(*, days, seed, weekday_from=0, **changes):
    """The calls of so many days from Monday 4 January 2010 plus `weekday_from` days on, agents named."""
    scenario = scenario_of(tables(**changes), where="test")
    load = sample_workload(scenario, seed=seed, days=range(days))
    rows = run(desk_of(scenario), load)
    calls = simulated_calls(scenario, load, rows, first_day=0, time_zone="UTC")
    named = with_agents(calls, roster=tables(**changes)["teams"]["desk"]["by_interval"])
    return named.with_columns(pl.col("entered").dt.offset_by(f"{weekday_from}d"))


def with_agents(calls: pl.DataFrame, *, roster: list[int]) -> pl.DataFrame:
    """Each answered call is taken by whoever of those rostered has been free longest, as at a real desk."""
    names = {}
    begun = calls.with_columns(begin=pl.col("entered") + pl.duration(seconds=pl.col("wait").fill_null(0)))
    for _, day in begun.filter(pl.col("outcome") == "answered").sort("begin").group_by(pl.col("entered").dt.date()):
        free = [0.0] * max(roster)
        for leg, at, talk in day.sort("begin").select("leg", pl.col("begin").dt.epoch("ms"), "talk").iter_rows():
            place = min(int((at / 1000 % 86_400 - 8 * 3600) // 1800), len(roster) - 1)
            there = range(roster[place]) if min(free[: roster[place]]) <= at + 1 else range(len(free))
            agent = min(there, key=lambda number: free[number])
            names[leg] = f"agent{agent}"
            free[agent] = at + 1000 * talk
    return calls.with_columns(agent=pl.col("leg").replace_strict(names, default=None, return_dtype=pl.String))


FIRST = date(2010, 1, 4)
