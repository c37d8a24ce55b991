"""Moments of a file's rows: which columns say them, in what form, and what the rows' order shows of it.

A day may stand only in the first of its rows, and a clock may have twelve hours without AM and PM: the order of the
rows settles both, or a person does.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from kcas.errors import LogError
from kcas.ingest.column_roles import OWN_ZONE, Column, OpenFile, Question, column_of, columns_named, rank
from kcas.ingest.columns import Unreadable
from kcas.ingest.value_forms import ORDERS, MomentForm, moment_form


def entry_of_rows(file: OpenFile, kind: str) -> dict[str, Any]:
    """Where a row's moment stands. Raises LogError where no column has one."""
    whole = _take_moment(file, kind)
    if whole:
        return whole
    day = column_of(file, kind, "day", lambda texts: tells(texts, day=True, clock=False))
    clock = column_of(file, kind, "clock", lambda texts: tells(texts, day=False, clock=True))
    if not day:
        raise LogError("This file has no column with the date and time of its rows that can be read.")
    day = _without_gaps(file, "day", day)
    day_form = form_of_column(file, day)
    if not clock:
        if kind == "calls":
            raise LogError("This file has dates and no times of day.")
        return {"column": day.name, "format": day_form[0]}
    clock = _without_gaps(file, "clock", clock)
    written = moment_form(clock.texts)
    assert written is not None  # noqa: S101 (it was chosen by that)
    told = {"column": clock.name, "format": written.form.text, "day": day.name, "day_format": day_form[0]}
    return told | ({"range": written.range} if written.range else {}) | _halves(file, kind, clock, day.texts)


def _take_moment(file: OpenFile, kind: str) -> dict[str, Any] | None:
    """The column with a day and a time, by its heading, or because it is the only one."""
    column = column_of(file, kind, "moment", lambda texts: tells(texts, day=True, clock=True))
    if column is None:
        alone = [each for each in file.columns if tells(each.texts, day=True, clock=True)]
        column = alone[0] if len(alone) == 1 and not _only_later(alone[0]) else None
    if column is None:
        return None
    column = _without_gaps(file, "moment", column)
    written, marked_as = form_of_column(file, column)
    days = [_CLOCK.split(text)[0] for text in column.texts]
    said = {"column": column.name, "format": written} | ({"range": marked_as} if marked_as else {})
    return said | _halves(file, kind, column, days)


def _without_gaps(file: OpenFile, role: str, column: Column) -> Column:
    """The column of a moment, filled down where only the first of its rows has it. Raises LogError for other gaps."""
    file.roles[role] = column
    empty = sum(not text.strip() for text in column.texts)
    if empty <= len(column.texts) / 20:
        return column
    if not is_printed_at_changes(column):
        raise LogError(
            f"{column.name!r} is empty in {empty:,} of {len(column.texts):,} rows. Export the report with the date "
            "in every row."
        )
    return filled_down(file, role, column)


def is_printed_at_changes(column: Column) -> bool:
    """Whether a column has a text in its first row, and then only where that changes."""
    said = [text.strip() for text in column.texts if text.strip()]
    return bool(said) and bool(column.texts[0].strip()) and all(one != after for one, after in pairwise(said))


def filled_down(file: OpenFile, role: str, column: Column) -> Column:
    """The column with the text above in its empty cells, and the mapping that fills it so."""
    texts: list[str] = []
    for text in column.texts:
        texts.append(text if text.strip() or not texts else texts[-1])
    whole = Column(column.name, tuple(texts))
    file.columns[file.columns.index(column)] = file.roles[role] = whole
    file.suggestion.table["file"].setdefault("fill_down", []).append(column.name)
    file.note(f"An empty cell of {column.name} says what the cell above it says.")
    return whole


def _only_later(column: Column) -> bool:
    """Whether a column's heading says that it is the moment of an answer or an end."""
    return any(rank("calls", role, column.name) is not None for role in ("answered_at", "ended_at"))


def tells(texts: Sequence[str], *, day: bool, clock: bool) -> bool:
    """Whether a column's moments tell their day and their time of day."""
    written = moment_form(texts)
    if written is None:
        return False
    told = written.form
    has_clock = not told.parts or any(part.tells == "hour" for part in told.parts)
    return told.has_day == day and has_clock == clock


def form_of_column(file: OpenFile, column: Column) -> tuple[str, str]:
    """The form of a column's days, and a range's mark; the order of day and month is asked where both are possible."""
    written = moment_form(column.texts)
    assert written is not None  # noqa: S101 (it was chosen by that)
    order = next(iter(written.by_order))
    if len(written.by_order) > 1:
        order = file.ask(_about_order(column, written))
        order = order if order in written.by_order else next(iter(written.by_order))
    return written.by_order[order], written.range


def _about_order(column: Column, written: MomentForm) -> Question:
    options = tuple(order for order in ORDERS if order in written.by_order)
    return Question(
        "date_order", f"Which comes first in the dates of {column.name!r}?", options,
        f"No day is above the 12th: {column.words[0]!r} may be either.",
    )  # fmt: skip


