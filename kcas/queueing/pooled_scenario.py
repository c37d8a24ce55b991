"""A scenario pooled into one queue and one team, as the calculation needs it: assumptions and limits."""

import itertools
import math
from dataclasses import replace
from functools import cached_property

import numpy as np

from kcas.arrays import Floats
from kcas.distributions.distribution import Distribution, Mixture
from kcas.distributions.law_table import Law
from kcas.distributions.laws import Exponential
from kcas.errors import ScenarioError
from kcas.queueing.general_patience import steady_with
from kcas.queueing.retrials import Again
from kcas.queueing.transient import Stretch
from kcas.simulation.scenario.handling_time import arriving, handling, handling_by_interval, patience_factors, trained
from kcas.simulation.scenario.roster import begins, ends, presences
from kcas.simulation.scenario.schema import Scenario

PRIORITIES = (
    "Priorities are left out: callers are taken as they come. Here types of different priority also differ in patience "
    "or handling, so that the order in which they are taken changes how many hang up."
)


def order_matters(scenario: Scenario) -> bool:
    """Whether it changes the day's figures who is taken first: not where the types are alike but for their priority."""
    kinds = {
        (each.priority, repr([law and dict(law.table) for law in (each.talk, each.hold, each.wrap, each.patience)]),
         trained(scenario, name), each.handling_by_interval, each.patience_by_interval)
        for name, each in scenario.types.items()
    }  # fmt: skip
    return len({kind[0] for kind in kinds}) > 1 and len({kind[1:] for kind in kinds}) > 1


def refuse(scenario: Scenario) -> None:
    """Raises ScenarioError with the name of whatever theory cannot say."""
    phone, again = scenario.telephone, scenario.redials
    beyond = {
        "callers who call again with the same patience": again and again.patience == "same",
        "an announcement": phone.announcement, "callbacks": phone.callback,
        "voicemail": phone.voicemail, "a longest wait": phone.longest_wait,
        "overflow to another team": any(each.overflow_to for each in scenario.types.values()),
        "teams that do not take every type": any(
            set(each.teams or scenario.teams) != set(scenario.teams) for each in scenario.types.values()
        ),
        "turning callers away where no one works": phone.nobody_working == "turn away",
    }  # fmt: skip
    named = [name for name, used in beyond.items() if used]
    if named:
        raise ScenarioError(f"theory has no exact day for {', '.join(named)}. Simulate this scenario: kcas simulate.")


_COUNTED = (
    "Answered and hung up are counted when they happen, arrivals when they ring; "
    "what happens after closing is in the last interval."
)

REDIALS = (
    "Callers who call again are taken in the mean, as further callers by chance: that they come just when the queue "
    "was long is left out, which matters the more the sooner they ring."
)


def at_once_of(law: Law) -> float:
    """The share who hang up at once by a law of patience."""
    return 1 - float(law.distribution.survival(np.zeros(1))[0])


def _abandon(part: Stretch, handle: float, law: Distribution) -> float:
    """The share given up in a steady hour. Twice the patience is half the other times on a clock half as fast."""
    slow = part.handling / part.patience
    return steady_with(part.arrivals * part.patience, handle=handle * slow, agents=part.agents, patience=law).p_abandon


