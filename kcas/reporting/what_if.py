"""Two scenarios and sweeps: charts and cells.

A roster as an editable table, and the edits made.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from kcas.desk.units import clock, read_time_of_day
from kcas.errors import ScenarioError
from kcas.reporting import words
from kcas.reporting.charts import (
    AXIS_SIZE,
    OWN_COLOURS,
    Chart,
    Palette,
    by_value,
    equal,
    field,
    layer,
    layered,
    percent_axis,
    shaded,
    time_axis,
    tooltip,
)
from kcas.reporting.projection import a_day, interval_words, projected_share
from kcas.simulation.day_trace import Now
from kcas.simulation.scenario.changes import agents_by_interval
from kcas.simulation.scenario.schema import Scenario
from kcas.simulation.sweep import Cell, amount_words

WHICH = ["As it is", "What if"]


def projected_half_hours(
    points: pl.DataFrame, *, title: str, share: bool, palette: Palette, height: int = 260
) -> Chart:
    """One measure through the day, as it is and as it would be, told apart by shape and dash as well as by colour.

    Needs `which`, `start`, `value`, `low`, `high` and the texts `value_text`, `interval_text`, `halves`.
    """
    told = {"which": "Scenario", "start": "Half-hour from", "value_text": title, "interval_text": "95% interval"}
    base = {
        "x": time_axis(points["start"].unique().sort().to_list()),
        "tooltip": tooltip(**told, halves="Calls a day"),
    }
    inks = [palette.offered, palette.answered]
    axis = percent_axis() if share else {"format": ",.0f", "tickCount": 5}
    value = base | {"y": field("value:Q", title=title, axis=axis, scale={"zero": True})}
    reach = base | {"y": "low:Q", "y2": "high"}
    layers = []
    for which, ink, dash in zip(WHICH, inks, ([5, 3], [1, 0]), strict=True):
        one = {"only": equal("which", which), "color": ink}
        layers.append(layer(points, "rule", reach, opacity=0.6, strokeWidth=3, **one))
        layers.append(layer(points, "line", value, strokeDash=dash, strokeWidth=1.8, **one))
    marked = {"color": by_value("which", WHICH, inks), "shape": by_value("which", WHICH, ["square", "circle"])}
    layers.append(layer(points, "point", value | marked, filled=True, size=60, opacity=1))
    return layered(layers, palette=palette, height=height)


def sweep(cells: pl.DataFrame, *, across: str, down: str, palette: Palette, row_height: int = 40) -> Chart:
    """The share abandoned for every pair of two inputs, written in each cell; darker or brighter is more.

    Needs `across`, `down` (words, in order), `step`, `label` and the texts `value_text`, `interval_text`, `halves`.
    """
    columns = cells["across"].unique(maintain_order=True).to_list()
    rows = cells["down"].unique(maintain_order=True).to_list()
    told = {"across": across, "down": down, "value_text": "Share abandoned", "interval_text": "95% interval"}
    top = {"orient": "top", "labelAngle": 0, "domain": False}
    base = {
        "x": field("across:O", sort=columns, title=across, axis=top),
        "y": field("down:O", sort=rows, title=down, axis={"domain": False}),
        "tooltip": tooltip(**told, halves="Calls a day"),
    }
    layers = shaded(cells, base, palette=palette, fontSize=AXIS_SIZE)
    return layered(layers, palette=palette, height=row_height * max(len(rows), 1), resolve=OWN_COLOURS)


COURSE = ("waiting", "agents", "hung_up")


def course(minutes: pl.DataFrame, *, what: str, palette: Palette, height: int = 110) -> Chart:
    """One strip of a simulated day, minute by minute: who waits, who works of how many, or who hangs up."""
    hours = [row for row in minutes["clock"].to_list() if row.endswith(":00")]
    axis = {"values": hours, "labelAngle": 0, "grid": False, "labelOverlap": True}
    counts = {"waiting": "Waiting", "busy": "Agents busy", "agents": "Agents", "hung_up": "Hung up in this minute"}
    told = [field("clock:N", title="At"), *(field(f"{name}:Q", title=title) for name, title in counts.items())]
    base = {"x": field("clock:O", title=None, axis=axis), "tooltip": told}
    bar, title, ink = {
        "waiting": ("waiting", "Waiting", palette.answered),
        "agents": ("busy", "Agents busy", palette.offered),
        "hung_up": ("hung_up", "Hung up", palette.abandoned),
    }[what]
    y = field(f"{bar}:Q", title=title, axis={"format": ",.0f", "tickCount": 3, "tickMinStep": 1})
    layers = [layer(minutes, "bar", base | {"y": y}, color=ink)]
    if what == "agents":
        line = {"color": palette.text, "strokeWidth": 1.8, "interpolate": "step-after"}
        layers.append(layer(minutes, "line", base | {"y": "agents:Q"}, **line))
    return layered(layers, palette=palette, height=height)


def desk(moment: Now, *, palette: Palette, most: int = 60) -> Chart:
    """The desk at one moment: agents busy or free, callers waiting with their waits, those who just hung up."""
    what = ["busy", "free", "waiting", "hung up"]
    inks = [palette.offered, palette.grid, palette.answered, palette.abandoned]
    places = {
        "x": field("place:Q", title=None, axis=None, scale={"domain": [-1, max(20, most // 2)]}),
        "y": field("row:N", sort=_ROWS, title=None, axis={"domain": False, "ticks": False}, scale={"domain": _ROWS}),
        "color": by_value("what", what, inks),
        "shape": by_value("what", what, ["square", "square", "circle", "cross"]),
        "tooltip": tooltip(what="What", who="Who"),
    }
    look = {"filled": True, "size": 170, "opacity": 1, "stroke": palette.quiet, "strokeWidth": 1}
    return layered([layer(_people(moment, most=most), "point", places, **look)], palette=palette, height=150)


_ROWS = ["Agents", "Waiting", "Hung up recently"]


def _people(moment: Now, *, most: int) -> pl.DataFrame:
    """Agents and callers, each at a place in a row."""
    agents, waiting, gone = _ROWS
    rows = [(agents, n, "busy" if n < moment.busy else "free", "") for n in range(max(moment.agents, moment.busy))]
    rows += [(waiting, n, "waiting", f"{kind}, {waited:.0f} s") for n, (kind, waited) in
             enumerate(moment.waiting.iter_rows())]  # fmt: skip
    rows += [(gone, n, "hung up", f"{kind}, after {waited:.0f} s") for n, (kind, _, waited) in
             enumerate(moment.recent_hang_ups.iter_rows())]  # fmt: skip
    schema = {"row": pl.String, "place": pl.Int64, "what": pl.String, "who": pl.String}
    return pl.DataFrame([row for row in rows if row[1] < most], schema=schema, orient="row")


AMOUNTS: dict[str, tuple[float, ...]] = {
    "agents": (-3, -2, -1, 0, 1, 2, 3, 4),
    "calls": (0.8, 0.9, 1.0, 1.1, 1.2),
    "handling": (0.85, 0.9, 0.95, 1.0, 1.05, 1.1),
    "patience": (0.5, 0.75, 1.0, 1.5, 2.0),
}
"""What each input is tried at."""
TITLES = {
    "agents": "Agents more or fewer, all day", "calls": "Calls", "handling": "Handling time", "patience": "Patience",
}  # fmt: skip
FLOORS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.3)
"""From what share abandoned each step of the palette begins."""


def title(key: str) -> str:
    """An input in words."""
    return TITLES[key]


def option(key: str, scenario: Scenario) -> str:
    """An axis as the command takes it. So many agents fewer that no one is left are not tried."""
    most = max(agents_by_interval(scenario, next(iter(scenario.teams))))
    amounts = [amount for amount in AMOUNTS[key] if key != "agents" or amount > -most]
    return f"{key}={','.join(f'{amount:g}' for amount in amounts)}"


def cells(found: Sequence[Cell], *, across: str, down: str, palette: Palette) -> pl.DataFrame:
    """A row a pair of amounts, with its step of the palette and its ready words."""
    floors = FLOORS[: len(palette.steps)]
    rows = []
    for cell in found:
        rate, above, below = (cell.measures[name] for name in ("rate", "numerator", "denominator"))
        halves = f"{a_day(above.mean)} of {a_day(below.mean)} a day"
        rows.append(
            {
                "across": amount_words(across, cell.across),
                "down": amount_words(down, cell.down),
                "value": rate.mean,
                "step": sum(floor <= (rate.mean or 0.0) for floor in floors) - 1,
                "label": words.percent(rate.mean),
                "value_text": words.percent(rate.mean),
                "interval_text": interval_words(rate, projected_share),
                "halves": halves,
            }
        )
    return pl.DataFrame(rows)


def counts_table(cells: pl.DataFrame, *, across: str, down: str) -> pl.DataFrame:
    """The same pairs as a table: each share with the calls a day that it is made of, and its interval."""
    return cells.select(
        pl.col("down").alias(down), pl.col("across").alias(across), pl.col("value_text").alias("Abandoned"),
        pl.col("halves").alias("Hung up, of calls"), pl.col("interval_text").alias("95% interval"),
    )  # fmt: skip


def sweep_sentence(cells: pl.DataFrame) -> str:
    """The heat map in a sentence, for readers who cannot see it."""
    told = cells.drop_nulls("value").sort("value")
    if told.is_empty():
        return "Nothing to draw."
    low, high = told.row(0, named=True), told.row(-1, named=True)
    return (
        f"Lowest: {low['value_text']} at {low['across']} across and {low['down']} down. "
        f"Highest: {high['value_text']} at {high['across']} across and {high['down']} down."
    )


STARTS = "From"
SHIFT = ("From", "To", "Agents")


def by_half_hour(scenario: Scenario) -> pl.DataFrame:
    """Agents of each team without shifts in each half-hour."""
    day = scenario.day
    starts = [clock(day.opens + number * day.interval) for number in range(day.intervals)]
    teams = {name: agents_by_interval(scenario, name) for name, team in scenario.teams.items() if not team.shifts}
    return pl.DataFrame({STARTS: starts} | {name: list(agents) for name, agents in teams.items()})


def by_shift(scenario: Scenario, team: str) -> pl.DataFrame:
    """A team's shifts."""
    rows = [(clock(each.from_), clock(each.to), each.agents) for each in scenario.teams[team].shifts]
    return pl.DataFrame(rows, schema=list(SHIFT), orient="row")


