"""Marginal value of each further agent, by paired differences."""

from kcas.arrays import Floats
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kcas.simulation.estimate import (NOTHING, Estimate, difference, mean_of, residuals)
from kcas.simulation.scenario.roster import Shift, presences
from kcas.simulation.scenario.schema import Scenario
from kcas.staffing.evaluation import RosterEvaluation, RosterOutcome


@dataclass(frozen=True)
class MarginalValue:
    """So many agents more, all day, and what they change against none, and the last of them against the one before."""

    agents: int
    fared: RosterOutcome
    rate_moved: Estimate
    service_level_moved: Estimate
    saved: Estimate  # calls a day no longer lost
    last_rate_moved: Estimate
    last_saved: Estimate


def marginal_values(trial: RosterEvaluation, scenario: Scenario, *, team: str, most: int) -> list[MarginalValue]:
    """From none to so many agents more, of one team, from opening to closing."""
    every = [trial.fares(with_more(scenario, team, agents)) for agents in range(most + 1)]
    return [
        MarginalValue(
            agents, fared, rate_moved(every[0], fared), level_moved(every[0], fared), saved(every[0], fared),
            rate_moved(before, fared), saved(before, fared),
        )
        for agents, (before, fared) in enumerate(zip([every[0], *every], every, strict=False))
    ]  # fmt: skip


def with_more(scenario: Scenario, team: str, agents: int) -> Scenario:
    """The scenario with agents more in a team, all day."""
    if not agents:
        return scenario
    held, day = scenario.teams[team], scenario.day
    if held.agents is not None:
        more = replace(held, agents=held.agents + agents)
    elif held.by_interval:
        more = replace(held, by_interval=tuple(each + agents for each in held.by_interval))
    else:
        more = replace(held, shifts=(*held.shifts, Shift(agents, day.opens, day.closes)))
    return replace(scenario, teams={**scenario.teams, team: more})


def rate_moved(one: RosterOutcome, other: RosterOutcome) -> Estimate:
    """The other's share abandoned less the one's, day by day with the same simulated callers."""
    return moved(one.rate, other.rate, (one.lost, one.of), (other.lost, other.of))


def level_moved(one: RosterOutcome, other: RosterOutcome) -> Estimate:
    """The same of the service level."""
    return moved(one.service_level, other.service_level, (one.soon, one.soon_of), (other.soon, other.soon_of))


def moved(first: Estimate, second: Estimate, one: Sequence[Floats], other: Sequence[Floats]) -> Estimate:
    """A difference of two rates from their halves by day."""
    before, after = ([half.sum(axis=1) for half in halves] for halves in (one, other))
    if before[1].sum() <= 0 or after[1].sum() <= 0:
        return NOTHING
    return difference(first, second, deviations=residuals(*after) - residuals(*before))


def saved(one: RosterOutcome, other: RosterOutcome) -> Estimate:
    """Calls a day that the one loses and the other does not."""
    return mean_of(one.lost.sum(axis=1) - other.lost.sum(axis=1))


def agent_hours(scenario: Scenario) -> float:
    """Rostered hours a day of all teams, breaks left out."""
    day = scenario.day
    return sum(
        each.agents * (each.end - each.begin) / 3600
        for team in scenario.teams.values()
        for each in presences(team, opens=day.opens, closes=day.closes, interval=day.interval)
    )


@dataclass(frozen=True)
class Bought:
    """What one scenario costs more than another, and what it saves."""

    hours: float  # a day
    saved: Estimate  # calls a day
    before: RosterOutcome
    after: RosterOutcome
    rate_moved: Estimate
    cost: float | None  # a day; None where no one has said what an hour costs

    @property
    def hours_per_call(self) -> Estimate:
        """Paid hours for each call saved."""
        return shared_out(self.hours, self.saved)

    @property
    def cost_per_call(self) -> Estimate:
        """What each call saved costs; nothing where no cost is known."""
        return NOTHING if self.cost is None else shared_out(self.cost, self.saved)


def shared_out(amount: float, calls: Estimate) -> Estimate:
    """An amount shared among calls; no interval where perhaps none was saved."""
    if calls.mean is None or calls.mean <= 0:
        return NOTHING
    sure = calls.low is not None and calls.low > 0 and calls.high is not None
    low = amount / calls.high if sure and calls.high else None
    high = amount / calls.low if sure and calls.low else None
    return Estimate(amount / calls.mean, low, high, None)


def bought(before: RosterEvaluation, after: RosterEvaluation, *, cost_per_hour: float | None) -> Bought:
    """What the second scenario bought against the first. Both ran the same days with the same simulated callers."""
    one, other = before.fares(before.scenario), after.fares(after.scenario)
    hours = agent_hours(after.scenario) - agent_hours(before.scenario)
    return Bought(
        hours, saved(one, other), one, other, rate_moved(one, other),
        None if cost_per_hour is None else hours * cost_per_hour,
    )  # fmt: skip
