"""Counts and inputs of one side of a comparison."""

from dataclasses import dataclass

from kcas.attribution.definitions import refuse_left_otherwise
from kcas.attribution.observed_days import Observed


@dataclass(frozen=True)
class Side:
    """Counts of one side of the difference, and what they were made of."""

    numerator: float
    denominator: float
    lost: float  # whatever the definition
    offered: float
    handle: float
    agent_hours: float  # a day
    days: int
    calls_by_interval: tuple[float, ...]  # mean over its days, as the next
    agents_by_interval: tuple[float, ...]

    @property
    def rate(self) -> float:
        """By the definition."""
        return self.numerator / self.denominator


def side(days: Observed) -> Side:
    """The days' counts added."""
    handled, counted = max(float(days.handled.sum()), 1.0), days.halves
    offered, lost = float(days.offered.sum()), float(days.lost.sum())
    refuse_left_otherwise(days.definition, offered=offered, answered=float(days.answered.sum()), lost=lost)
    return Side(
        numerator=float(counted.numerator.sum()),
        denominator=float(counted.denominator.sum()),
        lost=lost,
        offered=offered,
        handle=float((days.handle * days.handled).sum()) / handled,
        agent_hours=float(days.agents.sum()) * days.interval / 3600 / len(days.dates),
        days=len(days.dates),
        calls_by_interval=tuple(days.calls.mean(axis=0).tolist()),
        agents_by_interval=tuple(days.agents.mean(axis=0).tolist()),
    )
