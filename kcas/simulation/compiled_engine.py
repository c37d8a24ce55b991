"""What comes of the workload at this desk? One numba kernel, equal row for row to the SimPy engine.

Structures of arrays, a binary heap of packed events, a linked list a queue. Arrivals and staff changes are
merged in from their sorted arrays and never touch the heap. Read `simpy_engine` first: it says the same aloud.
"""

from collections.abc import Callable
from typing import NamedTuple, TypeVar

import numpy as np
from numba import njit
from numpy.typing import NDArray

from kcas.simulation.desk import CUT_OFF, STAY, Desk
from kcas.simulation.event_order import (
    AGENT_FREE,
    ARRIVAL,
    CALLBACK_AGAIN,
    CALLBACK_DUE,
    CLASS_BITS,
    CLOSING,
    HANG_UP,
    LINE_FREE,
    NEVER,
    OVERFLOW,
    ROW_BITS,
    STAFF_CHANGE,
)
from kcas.simulation.rows import (
    ABANDONED,
    ANSWERED,
    BLOCKED,
    CALLBACK,
    FAILED,
    LEFT_IVR,
    NO_AGENTS,
    OPEN,
    SELF_SERVED,
    VOICEMAIL,
    Rows,
    empty_rows,
)
from kcas.simulation.workload import (
    LEAVES_IN_MENU,
    LEAVES_ON_HEARING,
    RINGS_AGAIN,
    RINGS_AGAIN_ENGAGED,
    SERVED_BY_MENU,
    TAKES_CALLBACK,
    TAKES_VOICEMAIL,
    Workload,
)

Whole = NDArray[np.int64]
Kernel = TypeVar("Kernel", bound=Callable[..., object])

TIME_SHIFT = CLASS_BITS + ROW_BITS
ROW_MASK = (1 << ROW_BITS) - 1
CLASS_MASK = (1 << CLASS_BITS) - 1
NO_EVENT = (1 << 63) - 1

NOWHERE, IN_MENU = -1, -2
SIZE, HELD = 0, 1
"""Entries of `State.tally`: events on the heap, lines held."""


class State(NamedTuple):
    """What changes while a day goes by."""

    heap: NDArray[np.int64]
    tally: NDArray[np.int64]
    agents: NDArray[np.int64]  # [team] rostered now
    idle: NDArray[np.int64]  # [team] below zero while agents finish after their shift
    head: NDArray[np.int64]  # [queue]
    tail: NDArray[np.int64]
    waiting: NDArray[np.int64]
    place: NDArray[np.int16]  # [row] the queue it waits in, NOWHERE or IN_MENU
    since: NDArray[np.int64]  # [row] when it joined that queue
    after: NDArray[np.int64]  # [row] the next in that queue
    before: NDArray[np.int64]
    leaves_as: NDArray[np.int8]  # [row] the outcome if its clock runs out


def run(desk: Desk, load: Workload) -> Rows:
    """Every day of the workload, one after another."""
    calls, days = len(load.arrival), len(load.first) - 1
    rows = empty_rows(
        calls=calls,
        attempts=load.attempts,
        days=days,
        teams=desk.reserve.shape[1],
        callbacks=load.reached_on.size > 0,
        arrival=load.arrival,
    )
    run_days(desk, load, rows, new_state(desk, load))
    return rows


def new_state(desk: Desk, load: Workload) -> State:
    """Room for the busiest day; nothing waits, nobody works."""
    rows = len(load.arrival) * load.attempts
    queues, teams = desk.reserve.shape
    busiest = int(np.diff(load.first).max(initial=0))
    return State(
        heap=np.empty(busiest * (4 + 4 * load.attempts) + 8, np.int64),
        tally=np.zeros(2, np.int64),
        agents=np.zeros(teams, np.int64),
        idle=np.zeros(teams, np.int64),
        head=np.full(queues, -1, np.int64),
        tail=np.full(queues, -1, np.int64),
        waiting=np.zeros(queues, np.int64),
        place=np.full(rows, NOWHERE, np.int16),
        since=np.empty(rows, np.int64),
        after=np.empty(rows, np.int64),
        before=np.empty(rows, np.int64),
        leaves_as=np.empty(rows, np.int8),
    )


