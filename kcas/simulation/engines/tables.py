"""Tables that the engines need of a contact centre, in whole milliseconds.

A *queue* is a number: type k's live callers wait in k, its promised callbacks in K + k, its overdue ones in
2K + k. Every table of queues has 3K rows. A list of teams or queues ends at -1.

Result rows of an engine: one for each call, equal in both engines.

Workload: what every caller and every agent will do, as arrays.

An engine draws no random numbers: what a caller might have to decide (even the redial that may never be needed) is
here, by call and attempt, never used up in the order of events.

Order of events that fall in the same millisecond.

Both engines order events by (time, class, row) and by nothing else; this is the only place that says how.
The three fit one whole number, which is what the compiled engine's heap holds.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

AGENT_FREE = 0  # an agent's talk and wrap-up are over
LINE_FREE = 1  # a caller's line is given back: no event, for only arrivals ask, and all come after
STAFF_CHANGE = 2  # a team grows or shrinks; closing time is the last of these
HANG_UP = 3  # a waiting caller goes by the clock: patience, longest wait, voicemail, a callback asked for
OVERFLOW = 4  # a waiting caller comes within a second team's reach
CALLBACK_DUE = 5  # a promised callback is overdue and goes before all others
CALLBACK_AGAIN = 6  # a caller not reached is tried again
ARRIVAL = 7  # a call arrives, or comes out of the menu

CLASS_BITS = 3
ROW_BITS = 29
CLOSING = (1 << ROW_BITS) - 1  # as row of a STAFF_CHANGE: after every change of that moment
ROWS_AT_MOST = CLOSING - 1
NEVER = (1 << 31) - 1  # milliseconds, nearly 25 days: what would happen then or later does not happen


def priority(kind: int, row: int) -> int:
    """Where an event stands among those of its millisecond; less is sooner."""
    return kind << ROW_BITS | row


def packed(at: int, kind: int, row: int) -> int:
    """The event as one whole number that sorts as (time, class, row)."""
    return at << (CLASS_BITS + ROW_BITS) | kind << ROW_BITS | row


_Table = NDArray[np.int64]

WAIT_ON, CUT_OFF, STAY = 0, 1, 2
"""At closing time callers keep waiting for agents still rostered, are cut off, or the agents stay for them."""


class Desk(NamedTuple):
    """Everything of a scenario that is the same on every simulated day."""

    types: int
    lines: int  # NEVER where they never run out
    teams_of: _Table  # [queue, order] the teams that may take it, first choice first
    by_chance: int  # 1: among the free agents of those teams each is as likely; 0: in order
    reserve: _Table  # [queue, team] a team takes from this queue only while more than this many are idle
    after: _Table  # [queue, team] and only callers who have waited this long
    helps: _Table  # [queue, team] 1: a team that helps out, which the wait to expect does not count
    queues_of: _Table  # [team, order] where a freed agent looks
    level_of: _Table  # [team, order] queues of equal level are taken by longest wait
    overflow_after: _Table  # [type] when a second team comes into reach; NEVER for none
    longest_wait: _Table  # [type] when the switch gives up
    longest_wait_as: _Table  # [type] and what the call then counts as
    voicemail_after: _Table  # [type]
    callback_after: _Table  # [type] offered to callers who have waited this long
    callback_waiting: _Table  # [type] offered on entry when so many wait already
    callback_above: _Table  # [type] offered on entry when the expected wait is this long
    callback_due: _Table  # [type] a promise older than this goes before everything
    callback_tries: int
    callback_ring: int  # an unanswered try takes an agent so long
    callback_pause: int  # and is tried again after this
    announces: _Table  # [type] 1 where callers are told the wait to expect
    stretch: _Table  # [type] patience of those who stay after hearing it, in thousandths
    mean_handling: _Table  # [type] what the announced wait is calculated from
    turn_away: int  # 1: a caller is put out where no one works
    close: int  # NEVER where the day does not close
    at_close: int
    counts_until: int  # idle time is counted up to here


def plain_desk(
    *,
    types: int,
    teams: int,
    teams_of: list[list[int]] | None = None,
    queues_of: list[list[int]] | None = None,
    level_of: list[list[int]] | None = None,
) -> Desk:
    """A desk with no option in use, every team serving every type in the order given. Change it with `_replace`."""
    queues = 3 * types
    served = teams_of or [list(range(teams))] * queues
    looks = queues_of or [[*range(2 * types, queues), *range(2 * types)]] * teams
    levels = level_of or [list(range(len(each))) for each in looks]
    return Desk(
        types=types,
        lines=NEVER,
        teams_of=lists(served, width=teams),
        by_chance=0,
        reserve=np.zeros((queues, teams), np.int64),
        after=np.zeros((queues, teams), np.int64),
        helps=np.zeros((queues, teams), np.int64),
        queues_of=lists(looks, width=queues),
        level_of=lists(levels, width=queues),
        **{name: np.full(types, NEVER, np.int64) for name in NEVER_BY_TYPE},
        longest_wait_as=np.zeros(types, np.int64),
        callback_tries=1,
        callback_ring=0,
        callback_pause=0,
        announces=np.zeros(types, np.int64),
        stretch=np.full(types, 1000, np.int64),
        mean_handling=np.zeros(types, np.int64),
        turn_away=0,
        close=NEVER,
        at_close=WAIT_ON,
        counts_until=NEVER,
    )


NEVER_BY_TYPE = (
    "overflow_after", "longest_wait", "voicemail_after", "callback_after", "callback_waiting", "callback_above",
    "callback_due",
)  # fmt: skip


def lists(rows: list[list[int]], *, width: int) -> _Table:
    """Lists of unequal length as one table, each ended by -1."""
    table = np.full((len(rows), width + 1), -1, np.int64)
    for index, row in enumerate(rows):
        table[index, : len(row)] = row
    return table


TAKES_CALLBACK, TAKES_VOICEMAIL, RINGS_AGAIN, RINGS_AGAIN_ENGAGED = 1, 2, 4, 8
LEAVES_ON_HEARING, SERVED_BY_MENU, LEAVES_IN_MENU = 16, 32, 64
"""What the caller will do if it comes to that: bits of `choices`."""


class Workload(NamedTuple):
    """Days one after another; row a·n + i is attempt a of call i. An option not in use has empty arrays."""

    first: NDArray[np.int64]  # [days + 1] where each day's calls begin
    arrival: NDArray[np.int64]  # [call] milliseconds after midnight, sorted within a day
    call_type: NDArray[np.int64]
    talk: NDArray[np.int64]  # hold included
    wrap: NDArray[np.int64]
    menu: NDArray[np.int64]  # line held, before the queue
    attempts: int
    patience: NDArray[np.int64]  # [row]
    choices: NDArray[np.int16]  # [row]
    redial_delay: NDArray[np.int64]  # [row] from the end of the attempt before
    team_die: NDArray[np.int64]  # [row] below 2**31; chooses among free agents
    reached_on: NDArray[np.int64]  # [call] the try on which a callback reaches the caller; 0 never
    staff_first: NDArray[np.int64]  # [days + 1]
    staff_at: NDArray[np.int64]
    staff_team: NDArray[np.int64]
    staff_agents: NDArray[np.int64]  # from then on
    hold: NDArray[np.int64] = np.empty(0, np.int64)  # [call] how much of the talk is hold; the engines do not ask


NOT_USED = 0  # a redial that was not needed
ANSWERED, ABANDONED, CALLBACK, VOICEMAIL, OVERFLOWED, TIMED_OUT = 1, 2, 3, 4, 5, 6
NO_AGENTS, FAILED, OPEN, LEFT_IVR, BLOCKED, SELF_SERVED = 7, 8, 9, 10, 11, 12

OUTCOME_NAMES = (
    None, "answered", "abandoned", "callback", "voicemail", "overflowed", "timed_out",
    "no_agents", "failed", "open", "left_ivr", "blocked", "self_served",
)  # fmt: skip
"""An engine's outcome code to the name that every call, logged or simulated, bears."""


