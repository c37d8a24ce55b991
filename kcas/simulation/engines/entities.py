"""Callers, queues and teams of the SimPy engine."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from kcas.simulation.engines.tables import Desk, Workload

Handlers = tuple[Callable[[Any], None]]
"""The method that acts on an event, in the tuple that SimPy goes through."""


class Caller:
    """One attempt of one caller to reach the desk.

    What happens to a caller happens in turn (the call arrives, the menu ends, the agent is free again), so the caller
    is also what SimPy keeps in its diary; `callbacks` is who then acts. A clock that runs meanwhile is a `Moment`.
    """

    __slots__ = ("callbacks", "choices", "handling", "leaves_as", "left", "menu", "queue", "reached_on", "row",
                 "since", "talk", "team", "tries", "type", "waits_until")  # fmt: skip
    _ok = True
    queue: "Queue | None"
    since: int  # joined that queue
    waits_until: int  # when the clock runs out
    leaves_as: int  # and the outcome then
    team: "Team"  # whose agent talks or rings
    left: int  # left the queue on a promise to be rung back
    tries: int  # of ringing back

    def __init__(
        self, callbacks: "Handlers", row: int, call_type: int, choices: int, menu: int, talk: int, handling: int,
        reached_on: int,
    ) -> None:  # fmt: skip
        self.callbacks = callbacks
        self.row = row
        self.type = call_type
        self.choices = choices
        self.menu = menu
        self.talk = talk
        self.handling = handling  # talk and wrap-up
        self.reached_on = reached_on  # the try of ringing back that reaches the caller
        self.queue = None

    def again(self, callbacks: "Handlers", row: int, choices: int) -> "Caller":
        """The caller's next attempt."""
        return Caller(callbacks, row, self.type, choices, self.menu, self.talk, self.handling, self.reached_on)

    def came_before(self, other: "Caller") -> bool:
        return (self.since, self.row) < (other.since, other.row)


class Moment:
    """Something that will happen to someone: all that SimPy asks of an event, and nothing more."""

    __slots__ = ("callbacks", "who")
    _ok = True

    def __init__(self, callbacks: "Handlers", who: Any) -> None:
        self.callbacks = callbacks
        self.who = who


def first_attempts(load: Workload, day: int) -> Iterator[tuple[int, ...]]:
    """When each caller of the day first rings, and what is known of the caller, in the order that `Caller` takes it."""
    today = slice(*load.first[day : day + 2].tolist())
    nothing = [0] * (today.stop - today.start)
    return zip(
        load.arrival[today].tolist(),
        range(today.start, today.stop),
        load.call_type[today].tolist(),
        load.choices[today].tolist() or nothing,
        load.menu[today].tolist() or nothing,
        load.talk[today].tolist(),
        (load.talk[today] + load.wrap[today]).tolist(),
        load.reached_on[today].tolist() or nothing,
        strict=True,
    )


@dataclass(frozen=True, slots=True)
class Rules:
    """What the desk rules for one type of call, each as `Desk` says it."""

    overflow_after: int
    longest_wait: int
    longest_wait_as: int
    voicemail_after: int
    callback_after: int
    callback_waiting: int
    callback_above: int
    callback_due: int
    announces: int
    stretch: int
    mean_handling: int


def rules_by_type(desk: Desk) -> list[Rules]:
    """The rules of each type."""
    return [Rules(*(int(getattr(desk, name)[kind]) for name in Rules.__slots__)) for kind in range(desk.types)]


class Room:
    """Everybody who waits, in whatever queue."""

    def __init__(self) -> None:
        self.waiting = 0


