"""Evaluation of a roster by the transient queue, without simulation."""

from dataclasses import astuple, replace

import numpy as np

from kcas.errors import SettingError
from kcas.queueing.limits import refuse
from kcas.queueing.pooled_scenario import Pooled
from kcas.queueing.transient import Expected, day, total
from kcas.simulation.estimate import Floats
from kcas.simulation.scenario.schema import Scenario
from kcas.staffing.evaluation import Roster, rostered
from kcas.staffing.initial_guess import factors
from kcas.staffing.target import StaffingTarget


class Theory:
    """A scenario's day without dice, over a few days from quiet to busy. Raises ScenarioError where it cannot say."""

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
