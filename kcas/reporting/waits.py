"""Waits, patience and redials: tables, charts and words."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from kcas.calls.call import LOST, OFFERED
from kcas.calls.callers import RingsAgain, rings_again
from kcas.calls.patience import Hazard, Patience, patience
from kcas.calls.waits import Survival
from kcas.reporting import words
from kcas.reporting.charts import AXIS_SIZE, Chart, Palette, field, layer, layered, percent_axis, tooltip
from kcas.reporting.tables import FEW, text, text_of_both

WIDTHS = (5, 10, 15, 20, 30, 60, 120, 300, 600)
"""Widths of a bar, seconds; the narrowest that needs no more than MOST_BARS."""
MOST_BARS = 45
PACE = 10.0
"""Giving up is told as a share of those waiting in each 10 s: a share a second is too small to picture."""
NARROWEST = 5.0  # seconds; a slice cut narrower by the chart's edge is left out
READINGS = (0.9, 0.75, 0.5)
Z95 = 1.96


@dataclass(frozen=True)
class Waiting:
    """How callers waited, gave up, and called again; `again` is None where callers cannot be told apart."""

    longest: float
    bins: dict[str, pl.DataFrame]
    patience: Patience
    again: RingsAgain | None


def waiting(calls: pl.LazyFrame, *, zone: str, begins: int = 0, until: datetime | None) -> Waiting:
    """How the callers of these calls waited; who called again by the log's end, where that is given."""
    longest = longest_shown(calls)
    again = rings_again(calls, zone=zone, begins=begins, until=until) if until else None
    return Waiting(longest, wait_bins(calls, longest=longest), patience(calls), again)


def longest_shown(calls: pl.LazyFrame) -> float:
    """Up to what wait charts are drawn: 98 in 100 callers waited no longer; at least a minute."""
    waits = calls.filter(pl.col("outcome").is_in(OFFERED), pl.col("wait") > 0).select(pl.col("wait").quantile(0.98))
    return max(60.0, float(waits.collect(engine="streaming").item() or 0.0))


def bar_width(longest: float) -> int:
    """How many seconds a bar spans."""
    return next((width for width in WIDTHS if longest / width <= MOST_BARS), WIDTHS[-1])


