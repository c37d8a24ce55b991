"""Writing of cells: words on a page, numbers in a spreadsheet, and marks for characters that a format cannot hold.

What stands beside each table and figure, in every kind of file alike: its number, its mark and its basis.

Zipped formats (DOCX, XLSX, ODS) with the same bytes on every run.

Entries stand in one order, bear one moment and are stored as they are: two builds of zlib may squeeze the same text
into different bytes.
"""

import io
import math
import re
import unicodedata
import zipfile
from datetime import datetime

from kcas.evidence.document import Basis, Cell, Column, Document, Figure, Kind, Table
from kcas.reporting import words

NO_CHARACTER = "\ufffd"
SHOWN_BY_CODE = "characters that the typeface of this file does not have are shown by their code, such as [U+1F600]"

_PICTURES = {code: 0x2400 + code for code in range(0x20) if chr(code) not in "\t\n\r"} | {0x7F: 0x2421}
_NONE = re.compile("[\x80-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")  # and the last two of each plane, below

_DRAWN = (
    "\n\u0020-\u007e\u00a0-\u00ac\u00ae-\u024f\u038e-\u03a1\u03a3-\u03ce\u03d0-\u0513\u05d0-\u05ea\u1ea0-\u1ef9"
    "\u2012-\u2022\u2026\u202f\u2030\u2032-\u2034\u2039\u203a\u20a0-\u20b5\u2122\u2190-\u2195\u2211\u2212"
    "\u2248\u2260\u2264\u2265\u25a0\u25b2\u25bc\u25cf"
)
"""Of what Liberation Sans draws, the part that is met in writing; a test asks the typeface itself."""
_NOT_DRAWN = re.compile(f"[^{_DRAWN}]")


def showable(text: str) -> str:
    """The text with a visible mark for each character that files and pages cannot hold."""
    return "".join(
        NO_CHARACTER if _NONE.match(character) or ord(character) & 0xFFFE == 0xFFFE else character
        for character in text.translate(_PICTURES)
    )


def drawable(text: str) -> str:
    """The text in characters that the bundled typeface has; any other is written as its code, "[U+1F600]"."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return _NOT_DRAWN.sub(lambda found: f"[U+{ord(found.group()):04X}]", lines)


MINUS = "\u2212"
DIGITS = 12
"""Significant digits of a number that leaves: the last few of a float differ between processors."""

BLANK = "(blank)"
"""What stands where a text is empty: a blank cell does not say whether something was left out."""

MANY = 8  # columns: beyond, the type is small
WIDEST, WIDEST_OF_MANY = 30, 18  # letters of a cell that count for its column's width

SHEET_UNITS = {Kind.POINTS: "percentage points", Kind.SECONDS: "seconds"}
CSV_UNITS = SHEET_UNITS | {Kind.SHARE: "fraction of one"}


def cell_words(cell: Cell, kind: Kind) -> str:
    """The cell as a person reads it: "1,671", "13.8%", "+1.2 points", "1 min 33 s"."""
    number = value(cell, kind)
    if isinstance(number, str):
        return number
    if kind is Kind.SHARE:
        return words.percent(number)
    if kind is Kind.POINTS:
        return _signed(number) + " points"
    if kind is Kind.SECONDS and number >= 0:
        return words.duration(number)
    if kind is Kind.COUNT:
        return words.count(number) if number == int(number) else f"{number:,.1f}"
    return str(number) if isinstance(number, int) else _decimal(number)


def value(cell: Cell, kind: Kind) -> str | int | float:
    """The cell for a spreadsheet: text fit to be shown, or a finite number; points of a share in points."""
    if isinstance(cell, str):
        return showable(cell) if cell.strip() else BLANK
    if isinstance(cell, int):
        return int(cell)
    if not math.isfinite(cell):
        raise ValueError(f"A table holds {cell}, which no reader can use: a shorthand must stand there.")
    number = float(cell) * (100 if kind is Kind.POINTS else 1)
    return float(f"{number:.{DIGITS}g}")


def shares(rows: list[list[str]]) -> list[int]:
    """How a page's width is shared out among the columns: by what their cells take on one line, within reason.

    The first row is the headings', of which the longest word counts.
    """
    widest = WIDEST_OF_MANY if len(rows[0]) > MANY else WIDEST
    widths = []
    for head, *cells in zip(*rows, strict=True):
        word = max(map(len, head.split()), default=0)
        widths.append(2 + min(max([word, *map(len, cells)]), widest))
    return widths


def is_numeric(kind: Kind) -> bool:
    """Whether the column is set flush right, as numbers are."""
    return kind not in (Kind.TEXT, Kind.DAY)


def headings(columns: tuple[Column, ...], *, units: dict[Kind, str]) -> list[str]:
    """The headings, each with its kind's unit, none empty and no two alike, as a table of a spreadsheet asks."""
    titles: list[str] = []
    taken: set[str] = set()
    for column in columns:
        heading = " ".join(showable(column.heading).split()) or "(no heading)"
        unit = units.get(column.kind)
        if unit and unit not in heading.lower():
            heading = f"{heading} ({unit})"
        titles.append(_unlike(heading[:200], taken))
    return titles


