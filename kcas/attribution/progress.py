"""Progress of an attribution, counted in evaluations of the model."""

from collections.abc import Callable
from dataclasses import dataclass

A_FIT = 5000
"""Mixed days that take as long as one fit of a month or two."""


@dataclass
class Steps:
    """What is done, of how much; told as it goes on."""

    of: int
    told: Callable[[int, int], None] | None = None
    done: int = 0

    def add(self, many: int) -> None:
        """So many more are done."""
        self.done += many
        if self.told:
            self.told(self.done, self.of)
