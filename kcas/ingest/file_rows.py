"""Rows of cells, with their line numbers, from a file of any kind that a table of calls arrives in.

What stands around the table is named and handed on too: title lines, the header, blank lines, totals and footers. A
cell has the type that the file gives it: a workbook's moments are moments, not texts.
"""

import re
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from collections.abc import Mapping as Table
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import accumulate, islice
from typing import NamedTuple

from kcas.errors import LogError
from kcas.ingest.json_rows import LOOKS_LIKE, json_rows
from kcas.ingest.printed_rows import (
    LOOKS_BOXED,
    LOOKS_LIKE_A_PAGE,
    Printed,
    boxed_rows,
    edges_of,
    fixed_rows,
    page_tables,
)
from kcas.ingest.reading import Head, Line, Log, lines_of
from kcas.ingest.workbook_rows import CellValue, SheetRows, opened_workbook

FILE_KINDS = {
    "delimited": "text with a character between its fields",
    "workbook": "a workbook of a spreadsheet program (.xlsx, .xls, .ods)",
    "json": "JSON: an array, one object a line, or objects run together",
    "page": "a web page with a table, or a workbook in XML, however it is called",
    "boxed": "a table in the box that a database client draws",
    "fixed": "columns of characters, as a terminal prints them",
}
EVERY_SHEET, SHEET = "*", "Sheet"
"""Every sheet of a workbook that has the columns used, and the column that its name is in then."""
HEADER_WITHIN = 60
"""Rows within which a header is looked for; no report has so many title lines."""
MOST_BREAKS = 100
"""Lines that one quoted field may run over."""

BEFORE, HEADER, BLANK, FOOTER = "before the header", "header", "blank line", "total or footer"
TITLE = "title above rows"
CONTINUES = "continues the line above"
NOT_CLOSED = "a quotation mark is not closed"
OPEN = "open"
"""A record whose quotation mark is still open where the lines at hand end."""


@dataclass(frozen=True)
class Layout:
    """How a file is written, whatever its columns mean.

    `kind` is one of `FILE_KINDS`; "" is seen from the file's first bytes. `before_header` counts the
    rows above the header; None looks for the row that holds the columns wanted. Rows that begin with a text of `footer`
    are totals or footers, wherever they stand.
    """

    kind: str = ""
    delimiter: str = ","
    quote: str = '"'
    encoding: str = "utf-8"
    sheet: str = ""  # a workbook's sheet; "" is the first with the columns wanted, "*" every one that has them
    before_header: int | None = None
    header_rows: int = 1  # rows that the header takes; their texts are joined by a space
    header: tuple[str, ...] | None = None  # the columns' names where the file does not hold them
    footer: tuple[str, ...] = ()
    recognise: tuple[str, ...] = ()
    widths: tuple[int, ...] = ()  # of printed columns, in characters; () sees them from the first lines
    records: str = ""  # the keys in a JSON text under which the records are, joined by points
    each: str = ""  # the keys in a record of an array whose every element is a row
    codes: Table[str, frozenset[str]] = field(default_factory=dict)  # column -> every text it may hold
    above: Table[str, re.Pattern[str]] = field(
        default_factory=dict
    )  # column said in lines above rows only -> its pattern
    fill_down: tuple[str, ...] = ()  # columns whose empty cell says what the cell above it says
    optional: tuple[str, ...] = ()  # columns that may not be there: they are empty then
    known_columns: tuple[str, ...] = ()  # every column that the file had when it was described

    def needed(self, used: Collection[str]) -> list[str]:
        """The columns of those used that the header must have."""
        return [column for column in used if column not in self.above and column not in self.optional]


class Row(NamedTuple):
    """One row: its line as an editor or a spreadsheet counts, its cells, and why it is no row of calls, if so.

    `left_out` is the rule by which it is none ("before the header", "header", "blank line", …); `fault` says why it
    cannot be read. The header of a file that has no line for one stands on line 0.
    """

    line: int
    cells: Sequence[CellValue] = ()
    left_out: str = ""
    fault: str = ""