def queue_filled_down(file: OpenFile, column: Column | None) -> Column | None:
    """A column of queues, filled down where each stands only in the first of its rows; asked where they may have none.

    It is certain where times rise within each queue's rows and fall where the next queue stands.
    """
    empty = sum(not text.strip() for text in column.texts) if column else 0
    if column is None or not is_printed_at_changes(column) or empty <= len(column.texts) / 20:
        return column
    moments = _moments(file)
    starts = [bool(text.strip()) for text in column.texts][1:]
    falls = [after < before for before, after in pairwise(moments)]
    if falls != starts:
        about = f"{empty:,} cells of {column.name!r} are empty. Do they say the same as the cell above?"
        evidence = f"it is filled in {len(column.texts) - empty:,} rows, never twice the same in succession"
        if file.ask(Question(f"empty:{column.name}", about, ("the same as above", "no queue"), evidence)) == "no queue":
            return column
    return filled_down(file, "queue", column)


def _moments(file: OpenFile) -> list[int]:
    """The moments of the rows, by the columns found for them; none where a cell cannot be read."""
    columns = [file.roles[role] for role in ("moment", "day", "clock") if role in file.roles]
    forms = [moment_form(column.texts) for column in columns]
    try:
        read = [
            [each.form(text.split(each.range)[0] if each.range else text) for text in column.texts]
            for column, each in zip(columns, forms, strict=True)
            if each
        ]
    except Unreadable:
        return []
    return [sum(parts) for parts in zip(*read, strict=True)]


_CLOCK = re.compile(r"(?<![\d:/.\-])(\d{1,2})[:.](\d\d)(?!\d*[/.\-]\d)")
_HALVES = re.compile(r"\d ?[ap]\.? ?m", re.IGNORECASE)
_FEW_HOURS = 6
"""Hours from 1 to 12, and none later: with fewer of them a log may be of one morning."""
_ENOUGH = 20
"""Rows that follow another of their day: were they in no order, one in a million files would look as if they were."""


def _halves(file: OpenFile, kind: str, column: Column, days: Sequence[str]) -> dict[str, int]:
    """Which hours of a 12-hour clock without AM and PM are after noon, where the times show such a clock.

    Times that fall from 12 to 1 within a day, and rise otherwise, prove it. Raises LogError where no hour is free of
    calls, so that no half can start there.
    """
    written, shown = moment_form(column.texts), [_CLOCK.search(text) for text in column.texts]
    hours = {int(found[1]) for found in shown if found}
    if not written or written.form.is_utc or not hours or max(hours) > 12 or min(hours) < 1 or min(hours) > 6:
        return {}
    if any(_HALVES.search(text) for text in column.words):
        return {}
    start = _first_hour(hours)
    rows = [(day, int(found[1]) * 60 + int(found[2])) for day, found in zip(days, shown, strict=True) if found]
    queue = next(iter(columns_named(file, kind, "queue", bool)), None)
    of = queue.texts if queue and len(rows) == len(shown) else [""] * len(rows)
    compared, falls = _falls(rows, of)
    _, falls_then = _falls([(day, minute + 720 * (minute // 60 < start)) for day, minute in rows], of)
    if falls and not falls_then and compared >= _ENOUGH:
        file.note(f"The times of {column.name} are of a 12-hour clock: those before {start}:00 are after noon.")
        return {"afternoon_before": start}
    if len(hours) < _FEW_HOURS:
        return {}
    if len(hours) == 12:
        raise LogError(
            f"The times in {column.name!r} run from 1 to 12 without AM and PM. Export them on a 24-hour clock."
        )
    options = (f"afternoon before {start}", "24-hour clock")
    about = f"The times in {column.name!r} run from 1 to 12 without AM and PM. How are they meant?"
    answer = file.ask(Question("clock_halves", about, options, "their order does not show it"))
    return {"afternoon_before": start} if answer == options[0] else {}


def _first_hour(hours: set[int]) -> int:
    """The hour after the longest stretch of a twelve-hour clock without any of these hours."""
    free = {hour: next(gap for gap in range(12) if (hour - gap - 2) % 12 + 1 in hours) for hour in sorted(hours)}
    return max(free, key=lambda hour: free[hour])


def _falls(rows: Sequence[tuple[str, int]], queues: Sequence[str]) -> tuple[int, int]:
    """How many rows follow another of their queue and day, and how many of these have an earlier time."""
    last: dict[str, tuple[str, int]] = {}
    compared = falls = 0
    for (day, minute), queue in zip(rows, queues, strict=True):
        before = last.get(queue)
        if before and before[0] == day:
            compared += 1
            falls += minute < before[1]
        last[queue] = (day, minute)
    return compared, falls


def set_zone(file: OpenFile, written: str, name: str) -> None:
    """The zone that a heading names."""
    if "ZZZ" in written or "+hh" in written or written.startswith("epoch"):
        return
    if re.search(r"\b(UTC|GMT)\b", name):
        file.suggestion.table["zone"] = "UTC"
    elif "f]" in written and re.search(r"[a-z][A-Z]|_", name):  # a database's own column: many hold UTC
        about = f"In which time zone are the times of {name!r}?"
        zone = file.ask(Question("zone", about, (OWN_ZONE, "UTC"), "they come from a database, without an offset"))
        if zone != OWN_ZONE:
            file.suggestion.table["zone"] = zone
