"""Forecast of the rest of today: calls, handling time and agents, with past errors.

Calls are a gamma-Poisson mixture (Jongbloed and Koole 2001), handling leans to today's by its credibility (Bühlmann
1967), and the spread is that of earlier days' forecast errors (Williams and Goodman 1971).
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kcas.arrays import Floats
from kcas.errors import ScenarioError
from kcas.forecasting.current_state import SoFar
from kcas.forecasting.past_days import FEWEST, Past

PATTERN_HALF_LIFE, LEVEL_HALF_LIFE = 28.0, 10.0
_FARTHEST = 2.0  # a day beyond twice or half its usual is held to that, so that one odd day is one day
FEWEST_BEFORE = 2  # days of a weekday before one of it can be forecast


def expected_on(day: date, dates: tuple[date, ...], values: Floats) -> Floats | None:
    """The values [cell] to expect of a day from the days [day, cell] before it; None where there are too few."""
    age = np.array([(day - each).days for each in dates], float)
    before = age > 0
    weekdays = np.array([each.weekday() for each in dates])
    if (before & (weekdays == day.weekday())).sum() < FEWEST_BEFORE:
        return None
    slow = np.where(before, 0.5 ** (np.maximum(age, 0) / PATTERN_HALF_LIFE), 0.0)
    usual = np.zeros((7, values.shape[1]))
    for weekday in range(7):
        mine = slow * (weekdays == weekday)
        usual[weekday] = mine @ values / mine.sum() if mine.sum() > 0 else np.nan
    totals = usual.sum(axis=1)[weekdays]
    usable = before & (totals > 0)
    ratio = np.clip(values.sum(axis=1)[usable] / totals[usable], 1 / _FARTHEST, _FARTHEST)
    quick = 0.5 ** (age[usable] / LEVEL_HALF_LIFE) * totals[usable]
    return np.asarray(usual[day.weekday()] * np.exp((quick * np.log(ratio)).sum() / quick.sum()))


def day_forecasts(dates: tuple[date, ...], values: Floats) -> Floats:
    """Each day's values as the days before led one to expect them; not a number where those were too few."""
    forecasts = np.full(values.shape, np.nan)
    for number, day in enumerate(dates):
        expected = expected_on(day, dates, values)
        if expected is not None:
            forecasts[number] = expected
    return forecasts


STEADIEST = 400.0  # shape of the day factor of days that hardly differ: a standard deviation of 5 %
LEAST_VARIANCE = 1e-6
MEDIAN_SQUARE = 0.455  # of a standard normal variable
FEWEST_SURPRISES = 8
ORDINARY = 1.6  # times as busy as was forecast, or as quiet
SOME = 5  # calls from which a morning's or an afternoon's handling is worth looking at


@dataclass(frozen=True)
class RestOfDay:
    """The rest of one replication of today."""

    calls: Floats  # [cell] expected
    handle: float
    agents: Floats  # [cell]


@dataclass(frozen=True)
class RestOfToday:
    """The rest of today as it is expected, and what is laid on it, [day] and [day, cell]."""

    usual: Floats  # [cell] calls of the weekday
    busyness: tuple[float, float]  # the gamma law of the day's factor: shape and rate
    handle: float
    agents: Floats  # [cell]
    calls_off: Floats  # [day] factor
    handle_off: Floats  # [day] factor
    agents_off: Floats  # [day, cell] added

    @property
    def factor(self) -> float:
        """The day's busyness, against its weekday's usual."""
        return self.busyness[0] / self.busyness[1]

    def draw(self, rng: Generator) -> RestOfDay:
        """One replication: a busyness, and an earlier day's surprise."""
        factor = rng.standard_gamma(self.busyness[0]) / self.busyness[1]
        other = int(rng.integers(len(self.calls_off)))
        return RestOfDay(
            calls=self.usual * factor * self.calls_off[other],
            handle=self.handle * self.handle_off[other],
            agents=np.maximum(self.agents + self.agents_off[other], 0.0),
        )


def rest_of_today(past: Past, today: SoFar) -> RestOfToday:
    """What is to be expected, from what earlier days were and what today has been.

    Each earlier day gives a *surprise*: what its calls, handling and agents came to after this time of day, against
    what the days before it and its own morning said. One day's surprises, all three together, are laid on each
    replication.
    """
    counts = np.column_stack([past.before, past.calls])
    usual = expected_on(today.day, past.dates, counts)
    if usual is None:
        raise ScenarioError(f"{today.day}: too few days of its weekday before it. Expected {FEWEST} at least.")
    then = day_forecasts(past.dates, counts)
    usable = np.isfinite(then).all(axis=1) & (then.sum(axis=1) > 0)
    if usable.sum() < FEWEST_SURPRISES:
        then, usable = leave_one_out_mean(past, counts), np.ones(len(past.dates), bool)
    before, rest = then[usable, 0], then[usable, 1:].sum(axis=1)
    shape = shape_of(past.before[usable] / np.maximum(before, 1), before)
    factors = (shape + past.before[usable]) / (shape + before)
    expected = np.maximum(factors * rest, 1e-9)
    handle, handle_off = handling(past, today)
    agents, agents_off = staff(past, today)
    similar = similar_days(factors, today=(shape + today.offered) / (shape + float(usual[0])))
    return RestOfToday(
        usual=usual[1:],
        busyness=(shape + today.offered, shape + float(usual[0])),  # Gamma(k + seen, k + expected)
        handle=handle,
        agents=agents,
        calls_off=less_chance(
            past.calls[usable].sum(axis=1)[similar] / expected[similar],
            by_chance=(1 / expected + 1 / (shape + past.before[usable]))[similar],
        ),
        handle_off=handle_off[usable][similar],
        agents_off=agents_off[usable][similar],
    )


