"""What was the rate, the service level and the wait, by whose definition, and out of how many?

Counts add and rates follow: every rate is made last, from the two counts that stand beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from kcas.calls.call import OUTCOMES
from kcas.calls.callers import callers
from kcas.calls.definitions import Definition, ServiceLevel, the_definition, the_service_level
from kcas.calls.grouping import GROUPINGS, Groups, groups, select
from kcas.calls.interval_tables import beyond_the_days, chosen_intervals, straddling, tabled
from kcas.calls.quantiles import abandon_quantiles, wait_quantiles
from kcas.calls.rates import with_rates
from kcas.calls.tallies import COUNTS, TOTALS, added, histogram, tally
from kcas.standard import Standard, check_key

__all__ = ["Measured", "measure", "measured", "select"]

QUANTILES = ("wait_p50", "wait_p90", "wait_p95")
TIMES = ("time_to_abandon_mean", "time_to_abandon_p50", "time_to_abandon_p90")
COLUMNS = (
    "start", "group", "queue", "offered", *OUTCOMES,
    "numerator", "denominator", "rate", "low", "high",
    "service_level", "service_level_numerator", "service_level_denominator", "service_level_low", "service_level_high",
    "average_speed_of_answer", "average_handle_time", *QUANTILES, "longest_wait", *TIMES,
    "abandoned_all", "unexplained", "wait_not_known", "not_available",
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
    return measured(
        calls,
        standard=standard,
        intervals=intervals,
        by=by,
        queues=queues,
        since=since,
        until=until,
        definition=definition,
        service_level=service_level,
        per=per,
    ).rows


def measured(
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
) -> Measured:
    """The same rows, with the definitions they were made by and the notes that belong beside them."""
    check_key(by, GROUPINGS, where="by")
    definition = definition or the_definition(standard)
    service_level = service_level or the_service_level(standard)
    chosen = select(calls, standard=standard, queues=queues, since=since, until=until)
    table, overlapping = chosen_intervals(intervals, standard=standard, queues=queues, since=since, until=until)
    found = the_groups(chosen, table, by=by, zone=standard.time_zone)
    number = pl.lit(0, dtype=pl.UInt32) if found is None else found.number()
    key = pl.col("queue") if by == "queue" else number.alias("number")
    keys = [*per, "queue" if by == "queue" else "number"]

    counted = histogram(chosen, keys=[*map(pl.col, per), key])
    of_calls = tally(counted, keys=keys, definition=definition, service_level=service_level)
    parts, left_out = [of_calls.with_columns(longest_told=pl.lit(True))], 0
    if not table.is_empty():
        of_table = tabled(table, by=by, groups=found, definition=definition, service_level=service_level)
        parts.append(of_table.tally.with_columns(longest_told=pl.col("longest_wait").is_not_null()))
        left_out = of_table.left_out
    if by == "total" and not per and sum(part.height for part in parts) == 0:
        parts.append(nothing())
    tallied = added(parts, keys=keys)
    for more in (wait_quantiles(counted, keys=keys), abandon_quantiles(counted, keys=keys)):
        tallied = tallied.join(more, on=keys, how="left")
    if definition.key == "lost_callers":
        tallied = tallied.join(callers(chosen, key=key, keys=keys, zone=standard.time_zone), on=keys, how="left")
    rows = with_rates(tallied, definition=definition, service_level=service_level)
    if not table.is_empty():
        rows = without_quantiles_of_tables(rows, of_table.tally, keys=keys)
    rows = placed(rows, found, by=by, queues=queues, zone=standard.time_zone, per=per)
    said = (*beyond_the_days(overlapping, since=since, until=until), *straddling(left_out, by=by))
    return Measured(rows, definition, service_level, (*said, *unknown_waits(rows)))


def unknown_waits(rows: pl.DataFrame) -> tuple[str, ...]:
    """What must be said of answered and abandoned calls whose wait the log does not tell."""
    calls = rows["wait_not_known"].sum()
    if not calls:
        return ()
    return (f"{calls:,} answered or abandoned calls bear no wait: they count as longer than every threshold.",)


def the_groups(chosen: pl.LazyFrame, table: pl.DataFrame, *, by: str, zone: str) -> Groups | None:
    """The groups that these calls and intervals span; None where no moment is asked about."""
    if by in ("total", "queue"):
        return None
    first, last = (
        chosen.select(pl.col("entered").min().alias("first"), pl.col("entered").max().alias("last"))
        .collect(engine="streaming")
        .row(0)
    )
    moments: list[datetime] = [moment for moment in (first, last) if moment is not None]
    if not table.is_empty():
        moments += [table["start"].min(), table["end"].max()]  # type: ignore[list-item]
    return groups(min(moments), max(moments), by=by, zone=zone) if moments else None


def nothing() -> pl.DataFrame:
    """The tally of no calls at all."""
    return pl.DataFrame(
        {
            "number": pl.Series([0], dtype=pl.UInt32),
            **dict.fromkeys(COUNTS, 0),
            **dict.fromkeys(TOTALS, 0.0),
            "longest_wait": pl.Series([None], dtype=pl.Float64),
            "longest_told": True,
        }
    )


def without_quantiles_of_tables(rows: pl.DataFrame, of_table: pl.DataFrame, *, keys: Sequence[str]) -> pl.DataFrame:
    """Quantiles blanked where part of a group came without its calls."""
    marked = rows.join(of_table.select(*keys, pl.lit(True).alias("tabled")), on=keys, how="left")
    names = (*QUANTILES, *TIMES[1:])
    return marked.with_columns(pl.when(pl.col("tabled").is_null()).then(pl.col(name)).alias(name) for name in names)


def placed(
    rows: pl.DataFrame, found: Groups | None, *, by: str, queues: Sequence[str], zone: str, per: Sequence[str]
) -> pl.DataFrame:
    """The rows in order, each with its start, its group in words and its queue."""
    if found is None:
        nowhen = pl.lit(None, dtype=pl.Datetime("us", zone)).alias("start")
        group = pl.col("queue") if by == "queue" else pl.lit("total")
        rows = rows.with_columns(nowhen, group.alias("group"))
    else:
        rows = rows.join(found.named, on="number", how="left")
    if by != "queue":
        only = queues[0] if len(queues) == 1 else None
        rows = rows.with_columns(pl.lit(only, dtype=pl.String).alias("queue"))
    rows = rows.sort(*per, "queue" if by == "queue" else "number")
    counts = [pl.col(name).cast(pl.Int64) for name in (*OUTCOMES, "offered", "abandoned_all", "unexplained")]
    return rows.with_columns(counts).select(*per, *COLUMNS)
