"""Grouping of calls by interval, day, week, month, weekday, time of day and queue.

A call belongs to the moment it entered the queue, in the standard's time zone, whatever its log's zone was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl

from kcas.calls.call import OUTCOMES, Outcome
from kcas.calls.desk_day import day_of, day_start
from kcas.desk.opening_hours import A_DAY, WEEKDAYS
from kcas.desk.standard import Standard, check_key
from kcas.errors import SettingError

QUARTER_HOUR = 900  # every zone's offset has been whole quarter hours since 1972, so no quarter straddles two groups
MICROSECONDS = 1_000_000

CALENDAR = {"month": "1mo", "week": "1w", "day": "1d"}
MINUTES = {"hour": 60, "half-hour": 30, "quarter-hour": 15}
_LONGEST = {"time-of-day": timedelta(minutes=30), "weekday": timedelta(hours=25)}
"""How long a row of a table may be to lie in a folded group: a fortnight, too, begins and ends on a Monday."""

FOLDED = ("time-of-day", "weekday")
GROUPINGS = ("total", *CALENDAR, *MINUTES, *FOLDED, "queue")


@dataclass(frozen=True)
class Groups:
    """The groups of a stretch of time, and which one each quarter hour (UTC) of it falls in."""

    first_slot: int
    of_slot: pl.Series  # the group's number, slot by slot
    named: pl.DataFrame  # number, start (local, or null), group (in words)

    def number(self, moment: str = "entered") -> pl.Expr:
        """The number of the group in which the moment of that column falls."""
        return pl.lit(self.of_slot).gather(slot(moment) - self.first_slot)


def slot(column: str) -> pl.Expr:
    """The quarter hour in which a moment falls, counted from 1970."""
    return (pl.col(column).to_physical() // (QUARTER_HOUR * MICROSECONDS)).cast(pl.Int32)


def select(
    calls: pl.LazyFrame,
    *,
    standard: Standard,
    queues: Sequence[str] = (),
    since: date | None = None,
    until: date | None = None,
    outcomes: Sequence[str] = (),
) -> pl.LazyFrame:
    """The calls of these queues, days and outcomes, within opening hours where the standard leaves out the rest."""
    for outcome in outcomes:
        check_key(outcome, tuple(OUTCOMES), where="outcome")
    chosen = at_any_hour(calls, standard=standard, queues=queues, since=since, until=until)
    if outcomes:
        chosen = chosen.filter(pl.col("outcome").is_in(pl.Series(list(outcomes), dtype=Outcome).implode()))
    return chosen.filter(is_open("entered", standard=standard)) if standard.opening.outside_left_out else chosen


def at_any_hour(
    calls: pl.LazyFrame, *, standard: Standard, queues: Sequence[str], since: date | None, until: date | None
) -> pl.LazyFrame:
    """The calls of these queues, from the first day until the day left out, days being the standard's."""
    check_days(since, until)
    zone, begins = standard.time_zone, standard.day_begins
    if since:
        calls = calls.filter(pl.col("entered") >= day_start(since, zone=zone, begins=begins))
    if until:
        calls = calls.filter(pl.col("entered") < day_start(until, zone=zone, begins=begins))
    return calls.filter(pl.col("queue").is_in(list(queues))) if queues else calls


def check_days(since: date | None, until: date | None) -> None:
    """Raises SettingError where no day lies from the first until the day left out."""
    if since and until and since >= until:
        raise SettingError(
            f"since {since}, until {until}: no day lies between them. --until is the first day left out."
        )


def is_open(column: str, *, standard: Standard) -> pl.Expr:
    """Whether the desk was open at the moment of that column, by the standard's hours and holidays."""
    local = pl.col(column).dt.convert_time_zone(standard.time_zone)
    minute, today = local.dt.hour().cast(pl.Int32) * 60 + local.dt.minute(), local.dt.date()
    yesterday = today.dt.offset_by("-1d")
    # hours over midnight belong to the day on which they begin
    return open_on(today, minute, standard=standard) | open_on(yesterday, minute + A_DAY, standard=standard)


