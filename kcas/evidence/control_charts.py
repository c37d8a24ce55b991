"""How is a control chart drawn? Points on their limits, those that ask for an explanation told apart by shape too."""

from collections.abc import Sequence
from datetime import date
from typing import Any

import altair as alt
import polars as pl

from kcas.evidence.charts import AXIS_SIZE, UTC, day_axis, dressed, target_line
from kcas.evidence.palettes import Palette

ORDINARY, HIGHER, LOWER, NO_LIMITS = "ordinary", "higher: asks why", "lower: asks why", "no limits"
MARKS = (ORDINARY, HIGHER, LOWER, NO_LIMITS)
ROOM = 560
"""Pixels that all the days' bars may take together: few charts are narrower."""
SHAPES = ("circle", "triangle-up", "triangle-down", "square")


def control_chart(
    points: pl.DataFrame, *, by: str, palette: Palette, target: float | None = None, height: int = 320,
    actions: Sequence[tuple[date, str]] = (),
) -> alt.LayerChart:  # fmt: skip
    """The rate of each day, week or month on its limits and centre; a day's are its weekday's own.

    Needs `day`, `value`, `centre`, `lower`, `upper`, `mark` (one of MARKS), and the texts `when`, `rate_text`,
    `halves`, `centre_text`, `limits_text`, `rule_text`.
    """
    base = alt.Chart(points).encode(x=day_axis(points["day"]), tooltip=_tooltip(by))
    value = alt.Y(
        "value:Q", title="Share of calls", axis=alt.Axis(format=".0%", tickCount=5), scale=alt.Scale(zero=True)
    )
    limited = base.transform_filter("isValid(datum.centre)")
    layers: list[Any] = [
        *(_of_each_day(limited, palette, points["day"]) if by == "day" else _through(limited, palette)),
        base.mark_line(color=palette.quiet, strokeWidth=1, opacity=0.7).encode(y=value),
        _points(base, palette, sorted(set(points["mark"]), key=MARKS.index)).encode(y=value),
    ]
    if target is not None:
        layers += target_line(target, palette=palette)
    if actions:
        layers += action_lines(actions, palette=palette)
    return dressed(alt.layer(*layers).properties(height=height), palette)


def action_lines(actions: Sequence[tuple[date, str]], *, palette: Palette) -> list[alt.Chart]:
    """A dotted line on each day on which something was done, with its name at the top."""
    told = pl.DataFrame({"day": [day for day, _ in actions], "what": [what for _, what in actions]})
    named = told.group_by("day", maintain_order=True).agg(pl.col("what").unique(maintain_order=True).str.join(" "))
    base = alt.Chart(named).encode(x=alt.X("day:T", scale=UTC))
    return [
        base.mark_rule(color=palette.text, strokeDash=[2, 3], strokeWidth=1.2),
        base.mark_text(color=palette.text, align="left", dx=3, dy=6, fontSize=AXIS_SIZE, baseline="top").encode(
            y=alt.value(0), text="what:N"
        ),
    ]


def _tooltip(by: str) -> list[alt.Tooltip]:
    named = {"when": by.capitalize(), "rate_text": "Rate", "halves": "Calls", "centre_text": "Centre line"}
    named |= {"limits_text": "Limits", "rule_text": "What it breaks"}
    return [alt.Tooltip(f"{field}:N", title=title) for field, title in named.items()]


def _of_each_day(limited: alt.Chart, palette: Palette, days: pl.Series) -> list[alt.Chart]:
    """A bar from limit to limit on each day, and a dash at its centre: a line through would saw up and down."""
    width = max(1.5, min(12.0, ROOM / max((days.max() - days.min()).days, 1)))  # type: ignore[operator, union-attr]
    return [
        limited.mark_rule(color=palette.answered, opacity=0.3, strokeWidth=width).encode(y="lower:Q", y2="upper:Q"),
        limited.mark_tick(color=palette.answered, thickness=2, size=width).encode(y="centre:Q"),
    ]


def _through(limited: alt.Chart, palette: Palette) -> list[alt.Chart]:
    """A band from limit to limit with dashed edges, and a line at the centre."""
    edge = limited.mark_line(color=palette.answered, strokeDash=[5, 4], strokeWidth=1.3, interpolate="step")
    return [
        limited.mark_area(color=palette.answered, opacity=0.13, interpolate="step").encode(y="lower:Q", y2="upper:Q"),
        edge.encode(y="lower:Q"),
        edge.encode(y="upper:Q"),
        limited.mark_line(color=palette.answered, strokeWidth=1.8, interpolate="step").encode(y="centre:Q"),
    ]


def _points(base: alt.Chart, palette: Palette, marks: list[str]) -> alt.Chart:
    colours = dict(zip(MARKS, (palette.offered, palette.abandoned, palette.answered, palette.quiet), strict=True))
    shapes = dict(zip(MARKS, SHAPES, strict=True))
    legend = alt.Legend(orient="top", direction="horizontal", labelFontSize=AXIS_SIZE)
    asks = alt.FieldOneOfPredicate(field="mark", oneOf=[HIGHER, LOWER])
    return base.mark_point(filled=True, opacity=1).encode(
        color=alt.Color(
            "mark:N",
            title=None,
            sort=marks,
            legend=legend,
            scale=alt.Scale(domain=marks, range=[colours[mark] for mark in marks]),
        ),
        shape=alt.Shape(
            "mark:N",
            title=None,
            sort=marks,
            legend=legend,
            scale=alt.Scale(domain=marks, range=[shapes[mark] for mark in marks]),
        ),
        size=alt.condition(asks, alt.value(110), alt.value(30)),
    )
