"""Measures of a store with everything that belongs next to them, and their plain values for JSON.

Counts by half-hour for any definition, from one histogram.

Calls are counted once by half-hour, outcome and wait. Another definition is another tally of those counts, and days and
weeks are their sums; so a page answers a changed definition at once, however many calls there are.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import polars as pl

from kcas.calls.callers import sensitivity
from kcas.calls.coverage import Coverage, coverage
from kcas.calls.definitions import Definition, ServiceLevel, standard_in_words, unused_short
from kcas.calls.grouping import Groups, groups
from kcas.calls.histogram import histogram, tally
from kcas.calls.measures import Measured, measured
from kcas.calls.notes import NOTHING
from kcas.calls.query import Query
from kcas.calls.rates import reconciliation, with_rates
from kcas.calls.store import Store
from kcas.desk.standard import Standard
from kcas.reporting.coverage import contents, missing_words, nothing_chosen, what_is_gone
from kcas.reporting.period_comparison import COUNTS


@dataclass(frozen=True)
class MeasuresReport:
    """Measures with all their notes, the settings they were counted by, and the days that the log lacks."""

    measured: Measured
    standard: Standard
    coverage: Coverage

    @property
    def reconciliation(self) -> list[str]:
        """Sentences: that outcomes add up to the calls offered, and the rate with unreached callbacks."""
        return [reconciliation(self.measured.rows), *sensitivity(self.measured.rows)]

    def to_dict(self) -> dict[str, Any]:
        """Definitions, settings, notes and rows as plain values: the JSON of `kcas measures`."""
        rate, level = self.measured.definition, self.measured.service_level
        return {
            "definition": {
                "key": rate.key,
                "words": rate.words,
                "short": rate.short,
                "equal_is_short": rate.equal_is_short if rate.short is not None else None,
                "published_by": rate.rate.published_by,
            },
            "service_level": {"key": level.key, "within": level.within, "words": level.words, "short": level.short},
            "standard": {
                "name": self.standard.name,
                "time_zone": self.standard.time_zone,
                "words": standard_in_words(self.standard, definition=rate, service_level=level),
            },
            "notes": list(self.measured.notes),
            "reconciliation": self.reconciliation,
            "rows": [_with_start(row) for row in self.measured.rows.iter_rows(named=True)],
            "missing_days": self.coverage.missing,
        }


def measures_report(
    store: Store, query: Query, *, short: float | None = None, as_at: datetime | None = None
) -> MeasuresReport:
    """The measures that a query asks for. `short` is a threshold that was asked for, to say where nothing uses it."""
    calls, intervals = store.calls(as_at), store.intervals(as_at)
    answer = measured(calls, query, intervals=intervals)
    unused = unused_short(short, definition=query.definition, service_level=query.service_level)
    notes = [*answer.notes, *([unused] if unused else [])]
    if NOTHING in notes:
        held = contents(store, zone=query.standard.time_zone, begins=query.standard.day_begins, as_at=as_at)
        days = query.since, query.until
        notes[notes.index(NOTHING)] = nothing_chosen(held, days=days, queues=query.queues, then=as_at)
    notes += what_is_gone(store, zone=query.standard.time_zone, since=query.since, then=as_at)
    lacking = coverage(calls, intervals=intervals, standard=query.standard).within(query.since, query.until)
    return MeasuresReport(
        replace(answer, notes=(*notes, *missing_words(lacking), *store.warnings())), query.standard, lacking
    )


def _with_start(row: dict[str, Any]) -> dict[str, Any]:
    """The row, its start being the name of a time of day or weekday where it has no one moment."""
    if row["start"] is None and row["group"] not in ("total", row["queue"]):
        return {**row, "start": row["group"]}
    return row


KEY = "number"
DOES_NOT_ADD = "lost_callers"
"""The definition whose half-hours do not add up to days: the same caller is in several."""


@dataclass(frozen=True)
class HalfHourCounts:
    """How many calls of each half-hour ended how, after what wait, and which half-hour is which."""

    histogram: pl.DataFrame
    named: pl.DataFrame


def half_hour_counts(chosen: pl.LazyFrame, *, zone: str) -> HalfHourCounts:
    """The chosen calls counted by half-hour, outcome and wait."""
    moment = pl.col("entered")
    first, last = chosen.select(first=moment.min(), last=moment.max()).collect(engine="streaming").row(0)
    if first is None:
        return HalfHourCounts(histogram(chosen, keys=[pl.lit(0, dtype=pl.UInt32).alias(KEY)]), nowhere(zone))
    found: Groups = groups(first, last, by="half-hour", zone=zone)
    return HalfHourCounts(histogram(chosen, keys=[found.number().alias(KEY)]), found.named)


def nowhere(zone: str) -> pl.DataFrame:
    """The names of no half-hours."""
    return pl.DataFrame(schema={KEY: pl.UInt32, "start": pl.Datetime("us", zone)})


def rated(counted: HalfHourCounts, *, definition: Definition, service_level: ServiceLevel) -> pl.DataFrame:
    """A row a half-hour, in order: its start, counts and rate. The same as measures by half-hour, without the waits."""
    tallied = tally(counted.histogram, keys=[KEY], definition=definition, service_level=service_level)
    rows = with_rates(tallied, definition=definition, service_level=service_level)
    placed = rows.join(counted.named, on=KEY, how="inner").sort(KEY)
    return placed.select("start", *COUNTS, "rate", "low", "high", "not_available")
