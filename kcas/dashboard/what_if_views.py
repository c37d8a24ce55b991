"""Results of the what-if page: simulate, save, compare, sweep, and one day in detail."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

import kcas
from kcas.api.simulation import Comparison, Sweep
from kcas.dashboard import display, job_progress, session
from kcas.dashboard import what_if_session as supposed
from kcas.dashboard.job_progress import Answer
from kcas.dashboard.job_requests import SIMULATIONS, Compare, SimulateGrid
from kcas.dashboard.what_if_session import choose_days, spaced
from kcas.desk.units import clock
from kcas.jobs import Job, Request
from kcas.reporting import projection, what_if, words
from kcas.simulation import sweep
from kcas.simulation.day_trace import course, course_words, now
from kcas.simulation.scenario import folder
from kcas.simulation.scenario.changes import Baseline, Change, scenario_names, what_differs
from kcas.simulation.scenario.difference import differences
from kcas.simulation.scenario.schema import Scenario as CheckedScenario

FRAME = 0.5  # seconds between pictures of a day that plays
MOST_COMPARED = 12


@dataclass(frozen=True)
class Supposed:
    """The baseline and what the visitor made of it."""

    start: Baseline
    change: Change
    tables: Mapping[str, Any]
    scenario: CheckedScenario
    changes: list[str]

    @property
    def before(self) -> kcas.Scenario:
        """The baseline."""
        return kcas.Scenario(self.start.tables, name=self.start.name)


def simulated(what: Supposed) -> None:
    """Both scenarios with the same simulated callers, side by side."""
    row = st.container(horizontal=True, vertical_alignment="center")
    button = row.container(width="content")
    with row:
        days = choose_days()
    ask = Compare((what.before, kcas.Scenario(what.tables, name="what if")), days, session.standard())
    button.button("Simulate", key="simulate", type="primary", icon=":material/play_arrow:",
                  on_click=job_progress.at_click, args=(SIMULATIONS, "simulation", ask))  # fmt: skip
    simulation_result("simulation", Compare, show=_side_by_side)


def simulation_result(key: str, of: type[Request[Answer]], *, show: Callable[[Job[Answer]], None]) -> None:
    """A simulation's progress, or what came of it."""
    nothing = "Nothing has been simulated here yet. Choose what would change, and press the button."
    job = job_progress.show(
        SIMULATIONS, key, of, nothing=nothing, doing=lambda job: f"Simulating: {job.share or 0:.0%} of the days."
    )
    if job and job.state == "done":
        show(job)
        if job.words:  # what the system would not bound
            display.note(job.words)


def unsupported(said: list[str]) -> None:
    """Where a projection leaves what any data support."""
    if said:
        lines = " ".join(display.plain(line) for line in said)
        st.warning(f"**Beyond what any data support.** {lines}", icon=":material/explore_off:")


def _side_by_side(job: Job[Comparison]) -> None:
    """The sentence, the table, the day by half-hour, the callers by type. All of what was then asked."""
    found = job.answer
    runs = (found.first.projection, found.others[0].projection)
    (first, second), (one, two), moved = (
        (run.scenario for run in runs),
        (run.estimates for run in runs),
        found.changes[0],
    )
    changes = differences(first, second)
    said = projection.headline(
        changes, before=one.total["rate"], after=two.total["rate"], difference=moved.total["rate"]
    )
    st.header(display.plain(said), anchor=False)
    unsupported([*found.others[0].beyond, *supposed.range_warnings(second, baseline=first)])
    for name, run in zip(("As it is", "What if"), runs, strict=True):
        display.note(f"{name}: {projection.counts_words(run.estimates.total, days=run.replications)}.")
    display.note(projection.projection_provenance(runs))
    table = projection.side_by_side(one, two, moved=moved)
    display.table(table, key="side_by_side", height="content", alt="Both scenarios, side by side")
    usual = None if display.suggest_named("measure", projection.CHARTED) else "rate"
    measure = st.segmented_control(
        "By half-hour", list(projection.CHARTED), default=usual, required=True, key="measure",
        format_func=lambda key: projection.CHARTED[key][0], bind="query-params", label_visibility="collapsed",
    ) or "rate"  # fmt: skip
    points = projection.by_half_hour(one, two, measure=measure)
    title = projection.CHARTED[measure][0]
    chart = what_if.projected_half_hours(points, title=title, share=measure != "wait_all", palette=display.palette())
    display.chart(chart, key="half_hours", alt=projection.points_words(points))
    display.note("Bars are 95% intervals of the long-run mean. By kind of caller:")
    kinds = projection.by_type(one, two, moved=moved)
    display.table(kinds, key="by_type", height="content", alt="By kind of caller")


