"""M/M/n+G: a steady queue with patience of any distribution (Baccelli and Hebuterne 1981).

Baccelli and Hebuterne (1981) in the form of Zeltyn and Mandelbaum (2005): the wait a very patient caller would be
offered has density proportional to exp(arrivals × until(x) − agents × x / handle). That exponent is concave, so the
stretch that matters is found by halving; Gauss-Legendre panels (Golub and Welsch 1969) are halved until they agree.
Logs throughout.
"""

import math
from collections.abc import Callable
from functools import cache

import numpy as np

from kcas.arrays import Floats
from kcas.distributions.distribution import Distribution
from kcas.errors import SettingError
from kcas.queueing.steady_state import Steady, log_erlang_b, number, whole_number

DEEP = 60.0  # e^-60 of the peak is left out
PANELS, NODES, HALVINGS = 24, 16, 40
ACCURATE = 1e-12  # of each integral: a panel whose two halves say so much else is halved
_FARTHEST = 1e12  # seconds; a queue that needs longer waits than this has not settled


def steady_with(arrivals: float, *, handle: float, agents: int, patience: Distribution, within: float = 20.0) -> Steady:
    """The settled queue for this many arrivals a second and this law of patience; lines without end."""
    number(arrivals, what="arrivals")
    number(handle, what="handling time")
    number(within, what="within", zero=True)
    whole_number(agents, what="agents")

    def height(x: Floats) -> Floats:
        return np.asarray(arrivals * patience.restricted_mean(x) - agents / handle * x)

    start, top, end = _stretch(height, patience)
    peak = float(height(np.array([top]))[0])

    def integrands(x: Floats) -> Floats:
        density, staying = np.exp(height(x) - peak), patience.survival(x)
        return np.array([density, density * staying, density * (1 - staying)])

    doubt = max(ACCURATE, 1e-15 * abs(peak))  # no finer than the exponent's own rounding
    at, weights = _panels(start, end, (*patience.kinks, within, top), integrands, doubt=doubt)
    density = weights * np.exp(height(at) - peak)
    free = -log_erlang_b(agents - 1, load=arrivals * handle) - math.log(arrivals) - peak  # log odds of no wait
    most = max(free, math.log(density.sum()))
    none, density = math.exp(free - most), density * math.exp(-most)
    whole_mass = none + density.sum()
    none, density = none / whole_mass, density / whole_mass
    staying = patience.survival(at)
    waiting = float(density.sum())
    lost = float(density @ (1 - staying))
    queued = float(density @ patience.restricted_mean(at))
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


def _stretch(height: Callable[[Floats], Floats], patience: Distribution) -> tuple[float, float, float]:
    """Where the density begins to matter, peaks and ceases to: the exponent rises to one top and falls for ever."""

    def at(x: float) -> float:
        return float(height(np.array([x]))[0])

    far = patience.scale
    while at(far) > at(far / 2) or at(far) > at(far / 2) - DEEP:
        far *= 2
        if far > _FARTHEST:
            raise SettingError("too many callers never hang up for these agents: the queue grows for ever.")
    top = _where(lambda x: at(x * (1 + 1e-9) + 1e-12) <= at(x), 0.0, far)
    top = top if at(top) > at(0.0) else 0.0
    peak = at(top)
    end = _where(lambda x: at(x) < peak - DEEP, top, far)
    start = 0.0 if at(0.0) >= peak - DEEP else _where(lambda x: at(x) >= peak - DEEP, 0.0, top)
    return start, top, end


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


def _panels(
    start: float, end: float, breaks: tuple[float, ...], integrands: Callable[[Floats], Floats], *, doubt: float
) -> tuple[Floats, Floats]:
    """Nodes and weights: panels fine towards zero and broken at every kink, each halved until that changes nothing.

    A steep law turns within a second of a stretch that is an hour long, where panels of equal width step across.
    """
    inside = [place for place in breaks if start < place < end]
    fine = start + (end - start) * np.geomspace(1e-10, 1, PANELS)
    edges = np.unique(np.concatenate(([start, end], np.linspace(start, end, PANELS), fine, inside)))
    low, high, panels = edges[:-1], edges[1:], []
    values = _areas(low, high, integrands)
    enough = doubt * np.maximum(values.sum(axis=1), 1e-3 * values[0].sum())  # 1 - remaining has no more digits
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        left, right = _areas(low, middle, integrands), _areas(middle, high, integrands)
        fails = (np.abs(left + right - values) > enough[:, None]).any(axis=0)
        panels.append((low[~fails], high[~fails]))
        low, middle, high = low[fails], middle[fails], high[fails]
        if not low.size:
            break
        values = np.concatenate((left[:, fails], right[:, fails]), axis=1)
        low, high = np.concatenate((low, middle)), np.concatenate((middle, high))
    low, high = (
        np.concatenate([*each, rest]) for each, rest in zip(zip(*panels, strict=True), (low, high), strict=True)
    )
    nodes, weights = _nodes(low, high)
    return nodes.ravel(), weights.ravel()


def _areas(low: Floats, high: Floats, integrands: Callable[[Floats], Floats]) -> Floats:
    """Each integrand's area over each panel."""
    nodes, weights = _nodes(low, high)
    values = integrands(nodes.ravel()).reshape(-1, *nodes.shape)
    return np.asarray((values * weights).sum(axis=2))


@cache
def _rule() -> tuple[Floats, Floats]:
    """Gauss-Legendre nodes and weights between -1 and 1."""
    return np.polynomial.legendre.leggauss(NODES)


def _nodes(low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Gauss-Legendre nodes and weights, a row a panel."""
    nodes, weights = _rule()
    half, middle = (high - low)[:, None] / 2, (high + low)[:, None] / 2
    return middle + half * nodes, half * weights
