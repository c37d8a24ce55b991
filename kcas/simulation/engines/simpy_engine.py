"""Reference engine, in SimPy; read it from top to bottom. Next-event time advance (Law 2015, chapter 1).

One method an event: a call arrives, the menu ends, a caller's clock runs out, an agent is free, a team changes, a
callback is due. Nothing here draws random numbers; `tables` says who is first among equals.
"""

from collections.abc import Callable
from functools import partial
from heapq import heappush
from typing import Any

import simpy

from kcas.simulation.engines import tables as choice
from kcas.simulation.engines import tables as order
from kcas.simulation.engines import tables as outcome
from kcas.simulation.engines.entities import (
    Caller,
    Handlers,
    Moment,
    Queue,
    Room,
    Team,
    first_attempts,
    lay_out,
    rules_by_type,
)
from kcas.simulation.engines.tables import CUT_OFF, NEVER, STAY, Desk, Rows, Workload, empty_rows, priority

ARRIVAL, AGENT_FREE = priority(order.ARRIVAL, 0), priority(order.AGENT_FREE, 0)
"""Added to the row, they are the priorities of the events that every call has."""
ANSWERED, SELF_SERVED = outcome.ANSWERED, outcome.SELF_SERVED
LOST_IN_MENU = choice.LEAVES_IN_MENU | choice.SERVED_BY_MENU
RINGS_AGAIN = {outcome.ABANDONED: choice.RINGS_AGAIN, outcome.BLOCKED: choice.RINGS_AGAIN_ENGAGED}


def run(desk: Desk, load: Workload) -> Rows:
    """Every day of the workload, one after another."""
    rows = empty_rows(desk, load)
    for day in range(len(load.first) - 1):
        _Day(desk, load, rows, day=day).run()
    return rows