def files(what: Supposed) -> None:
    """Keep what is assumed as a scenario file; bring one in."""
    keep, load = st.columns(2, gap="large")
    with keep:
        st.header("Save what is chosen above", anchor=False)
        question = st.text_input(
            "The question it answers", value=f"What would {' and '.join(what.changes) or 'nothing new'} do?",
            max_chars=300, key=f"question_{hash(tuple(what.changes))}",
        )  # fmt: skip
        name = st.text_input("Name", placeholder="two-more-at-ten", max_chars=60, key="save_name")
        text = folder.scenario_text(
            what_differs(what.start, what.change), question=question or "What if?", starts_from=what.start.name
        )
        if st.button("Save", key="save", type="primary", disabled=not name.strip(), icon=":material/save:"):
            path = folder.save(supposed.folder_to_keep_in(), name, text)
            st.success(f"Saved as {display.plain(path.name)}. It can be chosen above from now on.")
        st.download_button("Download the file", text, file_name="what-if.toml", mime="application/toml",
                           key="download_scenario", on_click="ignore", icon=":material/download:")  # fmt: skip
        with st.expander("What the file says", key="file_says"):
            st.code(text, language="toml")
    with load:
        st.header("Load a scenario file", anchor=False)
        handed = st.file_uploader("A scenario, a TOML file", type="toml", key="scenario_file", max_upload_size=1)
        if st.button("Load", key="load", disabled=handed is None, icon=":material/upload_file:") and handed:
            path = folder.bring_in(supposed.folder_to_keep_in(), handed.name, handed.getvalue())
            st.success(f"{display.plain(path.name)} can be chosen above from now on.")


def several(what: Supposed) -> None:
    """Several scenarios in one table, each against the baseline."""
    others = [name for name in scenario_names(supposed.folder()) if name != what.start.name]
    chosen = st.multiselect("Scenarios", others, key="compared", bind="query-params", format_func=spaced,
                            max_selections=MOST_COMPARED, placeholder="Choose scenarios")  # fmt: skip
    row = st.container(horizontal=True, vertical_alignment="center")
    button = row.container(width="content")
    with row:
        days = choose_days()
    named = [kcas.Scenario(supposed.start_from(name).tables, name=name) for name in chosen]
    above = [kcas.Scenario(what.tables, name="chosen above")] if what.changes or not chosen else []
    ask = Compare((what.before, *above, *named), days, session.standard())
    button.button("Compare", key="compare", type="primary", icon=":material/play_arrow:",
                  on_click=job_progress.at_click, args=(SIMULATIONS, "several", ask))  # fmt: skip
    simulation_result("several", Compare, show=compared)


def compared(job: Job[Comparison]) -> None:
    """The table."""
    found = job.answer
    runs = (found.first, *found.others)
    table = projection.several({run.name: run.projection.estimates for run in runs}, moved=found.changes)
    display.table(table, key="several_table", height="content", alt="Several scenarios in one table")
    left: list[str] = []
    for run in runs:
        scenario = run.projection.scenario
        said = [*run.beyond, *supposed.range_warnings(scenario, baseline=found.first.projection.scenario)]
        left += [f"{spaced(run.name)}: {line}" for line in said]
    unsupported(left)
    how = projection.projection_provenance([run.projection for run in runs])
    display.note(f"{how} Counts are a day's, means of all simulated days.")


