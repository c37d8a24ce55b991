"""Forecast of days to come: calls, handling time, agents and rate of each day, with prediction intervals.

Calls, handling time and agent hours are forecast by the structural model of their logarithm. The rate is forecast from
its own history, not through the queue model: there the errors of calls and agents would multiply. It is the mean, in
log odds, of the structural model corrected by its own recent errors, and of a level smoothed over the last days with an
effect of the weekday.

Intervals are those of Student's t with five degrees of freedom, as wide as the model's own standard deviation times
what its past errors, a week ahead, were of it.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from scipy.special import expit

from kcas.arrays import Floats
from kcas.attribution.observed_days import Observed
from kcas.errors import LogError
from kcas.forecasting.daily_model import DailyModel, DayColumns, Priors, day_columns, fit_days

FEWEST_PAST_DAYS = 15
"""Days of history below which nothing is forecast."""
LONGEST_HISTORY = 400
"""Days of history that a fit uses, the latest: what is older says little, and the work grows with its cube."""
DAYS_A_WEEK = 7
REFIT = 28  # days after which the sizes are found again
_AT = {"80": 1.4759 * np.sqrt(0.6), "95": 2.5706 * np.sqrt(0.6)}
"""Quantiles 0.9 and 0.975 of Student's t with five degrees of freedom, brought to a variance of one."""

_LEVELS: dict[str, tuple[float, float]] = {"a": (0.3, 0.7), "q": (0.15, 0.7), "h": (8.0, 0.7), "e": (0.12, 0.7)}
_SLOW: dict[str, tuple[float, float]] = {"r": (0.15, 0.7), "k": (60.0, 0.5)}
CALLS: Priors = {**_LEVELS, **_SLOW, "c": (0.08, 0.8), "l": (0.6, 0.4)}
AGENTS: Priors = _LEVELS
RATE: Priors = {**CALLS, "q": (0.4, 0.7), "r": (0.4, 0.7), "e": (0.35, 0.5), "c": (0.2, 0.8)}
EXTRA = 0.12
"""Variance of a day's log odds of the rate beyond the chance of single calls, which the noise is measured in."""


@dataclass(frozen=True)
class Series:
    """One quantity of the days on which it is known: [day] each."""

    columns: DayColumns
    values: Floats  # logarithms, or log odds
    noise: Floats  # v(t)
    priors: Priors

    def before(self, day: date) -> "Series":
        """The days before one, the latest of them."""
        number = day.toordinal()
        kept = (self.columns.number < number) & (self.columns.number >= number - LONGEST_HISTORY)
        return replace(self, columns=self.columns.of(kept), values=self.values[kept], noise=self.noise[kept])


@dataclass(frozen=True)
class History:
    """Whole days of a log as the forecasts use them, with the desk's own calendar."""

    days: Observed
    holidays: Container[date] = ()  # of the log and to come
    weekend: tuple[int, ...] = (5, 6)

    def columns(self, days: Sequence[date]) -> DayColumns:
        """What is known of any days before they come."""
        return day_columns(days, holidays=self.holidays, weekend=self.weekend)

    @property
    def own_columns(self) -> DayColumns:
        """The columns of the days of the log."""
        return self.columns(self.days.dates)

    def series(self, values: Floats, *, noise: Floats | None = None, priors: Priors) -> Series:
        """A quantity of each day, not a number where it is not known."""
        known = np.isfinite(values)
        weights = np.ones(len(values)) if noise is None else noise
        return Series(self.own_columns.of(known), values[known], weights[known], priors)

    def calls(self) -> Series:
        """Logarithm of the calls offered."""
        return self.series(_logarithm(self.days.offered), priors=CALLS)

    def handling(self) -> Series:
        """Logarithm of the mean handling time in seconds."""
        return self.series(_logarithm(self.days.handle), priors=CALLS)

    def agent_hours(self) -> Series:
        """Logarithm of the hours of agents on the phones."""
        return self.series(_logarithm(self.days.agents.sum(axis=1) * self.days.interval / 3600), priors=AGENTS)

    def rate(self) -> Series:
        """Log odds of the rate, half a call added to each side (Haldane 1956)."""
        above, below = self.days.halves.numerator, self.days.halves.denominator
        known = np.where(below > 0, below, np.nan)
        odds = np.log((above + 0.5) / (known - above + 0.5))
        return self.series(odds, noise=noise_of_rate(known, expit(odds)), priors=RATE)


