"""Results of the model page, with the files to download."""

from datetime import date
from pathlib import Path
from typing import Any

import streamlit as st

from kcas.dashboard import display, job_progress
from kcas.dashboard import model_controls as controls
from kcas.dashboard import what_if_session as supposed
from kcas.dashboard.session import Choice
from kcas.dashboard.simulation_job import Job
from kcas.dashboard.what_if_controls import spaced
from kcas.reporting import backtest, calibration_charts, calibration_tables, words
from kcas.simulation.scenario import folder

HERE = Path(__file__).parent
DOING = {controls.FITTED: "Fitting to the log", controls.TRIED: "Forecasting past days"}


def fitted(choice: Choice) -> None:
    """How far the fit has got, or what came of it."""
    job = ended(controls.FITTED)
    if job is None:
        return
    report = job.report
    st.subheader(display.plain(calibration_tables.headline(report)), anchor=False)
    display.note(calibration_tables.fitted_to(report))
    asked_for(job, choice)
    for line in calibration_tables.days_left_out(report):
        display.note(line)
    charts(report)
    st.markdown("**What was estimated**")
    display.table(calibration_tables.table(report), key="estimates", height="content",
                 alt="What was estimated, with intervals and the calls behind")  # fmt: skip
    display.note(f"{calibration_tables.OF_A_DAY} {calibration_tables.laws(report)}")
    if treated := calibration_tables.fault_treatments(report):
        st.markdown("**How data faults of the log were treated**")
        for line in treated:
            display.note(line)
    st.markdown("**What could not be told**")
    for line in report["cannot_tell"]:
        display.note(line)
    save_scenario(report)


def charts(report: dict[str, Any]) -> None:
    """Calls by half-hour and the patience curve, each with its table."""
    points = calibration_charts.kinds_of_day(report)
    st.markdown("**Calls by half-hour, on each kind of day**")
    drawn = calibration_charts.arrivals(points, palette=display.palette())
    display.chart(drawn, key="arrivals_chart", alt=calibration_charts.arrivals_words(points))
    with st.expander("The figures of this chart", key="arrivals_open"):
        display.table(calibration_charts.arrivals_table(points), key="arrivals_table",
                     alt="Mean calls and agents by half-hour")  # fmt: skip
    curve = calibration_charts.patience_points(report)
    st.markdown("**Caller patience**")
    said = calibration_charts.patience_words(report, curve)
    display.chart(calibration_charts.patience(curve, palette=display.palette()), key="patience_chart",
                    alt=said)  # fmt: skip
    display.note(said)
    with st.expander("The figures of this chart", key="patience_open"):
        display.table(calibration_charts.patience_table(curve), key="patience_table",
                     alt="Share still waiting by wait")  # fmt: skip


def save_scenario(report: dict[str, Any]) -> None:
    """Download the scenario files, or keep one as a baseline for the other pages."""
    st.subheader("Use it", anchor=False)
    files = {calibration_charts.kind_of_day(each["weekdays"]): Path(each["file"]) for each in report["files"]}
    days = st.selectbox("The scenario of", list(files), key="kept_days",
                        help="Weekdays with other hours, or far fewer calls, are a scenario of their own.")  # fmt: skip
    path = files[days]
    text = path.read_text(encoding="utf-8")
    st.download_button("Download the file", text, file_name=path.name, mime="application/toml", key="download_own",
                       on_click="ignore", icon=":material/download:")  # fmt: skip
    name = st.text_input("Name among my scenarios", value=path.stem, max_chars=60, key=f"own_name_{path.stem}")
    if st.button("Keep among my scenarios", key="keep_own", disabled=not name.strip(), icon=":material/save:"):
        kept = folder.save(supposed.folder_to_keep_in(), name, text)
        st.success(f"Kept as {display.plain(kept.name)}. It is a baseline on these pages from now on.")
        # an address names an option by the words in which its page offers it
        st.page_link(HERE / "what_if.py", label="Change it on the What if page", icon=":material/tune:",
                     query_params={"baseline": spaced(kept.stem)})  # fmt: skip
        st.page_link(HERE / "staffing.py", label="Find its fewest agents on the Staffing page",
                     icon=":material/groups:", query_params={"staffed": spaced(kept.stem)})  # fmt: skip
    with st.expander("What the file says: where each number comes from", key="own_says"):
        st.code(text, language="toml")


def backtest_result(choice: Choice) -> None:
    """How far the trial has got, or what came of it."""
    job = ended(controls.TRIED)
    if job is None:
        return
    report = job.report
    st.subheader(display.plain(backtest.sentence(report)), anchor=False)
    st.markdown(display.plain(backtest.failed(report)))
    display.note(backtest.setting(report))
    asked_for(job, choice)
    days = backtest.frame(report)
    drawn = backtest.daily(days, palette=display.palette())
    display.chart(drawn, key="tried_chart", alt=backtest.daily_words(days))
    with st.expander("The figures of this chart", key="tried_open"):
        display.table(backtest.days(report), key="tried_days", alt="Each day forecast")
    st.markdown("**The model against three baseline forecasts**")
    display.table(backtest.scores(report), key="tried_scores", height="content",
                 alt="Errors and coverage of the model and of three baseline forecasts")  # fmt: skip
    for line in [*backtest.scores_in_words(report), *backtest.days_left_out(report)]:
        display.note(line)
    st.markdown("**Each assumption on its own**")
    for line in backtest.assumptions(report):
        display.note(line)


def asked_for(job: Job, choice: Choice) -> None:
    """Which calls it was asked of, where the sidebar has since moved on."""
    asked = job.asked
    if (asked["first"], asked["last"], tuple(asked["queues"])) != (
        str(choice.first), str(choice.last), choice.queues
    ):  # fmt: skip
        days = words.days(date.fromisoformat(asked["first"]), date.fromisoformat(asked["last"]))
        named = f"queues {words.listed(asked['queues'])}" if asked["queues"] else "all queues"
        display.note(
            f"This is of {days}, {named}. Other calls are now chosen in the sidebar: press the button for those."
        )


def ended(kind: str) -> Job | None:
    """The job that is done; what is to be said while there is none is said."""
    nothing = "Nothing has been asked here yet. Choose the days in the sidebar, and press the button."
    job = job_progress.finished_job(kind, nothing=nothing, doing=lambda share: f"{DOING[kind]}: {share:.0%}.")
    if job and job.state == "failed":
        display.note("Choose more days or queues in the sidebar, or upload more of the telephone system's log.")
        st.page_link(HERE / "data.py", label="Upload a log", icon=":material/upload_file:")
    return job if job and job.state == "done" else None
