"""Initial guess of the search: where an agent matters most, by Erlang A in each interval.

A guide and no more: it says in which order to try, and where to begin. The exact day and the simulation decide.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from kcas.arrays import Floats
from kcas.queueing.pooled_scenario import Pooled
from kcas.queueing.steady_state import steady
from kcas.simulation.engines.layout import teams_for
from kcas.simulation.scenario.roster import begins, ends
from kcas.simulation.scenario.schema import Scenario

_NODES = 4
SPARE = 1.6  # of the load on the busiest of those days: more agents than these find nothing to do
A_FEW = 6
LONG = 86_400.0
PATIENT = 2.0  # lengths of the interval


@dataclass(frozen=True)
class Cell:
    """One interval of one team's roster."""

    team: str
    interval: int


def factors(scenario: Scenario, *, nodes: int = _NODES) -> tuple[Floats, Floats]:
    """A few days, from quiet to busy, that stand for every weekday and every day's own factor; and their weights."""
    from scipy.special import roots_genlaguerre

    weekdays = np.array([getattr(scenario.demand.weekdays, name) for name in scenario.day.weekdays])
    values, weights = weekdays, np.full(len(weekdays), 1 / len(weekdays))
    variation = scenario.demand.day_to_day_sd
    if variation:
        own, own_weights = roots_genlaguerre(8, variation**-2 - 1)
        values = np.outer(weekdays, own * variation**2).ravel()
        weights = np.outer(weights, own_weights / own_weights.sum()).ravel()
    return gauss(values, weights, nodes=nodes)


def gauss(values: Floats, weights: Floats, *, nodes: int) -> tuple[Floats, Floats]:
    """The few points and weights that share the first moments of many (Golub and Welsch 1969)."""
    distinct, where = np.unique(np.round(values, 12), return_inverse=True)
    mass = np.bincount(where, weights=weights) / weights.sum()
    if len(distinct) <= nodes:
        return distinct, mass
    before, now = np.zeros(len(distinct)), np.sqrt(mass)
    diagonal, beside, last = [], [], 0.0
    for _ in range(nodes):
        ahead = distinct * now - last * before
        diagonal.append(float(now @ ahead))
        ahead = ahead - diagonal[-1] * now
        last = float(np.linalg.norm(ahead))
        beside.append(last)
        before, now = now, ahead / last
    points, vectors = np.linalg.eigh(np.diag(diagonal) + np.diag(beside[:-1], 1) + np.diag(beside[:-1], -1))
    return np.maximum(points, 0.0), vectors[0] ** 2


def on_the_phones(scenario: Scenario, cell: Cell, agents: float) -> float:
    """The mean number who are on the phones, of so many rostered: less the absent, other work and shrinkage."""
    team, day = scenario.teams[cell.team], scenario.day
    begin = day.opens + cell.interval * day.interval
    length = min(day.interval, day.closes - begin)
    away = sum(
        work.agents * max(0.0, min(ends(work, day.closes), begin + length) - max(begins(work, day.opens), begin))
        for work in scenario.other_work.values()
        if work.team == cell.team and not work.stopped
    )
    return max(agents * (1 - team.absence) - away / length, 0.0) * (1 - team.shrinkage)


def to_roster(scenario: Scenario, cell: Cell, wanted: float) -> int:
    """How many must be rostered for so many to be on the phones on average."""
    agents = math.ceil(wanted)
    while on_the_phones(scenario, cell, agents) < wanted:
        agents += 1
    return agents