def noise_of_rate(calls: Floats, rate: Floats) -> Floats:
    """v(t) of a rate: one, and the binomial chance of so many calls beside the days' own variance."""
    return np.asarray(1 + 1 / (EXTRA * np.maximum(calls * rate * (1 - rate), 0.25)))


def _logarithm(values: Floats) -> Floats:
    return np.log(np.where(values > 0, values, np.nan))


@dataclass(frozen=True)
class Interval:
    """A forecast and its 80 % and 95 % prediction intervals."""

    value: float
    low80: float
    high80: float
    low95: float
    high95: float


@dataclass(frozen=True)
class Path:
    """Forecasts of days in a row, on the scale of the model: [day] each."""

    mean: Floats
    spread: Floats

    def interval(self, at: int, *, odds: bool = False) -> Interval:
        """The forecast of one day: the exponential, or of log odds the rate."""
        ends = [self.mean[at] + sign * _AT[share] * self.spread[at]
                for share, sign in (("80", -1), ("80", 1), ("95", -1), ("95", 1))]  # fmt: skip
        back = expit if odds else np.exp
        return Interval(*(float(back(each)) for each in (self.mean[at], *ends)))


@dataclass(frozen=True)
class PastErrors:
    """Forecasts of past days, each made before its week began, and what came of them: [day] each."""

    number: Floats
    error: Floats  # value less forecast, on the scale of the model
    spread: Floats  # the model's own standard deviation
    noise: Floats

    def scale(self, *, at: int, prior: float = 1.2, worth: float = 30.0, half_life: float = 90.0) -> float:
        """How many times larger errors were than the model's own standard deviation, from days before one."""
        past = self.number < at
        weight = 0.5 ** ((at - self.number[past]) / half_life)
        squares = (self.error[past] / self.spread[past]) ** 2
        capped = np.minimum(squares, 16.0)  # one outage is not the width of every day
        return float(np.sqrt((worth * prior**2 + weight @ capped) / (worth + weight.sum())))

    def correction(self, *, at: int, half_life: float = DAYS_A_WEEK, held: float = 0.8, shrink: float = 6.0) -> float:
        """Weighted mean of recent errors, drawn toward nothing: what the model has got wrong in recent weeks."""
        past = self.number < at
        weight = 0.5 ** ((at - self.number[past]) / half_life) / (DAYS_A_WEEK * EXTRA * self.noise[past])
        return float(weight @ np.clip(self.error[past], -held, held) / (weight.sum() + shrink))


@dataclass
class Forecaster:
    """The model of one quantity through time: sizes found again every four weeks, days taken in as they come."""

    series: Series
    history: History
    sizes: Mapping[str, float] | None = None
    sized: int = 0

    def model(self, origin: date) -> DailyModel:
        """The model from all days before one. Raises LogError where these are too few."""
        known = self.series.before(origin)
        if len(known.values) < FEWEST_PAST_DAYS:
            raise LogError(
                f"Too few days to forecast from: {len(known.values)} with calls before {origin}. Expected at least "
                f"{FEWEST_PAST_DAYS}."
            )
        if self.sizes is None or origin.toordinal() - self.sized >= REFIT:
            fresh = fit_days(known.columns, known.values, noise=known.noise, priors=known.priors)
            self.sizes, self.sized = fresh.sizes, origin.toordinal()
            return fresh
        return fit_days(known.columns, known.values, noise=known.noise, priors=known.priors, sizes=self.sizes)

    def path(self, origin: date, days: int, *, noise: float = 1.0) -> Path:
        """Forecasts of so many days from the origin on."""
        ahead = self.history.columns([origin + timedelta(days=number) for number in range(days)])
        return Path(*self.model(origin).forecast(ahead, noise=noise))

    def errors(self, origin: date, *, weeks: int = 26) -> PastErrors:
        """Errors of the weeks before the origin, each forecast from the days before it."""
        found: list[tuple[float, float, float, float]] = []
        number, values, noise = self.series.columns.number, self.series.values, self.series.noise
        first = number[min(FEWEST_PAST_DAYS, len(number) - 1)]
        for begins in range(origin.toordinal() - weeks * DAYS_A_WEEK, origin.toordinal(), DAYS_A_WEEK):
            rows = np.flatnonzero((number >= begins) & (number < begins + DAYS_A_WEEK))
            if begins <= first or not len(rows):
                continue
            path = self.path(date.fromordinal(begins), DAYS_A_WEEK)
            for row in rows:
                place = int(number[row]) - begins
                found.append((number[row], values[row] - path.mean[place], path.spread[place], noise[row]))
        return PastErrors(*np.array(found).reshape(-1, 4).T)


