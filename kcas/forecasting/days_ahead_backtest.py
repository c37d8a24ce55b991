"""Accuracy of forecasts of days ahead, beside simple rules: every past day forecast from the days before it.

A rolling origin (Tashman 2000): each day of the period is an origin, from which days 1, 7 and 14 ahead are forecast by
the model and by every rule from the same days. Errors of calls are in percent of the calls that came (weighted absolute
percentage error: sum of absolute errors by sum of calls); those of a rate are a mean over days.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from scipy.special import expit

from kcas.arrays import Floats, Whole
from kcas.errors import LogError
from kcas.forecasting.daily_model import DayColumns
from kcas.forecasting.days_ahead import (
    DAYS_A_WEEK,
    FEWEST_PAST_DAYS,
    DayForecast,
    Forecaster,
    History,
    Interval,
    PastErrors,
    Path,
    RateForecaster,
    Series,
    smoothed,
)
from kcas.forecasting.half_hours import HalfHourModel, half_hour_model

HORIZONS = (1, 7, 14)
_QUANTILES = (0.025, 0.1, 0.5, 0.9, 0.975)
_RIDGE = 5.0
_FEWEST_ROWS = 28  # days that a regression on lags needs
Progress = Callable[[int, int], None]


@dataclass
class Scored:
    """Forecasts of one quantity at one horizon, and what came: one entry a forecast."""

    came: list[float] = field(default_factory=list)
    ahead: list[Interval] = field(default_factory=list)
    rules: dict[str, list[float]] = field(default_factory=dict)

    def add(self, came: float, ahead: Interval, rules: dict[str, float]) -> None:
        """One more."""
        self.came.append(came)
        self.ahead.append(ahead)
        for name, value in rules.items():
            self.rules.setdefault(name, []).append(value)


@dataclass(frozen=True)
class HorizonScore:
    """How good forecasts so many days ahead were. Errors of calls are shares of the calls, those of a rate rates."""

    horizon_days: int
    by: str  # "day", "half-hour" or "rate"
    forecasts: int
    error: float
    bias: float
    pinball: float  # mean over the levels 2.5, 10, 50, 90 and 97.5 %, in the quantity's own unit
    in80: float
    in95: float
    baseline_error: dict[str, float]


def backtest_days_ahead(
    history: History,
    first: date,
    until: date,
    *,
    horizons: Sequence[int] = HORIZONS,
    progress: Progress = lambda _done, _of: None,
) -> tuple[HorizonScore, ...]:
    """Scores of the days from the first until the one left out, holidays and days without calls left out.

    Raises LogError where no day could be forecast.
    """  # fmt: skip
    scored: dict[tuple[int, str], Scored] = {}
    origins = [first + timedelta(days=number) for number in range((until - first).days)]
    runner = _Runner(history)
    for number, origin in enumerate(origins):
        progress(number, len(origins))
        for horizon, by, came, ahead, rules in runner.forecasts(origin, until, horizons):
            scored.setdefault((horizon, by), Scored()).add(came, ahead, rules)
    if not scored:
        raise LogError(
            f"no day from {first} until {until} could be forecast. Expected days with at least {FEWEST_PAST_DAYS} days "
            "of calls before them."
        )
    return tuple(_score(*key, scored[key]) for key in sorted(scored))


def _score(horizon: int, by: str, each: Scored) -> HorizonScore:
    came = np.array(each.came)
    ends = np.array([(x.low95, x.low80, x.value, x.high80, x.high95) for x in each.ahead])
    scale = len(came) if by == "rate" else came.sum()
    away = came[:, None] - ends
    pinball = np.where(away >= 0, np.array(_QUANTILES) * away, (np.array(_QUANTILES) - 1) * away)
    return HorizonScore(
        horizon, by, len(came), float(np.abs(away[:, 2]).sum() / scale), float(-away[:, 2].sum() / scale),
        float(pinball.mean()),
        float(((ends[:, 1] <= came) & (came <= ends[:, 3])).mean()),
        float(((ends[:, 0] <= came) & (came <= ends[:, 4])).mean()),
        {name: float(np.abs(came - np.array(values)).sum() / scale) for name, values in each.rules.items()},
    )  # fmt: skip


_Row = tuple[int, str, float, Interval, dict[str, float]]


class _Runner:
    """Model and rules through the days; past errors are found again each week."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.calls = Forecaster(history.calls(), history)
        self.rate = RateForecaster(history)
        self.errors: tuple[PastErrors, PastErrors, HalfHourModel] | None = None
        self.errors_at = 0
        self.row = {day: number for number, day in enumerate(history.days.dates)}

    def forecasts(self, origin: date, until: date, horizons: Sequence[int]) -> Iterator[_Row]:
        """What each method says of the days at these horizons from an origin, and what came."""
        if len(self.calls.series.before(origin).values) < FEWEST_PAST_DAYS:
            return
        calls, rates, half_hours = self._errors(origin)
        path = self.calls.path(origin, max(horizons))
        path = Path(path.mean, path.spread * calls.scale(at=origin.toordinal()))
        rate = self.rate.path(origin, path, errors=rates)
        past = _Past(self.history, self.rate.model.series.before(origin), origin)
        for horizon in horizons:
            day = origin + timedelta(days=horizon - 1)
            row = self.row.get(day)
            if row is None or day >= until or day in self.history.holidays:
                continue
            at, column = horizon - 1, self.history.columns([day])
            counts, halves = self.history.days.calls[row], self.history.days.halves
            yield horizon, "day", float(counts.sum()), path.interval(at), {_FOUR: float(past.four(column).sum())}
            if halves.denominator[row] > 0:
                came = float(halves.numerator[row] / halves.denominator[row])
                yield horizon, "rate", came, rate.interval(at, odds=True), past.rates(column)
            one = DayForecast(day, horizon, path.interval(at), rate.interval(at, odds=True), None, None)
            yield from self._half_hours(one, half_hours, counts, past.four(column))

    def _half_hours(self, day: DayForecast, halves: HalfHourModel, came: Floats, four: Floats) -> Iterator[_Row]:
        for each in halves.forecast((day,)):
            slot = round((each.begins - self.history.days.opens) / self.history.days.interval)
            yield day.horizon, "half-hour", float(came[slot]), each.calls, {_FOUR: float(four[slot])}

    def _errors(self, origin: date) -> tuple[PastErrors, PastErrors, HalfHourModel]:
        if self.errors is None or origin.toordinal() - self.errors_at >= DAYS_A_WEEK:
            calls = self.calls.errors(origin)
            self.errors = (calls, self.rate.model.errors(origin), half_hour_model(self.history, origin, calls))
            self.errors_at = origin.toordinal()
        return self.errors


