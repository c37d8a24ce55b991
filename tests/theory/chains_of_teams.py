"""What does theory say of a second team that helps out, and of handling that is not exponential?

Chains of states written out and settled, with exponential patience; the engines are held against them.
"""

from dataclasses import dataclass

from tests.theory.chain import State, enough, mean, settled
from tests.theory.chains_of_options import Moves


@dataclass(frozen=True)
class Overflow:
    """Two teams; the first team's callers may go to the second."""

    p_abandon_first: float
    p_abandon_second: float
    mean_queue_first: float
    mean_queue_second: float
    occupancy_first: float
    occupancy_second: float
    p_overflow_at_once: float  # of the first team's callers, answered by the second team on arrival
    p_overflow: float  # the same, and those the second team took after a wait


def overflow(
    *, arrivals: tuple[float, float], agents: tuple[int, int], handle: float, patience: float, reserve: int
) -> Overflow:
    """A caller of the first team is taken by the second while more than `reserve` of its agents are idle."""
    mine, theirs = agents
    most = [enough(arrivals=sum(arrivals), agents=0, handle=handle, patience=patience)] * 2

    def moves(state: State) -> Moves:
        ours, others, first, second = state
        spare = theirs - others > reserve
        if ours < mine:
            yield (ours + 1, others, first, second), arrivals[0]
        elif spare:
            yield (ours, others + 1, first, second), arrivals[0]
        elif first < most[0]:
            yield (ours, others, first + 1, second), arrivals[0]
        if others < theirs:
            yield (ours, others + 1, first, second), arrivals[1]
        elif second < most[1]:
            yield (ours, others, first, second + 1), arrivals[1]
        yield (ours, others, max(first - 1, 0), second), first / patience
        yield (ours, others, first, max(second - 1, 0)), second / patience
        yield (ours, others, first - 1, second) if first else (max(ours - 1, 0), others, 0, second), ours / handle
        if second:
            freed = (ours, others, first, second - 1)
        else:
            freed = (ours, others, first - 1, 0) if _takes(state) else (ours, max(others - 1, 0), first, 0)
        yield freed, others / handle

    def _takes(state: State) -> bool:
        """Whether an agent of the second team, when freed, takes a caller of the first."""
        _, others, first, second = state
        return not second and first > 0 and theirs - others + 1 > reserve

    chances = settled((0, 0, 0, 0), moves)
    queues = mean(chances, lambda s: s[2]), mean(chances, lambda s: s[3])
    at_once = mean(chances, lambda s: float(s[0] == mine and theirs - s[1] > reserve))
    later = mean(chances, lambda s: s[1] * float(_takes(s)))
    return Overflow(
        p_abandon_first=queues[0] / patience / arrivals[0],
        p_abandon_second=queues[1] / patience / arrivals[1],
        mean_queue_first=queues[0],
        mean_queue_second=queues[1],
        occupancy_first=mean(chances, lambda s: s[0]) / mine,
        occupancy_second=mean(chances, lambda s: s[1]) / theirs,
        p_overflow_at_once=at_once,
        p_overflow=at_once + later / handle / arrivals[0],
    )


@dataclass(frozen=True)
class Phases:
    """Handling as steps: where it begins, from each step to each next one, and out; rates a second."""

    begin: tuple[float, ...]
    onward: tuple[tuple[float, ...], ...]
    out: tuple[float, ...]


@dataclass(frozen=True)
class Phased:
    """M/PH/n+M: shares of all calls."""

    p_wait: float
    p_abandon: float
    mean_queue: float
    occupancy: float


def phased(*, arrivals: float, handling: Phases, agents: int, patience: float) -> Phased:
    """Handling in phases, so of nearly any shape (talk then wrap-up, or a few very long calls)."""
    slowest = max(1 / rate for rate in handling.out if rate)
    most = enough(arrivals=arrivals, agents=0, handle=slowest, patience=patience)
    steps = range(len(handling.begin))

    def changed(state: State, *, minus: int | None, plus: int | None, queue: int) -> State:
        counts = [count - (n == minus) + (n == plus) for n, count in enumerate(state[:-1])]
        return (*counts, queue)

    def moves(state: State) -> Moves:
        queue, busy = state[-1], sum(state[:-1])
        if busy == agents and queue < most:
            yield changed(state, minus=None, plus=None, queue=queue + 1), arrivals
        yield changed(state, minus=None, plus=None, queue=max(queue - 1, 0)), queue / patience
        for n in steps:
            if busy < agents:
                yield changed(state, minus=None, plus=n, queue=0), arrivals * handling.begin[n]
            if state[n]:
                for target in steps:
                    yield changed(state, minus=n, plus=target, queue=queue), state[n] * handling.onward[n][target]
                    if queue:
                        taken = changed(state, minus=n, plus=target, queue=queue - 1)
                        yield taken, state[n] * handling.out[n] * handling.begin[target]
                if not queue:
                    yield changed(state, minus=n, plus=None, queue=0), state[n] * handling.out[n]

    chances = settled((0,) * (len(steps) + 1), moves)
    queued = mean(chances, lambda s: s[-1])
    return Phased(
        p_wait=mean(chances, lambda s: float(sum(s[:-1]) == agents)),
        p_abandon=queued / patience / arrivals,
        mean_queue=queued,
        occupancy=mean(chances, lambda s: sum(s[:-1])) / agents,
    )