def kind_of(head: Head, layout: Layout) -> str:
    """The kind of file: as the layout says, or as its first bytes show."""
    if layout.kind or head.sheets:
        return layout.kind or "workbook"
    opening = "\n".join([*head.lines[:20], ""])
    sights = (("json", LOOKS_LIKE), ("page", LOOKS_LIKE_A_PAGE), ("boxed", LOOKS_BOXED))
    return next((kind for kind, sight in sights if sight.match(opening)), "delimited")


def rows_of(log: Log, layout: Layout, *, used: Collection[str] = ()) -> Iterator[Row]:
    """Every row of a file in order, those around the table marked; `used` are columns that its header must have.

    Raises LogError where the file is not of that kind, is damaged, or asks more of the machine than it may.
    """
    rows, padded = unmarked_rows(log, layout, used=used), kind_of(log.head, layout) != "delimited"
    return marked(rows, layout, used=used, name=log.name, padded=padded)


def unmarked_rows(log: Log, layout: Layout, *, used: Collection[str] = ()) -> Iterator[Row]:
    """Every row of a file in order, before it is known where its header is."""
    return _READERS[kind_of(log.head, layout)](log, layout, used)


def as_rows(printed: Iterable[Printed]) -> list[Row]:
    return [Row(*each) for each in printed]


def edges_in(texts: Sequence[str], layout: Layout) -> list[int]:
    """Where printed columns begin."""
    return [0, *accumulate(layout.widths[:-1])] if layout.widths else edges_of(texts)


def text_of_cell(cell: CellValue) -> str:
    """A cell as text, in one form for each type: "2026-03-02 09:00:00", "2026-03-02", "09:00:00", "0:03:07", "12.5"."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else f"{Decimal(repr(cell)):f}" if cell == cell else ""
    if isinstance(cell, datetime):
        return cell.isoformat(" ")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return _clocked(cell) if isinstance(cell, timedelta) else str(cell)


def _clocked(duration: timedelta) -> str:
    """A duration as hours, minutes and seconds."""
    sign, duration = ("-", -duration) if duration < timedelta() else ("", duration)
    minutes, seconds = divmod(duration.days * 86_400 + duration.seconds, 60)
    fraction = f".{duration.microseconds:06}".rstrip("0") if duration.microseconds else ""
    return f"{sign}{minutes // 60}:{minutes % 60:02}:{seconds:02}{fraction}"


def names_in(cells: Sequence[CellValue]) -> tuple[str, ...]:
    """The columns' names in the cells of a header; a line break in a name is a space."""
    names = tuple(text_of_cell(cell).strip() for cell in cells)
    return tuple(" ".join(name.split()) if "\n" in name else name for name in names)


def header_of(rows: Sequence[Row]) -> tuple[str, ...]:
    """The columns' names in the rows of a header, one below the other."""
    if len(rows) == 1:
        return names_in(rows[0].cells)
    width = max(len(row.cells) for row in rows)
    levels = [names_in(row.cells) + ("",) * (width - len(row.cells)) for row in rows]
    return tuple(" ".join(filter(None, column)) for column in zip(*levels, strict=True))


def header_at(rows: Sequence[Row], layout: Layout, used: Collection[str]) -> int | None:
    """Which of the first rows the header is; None where none of them holds the columns wanted."""
    if layout.before_header is not None:
        return layout.before_header if layout.before_header < len(rows) else None
    wanted = set(used)
    for at, row in enumerate(rows[:HEADER_WITHIN]):
        readable = row.left_out in ("", HEADER) and not row.fault
        if readable and wanted <= set(header_of(rows[at : at + layout.header_rows])):
            return at
    return None


