"""How does a queue's chance of every state move on through one stretch with steady arrivals and staff?

A state is (agents at work beyond the roster, callers in the system). The first only falls, so the forward equations
fall apart into birth-and-death rows, each fed by the row above. They are stepped over any length of time at once by
Talbot's contour (Weideman 2006): a dozen tridiagonal solutions give the end and the time spent in every state.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import zgtsv

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]

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
            solved = zgtsv(-up[:-1].astype(complex), at + up + down + out, -down[1:].astype(complex), right)[3]
            ends[extra] += (weight * solved).real
            spent[extra] += (weight / at * solved).real
            fed = solved * out
    return ends, spent


def answered_in_time(rates: Rates, *, extra: int, waiting: int, within: float) -> list[Floats]:
    """The chance to be answered within so long, for a caller who finds so many waiting, row by row of extra agents."""
    ahead = np.arange(waiting + 1, dtype=float)
    found = [np.zeros(len(ahead)) for _ in range(extra + 1)]
    if within <= 0:
        return found
    for at, weight in zip(AT / within, WEIGHT / within, strict=True):
        above: Complexes = np.full(0, 0j)
        for row in range(extra + 1):
            working = (rates.agents + row) * rates.finishing
            right = working * above if row else np.where(ahead == 0, working / at, 0)
            below = ahead * rates.leaving + (0 if row else working)
            along = at + working + (ahead + 1) * rates.leaving
            above = zgtsv(-below[1:].astype(complex), along, np.zeros(waiting, complex), right.astype(complex))[3]
            found[row] += (weight * above).real
    return found
