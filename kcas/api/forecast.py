"""Forecasts of days to come and their accuracy on past days, as results of the library."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np

from kcas.api.result import Result, plain_values
from kcas.errors import LogError, SettingError
from kcas.forecasting.days_ahead import FEWEST_PAST_DAYS, RATE_METHODS, DayForecast, History, Interval, forecast_days
from kcas.forecasting.days_ahead_backtest import HorizonScore, backtest_days_ahead
from kcas.forecasting.half_hours import HalfHourForecast, half_hour_model

if TYPE_CHECKING:
    import polars as pl

    from kcas.api.selection import Selection
    from kcas.calls.definitions import Definition

_BY = ("day", "half-hour")
LONGEST_AHEAD = 26 * 7
"""Days ahead that can be asked for."""
CLOSED_AFTER = 8 * 7
"""Days without a call on a weekday, after which the desk is taken to be closed on it."""


def history_of(chosen: Selection, definition: Definition) -> History:
    """The whole days of a choice of calls. Raises LogError where there is none, SettingError for a definition."""
    from kcas.attribution.observed_days import observed_days
    from kcas.calls.coverage import coverage

    desk, store = chosen.standard, chosen.store
    lacking = coverage(
        store.calls(chosen.as_at), intervals=store.intervals(chosen.as_at), standard=desk
    ).partial  # a day that breaks off is no day to learn from
    found = observed_days(chosen.calls(), standard=desk, queues=chosen.queues, definition=definition)
    broken = {part.day for part in lacking}
    whole = found.of(np.array([day not in broken for day in found.dates], bool))
    if not whole.dates:
        raise LogError(f"no whole day is in the log. Expected at least {FEWEST_PAST_DAYS}.")
    return History(whole, desk.holidays, desk.charts.weekend)


def open_on(chosen: Selection, history: History, day: date, origin: date) -> bool:
    """Whether a day to come has calls: by the settings' hours, and by the log's last weeks."""
    desk = chosen.standard
    if desk.opening.span(day, holidays=desk.holidays) is None:
        return False
    since = origin - timedelta(days=CLOSED_AFTER)
    recent = [each for each in history.days.dates if since <= each < origin]
    if day in desk.holidays:
        mine, own = history.columns([day]), history.columns(recent)
        return bool((own.weekday == mine.weekday[0]).any())
    return any(each.weekday() == day.weekday() and each not in desk.holidays for each in recent)


@dataclass(frozen=True)
class Forecasts(Result):
    """Calls, handling time, agents and rate of days or half-hours to come. Modelled, not observed."""

    days: tuple[DayForecast, ...]
    half_hours: tuple[HalfHourForecast, ...]
    """Nothing unless asked for by half-hour."""
    definition: Definition
    zone: str
    origin: date
    """The first day forecast; only calls of the days before it are used."""
    last_day: date
    """The last day of the log that is used."""
    notes: tuple[str, ...] = ()

    @property
    def rows(self) -> list[dict[str, Any]]:
        """One row a day, or a half-hour; times are in seconds, agents a mean number, rates fractions of one."""
        if not self.half_hours:
            return [self._row(each, each.calls, 0.0, None) | _rate(each.rate) for each in self.days]
        return [self._row(each.day, each.calls, each.begins, each.agents) for each in self.half_hours]

    def _row(self, day: DayForecast, calls: Interval, begins: float, agents: float | None) -> dict[str, Any]:
        start = datetime.combine(day.day, datetime.min.time(), ZoneInfo(self.zone)) + timedelta(seconds=begins)
        return {
            "start": start, "horizon_days": day.horizon, "calls": calls.value,
            "calls_low80": calls.low80, "calls_high80": calls.high80,
            "calls_low95": calls.low95, "calls_high95": calls.high95,
            "handle": day.handling, "agents": agents,
            "agent_hours": day.agent_hours if not self.half_hours else None if agents is None else agents / 2,
            "rate": None, "rate_low80": None, "rate_high80": None, "rate_low95": None, "rate_high95": None,
        }  # fmt: skip

    def to_dict(self) -> dict[str, Any]:
        """What `kcas forecast --json` prints."""
        from kcas.reporting.forecast import FORECAST_NOT_OBSERVED

        return plain_values({
            "model": True, "made": self.origin, "log_until": self.last_day,
            "definition": {"key": self.definition.key, "words": self.definition.words, "short": self.definition.short},
            "method_weights": {"calls": {"structural model": 1.0}, "rate": RATE_METHODS},
            "rows": self.rows, "notes": [FORECAST_NOT_OBSERVED, *self.notes],
        })  # fmt: skip

    def to_frame(self) -> pl.DataFrame:
        """The rows as a frame; `start` is local time with its zone."""
        import polars as pl

        frame = pl.DataFrame(self.rows, infer_schema_length=None)
        return frame.with_columns(pl.col("start").dt.convert_time_zone(self.zone)) if self.rows else frame

    def plot(self) -> Any:
        """Calls expected, with 80% and 95% prediction intervals."""
        from kcas.reporting.forecast import calls_chart
        from kcas.reporting.palettes import LIGHT

        return calls_chart(self.to_frame(), palette=LIGHT).to_altair()


def _rate(rate: Interval) -> dict[str, float]:
    return {
        "rate": rate.value, "rate_low80": rate.low80, "rate_high80": rate.high80, "rate_low95": rate.low95,
        "rate_high95": rate.high95,
    }  # fmt: skip


def forecasts(
    chosen: Selection, definition: Definition, *, start: date | None, days: int, by: str, notes: tuple[str, ...]
) -> Forecasts:
    """Forecasts of so many days from `start` on, the day after the log's last unless given.

    Raises SettingError for what cannot be asked, LogError where too few days are known.
    """
    if by not in _BY:
        raise SettingError(f'by: {by!r} is not known. Expected "day" or "half-hour".')
    if not 1 <= days <= LONGEST_AHEAD:
        raise SettingError(f"days: {days} is not possible. Expected 1 to {LONGEST_AHEAD} (26 weeks).")
    history = history_of(chosen, definition)
    last = history.days.dates[-1]
    origin = start or last + timedelta(days=1)
    ahead = forecast_days(history, origin, days)
    kept = tuple(each for each in ahead.days if open_on(chosen, history, each.day, origin))
    halves = half_hour_model(history, origin, ahead.errors).forecast(kept) if by == "half-hour" else ()
    return Forecasts(
        kept, halves, definition, chosen.standard.time_zone, origin,
        max((day for day in history.days.dates if day < origin), default=last), notes,
    )  # fmt: skip


@dataclass(frozen=True)
class ForecastBacktest(Result):
    """Forecasts of past days 1, 7 and 14 days ahead, scored against what came and against simple rules."""

    scores: tuple[HorizonScore, ...]
    definition: Definition
    first: date
    until: date
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """What `kcas forecast --backtest --json` prints."""
        return plain_values({
            "model": True, "definition": {"key": self.definition.key}, "from": self.first, "until": self.until,
            "scores": [_score_values(each) for each in self.scores], "notes": list(self.notes),
        })  # fmt: skip

    def to_frame(self) -> pl.DataFrame:
        """One row a horizon and quantity: error, bias, pinball loss, coverage; errors of the rules in columns."""
        import polars as pl

        rows = [
            {name: value for name, value in asdict(each).items() if name != "baseline_error"}
            | {f"error of {name}": value for name, value in each.baseline_error.items()}
            for each in self.scores
        ]
        return pl.DataFrame(rows, infer_schema_length=None)

    def plot(self) -> Any:
        """The error by horizon and method, for each quantity."""
        from kcas.reporting.forecast import scores_chart
        from kcas.reporting.palettes import LIGHT

        return scores_chart(self.scores, palette=LIGHT).to_altair()


def _score_values(each: HorizonScore) -> dict[str, Any]:
    rate = each.by == "rate"
    return {
        "horizon_days": each.horizon_days, "by": each.by, "forecasts": each.forecasts,
        "wape": None if rate else each.error, "mean_absolute_error": each.error if rate else None,
        "bias": each.bias, "pinball": each.pinball, "in80": each.in80, "in95": each.in95,
        "baseline_wape": {} if rate else each.baseline_error,
        "baseline_mean_absolute_error": each.baseline_error if rate else {},
    }  # fmt: skip


def forecast_backtest(
    chosen: Selection,
    definition: Definition,
    *,
    since: date | None,
    until: date | None,
    notes: tuple[str, ...],
    progress: Callable[[int, int], None] | None,
) -> ForecastBacktest:
    """Scores of every day of a period, six weeks after the log's first unless given."""
    history = history_of(chosen, definition)
    dates = history.days.dates
    first = since or dates[0] + timedelta(weeks=6)
    after = until or dates[-1] + timedelta(days=1)
    found = backtest_days_ahead(history, first, after, progress=progress or (lambda _done, _of: None))
    return ForecastBacktest(found, definition, first, after, notes)
