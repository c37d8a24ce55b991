"""Long days of a desk in a steady state, drawn here and not by the product's own dice, and what came of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from kcas.arrays import Floats
from kcas.simulation.engines.tables import NEVER, NOT_USED, Desk, Rows, Workload

Draw = Callable[[Generator, int], NDArray[np.float64]]


@dataclass(frozen=True)
class Callers:
    """One type of caller: how many a second, and their laws in seconds."""

    rate: float
    service: Draw
    patience: Draw | None = None


def exponential(mean: float) -> Draw:
    return lambda rng, size: rng.exponential(mean, size)


def drawn(
    types: Sequence[Callers],
    *,
    staff: Sequence[int],
    length: float,
    days: int,
    seed: int,
    attempts: int = 1,
    choices: Callable[[Generator, tuple[int, int]], NDArray[np.int16]] | None = None,
    redial_delay: float = 0.0,
    callbacks: bool = False,
) -> Workload:
    """Days of that length in seconds, with constant staff by team."""
    rng = np.random.default_rng(seed)
    arrival, kind, first = [], [], [0]
    for _ in range(days):
        counts = [rng.poisson(each.rate * length) for each in types]
        times = rng.random(sum(counts)) * length * 1000
        order = np.argsort(times)
        arrival.append(times[order])
        kind.append(np.repeat(np.arange(len(types)), counts)[order])
        first.append(first[-1] + sum(counts))
    call_type = np.concatenate(kind)
    size = len(call_type)
    service, patience = np.zeros(size), np.full((attempts, size), np.inf)
    for number, each in enumerate(types):
        mine = call_type == number
        service[mine] = each.service(rng, mine.sum())
        if each.patience:
            for attempt in range(attempts):
                patience[attempt, mine] = each.patience(rng, mine.sum())
    none = np.empty(0, np.int64)
    teams = len(staff)
    return Workload(
        first=np.array(first, np.int64),
        arrival=np.concatenate(arrival).astype(np.int64),
        call_type=call_type.astype(np.int64),
        talk=ms(service),
        wrap=np.zeros(size, np.int64),
        menu=none,
        attempts=attempts,
        patience=ms(patience).ravel(),
        choices=choices(rng, (attempts, size)).ravel() if choices else none.astype(np.int16),
        redial_delay=ms(rng.exponential(redial_delay, (attempts, size))).ravel() if redial_delay else none,
        team_die=none,
        reached_on=np.ones(size, np.int64) if callbacks else none,
        staff_first=np.arange(days + 1, dtype=np.int64) * teams,
        staff_at=np.zeros(days * teams, np.int64),
        staff_team=np.tile(np.arange(teams, dtype=np.int64), days),
        staff_agents=np.tile(np.array(staff, np.int64), days),
    )


def ms(seconds: Floats) -> NDArray[np.int64]:
    return np.rint(np.minimum(seconds * 1000, NEVER)).astype(np.int64)


@dataclass(frozen=True)
class Seen:
    """What came of the attempts that arrived after the warm-up, each with its day."""

    day: NDArray[np.int64]
    kind: NDArray[np.int64]
    attempt: NDArray[np.int64]
    outcome: NDArray[np.int8]
    team: NDArray[np.int16]
    wait: Floats
    service: Floats
    rung_after: Floats  # nan where no promised callback was answered
    days: int
    length: float  # of what was looked at, a day

    def per_day(self, values: Floats | NDArray[np.bool_]) -> Floats:
        return np.bincount(self.day, weights=np.asarray(values, float), minlength=self.days)

    def ratio(self, above: Any, below: Any | None = None) -> tuple[float, float]:
        """The ratio of two sums and its standard error from the days."""
        ones = np.ones(len(self.day)) if below is None else below
        top, bottom = self.per_day(above), self.per_day(ones)
        found = top.sum() / bottom.sum()
        spread = (top - found * bottom) / bottom.mean()
        return float(found), float(spread.std(ddof=1) / np.sqrt(self.days))

    def in_time(self, amount: Floats) -> tuple[float, float]:
        """The mean number present: time spent by callers over the time looked at (Little)."""
        per_day = self.per_day(amount) / self.length
        return float(per_day.mean()), float(per_day.std(ddof=1) / np.sqrt(self.days))


def look(engine: Callable[[Desk, Workload], Rows], desk: Desk, load: Workload, *, warm: float, length: float) -> Seen:
    rows = engine(desk, load)
    used = np.flatnonzero((rows.outcome != NOT_USED) & (rows.arrived >= warm * 1000) & (rows.arrived < length * 1000))
    call = used % len(load.arrival)
    back = rows.rung_back[used] - rows.left[used] if rows.rung_back.size else np.full(len(used), -1)
    answered_later = rows.rung_back[used] >= 0 if rows.rung_back.size else np.zeros(len(used), bool)
    return Seen(
        day=np.searchsorted(load.first, call, side="right") - 1,
        kind=load.call_type[call],
        attempt=used // len(load.arrival),
        outcome=rows.outcome[used],
        team=rows.team[used],
        wait=np.where(rows.left[used] >= 0, rows.left[used] - rows.arrived[used], 0) / 1000,
        service=load.talk[call] / 1000,
        rung_after=np.where(answered_later, back / 1000, np.nan),
        days=len(load.first) - 1,
        length=length - warm,
    )
