"""One step of the transient queue, with constant arrivals and staff.

A state is (agents at work beyond the roster, callers in the system). The first only falls, so the forward equations
fall apart into birth-and-death rows, each fed by the row above. They are stepped over any length of time at once by
Talbot's contour (Weideman 2006): a dozen tridiagonal solutions give the end and the time spent in every state.
"""

from kcas.arrays import Floats
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import zgtsv

from kcas.queueing.steady_state import in_time

Complexes = NDArray[np.complex128]

LEAST = 1e-10  # rounding swamps the contour where a desk of hundreds is stepped on by seconds
CONTOUR = 24  # nodes: error 3.9^-24, and rounding grows as e^(0.17 × nodes)


def _contour() -> tuple[Complexes, Complexes]:
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
    if not min(float(end.min()) for end in ends) > -LEAST:  # a chance below nothing, or none at all: digits were lost
        return _state_by_state(rows, kinds, rates, duration=duration)
    return ends, spent


def _tridiagonal(below: Floats, along: Complexes, above: Floats, right: Complexes) -> Complexes:
    if len(along) == 1:
        return np.asarray(right / along)
    return np.asarray(zgtsv(below.astype(complex), along, above.astype(complex), right)[3])


def _state_by_state(
    rows: list[Floats], kinds: list[tuple[Floats, Floats, Floats]], rates: Rates, *, duration: float
) -> tuple[list[Floats], list[Floats]]:
    """The same by Taylor steps over one sparse matrix: slow and sure."""
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
    found = expm_multiply(both * duration, np.concatenate([*rows, np.zeros(size)]), traceA=moves.trace() * duration)
    cuts = np.cumsum([len(row) for row in rows])[:-1]
    return np.split(found[:size], cuts), np.split(found[size:], cuts)


def answered_in_time(rates: Rates, *, extra: int, waiting: int, within: float) -> list[Floats]:
    """The chance to be answered within so long, for a caller who finds so many waiting, row by row of extra agents.

    Without extra agents there is a formula. With them by uniformisation: Poisson many looks at the queue, at each of
    which a call may end or a caller hang up; its terms are positive, where the contour would lose its digits.
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
    chance, found = np.zeros((extra + 1, waiting + 1)), np.zeros((extra + 1, waiting + 1))
    for weight in _poisson(looks):
        found += weight * chance
        nearer = np.concatenate((np.ones((extra + 1, 1)), chance[:, :-1]), axis=1)
        nearer[1:, 0] = 0.0
        after_end = np.concatenate((nearer[:1], chance[:-1]))
        chance = stay * chance + end * after_end + forward * nearer
    return list(found)


def _poisson(mean: float) -> Floats:
    """The chances of 0, 1, 2, … as far as they matter."""
    from scipy.special import gammaln

    counts = np.arange(int(mean + 12 * math.sqrt(mean) + 30))
    return np.asarray(np.exp(counts * math.log(mean) - mean - gammaln(counts + 1)))