class Queue:
    """Callers in order of joining. Who hangs up is struck off at once, and passed over when the turn comes."""

    def __init__(self, number: int, room: Room, *, by_chance: bool, dice: memoryview) -> None:
        self.number = number
        self.room = room
        self.line: deque[Caller] = deque()
        self.waiting = 0
        self.teams: list[tuple[Team, int, int]] = []  # who may take from it, their reserve, the wait before they may
        self.by_chance, self.dice = by_chance, dice
        self.own_teams: list[Team] = []
        self.agents, self.own_agents = 0, 0

    def count_agents(self) -> None:
        """The agents now rostered who may take from it: all of them, and those of its own teams."""
        self.agents = sum(team.agents for team, _, _ in self.teams)
        self.own_agents = sum(team.agents for team in self.own_teams)

    def free_team(self, caller: Caller, waited: int) -> "Team | None":
        """The team that takes this caller now: the first that may, or each free agent as likely as another."""
        first, idle = None, 0
        for team, reserve, after in self.teams:
            if team.idle > reserve and waited >= after:
                first = first or team
                if not self.by_chance:
                    break
                idle += team.idle
        if first is None or idle <= first.idle:
            return first
        agent = self.dice[caller.row] * idle >> 31
        for team, reserve, after in self.teams:
            if team.idle > reserve and waited >= after:
                agent -= team.idle
                if agent < 0:
                    return team
        return first

    def join(self, caller: Caller, now: int) -> None:
        caller.queue, caller.since = self, now
        self.line.append(caller)
        self.waiting += 1
        self.room.waiting += 1

    def leave(self, caller: Caller) -> None:
        caller.queue = None
        self.waiting -= 1
        self.room.waiting -= 1
        if self.line[0] is caller:
            self.line.popleft()

    def take_first(self) -> Caller:
        """The longest waiting, who waits no longer."""
        caller = self.first()
        self.leave(caller)
        return caller

    def first(self) -> Caller:
        """The longest waiting, where anybody waits."""
        while self.line[0].queue is not self:
            self.line.popleft()
        return self.line[0]

    def empty(self) -> list[Caller]:
        """Everybody who waited; no one does now."""
        gone = [caller for caller in self.line if caller.queue is self]
        for caller in gone:
            caller.queue = None
        self.line.clear()
        self.room.waiting -= self.waiting
        self.waiting = 0
        return gone


class Team:
    """Some agents; `idle` is below zero while agents finish a call after their shift."""

    def __init__(self, number: int, *, counts_until: int) -> None:
        self.number = number
        self.agents = 0
        self.idle = 0
        self.idle_time = 0
        self.counts_until = counts_until
        self.looks: list[tuple[int, Queue, int, int]] = []  # level, queue, reserve, wait before it is in reach

    def change_idle(self, by: int, *, now: int) -> None:
        """Keep the integral of idle agents: each change adds (old - new) times the clock.

        The engine does the same in place where one agent takes a call or is done with it.
        """
        idle = self.idle + by
        self.idle_time += (max(self.idle, 0) - max(idle, 0)) * min(now, self.counts_until)
        self.idle = idle

    def next_queue(self, now: int) -> Queue | None:
        """Where a free agent of the team finds the next caller: at the best level, there the longest waiting."""
        best, longest, best_level = None, None, 0
        for level, queue, reserve, after in self.looks:
            if longest and level > best_level:
                break
            if queue.waiting and self.idle > reserve:
                caller = queue.first()
                if now - caller.since >= after and (longest is None or caller.came_before(longest)):
                    best, longest, best_level = queue, caller, level
        return best


def lay_out(desk: Desk, load: Workload, room: Room) -> tuple[list[Queue], list[Team]]:
    """The queues and the teams, each knowing which of the others it has to do with, and on what terms."""
    reserve, after, dice = desk.reserve.tolist(), desk.after.tolist(), load.team_die.data
    queues = [Queue(number, room, by_chance=bool(desk.by_chance), dice=dice) for number in range(len(reserve))]
    teams = [Team(number, counts_until=desk.counts_until) for number in range(len(reserve[0]))]
    for queue, listed in zip(queues, desk.teams_of.tolist(), strict=True):
        number = queue.number
        served_by = listed[: listed.index(-1)]
        queue.teams = [(teams[t], reserve[number][t], after[number][t]) for t in served_by]
        queue.own_teams = [teams[t] for t in served_by if not desk.helps[number, t]]
    for team, looks, levels in zip(teams, desk.queues_of.tolist(), desk.level_of.tolist(), strict=True):
        for number, level in zip(looks[: looks.index(-1)], levels, strict=False):
            team.looks.append((level, queues[number], reserve[number][team.number], after[number][team.number]))
    return queues, teams
