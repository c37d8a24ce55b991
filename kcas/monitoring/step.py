"""Step in a rate at a date: quasi-binomial line of days or weeks whose errors resemble their neighbours.

The line is fitted once as if rows were independent (`between_days`); its errors, in standard errors of the counts, then
go through generalised least squares averaged over how persistent they may be (`persistence`). The placebo check judges
other dates of the same rows alike (Abadie, Diamond and Hainmueller 2010).
"""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from kcas.arrays import Floats
from kcas.monitoring.between_days import FittedLine, logistic
from kcas.monitoring.daily import kind_of_day
from kcas.monitoring.persistence import Steps, autocorrelation, grid, steps
from kcas.monitoring.rate_chart import PeriodCount

TWO_YEARS = 104  # weeks, from which the seasons can be told from the date
A_YEAR = 365.25  # days
FEWEST_OF_A_KIND = 4  # days of a kind on either side, or the kind tells nothing of the step
MOST_PLACEBOS = 40  # dates, spread evenly where there are more
COARSER = 2  # every second lasting and share: dates need only be ranked, and there are many


@dataclass(frozen=True)
class Placebo:
    """Other dates of the same log, and how many of them would have given a change as strong."""

    dates: int
    as_strong: int


@dataclass(frozen=True)
class _Change:
    """After, less what would have been without the step, in shares, with its 95 % interval."""

    difference: float
    low: float
    high: float
    relative_risk: float


@dataclass(frozen=True)
class Step:
    """What changed at the date, and how the rate moves without a change."""

    change: _Change  # weighted for likeness: the step beyond what wandering explains
    of_all_calls: _Change  # all calls after less all calls before, with the same doubt
    dispersion: float
    lag1: float  # of the weeks' errors
    persistence: float  # of the errors' neighbouring days (weeks, where there are no days): autocorrelation at lag 1
    wandering: float  # the probability that the rate wanders over weeks
    wander: float  # the standard deviation of weekly rates about the line, beyond random variation, as a share
    by: str  # "day" or "week"
    placebo: Placebo


@dataclass(frozen=True)
class Series:
    """The rows that are judged, and the columns that their line has whatever the date."""

    starts: Sequence[date]
    count: Floats
    of: Floats
    base: Floats
    times: Floats  # days since the first
    slope: bool
    by: str

    def step(self, monday: date) -> Floats:
        """The columns of a step from a Monday on; with a slope also of a bend, about the middle of what follows."""
        later = np.array([start >= monday for start in self.starts], dtype=float)
        if not self.slope:
            return later[:, None]
        years = self.times / A_YEAR
        return np.column_stack([later, later * (years - years[later > 0].mean())])


def series(
    weeks: Sequence[PeriodCount], *, days: Sequence[PeriodCount], after: date, slope: bool, holidays: Container[date]
) -> Series:
    """The days of these weeks, of the kinds that are found before and after; the weeks where days do not tell."""
    mondays = {week.start for week in weeks}
    within = [row for row in days if row.denominator > 0 and monday_of(row.start) in mondays]
    kinds = [kind_of_day(row.start, holidays=holidays, weekend=()) for row in within]
    usable = {kind for kind in set(kinds) if _on_both_sides(within, kinds, kind, after)}
    used = [(row, kind) for row, kind in zip(within, kinds, strict=True) if kind in usable]
    used.sort(key=lambda pair: pair[0].start)
    possible = all(row.numerator <= row.denominator for row in within)
    if possible and {monday_of(row.start) for row, _ in used} == mondays:
        return _series([row for row, _ in used], [kind for _, kind in used], weeks=len(weeks), slope=slope, by="day")
    return _weekly(weeks, slope=slope)


def _weekly(weeks: Sequence[PeriodCount], *, slope: bool) -> Series:
    return _series(weeks, [""] * len(weeks), weeks=len(weeks), slope=slope, by="week")


def _series(rows: Sequence[PeriodCount], kinds: Sequence[str], *, weeks: int, slope: bool, by: str) -> Series:
    times = np.array([(row.start - rows[0].start).days for row in rows], dtype=float)
    named = np.array(kinds)
    columns = [(named == kind).astype(float) for kind in sorted(set(kinds))]
    columns[0] = np.ones(len(rows))  # so that the line has a constant, which the fit begins from
    columns += [times / A_YEAR] if slope else []
    if weeks >= TWO_YEARS:
        turn = 2 * np.pi * times / A_YEAR
        columns += [np.sin(turn), np.cos(turn), np.sin(2 * turn), np.cos(2 * turn)]
    count, of = (np.array([getattr(row, half) for row in rows], dtype=float) for half in ("numerator", "denominator"))
    return Series([row.start for row in rows], count, of, np.column_stack(columns), times, slope, by)


