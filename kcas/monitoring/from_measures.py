"""Chart points, weekly counts and whole weeks from rows of measures.

Agents who answered calls, by week.

Limits recalculated from an action that the desk recorded, where the chart confirms a shift there.

An action is confirmed if at least twelve points lie before and after it and, against limits made from the points before
it alone, a run of seven or more on one side starts soon after it, most of what follows lies on that side, and no such
run was there already. Of several that one is taken first at which the rates of both sides differ most. A re-basing by a
named person always holds, and an undone one is not applied again.
"""

import math
from collections.abc import Collection, Container, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Protocol

import polars as pl

from kcas.calls.coverage import Coverage
from kcas.calls.desk_day import day_of
from kcas.desk.change_log import Action
from kcas.desk.standard import DaysCharted, Standard
from kcas.monitoring.control_chart import RUN, SHIFT
from kcas.monitoring.rate_chart import PeriodCount, RateChart, episodes, rate_chart
from kcas.monitoring.rebasing import FEWEST_AFTER, Act, Rebasings, active_rebasings, declined
from kcas.monitoring.segments import Recalculation
from kcas.monitoring.since import Week
from kcas.monitoring.suggested_breaks import MOSTLY

NEAR = {"day": 12, "week": 4, "month": 2}
"""Points from an action within which the run that confirms a shift there starts."""
Done = tuple[date, tuple[Action, ...]]
"""A day, and what was done on it."""


class Charter(Protocol):
    """Makes the chart of some points, with limits from a baseline."""

    def __call__(self, counted: Sequence[PeriodCount], *, baseline: tuple[date, date]) -> RateChart:
        """The chart."""


@dataclass(frozen=True)
class _Shift:
    """The run that confirms a shift: from which point, to which side, how long."""

    first: date
    higher: bool
    run: int


def recalculated_chart(
    counted: Sequence[PeriodCount],
    *,
    by: str,
    holidays: Container[date] = (),
    charted: DaysCharted | None = None,
    baseline: tuple[date, date] | None = None,
    screen_outliers: bool = True,
    at_most: float | None = None,
    rebased: Sequence[Act] = (),
    actions: Sequence[Action] = (),
    declined: Collection[date] = (),
    missing: Collection[date] = (),
) -> RateChart:
    """The chart of a whole record: limits from each re-basing on, and from each action at which a shift is confirmed.

    Declined are the days at which a named person has undone a recalculation. A baseline asked for overrides both.
    """
    make = partial(
        rate_chart, by=by, holidays=holidays, charted=charted, screen_outliers=screen_outliers, missing=missing
    )
    plain = make(counted, baseline=baseline, at_most=at_most, rebased=rebased)
    done = [action for action in actions if action.day not in declined]
    if baseline or not done or plain.centre is None:
        return plain
    drawn = {point.start for point in plain.points}
    rows = [row for row in counted if row.start in drawn]
    recalculations = confirmed(rows, actions=done, begun=[act.begins for act in rebased], make=make)
    return make(counted, at_most=at_most, rebased=rebased, recalculated=recalculations) if recalculations else plain


def confirmed(
    rows: Sequence[PeriodCount], *, actions: Sequence[Action], begun: Sequence[date], make: Charter
) -> list[Recalculation]:
    """The recalculations that the points confirm, between one re-basing and the next."""
    days = sorted({action.day for action in actions} - set(begun))
    done = [(day, tuple(action for action in actions if action.day == day)) for day in days]
    edges = [date.min, *sorted(begun), date.max]
    return [
        each
        for first, until in pairwise(edges)
        for each in _of_segment(
            [row for row in rows if first <= row.start < until],
            done=[(day, what) for day, what in done if first <= day < until],
            make=make,
        )
    ]


