"""Back-test of the model: forecasts, scores and failed assumptions, in tables, charts and words."""

from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from kcas.calibration.backtest.run import FEWEST_CALLS
from kcas.reporting import words
from kcas.reporting.calibration_tables import as_day
from kcas.reporting.charts import (
    LEGEND,
    Chart,
    Palette,
    by_value,
    day_axis,
    equal,
    field,
    layer,
    layered,
    percent_axis,
    tooltip,
)

_Report = Mapping[str, Any]
_NAMES = {
    "model": "Fitted model",
    "same weekday": "Same weekday's average",
    "erlang a": "Erlang A, hour by hour",
    "regression": "Regression on calls",
}
SUPPOSED = {"volume": "arrivals", "handling": "handling", "staff": "staffing"}
"""Which assumption is not needed where a fact is given."""
_OUTSIDE = "outside"


def backtest_sentence(report: _Report) -> str:
    """How far the model would have been out, how often its interval held, and whether simple rules did better."""
    scores = report["scores"]
    model = scores["model"]
    inside = words.percent(model["coverage_95"], places=0)
    return (
        f"Over {counted(model['days'], 'day')} that it had not seen, the model was out by "
        f"{in_points(model['mean_absolute_error'])} percentage points of the day's abandonment rate on average, and "
        f"the rate came inside its 95% interval on {model['inside_95']} of them ({inside}); {against(scores)}."
    )


def against(scores: Mapping[str, Any]) -> str:
    """Which of the simple rules it was closer than."""
    mine = scores["model"]["mean_absolute_error"]
    errors = {name: score["mean_absolute_error"] for name, score in scores.items() if name != "model"}
    said = {name: f"{baseline_words(name)} ({in_points(error)})" for name, error in errors.items()}
    beaten = [said[name] for name, error in errors.items() if mine < error]
    better = [said[name] for name, error in errors.items() if mine >= error]
    if not better:
        return f"it was closer than each simple rule: {words.listed(beaten)}"
    if not beaten:
        return f"no simple rule was further out: {words.listed(better)}"
    return f"it was closer than {words.listed(beaten)}, but not than {words.listed(better)}"


def baseline_words(name: str) -> str:
    """A rule's name inside a sentence."""
    return _NAMES[name] if name == "erlang a" else f"the {_NAMES[name][0].lower()}{_NAMES[name][1:]}"


def setting(report: _Report) -> str:
    """How it was asked."""
    first, last = as_day(report["days"][0]["day"]), as_day(report["days"][-1]["day"])
    how = (
        "fitted again each week to the days before it"
        if report["rolling"]
        else f"fitted once, to the days until {words.short_day(as_day(report['fitted_until']))}"
    )
    given = f"given of each day: {words.listed(report['given'])}" if report["given"] else "nothing given of the days"
    return f"{counted(len(report['days']), 'day')} forecast and observed, {words.days(first, last)}; {how}; {given}."


def frame(report: _Report) -> pl.DataFrame:
    """The days as rows for the chart, with their texts."""
    rows = [row_of(each) for each in report["days"]]
    return pl.DataFrame(rows, infer_schema_length=None)


def row_of(each: _Report) -> dict[str, Any]:
    """One day."""
    rate, day = each["foretold"]["rate"], as_day(each["day"])
    inside = rate["low95"] <= each["rate"] <= rate["high95"]
    marks = [_OUTSIDE] * (not inside) + (["holiday"] if each["holiday"] else ["odd"] * each["odd"])
    return {
        "day": day, "when": words.short_day(day), "rate": each["rate"], "inside": inside, "middle": rate["middle"],
        "low80": rate["low80"], "high80": rate["high80"], "low95": rate["low95"], "high95": rate["high95"],
        "halves": words.counts_words(each["abandoned"], each["offered"]), "rate_text": words.percent(each["rate"]),
        "middle_text": words.percent(rate["middle"]), "interval80": words.interval(rate["low80"], rate["high80"]),
        "interval95": words.interval(rate["low95"], rate["high95"]), "marks": ", ".join(marks),
    }  # fmt: skip


def days(report: _Report) -> pl.DataFrame:
    """The days as a person reads them."""
    return frame(report).select(
        Day="when", **{"Abandoned of offered": "halves", "Observed": "rate_text", "Forecast (model)": "middle_text",
                       "80% interval": "interval80", "95% interval": "interval95", "Remark": "marks"},
    )  # fmt: skip


def scores(report: _Report) -> pl.DataFrame:
    """The model and its baseline forecasts in one table."""
    rows = [(_NAMES[name], score) for name, score in report["scores"].items()]
    return pl.DataFrame(
        {
            "Forecast by": [name for name, _ in rows],
            "Error": [in_points(score["mean_absolute_error"]) for _, score in rows],
            "Bias": [f"{100 * score['bias']:+.2f}".replace("-", "−") for _, score in rows],
            "Pinball loss": [in_points(score["pinball_loss"]) for _, score in rows],
            "In 80%": [coverage(score, "80") for _, score in rows],
            "In 95%": [coverage(score, "95") for _, score in rows],
        }
    )


def coverage(score: Mapping[str, Any], level: str) -> str:
    """How many days came inside, with both halves."""
    if score[f"inside_{level}"] is None:
        return "no interval"
    return f"{words.percent(score[f'coverage_{level}'], places=0)} ({score[f'inside_{level}']} of {score['days']})"


