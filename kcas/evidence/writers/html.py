"""HTML writer: one page without scripts or requests, with headings, that prints.

Its content policy lets the page run and fetch nothing, whatever a text may hold; each text is escaped all the same.
"""

from base64 import b64encode
from html import escape

from kcas.evidence.document import Basis, Block, Bullets, Column, Document, Figure, Paragraph, Section, Table
from kcas.evidence.writers import still
from kcas.evidence.writers.cells import cell_words, is_numeric
from kcas.evidence.writers.characters import showable
from kcas.evidence.writers.html_style import STYLE
from kcas.evidence.writers.table_notes import (
    INVENTED,
    SUITED,
    basis_lines,
    creation_words,
    figure_numbers,
    numbers_of,
    table_numbers,
    tag,
    where_kept,
)

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
FEW_ROWS = 120
"""A table of at most so many rows is folded in beneath the figure that draws it, if it stands nowhere else."""


def write(document: Document) -> bytes:
    """The page in UTF-8, whole in one file."""
    page = f"""<!doctype html>
<html lang="{_text(document.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="kcas">
<title>{_text(document.title)}</title>
<style>{STYLE}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the report</a>
<header>
<p class="desk">{_text(document.desk)}</p>
<h1>{_text(document.title)}</h1>
<p class="subtitle">{_text(document.subtitle)}</p>
<p class="made">{SUITED[document.public]} Made of the data as at <time datetime="{_text(document.made)}">\
{_text(creation_words(document))}</time>.</p>
{f'<p class="notice" role="note"><strong>Invented.</strong> {INVENTED}</p>' if document.invented else ""}
</header>
<main id="main" tabindex="-1">
{_first(document)}
{_contents(document)}
{"".join(_section(section, 2, document, str(n)) for n, section in enumerate(document.sections, 1))}
{_reading(document)}
</main>
</body>
</html>
"""
    return page.encode("utf-8")


def _text(text: str) -> str:
    """The text as it may stand between tags or in an attribute's quotes; line ends stay."""
    return escape(showable(text)).replace("\r", "&#13;")


def _first(document: Document) -> str:
    items = "".join(f"<li><bdi>{_text(sentence)}</bdi></li>" for sentence in document.sentences)
    return f'<section class="first"><h2 id="first">In short</h2><ul>{items}</ul></section>'


def _contents(document: Document) -> str:
    rows = "".join(
        f'<li><a href="#section-{n}">{_text(section.heading)}</a></li>'
        for n, section in enumerate(document.sections, 1)
    )
    last = '<li><a href="#reading">How to read this</a></li>'
    return f'<nav aria-label="Contents"><h2>Contents</h2><ol>{rows}{last}</ol></nav>'


def _section(section: Section, level: int, document: Document, place: str) -> str:
    """A section and those within it; `place` is its number, "2.1"."""
    heading = min(level, 6)
    inner = "".join(
        _section(within, level + 1, document, f"{place}.{n}") for n, within in enumerate(section.sections, 1)
    )
    return (
        f'<section><h{heading} id="section-{place}">'
        f"<bdi>{_text(section.heading)}</bdi></h{heading}>\n"
        + "\n".join(_block(block, document) for block in section.blocks)
        + f"{inner}</section>\n"
    )


def _block(block: Block, document: Document) -> str:
    if isinstance(block, Paragraph):
        return f"<p><bdi>{_text(block.text)}</bdi></p>"
    if isinstance(block, Bullets):
        return f"<ul>{''.join(f'<li><bdi>{_text(item)}</bdi></li>' for item in block.items)}</ul>"
    if isinstance(block, Figure):
        return _figure(block, document)
    return _table(block, document) if block.inline else _elsewhere(block, document)


