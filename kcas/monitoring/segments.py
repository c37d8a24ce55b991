"""Segments of a chart between recalculations of its limits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kcas.desk.change_log import Action
from kcas.monitoring.rebasing import FEWEST_AFTER, Act


@dataclass(frozen=True)
class Recalculation:
    """Limits recalculated from the day of recorded actions, and the run of points that confirms a shift there."""

    day: date
    actions: tuple[Action, ...]
    higher: bool
    run_from: date
    run: int  # points in a row

    @property
    def begins(self) -> date:
        """The first day of the new limits."""
        return self.day


@dataclass(frozen=True)
class SegmentRange:
    """Which points a segment holds, and what began it; neither: the chart's own beginning."""

    points: slice
    rebased: Act | None = None
    recalculated: Recalculation | None = None


def cuts(
    starts: Sequence[date], *, rebased: Sequence[Act], recalculated: Sequence[Recalculation] = (), by: str
) -> tuple[list[SegmentRange], list[str]]:
    """The segments of points in order, and in words each re-basing that this chart cannot show.

    A week or month belongs to the segment in which it begins. From the end backwards: whatever begins with fewer than
    twelve points stays with what was before.
    """
    found: list[SegmentRange] = []
    said: list[str] = []
    until = len(starts)
    acts: list[Act | Recalculation] = [*sorted(rebased, key=lambda act: act.number, reverse=True), *recalculated]
    for act in sorted(acts, key=lambda act: act.begins, reverse=True):
        first = sum(start < act.begins for start in starts)
        if first >= len(starts) or first == 0:
            continue  # the chart lies wholly before or after it
        if isinstance(act, Recalculation):
            found.append(SegmentRange(slice(first, until), recalculated=act))
            until = first
            continue
        if until - first < FEWEST_AFTER:
            said.append(
                f"Re-based at {act.begins.day} {act.begins:%B %Y} on record, but not drawn here: {until - first} {by}s "
                f"from there, where at least {FEWEST_AFTER} are needed."
            )
            continue
        found.append(SegmentRange(slice(first, until), act))
        until = first
    found.append(SegmentRange(slice(0, until)))
    return found[::-1], said[::-1]