def marked(rows: Iterator[Row], layout: Layout, *, used: Collection[str], name: str, padded: bool) -> Iterator[Row]:
    """The rows of a table with what stands around it marked. `padded`: a row may have fewer cells than the header."""
    header = layout.header
    if header is None:
        first = list(islice(rows, HEADER_WITHIN + layout.header_rows))
        at = header_at(first, layout, used)
        if at is None:
            raise LogError(f"{name}: {_why_no_header(first, used)}")
        until = at + layout.header_rows
        for row in first[:at]:  # delimited text counts its blank lines above the header among those lines
            yield row if padded and row.left_out else row._replace(left_out=BEFORE, fault="")
        yield from (row._replace(left_out=HEADER) for row in first[at:until])
        header = header_of(first[at:until])
        rows = (row for part in (first[until:], rows) for row in part)
    for row in rows:
        if layout.above and is_title(row, header, layout):
            yield row._replace(left_out=TITLE, fault="")
        else:
            yield row if row.left_out or row.fault else in_table(row, header, layout, padded=padded)


def is_title(row: Row, header: Sequence[str], layout: Layout) -> bool:
    """Whether a row below the header says what the rows after it are of: up to half its cells filled, in that form."""
    if row.left_out or 2 * sum(bool(text_of_cell(cell).strip()) for cell in row.cells) > len(header):
        return False
    line = line_of(row, layout)
    return any(pattern.search(line) for pattern in layout.above.values())


def line_of(row: Row, layout: Layout) -> str:
    """A row as one text."""
    return layout.delimiter.join(map(text_of_cell, row.cells))


def _why_no_header(first: Sequence[Row], used: Collection[str]) -> str:
    """Why none of the first rows is the header. None of their own words: they may be a caller's."""
    if not used:
        return "holds no header."
    best = max((set(names_in(row.cells)) & set(used) for row in first), key=len, default=set())
    there = [f'"{each}"' for each in used if each in best]
    of_them = f"Of the columns expected it has {', '.join(there)}." if there else "It has none of the columns expected."
    absent = next(each for each in used if each not in best)
    return f"has no column {absent!r} in its first rows. {of_them} Is there a header?"


def in_table(row: Row, header: tuple[str, ...], layout: Layout, *, padded: bool) -> Row:
    """A row below the header: as it is, marked as no row of calls, or at fault where its width is wrong."""
    cells = row.cells
    if not any(text_of_cell(cell).strip() for cell in cells):
        return row._replace(left_out=BLANK)
    if is_footer(cells, layout):
        return row._replace(left_out=FOOTER)
    if padded:
        cells = [*cells[: len(header)], *(None for _ in range(len(header) - len(cells)))]
        if any(text_of_cell(cell).strip() for cell in row.cells[len(header) :]):
            return row._replace(fault=f"has {len(row.cells)} fields where {len(header)} were expected")
    if len(cells) != len(header):
        return row._replace(fault=f"has {len(cells)} fields where {len(header)} were expected")
    again = text_of_cell(cells[0]).strip() == header[0] and names_in(cells) == header
    return row._replace(cells=cells, left_out=HEADER if again else "")


def is_footer(cells: Sequence[CellValue], layout: Layout) -> bool:
    """Whether the first cell with text begins as a total or footer does."""
    if not layout.footer:
        return False
    first = next((text for cell in cells if (text := text_of_cell(cell).strip())), "")
    return first.casefold().startswith(tuple(text.casefold() for text in layout.footer))


def fields_of(line: str, layout: Layout) -> list[str] | str:
    """A record's fields, or why it cannot be cut into them."""
    if not layout.quote or layout.quote not in line:
        return line.split(layout.delimiter)
    fields, at, end = [], 0, len(line)
    while at <= end:
        if line[at : at + 1] != layout.quote:
            stop = line.find(layout.delimiter, at)
            stop = end if stop < 0 else stop
            fields.append(line[at:stop])
        else:
            stop = closing(line, at + 1, layout.quote)
            if stop < 0:
                return NOT_CLOSED
            if stop < end and line[stop] != layout.delimiter:
                return "text follows a closing quotation mark"
            fields.append(line[at + 1 : stop - 1].replace(layout.quote * 2, layout.quote))
        at = stop + 1
    return fields


