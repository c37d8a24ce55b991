"""Page: the rate of the last day, week and month, against the target and the period before."""

from datetime import date, timedelta
from pathlib import Path
from typing import Literal

import polars as pl
import streamlit as st

from kcas.calls.rates import reconciliation
from kcas.dashboard import chart_data, display, session
from kcas.dashboard.attribution import reasons
from kcas.dashboard.page_frame import link_to_calls
from kcas.reporting import charts, period_comparison, tables, verdict_words, words

_HERE = Path(__file__).parent
LOOK_BACK = timedelta(days=62)  # the month before the month so far

choice, colours, begins = session.choice(), display.palette(), session.standard().day_begins
target = tables.rate_target(session.standard(), choice.definition)
earliest = min(choice.first, choice.last - LOOK_BACK)


def _counts() -> tuple[pl.DataFrame, pl.DataFrame]:
    """The half-hours and the days from the earliest on."""
    half_hours = session.stored_half_hours(choice, first=earliest)
    return half_hours, tables.days(session.days(choice, half_hours, first=earliest))


_half_hours, _days = session.shared("counts", _counts, choice)
shown = _days.filter(pl.col("day") >= choice.first)
of_period = _half_hours.filter(period_comparison.desk_day(_half_hours, begins=begins) >= choice.first)


def _cards(periods: list[period_comparison.Period], *, beyond: list[bool]) -> None:
    """A card a period: its rate and halves, the same time before, and the target.

    A difference has a colour only where it is more than random variation.
    """
    for card, period, sure in zip(display.cards(len(periods)), periods, beyond, strict=True):
        with card:
            change = None if period.difference is None else f"{100 * period.difference:+.1f} points"
            colour: Literal["inverse", "off"] = "inverse" if sure else "off"
            st.metric(tables.period_name(period), words.percent(period.now.rate), change, delta_color=colour)
            for line in tables.period_lines(period, target=target, beyond=sure):
                display.note(line)


def each_day() -> None:
    """The rate of each day, and the volumes it is made of."""
    at_most = target.at_most if target else None
    rates, said = session.shared("daily_rate", lambda: (
        charts.daily_rate(tables.rated(shown), palette=colours, target=at_most), tables.daily_words(shown)
    ), choice, colours.name)  # fmt: skip
    event = display.chart(rates, key="daily_rate", on_select="rerun", alt=said)
    if picked := display.chosen_in(event):
        link_to_calls(f"List the calls of {words.day(date.fromisoformat(picked['key']))}", on=picked["key"])
    display.note(
        f"Bars are 95% intervals. Days of fewer than {tables.FEW} calls are left out. Click a day to list its calls."
    )
    volumes, said = session.shared("volumes", lambda: (
        charts.volumes(tables.volumes(shown), palette=colours), tables.volume_words(shown)
    ), choice, colours.name)  # fmt: skip
    display.chart(volumes, key="volumes", alt=said)
    display.note(reconciliation(shown))


def _week() -> tuple[charts.Chart, str]:
    cells = tables.cells(of_period, palette=colours, begins=begins)
    return charts.heat_map(cells, palette=colours), tables.week_words(cells)


def the_week() -> None:
    """The heat map of half-hours by weekday."""
    drawn, said = session.shared("week", _week, choice, colours.name)
    event = display.chart(drawn, key="week", on_select="rerun", alt=said)
    if picked := display.chosen_in(event):
        day, start = picked["weekday"], picked["half_hour"]
        link_to_calls(f"List the calls of {day}s from {start}", weekday=day, time=start)
    display.note(f"Counts of the period added. A dot: fewer than {tables.FEW} calls. Click a cell to list its calls.")


def the_worst() -> None:
    """The worst half-hours, each with a link to its calls."""
    worst = session.shared("worst", lambda: tables.worst(of_period, begins=begins), choice)
    named = worst.select(**{"Half-hour": "when"}, Rate="rate_text", Calls="halves", Interval="interval_text")
    event = display.table(
        named, key="worst", on_select="rerun", selection_mode="single-row", alt="The worst half-hours"
    )
    if event.selection.rows:
        bad = worst.row(event.selection.rows[0], named=True)
        link_to_calls(f"List the calls of {bad['when']}", on=str(bad["day"]), time=words.clock(bad["start"]))
    display.note(
        f"By the lower end of the 95% interval, of at least {tables.FEW} calls. Choose a row to list its calls."
    )


def _compared() -> tuple[list[period_comparison.Period], list[bool]]:
    """The last day, week and month, and whether each differs from the one before by more than random variation."""
    ends = session.ends_within(choice.last)
    before = period_comparison.cut_short(_days, _half_hours, last=choice.last, at=ends, begins=begins) if ends else None
    periods = period_comparison.periods(_days, last=choice.last, before=before)
    chart = chart_data.chart(choice, by="day")
    return periods, [period_comparison.more_than_chance(each, _days, before=before, chart=chart) for each in periods]


def how_it_goes() -> None:
    """The headline and the cards."""
    ends = session.ends_within(choice.last)
    periods, beyond = session.shared("periods", _compared, choice, chart_data.acts())
    st.header(tables.headline(periods[0], name=tables.lost_name(choice.definition)), anchor=False)
    for reason in tables.not_available(_days.filter(pl.col("day") == choice.last), key=choice.definition.key):
        display.note(reason)
    display.note(
        session.where_the_log_ends() + (" The days it stands against are counted to the same time." if ends else "")
    )
    _cards(periods, beyond=beyond)
    judged = chart_data.judged(choice, chart_data.chart(choice, by="day"))
    display.note(" ".join(["Has the rate changed?", verdict_words.sentence(judged), *verdict_words.beneath(judged)]))
    st.page_link(_HERE / "trend.py", label="Trend", icon=":material/monitoring:")
    reasons(choice, _half_hours)


if _half_hours.is_empty() and _days.is_empty():
    st.info("Nothing is told by the day here: the tables read so far count longer stretches. The months are below.")
else:
    how_it_goes()
    st.header("Each day", anchor=False)
    each_day()
    left, right = display.side_by_side(left=350)
    with left:
        st.header("The week by half-hour", anchor=False)
        the_week()
    with right:
        st.header("The worst half-hours", anchor=False)
        the_worst()
    st.header("Each week", anchor=False)
    missing = session.lacking(choice).missing
    weeks = session.shared("weeks", lambda: tables.weeks(shown, missing=missing), choice)
    display.table(weeks, key="weeks", alt="Counts of each week",
                 column_config=display.thousands(weeks))  # fmt: skip
if session.has_tables():
    st.header("Each month", anchor=False)
    months = session.rows(choice, by="month")
    table = tables.months(months, missing=session.lacking(choice).missing)
    display.table(table, key="months", placeholder=words.NOT_AVAILABLE, alt="Counts of each month",
                 column_config=display.thousands(table))  # fmt: skip
    display.note(reconciliation(months))
    for reason in tables.not_available(months, key=choice.definition.key):
        display.note(reason)
for said in session.notes(choice):
    display.note(said)
