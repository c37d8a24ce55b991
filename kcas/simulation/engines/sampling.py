"""Sampling of the workload: every random number of a scenario, before the clock starts.

Each purpose has its own stream (PCG64, O'Neill 2014) for each day, type and attempt, so that the same seed meets the
same callers in every scenario: a change of one option moves no other random number (common random numbers, Glasserman
and Yao 1992; Law 2015, section 11.2).
"""

from collections.abc import Callable
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.random import PCG64, Generator, SeedSequence
from numpy.typing import NDArray

from kcas.arrays import Floats, Whole
from kcas.distributions.law_table import Law
from kcas.simulation.engines import tables as choice
from kcas.simulation.engines.tables import NEVER, Workload
from kcas.simulation.scenario.handling_time import (
    LONGEST_CALL,
    arriving,
    handling_factors,
    lengths,
    patience_factors,
    trained,
)
from kcas.simulation.scenario.roster import Team, staffing
from kcas.simulation.scenario.schema import Scenario, on_weekday, weekdays_differ

Columns = dict[str, NDArray[Any]]
Dice = Callable[..., Generator]
Callers = tuple[Columns, list[int]]
DECIDE = ("day", "demand", "telephone", "redials", "training")
"""The parts of a scenario, beside its types, that decide which callers come and what they will do."""
latest: list[tuple[object, Callers]] = []


class Purpose(IntEnum):
    """What a stream of random numbers is for. The numbers are part of the seed: add at the end, never renumber."""

    DAY_FACTOR = 0
    ARRIVALS = 1
    TALK = 2
    HOLD = 3
    WRAP = 4
    PATIENCE = 5
    MENU = 6
    MENU_FATE = 7
    CALLBACK = 8
    VOICEMAIL = 9
    REDIAL = 10
    REDIAL_DELAY = 11
    HEARING = 12
    AGENT = 13
    REACHED = 14
    NEEDLESS = 15
    STAFF = 16
    HANDLING_FACTOR = 17
    STRENGTH = 18


def stream(seed: int, day: int, purpose: Purpose, *further: int) -> Generator:
    """The random numbers of one purpose on one day."""
    return Generator(PCG64(SeedSequence(seed, spawn_key=(day, int(purpose), *further))))


def sample_workload(scenario: Scenario, *, seed: int, days: range) -> Workload:
    """The workload of these simulated days. A day is the same with any other days."""
    columns, counts = callers_of(scenario, seed=seed, days=days)
    staff = [staff_of(scenario, seed=seed, day=day) for day in days]
    changes = np.concatenate(staff)
    return Workload(
        first=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        attempts=scenario.attempts,
        staff_first=np.concatenate([[0], np.cumsum([len(each) for each in staff])]).astype(np.int64),
        staff_at=changes[:, 0].copy(),
        staff_team=changes[:, 1].copy(),
        staff_agents=changes[:, 2].copy(),
        **{name: column.ravel() for name, column in columns.items()},
    )


def callers_of(scenario: Scenario, *, seed: int, days: range) -> Callers:
    """The calls of these days, and how many each day has. Those of the last request are kept.

    Most comparisons change only who works: then the second scenario has the very same callers.
    """
    asked = (seed, days, list(scenario.types.items()), *(getattr(scenario, name) for name in DECIDE))
    for before, callers in list(latest):
        if before == asked:
            return callers
    rolled = [day_of(scenario, seed=seed, day=day) for day in days]
    columns = {name: np.concatenate([each[name] for each in rolled], axis=-1) for name in rolled[0]}
    callers = columns, [each["arrival"].size for each in rolled]
    latest[:] = [(asked, callers)]
    return callers


def day_of(scenario: Scenario, *, seed: int, day: int) -> Columns:
    """One day's calls of all types, in order of arrival."""
    scenario = as_on(scenario, day)
    factor, slowness = day_factors(scenario, seed=seed, day=day)
    parts = [_calls_of(scenario, name, factor=factor, slowness=slowness, seed=seed, day=day) for name in scenario.types]
    columns: Columns = {}
    sizes = [part["arrival"].size for part in parts]
    columns["call_type"] = np.repeat(np.arange(len(parts)), sizes)
    for name in parts[0]:
        columns[name] = np.concatenate([part[name] for part in parts], axis=-1)
    order = np.argsort(columns["arrival"], kind="stable")
    return {name: column[..., order] if column.size else column for name, column in columns.items()}


def as_on(scenario: Scenario, day: int) -> Scenario:
    """The scenario of the weekday that a simulated day is."""
    weekdays = scenario.day.weekdays
    return on_weekday(scenario, weekdays[day % len(weekdays)]) if weekdays_differ(scenario) else scenario