def similar_days(factors: Floats, *, today: float) -> NDArray[np.bool_]:
    """Which days' mornings were as ordinary as today's: a holiday's surprise is no surprise for an ordinary day."""
    ordinary = (factors > 1 / ORDINARY) & (factors < ORDINARY)
    if 1 / ORDINARY < today < ORDINARY and ordinary.sum() >= FEWEST_SURPRISES:
        return ordinary
    return np.ones(len(factors), bool)


def leave_one_out_mean(past: Past, values: Floats) -> Floats:
    """For each day the mean of the other days of its weekday; its own where there is no other."""
    weekdays = np.array([each.weekday() for each in past.dates])
    means = np.array(values, float)
    for weekday in set(weekdays.tolist()):
        mine = weekdays == weekday
        if mine.sum() > 1:
            means[mine] = (values[mine].sum(axis=0) - values[mine]) / (mine.sum() - 1)
    return means


def shape_of(ratios: Floats, expected: Floats) -> float:
    """The shape of the gamma factor by which days differ, beyond what counting by chance explains."""
    some = expected > 0
    if some.sum() < 2:
        return STEADIEST
    excess = squares(ratios[some] - 1) - float(np.median(1 / expected[some]))
    return float(min(1 / max(excess, LEAST_VARIANCE), STEADIEST))


def less_chance(ratios: Floats, *, by_chance: Floats) -> Floats:
    """The ratios drawn in about their middle until no more variance is left in them than chance does not explain."""
    clipped = np.clip(ratios, 0.25, 4.0)
    middle = float(np.median(clipped))
    variance = float(((clipped - middle) ** 2).mean())
    excess = max(variance - float(np.median(by_chance)) * middle**2, 0.0)
    return np.asarray(middle + (clipped - middle) * np.sqrt(excess / max(variance, LEAST_VARIANCE)))


def handling(past: Past, today: SoFar) -> tuple[float, Floats]:
    """The mean handling to expect of the rest, and by what factor earlier days were off."""
    usable = (past.handled_before > SOME) & (past.handled_after > SOME)
    if not usable.any():
        return float(past.talks.mean()), np.ones(len(past.dates))
    age = np.array([(today.day - each).days for each in past.dates], float)
    recent = 0.5 ** (age / PATTERN_HALF_LIFE) * usable
    usual_before = weighted(past.handle_before, recent * past.handled_before)
    usual_after = weighted(past.handle_after, recent * past.handled_after)
    by_chance = past.spread**2 / np.maximum(past.handled_before, 1)
    between = squares(past.handle_before[usable] / usual_before - 1) - float(np.median(by_chance[usable]))

    def expected(mean: Floats, many: Floats) -> Floats:
        # w = τ²/(τ² + cv²/n), expected = usual (today/usual)^w
        weight = max(between, 0.0) / (max(between, 0.0) + past.spread**2 / np.maximum(many, 1) + LEAST_VARIANCE)
        return np.asarray(usual_after * (np.maximum(mean, 1.0) / usual_before) ** weight)

    off = np.where(usable, past.handle_after / expected(past.handle_before, past.handled_before), 1.0)
    mine = expected(np.array([today.handle]), np.array([float(today.handled)])) if today.handled else [usual_after]
    return float(mine[0]), less_chance(off, by_chance=past.spread**2 / np.maximum(past.handled_after, 1))


def weighted(values: Floats, weights: Floats) -> float:
    return float(values @ weights / max(weights.sum(), 1e-9))


def squares(away: Floats) -> float:
    """The variance about zero, from the median square, so that one odd day does not make it."""
    return float(np.median(away**2) / MEDIAN_SQUARE)


def staff(past: Past, today: SoFar) -> tuple[Floats, Floats]:
    """The agents to expect in each cell, and by how many earlier days were off.

    How much of having more agents now lasts is a regression over earlier days, cell by cell.
    """
    there = np.column_stack([past.agents_now, past.agents])
    then = day_forecasts(past.dates, there)
    then = np.where(np.isfinite(then), then, leave_one_out_mean(past, there))
    away = there - then
    lasts = np.clip(away[:, 0] @ away[:, 1:] / max(float(away[:, 0] @ away[:, 0]), LEAST_VARIANCE), 0.0, 1.0)
    usual = expected_on(today.day, past.dates, there)
    usual = there.mean(axis=0) if usual is None else usual
    expected = usual[1:] + lasts * (here(today) - float(usual[0]))
    return np.maximum(expected, 0.0), away[:, 1:] - np.outer(away[:, 0], lasts)


def here(today: SoFar) -> float:
    """Agents on the phones now: those with a call in hand, and those who had one recently."""
    return float(len(today.talking) + len(today.done))
