"""Charts: functions from a frame to a Vega-Lite specification, for the screen, the pack and a notebook.

The specifications are written as plain dictionaries: they name their data, and cost next to nothing to make. The frames
carry their tooltips as ready text (see `tables`), so a chart writes no number of its own.

Source: the Vega-Lite reference, https://vega.github.io/vega-lite/docs/.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from kcas.reporting import words
from kcas.reporting.palettes import Palette as Palette  # every chart takes one

Spec = dict[str, Any]
"""A part of a Vega-Lite specification."""
_KINDS = {"Q": "quantitative", "N": "nominal", "O": "ordinal", "T": "temporal"}
_FONT = "Source Sans, Source Sans 3, Segoe UI, DejaVu Sans, sans-serif"
AXIS_SIZE, TITLE_SIZE, CELL_SIZE = 13, 14, 13
FEW_TICKS = 16
LABELS_APART = 8  # pixels between two labels of an axis: closer, 06:30 and 07:30 read as one
HEADING = 30  # pixels that the weekdays' names take of a heat map's height
UTC = {"type": "utc"}  # days are drawn as they are, whatever the reader's own time zone
CLICKED = "clicked"
"""The name of the layer whose marks can be clicked."""
LEGEND = {"orient": "top", "direction": "horizontal"}


@dataclass(frozen=True)
class Chart:
    """A Vega-Lite specification that refers to its data by name, and the frame of each name."""

    spec: Spec
    frames: Mapping[str, pl.DataFrame]

    def to_dict(self) -> Spec:
        """The specification with the rows in it."""
        return self.spec | {"datasets": {name: _rows(frame) for name, frame in self.frames.items()}}

    def to_altair(self) -> Any:
        """The same as an Altair chart, to be changed or saved in a notebook."""
        import altair

        return altair.Chart.from_dict(self.to_dict())


def _rows(frame: pl.DataFrame) -> list[Spec]:
    """The rows as JSON has them: days and moments as ISO 8601, a day at midnight."""
    forms = {name: _iso(kind) for name, kind in frame.schema.items() if kind.is_temporal()}
    return frame.with_columns(pl.col(name).dt.to_string(form) for name, form in forms.items()).to_dicts()


def _iso(kind: pl.DataType) -> str:
    if not isinstance(kind, pl.Datetime):
        return "%Y-%m-%dT00:00:00"
    return "%Y-%m-%dT%H:%M:%S" + ("%z" if kind.time_zone else "")


def layered(layers: Sequence[Spec], *, palette: Palette, height: int, **more: Any) -> Chart:
    """These layers, one upon the other, in the house's sizes and the palette's colours; height in pixels.

    The frames keep the columns that the layers use: each is sent to a browser at every change.
    """
    names: dict[int, str] = {}
    frames: dict[str, pl.DataFrame] = {}
    used: dict[str, set[str]] = {}
    named = []
    for each in layers:
        frame = each["data"]
        name = names.setdefault(id(frame), f"frame_{len(names) + 1}")
        frames[name] = frame
        used.setdefault(name, set()).update(_columns(each), _columns(more))
        named.append(each | {"data": {"name": name}})
    kept = {name: frame.select(n for n in frame.columns if n in used[name]) for name, frame in frames.items()}
    return Chart({"config": theme(palette), "layer": named, "height": height, **more}, kept)


def _columns(part: object) -> Iterator[str]:
    """The columns that a part names: as a field, among the fields of a selection, or in an expression."""
    if isinstance(part, str):
        yield from _IN_EXPRESSION.findall(part)
    elif isinstance(part, Mapping):
        for key, inner in part.items():
            yield from [inner] if key == "field" else inner if key == "fields" else _columns(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _columns(inner)


_IN_EXPRESSION = re.compile(r"\bdatum\.(\w+)")


def layer(frame: pl.DataFrame, mark: str, encoding: Mapping[str, Any], *, only: object = None, **look: Any) -> Spec:
    """Marks of one kind for the rows of a frame, or for `only` those that meet a Vega-Lite predicate.

    An encoding may be in short, as "rate:Q". `look` holds the mark's own options.
    """
    channels = {name: field(value) if isinstance(value, str) else value for name, value in encoding.items()}
    found: Spec = {"data": frame, "mark": {"type": mark, **look}, "encoding": channels}
    return found if only is None else found | {"transform": [{"filter": only}]}


def field(short: str, **options: Any) -> Spec:
    """A column as an encoding: after the colon Q for a quantity, N nominal, O ordinal, T a time; none for y2 and x2."""
    name, _, kind = short.partition(":")
    return {"field": name, **({"type": _KINDS[kind]} if kind else {}), **options}


def tooltip(**titles: str) -> list[Spec]:
    """What is shown of a mark that is pointed at: the columns of ready texts, each with its title."""
    return [field(f"{name}:N", title=title) for name, title in titles.items()]


def equal(column: str, value: str) -> Spec:
    """The rows whose column has this value."""
    return {"field": column, "equal": value}


def by_value(column: str, values: Sequence[str], shown_as: Sequence[str], **options: Any) -> Spec:
    """A colour or shape for each of these values of a column, with one legend for all that is told apart by it."""
    scale = {"domain": list(values), "range": list(shown_as)}
    return field(f"{column}:N", sort=list(values), title=None, scale=scale, legend=LEGEND) | options


def if_clicked(value: Any, otherwise: Any) -> Spec:
    """One value for the mark that was clicked, another for all others."""
    return {"condition": {"param": "chosen", "value": value, "empty": False}, "value": otherwise}


def clicks(*columns: str) -> list[Spec]:
    """The parameter that keeps which mark of the layer CLICKED was clicked, by these columns."""
    select = {"type": "point", "fields": list(columns), "on": "click"}
    return [{"name": "chosen", "select": select, "views": [CLICKED]}]


def theme(palette: Palette) -> Spec:
    """The house's sizes and the palette's colours, as Vega-Lite's configuration."""
    sizes = {"labelFontSize": AXIS_SIZE, "titleFontSize": AXIS_SIZE, "titleColor": palette.text}
    return {
        "background": palette.background,
        "font": _FONT,
        "padding": 4,
        "view": {"continuousWidth": 300, "continuousHeight": 300, "stroke": None},
        "axis": sizes
        | {
            "titleFontWeight": "normal",
            "titlePadding": 8,
            "labelSeparation": LABELS_APART,
            "labelColor": palette.quiet,
            "gridColor": palette.grid,
            "domainColor": palette.quiet,
            "tickColor": palette.quiet,
        },
        "legend": sizes | {"labelColor": palette.text, "symbolSize": 110, "symbolStrokeWidth": 2, "labelLimit": 0},
        "title": {"fontSize": TITLE_SIZE, "color": palette.text, "anchor": "start"},
    }


