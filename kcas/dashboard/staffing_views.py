"""Results of the staffing page: sentence, chart, shifts, proof and marginal value."""

import streamlit as st

from kcas.dashboard import display, job_progress
from kcas.dashboard import what_if_session as supposed
from kcas.dashboard.simulation_job import Job
from kcas.reporting import staffing
from kcas.simulation.scenario import folder
from kcas.staffing.roster_file import text_from_report


def answer(job: Job) -> None:
    """Everything that was found, of what was then asked."""
    report = job.report
    st.header(display.plain(staffing.headline(report)), anchor=False)
    alone = f", a {report['weekday'].capitalize()} alone" if report["weekday"] else ""
    display.note(f"Asked of {job.asked['scenario']}{alone}: {report['question']}")
    for line in staffing.proofs(report):
        display.note(line)
    points = staffing.points(report)
    chart = staffing.agents(points, palette=display.palette())
    display.chart(chart, key="agents_chart", alt=staffing.points_words(points))
    display.note(staffing.provenance(report))
    if report["theory"]["why"]:
        display.note(f"Found by simulation alone: {report['theory']['why']}")
    view = st.segmented_control("Show", list(VIEWS), default="Half-hours", required=True, key="staff_view",
                                bind="query-params", label_visibility="collapsed")  # fmt: skip
    VIEWS[view](job)
    with st.expander("Assumptions", key="staff_rests"):
        for line in report["notes"]:
            display.note(line)


def half_hours(job: Job) -> None:
    """The table of intervals."""
    table = staffing.half_hours(job.report)
    display.table(table, key="staff_half_hours", height="content", alt="Agents by half-hour")


def shifts(job: Job) -> None:
    """The roster, and who works when."""
    report = job.report
    if not report["roster"]:
        display.note("No shifts were asked for. Choose some on the left, and look again.")
        return
    display.note(staffing.roster_words(report))
    display.table(staffing.shifts(report), key="staff_shifts", height="content", alt="Shifts")
    display.note("Who works on which days:")
    display.table(staffing.weeks(report), key="staff_weeks", height="content", alt="Weeks")


def marginal_value(job: Job) -> None:
    """What each further agent buys."""
    report = job.report
    team = report["further"]["team"].replace("_", " ")
    starts = {"Beyond those that are there now": "today", "Beyond those of the plan": "roster"}
    start = st.segmented_control("From", list(starts), default="Beyond those that are there now", required=True,
                                 key="further_from", bind="query-params")  # fmt: skip
    display.table(
        staffing.marginal_values(report, start=starts[start]), key="staff_further", height="content",
        alt="What each further agent buys",
    )  # fmt: skip
    display.note(f"Each is in team {team} from opening to closing, on the same days with the same callers.")


def money(job: Job) -> None:
    """What the money for more agents buys."""
    if not job.report["bought"]:
        display.note("No scenario with more agents was chosen. Choose one on the left, and look again.")
        return
    display.note(f"{job.asked['bought']} against {job.asked['scenario']}, on the same days with the same callers:")
    for line in staffing.bought_words(job.report):
        display.note(line)


def save(job: Job) -> None:
    """Keep the roster as a scenario."""
    question = st.text_input("The question it answers", value=f"Does this roster keep to {job.report['aim']['words']}?",
                             max_chars=300, key="staff_question")  # fmt: skip
    name = st.text_input("Name", placeholder="five-per-cent", max_chars=60, key="staff_name")
    [path] = job.scenarios()
    text = text_from_report(path, job.report, question=question or "Does this roster do?")
    if st.button("Save", key="staff_save", type="primary", disabled=not name.strip(), icon=":material/save:"):
        kept = folder.save(supposed.folder_to_keep_in(), name, text)
        st.success(f"Saved as {display.plain(kept.name)}. It can be chosen here and on the What if page from now on.")
    st.download_button("Download the file", text, file_name="roster.toml", mime="application/toml",
                       key="download_roster", on_click="ignore", icon=":material/download:")  # fmt: skip
    with st.expander("What the file says", key="roster_says"):
        st.code(text, language="toml")


VIEWS = {
    "Half-hours": half_hours, "Shifts": shifts, "What more would buy": marginal_value, "What the money buys": money,
    "Save": save,
}  # fmt: skip


def search_result() -> None:
    """How far the search has got, or what came of it."""
    nothing = "Nothing has been asked here yet. Say what to keep to, and press the button."
    job = job_progress.finished_job("staffing", nothing=nothing, doing=lambda share: f"{stage(share)}: {share:.0%}.")
    if job and job.state == "done":
        answer(job)


def stage(share: float) -> str:
    """What is being done."""
    return "Looking for the fewest agents" if share < 0.6 else "Choosing shifts" if share < 0.7 else "Simulating"
