"""What was the rate yesterday, this week and this month, against the target and against the same time before?"""

from datetime import timedelta

import polars as pl
import streamlit as st

from kcas.calls.reconciliation import reconciliation
from kcas.dashboard import session
from kcas.dashboard.every_page import link_to_calls
from kcas.evidence import charts, lately, tables, words

LOOK_BACK = timedelta(days=62)  # the month before the month so far

choice, colours = session.choice(), session.palette()
target = tables.rate_target(session.standard(), choice.definition)
days = tables.days(session.rows(choice, by="day", first=min(choice.first, choice.last - LOOK_BACK)))
shown = days.filter(pl.col("day") >= choice.first)
half_hours = session.rows(choice, by="half-hour")


def cards(periods: list[lately.Period]) -> None:
    """A card a period: its rate and halves, the same time before, and the target."""
    for column, period in zip(st.columns(3), periods, strict=True):
        with column.container(border=True, height="stretch"):
            change = None if period.difference is None else f"{100 * period.difference:+.1f} points"
            st.metric(tables.period_name(period), words.percent(period.now.rate), change, delta_color="inverse")
            for line in tables.period_lines(period, target=target):
                session.note(line)


def each_day() -> None:
    """The rate of each day, and the volumes it is made of."""
    chart = charts.daily_rate(tables.rated(shown), palette=colours, target=target.at_most if target else None)
    event = st.altair_chart(chart, theme=None, key="daily_rate", on_select="rerun", alt=tables.daily_words(shown))
    if picked := session.chosen_in(event):
        link_to_calls(f"List the calls of {picked['key']}", on=picked["key"])
    session.note(
        f"Bars are 95% intervals. Days of fewer than {tables.FEW} calls are left out. Click a day to list its calls."
    )
    long = tables.volumes(shown)
    st.altair_chart(charts.volumes(long, palette=colours), theme=None, key="volumes", alt=tables.volume_words(shown))
    session.note(reconciliation(shown))


def the_week() -> None:
    """The heat map of half-hours by weekday."""
    cells = tables.cells(half_hours, palette=colours)
    event = st.altair_chart(
        charts.heat_map(cells, palette=colours), theme=None, key="week", on_select="rerun", alt=tables.week_words(cells)
    )
    if picked := session.chosen_in(event):
        day, start = picked["weekday"], picked["half_hour"]
        link_to_calls(f"List the calls of {day}s from {start}", weekday=day, time=start)
    session.note(f"Counts of the period added. A dot: fewer than {tables.FEW} calls. Click a cell to list its calls.")


def the_worst() -> None:
    """The worst half-hours, each with a link to its calls."""
    worst = tables.worst(half_hours)
    named = worst.select(Half_hour="when", Rate="rate_text", Calls="halves", Interval="interval_text")
    event = st.dataframe(
        named, key="worst", on_select="rerun", selection_mode="single-row", hide_index=True, alt="The worst half-hours"
    )
    if event.selection.rows:
        bad = worst.row(event.selection.rows[0], named=True)
        link_to_calls(f"List the calls of {bad['when']}", on=str(bad["day"]), time=words.clock(bad["start"]))
    session.note(
        f"By the lower end of the 95% interval, of at least {tables.FEW} calls. Choose a row to list its calls."
    )


periods = lately.periods(days, last=choice.last)
st.subheader(tables.headline(periods[0], name=tables.lost_name(choice.definition)), anchor=False)
session.note(session.where_the_log_ends())
cards(periods)
st.subheader("Each day", anchor=False)
each_day()
left, right = st.columns(2, gap="large")
with left:
    st.subheader("The week, half-hour by half-hour", anchor=False)
    the_week()
with right:
    st.subheader("The worst half-hours", anchor=False)
    the_worst()
st.subheader("Each week", anchor=False)
st.dataframe(tables.weeks(session.rows(choice, by="week")), hide_index=True, key="weeks", alt="Counts of each week")