def day_factors(scenario: Scenario, *, seed: int, day: int) -> tuple[float, float]:
    """What a day's number of calls, and its handling times, are multiplied by."""
    demand = scenario.demand
    return (
        day_factor(demand.day_to_day_sd, seed=seed, day=day, purpose=Purpose.DAY_FACTOR),
        day_factor(demand.handling_variation, seed=seed, day=day, purpose=Purpose.HANDLING_FACTOR),
    )


def _strength(scenario: Scenario, team: Team, *, number: int, seed: int, day: int) -> float:
    """What a day's agents are multiplied by: chance, and as far as the team follows a busy day, its demand."""
    own = day_factor(team.day_to_day_sd, seed=seed, day=day, purpose=Purpose.STRENGTH, further=(number,))
    calls, slowness = day_factors(scenario, seed=seed, day=day) if team.demand_elasticity else (1.0, 1.0)
    return float(own * (calls * slowness) ** team.demand_elasticity)


def day_factor(variation: float, *, seed: int, day: int, purpose: Purpose, further: tuple[int, ...] = ()) -> float:
    """What all of a day is multiplied by: a gamma factor of mean one, or one where days do not differ.

    G ~ Gamma(1/v²) × v², of standard deviation v; with Poisson calls a mixture (Jongbloed and Koole 2001).
    """
    if not variation:
        return 1.0
    return float(stream(seed, day, purpose, *further).standard_gamma(1 / variation**2) * variation**2)


