"""Tables that the engines need of a contact centre, in whole milliseconds.

A *queue* is a number: type k's live callers wait in k, its promised callbacks in K + k, its overdue ones in
2K + k. Every table of queues has 3K rows. A list of teams or queues ends at -1.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kcas.simulation.engines.event_order import NEVER

Table = NDArray[np.int64]

WAIT_ON, CUT_OFF, STAY = 0, 1, 2
"""At closing time callers keep waiting for agents still rostered, are cut off, or the agents stay for them."""


class Desk(NamedTuple):
    """Everything of a scenario that is the same on every simulated day."""

    types: int
    lines: int  # NEVER where they never run out
    teams_of: Table  # [queue, order] the teams that may take it, first choice first
    by_chance: int  # 1: among the free agents of those teams each is as likely; 0: in order
    reserve: Table  # [queue, team] a team takes from this queue only while more than this many are idle
    after: Table  # [queue, team] and only callers who have waited this long
    helps: Table  # [queue, team] 1: a team that helps out, which the wait to expect does not count
    queues_of: Table  # [team, order] where a freed agent looks
    level_of: Table  # [team, order] queues of equal level are taken by longest wait
    overflow_after: Table  # [type] when a second team comes into reach; NEVER for none
    longest_wait: Table  # [type] when the switch gives up
    longest_wait_as: Table  # [type] and what the call then counts as
    voicemail_after: Table  # [type]
    callback_after: Table  # [type] offered to callers who have waited this long
    callback_waiting: Table  # [type] offered on entry when so many wait already
    callback_above: Table  # [type] offered on entry when the expected wait is this long
    callback_due: Table  # [type] a promise older than this goes before everything
    callback_tries: int
    callback_ring: int  # an unanswered try takes an agent so long
    callback_pause: int  # and is tried again after this
    announces: Table  # [type] 1 where callers are told the wait to expect
    stretch: Table  # [type] patience of those who stay after hearing it, in thousandths
    mean_handling: Table  # [type] what the announced wait is calculated from
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


def lists(rows: list[list[int]], *, width: int) -> Table:
    """Lists of unequal length as one table, each ended by -1."""
    table = np.full((len(rows), width + 1), -1, np.int64)
    for index, row in enumerate(rows):
        table[index, : len(row)] = row
    return table
