"""The desk and the days that `simulation.py` measures on: plain, and with every option of a scenario in use.

Both have the same callers at the same moments with as much handling; the full
desk has fewer agents at some hours, or its queues would be too short for every option to be met. `taken` counts
day met each option of the full desk, so that a reader can judge whether it is in use.
"""

import numpy as np

from kcas.simulation.engines.tables import (
    ABANDONED,
    ANSWERED,
    BLOCKED,
    CALLBACK,
    LEAVES_IN_MENU,
    LEAVES_ON_HEARING,
    LEFT_IVR,
    NEVER,
    NO_AGENTS,
    RINGS_AGAIN,
    RINGS_AGAIN_ENGAGED,
    SELF_SERVED,
    SERVED_BY_MENU,
    STAY,
    TAKES_CALLBACK,
    TAKES_VOICEMAIL,
    TIMED_OUT,
    VOICEMAIL,
    Desk,
    Rows,
    Workload,
    plain_desk,
)

HANDLE, PATIENCE, HOURS = 300.0, 180.0, 12
CALLS_A_DAY, AGENTS = 1000, 12
RATES = (60, 85, 105, 115, 110, 95, 85, 90, 90, 75, 55, 35)  # calls an hour of the reference day
HOUR, MINUTE = 3_600_000, 60_000
PUBLIC, PROFESSIONALS, ADULTS = range(3)
FRONT, SPECIALISTS = range(2)
SHARES = {
    TAKES_CALLBACK: 0.4, TAKES_VOICEMAIL: 0.2, RINGS_AGAIN: 0.4, RINGS_AGAIN_ENGAGED: 0.6, LEAVES_ON_HEARING: 0.3,
    SERVED_BY_MENU: 0.08, LEAVES_IN_MENU: 0.03,
}  # fmt: skip
"""How many callers would take up each option of the full desk, if it came to that."""
SHIFTS = {FRONT: {0: 6, 1: 7, 5: 6, 7: 7, 10: 4, 11: 1, 12: 0}, SPECIALISTS: {0: 3, 4: 2, 5: 3, 10: 0}}
"""From which hour how many agents. Who needs a specialist in the last two hours is turned away."""


def plain_load(days: int, *, calls: int = CALLS_A_DAY, agents: int = AGENTS, seed: int = 1) -> Workload:
    """Days of one type of call and one team."""
    rng = np.random.default_rng(seed)
    slots = rng.poisson(np.array(RATES) * calls / sum(RATES), (days, HOURS))
    counts, size = slots.sum(axis=1), int(slots.sum())
    hours = [np.repeat(np.arange(HOURS), slot) for slot in slots]
    none = np.empty(0, np.int64)
    return Workload(
        first=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        arrival=np.concatenate([np.sort(((hour + rng.random(len(hour))) * HOUR).astype(np.int64)) for hour in hours]),
        call_type=np.zeros(size, np.int64),
        talk=(rng.exponential(HANDLE, size) * 1000).astype(np.int64),
        wrap=np.zeros(size, np.int64),
        menu=none,
        attempts=1,
        patience=(rng.exponential(PATIENCE, size) * 1000).astype(np.int64),
        choices=np.empty(0, np.int16),
        redial_delay=none,
        team_die=none,
        reached_on=none,
        staff_first=np.arange(days + 1, dtype=np.int64),
        staff_at=np.zeros(days, np.int64),
        staff_team=np.zeros(days, np.int64),
        staff_agents=np.full(days, agents, np.int64),
    )


