"""Suggestion of a mapping for a table whose rows are a queue's intervals."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from kcas.errors import LogError
from kcas.ingest.column_roles import (
    Column,
    OpenFile,
    Question,
    column_of,
    queue_of,
    rank,
    set_queue,
    unit_of_column,
    unknown_words,
)
from kcas.ingest.suggested_moments import entry_of_rows, queue_filled_down, set_zone
from kcas.ingest.value_forms import (
    counts,
    decimal_sign,
    duration_form,
    percentage_places,
)


def intervals_of_file(file: OpenFile) -> None:
    """A mapping whose rows are a queue's intervals."""
    table = file.suggestion.table
    table["kind"] = "intervals"
    amounts = _amounts(file)
    start = entry_of_rows(file, "intervals")
    set_queue(file, queue_filled_down(file, queue_of(file, "intervals")))
    set_zone(file, start["format"], start["column"])
    table["start"], table["length"] = start, _length(file, start)
    table["amount"] = amounts


def _amounts(file: OpenFile) -> list[dict[str, Any]]:
    """The measures of an interval table."""
    found = {role: column_of(file, "intervals", role, counts) for role in ("offered", "answered", "abandoned")}
    if not found["answered"]:
        found["answered"] = _asked_answered(file)
    told = [{"column": column.name, "measure": _MEASURES[role]} for role, column in found.items() if column]
    if not found["abandoned"]:
        told.append(_abandoned_otherwise(file, found["offered"], found["answered"]))
    elif found["offered"] and found["answered"]:
        _check_sums(file, found["offered"], found["answered"], found["abandoned"])
    elif found["answered"]:
        told += _offered_otherwise(file, found["answered"], found["abandoned"])
    signs = {decimal_sign(column.texts) for column in found.values() if column} - {""}
    if len(signs) == 1:
        file.suggestion.table.setdefault("decimal", signs.pop())
    for role, measure, base in (("asa", "wait_answered", "answered"), ("ata", "wait_abandoned", "abandoned")):
        column, of = column_of(file, "intervals", role, lambda texts: duration_form("", texts) is not None), found[base]
        if column and of:
            written = unit_of_column(file, column)
            told.append(
                {"column": column.name, "measure": measure, "format": written.format, "times": of.name}
                | unknown_words(column)
            )
    if "asa" not in file.roles and (
        total := column_of(file, "intervals", "wait", lambda texts: duration_form("", texts) is not None)
    ):
        told.append({"column": total.name, "measure": "wait_answered", "format": _unit_of_total(file, total, found)})
    return told


def _are_percentages(texts: Sequence[str]) -> bool:
    return percentage_places(texts) is not None


def _count(text: str) -> int:
    """A count as printed, as a number: 1,000 and 1.000 are a thousand, 12.0 is twelve."""
    return int(re.sub(r"[.,]0{1,2}$|\D", "", text) or 0)


_LONG_MEAN = 600
"""A mean wait in seconds that could also be one in milliseconds: below it, calls would be answered in half a second."""


def _unit_of_total(file: OpenFile, total: Column, counts_of: Mapping[str, Column | None]) -> str:
    """The form of a total of waits: seconds where they come to a likely mean, whatever the size of the total."""
    answered, written = counts_of["answered"], duration_form(total.name, total.texts)
    if answered and written and written.options == ("ms", "s") and not written.decimal:
        calls, seconds = sum(map(_count, answered.texts)), sum(map(_count, total.texts))
        if calls and 1 <= seconds / calls <= _LONG_MEAN:
            return "s"
    return unit_of_column(file, total).format


def _asked_answered(file: OpenFile) -> Column | None:
    """The column that a person names as the answered calls, where one of those left over may be it."""
    taken = {id(each) for each in file.roles.values()}
    left = [each for each in file.columns if id(each) not in taken and counts(each.texts)]
    left = [each for each in left if not any(rank("intervals", role, each.name) is not None for role in _NO_COUNTS)]
    if not left:
        return None
    options = (*(each.name for each in left), "none")
    name = file.ask(Question("column:answered", "Which column counts the answered calls?", options))
    return next((each for each in left if each.name == name), None)


_NO_COUNTS = ("asa", "ata", "aht", "wait", "share", "service_level", "moment", "clock", "day", "end")


_MEASURES = {"offered": "offered", "answered": "answered", "abandoned": "abandoned_total"}


