"""Reading of a scenario file.

`starts_from` names one or more files in the same folder or beneath; a file says only what differs. Each file counts
once, in order, so that three files that start from the same day add up.

Checks of a scenario before it runs: consistency, and something to simulate.
"""

import itertools
import math
import os
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kcas.desk.toml_fields import read_part, respelt
from kcas.desk.toml_file import is_file_name, nearest, read_toml, value_text
from kcas.desk.units import clock, duration_text
from kcas.distributions.law_table import NAME
from kcas.errors import OldSpelling, ScenarioError
from kcas.simulation.scenario.data_range import most_on_the_phones
from kcas.simulation.scenario.handling_time import trained, uncut
from kcas.simulation.scenario.roster import AGENTS_AT_MOST, ExtraAgents, Team, begins, ends, people
from kcas.simulation.scenario.schema import WEEKDAYS, Scenario, on_weekday

ATTEMPTS_A_DAY = 5_000_000
LONGEST_HANDLING = 4 * 3600.0


def _check(scenario: Scenario, *, where: str) -> None:
    """Raises ScenarioError where the parts do not go together, or there is nothing to simulate."""
    ends_before("day", scenario.day.opens, scenario.day.closes, where=f"{where}, day")
    if not scenario.day.weekdays:
        raise ScenarioError(f"{where}, day, weekdays: none is named. Expected one at least of {', '.join(WEEKDAYS)}.")
    if not scenario.types:
        raise ScenarioError(f"{where}: there are no types of call, so there are no callers. Expected [types.NAME].")
    if not scenario.teams:
        raise ScenarioError(f"{where}: there are no teams, so no one answers. Expected [teams.NAME] with agents.")
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
    demand = scenario.demand
    profiles = {"demand, arrival_profile": demand.arrival_profile}
    by_weekday = vars(demand.arrival_profile_by_weekday)
    profiles |= {f"demand, arrival_profile_by_weekday, {weekday}": own for weekday, own in by_weekday.items()}
    profiles |= {f"types.{n}, arrival_profile": each.arrival_profile for n, each in scenario.types.items()}
    for name, weights in profiles.items():
        if weights and len(weights) != intervals:
            raise ScenarioError(
                f"{where}, {name}: {len(weights)} weights. Expected {intervals}, one for each interval from "
                f"{clock(scenario.day.opens)} to {clock(scenario.day.closes)}."
            )
        if weights and sum(weights) <= 0:
            raise ScenarioError(f"{where}, {name}: every weight is zero, so there are no calls.")
    by_interval = {"demand": scenario.demand} | {f"types.{name}": each for name, each in scenario.types.items()}
    for name, part in by_interval.items():
        for key in ("handling_by_interval", "patience_by_interval"):
            if (given := getattr(part, key)) and len(given) != intervals:
                raise ScenarioError(
                    f"{where}, {name}, {key}: {len(given)} percentages. Expected {intervals}, one for each interval "
                    f"from {clock(scenario.day.opens)} to {clock(scenario.day.closes)}."
                )
    refuse_absurd_days(scenario, where=where)
    if all(getattr(scenario.demand.weekdays, day) == 0 for day in scenario.day.weekdays):
        raise ScenarioError(f"{where}, demand, weekdays: no day that is simulated has any calls.")
    training = scenario.training
    if training.inappropriate == 1 and all(trained(scenario, name) for name, it in scenario.types.items() if it.share):
        raise ScenarioError(f"{where}, training, inappropriate: at 100% no one rings, so there are no calls.")


def refuse_absurd_days(scenario: Scenario, *, where: str) -> None:
    """Raises ScenarioError for a day that would not fit in memory, or calls that no one could take."""
    busiest = max((getattr(scenario.demand.weekdays, day) for day in scenario.day.weekdays), default=0.0)
    attempts = scenario.demand.calls_per_day * busiest * scenario.attempts * (1 + 4 * scenario.demand.day_to_day_sd)
    if attempts > ATTEMPTS_A_DAY:
        raise ScenarioError(
            f"{where}, demand: a busy day could have {attempts:,.0f} calls, redials included. At most "
            f"{ATTEMPTS_A_DAY:,} fit in memory. Expected fewer callers or fewer redials."
        )
    for name in scenario.types:
        if not math.isfinite(uncut(scenario, name)):
            raise ScenarioError(
                f"{where}, types.{name}: its handling has no mean, because its distribution's tail is too long. "
                "Expected one that has, like a log-logistic distribution of a shape above 1."
            )
        if uncut(scenario, name) > LONGEST_HANDLING:
            raise ScenarioError(
                f"{where}, types.{name}: a call takes an agent {duration_text(round(uncut(scenario, name)))} on "
                f"average. Expected {duration_text(LONGEST_HANDLING)} at most."
            )


