"""How many callers were never answered that day? Only a log that carries caller tokens can tell."""

from collections.abc import Sequence

import polars as pl


def callers(chosen: pl.LazyFrame, *, key: pl.Expr, keys: Sequence[str], zone: str) -> pl.DataFrame:
    """Distinct callers of each group, day by day, and those with no answered call that day.

    A caller lost in the menu or to a busy tone is a caller too; one whose only call is still open is not counted yet.
    """
    day = pl.col("entered").dt.convert_time_zone(zone).dt.date()
    others = [name for name in keys if name not in ("number", "queue")]
    known = chosen.filter(pl.col("caller").is_not_null() & (pl.col("outcome") != "open"))
    of_day = known.group_by(*map(pl.col, others), key, day.alias("day"), "caller").agg(
        (pl.col("outcome") == "answered").any().alias("reached")
    )
    counted = of_day.group_by(*keys).agg(
        pl.len().cast(pl.Int64).alias("callers"), (~pl.col("reached")).sum().cast(pl.Int64).alias("callers_lost")
    )
    return counted.collect(engine="streaming")
