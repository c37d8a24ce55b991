"""Gathering of a pack's facts from the store as it was at the cut-off.

Nothing here depends on when it runs: the rows that count are those of the files read in by the cut-off.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from kcas.calls.coverage import Coverage, coverage
from kcas.calls.definitions import RATES, Definition, the_definition, the_service_level
from kcas.calls.measures import Measured, measured, query_of, select
from kcas.calls.patience import patience
from kcas.calls.store import Store
from kcas.calls.store.files import Batch
from kcas.desk.standard import Standard
from kcas.errors import SettingError, StoreError
from kcas.evidence.facts import Facts, Group, Model, PackRequest
from kcas.monitoring import from_measures
from kcas.monitoring.from_measures import whole_weeks
from kcas.monitoring.rate_chart import RateChart
from kcas.monitoring.rebasing import Rebasings
from kcas.monitoring.since import Since, since, verdict
from kcas.reporting import tables, words
from kcas.reporting.coverage import contents, nothing_chosen, what_is_gone

_Told = Callable[[str], None]
_A_DAY = timedelta(days=1)


class Source:
    """The calls of a store as they stood at the cut-off, asked for one grouping after another."""

    def __init__(self, store: Store, asked: PackRequest, *, standard: Standard, cut_off: datetime) -> None:
        self.calls, self.intervals = store.calls(cut_off), store.intervals(cut_off)
        self.asked, self.standard = asked, standard
        self.definition = the_definition(standard, key=asked.definition, short=asked.short)
        self.level = the_service_level(standard, key=asked.service_level, within=asked.within, short=asked.short)

    def measured(
        self,
        by: str = "total",
        *,
        definition: Definition | None = None,
        since: date | None = None,
        until: date | None = None,
        whole: bool = False,
    ) -> Measured:
        """Measures of what was asked, grouped; of fewer days where they are given, or of all until the last."""
        ask = query_of(
            self.standard,
            by=by,
            queues=self.asked.queues,
            since=None if whole else since or self.asked.first,
            until=until or self.asked.until,
            definition=definition or self.definition,
            service_level=self.level,
        )
        return measured(self.calls, ask, intervals=self.intervals)

    def chosen(self) -> pl.LazyFrame:
        """The calls themselves."""
        ask = self.asked
        return select(self.calls, standard=self.standard, queues=ask.queues, since=ask.first, until=ask.until)


def cut_off_of(store: Store, asked: PackRequest) -> tuple[datetime, list[Batch]]:
    """The moment whose knowledge is told, and every file read in by then: the last of those, or what was asked.

    Raises StoreError where nothing had been read in.
    """
    batches = [batch for batch in store.batches() if asked.as_at is None or batch.committed <= asked.as_at]
    if not batches:
        when = f" by {asked.as_at.isoformat()}" if asked.as_at else ""
        raise StoreError(f"{store.folder}: no log had been read in{when}, so there is no evidence to give.")
    acts = [act.recorded for act in Rebasings(store.folder).acts()]
    return asked.as_at or max([batches[-1].committed, *acts]), batches


def gather(store: Store, asked: PackRequest, *, standard: Standard, model: Model, told: _Told) -> Facts:
    """Everything that a pack says."""
    cut_off, batches = cut_off_of(store, asked)
    source = Source(store, asked, standard=standard, cut_off=cut_off)
    told("counting calls by day")
    days = source.measured("day").rows
    if days.is_empty():
        held = contents(store, zone=standard.time_zone, begins=standard.day_begins, as_at=cut_off)
        nothing = nothing_chosen(held, days=(asked.first, asked.until), queues=asked.queues)
        raise StoreError(f"{nothing.removesuffix('.')}. So there is no evidence to give.")
    starts = days["start"].dt.date()
    first, last = asked.first or starts[0], (asked.until - _A_DAY) if asked.until else starts[-1]
    asked = source.asked = replace(asked, changed=day_of_change(asked, standard, first=first, last=last))
    until = last + _A_DAY
    whole = source.measured()
    told("counting calls by week and month")
    weeks, months = source.measured("week").rows, source.measured("month").rows
    judged, mondays = since_the_change(source, weeks=weeks, days=days, covered=(first, last))
    told("counting calls by time of day, weekday and queue")
    times, weekdays, queues = (rows_by_group(source.measured(by).rows) for by in ("time-of-day", "weekday", "queue"))
    told("counting before and after")
    sides = {day: tuple(_before_and_after(source, day, first=first, until=until)) for day in changes(asked, standard)}
    told("counting by every definition")
    definitions = tuple(every_definition(source))
    lacking = coverage(source.calls, intervals=source.intervals, standard=standard).within(None, until)
    charts = charts_of(store, source, cut_off=cut_off, lacking=lacking)
    told("working out how long callers are prepared to wait")
    return Facts(
        asked, standard, source.definition, source.level, batches, cut_off, first, last,
        whole=Group("Whole period", whole.rows.row(0, named=True), first, until),
        months=tuple(periods(months, step="month", first=first, until=until)),
        weeks=tuple(periods(weeks, step="week", first=first, until=until)),
        times=times, weekdays=weekdays, queues=queues,
        sides={day: pair for day, pair in sides.items() if len(pair) == 2},
        definitions=definitions,
        notes=(
            *whole.notes,
            *what_is_gone(store, zone=standard.time_zone, since=first, then=asked.as_at)[1:],
            *store.warnings(),
        ),
        days=tuple(from_measures.chart_counts(days)),
        since=judged,
        mondays=mondays,
        charts=charts,
        moved=verdict(charts["day"], lacking=lacking),
        lacking=lacking.within(first, until),
        patience=patience(source.chosen()),
        invented=any(batch.record.invented for batch in batches),
        forgotten_before=store.forgotten_before(), model=model,
    )  # fmt: skip


def day_of_change(asked: PackRequest, standard: Standard, *, first: date, last: date) -> date | None:
    """The day asked about, else the standard's where it lies within the days told of; None where there is neither.

    Raises SettingError where the day asked about does not lie within them.
    """
    if asked.changed is None:
        usual = standard.day_of_change
        return usual if usual and first < usual <= last else None
    if not first < asked.changed <= last:
        raise SettingError(
            f"--since {asked.changed}: the calls asked for are of {words.days(first, last)}. "
            "Expected a day within them, on which something changed."
        )
    return asked.changed


def since_the_change(
    source: Source, *, weeks: pl.DataFrame, days: pl.DataFrame, covered: tuple[date, date]
) -> tuple[Since | None, tuple[date, ...]]:
    """The verdict on the day of change, from the weeks that the log tells whole; none where there is no such day."""
    if source.asked.changed is None:
        return None, ()
    counted = from_measures.weeks(from_measures.chart_counts(weeks))
    by_day = from_measures.chart_counts(days)
    whole, partial = whole_weeks(counted, days=by_day, desk=source.standard, covered=covered)
    holidays = from_measures.holidays(source.standard, by_day)
    change = since(whole, source.asked.changed, partial_weeks=partial, days=by_day, holidays=holidays)
    return change, tuple(week.monday for week in whole if week.of > 0)


def charts_of(store: Store, source: Source, *, cut_off: datetime, lacking: Coverage) -> dict[str, RateChart]:
    """The control charts by day, week and month of the whole record, of which the days asked for are shown.

    A public pack's charts of weeks and months rest on these days alone: their limits are printed, and from limits of
    other days too, small counts that another pack keeps back could be worked out.
    """
    asked = source.asked
    target = tables.rate_target(source.standard, source.definition)
    record = from_measures.record(
        store.folder, desk=source.standard, queues=asked.queues, lacking=lacking, as_at=cut_off
    )
    return {
        by: from_measures.chart(
            source.measured(by, whole=by == "day" or not asked.public).rows,
            by=by,
            record=record,
            at_most=target.at_most if target else None,
            shown_from=asked.first,
        )
        for by in ("day", "week", "month")
    }


def rows_by_group(rows: pl.DataFrame) -> tuple[Group, ...]:
    """Rows of measures by their group's name."""
    return tuple(Group(str(row["group"]), row) for row in rows.iter_rows(named=True))


