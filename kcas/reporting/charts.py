"""Charts: functions from a frame to an Altair chart, for the screen and the pack.

The frames carry their tooltips as ready text (see `tables`), so a chart writes no number of its own.
"""

from datetime import date, timedelta
from typing import Any

import altair as alt
import polars as pl

from kcas.reporting import words
from kcas.reporting.palettes import Palette

_FONT = "Source Sans, Source Sans 3, Segoe UI, DejaVu Sans, sans-serif"
AXIS_SIZE, TITLE_SIZE, CELL_SIZE = 13, 14, 13
FEW_TICKS = 16
LABELS_APART = 8  # pixels between two labels of an axis: closer, 06:30 and 07:30 read as one
HEADING = 30  # pixels that the weekdays' names take of a heat map's height
UTC = alt.Scale(type="utc")  # days are drawn as they are, whatever the reader's own time zone


def styled(chart: Any, palette: Palette) -> Any:
    """The chart with the house's sizes and the palette's colours."""
    return (
        chart.configure(background=palette.background, font=_FONT, padding=4)
        .configure_view(stroke=None)
        .configure_axis(
            labelFontSize=AXIS_SIZE,
            titleFontSize=AXIS_SIZE,
            titleFontWeight="normal",
            titlePadding=8,
            labelSeparation=LABELS_APART,
            labelColor=palette.quiet,
            titleColor=palette.text,
            gridColor=palette.grid,
            domainColor=palette.quiet,
            tickColor=palette.quiet,
        )
        .configure_legend(
            labelFontSize=AXIS_SIZE,
            titleFontSize=AXIS_SIZE,
            labelColor=palette.text,
            titleColor=palette.text,
            symbolSize=110,
            symbolStrokeWidth=2,
            labelLimit=0,
        )
        .configure_title(fontSize=TITLE_SIZE, color=palette.text, anchor="start")
    )


def daily_rate(
    days: pl.DataFrame, *, palette: Palette, name: str = "abandoned", target: float | None = None, height: int = 280
) -> alt.LayerChart:
    """The rate of each day with its interval, from zero up, and the target where there is one.

    Needs `day`, `rate`, `low`, `high`, and the texts `when`, `halves`, `rate_text`, `interval_text`.
    """
    tooltip = [
        alt.Tooltip("when:N", title="Day"),
        alt.Tooltip("rate_text:N", title=f"Share {name}"),
        alt.Tooltip("halves:N", title="Calls"),
        alt.Tooltip("interval_text:N", title="95% interval"),
    ]
    base = alt.Chart(days.with_columns(key=pl.col("day").cast(pl.String))).encode(
        x=day_axis(days["day"]), tooltip=tooltip
    )
    rate = alt.Y("rate:Q", title=f"Share {name}", axis=alt.Axis(format=".0%", tickCount=5), scale=alt.Scale(zero=True))
    chosen = alt.selection_point(name="chosen", fields=["key"], on="click", nearest=False)
    layers: list[Any] = [
        base.mark_rule(color=palette.abandoned, opacity=0.45, strokeWidth=3).encode(y="low:Q", y2="high:Q"),
        base.mark_line(color=palette.abandoned, strokeWidth=1.5).encode(y=rate),
        base.mark_point(color=palette.abandoned, filled=True, opacity=1, shape="circle").encode(
            y=rate, size=alt.condition(chosen, alt.value(130), alt.value(45), empty=False)
        ),
        base.mark_rule(opacity=0.001, strokeWidth=9, cursor="pointer")
        .encode(y=alt.value(0), y2=alt.value(height))
        .add_params(chosen),
    ]
    if target is not None:
        layers += target_line(target, palette=palette)
    return styled(alt.layer(*layers).properties(height=height), palette)


def target_line(target: float, *, palette: Palette) -> list[alt.Chart]:
    """A dashed line at the target, with its name written on it."""
    line = alt.Chart(
        pl.DataFrame({"target": [target], "label": [f"target: at most {words.percent(target, places=0)}"]})
    )
    text = line.encode(y="target:Q", x=alt.value(0), text="label:N")
    written: dict[str, Any] = {"align": "left", "dx": 4, "dy": -7, "fontSize": AXIS_SIZE}
    return [
        line.mark_rule(color=palette.target, strokeDash=[6, 4], strokeWidth=1.5).encode(y="target:Q"),
        # what is written stands on a rim of the background, or points would run through it
        text.mark_text(**written, color=palette.background, stroke=palette.background, strokeWidth=4),
        text.mark_text(**written, color=palette.target),
    ]


