"""Search for the fewest agents that pass an evaluation, starting from Erlang A.

Because a queue carries over from one interval into the next, no interval can be settled by itself: what decides is
always the whole day. Agents are added where one is worth most until the judge accepts, and then every agent is tried
for whether the day would do without; what is left cannot spare one in any interval.
"""

from kcas.arrays import Floats
import heapq
import itertools
from collections.abc import Callable, Iterable
from typing import Protocol

from kcas.staffing.evaluation import Roster
from kcas.staffing.initial_guess import Cell, InitialGuess

Judge = Callable[[Roster], Floats]
"""By how much each part of the day misses the aim: zero everywhere where a roster meets it."""
MOST_TRADES, AMONG = 3, 3
LEVELLINGS = 9


class Told(Protocol):
    """Is told of every step."""

    def __call__(self, words: str) -> None: ...


def moved(roster: Roster, cells: Iterable[Cell], by: int) -> Roster:
    """The roster with an agent more, or fewer, in each of these cells; a cell may come twice."""
    found = {team: list(agents) for team, agents in roster.items()}
    for cell in cells:
        found[cell.team][cell.interval] += by
    return {team: tuple(agents) for team, agents in found.items()}


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
    """In which cells agents are added, one after another, each where it is worth most at that moment."""
    roster = {team: list(agents) for team, agents in start.items()}
    heap = [(-guide.worth(cell, agents_in(start, cell)), number) for number, cell in enumerate(guide.cells)]
    heapq.heapify(heap)
    found = []
    while heap:
        _, number = heapq.heappop(heap)
        cell = guide.cells[number]
        if roster[cell.team][cell.interval] >= guide.most(cell):
            continue
        found.append(cell)
        roster[cell.team][cell.interval] += 1
        heapq.heappush(heap, (-guide.worth(cell, roster[cell.team][cell.interval]), number))
    return found


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
    low, high, found = 0.0, 1.0, None
    for _ in range(LEVELLINGS):
        middle = (low + high) / 2
        share = 1 - (1 - middle) ** 2  # more finely where little is lost
        roster = filled(guide, lambda cell, share=share: guide.enough(cell, share))  # type: ignore[misc]
        if judge(roster).any():
            low = middle
        else:
            high, found = middle, roster
    return found


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


def spared(guide: InitialGuess, judge: Judge, *, start: Roster, told: Told) -> Roster:
    """Agents taken away one by one, the least missed first, until none can be spared in any interval."""
    roster, tight = start, set[Cell]()
    while candidates := [cell for cell in guide.cells if agents_in(roster, cell) and cell not in tight]:
        cell = least_missed(guide, roster, candidates)[0]
        fewer = moved(roster, [cell], -1)
        told(f"{len(tight)} of {len(guide.cells)} intervals need all their agents")
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


def traded(guide: InitialGuess, judge: Judge, *, start: Roster, told: Told) -> Roster:
    """Now and then one agent more in one interval spares two elsewhere: the likeliest such trades are tried."""
    eager = sorted(guide.cells, key=lambda cell: -guide.worth(cell, agents_in(start, cell)))[:MOST_TRADES]
    for cell in eager:
        more = moved(start, [cell], 1)
        others = least_missed(guide, start, [each for each in guide.cells if each != cell])[:AMONG]
        for pair in itertools.combinations_with_replacement(others, 2):
            told("seeing whether one agent more somewhere spares two elsewhere")
            if min(agents_in(more, each) - pair.count(each) for each in pair) < 0:
                continue
            fewer = moved(more, pair, -1)
            if agent_time(fewer, guide) < agent_time(start, guide) - 1 and not judge(fewer).any():
                return traded(guide, judge, start=spared(guide, judge, start=fewer, told=told), told=told)
    return start
