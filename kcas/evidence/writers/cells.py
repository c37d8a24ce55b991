"""Writing of cells: words on a page, numbers in a spreadsheet."""

import math

from kcas.evidence.document import Cell, Column, Kind
from kcas.evidence.writers.characters import showable
from kcas.reporting import words

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
    found = []
    for head, *cells in zip(*rows, strict=True):
        word = max(map(len, head.split()), default=0)
        found.append(2 + min(max([word, *map(len, cells)]), widest))
    return found


def is_numeric(kind: Kind) -> bool:
    """Whether the column is set flush right, as numbers are."""
    return kind not in (Kind.TEXT, Kind.DAY)


def headings(columns: tuple[Column, ...], *, units: dict[Kind, str]) -> list[str]:
    """The headings, each with its kind's unit, none empty and no two alike, as a table of a spreadsheet asks."""
    found: list[str] = []
    taken: set[str] = set()
    for column in columns:
        heading = " ".join(showable(column.heading).split()) or "(no heading)"
        unit = units.get(column.kind)
        if unit and unit not in heading.lower():
            heading = f"{heading} ({unit})"
        found.append(_unlike(heading[:200], taken))
    return found


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
