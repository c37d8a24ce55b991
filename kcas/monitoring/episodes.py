"""Episodes: points that break one rule together."""

from kcas.arrays import Floats
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np

from kcas.monitoring.rate_chart import Point, unbroken
from kcas.monitoring.signals import OUTSIDE, RUN, SHIFT, TREND, TWO_OF_THREE, trends, two_of_three


@dataclass(frozen=True)
class Episode:
    """Neighbouring points that break one rule, all on one side, or all rising or all falling."""

    rule: str
    up: bool  # above the centre, or rising
    points: tuple[Point, ...]
    lasts: bool  # whether the newest point of the chart is one of them

    @property
    def first(self) -> date:
        """Since when."""
        return self.points[0].start

    @property
    def last(self) -> date:
        """Until when."""
        return self.points[-1].start

    @property
    def numerator(self) -> float:
        """What was counted over all its points."""
        return sum(point.numerator for point in self.points)

    @property
    def denominator(self) -> float:
        """Out of how many."""
        return sum(point.denominator for point in self.points)

    @property
    def expected(self) -> float:
        """What the centre lines would have counted over the same points."""
        return sum(point.denominator * (point.centre or 0.0) for point in self.points)

    @property
    def new(self) -> bool:
        """Whether the newest point is what made it a signal: a run that was one already is not new."""
        fewest = {TREND: RUN, SHIFT: RUN}.get(self.rule)
        return self.lasts and (fewest is None or len(self.points) == fewest)


def episodes(points: Sequence[Point]) -> list[Episode]:
    """All that the points tell, the latest first. Close calls inside a longer run are not told twice.

    A run ends where the limits are recalculated: what comes after is held against another centre. It ends where days
    are missing from the log too: what they were like is not known.
    """
    told = [episode for stretch in unbroken(points) for episode in _of_stretch(stretch, newest=points[-1])]
    return sorted(told, key=lambda episode: (episode.last, len(episode.points)), reverse=True)


def _of_stretch(shown: list[Point], *, newest: Point) -> list[Episode]:
    score = np.array([point.score for point in shown], dtype=float)
    side = np.sign(score)
    outside = np.abs(score) > 3
    close = ~outside & (np.abs(score) > 2)
    runs = [(SHIFT, run) for run in _stretches(side) if len(run) >= RUN]
    distance = [point.distance for point in shown]
    runs += [(TREND, run) for run, _ in trends(score, distance=distance)]
    within = {place for _, run in runs for place in run}
    near = _stretches(np.where(two_of_three(close, side), side, 0))
    found = [(OUTSIDE, run) for run in _stretches(np.where(outside, side, 0))]
    found += runs + [(TWO_OF_THREE, run) for run in near if not within.issuperset(run)]
    return [_told(rule, [shown[place] for place in run], newest=newest) for rule, run in found]


def _stretches(sign: Floats) -> list[range]:
    """Where neighbours have one sign that is not zero."""
    edges = [0, *(np.flatnonzero(np.diff(sign) != 0) + 1).tolist(), len(sign)]
    return [range(a, b) for a, b in pairwise(edges) if a < b and sign[a] != 0]


def _told(rule: str, points: list[Point], *, newest: Point) -> Episode:
    first, last = points[0].score or 0.0, points[-1].score or 0.0
    up = last > first if rule == TREND else first > 0
    return Episode(rule, up, tuple(points), lasts=points[-1] is newest)
