"""Lines above rows that say something of them: a queue or a day that no column has, for one table or table by table."""

from collections.abc import Collection, Sequence
from itertools import starmap

from kcas.errors import LogError
from kcas.ingest import file_rows
from kcas.ingest.file_rows import Layout, Row, header_at, records_of
from kcas.ingest.reading import Head, Line, Log, text_of


class SaidAbove:
    """What a file says of rows in the lines above them: those above its header, and further ones between its rows."""

    def __init__(self, log: Log, layout: Layout, used: Collection[str]) -> None:
        of_sheet = file_rows.kind_of(log.head, layout) == "workbook"
        rows = file_rows.beginning_of_sheet(log, layout, used) if of_sheet else beginning_of_text(log.head, layout)
        self.layout, self.name = layout, log.name
        self.said: dict[str, str] = {}
        self._again = set(layout.above)  # columns of which the next line that says them counts
        for row in rows[: header_at(rows, layout, layout.needed(used))]:
            self.take(row)

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
