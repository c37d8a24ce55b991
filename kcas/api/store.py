"""A store of calls as a notebook sees it: import logs, ask for measures, list calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kcas.api.result import Result
from kcas.errors import SettingError, StoreError

if TYPE_CHECKING:
    import polars as pl

    from kcas.calls.query import Query
    from kcas.calls.store import Store
    from kcas.desk.standard import Standard
    from kcas.ingest.report import FileReport
    from kcas.reporting.measures_report import MeasuresReport

Day = date | str | None


def open_store(
    folder: str | Path, *, standard: str | Path | Standard | None = None, zone: str | None = None
) -> CallStore:
    """The store in a folder, which need not exist yet: the first import makes it.

    `standard` is the settings file (definition, thresholds, hours, targets), or what it reads to; the product's own
    unless given. `zone` overrides its time zone. Raises SettingError for settings that cannot be read.
    """
    from kcas.calls.store import Store
    from kcas.desk.standard import Standard, read_standard

    settings = standard if isinstance(standard, Standard) else read_standard(Path(standard) if standard else None)
    return CallStore(Store(Path(folder)), replace(settings, time_zone=zone) if zone else settings)


@dataclass(frozen=True)
class CallStore:
    """Calls stored in one folder, and the settings that say what counts.

    Days are dates or text like "2010-04-01"; `until` is the first day left out. `as_at` is a date and time with its
    UTC offset: the answer is then what the store gave at that time.
    """

    store: Store
    standard: Standard

    def ingest(
        self,
        paths: str | Path | Iterable[str | Path],
        *,
        format: str | None = None,
        mapping: str | Path | None = None,
        zone: str | None = None,
        strict: bool = False,
        key_file: str | Path | None = None,
    ) -> ImportResult:
        """Import files and folders, each file whole or not at all.

        A file that cannot be read says so in its report, and the others are imported. The same file again adds
        nothing. `zone` is the log's own time zone. Raises SettingError or StoreError where nothing can be read at all.
        """
        from kcas.importing.run import ImportRequest, import_files

        named = [paths] if isinstance(paths, str | Path) else list(paths)
        files = [Path(each) for each in named]
        asked = ImportRequest(
            format, Path(mapping) if mapping else None, zone, strict, Path(key_file) if key_file else None
        )
        return ImportResult(tuple(import_files(files, store=self.store, standard=self.standard, asked=asked)))

    def queues(self) -> tuple[str, ...]:
        """The queues that calls or interval tables name, in order."""
        from kcas.calls.query import held_queues

        self._require()
        return held_queues(self.store.calls(), self.store.intervals())

    def days(self) -> tuple[date, date] | None:
        """The first and last day of the log, by the settings' time zone; None where there are no calls."""
        from kcas.reporting.coverage import contents

        self._require()
        held = contents(self.store, zone=self.standard.time_zone)
        return None if held is None else (held.first.date(), held.last.date())

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
        from kcas.calls.definitions import the_definition, the_service_level
        from kcas.reporting.measures_report import measures_report

        query = self._query(
            by=by, queues=queues, since=since, until=until,
            definition=the_definition(self.standard, key=definition, short=short),
            service_level=the_service_level(self.standard, key=service_level, within=within, short=short),
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
        from kcas.calls.measures import select

        return select(
            self.store.calls(as_at), standard=self.standard, queues=self._known(queues), since=_day(since, "since"),
            until=_day(until, "until"), outcomes=outcomes,
        )  # fmt: skip

    def _query(self, *, queues: Sequence[str], since: Day, until: Day, **asked: Any) -> Query:
        from kcas.calls.query import query_of

        return query_of(
            self.standard, queues=self._known(queues), since=_day(since, "since"), until=_day(until, "until"), **asked
        )

    def _known(self, queues: Sequence[str]) -> tuple[str, ...]:
        from kcas.calls.query import the_queues_named

        self._require()
        named = (queues,) if isinstance(queues, str) else tuple(queues)
        return the_queues_named(named, known=self.queues(), where="queues") if named else ()

    def _require(self) -> None:
        if not self.store.exists:
            raise StoreError(f"{self.store.folder}: no calls are kept here yet. Import a log first: .ingest(paths).")


@dataclass(frozen=True)
class ImportResult(Result):
    """What became of each file: every line of it accounted for."""

    reports: tuple[FileReport, ...]

    def __iter__(self) -> Iterator[FileReport]:
        """The report of each file."""
        return iter(self.reports)

    def to_dict(self) -> dict[str, Any]:
        """The files of what `kcas ingest --json` prints."""
        return {"files": [report.to_json() for report in self.reports]}

    def to_frame(self) -> pl.DataFrame:
        """One row a file: its lines, what was new, already held, superseded and refused, and its error if any."""
        import polars as pl

        counts = ("lines", "calls", "intervals", "new", "already_held", "superseded", "refused")
        rows = [
            {
                "file": one.file,
                "format": one.format,
                **{name: getattr(one, name) for name in counts},
                "error": one.error,
            }
            for one in self.reports
        ]
        texts = dict.fromkeys(("file", "format"), pl.String)
        return pl.DataFrame(rows, schema={**texts, **dict.fromkeys(counts, pl.Int64), "error": pl.String})

    def plot(self) -> Any:
        """New, already held, superseded and refused rows of each file as bars."""
        import altair as alt

        parts = ("new", "already_held", "superseded", "refused")
        rows = [{"file": one.file, "rows": getattr(one, part), "part": part} for one in self.reports for part in parts]
        return (
            alt.Chart(alt.Data(values=rows))
            .mark_bar()
            .encode(
                x=alt.X("rows:Q", title="Rows"),
                y=alt.Y("file:N", title=None, sort=None),
                color=alt.Color("part:N", title=None),
            )
        )


@dataclass(frozen=True)
class Measures(Result):
    """Measures of each group, with the definitions they were counted by and the notes that belong next to them."""

    report: MeasuresReport
    by: str

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences that belong next to the figures: days missing, calls left out, settings unused."""
        return self.report.measured.notes

    def to_frame(self) -> pl.DataFrame:
        """One row a group: counts, the rate's numerator and denominator, rate, 95% interval, service level, waits."""
        return self.report.measured.rows

    def to_dict(self) -> dict[str, Any]:
        """What `kcas measures --json` prints."""
        return self.report.to_dict()

    def plot(self) -> Any:
        """The rate of each group with its 95% interval; the tooltip holds its numerator and denominator."""
        import altair as alt

        rate = self.report.measured.definition
        names = ("group", "rate", "low", "high", "numerator", "denominator")
        rows = self.to_frame().drop_nulls("rate").select(names).to_dicts()
        base = alt.Chart(alt.Data(values=rows), title=f"{rate.words} ({rate.key})").encode(
            x=alt.X("group:N", title=self.by, sort=None), tooltip=[f"{name}:N" for name in names]
        )
        interval = base.mark_rule().encode(y=alt.Y("low:Q"), y2="high:Q")
        axis = alt.Y("rate:Q", title="Abandoned", axis=alt.Axis(format=".0%"), scale=alt.Scale(zero=True))
        return interval + base.mark_point(filled=True).encode(y=axis)


def _day(value: Day, name: str) -> date | None:
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise SettingError(f'{name}: {value!r} is not a day. Expected year-month-day, like "2010-04-01".') from None