def daily_rate(
    days: pl.DataFrame, *, palette: Palette, name: str = "abandoned", target: float | None = None, height: int = 280
) -> Chart:
    """The rate of each day with its interval, from zero up, and the target where there is one.

    Needs `day`, `rate`, `low`, `high`, and the texts `when`, `halves`, `rate_text`, `interval_text`.
    """
    shown = days.with_columns(key=pl.col("day").cast(pl.String))
    told = tooltip(when="Day", rate_text=f"Share {name}", halves="Calls", interval_text="95% interval")
    base = {"x": day_axis(days["day"]), "tooltip": told}
    rate = field("rate:Q", title=f"Share {name}", axis=percent_axis(), scale={"zero": True})
    ink = palette.abandoned
    click = base | {"y": {"value": 0}, "y2": {"value": height}}
    layers = [
        layer(shown, "rule", base | {"y": "low:Q", "y2": "high"}, color=ink, opacity=0.45, strokeWidth=3),
        layer(shown, "line", base | {"y": rate}, color=ink, strokeWidth=1.5),
        layer(shown, "point", base | {"y": rate, "size": if_clicked(130, 45)}, color=ink, filled=True, opacity=1,
              shape="circle"),
        layer(shown, "rule", click, opacity=0.001, strokeWidth=9, cursor="pointer") | {"name": CLICKED},
        *(target_line(target, palette=palette) if target is not None else ()),
    ]  # fmt: skip
    return layered(layers, palette=palette, height=height, params=clicks("key"))


def percent_axis(ticks: int = 5) -> Spec:
    """An axis of whole percentages."""
    return {"format": ".0%", "tickCount": ticks}


def target_line(target: float, *, palette: Palette) -> list[Spec]:
    """A dashed line at the target, with its name written on it."""
    frame = pl.DataFrame({"target": [target], "label": [f"target: at most {words.percent(target, places=0)}"]})
    line = layer(frame, "rule", {"y": "target:Q"}, color=palette.target, strokeDash=[6, 4], strokeWidth=1.5)
    encoding = {"y": "target:Q", "x": {"value": 0}, "text": "label:N"}
    return [line, *on_a_rim(frame, encoding, palette=palette, ink=palette.target, align="left", dx=4, dy=-7)]


def on_a_rim(
    frame: pl.DataFrame, encoding: Mapping[str, Any], *, palette: Palette, ink: str, **look: Any
) -> list[Spec]:
    """Text on a rim of the background, or points would run through it."""
    rim, look = palette.background, {"fontSize": AXIS_SIZE, **look}
    return [
        layer(frame, "text", encoding, color=rim, stroke=rim, strokeWidth=4, **look),
        layer(frame, "text", encoding, color=ink, **look),
    ]


