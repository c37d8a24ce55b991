"""Tables that were printed: in columns of characters, in the box a database client draws, or as a web page.

Each is read as rows of cells with the line on which they stand. Many suppliers write a web page, or a workbook in XML,
and call it `.xls`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from html.parser import HTMLParser
from typing import NamedTuple

from kcas.errors import LogError
from kcas.ingest.workbook_rows import CellValue, duration_or_moment

LOOKS_LIKE_A_PAGE = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?<[?!]?(?:mso-application|doctype html|html|head|meta|style|table|body|workbook)\b", re.I
)
LOOKS_BOXED = re.compile(r"(?:[^\n]*\n){0,6}?\s*(?:\+-{2,}[-+]*\+|┌─[─┬]*┐|-+(?:\+-+)+\s*\n)")
LOOKS_FIXED = re.compile(r"(?:[^\n]*\n){0,12}?[ \t]*(?:-{2,}|={2,})(?:[ \t]+(?:-{2,}|={2,}))+[ \t]*\r?\n")
"""A rule of dashes under each column's heading."""
FRAME = frozenset("+-=|:─━│┼├┤┌┐└┘┬┴═║╔╗╚╝╠╣╦╩╬ \t")
GAP = 2
"""Blank characters between columns: a single one may be in a text."""
FRAME_LINE, OUTSIDE = "a line of the frame", "outside the table"
MOST_ROWS = 2_000_000


class Printed(NamedTuple):
    """One line of a printed table: its number, its cells, and why it is no row, if so."""

    line: int
    cells: Sequence[CellValue]
    left_out: str = ""
    fault: str = ""


def boxed_rows(lines: Iterable[tuple[int, str, str]]) -> Iterator[Printed]:
    """The rows of a table in a box: fields between bars, frames left out, and so is what stands below the table."""
    begun = False
    for number, line, fault in lines:
        text = line.strip().replace("│", "|").replace("║", "|")
        if fault or not text:
            yield Printed(number, (), "" if fault else "blank line", fault)
        elif set(text) <= FRAME and set(text) & set("-─═━="):
            yield Printed(number, (), FRAME_LINE)
        elif "|" in text:
            begun = True
            inner = text[1:-1] if text.startswith("|") and text.endswith("|") and len(text) > 1 else text
            yield Printed(number, [cell.strip() for cell in inner.split("|")])
        else:
            yield Printed(number, [text], OUTSIDE if begun else "")


def fixed_rows(lines: Iterable[tuple[int, str, str]], edges: Sequence[int]) -> Iterator[Printed]:
    """The rows of a table in columns of characters; `edges` are the places where columns begin."""
    spans = list(zip(edges, [*edges[1:], None], strict=True))
    for number, line, fault in lines:
        if fault or not line.strip():
            yield Printed(number, (), "" if fault else "blank line", fault)
        elif set(line.strip()) <= FRAME:
            yield Printed(number, (), FRAME_LINE)
        else:
            torn = [at for at in edges[1:] if line[at - 1 : at].strip() and line[at : at + 1].strip()]
            cells = [line.strip()] if torn else [line[begin:end].strip() for begin, end in spans]
            yield Printed(number, cells, "", "a text runs across two columns" if torn else "")


def edges_of(lines: Sequence[str]) -> list[int]:
    """Where the columns of printed lines begin: at the dashes of a rule, or after the gaps that no line fills."""
    for line in lines:
        if re.fullmatch(r"\s*(?:-{2,}|={2,})(?:\s+(?:-{2,}|={2,}))+\s*", line):
            return [0, *(found.start() for found in re.finditer(r"[-=]+", line) if found.start())]
    table = [line for line in lines if len(re.findall(rf"\S {{{GAP},}}(?=\S)", line.rstrip())) >= 2]
    width = max(map(len, table), default=0)
    blank = [all(line[at : at + 1] in ("", " ") for line in table) for at in range(width)]
    begins = [at for at in range(GAP, width) if not blank[at] and all(blank[at - GAP : at])]
    return [0, *begins]


class PageTables(HTMLParser):
    """State that lives while a web page or a workbook in XML is read: the row and the cell that are open."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[Printed]] = []
        self._cells: list[CellValue] | None = None
        self._text: list[str] | None = None
        self._span, self._line, self._kind, self._hidden = 1, 1, "", 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A table, row or cell begins."""
        said = {name: value or "" for name, value in attrs}
        if tag in ("style", "script", "title"):
            self._hidden += 1
        elif tag in ("table", "worksheet"):
            self._end_row()
            self.tables.append([])
        elif tag in ("tr", "row"):
            self._end_row()
            self._cells, self._line = [], self.getpos()[0]
        elif tag in ("td", "th", "cell") and self._cells is not None:
            self._end_cell()
            ahead = int(said["ss:index"]) - 1 - len(self._cells) if said.get("ss:index", "").isdecimal() else 0
            self._cells += [None] * min(max(0, ahead), 1000)
            self._text, self._kind = [], ""
            self._span = min(int(said["colspan"]), 1000) if said.get("colspan", "").isdecimal() else 1
        elif tag == "data":
            self._kind = said.get("ss:type", "")
        elif tag in ("br", "p", "div") and self._text:
            self._text.append(" ")

    def handle_endtag(self, tag: str) -> None:
        """A row or cell ends."""
        if tag in ("style", "script", "title"):
            self._hidden = max(0, self._hidden - 1)
        elif tag in ("td", "th", "cell"):
            self._end_cell()
        elif tag in ("tr", "row", "table", "worksheet"):
            self._end_row()

    def handle_data(self, data: str) -> None:
        """Text of the open cell, or between tables."""
        if self._text is not None and not self._hidden:
            self._text.append(data)

    def _end_cell(self) -> None:
        if self._text is None or self._cells is None:
            return
        text = " ".join("".join(self._text).split())
        self._cells += [_typed(text, self._kind), *[None] * (self._span - 1)]
        self._text = None

    def _end_row(self) -> None:
        self._end_cell()
        if self._cells is not None:
            if not self.tables:
                self.tables.append([])
            self.tables[-1].append(Printed(self._line, self._cells))
            self._cells = None


def _typed(text: str, kind: str) -> CellValue:
    """A cell of a workbook in XML with its type."""
    with suppress(ValueError):
        if kind == "Number":
            return float(text)
        if kind == "DateTime":
            return duration_or_moment(datetime.fromisoformat(text).replace(tzinfo=None))
    return text or None


def page_tables(page: str, *, name: str) -> list[list[Printed]]:
    """The tables of a page, each with its rows. Raises LogError where there is none, or one is endless."""
    if re.search(r"<!ENTITY", page[: 1 << 16], re.I):
        raise LogError(f"{name}: a page that declares XML entities. Not kept.")
    parser = PageTables()
    parser.feed(page)
    parser.close()
    tables = [table for table in parser.tables if table]
    if not tables:
        raise LogError(f"{name}: a web page without a table.")
    if max(map(len, tables)) > MOST_ROWS:
        raise LogError(f"{name}: a page of over {MOST_ROWS:,} rows. Not kept.")
    return tables
