"""PDF/UA-1 writer, set by Typst.

What is said goes in as data, `sys.inputs`, never as Typst's own language: `pdf.typ` lays it out and does not know it.
Nothing is read from the machine: no font but the bundled one, no clock but the document's own.
"""

import json
import re
from pathlib import Path
from typing import Any

from kcas.evidence.document import Basis, Block, Bullets, Document, Figure, Paragraph, Section, Table
from kcas.evidence.writers import still
from kcas.evidence.writers.cells import (
    INVENTED,
    SHOWN_BY_CODE,
    SUITED,
    basis_lines,
    cell_words,
    creation_words,
    drawable,
    figure_numbers,
    is_numeric,
    numbers_of,
    shares,
    showable,
    table_numbers,
    tag,
    where_kept,
)
from kcas.evidence.writers.typefaces import FOLDER

LAYOUT = Path(__file__).with_name("pdf.typ")
_DEEPEST = 5  # the document's title is above the first level of headings, and PDF has six
BREAK = "\u200b"
_EVERY = 8  # letters of a word that no line could hold
IN_CELL = 18  # letters of a word that a narrow column, or a line of large type, can hold


def write(document: Document) -> bytes:
    """The report as PDF/UA-1."""
    from datetime import UTC, datetime

    import typst

    moment = datetime.fromisoformat(document.made)
    language, _, region = document.language.partition("-")
    content = _Said(document).whole() | {"language": language, "region": region}
    return typst.compile(
        LAYOUT.read_bytes(),
        format="pdf",
        pdf_standards=["ua-1"],
        sys_inputs={"document": json.dumps(content, ensure_ascii=False)},
        font_paths=typst.Fonts(include_system_fonts=False, font_paths=[str(FOLDER)]),
        ignore_system_fonts=True,
        timestamp=moment if moment.tzinfo else moment.replace(tzinfo=UTC),
    )


class _Said:
    """What the document says, as data; it remembers whether a character had to be shown by its code."""

    def __init__(self, document: Document) -> None:
        self.document, self.by_code = document, False
        self.tables, self.figures = table_numbers(document), figure_numbers(document)

    def whole(self) -> dict[str, Any]:
        """The whole of it."""
        document = self.document
        content = {
            "title": self.text(document.title, longest=2 * IN_CELL),
            "subtitle": self.text(document.subtitle),
            "desk": self.text(document.desk),
            "edition": f"{SUITED[document.public]} Made of the data as at {creation_words(document)}.",
            "invented": INVENTED if document.invented else None,
            "sentences": [self.text(sentence) for sentence in document.sentences],
            "parts": [part for section in document.sections for part in self.section(section, 1)],
            "notes": [self.text(note) for note in document.notes],
            "shorthands": [[mark.value, self.text(words)] for mark, words in document.shorthands],
        }
        if self.by_code:
            content["notes"] = [*content["notes"], SHOWN_BY_CODE[0].upper() + SHOWN_BY_CODE[1:] + "."]  # type: ignore[misc]
        return content

    def text(self, text: str, *, longest: int = 60) -> str:
        """The text in characters that the typeface has; a word longer than that many letters may be broken."""
        shown = showable(text)
        drawn = drawable(shown)
        self.by_code = self.by_code or drawn.count("[U+") > shown.count("[U+")
        return re.sub(rf"\S{{{longest + 1},}}", _breakable, drawn)

    def section(self, section: Section, level: int) -> list[dict[str, Any]]:
        """A section and those within it, one after the other."""
        heading = {
            "kind": "heading",
            "level": min(level, _DEEPEST),
            "text": self.text(section.heading, longest=2 * IN_CELL),
        }
        parts = [heading, *(self.block(block) for block in section.blocks)]
        for within in section.sections:
            parts += self.section(within, level + 1)
        return parts

    def block(self, block: Block) -> dict[str, Any]:
        """One block."""
        if isinstance(block, Paragraph):
            return {"kind": "paragraph", "text": self.text(block.text)}
        if isinstance(block, Bullets):
            return {"kind": "bullets", "items": [self.text(item) for item in block.items]}
        if isinstance(block, Figure):
            return self.figure(block)
        if not block.inline:
            words = f"{tag(block.basis)}. Table {self.tables[block.key]}: {self.text(block.title)}. {where_kept(block)}"
            return {"kind": "elsewhere", "text": words}
        return self.table(block)

    def figure(self, figure: Figure) -> dict[str, Any]:
        """A chart, its finding, and where its numbers are."""
        return {
            "kind": "figure",
            "number": self.figures[figure.key],
            "title": self.text(figure.title),
            "svg": still.svg(figure).decode(),
            "alt": self.text(figure.alt),
            "numbers": self.text(numbers_of(figure, self.document)),
        } | self.basis(figure.basis)

    def table(self, table: Table) -> dict[str, Any]:
        """A table: headings, rows in words, notes."""
        kinds = [column.kind for column in table.columns]
        heads = [self.text(column.heading, longest=IN_CELL) or "(no heading)" for column in table.columns]
        rows = [
            [self.text(cell_words(cell, kind), longest=IN_CELL) for cell, kind in zip(row, kinds, strict=True)]
            for row in table.rows
        ]
        return {
            "kind": "table",
            "number": self.tables[table.key],
            "title": self.text(table.title),
            "headings": heads,
            "numeric": [is_numeric(kind) for kind in kinds],
            "widths": shares([heads, *rows]),
            "rows": rows,
            "notes": [self.text(note) for note in table.notes],
        } | self.basis(table.basis)

    def basis(self, basis: Basis) -> dict[str, Any]:
        """What a table or figure rests on."""
        lines = [[name, self.text(words)] for name, words in basis_lines(basis)]
        return {"model": basis.model, "tag": tag(basis), "basis": lines}


def _breakable(word: re.Match[str]) -> str:
    """A long word with places, unseen, at which a line may end."""
    letters = word.group()
    return BREAK.join(letters[n : n + _EVERY] for n in range(0, len(letters), _EVERY))
