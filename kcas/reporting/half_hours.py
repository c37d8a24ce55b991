"""Counts by half-hour for any definition, from one histogram.

Calls are counted once by half-hour, outcome and wait. Another definition is another tally of those counts, and days and
weeks are their sums; so a page answers a changed definition at once, however many calls there are.
"""

from dataclasses import dataclass

import polars as pl

from kcas.calls.definitions import Definition, ServiceLevel
from kcas.calls.grouping import Groups, groups
from kcas.calls.histogram import histogram, tally
from kcas.calls.rates import with_rates
from kcas.reporting.period_comparison import COUNTS

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
