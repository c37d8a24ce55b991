"""What happened before the queue, and after giving up: the menu's length and losses, and callers who ring again."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from kcas.calls.call import LOST, OFFERED
from kcas.calls.proportion import wilson
from kcas.simulation.calibrate.patience_seen import told

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
    again: Counted | None  # rang again the same day, of those who gave up and are known
    delay: float | None  # median time until they did


def before_the_queue(calls: pl.LazyFrame, *, zone: str) -> BeforeTheQueue:
    """From the calls of all outcomes."""
    day = pl.col("entered").dt.convert_time_zone(zone).dt.date()
    found = calls.select("outcome", "menu", "caller", "entered", day=day).collect(engine="streaming")
    offered = found.filter(pl.col("outcome").is_in(OFFERED)).height
    left = found.filter(pl.col("outcome") == "left_ivr").height
    menu = found.filter(pl.col("menu").is_between(0, LONGEST_MENU, closed="right"))["menu"].to_numpy()
    again, delay = rang_again(found)
    return BeforeTheQueue(
        left=Counted(left, left + offered),
        blocked=found.filter(pl.col("outcome") == "blocked").height,
        menu_mean=float(menu.mean()) if menu.size else None,
        menu_cv=float(max(menu.std() / menu.mean(), 0.05)) if menu.size else 1.0,
        menu_calls=int(menu.size),
        again=again,
        delay=delay,
    )


def rang_again(found: pl.DataFrame) -> tuple[Counted | None, float | None]:
    """Of the calls given up whose caller is known, how many were followed by another that day, and how soon."""
    known = found.filter(pl.col("caller").is_not_null()).sort("caller", "entered")
    later = (pl.col("entered").shift(-1) - pl.col("entered")).over("caller", "day").dt.total_seconds()
    gave_up = known.with_columns(later=later).filter(pl.col("outcome").is_in(LOST))
    if gave_up.height == 0:
        return None, None
    delays = gave_up["later"].drop_nulls().to_numpy()
    return Counted(int(delays.size), gave_up.height), float(np.median(delays)) if delays.size else None


def redial_lines(found: BeforeTheQueue) -> list[str]:
    """Comment lines that say what to do to have redials simulated; nothing is in use as it stands."""
    if found.again is None or found.delay is None:
        return ["# Redials: the log keeps no tokens of callers, so who rang again cannot be told."]
    said = (
        f"Redials: {found.again.words} calls given up by a known caller were followed by another of that caller on the "
        f"same day, half of them within {told(found.delay)}. They are counted among the calls above. To simulate "
        "them as redials, lower calls_per_day by as many and take the marks away:"
    )
    return [
        *comment(said),
        "# [redials]",
        f'# after_abandoning = "{found.again.share:.1%}"',
        f'# delay = {{ law = "log-logistic", median = "{told(found.delay)}", shape = 1.5 }}',
    ]


def comment(words: str) -> list[str]:
    """A sentence as comment lines of a scenario file."""
    import textwrap

    return [f"# {line}" for line in textwrap.wrap(words, WIDTH)]
