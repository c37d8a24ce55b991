"""List of calls behind a figure, without callers or agents."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from kcas.calls.definitions import Definition
from kcas.calls.drill_down import BOTTOM, TOP, Slice, sliced, with_halves
from kcas.calls.rates import wilson
from kcas.reporting import words

EVERY_CALL = "all"
ON_SCREEN, MOST_ROWS = 2_000, 1_048_575
"""What one looks through; what a spreadsheet holds below its header."""


@dataclass(frozen=True)
class CallList:
    """The calls behind a number: how many, how they stand in the rate, and the latest of them to look at."""

    listed: int
    top: int
    bottom: int
    latest: pl.DataFrame


def marked(
    calls: pl.LazyFrame,
    part: Slice,
    *,
    definition: Definition,
    zone: str,
    begins: int = 0,
    everyone: pl.LazyFrame,
) -> pl.LazyFrame:
    """The calls of a part, each marked whether it is in the top and the bottom of the rate."""
    halves = with_halves(calls, definition=definition, zone=zone, begins=begins, everyone=everyone)
    return sliced(halves, part, zone=zone, begins=begins)


def call_list(marked: pl.LazyFrame, *, show: str, zone: str, files: Mapping[int, str]) -> CallList:
    """The marked calls to be shown, and how all of them stand in the rate."""
    halves = marked.select(pl.col(TOP, BOTTOM).sum())
    number = displayed_calls(marked, show).select(pl.len())
    latest = listed(marked, show=show, zone=zone, files=files, most=ON_SCREEN)
    rate, count, head = pl.collect_all([halves, number, latest])
    return CallList(count.item(), rate[TOP].item(), rate[BOTTOM].item(), head)


def displayed_calls(calls: pl.LazyFrame, show: str) -> pl.LazyFrame:
    """Only the calls to be shown: a half of the rate, an outcome, or all."""
    if show in (TOP, BOTTOM):
        return calls.filter(pl.col(show))
    return calls if show == EVERY_CALL else calls.filter(pl.col("outcome") == show)


def listed(marked: pl.LazyFrame, *, show: str, zone: str, files: Mapping[int, str], most: int) -> pl.LazyFrame:
    """The latest of the calls to be shown, with the file and line each came from."""
    local = pl.col("entered").dt.convert_time_zone(zone)
    return (
        displayed_calls(marked, show)
        .sort("entered", descending=True)
        .head(most)
        .select(
            When=local.dt.strftime("%Y-%m-%d %H:%M:%S %Z"),
            Day=local.dt.strftime("%a"),
            Queue="queue",
            Outcome=pl.col("outcome").cast(pl.String).str.replace_all("_", " "),
            **{"Waited (s)": "wait", "Talked (s)": "talk"},
            Kind="type",
            Lost=pl.when(pl.col(TOP)).then(pl.lit("counted")).otherwise(pl.lit("")),
            File=pl.col("batch").replace_strict(dict(files), default=None, return_dtype=pl.String),
            Line="line",
        )
    )


def behind_words(found: CallList, *, what: str) -> str:
    """How the listed calls stand to the rate: "37 of 466: 7.9%"."""
    rate = f"Of these filters' calls {words.counts_words(found.top, found.bottom)} are counted as lost"
    if found.bottom:
        low, high = wilson(found.top, found.bottom)
        rate += f": {words.percent(found.top / found.bottom)}, 95% interval {words.interval(low, high)}"
    return f"{words.count(found.listed)} listed: {what}. {rate}."