def day_axis(days: pl.Series) -> alt.X:
    """Days along the foot, marked at Mondays, or at the first of months where those would crowd."""
    marks, form = day_marks(days.min(), days.max())  # type: ignore[arg-type]
    values = [alt.DateTime(year=d.year, month=d.month, date=d.day, utc=True) for d in marks]
    return alt.X(
        "day:T",
        title=None,
        scale=UTC,
        axis=alt.Axis(values=values, format=form, grid=False, labelOverlap=True, labelFlush=False),
    )


def day_marks(first: date | None, last: date | None) -> tuple[list[date], str]:
    """Which days are named along the foot, and how."""
    if first is None or last is None:
        return [], "%-d %b"
    every = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    if len(every) <= 10:
        return every, "%a %-d %b"
    mondays = [d for d in every if d.weekday() == 0]
    if len(mondays) <= FEW_TICKS:
        return mondays, "%-d %b"
    months = [d for d in every if d.day == 1]
    return [d for d in months if len(months) <= FEW_TICKS or d.month in (1, 7)], "%b %Y"


def volumes(days: pl.DataFrame, *, palette: Palette, height: int = 220) -> alt.LayerChart:
    """Offered, answered and abandoned a day, told apart by shape and dash as well as by colour.

    Needs long rows: `day`, `what` (one of the three), `calls`, and the texts `when`, `calls_text`.
    """
    kinds = ["Offered", "Answered", "Abandoned"]
    colours = [palette.offered, palette.answered, palette.abandoned]
    base = alt.Chart(days).encode(
        x=day_axis(days["day"]),
        y=alt.Y("calls:Q", title="Calls a day", axis=alt.Axis(format=",.0f", tickCount=4)),
        tooltip=[
            alt.Tooltip("when:N", title="Day"),
            alt.Tooltip("what:N", title="Calls"),
            alt.Tooltip("calls_text:N", title="Number"),
        ],
    )
    lines = [
        base.transform_filter(alt.datum.what == kind).mark_line(color=colour, strokeDash=dash, strokeWidth=1.8)
        for kind, colour, dash in zip(kinds, colours, ([5, 3], [1, 0], [2, 2]), strict=True)
    ]
    legend = alt.Legend(orient="top", direction="horizontal")
    shapes = alt.Scale(domain=kinds, range=["square", "circle", "diamond"])
    marks = base.mark_point(filled=True, size=38, opacity=1).encode(
        color=alt.Color("what:N", sort=kinds, title=None, scale=alt.Scale(domain=kinds, range=colours), legend=legend),
        shape=alt.Shape("what:N", sort=kinds, title=None, scale=shapes, legend=legend),
    )
    return styled(alt.layer(*lines, marks).properties(height=height), palette)


def heat_map(cells: pl.DataFrame, *, palette: Palette, name: str = "abandoned", row_height: int = 22) -> alt.LayerChart:
    """Half-hours down, weekdays across, the share lost written in each cell; darker or brighter is more.

    Needs `weekday`, `half_hour`, `rate`, `step` (index into the palette's steps), `label`, and the texts
    `halves`, `rate_text`, `interval_text`.
    """
    chosen = alt.selection_point(name="chosen", fields=["weekday", "half_hour"], on="click")
    steps = list(range(len(palette.steps)))
    rows = cells["half_hour"].unique().sort().to_list()
    base = alt.Chart(cells).encode(
        x=alt.X(
            "weekday:O",
            sort=list(words.WEEKDAYS),
            title=None,
            axis=alt.Axis(orient="top", labelAngle=0, ticks=False, domain=False, labelExpr="slice(datum.label, 0, 3)"),
        ),
        y=alt.Y("half_hour:O", sort=rows, title=None, axis=alt.Axis(ticks=False, domain=False)),
        tooltip=[
            alt.Tooltip("weekday:N", title="Day"),
            alt.Tooltip("half_hour:N", title="Half-hour from"),
            alt.Tooltip("rate_text:N", title=f"Share {name}"),
            alt.Tooltip("halves:N", title="Calls"),
            alt.Tooltip("interval_text:N", title="95% interval"),
        ],
    )
    fills = alt.Color("step:O", legend=None, scale=alt.Scale(domain=steps, range=[s.fill for s in palette.steps]))
    inks = alt.Color("step:O", legend=None, scale=alt.Scale(domain=steps, range=[s.text for s in palette.steps]))
    squares = (
        base.mark_rect(stroke=palette.background, cursor="pointer")
        .encode(
            color=fills,
            stroke=alt.condition(chosen, alt.value(palette.text), alt.value(palette.background), empty=False),
            strokeWidth=alt.condition(chosen, alt.value(2.5), alt.value(1.5), empty=False),
        )
        .add_params(chosen)
    )
    labels = base.mark_text(fontSize=CELL_SIZE, cursor="pointer").encode(text="label:N", color=inks)
    both = alt.layer(squares, labels).resolve_scale(color="independent")
    return styled(both.properties(height=row_height * len(rows) + HEADING), palette)
