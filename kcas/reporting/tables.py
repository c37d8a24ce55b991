"""Tables for people, from frames of counts.

Text columns and cells that a spreadsheet or browser must not run.
"""

import re
from collections.abc import Callable, Collection
from datetime import date, datetime
from typing import Any

import polars as pl

from kcas.calls.definitions import Definition
from kcas.desk.standard import Standard, Target
from kcas.monitoring.between_days import FEWEST_DAYS
from kcas.reporting import period_comparison, words
from kcas.reporting.palettes import Palette

FORMULA = "^[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20\u2212]"
"""A first character that makes a spreadsheet take text for a formula: the list of OWASP's page on CSV injection, with
the full-width forms that some locales take for the plain ones, and the minus sign. Quoting does not help."""

_FORMULA = re.compile(FORMULA)


def as_text(text: str) -> str:
    """The text as it may stand in a CSV: with an apostrophe where a spreadsheet would run it."""
    return "'" + text if _FORMULA.match(text) else text


def text(rows: pl.DataFrame, column: str, write: Callable[[Any], str], *, nulls: bool = False) -> pl.Series:
    """A column in words; a null stays one, unless `nulls` hands them to the function too."""
    values = rows[column].to_list()
    return pl.Series(
        column, [None if value is None and not nulls else write(value) for value in values], dtype=pl.String
    )


def text_of_both(rows: pl.DataFrame, first: str, second: str, write: Callable[[Any, Any], str]) -> pl.Series:
    """Two columns in words together; nulls are handed to the function."""
    both = zip(rows[first].to_list(), rows[second].to_list(), strict=True)
    return pl.Series(first, [write(one, other) for one, other in both], dtype=pl.String)


FEW = 20
"""No rate is made of fewer calls than this: it would say more about random variation than about the desk."""


