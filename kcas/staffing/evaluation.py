"""Evaluation of rosters on the same simulated callers (common random numbers)."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl

from kcas.arrays import Floats
from kcas.calls.definitions import the_definition, the_service_level
from kcas.calls.histogram import histogram, tally
from kcas.calls.rates import with_rates
from kcas.desk.standard import Standard
from kcas.errors import ScenarioError
from kcas.simulation.day_tallies import HALVES, tallies
from kcas.simulation.engines.layout import desk_of
from kcas.simulation.engines.sampling import sample_workload, staff_of
from kcas.simulation.engines.tables import Rows, Workload
from kcas.simulation.estimate import Estimate, share_of
from kcas.simulation.projection import Projection, projected, quickest
from kcas.simulation.scenario.roster import ExtraAgents
from kcas.simulation.scenario.schema import Scenario
from kcas.simulation.simulated_calls import short_calls

CALLS_AT_ONCE = 1_000_000
"""So many callers are kept in memory; a large desk has its days fewer."""
_FEWEST_DAYS = 40
MOST_DAYS = 1000
_REMEMBERED = 100  # rosters
ON_SIMPY = 0.1  # of the days, where numba is not installed

Roster = Mapping[str, tuple[int, ...]]
"""Rostered agents of each team, in each interval."""


@dataclass(frozen=True)
class RosterOutcome:
    """What became of the callers: a row for each simulated day, a column for each interval, of both halves."""

    lost: Floats
    of: Floats
    soon: Floats
    soon_of: Floats

    @property
    def days(self) -> int:
        """How many days were simulated."""
        return int(self.lost.shape[0])

    @property
    def intervals(self) -> int:
        """How many intervals each has."""
        return int(self.lost.shape[1])

    @cached_property
    def rate(self) -> Estimate:
        """The share abandoned, as the standard defines it."""
        return share_of(self.lost.sum(axis=1), self.of.sum(axis=1))

    @cached_property
    def service_level(self) -> Estimate:
        """The share answered in time, as the standard defines it."""
        return share_of(self.soon.sum(axis=1), self.soon_of.sum(axis=1))

    def halves(self, *, prefix: str = "") -> dict[str, float]:
        """What both shares are made of, a day."""
        counts = {
            "numerator": self.lost, "denominator": self.of,
            "service_level_numerator": self.soon, "service_level_denominator": self.soon_of,
        }  # fmt: skip
        return {f"{prefix}{name}": float(half.sum() / self.days) for name, half in counts.items()}

    def whole(self) -> "RosterOutcome":
        """All of it."""
        return self

    def part(self, number: int) -> "RosterOutcome":
        """One interval of it."""
        one = np.s_[:, number : number + 1]
        return RosterOutcome(self.lost[one], self.of[one], self.soon[one], self.soon_of[one])


def rostered(scenario: Scenario, roster: Roster) -> Scenario:
    """The scenario with these agents in these teams, by interval; absence, shrinkage and other work stay."""
    teams = {
        name: replace(
            team, agents=None, by_interval=tuple(roster[name]), shifts=(), extra_agents_by_weekday=ExtraAgents()
        )
        if name in roster
        else team
        for name, team in scenario.teams.items()
    }
    return replace(scenario, teams=teams)


class RosterEvaluation:
    """So many days of a scenario, lived through again and again."""

    def __init__(self, scenario: Scenario, *, standard: Standard, days: int, seed: int) -> None:
        self.scenario, self.standard, self.days, self.seed = scenario, standard, days, seed
        self.engine = quickest(scenario, 50 * days)
        self.load: Workload = sample_workload(scenario, seed=seed, days=range(days))
        self.known: dict[str, RosterOutcome] = {}

    def with_roster(self, roster: Roster) -> RosterOutcome:
        """How the callers fare with these agents."""
        return self.fares(rostered(self.scenario, roster))

    def fares(self, other: Scenario) -> RosterOutcome:
        """How the callers fare by a scenario that differs from ours in its teams and other work alone."""
        key = repr((other.teams, other.other_work))
        if key not in self.known:
            if len(self.known) >= _REMEMBERED:
                del self.known[next(iter(self.known))]
            self.known[key] = self._counted(other)
        return self.known[key]

    def projection(self, other: Scenario) -> Projection:
        """Every measure of such a scenario, as `simulate` would give them on these days."""
        began = time.perf_counter()
        load = self._staffed(other)
        tallied = tallies(
            other, desk_of(other), load, self._lived(other, load), first_day=0,
            definition=the_definition(self.standard), service_level=the_service_level(self.standard),
        ).by  # fmt: skip
        return projected(
            other, [tallied], standard=self.standard, engine=self.engine, days=self.days, seed=self.seed, began=began
        )

    def _counted(self, other: Scenario) -> RosterOutcome:
        load = self._staffed(other)
        return self._tallied(other, load, self._lived(other, load))

    def _staffed(self, other: Scenario) -> Workload:
        """The callers of these days, with the staff of such a scenario."""
        staff = [staff_of(other, seed=self.seed, day=day) for day in self._different_days(other)]
        staff = staff if len(staff) == self.days else staff * self.days
        changes = np.concatenate(staff)
        return self.load._replace(
            staff_first=np.concatenate([[0], np.cumsum([len(each) for each in staff])]).astype(np.int64),
            staff_at=changes[:, 0].copy(), staff_team=changes[:, 1].copy(), staff_agents=changes[:, 2].copy(),
        )  # fmt: skip

    def _different_days(self, other: Scenario) -> range:
        """The days whose staff must be drawn: one, where no random number decides who is there."""
        return range(self.days if by_chance(other) else 1)

    def _lived(self, other: Scenario, load: Workload) -> Rows:
        if self.engine == "compiled":
            from kcas.simulation.engines import compiled_engine

            return compiled_engine.run(desk_of(other), load)
        from kcas.simulation.engines import simpy_engine

        return simpy_engine.run(desk_of(other), load)

    def _tallied(self, other: Scenario, load: Workload, rows: Rows) -> RosterOutcome:
        """Numerators and denominators, by the same tally that counts a log."""
        calls = short_calls(other, load, rows, first_day=0).lazy()
        definition, level = the_definition(self.standard), the_service_level(self.standard)
        keys = ["replication", "slot"]
        counted = histogram(calls, keys=[pl.col(key) for key in keys])
        tallied = tally(counted, keys=keys, definition=definition, service_level=level)
        rates = with_rates(tallied, definition=definition, service_level=level)
        if rates["numerator"].null_count() == rates.height or rates["service_level_numerator"].null_count():
            reasons = rates["not_available"].drop_nulls().unique().to_list()
            raise ScenarioError(f"the standard's figures cannot be simulated: {'; '.join(reasons)}.")
        day, slot = (rates[key].to_numpy() for key in keys)
        halves = []
        for name in HALVES:
            grid = np.zeros((self.days, other.day.intervals))
            np.add.at(grid, (day, np.clip(slot, 0, other.day.intervals - 1)), rates[name].fill_null(0).to_numpy())
            halves.append(grid)
        return RosterOutcome(*halves)


def by_chance(scenario: Scenario) -> bool:
    """Whether random numbers decide who is there, so that each day's staff must be drawn again for each roster."""
    return any(
        team.absence or team.shrinkage or team.day_to_day_sd or team.demand_elasticity
        for team in scenario.teams.values()
    )


def days_for(scenario: Scenario, *, wanted: int | None) -> int:
    """How many days are lived through each time: as many as asked, or as fit."""
    calls = scenario.demand.calls_per_day * scenario.attempts
    if wanted is not None:
        return wanted
    most = MOST_DAYS // 2 if by_chance(scenario) else MOST_DAYS
    days = int(min(most, max(_FEWEST_DAYS, CALLS_AT_ONCE / calls)))
    return days if quickest(scenario, 50 * days) == "compiled" else max(_FEWEST_DAYS, int(days * ON_SIMPY))
