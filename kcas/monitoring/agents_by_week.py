"""Agents who answered calls, by week."""

from datetime import date

import polars as pl

from kcas.calls.desk_day import day_of


def agents_by_week(calls: pl.LazyFrame, *, zone: str, begins: int = 0) -> dict[date, int]:
    """Distinct agents of answered calls by the Mondays of their weeks; empty where the log names no agents."""
    monday = day_of(pl.col("entered"), zone=zone, begins=begins).dt.truncate("1w")
    told = calls.filter(pl.col("outcome") == "answered", pl.col("agent").is_not_null())
    counted = told.group_by(monday.alias("monday")).agg(agents=pl.col("agent").n_unique())
    return dict(counted.sort("monday").collect(engine="streaming").iter_rows())
