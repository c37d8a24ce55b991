"""Interrupted time series of weekly rates: a step at a date, and its verdict (Lopez Bernal and others 2017).

Verdict on whether the rate has changed: one for each chart, the same for every question and period shown.
"""

import math
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from statistics import median
from typing import Any

from kcas.calls.coverage import Coverage, Stretch
from kcas.calls.rates import Z95, wilson
from kcas.errors import SettingError
from kcas.monitoring.rate_chart import Episode, PeriodCount, Point, RateChart, Segment, episodes
from kcas.monitoring.step import MOST_PLACEBOS, TWO_YEARS, Placebo, Step, monday_of, series, step_at


def newcombe(count: float, of: float, *, less: tuple[float, float]) -> tuple[float, float]:
    """The 95 % interval of the first rate less the second (Newcombe 1998, method 10)."""
    other, among = less
    if of <= 0 or among <= 0:
        raise SettingError("a rate of no calls at all cannot be compared.")
    first, second = count / of, other / among
    low, high = wilson(count, of)
    least, most = wilson(other, among)
    difference = first - second
    return (
        difference - math.hypot(first - low, most - second),
        difference + math.hypot(high - first, second - least),
    )


@dataclass(frozen=True)
class RiskRatio:
    """The first rate divided by the second, with its 95 % interval; the upper end can be infinite."""

    ratio: float
    low: float
    high: float


def risk_ratio(count: float, of: float, *, over: tuple[float, float]) -> RiskRatio:
    """The ratio of two rates with the interval of its logarithm (Katz, Baptista, Azen and Pike 1978)."""
    other, among = _both(count, of, over)
    if count == 0 or other == 0:
        raise SettingError("a ratio of rates has no such interval where nothing was counted: use the score interval.")
    ratio = (count / of) / (other / among)
    half = Z95 * math.sqrt(1 / count - 1 / of + 1 / other - 1 / among)
    return RiskRatio(ratio, ratio * math.exp(-half), ratio * math.exp(half))


def risk_ratio_score(count: float, of: float, *, over: tuple[float, float]) -> RiskRatio:
    """The ratio of two rates with its asymptotic score interval (Koopman 1984), good for small counts too."""
    other, among = _both(count, of, over)
    ratio = (count / of) / (other / among) if other else math.inf

    def unlike(log_ratio: float) -> float:
        """How many standard errors the counts are from what a ratio would have, above where it is too small."""
        return _koopman(count, of, other, among, math.exp(log_ratio))

    middle = math.log(ratio) if 0 < ratio < math.inf else 0.0
    low = math.exp(_where(unlike, Z95, middle - FURTHEST, middle)) if count else 0.0
    high = math.exp(_where(unlike, -Z95, middle, middle + FURTHEST)) if other else math.inf
    if other == 0 and count:
        low = math.exp(_where(unlike, Z95, -FURTHEST, FURTHEST))
    if count == 0 and other:
        high = math.exp(_where(unlike, -Z95, -FURTHEST, FURTHEST))
    return RiskRatio(ratio if count or other else math.nan, low, high)


FURTHEST = 30.0  # logarithms: no ratio of counts is further off
HALVINGS = 200


def _both(count: float, of: float, over: tuple[float, float]) -> tuple[float, float]:
    other, among = over
    if of <= 0 or among <= 0:
        raise SettingError("a rate of no calls at all cannot be compared.")
    return other, among


def _koopman(count: float, of: float, other: float, among: float, ratio: float) -> float:
    """The signed root of Koopman's statistic: both rates fitted under the ratio by maximum likelihood."""
    total = of + among
    middle = ratio * (of + other) + count + among
    second = (middle - math.sqrt(max(middle**2 - 4 * total * ratio * (count + other), 0.0))) / (2 * total * ratio)
    first = min(second * ratio, 1.0)
    off = count - of * first
    spread = of * first * (1 - first)
    if spread <= 0:
        return 0.0 if off == 0 else math.copysign(math.inf, off)
    return off / math.sqrt(spread) * math.sqrt(1 + of * max(ratio - first, 0.0) / (among * (1 - first)))


def _where(falls: Callable[[float], float], level: float, low: float, high: float) -> float:
    """Where a falling function passes a level."""
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if falls(middle) > level else (low, middle)
    return (low + high) / 2


@dataclass(frozen=True)
class Trend:
    """Chi-squared with one degree of freedom, its probability were there no trend, and the way the rates go."""

    statistic: float
    chance: float
    rises: bool


def trend_in_proportions(count: Sequence[float], of: Sequence[float], *, score: Sequence[float] | None = None) -> Trend:
    """Whether rates rise or fall with a score (Cochran 1954, Armitage 1955): their place in order, unless given."""
    from scipy.special import chdtrc

    scores = list(score) if score is not None else list(range(1, len(count) + 1))
    if not len(count) == len(of) == len(scores) or len(set(scores)) < 2 or min(of, default=0) <= 0:
        raise SettingError("a trend needs two rates or more, each of some calls and with a score of its own.")
    total, share = sum(of), sum(count) / sum(of)
    if not 0 < share < 1:
        raise SettingError("a trend cannot be tested where no call was counted, or every call.")
    mean = sum(n * at for n, at in zip(of, scores, strict=True)) / total
    slope = sum(x * (at - mean) for x, at in zip(count, scores, strict=True))
    spread = share * (1 - share) * sum(n * (at - mean) ** 2 for n, at in zip(of, scores, strict=True))
    return Trend(slope**2 / spread, float(chdtrc(1, slope**2 / spread)), slope > 0)