def closing(line: str, at: int, quote: str) -> int:
    """The place after the mark that closes a quoted field, or -1; a doubled mark is part of the text."""
    while (at := line.find(quote, at)) >= 0:
        if line[at + 1 : at + 2] != quote:
            return at + 1
        at += 2
    return -1


def records_of(lines: Iterable[Line], layout: Layout, *, width: int = 0, last: bool = True) -> Iterator[Row]:
    """Lines of delimited text as records; a quoted field may run over several lines (RFC 4180).

    `width` is the number of fields a record must have to be put together from several lines; 0 takes any. Where more
    lines are to come (`last` is false) a record left open ends the rows, marked `OPEN`.
    """
    left, waiting = iter(lines), deque[Line]()
    while line := waiting.popleft() if waiting else next(left, None):
        if line.fault or not (line.text.strip(" ") if layout.delimiter != " " else line.text):
            yield Row(line.number, (), "" if line.fault else BLANK, line.fault)
            continue
        fields = fields_of(line.text, layout)
        if fields == NOT_CLOSED:
            fields, taken = continued(line, left, waiting, layout, width=width)
            if fields == NOT_CLOSED and not last and len(taken) < MOST_BREAKS:
                yield Row(line.number, (), OPEN)
                return
            if isinstance(fields, list):
                yield Row(line.number, fields)
                yield from (Row(more.number, (), CONTINUES) for more in taken)
                continue
            waiting.extendleft(reversed(taken))
            fields = NOT_CLOSED
        yield Row(line.number, fields) if isinstance(fields, list) else Row(line.number, (), "", fields)


def continued(
    line: Line, left: Iterator[Line], waiting: deque[Line], layout: Layout, *, width: int
) -> tuple[list[str] | str, list[Line]]:
    """A record with an open quotation mark put together with the lines after it: its fields, and the lines taken.

    Its fields are `NOT_CLOSED` where no more lines are at hand, and another reason where it is a mark left open: a
    record of the wrong width, or one that would swallow a line that is a record by itself.
    """
    text, taken = line.text, list[Line]()
    while len(taken) < MOST_BREAKS and (more := waiting.popleft() if waiting else next(left, None)):
        taken.append(more)
        if more.fault:
            return more.fault, taken
        quotes = more.text.count(layout.quote)
        if width and quotes % 2 == 0 and len(fields_of(more.text, layout)) == width:
            return "a quotation mark is not closed on its line", taken
        text += "\n" + more.text
        if quotes and (fields := fields_of(text, layout)) != NOT_CLOSED:
            fits = isinstance(fields, list) and width in (0, len(fields))
            return fields if fits else "a quotation mark is not closed on its line", taken
    return NOT_CLOSED, taken


def _delimited(log: Log, layout: Layout, used: Collection[str]) -> Iterator[Row]:
    lines = (line for block in log.blocks(encoding=layout.encoding) for line in lines_of(block))
    return records_of(lines, layout)


def _workbook(log: Log, layout: Layout, used: Collection[str]) -> Iterator[Row]:
    book = None if log.only_head else opened_workbook(log.whole(), name=log.name, limits=log.limits)
    if layout.sheet == EVERY_SHEET:
        sheets = ((name, rows if book is None else book.rows(name)) for name, rows in log.head.sheets)
        return _every_sheet(sheets, [each for each in used if each != SHEET] or layout.recognise)
    sheet = sheet_of(log.head.sheets, layout, used, name=log.name)
    rows = iter(dict(log.head.sheets)[sheet]) if book is None else book.rows(sheet)
    return (Row(number, cells) for number, cells in enumerate(rows, 1))


