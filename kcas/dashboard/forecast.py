"""Page: calls, agents and rate of the days to come, and how accurate such forecasts were."""

from typing import Any, TypeVar

import streamlit as st

from kcas.api.forecast import ForecastBacktest, Forecasts
from kcas.dashboard import display, job_progress, session
from kcas.dashboard.attribution import which
from kcas.dashboard.job_requests import ANSWERS, ForecastAhead, ScoreForecasts, question_name
from kcas.jobs import Job, Request
from kcas.reporting import forecast

_Answer = TypeVar("_Answer")
AHEAD = {"1 week": 7, "2 weeks": 14, "4 weeks": 28, "13 weeks": 91, "26 weeks": 182}
DAYS, HALF_HOURS = "Days", "Half-hours"


def answered(request: Request[_Answer], *, key: str, doing: str) -> _Answer | None:
    """The answer, worked out for every visitor once; until it is there, how far it has got."""
    name = question_name(session.stamp(), request)
    job: Job[Any] | None = ANSWERS.state(name)
    if job is None:
        ANSWERS.start(request, name=name)
        st.rerun()
    if job.state == "running":
        job_progress.running(ANSWERS, name, key=key, doing=lambda _job: doing, stoppable=False)
    elif job.state == "done":
        found: _Answer = job.answer
        return found
    else:
        st.info(display.plain(job.words), icon=":material/info:")
    return None


def show(found: Forecasts) -> None:
    """The next day in a sentence, the chart, and the table with its file."""
    st.subheader(display.plain(forecast.next_day(found.days)), anchor=False)
    frame = found.to_frame()
    drawn = forecast.calls_chart(frame, palette=display.palette())
    display.chart(drawn, key="forecast_chart", alt=forecast.forecast_chart_words(found.days))
    display.table(forecast.forecast_table(found.days, found.half_hours), key="forecast_rows", alt="Each forecast")
    st.download_button("Download as CSV", frame.with_columns(start=frame["start"].dt.to_string("iso")).write_csv(),
                       file_name=f"forecast-{found.origin}.csv", mime="text/csv", key="forecast_csv",
                       on_click="ignore", icon=":material/download:")  # fmt: skip
    for line in (forecast.FORECAST_NOT_OBSERVED, f"From calls until {found.last_day}.", *found.notes):
        display.note(line)
    display.note(f"Rate: {found.definition.words}.")


def show_scores(found: ForecastBacktest) -> None:
    """The error at each horizon, beside that of the best simple rule."""
    display.table(forecast.score_table(found.scores), key="forecast_scores", height="content",
                  alt="Errors of past forecasts beside simple rules")  # fmt: skip
    display.note(f"Days from {found.first} until {found.until}. {forecast.SCORES_IN_WORDS}")


_choice = session.choice()
left, right = display.asked_and_answered()
with left:
    ahead = st.selectbox("How far ahead", list(AHEAD), index=1, key="how_far", bind="query-params")
    by = st.segmented_control("By", [DAYS, HALF_HOURS], default=DAYS, required=True, key="forecast_by",
                              bind="query-params")  # fmt: skip
    display.note("All days of the log are used, whatever days the sidebar chooses.")
with right:
    by_key = "day" if by == DAYS else "half-hour"
    asked = ForecastAhead(**which(_choice), days=AHEAD[ahead], by=by_key)
    if forecasts := answered(asked, key="forecast", doing="Forecasting from the log: some seconds."):
        show(forecasts)
        with st.expander("How accurate has it been?", key="forecast_accuracy"):
            if st.toggle("Forecast past days and compare", key="forecast_try"):
                scores = answered(ScoreForecasts(**which(_choice)), key="forecast_scored",
                                  doing="Forecasting past days: a minute or two for a year of calls.")  # fmt: skip
                if scores:
                    show_scores(scores)