LOWER, NO_CHANGE, HIGHER, NOT_ENOUGH = "lower", "no clear change", "higher", "not enough data"
FEWEST_WEEKS = 12  # on either side
MOSTLY = 0.5  # probability from which a desk is said to wander
LEAST_WANDER = 0.0005  # as a share: less would be printed as nothing
CAUTIONS = (
    "Check what else was done about then: where actions overlapped, these figures cannot share out the credit.",
    "Check why this day was chosen: if action was taken because the rate was high, some fall would be expected without "
    "it.",
    "Check volume, staffing and any change of definition over the same weeks.",
)
"""Things to check, for the calls alone do not tell whether they hold of this desk."""


@dataclass(frozen=True)
class Week:
    """One ISO week, by its Monday."""

    monday: date
    count: float
    of: float


@dataclass(frozen=True)
class Side:
    """The weeks before, or the weeks after."""

    numerator: float
    denominator: float
    weeks: int

    @property
    def rate(self) -> float | None:
        """All counts out of all: weeks are not averaged."""
        return self.numerator / self.denominator if self.denominator else None


@dataclass(frozen=True)
class Since:
    """What can be said. Difference and interval are of shares: after, less what would have been without the step."""

    verdict: str
    before: Side
    after: Side
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    relative_risk: float | None = None
    dispersion: float | None = None
    lag1: float | None = None
    slope: bool = False
    seasons: bool = False
    standard_error: str | None = None  # what it rests on, in words
    counts_only: tuple[float, float] | None = None  # Newcombe's interval: ignores day-to-day variation
    persistence: float | None = None  # how like the errors of the next day (or week) those of one are
    wandering: float | None = None  # the probability that the rate wanders over weeks
    wander: float | None = (
        None  # the standard deviation of weekly rates about the line, beyond random variation, as a share
    )
    placebo: Placebo | None = None
    notes: tuple[str, ...] = CAUTIONS
    sentence: str = ""
    partial_weeks: int = 0  # left out: the log does not tell them whole

    @property
    def drifts(self) -> bool:
        """Whether this desk's rate wanders over weeks, more likely than not."""
        return (self.wandering or 0.0) > MOSTLY and (self.wander or 0.0) > LEAST_WANDER


def since(
    weeks: Sequence[Week],
    day: date,
    *,
    slope: bool = False,
    partial_weeks: int = 0,
    days: Sequence[PeriodCount] = (),
    holidays: Container[date] = frozenset(),
    placebos: int = MOST_PLACEBOS,
) -> Since:
    """The verdict on a date, with the two sides it rests on; `partial_weeks` have been left out beforehand.

    The `days` of these weeks, where given, tell far more than the weeks of how persistent the rate is. `placebos`: the
    most other dates to judge beside it.
    """
    change = _said(weeks, day, slope=slope, days=days, holidays=holidays, placebos=placebos)
    left = _left_out(partial_weeks)
    return replace(change, partial_weeks=partial_weeks, notes=(*left, *change.notes))


def _left_out(partial_weeks: int) -> tuple[str, ...]:
    if not partial_weeks:
        return ()
    one = partial_weeks == 1
    return (
        f"{partial_weeks} week{'' if one else 's'} of which the log does not cover every open day "
        f"{'is' if one else 'are'} left out.",
    )


def _said(
    weeks: Sequence[Week],
    day: date,
    *,
    slope: bool,
    days: Sequence[PeriodCount],
    holidays: Container[date],
    placebos: int,
) -> Since:
    first_after = day if day.weekday() == 0 else monday_of(day) + timedelta(weeks=1)
    used_weeks = [week for week in sorted(weeks, key=lambda week: week.monday) if week.of > 0]
    if any(week.count < 0 or week.count > week.of for week in used_weeks):
        raise SettingError("a week has more calls abandoned than offered: this definition cannot be compared.")
    before = [week for week in used_weeks if week.monday < monday_of(day)]
    after = [week for week in used_weeks if week.monday >= first_after]
    sides = _side(before), _side(after)
    if min(len(before), len(after)) < FEWEST_WEEKS:
        return Since(NOT_ENOUGH, *sides, slope=slope, sentence=_not_enough(sides, day))
    if any(side.numerator in (0, side.denominator) for side in sides):
        return Since(NOT_ENOUGH, *sides, slope=slope, sentence=_all_alike(sides, day))
    counted = [PeriodCount(week.monday, week.count, week.of) for week in (*before, *after)]
    rows = series(counted, days=days, after=first_after, slope=slope, holidays=holidays)
    return _judged(step_at(first_after, weeks=counted, rows=rows, placebos=placebos), sides, day, slope=slope)


