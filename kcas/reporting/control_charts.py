"""Control charts with special-cause points marked by colour and shape, and the icons of Making Data Count.

Charts of the weeks around a date: rate, calls and agents on one axis.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from xml.sax.saxutils import escape

import polars as pl

from kcas.monitoring.rate_chart import RateChart
from kcas.monitoring.since import Since, Week
from kcas.reporting import words
from kcas.reporting.charts import (
    AXIS_SIZE,
    LEGEND,
    UTC,
    Chart,
    Palette,
    Spec,
    by_value,
    day_axis,
    equal,
    field,
    layer,
    layered,
    on_a_rim,
    percent_axis,
    target_line,
    tooltip,
)

ORDINARY, ASKS_HIGHER, ASKS_LOWER, NO_LIMITS = "ordinary", "higher: asks why", "lower: asks why", "no limits"
MARKS = (ORDINARY, ASKS_HIGHER, ASKS_LOWER, NO_LIMITS)
_ROOM = 560
"""Pixels that all the days' bars may take together: few charts are narrower."""
DRIFT_TOLD = {"when": "Until", "value_text": "Mean", "limits_text": "Limits"}
_SHAPES = ("circle", "triangle-up", "triangle-down", "square")


def control_chart(
    points: pl.DataFrame,
    *,
    by: str,
    palette: Palette,
    target: float | None = None,
    edges: pl.DataFrame | None = None,
    actions: Sequence[tuple[date, str]] = (),
    height: int = 320,
) -> Chart:
    """The rate of each day, week or month on its limits and centre; a day's are its weekday's own.

    Needs `day`, `value`, `centre`, `lower`, `upper`, `mark` (one of MARKS), `segment`, and the texts `when`,
    `rate_text`, `halves`, `centre_text`, `limits_text`, `rule_text`; of the edges, where limits are recalculated, `day`
    and `label`.
    """
    base = {"x": day_axis(points["day"]), "tooltip": _tooltip(by)}
    scale = {"domain": [0.0, _top(points, target)], "nice": True}
    value = field("value:Q", title="Share of calls", axis=percent_axis(), scale=scale)
    joined = base | {"y": value, "detail": "segment:N"}
    layers = [
        *(_of_each_day if by == "day" else _through)(points, base, palette),
        layer(points, "line", joined, color=palette.quiet, strokeWidth=1, opacity=0.7),
        _points(points, base | {"y": value}, palette, sorted(set(points["mark"]), key=MARKS.index)),
        *(target_line(target, palette=palette) if target is not None else ()),
        *(beginnings(edges, palette=palette) if edges is not None and edges.height else ()),
        *(action_lines(actions, palette=palette) if actions else ()),
    ]
    return layered(layers, palette=palette, height=height)


def action_lines(actions: Sequence[tuple[date, str]], *, palette: Palette) -> list[Spec]:
    """A dotted line on each day on which something was done, with its name at the top."""
    told = pl.DataFrame({"day": [day for day, _ in actions], "what": [what for _, what in actions]})
    named = told.group_by("day", maintain_order=True).agg(pl.col("what").unique(maintain_order=True).str.join(" "))
    place = {"x": field("day:T", scale=UTC)}
    written = {"align": "left", "dx": 3, "dy": 6, "fontSize": AXIS_SIZE, "baseline": "top"}
    return [
        layer(named, "rule", place, color=palette.text, strokeDash=[2, 3], strokeWidth=1.2),
        layer(named, "text", place | {"y": {"value": 0}, "text": "what:N"}, color=palette.text, **written),
    ]


def _top(points: pl.DataFrame, target: float | None) -> float:
    """How high the picture reaches: over every point and most limits; a day of few calls has limits beyond it."""
    highest = max(float(points["value"].max() or 0.0), target or 0.0)  # type: ignore[arg-type]
    limits = points["upper"].drop_nulls()
    most = limits.quantile(0.8) if limits.len() else None
    return min(1.08 * max(highest, most or 0.0), 1.0) or 1.0


def beginnings(edges: pl.DataFrame, *, palette: Palette) -> list[Spec]:
    """An upright line where limits are recalculated, or where something changed, with its label at the top."""
    place = {"x": field("day:T", scale=UTC)}
    line = layer(edges, "rule", place, color=palette.text, strokeDash=[2, 3], strokeWidth=1.5)
    text = place | {"y": {"value": 18}, "text": "label:N"}
    return [line, *on_a_rim(edges, text, palette=palette, ink=palette.text, align="left", baseline="top", dx=5)]


