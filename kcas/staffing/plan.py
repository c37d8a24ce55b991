"""From a target to a roster that is shown to keep it: requirement, shifts, proof, and what each further agent buys.

Marginal value of each further agent, by paired differences.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kcas.arrays import Floats
from kcas.desk.standard import Standard
from kcas.errors import ScenarioError
from kcas.simulation.estimate import NOTHING, Estimate, difference, mean_of, residuals
from kcas.simulation.projection import Projection, refuse_endless_work
from kcas.simulation.scenario.file import Tables, scenario_of
from kcas.simulation.scenario.roster import Shift, presences
from kcas.simulation.scenario.schema import Scenario
from kcas.staffing import roster_file
from kcas.staffing.cover import LONGEST, Cover, covered
from kcas.staffing.evaluation import RosterEvaluation, RosterOutcome, days_for
from kcas.staffing.initial_guess import pooled
from kcas.staffing.requirement import Required, required
from kcas.staffing.shift_file import ShiftRules
from kcas.staffing.target import StaffingTarget, met, share_of_days


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


_Told = Callable[[float, str], None]
"""Is told which share of the work is done, and what is being done."""
MOST_FURTHER = 20
CREEP = 0.02  # of what is left of a stage, at each step whose number no one knows beforehand


@dataclass(frozen=True)
class PlanRequest:
    """What a planner asks for."""

    aim: StaffingTarget
    teams: tuple[str, ...] = ()  # none: those that are someone's first choice
    rules: ShiftRules | None = None
    days: int | None = None
    seed: int | None = None
    further: int = 5
    limit: float = LONGEST
    bought: Scenario | None = None  # what point (iii) pays for, against the scenario as it is
    cost_per_hour: float | None = None


@dataclass(frozen=True)
class EvaluatedRoster:
    """A roster as a scenario, its projection, and on how many days it kept to the aim."""

    tables: Mapping[str, Any]
    projection: Projection
    fared: RosterOutcome
    days_met: Mapping[str, float]
    met: bool


@dataclass(frozen=True)
class Plan:
    """Everything that was found."""

    scenario: Scenario
    ask: PlanRequest
    teams: tuple[str, ...]
    required: Required
    today: EvaluatedRoster
    lean: EvaluatedRoster  # the requirement itself, by interval
    cover: Cover | None
    roster: EvaluatedRoster | None  # the shifts that cover it
    more_than_today: Sequence[MarginalValue]
    more_than_needed: Sequence[MarginalValue]
    bought: Bought | None

    @property
    def last(self) -> EvaluatedRoster:
        """What would be put into practice: the shifts, or the requirement where none were given."""
        return self.roster or self.lean


class _Steps:
    """Turns steps of unknown number into a share of the work that never goes back."""

    def __init__(self, progress: _Told) -> None:
        self.told, self.share, self.end = progress, 0.0, 0.0

    def stage(self, end: float, words: str) -> None:
        """Begin a part of the work that ends at this share of it."""
        self.share, self.end = self.end, end
        self.told(self.share, words)

    def __call__(self, words: str) -> None:
        self.share += (self.end - self.share) * CREEP
        self.told(self.share, words)


def plan(tables: Tables, *, ask: PlanRequest, standard: Standard, progress: _Told) -> Plan:
    """The fewest agents, their shifts, and the proof. Raises ScenarioError for what cannot be."""
    scenario = scenario_of(tables, where="the scenario")
    teams = teams_of(scenario, ask)
    days = days_for(scenario, wanted=ask.days)
    refuse_endless_work(scenario, days)
    seed = scenario.run.seed if ask.seed is None else ask.seed
    steps = _Steps(progress)
    steps.stage(0.1, "drawing the random numbers")
    trial = RosterEvaluation(scenario, standard=standard, days=days, seed=seed)
    steps.stage(0.6, "looking for the fewest agents")
    requirement = required(trial, ask.aim, teams=teams, progress=steps)
    steps.stage(0.7, "choosing shifts")
    cover = covered(requirement.roster, rules=ask.rules, scenario=scenario, limit=ask.limit) if ask.rules else None
    steps.stage(0.9, "proving it by simulation")
    whole = dict(tables)
    today = evaluated_roster(whole, trial, ask.aim)
    lean = evaluated_roster(roster_file.by_interval(whole, requirement.roster), trial, ask.aim)
    steps("proving it by simulation")
    roster = (
        evaluated_roster(roster_file.by_shifts(whole, cover, roster=requirement.roster), trial, ask.aim)
        if cover
        else None
    )
    steps.stage(1.0, "seeing what each further agent buys")
    most = min(ask.further, MOST_FURTHER)
    more = [
        marginal_values(trial, start, team=teams[0], most=most)
        for start in (scenario, (roster or lean).projection.scenario)
    ]
    paid = None
    if ask.bought is not None:
        other = RosterEvaluation(ask.bought, standard=standard, days=days, seed=seed)
        paid = bought(trial, other, cost_per_hour=ask.cost_per_hour)
    return Plan(scenario, ask, teams, requirement, today, lean, cover, roster, more[0], more[1], paid)


def teams_of(scenario: Scenario, ask: PlanRequest) -> tuple[str, ...]:
    """The teams whose agents are looked for: as asked, or those that are someone's first choice."""
    from kcas.desk.toml_file import nearest

    for name in ask.teams:
        if name not in scenario.teams:
            raise ScenarioError(f"--team: {name!r} is not a team. {nearest(name, scenario.teams)}")
    teams = ask.teams or tuple(name for name in scenario.teams if pooled(scenario, name))
    if ask.rules:
        only = next(iter(scenario.teams))
        given = {each.team or only for each in ask.rules.shifts.values()}
        for name in sorted(set(teams) - given):
            raise ScenarioError(f"no pattern of shifts is for team {name}. Expected one, or --team with the others.")
    return teams


def evaluated_roster(tables: Mapping[str, Any], trial: RosterEvaluation, aim: StaffingTarget) -> EvaluatedRoster:
    """A scenario simulated in full, on the days of the trial."""
    scenario = scenario_of(tables, where="the roster")
    run = trial.projection(scenario)
    fared = trial.fares(scenario)
    return EvaluatedRoster(tables, run, fared, share_of_days(fared, aim), met(fared, aim))
