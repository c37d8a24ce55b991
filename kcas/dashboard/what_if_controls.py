"""Widgets of the what-if page: changes to the reference scenario."""

from typing import Any

import streamlit as st

from kcas.dashboard import display
from kcas.dashboard import what_if_session as supposed
from kcas.desk.toml_fields import clock
from kcas.reporting import staff_table, words
from kcas.simulation.scenario.changes import Baseline, Change, scenario_names, with_options
from kcas.simulation.scenario.file import scenario_of
from kcas.simulation.scenario.handling_time import mean_handling
from kcas.simulation.scenario.schema import Scenario

DAYS = {"200 days": 200, "1,000 days": 1000, "5,000 days": 5000}


def choose_baseline() -> Baseline:
    """Which scenario is the day as it is."""
    name = st.selectbox(
        "As it is", scenario_names(supposed.folder()), key="baseline", bind="query-params", format_func=spaced,
        help="A scenario file. Load others, or save your own, at the foot of the page.",
    )  # fmt: skip
    start = supposed.start_from(name)
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
        before = staff_table.by_half_hour(scenario)
        rosters: dict[str, tuple[int, ...]] = {}
        if before.width > 1:
            after = display.editor(
                before, key=f"roster_{which}", disabled=[staff_table.STARTS],
                column_config=numbers(before.columns[1:]), alt="Agents in each half-hour",
            )  # fmt: skip
            rosters = staff_table.edited_rosters(before, after)
        for name, team in scenario.teams.items():
            if team.shifts:
                display.note(f"Shifts of {spaced(name)}")
                held = staff_table.by_shift(scenario, name)
                now = display.editor(
                    held, key=f"shifts_{name}_{which}", num_rows="dynamic",
                    column_config=numbers(["Agents"]), alt=f"Shifts of {name}",
                )  # fmt: skip
                if edited := staff_table.edited_shifts(held, now):
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
    return DAYS[st.segmented_control("How many", list(DAYS), default="200 days", required=True, key="days_simulated",
                                     bind="query-params", label_visibility="collapsed")]  # fmt: skip


def spaced(name: str) -> str:
    """A file's name as words, shown as text."""
    return display.plain(name.replace("-", " ").replace("_", " "))
