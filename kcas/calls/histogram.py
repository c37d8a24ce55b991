"""Histogram of calls by group, outcome and wait in whole seconds.

Calls are first counted by group, outcome and wait; every count, total and quantile is made from that one frame,
so that a percentile comes from a period's calls and never from its days.
"""

from collections.abc import Sequence

import polars as pl

from kcas.calls.call import LOST, OFFERED, OUTCOMES
from kcas.calls.definitions import Definition, ServiceLevel

COUNTS = (
    *OUTCOMES,
    "offered",
    "abandoned_all",
    "abandoned_over",
    "abandoned_short",
    "abandoned_within",
    "abandoned_within_short",
    "answered_within",
    "answered_waits",
    "abandoned_waits",
    "handled",
    "wait_not_known",
    "unexplained",
    "callback_unreached",
)
"""Counts of a tally, which add."""

TOTALS = ("wait_answered", "wait_abandoned", "handle")
"""Totals of seconds, which add."""


def histogram(calls: pl.LazyFrame, *, keys: Sequence[pl.Expr]) -> pl.DataFrame:
    """How many calls of each group, outcome and wait, how many have a known talk, and their handling in all."""
    handle = pl.col("talk") + pl.col("hold").fill_null(0.0) + pl.col("wrap").fill_null(0.0)
    counted = calls.group_by(*keys, "outcome", "wait").agg(
        pl.len().cast(pl.Int64).alias("calls"),
        pl.col("talk").count().cast(pl.Int64).alias("handled"),
        handle.sum().alias("handle"),
    )
    return counted.collect(engine="streaming")


def tally(
    counted: pl.DataFrame, *, keys: Sequence[str], definition: Definition, service_level: ServiceLevel
) -> pl.DataFrame:
    """Counts and totals of each group of a histogram."""
    wait, calls = pl.col("wait"), pl.col("calls")
    within = {
        "short": is_short(wait, definition.short or 0.0, equal=definition.equal_is_short),
        "within": wait <= service_level.within,
        "within_short": is_short(wait, service_level.short, equal=service_level.equal_is_short),
    }
    by_outcome = counted.group_by(*keys, "outcome").agg(
        calls.sum(),
        pl.col("handled", "handle").sum(),
        (wait * calls).sum().alias("waited"),
        calls.filter(wait.is_not_null()).sum().alias("waits"),
        wait.max().alias("longest"),
        *(calls.filter(side).sum().alias(name) for name, side in within.items()),
    )
    return by_outcome.group_by(*keys).agg(
        *(of("calls", outcome).alias(outcome) for outcome in OUTCOMES),
        of("calls", *OFFERED).alias("offered"),
        of("calls", *LOST).alias("abandoned_all"),
        (of("calls", *LOST) - of("short", *LOST)).alias("abandoned_over"),
        of("short", *LOST).alias("abandoned_short"),
        of("within", *LOST).alias("abandoned_within"),
        of("within_short", *LOST).alias("abandoned_within_short"),
        of("within", "answered").alias("answered_within"),
        of("waits", "answered").alias("answered_waits"),
        of("waits", *LOST).alias("abandoned_waits"),
        of("handled", "answered").alias("handled"),
        (of("calls", "answered", *LOST) - of("waits", "answered", *LOST)).alias("wait_not_known"),
        pl.lit(0, dtype=pl.Int64).alias("unexplained"),
        pl.lit(0, dtype=pl.Int64).alias("callback_unreached"),  # found across the calls of a contact: see callbacks.py
        of("waited", "answered").alias("wait_answered"),
        of("waited", *LOST).alias("wait_abandoned"),
        of("handle", "answered").alias("handle"),
        pl.col("longest").filter(pl.col("outcome").is_in(OFFERED)).max().alias("longest_wait"),
    )


def is_short(wait: pl.Expr, threshold: float, *, equal: bool) -> pl.Expr:
    """Whether a wait is short; null where it is not known. `equal` says on which side the threshold itself falls."""
    return wait <= threshold if equal else wait < threshold


def empty_tally() -> pl.DataFrame:
    """The tally of no calls at all."""
    return pl.DataFrame(
        {
            "number": pl.Series([0], dtype=pl.UInt32),
            **dict.fromkeys(COUNTS, 0),
            **dict.fromkeys(TOTALS, 0.0),
            "longest_wait": pl.Series([None], dtype=pl.Float64),
        }
    )


def of(column: str, *outcomes: str) -> pl.Expr:
    """The sum of a column over these outcomes."""
    return pl.col(column).filter(pl.col("outcome").is_in(outcomes)).sum()


def added(tallies: Sequence[pl.DataFrame], *, keys: Sequence[str]) -> pl.DataFrame:
    """Tallies of the same groups, added; what one of them does not tell, the sum does not tell either."""
    sums = [pl.when(pl.col(name).is_null().any()).then(None).otherwise(pl.col(name).sum()).alias(name)
            for name in (*COUNTS, *TOTALS)]  # fmt: skip
    # calls without a wait have no longest one either; only a table that counts answers may fail to tell it
    untold = pl.col("longest_wait").is_null() & (pl.col("answered_waits").is_null() | (pl.col("answered_waits") > 0))
    longest = pl.when(untold.any()).then(None).otherwise(pl.col("longest_wait").max())
    return pl.concat(tallies, how="diagonal_relaxed").group_by(*keys).agg(*sums, longest.alias("longest_wait"))