def periods(rows: pl.DataFrame, *, step: str, first: date, until: date) -> Iterator[Group]:
    """Rows of measures by week or month, each with the days of it that were asked for."""
    for row in rows.iter_rows(named=True):
        start = row["start"].date()
        end = start + timedelta(days=7) if step == "week" else (start + timedelta(days=31)).replace(day=1)
        name = f"{words.MONTHS[start.month - 1]} {start.year}" if step == "month" else start.isoformat()
        yield Group(name, row, max(start, first), min(end, until))


def changes(asked: PackRequest, standard: Standard) -> list[date]:
    """The day of change asked about, and the first day on which something was done for each point."""
    firsts: dict[str, date] = {}
    for action in standard.actions:
        firsts.setdefault(action.point, action.day)
    return sorted({*([asked.changed] if asked.changed else []), *firsts.values()})


def _before_and_after(source: Source, day: date, *, first: date, until: date) -> Iterator[Group]:
    """The days asked for, before a day and from it on; nothing where it is not within them."""
    if not first < day < until:
        return
    for name, begin, end in (("Before", first, day), ("After", day, until)):
        rows = source.measured(since=begin, until=end).rows
        yield Group(name, rows.row(0, named=True), begin, end)


def every_definition(source: Source) -> Iterator[tuple[Definition, dict[str, Any]]]:
    """The whole period by each definition there is."""
    for key in RATES:
        definition = source.definition if key == source.definition.key else the_definition(source.standard, key=key)
        yield definition, source.measured(definition=definition).rows.row(0, named=True)


def local(moment: datetime, *, standard: Standard) -> datetime:
    """A moment on the desk's clock."""
    return moment.astimezone(ZoneInfo(standard.time_zone))
