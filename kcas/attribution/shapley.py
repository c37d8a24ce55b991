"""Shapley values: a difference shared among its causes, independent of their order (Shapley 1953).

Each factor's share is what it adds when it is swapped in, averaged over every order of swapping (Shapley 1953). The
shares add up to the whole; what changes nothing gets nothing; two that do the same get the same.
"""

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
FACTORS_AT_MOST = 10  # a thousand settings of the model; each further factor doubles them


def subsets(factors: int) -> NDArray[np.bool_]:
    """Every choice of factors to swap, [choice, factor]: bit f of a choice's number says whether f is in it."""
    if not 0 < factors <= FACTORS_AT_MOST:
        raise ValueError(f"{factors} factors: from one to {FACTORS_AT_MOST} can be shared out.")
    return (np.arange(2**factors)[:, None] >> np.arange(factors) & 1).astype(bool)


def shares(values: Floats, *, factors: int) -> Floats:
    """Each factor's share of the last value less the first; `values` are the model's, choice by choice of `subsets`.

    Further axes of `values` are worked out side by side.
    """
    chosen = subsets(factors)
    size = chosen.sum(axis=1)
    found = []
    for factor in range(factors):
        without = np.flatnonzero(~chosen[:, factor])
        before = size[without]
        weight = np.array([math.factorial(n) * math.factorial(factors - n - 1) for n in before])
        gained = values[without | (1 << factor)] - values[without]
        found.append(np.tensordot(weight / math.factorial(factors), gained, axes=1))
    return np.array(found)
