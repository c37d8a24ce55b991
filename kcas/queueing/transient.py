"""Transient queue of a whole day with changing arrivals and staff: Kolmogorov's (Kolmogoroff 1931) forward equations.

dp/dt = p Q(t), with Q constant from one change of arrivals or staff to the next.

One step of the transient queue, with constant arrivals and staff.

A state is (agents at work beyond the roster, callers in the system). The first only falls, so the forward equations
fall apart into birth-and-death rows, each fed by the row above. They are stepped over any length of time at once by
Talbot's contour (Talbot 1979; Weideman 2006): a dozen tridiagonal solutions give the end and the time spent in every
state.

    p(T) ≈ Σ_k Re (w_k/T) (z_k/T − Qᵀ)⁻¹ p(0),   time in each state ≈ Σ_k Re (w_k/z_k) (z_k/T − Qᵀ)⁻¹ p(0)
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import zgtsv

from kcas.arrays import Floats
from kcas.errors import SettingError
from kcas.queueing.retrials import Again, Returning
from kcas.queueing.steady_state import in_time, number, whole_number

Complexes = NDArray[np.complex128]

_LEAST = 1e-10  # rounding swamps the contour where a desk of hundreds is stepped on by seconds
CONTOUR = 24  # nodes: error 3.9^-24, and rounding grows as e^(0.17 × nodes)


def _contour() -> tuple[Complexes, Complexes]:
    # z(φ) = N (0.5017 φ cot 0.6407φ − 0.6122 + 0.2645iφ), w = 2 e^z z′(φ)/(iN)  (Weideman 2006)
    angles = np.arange(1, CONTOUR, 2) * np.pi / CONTOUR
    turn = 0.6407 * angles
    at = CONTOUR * (0.5017 * angles / np.tan(turn) - 0.6122 + 0.2645j * angles)
    slope = CONTOUR * (0.5017 / np.tan(turn) - 0.5017 * turn / np.sin(turn) ** 2 + 0.2645j)
    return at, 2 * np.exp(at) * slope / (1j * CONTOUR)


AT, WEIGHT = _contour()


@dataclass(frozen=True)
class Rates:
    """What drives the queue through one stretch; rates a second."""

    arrivals: float
    finishing: float  # of one agent
    leaving: float  # of one waiting caller
    impatient: float  # share of callers who hang up at once unless an agent is free
    agents: int
    lines: int | None


def room(rates: Rates, *, most_waiting: int, extra: int) -> int:
    """How many callers at most can wait while `extra` agents beyond the roster finish a call."""
    if rates.lines is None:
        return most_waiting
    return max(rates.lines - rates.agents - extra, 0)


def _row(rates: Rates, *, extra: int, waiting: int) -> tuple[Floats, Floats, Floats]:
    """One row: rate up from each state, down within the row, and out to the row below."""
    if extra:
        queue = np.arange(waiting + 1, dtype=float)
        up = np.full(len(queue), rates.arrivals * (1 - rates.impatient))
        down, out = queue * rates.leaving, np.full(len(queue), (rates.agents + extra) * rates.finishing)
    else:
        most = rates.agents + waiting if rates.lines is None else min(rates.agents + waiting, rates.lines)
        here = np.arange(most + 1, dtype=float)
        up = np.where(here < rates.agents, rates.arrivals, rates.arrivals * (1 - rates.impatient))
        down = np.minimum(here, rates.agents) * rates.finishing + np.maximum(here - rates.agents, 0) * rates.leaving
        out = np.zeros(len(here))
    up[-1] = 0.0
    return up, down, out


def step(rows: list[Floats], rates: Rates, *, duration: float, most_waiting: int) -> tuple[list[Floats], list[Floats]]:
    """The chances at the end of a stretch, and the time spent in every state during it, row by row."""
    kinds = [_row(rates, extra=n, waiting=room(rates, most_waiting=most_waiting, extra=n)) for n in range(len(rows))]
    ends, spent = [np.zeros(len(up)) for up, _, _ in kinds], [np.zeros(len(up)) for up, _, _ in kinds]
    for at, weight in zip(AT / duration, WEIGHT / duration, strict=True):
        fed: Complexes | None = None
        for extra in range(len(rows) - 1, -1, -1):
            up, down, out = kinds[extra]
            right = rows[extra].astype(complex)
            if fed is not None:
                first = 0 if extra else rates.agents
                right[first : first + len(fed)] += fed
            solved = _tridiagonal(-up[:-1], at + up + down + out, -down[1:], right)
            ends[extra] += (weight * solved).real
            spent[extra] += (weight / at * solved).real
            fed = solved * out
    if not min(float(end.min()) for end in ends) > -_LEAST:  # a chance below nothing, or none at all: digits were lost
        return _state_by_state(rows, kinds, rates, duration=duration)
    return ends, spent


def _tridiagonal(below: Floats, along: Complexes, above: Floats, right: Complexes) -> Complexes:
    if len(along) == 1:
        return np.asarray(right / along)
    return np.asarray(zgtsv(below.astype(complex), along, above.astype(complex), right)[3])


def _state_by_state(
    rows: list[Floats], kinds: list[tuple[Floats, Floats, Floats]], rates: Rates, *, duration: float
) -> tuple[list[Floats], list[Floats]]:
    """The same by Taylor steps over one sparse matrix (Al-Mohy and Higham 2011): slow and sure."""
    from scipy.sparse import block_array, csr_array, diags_array, eye_array
    from scipy.sparse.linalg import expm_multiply

    blocks: list[list[object]] = [[None] * len(rows) for _ in rows]
    for extra, (up, down, out) in enumerate(kinds):
        blocks[extra][extra] = diags_array((up[:-1], -(up + down + out), down[1:]), offsets=(-1, 0, 1))
        if extra:
            first = rates.agents if extra == 1 else 0
            at = np.arange(len(out))
            blocks[extra - 1][extra] = csr_array((out, (at + first, at)), shape=(len(rows[extra - 1]), len(out)))
    moves = csr_array(block_array(blocks))
    size = moves.shape[0]
    both = block_array([[moves, None], [eye_array(size), csr_array((size, size))]])  # and the time spent in each
    states = expm_multiply(both * duration, np.concatenate([*rows, np.zeros(size)]), traceA=moves.trace() * duration)
    cuts = np.cumsum([len(row) for row in rows])[:-1]
    return np.split(states[:size], cuts), np.split(states[size:], cuts)


def answered_in_time(rates: Rates, *, extra: int, waiting: int, within: float) -> list[Floats]:
    """The chance to be answered within so long, for a caller who finds so many waiting, row by row of extra agents.

    Without extra agents there is a formula. With them by uniformisation (Jensen 1953): Poisson many looks at the queue,
    at each of which a call may end or a caller hang up; its terms are positive, where the contour would lose its
    digits.
    """
    ahead = np.arange(waiting + 1, dtype=float)
    ours = rates.agents * rates.finishing
    if not extra or not ours:
        none = [np.zeros(waiting + 1) for _ in range(extra + 1)]
        served = ours / (ours + (ahead + 1) * rates.leaving) if ours else 0.0
        return [served * in_time(ahead, ours, rates.leaving, within), *none[1:]] if ours else none
    working = (rates.agents + np.arange(extra + 1, dtype=float))[:, None] * rates.finishing
    looks = float(working.max() + (waiting + 1) * rates.leaving) * within
    end, forward = working * within / looks, ahead * rates.leaving * within / looks
    stay = 1 - end - (ahead + 1) * rates.leaving * within / looks
    chance, answered = np.zeros((extra + 1, waiting + 1)), np.zeros((extra + 1, waiting + 1))
    for weight in _poisson(looks):
        answered += weight * chance
        nearer = np.concatenate((np.ones((extra + 1, 1)), chance[:, :-1]), axis=1)
        nearer[1:, 0] = 0.0
        after_end = np.concatenate((nearer[:1], chance[:-1]))
        chance = stay * chance + end * after_end + forward * nearer
    return list(answered)


def _poisson(mean: float) -> Floats:
    """The chances of 0, 1, 2, … as far as they matter."""
    from scipy.special import gammaln

    counts = np.arange(int(mean + 12 * math.sqrt(mean) + 30))
    return np.asarray(np.exp(counts * math.log(mean) - mean - gammaln(counts + 1)))


_NOTHING = 1e-15  # a chance that no longer matters


def initial_state(start: Floats | None, agents: int, most_waiting: int) -> Floats:
    """The chance of (agents at work, callers waiting)."""
    start = np.ones(1) if start is None else start
    chances = np.zeros((max(agents, len(start)) + 1, max(most_waiting, len(start)) + 1))
    for callers, chance in enumerate(start):
        working = min(callers, agents)
        chances[working, callers - working] += chance
    return chances


def change_staff(chances: Floats, agents: int, *, finish_call: bool) -> Floats:
    """More agents take callers who wait; fewer finish the call in hand, or hand it on."""
    changed = np.zeros((max(agents + 1, chances.shape[0]), sum(chances.shape)))
    for working, waiting in zip(*np.nonzero(chances), strict=True):
        taken = min(waiting, agents - working) if working < agents or not finish_call else 0
        changed[working + taken, waiting - taken] += chances[working, waiting]
    return changed


def _rows(chances: Floats, rates: Rates, *, most_waiting: int) -> list[Floats]:
    """The chances as `step` wants them: no one beyond the roster by callers in the system, then by callers waiting."""
    agents = rates.agents
    beyond = np.flatnonzero(chances[agents + 1 :].sum(axis=1) > _NOTHING)
    most = agents + room(rates, most_waiting=most_waiting, extra=0)
    first = np.zeros((most if rates.lines is None else min(most, rates.lines)) + 1)
    for working in range(agents + 1):
        part = chances[working, : max(len(first) - working, 0)]
        first[working : working + len(part)] += part
    rows = [first]
    for extra in range(1, int(beyond[-1]) + 2 if len(beyond) else 1):
        size = room(rates, most_waiting=most_waiting, extra=extra) + 1
        rows.append(chances[agents + extra, :size])
    return rows


def grid(parts: Sequence[Floats], rates: Rates) -> Floats:
    """Back to the chance of (agents at work, callers waiting)."""
    agents = rates.agents
    chances = np.zeros((agents + len(parts), max(len(row) for row in parts)))
    free = parts[0][: agents + 1]
    chances[np.arange(len(free)), 0] = free
    chances[agents, : max(len(parts[0]) - agents, 0)] = parts[0][agents:]
    for extra, row in enumerate(parts[1:], start=1):
        chances[agents + extra, : len(row)] = row
    return np.where(np.abs(chances) > _NOTHING, chances, 0.0)


def queued(chances: Floats) -> float:
    """The mean number of callers waiting."""
    return float(chances.sum(axis=0) @ np.arange(chances.shape[1]))


AT_THE_EDGE = 1e-11  # the chance of a full waiting room that asks for a larger one
FIRST_ROOM, LAST_ROOM = 32, 1 << 14
AFTER_CLOSE = 60.0  # mean handling times and patiences in which a queue empties


@dataclass(frozen=True)
class Stretch:
    """A part of the day with steady arrivals (calls a second) and so many agents."""

    duration: float
    arrivals: float
    agents: int
    handling: float = 1.0  # of the day's handling time
    patience: float = 1.0  # of the day's patience


@dataclass(frozen=True)
class Expected:
    """What to expect of one stretch: mean counts, and mean totals of time. They add up over the day."""

    arrivals: float
    answered: float  # counted when the agent takes the call
    abandoned: float  # counted when the caller hangs up
    blocked: float
    delayed: float  # found no agent free
    answered_within: float  # of those who arrived, answered in time; staff changes under way are not forecast
    queue_time: float
    busy_time: float
    rostered_time: float
    end_queue: float
    redials: float = 0.0  # of the arrivals, those who rang before

    @property
    def rate(self) -> float | None:
        """Abandoned of offered: of all who found a line."""
        offered = self.arrivals - self.blocked
        return self.abandoned / offered if offered > 0 else None

    @property
    def occupancy(self) -> float | None:
        """Agents' time on calls, of the time they are rostered."""
        return self.busy_time / self.rostered_time if self.rostered_time > 0 else None

    @property
    def mean_wait(self) -> float | None:
        """Mean time in queue over all who found a line."""
        offered = self.arrivals - self.blocked
        return self.queue_time / offered if offered > 0 else None


