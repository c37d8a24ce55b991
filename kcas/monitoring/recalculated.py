"""Limits recalculated from an action that the desk recorded, where the chart confirms a shift there.

An action is confirmed if at least twelve points lie before and after it and, against limits made from the points before
it alone, a run of seven or more on one side starts soon after it, most of what follows lies on that side, and no such
run was there already. Of several that one is taken first at which the rates of both sides differ most. A re-basing by a
named person always holds, and an undone one is not applied again.
"""

import math
from collections.abc import Collection, Container, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import pairwise
from typing import Protocol

from kcas.desk.change_log import Action
from kcas.desk.chart_days import DaysCharted
from kcas.monitoring.episodes import episodes
from kcas.monitoring.rate_chart import PeriodCount, RateChart, rate_chart
from kcas.monitoring.rebasing import FEWEST_AFTER, Act
from kcas.monitoring.segments import Recalculation
from kcas.monitoring.signals import RUN, SHIFT
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
    found = confirmed(rows, actions=done, begun=[act.begins for act in rebased], make=make)
    return make(counted, at_most=at_most, rebased=rebased, recalculated=found) if found else plain


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
    found = []
    for day, what in done:
        before = sum(row.start < day for row in rows)
        if min(before, len(rows) - before) < FEWEST_AFTER:
            continue
        shift = _shift(make(rows, baseline=(rows[0].start, day)), day)
        if shift:
            found.append((_parted(rows, before), Recalculation(day, what, shift.higher, shift.first, shift.run)))
    if not found:
        return []
    _, best = max(found, key=lambda each: each[0])
    sides = [[row for row in rows if (row.start < best.day) == earlier] for earlier in (True, False)]
    acts = [[each for each in done if each[0] < best.day], [each for each in done if each[0] > best.day]]
    earlier, later = (_of_segment(side, done=part, make=make) for side, part in zip(sides, acts, strict=True))
    return [*earlier, best, *later]


def _parted(rows: Sequence[PeriodCount], before: int) -> float:
    """How much likelier the counts are with a level of their own on each side: the log-likelihood ratio."""
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
