"""What changes while a day goes by in the compiled engine: a heap of events and a linked list a queue."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kcas.arrays import Whole
from kcas.simulation.engines.machine_code import compiled, woven
from kcas.simulation.engines.tables import CLASS_BITS, NEVER, ROW_BITS, Desk, Workload

TIME_SHIFT = CLASS_BITS + ROW_BITS
ROW_MASK = (1 << ROW_BITS) - 1
CLASS_MASK = (1 << CLASS_BITS) - 1
NO_EVENT = (1 << 63) - 1

NOWHERE = -1
SIZE, HELD, WAITING, TALKING, SOONEST = 0, 1, 2, 3, 4
"""Entries of `State.tally`: events on the heap, lines held, callers in any queue; entries of `lines_end`, their least.

A line is given back when the talk ends, but only an arrival that finds none asks: until then `lines_end` remembers,
which spares an event a call.
"""


class State(NamedTuple):
    """What changes while a day goes by."""

    heap: NDArray[np.int64]
    tally: NDArray[np.int64]
    lines_end: NDArray[np.int64]  # of callers whose line is counted as held
    agents: NDArray[np.int64]  # [team] rostered now
    all_agents: NDArray[np.int64]  # [queue] rostered now in every team that may take it
    own_agents: NDArray[np.int64]  # [queue] and in its own teams, not those that help out
    idle: NDArray[np.int64]  # [team] below zero while agents finish after their shift
    head: NDArray[np.int64]  # [queue]
    tail: NDArray[np.int64]
    waiting: NDArray[np.int64]
    callers: NDArray[np.void]  # [row] CALLER


CALLER = np.dtype(
    {
        "names": ["place", "since", "after", "before", "waits_until", "leaves_as"],
        "formats": ["<i4"] * 6,
        "itemsize": 32,
    }
)
"""Of one who waits: the queue (else NOWHERE), since when, who is next and who before in it, when the clock runs out and
the outcome then. Side by side, for what is asked of one caller is asked at once; two to a line of the cache."""


def new_state(desk: Desk, load: Workload) -> State:
    """Room for the busiest day; nothing waits, no one works."""
    rows = len(load.arrival) * load.attempts
    queues, teams = desk.reserve.shape
    busiest = int(np.diff(load.first).max(initial=0))
    return State(
        heap=np.empty(busiest * (4 + 4 * load.attempts) + 8, np.int64),
        tally=np.zeros(5, np.int64),
        lines_end=np.empty(min(desk.lines, busiest * load.attempts) + 1 if desk.lines < NEVER else 0, np.int64),
        agents=np.zeros(teams, np.int64),
        all_agents=np.zeros(queues, np.int64),
        own_agents=np.zeros(queues, np.int64),
        idle=np.zeros(teams, np.int64),
        head=np.full(queues, -1, np.int64),
        tail=np.full(queues, -1, np.int64),
        waiting=np.zeros(queues, np.int64),
        callers=np.empty(rows, CALLER),
    )


@compiled
def push(heap: Whole, tally: Whole, at: int, kind: int, row: int) -> None:
    if at >= NEVER:
        return
    event = at << TIME_SHIFT | kind << ROW_BITS | row
    hole = tally[SIZE]
    tally[SIZE] = hole + 1
    while hole > 0:
        parent = (hole - 1) >> 1
        if heap[parent] <= event:
            break
        heap[hole] = heap[parent]
        hole = parent
    heap[hole] = event


@compiled
def pop(heap: Whole, tally: Whole) -> None:
    """The hole sinks to the bottom along the sooner children, and the last event rises from there: few guesses."""
    size = tally[SIZE] - 1
    tally[SIZE] = size
    last = heap[size]
    heap[size] = NO_EVENT
    hole, child = 0, 1
    while child < size:
        child += heap[child + 1] < heap[child]
        heap[hole] = heap[child]
        hole, child = child, 2 * child + 1
    while hole > 0:
        parent = (hole - 1) >> 1
        if heap[parent] <= last:
            break
        heap[hole] = heap[parent]
        hole = parent
    heap[hole] = last


@woven
def join(state: State, queue: int, row: int, now: int) -> None:
    last = state.tail[queue]
    state.callers[row].after, state.callers[row].before = -1, last
    if last >= 0:
        state.callers[last].after = row
    else:
        state.head[queue] = row
    state.tail[queue] = row
    state.callers[row].place = queue
    state.callers[row].since = now
    state.waiting[queue] += 1
    state.tally[WAITING] += 1


@woven
def leave(state: State, row: int) -> None:
    queue, after, before = state.callers[row].place, state.callers[row].after, state.callers[row].before
    if before >= 0:
        state.callers[before].after = after
    else:
        state.head[queue] = after
    if after >= 0:
        state.callers[after].before = before
    else:
        state.tail[queue] = before
    state.callers[row].place = NOWHERE
    state.waiting[queue] -= 1
    state.tally[WAITING] -= 1


@woven
def set_idle(desk: Desk, state: State, idle_time: Whole, team: int, idle: int, now: int) -> None:
    """Keep the integral of idle agents: each change adds (old - new) times the clock."""
    idle_time[team] += (max(state.idle[team], 0) - max(idle, 0)) * min(now, desk.counts_until)
    state.idle[team] = idle


@woven
def hold_line_until(state: State, talk_end: int) -> None:
    """The caller's line is held to the end of the talk."""
    if state.tally[TALKING] == 0 or talk_end < state.tally[SOONEST]:
        state.tally[SOONEST] = talk_end
    state.lines_end[state.tally[TALKING]] = talk_end
    state.tally[TALKING] += 1


@compiled
def give_back_lines(lines_end: Whole, tally: Whole, now: int) -> None:
    """Lines whose talk is over are free."""
    if tally[TALKING] == 0 or tally[SOONEST] > now:
        return
    held, soonest = 0, NEVER
    for each in range(tally[TALKING]):
        end = lines_end[each]
        lines_end[held] = end
        if end > now:
            held += 1
            soonest = min(soonest, end)
    tally[HELD] -= tally[TALKING] - held
    tally[TALKING], tally[SOONEST] = held, soonest
