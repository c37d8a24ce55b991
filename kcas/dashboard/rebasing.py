"""Form for recalculating a chart's limits from a date, and for undoing that, by a named person."""

from datetime import date, timedelta

import streamlit as st

from kcas.dashboard import chart_data, display, session
from kcas.dashboard.session import Choice
from kcas.monitoring.rate_chart import RateChart
from kcas.monitoring.rebasing import LONGEST_NAME, LONGEST_REASON, Act
from kcas.monitoring.segments import Recalculation
from kcas.monitoring.suggested_breaks import suggestions
from kcas.reporting import verdict_words, words
from kcas.reporting.verdict_words import action_names

A_MONTH = timedelta(days=28)
DAY = "rebase_day"
ADDING, UNDOING = (DAY, "rebase_name", "rebase_reason"), ("undo_number", "undo_name", "undo_reason")


def offer(chart: RateChart, choice: Choice) -> None:
    """The suggestions, the two forms and the record."""
    display.note(
        "When something is known to have changed, a named person may recalculate the limits from that day, with at "
        "least twelve points after it. It holds for the queues chosen, by every definition, for days, weeks and "
        "months. Each act stays on record, and an undoing is an act too. Without a person, limits are recalculated "
        "only at an action recorded in the standard, where twelve points follow it and a run of seven confirms a shift."
    )
    found = suggestions(chart)
    for number, each in enumerate(found):
        said, use = st.columns([5, 1], vertical_alignment="center")
        said.info(display.plain(verdict_words.suggestion_words(each, by=chart.by)), icon=":material/lightbulb:")
        use.button("Use this date", key=f"use_{number}", on_click=session.set_widget, args=(DAY, each.day))
    held = chart_data.active_rebasings(choice)
    left, right = st.columns(2, gap="large")
    with left:
        _add(choice, by=chart.by, first_thought=found[0].day if found else None)
    with right:
        recalculated = [each.recalculated for each in chart.segments if each.recalculated]
        if held or recalculated:
            undo(choice, held, recalculated)
    acts = chart_data.record().acts()
    if acts:
        with st.expander(f"All acts on record: {len(acts)}"):
            display.table(verdict_words.record_table(acts), key="acts", alt="The record of re-basings")


def _add(choice: Choice, *, by: str, first_thought: date | None) -> None:
    """The form that puts a re-basing on record."""
    whole = session.everything()
    session.suggest(DAY, first_thought or max(whole.first, whole.last - A_MONTH))
    with st.form("rebase", border=True):
        st.markdown("**Recalculate limits from a date**")
        day = st.date_input(
            "From this day on", min_value=whole.first, max_value=whole.last, format="DD/MM/YYYY", key=DAY
        )
        name = st.text_input("Your name", max_chars=LONGEST_NAME, key="rebase_name")
        reason = st.text_input("What is known to have changed", max_chars=LONGEST_REASON, key="rebase_reason")
        if st.form_submit_button("Put on record", key="rebase_put") and isinstance(day, date):
            with display.door():
                points = chart_data.point_starts(choice, by=by)
                chart_data.record().add(day, name=name, reason=reason, points=points, by=by, queues=choice.queues)
                session.forget(ADDING)
                st.rerun()


def undo(choice: Choice, held: tuple[Act, ...], recalculated: list[Recalculation]) -> None:
    """The form that takes a re-basing back, or a recalculation at a recorded action."""
    named: dict[int | date, str] = {act.number: f"No. {act.number}, from {words.short_day(act.begins)}" for act in held}
    named |= {each.day: f"At {words.short_day(each.day)}: {action_names(each)}" for each in recalculated}
    with st.form("undo", border=True):
        st.markdown("**Undo a re-basing, or a recalculation at a recorded action**")
        which = st.selectbox("Which", list(named), format_func=named.__getitem__, key="undo_number")
        name = st.text_input("Your name", max_chars=LONGEST_NAME, key="undo_name")
        reason = st.text_input("Why", max_chars=LONGEST_REASON, key="undo_reason")
        if st.form_submit_button("Undo it", key="undo_put") and which is not None:
            with display.door():
                if isinstance(which, date):
                    days = [each.day for each in recalculated]
                    chart_data.record().decline(
                        which, name=name, reason=reason, recalculated=days, queues=choice.queues
                    )
                else:
                    chart_data.record().undo(which, name=name, reason=reason)
                session.forget(UNDOING)
                st.rerun()
