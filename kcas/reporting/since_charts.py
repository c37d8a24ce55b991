"""Charts of the weeks around a date: rate, calls and agents on one axis."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import altair as alt
import polars as pl

from kcas.monitoring.since import Since, Week
from kcas.reporting import words
from kcas.reporting.charts import day_axis, styled
from kcas.reporting.control_charts import action_lines, beginnings
from kcas.reporting.palettes import Palette

HOW_TO_READ = (
    "A dot is a week that counts, a cross one on neither side; the thick lines are the rates of all calls before and "
    "after. Calls and agents are here to be looked at: a fall that goes with fewer calls may be theirs."
)
ROOM = 48  # pixels left of every axis, so that the weeks of one chart stand under those of the other
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
) -> alt.LayerChart:
    """Each week's rate, with the rate of all calls on either side of the date, and what the desk did when."""
    base = alt.Chart(frame).encode(x=day_axis(frame["day"]), tooltip=_tooltip(rate_text="Rate", halves="Calls"))
    value = alt.Y(
        "rate:Q",
        title="Share of calls",
        axis=alt.Axis(format=".0%", tickCount=4, minExtent=ROOM, maxExtent=ROOM),
        scale=alt.Scale(zero=True),
    )
    sides = [(BEFORE, found.before.rate), (AFTER, found.after.rate)]
    levels = pl.DataFrame(
        [
            {"day": edge, "rate": rate, "side": side}
            for side, rate in sides
            for edge in _ends(frame.filter(pl.col("side") == side)["day"])
            if rate is not None
        ],
        schema={"day": pl.Date, "rate": pl.Float64, "side": pl.String},
    )
    layers: list[Any] = [
        base.mark_line(color=palette.quiet, strokeWidth=1, opacity=0.7).encode(y=value),
        base.transform_filter(alt.datum.side != NEITHER).mark_point(filled=True, size=36, opacity=1, shape="circle")
        .encode(y=value, color=alt.value(palette.abandoned)),
        base.transform_filter(alt.datum.side == NEITHER).mark_point(filled=True, size=110, shape="cross", opacity=1)
        .encode(y=value, color=alt.value(palette.quiet)),
        alt.Chart(levels).mark_line(color=palette.answered, strokeWidth=3)
        .encode(x="day:T", y="rate:Q", detail="side:N"),
        *_date(day, palette),
        *(action_lines(actions, palette=palette) if actions else ()),
    ]  # fmt: skip
    return styled(alt.layer(*layers).properties(height=200), palette)


def _ends(days: pl.Series) -> list[Any]:
    return [days.min(), days.max()] if days.len() else []


def calls_each_week(frame: pl.DataFrame, *, day: date, palette: Palette) -> alt.LayerChart:
    """How many calls were offered each week, under the same weeks."""
    return _bars(frame, "offered", title="Calls offered", told="offered_text", day=day, palette=palette)


def agents_each_week(frame: pl.DataFrame, *, day: date, palette: Palette) -> alt.LayerChart:
    """How many agents answered calls each week, under the same weeks."""
    return _bars(frame, "agents", title="Agents", told="agents_text", day=day, palette=palette)


def _bars(frame: pl.DataFrame, column: str, *, title: str, told: str, day: date, palette: Palette) -> alt.LayerChart:
    base = alt.Chart(frame).encode(x=day_axis(frame["day"]), tooltip=_tooltip(**{told: title}))
    width = max(2.0, min(14.0, 480 / max(frame.height, 1)))
    bars = base.mark_bar(color=palette.offered, width=width).encode(
        y=alt.Y(f"{column}:Q", title=title, axis=alt.Axis(format=",.0f", tickCount=3, minExtent=ROOM, maxExtent=ROOM))
    )
    return styled(alt.layer(bars, *_date(day, palette)[:1]).properties(height=110), palette)


def _date(day: date, palette: Palette) -> list[alt.Chart]:
    return beginnings(pl.DataFrame({"day": [day], "label": [words.short_day(day)]}), palette=palette)


def _tooltip(**named: str) -> list[alt.Tooltip]:
    return [alt.Tooltip("when:N", title="Week")] + [
        alt.Tooltip(f"{name}:N", title=said) for name, said in named.items()
    ]


def volume_and_staff_sentence(frame: pl.DataFrame) -> str:
    """What the volume and staffing were on either side, in a sentence; nothing is made of it."""
    said = []
    for column, what in (("offered", "calls offered"), ("agents", "agents answering")):
        means = [frame.filter(pl.col("side") == side)[column].mean() for side in (BEFORE, AFTER)]
        if all(isinstance(mean, float) for mean in means):
            before, after = (words.count(mean) for mean in means)  # type: ignore[arg-type]
            said.append(f"{before} {what} in a week before the date and {after} after it, on average")
    return f"{'; '.join(said)}." if said else ""
