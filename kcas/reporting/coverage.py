"""Days that a log lacks or that were deleted, in words.

Contents of a store: dates, queues, and whether it has caller tokens.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from kcas.calls.call import ALL_QUEUES
from kcas.calls.coverage import Coverage, PartDay
from kcas.calls.desk_day import date_of
from kcas.calls.store import Store
from kcas.monitoring.rate_chart import RateChart, next_start
from kcas.reporting import words

LATELY = timedelta(weeks=5)
_MOMENT = timedelta(seconds=1)  # an interval that ends at midnight belongs to the day before


@dataclass(frozen=True)
class Contents:
    """The first and last moment on the desk's clock, the queues, and whether callers and interval tables are told.

    `intervals` counts the figures kept of forgotten calls as tables too; `own_tables` only what a switch told.
    """

    first: datetime
    last: datetime
    queues: tuple[str, ...]
    callers: bool
    intervals: bool
    own_tables: bool = False
    begins: int = 0  # minutes after midnight at which the desk's day begins

    @property
    def first_day(self) -> date:
        """The day of the desk on which the log begins."""
        return self._day(self.first)

    @property
    def last_day(self) -> date:
        """The day of the desk on which the log ends."""
        return self._day(self.last)

    def _day(self, moment: datetime) -> date:
        return date_of(moment, zone=str(moment.tzinfo), begins=self.begins)


def contents(store: Store, *, zone: str, begins: int = 0, as_at: datetime | None = None) -> Contents | None:
    """What a store holds, or held at a moment; None where that is neither calls nor intervals."""
    calls = extent(store.calls(as_at), first="entered", last="entered")
    tables = extent(store.intervals(as_at), first="start", last="end")
    told = pl.concat([calls, tables.with_columns(pl.col("last") - _MOMENT)]).drop_nulls("first")
    if told.is_empty():
        return None
    first, last = told.select(pl.col("first").min(), pl.col("last").max()).row(0)
    queues = sorted({*told["queues"].explode()} - {ALL_QUEUES})
    clock = ZoneInfo(zone)
    return Contents(
        first.astimezone(clock),
        last.astimezone(clock),
        tuple(queues),
        tell_callers(store.calls(as_at), last=calls["last"].item()),
        tables["first"].item() is not None,
        not store.intervals(as_at).filter(~pl.col("of_calls")).head(1).collect().is_empty(),
        begins,
    )


def extent(rows: pl.LazyFrame, *, first: str, last: str) -> pl.DataFrame:
    """The first and last moment of rows, and their queues."""
    queues = pl.col("queue").unique().implode()
    return rows.select(first=pl.col(first).min(), last=pl.col(last).max(), queues=queues).collect(engine="streaming")


def tell_callers(calls: pl.LazyFrame, *, last: datetime | None) -> bool:
    """Whether the calls of the last weeks tell one caller from another; older ones may have been forgotten."""
    if last is None:
        return False
    recent = calls.filter(pl.col("entered") > last - LATELY)
    return bool(recent.select(pl.col("caller").is_not_null().any()).collect(engine="streaming").item())


_MOST_NAMED = 6  # stretches or days by name, the latest: older ones are counted


def missing_words(found: Coverage) -> list[str]:
    """Which open days the log lacks, whole and in part; nothing where it lacks none."""
    return [*missing_days(found), *parts_of_days(found)]


def missing_days(found: Coverage) -> list[str]:
    """The open days of which the log holds nothing."""
    if not found.missing:
        return []
    stretches = found.stretches
    named = [words.days(each.first, each.last) for each in stretches[-_MOST_NAMED:]]
    count = len(found.missing)
    said = f"{count:,} open day{' is' if count == 1 else 's are'} missing from the log: {words.listed(named)}"
    earlier = len(stretches) - len(named)
    return [said + (f", and {earlier} earlier stretch{'es' if earlier > 1 else ''}." if earlier else ".")]


def parts_of_days(found: Coverage) -> list[str]:
    """The days that the log starts or breaks off in."""
    if not found.partial:
        return []
    named = "; ".join(_part(each) for each in found.partial[-_MOST_NAMED:])
    earlier = len(found.partial) - min(len(found.partial), _MOST_NAMED)
    more = f"; and {earlier} earlier day{'s' if earlier > 1 else ''}" if earlier else ""
    return [f"Part of a day is missing from the log: {named}{more}."]


def _part(part: PartDay) -> str:
    ends = [
        f"nothing {side} {words.clock(moment)}"
        for side, moment in (("before", part.begins), ("from", part.ends))
        if moment
    ]
    return f"{words.day(part.day)}, {' and '.join(ends)}"


def chart_coverage(chart: RateChart, found: Coverage) -> list[str]:
    """What the points of a chart lack: days missing between and within them, and a first or last one cut short."""
    if not chart.shown or found.first is None or found.last is None:
        return []
    first, until = chart.shown[0].start, next_start(chart.shown[-1].start, by=chart.by)
    inside = found.within(first, until)
    said = missing_days(inside)
    if said:
        said[-1] += " No run or trend is counted across them."
    if chart.by != "day" and first < found.first:
        said.append(f"The log starts on {words.day(found.first)}: the first {chart.by} is counted from then.")
    if chart.by != "day" and until > found.last + timedelta(days=1):
        said.append(f"The log ends on {words.day(found.last)}: the last {chart.by} is counted until then.")
    return said + parts_of_days(inside)


def what_is_gone(
    store: Store, *, zone: str, since: date | None = None, then: datetime | None = None, calls_alone: bool = False
) -> list[str]:
    """What to say beside an answer that reaches into forgotten days; nothing where it does not.

    `calls_alone` marks an answer made of calls, which cannot use the figures that are kept.
    """
    removed = store.forgotten_before()
    if removed is None:
        return []
    first_kept = removed.astimezone(ZoneInfo(zone)).date()
    if since is not None and since >= first_kept:
        return []
    gone = f"Calls before {words.day(first_kept)} have been permanently deleted"
    if calls_alone:
        return [f"{gone}, and this is made of calls: it is without them. kcas measures has the figures kept of them."]
    kept = f"{gone}; the figures kept of them are by half-hour and day, so they have no percentiles."
    stands_at = store.figures_stand_at(then) if then else None
    return [kept] if stands_at is None else [kept, _by_the_hour(stands_at, zone=zone)]


def _by_the_hour(stands_at: datetime, *, zone: str) -> str:
    local = stands_at.astimezone(ZoneInfo(zone))
    return (
        "Those figures are kept by the hour in which logs were read in. Of the moment asked about they are not known: "
        f"here they stand as at {words.day(local)}, {local:%H:%M:%S}, the end of its hour."
    )


_A_DAY = timedelta(days=1)


def nothing_chosen(
    held: Contents | None,
    *,
    days: tuple[date | None, date | None] = (None, None),
    queues: Sequence[str] = (),
    then: datetime | None = None,
) -> str:
    """That there are no calls, in which days and queues, and which days the log covers. `days` leave the last out."""
    at = f" as the store stood at {then.isoformat()}" if then else ""
    if held is None:
        return f"No calls were kept{at}. Import a log first: kcas ingest LOG" if not at else f"No calls were kept{at}."
    return f"There are no calls{_between(*days)}{_of(queues)}{at}; the log covers {words.days(*_covered(held))}."


def _covered(held: Contents) -> tuple[date, date]:
    return held.first_day, held.last_day


def _between(since: date | None, until: date | None) -> str:
    if since and until == since + _A_DAY:
        return f" on {words.day(since)}"
    if since and until:
        return f" between {words.day(since)} and {words.day(until - _A_DAY)}"
    if since:
        return f" from {words.day(since)} on"
    return f" before {words.day(until)}" if until else ""


def _of(queues: Sequence[str]) -> str:
    if not queues:
        return ""
    return f" in the {'queue' if len(queues) == 1 else 'queues'} {', '.join(map(repr, queues))}"