def swept(what: Supposed) -> None:
    """Two inputs, every pair of their amounts, as a heat map."""
    left, right = st.columns(2)
    display.suggest_named("across", what_if.AMOUNTS)
    across = left.selectbox("Across", list(what_if.AMOUNTS), key="across", bind="query-params",
                            format_func=what_if.title)  # fmt: skip
    rest = [key for key in what_if.AMOUNTS if key != across]
    display.suggest_named("down", rest)
    down = right.selectbox("Down", rest, key="down", bind="query-params", format_func=what_if.title)  # fmt: skip
    row = st.container(horizontal=True, vertical_alignment="center")
    button = row.container(width="content")
    with row:
        days = choose_days()
    axes = [what_if.option(key, what.scenario) for key in (across, down)]
    start = kcas.Scenario(what.tables, name=words.listed(what.changes or ["the baseline as it is"]))
    ask = SimulateGrid(start, axes[0], axes[1], days, session.standard())
    button.button("Simulate every pair", key="sweep_start", type="primary", icon=":material/grid_on:",
                  on_click=job_progress.at_click, args=(SIMULATIONS, "sweep", ask))  # fmt: skip
    simulation_result("sweep", SimulateGrid, show=heat_map)


def heat_map(job: Job[Sweep]) -> None:
    """The heat map, and what it is of."""
    colours, found = display.palette(), job.answer
    cells = what_if.cells(found.cells, across=found.across.key, down=found.down.key, palette=colours)
    across, down = what_if.title(found.across.key), what_if.title(found.down.key)
    chart = what_if.sweep(cells, across=across, down=down, palette=colours)
    display.chart(chart, key="sweep_map", alt=what_if.sweep_sentence(cells))
    unsupported(pairs_beyond(found))
    display.note(
        f"{projection.MODEL} Share abandoned by the definition {found.standard.definition}, starting from "
        f"{found.scenario.name}. "
        f"{found.replications} days of each with the same simulated callers (seed {found.seed})."
    )
    with st.expander("Both halves and the interval of each", key="sweep_halves"):
        display.table(what_if.counts_table(cells, across=across, down=down), key="sweep_table",
                     alt="The calls a day that each share is made of")  # fmt: skip


def pairs_beyond(found: Sweep) -> list[str]:
    """How many pairs of a sweep leave what data support."""
    seen = supposed.stored_range(found.scenario.checked)
    return sweep.outside_data(found.scenario.tables, found.cells, across=found.across, down=found.down, seen=seen)


def watched_day(what: Supposed) -> None:
    """One simulated day, as it happens."""
    which, speed = st.columns(2)
    day = which.number_input("Which simulated day", 1, 5000, 1, 1, key="day_watched", bind="query-params")
    faster = speed.select_slider("Minutes a second", [1, 2, 5, 10, 20], value=5, key="speed", bind="query-params")
    lived = supposed.one_day(what.tables, day=int(day))
    minutes = course(lived)
    for strip in what_if.COURSE:
        chart = what_if.course(minutes, what=strip, palette=display.palette())
        display.chart(chart, key=f"course_{strip}", alt=course_words(minutes))
    watch(what, int(day), float(faster))


@st.fragment(run_every=FRAME)
def watch(what: Supposed, day: int, faster: float) -> None:
    """The desk at a moment, moving on while it plays."""
    lived = supposed.one_day(what.tables, day=day)
    times = [clock(each) for each in supposed.minutes(lived)]
    playing = st.toggle("Play", key="playing")
    if playing:
        supposed.move_on("moment", times, by=max(1, round(faster * FRAME)))
    chosen = st.select_slider("Time", times, key="moment")
    moment = now(lived, supposed.minutes(lived)[times.index(chosen)])
    st.markdown(f"**{display.plain(moment.words)}**")
    chart = what_if.desk(moment, palette=display.palette())
    display.chart(chart, key="desk", alt=moment.words)
    display.note("MODEL, not observed. One simulated day is chance; the projection is made of many.")
