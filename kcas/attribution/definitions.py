"""Counts of a day by a rate's definition, observed or expected, and the definitions that the model can express.

The model knows callers who are answered and callers who hang up, and how long these had waited. A definition that
needs no more than that is counted by its own formula, of the log and of the model alike.
"""

from kcas.arrays import Floats
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kcas.calls.definitions import RATES, Definition
from kcas.errors import SettingError

KNOWN = ("offered", "answered", "abandoned_all", "abandoned_over", "abandoned_short")
LEFT_OTHERWISE = 0.01
"""Of those offered: where more left in other ways, a definition that is about the answered is refused."""
ALL_OFFERED = Definition("all_offered")


@dataclass(frozen=True)
class RateCounts:
    """The definition's numerator and denominator, of whatever days."""

    numerator: Floats
    denominator: Floats


def supported_definitions() -> list[str]:
    """The definitions that the model can tell."""
    return [key for key, rate in RATES.items() if set(rate.needs) <= set(KNOWN)]


def refuse_untold(definition: Definition) -> None:
    """Raises SettingError for a definition that needs what the model does not know."""
    if definition.key not in supported_definitions():
        raise SettingError(
            f"--definition: the model knows only who is answered, who hangs up in the queue and when, so it cannot "
            f"tell {definition.key} ({definition.rate.words}). Expected one of {', '.join(supported_definitions())}."
        )


def refuse_left_otherwise(definition: Definition, *, offered: float, answered: float, lost: float) -> None:
    """Raises SettingError where a definition is about the answered, and many left neither answered nor hung up."""
    others = offered - answered - lost
    if "answered" in definition.rate.needs and others > LEFT_OTHERWISE * offered:
        raise SettingError(
            f"--definition: {others:,.0f} of {offered:,.0f} callers left the queue neither answered nor hung up, which "
            f"the model does not know, so it cannot tell {definition.key}. Expected one that is not about answered "
            "calls, like all_offered."
        )


def rate_counts(definition: Definition, *, offered: Floats, answered: Floats, lost: Floats, over: Floats) -> RateCounts:
    """Both halves by the definition's own formula; `over` are those of the lost who had waited beyond the threshold."""
    columns = (offered, answered, lost, over, lost - over)
    tally = pl.DataFrame({name: each.ravel() for name, each in zip(KNOWN, columns, strict=True)} | {"open": 0.0})
    found = tally.select(above=definition.rate.numerator, below=definition.rate.denominator)
    return RateCounts(*(found[name].to_numpy().reshape(offered.shape) for name in ("above", "below")))
