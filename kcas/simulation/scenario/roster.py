"""Rosters: teams, shifts, breaks, other work, absence and shrinkage; agents rostered at each time."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from kcas.desk.toml_fields import CLOCK, TEXT, YES_OR_NO, Former, count, listed, percent, setting, table

AGENTS_AT_MOST = 20_000
_AGENTS = count(high=AGENTS_AT_MOST)
FURTHER = listed(count(low=-AGENTS_AT_MOST, high=AGENTS_AT_MOST))


@dataclass(frozen=True)
class Break:
    """Time off the phones within a shift."""

    from_: float = setting(CLOCK, "the break begins")
    to: float = setting(CLOCK, "the break ends")


@dataclass(frozen=True)
class Shift:
    """Some agents who begin and end together; a call in hand at the end is finished."""

    agents: int = setting(_AGENTS, "agents on this shift")
    from_: float = setting(CLOCK, "the shift begins")
    to: float = setting(CLOCK, "the shift ends")
    breaks: tuple[Break, ...] = setting(listed(table(Break), at_most=10), "breaks, all its agents at once", default=())


@dataclass(frozen=True)
class ExtraAgents:
    """By how much a weekday's roster differs; fewer are negative."""

    monday: tuple[int, ...] = setting(FURTHER, "agents more in each interval of a Monday", default=())
    tuesday: tuple[int, ...] = setting(FURTHER, "agents more in each interval of a Tuesday", default=())
    wednesday: tuple[int, ...] = setting(FURTHER, "agents more in each interval of a Wednesday", default=())
    thursday: tuple[int, ...] = setting(FURTHER, "agents more in each interval of a Thursday", default=())
    friday: tuple[int, ...] = setting(FURTHER, "agents more in each interval of a Friday", default=())
    saturday: tuple[int, ...] = setting(FURTHER, "agents more in each interval of a Saturday", default=())
    sunday: tuple[int, ...] = setting(FURTHER, "agents more in each interval of a Sunday", default=())


@dataclass(frozen=True)
class Team:
    """Agents with the same skills. Their number is given in one of three ways."""

    agents: int | None = setting(_AGENTS, "agents from opening to closing", default=None)
    by_interval: tuple[int, ...] = setting(listed(_AGENTS), "agents in each interval of the day", default=())
    shifts: tuple[Shift, ...] = setting(listed(table(Shift), at_most=100), "agents by shift", default=())
    extra_agents_by_weekday: ExtraAgents = setting(
        table(ExtraAgents),
        "weekdays with agents more (or, negative, fewer) in each interval than by_interval",
        default=ExtraAgents(),
        formerly=Former("more_on"),
    )
    absence: float = setting(percent(high=90), "chance that an agent is away all day", default=0.0)
    shrinkage: float = setting(
        percent(high=90), "share of rostered time off the phones: meetings, training, short breaks", default=0.0
    )
    day_to_day_sd: float = setting(
        percent(high=100),
        "how much its strength differs from day to day beyond the roster: the standard deviation of a gamma factor",
        default=0.0,
        formerly=Former("day_variation"),
    )
    demand_elasticity: float = setting(
        percent(),
        "how far its strength follows a day that differs in calls or handling: 50% grows by the root of either factor",
        default=0.0,
        formerly=Former("follows_demand"),
    )


@dataclass(frozen=True)
class OtherWork:
    """Work that takes agents off the phones."""

    team: str = setting(TEXT, "whose agents do it")
    agents: int = setting(_AGENTS, "agents it takes")
    from_: float | None = setting(CLOCK, "from; opening time unless given", default=None)
    to: float | None = setting(CLOCK, "until; closing time unless given", default=None)
    stopped: bool = setting(
        YES_OR_NO,
        "true where the work stops and its agents take calls again",
        default=False,
        formerly=Former("kept", ((True, False), (False, True))),
    )


@dataclass(frozen=True)
class Presence:
    """One stretch of a group of agents: who of the day's people are there from when to when."""

    first: int  # people are numbered within a team, so that one who is away is away all day
    agents: int
    begin: float
    end: float


def presences(team: Team, *, opens: float, closes: float, interval: float) -> list[Presence]:
    """When which people of a team are rostered."""
    if team.agents is not None:
        return [Presence(0, team.agents, opens, closes)]
    if team.by_interval:
        steps = [(opens + number * interval, agents) for number, agents in enumerate(team.by_interval)]
        return [Presence(0, agents, at, min(at + interval, closes)) for at, agents in steps]
    stretches, first = [], 0
    for shift in team.shifts:
        at = shift.from_
        for pause in sorted(shift.breaks, key=lambda each: each.from_):
            stretches.append(Presence(first, shift.agents, at, pause.from_))
            at = pause.to
        stretches.append(Presence(first, shift.agents, at, shift.to))
        first += shift.agents
    return stretches


def people(team: Team) -> int:
    """How many different people a team has in a day."""
    return team.agents or max(team.by_interval, default=0) or sum(shift.agents for shift in team.shifts)


def staffing(
    team: Team,
    *,
    other_work: list[OtherWork],
    opens: float,
    closes: float,
    interval: float,
    rng: Generator,
    factor: float = 1.0,
) -> list[tuple[float, int]]:
    """The team's available agents from each time on, as (time, agents), for one day's random numbers and strength."""
    there = presences(team, opens=opens, closes=closes, interval=interval)
    # a stream of their own, and one for each interval of the clock: a changed roster meets the same day
    dice = rng.spawn(1)[0].random(ENOUGH)
    present = rng.random(people(team)) >= team.absence
    first = int(opens // interval)
    edges = sorted({edge for each in there for edge in (each.begin, each.end)} | work_edges(other_work, opens, closes))
    if team.shrinkage or factor != 1:
        edges = sorted({*edges, *np.arange(opens, closes, interval).tolist()})
    counted = np.concatenate([[0], np.cumsum(present)])
    come_and_go = np.zeros(len(edges) + 1, np.int64)
    place = {edge: number for number, edge in enumerate(edges)}
    for each in there:
        here = counted[each.first + each.agents] - counted[each.first]
        come_and_go[place[each.begin]] += here
        come_and_go[place[each.end]] -= here
    steps: list[tuple[float, int]] = []
    for at, rostered in zip(edges, np.cumsum(come_and_go[:-1]).tolist(), strict=True):
        on = rostered - sum(w.agents for w in other_work if not w.stopped and begins(w, opens) <= at < ends(w, closes))
        agents = whole_agents(
            max(on, 0) * (1 - team.shrinkage) * factor,
            die=float(dice[(first + int((at - opens) // interval)) % ENOUGH]),
        )
        if not steps or steps[-1][1] != agents:
            steps.append((at, agents))
    return steps


ENOUGH = 4096
"""Random numbers of a day and team, by intervals since midnight: a day has 1,440 intervals at most."""


def whole_agents(agents: float, *, die: float) -> int:
    """So many agents, the fraction decided by a random number: 11.7 is 12 in seven of ten."""
    below = int(agents)
    return below + int(die < agents - below)


def begins(work: OtherWork, opens: float) -> float:
    return opens if work.from_ is None else work.from_


def ends(work: OtherWork, closes: float) -> float:
    return closes if work.to is None else work.to


def work_edges(other_work: list[OtherWork], opens: float, closes: float) -> set[float]:
    return {edge for work in other_work for edge in (begins(work, opens), ends(work, closes))}
