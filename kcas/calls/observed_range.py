"""Range of calls, handling time and agents on the days stored; a projection outside it has no data behind it."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from kcas.calls.call import Outcome
from kcas.calls.grouping import select
from kcas.desk.standard import Standard

HALF_HOUR = "30m"
ENOUGH = 20
"""Answered calls with a known talk before a day's mean handling is taken at its word."""

Span = tuple[float, float]


@dataclass(frozen=True)
class DaysSeen:
    """The least and the most of a day: calls, mean handling, agents in its busiest half-hour; None where not told."""

    days: int
    calls: Span
    handling: Span | None
    agents: Span | None


def days_seen(calls: pl.LazyFrame, *, standard: Standard, weekdays: Sequence[int]) -> DaysSeen | None:
    """What days of these weekdays (Monday is 1) have shown; None where none is kept."""
    local = pl.col("entered").dt.convert_time_zone(standard.time_zone)
    chosen = select(calls, standard=standard).filter(local.dt.weekday().is_in(list(weekdays)))
    answered = pl.col("outcome") == pl.lit("answered", dtype=Outcome)
    handle = pl.col("talk") + pl.col("hold").fill_null(0.0) + pl.col("wrap").fill_null(0.0)
    per_day = (
        chosen.group_by(local.dt.date().alias("day"))
        .agg(
            pl.len().alias("calls"),
            handle.filter(answered).mean().alias("handling"),
            handle.filter(answered).count().alias("handled"),
        )
        .collect(engine="streaming")
    )
    if per_day.is_empty():
        return None
    busiest = (
        chosen.filter(answered & pl.col("agent").is_not_null())
        .group_by(local.dt.date().alias("day"), local.dt.truncate(HALF_HOUR).alias("start"))
        .agg(pl.col("agent").n_unique().alias("agents"))
        .group_by("day")
        .agg(pl.col("agents").max())
        .collect(engine="streaming")
    )
    told = per_day.filter(pl.col("handled") >= ENOUGH)
    return DaysSeen(per_day.height, _span(per_day["calls"]), _span(told["handling"]), _span(busiest["agents"]))  # type: ignore[arg-type]


def _span(figures: pl.Series) -> Span | None:
    known = figures.drop_nulls()
    return None if known.is_empty() else (float(known.min()), float(known.max()))  # type: ignore[arg-type]