def _calls_of(scenario: Scenario, name: str, *, factor: float, slowness: float, seed: int, day: int) -> Columns:
    """One day's calls of one type; a column of attempts has a row for each."""
    each, number = scenario.types[name], scenario.number(name)

    def dice(purpose: Purpose, *further: int) -> Generator:
        return stream(seed, day, purpose, number, *further)

    arrival = arrivals(scenario, name, factor=factor, day=day, rng=dice(Purpose.ARRIVALS))
    size = arrival.size
    interval = ((arrival / 1000 - scenario.day.opens) // scenario.day.interval).astype(np.int64)
    taught = scenario.training.handling if trained(scenario, name) else 1.0
    scale = slowness * taught * handling_factors(scenario, name)[interval]

    def lasting(law: Law | None, purpose: Purpose) -> Whole:
        drawn = law.draw(dice(purpose), size) * scale if law else np.zeros(size)
        return whole_milliseconds(np.minimum(drawn, LONGEST_CALL))

    hold = lasting(each.hold, Purpose.HOLD)
    columns = {
        "arrival": arrival,
        "talk": lasting(each.talk, Purpose.TALK) + hold,
        "hold": hold,
        "wrap": lasting(each.wrap, Purpose.WRAP),
        "patience": _patience(scenario, each.patience, patience_factors(scenario, name)[interval], dice=dice),
        **caller_choices(scenario, name, size, dice=dice),
    }
    if scenario.training.inappropriate and trained(scenario, name):
        made = dice(Purpose.NEEDLESS).random(size) >= scenario.training.inappropriate
        columns = {key: column[..., made] if column.size else column for key, column in columns.items()}
    return columns


def arrivals(scenario: Scenario, name: str, *, factor: float, day: int, rng: Generator) -> Whole:
    """Poisson within each interval, so that a rate that changes is met in its own interval.

    N ~ Poisson(mean of the interval); given N the times are uniform in it (Law 2015, section 8.6).
    """
    hours, demand, each = scenario.day, scenario.demand, scenario.types[name]
    starts = hours.opens + hours.interval * np.arange(hours.intervals)
    weekday = getattr(demand.weekdays, hours.weekdays[day % len(hours.weekdays)])
    expected = demand.calls_per_day * each.share * weekday * factor * arriving(scenario, name)
    counts = rng.poisson(expected)
    moments = np.repeat(starts, counts) + rng.random(counts.sum()) * np.repeat(lengths(hours), counts)
    moments.sort()
    return np.asarray((moments * 1000).astype(np.int64))


def _patience(scenario: Scenario, law: Law, factors: Floats, *, dice: Dice) -> Whole:
    """Each attempt's patience: drawn again, or the caller's own; all as long as at the time of the first attempt."""

    def drawn(attempt: int) -> Whole:
        return whole_milliseconds(law.draw(dice(Purpose.PATIENCE, attempt), factors.size) * factors)

    first = drawn(0)
    if scenario.redials and scenario.redials.patience == "same":
        return np.tile(first, (scenario.attempts, 1))
    return np.stack([first, *(drawn(attempt) for attempt in range(1, scenario.attempts))])


def caller_choices(scenario: Scenario, name: str, size: int, *, dice: Dice) -> Columns:
    """What each caller will do if it comes to that; options not in use leave empty arrays."""
    phone, again = scenario.telephone, scenario.redials
    none = np.empty(0, np.int64)
    options = {
        choice.LEAVES_ON_HEARING: (phone.announcement, "balk_share", Purpose.HEARING),
        choice.TAKES_CALLBACK: (phone.callback, "accepts", Purpose.CALLBACK),
        choice.TAKES_VOICEMAIL: (phone.voicemail, "accepts", Purpose.VOICEMAIL),
        choice.RINGS_AGAIN: (again, "after_abandoning", Purpose.REDIAL),
        choice.RINGS_AGAIN_ENGAGED: (again, "after_busy_tone", Purpose.REDIAL),
    }
    bits = np.zeros((scenario.attempts, size), np.int16)
    for bit, (option, share, purpose) in options.items():
        if option and (not (types := getattr(option, "types", ())) or name in types):
            for attempt in range(scenario.attempts):
                bits[attempt] |= np.where(dice(purpose, attempt).random(size) < getattr(option, share), bit, 0)
    menu = none
    if phone.menu:
        bits |= menu_fates(scenario, name, size, dice=dice)
        heard = not phone.menu.types or name in phone.menu.types
        menu = (
            whole_milliseconds(phone.menu.length.draw(dice(Purpose.MENU), size)) if heard else np.zeros(size, np.int64)
        )
    delays = (
        [whole_milliseconds(again.delay.draw(dice(Purpose.REDIAL_DELAY, a), size)) for a in range(again.max_redials)]
        if again
        else []
    )
    by_chance = phone.agent_choice == "by chance"
    tries = range(scenario.attempts) if by_chance else ()
    agent_dice = [dice(Purpose.AGENT, attempt).integers(2**31, size=size) for attempt in tries]
    return {
        "choices": bits if phone.menu or any(option for option, _, _ in options.values()) else none.astype(np.int16),
        "menu": menu,
        "redial_delay": np.stack([*delays, np.zeros(size, np.int64)]) if delays else none,
        "team_die": np.stack(agent_dice) if by_chance else none,
        "reached_on": reached(scenario, size, dice=dice) if phone.callback else none,
    }


def menu_fates(scenario: Scenario, name: str, size: int, *, dice: Dice) -> NDArray[np.int16]:
    """Helped by the menu, or hung up in it, each time again."""
    menu = scenario.telephone.menu
    fates = np.zeros((scenario.attempts, size), np.int16)
    if menu and (not menu.types or name in menu.types):
        for attempt in range(scenario.attempts):
            die = dice(Purpose.MENU_FATE, attempt).random(size)
            fates[attempt] = np.where(die < menu.self_service_share, choice.SERVED_BY_MENU, 0)
            fates[attempt] |= np.where(die >= 1 - menu.hang_up, choice.LEAVES_IN_MENU, 0)
    return fates


def reached(scenario: Scenario, size: int, *, dice: Dice) -> Whole:
    """The try on which the caller picks up; 0 where none is."""
    callback = scenario.telephone.callback
    if callback is None:
        return np.empty(0, np.int64)
    picks_up = dice(Purpose.REACHED).random((10, size))[: callback.max_attempts] < callback.reached
    return np.where(picks_up.any(axis=0), picks_up.argmax(axis=0) + 1, 0)


def whole_milliseconds(seconds: Floats, *, at_most: int = NEVER) -> Whole:
    """Whole milliseconds."""
    return np.rint(np.minimum(seconds * 1000, at_most)).astype(np.int64)


def staff_of(scenario: Scenario, *, seed: int, day: int) -> Whole:
    """The day's changes of staff in order: moment, team, agents from then on."""
    scenario = as_on(scenario, day)
    hours = scenario.day
    levels = []
    for number, (name, team) in enumerate(scenario.teams.items()):
        changes = staffing(
            team,
            other_work=[work for work in scenario.other_work.values() if work.team == name],
            opens=hours.opens,
            closes=hours.closes,
            interval=hours.interval,
            rng=stream(seed, day, Purpose.STAFF, number),
            factor=_strength(scenario, team, number=number, seed=seed, day=day),
        )
        levels += [(round(at * 1000), number, agents) for at, agents in changes]
    return np.array(sorted(levels), np.int64).reshape(-1, 3)
