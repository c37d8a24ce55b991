"""What every result of the library offers: a frame, plain values and a chart."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl


class Result(ABC):
    """A typed result. Times are in seconds and rates are fractions of one."""

    @abstractmethod
    def to_frame(self) -> pl.DataFrame:
        """The result as a Polars frame; `.to_pandas()` of it gives a pandas one."""

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """The result as plain values: what the command with the same name prints with `--json`."""

    @abstractmethod
    def plot(self) -> Any:
        """The result as an Altair chart. Raises KcasError where there is nothing to show."""