def total(parts: Iterable[Expected]) -> Expected:
    """The stretches as one; what is left in the queue is that of the last."""
    parts = list(parts)
    sums = {field.name: sum(getattr(part, field.name) for part in parts) for field in fields(Expected)}
    return Expected(**sums | {"end_queue": parts[-1].end_queue})


def day(
    stretches: Sequence[Stretch],
    *,
    handle: float,
    patience: float | None = None,
    impatient: float = 0.0,
    lines: int | None = None,
    within: float = 20.0,
    empty_at_close: bool = True,
    finish_call: bool = True,
    start: Floats | None = None,
    again: Again | None = None,
) -> list[Expected]:
    """Each stretch, then one more after closing in which the last staff clear the queue (unless it is left standing).

    The day begins empty unless `start` gives the chance of each number of callers. Without `finish_call` an agent who
    leaves hands the call to another, or back to the head of the queue.
    """
    number(handle, what="handling time")
    if patience is not None:
        number(patience, what="patience")
    if not 0 <= impatient <= 1:
        raise SettingError(f"hang up at once: {impatient:g} is not a share of callers. Expected a number from 0 to 1.")
    if lines is not None:
        whole_number(lines, what="lines", most=LAST_ROOM)
    for stretch in stretches:
        number(stretch.duration, what="length")
        number(stretch.arrivals, what="arrivals", zero=True)
        whole_number(stretch.agents, what="agents", least=0, most=LAST_ROOM)
        number(stretch.handling, what="handling, of the day's")
        number(stretch.patience, what="patience, of the day's")
    rates = [
        Rates(s.arrivals, 1 / (handle * s.handling), 1 / (patience * s.patience) if patience else 0.0, impatient,
              s.agents, lines)
        for s in stretches
    ]  # fmt: skip
    durations = [s.duration for s in stretches]
    last = rates[-1]
    empties = empty_at_close and (last.agents > 0 or patience is not None)
    if empties:
        rates.append(Rates(0.0, last.finishing, last.leaving, impatient, last.agents, lines))
        durations.append(AFTER_CLOSE * max(handle, patience or handle * LAST_ROOM / max(last.agents, 1)))
    most_waiting = FIRST_ROOM if lines is None else lines
    while True:
        expected = _through(
            rates, durations, most_waiting=most_waiting, within=within, finish_call=finish_call, start=start,
            again=again,
        )  # fmt: skip
        if expected is not None:
            return [*expected[:-1], replace(expected[-1], rostered_time=0.0)] if empties else expected
        most_waiting *= 2
        if most_waiting > LAST_ROOM:
            raise SettingError("the queue would hold thousands of callers. Expected more agents or less patience.")


