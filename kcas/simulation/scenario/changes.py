"""Changes to a reference scenario, as a file that holds only the differences."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kcas.desk.units import clock, percentage_text
from kcas.errors import KcasError, ScenarioError
from kcas.simulation.scenario.file import Tables, layers_of, merge_tables, merged, scenario_of
from kcas.simulation.scenario.roster import presences
from kcas.simulation.scenario.schema import Scenario

FIRST = "today"
EXTRA_WORK = "fewer_agents"
"""The name under which agents are taken from a team that works by shifts."""


@dataclass(frozen=True)
class Option:
    """A scenario file of the same family, to be laid over the baseline."""

    name: str
    question: str
    tables: Tables  # what it says beyond the baseline
    files: tuple[str, ...]


@dataclass(frozen=True)
class Baseline:
    """Where a planner starts from, and what may be ticked over it."""

    name: str
    path: Path
    tables: Tables
    scenario: Scenario
    options: Mapping[str, Option]


@dataclass(frozen=True)
class Change:
    """What a planner changes. Rosters and shifts stand for a whole team's, as edited; agents are added to them."""

    options: tuple[str, ...] = ()
    team: str = ""
    agents: int = 0
    begin: float = 0.0
    end: float = 86_400.0
    calls: float = 1.0
    handling: float = 1.0
    rosters: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    shifts: Mapping[str, tuple[tuple[str, str, int], ...]] = field(default_factory=dict)

    @property
    def nothing(self) -> bool:
        """Whether all stays as it is."""
        steady = not self.agents and self.calls == 1 and self.handling == 1
        return steady and not self.options and not self.rosters and not self.shifts


def scenario_names(folder: Path) -> list[str]:
    """The scenario files of a folder by name, the day as it is first."""
    names = sorted(path.stem for path in folder.glob("*.toml"))
    return sorted(names, key=lambda name: name != FIRST)


def baseline(folder: Path, name: str) -> Baseline:
    """The baseline of that name. Raises ScenarioError or SettingError where its file is not valid."""
    path = folder / f"{name}.toml"
    layers = layers_of(path)
    tables = merged(layers, path=path)
    scenario = scenario_of(tables, where=path.name)
    return Baseline(name, path, tables, scenario, options_over(folder, path, layers=layers, tables=tables))


def options_over(folder: Path, path: Path, *, layers: Mapping[Path, Tables], tables: Tables) -> dict[str, Option]:
    """The files that share a beginning with the baseline, and that still make a scenario when laid over it."""
    options = {}
    for name in scenario_names(folder):
        other = folder / f"{name}.toml"
        try:
            theirs = layers_of(other)
            beyond = {layer: own_tables for layer, own_tables in theirs.items() if layer not in layers}
            if other.resolve() in layers or not set(theirs) & set(layers):
                continue
            own = merged(beyond, path=other)
            question = str(own.pop("question", name))
            scenario_of(merge_tables(tables, own), where=name)
        except KcasError:  # not one that fits here; chosen as a baseline it says why
            continue
        options[name] = Option(name, question, own, tuple(layer.name for layer in beyond))
    return options


def with_options(start: Baseline, names: Iterable[str]) -> dict[str, Any]:
    """The baseline's tables with these options over them."""
    tables = dict(start.tables)
    for name in names:
        if name not in start.options:
            raise ScenarioError(f"{name!r} cannot be laid over {start.name}. Choose among those offered.")
        tables = merge_tables(tables, start.options[name].tables)
    return tables


def changed(start: Baseline, change: Change) -> dict[str, Any]:
    """All the tables of the baseline as changed. Raises ScenarioError where they make no scenario."""
    tables = with_options(start, change.options)
    return merge_tables(tables, edits(scenario_of(tables, where=start.name), change))


def what_differs(start: Baseline, change: Change) -> dict[str, Any]:
    """The tables of a file that starts from the baseline's and says only what the change makes different."""
    own: dict[str, Any] = {}
    for name in change.options:
        own = merge_tables(own, start.options[name].tables)
    return merge_tables(own, edits(scenario_of(with_options(start, change.options), where=start.name), change))