def wait_bins(calls: pl.LazyFrame, *, longest: float) -> dict[str, pl.DataFrame]:
    """How many answered and abandoned callers waited how long, in bars; a last note says how many waited longer."""
    width = bar_width(longest)
    edge = (pl.col("wait") // width * width).alias("from")
    kinds = pl.when(pl.col("outcome") == "answered").then(pl.lit("Answered")).otherwise(pl.lit("Abandoned"))
    counted = (
        calls.filter((pl.col("outcome") == "answered") | pl.col("outcome").is_in(LOST), pl.col("wait").is_not_null())
        .group_by(kinds.alias("what"), edge)
        .agg(pl.len().alias("calls"))
        .sort("from")
        .collect(engine="streaming")
    )
    return {what: with_words(counted.filter(what=what), width=width) for what in ("Answered", "Abandoned")}


def with_words(bins: pl.DataFrame, *, width: int) -> pl.DataFrame:
    """Bars with their tooltips."""
    total = bins["calls"].sum()
    return bins.with_columns(
        to=pl.col("from") + width,
        wait_text=text(bins, "from", lambda start: f"{words.duration(start)} to under {words.duration(start + width)}"),
        calls_text=text(bins, "calls", words.count),
        share_text=text(bins, "calls", lambda calls: words.percent(calls / total)),
    )


def bins_words(bins: pl.DataFrame, *, what: str, longest: float) -> str:
    """What a chart of waits shows, for those who cannot see it, and what it leaves out."""
    if bins.is_empty():
        return f"No {what.lower()} call has a known wait."
    total, beyond = int(bins["calls"].sum()), int(bins.filter(pl.col("from") >= longest)["calls"].sum())
    fullest = bins.sort("calls", descending=True).row(0, named=True)
    said = (
        f"{what}: {words.count(total)} calls; the commonest wait is {fullest['wait_text']} ({fullest['calls_text']})."
    )
    return f"{said} {words.count(beyond)} waited longer than is drawn." if beyond else said


def give_up_times(rows: pl.DataFrame) -> pl.DataFrame:
    """By time of day: how soon those who gave up did, where FEW or more of them did."""
    told = rows.filter(pl.col("abandoned_all") >= FEW, pl.col("time_to_abandon_p50").is_not_null())
    return told.select(
        time_of_day="group",
        p50="time_to_abandon_p50",
        p90="time_to_abandon_p90",
        calls="abandoned_all",
        p50_text=text(told, "time_to_abandon_p50", words.duration),
        p90_text=text(told, "time_to_abandon_p90", words.duration),
        calls_text=text(told, "abandoned_all", words.count),
    )


def give_up_words(times: pl.DataFrame) -> str:
    """When callers give up soonest and latest."""
    if times.is_empty():
        return f"At no time of day have {FEW} callers given up yet."
    order = times.sort("p50")
    soon, late = order.row(0, named=True), order.row(-1, named=True)
    return (
        f"Of those who gave up, half had by {soon['p50_text']} when they rang from {soon['time_of_day']}, "
        f"the soonest, and by {late['p50_text']} from {late['time_of_day']}, the latest."
    )


def curve(survival: Survival, *, longest: float) -> pl.DataFrame:
    """A survival curve as rows for the chart, up to the longest wait drawn."""
    low, high = survival.interval()
    shown = survival.at <= longest
    told = pl.DataFrame(
        {"at": survival.at[shown], "share": survival.remaining[shown], "low": low[shown], "high": high[shown]}
    ).fill_nan(None)
    begun = pl.DataFrame({"at": [0.0], "share": [1.0], "low": [1.0], "high": [1.0]})
    whole = pl.concat([begun, told.filter(pl.col("at") > 0)])
    step = max(1, math.ceil(whole.height / 600))  # what a screen can show
    return with_curve_texts(whole.gather_every(step))


def with_curve_texts(points: pl.DataFrame) -> pl.DataFrame:
    """The points of a survival curve with their tooltips."""
    return points.with_columns(
        at_text=text(points, "at", words.duration),
        share_text=text(points, "share", words.percent),
        interval_text=text_of_both(points, "low", "high", words.interval),
    )


def readings(survival: Survival, *, longest: float) -> pl.DataFrame:
    """Where the curve has fallen to three quarters, a half and so on, for labels on the chart."""
    marks = [(survival.quantile(1 - share), share) for share in READINGS]
    rows = [
        {"at": at, "share": share, "label": f"{words.percent(share, places=0)} at {words.duration(at)}"}
        for at, share in marks
        if at is not None and at <= longest
    ]
    return pl.DataFrame(rows, schema={"at": pl.Float64, "share": pl.Float64, "label": pl.String})


def patience_words(survival: Survival, *, lost: int, calls: int) -> str:
    """How long callers are prepared to wait, in a sentence."""
    half, tenth = survival.quantile(0.5), survival.quantile(0.1)
    base = f"From {words.count(lost)} who gave up among {words.count(calls)} offered; an answer only cuts a wait short."
    if half is not None:
        return f"Half of callers would have given up by {words.duration(half)}, were no one answered. {base}"
    if tenth is not None:
        return f"One in ten would have given up by {words.duration(tenth)}, were no one answered. {base}"
    return f"Too few gave up to tell of one in ten. {base}"


def paces(bins: Sequence[Hazard], *, longest: float) -> pl.DataFrame:
    """The hazard as the share of those waiting who hang up in each 10 s, with its interval, up to the longest drawn.

    The interval is that of a count of rare events: rate × exp(± 1.96 ÷ √count).
    """
    return pl.DataFrame(
        [
            pace(bin, until=longest)
            for bin in bins
            if bin.end is not None and bin.start + NARROWEST <= longest and bin.abandoned
        ]
    )


def pace(bin: Hazard, *, until: float) -> dict[str, float | str]:
    """One slice of the hazard, with its words."""
    spread = math.exp(Z95 / math.sqrt(bin.abandoned))
    rate, low, high = (_share(bin.rate * by) for by in (1.0, 1 / spread, spread))
    return {
        "from": float(bin.start), "to": float(min(bin.end or until, until)), "rate": rate, "low": low, "high": high,
        "slice_text": f"{words.duration(bin.start)} and {words.duration(bin.end)}",
        "rate_text": f"{words.percent(rate, places=2)} in each {words.duration(PACE)}",
        "halves": f"{words.count(bin.abandoned)} hung up in {words.duration(bin.exposure)} of waiting",
        "interval_text": f"{words.percent(low, places=2)} to {words.percent(high, places=2)}",
    }  # fmt: skip


def _share(rate: float) -> float:
    """The share who hang up in 10 s at a pace a second."""
    return -float(np.expm1(-rate * PACE))


def paces_words(slices: pl.DataFrame) -> str:
    """When callers are quickest to hang up."""
    if slices.is_empty():
        return "No one has hung up yet."
    top = slices.sort("rate").row(-1, named=True)
    return f"Callers hang up at the quickest pace between {top['slice_text']}: {top['rate_text']} ({top['halves']})."


def rings_again_words(found: RingsAgain) -> str:
    """Of how many calls it can be told who called again."""
    return (
        f"Of {words.count(found.lost)} calls given up, {words.count(found.known)} were by callers the log can tell. "
        "Those lost in the log's last hour, or on its last day, have not had the time to call again and are left out."
    )


def rings_again_table(found: RingsAgain) -> pl.DataFrame:
    """Who calls again and whether they get through, with both halves."""
    parts = (
        ("Called again within an hour", found.again_in_an_hour),
        ("Were answered within an hour", found.through_in_an_hour),
        ("Called again the same day", found.again_that_day),
        ("Were answered the same day", found.through_that_day),
    )
    return pl.DataFrame(
        [
            {
                "After giving up": what,
                "Share": words.percent(part.count / part.of) if part.of else "too early to tell",
                "Calls": words.counts_words(part.count, part.of),
                "95% interval": words.interval(*(part.interval or (None, None))),
            }
            for what, part in parts
        ]
    )


def wait_figures(row: Mapping[str, float | None]) -> list[tuple[str, str, str]]:
    """The waits of a period: name, figure, and what it is made of."""
    mean = "Calls answered at once included. It can fall while service worsens."
    offered = f"Wait offered; 95 in 100 by {words.duration(row['wait_p95'])}. Who gave up had waited at least so long."
    gave_up = f"Half of those who did; nine in ten by {words.duration(row['time_to_abandon_p90'])}."
    return [
        ("Mean wait, answered", words.duration(row["average_speed_of_answer"]), mean),
        ("Half answered by", words.duration(row["wait_p50"]), offered),
        ("Nine in ten answered by", words.duration(row["wait_p90"]), "Wait offered, as before."),
        ("Gave up after", words.duration(row["time_to_abandon_p50"]), gave_up),
        ("Longest wait", words.duration(row["longest_wait"]), "Of any call, however it ended."),
    ]


def service_level_words(row: Mapping[str, float | None], *, said: str) -> str:
    """The service level with its rule, halves and interval."""
    halves = words.counts_words(row["service_level_numerator"], row["service_level_denominator"])
    interval = words.interval(row["service_level_low"], row["service_level_high"])
    return f"Service level {words.percent(row['service_level'])}: {halves}, 95% interval {interval} ({said})."


def waits(bins: pl.DataFrame, *, what: str, longest: float, palette: Palette, height: int = 180) -> Chart:
    """How many callers waited how long, for one kind of caller: "Answered" or "Abandoned".

    Needs `from`, `to` (seconds), `calls`, and the texts `wait_text`, `calls_text`, `share_text`.
    """
    named = {"wait_text": "Waited", "calls_text": f"{what} calls", "share_text": f"Share of all {what.lower()}"}
    across = {"scale": {"domain": [0, longest]}, "axis": {"grid": False, "tickCount": 8}}
    bars = {
        "x": field("from:Q", bin="binned", title="Seconds waited", **across),
        "x2": "to",
        "y": field("calls:Q", title="Calls", axis={"format": ",.0f", "tickCount": 4}),
        "tooltip": tooltip(**named),
    }
    ink = palette.answered if what == "Answered" else palette.abandoned
    drawn = layer(bins, "bar", bars, color=ink, stroke=palette.background, strokeWidth=0.5)
    return layered([drawn], palette=palette, height=height, title=what)


def give_up_by_time(times: pl.DataFrame, *, palette: Palette, height: int = 260) -> Chart:
    """How soon callers give up through the day: the median of those who did, and where nine in ten had.

    Needs `time_of_day` ("10:00"), `p50`, `p90`, `calls`, and the texts `p50_text`, `p90_text`, `calls_text`.
    """
    order = times["time_of_day"].to_list()
    axis = {"labelAngle": 0, "labelOverlap": True}
    told = {"time_of_day": "From", "p50_text": "Half had given up by", "p90_text": "Nine in ten by"}
    base = {
        "x": field("time_of_day:O", sort=order, title="Time of day they rang", axis=axis),
        "tooltip": tooltip(**told, calls_text="Calls abandoned"),
    }
    half = base | {"y": field("p50:Q", title="Seconds until they hung up", scale={"zero": True})}
    most = base | {"y": "p90:Q"}
    warm, quiet, point = palette.abandoned, palette.quiet, {"filled": True, "size": 55, "opacity": 1}
    layers = [
        layer(times, "line", half, color=warm, strokeWidth=2.2),
        layer(times, "point", half, color=warm, shape="circle", **point),
        layer(times, "line", most, color=quiet, strokeWidth=1.8, strokeDash=[5, 3]),
        layer(times, "point", most, color=quiet, shape="triangle-up", **point),
    ]
    end, last = times.tail(1), {"x": field("time_of_day:O", sort=order)}
    for column, ink, name in (("p50", warm, "half"), ("p90", quiet, "nine in ten")):
        named = last | {"y": f"{column}:Q", "text": {"value": name}}
        layers.append(layer(end, "text", named, align="left", dx=9, fontSize=AXIS_SIZE, color=ink))
    return layered(layers, palette=palette, height=height)


def survival_chart(
    points: pl.DataFrame, *, palette: Palette, title: str, marks: pl.DataFrame, height: int = 260
) -> Chart:
    """A share that falls with the seconds waited, with its 95% band and a few readings written on it.

    Needs `at`, `share`, `low`, `high` and the texts `at_text`, `share_text`, `interval_text`; `marks` needs
    `at`, `share`, `label`.
    """
    base = {
        "x": field("at:Q", title="Seconds waited", axis={"grid": False}),
        "tooltip": tooltip(at_text="After", share_text=title, interval_text="95% interval"),
    }
    share = field("share:Q", title=title, axis=percent_axis(), scale={"domain": [0, 1]})
    reading, ink = {"x": "at:Q", "y": "share:Q"}, palette.text
    written = reading | {"text": "label:N"}
    half = points.select(pl.col("at").max() / 2).item() or 0.0
    falls = {"color": palette.answered, "interpolate": "step-after"}
    early, late = {"field": "at", "lte": half}, {"field": "at", "gt": half}
    layers = [
        layer(points, "area", base | {"y": "low:Q", "y2": "high"}, opacity=0.25, **falls),
        layer(points, "line", base | {"y": share}, strokeWidth=2.2, **falls),
        layer(marks, "point", reading, color=ink, filled=True, size=60, shape="diamond", opacity=1),
        layer(marks, "text", written, only=early, color=ink, align="left", dx=8, dy=-9, fontSize=AXIS_SIZE),
        # under the curve, or it is cut off at the edge of a phone
        layer(marks, "text", written, only=late, color=ink, align="right", dx=0, dy=16, fontSize=AXIS_SIZE),
    ]
    return layered(layers, palette=palette, height=height)


def hazard(slices: pl.DataFrame, *, palette: Palette, height: int = 260) -> Chart:
    """The share of those waiting who hang up in each ten seconds, slice by slice of the wait, with its interval.

    Needs `from`, `to`, `rate`, `low`, `high` and the texts `slice_text`, `halves`, `rate_text`, `interval_text`.
    """
    frame = slices.with_columns(middle=(pl.col("from") + pl.col("to")) / 2)
    told = tooltip(slice_text="Between", rate_text="Hung up", halves="Counted", interval_text="95% interval")
    step = {
        "x": field("from:Q", title="Seconds waited so far", axis={"grid": False}),
        "x2": "to",
        "y": field("rate:Q", title="Hang up in each 10 s", axis=percent_axis(4), scale={"zero": True}),
        "tooltip": told,
    }
    reach = {"x": "middle:Q", "y": "low:Q", "y2": "high", "tooltip": told}
    layers = [
        layer(frame, "bar", step | {"y2": {"datum": 0}}, color=palette.abandoned, opacity=0.3),
        layer(frame, "rule", step, color=palette.abandoned, strokeWidth=3),
        layer(frame, "rule", reach, color=palette.text, strokeWidth=1.2),
    ]
    return layered(layers, palette=palette, height=height)
