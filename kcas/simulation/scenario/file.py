"""Reading of a scenario file.

`starts_from` names one or more files in the same folder or beneath; a file says only what differs. Each file counts
once, in order, so that three files that start from the same day add up.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kcas.desk.toml_fields import read_part
from kcas.desk.toml_file import is_file_name, read_toml, value_text
from kcas.errors import ScenarioError
from kcas.simulation.scenario.check import check
from kcas.simulation.scenario.one_weekday import on_weekday
from kcas.simulation.scenario.roster import MoreOn
from kcas.simulation.scenario.schema import Scenario

LARGEST_FILE = 1_000_000
LAYERS_AT_MOST = 20
ROSTER = {"agents", "by_interval", "shifts"}
"""Keys that say the same thing in different ways: setting one takes the place of all, on every weekday."""

Tables = Mapping[str, Any]


def read_scenario(path: Path) -> Scenario:
    """The scenario in a file. Raises SettingError or ScenarioError with the file and what is wrong."""
    return scenario_of(merged(layers_of(path), path=path), where=str(path))


def layers_of(path: Path) -> dict[Path, Tables]:
    """The file and all it starts from, each once, the furthest first."""
    return layers(path, folder=path.parent.resolve(), above=())


def merged(found: Mapping[Path, Tables], *, path: Path) -> dict[str, Any]:
    """The layers of a file as one, each over those before it; only the file's own question is asked."""
    whole: dict[str, Any] = {}
    for layer, tables in found.items():
        own = {key: value for key, value in tables.items() if key != "starts_from"}
        if layer != path.resolve():
            own.pop("question", None)
        whole = merge_tables(whole, own)
    return whole


def scenario_of(tables: Tables, *, where: str) -> Scenario:
    """The scenario that these tables make, once it can be run."""
    scenario = read_part(Scenario, {"other_work": {}, **tables}, where=where)
    check(scenario, where=where)
    return scenario


def tables_of(path: Path, *, weekday: str | None = None) -> dict[str, Any]:
    """The whole of a file and all it starts from, or of it on one weekday alone."""
    whole = merged(layers_of(path), path=path)
    return tables_on(whole, weekday, where=str(path)) if weekday else whole


def tables_on(tables: Tables, weekday: str, *, where: str) -> dict[str, Any]:
    """The tables for one weekday alone. Raises ScenarioError where it is none of theirs."""
    scenario = scenario_of(tables, where=where)
    if weekday not in scenario.day.weekdays:
        days = ", ".join(scenario.day.weekdays)
        raise ScenarioError(f"{where}: {weekday!r} is not among its weekdays. Expected one of {days}.")
    alone = on_weekday(scenario, weekday)
    demand = {key: value for key, value in tables["demand"].items() if key != "shapes"}
    rosters = {
        name: {"by_interval": list(team.by_interval)}
        for name, team in alone.teams.items()
        if scenario.teams[name].more_on != MoreOn()
    }
    shape = {"demand": {"shape": list(alone.demand.shape)}} if alone.demand.shape else {}
    found = merge_tables({**tables, "demand": demand}, {"day": {"weekdays": [weekday]}, "teams": rosters})
    return merge_tables(found, shape)


def layers(path: Path, *, folder: Path, above: tuple[Path, ...]) -> dict[Path, Tables]:
    """The file and all it starts from, each once, the furthest first."""
    try:
        here = path.resolve()
    except (OSError, RuntimeError):
        raise ScenarioError(f"{path}: a link that leads back to itself.") from None
    if here in above:
        circle = " → ".join(each.name for each in (*above[above.index(here) :], here))
        raise ScenarioError(f"{above[0].name}: starts_from goes round in a circle: {circle}.")
    if len(above) >= LAYERS_AT_MOST:
        raise ScenarioError(f"{path}: starts_from is more than {LAYERS_AT_MOST} files deep.")
    if os.path.isfile(here) and here.stat().st_size > LARGEST_FILE:
        raise ScenarioError(f"{path}: larger than {LARGEST_FILE:,} bytes. A scenario is a page of text.")
    tables = read_toml(path)
    found: dict[Path, Tables] = {}
    for name in starts(tables, where=str(path)):
        start = Path(os.path.realpath(path.parent / name))  # unlike resolve(), follows a circle of links no further
        if not start.is_relative_to(folder):
            raise ScenarioError(f"{path}: starts_from {name!r} is outside {folder}. Expected a file in this folder.")
        found |= {
            layer: inner
            for layer, inner in layers(start, folder=folder, above=(*above, here)).items()
            if layer not in found
        }
    return found | {here: tables}


def starts(tables: Tables, *, where: str) -> Iterator[str]:
    """The files that a file starts from."""
    named = tables.get("starts_from", [])
    for name in [named] if isinstance(named, str) else named if isinstance(named, list) else [None]:
        if not isinstance(name, str) or not is_file_name(name):
            raise ScenarioError(
                f'{where}: starts_from {value_text(named)} is not valid. Expected a file name, like "today.toml".'
            )
        yield name


def merge_tables(below: Tables, above: Tables) -> dict[str, Any]:
    """The tables below, with whatever the tables above say instead. A law is replaced whole."""
    merged = dict(below)
    if ROSTER & set(above):
        merged = {key: value for key, value in merged.items() if key not in {*ROSTER, "more_on"}}
    for key, value in above.items():
        old = merged.get(key)
        joins = isinstance(value, Mapping) and isinstance(old, Mapping) and "law" not in value
        merged[key] = merge_tables(old, value) if joins else value  # type: ignore[arg-type]
    return merged
