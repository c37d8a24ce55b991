"""Nowcast in sentences and a chart, marked as modelled."""

from collections.abc import Mapping, Sequence
from datetime import date, time, timedelta
from typing import Any

import polars as pl

from kcas.forecasting.nowcast import NowcastResult
from kcas.forecasting.nowcast_backtest import LeftOut, Score
from kcas.reporting import words
from kcas.reporting.charts import AXIS_SIZE, Chart, Palette, field, layer, layered, percent_axis, tooltip

MODEL = "Model: the rest of the day is simulated from who waits and who is there; it is not known."


def nowcast_sentences(seen: NowcastResult) -> list[str]:
    """The day so far, how it is likely to end, and what one more agent would do."""
    today, end = seen.today, seen.ending
    so_far = f"{words.counts_words(end.numerator_so_far, end.denominator_so_far)}"
    rate = end.numerator_so_far / end.denominator_so_far if end.denominator_so_far else None
    eighty, ninety_five = end.within(0.8), end.within(0.95)
    return [
        f"{words.day(today.day)} by {words.clock(today.now)}: {words.percent(rate)} so far ({so_far}); "
        f"{standing(seen)}.",
        f"The day is likely to end at about {words.percent(end.likely)}: between {words.percent(eighty[0])} and "
        f"{words.percent(eighty[1])} on eight days of ten, {words.percent(ninety_five[0])} and "
        f"{words.percent(ninety_five[1])} on 95 of 100.",
        one_more(seen),
        busyness(seen),
    ]


def standing(seen: NowcastResult) -> str:
    """Who waits, and who is there."""
    today = seen.today
    waiting = len(today.waited)
    queue = (
        f"{waiting} waiting, the longest for {words.duration(float(today.waited[0]))}" if waiting else "no one waits"
    )
    return (
        f"{queue}; {len(today.talking)} agents on a call, {len(today.done)} more had one in the last quarter of an hour"
    )


def one_more(seen: NowcastResult) -> str:
    """What one more agent from now on would do."""
    found = seen.ending.one_more
    if found.mean is None:
        return "What one more agent would do cannot be said."
    reach = "" if found.low is None or found.high is None else (
        f" (95% interval of the mean {words.signed(found.low)} to {words.signed(found.high)})"
    )  # fmt: skip
    return (
        f"One more agent from now on would move the day's rate by {words.signed(found.mean)} points on average{reach}."
    )


def busyness(seen: NowcastResult) -> str:
    """How busy the day is against its weekday's usual."""
    weekday = words.WEEKDAYS[seen.today.day.weekday()]
    away = 100 * (seen.expected.factor - 1)
    if abs(away) < 1:
        return f"So far it is as busy as such a {weekday} usually is."
    return f"So far it is {abs(away):.0f}% {'busier' if away > 0 else 'quieter'} than such a {weekday} usually is."


