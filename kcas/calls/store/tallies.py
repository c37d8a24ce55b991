"""Tallies of calls that are to be deleted: the counts that keep past figures exact.

Half-hourly counts and totals by queue, and each day's distinct callers: figures, and no person in them. They
carry the batch that brought the calls and the batch that replaced them, so that "as at" still holds.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

import polars as pl

from kcas.calls.call import ALL_QUEUES, LOST, OFFERED, OUTCOMES
from kcas.calls.desk_day import Calendar
from kcas.calls.store.files import INTERVALS

HALF_HOUR = timedelta(minutes=30)
THRESHOLDS = (5, 6, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300)
"""Seconds at which a published definition or service level divides the waits."""

NEEDED = (
    "contact",
    "queue",
    "entered",
    "outcome",
    "wait",
    "talk",
    "hold",
    "wrap",
    "caller",
    "line",
    "batch",
    "replaced_by",
)
SPLIT = "|"
REVISION = ("batch", "replaced_by")


def tallies(calls: pl.DataFrame, *, calendar: Calendar, thresholds: Iterable[float]) -> pl.DataFrame:
    """Half-hourly and daily tallies of whole local days of calls, all revisions, as rows of the intervals table.

    The calls bear a further column, `reached`: whether a later leg of the same contact was answered.
    """
    parts = [
        half_hours(calls, zone=calendar.zone, thresholds=sorted({*THRESHOLDS, *thresholds})),
        days(calls, calendar=calendar),
    ]
    return pl.concat([part.select(INTERVALS.stored.names()).cast(INTERVALS.stored) for part in parts])


def half_hours(calls: pl.DataFrame, *, zone: str, thresholds: Sequence[float]) -> pl.DataFrame:
    """Counts and totals of each half-hour of the local clock, queue and revision. Zero is recorded as zero."""
    local = pl.col("entered").dt.convert_time_zone(zone).dt.replace_time_zone(None).to_physical()
    into = pl.duration(microseconds=local % (HALF_HOUR // timedelta(microseconds=1)))
    counted = calls.group_by(pl.col("entered") - into, "queue", *REVISION).agg(_amounts(thresholds))
    long = counted.unpivot(index=["entered", "queue", *REVISION], variable_name="told", value_name="amount")
    told = pl.col("told").str.split_exact(SPLIT, 1).struct
    return long.filter(pl.col("amount").is_not_null()).with_columns(
        start="entered",
        end=pl.col("entered") + HALF_HOUR,
        measure=told.field("field_0"),
        threshold=told.field("field_1").cast(pl.Float64),
        of_calls=True,
    )


def days(calls: pl.DataFrame, *, calendar: Calendar) -> pl.DataFrame:
    """Each local day's distinct callers, and those never answered, by queue and over all queues."""
    day = calendar.day(pl.col("entered")).alias("day")
    known = calls.filter(
        pl.col("replaced_by").is_null(), pl.col("caller").is_not_null(), pl.col("outcome") != "open"
    ).with_columns(day)
    answered = (pl.col("outcome") == "answered").any().over("day", "caller")  # in whatever queue: see callers.py
    known = known.with_columns(answered=answered)
    parts = [_callers(known), _callers(known.with_columns(queue=pl.lit(ALL_QUEUES)))]
    counted = pl.concat(parts).with_columns(threshold=None, replaced_by=None, of_calls=True)
    dates = counted["day"].unique()
    starts = {each: calendar.start(each) for each in dates}
    ends = {each: calendar.start(each + timedelta(days=1)) for each in dates}
    moment = INTERVALS.schema["start"]
    return counted.with_columns(
        start=pl.col("day").replace_strict(starts, return_dtype=moment),
        end=pl.col("day").replace_strict(ends, return_dtype=moment),
    )


def _callers(known: pl.DataFrame) -> pl.DataFrame:
    of_caller = known.group_by("day", "queue", "caller").agg(
        lost=~pl.col("answered").any(), batch=pl.col("batch").max()
    )
    counted = of_caller.group_by("day", "queue").agg(
        pl.col("batch").max(), callers=pl.len().cast(pl.Float64), callers_lost=pl.col("lost").sum().cast(pl.Float64)
    )
    return counted.unpivot(index=["day", "queue", "batch"], variable_name="measure", value_name="amount")


def _amounts(thresholds: Sequence[float]) -> list[pl.Expr]:
    outcome, wait = pl.col("outcome"), pl.col("wait")
    answered, lost = outcome == "answered", outcome.is_in(LOST)
    handled = answered & pl.col("talk").is_not_null()
    amounts = {name: (outcome == name).sum() for name in OUTCOMES}
    amounts["callback_unreached"] = ((outcome == "callback") & ~pl.col("reached")).sum()
    amounts["offered"] = outcome.is_in(OFFERED).sum()
    for each in thresholds:
        amounts[f"abandoned_within{SPLIT}{each}"] = (lost & (wait <= each)).sum()
        amounts[f"abandoned_below{SPLIT}{each}"] = (lost & (wait < each)).sum()
        amounts[f"abandoned_over{SPLIT}{each}"] = lost.sum() - (lost & (wait <= each)).sum()
        amounts[f"answered_within{SPLIT}{each}"] = (answered & (wait <= each)).sum()
    for name, which in (("answered", answered), ("abandoned", lost)):
        amounts[f"wait_{name}"] = wait.filter(which).sum()
        amounts[f"{name}_timed"] = (which & wait.is_not_null()).sum()
    amounts |= {name: pl.col(name).filter(handled).sum() for name in ("talk", "hold", "wrap")}
    amounts["handled"] = handled.sum()
    amounts["longest_wait"] = wait.filter(outcome.is_in(OFFERED)).max()
    return [amount.cast(pl.Float64).alias(name) for name, amount in amounts.items()]
