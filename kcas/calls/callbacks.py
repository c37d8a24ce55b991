"""Callbacks that never reached the caller, and the rate with them counted as lost.

A callback is neither answered nor abandoned, so that adding callbacks cannot improve a rate without serving anyone.
"""

from collections.abc import Sequence

import polars as pl

from kcas.calls.definitions import Definition

LEG = ("contact", "entered", "line")
LAST = 2**62  # a line that is not known is taken for the later one
ALREADY_COUNTED = ("unanswered", "lost_callers")
"""Definitions that count an unreached callback as lost as they stand."""


def unreached(calls: pl.LazyFrame, chosen: pl.LazyFrame, *, key: pl.Expr, keys: Sequence[str]) -> pl.DataFrame:
    """Callbacks of each group whose caller was answered by no later leg of the same contact."""
    others = [name for name in keys if name not in ("number", "queue")]
    asked = chosen.filter(pl.col("outcome") == "callback").select(*others, key, *LEG)
    lost = with_reached(asked, calls, same=[*others, "contact"]).filter(~pl.col("reached"))
    return lost.group_by(*keys).agg(pl.len().cast(pl.Int64).alias("callback_unreached")).collect(engine="streaming")


def with_reached(asked: pl.LazyFrame, calls: pl.LazyFrame, *, same: Sequence[str] = ("contact",)) -> pl.LazyFrame:
    """Legs, each with whether a later leg of the same contact was answered.

    Of two legs that began at one moment the later is the one further down the log, where both lines are known.
    """
    answered = calls.filter(pl.col("outcome") == "answered", pl.col("contact").is_not_null())
    entered, line = pl.col("entered"), pl.col("line")
    of_contact = answered.join(asked.select(same).unique(), on=list(same), how="semi").group_by(same)
    last = of_contact.agg(
        entered.max().alias("last"), line.fill_null(LAST).filter(entered == entered.max()).max().alias("last_line")
    )
    at_once = (pl.col("last") == entered) & (pl.col("last_line") > line.fill_null(-1))
    reached = ((pl.col("last") > entered) | at_once).fill_null(value=False)
    joined = asked.join(last, on=list(same), how="left")
    return joined.with_columns(reached=reached).drop("last", "last_line")


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