def _of_segment(rows: Sequence[PeriodCount], *, done: Sequence[Done], make: Charter) -> list[Recalculation]:
    """The recalculations of points that no person has parted: the one that parts them best, then those of each part."""
    recalculations = []
    for day, what in done:
        before = sum(row.start < day for row in rows)
        if min(before, len(rows) - before) < FEWEST_AFTER:
            continue
        shift = _shift(make(rows, baseline=(rows[0].start, day)), day)
        if shift:
            recalculations.append(
                (_parted(rows, before), Recalculation(day, what, shift.higher, shift.first, shift.run))
            )
    if not recalculations:
        return []
    _, best = max(recalculations, key=lambda each: each[0])
    sides = [[row for row in rows if (row.start < best.day) == earlier] for earlier in (True, False)]
    acts = [[each for each in done if each[0] < best.day], [each for each in done if each[0] > best.day]]
    earlier, later = (_of_segment(side, done=part, make=make) for side, part in zip(sides, acts, strict=True))
    return [*earlier, best, *later]


def _parted(rows: Sequence[PeriodCount], before: int) -> float:
    """How much likelier the counts are with a level of their own on each side: a log-likelihood ratio (Wilks 1938)."""
    parts = [rows[:before], rows[before:]]
    return sum(_likelihood(part) for part in parts) - _likelihood(rows)


def _likelihood(rows: Sequence[PeriodCount]) -> float:
    count, of = sum(row.numerator for row in rows), sum(row.denominator for row in rows)
    return sum(n * math.log(n / of) for n in (count, of - count) if n > 0)


def _shift(chart: RateChart, day: date) -> _Shift | None:
    """The earliest run that confirms a shift at a day, against limits made from the points before it."""
    after = [point for point in chart.points if point.start >= day and point.score is not None]
    runs = [each for each in episodes(chart.points) if each.rule == SHIFT]
    for run in sorted(runs, key=lambda each: each.first):
        here = [point for point in run.points if point.start >= day]
        if len(here) < RUN or len(run.points) - len(here) >= RUN:
            continue  # too short since then, or a run already
        start = after.index(here[0])
        since = after[start:]
        same = sum((point.score or 0.0) * (1 if run.up else -1) > 0 for point in since)
        if start < NEAR[chart.by] and same >= MOSTLY * len(since):
            return _Shift(here[0].start, run.up, len(here))
    return None


ALL_WEEK = frozenset(range(7))
CUT_SHORT = 0.5  # of the calls usual on such a day: fewer, at an end of the log, and the day is not told whole
BUSY = 20  # calls usual on such a day, from which a day without any was not told rather than quiet


def whole_weeks(
    weeks: Sequence[Week], *, days: Sequence[PeriodCount], desk: Standard, covered: tuple[date, date]
) -> tuple[list[Week], int]:
    """The weeks told whole, and how many are not. `covered`: the first and last day of the log, or of what was asked.

    Where the standard states no hours, a weekday is open if the days themselves have calls on it as a rule.
    """
    calls = {day.start: day.denominator for day in days}
    usual = [_usual(days, weekday) for weekday in range(7)]
    often = usual_weekdays(days)
    first, last = covered
    first += timedelta(days=calls.get(first, 0) < CUT_SHORT * usual[first.weekday()])
    last -= timedelta(days=calls.get(last, 0) < CUT_SHORT * usual[last.weekday()])

    def is_open(day: date) -> bool:
        if desk.opening.stated:
            return desk.opening.span(day, holidays=desk.holidays) is not None
        return day.weekday() in often

    def is_told(day: date) -> bool:
        quiet = usual[day.weekday()] < BUSY or day in desk.holidays
        return first <= day <= last and (quiet or calls.get(day, 0) > 0)

    def is_whole(week: Week) -> bool:
        return all(is_told(day) for n in range(7) if is_open(day := week.monday + timedelta(days=n)))

    whole = [week for week in weeks if is_whole(week)]
    return whole, len(weeks) - len(whole)


