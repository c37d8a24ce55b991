"""Minimum agents of each interval: calculated where possible, then simulated.

Search for the fewest agents that pass an evaluation, starting from Erlang A.

Because a queue carries over from one interval into the next, no interval can be settled by itself: what decides is
always the whole day. Agents are added where one is worth most until the judge accepts, and then every agent is tried
for whether the day would do without; what is left cannot spare one in any interval.
"""

import heapq
import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, dataclass, replace
from typing import Protocol

import numpy as np

from kcas.arrays import Floats
from kcas.desk.units import clock
from kcas.errors import ScenarioError, SettingError
from kcas.queueing.pooled_scenario import Pooled, refuse
from kcas.queueing.transient import Expected, day, total
from kcas.simulation.scenario.schema import Scenario
from kcas.staffing.evaluation import Roster, RosterEvaluation, rostered
from kcas.staffing.initial_guess import Cell, InitialGuess, factors
from kcas.staffing.target import StaffingTarget, excess

Judge = Callable[[Roster], Floats]
"""By how much each part of the day misses the aim: zero everywhere where a roster meets it."""
MOST_TRADES, AMONG = 3, 3
LEVELLINGS = 9


class _Told(Protocol):
    """Is told of every step."""

    def __call__(self, words: str) -> None: ...


def moved(roster: Roster, cells: Iterable[Cell], by: int) -> Roster:
    """The roster with an agent more, or fewer, in each of these cells; a cell may come twice."""
    changed = {team: list(agents) for team, agents in roster.items()}
    for cell in cells:
        changed[cell.team][cell.interval] += by
    return {team: tuple(agents) for team, agents in changed.items()}


def agents_in(roster: Roster, cell: Cell) -> int:
    return roster[cell.team][cell.interval]


def agent_time(roster: Roster, guide: InitialGuess) -> float:
    """Rostered seconds a day."""
    return sum(agents_in(roster, cell) * guide.length(cell) for cell in guide.cells)


def filled(guide: InitialGuess, agents: Callable[[Cell], int]) -> Roster:
    """A roster with so many in each cell."""
    teams: dict[str, list[int]] = {}
    for cell in guide.cells:
        teams.setdefault(cell.team, []).append(agents(cell))
    return {team: tuple(numbers) for team, numbers in teams.items()}


def path(guide: InitialGuess, start: Roster) -> list[Cell]:
    """In which cells agents are added, one after another, each where it is worth most at that moment (Fox 1966)."""
    roster = {team: list(agents) for team, agents in start.items()}
    heap = [(-guide.worth(cell, agents_in(start, cell)), number) for number, cell in enumerate(guide.cells)]
    heapq.heapify(heap)
    cells = []
    while heap:
        _, number = heapq.heappop(heap)
        cell = guide.cells[number]
        if roster[cell.team][cell.interval] >= guide.most(cell):
            continue
        cells.append(cell)
        roster[cell.team][cell.interval] += 1
        heapq.heappush(heap, (-guide.worth(cell, roster[cell.team][cell.interval]), number))
    return cells


def along(guide: InitialGuess, judge: Judge, *, start: Roster) -> Roster | None:
    """The first roster on the way from `start` that the judge accepts; None where none is."""
    steps = path(guide, start)
    low, high = 0, len(steps)
    if judge(moved(start, steps, 1)).any():
        return None
    while low < high:
        middle = (low + high) // 2
        if judge(moved(start, steps[:middle], 1)).any():
            low = middle + 1
        else:
            high = middle
    return moved(start, steps[:high], 1)


def levelled(guide: InitialGuess, judge: Judge) -> Roster | None:
    """The first roster that the judge accepts of those by which every interval does equally well by itself."""
    low, high, best = 0.0, 1.0, None
    for _ in range(LEVELLINGS):
        middle = (low + high) / 2
        share = 1 - (1 - middle) ** 2  # more finely where little is lost
        roster = filled(guide, lambda cell, share=share: guide.enough(cell, share))  # type: ignore[misc]
        if judge(roster).any():
            low = middle
        else:
            high, best = middle, roster
    return best


def lowered(guide: InitialGuess, judge: Judge, *, start: Roster) -> Roster:
    """From a roster that will do, as many agents fewer as the judge goes on accepting, the least missed first."""
    steps = []
    roster = start
    while held := [cell for cell in guide.cells if agents_in(roster, cell)]:
        steps.append(min(held, key=lambda each: guide.worth(each, agents_in(roster, each) - 1)))
        roster = moved(roster, steps[-1:], -1)
    low, high = 0, len(steps)
    while low < high:
        middle = (low + high + 1) // 2
        if judge(moved(start, steps[:middle], -1)).any():
            high = middle - 1
        else:
            low = middle
    return moved(start, steps[:low], -1)