def check_work(scenario: Scenario, *, where: str) -> None:
    for name, work in scenario.other_work.items():
        check_name(work.team, scenario.teams, where=f"{where}, other_work.{name}, team")
        what = f"{where}, other_work.{name}"
        ends_before("work", begins(work, scenario.day.opens), ends(work, scenario.day.closes), where=what)
    if not most_on_the_phones(scenario):
        raise ScenarioError(
            f"{where}, teams: no one is on the phones at any time from {clock(scenario.day.opens)} to "
            f"{clock(scenario.day.closes)}, so no one would ever be answered."
        )


def check_names(scenario: Scenario, *, where: str) -> None:
    for name, each in scenario.types.items():
        for team in (*each.teams, *each.overflow_to):
            check_name(team, scenario.teams, where=f"{where}, types.{name}")
        if set(each.teams) & set(each.overflow_to):
            raise ScenarioError(f"{where}, types.{name}: a team is named both in teams and in overflow_to.")
        if each.patience.mean <= 0:
            raise ScenarioError(
                f"{where}, types.{name}, patience: no one would wait at all. A share who hang up at once is said with "
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
            check_name(name, scenario.types, where=f"{where}, {key}, types")


def check_telephone(scenario: Scenario, *, where: str) -> None:
    menu, callback = scenario.telephone.menu, scenario.telephone.callback
    redials = scenario.redials
    times = {"telephone.menu, length": menu and menu.length, "redials, delay": redials and redials.delay}
    for key, law in times.items():
        if law and law.mean > LONGEST_HANDLING:
            raise ScenarioError(
                f"{where}, {key}: lasts too long on average. Expected {duration_text(LONGEST_HANDLING)} at most."
            )
    if menu and menu.self_service_share + menu.hang_up > 1:
        raise ScenarioError(f"{where}, telephone.menu: more than 100% of callers are served there or hang up.")
    offers = (callback.offered_after, callback.offered_above, callback.offered_when_waiting) if callback else (0,)
    if all(offer is None for offer in offers):
        raise ScenarioError(
            f"{where}, telephone.callback: it is never offered. Expected offered_after, offered_above or "
            "offered_when_waiting."
        )


def check_name(name: str, names: Mapping[str, object], *, where: str) -> None:
    """Raises ScenarioError for a name that the scenario does not define."""
    if name not in names:
        raise ScenarioError(f"{where}: {name!r} is not defined. {nearest(name, names)}")


def check_team(name: str, team: Team, *, intervals: int, where: str) -> None:
    """Raises ScenarioError where the roster cannot be."""
    given = [team.agents is not None, bool(team.by_interval), bool(team.shifts)]
    if sum(given) != 1:
        has = [key for key, there in zip(("agents", "by_interval", "shifts"), given, strict=True) if there]
        raise ScenarioError(
            f"{where}: team {name} needs exactly one of agents, by_interval and shifts. It has "
            f"{' and '.join(has) or 'none of them'}."
        )
    if team.by_interval and len(team.by_interval) != intervals:
        raise ScenarioError(
            f"{where}: team {name}, by_interval has {len(team.by_interval)} numbers. Expected {intervals}, one for "
            "each interval from opening to closing."
        )
    for weekday, more in vars(team.extra_agents_by_weekday).items():
        if more and len(more) != len(team.by_interval):
            many = f"Expected {intervals}, one for each interval." if team.by_interval else "It needs by_interval."
            raise ScenarioError(
                f"{where}: team {name}, extra_agents_by_weekday, {weekday}: {len(more)} numbers. {many}"
            )
    for number, shift in enumerate(team.shifts, start=1):
        what = f"{where}: team {name}, shift {number}"
        ends_before("shift", shift.from_, shift.to, where=what)
        for pause in shift.breaks:
            ends_before("break", pause.from_, pause.to, where=what)
            if not shift.from_ <= pause.from_ or not pause.to <= shift.to:
                raise ScenarioError(
                    f"{what}: a break at {clock(pause.from_)} is outside the shift. Expected a break between "
                    f"{clock(shift.from_)} and {clock(shift.to)}."
                )
        pauses = sorted(shift.breaks, key=lambda each: each.from_)
        for one, next_one in itertools.pairwise(pauses):
            if next_one.from_ < one.to:
                raise ScenarioError(
                    f"{what}: the break at {clock(next_one.from_)} begins before the one at "
                    f"{clock(one.from_)} ends. Expected breaks one after another."
                )
    if people(team) > AGENTS_AT_MOST:
        raise ScenarioError(f"{where}: team {name} has {people(team):,} agents; at most {AGENTS_AT_MOST:,} can be.")


def ends_before(what: str, begin: float, end: float, *, where: str) -> None:
    """Raises ScenarioError unless it begins before it ends."""
    if end <= begin:
        raise ScenarioError(
            f"{where}: the {what} ends at {clock(end)}, not after it begins at {clock(begin)}. Expected "
            f"a later end, by {duration_text(60)} at least; a night is two {what}s."
        )


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


def merged(layered: Mapping[Path, Tables], *, path: Path) -> dict[str, Any]:
    """The layers of a file as one, each over those before it; only the file's own question is asked."""
    whole: dict[str, Any] = {}
    for layer, tables in layered.items():
        own = {key: value for key, value in tables.items() if key != "starts_from"}
        if layer != path.resolve():
            own.pop("question", None)
        whole = merge_tables(whole, own)
    return whole


def scenario_of(tables: Tables, *, where: str) -> Scenario:
    """The scenario that these tables make, once it can be run."""
    scenario = read_part(Scenario, {"other_work": {}, **spelled_now(tables, where=where)}, where=where)
    _check(scenario, where=where)
    return scenario


def spelled_now(tables: Tables, *, where: str) -> dict[str, Any]:
    """The tables with every key as it is spelled now. Warns (OldSpelling) of spellings of before.

    Raises ScenarioError where a table has one key in both spellings.
    """
    old: list[str] = []
    respelled: dict[str, Any] = respelt(Scenario, tables, where, old)
    if old:
        warnings.warn(
            f"{where}: written for an earlier version: {', '.join(dict.fromkeys(old))}. This version still reads the "
            "old spellings; the next does not.",
            OldSpelling,
            stacklevel=1,  # one place, so that a file that is read twice is warned of once
        )
    return respelled


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
    demand = {key: value for key, value in tables["demand"].items() if key != "arrival_profile_by_weekday"}
    rosters = {
        name: {"by_interval": list(team.by_interval)}
        for name, team in alone.teams.items()
        if scenario.teams[name].extra_agents_by_weekday != ExtraAgents()
    }
    own = {"demand": {"arrival_profile": list(alone.demand.arrival_profile)}} if alone.demand.arrival_profile else {}
    moved = merge_tables({**tables, "demand": demand}, {"day": {"weekdays": [weekday]}, "teams": rosters})
    return merge_tables(moved, own)


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
    tables = spelled_now(read_toml(path), where=str(path))
    files: dict[Path, Tables] = {}
    for name in starts(tables, where=str(path)):
        start = Path(os.path.realpath(path.parent / name))  # unlike resolve(), follows a circle of links no further
        if not start.is_relative_to(folder):
            raise ScenarioError(f"{path}: starts_from {name!r} is outside {folder}. Expected a file in this folder.")
        files |= {
            layer: inner
            for layer, inner in layers(start, folder=folder, above=(*above, here)).items()
            if layer not in files
        }
    return files | {here: tables}


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
        merged = {key: value for key, value in merged.items() if key not in {*ROSTER, "extra_agents_by_weekday"}}
    for key, value in above.items():
        old = merged.get(key)
        joins = isinstance(value, Mapping) and isinstance(old, Mapping) and NAME not in value
        merged[key] = merge_tables(old, value) if joins else value  # type: ignore[arg-type]
    return merged