def monday_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def _on_both_sides(rows: Sequence[PeriodCount], kinds: Sequence[str], kind: str, after: date) -> bool:
    """Whether there are enough days of a kind before and after, of which some calls were lost and some were not."""
    same = [row for row, named in zip(rows, kinds, strict=True) if named == kind]
    later = sum(row.start >= after for row in same)
    lost = sum(row.numerator for row in same)
    return min(later, len(same) - later) >= FEWEST_OF_A_KIND and 0 < lost < sum(row.denominator for row in same)


def step_at(after: date, *, weeks: Sequence[PeriodCount], rows: Series, placebos: int = MOST_PLACEBOS) -> Step:
    """The step between the weeks before and those that begin on `after` or later."""
    block = rows.step(after)
    line = logistic(np.column_stack([rows.base, block]), count=rows.count, of=rows.of)
    judged = _judged(rows, line, line.coefficients[rows.base.shape[1] :], [block], weeks=len(weeks))
    rate, less = _counterfactual(rows, line, block)
    low, high = judged.interval(0)
    change = rate - less(judged.mean(0))
    step = _Change(change, rate - less(low), rate - less(high), rate / (rate - change))
    weekly = _weekly_line(weeks, after=after, slope=rows.slope)
    return Step(
        change=step,
        of_all_calls=_of_all_calls(step, weekly, weeks=weeks, after=after, slope=rows.slope),
        dispersion=weekly.dispersion,
        lag1=autocorrelation(weekly.pearson),
        persistence=autocorrelation(line.pearson),
        wandering=judged.wandering(0),
        wander=_beyond_dice(weekly, weeks),
        by=rows.by,
        placebo=placebo(after, weeks=weeks, rows=rows, most=placebos),
    )


def _judged(
    rows: Series, line: FittedLine, step: Floats, blocks: Sequence[Floats], *, weeks: int, every: int = 1
) -> Steps:
    """The steps by the errors of a line, to which the line's own step is given back."""
    root = np.sqrt(line.fitted * (1 - line.fitted / rows.of))
    values = line.pearson + root * (blocks[0] @ step)
    scaled = [root[:, None] * block for block in blocks]
    return steps(values, root[:, None] * rows.base, scaled, times=rows.times, over=grid(weeks, every=every))


def _counterfactual(rows: Series, line: FittedLine, block: Floats) -> tuple[float, Callable[[float], float]]:
    """The rate after, and what it would have been had there been no step of so many log odds."""
    later = block[:, 0] > 0
    bend = block[later, 1:] @ line.coefficients[rows.base.shape[1] + 1 :]
    share = line.fitted[later] / rows.of[later]
    weight = rows.of[later] / rows.of[later].sum()
    height = np.log(share / (1 - share)) - bend

    def without(step: float) -> float:
        return float(weight @ (1 / (1 + np.exp(step - height))))

    return float(weight @ share), without


def _of_all_calls(
    step: _Change, line: FittedLine, *, weeks: Sequence[PeriodCount], after: date, slope: bool
) -> _Change:
    """The difference as calls give it, without a weight for likeness; its interval is as wide."""
    rows = _weekly(weeks, slope=slope)
    block = rows.step(after)
    rate, less = _counterfactual(rows, line, block)
    change = rate - less(float(line.coefficients[rows.base.shape[1]]))
    moved = change - step.difference
    return _Change(change, step.low + moved, step.high + moved, rate / (rate - change))


def _weekly_line(weeks: Sequence[PeriodCount], *, after: date, slope: bool) -> FittedLine:
    rows = _weekly(weeks, slope=slope)
    return logistic(np.column_stack([rows.base, rows.step(after)]), count=rows.count, of=rows.of)


def _beyond_dice(line: FittedLine, weeks: Sequence[PeriodCount]) -> float:
    of = np.array([week.denominator for week in weeks])
    share = line.fitted / of
    return float(np.sqrt(max(line.dispersion - 1, 0.0) * (share * (1 - share) / of).mean()))


def placebo(after: date, *, weeks: Sequence[PeriodCount], rows: Series, most: int, fewest: int = 12) -> Placebo:
    """How many other Mondays, with as many weeks on either side, would have given a change as strong.

    All dates are judged about the line that has no step, for none is to have an advantage.
    """
    mondays = [week.start for week in weeks]
    others = [monday for monday in mondays[fewest : len(mondays) - fewest + 1] if monday != after]
    if len(others) > most:
        others = [others[int(n)] for n in np.linspace(0, len(others) - 1, most).round()]
    if not others:
        return Placebo(0, 0)
    line = logistic(rows.base, count=rows.count, of=rows.of)
    blocks = [rows.step(monday) for monday in (after, *others)]
    judged = _judged(rows, line, np.zeros(blocks[0].shape[1]), blocks, weeks=len(weeks), every=COARSER)
    chances = [judged.chance(n) for n in range(len(blocks))]
    return Placebo(len(others), sum(chance <= chances[0] for chance in chances[1:]))
