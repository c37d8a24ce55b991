"""Compilation to machine code; the only module that imports numba."""

import os
from collections.abc import Callable
from typing import Any, TypeVar

import numba

from kcas.simulation.engines.kernel_folder import kernel_folder

_Step = TypeVar("_Step", bound=Callable[..., object])
njit: Any = numba.njit
if "NUMBA_CACHE_DIR" not in os.environ:
    numba.config.CACHE_DIR = str(kernel_folder())  # type: ignore[attr-defined]


def compiled(function: _Step) -> _Step:
    """The function as machine code, kept on disk between runs. It allocates nothing, so nothing is counted."""
    return njit(cache=True, nogil=True, forceinline=True, _nrt=False)(function)  # type: ignore[no-any-return]


def woven(function: _Step) -> _Step:
    """A step written into its caller: handing over all the tables would cost more than the step itself."""
    return njit(inline="always", _nrt=False)(function)  # type: ignore[no-any-return]
