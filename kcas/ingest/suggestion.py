"""Suggestion of a mapping for a file that no one has described, with the questions that the file leaves open.

Headings are compared with the synonyms in `words/` and every column's values with what its role needs. What neither
settles is a question, never a guess: without its answer there is no mapping.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from typing import Any

from kcas.errors import LogError
from kcas.ingest import file_rows
from kcas.ingest.above import SaidAbove
from kcas.ingest.column_roles import (
    Column,
    OpenFile,
    Suggestion,
    ask_about_sheets,
    columns_named,
    is_category,
    is_reference,
    normalised,
    rank,
    synonyms,
)
from kcas.ingest.columns import EPOCH
from kcas.ingest.file_rows import (
    BEFORE,
    BLANK,
    EVERY_SHEET,
    HEADER,
    TITLE,
    Layout,
    Row,
    header_of,
    rows_of,
    text_of_cell,
    unmarked_rows,
)
from kcas.ingest.reading import Log
from kcas.ingest.sniffing import Sniffed, sniff
from kcas.ingest.suggested_calls import calls_of_file, roles_by_values
from kcas.ingest.suggested_intervals import intervals_of_file
from kcas.ingest.value_forms import (
    counts,
    moment_form,
)

ROWS_LOOKED_AT = 200_000


def suggest(
    log: Log, *, answers: Mapping[str, str] | None = None, key: str = "suggested", sheet: str = ""
) -> Suggestion:
    """The mapping of a file, or of a workbook's sheet, given answers by topic.

    Raises LogError where it holds no table of calls.
    """
    sniffed = sniff(log, sheet=sheet)
    file = OpenFile([], answers or {}, Suggestion({"key": key, "words": "A file as it was suggested"}))
    file.columns, layout, decimal = table_of(log, _with_every_sheet(file, sniffed))
    file.suggestion.table |= {"decimal": decimal, "file": layout} if decimal else {"file": layout}
    if "columns" in layout:
        file.answers = roles_by_values(file)
        kind = "calls"
    else:
        kind = _kind(file)
    maker = calls_of_file if kind == "calls" else intervals_of_file
    maker(file)
    _leave_out_unused(file.suggestion.table)
    return file.suggestion


def _with_every_sheet(file: OpenFile, sniffed: Sniffed) -> Sniffed:
    """The layout with all sheets of the same columns, where a person says that they are parts of one table."""
    alike = next((doubt.options for doubt in sniffed.unsure if doubt.setting == "sheets"), ())
    if not alike:
        return sniffed
    if not ask_about_sheets(file, alike):
        return sniffed
    return replace(sniffed, layout=replace(sniffed.layout, sheet=EVERY_SHEET, before_header=None))


def table_of(log: Log, sniffed: Sniffed) -> tuple[list[Column], dict[str, Any], str]:
    """The columns of a file with their texts, the table [file] of its mapping, and the sign in its typed numbers."""
    layout = sniffed.layout
    if any(doubt.setting == "columns" for doubt in sniffed.unsure):
        layout = _numbered_columns(log, layout)
    layout = replace(layout, footer=_footers(_rows_of(log, layout)))
    rows = _rows_of(log, layout)
    header = layout.header or header_of([row for row in rows if row.left_out == HEADER][: layout.header_rows])
    if not header or not any(not row.left_out and not row.fault for row in rows):
        raise LogError(f"{log.name}: holds no table with a header and rows.")
    table = _file_table(layout)
    if patterns := _patterns_above(log, rows, layout, header):
        table["above"] = patterns
        layout = _with_above(layout, patterns)
        rows = _rows_of(log, layout)
    whole = [row.cells for row in rows if not row.left_out and not row.fault]
    texts = [[text_of_cell(cell) for cell in cells] for cells in whole]
    once = [name for name, times in Counter(header).items() if times == 1 and name and name not in layout.above]
    columns = [Column(name, tuple(row[header.index(name)] for row in texts)) for name in once]
    said = SaidAbove(log, layout, ()).of_rows(rows) if layout.above else {}
    columns += [Column(name, tuple(found)) for name, found in said.items()]
    if not any((told := moment_form(column.texts)) and told.form.has_day for column in columns):
        titles = [text_of_cell(cell).strip() for row in rows if row.left_out == BEFORE for cell in row.cells]
        columns += _period_above(titles, table, rows=len(texts))
    fractions = any(isinstance(cell, float) and not cell.is_integer() for cells in whole for cell in cells)
    return columns, table, "point" if fractions else ""


def _rows_of(log: Log, layout: Layout) -> list[Row]:
    return list(islice(rows_of(log, layout, used=layout.recognise), ROWS_LOOKED_AT))


def _numbered_columns(log: Log, layout: Layout) -> Layout:
    """The layout of a file without a header, its columns named by their places."""
    widths = Counter(len(row.cells) for row in islice(unmarked_rows(log, layout), ROWS_LOOKED_AT) if not row.left_out)
    width, _ = max(widths.items(), key=lambda item: (item[0] > 1, item[1]), default=(1, 0))
    if width < 2 or layout.kind == "json":
        raise LogError(f"{log.name}: holds no table with a header and rows.")
    return replace(layout, header=tuple(f"column {place}" for place in range(1, width + 1)), before_header=None)


def _with_above(layout: Layout, patterns: Mapping[str, str]) -> Layout:
    return replace(layout, above={name: re.compile(pattern, re.ASCII) for name, pattern in patterns.items()})


def _leave_out_unused(table: dict[str, Any]) -> None:
    """Take what lines above say out of the mapping where it uses no such column."""
    above = table["file"].get("above", {})
    used = repr({key: value for key, value in table.items() if key != "file"})
    table["file"] |= {"above": kept} if (kept := {name: above[name] for name in above if repr(name) in used}) else {}
    if not kept:
        table["file"].pop("above", None)


_OF_DAYS = ("intervals", "day")
_DAY_TEXT = re.compile(r"(?:\d{1,4}[/.\-]\d{1,2}[/.\-]\d{1,4}|\d{1,2}\.? [^\W\d_]+ \d{4})")


def _period_above(titles: Sequence[str], table: dict[str, Any], *, rows: int) -> list[Column]:
    """The day, or the first day of the whole month, that only a line above the header says."""
    lines = [(title, days) for title in titles if 1 <= len(days := _DAY_TEXT.findall(title)) <= 2]
    named = [(title, days) for title, days in lines if normalised(title[: title.index(days[0])]) in synonyms(*_OF_DAYS)]
    lines = named if len(lines) > 1 else lines  # "Printed" and "Generated" say another day
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
    table["above"] = table.get("above", {}) | {name: f"{re.escape(before)}({_pattern(days[0])})"}
    return [Column(name, (*(days[0],) * (rows - 1), days[-1]))]  # the last day may settle the order


def _pattern(day: str) -> str:
    """The pattern of days written like this one."""
    parts = re.findall(r"\d+|[^\W\d_]+|.", day)
    kinds = ("\\d+" if part.isdigit() else "[^\\W\\d_]+" if part.isalpha() else re.escape(part) for part in parts)
    return "".join(kinds)


_LABELLED = re.compile(r"([^\W\d_][\w /]{0,38}?)\s*[:=][\s,;|]*(\S.*?)(?=\s{2,}|[,;|\t]|$)")
_DAY_ALONE = re.compile(rf"(?:[^\W\d_]{{2,13}}\.?,? +)?{_DAY_TEXT.pattern}")
DAY_ABOVE, NAME_ABOVE = "Day above the rows", "Name above the rows"


def _patterns_above(log: Log, rows: Sequence[Row], layout: Layout, header: Sequence[str]) -> dict[str, str]:
    """Columns that only lines above rows say, and their patterns.

    Several tables stand one below the other, or groups of rows below one header, each with its own line above it: the
    queue, or the day. Raises LogError where there are such tables and no line says what each is of.
    """
    marked = [row for row in (_as_title(row, layout, header) for row in rows) if row.left_out != BLANK]
    what = ["row" if not row.left_out and not row.fault else row.left_out for row in marked]
    last = max(at for at, each in enumerate(what) if each == "row")
    titles = [at for at, each in enumerate(what) if each == TITLE and at < last]
    if not titles:
        return _queue_above(log, rows, layout, header)
    tables = any(what[at + 1] == HEADER for at in titles)
    if tables or what[what.index("row") - 1] == TITLE or _LABELLED.match(file_rows.line_of(marked[titles[0]], layout)):
        patterns = _patterns([file_rows.line_of(marked[at], layout) for at in titles])
        found = {name: each for name, each in patterns.items() if _is_said(log, layout, {name: each})}
        above = [file_rows.line_of(row, layout) for row in marked if row.left_out == BEFORE]
        if tables and sum(bool(re.search(found.get(NAME_ABOVE, "$^"), line)) for line in above) > 1:
            found = {}  # which of the lines above the first table names it is not plain
        if found:
            return found
    if tables:
        raise LogError(f"{log.name}: holds several tables one below the other. Save each in a file of its own.")
    return {}


def _as_title(row: Row, layout: Layout, header: Sequence[str]) -> Row:
    """A row, marked where it is a line of text among rows of cells: one cell, or a label with what it says."""
    cells = [text for cell in row.cells if (text := text_of_cell(cell).strip())]
    if row.left_out or not cells or 2 * len(cells) > len(header):
        return row
    titled = len(cells) == 1 or _LABELLED.match(cells[0]) or cells[0].endswith(":")
    return row._replace(left_out=TITLE, fault="") if titled else row


def _patterns(titles: Sequence[str]) -> dict[str, str]:
    """What titles between rows say in one form: behind the same label, as a day, or as a name that stands alone."""
    labels = Counter(found[1].strip() for title in titles for found in _LABELLED.finditer(title))
    if labels:
        most = max(labels.values())
        says = r"\s*[:=][\s,;|]*(\S.*?)(?=\s{2,}|[,;|\t]|$)"
        return {label: re.escape(label) + says for label, times in labels.items() if times == most}
    alone = [title.strip(" ,;|\t") for title in titles]
    if all(_DAY_ALONE.fullmatch(each) for each in alone):
        return {DAY_ABOVE: rf"^\W*({_pattern(alone[0])})\W*$"}
    return {NAME_ABOVE: r"^[\s,;|]*([^,;|:\t]*[^,;|:\s])[\s,;|]*$"}


def _is_said(log: Log, layout: Layout, patterns: Mapping[str, str]) -> bool:
    """Whether a line above every row has that form."""
    layout = _with_above(layout, patterns)
    try:
        SaidAbove(log, layout, ()).of_rows(_rows_of(log, layout))
    except LogError:
        return False
    return True


def _queue_above(log: Log, rows: Sequence[Row], layout: Layout, header: Sequence[str]) -> dict[str, str]:
    """The queue where no column and only a line above the header says it."""
    queues = {*synonyms("intervals", "queue"), *synonyms("calls", "queue")}
    if queues & set(map(normalised, header)):
        return {}
    lines = [file_rows.line_of(row, layout) for row in rows if row.left_out == BEFORE and row.cells]
    said = [(name, each) for line in lines for name, each in _patterns([line]).items() if normalised(name) in queues]
    return dict(said) if len(said) == 1 and _is_said(log, layout, dict(said)) else {}


def _file_table(layout: Layout) -> dict[str, Any]:
    """The table [file]: what differs from what is seen from each file anyway."""
    names = {";": "semicolon", "\t": "tab", "|": "bar", ",": "comma"}
    said_of: dict[str, Any] = {"kind": layout.kind}
    if layout.kind == "delimited":
        said_of |= {"delimiter": names.get(layout.delimiter, layout.delimiter), "encoding": layout.encoding}
    said_of |= {key: each for key in ("sheet", "records", "each") if (each := getattr(layout, key))}
    if layout.header_rows > 1:
        said_of["header_rows"] = layout.header_rows
    if layout.footer:
        said_of["footer"] = list(layout.footer)
    if layout.header:
        said_of["columns"] = list(layout.header)
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
        likely = f" Likely: {question.likeliest}." if question.likeliest else ""
        about = f"{question.words}{likely} ({', '.join(question.options)}) {question.evidence}"
        lines.append(f"# NOT CERTAIN: {_comment(about)}")
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
