"""Two scenarios and sweeps: charts and cells.

A roster as an editable table, and the edits made.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import polars as pl

from kcas.desk.units import clock, read_time_of_day
from kcas.errors import ScenarioError
from kcas.reporting import words
from kcas.reporting.charts import AXIS_SIZE, styled
from kcas.reporting.palettes import Palette
from kcas.reporting.projection import a_day, interval_words, projected_share
from kcas.simulation.day_trace import Now
from kcas.simulation.scenario.changes import agents_by_interval
from kcas.simulation.scenario.schema import Scenario
from kcas.simulation.sweep import amount_words

WHICH = ["As it is", "What if"]


def projected_half_hours(
    points: pl.DataFrame, *, title: str, share: bool, palette: Palette, height: int = 260
) -> alt.LayerChart:
    """One measure through the day, as it is and as it would be, told apart by shape and dash as well as by colour.

    Needs `which`, `start`, `value`, `low`, `high` and the texts `value_text`, `interval_text`, `halves`.
    """
    starts = points["start"].unique().sort().to_list()
    base = alt.Chart(points).encode(
        x=alt.X(
            "start:O",
            sort=starts,
            title=None,
            axis=alt.Axis(labelAngle=0, grid=False, labelOverlap=True),
        ),
        tooltip=[
            alt.Tooltip("which:N", title="Scenario"),
            alt.Tooltip("start:N", title="Half-hour from"),
            alt.Tooltip("value_text:N", title=title),
            alt.Tooltip("interval_text:N", title="95% interval"),
            alt.Tooltip("halves:N", title="Calls a day"),
        ],
    )
    colours = [palette.offered, palette.answered]
    axis = alt.Axis(format=".0%", tickCount=5) if share else alt.Axis(format=",.0f", tickCount=5)
    y = alt.Y("value:Q", title=title, axis=axis, scale=alt.Scale(zero=True))
    layers = []
    for which, colour, dash in zip(WHICH, colours, ([5, 3], [1, 0]), strict=True):
        one = base.transform_filter(alt.datum.which == which)
        layers += [
            one.mark_rule(color=colour, opacity=0.6, strokeWidth=3).encode(y="low:Q", y2="high:Q"),
            one.mark_line(color=colour, strokeDash=dash, strokeWidth=1.8).encode(y=y),
        ]
    legend = alt.Legend(orient="top", direction="horizontal")
    shapes = alt.Scale(domain=WHICH, range=["square", "circle"])
    marks = base.mark_point(filled=True, size=60, opacity=1).encode(
        y=y,
        color=alt.Color("which:N", sort=WHICH, title=None, scale=alt.Scale(domain=WHICH, range=colours), legend=legend),
        shape=alt.Shape("which:N", sort=WHICH, title=None, scale=shapes, legend=legend),
    )
    return styled(alt.layer(*layers, marks).properties(height=height), palette)


def sweep(cells: pl.DataFrame, *, across: str, down: str, palette: Palette, row_height: int = 40) -> alt.LayerChart:
    """The share abandoned for every pair of two inputs, written in each cell; darker or brighter is more.

    Needs `across`, `down` (words, in order), `step`, `label` and the texts `value_text`, `interval_text`, `halves`.
    """
    steps = list(range(len(palette.steps)))
    columns = cells["across"].unique(maintain_order=True).to_list()
    rows = cells["down"].unique(maintain_order=True).to_list()
    base = alt.Chart(cells).encode(
        x=alt.X("across:O", sort=columns, title=across, axis=alt.Axis(orient="top", labelAngle=0, domain=False)),
        y=alt.Y("down:O", sort=rows, title=down, axis=alt.Axis(domain=False)),
        tooltip=[
            alt.Tooltip("across:N", title=across),
            alt.Tooltip("down:N", title=down),
            alt.Tooltip("value_text:N", title="Share abandoned"),
            alt.Tooltip("interval_text:N", title="95% interval"),
            alt.Tooltip("halves:N", title="Calls a day"),
        ],
    )
    fills = alt.Color("step:O", legend=None, scale=alt.Scale(domain=steps, range=[s.fill for s in palette.steps]))
    inks = alt.Color("step:O", legend=None, scale=alt.Scale(domain=steps, range=[s.text for s in palette.steps]))
    squares = base.mark_rect(stroke=palette.background, strokeWidth=1.5).encode(color=fills)
    labels = base.mark_text(fontSize=AXIS_SIZE).encode(text="label:N", color=inks)
    both = alt.layer(squares, labels).resolve_scale(color="independent")
    return styled(both.properties(height=row_height * max(len(rows), 1)), palette)


COURSE = ("waiting", "agents", "hung_up")


def course(minutes: pl.DataFrame, *, what: str, palette: Palette, height: int = 110) -> alt.LayerChart:
    """One strip of a simulated day, minute by minute: who waits, who works of how many, or who hangs up."""
    hours = [row for row in minutes["clock"].to_list() if row.endswith(":00")]
    x = alt.X("clock:O", title=None, axis=alt.Axis(values=hours, labelAngle=0, grid=False, labelOverlap=True))
    tooltip = [
        alt.Tooltip("clock:N", title="At"),
        alt.Tooltip("waiting:Q", title="Waiting"),
        alt.Tooltip("busy:Q", title="Agents busy"),
        alt.Tooltip("agents:Q", title="Agents"),
        alt.Tooltip("hung_up:Q", title="Hung up in this minute"),
    ]
    base = alt.Chart(minutes).encode(x=x, tooltip=tooltip)

    def y(name: str, title: str) -> alt.Y:
        return alt.Y(f"{name}:Q", title=title, axis=alt.Axis(format=",.0f", tickCount=3, tickMinStep=1))

    layers: dict[str, list[alt.Chart]] = {
        "waiting": [base.mark_bar(color=palette.answered).encode(y=y("waiting", "Waiting"))],
        "agents": [
            base.mark_bar(color=palette.offered).encode(y=y("busy", "Agents busy")),
            base.mark_line(color=palette.text, strokeWidth=1.8, interpolate="step-after").encode(y="agents:Q"),
        ],
        "hung_up": [base.mark_bar(color=palette.abandoned).encode(y=y("hung_up", "Hung up"))],
    }
    return styled(alt.layer(*layers[what]).properties(height=height), palette)


def desk(moment: Now, *, palette: Palette, most: int = 60) -> alt.LayerChart:
    """The desk at one moment: agents busy or free, callers waiting with their waits, those who just hung up."""
    rows = [("Agents", n, "busy" if n < moment.busy else "free", "") for n in range(max(moment.agents, moment.busy))]
    rows += [("Waiting", n, "waiting", f"{kind}, {waited:.0f} s") for n, (kind, waited) in
             enumerate(moment.waiting.iter_rows())]  # fmt: skip
    rows += [("Hung up recently", n, "hung up", f"{kind}, after {waited:.0f} s") for n, (kind, _, waited) in
             enumerate(moment.recent_hang_ups.iter_rows())]  # fmt: skip
    frame = pl.DataFrame(
        [row for row in rows if row[1] < most], schema=["row", "place", "what", "who"], orient="row",
        schema_overrides={"row": pl.String, "place": pl.Int64, "what": pl.String, "who": pl.String},
    )  # fmt: skip
    what = ["busy", "free", "waiting", "hung up"]
    colours = [palette.offered, palette.grid, palette.answered, palette.abandoned]
    legend = alt.Legend(orient="top", direction="horizontal")
    marks = alt.Chart(frame).mark_point(filled=True, size=170, opacity=1, stroke=palette.quiet, strokeWidth=1).encode(
        x=alt.X("place:Q", title=None, axis=None, scale=alt.Scale(domain=[-1, max(20, most // 2)])),
        y=alt.Y("row:N", sort=["Agents", "Waiting", "Hung up recently"], title=None,
                axis=alt.Axis(domain=False, ticks=False),
                scale=alt.Scale(domain=["Agents", "Waiting", "Hung up recently"])),
        color=alt.Color("what:N", title=None, sort=what, scale=alt.Scale(domain=what, range=colours), legend=legend),
        shape=alt.Shape("what:N", title=None, sort=what, legend=legend,
                        scale=alt.Scale(domain=what, range=["square", "square", "circle", "cross"])),
        tooltip=[alt.Tooltip("what:N", title="What"), alt.Tooltip("who:N", title="Who")],
    )  # fmt: skip
    return styled(alt.layer(marks).properties(height=150), palette)


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


def cells(report: Mapping[str, Any], *, palette: Palette) -> pl.DataFrame:
    """A row a pair of amounts, with its step of the palette and its ready words."""
    floors = FLOORS[: len(palette.steps)]
    rows = []
    for cell in report["cells"]:
        rate = cell["rate"]["mean"]
        halves = f"{a_day(cell['numerator']['mean'])} of {a_day(cell['denominator']['mean'])} a day"
        rows.append(
            {
                "across": amount_words(report["across"], cell["across"]),
                "down": amount_words(report["down"], cell["down"]),
                "value": rate,
                "step": sum(floor <= (rate or 0.0) for floor in floors) - 1,
                "label": words.percent(rate),
                "value_text": words.percent(rate),
                "interval_text": interval_words(cell["rate"], projected_share),
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
