"""What does a table say, and in what words? Frames of counts become frames that a person reads."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import polars as pl

from kcas.calls.call import OUTCOMES
from kcas.evidence import lately, words
from kcas.evidence.palettes import Palette

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
FEW = 20
"""No rate is made of fewer calls than this: it would say more about the dice than about the desk."""


def with_texts(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with their rate, halves and interval as text."""
    return rows.with_columns(
        rate_text=pl.col("rate").map_elements(words.percent, return_dtype=pl.String, skip_nulls=False),
        halves=pair("numerator", "denominator", words.halves),
        interval_text=pair("low", "high", words.interval),
    )


def pair(first: str, second: str, say: Callable[[Any, Any], str]) -> pl.Expr:
    """Two columns said together by a function of both."""
    return pl.struct(first, second).map_elements(lambda r: say(r[first], r[second]), return_dtype=pl.String)


def days(rows: pl.DataFrame) -> pl.DataFrame:
    """Daily rows with `day` and its texts. `start` is the local beginning of the day."""
    dated = rows.with_columns(day=pl.col("start").dt.date())
    return with_texts(dated.with_columns(when=pl.col("day").map_elements(words.day, return_dtype=pl.String)))


def volumes(rows: pl.DataFrame) -> pl.DataFrame:
    """Daily rows made long: offered, answered and abandoned (ringing included), a row each."""
    kinds = {"Offered": "offered", "Answered": "answered", "Abandoned": "lost"}
    lost = rows.with_columns(lost=pl.col("abandoned") + pl.col("abandoned_ringing"))
    long = pl.concat(
        [
            lost.select("day", "when", what=pl.lit(kind), calls=pl.col(column).cast(pl.Int64))
            for kind, column in kinds.items()
        ]
    )
    return long.with_columns(calls_text=pl.col("calls").map_elements(words.count, return_dtype=pl.String))


def cells(half_hours: pl.DataFrame, *, palette: Palette) -> pl.DataFrame:
    """Half-hours of every week added up into one week, ready for the heat map.

    Cells of fewer than FEW calls keep their counts in the tooltip and show a dot in place of a rate.
    """
    placed = half_hours.with_columns(
        weekday=pl.col("start").dt.weekday().replace_strict(dict(enumerate(words.WEEKDAYS, 1)), return_dtype=pl.String),
        half_hour=pl.col("start").dt.strftime("%H:%M"),
    )
    week = with_texts(lately.add_up(placed, by=["weekday", "half_hour"])).filter(pl.col("denominator") > 0)
    enough = pl.col("denominator") >= FEW
    top = max(week.filter(enough)["rate"].max() or 0.0, 0.05)
    last = len(palette.steps) - 1
    return week.with_columns(
        step=pl.when(enough).then((pl.col("rate") / top * last).round().cast(pl.Int64)).otherwise(0),
        label=pl.when(enough)
        .then((pl.col("rate") * 100).round().cast(pl.Int64).cast(pl.String) + "%")
        .otherwise(pl.lit("·")),
    )


def worst(half_hours: pl.DataFrame, *, most: int = 10) -> pl.DataFrame:
    """The half-hours that were surely bad: highest lower end of the interval first, at least FEW calls."""
    found = half_hours.filter(pl.col("denominator") >= FEW).sort("low", "denominator", descending=True).head(most)
    return with_texts(found).with_columns(
        day=pl.col("start").dt.date(), when=pl.col("start").map_elements(half_hour, return_dtype=pl.String)
    )


def half_hour(start: datetime) -> str:
    """A half-hour in little room: "Mon 1 Mar 1999, 10:00"."""
    return f"{words.short_day(start)}, {words.clock(start)}"


def headline(period: lately.Period, *, name: str) -> str:
    """The one sentence a manager looks for: the rate, its halves, its interval."""
    now = period.now
    if now.rate is None:
        return f"No calls were offered on {words.day(now.last)}."
    return (
        f"{words.percent(now.rate)} {name} on {words.day(now.last)}: "
        f"{words.halves(now.numerator, now.denominator)} (95% interval {words.interval(now.low, now.high)})."
    )


def reconciliation(row: dict[str, float]) -> str:
    """Offered in its parts, so that anyone may add them up."""
    parts = [
        f"{words.count(row[o])} {o.replace('_', ' ')}"
        for o in OUTCOMES
        if o in row and o not in ("left_ivr", "blocked")
    ]
    return f"{words.count(row['offered'])} offered = " + " + ".join(p for p in parts if not p.startswith("0 "))


def plain(text: str | None) -> str | None:
    """Text that a spreadsheet will not run as a formula."""
    return "'" + text if text and text.startswith(FORMULA_STARTS) else text


def csv(frame: pl.DataFrame) -> str:
    """The frame as CSV, every text safe to open in a spreadsheet."""
    texts = [name for name, dtype in frame.schema.items() if dtype == pl.String]
    return frame.with_columns(pl.col(name).map_elements(plain, return_dtype=pl.String) for name in texts).write_csv()