def compiled(function: Kernel) -> Kernel:
    """The function as machine code, kept on disk between runs."""
    return njit(cache=True, nogil=True, _nrt=False)(function)  # type: ignore[no-any-return]


def woven(function: Kernel) -> Kernel:
    """A step written into its caller: handing over all the tables would cost more than the step itself."""
    return njit(inline="always", _nrt=False)(function)  # type: ignore[no-any-return]


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
    size = tally[SIZE] - 1
    tally[SIZE] = size
    last = heap[size]
    hole, child = 0, 1
    while child < size:
        if child + 1 < size and heap[child + 1] < heap[child]:
            child += 1
        if last <= heap[child]:
            break
        heap[hole] = heap[child]
        hole, child = child, 2 * child + 1
    heap[hole] = last


@woven
def join(state: State, queue: int, row: int, now: int) -> None:
    last = state.tail[queue]
    state.after[row], state.before[row] = -1, last
    if last >= 0:
        state.after[last] = row
    else:
        state.head[queue] = row
    state.tail[queue] = row
    state.place[row] = queue
    state.since[row] = now
    state.waiting[queue] += 1


@woven
def leave(state: State, row: int) -> None:
    queue, after, before = state.place[row], state.after[row], state.before[row]
    if before >= 0:
        state.after[before] = after
    else:
        state.head[queue] = after
    if after >= 0:
        state.before[after] = before
    else:
        state.tail[queue] = before
    state.place[row] = NOWHERE
    state.waiting[queue] -= 1


@woven
def set_idle(desk: Desk, state: State, idle_time: Whole, team: int, idle: int, now: int) -> None:
    """Keep the integral of idle agents: each change adds (old - new) times the clock."""
    idle_time[team] += (max(state.idle[team], 0) - max(idle, 0)) * min(now, desk.counts_until)
    state.idle[team] = idle


@woven
def chosen(load: Workload, row: int) -> int:
    return load.choices[row] if load.choices.size > 0 else 0


@woven
def call_of(load: Workload, row: int) -> int:
    return row if row < load.arrival.size else row % load.arrival.size


@compiled
def rostered(teams_of: Whole, after: Whole, agents: Whole, queue: int, overflow_too: bool) -> int:
    total = 0
    for team in teams_of[queue]:
        if team < 0:
            break
        if overflow_too or after[queue, team] == 0:
            total += agents[team]
    return total


@woven
def free_team(desk: Desk, load: Workload, state: State, queue: int, row: int, waited: int) -> int:
    """The team that takes this caller now, or -1."""
    found, total, order = -1, 0, 0
    team = desk.teams_of[queue, 0]
    while team >= 0 and (found < 0 or desk.by_chance):
        if state.idle[team] > desk.reserve[queue, team] and waited >= desk.after[queue, team]:
            found = team
            total += state.idle[team]
        order += 1
        team = desk.teams_of[queue, order]
    if found < 0 or not desk.by_chance:
        return found
    pick, order = load.team_die[row] * total >> 31, 0
    while pick >= 0:
        found = desk.teams_of[queue, order]
        order += 1
        if state.idle[found] > desk.reserve[queue, found] and waited >= desk.after[queue, found]:
            pick -= state.idle[found]
    return found


@woven
def next_for(desk: Desk, state: State, team: int, now: int) -> int:
    """Whom a free agent of this team takes: the best level, there the longest waiting; -1 for nobody."""
    best, best_level, best_since, order = -1, 0, 0, 0
    queue = desk.queues_of[team, 0]
    while queue >= 0 and (best < 0 or desk.level_of[team, order] == best_level):
        row = state.head[queue]
        if row >= 0 and state.idle[team] > desk.reserve[queue, team]:
            since = state.since[row]
            sooner = best < 0 or since < best_since or (since == best_since and row < best)
            if sooner and now - since >= desk.after[queue, team]:
                best, best_level, best_since = row, desk.level_of[team, order], since
        order += 1
        queue = desk.queues_of[team, order]
    return best


