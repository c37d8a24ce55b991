"""OpenDocument spreadsheet writer (ODS), each table a named range."""

import io
from typing import Any

from kcas.evidence.document import Document, Kind
from kcas.evidence.writers.cells import is_numeric, normalised, showable
from kcas.evidence.writers.sheets import Sheet, sheets
from kcas.evidence.writers.xlsx import COVER, INK, LINK, MODEL, RULE, SEEN, column_width, number_format

CHARACTER = 0.21  # centimetres, of a column's width
PAPER = {
    "fo:page-width": "29.7cm", "fo:page-height": "21cm", "style:print-orientation": "landscape",
    "style:scale-to-X": "1", "style:scale-to-Y": "0",
}  # fmt: skip
"""A4 on its side, as wide as the table, on as many pages as it takes."""
NAMED_NUMBERS = {"0.0%": "share", "#,##0": "whole", "#,##0.0": "tenth", "0": "plain", "0.00": "fine", "0.0000": "finer"}
_NUMBER = (
    '<number:number number:decimal-places="{0}" number:min-decimal-places="{0}" number:min-integer-digits="1"{1}/>'
)
_GROUPED = ' number:grouping="true"'
_SIGNED = (
    '<number:number-style style:name="points{n}" style:volatile="true"><number:text>{sign}</number:text>'
    + _NUMBER.format(1, "")
    + "</number:number-style>"
)
_WHEN = '<style:map style:condition="value(){condition}" style:apply-style-name="points{n}"/>'
NUMBER_STYLES = (
    f'<number:percentage-style style:name="share">{_NUMBER.format(1, "")}<number:text>%</number:text>'
    "</number:percentage-style>",
    f'<number:number-style style:name="whole">{_NUMBER.format(0, _GROUPED)}</number:number-style>',
    f'<number:number-style style:name="tenth">{_NUMBER.format(1, _GROUPED)}</number:number-style>',
    f'<number:number-style style:name="plain">{_NUMBER.format(0, "")}</number:number-style>',
    f'<number:number-style style:name="fine">{_NUMBER.format(2, "")}</number:number-style>',
    f'<number:number-style style:name="finer">{_NUMBER.format(4, "")}</number:number-style>',
    _SIGNED.format(n=0, sign="+"),
    _SIGNED.format(n=1, sign="\u2212"),
    f'<number:number-style style:name="points">{_NUMBER.format(1, "")}'
    + _WHEN.format(condition="&gt;0", n=0)
    + _WHEN.format(condition="&lt;0", n=1)
    + "</number:number-style>",
)


def write(document: Document) -> bytes:
    """The workbook."""
    from odfdo import Document as Workbook
    from odfdo import Element

    book = Workbook("spreadsheet")
    book.del_part("Thumbnails/thumbnail.png")
    _describe(book, document)
    body = book.body
    body.clear()
    styles: Any = book.content.get_element("//office:automatic-styles")
    styles.clear()
    pages = sheets(document)
    widths = sorted({width for sheet in pages for width in _widths(sheet)})
    for style in (*NUMBER_STYLES, *_cell_styles(), *(_column_style(width) for width in widths)):
        styles.append(Element.from_tag(style))
    for page in book.styles.get_elements("//style:page-layout-properties"):
        for name, text in PAPER.items():
            page.set_attribute(name, text)
    ranges = Element.from_tag("<table:database-ranges/>")
    for sheet in pages:
        body.append(_table(sheet))
        if sheet.headings:
            ranges.append(_range(sheet))
    body.append(ranges)
    made = io.BytesIO()
    book.save(made)
    return normalised(made.getvalue())


def _describe(book: Any, document: Document) -> None:
    """What the file says of itself, with no moment but the document's own."""
    from datetime import datetime

    moment = datetime.fromisoformat(document.made).replace(tzinfo=None)
    book.set_language(document.language)
    meta = book.meta
    meta.title, meta.subject = showable(document.title), showable(document.subtitle)
    meta.language, meta.generator = document.language, "kcas"
    meta.creation_date = meta.date = moment
    meta.initial_creator = meta.creator = showable(document.desk)


def _cell_styles() -> list[str]:
    """A style for each sort of line and cell."""

    def style(name: str, text: str = "", cell: str = "", side: str = "start", data: str = "", size: int = 11) -> str:
        shown = f' style:data-style-name="{data}"' if data else ""
        return (
            f'<style:style style:name="{name}" style:family="table-cell" style:parent-style-name="Default"{shown}>'
            f'<style:table-cell-properties style:vertical-align="top" {cell}/>'
            f'<style:paragraph-properties fo:text-align="{side}"/>'
            f'<style:text-properties style:font-name="Arial" fo:color="{INK}" fo:font-size="{size}pt" {text}/>'
            "</style:style>"
        )

    bold, wrapped = 'fo:font-weight="bold"', 'fo:wrap-option="wrap"'
    below = f'{wrapped} fo:border-bottom="0.75pt solid {RULE}"'
    return [
        style("line-title", bold, 'fo:padding-bottom="0.2cm"', size=16),
        style("line-heading", bold, 'fo:padding-top="0.35cm" fo:padding-bottom="0.1cm"', size=13),
        style("line-model", bold).replace(INK, MODEL),
        style("line-seen", bold).replace(INK, SEEN),
        style("line-text"),
        style("cover-text", cell=wrapped),
        style("head-start", bold, below),
        style("head-end", bold, below, side="end"),
        style("text-start", cell=wrapped),
        style("text-end", cell=wrapped, side="end"),
        style("link", 'style:text-underline-style="solid"').replace(INK, LINK),
        *(style(f"number-{name}", side="end", data=name) for name in (*NAMED_NUMBERS.values(), "points")),
    ]


