"""HTML writer: one page without scripts or requests, with headings, that prints."""

from base64 import b64encode
from html import escape

from kcas.evidence.document import Basis, Block, Bullets, Column, Document, Figure, Paragraph, Section, Table
from kcas.evidence.writers import still
from kcas.evidence.writers.cells import (
    INVENTED,
    SUITED,
    basis_lines,
    cell_words,
    creation_words,
    figure_numbers,
    is_numeric,
    numbers_of,
    showable,
    table_numbers,
    tag,
    where_kept,
)

STYLE = """
:root{color-scheme:light dark;--page:#fff;--text:#1b2430;--quiet:#4a5565;--line:#c9d0d9;--faint:#f4f6f8;--link:#1a5f9e;
--model:#7a3a06;--model-page:#fff3e4;--seen:#14507f;--seen-page:#e9f2fa;--notice:#fff6d6;--notice-line:#8a6a00}
@media(prefers-color-scheme:dark){:root{--page:#12171e;--text:#e9eef4;--quiet:#b3bdc9;--line:#3c4653;--faint:#1a212a;
--link:#8cc4f5;--model:#ffc58f;--model-page:#3a2410;--seen:#a9d3f7;--seen-page:#15304a;--notice:#3a310c;
--notice-line:#d9b63a}}
*{box-sizing:border-box}
body{margin:0 auto;padding:2.5rem 1.5rem 4rem;max-width:64rem;background:var(--page);color:var(--text);
font:1.0625rem/1.6 "Source Sans 3","Segoe UI",Arial,"Liberation Sans",sans-serif;overflow-wrap:anywhere}
a{color:var(--link);text-underline-offset:.15em}
a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.skip{position:absolute;left:-99rem;padding:.6rem 1rem;background:var(--page)}
.skip:focus{left:1rem;top:1rem;z-index:1}
main:focus{outline:none}
header{border-bottom:4px solid var(--seen);padding-bottom:1.2rem;margin-bottom:2rem}
h1,h2,h3,h4,h5,h6{line-height:1.25;text-wrap:balance}
h1{font-size:2.1rem;margin:.2rem 0 .5rem;letter-spacing:-.01em}
h2{font-size:1.5rem;margin:2.8rem 0 .8rem}
h3{font-size:1.2rem;margin:2rem 0 .6rem}
h4,h5,h6{font-size:1.0625rem;margin:1.6rem 0 .5rem}
.desk,.made{color:var(--quiet);margin:0;font-size:.95rem}
.desk{font-weight:600}
.subtitle{font-size:1.2rem;margin:0 0 .8rem;color:var(--quiet)}
.notice{margin:1rem 0 0;padding:.7rem 1rem;background:var(--notice);border-left:5px solid var(--notice-line)}
.first{background:var(--faint);border-left:5px solid var(--seen);padding:1.1rem 1.5rem;margin:0 0 2rem}
.first h2{margin:0 0 .5rem}
.first ul{margin:0;padding-left:1.2rem}
.first li{margin:.3rem 0;font-size:1.1rem}
nav{border-bottom:1px solid var(--line);padding-bottom:1rem}
nav h2{font-size:1.0625rem;margin:0 0 .3rem}
nav ol{margin:0}
figure,.table{margin:1.8rem 0;padding:0}
figcaption,caption{font-weight:600;text-align:left;margin-bottom:.7rem;padding-bottom:.5rem}
/* text keeps to a line that is read with ease; tables have all of the page */
p,ul,ol,h1,h2,h3,h4,dl,nav,figure,.elsewhere{max-width:51rem}
img{display:block;max-width:100%;height:auto;background:#fff;padding:.6rem;border:1px solid var(--line)}
.tag{display:inline-block;font-size:.8rem;font-weight:700;letter-spacing:.04em;padding:.05rem .5rem;margin-right:.35rem;
border:1.5px solid;border-radius:3px}
.tag.model{color:var(--model);background:var(--model-page);text-transform:uppercase;border-style:dashed}
.tag.observed{color:var(--seen);background:var(--seen-page)}
figure.model,.table.model{border-left:4px dashed var(--model);padding-left:1rem}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.9rem;line-height:1.4}
th,td{padding:.4rem .5rem;text-align:left;vertical-align:top;border-bottom:1px solid var(--line);
min-width:3rem;max-width:22rem;overflow-wrap:break-word}
thead th{border-bottom:2px solid var(--quiet);vertical-align:bottom}
tbody th{font-weight:400;min-width:7rem;overflow-wrap:anywhere}
td.number{white-space:nowrap}
.number{text-align:right;font-variant-numeric:tabular-nums}
dl.basis{display:grid;grid-template-columns:8.5rem 1fr;gap:.1rem .8rem;margin:.9rem 0 0;font-size:.85rem;
line-height:1.45;color:var(--quiet)}
dl.basis dt{font-weight:600}
dl.basis dd{margin:0}
.notes{font-size:.9rem;margin:.7rem 0 0;padding-left:1.2rem}
.elsewhere{border-left:3px solid var(--line);padding:.1rem .8rem;margin:.6rem 0;font-size:.95rem}
summary{cursor:pointer;margin:.6rem 0}
@media(max-width:36rem){body{padding:1.2rem 1rem}h1{font-size:1.6rem}dl.basis{grid-template-columns:1fr}
dl.basis dd{margin-bottom:.3rem}}
@media print{:root{--page:#fff;--text:#000;--quiet:#333;--line:#999;--faint:#fff;--link:#000;--model:#000;
--model-page:#fff;--seen:#000;--seen-page:#fff;--notice:#fff;--notice-line:#000}
@page{margin:20mm 18mm}html{font-size:9.75pt}body{max-width:none;padding:0}.skip,nav{display:none}
h2,h3,h4,figcaption,caption{break-after:avoid}figure,tr,.basis,.first,.notes{break-inside:avoid}.basis,.notes{break-before:avoid}thead{display:table-header-group}
.scroll{overflow:visible}table{font-size:.8rem}th,td{padding:.25rem .35rem;min-width:0;overflow-wrap:anywhere}
tbody th{min-width:5rem}p,ul,ol,h1,h2,h3,h4,dl,nav,figure,.elsewhere{max-width:none}
details::details-content{content-visibility:visible;display:block}a{text-decoration:none}}
"""

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
    return f'<section class="first"><h2 id="first">Summary</h2><ul>{items}</ul></section>'


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