def full_desk() -> Desk:
    """Two teams and three types of call, with every option.

    The front line takes the public and professionals. Specialists take adult calls, professionals while more than one
    is idle, and the public likewise after half a minute. Professionals go before the public, overdue callbacks before
    both. Queues 0 to 2 are of live callers, 3 to 5 of promised callbacks, 6 to 8 of overdue ones.
    """
    served_by = [[FRONT, SPECIALISTS], [FRONT, SPECIALISTS], [SPECIALISTS]]
    desk = plain_desk(
        types=3, teams=2, teams_of=served_by * 3, queues_of=[[6, 7, 1, 0, 3, 4], [8, 7, 2, 1, 0, 5, 4]],
        level_of=[[0, 0, 1, 2, 3, 3], [0, 0, 1, 2, 3, 4, 4]],
    )  # fmt: skip
    reserve, after = desk.reserve.copy(), desk.after.copy()
    reserve[:, SPECIALISTS] = [1, 1, 0] * 3
    after[PUBLIC, SPECIALISTS] = MINUTE // 2
    return desk._replace(
        by_chance=1, lines=13, reserve=reserve, after=after,
        overflow_after=np.array([MINUTE // 2, NEVER, NEVER]),
        longest_wait=np.full(3, 3 * MINUTE), longest_wait_as=np.full(3, TIMED_OUT),
        voicemail_after=np.full(3, 2 * MINUTE),
        callback_above=np.array([2 * MINUTE, NEVER, NEVER]), callback_waiting=np.array([NEVER, 3, NEVER]),
        callback_after=np.array([NEVER, NEVER, MINUTE]), callback_due=np.full(3, 10 * MINUTE),
        callback_tries=2, callback_ring=45_000, callback_pause=10 * MINUTE,
        announces=np.ones(3, np.int64), stretch=np.full(3, 1300), mean_handling=np.full(3, round(HANDLE * 1000)),
        turn_away=1, close=HOURS * HOUR, at_close=STAY,
    )  # fmt: skip


def full_load(plain: Workload, *, seed: int = 2) -> Workload:
    """The same callers and handling, as three types with wrap-up, a menu, choices, redials and a day of shifts."""
    rng = np.random.default_rng(seed)
    size, days, attempts = len(plain.arrival), len(plain.first) - 1, 2
    choices = np.zeros(attempts * size, np.int16)
    for bit, share in SHARES.items():
        choices |= np.where(rng.random(attempts * size) < share, bit, 0).astype(np.int16)
    shifts = np.array(
        sorted((hour * HOUR, team, agents) for team, day in SHIFTS.items() for hour, agents in day.items())
    )
    return plain._replace(
        call_type=rng.choice([PUBLIC, PROFESSIONALS, ADULTS], size, p=[0.6, 0.25, 0.15]),
        talk=plain.talk * 4 // 5,
        wrap=plain.talk - plain.talk * 4 // 5,
        menu=(rng.exponential(20, size) * 1000).astype(np.int64),
        attempts=attempts,
        patience=np.concatenate([plain.patience, rng.permutation(plain.patience)]),
        choices=choices,
        redial_delay=(rng.exponential(600, attempts * size) * 1000).astype(np.int64),
        team_die=rng.integers(2**31, size=attempts * size),
        reached_on=rng.integers(0, 3, size),
        staff_first=np.arange(days + 1, dtype=np.int64) * len(shifts),
        staff_at=np.tile(shifts[:, 0], days),
        staff_team=np.tile(shifts[:, 1], days),
        staff_agents=np.tile(shifts[:, 2], days),
    )


def taken(desk: Desk, load: Workload, rows: Rows) -> dict[str, float]:
    """How many calls a day met each option."""
    calls, days = len(load.arrival), len(load.first) - 1
    first, again = rows.outcome[:calls], rows.outcome[calls:]
    rows_type = np.tile(load.call_type, load.attempts)
    answered = rows.outcome == ANSWERED
    waits = np.where(answered, rows.left - rows.arrived - np.tile(load.menu, load.attempts), 0)
    ends = load.arrival + load.menu
    queued = answered & (waits > 0)
    found = {
        "callers": calls,
        "attempts (redials too)": (rows.outcome > 0).sum(),
        "heard a menu": (rows.outcome > 0).sum() - (rows.outcome == BLOCKED).sum(),
        "  served by it": (rows.outcome == SELF_SERVED).sum(),
        "  hung up in it": (rows.outcome == LEFT_IVR).sum(),
        "no line free": (rows.outcome == BLOCKED).sum(),
        "no one on the team: turned away": (rows.outcome == NO_AGENTS).sum(),
        "answered": answered.sum(),
        "  after a wait, told what to expect": queued.sum(),
        "  among two teams' free agents, by chance": (answered & (waits == 0) & (rows_type == PROFESSIONALS)).sum(),
        "  by the second team after a wait": (answered & (rows.team == SPECIALISTS) & (rows_type == PUBLIC)).sum(),
        "  before the public, by priority": (queued & (rows_type == PROFESSIONALS)).sum(),
        "  after closing time": (answered & (rows.left >= desk.close)).sum(),
        "hung up": (rows.outcome == ABANDONED).sum(),
        "  at once, on hearing the wait": ((first == ABANDONED) & (rows.left[:calls] == ends)).sum(),
        "  and called again, or after a busy tone": (again > 0).sum(),
        "left a message": (rows.outcome == VOICEMAIL).sum(),
        "put out after the longest wait": (rows.outcome == TIMED_OUT).sum(),
        "promised a callback": (rows.outcome == CALLBACK).sum(),
        "  reached": (rows.rung_back >= 0).sum(),
        "  reached or not on a second try": (rows.tries > 1).sum(),
        "  rung when overdue": overdue(desk, load, rows),
    }
    return {name: float(count) / days for name, count in found.items()}


def overdue(desk: Desk, load: Workload, rows: Rows) -> int:
    """Callers reached after the promise was due, and so before everybody else."""
    due = np.tile(desk.callback_due[load.call_type], load.attempts)
    return int(((rows.rung_back >= 0) & (rows.rung_back - rows.left >= due)).sum())
