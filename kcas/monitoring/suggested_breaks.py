"""Suggested dates for recalculating limits: the start of a long run on one side. Never applied."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kcas.monitoring.control_chart import SHIFT
from kcas.monitoring.rate_chart import Episode, Point, RateChart, episodes
from kcas.monitoring.rebasing import FEWEST_AFTER

MOSTLY = 2 / 3  # of the points after the run lie on its side too: it did not pass


@dataclass(frozen=True)
class Suggestion:
    """A day from which the points lie on one side of the centre: so many in a row, and so many of all that follow."""

    day: date
    higher: bool
    run: int  # points in a row
    on_that_side: int
    points: int  # from the day to the end of its segment


def suggestions(chart: RateChart) -> tuple[Suggestion, ...]:
    """At most one for each segment, the earliest that did not pass, with twelve points or more on either side."""
    runs = [episode for episode in episodes(chart.points) if episode.rule == SHIFT]
    suggested = []
    for number in range(len(chart.segments)):
        points = [point for point in chart.points if point.segment == number and point.score is not None]
        here = [each for run in runs if run.points[0].segment == number and (each := _of(run, points))]
        suggested += sorted(here, key=lambda each: each.day)[:1]
    return tuple(suggested)


def _of(run: Episode, points: Sequence[Point]) -> Suggestion | None:
    before = sum(point.start < run.first for point in points)
    after = points[before:]
    side = 1 if run.up else -1
    same = sum(side * (point.score or 0.0) > 0 for point in after)  # a point on the centre itself is on neither side
    run_long = len(run.points)
    if min(before, len(after)) < FEWEST_AFTER or same - run_long < MOSTLY * (len(after) - run_long):
        return None
    return Suggestion(run.first, run.up, len(run.points), same, len(after))
