"""Shift files: TOML patterns of starts, lengths, breaks, contracts, numbers and cost."""

import os
from dataclasses import dataclass
from pathlib import Path

from kcas.desk.toml_fields import (
    CLOCK,
    TEXT,
    YES_OR_NO,
    amount,
    count,
    listed,
    named_tables,
    read_part,
    setting,
    table,
    time,
)
from kcas.desk.toml_file import nearest, read_toml
from kcas.desk.units import clock, duration_text
from kcas.errors import ScenarioError
from kcas.simulation.scenario.roster import AGENTS_AT_MOST
from kcas.simulation.scenario.schema import Scenario

LARGEST_FILE = 1_000_000
WEEK = 7 * 86_400.0
HEADS = count(low=1, high=AGENTS_AT_MOST)
COST = amount(above=0, high=1_000_000)
MOST_SHIFTS = 2_000
"""Different shifts, breaks apart, that are weighed against each other."""


@dataclass(frozen=True)
class BreakRule:
    """A break in every shift of a pattern, placed by the roster within its window."""

    length: float = setting(time(low=60, high=14_400), "how long it lasts")
    earliest: float = setting(time(), "it begins so long after the shift does, or later")
    latest: float = setting(time(), "it begins so long after the shift does, or sooner")
    paid: bool = setting(YES_OR_NO, "whether it is paid", default=False)
    every: float = setting(time(low=300, high=7_200), "the steps in which its beginning may move", default=900.0)

    def begins(self) -> list[float]:
        """When it may begin, after the shift does."""
        return [self.earliest + n * self.every for n in range(int((self.latest - self.earliest) // self.every) + 1)]


@dataclass(frozen=True)
class Pattern:
    """Shifts of one contract: a person keeps the same one all week."""

    starts: tuple[float, ...] = setting(listed(CLOCK, at_most=200), "when its shifts may begin")
    lengths: tuple[float, ...] = setting(
        listed(time(low=900, high=86_400), at_most=50), "how long they may last, breaks included"
    )
    team: str = setting(TEXT, "whose agents they are; the desk's only team unless given", default="")
    breaks: tuple[BreakRule, ...] = setting(listed(table(BreakRule), at_most=6), "breaks in order", default=())
    days: tuple[int, ...] = setting(
        listed(count(low=1, high=7)), "days a week that a person works; every open day unless given", default=()
    )
    days_off_together: bool = setting(YES_OR_NO, "whether days off follow one another", default=False)
    least_hours: float = setting(time(high=WEEK), "paid time a week at least", default=0.0)
    most_hours: float = setting(time(high=WEEK), "paid time a week at most", default=WEEK)
    most_heads: int | None = setting(HEADS, "people on this contract at most", default=None)
    least_heads: int = setting(count(high=AGENTS_AT_MOST), "people on this contract at least", default=0)
    cost_per_hour: float | None = setting(COST, "what a paid hour costs", default=None)

    def paid(self, length: float) -> float:
        """The paid part of a shift of this length."""
        return length - sum(each.length for each in self.breaks if not each.paid)


@dataclass(frozen=True)
class ShiftRules:
    """Every pattern, and what binds them together."""

    shifts: dict[str, Pattern] = setting(named_tables(Pattern, at_most=40, what="patterns"), "kinds of shift")
    question: str = setting(TEXT, "what the file is for", default="")
    most_heads: int | None = setting(HEADS, "people at most", default=None)
    most_at_once: int | None = setting(HEADS, "people at work at the same time at most: desks", default=None)
    cost_per_hour: float | None = setting(COST, "what a paid hour costs, where a pattern does not say", default=None)
    invented: tuple[str, ...] = setting(listed(TEXT), 'keys whose figures are invented, or "everything"', default=())

    def cost(self, name: str) -> float | None:
        """What a paid hour of a pattern costs; None where no one has said."""
        own = self.shifts[name].cost_per_hour
        return self.cost_per_hour if own is None else own

    @property
    def costed(self) -> bool:
        """Whether every pattern's cost is known."""
        return all(self.cost(name) is not None for name in self.shifts)


def read_shifts(path: Path, *, scenario: Scenario) -> ShiftRules:
    """The rules in a file. Raises SettingError or ScenarioError saying what is wrong."""
    if os.path.isfile(path) and path.stat().st_size > LARGEST_FILE:
        raise ScenarioError(f"{path}: larger than {LARGEST_FILE:,} bytes. A file of shifts is a page of text.")
    return rules_of(read_toml(path), scenario=scenario, where=str(path))


def rules_of(tables: object, *, scenario: Scenario, where: str) -> ShiftRules:
    """The rules that these tables make, once a roster can be made of them."""
    rules = read_part(ShiftRules, tables, where=where)
    if not rules.shifts:
        raise ScenarioError(
            f"{where}: there are no patterns of shifts. Expected [shifts.NAME] with starts and lengths."
        )
    for name, pattern in rules.shifts.items():
        check_pattern(pattern, scenario=scenario, where=f"{where}, shifts.{name}")
    number = sum(len(pattern.starts) * len(pattern.lengths) for pattern in rules.shifts.values())
    if number > MOST_SHIFTS:
        raise ScenarioError(
            f"{where}: {number:,} different shifts are more than the {MOST_SHIFTS:,} that can be weighed."
        )
    costs = [rules.cost(name) is not None for name in rules.shifts]
    if any(costs) and not all(costs):
        raise ScenarioError(f"{where}: some patterns have a cost_per_hour and some have none. Expected all, or none.")
    least = sum(pattern.least_heads for pattern in rules.shifts.values())
    if rules.most_heads is not None and least > rules.most_heads:
        raise ScenarioError(f"{where}: least_heads add up to {least}, more than most_heads, {rules.most_heads}.")
    return rules


def check_pattern(pattern: Pattern, *, scenario: Scenario, where: str) -> None:
    """Raises ScenarioError for a pattern by which no one could ever work."""
    if not pattern.starts or not pattern.lengths:
        raise ScenarioError(f"{where}: it has no starts or no lengths. Expected one of each at least.")
    if len(scenario.teams) > 1 and not pattern.team:
        raise ScenarioError(f"{where}: team is missing. Expected one of {', '.join(scenario.teams)}.")
    if pattern.team and pattern.team not in scenario.teams:
        raise ScenarioError(f"{where}, team: {pattern.team!r} is not defined. {nearest(pattern.team, scenario.teams)}")
    if pattern.most_heads is not None and pattern.least_heads > pattern.most_heads:
        raise ScenarioError(f"{where}: least_heads, {pattern.least_heads}, is more than most_heads.")
    if pattern.least_hours > pattern.most_hours:
        raise ScenarioError(f"{where}: least_hours, {duration_text(pattern.least_hours)}, is more than most_hours.")
    open_days = len(scenario.day.weekdays)
    if pattern.days and min(pattern.days) > open_days:
        raise ScenarioError(
            f"{where}, days: the desk is open on {open_days} days a week, fewer than {pattern.days[0]}."
        )
    check_minutes(pattern, where=where)
    check_breaks(pattern, where=where)
    check_times(pattern, scenario=scenario, where=where)


def check_minutes(pattern: Pattern, *, where: str) -> None:
    times = [*pattern.lengths]
    for each in pattern.breaks:
        times += [each.length, each.earliest, each.latest, each.every]
    for wrong in (duration_text(each) for each in times if each % 60):
        raise ScenarioError(f"{where}: {wrong} is not whole minutes, and a roster is written in minutes.")


def check_breaks(pattern: Pattern, *, where: str) -> None:
    after, shortest = 0.0, min(pattern.lengths)
    for number, each in enumerate(pattern.breaks, start=1):
        if each.latest < each.earliest:
            raise ScenarioError(f"{where}, break {number}: latest is before earliest.")
        if each.earliest < after:
            raise ScenarioError(
                f"{where}, break {number}: it may begin {duration_text(each.earliest)} into the shift, before the "
                "one before "
                f"it must be over. Expected {duration_text(after)} or later, or a sooner latest for the one before."
            )
        after = each.latest + each.length
    if after > shortest:
        raise ScenarioError(
            f"{where}: the last break may end {duration_text(after)} into a shift of {duration_text(shortest)}. "
            "Expected breaks within the shift."
        )
    if pattern.paid(shortest) <= 0:
        raise ScenarioError(f"{where}: no time of a shift of {duration_text(shortest)} is paid.")


def check_times(pattern: Pattern, *, scenario: Scenario, where: str) -> None:
    day = scenario.day
    for start in pattern.starts:
        if start + max(pattern.lengths) > 86_400:
            raise ScenarioError(
                f"{where}: a shift from {clock(start)} of {duration_text(max(pattern.lengths))} ends after "
                "midnight. Expected one that ends by 24:00; a night is two shifts."
            )
        if start >= day.closes or start + max(pattern.lengths) <= day.opens:
            raise ScenarioError(
                f"{where}: a shift from {clock(start)} is never at work between {clock(day.opens)} and "
                f"{clock(day.closes)}, when the desk is open."
            )
