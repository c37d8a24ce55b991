"""Figures in words: one format on the screen, in the pack and aloud.

The glossary, read from docs/glossary.md.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from kcas.desk.units import MONTHS as MONTHS
from kcas.desk.units import NOT_AVAILABLE as NOT_AVAILABLE
from kcas.desk.units import WEEKDAYS as WEEKDAYS
from kcas.desk.units import clock as clock
from kcas.desk.units import day as day
from kcas.desk.units import days as days
from kcas.desk.units import duration as duration
from kcas.desk.units import in_seconds as in_seconds
from kcas.desk.units import percent as percent
from kcas.desk.units import short_day as short_day


def count(number: float | None) -> str:
    """A count with its thousands marked: 1671 is "1,671"."""
    return NOT_AVAILABLE if number is None else f"{number:,.0f}"


def counts_words(numerator: float | None, denominator: float | None) -> str:
    """The two counts of a rate: "230 of 1,671"."""
    if numerator is None or denominator is None:
        return NOT_AVAILABLE
    return f"{count(numerator)} of {count(denominator)}"


def interval(low: float | None, high: float | None) -> str:
    """A 95% interval: "12.2% to 15.5%"."""
    return NOT_AVAILABLE if low is None or high is None else f"{percent(low)} to {percent(high)}"


def points(difference: float) -> str:
    """A difference of two shares, in percentage points, with its direction in words."""
    size = f"{abs(100 * difference):.1f}"
    if float(size) == 0:
        return "no different"
    unit = "point" if size == "1.0" else "points"
    return f"{size} {unit} {'higher' if difference > 0 else 'lower'}"


def signed(difference: float) -> str:
    """A difference of two shares, in percentage points, with its sign: "+9.1", "−4.2"; nothing is "0.0"."""
    size = f"{abs(100 * difference):.1f}"
    return size if float(size) == 0 else f"{'+' if difference > 0 else '−'}{size}"


def listed(parts: list[str]) -> str:
    """Several things in a sentence: "one, two and three"."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


_HERE = Path(__file__).resolve().parents[1]
PLACES = (_HERE / "glossary.md", _HERE.parent / "docs" / "glossary.md")
"""In an installation it lies in the package; beside the source, among the papers."""
LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")


def paper() -> str:
    """The glossary as it is written; empty where neither place has it."""
    return next((place.read_text(encoding="utf-8") for place in PLACES if place.is_file()), "")


def words() -> Iterator[tuple[str, str, str]]:
    """Each word with the part of the glossary it stands in and what it means."""
    part, inside = "", False
    for line in paper().splitlines():
        if line.startswith("#"):
            part, inside = line.lstrip("# "), False
        elif line.startswith("|"):
            cells = [_plain(cell) for cell in line.strip().strip("|").split("|")]
            if set("".join(cells)) <= set("- :"):
                inside = True
            elif inside:
                yield part, cells[0], "; ".join(cell for cell in cells[1:] if cell)


def _plain(cell: str) -> str:
    """A cell without the marks of Markdown."""
    return LINK.sub(r"\1", cell).replace("`", "").replace("*", "").strip()