def _widths(sheet: Sheet) -> list[float]:
    return [column_width(sheet, n) for n in range(len(sheet.kinds))] or [COVER]


def _column_style(width: float) -> str:
    return (
        f'<style:style style:name="wide-{width:.1f}" style:family="table-column">'
        f'<style:table-column-properties style:column-width="{width * CHARACTER:.2f}cm"/></style:style>'
    )


def _table(sheet: Sheet) -> Any:
    """A sheet: its lines, then the table with its headings marked as such."""
    from odfdo import Element

    table = Element.from_tag("<table:table/>")
    table.set_attribute("table:name", sheet.name)
    for width in _widths(sheet):
        column = Element.from_tag("<table:table-column/>")
        column.set_attribute("table:style-name", f"wide-{width:.1f}")
        table.append(column)
    for line in sheet.lines:
        name = {"title": "line-title", "heading": "line-heading", "mark": "line-model"}.get(line.style, "line-text")
        if line.text == "OBSERVED":
            name = "line-seen"
        elif not sheet.headings and line.style == "text":
            name = "cover-text"
        table.append(_row([_words(line.text, name)]))
    if sheet.headings:
        heads = Element.from_tag("<table:table-header-rows/>")
        sides = [_side(kind) for kind in sheet.kinds]
        heads.append(_row([_words(text, f"head-{side}") for text, side in zip(sheet.headings, sides, strict=True)]))
        table.append(heads)
        formats = [_number_style(sheet, n) for n in range(len(sheet.kinds))]
        for row in sheet.rows:
            cells = zip(row, sides, formats, strict=True)
            made = [_cell(cell, side, style) for cell, side, style in cells]
            if sheet.leads:
                made[0] = _link(str(row[0]))
            table.append(_row(made))
    return table


def _side(kind: Kind) -> str:
    return "end" if is_numeric(kind) else "start"


def _number_style(sheet: Sheet, column: int) -> str:
    shown = number_format(sheet.kinds[column], [row[column] for row in sheet.rows])
    return f"number-{NAMED_NUMBERS.get(shown, 'points')}"


def _row(cells: list[Any]) -> Any:
    from odfdo import Element

    row = Element.from_tag("<table:table-row/>")
    for cell in cells:
        row.append(cell)
    return row


def _cell(cell: str | int | float, side: str, style: str) -> Any:
    """A number as a number, a text as a text, whatever it looks like."""
    from odfdo import Element

    if isinstance(cell, str):
        return _words(cell, f"text-{side}")
    made = Element.from_tag("<table:table-cell/>")
    kind = "percentage" if style == "number-share" else "float"
    for name, text in (("table:style-name", style), ("office:value-type", kind), ("office:value", repr(cell))):
        made.set_attribute(name, text)
    return made


def _words(text: str, style: str) -> Any:
    """A cell of text; each line of it a paragraph."""
    from odfdo import Element, Paragraph

    cell = Element.from_tag("<table:table-cell/>")
    cell.set_attribute("table:style-name", style)
    cell.set_attribute("office:value-type", "string")
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        cell.append(Paragraph(line))
    return cell


def _link(name: str) -> Any:
    """A cell that leads to the sheet of that name."""
    from odfdo import Link, Paragraph

    cell = _words("", "link")
    cell.clear()
    cell.set_attribute("table:style-name", "link")
    cell.set_attribute("office:value-type", "string")
    paragraph = Paragraph("")
    paragraph.append(Link(f"#'{name}'.A1", text=name))
    cell.append(paragraph)
    return cell


def _range(sheet: Sheet) -> Any:
    """The table as a database range, as OpenDocument marks one."""
    from odfdo import Element

    last = _letters(len(sheet.headings))
    top = len(sheet.lines) + 1
    made = Element.from_tag("<table:database-range/>")
    made.set_attribute("table:name", sheet.marked)
    made.set_attribute(
        "table:target-range-address", f"'{sheet.name}'.A{top}:'{sheet.name}'.{last}{top + len(sheet.rows)}"
    )
    made.set_attribute("table:contains-header", "true")
    return made


def _letters(column: int) -> str:
    """A column's letters, the first being 1: A to Z, then AA."""
    before, this = divmod(column - 1, 26)
    return (_letters(before) if before else "") + chr(ord("A") + this)