def scores_in_words(report: _Report) -> list[str]:
    """What the scores are, and how they are without the odd days."""
    every = report["days"]
    holidays = sum(each["holiday"] for each in every)
    odd = sum(each["odd"] for each in every) - holidays
    said = [
        f"{counted(len(every), 'day')}, each counting the same. Error: mean absolute difference of forecast and "
        "observed rate, in percentage points of abandoned of offered; bias: forecast less observed. Pinball loss: what "
        "quantiles cost that are too low or too high. In 80%, in 95%: days "
        "inside the interval, of all. The baseline forecasts are given the same facts as the model."
    ]
    if not holidays + odd:
        return [*said, "None of the days forecast was a holiday or odd (half its weekday's usual calls, or twice)."]
    left = f"{counted(holidays, 'holiday')} and {counted(odd, 'odd day')} (half their weekday's usual calls, or twice)"
    if not report["scores_ordinary_days"]:
        return [*said, f"Among the days forecast are {left}, and no other."]
    usual = report["scores_ordinary_days"]["model"]
    return [
        *said,
        f"Among the days forecast are {left}: forecast as any other day, left out of later patterns. Without them the "
        f"model's error is {in_points(usual['mean_absolute_error'])} points and {usual['inside_95']} of "
        f"{usual['days']} days lie in the 95% interval.",
    ]


def failed(report: _Report) -> str:
    """Which assumption failed, in a sentence; what was given of each day did the rate no harm."""
    names = [name for name, each in report["assumptions"].items() if each["fails"]]
    if not names:
        return "No assumption failed by itself: everything assumed was as forecast."
    given = {SUPPOSED[fact] for fact in report["given"]}
    said = [f"{name} (given here, so no harm to the rate)" if name in given else name for name in names]
    return f"Not as forecast, each tested by itself: {words.listed(said)}."


def assumptions(report: _Report) -> Iterator[str]:
    """Each assumption in a sentence, those that fail first."""
    every = sorted(report["assumptions"].values(), key=lambda each: not each["fails"])
    return (f"{each['words'][0].upper()}{each['words'][1:]}" for each in every)


def days_left_out(report: _Report) -> list[str]:
    """The days that were not forecast, and why."""
    if not report["left_out"]:
        return []
    named = words.listed([words.short_day(as_day(each)) for each in report["left_out"]])
    return [f"Not forecast, with fewer than {FEWEST_CALLS} calls or no such weekday before: {named}."]


def in_points(share: float) -> str:
    return f"{100 * share:.2f}"


def counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number or 'no'} {what}s"


INSIDE, BEYOND, FORETOLD = (
    "Observed",
    "Observed, outside the 95% interval",
    "Forecast (MODEL), with 80% and 95% interval",
)
KINDS = [INSIDE, BEYOND, FORETOLD]
WIDE = 640.0  # pixels that the days share, about: marks shrink where there are many, or bars would hide each other
NAMED = 12
"""Days outside that the words name; more are counted."""


def daily(days: pl.DataFrame, *, palette: Palette, height: int = 300) -> Chart:
    """Bars from low to high as forecast, broad for 80% and thin for 95%, and a mark for what came.

    Needs what `backtest_tables.frame` makes.
    """
    rows = _marked(days)
    each = WIDE / max(1, (days["day"][-1] - days["day"][0]).days)
    thin, broad, size = min(1.4, 0.5 * each), min(5.0, 0.9 * each), min(52.0, 10 + 6 * each)
    named = {"when": "Day", "rate_text": "Observed", "halves": "Abandoned of offered"}
    named |= {"middle_text": "Forecast (model)", "interval80": "80% interval", "interval95": "95% interval"}
    base = {"x": day_axis(days["day"]), "tooltip": tooltip(**named)}
    legend = {"legend": LEGEND | {"columns": 2}}
    inks = [palette.text, palette.abandoned, palette.answered]
    marks = {
        "y": field("value:Q", title="Abandoned, of offered", axis=percent_axis(), scale={"zero": True}),
        "color": by_value("which", KINDS, inks, **legend),
        "shape": by_value("which", KINDS, ["circle", "triangle-up", "square"], **legend),
    }
    bar = {"only": equal("which", FORETOLD), "color": palette.answered}
    layers = [
        layer(rows, "rule", base | {"y": "low95:Q", "y2": "high95"}, strokeWidth=thin, **bar),
        layer(rows, "rule", base | {"y": "low80:Q", "y2": "high80"}, strokeWidth=broad, opacity=0.45, **bar),
        layer(rows, "point", base | marks, filled=True, opacity=1, size=size),
    ]
    return layered(layers, palette=palette, height=height)


def _marked(days: pl.DataFrame) -> pl.DataFrame:
    """Each day twice: as it was observed, and as it was forecast."""
    observed = pl.when("inside").then(pl.lit(INSIDE)).otherwise(pl.lit(BEYOND))
    return pl.concat(
        [
            days.with_columns(which=observed, value="rate"),
            days.with_columns(which=pl.lit(FORETOLD), value="middle"),
        ]
    )


def daily_words(days: pl.DataFrame) -> str:
    """The same for those who cannot see it."""
    low, high = days["rate"].min(), days["rate"].max()
    outside = days.filter(~pl.col("inside"))["when"].to_list()
    named = words.listed(outside[:NAMED]) + (" and others" if len(outside) > NAMED else "") if outside else "none"
    return (
        f"Daily abandonment rate, observed and forecast by the model, {words.days(days['day'][0], days['day'][-1])}: "
        f"observed from {words.percent(float(low))} to {words.percent(float(high))}. "  # type: ignore[arg-type]
        f"Days outside the 95% interval: {len(outside)} of {days.height} ({named})."
    )
