"""What comes of the workload at this desk? The reference engine, in SimPy, to be read from top to bottom.

One method an event: a call arrives, a caller's clock runs out, an agent is free, a line is free, a team
changes, a callback is due. Nothing here rolls dice; `event_order` says who is first among equals.
"""

from collections.abc import Callable
from typing import Any

import simpy

from kcas.simulation import event_order as order
from kcas.simulation import rows as outcome
from kcas.simulation import workload as choice
from kcas.simulation.desk import CUT_OFF, STAY, Desk
from kcas.simulation.event_order import NEVER, ROW_BITS
from kcas.simulation.floor import Caller, Queue, Room, Team, lay_out, rules_by_type
from kcas.simulation.rows import Rows, empty_rows
from kcas.simulation.workload import Workload


class Moment:
    """Something that will happen to somebody: all that SimPy asks of an event, and nothing more."""

    __slots__ = ("callbacks", "who")
    _ok = True

    def __init__(self, handler: Callable[[Any], None], who: Any) -> None:
        self.callbacks = [handler]
        self.who = who


def run(desk: Desk, load: Workload) -> Rows:
    """Every day of the workload, one after another."""
    rows = empty_rows(desk, load)
    for day in range(len(load.first) - 1):
        Day(desk, load, rows, day=day).run()
    return rows