def edits(scenario: Scenario, change: Change) -> dict[str, Any]:
    """What the sliders and the table of staff say, as tables over a scenario."""
    own: dict[str, Any] = {}
    if change.calls != 1:
        own["demand"] = {"calls_per_day": round(scenario.demand.calls_per_day * change.calls, 6)}
    if change.handling != 1:
        own["training"] = {"handling": percentage_text(scenario.training.handling * change.handling)}
    for team, agents in change.rosters.items():
        own = merge_tables(own, {"teams": {team: by_interval(scenario, team, list(agents))}})
    for team in change.shifts:
        own = merge_tables(own, {"teams": {team: {"shifts": shifts_of(scenario, team, change)}}})
    if change.agents and change.team:
        own = merge_tables(own, staffed(scenario, change))
    return own


def staffed(scenario: Scenario, change: Change) -> dict[str, Any]:
    """More or fewer agents of one team, from one time to another."""
    if change.team not in scenario.teams:
        raise ScenarioError(f"{change.team!r} is not a team. Expected one of {', '.join(scenario.teams)}.")
    day, team = scenario.day, scenario.teams[change.team]
    if team.shifts and change.team not in change.rosters:
        return by_shift(scenario, change)
    now = change.rosters.get(change.team) or agents_by_interval(scenario, change.team)
    starts = [day.opens + number * day.interval for number in range(day.intervals)]
    moved = [
        max(0, agents + change.agents) if change.begin <= at < change.end else agents
        for at, agents in zip(starts, now, strict=True)
    ]
    return {"teams": {change.team: by_interval(scenario, change.team, list(moved))}}


def by_interval(scenario: Scenario, team: str, agents: list[int]) -> dict[str, Any]:
    """The usual roster with other numbers; weekdays differ from it as before."""
    by_weekday = {
        weekday: list(more) for weekday, more in vars(scenario.teams[team].extra_agents_by_weekday).items() if more
    }
    return {"by_interval": agents} | ({"extra_agents_by_weekday": by_weekday} if by_weekday else {})


def by_shift(scenario: Scenario, change: Change) -> dict[str, Any]:
    """A shift more, or agents taken off the phones, where the team works by shifts."""
    times = {
        "from": clock(max(change.begin, scenario.day.opens)),
        "to": clock(min(change.end, scenario.day.closes)),
    }
    if change.agents < 0:
        return {"other_work": {EXTRA_WORK: {"team": change.team, "agents": -change.agents, **times}}}
    shifts = [*shifts_of(scenario, change.team, change), {"agents": change.agents, **times}]
    return {"teams": {change.team: {"shifts": shifts}}}


def shifts_of(scenario: Scenario, name: str, change: Change) -> list[dict[str, Any]]:
    """A team's shifts as edited, or as they are; a break stays with its shift while it lies within."""
    held = scenario.teams[name].shifts
    as_they_are = tuple((clock(each.from_), clock(each.to), each.agents) for each in held)
    shifts = []
    for number, (begin, end, agents) in enumerate(change.shifts.get(name, as_they_are)):
        pauses = held[number].breaks if number < len(held) else ()
        breaks = [
            {"from": clock(each.from_), "to": clock(each.to)}
            for each in pauses
            if begin.zfill(5) <= clock(each.from_) and clock(each.to) <= end.zfill(5)
        ]
        shifts.append({"agents": agents, "from": begin, "to": end} | ({"breaks": breaks} if breaks else {}))
    return shifts


def agents_by_interval(scenario: Scenario, name: str) -> tuple[int, ...]:
    """The team's rostered agents as each interval begins."""
    day = scenario.day
    there = presences(scenario.teams[name], opens=day.opens, closes=day.closes, interval=day.interval)
    starts = [day.opens + number * day.interval for number in range(day.intervals)]
    return tuple(sum(each.agents for each in there if each.begin <= at < each.end) for at in starts)
