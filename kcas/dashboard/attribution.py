"""Panels that explain the last day, nowcast today, and explain a change since a date, on request.

What was once worked out is there for every visitor, until no one has looked at it for a day. Another version of the
store, of the program or of the settings is another question.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import polars as pl
import streamlit as st

from kcas.api.modelled import Explanation, Nowcast
from kcas.dashboard import display, job_progress, session
from kcas.dashboard.job_requests import ANSWERS, Explain, ForecastToday, question_name
from kcas.dashboard.session import Choice
from kcas.desk.opening_hours import A_DAY
from kcas.jobs import Job
from kcas.reporting import attribution, nowcast, words

Answer = TypeVar("Answer", Explanation, Nowcast)


def reasons(choice: Choice, half_hours: pl.DataFrame) -> None:
    """One question about the last day: how it will end while it is not over, else why it was so."""
    ends = session.ends_within(choice.last)
    closes = closing_time(choice.last)
    if ends and nowcast.not_over(half_hours, day=choice.last, at=ends, closes=closes):
        now = datetime.combine(choice.last, ends.replace(microsecond=0), ZoneInfo(session.standard().time_zone))
        asked = ForecastToday(**which(choice), now=now)
        question("How will today end? (model)", asked, key="today", show=will_end)
    else:
        label = f"Why was {words.day(choice.last)} so? (model)"
        question(label, Explain(**which(choice), day=choice.last), key="why", show=was_so)


def since(choice: Choice, day: date) -> None:
    """One question about a date: why is the rate what it is from then on, against all before."""
    label = f"Why has it been so since {words.day(day)}? (model)"
    question(label, Explain(**which(choice), since=day), key="why_since", show=was_so)


def which(choice: Choice) -> dict[str, Any]:
    """The store, the queues and the definition chosen."""
    rate = choice.definition
    return {"store": session.call_store(), "queues": choice.queues, "definition": rate.key, "short": rate.short}


def closing_time(day: date) -> float | None:
    """When the desk closes on a day, in seconds after midnight; None where the standard states no hours."""
    hours = session.standard()
    span = hours.opening.span(day, holidays=hours.holidays)
    return (60.0 * min(span[1], A_DAY) if span else 0.0) if hours.opening.stated else None


def question(label: str, asked: Explain | ForecastToday, *, key: str, show: Callable[[Any], None]) -> None:
    """A button that has it worked out, then the answer."""
    name = question_name(session.stamp(), asked)
    job = ANSWERS.state(name)
    if job is None:
        if st.button(display.plain(label), key=key, icon=":material/help:"):
            with display.door():
                ANSWERS.start(asked, name=name)
                st.rerun()
    elif job.state == "running":
        job_progress.running(ANSWERS, name, key=key, doing=working, stoppable=False)
    elif job.state == "done":
        with st.container(border=True):
            show(job.answer)
    else:
        display.note(f"{label} {job.words}")


def working(job: Job[Any]) -> str:
    """What is being done."""
    return "Working it out from the log: some seconds."


def was_so(found: Explanation) -> None:
    """The sentence, the small chart, and the detail behind it."""
    st.markdown(f"**Why (model, not proof).** {display.plain(found.sentence)}")
    why = found.why
    if why.holidays.here and len(why.dates) == 1:
        display.note(attribution.a_holiday(why))
    rows = found.rows
    chart = attribution.attribution_chart(rows, palette=display.palette())
    display.chart(chart, key="why_chart", alt=attribution.chart_words(rows))
    with st.expander("The figures, and how they were made"):
        display.table(attribution.attribution_table(rows), key="why_rows", alt="Each share of the difference")
        said = [*attribution.of_holidays(why), attribution.whether_chance(why), *attribution.method(why), *found.notes]
        for line in [*said, attribution.definition_words(why)]:
            display.note(line)


def will_end(found: Nowcast) -> None:
    """The sentences and the small chart."""
    first, ending, *rest = found.sentences
    st.markdown(f"**How today will end (model).** {display.plain(ending)} {display.plain(rest[0])}")
    chart = nowcast.nowcast_chart(found.report, palette=display.palette())
    display.chart(chart, key="today_chart", alt=f"{first} {ending}")
    for said in [first, *rest[1:], nowcast.MODEL, *found.notes, f"By: {found.definition.words}."]:
        display.note(said)