class Rows(NamedTuple):
    """One entry an attempt: the first attempts of all calls, then their second attempts, and so on.

    A call that is never rung back, or an attempt without a team, has -1 there.
    """

    outcome: NDArray[np.int8]
    team: NDArray[np.int16]
    arrived: NDArray[np.int32]  # milliseconds after midnight, as all moments here
    left: NDArray[np.int32]  # left the queue (or was lost before it); talk starts here if answered
    rung_back: NDArray[np.int32]  # when a promised callback was answered
    rung_by: NDArray[np.int16]  # the team that rang last
    tries: NDArray[np.int8]
    idle: NDArray[np.int64]  # [day, team] agent-milliseconds at the desk with nothing to do


def empty_rows(desk: Desk, load: Workload) -> Rows:
    """Rows to be filled in; the columns of callbacks are left empty where none is offered."""
    rows = len(load.arrival) * load.attempts
    promised = rows if load.reached_on.size else 0
    arrived = np.full(rows, -1, np.int32)
    arrived[: len(load.arrival)] = load.arrival
    return Rows(
        outcome=np.zeros(rows, np.int8),
        team=np.full(rows, -1, np.int16),
        arrived=arrived,
        left=np.full(rows, -1, np.int32),
        rung_back=np.full(promised, -1, np.int32),
        rung_by=np.full(promised, -1, np.int16),
        tries=np.zeros(promised, np.int8),
        idle=np.zeros((len(load.first) - 1, desk.reserve.shape[1]), np.int64),
    )
