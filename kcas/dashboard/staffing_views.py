"""Results of the staffing page: sentence, chart, shifts, proof and marginal value.

Widgets of the staffing page: scenario, target, confidence and permitted shifts.
"""

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import streamlit as st

import kcas
from kcas.api.staffing import StaffingPlan
from kcas.dashboard import display, job_progress
from kcas.dashboard import what_if_session as supposed
from kcas.dashboard.job_requests import SIMULATIONS, PlanStaff
from kcas.dashboard.what_if_session import spaced
from kcas.desk.standard import Standard
from kcas.desk.toml_file import not_toml
from kcas.errors import ScenarioError
from kcas.jobs import Job
from kcas.reporting import staffing, words
from kcas.simulation.scenario import folder
from kcas.simulation.scenario.changes import scenario_names
from kcas.simulation.scenario.schema import Scenario as CheckedScenario
from kcas.staffing.shift_file import LARGEST_FILE, ShiftRules, rules_of
from kcas.staffing.target import StaffingTarget


def _answer(found: StaffingPlan) -> None:
    """Everything that was found, of what was then asked."""
    report = found.report
    st.header(display.plain(staffing.requirement_headline(report)), anchor=False)
    alone = f", a {report['weekday'].capitalize()} alone" if report["weekday"] else ""
    display.note(f"Asked of {found.name}{alone}: {report['question']}")
    for line in staffing.proofs(report):
        display.note(line)
    points = staffing.requirement_points(report)
    chart = staffing.agents(points, palette=display.palette())
    display.chart(chart, key="agents_chart", alt=staffing.points_words(points))
    display.note(staffing.staffing_provenance(report))
    if report["theory"]["why"]:
        display.note(f"Found by simulation alone: {report['theory']['why']}")
    view = st.segmented_control("Show", list(VIEWS), default="Half-hours", required=True, key="staff_view",
                                bind="query-params", label_visibility="collapsed")  # fmt: skip
    VIEWS[view](found)
    with st.expander("Assumptions", key="staff_rests"):
        for line in report["notes"]:
            display.note(line)


def _half_hours(found: StaffingPlan) -> None:
    """The table of intervals."""
    table = staffing.required_half_hours(found.report)
    display.table(table, key="staff_half_hours", height="content", alt="Agents by half-hour")


def shifts(found: StaffingPlan) -> None:
    """The roster, and who works when."""
    report = found.report
    if not report["roster"]:
        display.note("No shifts were asked for. Choose some on the left, and look again.")
        return
    display.note(staffing.roster_words(report))
    display.table(staffing.shifts(report), key="staff_shifts", height="content", alt="Shifts")
    display.note("Who works on which days:")
    display.table(staffing.roster_weeks(report), key="staff_weeks", height="content", alt="Weeks")


def marginal_value(found: StaffingPlan) -> None:
    """What each further agent buys."""
    report = found.report
    team = report["further"]["team"].replace("_", " ")
    starts = {"Beyond those that are there now": "today", "Beyond those of the plan": "roster"}
    start = st.segmented_control("From", list(starts), default="Beyond those that are there now", required=True,
                                 key="further_from", bind="query-params")  # fmt: skip
    display.table(
        staffing.marginal_values(report, start=starts[start]), key="staff_further", height="content",
        alt="What each further agent buys",
    )  # fmt: skip
    display.note(f"Each is in team {team} from opening to closing, on the same days with the same callers.")


def money(found: StaffingPlan) -> None:
    """What the money for more agents buys."""
    if not found.report["bought"]:
        display.note("No scenario with more agents was chosen. Choose one on the left, and look again.")
        return
    display.note(f"{found.bought} against {found.name}, on the same days with the same callers:")
    for line in staffing.bought_words(found.report):
        display.note(line)


def save(found: StaffingPlan) -> None:
    """Keep the roster as a scenario."""
    aim = found.report["aim"]["words"]
    question = st.text_input("The question it answers", value=f"Does this roster keep to {aim}?",
                             max_chars=300, key="staff_question")  # fmt: skip
    name = st.text_input("Name", placeholder="five-per-cent", max_chars=60, key="staff_name")
    text = found.text(question or "Does this roster do?")
    if st.button("Save", key="staff_save", type="primary", disabled=not name.strip(), icon=":material/save:"):
        kept = folder.save(supposed.folder_to_keep_in(), name, text)
        st.success(f"Saved as {display.plain(kept.name)}. It can be chosen here and on the What if page from now on.")
    st.download_button("Download the file", text, file_name="roster.toml", mime="application/toml",
                       key="download_roster", on_click="ignore", icon=":material/download:")  # fmt: skip
    with st.expander("What the file says", key="roster_says"):
        st.code(text, language="toml")