_FOUR = "last four same weekdays"


class _Past:
    """The simple rules, from the days before an origin; a holiday is a day of the weekend to them too."""

    def __init__(self, history: History, odds: Series, origin: date) -> None:
        self.odds = odds
        self.columns = history.own_columns
        self.kept = self.columns.number < origin.toordinal()
        self.counts = history.days.calls
        self.halves = history.days.halves
        self.origin = origin

    def _last_four(self, day: DayColumns) -> Whole:
        mine = np.flatnonzero(self.kept & (self.columns.weekday == day.weekday[0]))
        return mine[-4:] if len(mine) else np.flatnonzero(self.kept)

    def four(self, day: DayColumns) -> Floats:
        """Mean calls of each half-hour on the last four same weekdays."""
        return np.asarray(self.counts[self._last_four(day)].mean(axis=0))

    def rates(self, day: DayColumns) -> dict[str, float]:
        """The rate of a day by each rule."""
        rows = self._last_four(day)
        found = {
            _FOUR: float(self.halves.numerator[rows].sum() / max(self.halves.denominator[rows].sum(), 1.0)),
            "level smoothed, by weekday": float(expit(smoothed(self.odds, day, at=self.origin.toordinal())[0])),
        }
        if len(self.odds.values) >= _FEWEST_ROWS:
            found["ridge on lags and weekday"] = float(expit(ridge(self.odds, day, self.origin)))
        return found


def ridge(series: Series, day: DayColumns, origin: date) -> float:
    """Ridge regression (Hoerl and Kennard 1970) on the weekday, the last same weekday, and the last week's mean."""
    number, values, weekday = series.columns.number, series.values, series.columns.weekday

    def row(at: int, of: int, lead: int) -> Floats:
        before = number < at - lead + 1
        same = values[before & (weekday == of)]
        recent = values[before & (number > at - lead - DAYS_A_WEEK)]
        mean = values[before].mean()
        dummies = np.zeros(DAYS_A_WEEK)
        dummies[of] = 1.0
        return np.concatenate([[1.0, same[-1] if len(same) else mean, recent.mean() if len(recent) else mean], dummies])

    lead = int(day.number[0]) - origin.toordinal() + 1
    rows = [place for place in range(len(values)) if number[place] - lead - number[0] >= 2 * DAYS_A_WEEK]
    if len(rows) < DAYS_A_WEEK:
        return float(values.mean())
    left = np.array([row(int(number[place]), int(weekday[place]), lead) for place in rows])
    penalty = np.diag([0.0, *([_RIDGE] * (left.shape[1] - 1))])
    weights = np.linalg.solve(left.T @ left + penalty, left.T @ values[rows])
    return float(row(int(day.number[0]), int(day.weekday[0]), lead) @ weights)
