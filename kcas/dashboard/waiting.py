"""Page: waits, time to abandon, patience and redials."""

import streamlit as st

from kcas.dashboard import display, session
from kcas.reporting import waits

choice, colours = session.usually(session.choice()), display.palette()  # no wait depends on whose rate is shown
total = session.rows(choice, by="total").row(0, named=True)
_waiting = session.waiting(choice)
longest, patience = _waiting.longest, _waiting.patience


def figures() -> None:
    """The waits of the period, each with what it is made of."""
    display.note(waits.service_level_words(total, said=choice.service_level.words))
    known = waits.wait_figures(total)
    for card, (name, figure, made_of) in zip(display.cards(len(known)), known, strict=True):
        with card:
            st.metric(name, figure)
            display.note(made_of)


def how_long() -> None:
    """Answered and abandoned side by side, on the same scale of waits."""
    for column, (what, bins) in zip(st.columns(2, gap="large"), _waiting.bins.items(), strict=True):
        said = waits.bins_words(bins, what=what, longest=longest)
        with column:
            shown = bins.filter(bins["from"] < longest)
            chart = waits.waits(shown, what=what, longest=longest, palette=colours)
            display.chart(chart, key=f"waits_{what}", alt=said)
            display.note(said)


def how_soon() -> None:
    """How soon callers give up, by the time of day they rang."""
    times = waits.give_up_times(session.rows(choice, by="time-of-day"))
    said = waits.give_up_words(times)
    if not times.is_empty():
        display.chart(waits.give_up_by_time(times, palette=colours), key="give_up", alt=said)
    display.note(said)


def patience_and_hazard() -> None:
    """Who would still be waiting, and when they hang up."""
    left, right = st.columns(2, gap="large")
    with left:
        st.header("Caller patience", anchor=False)
        said = waits.patience_words(patience.curve, lost=patience.abandoned, calls=patience.calls)
        points = waits.curve(patience.curve, longest=longest)
        marks = waits.readings(patience.curve, longest=longest)
        chart = waits.survival_chart(points, palette=colours, title="Would still be waiting", marks=marks)
        display.chart(chart, key="patience", alt=said)
        display.note(said)
    with right:
        st.header("Abandonment by seconds waited", anchor=False)
        slices = waits.paces(patience.hazard, longest=longest)
        said = waits.paces_words(slices)
        if not slices.is_empty():
            display.chart(waits.hazard(slices, palette=colours), key="hazard", alt=said)
        display.note(said)


def who_rings_again() -> None:
    """Who calls again and whether they get through, where the log can tell one caller from another."""
    if _waiting.again is None:
        display.note(
            "Not available: the log, or the desk's standard, keeps no caller tokens to tell one caller from another."
        )
        return
    display.note(waits.rings_again_words(_waiting.again))
    table = waits.rings_again_table(_waiting.again)
    display.table(table, key="rings_again", alt="Who calls again and whether they get through")


if total["offered"]:
    figures()
if not patience.calls:
    st.info("No call of this period and these queues is told one by one. Choose others in the sidebar.")
    st.stop()
st.header("How long callers waited, answered or not", anchor=False)
how_long()
st.header("Time to abandon, by time of day", anchor=False)
how_soon()
patience_and_hazard()
st.header("Repeat calls after abandoning", anchor=False)
who_rings_again()
