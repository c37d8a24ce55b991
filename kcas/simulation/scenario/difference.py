"""Differences between two scenarios in a planner's words."""

import itertools
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from kcas.desk.units import clock
from kcas.simulation.scenario.changes import agents_by_interval
from kcas.simulation.scenario.roster import begins, ends
from kcas.simulation.scenario.schema import Scenario

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
MOST_RUNS = 3
"""A roster that differs in more stretches than these is another roster."""
TELEPHONE = {
    "menu": "a menu", "announcement": "an announcement of the {announces}", "callback": "an offer to be rung back",
    "voicemail": "an offer to leave a message", "longest_wait": "a longest wait",
}  # fmt: skip
RARE = {
    "agent_choice": "another way of choosing among free agents",
    "nobody_working": "another answer while no one works",
}


def differences(before: Scenario, after: Scenario) -> list[str]:
    """Everything that differs, most telling first; empty where nothing does."""
    return [
        *of_staff(before, after), *of_other_work(before, after), *of_demand(before, after),
        *of_training(before, after), *of_telephone(before, after), *of_types(before, after), *of_rest(before, after),
    ]  # fmt: skip


def of_staff(before: Scenario, after: Scenario) -> Iterator[str]:
    """Agents more or fewer, and from when to when."""
    if before.day != after.day:
        return
    many = len(after.teams) > 1
    for name, team in after.teams.items():
        now = agents_by_interval(after, name)
        if name not in before.teams:
            yield f"a team {name} of {_number(max(now))} agents"
            continue
        moved = [two - one for one, two in zip(agents_by_interval(before, name), now, strict=True)]
        runs = list(_stretches(after, moved))
        sentences = runs if len(runs) <= MOST_RUNS else ["another roster"]
        yield from (f"{run} in team {spaced(name)}" if many else run for run in sentences)
        old = before.teams[name]
        if team.extra_agents_by_weekday != old.extra_agents_by_weekday:
            yield "weekdays rostered otherwise"
        if (team.absence, team.shrinkage) != (old.absence, old.shrinkage):
            yield "another absence or shrinkage"
        if (team.day_to_day_sd, team.demand_elasticity) != (old.day_to_day_sd, old.demand_elasticity):
            yield "a strength that differs otherwise from day to day"
    yield from (f"no team {name}" for name in before.teams if name not in after.teams)


def _stretches(scenario: Scenario, moved: list[int]) -> Iterator[str]:
    """Runs of equal change as words: "two more agents from 10:00 to 12:00"."""
    day, at = scenario.day, 0
    for change, run in itertools.groupby(moved):
        length = len(list(run))
        if change:
            begin = day.opens + at * day.interval
            end = min(day.closes, begin + length * day.interval)
            when = "" if length == len(moved) else f" from {clock(begin)} to {clock(end)}"
            yield f"{_number(abs(change))} {'more' if change > 0 else 'fewer'} agent{'s' * (abs(change) > 1)}{when}"
        at += length


def of_other_work(before: Scenario, after: Scenario) -> Iterator[str]:
    """Work that is given up or taken on."""
    for name, work in after.other_work.items():
        old = before.other_work.get(name)
        when = f"from {clock(begins(work, after.day.opens))} to {clock(ends(work, after.day.closes))}"
        if name == "fewer_agents" and old != work:
            yield f"{_number(work.agents)} fewer agent{'s' * (work.agents > 1)} {when}"
        elif old is None or (not work.stopped and old.stopped):
            yield f"{spaced(name)} taken on"
        elif not old.stopped and work.stopped:
            yield f"{spaced(name)} given up"
        elif old != work:
            yield f"another {spaced(name)}"


PROFILE = ("arrival_profile", "arrival_profile_by_weekday", "weekdays", "day_to_day_sd")


def of_demand(before: Scenario, after: Scenario) -> Iterator[str]:
    """More or fewer calls, or calls at other times."""
    one, two = before.demand, after.demand
    if (share := two.calls_per_day / one.calls_per_day - 1) and abs(share) > 1e-9:
        yield f"{100 * abs(share):.3g}% {'more' if share > 0 else 'fewer'} calls"
    if any(getattr(one, key) != getattr(two, key) for key in PROFILE):
        yield "calls spread otherwise"
    if one.handling_by_interval != two.handling_by_interval:
        yield "handling that changes otherwise over the day"
    if one.patience_by_interval != two.patience_by_interval:
        yield "patience that changes otherwise over the day"
    if one.handling_variation != two.handling_variation:
        yield "handling that differs otherwise from day to day"


def of_training(before: Scenario, after: Scenario) -> Iterator[str]:
    """Shorter calls, and calls no longer made."""
    one, two = before.training, after.training
    which = f" from {' and '.join(two.types)}" if two.types else ""
    if share := round(two.handling / one.handling - 1, 9):
        yield f"calls{which} that take {100 * abs(share):.3g}% {'more' if share > 0 else 'less'} of an agent's time"
    if two.inappropriate != one.inappropriate:
        yield f"{100 * two.inappropriate:.3g}% of calls{which} no longer made"


def of_telephone(before: Scenario, after: Scenario) -> Iterator[str]:
    """What the telephone system does beyond what it did."""
    one, two = before.telephone, after.telephone
    if one.lines != two.lines:
        was = "no limit" if one.lines is None else _number(one.lines)
        yield (f"{_number(two.lines)} lines instead of {was}" if two.lines else "no limit to the lines")
    for name, words in TELEPHONE.items():
        old, new = getattr(one, name), getattr(two, name)
        option = words.format(announces=getattr(new or old, "announces", ""))
        if new and not old:
            yield option
        elif old and not new:
            yield f"no {option.split(' ', 1)[1]}"
        elif _plain(old) != _plain(new):
            yield f"another {option.split(' ', 1)[1]}"
    yield from (words for name, words in RARE.items() if getattr(one, name) != getattr(two, name))


def of_types(before: Scenario, after: Scenario) -> Iterator[str]:
    """Priorities, overflow, and how callers are."""
    one, two = before.types, after.types
    if list(one) != list(two):
        yield "other types of caller"
        return
    pairs = [(one[name], two[name]) for name in two]
    if any(a.priority != b.priority for a, b in pairs):
        first = min(two, key=lambda name: two[name].priority)
        yield f"{spaced(first)} answered first"
    if any(b.overflow_to and a.overflow_to != b.overflow_to for a, b in pairs):
        helping = sorted({team for _, b in pairs for team in b.overflow_to})
        yield f"overflow to {' and '.join(spaced(team) for team in helping)}"
    for key, words in {
        "patience": "other patience",
        "talk": "other talking times",
        "share": "another mix of callers",
    }.items():
        if any(_plain(getattr(a, key)) != _plain(getattr(b, key)) for a, b in pairs):
            yield words


def of_rest(before: Scenario, after: Scenario) -> Iterator[str]:
    """Redials and hours."""
    if _plain(before.redials) != _plain(after.redials):
        yield "callers who call again" if after.redials else "no one calling again"
    if before.day != after.day:
        yield "other hours"


def _plain(part: Any) -> Any:
    """A part with its laws as the file said them, so that equal ones are equal."""
    if part is None or isinstance(part, str | int | float | bool | tuple):
        return part
    if hasattr(part, "draw"):
        return dict(part.table)
    return {each.name: _plain(getattr(part, each.name)) for each in fields(part)}


def _number(count: int) -> str:
    """A small number as a word."""
    return _NUMBERS[count] if 0 <= count < len(_NUMBERS) else f"{count:,}"


def spaced(name: str) -> str:
    """A name of a file as words."""
    return name.replace("_", " ").replace("-", " ")
