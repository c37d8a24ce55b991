"""Repeated lines within a file, for logs whose calls have no identifier.

Two callers may leave the same line (same second, same queue, number withheld); the second is a call of its own. The
file's identities are kept as eight bytes each, sorted, so that ten million take some eighty megabytes.
"""

from typing import Any

import numpy as np
import polars as pl

Array = np.ndarray[Any, Any]


class Repeats:
    """State that lives while a file is read: the identities met so far."""

    def __init__(self) -> None:
        self._met: list[Array] = []

    def numbered(self, identities: pl.Series) -> pl.Series:
        """The identities (hexadecimal), each one met before with the number of its turn."""
        short = identities.str.slice(0, 16).str.to_integer(base=16, dtype=pl.UInt64).to_numpy()
        within = pl.DataFrame({"identity": identities}).select(pl.int_range(pl.len()).over("identity")).to_series()
        turn = within + 1
        for met in self._met:
            turn += np.searchsorted(met, short, side="right") - np.searchsorted(met, short, side="left")
        self._keep(np.sort(short))
        repeated = pl.select(pl.concat_str(identities, pl.lit("/"), turn.cast(pl.String))).to_series()
        return identities.zip_with(turn == 1, repeated)

    def _keep(self, met: Array) -> None:
        """Add sorted identities, merging runs of like size so that few need be searched."""
        while self._met and len(self._met[-1]) <= 2 * len(met):
            met = np.sort(np.concatenate([self._met.pop(), met]))
        self._met.append(met)
