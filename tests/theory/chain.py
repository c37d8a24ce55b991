"""What is the long-run chance of every state of a queue whose moves can be written down one by one?"""

from collections.abc import Callable, Iterable

import numpy as np

from kcas.errors import SettingError

State = tuple[int, ...]
MOST_STATES = 400_000


def settled(start: State, moves: Callable[[State], Iterable[tuple[State, float]]]) -> dict[State, float]:
    """The chance of every state that can be reached from the first, once the queue has settled.

    `moves` gives where a state may go and how often a second; it must leave out states too unlikely to matter.
    """
    from scipy.sparse import csc_array
    from scipy.sparse.linalg import spsolve

    place = {start: 0}
    order, sources, targets, rates = [start], [], [], []
    for state in order:
        for target, rate in moves(state):
            if rate > 0 and target != state:
                if target not in place:
                    place[target] = len(order)
                    order.append(target)
                sources.append(place[state])
                targets.append(place[target])
                rates.append(rate)
        if len(order) > MOST_STATES:
            raise SettingError("the queue would hold too many callers to write down. Expected more agents.")
    size = len(order)
    out = np.bincount(sources, weights=rates, minlength=size)
    flow = csc_array((rates, (targets, sources)), shape=(size, size)) - csc_array((out, (range(size), range(size))))
    chances = np.ones(size)  # the first state's chance is set to one, its own balance follows from the others'
    if size > 1:
        chances[1:] = spsolve(flow[1:, 1:], -flow[1:, [0]].toarray().ravel())
    return dict(zip(order, (chances / chances.sum()).tolist(), strict=True))


def mean(chances: dict[State, float], of: Callable[[State], float]) -> float:
    """The mean of something said of each state."""
    return float(sum(chance * of(state) for state, chance in chances.items()))


def enough(*, arrivals: float, agents: int, handle: float, patience: float) -> int:
    """A number of waiting callers that is all but never reached."""
    crowd = max(arrivals - agents / handle, 0.0) * patience
    return int(crowd + 12 * np.sqrt(crowd + arrivals * patience) + 25)
