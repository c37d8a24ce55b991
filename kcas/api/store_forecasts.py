"""Forecasts that a store of calls gives: days ahead, and the rest of a day under way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from kcas.api.result import Steps
from kcas.api.selection import Day, Selection, StoredCalls, optional_day
from kcas.errors import SettingError

if TYPE_CHECKING:
    from kcas.api.forecast import ForecastBacktest, Forecasts
    from kcas.api.modelled import Nowcast, NowcastBacktest
    from kcas.calls.definitions import ServiceLevel
    from kcas.forecasting.nowcast import Log

MODEL_DAYS = "The model's days begin at midnight, whatever the standard's day_begins."


@dataclass(frozen=True)
class ForecastCalls(StoredCalls):
    """A store and the settings that say what counts, with the questions about days that are not over or not begun."""

    def forecast(
        self,
        days: int = 14,
        *,
        start: Day = None,
        by: str = "day",
        queues: Sequence[str] = (),
        definition: str | None = None,
        short: float | None = None,
        as_at: datetime | None = None,
    ) -> Forecasts:
        """Calls, handling time, agents and rate of the days to come, with 80% and 95% prediction intervals.

        From `start` on, the day after the log's last whole day unless given; nothing of that day or later is used.
        `by` is day or half-hour. Raises SettingError for what cannot be asked, LogError where too few days are known.
        """
        from kcas.api.forecast import forecasts

        chosen = self.select(queues=queues, as_at=as_at, model=True)
        chosen.some_calls()
        rate = self.definition(definition, short=short)
        first = optional_day(start, "start")
        return forecasts(chosen, rate, start=first, days=days, by=by, notes=self._model_notes(chosen))

    def forecast_backtest(
        self,
        *,
        queues: Sequence[str] = (),
        since: Day = None,
        until: Day = None,
        definition: str | None = None,
        short: float | None = None,
        as_at: datetime | None = None,
        progress: Steps = None,
    ) -> ForecastBacktest:
        """Forecasts of every day of a period 1, 7 and 14 days ahead, scored beside simple rules."""
        from kcas.api.forecast import forecast_backtest

        chosen = self.select(queues=queues, as_at=as_at, model=True)
        chosen.some_calls()
        return forecast_backtest(
            chosen, self.definition(definition, short=short), since=optional_day(since, "since"),
            until=optional_day(until, "until"), notes=self._model_notes(chosen), progress=progress,
        )  # fmt: skip

    def nowcast(
        self,
        now: datetime | None = None,
        *,
        queues: Sequence[str] = (),
        definition: str | None = None,
        short: float | None = None,
        replications: int = 400,
        seed: int = 1,
        as_at: datetime | None = None,
    ) -> Nowcast:
        """A forecast of the rest of a day from its queue, agents and calls until `now`, the log's end unless given.

        Nothing later than that time is used. Raises SettingError where the day was over by then.
        """
        from kcas.api.modelled import Nowcast
        from kcas.desk.units import clock
        from kcas.forecasting.nowcast import closes, last_moment, moment_of, nowcast
        from kcas.reporting.words import day as day_words

        chosen, log = self._log(queues, as_at)
        on, at = moment_of(now, standard=log.standard) if now else last_moment(log)
        if at >= closes(log, on):
            raise SettingError(
                f"{day_words(on)} was over by {clock(at)}: the rest of it cannot be forecast. Ask about an earlier "
                f'moment with --now, like "{on}T11:00".'
            )
        rate = self.definition(definition, short=short)
        found = nowcast(
            log, day=on, now=at, definition=rate, service_level=self._service_level(), replications=replications,
            seed=seed,
        )  # fmt: skip
        return Nowcast(found, rate, self._model_notes(chosen))

    def nowcast_backtest(
        self,
        *,
        at: Sequence[float],
        queues: Sequence[str] = (),
        since: Day = None,
        until: Day = None,
        definition: str | None = None,
        short: float | None = None,
        as_at: datetime | None = None,
    ) -> NowcastBacktest:
        """Nowcasts of every day of a period, made `at` so many seconds after midnight, scored against how it ended."""
        from kcas.api.modelled import NowcastBacktest
        from kcas.forecasting.nowcast_backtest import nowcast_trials

        chosen, log = self._log(queues, as_at)
        rate = self.definition(definition, short=short)
        first = optional_day(since, "since") or log.days.dates[0]
        last = optional_day(until, "until") or log.days.dates[-1] + timedelta(days=1)
        days = [each for each in log.days.dates if first <= each < last]
        found, out = nowcast_trials(
            log, days=days, times=list(at), definition=rate, service_level=self._service_level()
        )
        result = NowcastBacktest(tuple(found), tuple(out), rate, first, last, len(days), self._model_notes(chosen))
        if not found:
            raise SettingError(
                f"no day from {first} until {last} could be forecast. Expected days of a hundred calls, six weeks "
                f"after the log begins. {' '.join(result.notes)}".rstrip()
            )
        return result

    def _service_level(self) -> ServiceLevel:
        from kcas.calls.definitions import the_service_level

        return the_service_level(self.standard)

    def _log(self, queues: Sequence[str], as_at: datetime | None) -> tuple[Selection, Log]:
        from kcas.forecasting.nowcast import log_of

        chosen = self.select(queues=queues, as_at=as_at, model=True)
        chosen.some_calls()
        return chosen, log_of(self.store.calls(as_at), standard=chosen.standard, queues=chosen.queues)

    def _model_notes(self, chosen: Selection) -> tuple[str, ...]:
        return (*((MODEL_DAYS,) if self.standard.day_begins else ()), *chosen.deleted(calls_alone=True))