class InitialGuess:
    """What each agent is worth, by Erlang A, for the callers whose first choice each team is."""

    def __init__(self, scenario: Scenario, teams: Sequence[str], *, within: float, lost: bool, soon: bool) -> None:
        self.scenario, self.within = scenario, within
        self.counts = (lost, soon)
        self.cells = [Cell(team, number) for team in teams for number in range(scenario.day.intervals)]
        self.days, self.weights = factors(scenario)
        self.pooled = {team: pool for team in teams if (pool := pooled(scenario, team))}
        self.patience = {team: patience_of(pool) for team, pool in self.pooled.items()}
        self.settled = cache(self._settled)
        self.slopes = cache(self._slopes)

    def length(self, cell: Cell) -> float:
        """How long the interval is."""
        day = self.scenario.day
        return min(day.interval, day.closes - day.opens - cell.interval * day.interval)

    def arrivals(self, cell: Cell) -> float:
        """Calls a second on an average day, of those for whom the team is the first choice."""
        pool = self.pooled.get(cell.team)
        return sum(float(calls[cell.interval]) for calls in pool.calls.values()) / self.length(cell) if pool else 0.0

    def load(self, cell: Cell) -> float:
        """Erlangs on an average day."""
        pool = self.pooled.get(cell.team)
        return self.arrivals(cell) * pool.handle if pool else 0.0

    def least(self, cell: Cell) -> int:
        """Where to begin: half the load; all of it where hardly anybody hangs up, and a queue would only grow."""
        patient = self.patience.get(cell.team, 0.0) > PATIENT * self.length(cell)
        return to_roster(self.scenario, cell, self.load(cell) * (1.0 if patient else 0.5))

    def enough(self, cell: Cell, share: float) -> int:
        """The fewest with whom the interval by itself would keep this share of what it could."""
        best = self.answered(cell, self.most(cell))
        agents = self.least(cell)
        while agents < self.most(cell) and self.answered(cell, agents) < share * best:
            agents += 1
        return agents

    def most(self, cell: Cell) -> int:
        """As many as could ever have something to do."""
        busiest = self.load(cell) * float(self.days.max(initial=1.0)) * SPARE
        return to_roster(self.scenario, cell, busiest + A_FEW)

    def worth(self, cell: Cell, agents: int) -> float:
        """Calls a day that the agent beyond so many is expected to save in the cell's own interval, an hour of hers.

        Where the first agents save no one until enough are there, each is worth her share of what all of them save.
        """
        slopes = self.slopes(cell)
        return float(slopes[min(max(agents, 0), len(slopes) - 1)]) / self.length(cell) * 3600

    def _slopes(self, cell: Cell) -> Floats:
        """What each agent adds along the concave hull of what so many keep (monotone chain, Andrew 1979)."""
        most = self.most(cell) + 1
        served = [self.answered(cell, agents) for agents in range(most + 1)]
        hull = [0]
        for agents in range(1, most + 1):
            while len(hull) > 1 and steeper(served, hull[-2], hull[-1], agents):
                hull.pop()
            hull.append(agents)
        rises = np.diff([served[corner] for corner in hull]) / np.diff(hull)
        return np.repeat(rises, np.diff(hull))

    def answered(self, cell: Cell, agents: int) -> float:
        """Calls a day that are not lost, answered in time, or both added, where so many are rostered."""
        on = on_the_phones(self.scenario, cell, agents)
        below = math.floor(on)
        part = on - below
        served = self.settled(cell, below) * (1 - part)
        return served + (self.settled(cell, below + 1) * part if part else 0.0)

    def _settled(self, cell: Cell, agents: int) -> float:
        pool, arrivals = self.pooled.get(cell.team), self.arrivals(cell)
        if pool is None or not agents or not arrivals:
            return 0.0
        settled = 0.0
        for factor, weight in zip(self.days, self.weights, strict=True):
            if factor > 0:
                hour = steady(
                    arrivals * factor, handle=pool.handle, agents=agents, patience=self.patience[cell.team],
                    within=self.within,
                )  # fmt: skip
                share = (1 - hour.p_abandon) * self.counts[0] + hour.answered_within * self.counts[1]
                settled += weight * factor * arrivals * self.length(cell) * share
        return settled


def steeper(served: Sequence[float], first: int, second: int, third: int) -> bool:
    """Whether a curve rises no less after the second point than before it."""
    before = (served[second] - served[first]) * (third - second)
    return (served[third] - served[second]) * (second - first) >= before


def patience_of(pool: Pooled) -> float:
    """Everybody's mean patience; who would never hang up waits a day, so that overloaded hours can be compared too."""
    types = pool.scenario.types
    laws = {name: types[name].patience for name in pool.weight}
    return sum(
        share * (LONG if laws[name].table["distribution"] == "endless" else min(laws[name].mean, LONG))
        for name, share in pool.weight.items()
    )


def pooled(scenario: Scenario, team: str) -> Pooled | None:
    """The callers whose first choice a team is, as one line; None where there are none."""
    names = list(scenario.teams)
    mine = {name: each for name, each in scenario.types.items() if teams_for(each, names)[0] == team and each.share}
    if not mine:
        return None
    return Pooled(replace(scenario, types=mine, teams={team: scenario.teams[team]}))
