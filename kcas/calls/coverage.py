"""Coverage of a telephone log: the open days of which it holds nothing, and the days in which it breaks off.

A day is missing if the desk was open, by its settings or because calls usually come on such a weekday, and the log
holds no row of any queue for it. One quiet day of a small desk proves nothing: a stretch of such days is missing if at
least ten calls usually come in it, of which chance leaves out all once in 22,000 (Poisson).

Range of calls, handling time and agents on the days stored; a projection outside it has no data behind it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from statistics import median

import numpy as np
import polars as pl

from kcas.calls.call import OUTCOMES, Outcome
from kcas.calls.desk_day import Calendar
from kcas.calls.grouping import select
from kcas.desk.standard import Standard

SLOTS = 48  # half-hours of a day
USUAL_CALLS = 10  # in a stretch of days, below which a silence may be chance
USUAL_PART = 20  # before the first call of a day or after its last: hours differ more from day to day than days do
ALL_WEEK = range(7)
_A_DAY = timedelta(days=1)
Profile = np.ndarray[tuple[int], np.dtype[np.float64]]
"""The calls of each half-hour of a day."""


@dataclass(frozen=True)
class PartDay:
    """A day of which the log holds nothing before a time, or nothing after one; None where it holds that end."""

    day: date
    begins: time | None = None
    ends: time | None = None


@dataclass(frozen=True)
class Stretch:
    """Open days missing one after another, whatever closed days lie between."""

    first: date
    last: date
    days: int


@dataclass(frozen=True)
class Coverage:
    """From when to when a log reaches, and what it lacks in between; no days where it holds nothing."""

    first: date | None = None
    last: date | None = None
    missing: tuple[date, ...] = ()
    partial: tuple[PartDay, ...] = ()
    held: frozenset[date] = field(default=frozenset(), repr=False)  # days of which it holds a row

    def within(self, first: date | None, until: date | None) -> "Coverage":
        """What is lacking from a day until the day left out."""

        def inside(day: date) -> bool:
            return (first is None or day >= first) and (until is None or day < until)

        partial = tuple(part for part in self.partial if inside(part.day))
        return Coverage(self.first, self.last, tuple(filter(inside, self.missing)), partial, self.held)

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        """The missing days, those together that no day of the log lies between."""
        parts: list[list[date]] = []
        for day in self.missing:
            if parts and not any(held in self.held for held in _between(parts[-1][-1], day)):
                parts[-1].append(day)
            else:
                parts.append([day])
        return tuple(Stretch(part[0], part[-1], len(part)) for part in parts)


def coverage(calls: pl.LazyFrame, *, intervals: pl.LazyFrame | None = None, standard: Standard) -> Coverage:
    """What a log lacks, from all its calls and the rows of interval tables, whatever their queue."""
    calendar = Calendar(standard.time_zone, standard.day_begins)
    held = _half_hours(calls, calendar=calendar)
    whole: dict[date, float] = {}
    if intervals is not None:
        short, long = _of_tables(intervals, calendar=calendar)
        held = pl.concat([held, short]).group_by("day", "slot").agg(pl.col("calls").sum())
        whole = _whole_days(long)
    profiles = _profiles(held)
    totals = {day: float(profile.sum()) for day, profile in profiles.items()}
    totals |= {day: totals.get(day, 0.0) + calls for day, calls in whole.items()}
    if not totals:
        return Coverage()
    first, last = min(totals), max(totals)
    missing = tuple(_missing(totals, first=first, last=last, standard=standard))
    partial = tuple(_partial({day: each for day, each in profiles.items() if day not in whole}, standard=standard))
    return Coverage(first, last, missing, partial, frozenset(totals))


def _half_hours(calls: pl.LazyFrame, *, calendar: Calendar) -> pl.DataFrame:
    """How many calls entered in each half-hour of each local day."""
    half_hour = calls.group_by(pl.col("entered").dt.truncate("30m")).agg(calls=pl.len().cast(pl.Float64))
    return _placed(half_hour.collect(engine="streaming"), "entered", calendar=calendar)


def _placed(rows: pl.DataFrame, moment: str, *, calendar: Calendar) -> pl.DataFrame:
    local = pl.col(moment).dt.convert_time_zone(calendar.zone)
    slot = (local.dt.hour().cast(pl.Int64) * 2 + local.dt.minute().cast(pl.Int64) // 30) - calendar.begins // 30
    slot = (slot + SLOTS) % SLOTS
    return rows.select(calendar.day(pl.col(moment)).alias("day"), slot.alias("slot"), "calls")


def _of_tables(intervals: pl.LazyFrame, *, calendar: Calendar) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The intervals of under a day by half-hour, and the longer ones by their local days."""
    offered = pl.col("amount").filter(pl.col("measure") == "offered").sum()
    outcomes = pl.col("amount").filter(pl.col("measure").is_in(list(OUTCOMES))).sum()
    cells = intervals.group_by("start", "end").agg(calls=pl.max_horizontal(offered, outcomes)).collect()
    long = (pl.col("end") - pl.col("start")) > timedelta(hours=12)
    ends = {"start": pl.col("start"), "last": pl.col("end") - timedelta(microseconds=1)}
    days = [calendar.day(end).alias(name) for name, end in ends.items()]
    return _placed(cells.filter(~long), "start", calendar=calendar), cells.filter(long).select(*days, "calls")


