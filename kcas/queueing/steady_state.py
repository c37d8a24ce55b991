"""Queues in steady state: Erlang B and C (Erlang 1917), Erlang A with limited lines (Palm 1957).

Erlang B of a fraction of an agent is Jagerman's (1974), Erlang A's figures are those of Garnett and others (2002).
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from kcas.arrays import Floats
from kcas.errors import SettingError

MOST_AGENTS = 1_000_000


def number(value: float, *, what: str, above: float = 0.0, zero: bool = False) -> float:
    """The number itself, refused unless finite and above the bound (or equal to it where zero is meant)."""
    if not math.isfinite(value) or value < above or (value == above and not zero):
        raise SettingError(f"{what}: {value:g} is not valid. Expected a number above {above:g}{' or 0' * zero}.")
    return float(value)


def whole_number(value: float, *, what: str, least: int = 1, most: int = MOST_AGENTS) -> int:
    """A whole number in bounds."""
    if not math.isfinite(value) or value != int(value) or not least <= value <= most:
        raise SettingError(f"{what}: {value:g} is not valid. Expected a whole number from {least} to {most:,}.")
    return int(value)


def log_erlang_b(agents: float, *, load: float) -> float:
    """Natural logarithm of the share of calls that meet a busy tone; the number of agents need not be whole."""
    if load == 0:
        return 0.0 if agents == 0 else -math.inf
    part = agents - math.floor(agents)
    start = -math.log(_inverse_of_part(part, load)) if part else 0.0
    steps = np.log((part + np.arange(1, math.floor(agents) + 1)) / load)
    tails = np.concatenate(([0.0], np.cumsum(steps[::-1])))  # 1/B(n) is a sum of products n/a · (n-1)/a · …
    tails[-1] -= start
    most = float(tails.max())
    return -(most + math.log(math.fsum(np.exp(tails - most))))


def _inverse_of_part(part: float, load: float) -> float:
    """1/B for a fraction of an agent (Jagerman 1974): the integral from zero of e^-u (1 + u/load)^part."""
    from scipy.special import hyperu

    return float(load * hyperu(1.0, part + 2.0, load))


def erlang_b(agents: float, *, load: float) -> float:
    """The share of all calls that meet a busy tone when no one can wait; only the mean handling time matters."""
    number(agents, what="agents", zero=True)
    if agents > MOST_AGENTS:
        whole_number(agents, what="agents")
    return math.exp(log_erlang_b(agents, load=number(load, what="offered load", zero=True)))


def erlang_b_lines(load: float, *, p_block: float) -> int:
    """The fewest lines at which no more than this share of calls meets a busy tone: 1/B(n) = 1 + (n/a)/B(n − 1)."""
    number(load, what="offered load", zero=True)
    if not 0 < p_block < 1:
        raise SettingError(f"busy tone: {p_block:g} is not a share of calls. Expected a number between 0 and 1.")
    inverse, lines = 1.0, 0
    while inverse * p_block < 1:
        lines += 1
        inverse = 1 + inverse * whole_number(lines, what="lines") / load
    return lines


def erlang_c(agents: int, *, load: float) -> float:
    """The share of calls that must wait where everybody waits for ever; refused where the queue would never end."""
    whole_number(agents, what="agents")
    if number(load, what="offered load", zero=True) >= agents:
        raise SettingError(
            f"{agents:,} agents cannot keep up with a load of {load:g}: without hanging up the queue grows for ever. "
            f"Expected at least {math.floor(load) + 1:,} agents, or callers who hang up (Erlang A)."
        )
    blocked = math.exp(log_erlang_b(agents, load=load))
    # C = B/(1 − ρ(1 − B)), ρ = a/n
    return blocked / (1 - load / agents * (1 - blocked))


LONGEST_CHAIN = 1 << 23  # states held in memory: 64 MB an array
NEGLIGIBLE = math.log(1e-30)


@dataclass(frozen=True)
class Steady:
    """A queue that has settled. Times in seconds; None where no one is there to be averaged over."""

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
        # π_j ∝ Π_{i ≤ j} λ/(min(i, n) μ + (i − n)⁺ θ)
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
