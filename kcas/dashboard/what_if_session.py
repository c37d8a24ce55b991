"""Session state and caches of the what-if page."""

import json
import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import streamlit as st

from kcas.calls.observed_range import DaysSeen, days_seen
from kcas.dashboard import query_parameters, session, simulation_job
from kcas.dashboard.simulation_job import Job
from kcas.desk.standard import Standard
from kcas.errors import KcasError
from kcas.queueing.scenario_day import ExactDay, exact_day
from kcas.simulation.day_trace import STEP, LivedDay, simulated_day
from kcas.simulation.scenario import folder as scenario_folder
from kcas.simulation.scenario.changes import Baseline, baseline
from kcas.simulation.scenario.data_range import inputs_beyond, weekday_numbers
from kcas.simulation.scenario.file import scenario_of
from kcas.simulation.scenario.schema import Scenario

NODES = 4  # of the days from quiet to busy: the rate moves in its tenth digit
A_MOMENT, LOOK = 1.2, 0.02  # seconds


def folder() -> Path:
    """Where the scenarios are: in KCAS_SCENARIOS, else beside the store once one was kept, else with the program."""
    if given := os.environ.get("KCAS_SCENARIOS"):
        return Path(given)
    own = scenario_folder.beside(session.store().folder)
    return own if own.is_dir() else scenario_folder.shipped() or own


def folder_to_keep_in() -> Path:
    """Where scenarios are kept: in KCAS_SCENARIOS, else beside the store, never with the program."""
    given = os.environ.get("KCAS_SCENARIOS")
    return Path(given) if given else scenario_folder.made(scenario_folder.beside(session.store().folder))


def start_from(name: str) -> Baseline:
    """The baseline as its folder now stands."""
    here = folder()
    changed = tuple((path.name, path.lstat().st_mtime_ns) for path in sorted(here.glob("*.toml")))
    return baseline_of(str(here.resolve()), name, changed)


@st.cache_resource(max_entries=16, show_spinner=False)
def baseline_of(here: str, name: str, changed: tuple[tuple[str, int], ...]) -> Baseline:
    """The baseline as the files were when last changed."""
    return baseline(Path(here), name)


def exact_forecast(tables: Mapping[str, Any], *, within: float) -> ExactDay | str:
    """What theory expects of these tables, or why it cannot say."""
    return foreseen_of(json.dumps(tables, sort_keys=True, default=list), within)


@st.cache_resource(max_entries=64, show_spinner=False)
def foreseen_of(tables: str, within: float) -> ExactDay | str:
    """The same, by what the tables say."""
    try:
        return exact_day(scenario_of(json.loads(tables), where="theory"), within=within, nodes=NODES)
    except KcasError as error:
        return str(error)


def range_warnings(scenario: Scenario, *, baseline: Scenario) -> list[str]:
    """Where the inputs leave what the days kept have shown, or go too far from the baseline."""
    return inputs_beyond(scenario, seen=stored_range(scenario), baseline=baseline)


def stored_range(scenario: Scenario) -> DaysSeen | None:
    """What the days kept, of the weekdays that are simulated, have shown; None where none are."""
    now = session.stamp()
    return seen_of(now, session.standard(), tuple(weekday_numbers(scenario))) if now else None


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs={Standard: repr})
def seen_of(stamp: str, standard: Standard, weekdays: tuple[int, ...]) -> DaysSeen | None:
    """The same, of a version of the store."""
    return days_seen(session.store().calls(), standard=standard, weekdays=weekdays)


def one_day(tables: Mapping[str, Any], *, day: int) -> LivedDay:
    """One simulated day, call by call."""
    return one_day_of(json.dumps(tables, sort_keys=True, default=list), day)


@st.cache_resource(max_entries=8, show_spinner=False)
def one_day_of(tables: str, day: int) -> LivedDay:
    """The same, by what the tables say."""
    return simulated_day(scenario_of(json.loads(tables), where="the day"), day=day)


def start(
    kind: str,
    scenarios: Sequence[Mapping[str, Any]],
    *,
    command: str,
    options: Sequence[str],
    asked: Mapping[str, Any],
    beside: Mapping[str, str] = MappingProxyType({}),
    made: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Begin a simulation of this kind and follow it."""
    if (older := current_simulation(kind)) and older.state == "running":
        simulation_job.stop(older.name)
    query_parameters.set_job(
        kind, simulation_job.start(scenarios, command=command, options=options, asked=asked, beside=beside, made=made)
    )


def current_simulation(kind: str) -> Job | None:
    """The simulation of this kind that the visitor follows, from the address or from before."""
    found = query_parameters.current_job(kind)
    return simulation_job.job_state(found) if found else None


def soon(kind: str) -> Job | None:
    """The simulation that the visitor follows; one just begun is given a moment, for most are done within it."""
    job = current_simulation(kind)
    while job and job.state == "running" and job.age < A_MOMENT:
        time.sleep(LOOK)
        job = simulation_job.job_state(job.name)
    return job


@st.cache_resource(show_spinner=False)
def get_ready() -> bool:
    """See to it, once, that a simulation can begin at a click."""
    simulation_job.get_ready()
    return True


def minutes(day: LivedDay) -> list[float]:
    """Every minute of a day that can be watched."""
    return [day.opens + STEP * number for number in range(int((day.ends - day.opens) // STEP) + 2)]


def move_on(key: str, times: Sequence[str], *, by: int) -> None:
    """Put a slider of times further on, and back to the beginning after the last."""
    at = times.index(st.session_state[key]) if st.session_state.get(key) in times else -by
    st.session_state[key] = times[at + by] if at + by < len(times) else times[0]
