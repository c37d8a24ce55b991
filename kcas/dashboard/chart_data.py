"""Data of the control chart and the before-and-after comparison, for the sidebar's selection."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl
import streamlit as st

from kcas.calls.coverage import Coverage
from kcas.dashboard import session
from kcas.dashboard.session import Choice
from kcas.desk.standard import Standard
from kcas.monitoring import from_measures
from kcas.monitoring.from_measures import Record, whole_weeks
from kcas.monitoring.rate_chart import RateChart
from kcas.monitoring.rebasing import Act, Rebasings
from kcas.monitoring.since import Since, Verdict, Week, since, verdict
from kcas.reporting import control_charts, tables, words


def record() -> Rebasings:
    """Who has re-based which chart, of the store that is looked at."""
    return Rebasings(session.store().folder)


def acts() -> int:
    """How many lines the record of re-basings has; lines are only ever added to it."""
    return len(record().acts())


def active_rebasings(choice: Choice) -> tuple[Act, ...]:
    """The re-basings that hold for the queues chosen."""
    return record().in_force(queues=choice.queues)


def chart(choice: Choice, *, by: str) -> RateChart:
    """The control chart of all the log up to the last day chosen, of which the period chosen is shown."""
    held = session.contents()
    first = choice.first if by == "day" else min(choice.first, from_measures.reach(choice.last, by=by))
    target = tables.rate_target(session.standard(), choice.definition)
    found = _chart(
        session.stamp(), acts(), session.standard(), replace(choice, first=held.first_day if held else first),
        by, target.at_most if target else None,
    )  # fmt: skip
    return replace(found, shown_from=first)


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs={Standard: repr, Choice: repr})
def _chart(stamp: str, acts: int, standard: Standard, whole: Choice, by: str, at_most: float | None) -> RateChart:
    """The chart of a version of the store and of the record of re-basings, to which lines are only ever added."""
    lacking = session.coverage_of(stamp, standard).within(None, whole.until)
    record = from_measures.record(session.store().folder, desk=standard, queues=whole.queues, lacking=lacking)
    return from_measures.chart(session.counted_by(whole, by=by), by=by, record=record, at_most=at_most)


def judged(choice: Choice, chart: RateChart) -> Verdict:
    """The verdict of a chart, the same whatever period is chosen."""
    return verdict(chart, lacking=lacking(choice))


def lacking(choice: Choice) -> Coverage:
    """The open days that the log lacks up to the last day chosen."""
    return session.lacking().within(None, choice.until)


def actions(first: date, last: date) -> list[tuple[date, str]]:
    """What the desk did in these days, as its standard tells, each by its point of recommendation 10."""
    return [(action.day, f"({action.point})") for action in session.standard().actions if first <= action.day <= last]


def actions_in_words(chart: RateChart) -> list[str]:
    """The same in words, for the lines that a chart bears."""
    first, last = chart.shown[0].start, chart.shown[-1].start
    done = [action for action in session.standard().actions if first <= action.day <= last]
    return [f"({action.point}) {words.day(action.day)}: {action.what}" for action in done]


def point_starts(choice: Choice, *, by: str) -> Sequence[date]:
    """When each point of the chart of the whole log begins."""
    rows = session.rows(replace(session.everything(), queues=choice.queues), by=by)
    return [point.start for point in from_measures.chart(rows, by=by, record=Record(session.standard())).points]


@dataclass(frozen=True)
class ChangeSince:
    """The verdict on a date, with every week of the log, its calls and its agents."""

    found: Since
    weeks: pl.DataFrame


def change_since(choice: Choice, *, day: date, slope: bool) -> ChangeSince:
    """The verdict on a date, from every week that the log tells whole, whatever the period chosen."""
    return session.shared("since", lambda: _change_since(choice, day=day, slope=slope), choice, day, slope)


def _change_since(choice: Choice, *, day: date, slope: bool) -> ChangeSince:
    whole = replace(session.everything(), queues=choice.queues)
    rows = session.rows(whole, by="week")
    told = from_measures.weeks(from_measures.chart_counts(rows))
    days = from_measures.chart_counts(session.rows(whole, by="day"))
    kept, partial = whole_weeks(told, days=days, desk=session.standard(), covered=(whole.first, whole.last))
    holidays = from_measures.holidays(session.standard(), days)
    found = since(kept, day, slope=slope, partial_weeks=partial, days=days, holidays=holidays)
    return ChangeSince(found, _weekly(told, kept, rows, whole, day=day))


def _weekly(
    told: Sequence[Week], kept: Sequence[Week], rows: pl.DataFrame, whole: Choice, *, day: date
) -> pl.DataFrame:
    offered = rows.select(pl.col("start").dt.date(), "offered").drop_nulls()
    agents = session.agents_by_week(session.stamp(), session.standard(), whole)
    return control_charts.weekly(told, whole=kept, day=day, offered=dict(offered.iter_rows()), agents=agents)
