"""Table cells: a figure, or the shorthand for why there is none.

Shares and means are rounded here, last, so that two machines that differ in a sixteenth digit write the same bytes.
"""

from collections.abc import Sequence

from kcas.calls.proportion import wilson
from kcas.evidence.document import Cell, Shorthand
from kcas.evidence.facts import Facts, Group
from kcas.evidence.guard import Guard, number_of
from kcas.monitoring.between_days import between_days
from kcas.reporting.tables import FEW

CONFIDENTIAL, NOT_AVAILABLE, NOT_APPLICABLE = Shorthand.CONFIDENTIAL, Shorthand.NOT_AVAILABLE, Shorthand.NOT_APPLICABLE


def share(value: float | None) -> Cell:
    """A share of one, or a difference of shares."""
    return NOT_AVAILABLE if value is None else round(float(value), 6) + 0.0


def seconds(value: float | None, *, places: int = 1) -> Cell:
    """A time in seconds."""
    return NOT_AVAILABLE if value is None else round(float(value), places) + 0.0


def number(value: float | None) -> Cell:
    """A count that may be a mean."""
    return NOT_AVAILABLE if value is None else round(float(value), 3) + 0.0


def text(value: object) -> Cell:
    """Words; where there are none, that."""
    return str(value) if value not in (None, "") else NOT_AVAILABLE


def count(group: Group, quantity: str, *, grouping: str, guard: Guard) -> Cell:
    """A count of a group, as it may be shown."""
    key = (grouping, group.name, quantity)
    if guard.shuts(key):
        return CONFIDENTIAL
    found = guard(number_of(group.row, quantity), key)
    return NOT_AVAILABLE if found is None else found


def rate(numerator: Cell, denominator: Cell) -> tuple[Cell, Cell, Cell]:
    """A rate and its interval from the two counts that stand beside it; none of fewer than FEW calls."""
    if CONFIDENTIAL in (numerator, denominator):
        return CONFIDENTIAL, CONFIDENTIAL, CONFIDENTIAL
    if not isinstance(numerator, int) or not isinstance(denominator, int):
        return NOT_AVAILABLE, NOT_AVAILABLE, NOT_AVAILABLE
    if denominator < FEW or not 0 <= numerator <= denominator:
        return NOT_AVAILABLE, NOT_AVAILABLE, NOT_AVAILABLE
    low, high = wilson(numerator, denominator)
    return share(numerator / denominator), share(low), share(high)


def between_days_cell(group: Group, *, facts: Facts, guard: Guard) -> tuple[float, float] | None:
    """The interval of a period's rate between its days, to a tenth of a percent; none where counts are rounded.

    It is of the counts as they are, and from both its ends the rate of rounded ones could be had back.
    """
    days = [day for day in facts.days if group.first and group.until and group.first <= day.start < group.until]
    found = None if guard.to_five else between_days(days)
    return (round(found[0], 3), round(found[1], 3)) if found else None


def time(group: Group, measure: str, *, of: str, grouping: str, guard: Guard, public: bool) -> Cell:
    """A wait of a group's calls; in a public pack to the second, and none of fewer than FEW calls or a hidden count."""
    found = group.row[measure]
    if not public:
        return seconds(found)
    calls = number_of(group.row, of)
    if calls is None or found is None:
        return NOT_AVAILABLE
    return CONFIDENTIAL if calls < FEW or guard.shuts((grouping, group.name, of)) else seconds(found, places=0)


def in_use(rows: Sequence[Sequence[Cell]]) -> set[Shorthand]:
    """The shorthands in these rows."""
    return {cell for row in rows for cell in row if isinstance(cell, Shorthand)}
