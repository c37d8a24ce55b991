"""Limits of each segment of a chart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from kcas.monitoring.control_chart import Chart, p_prime
from kcas.monitoring.daily import ENOUGH_WEEKDAYS, DailyChart, daily_p_prime
from kcas.monitoring.segments import SegmentRange

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
    said: tuple[str, ...] = ()
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
    found: Sequence[SegmentRange],
    by: str,
    screen_outliers: bool,
) -> list[SegmentChart]:
    """The chart of each segment, from the counts of all points in order."""

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
            _of_stretches(count[cut.points], of[cut.points], used[cut.points], by=by, screened=screen_outliers)
            for cut in found
        ]
    if len(found) == 1:
        return [_of_days(days(found[0]))]
    longest = max(found, key=lambda cut: cut.points.stop - cut.points.start)
    pattern = days(longest).shares
    return [_of_days(days(cut, pattern)) for cut in found]


def _of_days(found: DailyChart) -> SegmentChart:
    if not found.chart.used.any():
        return SegmentChart(None, [False] * len(found.kinds), True, ("Too few days of any kind for limits.",))
    said = []
    if found.left_out:
        said.append(f"Too few days to have a centre line: {', '.join(found.left_out)}.")
    if found.screened.any():
        said.append(f"Days beyond the limits and left out of them, in one pass: {int(found.screened.sum())}.")
    if found.provisional:
        said.append(f"Provisional: the limits rest on fewer than {ENOUGH_WEEKDAYS} weekdays.")
    lag1 = found.likeness.lag1 if found.likeness else None
    if lag1 is not None:
        said.append(FOLLOWS.format(lag1=lag1))
    return SegmentChart(found.chart, found.shown.tolist(), found.provisional, tuple(said), lag1)


def _of_stretches(
    count: Sequence[float], of: Sequence[float], used: Sequence[bool], *, by: str, screened: bool
) -> SegmentChart:
    if sum(used) < FEWEST_POINTS:
        points = f"1 {by} is" if sum(used) == 1 else f"{sum(used)} {by}s are"
        few = f"{points} too few for limits: at least {FEWEST_POINTS} are needed."
        return SegmentChart(None, [False] * len(used), True, (few,))
    chart = p_prime(count, of, used=np.array(used, dtype=bool), screened=screened)
    return SegmentChart(chart, [True] * len(used), False)
