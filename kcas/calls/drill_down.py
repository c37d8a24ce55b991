"""Calls behind a figure: those in the numerator or the denominator of a rate."""

from dataclasses import dataclass
from datetime import date

import polars as pl

from kcas.calls.call import LOST, OFFERED
from kcas.calls.callers import answered_that_day
from kcas.calls.definitions import Definition
from kcas.calls.desk_day import day_of
from kcas.calls.histogram import is_short

TOP, BOTTOM = "top", "bottom"
"""Columns saying whether a call is in the rate's numerator, and in its denominator."""


@dataclass(frozen=True)
class Slice:
    """A part of the calls that a chart shows: a day, a weekday, a half-hour of the day, a wait of at least so long."""

    day: date | None = None
    weekday: int | None = None  # Monday is 1
    half_hour: str | None = None  # "10:00"
    waited: float = 0.0


def sliced(calls: pl.LazyFrame, part: Slice, *, zone: str, begins: int = 0) -> pl.LazyFrame:
    """The calls of a part, days and times being the zone's."""
    local = pl.col("entered").dt.convert_time_zone(zone)
    day = day_of(pl.col("entered"), zone=zone, begins=begins)
    if part.day:
        calls = calls.filter(day == part.day)
    if part.weekday:
        calls = calls.filter(day.dt.weekday() == part.weekday)
    if part.half_hour:
        hour, minute = map(int, part.half_hour.split(":"))
        calls = calls.filter(local.dt.hour() == hour, local.dt.minute() // 30 * 30 == minute)
    return calls.filter(pl.col("wait") >= part.waited) if part.waited else calls


def with_halves(
    calls: pl.LazyFrame, *, definition: Definition, zone: str, begins: int = 0, everyone: pl.LazyFrame | None = None
) -> pl.LazyFrame:
    """The calls, each marked whether it is in the top and in the bottom of the rate.

    `everyone` are the calls of all queues and hours, where these are not: a caller may have been answered in another.
    """
    if definition.key == "lost_callers":
        return with_lost_callers(calls, calls if everyone is None else everyone, zone=zone, begins=begins)
    alone = tally_of_one(definition)
    rate = definition.rate
    marks = {TOP: rate.numerator > 0, BOTTOM: rate.denominator > 0}
    return (
        calls.with_columns(**{name: held.cast(pl.Int64) for name, held in alone.items()})
        .with_columns(**marks)
        .drop(*alone)
    )


def tally_of_one(definition: Definition) -> dict[str, pl.Expr]:
    """The columns of a tally that formulas read, for one call: is it offered, is it abandoned short, and so on."""
    outcome, wait = pl.col("outcome"), pl.col("wait")
    lost = outcome.is_in(LOST)
    limit = definition.short or 0.0
    short = is_short(wait, limit, equal=definition.equal_is_short).fill_null(value=False)
    return {
        "offered": outcome.is_in(OFFERED),
        "abandoned_all": lost,
        "abandoned_over": lost & ~short,
        "abandoned_short": lost & short,
        **{name: outcome == name for name in ("answered", "open", "left_ivr", "blocked")},
    }


def with_lost_callers(calls: pl.LazyFrame, everyone: pl.LazyFrame, *, zone: str, begins: int) -> pl.LazyFrame:
    """Calls of known callers are in the bottom; those of a caller whom no one answered that day, in the top."""
    known = pl.col("caller").is_not_null() & (pl.col("outcome") != "open")
    reached = answered_that_day(everyone, zone=zone, begins=begins).with_columns(reached=True)
    marked = calls.with_columns(day=day_of(pl.col("entered"), zone=zone, begins=begins)).join(
        reached, on=["day", "caller"], how="left", maintain_order="left"
    )
    return marked.with_columns(**{TOP: known & pl.col("reached").is_null(), BOTTOM: known}).drop("day", "reached")
