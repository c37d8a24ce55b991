"""A roster as an editable table, and the edits made."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from kcas.desk.toml_fields import clock
from kcas.errors import ScenarioError
from kcas.simulation.scenario.changes import agents_by_interval
from kcas.simulation.scenario.schema import Scenario

STARTS = "From"
SHIFT = ("From", "To", "Agents")
TIME = re.compile(r"(\d{1,2}):([0-5]\d)")


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
        (time(row["From"], number), time(row["To"], number), agents(row["Agents"], where=f"shift {number}"))
        for number, row in enumerate(rows, start=1)
    )
    return () if found == tuple(before.iter_rows()) else found


def agents(value: object, *, where: str) -> int:
    """A whole number of agents."""
    if not isinstance(value, int | float) or value != value or value < 0 or value != int(value):
        raise ScenarioError(f"{where}: {value!r} is not a number of agents. Expected a whole number, like 12.")
    return int(value)


def time(value: object, number: int) -> str:
    """A time of day as scenario files have it."""
    if not isinstance(value, str) or not TIME.fullmatch(value.strip()):
        raise ScenarioError(
            f'shift {number}: {value!r} is not a time of day. Expected hours and minutes, like "08:30".'
        )
    return value.strip().zfill(5)