class Pooled:
    """A scenario as one line of callers for one team; `notes` gathers what had to be assumed."""

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario
        self.notes = [_COUNTED]
        self.stretches, self.owners = self._stretches()
        if order_matters(scenario):
            self.notes.append(PRIORITIES)

    @cached_property
    def calls(self) -> dict[str, Floats]:
        """Calls of each type in each interval of an average day, as many as reach the queue."""
        demand, menu = self.scenario.demand, self.scenario.telephone.menu
        by_type = {}
        for name, each in self.scenario.types.items():
            reach = 1 - self.scenario.training.inappropriate if trained(self.scenario, name) else 1.0
            reach *= self._past_menu(name)
            by_type[name] = demand.calls_per_day * each.share * reach * arriving(self.scenario, name)
        if menu:
            self.notes.append("Callers are taken to reach the queue at once: the menu's length is left out.")
        if sum(calls.sum() for calls in by_type.values()) <= 0:
            raise ScenarioError("no caller reaches the queue: there is nothing to say.")
        return by_type

    @cached_property
    def again(self) -> Again | None:
        """Who calls again, where the scenario has that."""
        redials, hours = self.scenario.redials, self.scenario.day
        if redials is None or not (redials.after_abandoning or redials.after_busy_tone):
            return None
        self.notes.append(REDIALS)
        reach = sum(share * self._past_menu(name) for name, share in self.weight.items())
        delay = redials.delay.distribution
        shares = redials.after_abandoning * reach, redials.after_busy_tone * reach
        return Again(*shares, times=redials.max_redials, delay=delay, closes=hours.closes - hours.opens)

    def _past_menu(self, name: str) -> float:
        """The share of a type's callers whom the menu lets through to the queue."""
        menu = self.scenario.telephone.menu
        return 1 - menu.self_service_share - menu.hang_up if menu and (not menu.types or name in menu.types) else 1.0

    @cached_property
    def weight(self) -> dict[str, float]:
        """Each type's share of those who reach the queue."""
        every = sum(float(calls.sum()) for calls in self.calls.values())
        return {name: float(calls.sum()) / every for name, calls in self.calls.items()}

    @cached_property
    def handle(self) -> float:
        """Mean handling time over all types."""
        laws = [law for each in self.scenario.types.values() for law in (each.talk, each.hold, each.wrap) if law]
        if len(laws) > 1 or laws[0].table["distribution"] != "exponential":
            self.notes.append("Handling is taken as exponential with the same mean over all types.")
        return sum(share * handling(self.scenario, name) for name, share in self.weight.items())

    @cached_property
    def over_the_day(self) -> tuple[Floats, Floats]:
        """Handling and patience of who arrives in each interval, of the day's mean: by time of day and types' mix."""
        scenario = self.scenario
        every = np.maximum(np.sum(list(self.calls.values()), axis=0), 1e-300)
        handled, patient = np.zeros((2, len(every)))
        for name, calls in self.calls.items():
            handled += calls * handling_by_interval(scenario, name)
            patient += calls * patience_factors(scenario, name)
        busy = np.flatnonzero(handled > 0)
        last = busy[np.maximum(np.searchsorted(busy, np.arange(len(every)), side="right") - 1, 0)]
        # where no one rings, those who are still there came before
        slower, more_patient = (handled / every / self.handle)[last], (patient / every)[last]
        if np.ptp(slower) > 1e-9 or np.ptp(more_patient) > 1e-9:
            self.notes.append(
                "Handling and patience are, at any time of day, those of who arrives then, also for who arrived before."
            )
        return slower, more_patient

    @cached_property
    def law(self) -> Distribution:
        """Everybody's patience, as the scenario has it."""
        types = self.scenario.types
        return Mixture([(share, types[name].patience.distribution) for name, share in self.weight.items()])

    @cached_property
    def exponential(self) -> tuple[float | None, float]:
        """A mean patience that loses as many callers in steady hours, and the share who hang up at once."""
        at_once = max(1 - float(self.law.survival(np.zeros(1))[0]), 0.0)  # shares add up to one but for rounding
        tables = [each.patience.table for each in self.scenario.types.values()]
        if all(table["distribution"] == "endless" for table in tables):
            return None, at_once
        means = {each.patience.mean / (1 - at_once_of(each.patience)) for each in self.scenario.types.values()}
        if all(table["distribution"] == "exponential" for table in tables) and len({round(m, 6) for m in means}) == 1:
            return means.pop(), at_once
        self.notes.append(
            "Patience is taken as exponential with a mean at which steady hours lose as many callers as by the "
            "scenario's own distribution."
        )
        return self._fitted(at_once), at_once

    def _fitted(self, at_once: float) -> float:
        from scipy.optimize import brentq

        hours: dict[Stretch, float] = {}  # alike hours are worked out once
        for part in self.stretches:
            if part.agents and part.arrivals:
                alike = replace(part, duration=1.0)
                hours[alike] = hours.get(alike, 0.0) + part.duration
        if not hours:
            return float(self.law.scale)

        def lost(law: Distribution) -> float:
            return sum(_abandon(part, self.handle, law) * part.arrivals * duration for part, duration in hours.items())

        target = lost(self.law)

        def excess(log_mean: float) -> float:
            return lost(Mixture([(1 - at_once, Exponential(math.exp(log_mean)))])) - target

        low, high = math.log(self.law.scale) - 4, math.log(self.law.scale) + 4
        if excess(low) <= 0 or excess(high) >= 0:
            return float(self.law.scale)
        return math.exp(brentq(excess, low, high, xtol=1e-6))

    def _agents(self, at: float) -> int:
        hours, scenario = self.scenario.day, self.scenario
        on = 0.0
        for name, team in scenario.teams.items():
            there = presences(team, opens=hours.opens, closes=hours.closes, interval=hours.interval)
            here = sum(each.agents for each in there if each.begin <= at < each.end) * (1 - team.absence)
            here -= sum(
                work.agents for work in scenario.other_work.values()
                if work.team == name and not work.stopped and begins(work, hours.opens) <= at < ends(work, hours.closes)
            )  # fmt: skip
            on += max(here, 0.0) * (1 - team.shrinkage)
        return round(on)

    def _edges(self) -> list[float]:
        """Every moment at which staff may change."""
        hours, scenario = self.scenario.day, self.scenario
        times = {hours.opens, hours.closes}
        for team in scenario.teams.values():
            there = presences(team, opens=hours.opens, closes=hours.closes, interval=hours.interval)
            times |= {edge for each in there for edge in (each.begin, each.end)}
        for work in scenario.other_work.values():
            times |= {begins(work, hours.opens), ends(work, hours.closes)}
        return sorted(times)

    def _stretches(self) -> tuple[list[Stretch], list[int]]:
        """The day cut wherever arrivals or staff change, and the interval that each piece belongs to."""
        hours = self.scenario.day
        if any(team.absence or team.shrinkage for team in self.scenario.teams.values()):
            self.notes.append("Absence and shrinkage are taken at their mean, in whole agents.")
        if self.scenario.demand.handling_variation or any(
            t.day_to_day_sd or t.demand_elasticity for t in self.scenario.teams.values()
        ):
            self.notes.append("Days that differ in handling or in strength are taken at their mean.")
        every = np.sum(list(self.calls.values()), axis=0)
        slower, patient = (each.tolist() for each in self.over_the_day)
        stretches, owners = [], []
        for interval in range(hours.intervals):
            begin = hours.opens + interval * hours.interval
            end = min(begin + hours.interval, hours.closes)
            cuts = [begin, *(edge for edge in self._edges() if begin < edge < end), end]
            for at, until in itertools.pairwise(cuts):
                pace = float(every[interval]) / (end - begin)
                stretches.append(Stretch(until - at, pace, self._agents(at), slower[interval], patient[interval]))
                owners.append(interval)
        return stretches, owners

    @cached_property
    def after_close(self) -> list[Stretch]:
        """Who is still rostered after closing, where callers wait on for them."""
        if self.scenario.day.after_closing != "keep waiting":
            return []
        edges = [self.scenario.day.closes, *(edge for edge in self._edges() if edge > self.scenario.day.closes)]
        came_last = {"handling": self.stretches[-1].handling, "patience": self.stretches[-1].patience}
        late = [Stretch(until - at, 0.0, self._agents(at), **came_last) for at, until in itertools.pairwise(edges)]
        return [*late, Stretch(1.0, 0.0, 0, **came_last)]
