"""Into which segments do the re-basings on record cut a chart, and where might a person begin one?"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kcas.monitor.rebasing import FEWEST_AFTER, Act


@dataclass(frozen=True)
class Cut:
    """Which points a segment holds, and the re-basing that began it; None: the chart's own beginning."""

    points: slice
    rebased: Act | None = None


def cuts(starts: Sequence[date], *, rebased: Sequence[Act], by: str) -> tuple[list[Cut], list[str]]:
    """The segments of points in order, and in words each re-basing that this chart cannot show.

    A week or month belongs to the segment in which it begins. From the end backwards: whatever begins with fewer than
    twelve points stays with what was before.
    """
    found: list[Cut] = []
    said: list[str] = []
    until = len(starts)
    for act in sorted(rebased, key=lambda act: (act.begins, act.number), reverse=True):
        first = sum(start < act.begins for start in starts)
        if first >= len(starts) or first == 0:
            continue  # the chart lies wholly before or after it
        if until - first < FEWEST_AFTER:
            said.append(
                f"Re-based at {act.begins.day} {act.begins:%B %Y} on record, but not drawn here: {until - first} {by}s "
                f"from there, where at least {FEWEST_AFTER} are needed."
            )
            continue
        found.append(Cut(slice(first, until), act))
        until = first
    found.append(Cut(slice(0, until)))
    return found[::-1], said[::-1]
