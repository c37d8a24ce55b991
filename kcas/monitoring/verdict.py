"""Verdict on whether the rate has changed: one for each chart, the same for every question and period shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import Any

from kcas.calls.coverage import Coverage, Stretch
from kcas.monitoring.episodes import Episode, episodes
from kcas.monitoring.rate_chart import Point, RateChart, Segment

FEW = 1.0  # expected in a point: below it, seven points in a row with none come by chance on one day in twenty or more


class State(StrEnum):
    """What the points since the limits were last recalculated show."""

    NO_RATE = "no rate"
    NOT_ENOUGH = "not enough data"
    EXPECTED = "expected variation"
    EARLIER = "special-cause variation earlier"
    NOW = "special-cause variation"  # of which the newest point is a part


@dataclass(frozen=True)
class Verdict:
    """What a chart of a whole record says up to its newest point. The segment is the last, with the limits in force."""

    by: str
    state: State
    newest: Point | None = None
    segment: Segment | None = None
    episode: Episode | None = None  # the latest of the segment
    missing: tuple[Stretch, ...] = ()  # open days that the log lacks since the segment's first point
    provisional: bool = False
    alike: bool = False  # whether neighbouring days are alike, which makes runs common
    follows: bool = False  # or the centre follows their level, which makes them as rare as elsewhere
    few: bool = False  # whether most points are expected to count less than one, which makes runs below common

    @property
    def new(self) -> bool:
        """Whether the newest point made the signal."""
        return self.episode is not None and self.episode.new

    @property
    def document(self) -> dict[str, Any]:
        """The verdict as data, without its points."""
        segment, episode = self.segment, self.episode
        begun = segment.recalculated if segment else None
        return {
            "by": self.by,
            "state": self.state.value,
            "newest": self.newest.start if self.newest else None,
            "limits_from": segment.first if segment else None,
            "recalculated": {
                "day": begun.day, "actions": [action.what for action in begun.actions], "higher": begun.higher,
            } if begun else None,
            "rebased": segment.rebased.number if segment and segment.rebased else None,
            "signal": {
                "rule": episode.rule, "up": episode.up, "first": episode.first, "last": episode.last,
                "points": len(episode.points), "numerator": episode.numerator, "denominator": episode.denominator,
                "expected": episode.expected, "new": episode.new,
            } if episode else None,
            "missing_days": sum(each.days for each in self.missing),
        }  # fmt: skip


def verdict(chart: RateChart, *, lacking: Coverage | None = None) -> Verdict:
    """The verdict of a chart made of a whole record, and of the open days which that record lacks."""
    if not chart.points:
        return Verdict(chart.by, State.NO_RATE)
    newest = chart.points[-1]
    if chart.centre is None or not chart.segments:
        return Verdict(chart.by, State.NOT_ENOUGH, newest)
    segment = chart.segments[-1]
    since = [point for point in chart.points if point.segment == newest.segment]
    found = episodes(since)
    latest = found[0] if found else None
    state = State.EXPECTED if latest is None else State.NOW if latest.lasts else State.EARLIER
    missing = lacking.within(segment.first, None).stretches if lacking else ()
    expected = [point.denominator * point.centre for point in since if point.centre is not None]
    few = bool(expected) and median(expected) < FEW
    return Verdict(
        chart.by, state, newest, segment, latest, missing, chart.provisional, chart.alike, chart.follows, few
    )  # fmt: skip


def signals_beside(chart: RateChart, found: Verdict) -> Sequence[Episode]:
    """The other signals that reach into the period shown, the latest first."""
    shown = {id(point) for point in chart.shown}
    return [
        each
        for each in episodes(chart.points)
        if any(id(point) in shown for point in each.points) and not _same(each, found.episode)
    ]


def _same(one: Episode, other: Episode | None) -> bool:
    return other is not None and (one.rule, one.first, one.last) == (other.rule, other.first, other.last)
