"""Kinds of call that the pack's tables can tell apart, and what one of each adds to every count."""

import itertools
from collections.abc import Iterable, Iterator

import polars as pl

from kcas.calls.call import OUTCOMES, Outcome
from kcas.calls.definitions import Definition, ServiceLevel
from kcas.calls.histogram import tally
from kcas.calls.rates import with_rates

COUNTED = (
    "answered", "abandoned_all", "numerator", "denominator", "service_level_numerator", "service_level_denominator",
    "offered", "otherwise", "open",
)  # fmt: skip
"""Counts of every group."""
EVERY_OUTCOME = tuple(f"outcome {name}" for name in OUTCOMES)
READ_AT = (5, 10, 20, 30, 45, 60, 90, 120, 180, 300, 600)
"""Seconds at which the patience of callers is read off its curve."""
CALLERS = ("caller lost", "caller answered")
"""Of the definition that counts callers, who are no sum of calls."""


def one_of_each_kind(definition: Definition, level: ServiceLevel, *, edges: frozenset[float]) -> pl.DataFrame:
    """What one call of each kind adds to each count: the measures themselves are asked, of one call at a time.

    A column a count, a row a kind: an outcome and a wait at, or between, the edges.
    """
    waits = sorted(_waits(edges))
    calls = [(outcome, wait) for outcome in OUTCOMES for wait in waits]
    one = pl.DataFrame(
        {
            "kind": [f"{outcome} {wait:g}" for outcome, wait in calls],
            "number": range(len(calls)),
            "outcome": pl.Series([outcome for outcome, _ in calls], dtype=Outcome),
            "wait": [wait for _, wait in calls],
            "calls": 1, "handled": 1, "handle": 0.0,
        },
        schema_overrides={"calls": pl.Int64, "handled": pl.Int64},
    )  # fmt: skip
    tallied = tally(one, keys=["number"], definition=definition, service_level=level)
    rows = with_rates(tallied, definition=definition, service_level=level).sort("number")
    rest = pl.col("offered") - pl.col("answered") - pl.col("abandoned_all") - pl.col("open")
    kinds = rows.with_columns(
        one["kind"], rest.alias("otherwise"), *(pl.col(o).alias(f"outcome {o}") for o in OUTCOMES)
    )
    kinds = kinds.select("kind", *COUNTED, *EVERY_OUTCOME).fill_null(0)
    kinds = kinds.with_columns(one["outcome"].cast(pl.String), one["wait"])
    if definition.key != "lost_callers":
        return kinds
    callers = pl.DataFrame({"kind": CALLERS, "numerator": [1, 0], "denominator": [1, 1]})
    return pl.concat([kinds, callers.cast({"numerator": pl.Int64, "denominator": pl.Int64})], how="diagonal").fill_null(
        0
    )


def edges_of(definitions: Iterable[Definition], level: ServiceLevel) -> frozenset[float]:
    """The waits at which any table tells calls apart, in seconds."""
    shorts = {definition.short for definition in definitions}
    return frozenset(float(edge) for edge in {*shorts, level.within, level.short, *READ_AT} if edge)


def _waits(edges: frozenset[float]) -> Iterator[float]:
    """A wait at each edge and one on either side of it."""
    order = sorted(edges)
    yield order[0] / 2
    yield from order
    yield from ((low + high) / 2 for low, high in itertools.pairwise(order))
    yield order[-1] + 1
