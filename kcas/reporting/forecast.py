"""Forecast of days to come and its accuracy, in tables, charts and words, marked as modelled."""

from collections.abc import Iterator, Sequence

import polars as pl

from kcas.desk.units import clock
from kcas.forecasting.days_ahead import DayForecast
from kcas.forecasting.days_ahead_backtest import HorizonScore
from kcas.forecasting.half_hours import HalfHourForecast
from kcas.reporting import words
from kcas.reporting.charts import Chart, Palette, field, layer, layered, theme

FORECAST_NOT_OBSERVED = (
    "Forecast, not observed. Calls, handling time and agents come from the log's own days: weekday, holiday, place in "
    "the month, recent level. The rate comes from its own history. One day in five lies outside an 80% interval."
)
DAY_HEADINGS = ("Day", "Calls", "Calls, 80% interval", "Handling", "Agent hours", "Rate", "Rate, 80% interval")
HALF_HOUR_HEADINGS = ("Half-hour", "Calls", "Calls, 80% interval", "Agents")
SCORE_HEADINGS = ("Forecast of", "Forecasts", "Error", "Bias", "In 80%", "In 95%", "Best simple rule")
SCORES_IN_WORDS = (
    "Every day is forecast from the days before it. Error of calls: sum of absolute errors, of the calls that came. "
    "Error of a rate: mean absolute error in percentage points. Bias: forecast less observed. Holidays are left out."
)


def day_rows(days: Sequence[DayForecast]) -> Iterator[tuple[str, ...]]:
    """One row a day: calls, handling, agent hours, rate."""
    for each in days:
        yield (
            words.short_day(each.day), words.count(round(each.calls.value)),
            f"{each.calls.low80:,.0f} to {each.calls.high80:,.0f}", words.duration(each.handling),
            "n/a" if each.agent_hours is None else f"{each.agent_hours:,.1f}", words.percent(each.rate.value),
            f"{words.percent(each.rate.low80)} to {words.percent(each.rate.high80)}",
        )  # fmt: skip


def half_hour_rows(half_hours: Sequence[HalfHourForecast]) -> Iterator[tuple[str, ...]]:
    """One row a half-hour: calls and agents."""
    for each in half_hours:
        yield (
            f"{words.short_day(each.day.day)} {clock(each.begins)}", f"{each.calls.value:,.1f}",
            f"{each.calls.low80:,.0f} to {each.calls.high80:,.0f}",
            "n/a" if each.agents is None else f"{each.agents:,.1f}",
        )  # fmt: skip


def score_rows(scores: Sequence[HorizonScore]) -> Iterator[tuple[str, ...]]:
    """One row a horizon: the error, and that of the best of the simple rules."""
    for each in scores:
        rule, error = min(each.baseline_error.items(), key=lambda named: named[1])
        unit = " points" if each.by == "rate" else "%"
        ahead = "1 day ahead" if each.horizon_days == 1 else f"{each.horizon_days} days ahead"
        of = {"day": "Calls of the day", "half-hour": "Calls of the half-hour", "rate": "Rate of the day"}[each.by]
        yield (
            f"{of}, {ahead}", words.count(each.forecasts), f"{100 * each.error:.1f}{unit}",
            f"{100 * each.bias:+.1f}{unit}", words.percent(each.in80), words.percent(each.in95),
            f"{rule}: {100 * error:.1f}{unit}",
        )  # fmt: skip


def calls_chart(rows: pl.DataFrame, *, palette: Palette, height: int = 300) -> Chart:
    """Calls expected, a line, with 80% and 95% prediction intervals as bands. Needs start, calls and their ends."""
    base = {"x": field("start:T", title=None)}
    calls = field("calls:Q", title="Calls offered (forecast)", scale={"zero": True})
    broad, narrow = {"y": "calls_low95:Q", "y2": "calls_high95"}, {"y": "calls_low80:Q", "y2": "calls_high80"}
    layers = [
        layer(rows, "area", base | broad, color=palette.offered, opacity=0.25),
        layer(rows, "area", base | narrow, color=palette.offered, opacity=0.35),
        layer(rows, "line", base | {"y": calls}, color=palette.text),
    ]
    return layered(layers, palette=palette, height=height)


def scores_chart(scores: Sequence[HorizonScore], *, palette: Palette) -> Chart:
    """The error of each method, by quantity and horizon."""
    rows = [
        {"of": each.by, "days ahead": each.horizon_days, "method": name, "error": error}
        for each in scores
        for name, error in {"kcas": each.error, **each.baseline_error}.items()
    ]
    error = field("error:Q", title="Error", axis={"format": "%"})
    bars = {"mark": {"type": "bar", "color": palette.answered},
            "encoding": {"x": error, "y": field("method:N", title=None)}}  # fmt: skip
    places = {"row": field("of:N", title=None), "column": field("days ahead:O")}
    spec = {"config": theme(palette), "data": {"name": "scores"}, "facet": places, "spec": bars}
    return Chart(spec, {"scores": pl.DataFrame(rows)})


def next_day(days: Sequence[DayForecast]) -> str:
    """The first day forecast, in a sentence."""
    if not days:
        return "No day in this time has calls, by the opening hours or the log's own weekdays."
    first = days[0]
    return (
        f"About {words.count(round(first.calls.value))} calls on {words.day(first.day)}: {first.calls.low80:,.0f} to "
        f"{first.calls.high80:,.0f} on eight days of ten. Rate {words.percent(first.rate.value)}, between "
        f"{words.percent(first.rate.low80)} and {words.percent(first.rate.high80)} (forecast)."
    )


def forecast_chart_words(days: Sequence[DayForecast]) -> str:
    """The chart for those who cannot see it."""
    if not days:
        return "No days to show."
    most, least = max(days, key=lambda each: each.calls.value), min(days, key=lambda each: each.calls.value)
    return (
        f"Calls forecast for {words.days(days[0].day, days[-1].day)}, with 80% and 95% intervals: from "
        f"{words.count(round(least.calls.value))} on {words.short_day(least.day)} to "
        f"{words.count(round(most.calls.value))} on {words.short_day(most.day)}."
    )


def forecast_table(days: Sequence[DayForecast], half_hours: Sequence[HalfHourForecast]) -> pl.DataFrame:
    """The rows in words, by half-hour where there are any."""
    rows = list(half_hour_rows(half_hours) if half_hours else day_rows(days))
    return _frame(rows, HALF_HOUR_HEADINGS if half_hours else DAY_HEADINGS)


def score_table(scores: Sequence[HorizonScore]) -> pl.DataFrame:
    """The scores in words."""
    return _frame(list(score_rows(scores)), SCORE_HEADINGS)


def _frame(rows: Sequence[Sequence[str]], headings: Sequence[str]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict.fromkeys(headings, pl.String), orient="row")