def busy_days(stretches: Sequence[Stretch], *, shape: float, nodes: int = 24, **desk: Any) -> list[Expected]:
    """Days that differ: all of a day's arrivals are multiplied by one gamma factor of this shape and mean one.

    Gauss-Laguerre quadrature over the factor (Golub and Welsch 1969; the mixture is Jongbloed and Koole's, 2001);
    sixteen nodes already give eight digits at a shape of ten.
    """
    from scipy.special import roots_genlaguerre

    factors, weights = roots_genlaguerre(nodes, number(shape, what="day factor") - 1)
    weighted = []
    for factor, weight in zip(factors / shape, weights / weights.sum(), strict=True):
        expected = day([replace(stretch, arrivals=stretch.arrivals * factor) for stretch in stretches], **desk)
        weighted.append(weight * np.array([astuple(part) for part in expected]))
    return [Expected(*values) for values in np.sum(weighted, axis=0).tolist()]


def _through(
    rates: Sequence[Rates], durations: Sequence[float], *, most_waiting: int, within: float, finish_call: bool,
    start: Floats | None, again: Again | None,
) -> list[Expected] | None:  # fmt: skip
    """Every stretch in turn, or None where more callers may wait than there is room for."""
    chances = initial_state(start, rates[0].agents, most_waiting)
    returning = Returning(again, durations) if again else None
    expected = []
    for place, (now, duration) in enumerate(zip(rates, durations, strict=True)):
        ask = partial(_lived, chances, now, duration, most_waiting=most_waiting, within=within, finish_call=finish_call)
        try:
            part, chances, redials = returning.settle(place, ask) if returning else (*ask(), 0.0)
        except _TooFull:
            return None
        expected.append(replace(part, redials=redials))
    return expected


