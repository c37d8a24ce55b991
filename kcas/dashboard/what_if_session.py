"""Session state and caches of the what-if page.

Widgets of the what-if page: changes to the reference scenario.
"""

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from kcas.calls.coverage import DaysSeen, days_seen
from kcas.dashboard import display, session
from kcas.desk.standard import Standard
from kcas.desk.units import clock
from kcas.errors import KcasError
from kcas.queueing.scenario_day import ExactDay, exact_day
from kcas.reporting import what_if, words
from kcas.simulation.day_trace import STEP, LivedDay, simulated_day
from kcas.simulation.scenario import folder as scenario_folder
from kcas.simulation.scenario.changes import Baseline, Change, baseline, scenario_names, with_options
from kcas.simulation.scenario.data_range import inputs_beyond, weekday_numbers
from kcas.simulation.scenario.file import scenario_of
from kcas.simulation.scenario.handling_time import mean_handling
from kcas.simulation.scenario.schema import Scenario

_NODES = 4  # of the days from quiet to busy: the rate moves in its tenth digit


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
    return calculated_day(json.dumps(tables, sort_keys=True, default=list), within)


@st.cache_resource(max_entries=64, show_spinner=False)
def calculated_day(tables: str, within: float) -> ExactDay | str:
    """The same, by what the tables say."""
    try:
        return exact_day(scenario_of(json.loads(tables), where="theory"), within=within, nodes=_NODES)
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


def minutes(day: LivedDay) -> list[float]:
    """Every minute of a day that can be watched."""
    return [day.opens + STEP * number for number in range(int((day.ends - day.opens) // STEP) + 2)]


def move_on(key: str, times: Sequence[str], *, by: int) -> None:
    """Put a slider of times further on, and back to the beginning after the last."""
    at = times.index(st.session_state[key]) if st.session_state.get(key) in times else -by
    st.session_state[key] = times[at + by] if at + by < len(times) else times[0]


_DAYS = {"200 days": 200, "1,000 days": 1000, "5,000 days": 5000}


def choose_baseline() -> Baseline:
    """Which scenario is the day as it is."""
    name = st.selectbox(
        "As it is", scenario_names(folder()), key="baseline", bind="query-params", format_func=spaced,
        help="A scenario file. Load others, or save your own, at the foot of the page.",
    )  # fmt: skip
    start = start_from(name)
    display.note(start.scenario.question)
    return start


def choose(start: Baseline) -> Change:
    """Options ticked, agents added, calls and handling time dragged."""
    ticked = st.multiselect(
        "Options to add", list(start.options), key="options", bind="query-params", format_func=spaced,
        placeholder="Options",
        help="Scenario files of the same family, laid over the baseline in this order.",
    )  # fmt: skip
    for name in ticked:
        display.note(start.options[name].question)
    scenario = scenario_of(with_options(start, ticked), where=start.name)
    team, agents, begin, end = choose_agents(scenario)
    calls = st.slider("Calls, of what they are", 50, 150, 100, 5, format="%d%%", key="calls", bind="query-params")
    display.note(f"{words.count(scenario.demand.calls_per_day * calls / 100)} callers on an average day")
    took = st.slider(
        "Handling time, of what it is", 50, 150, 100, 1, format="%d%%", key="handling", bind="query-params"
    )
    display.note(f"{words.duration(mean_handling(scenario) * took / 100)} of an agent's time a call")
    rosters, shifts = edit_staff(start, ticked, scenario)
    return Change(tuple(ticked), team, agents, begin, end, calls / 100, took / 100, rosters, shifts)


def choose_agents(scenario: Scenario) -> tuple[str, int, float, float]:
    """How many agents more or fewer, in which team, from when to when."""
    day = scenario.day
    times = [clock(day.opens + number * day.interval) for number in range(day.intervals)] + [clock(day.closes)]
    moments = dict(zip(times, [*(day.opens + n * day.interval for n in range(day.intervals)), day.closes], strict=True))
    team = next(iter(scenario.teams))
    if len(scenario.teams) > 1:
        team = st.selectbox("Team", list(scenario.teams), key="team", bind="query-params", format_func=spaced)
    agents = st.number_input("Agents more or fewer", -50, 50, 0, 1, key="agents", bind="query-params")
    begin, end = st.select_slider(
        "From and until", times, value=(times[0], times[-1]), key="between", bind="query-params"
    )
    return team, int(agents), moments[begin], moments[end]


def edit_staff(
    start: Baseline, ticked: list[str], scenario: Scenario
) -> tuple[dict[str, tuple[int, ...]], dict[str, tuple[tuple[str, str, int], ...]]]:
    """The roster as a table to write in; agents more or fewer come on top."""
    which = f"{start.name}_{'_'.join(ticked)}"
    shifts: dict[str, tuple[tuple[str, str, int], ...]] = {}
    with st.expander("The roster, to write in", key="roster_open"):
        before = what_if.by_half_hour(scenario)
        rosters: dict[str, tuple[int, ...]] = {}
        if before.width > 1:
            after = display.editor(
                before, key=f"roster_{which}", disabled=[what_if.STARTS],
                column_config=numbers(before.columns[1:]), alt="Agents in each half-hour",
            )  # fmt: skip
            rosters = what_if.edited_rosters(before, after)
        for name, team in scenario.teams.items():
            if team.shifts:
                display.note(f"Shifts of {spaced(name)}")
                held = what_if.by_shift(scenario, name)
                now = display.editor(
                    held, key=f"shifts_{name}_{which}", num_rows="dynamic",
                    column_config=numbers(["Agents"]), alt=f"Shifts of {name}",
                )  # fmt: skip
                if edited := what_if.edited_shifts(held, now):
                    shifts[name] = edited
        display.note("Rostered agents, before absence and other work. Agents more or fewer come on top.")
    return rosters, shifts


def numbers(columns: list[str]) -> dict[str, Any]:
    """Columns that hold whole numbers of agents."""
    return {
        name: st.column_config.NumberColumn(spaced(name), min_value=0, max_value=20_000, step=1, required=True)
        for name in columns
    }


def choose_days() -> int:
    """How many days are simulated."""
    return _DAYS[st.segmented_control("How many", list(_DAYS), default="200 days", required=True, key="days_simulated",
                                     bind="query-params", label_visibility="collapsed")]  # fmt: skip


def spaced(name: str) -> str:
    """A file's name as words, shown as text."""
    return display.plain(name.replace("-", " ").replace("_", " "))
