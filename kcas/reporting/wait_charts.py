"""Charts of waits and patience."""

import altair as alt
import polars as pl

from kcas.reporting.charts import AXIS_SIZE, styled
from kcas.reporting.palettes import Palette


def waits(bins: pl.DataFrame, *, what: str, longest: float, palette: Palette, height: int = 180) -> alt.Chart:
    """How many callers waited how long, for one kind of caller: "Answered" or "Abandoned".

    Needs `from`, `to` (seconds), `calls`, and the texts `wait_text`, `calls_text`, `share_text`.
    """
    colour = palette.answered if what == "Answered" else palette.abandoned
    return styled(
        alt.Chart(bins)
        .mark_bar(color=colour, stroke=palette.background, strokeWidth=0.5)
        .encode(
            x=alt.X(
                "from:Q",
                bin="binned",
                title="Seconds waited",
                scale=alt.Scale(domain=[0, longest]),
                axis=alt.Axis(grid=False, tickCount=8),
            ),
            x2="to:Q",
            y=alt.Y("calls:Q", title="Calls", axis=alt.Axis(format=",.0f", tickCount=4)),
            tooltip=[
                alt.Tooltip("wait_text:N", title="Waited"),
                alt.Tooltip("calls_text:N", title=f"{what} calls"),
                alt.Tooltip("share_text:N", title=f"Share of all {what.lower()}"),
            ],
        )
        .properties(height=height, title=what),
        palette,
    )


def give_up_by_time(times: pl.DataFrame, *, palette: Palette, height: int = 260) -> alt.LayerChart:
    """How soon callers give up through the day: the median of those who did, and where nine in ten had.

    Needs `time_of_day` ("10:00"), `p50`, `p90`, `calls`, and the texts `p50_text`, `p90_text`, `calls_text`.
    """
    order = times["time_of_day"].to_list()
    base = alt.Chart(times).encode(
        x=alt.X(
            "time_of_day:O", sort=order, title="Time of day they rang", axis=alt.Axis(labelAngle=0, labelOverlap=True)
        ),
        tooltip=[
            alt.Tooltip("time_of_day:N", title="From"),
            alt.Tooltip("p50_text:N", title="Half had given up by"),
            alt.Tooltip("p90_text:N", title="Nine in ten by"),
            alt.Tooltip("calls_text:N", title="Calls abandoned"),
        ],
    )
    y = alt.Y("p50:Q", title="Seconds until they hung up", scale=alt.Scale(zero=True))
    last = alt.Chart(times.tail(1)).encode(x=alt.X("time_of_day:O", sort=order))
    return styled(
        alt.layer(
            base.mark_line(color=palette.abandoned, strokeWidth=2.2).encode(y=y),
            base.mark_point(color=palette.abandoned, filled=True, size=55, shape="circle", opacity=1).encode(y=y),
            base.mark_line(color=palette.quiet, strokeWidth=1.8, strokeDash=[5, 3]).encode(y="p90:Q"),
            base.mark_point(color=palette.quiet, filled=True, size=55, shape="triangle-up", opacity=1).encode(
                y="p90:Q"
            ),
            last.mark_text(align="left", dx=9, fontSize=AXIS_SIZE, color=palette.abandoned).encode(
                y="p50:Q", text=alt.value("half")
            ),
            last.mark_text(align="left", dx=9, fontSize=AXIS_SIZE, color=palette.quiet).encode(
                y="p90:Q", text=alt.value("nine in ten")
            ),
        ).properties(height=height),
        palette,
    )


def survival_chart(
    points: pl.DataFrame, *, palette: Palette, title: str, marks: pl.DataFrame, height: int = 260
) -> alt.LayerChart:
    """A share that falls with the seconds waited, with its 95% band and a few readings written on it.

    Needs `at`, `share`, `low`, `high` and the texts `at_text`, `share_text`, `interval_text`; `marks` needs
    `at`, `share`, `label`.
    """
    base = alt.Chart(points).encode(
        x=alt.X("at:Q", title="Seconds waited", axis=alt.Axis(grid=False)),
        tooltip=[
            alt.Tooltip("at_text:N", title="After"),
            alt.Tooltip("share_text:N", title=title),
            alt.Tooltip("interval_text:N", title="95% interval"),
        ],
    )
    y = alt.Y("share:Q", title=title, axis=alt.Axis(format=".0%", tickCount=5), scale=alt.Scale(domain=[0, 1]))
    readings = alt.Chart(marks).encode(x="at:Q", y="share:Q")
    half = points.select(pl.col("at").max() / 2).item() or 0.0
    return styled(
        alt.layer(
            base.mark_area(color=palette.answered, opacity=0.25, interpolate="step-after").encode(
                y="low:Q", y2="high:Q"
            ),
            base.mark_line(color=palette.answered, strokeWidth=2.2, interpolate="step-after").encode(y=y),
            readings.mark_point(color=palette.text, filled=True, size=60, shape="diamond", opacity=1),
            *(
                readings.transform_filter(where)
                .mark_text(color=palette.text, align=align, dx=dx, dy=dy, fontSize=AXIS_SIZE)
                .encode(text="label:N")
                for where, align, dx, dy in (
                    (alt.datum.at <= half, "left", 8, -9),
                    (alt.datum.at > half, "right", 0, 16),  # under the curve, or it is cut off at the edge of a phone
                )
            ),
        ).properties(height=height),
        palette,
    )


def hazard(slices: pl.DataFrame, *, palette: Palette, height: int = 260) -> alt.LayerChart:
    """The share of those waiting who hang up in each ten seconds, slice by slice of the wait, with its interval.

    Needs `from`, `to`, `rate`, `low`, `high` and the texts `slice_text`, `halves`, `rate_text`, `interval_text`.
    """
    base = alt.Chart(slices.with_columns(middle=(pl.col("from") + pl.col("to")) / 2)).encode(
        tooltip=[
            alt.Tooltip("slice_text:N", title="Between"),
            alt.Tooltip("rate_text:N", title="Hung up"),
            alt.Tooltip("halves:N", title="Counted"),
            alt.Tooltip("interval_text:N", title="95% interval"),
        ],
    )
    across = alt.X("from:Q", title="Seconds waited so far", axis=alt.Axis(grid=False))
    y = alt.Y(
        "rate:Q", title="Hang up in each 10 s", axis=alt.Axis(format=".0%", tickCount=4), scale=alt.Scale(zero=True)
    )
    steps = base.encode(x=across, x2="to:Q")
    return styled(
        alt.layer(
            steps.mark_bar(color=palette.abandoned, opacity=0.3).encode(y=y, y2=alt.datum(0)),
            steps.mark_rule(color=palette.abandoned, strokeWidth=3).encode(y=y),
            base.mark_rule(color=palette.text, strokeWidth=1.2).encode(x="middle:Q", y="low:Q", y2="high:Q"),
        ).properties(height=height),
        palette,
    )