class Day:
    """One day at the desk, from an empty switchboard to the last agent's last call."""

    def __init__(self, desk: Desk, load: Workload, rows: Rows, *, day: int) -> None:
        self.desk, self.load, self.rows, self.day = desk, load, rows, day
        self.env: Any = simpy.Environment()  # whose clock may be whole or not: ours is whole
        self.schedule = self.env.schedule
        self.lines_held = 0
        self.first, self.last = int(load.first[day]), int(load.first[day + 1])
        self.calls = len(load.arrival)
        today = slice(self.first, self.last)
        nothing = [0] * (self.last - self.first)
        self.arrival, self.type = load.arrival[today].tolist(), load.call_type[today].tolist()
        self.talk, self.wrap = load.talk[today].tolist(), load.wrap[today].tolist()
        self.menu = load.menu[today].tolist() or nothing
        self.reached_on = load.reached_on[today].tolist() or nothing
        by_attempt = load.choices.reshape(load.attempts, -1)
        self.choices = by_attempt[:, today].tolist() if load.choices.size else [nothing] * load.attempts
        self.rules = rules_by_type(desk)
        self.room = Room()
        self.queues, self.teams, self.served_by = lay_out(desk, self.room)

    def run(self) -> None:
        """Let the day happen."""
        if self.arrival:
            self.at(self.arrival[0], order.ARRIVAL, self.first, self.next_call, 0)
        begin, end = self.load.staff_first[self.day : self.day + 2].tolist()
        for change in range(begin, end):
            self.at(int(self.load.staff_at[change]), order.STAFF_CHANGE, change, self.team_changes, change)
        if self.desk.at_close == CUT_OFF:
            self.at(self.desk.close, order.STAFF_CHANGE, order.CLOSING, self.desk_closes, None)
        self.env.run()
        for queue in self.queues[: self.desk.types]:
            for caller in queue.empty():
                self.rows.outcome[caller.row] = outcome.OPEN
        for team in self.teams:
            team.change_idle(-team.idle, now=self.now)
            self.rows.idle[self.day, team.number] = team.idle_time

    @property
    def now(self) -> int:
        """Milliseconds after midnight."""
        now: int = self.env._now
        return now

    def at(self, moment: int, kind: int, row: int, handler: Callable[[Any], None], who: Any) -> None:
        """Let `handler` meet `who` then. What would happen after the end of time does not."""
        if moment < NEVER:
            self.schedule(Moment(handler, who), kind << ROW_BITS | row, moment - self.env._now)  # type: ignore[arg-type]

    def next_call(self, event: Moment) -> None:
        """The next first attempt of the day arrives; the one after it is put in the diary."""
        index: int = event.who
        if index + 1 < len(self.arrival):
            self.at(self.arrival[index + 1], order.ARRIVAL, self.first + index + 1, self.next_call, index + 1)
        self.arrive(Caller(self.first + index, index, self.type[index], self.choices[0][index]))

    def rings_again(self, event: Moment) -> None:
        """A later attempt of a caller who did not get through."""
        attempt, index = divmod(event.who, self.calls)
        index -= self.first
        self.arrive(Caller(event.who, index, self.type[index], self.choices[attempt][index]))
        self.rows.arrived[event.who] = self.now

    def arrive(self, caller: Caller) -> None:
        """Is there a line? Then the menu."""
        if self.lines_held >= self.desk.lines:
            return self.lose(caller, outcome.BLOCKED)
        self.lines_held += 1
        menu = self.menu[caller.call]
        if menu > 0:
            return self.at(self.env._now + menu, order.ARRIVAL, caller.row, self.menu_ends, caller)
        return self.seek(caller)

    def menu_ends(self, event: Moment) -> None:
        self.seek(event.who)

    def seek(self, caller: Caller) -> None:
        """Gone, helped, put out, or in need of an agent."""
        if caller.choices & choice.LEAVES_IN_MENU:
            self.lose(caller, outcome.LEFT_IVR)
        elif caller.choices & choice.SERVED_BY_MENU:
            self.lose(caller, outcome.SELF_SERVED)
        elif self.desk.at_close == CUT_OFF and self.now >= self.desk.close:
            self.lose(caller, outcome.FAILED)
        elif team := self.free_team(caller, caller.type, waited=0):
            self.answer(caller, team)
        elif self.desk.turn_away and not any(team.agents for team, _, _ in self.served_by[caller.type]):
            self.lose(caller, outcome.NO_AGENTS)
        else:
            self.must_wait(caller)

    def free_team(self, caller: Caller, queue: int, *, waited: int) -> Team | None:
        """The team that takes this caller now: the first that may, or each free agent as likely as another."""
        free = []
        for team, reserve, after in self.served_by[queue]:
            if team.idle > reserve and waited >= after:
                if not self.desk.by_chance:
                    return team
                free.append(team)
        if not free:
            return None
        agents = [team for team in free for _ in range(team.idle)]
        return agents[int(self.load.team_die[caller.row]) * len(agents) >> 31]

    def must_wait(self, caller: Caller) -> None:
        """A callback at once, second thoughts on hearing the wait, or the queue."""
        rules, kind, queue = self.rules, caller.type, self.queues[caller.type]
        agents = sum(team.agents for team, _, after in self.served_by[kind] if after == 0)
        expected = min((queue.waiting + 1) * rules["mean_handling"][kind] // max(agents, 1), NEVER - 1)
        offered = queue.waiting >= rules["callback_waiting"][kind] or expected >= rules["callback_above"][kind]
        if caller.choices & choice.TAKES_CALLBACK and offered:
            return self.promise(caller)
        patience = int(self.load.patience[caller.row])
        if rules["announces"][kind] and caller.choices & choice.LEAVES_ON_HEARING and expected > patience:
            patience = 0
        elif rules["announces"][kind]:
            patience = min(patience * rules["stretch"][kind] // 1000, NEVER)
        queue.join(caller, now=self.now)
        stays, caller.leaves_as = self.stays(caller, patience)
        self.at(self.now + stays, order.HANG_UP, caller.row, self.clock_runs_out, caller)
        return self.at(self.now + rules["overflow_after"][kind], order.OVERFLOW, caller.row, self.overflows, caller)

    def stays(self, caller: Caller, patience: int) -> tuple[int, int]:
        """How long the caller waits at most, and what ends it; patience comes first among equals."""
        rules, kind, choices, stays, ends = self.rules, caller.type, caller.choices, patience, outcome.ABANDONED
        if rules["longest_wait"][kind] < stays:
            stays, ends = rules["longest_wait"][kind], rules["longest_wait_as"][kind]
        if choices & choice.TAKES_VOICEMAIL and rules["voicemail_after"][kind] < stays:
            stays, ends = rules["voicemail_after"][kind], outcome.VOICEMAIL
        if choices & choice.TAKES_CALLBACK and rules["callback_after"][kind] < stays:
            stays, ends = rules["callback_after"][kind], outcome.CALLBACK
        return stays, ends

    def clock_runs_out(self, event: Moment) -> None:
        """Unless an agent came first: a caller who has been answered must not be struck off again."""
        caller: Caller = event.who
        if caller.queue is None or caller.queue.number >= self.desk.types:
            return
        caller.queue.leave(caller)
        if caller.leaves_as == outcome.CALLBACK:
            self.promise(caller)
        else:
            self.lose(caller, caller.leaves_as)

    def lose(self, caller: Caller, lost_as: int) -> None:
        """The attempt is over; the caller may ring again while the desk is open."""
        self.rows.outcome[caller.row], self.rows.left[caller.row] = lost_as, self.now
        if lost_as != outcome.BLOCKED:
            self.lines_held -= 1
        again = caller.row + self.calls
        wish = {outcome.ABANDONED: choice.RINGS_AGAIN, outcome.BLOCKED: choice.RINGS_AGAIN_ENGAGED}.get(lost_as, 0)
        if caller.choices & wish and again < self.calls * self.load.attempts:
            moment = self.now + int(self.load.redial_delay[caller.row])
            if moment < self.desk.close:
                self.at(moment, order.ARRIVAL, again, self.rings_again, again)

    def desk_closes(self, _: Moment) -> None:
        """Whoever still queues is put out."""
        for queue in self.queues[: self.desk.types]:
            for caller in queue.empty():
                self.lose(caller, outcome.FAILED)

    def answer(self, caller: Caller, team: Team) -> None:
        """Talk, then wrap-up; the caller's line is free after the talk."""
        now, rows, row = self.env._now, self.rows, caller.row
        team.one_less_idle(now)
        rows.outcome[row], rows.team[row], rows.left[row] = outcome.ANSWERED, team.number, now
        talked = now + self.talk[caller.call]
        wrap = self.wrap[caller.call]
        if wrap > 0 and self.desk.lines < NEVER:
            self.at(talked, order.LINE_FREE, row, self.line_free, None)
            self.at(talked + wrap, order.AGENT_FREE, row, self.agent_free, team)
        else:
            self.at(talked + wrap, order.AGENT_FREE, row, self.agent_and_line_free, team)

    def line_free(self, _: Moment) -> None:
        self.lines_held -= 1

    def agent_and_line_free(self, event: Moment) -> None:
        self.lines_held -= 1
        self.agent_free(event)

    def agent_free(self, event: Moment) -> None:
        team: Team = event.who
        team.one_more_idle(self.env._now)
        if self.room.waiting and team.idle > 0:
            self.look(team)

    def look(self, team: Team) -> None:
        """Idle agents of this team take whom they can."""
        while team.idle > 0 and (found := team.next_caller(now=self.now)):
            caller, queue = found
            queue.leave(caller)
            if queue.number >= self.desk.types:
                self.ring_back(caller, team)
            else:
                self.answer(caller, team)

    def overflows(self, event: Moment) -> None:
        """The wait has brought a second team into reach."""
        caller: Caller = event.who
        if caller.queue is None or caller.queue.number >= self.desk.types:
            return
        if team := self.free_team(caller, caller.type, waited=self.now - caller.since):
            caller.queue.leave(caller)
            self.answer(caller, team)

    def team_changes(self, event: Moment) -> None:
        """A shift, a break, an absence. Agents who go finish the call in hand; who stay for the queue do not go."""
        change: int = event.who
        team = self.teams[int(self.load.staff_team[change])]
        grown = int(self.load.staff_agents[change]) - team.agents
        if grown > 0 or self.desk.at_close != STAY or self.now < self.desk.close:
            team.agents += grown
            team.change_idle(grown, now=self.now)
        self.look(team)

    def promise(self, caller: Caller) -> None:
        """The caller hangs up on the word that an agent will ring."""
        caller.left, caller.tries = self.now, 0
        self.rows.outcome[caller.row], self.rows.left[caller.row] = outcome.CALLBACK, self.now
        self.lines_held -= 1
        due = self.now + self.rules["callback_due"][caller.type]
        self.at(due, order.CALLBACK_DUE, caller.row, self.callback_due, caller)
        self.seek_agent(caller, self.queues[self.desk.types + caller.type])

    def seek_agent(self, caller: Caller, queue: Queue) -> None:
        if team := self.free_team(caller, queue.number, waited=0):
            self.ring_back(caller, team)
        else:
            queue.join(caller, now=self.now)

    def ring_back(self, caller: Caller, team: Team) -> None:
        """An agent tries; who does not pick up is tried again after a pause, or given up."""
        desk, rows, row = self.desk, self.rows, caller.row
        team.one_less_idle(self.now)
        caller.tries += 1
        rows.rung_by[row], rows.tries[row] = team.number, caller.tries
        busy = desk.callback_ring
        if caller.tries == self.reached_on[caller.call]:
            rows.rung_back[row] = self.now
            busy = self.talk[caller.call] + self.wrap[caller.call]
        elif caller.tries < desk.callback_tries:
            moment = self.now + busy + desk.callback_pause
            self.at(moment, order.CALLBACK_AGAIN, row, self.callback_again, caller)
        self.at(self.now + busy, order.AGENT_FREE, row, self.agent_free, team)

    def callback_again(self, event: Moment) -> None:
        caller: Caller = event.who
        overdue = self.now - caller.left >= self.rules["callback_due"][caller.type]
        self.seek_agent(caller, self.queues[(2 if overdue else 1) * self.desk.types + caller.type])

    def callback_due(self, event: Moment) -> None:
        """A promise kept waiting too long goes before everything else."""
        caller: Caller = event.who
        if caller.queue and caller.queue.number < 2 * self.desk.types:
            number = caller.queue.number + self.desk.types
            caller.queue.leave(caller)
            self.seek_agent(caller, self.queues[number])