def usual_weekdays(days: Sequence[PeriodCount]) -> frozenset[int]:
    """The days of the week with calls at least half as often as the one that has them most often."""
    often = [sum(day.start.weekday() == n and day.denominator > 0 for day in days) for n in range(7)]
    return frozenset(n for n in range(7) if often[n] and often[n] * 2 >= max(often)) or ALL_WEEK


def _usual(days: Sequence[PeriodCount], weekday: int) -> float:
    """The middle number of calls on such a day; zero where there is none."""
    counts = [day.denominator for day in days if day.start.weekday() == weekday and day.denominator > 0]
    return float(median(counts)) if counts else 0.0


_REACH = {"day": timedelta(days=90), "week": timedelta(weeks=52), "month": timedelta(days=1095)}
"""How far back a control chart goes at least: sixty weekdays, or twelve points and some more."""


def reach(last: date, *, by: str) -> date:
    """The first day of a chart that ends on a day."""
    return last - _REACH[by]


@dataclass(frozen=True)
class Record:
    """What the limits of a desk's charts rest on besides counts: its settings, acts on record, and missing days."""

    desk: Standard
    rebased: Sequence[Act] = ()
    declined: Collection[date] = ()
    missing: Collection[date] = ()


def record(
    folder: Path, *, desk: Standard, queues: Sequence[str] = (), lacking: Coverage | None = None,
    as_at: datetime | None = None,
) -> Record:  # fmt: skip
    """The acts on record in a store's folder that hold for the chart of these queues, and the days its log lacks."""
    acts = Rebasings(folder).acts(as_at)
    missing = lacking.missing if lacking else ()
    return Record(desk, active_rebasings(acts, queues=queues), declined(acts, queues=queues), missing)


def chart(
    rows: pl.DataFrame | Sequence[PeriodCount],
    *,
    by: str,
    record: Record,
    at_most: float | None = None,
    baseline: tuple[date, date] | None = None,
    screen_outliers: bool = True,
    shown_from: date | None = None,
) -> RateChart:
    """The control chart of the rows of a whole record, whatever part of it is shown, on the desk's own calendar."""
    counted = chart_counts(rows) if isinstance(rows, pl.DataFrame) else rows
    desk = record.desk
    drawn = recalculated_chart(
        counted,
        by=by,
        holidays=holidays(desk, counted),
        charted=desk.charts,
        baseline=baseline,
        screen_outliers=screen_outliers,
        at_most=at_most,
        rebased=record.rebased,
        actions=desk.actions,
        declined=record.declined,
        missing=record.missing,
    )
    return replace(drawn, shown_from=shown_from)


def chart_counts(rows: pl.DataFrame) -> list[PeriodCount]:
    """Both halves of each row, in order of time; rows that tell only one half are left out."""
    counted = rows.select(pl.col("start").dt.date(), "numerator", "denominator").drop_nulls().sort("start")
    return [PeriodCount(*row) for row in counted.iter_rows()]


def weeks(counted: Sequence[PeriodCount]) -> list[Week]:
    """The same by the Mondays of their weeks."""
    return [Week(row.start - timedelta(days=row.start.weekday()), row.numerator, row.denominator) for row in counted]


def holidays(desk: Standard, counted: Sequence[PeriodCount]) -> frozenset[date]:
    """The desk's holidays in the years of the points."""
    if not counted:
        return frozenset()
    return frozenset(desk.holidays.named(years=range(counted[0].start.year, counted[-1].start.year + 1)))


def agents_by_week(calls: pl.LazyFrame, *, zone: str, begins: int = 0) -> dict[date, int]:
    """Distinct agents of answered calls by the Mondays of their weeks; empty where the log names no agents."""
    monday = day_of(pl.col("entered"), zone=zone, begins=begins).dt.truncate("1w")
    answered = calls.filter(pl.col("outcome") == "answered", pl.col("agent").is_not_null())
    counted = answered.group_by(monday.alias("monday")).agg(agents=pl.col("agent").n_unique())
    return dict(counted.sort("monday").collect(engine="streaming").iter_rows())
