"""How is a scenario read from its file, and is it one that can be run?

`starts_from` names one or more files in the same folder or beneath; a file says only what differs. Each file counts
once, in order, so that three files that start from the same day add up.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kcas.errors import ScenarioError
from kcas.simulation.layout import handling
from kcas.simulation.roster import begins, check_team, ends, ends_before
from kcas.simulation.scenario import WEEKDAYS, Scenario
from kcas.simulation.setting import clock, read_part, spoken
from kcas.text_file import nearest, read_toml

LARGEST_FILE = 1_000_000
LAYERS_AT_MOST = 20
ATTEMPTS_A_DAY = 5_000_000
LONGEST_HANDLING = 4 * 3600.0
EITHER_OR = ({"agents", "by_interval", "shifts"},)
"""Keys that say the same thing in different ways: setting one takes the place of the others."""

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
        whole = over(whole, own)
    return whole


def scenario_of(tables: Tables, *, where: str) -> Scenario:
    """The scenario that these tables make, once it can be run."""
    scenario = read_part(Scenario, {"other_work": {}, **tables}, where=where)
    check(scenario, where=where)
    return scenario


def layers(path: Path, *, folder: Path, above: tuple[Path, ...]) -> dict[Path, Tables]:
    """The file and all it starts from, each once, the furthest first."""
    here = path.resolve()
    if here in above:
        circle = " → ".join(each.name for each in (*above[above.index(here) :], here))
        raise ScenarioError(f"{above[0].name}: starts_from goes round in a circle: {circle}.")
    if len(above) >= LAYERS_AT_MOST:
        raise ScenarioError(f"{path}: starts_from is more than {LAYERS_AT_MOST} files deep.")
    if here.is_file() and here.stat().st_size > LARGEST_FILE:
        raise ScenarioError(f"{path}: larger than {LARGEST_FILE:,} bytes. A scenario is a page of text.")
    tables = read_toml(path)
    found: dict[Path, Tables] = {}
    for name in starts(tables, where=str(path)):
        start = (path.parent / name).resolve()
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
        if not isinstance(name, str) or not name:
            raise ScenarioError(f'{where}: starts_from {named!r} will not do. Expected a file name, like "today.toml".')
        yield name


def over(below: Tables, above: Tables) -> dict[str, Any]:
    """The tables below, with whatever the tables above say instead. A law is replaced whole."""
    merged = dict(below)
    for keys in EITHER_OR:
        if keys & set(above):
            merged = {key: value for key, value in merged.items() if key not in keys}
    for key, value in above.items():
        old = merged.get(key)
        joins = isinstance(value, Mapping) and isinstance(old, Mapping) and "law" not in value
        merged[key] = over(old, value) if joins else value  # type: ignore[arg-type]
    return merged


def check(scenario: Scenario, *, where: str) -> None:
    """Raises ScenarioError where the parts do not go together, or there is nothing to simulate."""
    ends_before("day", scenario.day.opens, scenario.day.closes, where=f"{where}, day")
    if not scenario.day.weekdays:
        raise ScenarioError(f"{where}, day, weekdays: none is named. Expected one at least of {', '.join(WEEKDAYS)}.")
    if not scenario.types:
        raise ScenarioError(f"{where}: there are no types of call, so there are no callers. Expected [types.NAME].")
    if not scenario.teams:
        raise ScenarioError(f"{where}: there are no teams, so nobody answers. Expected [teams.NAME] with agents.")
    check_demand(scenario, where=where)
    for name, team in scenario.teams.items():
        check_team(name, team, intervals=scenario.day.intervals, where=where)
    check_work(scenario, where=where)
    check_names(scenario, where=where)
    check_telephone(scenario, where=where)


def check_demand(scenario: Scenario, *, where: str) -> None:
    intervals = scenario.day.intervals
    shares = sum(each.share for each in scenario.types.values())
    if abs(shares - 1) > 1e-6:
        raise ScenarioError(f"{where}, types: the shares add up to {shares:.4%}. Expected 100%.")
    shapes = {"demand": scenario.demand.shape} | {f"types.{n}": each.shape for n, each in scenario.types.items()}
    for name, shape in shapes.items():
        if shape and len(shape) != intervals:
            raise ScenarioError(
                f"{where}, {name}, shape: {len(shape)} weights. Expected {intervals}, one for each interval from "
                f"{clock(scenario.day.opens)} to {clock(scenario.day.closes)}."
            )
        if shape and sum(shape) <= 0:
            raise ScenarioError(f"{where}, {name}, shape: every weight is nought, so there are no calls.")
    refuse_absurd_days(scenario, where=where)
    if all(getattr(scenario.demand.weekdays, day) == 0 for day in scenario.day.weekdays):
        raise ScenarioError(f"{where}, demand, weekdays: no day that is simulated has any calls.")


def refuse_absurd_days(scenario: Scenario, *, where: str) -> None:
    """Raises ScenarioError for a day that would not fit in memory, or calls that nobody could take."""
    busiest = max((getattr(scenario.demand.weekdays, day) for day in scenario.day.weekdays), default=0.0)
    attempts = scenario.demand.calls_per_day * busiest * scenario.attempts * (1 + 4 * scenario.demand.day_variation)
    if attempts > ATTEMPTS_A_DAY:
        raise ScenarioError(
            f"{where}, demand: a busy day could have {attempts:,.0f} calls, redials included. At most "
            f"{ATTEMPTS_A_DAY:,} fit in memory. Expected fewer callers or fewer redials."
        )
    for name in scenario.types:
        if handling(scenario, name) > LONGEST_HANDLING:
            raise ScenarioError(
                f"{where}, types.{name}: a call takes an agent {spoken(round(handling(scenario, name)))} on average. "
                f"Expected {spoken(LONGEST_HANDLING)} at most."
            )


def check_work(scenario: Scenario, *, where: str) -> None:
    for name, work in scenario.other_work.items():
        known(work.team, scenario.teams, where=f"{where}, other_work.{name}, team")
        what = f"{where}, other_work.{name}"
        ends_before("work", begins(work, scenario.day.opens), ends(work, scenario.day.closes), where=what)
    staffed = any(
        (team.agents or 0) + sum(team.by_interval) + sum(shift.agents for shift in team.shifts) > 0
        for team in scenario.teams.values()
    )
    if not staffed:
        raise ScenarioError(f"{where}, teams: nobody is rostered at any time, so nobody would ever be answered.")


def check_names(scenario: Scenario, *, where: str) -> None:
    for name, each in scenario.types.items():
        for team in (*each.teams, *each.overflow_to):
            known(team, scenario.teams, where=f"{where}, types.{name}")
        if set(each.teams) & set(each.overflow_to):
            raise ScenarioError(f"{where}, types.{name}: a team is named both in teams and in overflow_to.")
        if each.patience.mean <= 0:
            raise ScenarioError(
                f"{where}, types.{name}, patience: nobody would wait at all. A share who hang up at once is said with "
                'hang_up_at_once = "10%".'
            )
    phone = scenario.telephone
    parts = {
        "telephone.menu": phone.menu, "telephone.announcement": phone.announcement,
        "telephone.callback": phone.callback, "telephone.voicemail": phone.voicemail,
        "telephone.longest_wait": phone.longest_wait, "training": scenario.training,
    }  # fmt: skip
    for key, part in parts.items():
        for name in part.types if part else ():
            known(name, scenario.types, where=f"{where}, {key}, types")


def check_telephone(scenario: Scenario, *, where: str) -> None:
    menu, callback = scenario.telephone.menu, scenario.telephone.callback
    if menu and menu.serves + menu.hang_up > 1:
        raise ScenarioError(f"{where}, telephone.menu: more than 100% of callers are served there or hang up.")
    offers = (callback.offered_after, callback.offered_above, callback.offered_when_waiting) if callback else (0,)
    if all(offer is None for offer in offers):
        raise ScenarioError(
            f"{where}, telephone.callback: it is never offered. Expected offered_after, offered_above or "
            "offered_when_waiting."
        )


def known(name: str, names: Mapping[str, object], *, where: str) -> None:
    """Raises ScenarioError for a name that the scenario does not define."""
    if name not in names:
        raise ScenarioError(f"{where}: {name!r} is not defined. {nearest(name, names)}")