def day_axis(days: pl.Series) -> Spec:
    """Days along the foot, marked at Mondays, or at the first of months where those would crowd."""
    marks, form = day_marks(days.min(), days.max())  # type: ignore[arg-type]
    values = [{"year": d.year, "month": d.month, "date": d.day, "utc": True} for d in marks]
    axis = {"values": values, "format": form, "grid": False, "labelOverlap": True, "labelFlush": False}
    return field("day:T", title=None, scale=UTC, axis=axis)


def time_axis(starts: Sequence[str], **options: Any) -> Spec:
    """Times of day along the foot, in this order, from the column `start`."""
    axis = {"labelAngle": 0, "grid": False, "labelOverlap": True}
    return field("start:O", sort=list(starts), title=None, axis=axis) | options


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


def volumes(days: pl.DataFrame, *, palette: Palette, height: int = 220) -> Chart:
    """Offered, answered and abandoned a day, told apart by shape and dash as well as by colour.

    Needs long rows: `day`, `what` (one of the three), `calls`, and the texts `when`, `calls_text`.
    """
    kinds = ["Offered", "Answered", "Abandoned"]
    inks = [palette.offered, palette.answered, palette.abandoned]
    base = {
        "x": day_axis(days["day"]),
        "y": field("calls:Q", title="Calls a day", axis={"format": ",.0f", "tickCount": 4}),
        "tooltip": tooltip(when="Day", what="Calls", calls_text="Number"),
    }
    marked = {"color": by_value("what", kinds, inks), "shape": by_value("what", kinds, ["square", "circle", "diamond"])}
    layers = [
        layer(days, "line", base, only=equal("what", kind), color=ink, strokeDash=dash, strokeWidth=1.8)
        for kind, ink, dash in zip(kinds, inks, ([5, 3], [1, 0], [2, 2]), strict=True)
    ]
    layers.append(layer(days, "point", base | marked, filled=True, size=38, opacity=1))
    return layered(layers, palette=palette, height=height)


def heat_map(cells: pl.DataFrame, *, palette: Palette, name: str = "abandoned", row_height: int = 22) -> Chart:
    """Half-hours down, weekdays across, the share lost written in each cell; darker or brighter is more.

    Needs `weekday`, `half_hour`, `rate`, `step` (index into the palette's steps), `label`, and the texts
    `halves`, `rate_text`, `interval_text`.
    """
    rows = cells["half_hour"].unique().sort().to_list()
    across = {"orient": "top", "labelAngle": 0, "ticks": False, "domain": False,
              "labelExpr": "slice(datum.label, 0, 3)"}  # fmt: skip
    told = {"weekday": "Day", "half_hour": "Half-hour from", "rate_text": f"Share {name}", "halves": "Calls"}
    base = {
        "x": field("weekday:O", sort=list(words.WEEKDAYS), title=None, axis=across),
        "y": field("half_hour:O", sort=rows, title=None, axis={"ticks": False, "domain": False}),
        "tooltip": tooltip(**told, interval_text="95% interval"),
    }
    border = {"stroke": if_clicked(palette.text, palette.background), "strokeWidth": if_clicked(2.5, 1.5)}
    squares, labels = shaded(cells, base, palette=palette, fontSize=CELL_SIZE, cursor="pointer")
    clicked = squares | {"encoding": squares["encoding"] | border, "name": CLICKED}
    return layered(
        [clicked, labels], palette=palette, height=row_height * len(rows) + HEADING,
        params=clicks("weekday", "half_hour"), resolve=OWN_COLOURS,
    )  # fmt: skip


OWN_COLOURS = {"scale": {"color": "independent"}}
"""The cells' colours and those of what is written in them are two scales."""


def shaded(cells: pl.DataFrame, base: Spec, *, palette: Palette, **look: Any) -> tuple[Spec, Spec]:
    """Cells in the palette's steps, and what is written in them. Needs `step` and `label`."""
    steps = list(range(len(palette.steps)))
    fill, ink = (
        field("step:O", legend=None, scale={"domain": steps, "range": colours})
        for colours in ([step.fill for step in palette.steps], [step.text for step in palette.steps])
    )
    cursor = {key: value for key, value in look.items() if key == "cursor"}
    return (
        layer(cells, "rect", base | {"color": fill}, stroke=palette.background, strokeWidth=1.5, **cursor),
        layer(cells, "text", base | {"text": "label:N", "color": ink}, **look),
    )
