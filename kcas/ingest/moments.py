"""Local times as UTC, across changes of the clock, and columns of moments read at once.

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
import pyarrow as pa
import pyarrow.compute

from kcas.errors import SettingError
from kcas.ingest.columns import MISSING, Array, Unreadable, each_once, rows_at_fault
from kcas.ingest.moment_forms import DAY, MINUTE, PIVOT, SECOND, Form

REPEATED, SKIPPED = "repeated hour", "skipped hour"
JITTER = 15 * 60 * SECOND
"""Logs written as calls end are a little out of order; a step back of more than this is a clock put back."""

Moments = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class _Change:
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
    now: _Change | None = None
    second: bool = False


def zone_named(name: str, *, where: str) -> ZoneInfo:
    """The zone of that name. Raises SettingError where there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise SettingError(f'{where}: {name!r} is not a time zone. Expected a name like "Europe/London".') from None


@lru_cache(maxsize=1024)
def changes_in(zone: str, year: int) -> tuple[int, tuple[_Change, ...]]:
    """The zone's offset as the year begins in UTC, and the changes within it."""
    clock = ZoneInfo(zone)
    start = datetime(year, 1, 1, tzinfo=UTC)
    found, before = [], offset_at(start, clock)
    for day in range(367):
        end = start + timedelta(days=day)
        if (after := offset_at(end, clock)) != before:
            found.append(_Change(turning_point(end - timedelta(days=1), end, clock), before, after))
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
def changes_between(zone: str, first: int, last: int) -> tuple[int, tuple[_Change, ...]]:
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
    wall: Moments, *, repeated: Moments, changes: tuple[_Change, ...], order: Order
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


def turned(wall: int, *, back: bool, change: _Change | None, order: Order) -> bool:
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


def moments(texts: pa.Array, written: Form) -> tuple[Array, dict[int, str]]:
    """A column of moments (MISSING where at fault), and why rows are at fault."""
    if written.fixed and not pa.types.is_dictionary(texts.type):
        return of_fixed_width(texts, written)
    values, codes, faults = each_once(texts, written)
    known = np.array([MISSING if value is None else value for value in values], dtype=np.int64)
    return known[codes] if len(known) else np.empty(0, np.int64), rows_at_fault(codes, faults)


def of_fixed_width(texts: pa.Array, written: Form) -> tuple[Array, dict[int, str]]:
    """The same, reading all rows' digits at once; a row that is not plainly right is left to the parser."""
    width = sum(len(part.text) for part in written.parts)
    found = np.full(len(texts), MISSING, dtype=np.int64)
    fits = pa.compute.equal(pa.compute.binary_length(texts), width)
    rows = np.flatnonzero(fits.to_numpy(zero_copy_only=False))
    if len(rows):
        fitting = texts if len(rows) == len(texts) else texts.filter(fits)
        ends = np.frombuffer(fitting.buffers()[1], np.int32)[fitting.offset : fitting.offset + 2]
        letters = np.frombuffer(fitting.buffers()[2], np.uint8)[ends[0] : ends[0] + len(rows) * width]
        found[rows] = read_at_once(letters.reshape(len(rows), width), written)
    faults = {}
    for row in np.flatnonzero(found == MISSING):
        try:
            found[row] = written(texts[int(row)].as_py())
        except Unreadable as reason:
            faults[int(row)] = str(reason)
    return found, faults


def read_at_once(letters: Array, written: Form) -> Array:
    """Microseconds of rows of equal width, MISSING where a letter or a part is out of place."""
    said: dict[str, Array] = {}
    right = np.ones(len(letters), dtype=np.bool_)
    at = 0
    for part in written.parts:
        columns = letters[:, at : at + len(part.text)]
        at += len(part.text)
        if part.tells is None:
            right &= (columns == np.frombuffer(part.text.encode(), np.uint8)).all(axis=1)
            continue
        digits = columns - np.uint8(ord("0"))
        right &= (digits <= 9).all(axis=1)
        said[part.tells] = digits @ (10 ** np.arange(len(part.text) - 1, -1, -1, dtype=np.int64))
        if part.tells == "fraction":
            said[part.tells] *= 10 ** (6 - len(part.text))
        if part.text == "YY":
            said["year"] += np.where(said["year"] >= PIVOT, 1900, 2000)
    micros = put_together(said, count=len(letters))
    return np.where(right & (micros != MISSING), micros - (written.offset or 0) * MINUTE, MISSING)


def put_together(said: dict[str, Array], *, count: int) -> Array:
    """Microseconds from the parts, MISSING where a part is out of its range."""

    def part(tells: str, otherwise: int) -> Array:
        return said.get(tells, np.full(count, otherwise, dtype=np.int64))

    month, day = (part("year", 1970) - 1970) * 12 + part("month", 1) - 1, part("day", 1)
    starts = month.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    length = (month + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) - starts
    hour, minute, second = part("hour", 0), part("minute", 0), part("second", 0)
    right = (part("month", 1) >= 1) & (part("month", 1) <= 12) & (day >= 1) & (day <= length)
    right &= (hour < 24) & (minute < 60) & (second < 60) & (part("year", 1970) >= 1)
    micros = (starts + day - 1) * DAY + ((hour * 60 + minute) * 60 + second) * SECOND + part("fraction", 0)
    return np.where(right, micros, MISSING)