class _TooFull(Exception):
    """More callers may wait than there is room for."""


def _lived(
    chances: Floats, now: Rates, duration: float, further: float = 0.0, *, most_waiting: int, within: float,
    finish_call: bool,
) -> tuple[Expected, Floats]:  # fmt: skip
    """One stretch from these chances, with further arrivals a second. Raises _TooFull."""
    now = replace(now, arrivals=now.arrivals + further)
    before = queued(chances)
    chances = change_staff(chances, now.agents, finish_call=finish_call)
    parts = _rows(chances, now, most_waiting=most_waiting)
    ends, spent = step(parts, now, duration=duration, most_waiting=most_waiting)
    if now.lines is None and max(float(row[-1]) for row in spent) > AT_THE_EDGE * duration:
        raise _TooFull
    chances = grid(ends, now)
    return _expect(spent, now, duration=duration, before=before, after=queued(chances), within=within), chances


def _expect(
    spent: Sequence[Floats], rates: Rates, *, duration: float, before: float, after: float, within: float
) -> Expected:
    """Mean counts of one stretch from the time spent in every state."""
    agents = rates.agents
    first = np.arange(len(spent[0]))
    free_time = float(spent[0][:agents].sum())
    queues = [spent[0][agents:], *spent[1:]]
    queue_time = sum(float(row @ np.arange(len(row))) for row in queues)
    full_time = sum(float(row[-1]) for row in spent) if rates.lines is not None else 0.0
    if rates.lines is not None and rates.lines < agents:
        free_time -= full_time
    delayed_time = max(duration - free_time - full_time, 0.0)
    busy = float(spent[0] @ np.minimum(first, agents))
    busy += sum((agents + extra) * float(row.sum()) for extra, row in enumerate(spent[1:], start=1))
    entering = queues if rates.lines is None else [row[:-1] for row in queues]
    most = max((int(np.flatnonzero(row > AT_THE_EDGE * duration).max(initial=0)) for row in entering), default=0)
    soon = answered_in_time(rates, extra=len(spent) - 1, waiting=most, within=within)
    in_time = sum(float(row[: most + 1] @ chance[: len(row)]) for row, chance in zip(entering, soon, strict=True))
    arrivals, blocked = rates.arrivals * duration, rates.arrivals * full_time
    # a mean count is a rate times the time spent where it holds; answers follow from the balance of calls
    abandoned = rates.leaving * queue_time + rates.arrivals * rates.impatient * delayed_time
    return Expected(
        arrivals=arrivals,
        answered=max(arrivals - blocked - abandoned - (after - before), 0.0),
        abandoned=abandoned,
        blocked=blocked,
        delayed=rates.arrivals * delayed_time,
        answered_within=rates.arrivals * (free_time + (1 - rates.impatient) * in_time),
        queue_time=queue_time,
        busy_time=busy,
        rostered_time=agents * duration,
        end_queue=after,
    )
