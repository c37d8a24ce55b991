"""Patience of callers, as a pack may show it."""

import math

from kcas.evidence import cells
from kcas.evidence.document import Basis, Cell, Column, Kind, Table
from kcas.evidence.facts import Facts
from kcas.evidence.guard import Guard
from kcas.evidence.protected_counts import PATIENCE, READ_AT
from kcas.reporting.tables import FEW

HOW = (
    "Giving up is the event; an answer, or any other way out, only says that the caller was prepared to wait so long "
    "(Kaplan–Meier, 95% log-log interval)."
)
BEYOND = "Beyond the longest wait seen nothing is known, and [x] stands there; so it does where fewer than 20 gave up."
WHOLE_PERCENT = (
    "Shares are rounded to a whole percent, their intervals outwards, and end where fewer than 20 were still waiting, "
    "so that no single caller can be read off the curve."
)


def patience_table(*, facts: Facts, guard: Guard, basis: Basis) -> Table:
    """How many callers would still be waiting after so long, had no one answered."""
    columns = (Column("After waiting"), Column("Would still wait", Kind.SHARE),
               Column("Low (95%)", Kind.SHARE), Column("High (95%)", Kind.SHARE))  # fmt: skip
    rows = tuple((f"{at} s", *reading(at, facts=facts, guard=guard)) for at in READ_AT)
    notes = (HOW, BEYOND, *([WHOLE_PERCENT] if facts.asked.public else []))
    return Table("patience", "Caller patience", columns, rows, basis, notes, inline=False)


def reading(at: float, *, facts: Facts, guard: Guard) -> tuple[Cell, Cell, Cell]:
    """The curve at one wait, with its interval."""
    curve, public = facts.patience.curve, facts.asked.public
    if facts.patience.abandoned < FEW or at > curve.at[-1]:
        return (cells.NOT_AVAILABLE,) * 3
    waiting = curve.at_risk[curve.at > at]
    few = public and (waiting[0] if waiting.size else 0) < FEW
    if few or guard.to_five or guard.shuts((PATIENCE, f"{at} s", "gone")):  # from the share follows how many gave up
        return (cells.CONFIDENTIAL,) * 3
    if not (curve.at <= at).any():
        return cells.share(1.0), cells.NOT_APPLICABLE, cells.NOT_APPLICABLE
    place = int((curve.at <= at).sum()) - 1
    low, high = curve.interval()
    share, ends = float(curve.remaining[place]), (float(low[place]), float(high[place]))
    if any(end != end for end in ends):  # where the curve is zero, it has no interval
        return cells.share(share), cells.NOT_AVAILABLE, cells.NOT_AVAILABLE
    if not public:
        return cells.share(share), cells.share(ends[0]), cells.share(ends[1])
    return (
        cells.share(round(share, 2)),
        cells.share(math.floor(100 * ends[0]) / 100),
        cells.share(math.ceil(100 * ends[1]) / 100),
    )