@woven
def serve(desk: Desk, load: Workload, state: State, rows: Rows, idle_time: Whole, row: int, team: int, now: int) -> None:
    """An agent of this team starts on the caller, or rings one back."""
    call = call_of(load, row)
    set_idle(desk, state, idle_time, team, state.idle[team] - 1, now)
    busy = load.talk[call] + load.wrap[call]
    if rows.outcome[row] == CALLBACK:
        rows.rung_by[row] = team
        rows.tries[row] += 1
        if rows.tries[row] == load.reached_on[call]:
            rows.rung_back[row] = now
        else:
            busy = desk.callback_ring
            if rows.tries[row] < desk.callback_tries:
                push(state.heap, state.tally, now + busy + desk.callback_pause, CALLBACK_AGAIN, row)
    else:
        rows.outcome[row], rows.team[row], rows.left[row] = ANSWERED, team, now
        if load.wrap[call] > 0 and desk.lines < NEVER:
            push(state.heap, state.tally, now + load.talk[call], LINE_FREE, row)
    push(state.heap, state.tally, now + busy, AGENT_FREE, row)


@woven
def lose(desk: Desk, load: Workload, state: State, rows: Rows, row: int, outcome: int, now: int) -> None:
    """The attempt ends without an agent; the caller may ring again."""
    rows.outcome[row], rows.left[row] = outcome, now
    if outcome != BLOCKED:
        state.tally[HELD] -= 1
    again = row + load.arrival.size
    if (outcome == BLOCKED or outcome == ABANDONED) and again < rows.outcome.size and load.choices.size > 0:
        if load.choices[row] & (RINGS_AGAIN_ENGAGED if outcome == BLOCKED else RINGS_AGAIN):
            at = now + load.redial_delay[row]
            if at < desk.close:
                push(state.heap, state.tally, at, ARRIVAL, again)


@woven
def promise(desk: Desk, load: Workload, state: State, rows: Rows, row: int, now: int) -> int:
    """The caller hangs up on the word that an agent will ring; gives the queue where the promise waits."""
    call_type = load.call_type[call_of(load, row)]
    rows.outcome[row], rows.left[row] = CALLBACK, now
    state.tally[HELD] -= 1
    push(state.heap, state.tally, now + desk.callback_due[call_type], CALLBACK_DUE, row)
    return desk.types + call_type


@woven
def set_clock(desk: Desk, load: Workload, state: State, row: int, call_type: int, patience: int, now: int) -> None:
    """The earliest of patience, longest wait, voicemail and callback after a wait ends the waiting."""
    stays, outcome = patience, ABANDONED
    choices = chosen(load, row)
    if desk.longest_wait[call_type] < stays:
        stays, outcome = desk.longest_wait[call_type], desk.longest_wait_as[call_type]
    if choices & TAKES_VOICEMAIL and desk.voicemail_after[call_type] < stays:
        stays, outcome = desk.voicemail_after[call_type], VOICEMAIL
    if choices & TAKES_CALLBACK and desk.callback_after[call_type] < stays:
        stays, outcome = desk.callback_after[call_type], CALLBACK
    state.leaves_as[row] = outcome
    push(state.heap, state.tally, now + stays, HANG_UP, row)
    push(state.heap, state.tally, now + desk.overflow_after[call_type], OVERFLOW, row)