VIEWS = {
    "Half-hours": _half_hours, "Shifts": shifts, "What more would buy": marginal_value, "What the money buys": money,
    "Save": save,
}  # fmt: skip


def search_result() -> None:
    """How far the search has got, or what came of it."""
    nothing = "Nothing has been asked here yet. Say what to keep to, and press the button."
    job = job_progress.show(SIMULATIONS, "staffing", PlanStaff, nothing=nothing, doing=stage)
    if job and job.state == "done":
        _answer(job.answer)


def stage(job: Job[Any]) -> str:
    """What is being done."""
    share = job.share or 0.0
    doing = "Looking for the fewest agents" if share < 0.6 else "Choosing shifts" if share < 0.7 else "Simulating"
    return f"{doing}: {share:.0%}."


SHIFTS = "shifts"
"""The folder of shift files within the folder of scenarios."""
NONE, OWN = "No shifts: only how many agents", "A file of my own"
LOST, SOON = "Abandoned", "Service level"
ALL_DAYS = "all, with one roster"
SURELY = {"Long run": False, "Most days": True}
OVER = {"The day": "day", "Each half-hour": "half-hour"}
_DAYS = {"200 days": 200, "1,000 days": 1000}


def choose(standard: Standard, *, within: float) -> PlanStaff:
    """Everything that is asked."""
    name = st.selectbox(
        "Scenario", scenario_names(supposed.folder()), key="staffed", bind="query-params", format_func=spaced,
        help="The desk whose agents are looked for. Make and save others on the What if page.",
    )  # fmt: skip
    start = supposed.start_from(name)
    display.note(start.scenario.question)
    weekday = choose_weekday(start.scenario)
    aim, within = choose_aim(within)
    whole = kcas.Scenario(start.tables, name=name)
    rules = choose_shifts((whole.on_weekday(weekday) if weekday else whole).checked)
    heads, cost = choose_limits(rules)
    more = choose_bought(name)
    days = _DAYS[st.segmented_control("Simulated days", list(_DAYS), default="1,000 days", required=True,
                                     key="staff_days", bind="query-params")]  # fmt: skip
    bought = kcas.Scenario(supposed.start_from(more).tables, name=more) if more else None
    return PlanStaff(whole, aim, days, replace(standard, within=within), weekday, rules, heads, cost, bought)


def choose_weekday(scenario: CheckedScenario) -> str:
    """One weekday alone; empty for all with one roster."""
    days = scenario.day.weekdays
    if len(days) < 2:
        return ""
    display.suggest_named("staff_weekday", days)
    found = st.selectbox(
        "For which days", [ALL_DAYS, *days], key="staff_weekday", bind="query-params", format_func=str.capitalize,
        help="One weekday alone has its own calls, and its own roster now.",
    )  # fmt: skip
    return "" if found == ALL_DAYS else found


def choose_bought(start: str) -> str:
    """A scenario with more agents, whose money is weighed against this one; empty where none is."""
    others = [name for name in scenario_names(supposed.folder()) if name != start]
    found = st.selectbox(
        "What would the money for this buy?", others, index=None, key="bought", bind="query-params",
        format_func=spaced, placeholder="A scenario with more agents",
        help="Its agent-hours against those of the scenario above, and the calls they save: recommendation 10 (iii).",
    )  # fmt: skip
    return found or ""


