"""What happened before the queue, and after giving up: the menu's length and losses, and callers who ring again."""

from dataclasses import dataclass

import polars as pl

from kcas.calibration.redials import RedialsSeen, redials_seen
from kcas.calls.call import OFFERED
from kcas.calls.proportion import wilson

LONGEST_MENU = 600.0
WIDTH = 116


@dataclass(frozen=True)
class Counted:
    """So many of so many."""

    count: int
    of: int

    @property
    def share(self) -> float:
        """The share; nought of none."""
        return self.count / self.of if self.of else 0.0

    @property
    def words(self) -> str:
        """The share with its interval and its halves."""
        low, high = wilson(self.count, self.of) if self.of else (0.0, 1.0)
        return f"{self.share:.1%} ({low:.1%} to {high:.1%}): {self.count:,} of {self.of:,}"


@dataclass(frozen=True)
class BeforeTheQueue:
    """The menu, where the log has one; and redials, where it keeps tokens of callers."""

    left: Counted  # hung up in the menu, of all who reached it
    blocked: int
    menu_mean: float | None
    menu_cv: float
    menu_calls: int
    again: RedialsSeen | None


def before_the_queue(calls: pl.LazyFrame, *, zone: str) -> BeforeTheQueue:
    """From the calls of all outcomes."""
    found = calls.select("outcome", "menu").collect(engine="streaming")
    offered = found.filter(pl.col("outcome").is_in(OFFERED)).height
    left = found.filter(pl.col("outcome") == "left_ivr").height
    menu = found.filter(pl.col("menu").is_between(0, LONGEST_MENU, closed="right"))["menu"].to_numpy()
    return BeforeTheQueue(
        left=Counted(left, left + offered),
        blocked=found.filter(pl.col("outcome") == "blocked").height,
        menu_mean=float(menu.mean()) if menu.size else None,
        menu_cv=float(max(menu.std() / menu.mean(), 0.05)) if menu.size else 1.0,
        menu_calls=int(menu.size),
        again=redials_seen(calls, zone=zone),
    )


def comment(words: str) -> list[str]:
    """A sentence as comment lines of a scenario file."""
    import textwrap

    return [f"# {line}" for line in textwrap.wrap(words, WIDTH)]
