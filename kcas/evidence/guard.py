"""Protection of a count: shown, suppressed, or rounded to five."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kcas.evidence.disclosure import Key, rounded


@dataclass(frozen=True)
class Guard:
    """What may be shown of each count: itself, nothing, or itself to the nearest five."""

    shut: frozenset[Key] = frozenset()
    to_five: bool = False

    def __call__(self, number: int | None, key: Key) -> int | None:
        """The count as it may be shown; None where it may not or is not known."""
        if number is None or key in self.shut:
            return None
        return rounded(number) if self.to_five else number

    @property
    def keeps_back(self) -> bool:
        """Whether anything may not be shown as it is."""
        return self.to_five or bool(self.shut)

    def shuts(self, key: Key) -> bool:
        """Whether a count is known and not shown."""
        return key in self.shut


def number_of(row: Mapping[str, Any], quantity: str) -> int | None:
    """A count of a row of measures; None where the log does not tell it."""
    if quantity == "otherwise":
        parts = [row["offered"], row["answered"], row["abandoned_all"]]
        if any(part is None for part in parts):
            return None
        rest = int(parts[0] - parts[1] - parts[2] - (row["open"] or 0))
        return rest if rest >= 0 else None
    value = row[quantity.removeprefix("outcome ")]
    return None if value is None else int(value)
