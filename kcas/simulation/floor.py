"""Who is waiting, in what order, and who works? The people of the SimPy engine."""

from collections import deque

from kcas.simulation.desk import Desk


class Caller:
    """One attempt of one caller to reach the desk."""

    __slots__ = ("call", "choices", "leaves_as", "left", "queue", "row", "since", "tries", "type")
    queue: "Queue | None"
    since: int  # joined that queue
    leaves_as: int  # the outcome if the clock runs out
    left: int  # left the queue on a promise to be rung back
    tries: int  # of ringing back

    def __init__(self, row: int, call: int, call_type: int, choices: int) -> None:
        self.row = row
        self.call = call
        self.type = call_type
        self.choices = choices
        self.queue = None


class Room:
    """Everybody who waits, in whatever queue."""

    def __init__(self) -> None:
        self.waiting = 0


class Queue:
    """Callers in order of joining. Who hangs up is struck off at once, and passed over when the turn comes."""

    def __init__(self, number: int, room: Room) -> None:
        self.number = number
        self.room = room
        self.line: deque[Caller] = deque()
        self.waiting = 0

    def join(self, caller: Caller, *, now: int) -> None:
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

    def first(self) -> Caller | None:
        """The longest waiting."""
        while self.line:
            if self.line[0].queue is self:
                return self.line[0]
            self.line.popleft()
        return None

    def empty(self) -> list[Caller]:
        """Everybody who waited; nobody does now."""
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
        """Keep the integral of idle agents: each change adds (old - new) times the clock."""
        idle = self.idle + by
        self.idle_time += (max(self.idle, 0) - max(idle, 0)) * min(now, self.counts_until)
        self.idle = idle

    def one_less_idle(self, now: int) -> None:
        """An agent takes a call. Who takes one is idle, so `idle` was above zero."""
        self.idle -= 1
        self.idle_time += now if now < self.counts_until else self.counts_until

    def one_more_idle(self, now: int) -> None:
        """An agent is done, and goes home if the shift is over."""
        self.idle += 1
        if self.idle > 0:
            self.idle_time -= now if now < self.counts_until else self.counts_until

    def next_caller(self, *, now: int) -> tuple[Caller, Queue] | None:
        """Whom a free agent takes, and from where: the best level, there the longest waiting."""
        best, best_level = None, 0
        for level, queue, reserve, after in self.looks:
            if best and level > best_level:
                break
            if not queue.waiting or self.idle <= reserve:
                continue
            caller = queue.first()
            if caller is None or now - caller.since < after:
                continue
            if best is None or (caller.since, caller.row) < (best[0].since, best[0].row):
                best, best_level = (caller, queue), level
        return best


def rules_by_type(desk: Desk) -> dict[str, list[int]]:
    """Every rule that differs by type of call, as plain lists: SimPy is no faster for arrays."""
    return {name: table.tolist() for name, table in desk._asdict().items() if getattr(table, "ndim", 0) == 1}


def lay_out(desk: Desk, room: Room) -> tuple[list[Queue], list[Team], list[list[tuple[Team, int, int]]]]:
    """The queues, the teams, and for each queue its teams with their reserve and the wait before they are in reach."""
    reserve, after = desk.reserve.tolist(), desk.after.tolist()
    queues = [Queue(number, room) for number in range(len(reserve))]
    teams = [Team(number, counts_until=desk.counts_until) for number in range(len(reserve[0]))]
    served_by = [
        [(teams[t], reserve[queue][t], after[queue][t]) for t in listed[: listed.index(-1)]]
        for queue, listed in enumerate(desk.teams_of.tolist())
    ]
    for team, looks, levels in zip(teams, desk.queues_of.tolist(), desk.level_of.tolist(), strict=True):
        for queue, level in zip(looks[: looks.index(-1)], levels, strict=False):
            team.looks.append((level, queues[queue], reserve[queue][team.number], after[queue][team.number]))
    return queues, teams, served_by
