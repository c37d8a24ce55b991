"""What does theory say of a steady hour when patience follows any law at all (M/M/n+G)?

Baccelli and Hebuterne (1981) in the form of Zeltyn and Mandelbaum (2005): the wait a very patient caller would be
offered has density proportional to exp(arrivals × until(x) − agents × x / handle). That exponent is concave, so the
stretch that matters is found by halving and integrated by Gauss-Legendre panels, logs throughout.
"""

import math
from collections.abc import Callable

import numpy as np

from kcas.errors import SettingError
from kcas.simulation.erlang import log_erlang_b, number, whole
from kcas.simulation.exact import Floats, Steady
from kcas.simulation.exact_law import Patience

DEEP = 60.0  # e^-60 of the peak is left out
PANELS, NODES = 48, 16
FARTHEST = 1e12  # seconds; a queue that needs longer waits than this has not settled


def steady_with(arrivals: float, *, handle: float, agents: int, patience: Patience, within: float = 20.0) -> Steady:
    """The settled queue for this many arrivals a second and this law of patience; lines without end."""
    number(arrivals, what="arrivals")
    number(handle, what="handling time")
    number(within, what="within", zero=True)
    whole(agents, what="agents")

    def height(x: Floats) -> Floats:
        return np.asarray(arrivals * patience.until(x) - agents / handle * x)

    start, end, peak = _stretch(height, patience)
    at, weights = _panels(start, end, (*patience.kinks, within))
    density = weights * np.exp(height(at) - peak)
    free = -log_erlang_b(agents - 1, load=arrivals * handle) - math.log(arrivals) - peak  # log odds of no wait
    top = max(free, math.log(density.sum()))
    none, density = math.exp(free - top), density * math.exp(-top)
    whole_mass = none + density.sum()
    none, density = none / whole_mass, density / whole_mass
    staying = patience.remaining(at)
    waiting = float(density.sum())
    lost = float(density @ (1 - staying))
    queued = float(density @ patience.until(at))
    waited_answered = float(density @ (at * staying))
    answered = none + float(density @ staying)
    return Steady(
        p_block=0.0,
        p_wait=waiting,
        p_abandon=lost,
        mean_wait_all=queued,
        mean_wait_answered=waited_answered / answered,
        mean_wait_abandoned=(queued - waited_answered) / lost if lost > 0 else None,
        mean_queue=arrivals * queued,
        occupancy=arrivals * handle * answered / agents,
        answered_within=none + float((density * staying)[at <= within].sum()),
        within=within,
        p_abandon_of_all=lost,
        p_lost_of_all=lost,
    )


def _stretch(height: Callable[[Floats], Floats], patience: Patience) -> tuple[float, float, float]:
    """From where to where the density matters, and its peak: the exponent rises to one top and falls for ever."""

    def at(x: float) -> float:
        return float(height(np.array([x]))[0])

    far = patience.scale
    while at(far) > at(far / 2) or at(far) > at(far / 2) - DEEP:
        far *= 2
        if far > FARTHEST:
            raise SettingError("too many callers never hang up for these agents: the queue grows for ever.")
    top = _where(lambda x: at(x * (1 + 1e-9) + 1e-12) <= at(x), 0.0, far)
    peak = max(at(top), at(0.0))
    end = _where(lambda x: at(x) < peak - DEEP, top, far)
    start = 0.0 if at(0.0) >= peak - DEEP else _where(lambda x: at(x) >= peak - DEEP, 0.0, top)
    return start, end, peak


def _where(true: Callable[[float], bool], low: float, high: float) -> float:
    """The first place between low and high from which on the test holds."""
    if true(low):
        return low
    for _ in range(200):
        middle = (low + high) / 2
        if high - low <= 1e-9 * high:
            break
        low, high = (low, middle) if true(middle) else (middle, high)
    return high


def _panels(start: float, end: float, kinks: tuple[float, ...]) -> tuple[Floats, Floats]:
    """Nodes and weights: panels fine towards zero, where patience may begin steeply, and broken at every kink."""
    inside = [kink for kink in kinks if start < kink < end]
    fine = start + (end - start) * np.geomspace(1e-10, 1, PANELS)
    edges = np.unique(np.concatenate(([start, end], np.linspace(start, end, PANELS), fine, inside)))
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    half, middle = np.diff(edges) / 2, (edges[1:] + edges[:-1]) / 2
    return (middle[:, None] + half[:, None] * nodes).ravel(), (half[:, None] * weights).ravel()
