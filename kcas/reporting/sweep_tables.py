"""Cells of a heat map, from results of `kcas sweep`."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from kcas.reporting import words
from kcas.reporting.palettes import Palette
from kcas.reporting.projection_tables import interval_words, share
from kcas.reporting.projection_words import a_day
from kcas.simulation.scenario.changes import agents_by_interval
from kcas.simulation.scenario.schema import Scenario
from kcas.simulation.sweep import amount_words

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
    """An axis as the command takes it. So many agents fewer that nobody is left are not tried."""
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
                "interval_text": interval_words(cell["rate"], share),
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
    """The heat map in a sentence, for whoever cannot see it."""
    told = cells.drop_nulls("value").sort("value")
    if told.is_empty():
        return "Nothing to draw."
    low, high = told.row(0, named=True), told.row(-1, named=True)
    return (
        f"Lowest: {low['value_text']} at {low['across']} across and {low['down']} down. "
        f"Highest: {high['value_text']} at {high['across']} across and {high['down']} down."
    )
