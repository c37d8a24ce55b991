"""From a target to a roster that is shown to keep it: requirement, shifts, proof, and what each further agent buys."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kcas.desk.standard import Standard
from kcas.errors import ScenarioError
from kcas.simulation.projection import Projection, refuse_endless_work
from kcas.simulation.scenario.file import Tables, scenario_of
from kcas.simulation.scenario.schema import Scenario
from kcas.staffing import roster_file
from kcas.staffing.cover import LONGEST, Cover, covered
from kcas.staffing.evaluation import RosterEvaluation, RosterOutcome, days_for
from kcas.staffing.initial_guess import pooled
from kcas.staffing.marginal_value import Bought, MarginalValue, bought, marginal_values
from kcas.staffing.requirement import Required, required
from kcas.staffing.shift_file import ShiftRules
from kcas.staffing.target import StaffingTarget, met, share_of_days

Told = Callable[[float, str], None]
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
    kept: Mapping[str, float]
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


class Steps:
    """Turns steps of unknown number into a share of the work that never goes back."""

    def __init__(self, told: Told) -> None:
        self.told, self.share, self.end = told, 0.0, 0.0

    def stage(self, end: float, words: str) -> None:
        """Begin a part of the work that ends at this share of it."""
        self.share, self.end = self.end, end
        self.told(self.share, words)

    def __call__(self, words: str) -> None:
        self.share += (self.end - self.share) * CREEP
        self.told(self.share, words)


def plan(tables: Tables, *, ask: PlanRequest, standard: Standard, told: Told) -> Plan:
    """The fewest agents, their shifts, and the proof. Raises ScenarioError for what cannot be."""
    scenario = scenario_of(tables, where="the scenario")
    teams = teams_of(scenario, ask)
    days = days_for(scenario, wanted=ask.days)
    refuse_endless_work(scenario, days)
    seed = scenario.run.seed if ask.seed is None else ask.seed
    steps = Steps(told)
    steps.stage(0.1, "drawing the random numbers")
    trial = RosterEvaluation(scenario, standard=standard, days=days, seed=seed)
    steps.stage(0.6, "looking for the fewest agents")
    found = required(trial, ask.aim, teams=teams, told=steps)
    steps.stage(0.7, "choosing shifts")
    cover = covered(found.roster, rules=ask.rules, scenario=scenario, limit=ask.limit) if ask.rules else None
    steps.stage(0.9, "proving it by simulation")
    whole = dict(tables)
    today = evaluated_roster(whole, trial, ask.aim)
    lean = evaluated_roster(roster_file.by_interval(whole, found.roster), trial, ask.aim)
    steps("proving it by simulation")
    roster = (
        evaluated_roster(roster_file.by_shifts(whole, cover, roster=found.roster), trial, ask.aim) if cover else None
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
    return Plan(scenario, ask, teams, found, today, lean, cover, roster, more[0], more[1], paid)


def teams_of(scenario: Scenario, ask: PlanRequest) -> tuple[str, ...]:
    """The teams whose agents are looked for: as asked, or those that are someone's first choice."""
    from kcas.desk.toml_file import nearest

    for name in ask.teams:
        if name not in scenario.teams:
            raise ScenarioError(f"--team: {name!r} is not a team. {nearest(name, scenario.teams)}")
    found = ask.teams or tuple(name for name in scenario.teams if pooled(scenario, name))
    if ask.rules:
        only = next(iter(scenario.teams))
        given = {each.team or only for each in ask.rules.shifts.values()}
        for name in sorted(set(found) - given):
            raise ScenarioError(f"no pattern of shifts is for team {name}. Expected one, or --team with the others.")
    return found


def evaluated_roster(tables: Mapping[str, Any], trial: RosterEvaluation, aim: StaffingTarget) -> EvaluatedRoster:
    """A scenario simulated in full, on the days of the trial."""
    scenario = scenario_of(tables, where="the roster")
    run = trial.projection(scenario)
    fared = trial.fares(scenario)
    return EvaluatedRoster(tables, run, fared, share_of_days(fared, aim), met(fared, aim))
