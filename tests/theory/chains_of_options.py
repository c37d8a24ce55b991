"""What does theory say of priorities, callbacks and redials?

Each is a chain of states written out and settled; all but Cobham's formula suppose exponential patience. They are
what the engines are held against.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from kcas.errors import SettingError
from kcas.queueing.steady_state import erlang_c
from tests.theory.chain import State, enough, mean, settled

Moves = Iterator[tuple[State, float]]


@dataclass(frozen=True)
class Lane:
    """One kind of caller where two share the agents."""

    p_wait: float
    p_abandon: float
    mean_wait: float  # in queue, over all of the kind


def priority_endless(*, high: float, low: float, handle: float, agents: int) -> tuple[Lane, Lane]:
    """Two kinds, the first always taken first, nobody hangs up (Cobham 1954)."""
    waits = erlang_c(agents, load=(high + low) * handle)
    first = high * handle / agents
    every = (high + low) * handle / agents
    work = waits * handle / agents
    return Lane(waits, 0.0, work / (1 - first)), Lane(waits, 0.0, work / ((1 - first) * (1 - every)))


def priority(
    *, high: float, low: float, handle: float, agents: int, patience_high: float, patience_low: float
) -> tuple[Lane, Lane]:
    """Two kinds, the first always taken first, each with its patience."""
    most = [
        enough(arrivals=rate, agents=free, handle=handle, patience=patience)
        for rate, patience, free in ((high, patience_high, agents), (high + low, patience_low, agents))
    ]

    def moves(state: State) -> Moves:
        busy, first, second = state
        if busy < agents:
            yield (busy + 1, 0, 0), high + low
            yield (busy - 1, 0, 0), busy / handle
            return
        if first < most[0]:
            yield (busy, first + 1, second), high
        if second < most[1]:
            yield (busy, first, second + 1), low
        yield (busy, max(first - 1, 0), second), first / patience_high
        yield (busy, first, max(second - 1, 0)), second / patience_low
        ending = (busy, first - 1, second) if first else (busy, 0, second - 1) if second else (busy - 1, 0, 0)
        yield ending, agents / handle

    chances = settled((0, 0, 0), moves)
    waits = mean(chances, lambda s: float(s[0] == agents))
    queues = mean(chances, lambda s: s[1]), mean(chances, lambda s: s[2])
    return (
        Lane(waits, queues[0] / patience_high / high, queues[0] / high),
        Lane(waits, queues[1] / patience_low / low, queues[1] / low),
    )


@dataclass(frozen=True)
class Callbacks:
    """Shares of all callers; a callback always reaches its caller and takes as long as a call."""

    p_abandon: float
    p_callback: float
    mean_queue: float
    mean_backlog: float  # promised and not yet rung
    mean_callback_wait: float


def callbacks(*, arrivals: float, handle: float, agents: int, patience: float, accept: float) -> Callbacks:
    """Whoever must wait is offered a callback, rung as soon as an agent is free and nobody waits."""
    most = enough(arrivals=arrivals * (1 - accept), agents=agents, handle=handle, patience=patience)
    ebb = _calls_back(arrivals * (1 - accept), handle=handle, agents=agents, patience=patience, most=most)
    if arrivals * accept >= ebb:
        raise SettingError("callbacks: so many are promised that they are never caught up with. Expected more agents.")
    backlog = int(50 / math.log(ebb / (arrivals * accept))) + 50 if accept else 0  # the backlog falls off by this ratio

    def moves(state: State) -> Moves:
        busy, waiting, promised = state
        if busy < agents:
            yield (busy + 1, 0, 0), arrivals
            yield (busy - 1, 0, 0), busy / handle
            return
        if waiting < most:
            yield (busy, waiting + 1, promised), arrivals * (1 - accept)
        if promised < backlog:
            yield (busy, waiting, promised + 1), arrivals * accept
        yield (busy, max(waiting - 1, 0), promised), waiting / patience
        live, owed = (busy, waiting - 1, promised), (busy, 0, promised - 1)
        yield live if waiting else owed if promised else (busy - 1, 0, 0), agents / handle

    chances = settled((0, 0, 0), moves)
    queue, owed = mean(chances, lambda s: s[1]), mean(chances, lambda s: s[2])
    taken = accept * mean(chances, lambda s: float(s[0] == agents))
    return Callbacks(queue / patience / arrivals, taken, queue, owed, owed / (arrivals * taken) if taken else 0.0)


def _calls_back(arrivals: float, *, handle: float, agents: int, patience: float, most: int) -> float:
    """Callbacks a second that agents get round to while there is always one owed."""
    waiting = np.arange(1, most + 1)
    chances = np.cumprod(arrivals / (agents / handle + waiting / patience))
    return agents / handle / (1 + float(chances.sum()))


@dataclass(frozen=True)
class Redials:
    """A person is a first call and what follows from it."""

    p_abandon_per_attempt: float
    attempts_per_person: float
    p_never_answered: float  # of people
    mean_queue: float
    mean_away: float  # people about to ring again
    occupancy: float


def redials(*, arrivals: float, handle: float, agents: int, patience: float, again: float, delay: float) -> Redials:
    """This share of those who hang up ring again after a while, with new patience, as often as need be."""
    if again >= 1:
        raise SettingError(f"redials: {again:g} would ring for ever. Expected a share below 1.")
    crowd = enough(arrivals=arrivals / (1 - again), agents=agents, handle=handle, patience=patience)
    away_most = enough(arrivals=arrivals * again / (1 - again), agents=0, handle=handle, patience=delay)

    def moves(state: State) -> Moves:
        inside, away = state
        waiting = max(inside - agents, 0)
        if waiting < crowd:
            yield (inside + 1, away), arrivals
            yield (inside + 1, max(away - 1, 0)), away / delay
        yield (max(inside - 1, 0), away), min(inside, agents) / handle + waiting / patience * (1 - again)
        yield (max(inside - 1, 0), min(away + 1, away_most)), waiting / patience * again

    chances = settled((0, 0), moves)
    queue, away = mean(chances, lambda s: max(s[0] - agents, 0)), mean(chances, lambda s: s[1])
    attempts = arrivals + away / delay
    return Redials(
        p_abandon_per_attempt=queue / patience / attempts,
        attempts_per_person=attempts / arrivals,
        p_never_answered=queue / patience * (1 - again) / arrivals,
        mean_queue=queue,
        mean_away=away,
        occupancy=mean(chances, lambda s: min(s[0], agents)) / agents,
    )
