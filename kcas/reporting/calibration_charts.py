"""Charts of a fitted model: arrivals by half-hour and kind of day, and patience."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from kcas.reporting import waits, words
from kcas.reporting.charts import Chart, Palette, by_value, equal, field, layer, layered, time_axis, tooltip
from kcas.reporting.tables import text
from kcas.simulation.scenario.schema import WEEKDAYS

_Report = Mapping[str, Any]
_SHAPES = ("circle", "square", "triangle-up", "diamond", "cross", "triangle-down", "stroke")
DASHES = ([1, 0], [5, 3], [2, 2], [8, 3, 2, 3], [1, 3], [10, 4], [4, 1])
READ_AT = (0.9, 0.75, 0.5)


def kinds_of_day(report: _Report) -> pl.DataFrame:
    """Mean calls and agents on duty of each half-hour, for each group of weekdays with hours of their own.

    A mean over weekdays counts each weekday the same. Half-hours in which such a day is closed are left out.
    """
    rows = pl.DataFrame(report["arrivals"]["half_hours"])
    parts = []
    for file in report["files"]:
        mine = rows.filter(pl.col("weekday").is_in(file["weekdays"]))
        share = len(file["weekdays"])
        parts.append(
            mine.group_by("start")
            .agg(calls=pl.col("offered").sum() / share, agents=pl.col("on_duty").sum() / share)
            .sort("start")
            .with_columns(which=pl.lit(kind_of_day(file["weekdays"])),
                          days=pl.lit(mine.unique("weekday")["days"].sum()).cast(pl.Int64))
        )  # fmt: skip
    points = pl.concat(parts)
    return points.with_columns(
        calls_text=text(points, "calls", "{:.1f}".format),
        agents_text=text(points, "agents", "{:.1f}".format),
        days_text=text(points, "days", "{} days".format),
    )


def kind_of_day(weekdays: list[str]) -> str:
    """Some weekdays in words: three or more that follow each other as Monday to Friday, others one by one."""
    runs: list[list[str]] = []
    for each in sorted(weekdays, key=WEEKDAYS.index):
        if runs and WEEKDAYS.index(each) == WEEKDAYS.index(runs[-1][-1]) + 1:
            runs[-1].append(each)
        else:
            runs.append([each])
    names = [[each.capitalize() for each in run] for run in runs]
    return words.listed([said for run in names for said in ([f"{run[0]} to {run[-1]}"] if len(run) > 2 else run)])


def arrivals(points: pl.DataFrame, *, palette: Palette, height: int = 260) -> Chart:
    """Mean calls by half-hour, a line for each kind of day, told apart by shape and dash as well as by colour."""
    drawn = points["which"].unique(maintain_order=True).to_list()
    colours = [palette.answered, palette.abandoned, palette.offered, palette.text]
    inks = [colours[number % len(colours)] for number in range(len(drawn))]
    shapes = [_SHAPES[number % len(_SHAPES)] for number in range(len(drawn))]
    named = {"which": "Days", "start": "Half-hour from", "calls_text": "Mean calls"}
    base = {
        "x": time_axis(points["start"].unique().sort().to_list()),
        "y": field("calls:Q", title="Calls in the half-hour", scale={"zero": True}, axis={"tickCount": 5}),
        "tooltip": tooltip(**named, agents_text="Mean agents on duty", days_text="From"),
    }
    legend = {"legend": {"orient": "top", "direction": "vertical" if len(drawn) > 2 else "horizontal"}}
    marks = {"color": by_value("which", drawn, inks, **legend), "shape": by_value("which", drawn, shapes, **legend)}
    layers = [
        layer(points, "line", base, only=equal("which", which), color=ink, strokeDash=DASHES[number % len(DASHES)],
              strokeWidth=1.8)
        for number, (which, ink) in enumerate(zip(drawn, inks, strict=True))
    ]  # fmt: skip
    layers.append(layer(points, "point", base | marks, filled=True, size=60, opacity=1))
    return layered(layers, palette=palette, height=height)


def arrivals_words(points: pl.DataFrame) -> str:
    """The same for those who cannot see it."""
    said = []
    for which in points["which"].unique(maintain_order=True).to_list():
        mine = points.filter(which=which)
        top = mine.sort("calls", descending=True).row(0, named=True)
        said.append(
            f"{which}: open from {mine['start'][0]}, the last half-hour from {mine['start'][-1]}; busiest from "
            f"{top['start']} with {top['calls_text']} calls on average ({top['days_text']})."
        )
    return " ".join(["Mean calls by half-hour.", *said])


def arrivals_table(points: pl.DataFrame) -> pl.DataFrame:
    """The chart's figures."""
    return points.select(
        Days="which",
        From="start",
        **{"Mean calls": "calls_text", "Mean agents on duty": "agents_text", "Of": "days_text"},
    )


def patience_points(report: _Report) -> pl.DataFrame:
    """The curve of who would still be waiting, with its texts."""
    number = dict.fromkeys(("at", "share", "low", "high"), pl.Float64)
    return waits.with_curve_texts(pl.DataFrame(report["patience"]["curve"], schema=number))


def patience_marks(points: pl.DataFrame) -> pl.DataFrame:
    """Where it has fallen to nine in ten, three quarters and a half."""
    rows = []
    for share in READ_AT:
        fallen = points.filter(pl.col("share") <= share)
        if fallen.height:
            at = fallen["at"][0]
            rows.append(
                {"at": at, "share": share, "label": f"{words.percent(share, places=0)} at {words.duration(at)}"}
            )
    return pl.DataFrame(rows, schema={"at": pl.Float64, "share": pl.Float64, "label": pl.String})


def patience(points: pl.DataFrame, *, palette: Palette) -> Chart:
    """The curve with its band and readings."""
    return waits.survival_chart(points, palette=palette, title="Would still be waiting", marks=patience_marks(points))


def patience_words(report: _Report, points: pl.DataFrame) -> str:
    """The same for those who cannot see it."""
    every = report["patience"]["all"]
    read = words.listed(patience_marks(points)["label"].to_list() or ["not yet one in ten gone"])
    return (
        f"Share of callers who would still be waiting, were no one answered: {read}. From "
        f"{words.count(every['abandoned'])} who gave up of {words.count(every['calls'])} calls."
    )


def patience_table(points: pl.DataFrame, *, most: int = 24) -> pl.DataFrame:
    """Readings along the curve."""
    step = max(1, points.height // most)
    return points.gather_every(step).select(
        After="at_text", **{"Would still be waiting": "share_text", "95% interval": "interval_text"}
    )
