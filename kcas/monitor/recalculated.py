"""Limits recalculated from an action that the desk recorded, where the chart confirms a shift there.

An action is confirmed if at least twelve points lie before and after it and, against limits made from the points before
it alone, a run of seven or more on one side starts within twelve points of it, most of what follows lies on that side,
and no such run was there already. A re-basing by a named person always holds, and an undone one is not applied again.
"""

from collections.abc import Collection, Container, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import pairwise
from typing import Protocol

from kcas.change_log import Action
from kcas.days_charted import DaysCharted
from kcas.monitor.episodes import episodes
from kcas.monitor.rate_chart import Counted, RateChart, rate_chart
from kcas.monitor.rebasing import FEWEST_AFTER, Act
from kcas.monitor.segments import Recalculation
from kcas.monitor.signals import RUN, SHIFT
from kcas.monitor.suggested import MOSTLY

Done = tuple[date, tuple[Action, ...]]
"""A day, and what was done on it."""


class Charter(Protocol):
    """Makes the chart of some points, with limits from a baseline."""

    def __call__(self, counted: Sequence[Counted], *, baseline: tuple[date, date]) -> RateChart:
        """The chart."""


@dataclass(frozen=True)
class _Shift:
    """The run that confirms a shift: from which point, to which side, how long."""

    first: date
    higher: bool
    run: int


def recalculated_chart(
    counted: Sequence[Counted],
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
    rows: Sequence[Counted], *, actions: Sequence[Action], begun: Sequence[date], make: Charter
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


def _of_segment(rows: Sequence[Counted], *, done: Sequence[Done], make: Charter) -> list[Recalculation]:
    """The recalculations of points that no person has parted."""
    found: list[Recalculation] = []
    for place, (day, what) in enumerate(done):
        before = sum(row.start < day for row in rows)
        if min(before, len(rows) - before) < FEWEST_AFTER:
            continue
        shift = _shift(make(rows, baseline=(rows[0].start, day)), day)
        if shift is None or _has_nearer(shift.first, done[place + 1 :], rows):
            continue
        found.append(Recalculation(day, what, shift.higher, shift.first, shift.run))
        rows = rows[before:]
    return found


def _has_nearer(first: date, later: Sequence[Done], rows: Sequence[Counted]) -> bool:
    """Whether the run starts at or after a later action that has points enough after it to be confirmed itself."""
    return any(day <= first and sum(row.start >= day for row in rows) >= FEWEST_AFTER for day, _ in later)


def _shift(chart: RateChart, day: date) -> _Shift | None:
    """The earliest run that confirms a shift at a day, against limits made from the points before it."""
    after = [point for point in chart.points if point.start >= day and point.score is not None]
    runs = [each for each in episodes(chart.points) if each.rule == SHIFT]
    for run in sorted(runs, key=lambda each: each.first):
        here = [point for point in run.points if point.start >= day]
        if len(here) < RUN or len(run.points) - len(here) >= RUN:
            continue  # too short since then, or a run already
        start = after.index(here[0])
        rest = after[start + len(here) :]
        same = sum(((point.score or 0.0) > 0) == run.up for point in rest)
        if start < FEWEST_AFTER and same >= MOSTLY * len(rest):
            return _Shift(here[0].start, run.up, len(here))
    return None
