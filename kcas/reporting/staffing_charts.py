"""Charts of a staffing plan: agents needed, rostered and current, by half-hour."""

import altair as alt
import polars as pl

from kcas.reporting.charts import styled
from kcas.reporting.palettes import Palette
from kcas.reporting.staffing_tables import AS_TODAY, NEEDED, ROSTERED

WHICH = [AS_TODAY, NEEDED, ROSTERED]
DASHES = {AS_TODAY: [5, 3], ROSTERED: [1, 0]}
SHAPES = {AS_TODAY: "square", NEEDED: "circle", ROSTERED: "diamond"}


def agents(points: pl.DataFrame, *, palette: Palette, height: int = 280) -> alt.LayerChart:
    """Bars of what is needed; lines of what is rostered and of what is there now, told apart by shape and dash too.

    Needs `which`, `start`, `agents` and the texts `agents_text`, `rate_text`, `interval_text`.
    """
    drawn = [which for which in WHICH if which in points["which"].unique().to_list()]
    colours = {AS_TODAY: palette.offered, NEEDED: palette.answered, ROSTERED: palette.abandoned}
    base = alt.Chart(points).encode(
        x=alt.X(
            "start:O", sort=points["start"].unique().sort().to_list(), title=None,
            axis=alt.Axis(labelAngle=0, grid=False, labelOverlap=True),
        ),
        y=alt.Y("agents:Q", title="Agents", axis=alt.Axis(format="d", tickMinStep=1), scale=alt.Scale(zero=True)),
        tooltip=[
            alt.Tooltip("start:N", title="Half-hour from"),
            alt.Tooltip("which:N", title="Agents"),
            alt.Tooltip("agents_text:N", title="How many"),
            alt.Tooltip("rate_text:N", title="Abandoned"),
            alt.Tooltip("interval_text:N", title="95% interval"),
        ],
    )  # fmt: skip
    legend = alt.Legend(orient="top", direction="horizontal")
    colour = alt.Color(
        "which:N", sort=drawn, title=None, legend=legend,
        scale=alt.Scale(domain=drawn, range=[colours[which] for which in drawn]),
    )  # fmt: skip
    shape = alt.Shape(
        "which:N", sort=drawn, title=None, legend=legend,
        scale=alt.Scale(domain=drawn, range=[SHAPES[which] for which in drawn]),
    )  # fmt: skip
    bars = base.transform_filter(alt.datum.which == NEEDED).mark_bar(color=colours[NEEDED], opacity=0.35)
    lines = [
        base.transform_filter(alt.datum.which == which).mark_line(
            color=colours[which], strokeDash=dash, strokeWidth=1.8
        )
        for which, dash in DASHES.items()
        if which in drawn
    ]
    marks = base.mark_point(filled=True, size=60, opacity=1).encode(color=colour, shape=shape)
    return styled(alt.layer(bars, *lines, marks).properties(height=height), palette)
