"""Interval tables from a switch: counts by half-hour, without calls.

Its rows enter as tallies. What it does not tell stays null, and a row that does not lie within one group is left
out and said, never shared out between two.
"""

from dataclasses import dataclass

import polars as pl

from kcas.calls.call import INTERVAL_SCHEMA, LOST, OFFERED, OUTCOMES
from kcas.calls.definitions import Definition, ServiceLevel
from kcas.calls.desk_day import day_start
from kcas.calls.grouping import Groups, in_group
from kcas.calls.histogram import COUNTS, TOTALS, added
from kcas.calls.query import Query

OF_CALLERS = ("callers", "callers_lost")  # of a day, and not to be added up: see callers.py
CELL = ("start", "end", "queue")


@dataclass(frozen=True)
class Tabled:
    """The tally of the rows that fit, how many intervals did not, and how many that did came as a switch's table."""

    tally: pl.DataFrame
    left_out: int
    own: int


def chosen_intervals(intervals: pl.LazyFrame | None, ask: Query) -> tuple[pl.DataFrame, int]:
    """The rows of interval tables within these days and queues, and how many intervals reach beyond the days."""
    if intervals is None:
        return pl.DataFrame(schema=INTERVAL_SCHEMA), 0
    zone, begins = ask.standard.time_zone, ask.standard.day_begins
    touching, whole = pl.lit(True), pl.lit(True)
    if ask.since:
        first = day_start(ask.since, zone=zone, begins=begins)
        touching, whole = touching & (pl.col("end") > first), whole & (pl.col("start") >= first)
    if ask.until:
        stop = day_start(ask.until, zone=zone, begins=begins)
        touching, whole = touching & (pl.col("start") < stop), whole & (pl.col("end") <= stop)
    if ask.queues:
        touching = touching & pl.col("queue").is_in(list(ask.queues))
    rows = intervals.filter(touching).with_columns(whole.alias("whole")).collect()
    reaching = rows.filter(~pl.col("whole") & ~pl.col("measure").is_in(OF_CALLERS))
    beyond = reaching.select(pl.struct(CELL).n_unique()).item()
    return rows.filter("whole").drop("whole"), beyond


def tabled(intervals: pl.DataFrame, ask: Query, *, groups: Groups | None) -> Tabled:
    """The tally of an interval table's rows, each whole in the one group it lies in."""
    of_calls = intervals.filter(~pl.col("measure").is_in(OF_CALLERS))
    cells = derived(measure_columns(of_calls, definition=ask.definition, service_level=ask.service_level))
    placed = in_group(cells, groups, by=ask.by)
    held = placed.join(of_calls.filter(~of_our_calls(of_calls)).select(CELL).unique(), on=CELL, how="semi").height
    return Tabled(added([placed], keys=ask.keys), cells.height - placed.height, held)


def of_our_calls(intervals: pl.DataFrame) -> pl.Expr:
    """Whether a row was made here, of calls since forgotten, and so counts as calls do."""
    return pl.col("of_calls").fill_null(value=False) if "of_calls" in intervals.columns else pl.lit(False)


def untold_in_part(intervals: pl.DataFrame) -> pl.DataFrame:
    """What a switch's table tells of some of a queue's intervals and not of others: `measure`, `start` of those."""
    own = intervals.filter(~of_our_calls(intervals), ~pl.col("measure").is_in(OF_CALLERS))
    cells = own.select(CELL).unique()
    measures = own.select("queue", "measure", "threshold").unique()
    every = cells.join(measures, on="queue")
    left = every.join(own, on=[*CELL, "measure", "threshold"], how="anti", nulls_equal=True)
    return left.select("measure", "start").unique().sort("start", "measure")


