"""Desks and days made up at random, every option on or off by a coin, for tests that compare engines."""

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kcas.simulation.engines.tables import (
    CUT_OFF,
    NEVER,
    OVERFLOWED,
    STAY,
    TIMED_OUT,
    WAIT_ON,
    Desk,
    Workload,
    lists,
    plain_desk,
)
from kcas.simulation.engines.tables import VOICEMAIL as LEFT_A_MESSAGE

OPTIONS = (
    "lines", "by chance", "reserve", "overflow", "levels", "longest wait", "voicemail", "callback after a wait",
    "callback on entry", "deadline", "announcement", "turn away", "closing", "menu", "redials", "wrap", "shifts",
    "impatient", "endless patience",
)  # fmt: skip
HOURS = 3
HOUR = 3_600_000


def random_day(seed: int, *, tick: int = 1) -> tuple[Desk, Workload, set[str]]:
    """A desk, one to three days for it, and the options that were switched on."""
    rng = np.random.default_rng(seed)
    on = {option for option in OPTIONS if rng.random() < 0.5}
    types, teams = int(rng.integers(1, 4)), int(rng.integers(1, 4))
    desk = random_desk(rng, on=on, types=types, teams=teams)
    load = random_load(rng, on=on, types=types, teams=teams, days=int(rng.integers(1, 4)))
    return rounded_desk(desk, tick=tick), rounded_load(load, tick=tick), on


def random_desk(rng: Generator, *, on: set[str], types: int, teams: int) -> Desk:
    def span(low: int, high: int) -> NDArray[np.int64]:
        return rng.integers(low * 1000, high * 1000, types)

    queues = 3 * types
    serves = rng.random((queues, teams)) < 0.7
    serves[:, 0] |= ~serves.any(axis=1)
    served_by = [[int(t) for t in rng.permutation(teams) if serves[q, t]] for q in range(queues)]
    looks = [[int(q) for q in rng.permutation(queues) if serves[q, t]] for t in range(teams)]
    levels = [sorted(int(level) for level in rng.integers(0, 3, len(each))) for each in looks]
    desk = plain_desk(types=types, teams=teams, teams_of=served_by, queues_of=looks)
    if "levels" in on:
        desk = desk._replace(level_of=lists(levels, width=queues))
    if "reserve" in on:
        desk = desk._replace(reserve=rng.integers(0, 3, (queues, teams)))
    if "overflow" in on:
        after = span(5, 120)
        second = rng.random((types, teams)) < 0.5
        reach = np.zeros((queues, teams), np.int64)
        reach[:types] = np.where(second, after[:, None], 0)
        helps = np.zeros((queues, teams), np.int64)
        helps[:types] = np.random.default_rng(int(after.sum())).random((types, teams)) < 0.5
        desk = desk._replace(overflow_after=after, after=reach, helps=helps)
    if "longest wait" in on:
        ends = rng.choice([OVERFLOWED, TIMED_OUT, LEFT_A_MESSAGE], types).astype(np.int64)
        desk = desk._replace(longest_wait=span(60, 400), longest_wait_as=ends)
    changes: dict[str, dict[str, object]] = {
        "lines": {"lines": int(rng.integers(2, 12))},
        "by chance": {"by_chance": 1},
        "voicemail": {"voicemail_after": span(20, 200)},
        "callback after a wait": {"callback_after": span(10, 200)},
        "callback on entry": {
            "callback_waiting": rng.integers(0, 4, types),
            "callback_above": span(30, 600),
        },
        "deadline": {"callback_due": span(60, 1800)},
        "announcement": {"announces": rng.integers(0, 2, types), "stretch": rng.integers(500, 2000, types)},
        "turn away": {"turn_away": 1},
        "closing": {
            "close": int(HOURS * HOUR - rng.integers(0, HOUR // 2)),
            "at_close": int(rng.choice([WAIT_ON, CUT_OFF, STAY])),
            "counts_until": int(HOURS * HOUR),
        },
    }
    for option in sorted(on & set(changes)):
        desk = desk._replace(**changes[option])  # type: ignore[arg-type]
    return desk._replace(
        callback_tries=int(rng.integers(1, 4)),
        callback_ring=int(rng.integers(0, 60_000)),
        callback_pause=int(rng.integers(0, 600_000)),
        mean_handling=span(100, 300),
    )


def random_load(rng: Generator, *, on: set[str], types: int, teams: int, days: int) -> Workload:
    counts = rng.integers(0, 160, days)
    calls = int(counts.sum())
    attempts = int(rng.integers(2, 5)) if "redials" in on else 1
    rows = calls * attempts
    none = np.empty(0, np.int64)

    def lasting(mean: float, size: int) -> NDArray[np.int64]:
        return (rng.exponential(mean, size) * 1000).astype(np.int64)

    patience = lasting(120, rows)
    if "impatient" in on:
        patience[rng.random(rows) < 0.2] = 0
    if "endless patience" in on:
        patience[rng.random(rows) < 0.2] = NEVER
    dice = rng.integers(0, 128, rows).astype(np.int16)
    allowed = 16 + 2
    allowed |= 1 if on & {"callback after a wait", "callback on entry"} else 0
    allowed |= 4 + 8 if "redials" in on else 0
    allowed |= 32 + 64 if "menu" in on else 0
    dice[rng.random(rows) < 0.6] &= 31  # else hardly anybody would get through the menu
    changes = [int(rng.integers(1, 8)) if "shifts" in on else 0 for _ in range(days)]
    at, team, agents = [], [], []
    for count in changes:
        at += [0] * teams + sorted(rng.integers(0, HOURS * HOUR, count).tolist())
        team += list(range(teams)) + rng.integers(0, teams, count).tolist()
        agents += rng.integers(0, 4, teams + count).tolist()
    return Workload(
        first=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        arrival=np.concatenate([np.sort(rng.integers(0, HOURS * HOUR, n)) for n in counts]).astype(np.int64),
        call_type=rng.integers(0, types, calls),
        talk=lasting(200, calls),
        wrap=lasting(40, calls) if "wrap" in on else np.zeros(calls, np.int64),
        menu=lasting(20, calls) if "menu" in on else none,
        attempts=attempts,
        patience=patience,
        choices=(dice & allowed).astype(np.int16),
        redial_delay=lasting(300, rows) if attempts > 1 else none,
        team_die=rng.integers(0, 2**31, rows),
        reached_on=rng.integers(0, 4, calls) if allowed & 1 else none,
        staff_first=np.concatenate([[0], np.cumsum([teams + n for n in changes])]).astype(np.int64),
        staff_at=np.array(at, np.int64),
        staff_team=np.array(team, np.int64),
        staff_agents=np.array(agents, np.int64),
    )


def rounded_load(load: Workload, *, tick: int) -> Workload:
    """The same day on a coarse clock, so that ties are everywhere."""
    times = ("arrival", "talk", "wrap", "menu", "patience", "redial_delay", "staff_at")
    return load._replace(**{name: coarse(getattr(load, name), tick=tick) for name in times})


def rounded_desk(desk: Desk, *, tick: int) -> Desk:
    times = ("after", "overflow_after", "longest_wait", "voicemail_after", "callback_after", "callback_due")
    spans = ("callback_ring", "callback_pause", "close", "counts_until")
    desk = desk._replace(**{name: coarse(getattr(desk, name), tick=tick) for name in times})
    return desk._replace(**{name: int(coarse(np.array([getattr(desk, name)]), tick=tick)[0]) for name in spans})


def coarse(times: NDArray[np.int64], *, tick: int) -> NDArray[np.int64]:
    return np.where(times >= NEVER, times, times // tick * tick)
