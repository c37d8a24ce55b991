"""Beginnings of files: the header that a format is recognised by, and what the lines above rows say of them.

A queue or a day that no column has may stand above a table, or above each of several tables and groups of rows.
"""

from collections.abc import Collection, Sequence
from itertools import starmap

from kcas.errors import LogError
from kcas.ingest import file_rows
from kcas.ingest.file_rows import (
    EVERY_SHEET,
    SHEET,
    Layout,
    Row,
    as_rows,
    edges_in,
    header_at,
    numbered,
    records_of,
    sheet_of,
)
from kcas.ingest.json_rows import columns_there
from kcas.ingest.printed_rows import boxed_rows, fixed_rows, page_tables
from kcas.ingest.reading import Head, Line, Log, text_of


class SaidAbove:
    """What a file says of rows in the lines above them: those above its header, and further ones between its rows."""

    def __init__(self, log: Log, layout: Layout, used: Collection[str]) -> None:
        of_sheet = file_rows.kind_of(log.head, layout) == "workbook"
        rows = beginning_of_sheet(log, layout, used) if of_sheet else beginning_of_text(log.head, layout)
        self.layout, self.name = layout, log.name
        self.said: dict[str, str] = {}
        self._again = set(layout.above)  # columns of which the next line that says them counts
        for row in rows[: header_at(rows, layout, layout.needed(used))]:
            self.take(row)
        self._again = set(layout.above)  # a line between the header and the first row says it of those rows

    def take(self, row: Row) -> None:
        """Take what a line says; of several lines above the same rows the first counts."""
        line = file_rows.line_of(row, self.layout)
        for column in sorted(self._again):
            if match := self.layout.above[column].search(line):
                self.said[column] = match[1].strip().rstrip(self.layout.delimiter)
                self._again.discard(column)

    def of_rows(self, rows: Sequence[Row]) -> dict[str, list[str]]:
        """What is said of each whole row, by column. Raises LogError where nothing is."""
        found: dict[str, list[str]] = {column: [] for column in self.layout.above}
        for row in rows:
            if row.left_out == file_rows.TITLE:
                self.take(row)
            elif not row.left_out and not row.fault:
                self._again = set(self.layout.above)
                for column, texts in found.items():
                    if column not in self.said:
                        raise LogError(
                            f"{self.name}: no line above line {row.line:,} says the {column!r} that the mapping looks "
                            "for there."
                        )
                    texts.append(self.said[column])
        return found


def beginning_of_text(head: Head, layout: Layout) -> list[Row]:
    """The first rows of delimited text, as its beginning shows them."""
    lines = [text_of(raw if head.encoding else raw.decode(layout.encoding, "replace").encode()) for raw in head.raw]
    return list(records_of(starmap(Line, ((at, *line) for at, line in enumerate(lines, 1))), layout))


def has_columns(head: Head, kind: str, layout: Layout, wanted: Collection[str]) -> bool:
    """Whether the beginning of a file that is no delimited text holds the columns wanted."""
    if bool(head.sheets) != (kind == "workbook"):
        return False
    if kind == "json":
        text = "\n".join([*head.text(layout.encoding), ""])
        return columns_there(text, path=layout.records, each=layout.each, wanted=wanted) == list(wanted)
    columns = [each for each in wanted if each != SHEET]
    return any(header_at(rows, layout, columns) is not None for rows in tables_at(head, kind, layout))


def tables_at(head: Head, kind: str, layout: Layout) -> list[list[Row]]:
    """The first rows of each table of a file that is no delimited text; none where it cannot be cut."""
    try:
        found = _beginning(head, kind, layout)
    except LogError:
        return []
    return [rows for name, rows in found if layout.sheet in ("", EVERY_SHEET, name)]


def _beginning(head: Head, kind: str, layout: Layout) -> list[tuple[str, list[Row]]]:
    """The first rows of each table of a file."""
    if kind == "workbook":
        return [(name, numbered(rows)) for name, rows in head.sheets]
    texts = head.text(layout.encoding)
    if kind == "page":
        return [("", as_rows(table)) for table in page_tables("\n".join(texts), name="")]
    lines = (Line(number, text, "") for number, text in enumerate(texts, 1))
    printed = boxed_rows(lines) if kind == "boxed" else fixed_rows(lines, edges_in(texts, layout))
    return [("", as_rows(printed))]


def beginning_of_sheet(log: Log, layout: Layout, used: Collection[str]) -> list[Row]:
    """The first rows of the sheet that the layout means."""
    return numbered(dict(log.head.sheets)[sheet_of(log.head.sheets, layout, used, name=log.name)])