def _unlike(heading: str, taken: set[str]) -> str:
    """The heading, with a number where another column bears it: spreadsheets do not heed capitals here."""
    tried, number = heading, 1
    while tried.casefold() in taken:
        number += 1
        tried = f"{heading} {number}"
    taken.add(tried.casefold())
    return tried


def _signed(number: float) -> str:
    size = f"{abs(number):.1f}"
    if float(size) == 0:
        return size
    return ("+" if number > 0 else MINUS) + size


def _decimal(number: float) -> str:
    """A number to about three figures, without an exponent where it can be helped."""
    size = abs(number)
    if size == 0:
        return "0"
    places = 0 if size >= 1000 else 1 if size >= 100 else 2 if size >= 1 else 3 if size >= 0.01 else None
    written = f"{size:.2g}" if places is None else f"{size:,.{places}f}"
    return (MINUS if number < 0 else "") + written


MODEL, OBSERVED, RECORDED = "Model", "Observed", "On record"
MODEL_SENTENCE = "From a model, not observed: what the queue model says, never what happened."
RECORDED_SENTENCE = "On record: written down, and counted from no call."
INVENTED = "These figures are invented for a demonstration. They say nothing about any real desk."
SUITED = {True: "Public edition: small counts are protected.", False: "Internal edition: not for publication."}


def tag(basis: Basis) -> str:
    """The one word that is set before a title."""
    return MODEL if basis.model else RECORDED if basis.recorded else OBSERVED


def creation_words(document: Document) -> str:
    """When the document is of, in words: "28 June 2010, 06:00 (UTC+01:00)"."""
    moment = datetime.fromisoformat(document.made)
    zone = "" if moment.tzinfo is None else " UTC" if not moment.utcoffset() else f" {moment.tzinfo}"
    return f"{words.days(moment.date(), moment.date()).split(' ', 1)[1]}, {words.clock(moment)}{zone}"


def basis_lines(basis: Basis) -> tuple[tuple[str, str], ...]:
    """What is beneath the figures, as names and words, in the order in which a checker asks."""
    if basis.recorded:
        return (
            ("Kind", RECORDED_SENTENCE),
            ("Data as at", basis.cut_off),
            ("Source", basis.source),
            ("Made by", f"kcas {basis.version}, run {basis.run}"),
        )
    return (
        ("Kind", MODEL_SENTENCE if basis.model else "Observed: counted from the logs."),
        ("Definition", f"{basis.definition}: {basis.words}"),
        ("Period", basis.period),
        ("Hours covered", basis.hours),
        ("Data as at", basis.cut_off),
        ("Source", basis.source),
        ("Made by", f"kcas {basis.version}, run {basis.run}"),
    )


def table_numbers(document: Document) -> dict[str, int]:
    """Each table's number, by its key: the same in every file."""
    return {table.key: number for number, table in enumerate(document.tables, 1)}


def figure_numbers(document: Document) -> dict[str, int]:
    """Each figure's number, by its key."""
    return {figure.key: number for number, figure in enumerate(document.figures, 1)}


def where_kept(table: Table) -> str:
    """Where a table is found that is too long for the narrative."""
    rows = "1 row" if len(table.rows) == 1 else f"{len(table.rows):,} rows"
    return f"{rows}, in the spreadsheets and in {table.key}.csv."


def numbers_of(figure: Figure, document: Document) -> str:
    """Where a figure's numbers are."""
    numbers = table_numbers(document)
    its_table = next((table for table in document.tables if table.key == figure.table), None)
    if its_table is None:
        return f"Its numbers are in {figure.table}.csv."
    return f"Its numbers are in table {numbers[its_table.key]}: {its_table.title}"


_MOMENT = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say
FIRST = ("mimetype", "[Content_Types].xml", "_rels/.rels")
"""Entries that readers look for at the beginning."""


def normalised(data: bytes) -> bytes:
    """The same entries with nothing in them of the machine or the hour."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as given, zipfile.ZipFile(made, "w") as out:
        for name in sorted(set(given.namelist()), key=_place):
            entry = zipfile.ZipInfo(name, _MOMENT)
            entry.create_system = 3  # the same on Windows
            entry.external_attr = 0o644 << 16
            out.writestr(entry, given.read(name))
    return made.getvalue()


def _place(name: str) -> tuple[int, str]:
    return (FIRST.index(name) if name in FIRST else len(FIRST), name)
