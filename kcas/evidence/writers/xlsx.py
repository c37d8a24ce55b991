"""Excel writer (XLSX): text as text, numbers as numbers, each table marked up.

Written with XlsxWriter and not with gptables above it: that reads what it writes, makes a link of "[a](b)" and a note
of "$$a$$", and refuses a cell in which no Latin letter or digit stands.
"""

import io
from textwrap import wrap
from typing import Any

from kcas.evidence.document import Document, Kind
from kcas.evidence.writers.cells import is_numeric, normalised, showable
from kcas.evidence.writers.sheets import Sheet, SheetLine, sheets

OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
INK, LINK, RULE, MODEL, SEEN = "#1B2430", "#1A5F9E", "#4A5565", "#7A3A06", "#14507F"
WIDTHS = (11, 46)  # characters, of a column; wider text is wrapped
COVER = 100
LINE = 15.5  # points
HEIGHTS = {"title": 27, "heading": 30, "mark": 20}
TALLEST, WIDEST = 409, 255
"""Points of a row and characters of a column: Excel has no more. A text in need of a taller row widens its column."""
_ROOM = 0.92
"""The part of a column's width that words fill: letters are wider than digits, and lines break early."""
_POINTS = '+0.0;"\u2212"0.0;0.0'


def write(document: Document) -> bytes:
    """The workbook."""
    from datetime import UTC, datetime

    from xlsxwriter import Workbook

    made = io.BytesIO()
    book = Workbook(made, OPTIONS)
    moment = datetime.fromisoformat(document.made)
    book.set_properties(
        {
            "title": showable(document.title),
            "subject": showable(document.subtitle),
            "author": showable(document.desk),
            "comments": "Model figures are on sheets marked MODEL.",
            "created": moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment,
        }
    )
    formats = _Formats(book)
    for sheet in sheets(document):
        _sheet(book.add_worksheet(sheet.name), sheet, formats)
    book.close()
    return normalised(made.getvalue())


class _Formats:
    """Formats of the workbook, each made once."""

    def __init__(self, book: Any) -> None:
        self._book, self._made = book, dict[str, Any]()

    def __call__(self, **properties: Any) -> Any:
        key = repr(sorted(properties.items()))
        if key not in self._made:
            asked = {"font_name": "Arial", "font_size": 11, "font_color": INK, "valign": "top"} | properties
            self._made[key] = self._book.add_format(asked)
        return self._made[key]


def _sheet(page: Any, sheet: Sheet, formats: _Formats) -> None:
    page.hide_gridlines(2)
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)
    page.set_footer("&C&A, page &P of &N")
    for row, line in enumerate(sheet.lines):
        page.set_row(row, HEIGHTS.get(line.style, LINE * (1 if sheet.headings else _lines(line.text, COVER * 1.2))))
        page.write_string(row, 0, line.text, _line_format(line, sheet, formats))
    if not sheet.headings:
        page.set_column(0, 0, COVER)
        return
    top = len(sheet.lines)
    widths = [column_width(sheet, column) for column in range(len(sheet.kinds))]
    for column, kind in enumerate(sheet.kinds):
        page.set_column(column, column, widths[column])
        _column(page, sheet, column, kind, formats)
    for n, cells in enumerate((sheet.headings, *sheet.rows), top):
        if (lines := max(_lines(cell, width) for cell, width in zip(cells, widths, strict=True))) > 1:
            page.set_row(n, min(LINE * lines, TALLEST))
    page.repeat_rows(top)
    page.add_table(
        top,
        0,
        top + len(sheet.rows),
        len(sheet.headings) - 1,
        {
            "name": sheet.marked,
            "style": None,
            "autofilter": False,
            "banded_rows": False,
            "title": sheet.lines[0].text[:255],
            "description": " ".join(line.text for line in sheet.lines[1:])[:1000],
            "columns": [
                {"header": heading, "header_format": _head_format(kind, formats)}
                for heading, kind in zip(sheet.headings, sheet.kinds, strict=True)
            ],
        },
    )


def _line_format(line: SheetLine, sheet: Sheet, formats: _Formats) -> Any:
    wrapped = {} if sheet.headings else {"text_wrap": True}
    if line.style == "title":
        return formats(bold=True, font_size=16, **wrapped)
    if line.style == "heading":
        return formats(bold=True, font_size=13, valign="bottom", **wrapped)
    if line.style == "mark":
        return formats(bold=True, font_color=SEEN if line.text == "OBSERVED" else MODEL, **wrapped)
    return formats(**wrapped)


def _head_format(kind: Kind, formats: _Formats) -> Any:
    side = "right" if is_numeric(kind) else "left"
    return formats(bold=True, bottom=1, bottom_color=RULE, text_wrap=True, align=side, valign="bottom")


def _lines(cell: str | int | float, width: float) -> int:
    """How many lines a text takes in a column, so that no program has to guess."""
    if not isinstance(cell, str):
        return 1
    room = int(width * _ROOM)
    return sum(1 if len(line) <= room else len(wrap(line, room)) for line in cell.splitlines()) or 1


def column_width(sheet: Sheet, column: int) -> float:
    """Wide enough for what stands in it, within reason."""
    texts = [str(row[column]) if isinstance(row[column], str) else f"{row[column]:,.1f}" for row in sheet.rows]
    words = [word for word in sheet.headings[column].split() if len(word) <= WIDTHS[1]]
    longest = max((len(text) for text in (*texts, *words)), default=0)
    usual = min(max(longest * 1.1 + 2, WIDTHS[0]), WIDTHS[1] + 40 * (len(sheet.headings) < 5 and column == 1))
    lines = TALLEST // LINE - 1
    needed = max((len(text) + WIDTHS[1] * text.count("\n") for text in texts), default=0) / (lines * _ROOM)
    return min(max(usual, needed), WIDEST)


def _column(page: Any, sheet: Sheet, column: int, kind: Kind, formats: _Formats) -> None:
    """The cells of a column: each text written as a text, whatever it looks like."""
    shown = {"num_format": number_format(kind, [row[column] for row in sheet.rows]), "align": "right"}
    side = "right" if is_numeric(kind) else "left"
    for n, row in enumerate(sheet.rows, len(sheet.lines) + 1):
        cell = row[column]
        if not isinstance(cell, str):
            page.write_number(n, column, cell, formats(**shown))
        elif sheet.leads and column == 0:
            page.write_url(n, column, f"internal:'{cell}'!A1", formats(font_color=LINK, underline=1), cell)
        else:
            page.write_string(n, column, cell, formats(align=side, text_wrap=True))


def number_format(kind: Kind, cells: list[Any]) -> str:
    """How a column of numbers is shown: with a decimal where any of them has one."""
    whole = all(cell == int(cell) for cell in cells if not isinstance(cell, str))
    if kind is Kind.SHARE:
        return "0.0%"
    if kind is Kind.POINTS:
        return _POINTS
    if kind in (Kind.COUNT, Kind.SECONDS):
        return "#,##0" if whole else "#,##0.0"
    small = all(abs(cell) < 1 for cell in cells if not isinstance(cell, str))
    return "0" if whole else "0.0000" if small else "0.00"
