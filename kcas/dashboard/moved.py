"""Has the rate moved by more than chance, and is it lower since a given day?"""

from datetime import date

import streamlit as st

from kcas.dashboard import change, session, showing
from kcas.evidence import control_charts, moved, tables, words

CHANGED = date(2010, 4, 1)  # since when this desk's rate was said to have fallen
AT_ONCE = 3  # sentences above the chart, or it would be out of sight
SPACINGS = {"day": "Days", "week": "Weeks", "month": "Months"}

choice, colours = session.choice(), showing.palette()
target = tables.rate_target(session.standard(), choice.definition)


def the_chart() -> None:
    """The control chart, each signal in words, and the points with their halves."""
    by = st.segmented_control(
        "A point for each of", list(SPACINGS), format_func=SPACINGS.__getitem__, default="day", required=True,
        key="by", bind="query-params",
    )  # fmt: skip
    chart = change.chart(choice, by=by)
    if not chart.points:
        st.info("There are no calls to make a rate of in this period.")
        return
    if chart.provisional:
        st.warning(moved.PROVISIONAL, icon=":material/hourglass_top:")
    said = [f"- {showing.plain(sentence)}" for sentence in moved.sentences(chart)]
    st.markdown("\n".join(said[:AT_ONCE]))
    if earlier := said[AT_ONCE:]:
        with st.expander(f"Earlier signals in words: {len(earlier)}"):
            st.markdown("\n".join(earlier))
    drawn = control_charts.control_chart(
        moved.with_limits(chart), by=by, palette=colours, target=target.at_most if target else None
    )
    st.altair_chart(drawn, theme=None, key="control_chart", alt=moved.chart_words(chart))
    showing.note(f"{moved.how_to_read(chart, chosen=choice.first)} {session.where_the_log_ends()}")
    showing.note(" ".join((*chart.notes, moved.of_the_target(chart))))
    with st.expander("The points, with both halves of each rate"):
        st.dataframe(moved.points_table(chart), hide_index=True, key="points", alt="The points of the chart")


def since_a_date() -> None:
    """The verdict on a date, what it rests on, and what must be read beside it."""
    held = session.everything()
    inside = held.first < CHANGED < held.last
    left, right = st.columns(2, vertical_alignment="bottom")
    day = left.date_input(
        "Since", value=CHANGED if inside else held.first + (held.last - held.first) / 2,
        min_value=held.first, max_value=held.last, format="DD/MM/YYYY", key="changed", bind="query-params",
    )  # fmt: skip
    slope = right.toggle("Allow for a trend that was there before", key="slope", bind="query-params")
    found = change.since_when(choice, day=day, slope=slope)
    st.markdown(f"**{showing.plain(moved.verdict(found))}.** {showing.plain(found.sentence)}")
    sides, trust = st.columns(2, gap="large")
    sides.dataframe(moved.sides_table(found), hide_index=True, key="sides", alt="Before and after the date")
    if found.difference is not None:
        trust.dataframe(moved.difference_table(found), hide_index=True, key="difference", alt="The difference")
    st.markdown("\n".join(f"- {showing.plain(said)}" for said in moved.cautions(found)))
    showing.note(
        f"Every week of the log, {words.days(held.first, held.last)}, by the definition and queues chosen; the week "
        "in which the date falls belongs to neither side. The method was fixed beforehand."
    )


st.subheader("More than chance?", anchor=False)
the_chart()
st.subheader("Since a date", anchor=False)
since_a_date()
