"""Which calls make the control chart and the verdict on a date, of all that the sidebar chose?"""

from dataclasses import replace
from datetime import date

from kcas.dashboard import session
from kcas.dashboard.session import Choice
from kcas.evidence import tables
from kcas.monitor import from_measures
from kcas.monitor.rate_chart import RateChart
from kcas.monitor.since import Since, since


def chart(choice: Choice, *, by: str) -> RateChart:
    """The control chart of the period chosen, or of a longer one where limits need it."""
    held = session.contents()
    first = max(min(choice.first, from_measures.reach(choice.last, by=by)), held.first.date() if held else choice.first)
    if by == "day":
        rows = session.days(choice, session.half_hours(choice, first=first), first=first).with_columns(start="day")
    else:
        rows = session.rows(choice, by=by, first=first)
    target = tables.rate_target(session.standard(), choice.definition)
    return from_measures.chart(rows, desk=session.standard(), by=by, at_most=target.at_most if target else None)


def since_when(choice: Choice, *, day: date, slope: bool) -> Since:
    """The verdict on a date, from every week of the log, whatever the period chosen."""
    whole = replace(session.everything(), queues=choice.queues)
    return since(from_measures.weeks(from_measures.counted(session.rows(whole, by="week"))), day, slope=slope)
