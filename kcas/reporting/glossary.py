"""The glossary, read from docs/glossary.md."""

import re
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]
PLACES = (HERE / "glossary.md", HERE.parent / "docs" / "glossary.md")
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
            cells = [plain(cell) for cell in line.strip().strip("|").split("|")]
            if set("".join(cells)) <= set("- :"):
                inside = True
            elif inside:
                yield part, cells[0], "; ".join(cell for cell in cells[1:] if cell)


def plain(cell: str) -> str:
    """A cell without the marks of Markdown."""
    return LINK.sub(r"\1", cell).replace("`", "").replace("*", "").strip()