def _tooltip(by: str) -> list[Spec]:
    named = {"when": by.capitalize(), "rate_text": "Rate", "halves": "Calls", "centre_text": "Centre line"}
    return tooltip(**named, limits_text="Limits", rule_text="What it breaks")


def _of_each_day(points: pl.DataFrame, base: Spec, palette: Palette) -> list[Spec]:
    """A bar from limit to limit on each day, and a dash at its centre: a line through would saw up and down."""
    days = points["day"]
    width = max(1.5, min(12.0, _ROOM / max((days.max() - days.min()).days, 1)))  # type: ignore[operator, union-attr]
    ink = palette.answered
    return [
        layer(points, "rule", base | {"y": "lower:Q", "y2": "upper"}, only=_LIMITED, color=ink, opacity=0.3,
              strokeWidth=width, clip=True),
        layer(points, "tick", base | {"y": "centre:Q"}, only=_LIMITED, color=ink, thickness=2, size=width),
    ]  # fmt: skip


_LIMITED = "isValid(datum.centre)"


def _through(points: pl.DataFrame, base: Spec, palette: Palette) -> list[Spec]:
    """A band from limit to limit with dashed edges, and a line at the centre."""
    base = base | {"detail": "segment:N"}
    look = {"only": _LIMITED, "color": palette.answered, "interpolate": "step"}
    edge = {"strokeDash": [5, 4], "strokeWidth": 1.3, "clip": True}
    return [
        layer(points, "area", base | {"y": "lower:Q", "y2": "upper"}, opacity=0.13, clip=True, **look),
        layer(points, "line", base | {"y": "lower:Q"}, **edge, **look),
        layer(points, "line", base | {"y": "upper:Q"}, **edge, **look),
        layer(points, "line", base | {"y": "centre:Q"}, strokeWidth=1.8, **look),
    ]


def _points(points: pl.DataFrame, base: Spec, palette: Palette, marks: list[str], *, only: object = None) -> Spec:
    colours = dict(zip(MARKS, (palette.offered, palette.abandoned, palette.answered, palette.quiet), strict=True))
    shapes = dict(zip(MARKS, _SHAPES, strict=True))
    legend = LEGEND | {"labelFontSize": AXIS_SIZE}
    asks = {"field": "mark", "oneOf": [ASKS_HIGHER, ASKS_LOWER]}
    looks = {
        "color": by_value("mark", marks, [colours[mark] for mark in marks], legend=legend),
        "shape": by_value("mark", marks, [shapes[mark] for mark in marks], legend=legend),
        "size": {"condition": {"test": asks, "value": 110}, "value": 30},
    }
    return layer(points, "point", base | looks, only=only, filled=True, opacity=1)


def drift_chart(points: pl.DataFrame, *, palette: Palette, edges: pl.DataFrame | None = None) -> Chart:
    """The weighted mean in steps from the centre, with its limits; triangles where it is beyond them.

    Needs `day`, `value`, `lower`, `upper`, `segment`, `mark` (one of MARKS), and the texts `when`, `value_text`,
    `limits_text`.
    """
    base = {"x": day_axis(points["day"]), "tooltip": tooltip(**DRIFT_TOLD), "detail": "segment:N"}
    value = base | {"y": field("value:Q", title="Steps from the centre", axis={"tickCount": 5})}
    ink, edge = palette.answered, {"strokeDash": [5, 4], "strokeWidth": 1.3}
    beyond = sorted(set(points["mark"]) - {ORDINARY}, key=MARKS.index)
    outside = {"not": equal("mark", ORDINARY)}
    layers = [
        layer(points, "area", base | {"y": "lower:Q", "y2": "upper"}, color=ink, opacity=0.13),
        layer(points, "line", base | {"y": "lower:Q"}, color=ink, **edge),
        layer(points, "line", base | {"y": "upper:Q"}, color=ink, **edge),
        layer(pl.DataFrame({"value": [0.0]}), "rule", {"y": "value:Q"}, color=ink, strokeWidth=1.8),
        layer(points, "line", value, color=palette.text, strokeWidth=1.8),
        *([_points(points, value, palette, beyond, only=outside)] if beyond else ()),
        *(beginnings(edges, palette=palette) if edges is not None and edges.height else ()),
    ]
    return layered(layers, palette=palette, height=200)


WIDE, HIGH = 132, 104  # pixels
_FONT = "Segoe UI, DejaVu Sans, sans-serif"  # of the reader's own: a picture brings none
UP, DOWN, LEVEL = "up", "down", "level"


@dataclass(frozen=True)
class Icon:
    """A picture, the words in it, and what it means in a sentence."""

    name: str
    word: str
    meaning: str
    picture: str  # SVG