def edited_rosters(before: pl.DataFrame, rows: Sequence[Mapping[str, Any]]) -> dict[str, tuple[int, ...]]:
    """The teams whose numbers were changed, as they now are. Raises ScenarioError for what is no number of agents."""
    found = {}
    for team in before.columns[1:]:
        after = [row[team] for row in rows]
        if after != before[team].to_list():
            found[team] = tuple(
                agents(value, where=f"{team}, {start}") for start, value in zip(before[STARTS], after, strict=True)
            )
    return found


def edited_shifts(before: pl.DataFrame, rows: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, str, int], ...]:
    """The shifts as they now are; nothing where none was changed. Raises ScenarioError for a row that is no shift."""
    found = tuple(
        (_time(row["From"], number), _time(row["To"], number), agents(row["Agents"], where=f"shift {number}"))
        for number, row in enumerate(rows, start=1)
    )
    return () if found == tuple(before.iter_rows()) else found


def agents(value: object, *, where: str) -> int:
    """A whole number of agents."""
    if not isinstance(value, int | float) or value != value or value < 0 or value != int(value):
        raise ScenarioError(f"{where}: {value!r} is not a number of agents. Expected a whole number, like 12.")
    return int(value)


def _time(value: object, number: int) -> str:
    """A time of day as scenario files have it."""
    return clock(read_time_of_day(value, where=f"shift {number}"))
