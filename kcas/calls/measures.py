"""Measures of each group: counts, rate, service level and waits, each by a stated definition.

Counts add and rates follow: every rate is made last, from the two counts that stand beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from kcas.calls.call import OUTCOMES
from kcas.calls.callers import callers, with_callbacks, with_callers, with_sensitivity
from kcas.calls.definitions import Definition, ServiceLevel
from kcas.calls.grouping import Groups, groups, select
from kcas.calls.histogram import added, empty_tally, histogram, tally
from kcas.calls.interval_tables import Tabled, chosen_intervals, tabled
from kcas.calls.notes import (
    beyond_the_days,
    counted_twice,
    from_a_table,
    nothing_found,
    outside_hours,
    straddling,
    unknown_waits,
    untold,
    whole_intervals,
    within_a_day,
)
from kcas.calls.query import Query, query_of
from kcas.calls.rates import with_rates
from kcas.calls.waits import TIMES_TO_ABANDON, WAITS, abandon_quantiles, in_order, wait_quantiles
from kcas.desk.standard import Standard

__all__ = ["Measured", "Query", "measure", "measured", "query_of", "select"]

QUANTILES = (*WAITS, *TIMES_TO_ABANDON)
OTHER_COUNTS = ("offered", "abandoned_all", "unexplained", "wait_not_known", "callback_unreached")
_COLUMNS = (
    "start", "group", "queue", "offered", *OUTCOMES,
    "numerator", "denominator", "rate", "low", "high",
    "service_level", "service_level_numerator", "service_level_denominator", "service_level_low", "service_level_high",
    "average_speed_of_answer", "average_handle_time", *WAITS, "longest_wait", "time_to_abandon_mean", *TIMES_TO_ABANDON,
    "abandoned_all", "unexplained", "wait_not_known",
    "callback_unreached", "rate_with_callbacks", "not_available",
)  # fmt: skip


@dataclass(frozen=True)
class Measured:
    """Rows of measures, by which definitions, and what a reader must be told beside them."""

    rows: pl.DataFrame
    definition: Definition
    service_level: ServiceLevel
    notes: tuple[str, ...]


def measure(
    calls: pl.LazyFrame,
    *,
    standard: Standard,
    intervals: pl.LazyFrame | None = None,
    by: str = "total",
    queues: Sequence[str] = (),
    since: date | None = None,
    until: date | None = None,
    definition: Definition | None = None,
    service_level: ServiceLevel | None = None,
    per: Sequence[str] = (),
) -> pl.DataFrame:
    """One row a group (and a value of the `per` columns) that has calls, with every count and measure of it."""
    question = query_of(
        standard,
        by=by,
        queues=queues,
        since=since,
        until=until,
        definition=definition,
        service_level=service_level,
        per=per,
    )
    return measured(calls, question, intervals=intervals).rows


def measured(calls: pl.LazyFrame, ask: Query, *, intervals: pl.LazyFrame | None = None) -> Measured:
    """The rows that answer a question, with the notes that belong beside them."""
    chosen = select(calls, standard=ask.standard, queues=ask.queues, since=ask.since, until=ask.until)
    table, beyond = chosen_intervals(intervals, ask)
    in_groups = the_groups(chosen, table, ask)
    number = pl.lit(0, dtype=pl.UInt32) if in_groups is None else in_groups.number()
    key = pl.col("queue") if ask.by == "queue" else number.alias("number")

    counted = histogram(chosen, keys=[*map(pl.col, ask.per), key])
    of_table = None if table.is_empty() else tabled(table, ask, groups=in_groups)
    tallied = the_tally(counted, of_table, ask)
    if ask.definition.key == "lost_callers":
        tallied = with_callers(tallied, callers(calls, chosen, ask, key=key), table, ask, groups=in_groups)
    tallied = with_callbacks(tallied, calls, chosen, key=key, keys=ask.keys)
    rows = with_rates(tallied, definition=ask.definition, service_level=ask.service_level)
    rows = placed(with_sensitivity(rows, definition=ask.definition), in_groups, ask)
    left_out = (*beyond_the_days(beyond, ask), *straddling(of_table.left_out if of_table else 0, ask))
    notes = (
        (left_out or nothing_found(rows)) + from_a_table(of_table) + untold(table, ask) + counted_twice(chosen, table)
    )
    notes += outside_hours(calls, ask) + whole_intervals(of_table, ask) + unknown_waits(rows) + within_a_day(ask)
    return Measured(rows, ask.definition, ask.service_level, notes)


def the_groups(chosen: pl.LazyFrame, table: pl.DataFrame, ask: Query) -> Groups | None:
    """The groups that these calls and intervals span; None where no moment is asked about."""
    if ask.by in ("total", "queue"):
        return None
    moment, begins = pl.col("entered"), ask.standard.day_begins
    ends = chosen.select(moment.min().alias("first"), moment.max().alias("last")).collect(engine="streaming").row(0)
    moments: list[datetime] = [end for end in ends if end is not None]
    if not table.is_empty():
        moments += [table["start"].min(), table["end"].max()]  # type: ignore[list-item]
    return (
        groups(min(moments), max(moments), by=ask.by, zone=ask.standard.time_zone, begins=begins) if moments else None
    )


def the_tally(counted: pl.DataFrame, of_table: Tabled | None, ask: Query) -> pl.DataFrame:
    """Counts, totals and quantiles of each group; quantiles only where all of the group came as calls."""
    of_calls = tally(counted, keys=ask.keys, definition=ask.definition, service_level=ask.service_level)
    parts = [of_calls, *([of_table.tally] if of_table else [])]
    if ask.by == "total" and not ask.per and not any(part.height for part in parts):
        parts.append(empty_tally())
    tallied = added(parts, keys=ask.keys)
    ordered = in_order(counted, keys=ask.keys)
    for quantiles in (wait_quantiles(ordered, keys=ask.keys), abandon_quantiles(ordered, keys=ask.keys)):
        tallied = tallied.join(quantiles, on=ask.keys, how="left")
    if of_table is None:
        return tallied
    marked = tallied.join(of_table.tally.select(*ask.keys, pl.lit(True).alias("tabled")), on=ask.keys, how="left")
    return marked.with_columns(pl.when(pl.col("tabled").is_null()).then(pl.col(name)).alias(name) for name in QUANTILES)


def placed(rows: pl.DataFrame, groups: Groups | None, ask: Query) -> pl.DataFrame:
    """The rows in order, each with its start, its group in words and its queue."""
    if groups is None:
        nowhen = pl.lit(None, dtype=pl.Datetime("us", ask.standard.time_zone)).alias("start")
        group = pl.col("queue") if ask.by == "queue" else pl.lit("total")
        rows = rows.with_columns(nowhen, group.alias("group"))
    else:
        rows = rows.join(groups.named, on="number", how="left")
    if ask.by != "queue":
        only = ask.queues[0] if len(ask.queues) == 1 else None
        rows = rows.with_columns(pl.lit(only, dtype=pl.String).alias("queue"))
    counts = [pl.col(name).cast(pl.Int64) for name in (*OUTCOMES, *OTHER_COUNTS)]
    return rows.sort(ask.keys).with_columns(counts).select(*ask.per, *_COLUMNS)