def choose_aim(within: float) -> tuple[StaffingTarget, float]:
    """The target, over what, and how surely."""
    kinds = st.segmented_control("Keep to", [LOST, SOON], selection_mode="multi", default=[LOST], key="keep_to",
                                 bind="query-params")  # fmt: skip
    lost = level = None
    if LOST in kinds:
        lost = st.number_input("Abandoned, at most (%)", 0.1, 99.0, 5.0, 0.5, key="target", format="%g",
                               bind="query-params")  # fmt: skip
    if SOON in kinds:
        level = st.number_input("Answered in time, at least (%)", 1.0, 99.9, 80.0, 1.0, key="level", format="%g",
                                bind="query-params")  # fmt: skip
        within = st.number_input("In time: within (seconds)", 1.0, 3600.0, within, 5.0, key="in_time", format="%g",
                                 bind="query-params")  # fmt: skip
    over = st.segmented_control("Over what", list(OVER), default="The day", required=True, key="over",
                                bind="query-params")  # fmt: skip
    surely = st.segmented_control("How surely", list(SURELY), default="Long run", required=True, key="surely",
                                  bind="query-params")  # fmt: skip
    confidence = None
    if SURELY[surely]:
        confidence = st.number_input("Days that must keep to it, at least (%)", 1.0, 99.9, 90.0, 5.0, key="confidence",
                                     format="%g", bind="query-params")  # fmt: skip
    aim = StaffingTarget(
        lost / 100 if lost else None,
        level / 100 if level else None,
        confidence / 100 if confidence else None,
        OVER[over],
    )
    display.note(f"Wanted: {aim.words}.")
    return aim, within


def choose_shifts(scenario: CheckedScenario) -> ShiftRules | None:
    """Which shifts there may be: a file of the scenarios' folder, or one's own, to be edited here."""
    kept = {path.stem: path for path in sorted((supposed.folder() / SHIFTS).glob("*.toml"))}
    which = st.selectbox("Shifts", [NONE, *kept, OWN], key="shifts", bind="query-params", format_func=spaced,
                         help="Which shifts may be rostered, with their breaks and rules.")  # fmt: skip
    if which == NONE:
        return None
    text = shift_file_words(kept[which]) if which in kept else handed_in()
    if not text:
        display.note("Upload a file of shifts, or choose the example and change it.")
        return None
    with st.expander("The shifts, to write in", key="shifts_open"):
        text = st.text_area("Shifts, as TOML", text, height=320, max_chars=20_000, key=f"rules_{which}_{hash(text)}",
                            label_visibility="collapsed")  # fmt: skip
        st.download_button("Download", text, file_name="shifts.toml", mime="application/toml", key="download_shifts",
                           on_click="ignore", icon=":material/download:")  # fmt: skip
    rules = read(text, scenario)
    for name, pattern in rules.shifts.items():
        lengths = words.listed([words.duration(length) for length in pattern.lengths])
        display.note(f"{name.replace('_', ' ').capitalize()}: {len(set(pattern.starts))} starts, {lengths}.")
    if rules.invented:
        display.note(f"Invented in this file: {', '.join(rules.invented)}.")
    return rules


def handed_in() -> str:
    """A file of shifts from elsewhere."""
    handed = st.file_uploader("A file of shifts, TOML", type="toml", key="shift_file", max_upload_size=1)
    if handed is None:
        return ""
    content = handed.getvalue()
    if len(content) > LARGEST_FILE:
        raise ScenarioError(f"{handed.name}: larger than {LARGEST_FILE:,} bytes. A file of shifts is a page of text.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ScenarioError(f"{handed.name}: not UTF-8 text. Save it as UTF-8.") from None


def shift_file_words(path: Path) -> str:
    """What a file of shifts says."""
    return path.read_text(encoding="utf-8")


def read(text: str, scenario: CheckedScenario) -> ShiftRules:
    """The rules that the text makes. Raises ScenarioError or SettingError for what is not valid."""
    try:
        tables: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScenarioError(not_toml(error, where="the shifts")) from None
    return rules_of(tables, scenario=scenario, where="the shifts")


def choose_limits(rules: ShiftRules | None) -> tuple[int | None, float | None]:
    """People at most, and what an hour costs, where the file does not say."""
    heads = None
    if rules is not None:
        heads = st.number_input("People, at most", 1, 20_000, None, 1, key="heads", bind="query-params",
                                placeholder=str(rules.most_heads or "as many as it takes"))  # fmt: skip
    cost = None
    if rules is None or not rules.costed:
        cost = st.number_input("Cost of a paid hour", 0.01, 1_000_000.0, None, 0.5, key="cost", format="%g",
                               bind="query-params", placeholder="not said",
                               help="No rate of pay is assumed. Without one, hours are counted.")  # fmt: skip
    return (int(heads) if heads else None), cost
