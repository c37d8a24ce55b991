"""Results of the model page, with the files to download.

Widgets of the model page: days, roster, and how to test the fit.
"""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import streamlit as st

from kcas.calibration.backtest import forecast as backtest_forecast
from kcas.dashboard import display, job_progress, session
from kcas.dashboard import what_if_session as supposed
from kcas.dashboard.job_progress import Answer
from kcas.dashboard.job_requests import ROSTER, SIMULATIONS, BacktestModel, CallsChosen, FitModel
from kcas.dashboard.session import Choice
from kcas.dashboard.what_if_session import spaced
from kcas.errors import SettingError
from kcas.jobs import Job, Request
from kcas.reporting import backtest, calibration_charts, calibration_tables, words
from kcas.simulation.scenario import folder

FITTED, TRIED = "fitted", "tried"
"""The two kinds of job, as the address names them."""
LARGEST_ROSTER = 1_000_000  # bytes
_LEAST = 15  # days, of which fourteen are fitted to
WEEKLY, ONCE = "Each week", "Once"
NOTHING, ALL = "Nothing", "All but hang-ups"
GIVEN = {
    NOTHING: "As it would have been on the day before: nothing of the day is known.",
    ALL: "The queue model alone: the day's calls, handling and staff are given; only hang-ups are forecast.",
}


def fit(choice: Choice) -> None:
    """Ask for a fit to what the sidebar chose."""
    chosen_in_words(choice)
    roster = choose_roster()
    ask = FitModel(calls_chosen(choice), with_roster=bool(roster))
    st.button("Fit the model", key="fit", type="primary", icon=":material/play_arrow:", width="stretch",
              on_click=job_progress.at_click, args=(SIMULATIONS, FITTED, ask), kwargs=with_roster(roster))  # fmt: skip


def backtest_form(choice: Choice) -> None:
    """Form for a back-test: forecasts of past days, compared with what was observed."""
    chosen_in_words(choice)
    if (choice.last - choice.first).days < _LEAST:
        st.info("There must be days to fit to and days to forecast. Choose four weeks or more in the sidebar.")
        return
    how = st.segmented_control("Fitted", [WEEKLY, ONCE], default=WEEKLY, required=True, key="how_fitted",
                               bind="query-params")  # fmt: skip
    fit_until = None if how == WEEKLY else choose_day(choice)
    if how == WEEKLY:
        display.note("The first four weeks are fitted to; each later week is forecast from all the days before it.")
    given = st.segmented_control("Given of each day", list(GIVEN), default=NOTHING, required=True, key="given_of_day",
                                 bind="query-params")  # fmt: skip
    display.note(GIVEN[given])
    facts = backtest_forecast.GIVEN if given == ALL else ()
    roster = choose_roster()
    ask = BacktestModel(calls_chosen(choice), bool(roster), fit_until, tuple(facts))
    st.button("Try it on past days", key="try_it", type="primary", icon=":material/play_arrow:", width="stretch",
              on_click=job_progress.at_click, args=(SIMULATIONS, TRIED, ask), kwargs=with_roster(roster))  # fmt: skip


def chosen_in_words(choice: Choice) -> None:
    """Which calls, and where to choose others."""
    display.note(f"Calls of {words.days(choice.first, choice.last)}, {queues(choice)}. Choose others in the sidebar.")


def queues(choice: Choice) -> str:
    """The queues in words."""
    return f"queues {words.listed(list(choice.queues))}" if choice.queues else "all queues"


