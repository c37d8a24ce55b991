"""Sheets of the workbook, the same for Excel and OpenDocument.

By the rules of the Government Analysis Function: a cover, the contents, the notes, then one table to a sheet, marked
as a table, with its title and all that it rests on above it; no cell of it blank or merged, and a shorthand where a
number cannot stand.
"""

from dataclasses import dataclass

from kcas.evidence.document import Cell, Column, Document, Kind, Table
from kcas.evidence.writers.cells import (
    BLANK,
    INVENTED,
    SHEET_UNITS,
    SUITED,
    basis_lines,
    creation_words,
    headings,
    showable,
    table_numbers,
    tag,
    value,
)

_LONGEST = 32_767
"""Characters that a cell of Excel holds, counted in UTF-16. A longer text is cut where it can be seen."""
UNITS = {
    Kind.COUNT: "counts of calls",
    Kind.SHARE: "percentages",
    Kind.POINTS: "percentage points",
    Kind.SECONDS: "seconds",
}


@dataclass(frozen=True)
class SheetLine:
    """A line above a table, or on the cover; the sheet of that name is where it leads."""

    text: str
    style: str = "text"  # title, heading, text, mark


@dataclass(frozen=True)
class Sheet:
    """A sheet with one table, or with lines alone. A name of the first column may lead to the sheet so named."""

    name: str
    lines: tuple[SheetLine, ...]
    marked: str = ""  # the table's name in formulas
    headings: tuple[str, ...] = ()
    kinds: tuple[Kind, ...] = ()
    rows: tuple[tuple[str | int | float, ...], ...] = ()
    leads: bool = False


def sheets(document: Document) -> list[Sheet]:
    """Every sheet, in the order of its tab."""
    return [_cover(document), _contents(document), _notes(document), *_tables(document)]


def _name_of(number: int) -> str:
    """The name of a table's sheet."""
    return f"Table {number}"


def cell_text(text: str) -> str:
    """The text as a cell holds it: nothing blank, nothing too long, one kind of line end."""
    shown = showable(text).replace("\r\n", "\n").replace("\r", "\n") if text.strip() else BLANK
    long = len(shown.encode("utf-16-le")) // 2
    if long <= _LONGEST:
        return shown
    last = f" … [cut: {long:,} characters, more than a cell can hold]"
    return shown.encode("utf-16-le")[: 2 * (_LONGEST - len(last))].decode("utf-16-le", "ignore") + last


def _cover(document: Document) -> Sheet:
    lines = [
        SheetLine(cell_text(document.title), "title"),
        SheetLine(cell_text(document.subtitle)),
        SheetLine(cell_text(document.desk)),
        SheetLine(f"{SUITED[document.public]} Made of the data as at {creation_words(document)}."),
    ]
    if document.invented:
        lines.append(SheetLine(f"Invented. {INVENTED}", "mark"))
    lines += [SheetLine("Summary", "heading"), *(SheetLine(cell_text(sentence)) for sentence in document.sentences)]
    lines += [
        SheetLine("How to read this workbook", "heading"),
        SheetLine(
            "Each table has a sheet of its own; the sheet Contents lists them, and the sheet Notes explains them."
        ),
        SheetLine("Each sheet says whether its figures were observed or come from a model, and by what definition."),
    ]
    if document.shorthands:
        lines.append(SheetLine("Where a number cannot stand", "heading"))
        lines += [SheetLine(f"{mark.value} {cell_text(words)}") for mark, words in document.shorthands]
    return Sheet("Cover", tuple(lines))


def _contents(document: Document) -> Sheet:
    numbers = table_numbers(document)
    rows = tuple(
        (_name_of(numbers[table.key]), cell_text(table.title), tag(table.basis), len(table.rows))
        for table in document.tables
    )
    about = ("Notes", "Notes, and what stands where a number cannot", "Neither", len(_noted(document)))
    return Sheet(
        "Contents",
        (
            SheetLine("Contents", "title"),
            SheetLine("This sheet has one table. The names in its first column lead to the sheets."),
        ),
        "contents",
        ("Sheet", "What it holds", "Observed or model", "Rows"),
        (Kind.TEXT, Kind.TEXT, Kind.TEXT, Kind.COUNT),
        (about, *rows),
        leads=True,
    )


def _noted(document: Document) -> list[tuple[str, str, str]]:
    """Each note with its number and the sheets that it holds for: the report's first, then each table's own."""
    numbers = table_numbers(document)
    every = [(note, "Every table") for note in document.notes]
    own = [(note, _name_of(numbers[table.key])) for table in document.tables for note in table.notes]
    numbered = [(f"[note {n}]", cell_text(note), where) for n, (note, where) in enumerate([*every, *own], 1)]
    return numbered + [(mark.value, cell_text(words), "Every table") for mark, words in document.shorthands]


def _notes(document: Document) -> Sheet:
    rows = tuple(_noted(document)) or (("[z]", "There are no notes.", "Every table"),)
    return Sheet(
        "Notes",
        (
            SheetLine("Notes", "title"),
            SheetLine("This sheet has one table: the notes, and what stands where a number cannot."),
        ),
        "notes",
        ("Note", "What it says", "Holds for"),
        (Kind.TEXT, Kind.TEXT, Kind.TEXT),
        rows,
    )


def _tables(document: Document) -> list[Sheet]:
    sheets, used = [], len(document.notes)
    for number, table in enumerate(document.tables, 1):
        notes = range(used + 1, used + 1 + len(table.notes))
        used += len(table.notes)
        kinds = tuple(column.kind for column in table.columns)
        sheets.append(
            Sheet(
                _name_of(number),
                tuple(_above(table, number, notes)),
                f"table_{number}",
                tuple(headings(table.columns, units=SHEET_UNITS)),
                kinds,
                tuple(_row(row, table.columns) for row in table.rows)
                or (("There are no rows.", *["[z]"] * (len(kinds) - 1)),),
            )
        )
    return sheets


def _above(table: Table, number: int, notes: range) -> list[SheetLine]:
    units = [UNITS[kind] for kind in UNITS if kind in {column.kind for column in table.columns}]
    marks = " ".join(f"[note {n}]" for n in notes)
    return [
        SheetLine(cell_text(f"Table {number}: {table.title} {marks}".strip()), "title"),
        SheetLine(tag(table.basis).upper(), "mark"),
        *(SheetLine(cell_text(f"{name}: {words}")) for name, words in basis_lines(table.basis)),
        SheetLine(f"Units: {', '.join(units) or 'none'}"),
        SheetLine("This sheet has one table. What is written in square brackets is explained on the sheet Notes."),
    ]


def _row(row: tuple[Cell, ...], columns: tuple[Column, ...]) -> tuple[str | int | float, ...]:
    cells = (value(cell, column.kind) for cell, column in zip(row, columns, strict=True))
    return tuple(cell_text(cell) if isinstance(cell, str) else cell for cell in cells)
