"""Panels that explain the last day, nowcast today, and explain a change since a date, on request."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import polars as pl
import streamlit as st

from kcas.dashboard import attribution_job, display, session
from kcas.dashboard.session import Choice
from kcas.desk.opening_hours import A_DAY
from kcas.reporting import attribution, nowcast, words

EVERY = 1.0
"""Seconds between looks at a child."""


def reasons(choice: Choice, half_hours: pl.DataFrame) -> None:
    """One question about the last day: how it will end while it is not over, else why it was so."""
    ends = session.ends_within(choice.last)
    closes = closing_time(choice.last)
    queues = [word for queue in choice.queues for word in ("--queue", queue)]
    if ends and nowcast.not_over(half_hours, day=choice.last, at=ends, closes=closes):
        asked = ["today", "--now", f"{choice.last}T{ends:%H:%M:%S}", *by(choice), *queues]
        question("How will today end? (model)", asked, key="today", show=will_end)
    else:
        label = f"Why was {words.day(choice.last)} so? (model)"
        question(label, ["explain", "--day", str(choice.last), *by(choice), *queues], key="why", show=was_so)


def since(choice: Choice, day: date) -> None:
    """One question about a date: why is the rate what it is from then on, against all before."""
    queues = [word for queue in choice.queues for word in ("--queue", queue)]
    label = f"Why has it been so since {words.day(day)}? (model)"
    question(label, ["explain", "--since", str(day), *by(choice), *queues], key="why_since", show=was_so)


def by(choice: Choice) -> list[str]:
    """The definition chosen, as a command's options."""
    rate = choice.definition
    return ["--definition", rate.key, *(["--short", f"{rate.short:g} s"] if rate.short is not None else [])]


def closing_time(day: date) -> float | None:
    """When the desk closes on a day, in seconds after midnight; None where the standard states no hours."""
    hours = session.standard()
    span = hours.opening.span(day, holidays=hours.holidays)
    return (60.0 * min(span[1], A_DAY) if span else 0.0) if hours.opening.stated else None


def question(label: str, asked: Sequence[str], *, key: str, show: Callable[[dict[str, Any]], None]) -> None:
    """A button that has it worked out, then the answer."""
    name = attribution_job.name_of(session.stamp(), asked, standard=session.standard())
    job = attribution_job.job_state(name)
    if job is None:
        if st.button(display.plain(label), key=key, icon=":material/help:"):
            try:
                attribution_job.start(name, asked)
            except RuntimeError as error:
                st.warning(display.plain(error))
                return
            st.rerun()
    elif job.state == "running":
        show_progress(job.name)
    elif job.state == "failed":
        display.note(f"{label} {job.words}")
    else:
        with st.container(border=True):
            show(job.report)


@st.fragment(run_every=EVERY)
def show_progress(name: str) -> None:
    """Says that it is under way, until it is not."""
    job = attribution_job.job_state(name)
    if job is None or job.state != "running":
        st.rerun()
    said = "Working it out from the log: some seconds. You may go on, and come back."
    if job is not None and job.share is not None:
        st.progress(job.share, text=said)
    else:
        display.note(said)


def was_so(report: dict[str, Any]) -> None:
    """The sentence, the small chart, and the detail behind it."""
    st.markdown(f"**Why (model, not proof).** {display.plain(report['sentence'])}")
    if report["holidays"]["now"] and len(report["dates"]) == 1:
        display.note(report["notes"][0])  # that the day is a holiday, and what it stands against
    rows = report["shares"]
    chart = attribution.chart(rows, palette=display.palette())
    display.chart(chart, key="why_chart", alt=attribution.chart_words(rows))
    with st.expander("The figures, and how they were made"):
        display.table(attribution.table(rows), key="why_rows", alt="Each share of the difference")
        for said in [*report["notes"], report["definition"]["words"]]:
            display.note(said)


def will_end(report: dict[str, Any]) -> None:
    """The sentences and the small chart."""
    first, ending, *rest = report["sentences"]
    st.markdown(f"**How today will end (model).** {display.plain(ending)} {display.plain(rest[0])}")
    chart = nowcast.chart(report, palette=display.palette())
    display.chart(chart, key="today_chart", alt=f"{first} {ending}")
    for said in [first, *rest[1:], *report["notes"], f"By: {report['definition']['words']}."]:
        display.note(said)