def _whole_days(long: pl.DataFrame) -> dict[date, float]:
    """The days that rows of a day, a week or a month hold, and about how many calls of each."""
    by_day: dict[date, float] = {}
    for start, last, calls in long.iter_rows():
        days = [start + n * _A_DAY for n in range((last - start).days + 1)]
        by_day |= {day: by_day.get(day, 0.0) + calls / len(days) for day in days}
    return by_day


def _profiles(held: pl.DataFrame) -> dict[date, Profile]:
    """The calls of each half-hour of each day."""
    by_day: dict[date, Profile] = {}
    for day, slot, calls in held.iter_rows():
        by_day.setdefault(day, np.zeros(SLOTS))[slot] += calls
    return by_day


def _missing(totals: Mapping[date, float], *, first: date, last: date, standard: Standard) -> Iterator[date]:
    """The open days without a row, in stretches in which so many calls usually come that none is no chance."""
    usual = usual_calls(totals)
    often = usual_weekdays(totals)

    def is_open(day: date) -> bool:
        if day in standard.holidays and not isinstance(standard.opening.holiday, tuple):
            return False  # nothing says that this holiday was worked
        if standard.opening.stated:
            return standard.opening.span(day, holidays=standard.holidays) is not None
        return day.weekday() in often

    silent: list[date] = []
    for day in (first + n * _A_DAY for n in range((last - first).days + 1)):
        if day not in totals:
            silent += [day] if is_open(day) else []
            continue
        if sum(usual[each.weekday()] for each in silent) >= USUAL_CALLS:
            yield from silent
        silent = []


def usual_calls(totals: Mapping[date, float]) -> list[float]:
    """The middle number of calls of each weekday; of one that has none, the least of the others."""
    by_day = [[calls for day, calls in totals.items() if day.weekday() == n and calls > 0] for n in ALL_WEEK]
    known = [median(calls) for calls in by_day if calls]
    return [median(calls) if calls else min(known, default=0.0) for calls in by_day]


def usual_weekdays(totals: Mapping[date, float]) -> frozenset[int]:
    """The days of the week with calls at least half as often as the one that has them most often."""
    often = [sum(day.weekday() == n and calls > 0 for day, calls in totals.items()) for n in ALL_WEEK]
    return frozenset(n for n in ALL_WEEK if often[n] and often[n] * 2 >= max(often)) or frozenset(ALL_WEEK)


def _partial(profiles: dict[date, Profile], *, standard: Standard) -> Iterator[PartDay]:
    """The days whose first call comes after, or whose last before, many have usually come."""
    up_to: dict[int, list[Profile]] = {}
    for day, profile in profiles.items():
        up_to.setdefault(day.weekday(), []).append(np.concatenate([[0.0], np.cumsum(profile)]))
    usual = {weekday: np.median(np.array(each), axis=0) for weekday, each in up_to.items()}
    for day in sorted(profiles):
        slots = np.flatnonzero(profiles[day])
        if not len(slots) or day in standard.holidays:
            continue
        first, after = int(slots[0]), int(slots[-1]) + 1
        by_then = usual[day.weekday()]
        begins = _clock(first, standard) if by_then[first] >= USUAL_PART else None
        ends = _clock(after, standard) if by_then[-1] - by_then[after] >= USUAL_PART else None
        if begins or ends:
            yield PartDay(day, begins, ends)


def _clock(slot: int, standard: Standard) -> time:
    slot += standard.day_begins // 30
    return time(slot // 2 % 24, slot % 2 * 30)


def _between(first: date, last: date) -> Sequence[date]:
    return [first + n * _A_DAY for n in range(1, (last - first).days)]


HALF_HOUR = "30m"
ENOUGH = 20
"""Answered calls with a known talk before a day's mean handling is taken at its word."""

_Span = tuple[float, float]


@dataclass(frozen=True)
class DaysSeen:
    """The least and the most of a day: calls, mean handling, agents in its busiest half-hour; None where not told."""

    days: int
    calls: _Span
    handling: _Span | None
    agents: _Span | None


def days_seen(calls: pl.LazyFrame, *, standard: Standard, weekdays: Sequence[int]) -> DaysSeen | None:
    """What days of these weekdays (Monday is 1) have shown; None where none is kept."""
    local = pl.col("entered").dt.convert_time_zone(standard.time_zone)
    chosen = select(calls, standard=standard).filter(local.dt.weekday().is_in(list(weekdays)))
    answered = pl.col("outcome") == pl.lit("answered", dtype=Outcome)
    handle = pl.col("talk") + pl.col("hold").fill_null(0.0) + pl.col("wrap").fill_null(0.0)
    per_day = (
        chosen.group_by(local.dt.date().alias("day"))
        .agg(
            pl.len().alias("calls"),
            handle.filter(answered).mean().alias("handling"),
            handle.filter(answered).count().alias("handled"),
        )
        .collect(engine="streaming")
    )
    if per_day.is_empty():
        return None
    busiest = (
        chosen.filter(answered & pl.col("agent").is_not_null())
        .group_by(local.dt.date().alias("day"), local.dt.truncate(HALF_HOUR).alias("start"))
        .agg(pl.col("agent").n_unique().alias("agents"))
        .group_by("day")
        .agg(pl.col("agents").max())
        .collect(engine="streaming")
    )
    enough = per_day.filter(pl.col("handled") >= ENOUGH)
    return DaysSeen(per_day.height, _span(per_day["calls"]), _span(enough["handling"]), _span(busiest["agents"]))  # type: ignore[arg-type]


def _span(figures: pl.Series) -> _Span | None:
    known = figures.drop_nulls()
    return None if known.is_empty() else (float(known.min()), float(known.max()))  # type: ignore[arg-type]
