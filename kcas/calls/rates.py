"""Rates from counts with their interval, and the reconciliation of offered calls with their outcomes.

Wilson's confidence interval of a proportion (Wilson 1927).
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from kcas.calls.call import LOST, OFFERED
from kcas.calls.definitions import Definition, ServiceLevel

Z95 = 1.959963984540054  # the normal quantile that leaves 2.5 % on either side


def wilson(count: float, of: float, *, quantile: float = Z95) -> tuple[float, float]:
    """The 95 % interval of a proportion, from its two counts (Wilson 1927; Newcombe 1998, method 3)."""
    share, spread = count / of, quantile**2 / of
    centre = (share + spread / 2) / (1 + spread)
    half = quantile * math.sqrt(share * (1 - share) / of + spread / (4 * of)) / (1 + spread)
    return max(0.0, centre - half), min(1.0, centre + half)


def wilson_of(count: pl.Expr, *, of: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """The same interval for columns; null where either count is."""
    share, spread = count / of, Z95**2 / of
    centre = (share + spread / 2) / (1 + spread)
    half = Z95 * (share * (1 - share) / of + spread / (4 * of)).sqrt() / (1 + spread)
    return (centre - half).clip(0.0, 1.0), (centre + half).clip(0.0, 1.0)


def with_rates(tallied: pl.DataFrame, *, definition: Definition, service_level: ServiceLevel) -> pl.DataFrame:
    """Every rate, interval and mean of a tally, made from its counts and totals."""
    rate, rule = definition.rate, service_level.rule
    for name in {*rate.needs, *rule.needs} - set(tallied.columns):
        tallied = tallied.with_columns(pl.lit(None, dtype=pl.Int64).alias(name))
    halves = tallied.with_columns(
        numerator=rate.numerator.cast(pl.Int64),
        denominator=rate.denominator.cast(pl.Int64),
        service_level_numerator=rule.numerator.cast(pl.Int64),
        service_level_denominator=rule.denominator.cast(pl.Int64),
    )
    low, high = wilson_of(pl.col("numerator"), of=pl.col("denominator"))
    level_low, level_high = wilson_of(pl.col("service_level_numerator"), of=pl.col("service_level_denominator"))
    good = proper("numerator", "denominator")
    level_good = proper("service_level_numerator", "service_level_denominator")
    return halves.with_columns(
        rate=pl.when(good).then(pl.col("numerator") / pl.col("denominator")),
        low=pl.when(good).then(low),
        high=pl.when(good).then(high),
        service_level=pl.when(level_good).then(pl.col("service_level_numerator") / pl.col("service_level_denominator")),
        service_level_low=pl.when(level_good).then(level_low),
        service_level_high=pl.when(level_good).then(level_high),
        average_speed_of_answer=mean("wait_answered", "answered_waits"),
        average_handle_time=mean("handle", "handled"),
        time_to_abandon_mean=mean("wait_abandoned", "abandoned_waits"),
        not_available=not_available(definition, service_level),
    )


def proper(numerator: str, denominator: str) -> pl.Expr:
    """Whether two counts can make a proportion."""
    return (pl.col(denominator) > 0) & (pl.col(numerator) >= 0) & (pl.col(numerator) <= pl.col(denominator))


def mean(total: str, count: str) -> pl.Expr:
    """A total shared among its calls; null where there are none."""
    return pl.when(pl.col(count) > 0).then(pl.col(total) / pl.col(count))


def not_available(definition: Definition, service_level: ServiceLevel) -> pl.Expr:
    """Why a rate cannot be made of a group's counts; null where it can."""
    words = pl.concat_str(
        _lacking(definition.key, definition.rate.needs, "numerator", "denominator"),
        _lacking(service_level.key, service_level.rule.needs, "service_level_numerator", "service_level_denominator"),
        separator="; ",
        ignore_nulls=True,
    )
    return pl.when(words != "").then(words)


def _lacking(key: str, needs: Sequence[str], numerator: str, denominator: str) -> pl.Expr:
    """Which counts the log does not tell, or that they cannot be halves of one rate; null where all is well."""
    missing = pl.concat_str(
        [pl.when(pl.col(column).is_null()).then(pl.lit(column)) for column in needs],
        separator=", ",
        ignore_nulls=True,
    )
    contradict = (pl.col(numerator) < 0) | (pl.col(numerator) > pl.col(denominator))
    return (
        pl.when(missing != "")
        .then(pl.lit(f"{key}: the log does not tell ") + missing)
        .when(contradict)
        .then(pl.lit(f"{key}: counts contradict each other: a table may count an answer in a later interval"))
    )


LATE, MIXED, UNEXPLAINED = "abandoned_late", "told_in_part", "unexplained"
IN_WORDS = {
    "abandoned_all": "abandoned, ringing included",
    LATE: "abandoned after the table's own threshold",
    MIXED: "outcomes that are told of some intervals only",
    UNEXPLAINED: "not accounted for by the interval table",
}
OTHERS = tuple(name for name in OFFERED if name not in LOST)
_MOST_NAMED = 12  # groups, in one sentence


def reconciliation(rows: pl.DataFrame) -> str:
    """Offered as the sum of its outcomes, what an interval table leaves unexplained, and where it gives no total."""
    if rows.is_empty():
        return "Reconciliation: no calls."
    counted = rows.filter(pl.col("offered").is_not_null())
    if counted.is_empty():
        return "Reconciliation: the log does not tell how many calls were offered."
    parts: Counter[str] = Counter()
    for row in counted.iter_rows(named=True):
        parts.update(_parts_of(row))
    order = sorted(parts, key=lambda name: (name == UNEXPLAINED, name in (LATE, MIXED), name != "answered"))
    shown = [f"{IN_WORDS.get(name, name.replace('_', ' '))} {parts[name]:,}" for name in order if kept(name, parts)]
    return f"Reconciliation: offered {counted['offered'].sum():,} = {' + '.join(shown)}.{left_out(rows)}"


def _parts_of(row: Mapping[str, Any]) -> dict[str, int]:
    """The calls of one group by what became of them; they add up to those offered."""
    split = all(row[name] is not None for name in LOST)
    lost = LOST if split else ("abandoned_all",) if row["abandoned_all"] is not None else ("abandoned",)
    names = [name for name in (*OFFERED, "abandoned_all") if name in lost or name in OTHERS]
    parts = {name: int(row[name]) for name in names if row[name] is not None}
    unexplained = int(row["unexplained"] or 0)
    late = int(row["offered"]) - sum(parts.values()) - unexplained
    if late < 0:  # counted twice by the table itself: what it does not account for is so much less
        unexplained, late = unexplained + late, 0
    # a table that gives only late hang-ups has given as many as its own balance lacks
    name = LATE if row["answered"] is not None and not set(lost) & parts.keys() else MIXED
    rest = {name: late, UNEXPLAINED: unexplained}
    return parts | {part: calls for part, calls in rest.items() if calls}


def kept(name: str, parts: Mapping[str, int]) -> bool:
    """Whether a part is shown: one without calls is not, but for the two that every desk looks for."""
    return bool(parts[name]) or name in ("answered", "abandoned")


def left_out(rows: pl.DataFrame) -> str:
    """Which groups the balance is without, because the log does not tell how many calls they were offered."""
    untold = rows.filter(pl.col("offered").is_null())
    if untold.is_empty():
        return ""
    column = "group" if "group" in untold.columns else "day"
    names = [str(name) for name in untold[column].head(_MOST_NAMED)]
    more = untold.height - len(names)
    return f" Without {', '.join(names)}{f' and {more} more' if more else ''}: the calls offered are not told there."