def _side(weeks: Sequence[Week]) -> Side:
    return Side(sum(week.count for week in weeks), sum(week.of for week in weeks), len(weeks))


def _judged(step: Step, sides: tuple[Side, Side], day: date, *, slope: bool) -> Since:
    change = step.change if step.wandering > MOSTLY and step.wander > LEAST_WANDER else step.of_all_calls
    verdict = LOWER if change.high < 0 else HIGHER if change.low > 0 else NO_CHANGE
    before, after = sides
    judged = Since(
        verdict=verdict,
        before=before,
        after=after,
        difference=change.difference,
        low=change.low,
        high=change.high,
        relative_risk=change.relative_risk,
        dispersion=step.dispersion,
        lag1=step.lag1,
        slope=slope,
        seasons=before.weeks + after.weeks >= TWO_YEARS,
        standard_error=f"averaged over how persistent {step.by}s may be",
        counts_only=newcombe(after.numerator, after.denominator, less=(before.numerator, before.denominator)),
        persistence=step.persistence,
        wandering=step.wandering,
        wander=step.wander,
        placebo=step.placebo,
    )
    return replace(judged, sentence=_sentence(judged, day), notes=(placebo_words(step.placebo), *CAUTIONS))


def placebo_words(placebo: Placebo) -> str:
    """How many other dates would have done as well, in words."""
    if not placebo.dates:
        return "Placebo check: no other date of this log has twelve weeks on either side."
    strong = placebo.as_strong or "none"
    one = placebo.dates == 1
    return (
        f"Placebo check: of {placebo.dates} other date{'' if one else 's'} of this log, judged in the same way, "
        f"{strong} would have given a change as strong."
    )


def _not_enough(sides: tuple[Side, Side], day: date) -> str:
    return (
        f"Not enough data: {sides[0].weeks} whole weeks before {day.day} {day:%B %Y} and {sides[1].weeks} after it, "
        f"where at least {FEWEST_WEEKS} on each side are needed."
    )


def _all_alike(sides: tuple[Side, Side], day: date) -> str:
    both = all(side.numerator in (0, side.denominator) for side in sides)
    return (
        f"Not enough data: on {'both sides' if both else 'one side'} of {day.day} {day:%B %Y} no call was lost, or "
        "every call was; "
        "how far such weeks may differ from one another cannot be told, so no interval can be given."
    )


def _sentence(change: Since, day: date) -> str:
    words = {LOWER: "The rate is lower", HIGHER: "The rate is higher", NO_CHANGE: "There is no clear change"}
    difference, low, high = (f"{100 * (value or 0):+.1f}".replace("-", "−") for value in _change(change))
    before, after = change.before, change.after
    wanders = f" {wander_words(change)}" if change.drifts and change.verdict == NO_CHANGE else ""
    return (
        f"{words[change.verdict]} since {day.day} {day:%B %Y}: {_rate(after)} over {after.weeks} weeks after, "
        f"{_rate(before)} over {before.weeks} weeks before; "
        f"difference{_beyond(change)} {difference} percentage points (95% interval {low} to {high}).{wanders}"
    )


def _change(change: Since) -> tuple[float | None, ...]:
    return change.difference, change.low, change.high


def wander_words(change: Since) -> str:
    """By how much a desk's weekly rate moves without any cause, in words."""
    return (
        f"This desk's rate wanders by about {100 * (change.wander or 0):.1f} percentage points without any cause "
        "(standard deviation, week by week), so a change as small as that tells nothing."
    )


def _beyond(change: Since) -> str:
    """What the difference has already been freed of, in words."""
    freed = (
        ["the trend before"] * change.slope
        + ["the seasons"] * change.seasons
        + ["how the rate wanders"] * change.drifts
    )
    return f" beyond {' and '.join(freed)}" if freed else ""


def _rate(side: Side) -> str:
    return f"{100 * (side.rate or 0):.1f}% ({side.numerator:,.0f} of {side.denominator:,.0f})"


_FEW = 1.0  # expected in a point: below it, seven points in a row with none come by chance on one day in twenty or more


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
    signals = episodes(since)
    latest = signals[0] if signals else None
    state = State.EXPECTED if latest is None else State.NOW if latest.lasts else State.EARLIER
    missing = lacking.within(segment.first, None).stretches if lacking else ()
    expected = [point.denominator * point.centre for point in since if point.centre is not None]
    few = bool(expected) and median(expected) < _FEW
    return Verdict(
        chart.by, state, newest, segment, latest, missing, chart.provisional, chart.alike, chart.follows, few
    )  # fmt: skip


def signals_beside(chart: RateChart, verdict: Verdict) -> Sequence[Episode]:
    """The other signals that reach into the period shown, the latest first."""
    shown = {id(point) for point in chart.shown}
    return [
        each
        for each in episodes(chart.points)
        if any(id(point) in shown for point in each.points) and not _same(each, verdict.episode)
    ]


def _same(one: Episode, other: Episode | None) -> bool:
    return other is not None and (one.rule, one.first, one.last) == (other.rule, other.first, other.last)
