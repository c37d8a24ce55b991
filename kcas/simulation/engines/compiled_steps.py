"""What each event does, in the compiled engine. `simpy_engine` says the same aloud; read that first.

A step that gives a queue gives the one in which the row now seeks an agent; -1 is none, and a lost call is minus
its outcome.
"""

from kcas.arrays import Whole
from kcas.simulation.engines.compiled_state import (
    HELD,
    NOWHERE,
    State,
    give_back_lines,
    hold_line_until,
    join,
    leave,
    push,
    set_idle,
)
from kcas.simulation.engines.machine_code import compiled, woven
from kcas.simulation.engines.tables import (
    ABANDONED,
    AGENT_FREE,
    ANSWERED,
    ARRIVAL,
    BLOCKED,
    CALLBACK,
    CALLBACK_AGAIN,
    CALLBACK_DUE,
    CUT_OFF,
    FAILED,
    HANG_UP,
    LEAVES_IN_MENU,
    LEAVES_ON_HEARING,
    LEFT_IVR,
    NEVER,
    NO_AGENTS,
    OVERFLOW,
    RINGS_AGAIN,
    RINGS_AGAIN_ENGAGED,
    SELF_SERVED,
    SERVED_BY_MENU,
    STAY,
    TAKES_CALLBACK,
    TAKES_VOICEMAIL,
    VOICEMAIL,
    Desk,
    Rows,
    Workload,
)


@woven
def chosen(load: Workload, row: int) -> int:
    return load.choices[row] if load.choices.size > 0 else 0


@woven
def call_of(load: Workload, row: int) -> int:
    call = row
    while call >= load.arrival.size:  # a division would cost more than the few attempts there are
        call -= load.arrival.size
    return call


@compiled
def count_agents(teams_of: Whole, helps: Whole, agents: Whole, all_agents: Whole, own_agents: Whole) -> None:
    """The agents now rostered who may take each queue: all of them, and those of its own teams."""
    for queue in range(all_agents.size):
        all_agents[queue], own_agents[queue] = 0, 0
        for team in teams_of[queue]:
            if team < 0:
                break
            all_agents[queue] += agents[team]
            own_agents[queue] += agents[team] if helps[queue, team] == 0 else 0


@woven
def free_team(desk: Desk, load: Workload, state: State, queue: int, row: int, waited: int) -> int:
    """The team that takes this caller now, or -1."""
    free, total, order = -1, 0, 0
    team = desk.teams_of[queue, 0]
    while team >= 0 and (free < 0 or desk.by_chance):
        if state.idle[team] > desk.reserve[queue, team] and waited >= desk.after[queue, team]:
            free = team
            total += state.idle[team]
        order += 1
        team = desk.teams_of[queue, order]
    if free < 0 or not desk.by_chance:
        return free
    pick, order = load.team_die[row] * total >> 31, 0
    while pick >= 0:
        free = desk.teams_of[queue, order]
        order += 1
        if state.idle[free] > desk.reserve[queue, free] and waited >= desk.after[queue, free]:
            pick -= state.idle[free]
    return free


@woven
def next_for(desk: Desk, state: State, team: int, now: int) -> int:
    """Whom a free agent of this team takes: the best level, there the longest waiting; -1 for no one."""
    best, best_level, best_since, order = -1, 0, 0, 0
    queue = desk.queues_of[team, 0]
    while queue >= 0 and (best < 0 or desk.level_of[team, order] == best_level):
        row = state.head[queue]
        if row >= 0 and state.idle[team] > desk.reserve[queue, team]:
            since = state.callers[row].since
            sooner = best < 0 or since < best_since or (since == best_since and row < best)
            if sooner and now - since >= desk.after[queue, team]:
                best, best_level, best_since = row, desk.level_of[team, order], since
        order += 1
        queue = desk.queues_of[team, order]
    return best


@woven
def serve(
    desk: Desk, load: Workload, state: State, rows: Rows, idle_time: Whole, row: int, team: int, now: int
) -> None:
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
        if desk.lines < NEVER:
            hold_line_until(state, now + load.talk[call])
    push(state.heap, state.tally, now + busy, AGENT_FREE, row)


