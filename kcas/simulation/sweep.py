"""Sweep: a grid of scenarios over two inputs, with common random numbers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kcas.calls.coverage import DaysSeen
from kcas.desk.standard import Standard
from kcas.desk.units import percentage_text, read_duration
from kcas.errors import ScenarioError
from kcas.simulation.estimate import Estimate
from kcas.simulation.projection import Progress, simulate
from kcas.simulation.scenario.changes import Change, edits
from kcas.simulation.scenario.data_range import inputs_beyond, waits_beyond
from kcas.simulation.scenario.file import Tables, merge_tables, scenario_of
from kcas.simulation.scenario.schema import Scenario

MOST_CELLS = 100
MEASURES = (
    "rate", "numerator", "denominator", "service_level", "service_level_numerator", "service_level_denominator",
    "wait_all", "wait_joined", "joined",
)  # fmt: skip
"""What is told of each pair: a rate never without its halves."""
INPUTS: dict[str, str] = {
    "agents": "agents more or fewer, all day",
    "calls": "calls, of what they were",
    "handling": "handling time, of what it was",
    "patience": "patience, of what it was",
}
"""What can be swept, in words. Agents are counts; the others are shares of one."""


@dataclass(frozen=True)
class Axis:
    """One input and the amounts it takes."""

    key: str
    amounts: tuple[float, ...]


@dataclass(frozen=True)
class Cell:
    """One pair of amounts and what came of it."""

    across: float
    down: float
    measures: Mapping[str, Estimate]
    beyond: tuple[str, ...] = ()  # how its waits are longer than data support


def amount_words(key: str, amount: float) -> str:
    """An amount in words: "+2", "110%"."""
    return f"{amount:+.0f}".replace("-", "−") if key == "agents" else percentage_text(amount)


def axis(text: str) -> Axis:
    """An axis from text like "agents=-2,0,2" or "calls=0.9,1,1.1". Raises ScenarioError."""
    key, _, amounts_text = text.partition("=")
    if key not in INPUTS:
        raise ScenarioError(f'{text!r} cannot be swept. Expected one of {", ".join(INPUTS)}, like "agents=-2,0,2".')
    try:
        amounts = tuple(float(each) for each in amounts_text.split(","))
    except ValueError:
        amounts = ()
    low, high = (-1000.0, 1000.0) if key == "agents" else (0.1, 5.0)
    if not amounts or not all(low <= each <= high for each in amounts):
        raise ScenarioError(f'{text!r} is not valid. Expected numbers from {low:g} to {high:g}, like "{key}=1,2".')
    return Axis(key, amounts)


def sweep(
    tables: Tables,
    *,
    across: Axis,
    down: Axis,
    standard: Standard,
    replications: int | None = None,
    seed: int | None = None,
    engine: str | None = None,
    jobs: int = 1,
    backend: str | None = None,
    progress: Progress | None = None,
) -> list[Cell]:
    """Every pair of amounts, row by row."""
    if across.key == down.key:
        raise ScenarioError(f"{across.key} cannot go both across and down. Choose two different inputs.")
    size = len(across.amounts) * len(down.amounts)
    if size > MOST_CELLS:
        raise ScenarioError(f"{size} pairs are more than the {MOST_CELLS} that can be swept at once.")
    scenarios = [  # all of them first: no one should wait for one to hear that another is wrong
        (x, y, at(tables, {across.key: x, down.key: y})) for y in down.amounts for x in across.amounts
    ]
    cells: list[Cell] = []
    for x, y, scenario in scenarios:
        run = simulate(
            scenario, standard=standard, replications=replications, seed=seed, engine=engine, jobs=jobs, backend=backend
        )
        waits = tuple(waits_beyond(scenario, run.by["by_type"]))
        cells.append(Cell(x, y, {name: run.measure(name) for name in MEASURES}, waits))
        if progress:
            progress(len(cells), size)
    return cells


def outside_data(
    tables: Tables, cells: Sequence[Cell], *, across: Axis, down: Axis, seen: DaysSeen | None
) -> list[str]:
    """How many pairs leave what data support, and in what way the first of them does."""
    start = scenario_of(tables, where="the scenario")
    outside = []
    for cell in cells:
        moved = at(tables, {across.key: cell.across, down.key: cell.down})
        if sentences := [*cell.beyond, *inputs_beyond(moved, seen=seen, baseline=start)]:
            outside.append((cell, sentences[0]))
    if not outside:
        return []
    pairs = (
        f"All {len(cells)} pairs leave" if len(outside) == len(cells) else f"{len(outside)} of {len(cells)} pairs leave"
    )
    first, said_of_first = outside[0]
    where = f"{across.key} {amount_words(across.key, first.across)} and {down.key} {amount_words(down.key, first.down)}"
    return [f"{pairs} what any data support; at {where}: {said_of_first}"]


def at(tables: Tables, amounts: Mapping[str, float]) -> Scenario:
    """The scenario with these inputs moved."""
    moved: dict[str, Any] = dict(tables)
    for key, amount in amounts.items():
        moved = merge_tables(moved, MOVES[key](scenario_of(moved, where="the scenario"), amount))
    return scenario_of(moved, where=", ".join(f"{key} {amount:g}" for key, amount in amounts.items()))


def _agents(scenario: Scenario, amount: float) -> dict[str, Any]:
    return edits(scenario, Change(team=next(iter(scenario.teams)), agents=round(amount)))


def _calls(scenario: Scenario, amount: float) -> dict[str, Any]:
    return edits(scenario, Change(calls=amount))


def _handling(scenario: Scenario, amount: float) -> dict[str, Any]:
    return edits(scenario, Change(handling=amount))


def _patience(scenario: Scenario, amount: float) -> dict[str, Any]:
    """Longer or shorter patience, by the lengths that its law names."""
    return {
        "types": {name: {"patience": _longer(each.patience.table, amount)} for name, each in scenario.types.items()}
    }


def _longer(law: Mapping[str, Any], amount: float) -> dict[str, Any]:
    def scaled(value: object) -> str:
        return f"{read_duration(value, where='patience') * amount:.3f} s"

    table: dict[str, Any] = {}
    for key, value in law.items():
        if key == "parts":
            table[key] = [_longer(part, amount) for part in value]
        elif key == "at":
            table[key] = [scaled(each) for each in value]
        else:
            table[key] = scaled(value) if key in LENGTHS else value
    return table


LENGTHS = ("mean", "median", "scale", "sd", "value", "low", "high", "tail")
MOVES: dict[str, Callable[[Scenario, float], dict[str, Any]]] = {
    "agents": _agents, "calls": _calls, "handling": _handling, "patience": _patience,
}  # fmt: skip
