"""Simulated days of a scenario, counted like days of the log."""

from dataclasses import dataclass

import numpy as np

from kcas.arrays import Floats
from kcas.simulation.engines.tables import ABANDONED, ANSWERED, BLOCKED, LEFT_IVR, NOT_USED, SELF_SERVED
from kcas.simulation.projection import happened, quickest
from kcas.simulation.scenario.schema import Scenario


@dataclass(frozen=True)
class SimulatedDays:
    """Counts and means of each simulated day."""

    offered: Floats
    lost: Floats
    handling: Floats
    mean_wait: Floats

    @property
    def rate(self) -> Floats:
        """Given up of offered; not a number on a day without calls."""
        return np.asarray(self.lost / np.where(self.offered > 0, self.offered, np.nan))


def simulated_days(scenario: Scenario, *, days: int, seed: int = 1) -> SimulatedDays:
    """So many days of a scenario, one count each."""
    engine = quickest(scenario, days)
    _, load, rows = happened(scenario, range(days), seed=seed, engine=engine)
    call = np.arange(len(rows.outcome)) % len(load.arrival)
    day = np.searchsorted(load.first, call, side="right") - 1
    joined = ~np.isin(rows.outcome, (NOT_USED, BLOCKED, LEFT_IVR, SELF_SERVED))
    menu = load.menu[call] if load.menu.size else 0
    wait = np.where(joined & (rows.left >= 0), rows.left - rows.arrived - menu, 0) / 1000
    answered = rows.outcome == ANSWERED
    handle = (load.talk[call] + load.wrap[call]) / 1000

    def sums(weights: Floats) -> Floats:
        return np.asarray(np.bincount(day, weights=weights, minlength=days), dtype=float)

    offered, taken = sums(joined.astype(float)), sums(answered.astype(float))
    with np.errstate(invalid="ignore", divide="ignore"):
        return SimulatedDays(
            offered=offered,
            lost=sums((rows.outcome == ABANDONED).astype(float)),
            handling=sums(np.where(answered, handle, 0.0)) / taken,
            mean_wait=sums(wait) / offered,
        )
