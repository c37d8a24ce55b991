"""Minimum agents of each interval: calculated where possible, then simulated."""

from kcas.arrays import Floats
from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace

import numpy as np

from kcas.desk.toml_fields import clock
from kcas.errors import ScenarioError, SettingError
from kcas.queueing.pooled_scenario import Pooled, refuse
from kcas.queueing.transient import Expected, day, total
from kcas.simulation.scenario.schema import Scenario
from kcas.staffing.evaluation import Roster, RosterEvaluation, rostered
from kcas.staffing.initial_guess import InitialGuess, factors
from kcas.staffing.search import Judge, Told, agent_time, along, filled, levelled, lowered, raised, spared, traded
from kcas.staffing.target import StaffingTarget, excess


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
        found = []
        for factor, weight in zip(self.days, self.weights, strict=True):
            scaled = [replace(part, arrivals=part.arrivals * factor) for part in parts]
            lived = day(
                scaled, handle=pooled.handle, patience=self.patience, impatient=self.impatient,
                lines=self.scenario.telephone.lines, within=self.within,
                empty_at_close=self.scenario.day.at_close != "cut off", again=pooled.again,
            )  # fmt: skip
            found.append(weight * np.array([astuple(part) for part in lived]))
        mean = [Expected(*row) for row in np.sum(found, axis=0).tolist()]
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
        found = []
        for part in parts:
            offered, missed = part.arrivals - part.blocked, 0.0
            if offered > 0 and aim.abandoned is not None:
                missed += max(part.abandoned / offered - aim.abandoned, 0.0)
            if offered > 0 and aim.service_level is not None:
                missed += max(aim.service_level - part.answered_within / offered, 0.0)
            found.append(missed)
        return np.array(found)


MOST_AGENT_INTERVALS = 12_000
"""Beyond so many agents in all intervals, trying each for whether she can be spared would take hours."""


@dataclass(frozen=True)
class Required:
    """The fewest agents by team and interval, and how they were found."""

    roster: Roster
    agent_time: float  # rostered seconds a day
    by_theory: Roster | None  # what the exact day alone would have said; None where theory has no say
    why_no_theory: str


def required(trial: RosterEvaluation, aim: StaffingTarget, *, teams: Sequence[str], told: Told) -> Required:
    """The fewest agents. Raises ScenarioError where no number of agents would do, or the desk is too large."""
    scenario, within = trial.scenario, trial.standard.within
    wants = {"lost": aim.abandoned is not None, "soon": aim.service_level is not None}
    guide = InitialGuess(scenario, teams, within=within, **wants)
    refuse_too_many(guide)

    def simulated(roster: Roster) -> Floats:
        return excess(trial.with_roster(roster), aim)

    told("asking theory")
    by_theory, why = exact_requirement(guide, aim, told=told)
    told("simulating")
    start = by_theory or filled(guide, guide.least)
    if by_theory and not simulated(by_theory).any():
        enough: Roster | None = lowered(guide, simulated, start=by_theory)
    else:
        enough = upward(guide, aim, simulated, start=start)
    if enough is None:
        refuse_unattainable(guide, trial, aim)
    least = spared(guide, simulated, start=enough or start, told=told)
    roster = least if by_theory else traded(guide, simulated, start=least, told=told)  # theory has traded already
    return Required(roster, agent_time(roster, guide), by_theory, why)


def upward(guide: InitialGuess, aim: StaffingTarget, judge: Judge, *, start: Roster) -> Roster | None:
    """A roster that the judge accepts, no agent more than the way there asks for: the shorter of two ways."""
    if aim.each != "day":
        return raised(guide, judge, start=start)
    ways = [way for way in (along(guide, judge, start=start), levelled(guide, judge)) if way]
    return min(ways, key=lambda way: agent_time(way, guide), default=None)


def exact_requirement(guide: InitialGuess, aim: StaffingTarget, *, told: Told) -> tuple[Roster | None, str]:
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
        least = spared(guide, exact, start=fitted, told=told)
        return traded(guide, exact, start=least, told=told), ""
    except ScenarioError as error:
        return None, str(error)


def to_begin(load: float) -> int:
    """About as many agents as a desk of this load has."""
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
