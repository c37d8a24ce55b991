"""How many callers were never answered that day? Only a log that carries caller tokens can tell.

Callers are distinct within one day and one choice of queues, so a table's counts of them are taken only where its
rows are whole days of that very choice: they do not add up over queues.
"""

from datetime import timedelta

import polars as pl

from kcas.calls.call import ALL_QUEUES
from kcas.calls.grouping import Groups, in_group
from kcas.calls.question import Question

LONGEST_DAY = timedelta(hours=25)
COUNTED = ("callers", "callers_lost")


def callers(chosen: pl.LazyFrame, ask: Question, *, key: pl.Expr) -> pl.DataFrame:
    """Distinct callers of each group, day by day, and those with no answered call that day.

    A caller lost in the menu or to a busy tone is a caller too; one whose only call is still open is not counted yet.
    """
    day = pl.col("entered").dt.convert_time_zone(ask.standard.time_zone).dt.date()
    known = chosen.filter(pl.col("caller").is_not_null() & (pl.col("outcome") != "open"))
    of_day = known.group_by(*map(pl.col, ask.per), key, day.alias("day"), "caller").agg(
        (pl.col("outcome") == "answered").any().alias("reached")
    )
    counted = of_day.group_by(ask.keys).agg(
        pl.len().cast(pl.Int64).alias("callers"), (~pl.col("reached")).sum().cast(pl.Int64).alias("callers_lost")
    )
    return counted.collect(engine="streaming")


def with_callers(
    tallied: pl.DataFrame, of_calls: pl.DataFrame, table: pl.DataFrame, ask: Question, *, groups: Groups | None
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


def of_tables(table: pl.DataFrame, ask: Question, *, groups: Groups | None) -> pl.DataFrame:
    """Callers that tables tell of each group, and whether some day in it has calls in a table but no callers."""
    zone = ask.standard.time_zone
    placed = in_group(table, groups, by=ask.by).with_columns(
        day=pl.col("start").dt.convert_time_zone(zone).dt.date(),
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


def of_this_choice(rows: pl.DataFrame, ask: Question, *, queues: int) -> pl.DataFrame:
    """The rows that count callers over just the queues asked about, of a table that tells of so many queues."""
    if ask.by == "queue" or len(ask.queues) == 1 or queues == 1:
        return rows.filter(pl.col("queue") != ALL_QUEUES)
    return rows.filter(pl.col("queue") == ALL_QUEUES) if not ask.queues else rows.clear()
