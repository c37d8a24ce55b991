"""Suggestion of a mapping for a file that no one has described, with the questions that the file leaves open.

Headings are compared with the synonyms in `words/` and every column's values with what its role needs. What neither
settles is a question, never a guess: without its answer there is no mapping.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import islice, pairwise
from typing import Any

from kcas.errors import LogError
from kcas.ingest.column_roles import (
    Column,
    OpenFile,
    Suggestion,
    columns_named,
    is_category,
    is_reference,
    normalised,
    rank,
    synonyms,
)
from kcas.ingest.columns import EPOCH
from kcas.ingest.file_rows import BEFORE, BLANK, HEADER, Row, header_of, rows_of, text_of_cell
from kcas.ingest.reading import Log
from kcas.ingest.sniffing import Sniffed, sniff
from kcas.ingest.suggested_calls import calls_of_file
from kcas.ingest.suggested_intervals import intervals_of_file
from kcas.ingest.value_forms import (
    counts,
    moment_form,
)

ROWS_LOOKED_AT = 200_000


def suggest(log: Log, *, answers: Mapping[str, str] | None = None, key: str = "suggested") -> Suggestion:
    """The mapping of a file, given answers by topic. Raises LogError where it holds no table of calls."""
    sniffed = sniff(log)
    columns, layout = table_of(log, sniffed)
    file = OpenFile(columns, answers or {}, Suggestion({"key": key, "words": "A file as it was suggested"}))
    file.suggestion.table["file"] = layout
    kind = _kind(file)
    maker = calls_of_file if kind == "calls" else intervals_of_file
    maker(file)
    return file.suggestion


def table_of(log: Log, sniffed: Sniffed) -> tuple[list[Column], dict[str, Any]]:
    """The columns of a file with their texts, and the table [file] of its mapping."""
    layout = sniffed.layout
    if any(doubt.setting == "columns" for doubt in sniffed.unsure):
        raise LogError(f"{log.name}: no row looks like a header. Write the mapping by hand, with its columns.")
    rows = list(islice(rows_of(log, layout), ROWS_LOOKED_AT))
    header = header_of([row for row in rows if row.left_out == HEADER][: layout.header_rows])
    data = [row for row in rows if not row.left_out and not row.fault]
    if not header or not data:
        raise LogError(f"{log.name}: holds no table with a header and rows.")
    footer = _footers(rows)
    data = [row for row in data if _first(row) not in footer]
    _refuse_several_tables(rows, name=log.name)
    texts = [[text_of_cell(cell) for cell in row.cells] for row in data]
    columns = [Column(name, tuple(row[place] for row in texts)) for place, name in enumerate(header) if name]
    twice = [name for name, times in Counter(header).items() if times > 1 and name]
    columns = [column for column in columns if column.name not in twice]
    table = _file_table(layout, footer)
    if not any((told := moment_form(column.texts)) and told.form.has_day for column in columns):
        titles = [text_of_cell(cell).strip() for row in rows if row.left_out == BEFORE for cell in row.cells]
        columns += _period_above(titles, table, rows=len(data))
    return columns, table


_DAY_TEXT = re.compile(r"(?:\d{1,4}[/.\-]\d{1,2}[/.\-]\d{1,4}|\d{1,2}\.? [^\W\d_]+ \d{4})")


def _period_above(titles: Sequence[str], table: dict[str, Any], *, rows: int) -> list[Column]:
    """The day, or the first day of the whole month, that only a line above the header says."""
    lines = [(title, days) for title in titles if 1 <= len(days := _DAY_TEXT.findall(title)) <= 2]
    if len(lines) != 1:
        return []
    title, days = lines[0]
    written = moment_form(days)
    if written is None or not written.form.has_day:
        return []
    name = "Day above the header"
    if len(set(days)) == 2:
        name = "Month above the header"
        first, last = (EPOCH + timedelta(microseconds=written.form(day)) for day in days)
        if first.day != 1 or (last + timedelta(days=1)).day != 1 or (last - first).days > 31:
            return []
    before = title[: title.index(days[0])]
    table["above"] = {name: f"{re.escape(before)}({_pattern(days[0])})"}
    return [Column(name, (*(days[0],) * (rows - 1), days[-1]))]  # the last day may settle the order


def _pattern(day: str) -> str:
    """The pattern of days written like this one."""
    parts = re.findall(r"\d+|[^\W\d_]+|.", day)
    kinds = ("\\d+" if part.isdigit() else "[^\\W\\d_]+" if part.isalpha() else re.escape(part) for part in parts)
    return "".join(kinds)


def _refuse_several_tables(rows: Sequence[Row], *, name: str) -> None:
    """Refuse tables one below the other, whose titles say what their rows do not: the queue of each, or its day."""
    below = False
    for before, row in pairwise(rows):
        titled = below and sum(bool(text_of_cell(cell).strip()) for cell in before.cells) == 1
        if row.left_out == HEADER and titled:
            raise LogError(f"{name}: holds several tables one below the other. Save each in a file of its own.")
        below = below or row.left_out == HEADER


def _file_table(layout: Any, footer: Sequence[str]) -> dict[str, Any]:
    """The table [file]: what differs from what is seen from each file anyway."""
    names = {";": "semicolon", "\t": "tab", "|": "bar", ",": "comma"}
    said_of: dict[str, Any] = {"kind": layout.kind}
    if layout.kind == "delimited":
        said_of |= {"delimiter": names.get(layout.delimiter, layout.delimiter), "encoding": layout.encoding}
    said_of |= {key: each for key in ("sheet", "records", "each") if (each := getattr(layout, key))}
    if footer:
        said_of["footer"] = list(footer)
    return said_of


def _footers(rows: Sequence[Row]) -> tuple[str, ...]:
    """The texts that rows of totals and closing lines begin with."""
    labels = {*synonyms("totals", "label"), *synonyms("totals", "closing")}
    around = (row for row in rows if row.left_out not in (BEFORE, HEADER, BLANK) and row.cells)
    return tuple(dict.fromkeys(first for row in around if normalised(first := _first(row)) in labels))


def _first(row: Row) -> str:
    """The first text of a row."""
    return next((text for cell in row.cells if (text := text_of_cell(cell).strip())), "")


def _kind(file: OpenFile) -> str:
    """Calls or intervals, by the columns there are. Raises LogError where they are neither."""
    numbers = {role: columns_named(file, "intervals", role, counts) for role in ("offered", "answered", "abandoned")}
    shares = [each for each in file.columns if rank("intervals", "share", each.name) is not None]
    outcome = columns_named(file, "calls", "outcome", is_category)
    counted = sum(bool(found) for found in numbers.values()) + bool(shares)
    if counted >= 2 and not (outcome and columns_named(file, "calls", "id", is_reference)):
        return "intervals"
    if outcome or columns_named(file, "intervals", "abandoned", is_category):
        return "calls"
    raise LogError(
        "This file has no columns that look like calls with their outcomes, or like calls offered, answered and "
        "abandoned. Bring the list of calls or the interval report of the queues."
    )


def toml_of(suggestion: Suggestion) -> str:
    """The mapping as commented TOML, its open questions and what was taken for certain first."""
    lines = ["# A suggested mapping. Look at it, change what is wrong, and name it."]
    for question in suggestion.questions:
        lines.append(
            f"# NOT CERTAIN: {_comment(question.words)} ({', '.join(question.options)}) {_comment(question.evidence)}"
        )
    lines += [f"# {_comment(note)}" for note in suggestion.notes]
    if suggestion.questions:  # until they are answered, the mapping is not read
        lines.append(f"not_certain = {_value([question.topic for question in suggestion.questions])}")
    tables: list[str] = []
    for key, value in suggestion.table.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            for one in value:
                tables += ["", f"[[{key}]]", *(f"{_name(name)} = {_value(each)}" for name, each in one.items())]
        elif key == "file":
            tables += ["", "[file]", *(f"{_name(name)} = {_value(each)}" for name, each in value.items())]
        else:
            lines.append(f"{_name(key)} = {_value(value)}")
    return "\n".join([*lines, *tables, ""])


def _comment(text: str) -> str:
    """A text that stays in its comment's line."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _name(key: str) -> str:
    """A key, quoted where it must be."""
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _quoted(key)


def _value(value: Any) -> str:
    """A value as TOML writes it."""
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, dict):
        return f"{{ {', '.join(f'{_name(key)} = {_value(each)}' for key, each in value.items())} }}"
    if isinstance(value, list):
        return f"[{', '.join(map(_value, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _quoted(text: str) -> str:
    """A text between quotation marks, every character that means something written out."""
    plain_text = "".join(
        f"\\u{ord(letter):04x}" if not letter.isprintable() else f"\\{letter}" if letter in '"\\' else letter
        for letter in text
    )
    return f'"{plain_text}"'