@woven
def must_wait(desk: Desk, load: Workload, state: State, rows: Rows, row: int, queue: int, now: int) -> int:
    """Nobody is free: the queue, or the queue of callbacks to try instead (else -1)."""
    if queue >= desk.types or state.place[row] >= 0:
        if state.place[row] < 0:
            join(state, queue, row, now)
        return -1
    choices, ahead, patience = chosen(load, row), state.waiting[queue], load.patience[row]
    staff = rostered(desk.teams_of, desk.after, state.agents, queue, False)
    expected = min((ahead + 1) * desk.mean_handling[queue] // max(staff, 1), NEVER - 1)
    if choices & TAKES_CALLBACK and (ahead >= desk.callback_waiting[queue] or expected >= desk.callback_above[queue]):
        return promise(desk, load, state, rows, row, now)
    if desk.announces[queue]:
        if choices & LEAVES_ON_HEARING and expected > patience:
            patience = 0
        else:
            patience = min(patience * desk.stretch[queue] // 1000, NEVER)
    join(state, queue, row, now)
    set_clock(desk, load, state, row, queue, patience, now)
    return -1


@woven
def arrive(desk: Desk, load: Workload, state: State, rows: Rows, row: int, now: int) -> int:
    """A line, the menu, the queue: gives the queue, -1 while in the menu, or minus the outcome of a call lost."""
    call = call_of(load, row)
    out_of_menu = state.place[row] == IN_MENU
    if not out_of_menu:
        rows.arrived[row] = now
        if state.tally[HELD] >= desk.lines:
            return -BLOCKED
        state.tally[HELD] += 1
        if load.menu.size > 0 and load.menu[call] > 0:
            state.place[row] = IN_MENU
            push(state.heap, state.tally, now + load.menu[call], ARRIVAL, row)
            return -1
    state.place[row] = NOWHERE
    choices = chosen(load, row)
    if choices & LEAVES_IN_MENU:
        return -LEFT_IVR
    if choices & SERVED_BY_MENU:
        return -SELF_SERVED
    if desk.at_close == CUT_OFF and now >= desk.close:
        return -FAILED
    queue = load.call_type[call]
    if desk.turn_away and rostered(desk.teams_of, desk.after, state.agents, queue, True) == 0:
        return -NO_AGENTS
    return queue


@woven
def change_staff(desk: Desk, load: Workload, state: State, idle_time: Whole, change: int, now: int) -> int:
    """The team that changed, which then looks for callers."""
    team = load.staff_team[change]
    grown = load.staff_agents[change] - state.agents[team]
    if grown > 0 or desk.at_close != STAY or now < desk.close:
        state.agents[team] += grown
        set_idle(desk, state, idle_time, team, state.idle[team] + grown, now)
    return team


@woven
def agent_free(desk: Desk, load: Workload, state: State, rows: Rows, idle_time: Whole, row: int, now: int) -> int:
    """The team of the agent, who then looks for a caller."""
    team = rows.team[row]
    if rows.outcome[row] == CALLBACK:
        team = rows.rung_by[row]
    elif desk.lines == NEVER or load.wrap[call_of(load, row)] == 0:
        state.tally[HELD] -= 1
    set_idle(desk, state, idle_time, team, state.idle[team] + 1, now)
    return team


@woven
def clock_runs_out(desk: Desk, load: Workload, state: State, rows: Rows, row: int, now: int) -> int:
    """Minus the outcome, or the queue of the callback promised; -1 if an agent came first."""
    if not 0 <= state.place[row] < desk.types:
        return -1
    leave(state, row)
    if state.leaves_as[row] == CALLBACK:
        return promise(desk, load, state, rows, row, now)
    return -state.leaves_as[row]


@woven
def callback_due(desk: Desk, state: State, row: int) -> int:
    """The queue of overdue promises, if this one still waits."""
    queue = state.place[row]
    if not desk.types <= queue < 2 * desk.types:
        return -1
    leave(state, row)
    return queue + desk.types


@woven
def callback_again(desk: Desk, load: Workload, rows: Rows, row: int, now: int) -> int:
    """The queue in which a promise waits for its next try."""
    call_type = load.call_type[call_of(load, row)]
    overdue = now - rows.left[row] >= desk.callback_due[call_type]
    return (2 if overdue else 1) * desk.types + call_type


@compiled
def cut_off(desk: Desk, load: Workload, state: State, rows: Rows, now: int) -> None:
    """Closing time: whoever still queues is put out."""
    for queue in range(desk.types):
        while state.head[queue] >= 0:
            row = state.head[queue]
            leave(state, row)
            lose(desk, load, state, rows, row, FAILED, now)


@woven
def happen(desk: Desk, load: Workload, state: State, rows: Rows, kind: int, row: int, now: int) -> int:
    """The event itself; gives the queue in which `row` now seeks an agent, -1, or minus the outcome of a loss."""
    if kind == ARRIVAL:
        return arrive(desk, load, state, rows, row, now)
    if kind == HANG_UP:
        return clock_runs_out(desk, load, state, rows, row, now)
    if kind == OVERFLOW:
        return state.place[row] if 0 <= state.place[row] < desk.types else -1
    if kind == CALLBACK_DUE:
        return callback_due(desk, state, row)
    if kind == CALLBACK_AGAIN:
        return callback_again(desk, load, rows, row, now)
    if kind == LINE_FREE:
        state.tally[HELD] -= 1
    return -1


@woven
def freed(desk: Desk, load: Workload, state: State, rows: Rows, idle_time: Whole, kind: int, row: int, now: int) -> int:
    """The team that the event gave an agent, or -1."""
    if kind == AGENT_FREE:
        return agent_free(desk, load, state, rows, idle_time, row, now)
    if kind == STAFF_CHANGE and row == CLOSING:
        cut_off(desk, load, state, rows, now)
        return -1
    if kind == STAFF_CHANGE:
        return change_staff(desk, load, state, idle_time, row, now)
    return -1


@compiled
def run_day(desk: Desk, load: Workload, state: State, rows: Rows, day: int) -> int:
    """One day from its first event to its last; gives the moment of the last."""
    call, last_call = load.first[day], load.first[day + 1]
    change, last_change = load.staff_first[day], load.staff_first[day + 1]
    idle_time = rows.idle[day]
    now = 0
    if desk.at_close == CUT_OFF:
        push(state.heap, state.tally, desk.close, STAFF_CHANGE, CLOSING)
    while True:
        event = state.heap[0] if state.tally[SIZE] > 0 else NO_EVENT
        arrival = load.arrival[call] << TIME_SHIFT | ARRIVAL << ROW_BITS | call if call < last_call else NO_EVENT
        staff = NO_EVENT
        if change < last_change:
            staff = load.staff_at[change] << TIME_SHIFT | STAFF_CHANGE << ROW_BITS | change
        if event < arrival and event < staff:
            pop(state.heap, state.tally)
        elif staff < arrival:
            event, change = staff, change + 1
        elif arrival < NO_EVENT:
            event, call = arrival, call + 1
        else:
            return now
        now, kind, row = event >> TIME_SHIFT, event >> ROW_BITS & CLASS_MASK, event & ROW_MASK
        team = freed(desk, load, state, rows, idle_time, kind, row, now)
        queue = happen(desk, load, state, rows, kind, row, now)
        if queue < -1:
            lose(desk, load, state, rows, row, -queue, now)
        while queue >= 0 or (team >= 0 and state.idle[team] > 0):
            server = team
            if queue >= 0:
                waited = now - state.since[row] if state.place[row] >= 0 else 0
                server = free_team(desk, load, state, queue, row, waited)
                queue = must_wait(desk, load, state, rows, row, queue, now) if server < 0 else -1
            else:
                row = next_for(desk, state, team, now)
                if row < 0:
                    break
            if server >= 0:
                if state.place[row] >= 0:
                    leave(state, row)
                serve(desk, load, state, rows, idle_time, row, server, now)


@compiled
def end_day(desk: Desk, load: Workload, state: State, rows: Rows, day: int, now: int) -> None:
    """Whoever still waits is open; the desk is empty for the next day."""
    for queue in range(desk.types):
        while state.head[queue] >= 0:
            row = state.head[queue]
            leave(state, row)
            rows.outcome[row] = OPEN
    for team in range(state.idle.size):
        set_idle(desk, state, rows.idle[day], team, 0, now)
    state.agents[:] = 0
    state.idle[:] = 0
    state.head[:] = -1
    state.tail[:] = -1
    state.waiting[:] = 0
    state.tally[:] = 0


@compiled
def run_days(desk: Desk, load: Workload, rows: Rows, state: State) -> None:
    for day in range(load.first.size - 1):
        end_day(desk, load, state, rows, day, run_day(desk, load, state, rows, day))
