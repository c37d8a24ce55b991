"""Shifts that cover the requirement at least cost, by integer programming (HiGHS, Huangfu and Hall 2018).

Set covering (Dantzig 1954) with implicit breaks (Bechtold and Jacobs 1990):

    min Σ cost × paid hours × y    over x people on each shift, b breaks of theirs at each time, y people by weekdays
    Σ_t b = x,   Σ_{weeks with the day} y ≥ x,   Σ_{at work} x − Σ_{on a break} b ≥ required in every stretch

Shifts that the rules permit, and weeks that can be made of them.
"""

import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kcas.desk.units import clock, duration_text
from kcas.errors import ScenarioError
from kcas.simulation.scenario.schema import Scenario
from kcas.staffing.evaluation import Roster
from kcas.staffing.shift_file import Pattern, ShiftRules

MOST_STRETCHES = 1_500


@dataclass(frozen=True)
class _Kind:
    """One shift of a pattern: when it begins, how long it lasts."""

    pattern: str
    team: str
    begin: float
    length: float

    @property
    def end(self) -> float:
        """When it ends."""
        return self.begin + self.length


def kinds_of(rules: ShiftRules, scenario: Scenario) -> list[_Kind]:
    """Every shift that the rules allow."""
    only = next(iter(scenario.teams))
    return [
        _Kind(name, pattern.team or only, start, length)
        for name, pattern in rules.shifts.items()
        for start in sorted(set(pattern.starts))
        for length in sorted(set(pattern.lengths))
    ]


def weeks_of(kind: _Kind, pattern: Pattern, weekdays: Sequence[str]) -> Iterator[tuple[str, ...]]:
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


def allowed(rules: ShiftRules, scenario: Scenario) -> list[_Kind]:
    """The shifts that someone's week can be made of. Raises ScenarioError where a pattern has none."""
    kinds = kinds_of(rules, scenario)
    weekdays = scenario.day.weekdays
    usable = [kind for kind in kinds if any(True for _ in weeks_of(kind, rules.shifts[kind.pattern], weekdays))]
    for name, pattern in rules.shifts.items():
        if all(kind.pattern != name for kind in usable):
            lengths = " or ".join(duration_text(pattern.paid(length)) for length in pattern.lengths)
            days = " or ".join(str(each) for each in pattern.days or (len(weekdays),))
            raise ScenarioError(
                f"shifts.{name}: no one's week can be made of it: {days} days of {lengths} paid are not between "
                f"{duration_text(pattern.least_hours)} and {duration_text(pattern.most_hours)}."
            )
    return usable


def stretches_of(kinds: Sequence[_Kind], rules: ShiftRules, scenario: Scenario) -> list[tuple[float, float]]:
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


def refuse_uncovered(kinds: Sequence[_Kind], required: Roster, scenario: Scenario) -> None:
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


def open_stretch(kinds: Sequence[_Kind], begin: float, end: float) -> bool:
    """Whether some part of this time no shift is at work."""
    at = begin
    for kind in sorted(kinds, key=lambda each: each.begin):
        if kind.begin <= at < kind.end:
            at = kind.end
    return at < end


@dataclass
class Programme:
    """Columns and rows as they are gathered."""

    costs: list[float] = field(default_factory=list)
    rows: list[tuple[dict[int, float], float, float]] = field(default_factory=list)

    def column(self, *, cost: float = 0.0) -> int:
        """A whole number to be found."""
        self.costs.append(cost)
        return len(self.costs) - 1

    def row(self, terms: Mapping[int, float], *, low: float = -np.inf, high: float = np.inf) -> None:
        """A sum that must lie between two numbers."""
        self.rows.append((dict(terms), low, high))