def not_over(half_hours: pl.DataFrame, *, day: date, at: time, closes: float | None) -> bool:
    """Whether the desk still works at that time: by its hours, or by when calls of the same weekday usually ended."""
    now = at.hour * 3600 + at.minute * 60
    if closes is None:
        start = pl.col("start")
        same = half_hours.filter(start.dt.date() < day, start.dt.weekday() == day.isoweekday(), pl.col("offered") > 0)
        last = same.group_by(start.dt.date().alias("day")).agg(start.dt.time().max())["start"]
        if last.is_empty():
            return False
        usual = sorted(last.to_list())[len(last) // 2]
        closes = usual.hour * 3600 + usual.minute * 60
    return now < closes


def nowcast_chart(report: Mapping[str, Any], *, palette: Palette, height: int = 190) -> Chart:
    """The rate so far, and the final rate with both its bounds, each with its number. Needs what `document` makes."""
    row = field("label:N", sort=None, title=None, axis={"domain": False, "ticks": False, "labelLimit": 0})
    base = {"y": row, "tooltip": tooltip(label="What", text="Share abandoned")}
    rate = field("rate:Q", title="Share abandoned", axis=percent_axis(), scale={"zero": True})
    shape = field("label:N", sort=None, legend=None, scale={"range": ["square", "circle"]})
    broad, narrow = {"x": "low:Q", "x2": "high"}, {"x": "inner_low:Q", "x2": "inner_high"}
    frame, ink = _nowcast_rows(report), palette.abandoned
    layers = [
        layer(frame, "rule", base | broad, color=ink, strokeWidth=2),
        layer(frame, "rule", base | narrow, color=ink, strokeWidth=7, opacity=0.6),
        layer(frame, "point", base | {"x": rate, "shape": shape}, color=ink, filled=True, opacity=1, size=90),
        layer(frame, "text", base | {"x": "rate:Q", "text": "text:N"}, color=palette.text, dy=-14, fontSize=AXIS_SIZE),
    ]
    return layered(layers, palette=palette, height=height)


def _nowcast_rows(report: Mapping[str, Any]) -> pl.DataFrame:
    """The two rows of the chart."""
    final, done = report["final"], report["so_far"]
    likely, eighty, ninety_five = final["likely"], final["within_80"], final["within_95"]
    so_far = done["numerator"] / done["denominator"] if done["denominator"] else None
    return pl.DataFrame(
        {
            "label": ["So far", "Whole day (model)"],
            "rate": [so_far, likely],
            "low": [None, ninety_five[0]],
            "high": [None, ninety_five[1]],
            "inner_low": [None, eighty[0]],
            "inner_high": [None, eighty[1]],
            "text": [
                words.percent(so_far),
                f"{words.percent(likely)}, {words.percent(ninety_five[0])} to {words.percent(ninety_five[1])}",
            ],
        },
        schema_overrides=dict.fromkeys(("rate", "low", "high", "inner_low", "inner_high"), pl.Float64),
    )


def score_rows(scores: list[Score]) -> list[tuple[str, ...]]:
    """The figures of a back-test, a row a time of day."""
    return [
        (
            words.clock(each.now), words.count(each.days), *(f"{100 * error:.1f}" for error in (
                each.error, each.error_so_far, each.error_usual)),
            words.percent(each.coverage_80, places=0), words.percent(each.coverage_95, places=0),
            f"{100 * each.width_95:.1f}", words.signed(each.bias),
        )
        for each in scores
    ]  # fmt: skip


HEADINGS = (
    "forecast at", "days", "error, points", "if so far continues", "if rest is usual", "in 80%", "in 95%",
    "width of 95%", "bias",
)  # fmt: skip
SCORES_IN_WORDS = (
    "Error: mean absolute difference of the forecast and the observed final rate, in percentage points; beside it the "
    "errors of saying that the rate so far continues, and that the rest goes as its weekday's rest did on average.",
    "In 80%, in 95%: the share of days whose actual rate lay within the interval. Each day is fitted to the six "
    "weeks before its week, and nothing after the moment is looked at.",
)


def left_out(days: Sequence[LeftOut], *, of: int) -> list[str]:
    """How many days could not be forecast, which, when and why; nothing where there are none."""
    if not days:
        return []
    alike: dict[tuple[str, tuple[float, ...]], list[date]] = {}
    for each in days:
        alike.setdefault((each.reason, each.times), []).append(each.day)
    told = [
        f"{'; '.join(runs(those))} (at {words.listed([words.clock(time) for time in times])}: {reason})"
        for (reason, times), those in alike.items()
    ]
    return [f"Not forecast, {len({each.day for each in days})} of {of} days with calls: {'; '.join(told)}."]


def runs(days: Sequence[date]) -> list[str]:
    """Days in order, those that follow one another as one stretch."""
    stretches: list[list[date]] = []
    for each in days:
        if stretches and each - stretches[-1][-1] == timedelta(days=1):
            stretches[-1].append(each)
        else:
            stretches.append([each])
    return [words.days(each[0], each[-1]) for each in stretches]
