"""What every result of the library offers: a frame, plain values and a chart."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

Steps = Callable[[int, int], None] | None
"""A function that is given the steps done and the steps in all."""
ESTIMATE = ("mean", "low", "high", "sd")


class Result(ABC):
    """A typed result. Times are in seconds and rates are fractions of one."""

    @abstractmethod
    def to_frame(self) -> pl.DataFrame:
        """The result as a Polars frame; `.to_pandas()` of it gives a pandas one."""

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """The result as plain values that JSON knows: what the command with the same name prints with `--json`."""

    @abstractmethod
    def plot(self) -> Any:
        """The result as an Altair chart. Raises KcasError where there is nothing to show."""


def plain(value: Any) -> Any:
    """A value as JSON knows it: dates and times in ISO 8601, no NaN."""
    if isinstance(value, float):  # first what there is most of
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return value.isoformat() if isinstance(value, date) else value


def plain_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """A document as JSON knows it."""
    return {str(key): plain(inner) for key, inner in values.items()}