def measure_columns(intervals: pl.DataFrame, *, definition: Definition, service_level: ServiceLevel) -> pl.DataFrame:
    """One row an interval and queue, with a column for each thing the table may tell; null where it does not."""
    plain = [*OUTCOMES, "offered", "abandoned_total", "wait_answered", "wait_abandoned", "talk", "hold", "wrap"]
    plain += ["answered_timed", "abandoned_timed", "handled", "callback_unreached"]
    columns = [_amount(name).alias(name) for name in plain]
    columns.append(pl.col("amount").filter(pl.col("measure") == "longest_wait").max().alias("longest_wait"))
    for name, limit, equal in (
        ("short", definition.short, definition.equal_is_short),
        ("within", service_level.within, True),
        ("within_short", service_level.short, service_level.equal_is_short),
    ):
        columns += gone_and_stayed(name, limit, equal=equal)
    columns.append(_amount("answered_within", threshold=service_level.within).alias("answered_within"))
    columns.append(_amount("abandoned_over", any_threshold=True).alias("over_some"))
    return intervals.group_by(*CELL, maintain_order=True).agg(columns)


def gone_and_stayed(name: str, limit: float | None, *, equal: bool) -> list[pl.Expr]:
    """Who abandoned within a limit, and who later; a table that says "or less" says nothing of "less than"."""
    gone = _amount("abandoned_within" if equal else "abandoned_below", threshold=limit)
    stayed = _amount("abandoned_over", threshold=limit) if equal else pl.lit(None, dtype=pl.Float64)
    return [gone.alias(f"{name}_gone"), stayed.alias(f"{name}_stayed")]


def _amount(measure: str, *, threshold: float | None = None, any_threshold: bool = False) -> pl.Expr:
    """What an interval tells of one measure, null where it tells nothing."""
    rows = pl.col("measure") == measure
    if any_threshold:
        return pl.col("amount").filter(rows).max()
    if threshold is not None:
        rows &= pl.col("threshold") == threshold
    amount = pl.col("amount").filter(rows)
    return pl.when(amount.count() > 0).then(amount.sum())


def derived(cells: pl.DataFrame) -> pl.DataFrame:
    """A tally's columns from what the table tells, by adding and taking away and nothing else."""
    lost = pl.sum_horizontal(LOST, ignore_nulls=False)
    # a table that never tells those who hung up while a phone rang has counted them among its abandoned
    in_one = pl.when(pl.col("abandoned_ringing").is_null().all().over("queue")).then(pl.col("abandoned"))
    cells = cells.with_columns(
        abandoned_all=pl.coalesce("abandoned_total", lost, in_one),
        handled=pl.coalesce("handled", pl.when(pl.col("talk").is_not_null()).then(pl.col("answered"))),
        callback_unreached=pl.coalesce("callback_unreached", pl.when(pl.col("callback") == 0).then(pl.lit(0.0))),
        handle=pl.col("talk") + pl.col("hold").fill_null(0.0) + pl.col("wrap").fill_null(0.0),
        answered_waits=pl.coalesce(
            "answered_timed", pl.when(pl.col("wait_answered").is_not_null()).then(pl.col("answered"))
        ),
    )
    cells = cells.with_columns(
        offered=pl.coalesce("offered", pl.sum_horizontal(OFFERED, ignore_nulls=False)),
        abandoned_waits=pl.coalesce(
            "abandoned_timed", pl.when(pl.col("wait_abandoned").is_not_null()).then(pl.col("abandoned_all"))
        ),
        abandoned_over=pl.coalesce("short_stayed", pl.col("abandoned_all") - pl.col("short_gone")),
        abandoned_short=pl.coalesce("short_gone", pl.col("abandoned_all") - pl.col("short_stayed")),
        abandoned_within=pl.coalesce("within_gone", pl.col("abandoned_all") - pl.col("within_stayed")),
        abandoned_within_short=pl.coalesce(
            "within_short_gone", pl.col("abandoned_all") - pl.col("within_short_stayed")
        ),
        wait_not_known=pl.coalesce(pl.col("answered") - pl.col("answered_timed"), pl.lit(0.0))
        + pl.coalesce(lost - pl.col("abandoned_timed"), pl.lit(0.0)),
    )
    others = [outcome for outcome in OFFERED if outcome not in LOST]
    explained = pl.sum_horizontal(others) + pl.coalesce("abandoned_all", "abandoned", "over_some", pl.lit(0.0))
    cells = cells.with_columns(unexplained=pl.col("offered") - explained)
    return cells.select(*CELL, *COUNTS, *TOTALS, "longest_wait")
