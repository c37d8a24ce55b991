"""Page: the control chart, and the rate before and after a date."""

from datetime import date

import streamlit as st

from kcas.dashboard import attribution, chart_data, display, rebasing, session
from kcas.monitoring.drift import drift
from kcas.monitoring.rate_chart import RateChart
from kcas.monitoring.since import Verdict
from kcas.reporting import control, control_charts, tables, verdict_words, words
from kcas.reporting.coverage import chart_coverage

_AT_ONCE = 3  # sentences above the chart, or it would be out of sight
SPACINGS = {"day": "Days", "week": "Weeks", "month": "Months"}

choice, colours = session.choice(), display.palette()
target = tables.rate_target(session.standard(), choice.definition)


def the_chart() -> RateChart | None:
    """The control chart, each signal in words, and the points with their halves."""
    left, right = st.columns([1, 1], vertical_alignment="bottom")
    usual = None if display.suggest_named("by", SPACINGS) else "day"
    by = left.segmented_control(
        "A point for each of", list(SPACINGS), format_func=SPACINGS.__getitem__, default=usual, required=True,
        key="by", bind="query-params",
    ) or "day"  # fmt: skip
    drifts = right.toggle("Watch for a slow drift (EWMA)", key="ewma", bind="query-params")
    chart = chart_data.chart(choice, by=by)
    if not chart.shown:
        st.info("No rate can be made of this period.")
        return None
    if chart.provisional:
        st.warning(control.PROVISIONAL, icon=":material/hourglass_top:")
    judged = chart_data.judged(choice, chart)
    signal_sentences(chart, judged)
    edges = verdict_words.edges(chart)
    drawn = control_charts.control_chart(
        control.with_limits(chart), by=by, palette=colours, target=target.at_most if target else None, edges=edges,
        actions=chart_data.actions(chart.shown[0].start, chart.shown[-1].start),
    )  # fmt: skip
    display.chart(drawn, key="control_chart", alt=control.chart_words(chart, verdict_words.sentence(judged)))
    if told := (*verdict_words.segment_words(chart), *chart_data.actions_in_words(chart)):
        st.markdown("\n".join(f"- {display.plain(said)}" for said in told))
    if drifts and chart.centre is not None:
        the_drift(chart)
    display.note(f"{control.how_to_read(chart, chosen=choice.first)} {session.where_the_log_ends()}")
    display.note(" ".join([*chart_coverage(chart, chart_data.lacking(choice)), *chart.notes]))
    with st.expander("The points, with both halves of each rate"):
        display.table(control.points_table(chart), key="points", alt="The points of the chart")
    return chart


def signal_sentences(chart: RateChart, judged: Verdict) -> None:
    """The icons of weeks and months, the verdict, and each other signal in a sentence."""
    if found := control_charts.icons(chart, palette=colours):
        places = st.columns([1, 2] * 2, vertical_alignment="center")
        for icon, picture, meaning in zip(found, places[::2], places[1::2], strict=False):
            picture.image(icon.picture, width=control_charts.WIDE, alt=f"{icon.name}: {icon.word}")
            meaning.markdown(f"**{icon.name}.** {icon.meaning}")
        if not target:
            display.note("No target is set for this rate, so nothing is said of meeting one.")
    st.markdown(f"**{display.plain(verdict_words.sentence(judged))}**")
    beside = [said for said in verdict_words.sentences(chart, judged)[1:] if said != control.PROVISIONAL]
    said = [f"- {display.plain(sentence)}" for sentence in beside]
    if said:
        st.markdown("\n".join(said[:_AT_ONCE]))
    if earlier := said[_AT_ONCE:]:
        with st.expander(f"Earlier signals in words: {len(earlier)}"):
            st.markdown("\n".join(earlier))


def the_drift(chart: RateChart) -> None:
    """The weighted mean of the points, and in words where it left its limits."""
    points = drift(chart)
    said = verdict_words.drift_words(points, by=chart.by)
    st.markdown("\n".join(f"- {display.plain(each)}" for each in said[:_AT_ONCE]))
    starts = {point.start for point in chart.shown}
    drawn = control_charts.drift_chart(
        verdict_words.drift_frame([point for point in points if point.start in starts]),
        palette=colours,
        edges=verdict_words.edges(chart),
    )
    display.chart(drawn, key="drift", alt=f"EWMA of {len(points)} {chart.by}s. {said[0]}")
    display.note(verdict_words.HOW_EWMA)


def since_a_date() -> None:
    """The verdict on a date, what it rests on, and what must be read beside it."""
    held = session.everything()
    usual = session.standard().day_of_change
    left, right = st.columns(2, vertical_alignment="bottom")
    day = left.date_input(
        "Since", value=usual if usual and held.first < usual < held.last else held.first + (held.last - held.first) / 2,
        min_value=held.first, max_value=held.last, format="DD/MM/YYYY", key="changed", bind="query-params",
    )  # fmt: skip
    slope = right.toggle("Allow for a trend that was there before", key="slope", bind="query-params")
    judged = chart_data.change_since(choice, day=day, slope=slope)
    found = judged.found
    st.markdown(f"**{display.plain(control.signal_verdict(found))}.** {display.plain(control.beneath_verdict(found))}")
    sides, trust = st.columns(2, gap="large")
    display.table(control.sides_table(found), place=sides, key="sides", alt="Before and after the date")
    if found.difference is not None:
        display.table(control.difference_table(found), place=trust, key="difference", alt="The difference")
        display.note(f"The 95% interval is {found.standard_error}.")
    st.markdown("\n".join(f"- {display.plain(said)}" for said in control.cautions(found)))
    if judged.weeks.height:
        what_else(judged, day)
    attribution.since(choice, day)
    display.note(
        f"Every week of the log, {words.days(held.first, held.last)}, by the definition and queues chosen; the week "
        "in which the date falls belongs to neither side. The method was fixed beforehand."
    )


def what_else(judged: chart_data.ChangeSince, day: date) -> None:
    """The weeks' rate, calls and agents on one axis."""
    frame = judged.weeks
    done = chart_data.actions(frame["day"][0], frame["day"][-1])
    rate = control_charts.rate_and_sides(frame, found=judged.found, day=day, palette=colours, actions=done)
    display.chart(rate, key="since_rate", alt=f"Rate of each week. {judged.found.sentence}")
    beside = control_charts.volume_and_staff_sentence(frame)
    display.chart(
        control_charts.calls_each_week(frame, day=day, palette=colours), key="since_calls",
        alt=f"Calls offered each week. {beside}",
    )  # fmt: skip
    if frame["agents"].is_not_null().any():
        display.chart(
            control_charts.agents_each_week(frame, day=day, palette=colours), key="since_agents",
            alt=f"Agents who answered calls each week. {beside}",
        )  # fmt: skip
    display.note(control_charts.HOW_TO_READ + (f" {beside}" if beside else ""))


st.header("Control chart", anchor=False)
drawn = the_chart()
if drawn:
    st.header("Recalculated limits", anchor=False)
    rebasing.offer(drawn, choice)
st.header("Before and after a date", anchor=False)
since_a_date()