VARIATION = {
    "common_cause": ("Ordinary", "The newest {by} varies as the {by}s before it did.", LEVEL),
    "special_cause_concern": ("Concern: higher", "The newest {by} is part of a signal that the rate is higher.", UP),
    "special_cause_improvement": ("Improving: lower", "The newest {by} is part of a signal that it is lower.", DOWN),
}
ASSURED = {
    "consistent_pass": ("Meets target", "Ordinary variation alone would meet the target every time.", DOWN),
    "consistent_fail": ("Misses target", "Ordinary variation alone would miss the target every time.", UP),
    "inconsistent": ("Now and then", "Ordinary variation alone would meet the target now and miss it then.", LEVEL),
}


def icons(chart: RateChart, *, palette: Palette) -> list[Icon]:
    """The two icons of a chart of weeks or months; none without limits, one without a target."""
    found = []
    if chart.by != "day" and chart.variation:
        word, meaning, way = VARIATION[chart.variation]
        meaning = meaning.format(by=chart.by)
        found.append(Icon("Variation", word, meaning, _tile(word, _points_to(way, palette), palette)))
    if chart.by != "day" and chart.assurance:
        word, meaning, way = ASSURED[chart.assurance]
        found.append(Icon("Assurance", word, meaning, _tile(word, _against_target(way, palette), palette)))
    return found


def _tile(word: str, drawing: str, palette: Palette) -> str:
    """A drawing in a frame, its word beneath."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDE}" height="{HIGH}" viewBox="0 0 {WIDE} {HIGH}">'
        f"<title>{escape(word)}</title>"
        f'<rect x="1" y="1" width="{WIDE - 2}" height="72" rx="10" fill="{palette.background}" stroke="{palette.quiet}"'
        f' stroke-width="1.5"/>{drawing}'
        f'<text x="{WIDE // 2}" y="95" text-anchor="middle" font-family="{_FONT}" font-size="15" font-weight="600"'
        f' fill="{palette.text}">{escape(word)}</text></svg>'
    )


def _points_to(way: str, palette: Palette) -> str:
    """Points between two limits; or an arrow through one of them."""
    if way == LEVEL:
        dots = "".join(_dot(x, y, palette.offered) for x, y in ((28, 40), (47, 31), (66, 43), (85, 33), (104, 38)))
        return _line(20, palette.quiet) + _line(54, palette.quiet) + dots
    colour = palette.abandoned if way == UP else palette.answered
    arrow = (
        f'<path d="M66 60 V18 M50 32 L66 14 L82 32" fill="none" stroke="{colour}" stroke-width="6"'
        ' stroke-linecap="round" stroke-linejoin="round"/>'
    )
    turned = arrow if way == UP else f'<g transform="rotate(180 66 37)">{arrow}</g>'
    return _line(37, palette.quiet) + turned


def _against_target(way: str, palette: Palette) -> str:
    """Points below the target's line, above it, or on both sides of it."""
    rows = {DOWN: (46, 54, 48, 56, 50), UP: (18, 26, 20, 28, 22), LEVEL: (24, 50, 28, 46, 26)}[way]
    line = f'<path d="M14 37 H118" stroke="{palette.target}" stroke-width="2.5" stroke-dasharray="7 4"/>'
    colour = {DOWN: palette.answered, UP: palette.abandoned, LEVEL: palette.offered}[way]
    return line + "".join(_dot(x, y, colour) for x, y in zip((28, 47, 66, 85, 104), rows, strict=True))


def _dot(x: int, y: int, colour: str) -> str:
    return f'<circle cx="{x}" cy="{y}" r="5" fill="{colour}"/>'


def _line(y: int, colour: str) -> str:
    return f'<path d="M14 {y} H118" stroke="{colour}" stroke-width="1.5" stroke-dasharray="5 4"/>'


HOW_TO_READ = (
    "A dot is a week that counts, a cross one on neither side; the thick lines are the rates of all calls before and "
    "after. Calls and agents are here to be looked at: a fall that goes with fewer calls may be theirs."
)
_LEFT = {"minExtent": 48, "maxExtent": 48}
"""Pixels left of every axis, so that the weeks of one chart stand under those of the other."""
BEFORE, AFTER, NEITHER = "before", "after", "on neither side"