def smoothed(series: Series, columns: DayColumns, *, at: int, half_life: float = 4.0, shrink: float = 4.0) -> Floats:
    """Simple exponential smoothing (Brown 1959) of the level, with an effect of each weekday, the same for all days.

    Days weigh by what they know, seen from the day `at`; weekday effects come from the last months, drawn toward none.
    """
    age = at - series.columns.number
    weight = 0.5 ** (age / 60.0) / (EXTRA * series.noise)
    level = float(weight @ series.values / weight.sum())
    effects = np.zeros(DAYS_A_WEEK)
    for weekday in range(DAYS_A_WEEK):
        mine = weight * (series.columns.weekday == weekday)
        effects[weekday] = mine @ (series.values - level) / (mine.sum() + shrink)
    recent = 0.5 ** (age / half_life) / (EXTRA * series.noise)
    level += float(recent @ (series.values - level - effects[series.columns.weekday]) / recent.sum())
    return np.asarray(level + effects[columns.weekday])


MODEL_WEIGHT = 0.5
RATE_METHODS = {
    "structural model, corrected by its recent errors": MODEL_WEIGHT,
    "level of the last days, by weekday": 1 - MODEL_WEIGHT,
}
"""Methods of the rate and their weights in the mean of log odds."""


@dataclass(frozen=True)
class DayForecast:
    """One day to come. Handling and agents are None where the log does not tell them."""

    day: date
    horizon: int  # days ahead: 1 is the first
    calls: Interval
    rate: Interval
    handling: float | None  # seconds a call
    agent_hours: float | None


@dataclass(frozen=True)
class DaysAhead:
    """Forecasts of days in a row, with what the half-hours of these days rest on."""

    origin: date
    days: tuple[DayForecast, ...]
    errors: PastErrors
    """Of the calls of past days."""


def forecast_days(history: History, origin: date, days: int) -> DaysAhead:
    """Forecasts of so many days from the origin on, from all days before it.

    Raises LogError where there are fewer than fifteen.
    """
    forecaster = Forecaster(history.calls(), history)
    errors = forecaster.errors(origin)
    path = forecaster.path(origin, days)
    calls = Path(path.mean, path.spread * errors.scale(at=origin.toordinal()))
    rate = RateForecaster(history).path(origin, calls)
    handling = _middle(history, history.handling(), origin, days)
    agents = _middle(history, history.agent_hours(), origin, days)
    found = tuple(
        DayForecast(
            origin + timedelta(days=number), number + 1, calls.interval(number), rate.interval(number, odds=True),
            None if handling is None else float(handling[number]), None if agents is None else float(agents[number]),
        )
        for number in range(days)
    )  # fmt: skip
    return DaysAhead(origin, found, errors)


class RateForecaster:
    """The rate through time, with the errors of its own past."""

    def __init__(self, history: History) -> None:
        self.model = Forecaster(history.rate(), history)
        self.history = history

    def path(self, origin: date, calls: Path, *, errors: PastErrors | None = None) -> Path:
        """Log odds of the rate of as many days as there are calls, from the origin on.

        `calls` are those expected, on whose number the chance rests; `errors` are found unless given.
        """
        at, days = origin.toordinal(), len(calls.mean)
        past = errors or self.model.errors(origin)
        plain = self.model.path(origin, days)
        columns = self.history.columns([origin + timedelta(days=number) for number in range(days)])
        level = smoothed(self.model.series.before(origin), columns, at=at)
        mean = MODEL_WEIGHT * (plain.mean + past.correction(at=at)) + (1 - MODEL_WEIGHT) * level
        noise = noise_of_rate(np.exp(calls.mean), expit(mean))
        sizes = self.model.sizes or {"e": 0.0}
        spread = np.sqrt(plain.spread**2 + sizes["e"] ** 2 * (noise - 1))
        return Path(mean, spread * past.scale(at=at))


def _middle(history: History, series: Series, origin: date, days: int) -> Floats | None:
    if len(series.before(origin).values) < FEWEST_PAST_DAYS:
        return None
    return np.asarray(np.exp(Forecaster(series, history).path(origin, days).mean))
