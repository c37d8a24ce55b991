"""Segments of a chart between recalculations, and the limits of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from kcas.desk.change_log import Action
from kcas.monitoring.control_chart import Chart, p_prime
from kcas.monitoring.daily import ENOUGH_WEEKDAYS, DailyChart, daily_p_prime
from kcas.monitoring.rebasing import FEWEST_AFTER, Act


@dataclass(frozen=True)
class Recalculation:
    """Limits recalculated from the day of recorded actions, and the run of points that confirms a shift there."""

    day: date
    actions: tuple[Action, ...]
    higher: bool
    run_from: date
    run: int  # points in a row

    @property
    def begins(self) -> date:
        """The first day of the new limits."""
        return self.day


@dataclass(frozen=True)
class SegmentRange:
    """Which points a segment holds, and what began it; neither: the chart's own beginning."""

    points: slice
    rebased: Act | None = None
    recalculated: Recalculation | None = None


def cuts(
    starts: Sequence[date], *, rebased: Sequence[Act], recalculated: Sequence[Recalculation] = (), by: str
) -> tuple[list[SegmentRange], list[str]]:
    """The segments of points in order, and in words each re-basing that this chart cannot show.

    A week or month belongs to the segment in which it begins. From the end backwards: whatever begins with fewer than
    twelve points stays with what was before.
    """
    ranges: list[SegmentRange] = []
    unapplied: list[str] = []
    until = len(starts)
    acts: list[Act | Recalculation] = [*sorted(rebased, key=lambda act: act.number, reverse=True), *recalculated]
    for act in sorted(acts, key=lambda act: act.begins, reverse=True):
        first = sum(start < act.begins for start in starts)
        if first >= len(starts) or first == 0:
            continue  # the chart lies wholly before or after it
        if isinstance(act, Recalculation):
            ranges.append(SegmentRange(slice(first, until), recalculated=act))
            until = first
            continue
        if until - first < FEWEST_AFTER:
            unapplied.append(
                f"Re-based at {act.begins.day} {act.begins:%B %Y} on record, but not drawn here: {until - first} {by}s "
                f"from there, where at least {FEWEST_AFTER} are needed."
            )
            continue
        ranges.append(SegmentRange(slice(first, until), act))
        until = first
    ranges.append(SegmentRange(slice(0, until)))
    return ranges[::-1], unapplied[::-1]


FEWEST_POINTS = 12  # weeks or months, before limits are drawn


FOLLOWS = (
    "Neighbouring days are alike ({lag1:.2f} from one day to the next), so each day is measured against a forecast "
    "from the days before it: the centre follows the level. Days without a cause stand out no more often for that, but "
    "a lasting change shows for a few days only, or not at all: for those there is the verdict since a date."
)


@dataclass(frozen=True)
class SegmentChart:
    """A segment's chart, which of its points have limits, and what to say of it. None: no limits at all."""

    chart: Chart | None
    shown: Sequence[bool]
    provisional: bool
    notes: tuple[str, ...] = ()
    lag1: float | None = None  # likeness of neighbouring days, where the centre follows the level

    @property
    def follows(self) -> bool:
        """Whether the centre follows the level, one day ahead."""
        return self.lag1 is not None


def segment_charts(
    count: Sequence[float],
    of: Sequence[float],
    *,
    starts: Sequence[date],
    kinds: Sequence[str],
    used: Sequence[bool],
    ranges: Sequence[SegmentRange],
    stretch: Sequence[int],
    by: str,
    screen_outliers: bool,
) -> list[SegmentChart]:
    """The chart of each segment, from the counts of all points in order. Days are missing between two stretches."""

    def days(cut: SegmentRange, pattern: Mapping[str, float] | None = None) -> DailyChart:
        here = cut.points
        mask = np.array(used[here], dtype=bool)
        return daily_p_prime(
            count[here],
            of[here],
            starts=starts[here],
            kinds=kinds[here],
            baseline=mask,
            screen_outliers=screen_outliers,
            pattern=pattern,
        )

    if by != "day":
        return [
            _of_weeks_or_months(
                count[here := cut.points], of[here], used[here], stretch=stretch[here], by=by, screened=screen_outliers
            )
            for cut in ranges
        ]
    if len(ranges) == 1:
        return [_of_days(days(ranges[0]))]
    longest = max(ranges, key=lambda cut: cut.points.stop - cut.points.start)
    pattern = days(longest).shares
    return [_of_days(days(cut, pattern)) for cut in ranges]


def _of_days(daily: DailyChart) -> SegmentChart:
    if not daily.chart.used.any():
        return SegmentChart(None, [False] * len(daily.kinds), True, ("Too few days of any kind for limits.",))
    notes = []
    if daily.left_out:
        notes.append(f"Too few days to have a centre line: {', '.join(daily.left_out)}.")
    if daily.screened.any():
        notes.append(f"Days beyond the limits and left out of them, in one pass: {int(daily.screened.sum())}.")
    if daily.provisional:
        notes.append(f"Provisional: the limits rest on fewer than {ENOUGH_WEEKDAYS} weekdays.")
    lag1 = daily.likeness.lag1 if daily.likeness else None
    if lag1 is not None:
        notes.append(FOLLOWS.format(lag1=lag1))
    return SegmentChart(daily.chart, daily.shown.tolist(), daily.provisional, tuple(notes), lag1)


def _of_weeks_or_months(
    count: Sequence[float], of: Sequence[float], used: Sequence[bool], *, stretch: Sequence[int], by: str,
    screened: bool,
) -> SegmentChart:  # fmt: skip
    if sum(used) < FEWEST_POINTS:
        points = f"1 {by} is" if sum(used) == 1 else f"{sum(used)} {by}s are"
        few = f"{points} too few for limits: at least {FEWEST_POINTS} are needed."
        return SegmentChart(None, [False] * len(used), True, (few,))
    chart = p_prime(count, of, used=np.array(used, dtype=bool), screened=screened, stretch=stretch)
    return SegmentChart(chart, [True] * len(used), False)
