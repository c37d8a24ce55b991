"""Distinct callers, and those with no answered call that day: only a log that carries caller tokens can tell.

A caller counts once a day in each group in which they rang, and was answered that day if any call of theirs was, in
whatever queue and at whatever hour. So callers add up over days, but not over the hours or queues of one day, and a
table's counts of them are taken only where its rows are whole days of the very choice of queues asked about.
"""

from collections.abc import Sequence
from datetime import timedelta

import polars as pl

from kcas.calls.call import ALL_QUEUES
from kcas.calls.desk_day import day_of
from kcas.calls.grouping import Groups, at_any_hour, in_group
from kcas.calls.query import Query

LONGEST_DAY = timedelta(hours=25)
COUNTED = ("callers", "callers_lost")


def callers(calls: pl.LazyFrame, chosen: pl.LazyFrame, ask: Query, *, key: pl.Expr) -> pl.DataFrame:
    """Distinct callers of each group of the chosen calls, day by day, and those with no answered call that day.

    A caller lost in the menu or to a busy tone is a caller too; one whose only call is still open is not counted yet.
    """
    zone, begins = ask.standard.time_zone, ask.standard.day_begins
    day = day_of(pl.col("entered"), zone=zone, begins=begins).alias("day")
    everyone = at_any_hour(calls, standard=ask.standard, queues=(), since=ask.since, until=ask.until)
    known = chosen.filter(pl.col("caller").is_not_null() & (pl.col("outcome") != "open"))
    of_day = known.select(*ask.per, key, day, "caller").unique()
    reached = answered_that_day(everyone, zone=zone, begins=begins, per=ask.per).with_columns(reached=True)
    counted = of_day.join(reached, on=[*ask.per, "day", "caller"], how="left").group_by(ask.keys)
    lost = pl.col("reached").is_null().sum()
    return counted.agg(pl.len().cast(pl.Int64).alias("callers"), lost.cast(pl.Int64).alias("callers_lost")).collect(
        engine="streaming"
    )


def answered_that_day(calls: pl.LazyFrame, *, zone: str, begins: int = 0, per: Sequence[str] = ()) -> pl.LazyFrame:
    """Each day and caller with an answered call."""
    answered = calls.filter(pl.col("caller").is_not_null() & (pl.col("outcome") == "answered"))
    return answered.select(*per, day_of(pl.col("entered"), zone=zone, begins=begins).alias("day"), "caller").unique()


def with_callers(
    tallied: pl.DataFrame, of_calls: pl.DataFrame, table: pl.DataFrame, ask: Query, *, groups: Groups | None
) -> pl.DataFrame:
    """The tally with its distinct callers; null where part of a group came as a table that does not tell them."""
    keys = ask.keys
    found = tallied.join(of_calls, on=keys, how="left")
    if not table.is_empty():
        told = of_tables(table, ask, groups=groups)
        found = found.join(told, on=keys, how="left").with_columns(
            pl.when(pl.col("untold").fill_null(value=False))
            .then(None)
            .otherwise(pl.sum_horizontal(name, f"{name}_told"))
            .alias(name)
            for name in COUNTED
        )
    # a log with no tokens at all has no callers to tell, which is not the same as none
    tells = pl.col("callers") > 0
    return found.with_columns(pl.when(tells).then(pl.col(name)).alias(name) for name in COUNTED)


def of_tables(table: pl.DataFrame, ask: Query, *, groups: Groups | None) -> pl.DataFrame:
    """Callers that tables tell of each group, and whether some day in it has calls in a table but no callers."""
    zone, begins = ask.standard.time_zone, ask.standard.day_begins
    placed = in_group(table, groups, by=ask.by).with_columns(
        day=day_of(pl.col("start"), zone=zone, begins=begins),
        of_day=(pl.col("end") - pl.col("start")) <= LONGEST_DAY,
    )
    counts = pl.col("measure").is_in(COUNTED)
    told = of_this_choice(placed.filter(counts & pl.col("of_day")), ask, queues=table["queue"].n_unique())
    days = placed.filter(~counts).select(*ask.keys, "day").unique()
    missing = days.join(told.select(*ask.keys, "day").unique(), on=[*ask.keys, "day"], how="anti")
    summed = told.group_by(ask.keys).agg(
        pl.col("amount").filter(pl.col("measure") == name).sum().cast(pl.Int64).alias(f"{name}_told")
        for name in COUNTED
    )
    untold = missing.select(*ask.keys, pl.lit(True).alias("untold")).unique()
    return summed.join(untold, on=ask.keys, how="full", coalesce=True)


def of_this_choice(rows: pl.DataFrame, ask: Query, *, queues: int) -> pl.DataFrame:
    """The rows that count callers over just the queues asked about, of a table that tells of so many queues."""
    if ask.by == "queue" or len(ask.queues) == 1 or queues == 1:
        return rows.filter(pl.col("queue") != ALL_QUEUES)
    return rows.filter(pl.col("queue") == ALL_QUEUES) if not ask.queues else rows.clear()
