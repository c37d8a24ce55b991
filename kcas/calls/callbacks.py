"""What would the rate be if callbacks that never reached the caller counted as lost?

A callback is neither answered nor abandoned, so that adding callbacks cannot improve a rate without serving anyone.
"""

from collections.abc import Sequence

import polars as pl

from kcas.calls.definitions import Definition

ALREADY_COUNTED = ("unanswered", "lost_callers")
"""Definitions that count an unreached callback as lost as they stand."""


def unreached(calls: pl.LazyFrame, chosen: pl.LazyFrame, *, key: pl.Expr, keys: Sequence[str]) -> pl.DataFrame:
    """Callbacks of each group whose caller no leg of the same contact ever answered."""
    others = [name for name in keys if name not in ("number", "queue")]
    asked = chosen.filter(pl.col("outcome") == "callback").select(*others, key, "contact")
    same = [*others, "contact"]
    answered = calls.filter(pl.col("outcome") == "answered").select(same)
    reached = answered.join(asked.select(same).unique(), on=same, how="semi").unique()
    lost = asked.join(reached, on=same, how="anti")
    return lost.group_by(*keys).agg(pl.len().cast(pl.Int64).alias("callback_unreached")).collect(engine="streaming")


def with_callbacks(
    tallied: pl.DataFrame, calls: pl.LazyFrame, chosen: pl.LazyFrame, *, key: pl.Expr, keys: Sequence[str]
) -> pl.DataFrame:
    """The tally with the callbacks never reached; they are looked for only where there are callbacks."""
    if not tallied["callback"].sum():
        return tallied
    found = unreached(calls, chosen, key=key, keys=keys).rename({"callback_unreached": "found"})
    both = pl.col("callback_unreached") + pl.col("found").fill_null(0)
    return tallied.join(found, on=keys, how="left").with_columns(callback_unreached=both)


def with_sensitivity(rows: pl.DataFrame, *, definition: Definition) -> pl.DataFrame:
    """The rate with unreached callbacks among the lost; null where it cannot be told or is so already."""
    more = pl.col("callback_unreached")
    among = pl.lit(0) if "offered" in definition.rate.needs else more  # joins a denominator that had left it out
    numerator, denominator = pl.col("numerator") + more, pl.col("denominator") + among
    told = pl.col("rate").is_not_null() & (denominator > 0) & pl.lit(definition.key not in ALREADY_COUNTED)
    return rows.with_columns(rate_with_callbacks=pl.when(told).then(numerator / denominator))


def sensitivity(rows: pl.DataFrame) -> tuple[str, ...]:
    """The sensitivity line; nothing to say where there were no callbacks."""
    lost = rows["callback_unreached"].drop_nulls().sum()
    if not lost:
        return ()
    if rows.height > 1:
        return (f"{lost:,} callbacks were never reached; rate_with_callbacks (--json, csv) counts them as lost.",)
    rate = rows["rate_with_callbacks"][0]
    told = "" if rate is None else f" With them counted as lost the rate would be {rate:.2%}."
    return (f"{lost:,} callbacks were never reached.{told}",)
