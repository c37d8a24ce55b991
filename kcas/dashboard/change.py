"""Which calls make the control chart and the verdict on a date, of all that the sidebar chose?"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import polars as pl

from kcas.dashboard import session
from kcas.dashboard.session import Choice
from kcas.evidence import since_charts, tables, words
from kcas.monitor import from_measures
from kcas.monitor.rate_chart import RateChart
from kcas.monitor.rebasing import Act
from kcas.monitor.rebasing_record import Rebasings
from kcas.monitor.since import Since, Week, since
from kcas.monitor.whole_weeks import whole_weeks


def record() -> Rebasings:
    """Who has re-based which chart, of the store that is looked at."""
    return Rebasings(session.store().folder)


def in_force(choice: Choice) -> tuple[Act, ...]:
    """The re-basings that hold for the queues chosen."""
    return record().in_force(queues=choice.queues)


def chart(choice: Choice, *, by: str) -> RateChart:
    """The control chart of the period chosen, or of a longer one where limits need it."""
    held = session.contents()
    first = max(min(choice.first, from_measures.reach(choice.last, by=by)), held.first.date() if held else choice.first)
    if by == "day":
        rows = session.days(choice, session.half_hours(choice, first=first), first=first).with_columns(start="day")
    else:
        rows = session.rows(choice, by=by, first=first)
    target = tables.rate_target(session.standard(), choice.definition)
    at_most = target.at_most if target else None
    return from_measures.chart(rows, desk=session.standard(), by=by, at_most=at_most, rebased=in_force(choice))


def actions(first: date, last: date) -> list[tuple[date, str]]:
    """What the desk did in these days, as its standard tells, each by its point of recommendation 10."""
    return [(action.day, f"({action.point})") for action in session.standard().actions if first <= action.day <= last]


def actions_in_words(chart: RateChart) -> list[str]:
    """The same in words, for the lines that a chart bears."""
    first, last = chart.points[0].start, chart.points[-1].start
    done = [action for action in session.standard().actions if first <= action.day <= last]
    return [f"({action.point}) {words.day(action.day)}: {action.what}" for action in done]


def begins(choice: Choice, *, by: str) -> Sequence[date]:
    """When each point of the chart of the whole log begins."""
    rows = session.rows(replace(session.everything(), queues=choice.queues), by=by)
    return [point.start for point in from_measures.chart(rows, desk=session.standard(), by=by).points]


@dataclass(frozen=True)
class Judged:
    """The verdict on a date, with every week of the log, its calls and its agents."""

    found: Since
    weeks: pl.DataFrame


def since_when(choice: Choice, *, day: date, slope: bool) -> Judged:
    """The verdict on a date, from every week that the log tells whole, whatever the period chosen."""
    whole = replace(session.everything(), queues=choice.queues)
    rows = session.rows(whole, by="week")
    told = from_measures.weeks(from_measures.counted(rows))
    days = from_measures.counted(session.rows(whole, by="day"))
    kept, partial = whole_weeks(told, days=days, desk=session.standard(), covered=(whole.first, whole.last))
    holidays = from_measures.holidays(session.standard(), days)
    found = since(kept, day, slope=slope, partial_weeks=partial, days=days, holidays=holidays)
    return Judged(found, _weekly(told, kept, rows, whole, day=day))


def _weekly(
    told: Sequence[Week], kept: Sequence[Week], rows: pl.DataFrame, whole: Choice, *, day: date
) -> pl.DataFrame:
    offered = rows.select(pl.col("start").dt.date(), "offered").drop_nulls()
    agents = session.agents_by_week(session.stamp(), session.standard(), whole)
    return since_charts.weekly(told, whole=kept, day=day, offered=dict(offered.iter_rows()), agents=agents)
