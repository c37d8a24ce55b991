"""Arrival profile of a type over the day, and how handling time and patience vary with it."""

from kcas.arrays import Floats
import numpy as np
from numpy.typing import NDArray

from kcas.simulation.scenario.schema import Day, Scenario



def lengths(day: Day) -> Floats:
    """Seconds of each interval, the last perhaps cut short."""
    return np.asarray(np.minimum(day.interval, day.closes - day.opens - day.interval * np.arange(day.intervals)))


def arriving(scenario: Scenario, name: str) -> Floats:
    """The share of a type's calls that arrive in each interval; they add up to one."""
    weights = scenario.types[name].shape or scenario.demand.shape
    found = np.array(weights) if weights else lengths(scenario.day)
    return np.asarray(found / found.sum())


def handling_factors(scenario: Scenario, name: str) -> Floats:
    """What the handling of a type's calls is multiplied by, by the interval in which they arrive."""
    given = scenario.types[name].handling_by_interval or scenario.demand.handling_by_interval
    return np.array(given) if given else np.ones(scenario.day.intervals)


def patience_factors(scenario: Scenario, name: str) -> Floats:
    """What the patience of a type's callers is multiplied by, by the interval in which they arrive."""
    given = scenario.types[name].patience_by_interval or scenario.demand.patience_by_interval
    return np.array(given) if given else np.ones(scenario.day.intervals)
