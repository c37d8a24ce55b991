"""The control chart of a rate by day, week or month: points, limits, signals, and what must be said beside it.

Episodes: points that break one rule together.
"""

import math
from bisect import bisect_left
from collections.abc import Collection, Container, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import accumulate, pairwise

import numpy as np

from kcas.arrays import Floats
from kcas.desk.standard import LEFT_OUT, DaysCharted
from kcas.monitoring.control_chart import (
    OUTSIDE,
    RUN,
    SHIFT,
    TREND,
    TWO_OF_THREE,
    Signal,
    assurance,
    signalled_on_the_day,
    signals,
    trends,
    two_of_three,
    variation,
)
from kcas.monitoring.daily import HOLIDAY, WEEKEND, kind_of_day
from kcas.monitoring.persistence import autocorrelation
from kcas.monitoring.rebasing import Act
from kcas.monitoring.segments import Recalculation, SegmentChart, SegmentRange, cuts, segment_charts

_ALIKE = 0.2  # of neighbouring days; with few days it takes more to tell it from chance
LIKE_NEIGHBOURS = (
    "Neighbouring days are alike (lag-1 autocorrelation {lag1:.2f}): a change that lasted makes them so, but so do bad "
    "days that come together, and then runs come more often by chance than the rules allow for."
)
NO_CAUSE = "A point asks for an explanation; it does not give one."


@dataclass(frozen=True)
class PeriodCount:
    """One day, week or month: what was counted, out of how many."""

    start: date
    numerator: float
    denominator: float


@dataclass(frozen=True)
class Point:
    """A point of the chart; no limits where there are too few points of its kind."""

    start: date
    numerator: float
    denominator: float
    value: float
    centre: float | None = None
    lower: float | None = None
    upper: float | None = None
    score: float | None = None  # steps from the centre; three are the limit
    kind: str | None = None  # of day
    in_limits: bool = False  # whether the limits were made from it
    rule: str | None = None  # the first rule it breaks
    side: str | None = None  # "high" or "low", where it breaks one
    segment: int = 0  # which of the chart's segments it belongs to
    on_the_day: bool = False  # whether there was a signal when it came, without any later point
    after_gap: bool = False  # whether open days are missing from the log between the point before and this one

    @property
    def distance(self) -> float:
        """How far the rate lies above its centre; zero where it has none."""
        return 0.0 if self.centre is None else self.value - self.centre


@dataclass(frozen=True)
class Segment:
    """Points with limits of their own: all of the chart, unless a person has re-based it."""

    first: date
    last: date
    points: int
    centre: float | None  # all counts out of all, over the points the limits were made from
    sigma_z: float | None
    provisional: bool
    rebased: Act | None = None  # by whom it was begun
    recalculated: Recalculation | None = None  # or at which recorded action; neither: the chart's own beginning


@dataclass(frozen=True)
class RateChart:
    """The chart and what it says of the last point. Centre, sigma_z and provisional are those of the last segment."""

    by: str
    points: tuple[Point, ...]
    centre: float | None
    sigma_z: float | None
    provisional: bool
    variation: str | None
    assurance: str | None
    notes: tuple[str, ...]
    segments: tuple[Segment, ...] = ()
    lag1: float | None = None  # how like its neighbour a day is, from -1 to 1, in the last segment
    alike: bool = False  # whether what the centre leaves of it is enough to make runs common
    follows: bool = False  # whether the centre of days follows their level, for days are alike, in the last segment
    shown_from: date | None = None  # the first day shown: limits and rules go by every point, whatever is shown

    @property
    def shown(self) -> tuple[Point, ...]:
        """The points of the period shown."""
        first = self.shown_from
        return tuple(each for each in self.points if first is None or next_start(each.start, by=self.by) > first)