def with_texts(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with their rate, halves and interval as text."""
    return rows.with_columns(
        rate_text=text(rows, "rate", words.percent, nulls=True),
        halves=text_of_both(rows, "numerator", "denominator", words.counts_words),
        interval_text=text_of_both(rows, "low", "high", words.interval),
    )


def days(rows: pl.DataFrame) -> pl.DataFrame:
    """Daily rows, which have `day`, with their texts."""
    return with_texts(rows.with_columns(when=text(rows, "day", words.day)))


def rated(days: pl.DataFrame) -> pl.DataFrame:
    """The days with calls enough for a rate to be drawn."""
    return days.filter(pl.col("denominator") >= FEW)


def weeks(days: pl.DataFrame, *, missing: Collection[date] = ()) -> pl.DataFrame:
    """The weeks that days add up to, the latest first, as a person reads them."""
    monday = pl.col("day").dt.truncate("1w").alias("week")
    rows = period_comparison.add_up(days, by=[monday]).sort("week", descending=True)
    table = _counts_table(rows, **{"Week from": text(rows, "week", words.short_day)})
    return with_missing(table, rows["week"], missing, stretch="1w")


def months(rows: pl.DataFrame, *, missing: Collection[date] = ()) -> pl.DataFrame:
    """Monthly rows, the latest first, as a person reads them."""
    rows = rows.reverse()
    table = _counts_table(rows, Month=pl.col("start").dt.strftime("%B %Y"))
    return with_missing(table, rows["start"].dt.date(), missing, stretch="1mo")


def with_missing(table: pl.DataFrame, starts: pl.Series, missing: Collection[date], *, stretch: str) -> pl.DataFrame:
    """The table with how many open days the log lacks of each week or month, if it lacks any at all."""
    if not missing:
        return table
    lost = pl.Series("start", sorted(missing), dtype=pl.Date).dt.truncate(stretch).value_counts(name="lost")
    found = pl.DataFrame({"start": starts}).join(lost, on="start", how="left", maintain_order="left")
    return table.with_columns(found["lost"].fill_null(0).cast(pl.Int64).alias("Days missing"))


def _counts_table(rows: pl.DataFrame, **named: pl.Expr | pl.Series) -> pl.DataFrame:
    """Counts and rate of each row, named by its first column."""
    return with_texts(rows).select(
        **named,
        Offered="offered",
        Answered="answered",
        Abandoned="abandoned_all",
        Rate="rate_text",
        **{"Made of": "halves", "95% interval": "interval_text"},
    )


def volumes(rows: pl.DataFrame) -> pl.DataFrame:
    """Daily rows made long: offered, answered and abandoned (ringing included), a row each."""
    kinds = {"Offered": "offered", "Answered": "answered", "Abandoned": "abandoned_all"}
    long = pl.concat(
        [
            rows.select("day", "when", what=pl.lit(kind), calls=pl.col(column).cast(pl.Int64))
            for kind, column in kinds.items()
        ]
    )
    return long.with_columns(calls_text=text(long, "calls", words.count))


def cells(half_hours: pl.DataFrame, *, palette: Palette, begins: int = 0) -> pl.DataFrame:
    """Half-hours of every week added up into one week, ready for the heat map.

    Cells of fewer than FEW calls keep their counts in the tooltip and show a dot in place of a rate; times of day at
    which no weekday has so many are left out.
    """
    placed = half_hours.with_columns(
        weekday=period_comparison.desk_day(half_hours, begins=begins)
        .dt.weekday()
        .replace_strict(dict(enumerate(words.WEEKDAYS, 1)), return_dtype=pl.String),
        half_hour=pl.col("start").dt.strftime("%H:%M"),
    )
    week = with_texts(period_comparison.add_up(placed, by=["weekday", "half_hour"])).filter(pl.col("denominator") > 0)
    enough = pl.col("denominator") >= FEW
    top = max(week.filter(enough)["rate"].max() or 0.0, 0.05)
    last = len(palette.steps) - 1
    whole = (pl.col("rate") * 100).round().cast(pl.Int64).cast(pl.String) + "%"
    return week.filter(enough.any().over("half_hour")).with_columns(
        step=pl.when(enough).then((pl.col("rate") / top * last).round().cast(pl.Int64)).otherwise(0),
        label=pl.when(enough).then(whole).otherwise(pl.lit("·")),
    )


def worst(half_hours: pl.DataFrame, *, most: int = 10, begins: int = 0) -> pl.DataFrame:
    """The half-hours that were surely bad: highest lower end of the interval first, at least FEW calls."""
    found = half_hours.filter(pl.col("denominator") >= FEW).sort("low", "denominator", descending=True).head(most)
    day = period_comparison.desk_day(found, begins=begins)
    return with_texts(found).with_columns(day=day, when=text(found, "start", half_hour))


def half_hour(start: datetime) -> str:
    """A half-hour in little room: "Mon 1 Mar 1999, 10:00"."""
    return f"{words.short_day(start)}, {words.clock(start)}"


def lost_name(definition: Definition) -> str:
    """What a rate is a share of, in a sentence."""
    others = {"unanswered": "of calls not answered", "lost_callers": "of callers not answered that day"}
    return others.get(definition.key, "of calls abandoned")


def headline(period: period_comparison.Period, *, name: str) -> str:
    """The one sentence a manager looks for: the rate, its halves, its interval; or why there is none."""
    now = period.now
    if now.rate is None:
        return no_rate(now)
    return (
        f"{words.percent(now.rate)} {name} on {words.day(now.last)}: "
        f"{words.counts_words(now.numerator, now.denominator)} (95% interval {words.interval(now.low, now.high)})."
    )


def no_rate(now: period_comparison.Sum) -> str:
    """Why a day has no rate: no calls, none that count, or counts that the log does not tell."""
    day = words.day(now.last)
    if now.offered == 0 and not now.denominator:
        return f"No calls were offered on {day}."
    if now.denominator == 0:
        return f"No rate for {day}: of {words.count(now.offered)} calls offered, none counts by this definition."
    return f"The rate for {day} cannot be calculated: the log does not tell all that this definition counts."


def period_name(period: period_comparison.Period) -> str:
    """What a card is called: "Yesterday" would be wrong of an older log, so its small print says the days."""
    return {"day": "The last day", "week": "The week so far", "month": "The month so far"}[period.name]


MORE_THAN_CHANCE = {
    True: " That is more than random variation.",
    False: " That may be random variation.",
}


def period_lines(period: period_comparison.Period, *, target: Target | None, beyond: bool = False) -> list[str]:
    """A card's small print: the halves, the same time before with its own, and the target with its source."""
    now, before = period.now, period.before
    lines = [
        f"{words.days(now.first, now.last)}: {words.counts_words(now.numerator, now.denominator)}, "
        f"{_interval_words(now)}."
    ]
    if before is None:
        lines.append(f"The log does not reach back to {period.before_name}.")
    elif period.difference is not None:
        lines.append(
            f"{words.points(period.difference).capitalize()} than {period.before_name}, "
            f"{words.days(before.first, before.last)}: {words.percent(before.rate)}, "
            f"{words.counts_words(before.numerator, before.denominator)}.{MORE_THAN_CHANCE[beyond]}"
        )
    if target is not None and target.at_most is not None and now.rate is not None:
        side = "Within" if now.rate <= target.at_most else "Above"
        lines.append(f"{side} the target of at most {words.percent(target.at_most)} ({target.source}).")
    return lines


def _interval_words(now: period_comparison.Sum) -> str:
    """The interval: of one day by its counts alone, of several from how far they differ, as in an evidence pack."""
    if now.first == now.last:
        return f"95% interval {words.interval(now.low, now.high)}"
    if now.low is None:
        few = (now.last - now.first).days + 1 < FEWEST_DAYS
        return "too few days for an interval between days" if few else "too few calls were lost for an interval"
    return f"95% interval between days {words.interval(now.low, now.high)}"


def rate_target(standard: Standard, definition: Definition) -> Target | None:
    """The standard's target for this very definition; a target for another says nothing of this rate."""
    for target in standard.targets:
        if target.measure == "rate" and (target.definition or standard.definition) == definition.key:
            return target
    return None


def not_available(rows: pl.DataFrame, *, key: str) -> list[str]:
    """Why this definition's rate could not be made, each reason once."""
    if "not_available" not in rows.columns:  # half-hours of calls added up: calls tell every count
        return []
    reasons = rows["not_available"].drop_nulls().str.split("; ").explode().unique(maintain_order=True)
    return [f"Not available: {reason}." for reason in reasons if reason.startswith(f"{key}:")]


def daily_words(days: pl.DataFrame) -> str:
    """What the daily chart shows, for those who cannot see it."""
    ranked = rated(days).sort("rate")
    if ranked.is_empty():
        return "No rate can be made of these days."
    top, bottom = ranked.row(-1, named=True), ranked.row(0, named=True)
    whole = period_comparison.summed(days, first=days["day"][0], last=days["day"][-1])
    return (
        f"Share abandoned each day: {words.percent(whole.rate)} over the period "
        f"({words.counts_words(whole.numerator, whole.denominator)}); "
        f"highest {top['rate_text']} on {top['when']}, lowest {bottom['rate_text']} on {bottom['when']}."
    )


def volume_words(days: pl.DataFrame) -> str:
    """What the chart of volumes shows, for those who cannot see it."""
    whole = period_comparison.summed(days, first=days["day"][0], last=days["day"][-1]) if days.height else None
    if whole is None:
        return "No calls on these days."
    return (
        f"Calls each day: {words.count(whole.offered)} offered, {words.count(whole.answered)} answered and "
        f"{words.count(whole.abandoned_all)} abandoned over the period."
    )


def week_words(cells: pl.DataFrame) -> str:
    """What the heat map shows, for those who cannot see it."""
    full = cells.filter(pl.col("denominator") >= FEW).sort("rate")
    if full.is_empty():
        return f"No half-hour of the week has {FEW} calls yet."
    top = full.row(-1, named=True)
    return (
        f"Share abandoned by weekday and half-hour: highest {top['rate_text']} ({top['halves']}) "
        f"on {top['weekday']}s from {top['half_hour']}."
    )


def csv(frame: pl.DataFrame) -> str:
    """The frame as CSV, every text safe to open in a spreadsheet."""
    texts = [name for name, dtype in frame.schema.items() if dtype == pl.String]
    return frame.with_columns(
        pl.when(pl.col(name).str.contains(FORMULA)).then("'" + pl.col(name)).otherwise(name).alias(name)
        for name in texts
    ).write_csv()
