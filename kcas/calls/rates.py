"""Rates from counts, with their interval; none where the denominator is zero."""

from collections.abc import Sequence

import polars as pl

from kcas.calls.definitions import Definition, ServiceLevel
from kcas.calls.proportion import wilson_of


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
        lacking(definition.key, definition.rate.needs, "numerator", "denominator"),
        lacking(service_level.key, service_level.rule.needs, "service_level_numerator", "service_level_denominator"),
        separator="; ",
        ignore_nulls=True,
    )
    return pl.when(words != "").then(words)


def lacking(key: str, needs: Sequence[str], numerator: str, denominator: str) -> pl.Expr:
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