def rate_chart(
    counted: Sequence[PeriodCount],
    *,
    by: str,
    holidays: Container[date] = (),
    charted: DaysCharted | None = None,
    baseline: tuple[date, date] | None = None,
    screen_outliers: bool = True,
    at_most: float | None = None,
    rebased: Sequence[Act] = (),
    recalculated: Sequence[Recalculation] = (),
    missing: Collection[date] = (),
) -> RateChart:
    """The chart of counts in order, with limits of its own from each re-basing on.

    Limits that come from the days of a baseline (the last one left out) hold for all, whatever was re-based. Missing
    are the open days of which the log holds nothing: no rule looks across them.
    """
    charted = charted or DaysCharted()
    rows = [row for row in counted if row.denominator > 0]
    notes = ["Points without calls have no rate and are left out."] if len(rows) < len(counted) else []
    kinds = [kind_of_day(row.start, holidays=holidays, weekend=charted.weekend) if by == "day" else "" for row in rows]
    if by == "day":
        rows, kinds = _without(rows, kinds, charted)
    if any(row.numerator > row.denominator for row in rows):
        return _without_limits(rows, by, [*notes, "By this definition a rate can pass 100%: no limits can be drawn."])
    if not rows:
        return _without_limits(rows, by, notes)
    starts = [row.start for row in rows]
    ranges, unapplied = cuts(starts, rebased=() if baseline else rebased, recalculated=recalculated, by=by)
    if baseline and rebased:
        unapplied.append("The limits are those of the baseline asked for: no re-basing on record is applied.")
    used = [baseline is None or baseline[0] <= row.start < baseline[1] for row in rows]
    counts, sizes = [row.numerator for row in rows], [row.denominator for row in rows]
    gaps = after_gaps(starts, missing=missing, by=by)
    parts = segment_charts(
        counts, sizes, starts=starts, kinds=kinds, used=used, ranges=ranges, stretch=list(accumulate(gaps)), by=by,
        screen_outliers=screen_outliers,
    )  # fmt: skip
    notes += [] if parts[-1].chart is None else _how(by, screen_outliers=screen_outliers)
    if by == "day":
        notes += _of_kinds(charted)
    notes += [*dict.fromkeys(note for part in parts for note in part.notes), *unapplied]
    return _told(rows, kinds, ranges, parts, gaps, by=by, notes=notes, at_most=at_most)


def after_gaps(starts: Sequence[date], *, missing: Collection[date], by: str) -> list[bool]:
    """Whether missing days lie between each point and the one before it: past its day, week or month."""
    days = sorted(missing)
    edges = [next_start(start, by=by) for start in starts[:-1]]
    return [False] * bool(starts) + [
        bisect_left(days, edge) < bisect_left(days, start) for edge, start in zip(edges, starts[1:], strict=True)
    ]


def next_start(start: date, *, by: str) -> date:
    """The first day after the day, week or month that starts on a day."""
    if by == "month":
        return (start + timedelta(days=31)).replace(day=1)
    return start + timedelta(days=7 if by == "week" else 1)


def unbroken(points: Sequence[Point]) -> list[list[Point]]:
    """The points with limits, parted where limits start again and where days are missing: rules look no further."""
    stretches: list[list[Point]] = []
    segment, gap = None, True
    for point in points:
        gap |= point.after_gap
        if point.score is None:
            continue
        if gap or point.segment != segment:
            stretches.append([])
        stretches[-1].append(point)
        segment, gap = point.segment, False
    return stretches


def _without(
    rows: Sequence[PeriodCount], kinds: Sequence[str], charted: DaysCharted
) -> tuple[list[PeriodCount], list[str]]:
    """The days without those that the standard leaves out of the chart."""
    out = {WEEKEND} if charted.weekends == LEFT_OUT else set()
    out |= {HOLIDAY} if charted.holidays == LEFT_OUT else set()
    used = [(row, kind) for row, kind in zip(rows, kinds, strict=True) if kind not in out]
    return [row for row, _ in used], [kind for _, kind in used]


def _of_kinds(charted: DaysCharted) -> list[str]:
    if charted.weekends == charted.holidays:
        left = "are left out of this chart" if charted.weekends == LEFT_OUT else "are kinds of their own"
        return [f"Weekends, and bank holidays, {left}, as the standard says."]
    one, other = ("Weekends", "bank holidays") if charted.weekends == LEFT_OUT else ("Bank holidays", "weekends")
    return [f"{one} are left out of this chart and {other} are a kind of their own, as the standard says."]


def _how(by: str, *, screen_outliers: bool) -> list[str]:
    if by == "day":
        return ["Limits: Laney's p′ with a centre line for each kind of day, sigma_z the standard deviation of z."]
    widest = "the widest left out once" if screen_outliers else "none left out"
    return [f"Limits: Laney's p′, sigma_z from moving ranges, {widest}."]