class _Day:
    """One day at the desk, from an empty switchboard to the last agent's last call."""

    def __init__(self, desk: Desk, load: Workload, rows: Rows, *, day: int) -> None:
        self.desk, self.load, self.rows, self.day = desk, load, rows, day
        self.calls = len(load.arrival)
        self.env: Any = simpy.Environment()  # whose clock may be whole or not: ours is whole
        # SimPy's diary of (moment, priority, row, event): `env.schedule` writes it from delays, at twice the cost
        self.put_down: Callable[[tuple[int, int, int, Any]], None] = partial(heappush, self.env._queue)
        self.lines, self.lines_run_out = desk.lines, desk.lines < NEVER
        self.lines_held = 0
        self.lines_end: list[int] = []  # of lines counted as held whose end is known
        self.cuts_off = desk.at_close == CUT_OFF
        self.rules = rules_by_type(desk)
        self.room = Room()
        self.queues, self.teams = lay_out(desk, load, self.room)
        self.calls_to_come = first_attempts(load, day)
        self.arrives: Handlers = (self.call_arrives,)
        self.leaves_menu: Handlers = (self.menu_ends,)
        self.is_done: Handlers = (self.agent_free,)
        # an array is slow for one number at a time; the memory beneath it is not
        self.outcome, self.left, self.team = rows.outcome.data, rows.left.data, rows.team.data
        self.patience = load.patience.data

    def run(self) -> None:
        """Let the day happen."""
        self.expect_call()
        begin, end = self.load.staff_first[self.day : self.day + 2].tolist()
        for change in range(begin, end):
            self.at(int(self.load.staff_at[change]), order.STAFF_CHANGE, change, (self.team_changes,), change)
        if self.cuts_off:
            self.at(self.desk.close, order.STAFF_CHANGE, order.CLOSING, (self.desk_closes,), None)
        self.env.run()
        for queue in self.queues[: self.desk.types]:
            for caller in queue.empty():
                self.outcome[caller.row] = outcome.OPEN
        for team in self.teams:
            team.change_idle(-team.idle, now=self.now)
            self.rows.idle[self.day, team.number] = team.idle_time

    @property
    def now(self) -> int:
        """Milliseconds after midnight. Where every call comes by, the clock is read without this step between."""
        now: int = self.env._now
        return now

    def at(self, moment: int, kind: int, row: int, handlers: Handlers, who: Any) -> None:
        """Let something happen to `who` then. What would happen after the end of time does not."""
        if moment < NEVER:
            self.put_down((moment, priority(kind, row), row, Moment(handlers, who)))

    def expect_call(self) -> None:
        """Put the day's next first attempt in the diary, if there is one."""
        for moment, row, kind, choices, menu, talk, handling, reached_on in self.calls_to_come:
            caller = Caller(self.arrives, row, kind, choices, menu, talk, handling, reached_on)
            self.put_down((moment, ARRIVAL + row, row, caller))
            break

    def call_arrives(self, caller: Caller) -> None:
        """Is there a line? Then the menu. If it is a first attempt, the day's next is now expected."""
        if caller.row < self.calls:
            self.expect_call()
        else:
            self.rows.arrived[caller.row] = self.now
        if self.lines_held >= self.lines:
            self.give_back_lines()
            if self.lines_held >= self.lines:
                return self.lose(caller, outcome.BLOCKED)
        self.lines_held += 1
        if caller.choices & LOST_IN_MENU:
            return self.stay_in_menu(caller)
        if not caller.menu:
            return self.menu_ends(caller)
        end = self.env._now + caller.menu
        caller.callbacks = self.leaves_menu
        return self.put_down((end, ARRIVAL + caller.row, caller.row, caller)) if end < NEVER else None

    def give_back_lines(self) -> None:
        """Lines whose talk or menu is over are free. No one asks before they run out, which spares an event a call."""
        now = self.env._now
        held = [end for end in self.lines_end if end > now]
        self.lines_held -= len(self.lines_end) - len(held)
        self.lines_end = held

    def stay_in_menu(self, caller: Caller) -> None:
        """Helped there, or gone: nothing more will happen."""
        end = min(self.now + caller.menu, NEVER)
        self.outcome[caller.row], self.left[caller.row] = SELF_SERVED, end
        if caller.choices & choice.LEAVES_IN_MENU:
            self.outcome[caller.row] = outcome.LEFT_IVR
        self.lines_end.append(end)

    def menu_ends(self, caller: Caller) -> None:
        """Put out, or in need of an agent."""
        if self.cuts_off and self.now >= self.desk.close:
            self.lose(caller, outcome.FAILED)
        elif team := self.queues[caller.type].free_team(caller, 0):
            self.answer(caller, team)
        elif self.desk.turn_away and not self.queues[caller.type].agents:
            self.lose(caller, outcome.NO_AGENTS)
        else:
            self.must_wait(caller)

    def must_wait(self, caller: Caller) -> None:
        """A callback at once, second thoughts on hearing the wait, or the queue."""
        rules, queue, choices = self.rules[caller.type], self.queues[caller.type], caller.choices
        patience, takes_callback = self.patience[caller.row], choices & choice.TAKES_CALLBACK
        if takes_callback or rules.announces:
            # (callers ahead + 1) × mean handling / agents: the queue-length estimate of Whitt (1999)
            expected = min((queue.waiting + 1) * rules.mean_handling // (queue.own_agents or 1), NEVER - 1)
            if takes_callback and (queue.waiting >= rules.callback_waiting or expected >= rules.callback_above):
                return self.promise(caller)
            if rules.announces and choices & choice.LEAVES_ON_HEARING and expected > patience:
                patience = 0
            elif rules.announces:
                patience = min(patience * rules.stretch // 1000, NEVER)
        queue.join(caller, self.env._now)
        return self.set_clock(caller, patience)

    def set_clock(self, caller: Caller, patience: int) -> None:
        """What ends the waiting, if no agent does: the soonest; patience comes first among equals."""
        rules, choices, stays, ends = self.rules[caller.type], caller.choices, patience, outcome.ABANDONED
        if rules.longest_wait < stays:
            stays, ends = rules.longest_wait, rules.longest_wait_as
        if choices & choice.TAKES_VOICEMAIL and rules.voicemail_after < stays:
            stays, ends = rules.voicemail_after, outcome.VOICEMAIL
        if choices & choice.TAKES_CALLBACK and rules.callback_after < stays:
            stays, ends = rules.callback_after, outcome.CALLBACK
        caller.leaves_as, caller.waits_until = ends, caller.since + stays
        if rules.overflow_after < stays:
            moment = caller.since + rules.overflow_after
            return self.at(moment, order.OVERFLOW, caller.row, (self.overflows,), caller)
        return self.at(caller.waits_until, order.HANG_UP, caller.row, (self.clock_runs_out,), caller)

    def overflows(self, event: Moment) -> None:
        """The wait has brought a second team into reach. If it is busy, the clock runs on."""
        caller: Caller = event.who
        if caller.queue is None:
            return
        if team := caller.queue.free_team(caller, self.now - caller.since):
            caller.queue.leave(caller)
            self.answer(caller, team)
        else:
            self.at(caller.waits_until, order.HANG_UP, caller.row, (self.clock_runs_out,), caller)

    def clock_runs_out(self, event: Moment) -> None:
        """Unless an agent came first: a caller who has been answered must not be struck off again."""
        caller: Caller = event.who
        if caller.queue is None:
            return
        caller.queue.leave(caller)
        if caller.leaves_as == outcome.CALLBACK:
            self.promise(caller)
        else:
            self.lose(caller, caller.leaves_as)

    def lose(self, caller: Caller, lost_as: int) -> None:
        """The attempt is over; the caller may call again while the desk is open."""
        now, row = self.env._now, caller.row
        self.outcome[row], self.left[row] = lost_as, now
        if lost_as != outcome.BLOCKED:
            self.lines_held -= 1
        again = row + self.calls
        if caller.choices & RINGS_AGAIN.get(lost_as, 0) and again < self.calls * self.load.attempts:
            moment = now + int(self.load.redial_delay[row])
            if moment < min(self.desk.close, NEVER):
                attempt = caller.again(self.arrives, again, int(self.load.choices[again]))
                self.put_down((moment, ARRIVAL + again, again, attempt))

    def desk_closes(self, _: Moment) -> None:
        """Callers still in the queue are disconnected."""
        for queue in self.queues[: self.desk.types]:
            for caller in queue.empty():
                self.lose(caller, outcome.FAILED)

    def answer(self, caller: Caller, team: Team) -> None:
        """Talk, then wrap-up; the caller's line is free after the talk."""
        now, row = self.env._now, caller.row
        self.outcome[row], self.team[row], self.left[row] = ANSWERED, team.number, now
        if self.lines_run_out:
            self.lines_end.append(now + caller.talk)
        team.idle -= 1
        team.idle_time += now if now < team.counts_until else team.counts_until
        caller.team, caller.callbacks = team, self.is_done
        free = now + caller.handling
        if free < NEVER:
            self.put_down((free, AGENT_FREE + row, row, caller))

    def agent_free(self, caller: Caller) -> None:
        """An agent is done with the caller and looks for another."""
        team, now = caller.team, self.env._now
        team.idle += 1
        if team.idle > 0:
            team.idle_time -= now if now < team.counts_until else team.counts_until
        if self.room.waiting:
            self.look(team)

    def look(self, team: Team) -> None:
        """Idle agents of this team take whom they can."""
        while team.idle > 0 and (queue := team.next_queue(self.env._now)):
            if queue.number < self.desk.types:
                self.answer(queue.take_first(), team)
            else:
                self.ring_back(queue.take_first(), team)

    def team_changes(self, event: Moment) -> None:
        """A shift, a break, an absence. Agents who go finish the call in hand; who stay for the queue do not go."""
        change: int = event.who
        team = self.teams[int(self.load.staff_team[change])]
        grown = int(self.load.staff_agents[change]) - team.agents
        if grown > 0 or self.desk.at_close != STAY or self.now < self.desk.close:
            team.agents += grown
            team.change_idle(grown, now=self.now)
        for queue in self.queues:
            queue.count_agents()
        self.look(team)

    def promise(self, caller: Caller) -> None:
        """The caller hangs up on the word that an agent will ring."""
        caller.left, caller.tries = self.now, 0
        self.outcome[caller.row], self.left[caller.row] = outcome.CALLBACK, self.now
        self.lines_held -= 1
        due = self.now + self.rules[caller.type].callback_due
        self.at(due, order.CALLBACK_DUE, caller.row, (self.callback_due,), caller)
        self.seek_agent(caller, self.queues[self.desk.types + caller.type])

    def seek_agent(self, caller: Caller, queue: Queue) -> None:
        if team := queue.free_team(caller, 0):
            self.ring_back(caller, team)
        else:
            queue.join(caller, self.now)

    def ring_back(self, caller: Caller, team: Team) -> None:
        """An agent tries; who does not pick up is tried again after a pause, or given up."""
        desk, rows, row, busy = self.desk, self.rows, caller.row, self.desk.callback_ring
        caller.tries += 1
        rows.rung_by[row], rows.tries[row] = team.number, caller.tries
        if caller.tries == caller.reached_on:
            rows.rung_back[row] = self.now
            busy = caller.handling
        elif caller.tries < desk.callback_tries:
            moment = self.now + busy + desk.callback_pause
            self.at(moment, order.CALLBACK_AGAIN, row, (self.callback_again,), caller)
        team.change_idle(-1, now=self.now)
        caller.team, caller.callbacks = team, self.is_done
        free = self.now + busy
        if free < NEVER:
            self.put_down((free, AGENT_FREE + row, row, caller))

    def callback_again(self, event: Moment) -> None:
        """Another try; a promise that is overdue by now goes before everything else."""
        caller: Caller = event.who
        overdue = self.now - caller.left >= self.rules[caller.type].callback_due
        self.seek_agent(caller, self.queues[(2 if overdue else 1) * self.desk.types + caller.type])

    def callback_due(self, event: Moment) -> None:
        """A promise kept waiting too long goes before everything else."""
        caller: Caller = event.who
        if caller.queue and caller.queue.number < 2 * self.desk.types:
            number = caller.queue.number + self.desk.types
            caller.queue.leave(caller)
            self.seek_agent(caller, self.queues[number])
