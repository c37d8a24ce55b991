"""Verdict on a date: is the rate lower since, higher, or is there no clear change. One method, fixed beforehand.

Whole ISO weeks, judged by their days where these are given: a step at the date in a line whose errors may resemble
their neighbours for as long as they like (`step`). The seasons are allowed for from two years of data on, and a trend
that may bend where asked for. The week in which the date falls is on neither side.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from kcas.errors import SettingError
from kcas.monitoring.rate_chart import PeriodCount
from kcas.monitoring.step import MOST_PLACEBOS, TWO_YEARS, Placebo, Step, monday_of, series, step_at
from kcas.monitoring.two_rates import newcombe

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
    wander: float | None = None  # the standard deviation of weekly rates about the line, beyond dice, as a share
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
    found = _said(weeks, day, slope=slope, days=days, holidays=holidays, placebos=placebos)
    left = _left_out(partial_weeks)
    return replace(found, partial_weeks=partial_weeks, notes=(*left, *found.notes))


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
    told = [week for week in sorted(weeks, key=lambda week: week.monday) if week.of > 0]
    if any(week.count < 0 or week.count > week.of for week in told):
        raise SettingError("a week has more calls abandoned than offered: this definition cannot be compared.")
    before = [week for week in told if week.monday < monday_of(day)]
    after = [week for week in told if week.monday >= first_after]
    sides = _side(before), _side(after)
    if min(len(before), len(after)) < FEWEST_WEEKS or not sides[0].numerator + sides[1].numerator > 0:
        return Since(NOT_ENOUGH, *sides, slope=slope, sentence=_not_enough(sides, day))
    if any(side.numerator in (0, side.denominator) for side in sides):
        return Since(NOT_ENOUGH, *sides, slope=slope, sentence=_all_alike(day))
    counted = [PeriodCount(week.monday, week.count, week.of) for week in (*before, *after)]
    rows = series(counted, days=days, after=first_after, slope=slope, holidays=holidays)
    return _judged(step_at(first_after, weeks=counted, rows=rows, placebos=placebos), sides, day, slope=slope)


def _side(weeks: Sequence[Week]) -> Side:
    return Side(sum(week.count for week in weeks), sum(week.of for week in weeks), len(weeks))


def _judged(step: Step, sides: tuple[Side, Side], day: date, *, slope: bool) -> Since:
    change = step.change if step.wandering > MOSTLY and step.wander > LEAST_WANDER else step.of_all_calls
    verdict = LOWER if change.high < 0 else HIGHER if change.low > 0 else NO_CHANGE
    before, after = sides
    found = Since(
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
    return replace(found, sentence=_sentence(found, day), notes=(placebo_words(step.placebo), *CAUTIONS))


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


def _all_alike(day: date) -> str:
    return (
        f"Not enough data: on one side of {day.day} {day:%B %Y} no call was lost, or every call was; "
        "how far such weeks may differ from one another cannot be told, so no interval can be given."
    )


def _sentence(found: Since, day: date) -> str:
    words = {LOWER: "The rate is lower", HIGHER: "The rate is higher", NO_CHANGE: "There is no clear change"}
    difference, low, high = (f"{100 * (value or 0):+.1f}".replace("-", "−") for value in _change(found))
    before, after = found.before, found.after
    wanders = f" {wander_words(found)}" if found.drifts and found.verdict == NO_CHANGE else ""
    return (
        f"{words[found.verdict]} since {day.day} {day:%B %Y}: {_rate(after)} over {after.weeks} weeks after, "
        f"{_rate(before)} over {before.weeks} weeks before; "
        f"difference{_beyond(found)} {difference} percentage points (95% interval {low} to {high}).{wanders}"
    )


def _change(found: Since) -> tuple[float | None, ...]:
    return found.difference, found.low, found.high


def wander_words(found: Since) -> str:
    """By how much a desk's weekly rate moves without any cause, in words."""
    return (
        f"This desk's rate wanders by about {100 * (found.wander or 0):.1f} percentage points without any cause "
        "(standard deviation, week by week), so a change as small as that tells nothing."
    )


def _beyond(found: Since) -> str:
    """What the difference has already been freed of, in words."""
    freed = (
        ["the trend before"] * found.slope + ["the seasons"] * found.seasons + ["how the rate wanders"] * found.drifts
    )
    return f" beyond {' and '.join(freed)}" if freed else ""


def _rate(side: Side) -> str:
    return f"{100 * (side.rate or 0):.1f}% ({side.numerator:,.0f} of {side.denominator:,.0f})"