def raised(guide: InitialGuess, judge: Judge, *, start: Roster) -> Roster | None:
    """Agents added in any interval that misses the aim, until none does; None where that never comes."""
    roster = start
    while (missed := judge(roster)).any():
        short = []
        for interval in (number for number, amount in enumerate(missed) if amount):
            open_to = [cell for cell in guide.cells if cell.interval == interval
                       and agents_in(roster, cell) < guide.most(cell)]  # fmt: skip
            if not open_to:
                return None
            short.append(max(open_to, key=lambda cell: guide.worth(cell, agents_in(roster, cell))))
        roster = moved(roster, short, 1)
    return roster


def spared(guide: InitialGuess, judge: Judge, *, start: Roster, progress: _Told) -> Roster:
    """Agents taken away one by one, the least missed first, until none can be spared in any interval."""
    roster, tight = start, set[Cell]()
    while candidates := [cell for cell in guide.cells if agents_in(roster, cell) and cell not in tight]:
        cell = least_missed(guide, roster, candidates)[0]
        fewer = moved(roster, [cell], -1)
        progress(f"{len(tight)} of {len(guide.cells)} intervals need all their agents")
        if judge(fewer).any():
            tight.add(cell)
        else:
            roster, tight = fewer, tight - near(cell)
    return roster


def near(cell: Cell) -> set[Cell]:
    """Cells to be tried again after an agent has gone: by chance a day may do without someone after another has."""
    return {Cell(cell.team, cell.interval - 1), Cell(cell.team, cell.interval + 1)}


def least_missed(guide: InitialGuess, roster: Roster, cells: Iterable[Cell]) -> list[Cell]:
    """The cells that hold someone, those where an agent fewer would matter least first."""
    held = [cell for cell in cells if agents_in(roster, cell)]
    return sorted(held, key=lambda cell: guide.worth(cell, agents_in(roster, cell) - 1))


def traded(guide: InitialGuess, judge: Judge, *, start: Roster, progress: _Told) -> Roster:
    """Now and then one agent more in one interval spares two elsewhere: the likeliest such trades are tried."""
    eager = sorted(guide.cells, key=lambda cell: -guide.worth(cell, agents_in(start, cell)))[:MOST_TRADES]
    for cell in eager:
        more = moved(start, [cell], 1)
        others = least_missed(guide, start, [each for each in guide.cells if each != cell])[:AMONG]
        for pair in itertools.combinations_with_replacement(others, 2):
            progress("seeing whether one agent more somewhere spares two elsewhere")
            if min(agents_in(more, each) - pair.count(each) for each in pair) < 0:
                continue
            fewer = moved(more, pair, -1)
            if agent_time(fewer, guide) < agent_time(start, guide) - 1 and not judge(fewer).any():
                return traded(
                    guide, judge, start=spared(guide, judge, start=fewer, progress=progress), progress=progress
                )
    return start


class Theory:
    """A scenario's day by formula, over a few days from quiet to busy. Raises ScenarioError where it cannot say."""

    def __init__(self, scenario: Scenario, *, within: float) -> None:
        refuse(scenario)
        self.scenario, self.within = scenario, within
        self.days, self.weights = factors(scenario)
        self.patience: float | None = None
        self.impatient = 0.0

    def fit(self, roster: Roster) -> None:
        """Take patience as exponential with the mean that loses as many callers by this roster as their own law."""
        self.patience, self.impatient = Pooled(rostered(self.scenario, roster)).exponential

    def expected(self, roster: Roster) -> list[Expected]:
        """What to expect of each interval of an average day; what happens after closing is in the last."""
        pooled = Pooled(rostered(self.scenario, roster))
        parts = [*pooled.stretches, *pooled.after_close]
        intervals = []
        for factor, weight in zip(self.days, self.weights, strict=True):
            scaled = [replace(part, arrivals=part.arrivals * factor) for part in parts]
            lived = day(
                scaled, handle=pooled.handle, patience=self.patience, impatient=self.impatient,
                lines=self.scenario.telephone.lines, within=self.within,
                empty_at_close=self.scenario.day.after_closing != "disconnect", again=pooled.again,
            )  # fmt: skip
            intervals.append(weight * np.array([astuple(part) for part in lived]))
        mean = [Expected(*row) for row in np.sum(intervals, axis=0).tolist()]
        owners = [*pooled.owners, *[pooled.owners[-1]] * (len(mean) - len(pooled.owners))]
        return [
            total(part for part, owner in zip(mean, owners, strict=True) if owner == interval)
            for interval in range(owners[-1] + 1)
        ]

    def excess(self, roster: Roster, aim: StaffingTarget) -> Floats:
        """By how much each part of the day misses the aim, in the long run, of calls offered."""
        try:
            intervals = self.expected(roster)
        except SettingError:  # with so few the queue has no bound that theory could hold
            return np.ones(1 if aim.each == "day" else self.scenario.day.intervals)
        parts = [total(intervals)] if aim.each == "day" else intervals
        excesses = []
        for part in parts:
            offered, missed = part.arrivals - part.blocked, 0.0
            if offered > 0 and aim.abandoned is not None:
                missed += max(part.abandoned / offered - aim.abandoned, 0.0)
            if offered > 0 and aim.service_level is not None:
                missed += max(aim.service_level - part.answered_within / offered, 0.0)
            excesses.append(missed)
        return np.array(excesses)