def _told(
    rows: Sequence[PeriodCount], kinds: Sequence[str], ranges: Sequence[SegmentRange], parts: Sequence[SegmentChart],
    gaps: Sequence[bool], *, by: str, notes: Sequence[str], at_most: float | None,
) -> RateChart:  # fmt: skip
    """The points of every segment, and what the last one says."""
    points: list[Point] = []
    segments: list[Segment] = []
    for number, (cut, part) in enumerate(zip(ranges, parts, strict=True)):
        here, named = rows[cut.points], kinds[cut.points]
        broken = gaps[cut.points]
        drawn = [
            replace(point, kind=kind or None, segment=number, after_gap=gap)
            for point, kind, gap in zip(_points(here, part, broken), named, broken, strict=True)
        ]
        points += drawn
        segments.append(_segment(drawn, part, cut=cut))
    now, last = segments[-1], points[-1]
    if now.centre is None:
        return RateChart(by, tuple(points), None, None, True, None, None, tuple(notes), tuple(segments))
    stretches = unbroken([point for point in points if point.segment == last.segment])
    known = [point for stretch in stretches for point in stretch]
    parted = [place for place, stretch in enumerate(stretches) for _ in stretch]
    scores = np.array([point.score for point in known])
    lag1 = autocorrelation(scores, stretch=parted) if by == "day" and len(known) > 2 else None
    alike = lag1 is not None and lag1 > max(_ALIKE, 2 / math.sqrt(len(known)))
    follows = parts[-1].follows
    icons = at_most is not None and by != "day" and last.lower is not None and last.upper is not None
    return RateChart(
        by=by,
        points=tuple(points),
        centre=now.centre,
        sigma_z=now.sigma_z,
        provisional=now.provisional,
        variation=variation(_signals(stretches[-1]), points=len(stretches[-1])),
        assurance=assurance(lower=last.lower or 0.0, upper=last.upper or 0.0, target=at_most or 0.0) if icons else None,
        notes=(*notes, *([LIKE_NEIGHBOURS.format(lag1=lag1)] if alike else []), NO_CAUSE),
        segments=tuple(segments),
        lag1=parts[-1].lag1 if follows else lag1,
        alike=alike,
        follows=follows,
    )


def _points(rows: Sequence[PeriodCount], part: SegmentChart, gaps: Sequence[bool]) -> list[Point]:
    """The points of one segment, each named by the first rule it breaks; runs are of points with limits."""
    plain = [Point(row.start, row.numerator, row.denominator, row.numerator / row.denominator) for row in rows]
    chart = part.chart
    if chart is None:
        return plain
    places = np.flatnonzero(np.array(part.shown, dtype=bool))
    scores, lower, upper = chart.score, chart.lower, chart.upper  # each is worked out of the whole chart
    score, distance = scores[places], (chart.value - chart.centre)[places]
    breaks = np.searchsorted(places, np.flatnonzero(gaps)).tolist()
    broken = {int(places[signal.index]): signal for signal in signals(score, distance=distance, breaks=breaks)}
    at_once = signalled_on_the_day(score, distance=distance, breaks=breaks)
    for number, made in zip(places.tolist(), at_once.tolist(), strict=True):
        signal = broken.get(number)
        plain[number] = replace(
            plain[number],
            centre=float(chart.centre[number]),
            lower=float(lower[number]),
            upper=float(upper[number]),
            score=float(scores[number]),
            in_limits=bool(chart.used[number]),
            rule=signal.rule if signal else None,
            side=("high" if signal.high else "low") if signal else None,
            on_the_day=made,
        )
    return plain


def _signals(stretch: Sequence[Point]) -> list[Signal]:
    """The signals of an unbroken stretch."""
    return signals([point.score or 0.0 for point in stretch], distance=[point.distance for point in stretch])


def _segment(points: Sequence[Point], part: SegmentChart, *, cut: SegmentRange) -> Segment:
    made = [point for point in points if point.in_limits]
    of = sum(point.denominator for point in made)
    return Segment(
        first=points[0].start,
        last=points[-1].start,
        points=len(points),
        centre=sum(point.numerator for point in made) / of if of else None,
        sigma_z=part.chart.sigma_z if part.chart else None,
        provisional=part.provisional,
        rebased=cut.rebased,
        recalculated=cut.recalculated,
    )


def _without_limits(rows: Sequence[PeriodCount], by: str, notes: Sequence[str]) -> RateChart:
    points = tuple(Point(row.start, row.numerator, row.denominator, row.numerator / row.denominator) for row in rows)
    return RateChart(by, points, None, None, True, None, None, tuple(notes))


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
    every = [episode for stretch in unbroken(points) for episode in _of_stretch(stretch, newest=points[-1])]
    return sorted(every, key=lambda episode: (episode.last, len(episode.points)), reverse=True)


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
    signals = [(OUTSIDE, run) for run in _stretches(np.where(outside, side, 0))]
    signals += runs + [(TWO_OF_THREE, run) for run in near if not within.issuperset(run)]
    return [_episode_words(rule, [shown[place] for place in run], newest=newest) for rule, run in signals]


def _stretches(sign: Floats) -> list[range]:
    """Where neighbours have one sign that is not zero."""
    edges = [0, *(np.flatnonzero(np.diff(sign) != 0) + 1).tolist(), len(sign)]
    return [range(a, b) for a, b in pairwise(edges) if a < b and sign[a] != 0]


def _episode_words(rule: str, points: list[Point], *, newest: Point) -> Episode:
    first, last = points[0].score or 0.0, points[-1].score or 0.0
    up = last > first if rule == TREND else first > 0
    return Episode(rule, up, tuple(points), lasts=points[-1] is newest)
