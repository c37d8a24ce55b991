"""Calculation of a scenario's day by interval.

One line of callers, one team and telephones without options: what more a scenario has is refused by name. Handling
becomes exponential with the same mean; patience exponential, loosened or tightened until the steady hours lose as many
callers as the scenario's own law makes them lose. Callers call again in the mean, with patience drawn again; those
whose patience stays the same are refused. What was changed so is said.
"""

from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from functools import partial

import numpy as np

from kcas.desk.units import clock
from kcas.queueing.pooled_scenario import Pooled, refuse
from kcas.queueing.transient import Expected, busy_days, day, total
from kcas.simulation.scenario.schema import Scenario, on_weekday, weekdays_differ

FEW_NODES, MANY_NODES, NEARLY_ALIKE = 12, 24, 10.0  # for the day's factor, by its shape


@dataclass(frozen=True)
class ExactDay:
    """What to expect of each interval by arrival, waits after closing counted in the last; and what was assumed."""

    starts: tuple[str, ...]
    intervals: tuple[Expected, ...]
    cut_off: float  # callers still queueing at closing, put out
    notes: tuple[str, ...]

    @property
    def total(self) -> Expected:
        """The whole day."""
        return total(self.intervals)


def exact_day(scenario: Scenario, *, within: float = 20.0, nodes: int | None = None) -> ExactDay:
    """The average of the scenario's weekdays. Raises ScenarioError where theory cannot say.

    `nodes` days from quiet to busy stand for all where days differ: fewer for an answer at once, while a slider moves.
    """
    refuse(scenario)
    usual = Pooled(scenario)
    patience, impatient = usual.exponential  # matched once, on the weekdays' usual shape and roster
    hours, lines = scenario.day, scenario.telephone.lines
    variation = scenario.demand.day_to_day_sd
    days = []
    for weekday in hours.weekdays:
        pooled = Pooled(on_weekday(scenario, weekday)) if weekdays_differ(scenario) else usual
        factor = getattr(scenario.demand.weekdays, weekday)
        scaled = [replace(part, arrivals=part.arrivals * factor) for part in [*pooled.stretches, *pooled.after_close]]
        ask = partial(busy_days, shape=variation**-2, nodes=nodes or nodes_for(variation**-2)) if variation else day
        days.append(
            ask(
                scaled,
                handle=pooled.handle,
                patience=patience,
                impatient=impatient,
                lines=lines,
                within=within,
                again=pooled.again,
                empty_at_close=hours.after_closing != "disconnect",
            )
        )
    mean = [Expected(*row) for row in np.mean([[astuple(part) for part in each] for each in days], axis=0).tolist()]
    intervals = list(_by_interval(mean, pooled.owners))
    starts = tuple(clock(hours.opens + number * hours.interval) for number in range(hours.intervals))
    left = intervals[-1].end_queue if hours.after_closing == "disconnect" else 0.0
    return ExactDay(starts, tuple(intervals), left, tuple(usual.notes))


def nodes_for(shape: float) -> int:
    """How many days, from quiet to busy, stand for all of them."""
    return FEW_NODES if shape >= NEARLY_ALIKE else MANY_NODES


def _by_interval(parts: Sequence[Expected], owners: Sequence[int]) -> Iterator[Expected]:
    """Stretches put together again; what happens after closing belongs to the last interval."""
    late = [replace(part, busy_time=0.0, rostered_time=0.0) for part in parts[len(owners) :]]  # not of the roster
    parts, owned = [*parts[: len(owners)], *late], [*owners, *[owners[-1]] * len(late)]
    for interval in range(owners[-1] + 1):
        mine = [part for part, owner in zip(parts, owned, strict=True) if owner == interval]
        yield total(mine)
