"""Mean handling time of a type of call.

No talk, hold or wrap-up lasts longer than twelve hours: what a law says beyond is cut there, when random numbers are
drawn and wherever a mean is asked for.

Arrival profile of a type over the day, and how handling time and patience vary with it.
"""

import numpy as np

from kcas.arrays import Floats
from kcas.desk.units import duration_text
from kcas.distributions.law_table import Law
from kcas.simulation.scenario.schema import Day, Scenario


def lengths(day: Day) -> Floats:
    """Seconds of each interval, the last perhaps cut short."""
    return np.asarray(np.minimum(day.interval, day.closes - day.opens - day.interval * np.arange(day.intervals)))


def arriving(scenario: Scenario, name: str) -> Floats:
    """The share of a type's calls that arrive in each interval; they add up to one."""
    weights = scenario.types[name].arrival_profile or scenario.demand.arrival_profile
    calls = np.array(weights) if weights else lengths(scenario.day)
    return np.asarray(calls / calls.sum())


def handling_factors(scenario: Scenario, name: str) -> Floats:
    """What the handling of a type's calls is multiplied by, by the interval in which they arrive."""
    given = scenario.types[name].handling_by_interval or scenario.demand.handling_by_interval
    return np.array(given) if given else np.ones(scenario.day.intervals)


def patience_factors(scenario: Scenario, name: str) -> Floats:
    """What the patience of a type's callers is multiplied by, by the interval in which they arrive."""
    given = scenario.types[name].patience_by_interval or scenario.demand.patience_by_interval
    return np.array(given) if given else np.ones(scenario.day.intervals)


LONGEST_CALL = 12 * 3600.0
MATTERS = 0.001  # of a mean: less is not worth a sentence


def trained(scenario: Scenario, name: str) -> bool:
    """Whether training changes this type of call."""
    return not scenario.training.types or name in scenario.training.types


def laws_of(scenario: Scenario, name: str) -> list[Law]:
    """What an agent does for a call of a type, one law each."""
    each = scenario.types[name]
    return [law for law in (each.talk, each.hold, each.wrap) if law]


def _factors(scenario: Scenario, name: str) -> Floats:
    """What the laws of a type's handling are multiplied by, by interval: time of day and training."""
    taught = scenario.training.handling if trained(scenario, name) else 1.0
    return np.asarray(handling_factors(scenario, name) * taught)


def handling_by_interval(scenario: Scenario, name: str) -> Floats:
    """Mean time an agent is taken by a call of a type that arrives in each interval."""
    by = _factors(scenario, name)
    return np.asarray(sum(by * mean_cut(law, LONGEST_CALL / by) for law in laws_of(scenario, name)))


def handling(scenario: Scenario, name: str) -> float:
    """Mean time an agent is taken by a call of a type, training and time of day included."""
    return float(arriving(scenario, name) @ handling_by_interval(scenario, name))


def mean_handling(scenario: Scenario) -> float:
    """Mean time an agent is taken by a call, over all types."""
    return sum(each.share * handling(scenario, name) for name, each in scenario.types.items())


def uncut(scenario: Scenario, name: str) -> float:
    """The same were calls of any length allowed: infinite where a law has no mean."""
    means = sum(law.mean for law in laws_of(scenario, name))
    return means * float(arriving(scenario, name) @ _factors(scenario, name))


def mean_cut(law: Law, longest: Floats) -> Floats:
    """The mean of what a law draws, where nothing lasts longer than this."""
    return np.asarray(law.distribution.restricted_mean(longest), dtype=float)


def cut_short(scenario: Scenario) -> list[str]:
    """A sentence for each type whose mean the longest call changes by more than a rounding."""
    sentences = []
    for name in scenario.types:
        so_long, without = handling(scenario, name), uncut(scenario, name)
        if without - so_long > MATTERS * without:
            sentences.append(
                f"No talk, hold or wrap-up lasts longer than {duration_text(LONGEST_CALL)}, which matters here: "
                "calls from "
                f"{name} take {duration_text(round(so_long))} of an agent's time on average, "
                f"{1 - so_long / without:.1%} less "
                f"than their distributions would have it without that cut ({duration_text(round(without))})."
            )
    return sentences