@woven
def lose(desk: Desk, load: Workload, state: State, rows: Rows, row: int, outcome: int, now: int) -> None:
    """The attempt ends without an agent; the caller may call again."""
    rows.outcome[row], rows.left[row] = outcome, now
    if outcome != BLOCKED:
        state.tally[HELD] -= 1
    again = row + load.arrival.size
    wish = RINGS_AGAIN if outcome == ABANDONED else 0
    if outcome == BLOCKED:
        wish = RINGS_AGAIN_ENGAGED
    if again < rows.outcome.size and chosen(load, row) & wish and now + load.redial_delay[row] < desk.close:
        push(state.heap, state.tally, now + load.redial_delay[row], ARRIVAL, again)


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
    state.callers[row].leaves_as, state.callers[row].waits_until = outcome, min(now + stays, NEVER)
    if desk.overflow_after[call_type] < stays:
        push(state.heap, state.tally, now + desk.overflow_after[call_type], OVERFLOW, row)
    else:
        push(state.heap, state.tally, now + stays, HANG_UP, row)


@woven
def must_wait(desk: Desk, load: Workload, state: State, rows: Rows, row: int, queue: int, now: int) -> int:
    """No one is free: the queue, or the queue of callbacks to try instead (else -1)."""
    if state.callers[row].place >= 0:  # the second team, just come into reach, is busy: the clock runs on
        push(state.heap, state.tally, state.callers[row].waits_until, HANG_UP, row)
        return -1
    if queue >= desk.types:
        join(state, queue, row, now)
        return -1
    choices, ahead, patience = chosen(load, row), state.waiting[queue], load.patience[row]
    expected = 0
    if choices & TAKES_CALLBACK or desk.announces[queue]:
        expected = min((ahead + 1) * desk.mean_handling[queue] // max(state.own_agents[queue], 1), NEVER - 1)
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
def arrive(desk: Desk, load: Workload, state: State, rows: Rows, row: int, now: int, in_diary: bool) -> int:
    """A line, the menu, the queue: gives the queue, -1 while in the menu, or minus the outcome of a call lost."""
    call = call_of(load, row)
    if not in_diary or rows.arrived[row] < 0:
        rows.arrived[row], state.callers[row].place = now, NOWHERE
        if state.tally[HELD] >= desk.lines:
            give_back_lines(state.lines_end, state.tally, now)
            if state.tally[HELD] >= desk.lines:
                return -BLOCKED
        state.tally[HELD] += 1
        menu = load.menu[call] if load.menu.size > 0 else 0
        choices = chosen(load, row)
        if choices & (LEAVES_IN_MENU | SERVED_BY_MENU):
            rows.outcome[row] = LEFT_IVR if choices & LEAVES_IN_MENU else SELF_SERVED
            rows.left[row] = min(now + menu, NEVER)
            if desk.lines < NEVER:
                hold_line_until(state, now + menu)
            return -1
        if menu > 0:
            push(state.heap, state.tally, now + menu, ARRIVAL, row)
            return -1
    if desk.at_close == CUT_OFF and now >= desk.close:
        return -FAILED
    queue = load.call_type[call]
    if desk.turn_away and state.all_agents[queue] == 0:
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
        count_agents(desk.teams_of, desk.helps, state.agents, state.all_agents, state.own_agents)
    return team


@woven
def agent_free(desk: Desk, state: State, rows: Rows, idle_time: Whole, row: int, now: int) -> int:
    """The team of the agent, who then looks for a caller."""
    team = rows.team[row]
    if rows.outcome[row] == CALLBACK:
        team = rows.rung_by[row]
    set_idle(desk, state, idle_time, team, state.idle[team] + 1, now)
    return team


@woven
def clock_runs_out(desk: Desk, load: Workload, state: State, rows: Rows, row: int, now: int) -> int:
    """Minus the outcome, or the queue of the callback promised; -1 if an agent came first."""
    if not 0 <= state.callers[row].place < desk.types:
        return -1
    leave(state, row)
    if state.callers[row].leaves_as == CALLBACK:
        return promise(desk, load, state, rows, row, now)
    return -state.callers[row].leaves_as


@woven
def callback_due(desk: Desk, state: State, row: int) -> int:
    """The queue of overdue promises, if this one still waits."""
    queue = state.callers[row].place
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
    """Closing time: callers still in the queue are disconnected."""
    for queue in range(desk.types):
        while state.head[queue] >= 0:
            row = state.head[queue]
            leave(state, row)
            lose(desk, load, state, rows, row, FAILED, now)