def _every_sheet(sheets: Iterable[tuple[str, Iterable[Sequence[CellValue]]]], wanted: Collection[str]) -> Iterator[Row]:
    """The rows of every sheet that has the columns wanted, with its name in a last column, counted on from the first.

    Of the sheets after the first only those with its header, in its order, are the same table.
    """
    lines, header = 0, tuple[str, ...]()
    for name, cells in sheets:
        rows = numbered(cells)
        at = header_at(rows, Layout(), wanted)
        here = () if at is None else names_in(rows[at].cells)
        if at is None or (header and here != header):
            continue
        for row in rows:
            left_out = BEFORE if header and row.line <= at else ""
            label = SHEET if row.line == at + 1 else name
            yield Row(lines + row.line, _with_last(row.cells, label, width=len(here)), left_out)
        lines, header = lines + len(rows), here


def _with_last(cells: Sequence[CellValue], last: str, *, width: int) -> Sequence[CellValue]:
    """A row's cells with one more at its end; an empty row, and one that is too wide, as they are."""
    filled = [bool(text_of_cell(cell).strip()) for cell in cells]
    if not any(filled) or any(filled[width:]):
        return cells
    return [*cells[:width], *(None for _ in range(width - len(cells))), last]


def sheet_of(sheets: Sequence[SheetRows], layout: Layout, used: Collection[str], *, name: str) -> str:
    """The sheet by its name, or the first that has the header. Raises LogError where there is no such sheet."""
    if layout.sheet and layout.sheet != EVERY_SHEET:
        named = [sheet for sheet, _ in sheets if sheet.strip().casefold() == layout.sheet.strip().casefold()]
        if not named:
            raise LogError(f"{name}: has no sheet of the name that the mapping gives, among its {len(sheets)}.")
        return named[0]
    holding = [
        sheet for sheet, rows in sheets if header_at(numbered(rows), layout, used or layout.recognise) is not None
    ]
    filled = [sheet for sheet, rows in sheets if rows]
    if not filled:
        raise LogError(f"{name}: the workbook is empty.")
    return holding[0] if holding and (used or layout.recognise) else filled[0]


def numbered(rows: Iterable[Sequence[CellValue]]) -> list[Row]:
    """The first rows of a sheet with their numbers."""
    return [Row(number, cells) for number, cells in enumerate(rows, 1)]


def _json(log: Log, layout: Layout, used: Collection[str]) -> Iterator[Row]:
    chunks = iter(["\n".join([*log.head.lines, ""])]) if log.only_head else log.texts(encoding=layout.encoding)
    header, rows = json_rows(
        chunks, path=layout.records, each=layout.each, used=used, name=log.name, cut_off=log.only_head
    )
    yield Row(0, header, HEADER)
    yield from (Row(line, cells, "", fault) for line, cells, fault in rows)


def _page(log: Log, layout: Layout, used: Collection[str]) -> Iterator[Row]:
    text = "\n".join(log.head.lines) if log.only_head else "".join(log.texts(encoding=layout.encoding))
    tables = [as_rows(table) for table in page_tables(text, name=log.name)]
    holding = [table for table in tables if header_at(table, layout, used) is not None] if used else []
    yield from holding[0] if holding else max(tables, key=len)


def _printed(log: Log, layout: Layout, used: Collection[str]) -> Iterator[Row]:
    lines = (line for block in log.blocks(encoding=layout.encoding) for line in lines_of(block))
    boxed = kind_of(log.head, layout) == "boxed"
    printed = boxed_rows(lines) if boxed else fixed_rows(lines, edges_in(log.head.text(layout.encoding), layout))
    return (Row(*each) for each in printed)


_READERS: dict[str, Callable[[Log, Layout, Collection[str]], Iterator[Row]]] = {
    "delimited": _delimited, "workbook": _workbook, "json": _json, "page": _page, "boxed": _printed, "fixed": _printed,
}  # fmt: skip
