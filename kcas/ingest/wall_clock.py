"""Local times as UTC, across changes of the clock.

The only place where local time becomes UTC. In autumn an hour comes twice and in spring one is missing; such rows
are flagged, whatever is decided for them.

    wall   00:00  01:00  01:30  01:59 │ 01:00  01:30  01:59  02:00      October: the second pass is told
    pass              first           │        second                  by the file's own order, or not at all
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from kcas.errors import SettingError

REPEATED, SKIPPED = "repeated hour", "skipped hour"
SECOND = 1_000_000
JITTER = 15 * 60 * SECOND
"""Logs written as calls end are a little out of order; a step back of more than this is a clock put back."""

Moments = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Change:
    """One move of a zone's clock: at `moment` (UTC) the offset goes from `before` to `after`. Microseconds."""

    moment: int
    before: int
    after: int

    @property
    def uncertain(self) -> tuple[int, int]:
        """The stretch of wall clock that comes twice, or never."""
        return self.moment + min(self.before, self.after), self.moment + max(self.before, self.after)


@dataclass
class Order:
    """What a file's order has told so far: state that lives while its rows go by."""

    repeated: str = "order"  # which pass is meant: "first", "second", or as the file's own "order" proves
    rising: bool = True
    last: int | None = None
    peak: int = 0  # the latest wall clock in the repeated hour now going by
    now: Change | None = None
    second: bool = False


def zone_named(name: str, *, where: str) -> ZoneInfo:
    """The zone of that name. Raises SettingError where there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise SettingError(f'{where}: {name!r} is not a time zone. Expected a name like "Europe/London".') from None


@lru_cache(maxsize=1024)
def changes_in(zone: str, year: int) -> tuple[int, tuple[Change, ...]]:
    """The zone's offset as the year begins in UTC, and the changes within it."""
    clock = ZoneInfo(zone)
    start = datetime(year, 1, 1, tzinfo=UTC)
    found, before = [], offset_at(start, clock)
    for day in range(367):
        end = start + timedelta(days=day)
        if (after := offset_at(end, clock)) != before:
            found.append(Change(turning_point(end - timedelta(days=1), end, clock), before, after))
            before = after
    begins = [change for change in found if datetime.fromtimestamp(change.moment / SECOND, UTC).year == year]
    return offset_at(start, clock), tuple(begins)


def offset_at(moment: datetime, clock: ZoneInfo) -> int:
    """The zone's offset from UTC at a moment."""
    offset = moment.astimezone(clock).utcoffset() or timedelta()
    return offset // timedelta(microseconds=1)


def turning_point(before: datetime, after: datetime, clock: ZoneInfo) -> int:
    """The second at which the offset changes between two moments."""
    was = offset_at(before, clock)
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0) if middle.replace(microsecond=0) > before else middle
        before, after = (middle, after) if offset_at(middle, clock) == was else (before, middle)
    return int(after.replace(microsecond=0).timestamp()) * SECOND


@lru_cache(maxsize=256)
def changes_between(zone: str, first: int, last: int) -> tuple[int, tuple[Change, ...]]:
    """The zone's offset as the first year begins, and the changes through the last year."""
    years = [changes_in(zone, year) for year in range(first, last + 1)]
    return years[0][0], tuple(change for _, changes in years for change in changes)


def to_utc(wall: Moments, *, zone: str, order: Order | None = None) -> tuple[Moments, np.ndarray[Any, Any]]:
    """Wall-clock microseconds as UTC, and for each why it was not certain, or "".

    The first pass of a repeated hour is taken unless `order` knows better; a time that never was is moved forward by
    the gap.
    """
    flags = np.full(len(wall), "", dtype="<U13")
    if not len(wall):
        return wall, flags
    begins, ends = (int(end) // SECOND for end in (wall.min(), wall.max()))
    first, last = (datetime.fromtimestamp(end, UTC).year for end in (begins, ends))
    offset, changes = changes_between(zone, first - 1, last + 1)
    offsets = np.array([offset, *(change.after for change in changes)], dtype=np.int64)
    highs = np.array([change.uncertain[1] for change in changes], dtype=np.int64)
    utc = wall - offsets[np.searchsorted(highs, wall, side="right")]
    repeated = np.full(len(wall), -1)
    for number, change in enumerate(changes):
        low, high = change.uncertain
        inside = (wall >= low) & (wall < high)
        flags[inside] = REPEATED if change.after < change.before else SKIPPED
        if change.after < change.before:
            repeated[inside] = number
    if order is not None:
        again = second_pass(wall, repeated=repeated, changes=changes, order=order)
        utc[again] = wall[again] - offsets[repeated[again] + 1]
    return utc, flags


def second_pass(
    wall: Moments, *, repeated: Moments, changes: tuple[Change, ...], order: Order
) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which rows are in the second pass of a repeated hour: as told, or where rows in order go back within it."""
    again = repeated >= 0
    if order.repeated == "second":
        return again
    before = np.concatenate([wall[:1] if order.last is None else [order.last], wall[:-1]])
    back = before - wall > JITTER
    order.last = int(wall[-1])
    told = np.zeros(len(wall), dtype=np.bool_)
    for row in np.flatnonzero(back | again):
        if order.repeated == "first" or not order.rising:
            break
        change = changes[repeated[row]] if again[row] else None
        told[row] = turned(int(wall[row]), back=bool(back[row]), change=change, order=order)
    return told


def turned(wall: int, *, back: bool, change: Change | None, order: Order) -> bool:
    """Whether a row is in the second pass, after what the rows before it told."""
    if change is None:
        order.rising = not back
        return False
    if change != order.now:
        order.now, order.second, order.peak = change, False, wall
        order.rising = not back
    elif order.peak - wall > JITTER and not order.second:
        order.second = True
    elif back:
        order.rising = False
    order.peak = max(order.peak, wall)
    return order.second and order.rising
