"""Compiled engine: one machine-code kernel, equal row for row to the SimPy engine.

Structures of arrays, a binary heap of packed events, a linked list a queue. Arrivals and staff changes are
merged in from their sorted arrays and never touch the heap.
"""

from kcas.arrays import Whole
from kcas.simulation.engines.compiled_state import (
    CLASS_MASK,
    NO_EVENT,
    ROW_MASK,
    SIZE,
    TIME_SHIFT,
    WAITING,
    State,
    leave,
    new_state,
    pop,
    push,
    set_idle,
)
from kcas.simulation.engines.compiled_steps import (
    agent_free,
    arrive,
    callback_again,
    callback_due,
    change_staff,
    clock_runs_out,
    cut_off,
    free_team,
    lose,
    must_wait,
    next_for,
    serve,
)
from kcas.simulation.engines.kernel_folder import mark_ready
from kcas.simulation.engines.machine_code import compiled, woven
from kcas.simulation.engines.tables import (
    AGENT_FREE,
    ARRIVAL,
    CALLBACK_AGAIN,
    CALLBACK_DUE,
    CLOSING,
    CUT_OFF,
    HANG_UP,
    OPEN,
    OVERFLOW,
    ROW_BITS,
    STAFF_CHANGE,
    Desk,
    Rows,
    Workload,
    empty_rows,
)


def run(desk: Desk, load: Workload) -> Rows:
    """Every day of the workload, one after another."""
    rows = empty_rows(desk, load)
    run_days(desk, load, rows, new_state(desk, load))
    mark_ready()
    return rows


@woven
def process_event(
    desk: Desk, load: Workload, state: State, rows: Rows, kind: int, row: int, now: int, in_diary: bool
) -> int:
    """The event itself; gives the queue in which `row` now seeks an agent, -1, or minus the outcome of a loss."""
    if kind == ARRIVAL:
        return arrive(desk, load, state, rows, row, now, in_diary)
    if kind == HANG_UP:
        return clock_runs_out(desk, load, state, rows, row, now)
    if kind == OVERFLOW:
        return state.callers[row].place if 0 <= state.callers[row].place < desk.types else -1
    if kind == CALLBACK_DUE:
        return callback_due(desk, state, row)
    if kind == CALLBACK_AGAIN:
        return callback_again(desk, load, rows, row, now)
    return -1


@woven
def freed(desk: Desk, load: Workload, state: State, rows: Rows, idle_time: Whole, kind: int, row: int, now: int) -> int:
    """The team that the event gave an agent, or -1."""
    if kind == AGENT_FREE:
        return agent_free(desk, state, rows, idle_time, row, now)
    if kind == STAFF_CHANGE and row == CLOSING:
        cut_off(desk, load, state, rows, now)
        return -1
    if kind == STAFF_CHANGE:
        return change_staff(desk, load, state, idle_time, row, now)
    return -1


@woven
def next_arrival(load: Workload, call: int, end: int) -> int:
    """The first attempt of this call as an event; NO_EVENT after the day's last."""
    return load.arrival[call] << TIME_SHIFT | ARRIVAL << ROW_BITS | call if call < end else NO_EVENT


@woven
def next_change(load: Workload, change: int, end: int) -> int:
    """This change of staff as an event; NO_EVENT after the day's last."""
    return load.staff_at[change] << TIME_SHIFT | STAFF_CHANGE << ROW_BITS | change if change < end else NO_EVENT


@compiled
def run_day(desk: Desk, load: Workload, state: State, rows: Rows, day: int) -> int:
    """One day from its first event to its last; gives the moment of the last."""
    call, last_call = load.first[day], load.first[day + 1]
    change, last_change = load.staff_first[day], load.staff_first[day + 1]
    idle_time = rows.idle[day]
    now = 0
    if desk.at_close == CUT_OFF:
        push(state.heap, state.tally, desk.close, STAFF_CHANGE, CLOSING)
    arrival, staff = next_arrival(load, call, last_call), next_change(load, change, last_change)
    while True:
        event = state.heap[0] if state.tally[SIZE] > 0 else NO_EVENT
        in_diary = event < arrival and event < staff
        if in_diary:
            pop(state.heap, state.tally)
        elif staff < arrival:
            event, change = staff, change + 1
            staff = next_change(load, change, last_change)
        elif arrival < NO_EVENT:
            event, call = arrival, call + 1
            arrival = next_arrival(load, call, last_call)
        else:
            return now
        now, kind, row = event >> TIME_SHIFT, event >> ROW_BITS & CLASS_MASK, event & ROW_MASK
        team = freed(desk, load, state, rows, idle_time, kind, row, now)
        queue = process_event(desk, load, state, rows, kind, row, now, in_diary)
        if queue < -1:
            lose(desk, load, state, rows, row, -queue, now)
        while queue >= 0 or (team >= 0 and state.tally[WAITING] > 0 and state.idle[team] > 0):
            server = team
            if queue >= 0:
                waited = now - state.callers[row].since if state.callers[row].place >= 0 else 0
                server = free_team(desk, load, state, queue, row, waited)
                queue = must_wait(desk, load, state, rows, row, queue, now) if server < 0 else -1
            else:
                row = next_for(desk, state, team, now)
                if row < 0:
                    break
            if server >= 0:
                if state.callers[row].place >= 0:
                    leave(state, row)
                serve(desk, load, state, rows, idle_time, row, server, now)


@compiled
def end_day(desk: Desk, load: Workload, state: State, rows: Rows, day: int, now: int) -> None:
    """Callers still waiting stay open; the queue is empty for the next day."""
    for queue in range(desk.types):
        while state.head[queue] >= 0:
            row = state.head[queue]
            leave(state, row)
            rows.outcome[row] = OPEN
    for team in range(state.idle.size):
        set_idle(desk, state, rows.idle[day], team, 0, now)
    state.agents[:] = 0
    state.all_agents[:] = 0
    state.own_agents[:] = 0
    state.idle[:] = 0
    state.head[:] = -1
    state.tail[:] = -1
    state.waiting[:] = 0
    state.tally[:] = 0


@compiled
def run_days(desk: Desk, load: Workload, rows: Rows, state: State) -> None:
    for day in range(load.first.size - 1):
        end_day(desk, load, state, rows, day, run_day(desk, load, state, rows, day))