def weekly(
    weeks: Sequence[Week], *, whole: Sequence[Week], day: date, offered: Mapping[date, int], agents: Mapping[date, int]
) -> pl.DataFrame:
    """Each week with its side of the date, its rate, calls and agents, and the same as text."""
    kept = {week.monday for week in whole}
    rows = [
        {
            "day": week.monday,
            "side": _side(week.monday, day) if week.monday in kept else NEITHER,
            "rate": week.count / week.of,
            "offered": offered.get(week.monday),
            "agents": agents.get(week.monday),
            "when": f"Week from {words.short_day(week.monday)}",
            "rate_text": words.percent(week.count / week.of),
            "halves": words.counts_words(week.count, week.of),
            "offered_text": words.count(offered.get(week.monday)),
            "agents_text": words.count(agents.get(week.monday)),
        }
        for week in weeks
        if week.of > 0
    ]
    return pl.DataFrame(rows, schema_overrides={"day": pl.Date, "offered": pl.Int64, "agents": pl.Int64})


def _side(monday: date, day: date) -> str:
    if monday < day < monday + timedelta(days=7):
        return NEITHER
    return BEFORE if monday < day else AFTER


def rate_and_sides(
    frame: pl.DataFrame, *, found: Since, day: date, palette: Palette, actions: Sequence[tuple[date, str]] = ()
) -> Chart:
    """Each week's rate, with the rate of all calls on either side of the date, and what the desk did when."""
    scale = {"scale": {"zero": True}, "axis": percent_axis(4) | _LEFT}
    base = {
        "x": day_axis(frame["day"]),
        "tooltip": tooltip(when="Week", rate_text="Rate", halves="Calls"),
        "y": field("rate:Q", title="Share of calls", **scale),
    }
    neither, mark = equal("side", NEITHER), {"filled": True, "opacity": 1}
    levels = {"x": "day:T", "y": "rate:Q", "detail": "side:N"}
    layers = [
        layer(frame, "line", base, color=palette.quiet, strokeWidth=1, opacity=0.7),
        layer(frame, "point", base, only={"not": neither}, size=36, shape="circle", color=palette.abandoned, **mark),
        layer(frame, "point", base, only=neither, size=110, shape="cross", color=palette.quiet, **mark),
        layer(_levels(frame, found), "line", levels, color=palette.answered, strokeWidth=3),
        *_date(day, palette),
        *(action_lines(actions, palette=palette) if actions else ()),
    ]
    return layered(layers, palette=palette, height=200)


def _levels(frame: pl.DataFrame, found: Since) -> pl.DataFrame:
    """The rate of all calls on either side, at the first and the last week of the side."""
    rows = [
        {"day": edge, "rate": rate, "side": side}
        for side, rate in ((BEFORE, found.before.rate), (AFTER, found.after.rate))
        for edge in _ends(frame.filter(pl.col("side") == side)["day"])
        if rate is not None
    ]
    return pl.DataFrame(rows, schema={"day": pl.Date, "rate": pl.Float64, "side": pl.String})


def _ends(days: pl.Series) -> list[Any]:
    return [days.min(), days.max()] if days.len() else []


def calls_each_week(frame: pl.DataFrame, *, day: date, palette: Palette) -> Chart:
    """How many calls were offered each week, under the same weeks."""
    return _bars(frame, "offered", title="Calls offered", day=day, palette=palette)


def agents_each_week(frame: pl.DataFrame, *, day: date, palette: Palette) -> Chart:
    """How many agents answered calls each week, under the same weeks."""
    return _bars(frame, "agents", title="Agents", day=day, palette=palette)


def _bars(frame: pl.DataFrame, column: str, *, title: str, day: date, palette: Palette) -> Chart:
    bars = {
        "x": day_axis(frame["day"]),
        "y": field(f"{column}:Q", title=title, axis={"format": ",.0f", "tickCount": 3} | _LEFT),
        "tooltip": tooltip(when="Week", **{f"{column}_text": title}),
    }
    width = max(2.0, min(14.0, 480 / max(frame.height, 1)))
    layers = [layer(frame, "bar", bars, color=palette.offered, width=width), *_date(day, palette)[:1]]
    return layered(layers, palette=palette, height=110)


def _date(day: date, palette: Palette) -> list[Spec]:
    return beginnings(pl.DataFrame({"day": [day], "label": [words.short_day(day)]}), palette=palette)


def volume_and_staff_sentence(frame: pl.DataFrame) -> str:
    """What the volume and staffing were on either side, in a sentence; nothing is made of it."""
    said = []
    for column, what in (("offered", "calls offered"), ("agents", "agents answering")):
        means = [frame.filter(pl.col("side") == side)[column].mean() for side in (BEFORE, AFTER)]
        if all(isinstance(mean, float) for mean in means):
            before, after = (words.count(mean) for mean in means)  # type: ignore[arg-type]
            said.append(f"{before} {what} in a week before the date and {after} after it, on average")
    return f"{'; '.join(said)}." if said else ""
