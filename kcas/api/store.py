"""Stores of calls: what an analyst opens, fills and asks; every answer is a typed result."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from kcas.api.result import Steps
from kcas.api.selection import Day, given_day, optional_day, period_of
from kcas.api.store_forecasts import ForecastCalls
from kcas.errors import SettingError

if TYPE_CHECKING:
    import polars as pl

    from kcas.api.evidence import EvidencePack
    from kcas.api.modelled import Calibration, Explanation, ModelBacktest
    from kcas.api.observed import CallerPatience, ChangeSince, ControlChart, ImportResult, Measures
    from kcas.desk.standard import Standard
    from kcas.ingest.log_format import Refusal
    from kcas.ingest.unpacking import Limits

Period = tuple[date | str, date | str]
"""The first and the last day, both included."""


def quiet(words: str) -> None:
    """Report no progress."""


NO_POINT = "The days chosen hold calls, but no point of this chart."


def open_store(
    folder: str | Path, *, standard: str | Path | Standard | None = None, zone: str | None = None
) -> CallStore:
    """The store in a folder, which need not exist yet: the first import makes it.

    `standard` is the settings file (definition, thresholds, hours, targets), or what it reads to; the product's own
    unless given. `zone` overrides its time zone. Raises SettingError for settings that cannot be read.
    """
    from kcas.calls.store import Store
    from kcas.desk.standard import SHIPPED, Standard, read_standard

    file = None if isinstance(standard, Standard) else Path(standard or SHIPPED)
    settings = standard if isinstance(standard, Standard) else read_standard(file)
    return CallStore(Store(Path(folder)), replace(settings, time_zone=zone) if zone else settings, file, zone)


@dataclass(frozen=True)
class CallStore(ForecastCalls):
    """Calls stored in one folder, and the settings that say what counts.

    Days are dates or text like "2010-04-01"; `until` is the first day left out. `as_at` is a date and time with its
    UTC offset: the answer is then what the store gave at that time.
    """

    def ingest(
        self,
        paths: str | Path | Iterable[str | Path],
        *,
        format: str | None = None,
        mapping: str | Path | None = None,
        zone: str | None = None,
        strict: bool = False,
        key_file: str | Path | None = None,
        limits: Limits | None = None,
        progress: Callable[[str, int, int], None] | None = None,
        refused: Callable[[str, Sequence[Refusal]], None] | None = None,
    ) -> ImportResult:
        """Import files and folders, each file whole or not at all.

        A file that cannot be read says so in its report, and the others are imported. The same file again adds
        nothing. `zone` is the log's own time zone. `limits` bound what is unpacked. `progress` is given a file's name,
        its bytes read and its bytes; `refused` a file's name and every row that is rejected. What a crash left in the
        store is put right first. Raises SettingError or StoreError where nothing can be read at all.
        """
        from kcas.api.observed import ImportResult
        from kcas.importing.run import ImportRequest, import_files

        named = [paths] if isinstance(paths, str | Path) else list(paths)
        files = [Path(each) for each in named]
        asked = ImportRequest(format, _path(mapping), zone, strict, _path(key_file))
        given = {"limits": limits, "progress": progress, "refused": refused}
        asked = replace(asked, **{name: value for name, value in given.items() if value is not None})  # type: ignore[arg-type]
        repairs = tuple(self.store.recover())
        reports = import_files(files, store=self.store, standard=self.standard, asked=asked)
        return ImportResult(tuple(reports), repairs)

    def measures(
        self,
        *,
        by: str = "total",
        queues: Sequence[str] = (),
        since: Day = None,
        until: Day = None,
        definition: str | None = None,
        short: float | None = None,
        service_level: str | None = None,
        within: float | None = None,
        as_at: datetime | None = None,
    ) -> Measures:
        """Counts, abandonment rate, service level and waits of each group.

        `by` is total, month, week, day, hour, half-hour, quarter-hour, time-of-day, weekday or queue. `definition`
        and `service_level` are keys of docs/measures.md; `short` and `within` are seconds. The settings' own unless
        given. Raises SettingError for a key, queue or day that is not known.
        """
        from kcas.api.observed import Measures
        from kcas.calls.definitions import the_definition, the_service_level
        from kcas.calls.query import query_of
        from kcas.reporting.measures_report import measures_report

        rate = the_definition(self.standard, key=definition, short=short)
        level = the_service_level(self.standard, key=service_level, within=within, short=short)
        chosen = self.select(queues=queues, since=since, until=until, as_at=as_at)
        query = query_of(
            self.standard, by=by, queues=chosen.queues, since=chosen.since, until=chosen.until, definition=rate,
            service_level=level,
        )  # fmt: skip
        return Measures(measures_report(self.store, query, short=short, as_at=as_at), by)

    def calls(
        self,
        *,
        queues: Sequence[str] = (),
        since: Day = None,
        until: Day = None,
        outcomes: Sequence[str] = (),
        as_at: datetime | None = None,
    ) -> pl.LazyFrame:
        """The calls, one row a stay in a queue, as a lazy Polars frame; `.collect()` reads them. Times are UTC."""
        return self.select(queues=queues, since=since, until=until, as_at=as_at).calls(outcomes)

    def patience(
        self,
        *,
        queues: Sequence[str] = (),
        since: Day = None,
        until: Day = None,
        as_at: datetime | None = None,
    ) -> CallerPatience:
        """How long callers wait before they abandon: survival curve, fitted distributions and hazard."""
        from kcas.api.observed import CallerPatience
        from kcas.calls.patience import patience

        chosen = self.select(queues=queues, since=since, until=until, as_at=as_at)
        return CallerPatience(patience(chosen.calls()), chosen.deleted(calls_alone=True))

    def control_chart(
        self,
        *,
        by: str = "day",
        queues: Sequence[str] = (),
        since: Day = None,
        until: Day = None,
        definition: str | None = None,
        short: float | None = None,
        baseline: tuple[Day, Day] = (None, None),
        screen_outliers: bool = True,
        ewma: bool = False,
        rebased: bool = True,
        as_at: datetime | None = None,
    ) -> ControlChart:
        """The control chart of the rate by day, week or month, with limits from all days until the last one chosen.

        `baseline` limits the days that the limits rest on; `ewma` also looks for a slow drift; without `rebased` the
        recorded re-basings are left out.
        """
        from kcas.api.observed import ControlChart, baseline_of, target_of
        from kcas.calls.coverage import coverage
        from kcas.monitoring import from_measures
        from kcas.monitoring.since import verdict

        rate = self.definition(definition, short=short)
        chosen = self.select(queues=queues, since=since, until=until, as_at=as_at)
        whole = replace(chosen, since=None)  # the limits rest on all the days before
        counts = whole.counts(rate, by=by)
        calls, intervals = self.store.calls(as_at), self.store.intervals(as_at)
        lacking = coverage(calls, intervals=intervals, standard=self.standard).within(None, chosen.until)
        held = from_measures.record(
            self.store.folder, desk=self.standard, queues=chosen.queues, lacking=lacking, as_at=as_at
        )
        unrebased = from_measures.Record(replace(self.standard, actions=()), missing=held.missing)
        chart = from_measures.chart(
            counts, by=by, record=held if rebased else unrebased, at_most=target_of(rate, standard=self.standard),
            baseline=baseline_of(baseline, counts),
            screen_outliers=screen_outliers, shown_from=chosen.since,
        )  # fmt: skip
        if not chart.shown:
            chart = replace(chart, notes=(*chart.notes, NO_POINT if chosen.offered_any() else chosen.nothing))
        return ControlChart(chart, rate, verdict(chart, lacking=lacking), lacking, ewma, whole.deleted())

    def change_since(
        self,
        day: date | str,
        *,
        slope: bool = False,
        queues: Sequence[str] = (),
        since: Day = None,
        until: Day = None,
        definition: str | None = None,
        short: float | None = None,
        as_at: datetime | None = None,
    ) -> ChangeSince:
        """Whether the rate changed at a day, from the whole weeks before and after it; `slope` allows for a trend."""
        from kcas.api.observed import ChangeSince
        from kcas.monitoring.from_measures import holidays, weeks, whole_weeks
        from kcas.monitoring.since import since as judged
        from kcas.reporting.coverage import contents

        rate, changed = self.definition(definition, short=short), given_day(day, "day")
        chosen = self.select(queues=queues, since=since, until=until, as_at=as_at)
        days, every, partial = chosen.counts(rate, by="day"), weeks(chosen.counts(rate, by="week")), 0
        whole = every
        held = contents(self.store, zone=self.standard.time_zone, begins=self.standard.day_begins, as_at=as_at)
        if held:
            begins = max(chosen.since or held.first_day, held.first_day)
            ends = min(chosen.until - timedelta(days=1) if chosen.until else held.last_day, held.last_day)
            whole, partial = whole_weeks(every, days=days, desk=self.standard, covered=(begins, ends))
        found = judged(
            whole, changed, slope=slope, partial_weeks=partial, days=days, holidays=holidays(self.standard, days)
        )
        return ChangeSince(changed, found, rate, tuple(every), tuple(whole), chosen.deleted())

    def calibrate(
        self,
        *,
        roster: str | Path | None = None,
        queues: Sequence[str] = (),
        since: Day = None,
        until: Day = None,
        as_at: datetime | None = None,
        progress: Steps = None,
    ) -> Calibration:
        """A model of the contact centre fitted to the calls; its `.scenario` can be simulated, changed and saved.

        `roster` is a CSV file with day, from, to and agents; the agents on duty are inferred from the calls without it.
        """
        from kcas.api.modelled import Calibration, on_duty
        from kcas.calibration.fitted import fitted
        from kcas.calibration.outside_queue import before_the_queue

        step = progress or (lambda _done, _of: None)
        chosen = self.select(queues=queues, since=since, until=until, as_at=as_at, model=True)
        log = chosen.day_log()
        step(1, 3)
        found = fitted(log, on_duty(log, roster), inferred=roster is None)
        step(2, 3)
        before = before_the_queue(chosen.calls(), zone=self.standard.time_zone)
        invented = any(batch.record.invented for batch in self.store.batches())
        return Calibration(found, before, invented, self._model_notes(chosen))

    def backtest(
        self,
        *,
        fit_until: Day = None,
        rolling: bool | None = None,
        given: Iterable[str] = (),
        roster: str | Path | None = None,
        queues: Sequence[str] = (),
        since: Day = None,
        until: Day = None,
        as_at: datetime | None = None,
        progress: Steps = None,
    ) -> ModelBacktest:
        """Forecasts of days the model was not fitted to, scored against what was observed.

        The model is fitted to the days before `fit_until`, or again each week (`rolling`, the default without it).
        `given` are facts known of each day: all of volume, handling and staff, or none.
        """
        from kcas.api.modelled import ModelBacktest, on_duty
        from kcas.calibration.backtest.forecast import check_given
        from kcas.calibration.backtest.run import backtest

        facts, first = frozenset(given), optional_day(fit_until, "fit_until")
        check_given(facts)
        chosen = self.select(queues=queues, since=since, until=until, as_at=as_at, model=True)
        log = chosen.day_log()
        again = first is None if rolling is None else rolling or first is None
        found = backtest(log, on_duty(log, roster), fit_until=first, rolling=again, given=facts, progress=progress)
        return ModelBacktest(found, self._model_notes(chosen))

    def explain(
        self,
        day: Day = None,
        *,
        period: Period | None = None,
        since: Day = None,
        against: Period | None = None,
        queues: Sequence[str] = (),
        definition: str | None = None,
        short: float | None = None,
        as_at: datetime | None = None,
        progress: Steps = None,
    ) -> Explanation:
        """A difference in the rate shared out by cause: calls, handling time, agents, random variation.

        Of a `day`, of a `period`, or of all days `since` one; `against` is the period it is compared with: the same
        weekday before, or all days before, unless given.
        """
        from kcas.api.modelled import explanation
        from kcas.attribution.observed_days import observed_days

        if sum(each is not None for each in (day, period, since)) != 1:
            raise SettingError("explain what? Expected one of day, period and since.")
        rate = self.definition(definition, short=short)
        chosen = self.select(queues=queues, as_at=as_at, model=True)
        chosen.some_calls()
        days = observed_days(self.store.calls(as_at), standard=chosen.standard, queues=chosen.queues, definition=rate)
        return explanation(
            days, day=optional_day(day, "day"), period=period_of(period, "period"), since=optional_day(since, "since"),
            against=period_of(against, "against"), notes=self._model_notes(chosen), progress=progress,
        )  # fmt: skip

    def evidence(
        self,
        out: str | Path,
        *,
        public: bool = True,
        changed: Day = None,
        since: Day = None,
        until: Day = None,
        queues: Sequence[str] = (),
        definition: str | None = None,
        short: float | None = None,
        service_level: str | None = None,
        within: float | None = None,
        days: int = 200,
        seed: int = 2010,
        scenarios: str | Path | None = None,
        revises: str | Path | None = None,
        as_at: datetime | None = None,
        progress: Callable[[str], None] = quiet,
    ) -> EvidencePack:
        """An evidence pack in a new folder: narrative, tables, charts and their provenance, which anyone can check.

        A `public` pack withholds small counts and calls. `changed` is the day of the change that it is about; `days`
        are simulated of each scenario in the folder `scenarios`; `revises` is an earlier pack that this one corrects.
        """
        from kcas.api.evidence import pack
        from kcas.evidence.facts import PackRequest

        self.definition(definition, short=short, service_level=service_level or self.standard.service_level)
        chosen = self.select(queues=queues, since=since, until=until, as_at=as_at)
        asked = PackRequest(
            optional_day(changed, "changed"), public, chosen.queues, chosen.since, chosen.until, definition, short,
            service_level, within, self.zone, as_at, days, seed,
        )  # fmt: skip
        return pack(self, asked, out=Path(out), scenarios=_path(scenarios), revises=_path(revises), progress=progress)


def _path(named: str | Path | None) -> Path | None:
    return None if named is None else Path(named)
