"""Shifts that the rules permit, and weeks that can be made of them."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kcas.desk.toml_fields import clock, duration_words
from kcas.errors import ScenarioError
from kcas.simulation.scenario.schema import Scenario
from kcas.staffing.evaluation import Roster
from kcas.staffing.shift_file import Pattern, ShiftRules

MOST_STRETCHES = 1_500


@dataclass(frozen=True)
class Kind:
    """One shift of a pattern: when it begins, how long it lasts."""

    pattern: str
    team: str
    begin: float
    length: float

    @property
    def end(self) -> float:
        """When it ends."""
        return self.begin + self.length


def kinds_of(rules: ShiftRules, scenario: Scenario) -> list[Kind]:
    """Every shift that the rules allow."""
    only = next(iter(scenario.teams))
    return [
        Kind(name, pattern.team or only, start, length)
        for name, pattern in rules.shifts.items()
        for start in sorted(set(pattern.starts))
        for length in sorted(set(pattern.lengths))
    ]


def weeks_of(kind: Kind, pattern: Pattern, weekdays: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """On which days a person on this shift may work."""
    for days in sorted(set(pattern.days) or {len(weekdays)}):
        hours = days * pattern.paid(kind.length)
        if days <= len(weekdays) and pattern.least_hours - 1 <= hours <= pattern.most_hours + 1:
            for chosen in itertools.combinations(weekdays, days):
                if not pattern.days_off_together or consecutive_days_off(chosen, weekdays):
                    yield chosen


def consecutive_days_off(chosen: Sequence[str], weekdays: Sequence[str]) -> bool:
    """Whether the days off follow one another, Sunday before Monday."""
    at_work = [day in chosen for day in weekdays]
    return sum(now != after for now, after in zip(at_work, [*at_work[1:], at_work[0]], strict=True)) <= 2


def allowed(rules: ShiftRules, scenario: Scenario) -> list[Kind]:
    """The shifts that someone's week can be made of. Raises ScenarioError where a pattern has none."""
    kinds = kinds_of(rules, scenario)
    weekdays = scenario.day.weekdays
    found = [kind for kind in kinds if any(True for _ in weeks_of(kind, rules.shifts[kind.pattern], weekdays))]
    for name, pattern in rules.shifts.items():
        if all(kind.pattern != name for kind in found):
            lengths = " or ".join(duration_words(pattern.paid(length)) for length in pattern.lengths)
            days = " or ".join(str(each) for each in pattern.days or (len(weekdays),))
            raise ScenarioError(
                f"shifts.{name}: no one's week can be made of it: {days} days of {lengths} paid are not between "
                f"{duration_words(pattern.least_hours)} and {duration_words(pattern.most_hours)}."
            )
    return found


def stretches_of(kinds: Sequence[Kind], rules: ShiftRules, scenario: Scenario) -> list[tuple[float, float]]:
    """The opening hours cut wherever anybody may come, go or pause."""
    day = scenario.day
    cuts = {day.opens + number * day.interval for number in range(day.intervals)} | {day.closes}
    for kind in kinds:
        cuts |= {kind.begin, kind.end}
        for each in rules.shifts[kind.pattern].breaks:
            for after in each.begins():
                cuts |= {kind.begin + after, kind.begin + after + each.length}
    within = sorted(cut for cut in cuts if day.opens <= cut <= day.closes)
    if len(within) > MOST_STRETCHES:
        raise ScenarioError(
            f"the shifts cut the day into {len(within):,} stretches; at most {MOST_STRETCHES:,} can be covered. "
            "Expected starts and breaks on fewer different minutes."
        )
    return list(itertools.pairwise(within))


def refuse_uncovered(kinds: Sequence[Kind], required: Roster, scenario: Scenario) -> None:
    """Raises ScenarioError for a half-hour in which agents are needed and no shift is ever at work."""
    day = scenario.day
    for team, agents in required.items():
        mine = [kind for kind in kinds if kind.team == team]
        for number, wanted in enumerate(agents):
            begin = day.opens + number * day.interval
            end = min(begin + day.interval, day.closes)
            if not wanted:
                continue
            if not mine:
                raise ScenarioError(
                    f"team {team} needs {wanted} agents at {clock(begin)}, and no pattern is for that team."
                )
            if not any(kind.begin <= begin and kind.end >= end for kind in mine) and open_stretch(mine, begin, end):
                first, last = min(kind.begin for kind in mine), max(kind.end for kind in mine)
                raise ScenarioError(
                    f"{clock(begin)}: team {team} needs {wanted} agents until {clock(end)}, and no shift is then at "
                    f"work: the first begins at {clock(first)}, the last ends at {clock(last)}."
                )


def open_stretch(kinds: Sequence[Kind], begin: float, end: float) -> bool:
    """Whether some part of this time no shift is at work."""
    at = begin
    for kind in sorted(kinds, key=lambda each: each.begin):
        if kind.begin <= at < kind.end:
            at = kind.end
    return at < end