MOST_AGENT_INTERVALS = 12_000
"""Beyond so many agents in all intervals, trying each for whether she can be spared would take hours."""


@dataclass(frozen=True)
class Required:
    """The fewest agents by team and interval, and how they were found."""

    roster: Roster
    agent_time: float  # rostered seconds a day
    by_theory: Roster | None  # what the exact day alone would have said; None where theory has no say
    why_no_theory: str


def required(trial: RosterEvaluation, aim: StaffingTarget, *, teams: Sequence[str], progress: _Told) -> Required:
    """The fewest agents. Raises ScenarioError where no number of agents would do, or the desk is too large."""
    scenario, within = trial.scenario, trial.standard.within
    wants = {"lost": aim.abandoned is not None, "soon": aim.service_level is not None}
    guide = InitialGuess(scenario, teams, within=within, **wants)
    refuse_too_many(guide)

    def simulated(roster: Roster) -> Floats:
        return excess(trial.with_roster(roster), aim)

    progress("asking theory")
    by_theory, why = exact_requirement(guide, aim, progress=progress)
    progress("simulating")
    start = by_theory or filled(guide, guide.least)
    if by_theory and not simulated(by_theory).any():
        enough: Roster | None = lowered(guide, simulated, start=by_theory)
    else:
        enough = upward(guide, aim, simulated, start=start)
    if enough is None:
        refuse_unattainable(guide, trial, aim)
    least = spared(guide, simulated, start=enough or start, progress=progress)
    roster = (
        least if by_theory else traded(guide, simulated, start=least, progress=progress)
    )  # theory has traded already
    return Required(roster, agent_time(roster, guide), by_theory, why)


def upward(guide: InitialGuess, aim: StaffingTarget, judge: Judge, *, start: Roster) -> Roster | None:
    """A roster that the judge accepts, no agent more than the way there asks for: the shorter of two ways."""
    if aim.each != "day":
        return raised(guide, judge, start=start)
    ways = [way for way in (along(guide, judge, start=start), levelled(guide, judge)) if way]
    return min(ways, key=lambda way: agent_time(way, guide), default=None)


def exact_requirement(guide: InitialGuess, aim: StaffingTarget, *, progress: _Told) -> tuple[Roster | None, str]:
    """What the exact day alone would roster for the long run; or why theory has no say."""
    try:
        theory = Theory(guide.scenario, within=guide.within)
        theory.fit(filled(guide, lambda cell: to_begin(guide.load(cell))))

        def exact(roster: Roster) -> Floats:
            return theory.excess(roster, aim)

        first = upward(guide, aim, exact, start=filled(guide, guide.least))
        if first is None:
            return None, "By theory no number of agents is enough."
        theory.fit(first)  # patience is fitted to the hours as they would be, not as they were
        fitted = upward(guide, aim, exact, start=filled(guide, guide.least))
        if fitted is None:
            return None, "By theory no number of agents is enough."
        least = spared(guide, exact, start=fitted, progress=progress)
        return traded(guide, exact, start=least, progress=progress), ""
    except ScenarioError as error:
        return None, str(error)


def to_begin(load: float) -> int:
    """About as many agents as a desk of this load has: load + √load (Halfin and Whitt 1981)."""
    return round(load + load**0.5) if load else 0


def refuse_too_many(guide: InitialGuess) -> None:
    """Raises ScenarioError for a desk so large that the search would not end."""
    size = sum(guide.most(cell) for cell in guide.cells)
    if size > MOST_AGENT_INTERVALS:
        raise ScenarioError(
            f"the desk may need {size:,} agents over its intervals; at most {MOST_AGENT_INTERVALS:,} can be searched. "
            "Expected a smaller desk, or longer intervals."
        )


def refuse_unattainable(guide: InitialGuess, trial: RosterEvaluation, aim: StaffingTarget) -> None:
    """Raises ScenarioError saying what even all the agents who could find something to do would leave."""
    fared = trial.with_roster(filled(guide, guide.most))
    rate, soon = fared.rate.mean, fared.service_level.mean
    worst = max(range(fared.intervals), key=lambda number: missed_most(fared.part(number).rate.mean))
    part = fared.part(worst)
    day = trial.scenario.day
    raise ScenarioError(
        f"no number of agents keeps to {aim.words}: with {max(map(guide.most, guide.cells))} of them "
        f"{100 * (rate or 0):.2f}% would still be lost and {100 * (soon or 0):.1f}% answered in time; the worst "
        f"interval begins at {clock(day.opens + worst * day.interval)} ({100 * (part.rate.mean or 0):.2f}%). "
        "Not agents are short there: look at lines, the menu, callers lost at closing, or another target."
    )


def missed_most(rate: float | None) -> float:
    return rate or 0.0