def _abandoned_otherwise(file: OpenFile, offered: Column | None, answered: Column | None) -> dict[str, Any]:
    """Abandoned calls where no column counts them: by their share, or as the difference that a person confirms."""
    column = column_of(file, "intervals", "share", _are_percentages) or column_of(
        file, "intervals", "abandoned", _are_percentages
    )
    if column and offered:
        most = max(map(_count, offered.texts))
        if most * 0.5 * 10.0 ** -(percentage_places(column.texts) or 0) / 100 >= 0.5:
            raise LogError(
                f"Abandoned calls stand only as percentages in {column.name!r}, too coarse for their number. "
                "Bring a report that counts them."
            )
        return {"column": column.name, "measure": "abandoned_total", "percent_of": offered.name}
    if not offered or not answered:
        raise LogError("This table has no column of abandoned calls, and none to work them out from.")
    options = ("offered less answered", "not known")
    about = "No column counts abandoned calls. Were all calls that were not answered abandoned?"
    answer = file.ask(Question("abandoned", about, options, f"{offered.name} and {answered.name} are counted"))
    if answer != options[0]:
        raise LogError("Without abandoned calls there is no rate. Bring a report that counts them.")
    return {"column": offered.name, "less": answered.name, "measure": "abandoned_total"}


def _offered_otherwise(file: OpenFile, answered: Column, abandoned: Column) -> list[dict[str, Any]]:
    """Calls offered where no column counts them: the sum of what became of them, if a person says that it is all."""
    passed_on = column_of(file, "intervals", "overflowed", counts)
    parts = [answered.name, abandoned.name, *([passed_on.name] if passed_on else [])]
    whole = "answered plus abandoned" + (" plus flow out" if passed_on else "")
    about = f"No column counts the calls offered. Are they all in {', '.join(parts)}?"
    answer = file.ask(Question("offered", about, (whole, "not known"), "calls cut off or turned away may be in none"))
    flow = [{"column": passed_on.name, "measure": "overflowed"}] if passed_on else []
    return flow + ([{"column": parts, "measure": "offered"}] if answer == whole else [])


def _check_sums(file: OpenFile, offered: Column, answered: Column, abandoned: Column) -> None:
    """Ask which column is meant where more calls are answered and abandoned than were offered."""
    rows = [[_count(text) for text in row] for row in zip(offered.texts, answered.texts, abandoned.texts, strict=True)]
    over = sum(some[1] + some[2] > some[0] for some in rows)
    if over > len(rows) / 4:
        about = (
            f"In {over:,} of {len(rows):,} rows more calls were answered and abandoned than offered. Which is right?"
        )
        name = file.ask(Question("column:offered", about, (offered.name, "none"), f"{over:,} rows"))
        if name == "none":
            file.suggestion.notes.append("The calls offered are those answered and abandoned.")


def _length(file: OpenFile, start: Mapping[str, Any]) -> Any:
    """How long an interval is: as its range says, or the smallest step between two."""
    if start.get("range"):
        return "range"
    if start["column"].endswith("above the header"):
        return "month" if start["column"].startswith("Month") else "day"
    columns = {column.name: column for column in file.columns}
    steps, has_clock = _steps(columns, start)
    if has_clock:
        minutes = min(steps, default=0)
        if minutes in (15, 30, 60):
            return f"{minutes} min"
    elif "D" not in start["format"]:
        return "month"
    elif steps and min(steps) == 1440:
        return "day"
    elif steps and all(step % 10080 == 0 for step in steps):
        return "week"
    elif steps and min(steps) >= 28 * 1440:
        return "month"
    options = {
        "half-hour": "30 min",
        "hour": "60 min",
        "quarter-hour": "15 min",
        "day": "day",
        "week": "week",
        "month": "month",
    }
    evidence = f"the smallest step between two is {min(steps, default=0):,} minutes"
    length = options.get(file.ask(Question("length", "How long is an interval?", tuple(options), evidence)), "day")
    if not has_clock and length.endswith(" min") and "length" in file.answers:
        raise LogError("This table has days and no times of day that can be read, so its intervals cannot be so short.")
    return length


def _steps(columns: Mapping[str, Column], start: Mapping[str, Any]) -> tuple[set[int], bool]:
    """The steps between intervals in minutes, and whether they tell a time of day."""
    from kcas.ingest.moment_forms import MINUTE, form

    read = form(start["format"], where="a column")
    has_clock = not read.parts or any(part.tells == "hour" for part in read.parts)
    moments = sorted({read(text) // MINUTE for text in columns[start["column"]].words})
    return {second - first for first, second in pairwise(moments)} - {0}, has_clock