def choose_day(choice: Choice) -> date:
    """The first day that is forecast rather than fitted to."""
    length = (choice.last - choice.first).days
    return st.date_input(
        "First day to forecast", value=choice.first + timedelta(days=max(_LEAST - 1, 3 * length // 4)),
        min_value=choice.first + timedelta(days=_LEAST - 1), max_value=choice.last, format="DD/MM/YYYY",
        key=f"first_foretold_{choice.first}_{choice.last}",
    )  # fmt: skip


def choose_roster() -> str:
    """A roster as text; empty where staff are read off who took calls."""
    handed = st.file_uploader("Roster, if there is one (CSV: day, from, to, agents)", type="csv", key="own_roster",
                              max_upload_size=1)  # fmt: skip
    if handed is None:
        display.note("Without a roster, who was on duty is inferred from who took calls when, and breaks are guessed.")
        return ""
    content = handed.getvalue()
    if len(content) > LARGEST_ROSTER:
        raise SettingError(f"{handed.name}: larger than {LARGEST_ROSTER:,} bytes. A roster is a few pages of text.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SettingError(f"{handed.name}: not UTF-8 text. Save it as CSV UTF-8.") from None


def with_roster(roster: str) -> dict[str, Any]:
    """What goes with a request: the roster's file, where there is one."""
    return {"given": lambda folder: (folder / ROSTER).write_text(roster, encoding="utf-8")} if roster else {}


def calls_chosen(choice: Choice) -> CallsChosen:
    """Which calls of which store."""
    return CallsChosen(session.call_store(), choice.first, choice.last, choice.until, choice.queues)


_HERE = Path(__file__).parent
DOING = {FITTED: "Fitting to the log", TRIED: "Forecasting past days"}


def show_fit(choice: Choice) -> None:
    """How far the fit has got, or what came of it."""
    job = ended(FITTED, FitModel)
    if job is None:
        return
    report = job.answer.report
    st.subheader(display.plain(calibration_tables.calibration_headline(report)), anchor=False)
    display.note(calibration_tables.fitted_to(report))
    asked_for(job, choice)
    for line in calibration_tables.days_left_out(report):
        display.note(line)
    charts(report)
    st.markdown("**What was estimated**")
    display.table(calibration_tables.calibration_table(report), key="estimates", height="content",
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
        st.page_link(_HERE / "what_if.py", label="Change it on the What if page", icon=":material/tune:",
                     query_params={"baseline": spaced(kept.stem)})  # fmt: skip
        st.page_link(_HERE / "staffing.py", label="Find its fewest agents on the Staffing page",
                     icon=":material/groups:", query_params={"staffed": spaced(kept.stem)})  # fmt: skip
    with st.expander("What the file says: where each number comes from", key="own_says"):
        st.code(text, language="toml")


def backtest_result(choice: Choice) -> None:
    """How far the trial has got, or what came of it."""
    job = ended(TRIED, BacktestModel)
    if job is None:
        return
    report = job.answer.report
    st.subheader(display.plain(backtest.backtest_sentence(report)), anchor=False)
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


def asked_for(job: Job[Any], choice: Choice) -> None:
    """Which calls it was asked of, where the sidebar has since moved on."""
    asked: CallsChosen = job.request.chosen  # type: ignore[attr-defined]
    if (asked.first, asked.last, asked.queues) != (choice.first, choice.last, choice.queues):
        named = f"queues {words.listed(list(asked.queues))}" if asked.queues else "all queues"
        display.note(
            f"This is of {words.days(asked.first, asked.last)}, {named}. Other calls are now chosen in the sidebar: "
            "press the button for those."
        )


def ended(key: str, of: type[Request[Answer]]) -> Job[Answer] | None:
    """The job that is done; what is to be said while there is none is said."""
    nothing = "Nothing has been asked here yet. Choose the days in the sidebar, and press the button."
    job = job_progress.show(
        SIMULATIONS, key, of, nothing=nothing, doing=lambda job: f"{DOING[key]}: {job.share or 0:.0%}."
    )
    if job and job.state == "failed":
        display.note("Choose more days or queues in the sidebar, or upload more of the telephone system's log.")
        st.page_link(_HERE / "data.py", label="Upload a log", icon=":material/upload_file:")
    return job if job and job.state == "done" else None
