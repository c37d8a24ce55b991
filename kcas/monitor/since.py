"""Has the rate fallen since a given day? One method, fixed beforehand: weekly counts, a step at the date, a verdict.

Quasi-binomial logistic regression of whole ISO weeks, with the seasons from two years of data on, and a trend that
may bend where asked for. The week in which the date falls belongs to neither side.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from kcas.errors import SettingError
from kcas.monitor.regression import Floats, Line, logistic, student
from kcas.monitor.two_rates import newcombe

LOWER, NO_CHANGE, HIGHER, NOT_ENOUGH = "lower", "no clear change", "higher", "not enough data"
FEWEST_WEEKS = 12  # on either side
TWO_YEARS = 104  # weeks, from which the seasons can be told from the date
ENOUGH_FOR_NEIGHBOURS = 50  # weeks, from which Newey-West is to be trusted
NEIGHBOURS = 2
ALIKE = 0.4  # lag-1 autocorrelation above which the interval may be too narrow
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
    standard_error: str | None = None  # "quasi-binomial" or "Newey-West"
    counts_only: tuple[float, float] | None = None  # Newcombe's interval: ignores day-to-day variation
    notes: tuple[str, ...] = CAUTIONS
    sentence: str = ""
    partial_weeks: int = 0  # left out: the log does not tell them whole


def since(weeks: Sequence[Week], day: date, *, slope: bool = False, partial_weeks: int = 0) -> Since:
    """The verdict on a date, with the two sides it rests on; `partial_weeks` have been left out beforehand."""
    found = _said(weeks, day, slope=slope)
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


def _said(weeks: Sequence[Week], day: date, *, slope: bool) -> Since:
    monday = day - timedelta(days=day.weekday())
    told = [week for week in sorted(weeks, key=lambda week: week.monday) if week.of > 0]
    if any(week.count < 0 or week.count > week.of for week in told):
        raise SettingError("a week has more calls abandoned than offered: this definition cannot be compared.")
    before = [week for week in told if week.monday < monday]
    after = [week for week in told if week.monday >= (monday if day == monday else monday + timedelta(days=7))]
    sides = _side(before), _side(after)
    if min(len(before), len(after)) < FEWEST_WEEKS or not sides[0].numerator + sides[1].numerator > 0:
        return Since(NOT_ENOUGH, *sides, slope=slope, sentence=_not_enough(sides, day))
    if any(side.numerator in (0, side.denominator) for side in sides):
        return Since(NOT_ENOUGH, *sides, slope=slope, sentence=_all_alike(day))
    return _judged([*before, *after], sides, day, slope=slope)


def _side(weeks: Sequence[Week]) -> Side:
    return Side(sum(week.count for week in weeks), sum(week.of for week in weeks), len(weeks))


def _judged(weeks: Sequence[Week], sides: tuple[Side, Side], day: date, *, slope: bool) -> Since:
    design, without = _designs(weeks, sides[0].weeks, day, slope=slope)
    of = np.array([week.of for week in weeks])
    line = logistic(design, count=np.array([week.count for week in weeks]), of=of)
    later = np.arange(len(weeks)) >= sides[0].weeks
    weight = of[later] / of[later].sum()
    with_step, pull = _mean_share(design[later], line.coefficients, weight)
    expected, pull_without = _mean_share(without[later], line.coefficients, weight)
    difference, gradient = with_step - expected, pull - pull_without
    variance, named = _variance(line, gradient, weeks=len(weeks))
    half = student(line.degrees) * math.sqrt(variance)
    low, high = difference - half, difference + half
    verdict = LOWER if high < 0 else HIGHER if low > 0 else NO_CHANGE
    alike = autocorrelation(line.pearson)
    return Since(
        verdict=verdict,
        before=sides[0],
        after=sides[1],
        difference=difference,
        low=low,
        high=high,
        relative_risk=with_step / expected,
        dispersion=line.dispersion,
        lag1=alike,
        slope=slope,
        seasons=len(weeks) >= TWO_YEARS,
        standard_error=named,
        counts_only=newcombe(sides[1].numerator, sides[1].denominator, less=(sides[0].numerator, sides[0].denominator)),
        notes=(("The interval may be too narrow: weeks are much like their neighbours.",) if alike > ALIKE else ())
        + CAUTIONS,
        sentence=_sentence(verdict, sides, day, (difference, low, high), beyond=_beyond(slope, len(weeks))),
    )


def _designs(weeks: Sequence[Week], first_after: int, day: date, *, slope: bool) -> tuple[Floats, Floats]:
    """The columns of the line, and the same had nothing changed at the date."""
    later = (np.arange(len(weeks)) >= first_after).astype(float)
    years = np.array([(week.monday - day).days / 365.25 for week in weeks])
    columns = [np.ones(len(weeks))]
    if slope:
        columns.append(years)
    if len(weeks) >= TWO_YEARS:
        turn = 2 * np.pi * years
        columns += [np.sin(turn), np.cos(turn), np.sin(2 * turn), np.cos(2 * turn)]
    step = [later, later * years] if slope else [later]
    nothing = [np.zeros(len(weeks))] * len(step)
    return np.column_stack(columns + step), np.column_stack(columns + nothing)


def _variance(line: Line, gradient: Floats, *, weeks: int) -> tuple[float, str]:
    """Of the difference; from fifty weeks on, the larger of quasi-binomial and Newey-West."""
    quasi = float(gradient @ line.quasi @ gradient)
    alike = float(gradient @ line.newey_west(lag=NEIGHBOURS) @ gradient) if weeks >= ENOUGH_FOR_NEIGHBOURS else 0.0
    return (alike, "Newey-West") if alike > quasi else (quasi, "quasi-binomial")


def _mean_share(design: Floats, coefficients: Floats, weight: Floats) -> tuple[float, Floats]:
    """A mean share over weeks, and how it moves with each coefficient (the delta method)."""
    share = 1 / (1 + np.exp(-design @ coefficients))
    return float(weight @ share), np.asarray((weight * share * (1 - share)) @ design)


def autocorrelation(residuals: Floats) -> float:
    """How alike neighbouring residuals are, from -1 to 1."""
    centred = residuals - residuals.mean()
    total = float(centred @ centred)
    return float(centred[1:] @ centred[:-1]) / total if total else 0.0


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


def _sentence(
    verdict: str, sides: tuple[Side, Side], day: date, change: tuple[float, float, float], *, beyond: str
) -> str:
    words = {LOWER: "The rate is lower", HIGHER: "The rate is higher", NO_CHANGE: "There is no clear change"}[verdict]
    difference, low, high = (f"{100 * value:+.1f}".replace("-", "−") for value in change)
    return (
        f"{words} since {day.day} {day:%B %Y}: {_rate(sides[1])} over {sides[1].weeks} weeks after, "
        f"{_rate(sides[0])} over {sides[0].weeks} weeks before; "
        f"difference{beyond} {difference} percentage points (95% interval {low} to {high})."
    )


def _beyond(slope: bool, weeks: int) -> str:
    """What the difference has already been freed of, in words."""
    freed = ["the trend before"] * slope + ["the seasons"] * (weeks >= TWO_YEARS)
    return f" beyond {' and '.join(freed)}" if freed else ""


def _rate(side: Side) -> str:
    return f"{100 * (side.rate or 0):.1f}% ({side.numerator:,.0f} of {side.denominator:,.0f})"