def _figure(figure: Figure, document: Document) -> str:
    """A chart with its finding as alternative text, and its numbers: a link to them, or folded in beneath."""
    picture = b64encode(still.svg(figure)).decode("ascii")
    number = figure_numbers(document)[figure.key]
    folded = next((t for t in document.tables if t.key == figure.table and not t.inline), None)
    numbers = f"<p>{_text(numbers_of(figure, document))}</p>"
    if any(table.key == figure.table and table.inline for table in document.tables):
        numbers = f'<p><a href="#table-{_text(figure.table)}">{_text(numbers_of(figure, document))}</a></p>'
    elif folded is not None and len(folded.rows) <= FEW_ROWS:
        numbers = (
            f"<details><summary>{_text(numbers_of(figure, document))}</summary>{_grid(folded, document)}</details>"
        )
    return f"""<figure id="figure-{_text(figure.key)}" class="{_class(figure.basis)}">
<figcaption>{_tag(figure.basis)} Figure {number}: <bdi>{_text(figure.title)}</bdi></figcaption>
<img src="data:image/svg+xml;base64,{picture}" alt="{_text(figure.alt)}">
{numbers}
{_basis(figure.basis)}
</figure>"""


def _table(table: Table, document: Document) -> str:
    notes = "".join(f"<li><bdi>{_text(note)}</bdi></li>" for note in table.notes)
    return f"""<div class="table {_class(table.basis)}" id="table-{_text(table.key)}">
{_grid(table, document)}
{f'<ul class="notes">{notes}</ul>' if notes else ""}
{_basis(table.basis)}
</div>"""


def _grid(table: Table, document: Document) -> str:
    """The table itself, in a frame that scrolls by itself and can be reached by keyboard."""
    number = table_numbers(document)[table.key]
    heads = "".join(
        f'<th scope="col"{_side(column)}>{_text(column.heading) or "(no heading)"}</th>' for column in table.columns
    )
    rows = "\n".join(f"<tr>{_row(row, table.columns)}</tr>" for row in table.rows)
    return f"""<div class="scroll" role="region" aria-label="Table {number}: {_text(table.title)}" tabindex="0"><table>
<caption>{_tag(table.basis)} Table {number}: <bdi>{_text(table.title)}</bdi></caption>
<thead><tr>{heads}</tr></thead>
<tbody>
{rows}
</tbody>
</table></div>"""


def _row(row: tuple[str | int | float, ...], columns: tuple[Column, ...]) -> str:
    first, *rest = (_text(cell_words(cell, column.kind)) for cell, column in zip(row, columns, strict=True))
    cells = (f"<td{_side(column)}><bdi>{cell}</bdi></td>" for cell, column in zip(rest, columns[1:], strict=True))
    return f'<th scope="row"{_side(columns[0])}><bdi>{first}</bdi></th>{"".join(cells)}'


def _side(column: Column) -> str:
    return ' class="number"' if is_numeric(column.kind) else ""


def _elsewhere(table: Table, document: Document) -> str:
    number = table_numbers(document)[table.key]
    return (
        f'<p class="elsewhere" id="table-{_text(table.key)}">{_tag(table.basis)} Table {number}: '
        f"<bdi>{_text(table.title)}</bdi>. {_text(where_kept(table))}</p>"
    )


def _tag(basis: Basis) -> str:
    return f'<span class="tag {_class(basis)}">{tag(basis)}</span>'


def _class(basis: Basis) -> str:
    return "model" if basis.model else "observed"


def _basis(basis: Basis) -> str:
    lines = "".join(f"<dt>{name}</dt><dd><bdi>{_text(words)}</bdi></dd>" for name, words in basis_lines(basis))
    return f'<dl class="basis">{lines}</dl>'


def _reading(document: Document) -> str:
    """What holds for every table: notes, and what stands where no number can."""
    notes = "".join(f"<li><bdi>{_text(note)}</bdi></li>" for note in document.notes)
    shorthands = "".join(
        f"<dt>{_text(mark)}</dt><dd><bdi>{_text(words)}</bdi></dd>" for mark, words in document.shorthands
    )
    return (
        '<section><h2 id="reading">How to read this</h2>\n'
        + (f"<ul>{notes}</ul>\n" if notes else "")
        + (f'<p>Where a number cannot stand:</p><dl class="basis">{shorthands}</dl>\n' if shorthands else "")
        + "</section>"
    )