def solved(programme: Programme, *, limit: float) -> tuple[Any, float, bool, float] | None:
    """The numbers, the gap, whether none is cheaper, and the seconds it took; None where there are none.

    Raises ScenarioError where none was found in time.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import csr_array

    began = time.perf_counter()
    at = [
        (number, column, value)
        for number, (terms, _, _) in enumerate(programme.rows)
        for column, value in terms.items()
    ]
    rows, columns, values = zip(*at, strict=True)
    matrix = csr_array((values, (rows, columns)), shape=(len(programme.rows), len(programme.costs)))
    low, high = (np.array([row[side] for row in programme.rows]) for side in (1, 2))
    answer = milp(
        np.array(programme.costs), integrality=np.ones(len(programme.costs)), bounds=Bounds(0, np.inf),
        constraints=LinearConstraint(matrix, low, high), options={"time_limit": limit, "mip_rel_gap": 0.0},
    )  # fmt: skip
    if answer.status == 2:
        return None
    if answer.x is None:
        raise ScenarioError(
            f"no roster was found within {limit:g} seconds. Expected a longer --time-limit, or fewer shifts."
        )
    return answer.x, float(answer.mip_gap or 0.0), answer.status == 0, time.perf_counter() - began


LONGEST = 20.0
"""Seconds after which the best roster so far is taken, and said to be no more than that."""


@dataclass(frozen=True)
class Duty:
    """Agents who begin, pause and end together, on every open day."""

    kind: _Kind
    agents: int
    breaks: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Week:
    """People on one shift who work on the same weekdays."""

    kind: _Kind
    days: tuple[str, ...]
    heads: int


@dataclass(frozen=True)
class Cover:
    """A roster, what it costs, and how sure it is that none is cheaper."""

    duties: tuple[Duty, ...]
    weeks: tuple[Week, ...]
    paid_time: float  # seconds a week
    cost: float | None  # a week
    gap: float  # of the cost: how much cheaper a roster might still be
    at_best: bool  # whether it is known to be the cheapest
    seconds: float = 0.0
    limit: float = LONGEST

    @property
    def heads(self) -> int:
        """People in all."""
        return sum(week.heads for week in self.weeks)


def covered(required: Roster, *, rules: ShiftRules, scenario: Scenario, limit: float = LONGEST) -> Cover:
    """The cheapest roster. Raises ScenarioError that says which half-hours cannot be covered, and why."""
    kinds = allowed(rules, scenario)
    stretches = stretches_of(kinds, rules, scenario)
    refuse_uncovered(kinds, required, scenario)
    build = Build(kinds, stretches, required, rules=rules, scenario=scenario)
    solution = solved(build.programme, limit=limit)
    if solution is None:
        raise ScenarioError(build.shortage(limit=limit))
    return build.cover(solution, limit=limit)


def needed(required: Roster, team: str, at: float, scenario: Scenario) -> int:
    """How many of a team are needed at a moment."""
    return required[team][int((at - scenario.day.opens) // scenario.day.interval)]


class Build:
    """The programme of one requirement, and its answer read back."""

    def __init__(
        self, kinds: Sequence[_Kind], stretches: Sequence[tuple[float, float]], required: Roster, *,
        rules: ShiftRules, scenario: Scenario,
    ) -> None:  # fmt: skip
        self.kinds, self.stretches, self.required = kinds, stretches, required
        self.rules, self.scenario = rules, scenario
        self.programme = Programme()
        self.present = [self.programme.column() for _ in kinds]
        self.pauses: dict[tuple[int, int, float], int] = {}
        self.weeks: dict[tuple[int, tuple[str, ...]], int] = {}
        for number, kind in enumerate(kinds):
            self._breaks(number, kind)
            self._weeks(number, kind)
        self._heads()
        self._cover()

    def _breaks(self, number: int, kind: _Kind) -> None:
        """Everybody on the shift takes every break once."""
        for place, each in enumerate(self.rules.shifts[kind.pattern].breaks):
            begun = {after: self.programme.column() for after in each.begins()}
            self.pauses |= {(number, place, after): column for after, column in begun.items()}
            self.programme.row({self.present[number]: -1.0} | dict.fromkeys(begun.values(), 1.0), low=0, high=0)

    def _weeks(self, number: int, kind: _Kind) -> None:
        """On every open day enough of the shift's people work."""
        pattern, weekdays = self.rules.shifts[kind.pattern], self.scenario.day.weekdays
        hourly = self.rules.cost(kind.pattern) or 1.0
        mine = {}
        for days in weeks_of(kind, pattern, weekdays):
            cost = len(days) * pattern.paid(kind.length) / 3600 * hourly
            mine[days] = self.programme.column(cost=cost)
        self.weeks |= {(number, days): column for days, column in mine.items()}
        for weekday in weekdays:
            at_work = {column: 1.0 for days, column in mine.items() if weekday in days}
            self.programme.row({self.present[number]: -1.0} | at_work, low=0)

    def _heads(self) -> None:
        def people(pattern: str | None) -> dict[int, float]:
            return {
                column: 1.0
                for (number, _), column in self.weeks.items()
                if pattern is None or self.kinds[number].pattern == pattern
            }

        for name, pattern in self.rules.shifts.items():
            high = np.inf if pattern.most_heads is None else pattern.most_heads
            self.programme.row(people(name), low=pattern.least_heads, high=high)
        if self.rules.most_heads is not None:
            self.programme.row(people(None), high=self.rules.most_heads)

    def _cover(self) -> None:
        """Enough are on the phones in every stretch; never more at work than there are desks."""
        self.rows_of: dict[tuple[str, float], int] = {}
        for begin, end in self.stretches:
            everybody: dict[int, float] = {}
            for team in self.required:
                here = self.at_work(team, begin, end)
                everybody |= here
                on = here | dict.fromkeys(self.pausing(team, begin, end), -1.0)
                self.rows_of[team, begin] = len(self.programme.rows)
                self.programme.row(on, low=needed(self.required, team, begin, self.scenario))
            if self.rules.most_at_once is not None:
                self.programme.row(everybody, high=self.rules.most_at_once)

    def at_work(self, team: str, begin: float, end: float) -> dict[int, float]:
        """Shifts that last all through a stretch."""
        return {
            self.present[number]: 1.0
            for number, kind in enumerate(self.kinds)
            if kind.team == team and kind.begin <= begin and kind.end >= end
        }

    def pausing(self, team: str, begin: float, end: float) -> Iterator[int]:
        """Breaks that take any part of a stretch."""
        for (number, place, after), column in self.pauses.items():
            kind = self.kinds[number]
            starts = kind.begin + after
            ends = starts + self.rules.shifts[kind.pattern].breaks[place].length
            if kind.team == team and starts < end and ends > begin:
                yield column

    def shortage(self, *, limit: float) -> str:
        """Which half-hours fall short, and by how many, of the roster that falls least short."""
        short = {}
        lengths = {begin: end - begin for begin, end in self.stretches}
        self.programme.costs = [1e-6 * cost for cost in self.programme.costs]
        for (team, begin), row in self.rows_of.items():
            column = self.programme.column(cost=lengths[begin])
            self.programme.rows[row][0][column] = 1.0
            short[team, begin] = column
        solution = solved(self.programme, limit=limit)
        if solution is None:
            return f"no roster keeps to the rules at all: {self.bounds()}. Expected room for one person at least."
        missing: dict[tuple[str, str], int] = {}
        day = self.scenario.day
        for (team, begin), column in short.items():
            half_hour = clock(day.opens + (begin - day.opens) // day.interval * day.interval)
            missing[team, half_hour] = max(missing.get((team, half_hour), 0), round(solution[0][column]))
        shortages = [f"{team} at {when} by {many}" for (team, when), many in missing.items() if many]
        listed = ", ".join(shortages[:8]) + (f" and {len(shortages) - 8} more" if len(shortages) > 8 else "")
        return (
            f"the requirement cannot be covered with {self.bounds()}. The roster that falls least short lacks agents: "
            f"{listed}. Expected more heads, other shifts or breaks, or an easier target."
        )

    def bounds(self) -> str:
        """What binds the roster, in words."""
        limits = [f"{name} at most {each.most_heads}" for name, each in self.rules.shifts.items() if each.most_heads]
        limits += [f"most_heads {self.rules.most_heads}"] * (self.rules.most_heads is not None)
        limits += [f"most_at_once {self.rules.most_at_once}"] * (self.rules.most_at_once is not None)
        return ", ".join(limits) or "these shifts and breaks"

    def cover(self, solution: tuple[Any, float, bool, float], *, limit: float) -> Cover:
        """The roster that an answer means."""
        numbers, gap, at_best, seconds = solution
        duties, weeks = [], []
        for number, kind in enumerate(self.kinds):
            agents = round(numbers[self.present[number]])
            duties += list(self._dealt(number, kind, agents, numbers))
            weeks += [
                Week(kind, days, round(numbers[column]))
                for (mine, days), column in self.weeks.items()
                if mine == number and round(numbers[column])
            ]
        paid = [(week, self.rules.shifts[week.kind.pattern].paid(week.kind.length) * len(week.days)) for week in weeks]
        cost = sum(week.heads * time / 3600 * (self.rules.cost(week.kind.pattern) or 0) for week, time in paid)
        time = sum(week.heads * time for week, time in paid)
        return Cover(
            tuple(duties), tuple(weeks), time, cost if self.rules.costed else None, gap, at_best, seconds, limit
        )

    def _dealt(self, number: int, kind: _Kind, agents: int, numbers: Any) -> Iterator[Duty]:
        """Breaks dealt out to people: those who pause first pause first again."""
        rules = self.rules.shifts[kind.pattern].breaks
        begun = []
        for place in range(len(rules)):
            mine = sorted((after, column) for (n, p, after), column in self.pauses.items() if (n, p) == (number, place))
            begun.append([after for after, column in mine for _ in range(round(numbers[column]))])
        people = [tuple(each[person] for each in begun) for person in range(agents)]
        for starts, group in itertools.groupby(sorted(people)):
            breaks = [
                (kind.begin + after, kind.begin + after + rule.length)
                for after, rule in zip(starts, rules, strict=True)
            ]
            yield Duty(kind, len(list(group)), tuple(breaks))
