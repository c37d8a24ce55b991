"""Forecast of the half-hours of days to come: the day's forecast shared out by the profile of its kind of day.

The profile is the weekday's own share of each half-hour, blended with that of all days of its kind as if six of them
had been seen on it. Intervals are those of a negative binomial law of variance F + f F², with the f at which they would
have held as many of the past half-hours as they say.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from scipy.stats import nbinom

from kcas.arrays import Floats
from kcas.forecasting.daily_model import DayColumns
from kcas.forecasting.days_ahead import DayForecast, History, Interval, PastErrors

_UNKNOWN_SPREAD = 0.1  # before any day was forecast
_WIDEST, _HALVINGS = 4.0, 10
KIND_DAYS = 6.0
"""How many days of the weekday's own the profile of its kind is worth."""


@dataclass(frozen=True)
class Profiles:
    """Share of a day's calls, and of its agent hours, in each half-hour: [weekday, interval], Monday first."""

    calls: Floats
    agents: Floats
    opens: float  # seconds after midnight at which the first interval begins
    interval: float

    def seconds(self, slot: int) -> float:
        """When an interval begins, in seconds after midnight."""
        return self.opens + slot * self.interval


@dataclass(frozen=True)
class HalfHourForecast:
    """One half-hour of a day to come; agents are None where the log does not tell them."""

    day: DayForecast
    begins: float  # seconds after midnight
    calls: Interval
    agents: float | None


def profiles(history: History, *, before: int) -> Profiles:
    """The profiles of each weekday from the days before one, given by its number."""
    columns = history.own_columns
    past = columns.number < before
    known = columns.of(past)
    calls, agents = (_shares(values[past], known) for values in (history.days.calls, history.days.agents))
    return Profiles(calls, agents, opens=history.days.opens, interval=history.days.interval)


def _shares(values: Floats, columns: DayColumns) -> Floats:
    """Shares of each weekday; one without days of its own has those of its kind, or of all days."""
    found = np.zeros((7, values.shape[1]))
    for weekday in range(7):
        own = values[columns.weekday == weekday]
        kinds = columns.weekend[columns.weekday == weekday]
        kind = values[columns.weekend == kinds[0]] if len(kinds) else values
        days = len(own) if own.sum() > 0 else 0
        found[weekday] = (days * _share(own) + KIND_DAYS * _share(kind)) / (days + KIND_DAYS)
    return found


def _share(values: Floats) -> Floats:
    total = values.sum()
    return np.asarray(values.sum(axis=0) / total) if total > 0 else np.zeros(values.shape[1])


@dataclass(frozen=True)
class HalfHourModel:
    """Profiles of the weekdays, and how widely the calls of a half-hour vary about a forecast."""

    history: History
    profiles: Profiles
    spread80: float  # f of the variance F + f F² of the 80 % interval
    spread95: float

    def forecast(self, days: Sequence[DayForecast]) -> tuple[HalfHourForecast, ...]:
        """The half-hours of these days in which calls are expected."""
        columns = self.history.columns([each.day for each in days])
        return tuple(
            half_hour
            for day, weekday in zip(days, columns.weekday.tolist(), strict=True)
            for half_hour in self._one_day(day, weekday)
        )

    def _one_day(self, day: DayForecast, weekday: int) -> Iterator[HalfHourForecast]:
        calls, agents = self.profiles.calls[weekday], self.profiles.agents[weekday]
        for slot in np.flatnonzero(calls > 0).tolist():
            there = None
            if day.agent_hours is not None:
                there = day.agent_hours * float(agents[slot]) * 3600 / self.profiles.interval
            yield HalfHourForecast(day, self.profiles.seconds(slot), self._interval(day, float(calls[slot])), there)

    def _interval(self, day: DayForecast, share: float) -> Interval:
        expected = day.calls.value * share
        low80, high80 = _ends(expected, self.spread80, 0.8)
        low95, high95 = _ends(expected, self.spread95, 0.95)
        return Interval(expected, min(low80, expected), max(high80, expected), min(low95, low80), max(high95, high80))


def half_hour_model(history: History, origin: date, errors: PastErrors) -> HalfHourModel:
    """The model from the days before an origin; `errors` are those of the calls of past days, once forecast."""
    found, columns = profiles(history, before=origin.toordinal()), history.own_columns
    rows = np.searchsorted(columns.number, errors.number)
    forecast = history.days.offered[rows] * np.exp(-errors.error)
    expected = (forecast[:, None] * found.calls[columns.weekday[rows]]).ravel()
    came = history.days.calls[rows].ravel()[expected > 0]
    return HalfHourModel(
        history, found, *(overdispersion(came, expected[expected > 0], share=share) for share in (0.8, 0.95))
    )


def overdispersion(came: Floats, expected: Floats, *, share: float) -> float:
    """The least f, of the variance F + f F², at which so large a share of past counts lay inside the interval.

    Negative binomial (Lawless 1987); found by halving, from nothing (Poisson) to a standard deviation of twice F.
    """
    if not len(came):
        return _UNKNOWN_SPREAD
    low, high = 0.0, _WIDEST
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        below = nbinom.cdf(came, *_law(expected, middle))
        under = nbinom.cdf(came - 1, *_law(expected, middle))
        inside = float(((below >= (1 - share) / 2) & (under <= (1 + share) / 2)).mean())
        low, high = (low, middle) if inside >= share else (middle, high)
    return high


def _law(expected: Floats | float, spread: float) -> tuple[float, Floats | float]:
    """Parameters of the negative binomial law with mean F and variance F + f F²."""
    f = max(spread, 1e-6)  # at nothing it is Poisson's
    return 1 / f, 1 / (1 + f * expected)


def _ends(expected: float, spread: float, share: float) -> tuple[float, float]:
    low, high = nbinom.ppf([(1 - share) / 2, (1 + share) / 2], *_law(expected, spread)).tolist()
    return low, high