def open_on(day: pl.Expr, minute: pl.Expr, *, standard: Standard) -> pl.Expr:
    """Whether a minute, counted from a day's midnight, lies in the hours that begin on that day."""
    opening = standard.opening
    inside = pl.lit(False)
    for number, span in enumerate(opening.weekdays, start=1):
        if span:
            inside = inside | ((day.dt.weekday() == number) & (minute >= span[0]) & (minute < span[1]))
    if opening.holiday == "as the weekday":
        return inside
    days = pl.Series(list(standard.holidays.named(years=range(1990, 2051))), dtype=pl.Date).implode()
    on_holiday = pl.lit(False)
    if isinstance(opening.holiday, tuple):
        on_holiday = (minute >= opening.holiday[0]) & (minute < opening.holiday[1])
    return pl.when(day.is_in(days)).then(on_holiday).otherwise(inside)


def groups(first: datetime, last: datetime, *, by: str, zone: str, begins: int = 0) -> Groups:
    """The groups from the first moment to the last, numbered in order."""
    begin, end = (int(moment.timestamp()) // QUARTER_HOUR for moment in (first, last))
    slots = pl.DataFrame({"slot": pl.int_range(begin, end + 1, eager=True)}).with_columns(
        moment=(pl.col("slot") * QUARTER_HOUR * MICROSECONDS).cast(pl.Datetime("us", "UTC"))
    )
    marked = slots.with_columns(named(by, zone=zone, begins=begins))
    order = pl.struct("order", "start").rank("dense").cast(pl.UInt32) - 1
    numbered = marked.with_columns(number=order)
    names = numbered.select("number", "start", "group").unique("number").sort("number")
    return Groups(begin, numbered["number"], names)


def in_group(rows: pl.DataFrame, groups: Groups | None, *, by: str) -> pl.DataFrame:
    """The rows of a table, with a start and an end, that lie whole within one group, each with its group's number."""
    if groups is None:
        return rows.with_columns(pl.lit(0, dtype=pl.UInt32).alias("number"))
    placed = rows.with_columns(groups.number("start").alias("number"), last=pl.col("end") - timedelta(microseconds=1))
    brief = (pl.col("end") - pl.col("start")) <= _LONGEST.get(by, timedelta.max)
    return placed.filter((pl.col("number") == groups.number("last")) & brief).drop("last")


def named(by: str, *, zone: str, begins: int = 0) -> list[pl.Expr]:
    """For each slot's moment: its group's order among the folded, its start, and its name."""
    local = pl.col("moment").dt.convert_time_zone(zone)
    nowhen = pl.lit(None, dtype=pl.Datetime("us", zone)).alias("start")
    if by == "weekday":
        names = pl.Series([day.capitalize() for day in WEEKDAYS])
        number = day_of(pl.col("moment"), zone=zone, begins=begins).dt.weekday().cast(pl.Int32)
        return [number.alias("order"), nowhen, pl.lit(names).gather(number - 1).alias("group")]
    if by == "time-of-day":
        half = local.dt.hour().cast(pl.Int32) * 2 + local.dt.minute() // 30
        text = local.dt.strftime("%H:") + pl.when(local.dt.minute() < 30).then(pl.lit("00")).otherwise(pl.lit("30"))
        return [((half + 48 - begins // 30) % 48).alias("order"), nowhen, text.alias("group")]
    if by in MINUTES:
        start = interval_start(by, local=local)
    else:
        start = calendar_start(by, pl.col("moment"), zone=zone, begins=begins)
    pattern = {"month": "%Y-%m", "week": "%Y-%m-%d", "day": "%Y-%m-%d"}.get(by, "%Y-%m-%d %H:%M%:z")
    return [pl.lit(0, dtype=pl.Int32).alias("order"), start.alias("start"), start.dt.strftime(pattern).alias("group")]


def interval_start(by: str, *, local: pl.Expr) -> pl.Expr:
    """The start of the hour or part of it, going back by the minutes gone: the hour that comes twice stays two."""
    return local - pl.duration(minutes=local.dt.minute().cast(pl.Int64) % MINUTES[by])


def calendar_start(by: str, moment: pl.Expr, *, zone: str, begins: int) -> pl.Expr:
    """The moment at which the day, week or month begins; an hour later where the clock leaves that out."""
    first = day_of(moment, zone=zone, begins=begins).dt.truncate(CALENDAR[by])
    wall = first.cast(pl.Datetime("us")) + timedelta(minutes=begins)
    later = wall.dt.offset_by("1h")
    return wall.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").fill_null(
        later.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    )
