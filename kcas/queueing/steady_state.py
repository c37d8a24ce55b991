"""Steady-state queue with abandonment (Erlang A; Palm 1957) and a limited number of lines.

No dice. Callers arrive at random, are handled for an exponential time, have exponential or endless patience.
Shares are of the calls that found a line, as in `definitions`; only `p_block` and the `_of_all` are of all calls.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kcas.errors import SettingError
from kcas.queueing.erlang import erlang_c, number, whole_number

Floats = NDArray[np.float64]

LONGEST_CHAIN = 1 << 23  # states held in memory: 64 MB an array
NEGLIGIBLE = math.log(1e-30)


@dataclass(frozen=True)
class Steady:
    """A queue that has settled. Times in seconds; None where nobody is there to be averaged over."""

    p_block: float  # of all calls
    p_wait: float  # had to wait, of those who found a line
    p_abandon: float  # of those who found a line
    mean_wait_all: float  # in queue, over all who found a line
    mean_wait_answered: float | None
    mean_wait_abandoned: float | None
    mean_queue: float
    occupancy: float
    answered_within: float  # answered, and in time: of those who found a line
    within: float
    p_abandon_of_all: float
    p_lost_of_all: float  # busy tone or hung up


def steady(
    arrivals: float,
    *,
    handle: float,
    agents: int,
    patience: float | None = None,
    lines: int | None = None,
    within: float = 20.0,
) -> Steady:
    """The settled queue for this many arrivals a second; endless patience and endless lines where none is given."""
    number(arrivals, what="arrivals")
    number(handle, what="handling time")
    number(within, what="within", zero=True)
    whole_number(agents, what="agents")
    if patience is not None:
        number(patience, what="patience")
    if lines is not None:
        whole_number(lines, what="lines", most=LONGEST_CHAIN)
    if patience is None and lines is None:
        return _endless(arrivals, handle=handle, agents=agents, within=within)
    leaving = 1 / patience if patience else 0.0
    chances = _chances(arrivals, handle=handle, agents=agents, leaving=leaving, lines=lines)
    return _from_chances(chances, arrivals, handle=handle, agents=agents, leaving=leaving, lines=lines, within=within)


def _endless(arrivals: float, *, handle: float, agents: int, within: float) -> Steady:
    load = arrivals * handle
    waits = erlang_c(agents, load=load)
    spare = (agents - load) / handle
    return Steady(
        p_block=0.0,
        p_wait=waits,
        p_abandon=0.0,
        mean_wait_all=waits / spare,
        mean_wait_answered=waits / spare,
        mean_wait_abandoned=None,
        mean_queue=arrivals * waits / spare,
        occupancy=load / agents,
        answered_within=1 - waits * math.exp(-spare * within),
        within=within,
        p_abandon_of_all=0.0,
        p_lost_of_all=0.0,
    )


def _chances(arrivals: float, *, handle: float, agents: int, leaving: float, lines: int | None) -> Floats:
    """How likely each number of calls in the system is, from none up to the last that matters."""
    room = 256 if lines is None else lines - agents
    while True:
        size = agents + room
        if size > LONGEST_CHAIN:
            raise SettingError("the queue would hold millions of callers. Expected more agents or less patience.")
        here = np.arange(1, size + 1, dtype=float)
        rates = np.minimum(here, agents) / handle + np.maximum(here - agents, 0) * leaving
        logs = np.concatenate(([0.0], np.cumsum(np.log(arrivals / rates))))
        logs -= logs.max()
        if lines is not None or (logs[-1] < NEGLIGIBLE and rates[-1] > arrivals):
            chances = np.exp(logs)
            return np.asarray(chances / chances.sum(), dtype=float)
        room *= 2


def _from_chances(chances: Floats, arrivals: float, **desk: Any) -> Steady:
    """Every figure from the chances, without taking differences of nearly equal numbers."""
    agents, leaving, within = desk["agents"], desk["leaving"], desk["within"]
    blocked = float(chances[-1]) if desk["lines"] is not None else 0.0
    entered = 1 - blocked if blocked < 0.5 else float(chances[:-1].sum())
    finishing = agents / desk["handle"]
    finding = chances[agents:-1] / entered  # a caller who enters with this many already waiting
    ahead = np.arange(len(finding), dtype=float)
    rates = finishing + (ahead + 1) * leaving
    served = finishing / rates
    queue = float(chances[agents:] @ np.arange(len(chances[agents:]), dtype=float))
    lost = leaving * queue / (arrivals * entered)
    waited_answered = float(finding @ (served * np.cumsum(1 / rates)))
    waited_lost = float(finding @ (np.cumsum((ahead + 1) * leaving / rates) / rates))
    at_once = float(chances[:agents][: len(chances) - 1].sum()) / entered
    busy = float(np.minimum(np.arange(len(chances)), agents) @ chances)
    return Steady(
        p_block=blocked,
        p_wait=min(1.0, float(finding.sum())),
        p_abandon=lost,
        mean_wait_all=queue / (arrivals * entered),
        mean_wait_answered=waited_answered / (1 - lost),
        mean_wait_abandoned=waited_lost / lost if lost > 0 else None,
        mean_queue=queue,
        occupancy=busy / agents,
        answered_within=at_once + float(finding @ (served * in_time(ahead, finishing, leaving, within))),
        within=within,
        p_abandon_of_all=lost * entered,
        p_lost_of_all=blocked + lost * entered,
    )


def in_time(ahead: Floats, finishing: float, leaving: float, within: float) -> Floats:
    """The chance that a caller who is answered has waited no longer than `within`, by the number waiting ahead."""
    from scipy.special import betainc, gammainc

    if leaving == 0 or finishing / leaving > 1e9:
        return np.asarray(gammainc(ahead + 1, finishing * within), dtype=float)
    # e^(-leaving × wait) of a caller who does not hang up is Beta(finishing / leaving, ahead + 1)
    return np.asarray(betainc(ahead + 1, finishing / leaving + 1, -math.expm1(-leaving * within)), dtype=float)
