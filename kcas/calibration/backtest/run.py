"""Fit on one stretch of days and forecast the next, then go on: no day is known before it is forecast.

A rolling origin (Tashman 2000).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from kcas.arrays import Floats
from kcas.calibration import fitted as availability
from kcas.calibration.backtest.assumptions import Miss, misses, yardstick
from kcas.calibration.backtest.baselines import RIVALS, BaselineForecast, baseline_forecasts
from kcas.calibration.backtest.forecast import Facts, Forecast, check_given, days_like, forecast_of
from kcas.calibration.backtest.scores import Score, scored
from kcas.calibration.day_records import DayLog
from kcas.calibration.fitted import Fitted, fitted
from kcas.calibration.level import WEEK
from kcas.calibration.patience import hazard_of
from kcas.calibration.simulated_days import SimulatedDays
from kcas.errors import LogError

FIRST_FIT = 28  # days before the first week that is forecast, where no day is named
FEWEST_CALLS = 20  # beneath which a day has no rate
_Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class DayForetold:
    """One day: the forecasts of the model and of each baseline, and what was observed."""

    day: date
    fitted_until: date
    odd: bool
    holiday: bool  # by the standard; then odd too
    offered: float
    lost: float
    mean_wait: float
    rate: Forecast
    volume: Forecast
    wait: Forecast
    rivals: dict[str, BaselineForecast]
    misses: dict[str, Miss]

    @property
    def actual(self) -> float:
        """Given up of offered."""
        return self.lost / self.offered


@dataclass(frozen=True)
class Backtest:
    """Days forecast, which facts of each were given, and the days left out for having too few calls."""

    days: tuple[DayForetold, ...]
    given: frozenset[str]
    rolling: bool
    left_out: tuple[date, ...]

    def score(self, of: str = "rate", *, ordinary: bool = False) -> Score:
        """The model's score for the rate, the volume or the wait; of all days, or of those that were not odd."""
        chosen = [day for day in self.days if not (ordinary and day.odd)]
        came = {"rate": "actual", "volume": "offered", "wait": "mean_wait"}[of]
        return scored([getattr(day, came) for day in chosen], [getattr(day, of).at_levels for day in chosen])

    def rival(self, name: str, *, ordinary: bool = False) -> Score:
        """A baseline's score for the rate."""
        chosen = [day for day in self.days if not (ordinary and day.odd)]
        forecast = [day.rivals[name] for day in chosen]
        return scored(
            [day.actual for day in chosen],
            [each.at_levels for each in forecast],
            middle=[each.rate for each in forecast],
        )

    def table(self, *, ordinary: bool = False) -> dict[str, Score]:
        """Scores of the model and the baselines for the daily rate."""
        return {"model": self.score(ordinary=ordinary)} | {name: self.rival(name, ordinary=ordinary) for name in RIVALS}


def backtest(
    log: DayLog,
    on_duty: Floats,
    *,
    fit_until: date | None = None,
    rolling: bool = True,
    given: frozenset[str] = frozenset(),
    progress: _Progress | None = None,
) -> Backtest:
    """Every day after the first fit, forecast from the days before its stretch.

    Raises SettingError where only some of a day's facts are given.
    """
    check_given(given)
    forecasts: list[DayForetold] = []
    left_out: list[date] = []
    odd = log.odd
    shares, errors = np.full((2, len(log.dates)), np.nan)
    for start, end in stretches(log, fit_until=fit_until, rolling=rolling):
        before = np.array([day < start for day in log.dates])
        rows = np.array([start <= day < end for day in log.dates])
        now = log.only(before)
        new = before & np.isnan(errors)
        if new.any():
            shares[new], errors[new] = availability.matched(log.only(new), on_duty[new], hazard_of(now.calls))
        model = fitted(now, on_duty[before], ahead=(end - start).days, known=(shares[before], errors[before]))
        if rows.any():  # held against the law of before; known to later fits, to which they are days gone by
            shares[rows], errors[rows] = availability.matched(log.only(rows), on_duty[rows], model.hazard)
        alike: dict[int, SimulatedDays] = {}
        wanted = np.flatnonzero(rows).tolist()
        missed = misses(yardstick(model), log, on_duty, wanted, (shares, errors))
        for row, miss in zip(wanted, missed, strict=True):
            if log.volume[row] < FEWEST_CALLS or int(log.weekdays[row]) not in model.profiles:
                left_out.append(log.dates[row])
                continue
            forecasts.append(
                one_day(model, log, on_duty, row, odd=bool(odd[row]), given=given, misses=miss, alike=alike)
            )
            if progress:
                progress(row + 1, len(log.dates))
    if not forecasts:
        raise LogError(f"No day after the first fit has {FEWEST_CALLS} calls, so there is nothing to hold against.")
    return Backtest(tuple(forecasts), given, rolling, tuple(left_out))


def stretches(log: DayLog, *, fit_until: date | None, rolling: bool) -> Iterator[tuple[date, date]]:
    """The first day not fitted to, and the first not forecast from there."""
    end = log.dates[-1] + timedelta(days=1)
    start = fit_until or log.dates[0] + timedelta(days=FIRST_FIT)
    if not log.dates[0] < start < end:
        raise LogError(
            f"The calls run from {log.dates[0]} to {log.dates[-1]}, so a fit that ends before {start} leaves nothing "
            "to fit to or nothing to forecast. Expected a day between them, and four weeks at least."
        )
    step = WEEK if rolling else (end - start).days
    while start < end:
        yield start, min(start + timedelta(days=step), end)
        start += timedelta(days=step)


def one_day(
    model: Fitted,
    log: DayLog,
    on_duty: Floats,
    row: int,
    *,
    odd: bool,
    given: frozenset[str],
    misses: dict[str, Miss],
    alike: dict[int, SimulatedDays],
) -> DayForetold:
    """One day, forecast by model and baselines, and observed; `alike` keeps days of which nothing is given."""
    weekday = int(log.weekdays[row])
    facts = Facts(log.offered[row], on_duty[row], float(log.handling[row]))
    usable = given if np.isfinite(facts.handling) else given - {"handling"}
    if usable or weekday not in alike:
        alike[weekday] = days_like(model, weekday, facts=facts, given=usable)
    days = alike[weekday]
    return DayForetold(
        day=log.dates[row],
        fitted_until=model.until,
        odd=odd,
        holiday=log.dates[row] in log.holidays,
        offered=float(log.volume[row]),
        lost=float(log.lost[row]),
        mean_wait=float(np.nan_to_num(log.mean_wait[row])),
        rate=forecast_of(days.rate),
        volume=forecast_of(days.offered),
        wait=forecast_of(days.mean_wait),
        rivals=baseline_forecasts(model, weekday, facts=facts, given=usable),
        misses=misses,
    )
