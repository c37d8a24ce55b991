"""Selection of a store's calls by queue, day and time of knowledge; checked once, for every question alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kcas.desk.units import read_day
from kcas.errors import SettingError, StoreError

if TYPE_CHECKING:
    import polars as pl

    from kcas.calibration.day_records import DayLog
    from kcas.calls.definitions import Definition
    from kcas.calls.store import Store
    from kcas.desk.standard import Standard
    from kcas.monitoring.rate_chart import PeriodCount

Day = date | str | None
"""A day, or text like "2010-04-01"."""


def optional_day(value: Day, name: str) -> date | None:
    """The day that a person names, if any. Raises SettingError for text that is none."""
    return None if value is None else given_day(value, name)


def given_day(value: date | str, name: str) -> date:
    """The day that a person must name."""
    return read_day(value, where=name)


def period_of(days: tuple[date | str, date | str] | None, name: str) -> tuple[date, date] | None:
    """The first and last day of a period, both included. Raises SettingError where they are not in order."""
    if days is None:
        return None
    first, last = (given_day(each, name) for each in days)
    if last < first:
        raise SettingError(f"{name}: {first}..{last} ends before it starts. Expected the earlier day first.")
    return first, last


@dataclass(frozen=True)
class Selection:
    """Some of a store's calls: of queues and days, as the store was at a time; by the settings that say what counts."""

    store: Store
    standard: Standard
    queues: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    as_at: datetime | None = None

    def calls(self, outcomes: Sequence[str] = ()) -> pl.LazyFrame:
        """The calls, not yet read."""
        from kcas.calls.measures import select

        return select(
            self.store.calls(self.as_at), standard=self.standard, queues=self.queues, since=self.since,
            until=self.until, outcomes=outcomes,
        )  # fmt: skip

    def some_calls(self) -> pl.LazyFrame:
        """The calls. Raises SettingError where there are none, with what was asked for and the days of the log."""
        chosen = self.calls()
        if chosen.head(1).collect().is_empty():
            raise SettingError(self.nothing)
        return chosen

    @property
    def nothing(self) -> str:
        """The sentence for a choice without calls: what was asked for, and which days the log covers."""
        from kcas.reporting.coverage import contents, nothing_chosen

        held = contents(self.store, zone=self.standard.time_zone, begins=self.standard.day_begins, as_at=self.as_at)
        return nothing_chosen(held, days=(self.since, self.until), queues=self.queues, then=self.as_at)

    def deleted(self, *, calls_alone: bool = False) -> tuple[str, ...]:
        """Sentences where it reaches into days whose calls have been permanently deleted."""
        from kcas.reporting.coverage import what_is_gone

        then = None if calls_alone else self.as_at
        return tuple(
            what_is_gone(self.store, zone=self.standard.time_zone, since=self.since, then=then, calls_alone=calls_alone)
        )

    def counts(self, rate: Definition, *, by: str) -> list[PeriodCount]:
        """Numerator and denominator of the rate by day, week or month."""
        from kcas.monitoring.from_measures import chart_counts

        return chart_counts(self._measured(by, definition=rate))

    def offered_any(self) -> bool:
        """Whether calls were offered, or may have been: an interval table need not say how many."""
        return any(offered is None or offered > 0 for offered in self._measured("total")["offered"])

    def _measured(self, by: str, **asked: Any) -> pl.DataFrame:
        from kcas.calls.measures import measure

        return measure(
            self.store.calls(self.as_at), intervals=self.store.intervals(self.as_at), standard=self.standard, by=by,
            queues=self.queues, since=self.since, until=self.until, **asked,
        )  # fmt: skip

    def day_log(self) -> DayLog:
        """The calls by day and half-hour, as the model is fitted to them."""
        from kcas.calibration.day_records import day_log

        return day_log(self.some_calls(), zone=self.standard.time_zone, holidays=self.standard.holidays)


@dataclass(frozen=True)
class StoredCalls:
    """A store and the settings that say what counts: what every question to it starts from."""

    store: Store
    standard: Standard
    settings_file: Path | None = None
    zone: str | None = None
    """Another time zone than the settings file's."""

    def queues(self) -> tuple[str, ...]:
        """The queues that calls or interval tables name, in order."""
        from kcas.calls.query import held_queues

        self.require()
        return held_queues(self.store.calls(), self.store.intervals())

    def days(self) -> tuple[date, date] | None:
        """The first and last day of the log, by the settings' time zone; None where there are no calls."""
        from kcas.reporting.coverage import contents

        self.require()
        held = contents(self.store, zone=self.standard.time_zone, begins=self.standard.day_begins)
        return None if held is None else (held.first_day, held.last_day)

    def select(
        self,
        *,
        queues: Sequence[str] = (),
        since: Day = None,
        until: Day = None,
        as_at: datetime | None = None,
        model: bool = False,
    ) -> Selection:
        """Some of the calls, checked: queues there are, days in order, a store that exists.

        The days of a `model` begin at midnight, whatever the settings say.
        """
        from kcas.calls.grouping import check_days
        from kcas.calls.query import the_queues_named

        self.require()
        first, last = optional_day(since, "since"), optional_day(until, "until")
        check_days(first, last)
        named = (queues,) if isinstance(queues, str) else tuple(queues)
        known = the_queues_named(named, known=self.queues()) if named else ()
        return Selection(
            self.store, replace(self.standard, day_begins=0) if model else self.standard, known, first, last, as_at
        )

    def definition(
        self, key: str | None = None, *, short: float | None = None, service_level: str | None = None
    ) -> Definition:
        """The definition of the rate, the settings' own unless named. Raises SettingError for a threshold unused."""
        from kcas.calls.definitions import the_definition, the_service_level, unused_short

        rate = the_definition(self.standard, key=key, short=short)
        level = the_service_level(self.standard, key=service_level) if service_level else None
        if unused := unused_short(short, definition=rate, service_level=level):
            raise SettingError(f"{unused} Leave --short out, or choose a definition with a threshold.")
        return rate

    def require(self) -> None:
        """Raises StoreError where nothing has been imported yet."""
        if not self.store.exists:
            raise StoreError(f"{self.store.folder}: no calls are kept here yet. Import a log first: kcas ingest LOG")
