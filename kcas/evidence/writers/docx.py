"""Word writer (DOCX), for an officer to edit.

Every look is a style. Tables and pictures say what they show, headings are headings, and what a figure rests on stands
beneath it as text. Word's own moments and names are the document's, so that the same report is the same bytes.

Styles of the Word file.
"""

import io
from typing import Any

from kcas.evidence.document import Basis, Block, Bullets, Document, Figure, Paragraph, Section, Table
from kcas.evidence.writers import still
from kcas.evidence.writers.cells import (
    INVENTED,
    MANY,
    SUITED,
    basis_lines,
    cell_words,
    creation_words,
    figure_numbers,
    is_numeric,
    normalised,
    numbers_of,
    shares,
    showable,
    table_numbers,
    tag,
    where_kept,
)
from kcas.evidence.writers.typefaces import ALIKE

INK, QUIET, LINE, SEEN, MODEL = "1B2430", "4A5565", "C9D0D9", "14507F", "7A3A06"
_FONT = "Arial"
HEADING_SIZES = (16, 13, 11.5, 11, 11, 11)
TABLE_STYLES = ("Table text", "Table number", "Table heading", "Table heading number")
KEPT_TABLES = ("Normal Table", "Table Grid")


def apply(book: Any, *, language: str) -> None:
    """Give the document its styles and its page."""
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Pt

    styles = book.styles
    for style in list(styles):
        if style.type == WD_STYLE_TYPE.TABLE and style.name not in KEPT_TABLES:
            style.delete()
    _paragraph(styles["Normal"], size=11, after=6, line=1.2)
    _paragraph(styles["Title"], size=24, bold=True, after=4)
    _without_border(styles["Title"])
    _paragraph(styles["Subtitle"], size=13, colour=QUIET, after=6)
    for level, size in enumerate(HEADING_SIZES, 1):
        heading = styles[f"Heading {level}"]
        _paragraph(heading, size=size, bold=True, before=18 if level == 1 else 12, after=4)
        heading.paragraph_format.keep_with_next = True
    _paragraph(styles["List Bullet"], size=11, after=4, line=1.2)
    _paragraph(styles["Caption"], size=10.5, bold=True, before=14, after=5)
    styles["Caption"].paragraph_format.keep_with_next = True
    new = {name: styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH) for name in (
        "Basis", "Table note", "Invented", "Summary", *TABLE_STYLES, *(f"Small {n.lower()}" for n in TABLE_STYLES),
    )}  # fmt: skip
    for style in new.values():
        style.base_style = styles["Normal"]
        style.quick_style = True
    _paragraph(new["Basis"], size=8.5, colour=QUIET, after=1, line=1.1)
    _paragraph(new["Table note"], size=9.5, before=4, after=2)
    _paragraph(new["Invented"], size=11, after=8)
    _paragraph(new["Summary"], size=11.5, after=3, line=1.2)
    for name, style in new.items():
        if name.lower().endswith(tuple(each.lower() for each in TABLE_STYLES)):
            _paragraph(style, size=7.5 if "Small" in name else 9.5, bold="heading" in name, before=2, after=2)
            style.paragraph_format.alignment = 2 if "number" in name else 0
    _shaded(new["Invented"], fill="FFF6D6", edge="8A6A00")
    _shaded(new["Summary"], fill="F4F6F8", edge=SEEN)
    for name, colour in (("Model mark", MODEL), ("Observed mark", SEEN)):
        mark = styles.add_style(name, WD_STYLE_TYPE.CHARACTER)
        mark.font.bold, mark.font.size, mark.font.name = True, Pt(9), _FONT
        mark.font.color.rgb = _rgb(colour)
        _bordered(mark, colour, "dashed" if name == "Model mark" else "single")
    for name in ("Observed table", "Model table"):
        _table(styles, name)
    _language(book, language)


def _rgb(colour: str) -> Any:
    from docx.shared import RGBColor

    return RGBColor.from_string(colour)


def _paragraph(
    style: Any,
    *,
    size: float,
    bold: bool = False,
    colour: str = INK,
    before: float = 0,
    after: float = 0,
    line: float = 1.05,
) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Pt

    font = style.font
    font.name, font.size, font.bold, font.italic = _FONT, Pt(size), bold, False
    font.color.rgb = _rgb(colour)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in list(fonts.attrib):
        if "heme" in name:
            del fonts.attrib[name]
    for script in ("w:hAnsi", "w:cs", "w:eastAsia"):
        fonts.set(qn(script), _FONT)
    for spacing in style.element.rPr.findall(qn("w:spacing")) + style.element.rPr.findall(qn("w:kern")):
        style.element.rPr.remove(spacing)
    form = style.paragraph_format
    form.space_before, form.space_after, form.line_spacing = Pt(before), Pt(after), line


def _without_border(style: Any) -> None:
    from docx.oxml.ns import qn

    for border in style.element.pPr.findall(qn("w:pBdr")):
        style.element.pPr.remove(border)


def _xml(text: str) -> Any:
    """An element of Word's, written out; the first space of the text is where the namespace goes."""
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    return parse_xml(text.replace(" ", f" {nsdecls('w')} ", 1))


def _shaded(style: Any, *, fill: str, edge: str) -> None:
    """A ground behind the paragraph and a bar at its left."""
    spacing = style.element.get_or_add_pPr().spacing
    spacing.addprevious(_xml(f'<w:pBdr ><w:left w:val="single" w:sz="24" w:space="8" w:color="{edge}"/></w:pBdr>'))
    spacing.addprevious(_xml(f'<w:shd w:val="clear" w:color="auto" w:fill="{fill}"/>'))


def _bordered(style: Any, colour: str, line: str) -> None:
    """A frame about the word, so that it is told without its colour."""
    form = style.element.get_or_add_rPr()
    form.append(_xml(f'<w:bdr w:val="{line}" w:sz="6" w:space="0" w:color="{colour}"/>'))


def _table(styles: Any, name: str) -> None:
    """A table of hairlines, its heading row bold above a line; a model's has a dashed bar at its left."""
    left = f'<w:left w:val="dashed" w:sz="18" w:space="4" w:color="{MODEL}"/>' if name == "Model table" else ""
    styles.element.append(
        _xml(
            f'<w:style w:type="table" w:customStyle="1" w:styleId="{name.replace(" ", "")}">'
            f'<w:name w:val="{name}"/><w:basedOn w:val="TableNormal"/><w:uiPriority w:val="99"/><w:qFormat/>'
            f'<w:tblPr><w:tblBorders>{left}<w:bottom w:val="single" w:sz="4" w:space="0" w:color="{LINE}"/>'
            f'<w:insideH w:val="single" w:sz="4" w:space="0" w:color="{LINE}"/></w:tblBorders>'
            '<w:tblCellMar><w:left w:w="50" w:type="dxa"/><w:right w:w="50" w:type="dxa"/></w:tblCellMar></w:tblPr>'
            '<w:tblStylePr w:type="firstRow"><w:tcPr><w:tcBorders>'
            f'<w:bottom w:val="single" w:sz="8" w:space="0" w:color="{QUIET}"/></w:tcBorders>'
            '<w:vAlign w:val="bottom"/></w:tcPr></w:tblStylePr></w:style>'
        )
    )


def _language(book: Any, language: str) -> None:
    """The language of every text, for the speller and the reader aloud."""
    from docx.oxml.ns import qn

    for mark in book.styles.element.iter(qn("w:lang")):
        mark.set(qn("w:val"), language)
    for mark in book.settings.element.iter(qn("w:themeFontLang")):
        mark.set(qn("w:val"), language)


_DEEPEST = 6
TEXT_WIDTH = 166  # millimetres: A4 less its margins
DROPPED = ("thumbnail", "stylesWithEffects", "customXml")
"""Parts of the library's template that no report needs."""
_PICTURE = "http://schemas.microsoft.com/office/drawing/2016/SVG/main"
_PICTURE_KEY = "{96DAC541-7B7A-43D3-8B79-37D633B846F1}"


def write(document: Document) -> bytes:
    """The report as DOCX."""
    import docx

    book = docx.Document()
    apply(book, language=document.language)
    _drop(book)
    _describe(book, document)
    _page(book, document)
    writing = _Writing(book, document)
    writing.beginning()
    for section in document.sections:
        writing.section(section, 1)
    writing.reading()
    out = io.BytesIO()
    book.save(out)
    return normalised(out.getvalue())


def _drop(book: Any) -> None:
    """Leave out what the template brings and no one asked for."""
    for holder in (book.part.package, book.part):
        for key, relation in list(holder.rels.items()):
            if any(word in relation.reltype or word in str(relation.target_ref) for word in DROPPED):
                del holder.rels[key]


def _describe(book: Any, document: Document) -> None:
    """What the file says of itself."""
    from datetime import UTC, datetime

    moment = datetime.fromisoformat(document.made)
    moment = moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    about = book.core_properties
    about.title, about.subject = showable(document.title)[:255], showable(document.subtitle)[:255]
    about.author = about.last_modified_by = showable(document.desk)[:255]
    about.created = about.modified = moment
    about.last_printed, about.revision, about.language = moment, 1, document.language
    about.comments = "Figures marked MODEL are a model's, not observed."
    about.keywords = about.category = ""


def _page(book: Any, document: Document) -> None:
    """A4, with whose it is and the page's number at the foot."""
    from docx.shared import Mm

    page = book.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = Mm(22)
    page.top_margin, page.bottom_margin = Mm(22), Mm(22)
    foot = page.footer.paragraphs[0]
    foot.style = book.styles["Basis"]
    foot.add_run(INVENTED if document.invented else SUITED[document.public])
    foot.add_run("   Page ")
    _field(foot, "PAGE")
    foot.add_run(" of ")
    _field(foot, "NUMPAGES")


def _field(paragraph: Any, instruction: str) -> None:
    """A number that Word works out."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), instruction)
    run = OxmlElement("w:r")
    run.text = "1"
    field.append(run)
    paragraph._p.append(field)


class _Writing:
    """The report as it grows, block by block."""

    def __init__(self, book: Any, document: Document) -> None:
        self.book, self.document = book, document
        self.tables, self.figures = table_numbers(document), figure_numbers(document)

    def text(self, text: str, style: str = "Normal") -> Any:
        """A paragraph in that style."""
        return self.book.add_paragraph(showable(text), style=style)

    def beginning(self) -> None:
        """The title, whose it is, and the sentences that stand first."""
        document = self.document
        self.text(document.desk, "Subtitle")
        self.text(document.title, "Title")
        self.text(document.subtitle, "Subtitle")
        self.text(f"{SUITED[document.public]} Made of the data as at {creation_words(document)}.", "Basis")
        if document.invented:
            self.text(f"Invented. {INVENTED}", "Invented")
        self.book.add_heading("Summary", 1)
        for sentence in document.sentences:
            self.text(sentence, "Summary")

    def section(self, section: Section, level: int) -> None:
        """A section and those within it."""
        self.book.add_heading(showable(section.heading), min(level, _DEEPEST))
        for block in section.blocks:
            self.block(block)
        for within in section.sections:
            self.section(within, level + 1)

    def block(self, block: Block) -> None:
        """One block."""
        if isinstance(block, Paragraph):
            self.text(block.text)
        elif isinstance(block, Bullets):
            for item in block.items:
                self.text(item, "List Bullet")
        elif isinstance(block, Figure):
            self.figure(block)
        elif block.inline:
            self.table(block)
        else:
            words = f"Table {self.tables[block.key]}: {block.title}. {where_kept(block)}"
            self.caption(block.basis, words, style="Table note")

    def caption(self, basis: Basis, words: str, *, style: str = "Caption") -> None:
        """What a table or figure is called, after whether it is observed."""
        caption = self.book.add_paragraph(style=style)
        name = "Model mark" if basis.model else "Observed mark"
        caption.add_run(f"\u00a0{tag(basis).upper() if basis.model else tag(basis)}\u00a0", style=name)
        caption.add_run(showable(f"  {words}"))

    def basis(self, basis: Basis) -> None:
        """What a table or figure rests on."""
        for name, words in basis_lines(basis):
            line = self.book.add_paragraph(style="Basis")
            line.add_run(f"{name}: ", style="Strong")
            line.add_run(showable(words))

    def figure(self, figure: Figure) -> None:
        """A chart with its finding as its alternative text."""
        from docx.shared import Mm

        self.caption(figure.basis, f"Figure {self.figures[figure.key]}: {figure.title}")
        picture = still.svg(figure)
        shape = self.book.add_picture(io.BytesIO(still.png_of(picture)), width=Mm(TEXT_WIDTH))
        self.book.paragraphs[-1].paragraph_format.keep_with_next = True
        named = shape._inline.docPr
        named.set("name", f"Figure {self.figures[figure.key]}")
        named.set("descr", showable(figure.alt))
        named.set("title", showable(figure.title))
        self.beside(shape, picture, self.figures[figure.key])
        self.text(numbers_of(figure, self.document))
        self.basis(figure.basis)

    def beside(self, shape: Any, picture: bytes, number: int) -> None:
        """Put the SVG beside the PNG, for the versions of Word that draw it; its letters are Arial's there."""
        from docx.opc.constants import RELATIONSHIP_TYPE
        from docx.opc.packuri import PackURI
        from docx.opc.part import Part
        from docx.oxml import parse_xml
        from docx.oxml.ns import nsdecls

        drawn = picture.replace(ALIKE.encode(), b"Arial")
        part = Part(PackURI(f"/word/media/chart{number}.svg"), "image/svg+xml", drawn, self.book.part.package)
        key = self.book.part.relate_to(part, RELATIONSHIP_TYPE.IMAGE)
        blip = shape._inline.graphic.graphicData.pic.blipFill.blip
        blip.append(
            parse_xml(
                f'<a:extLst {nsdecls("a", "r")}><a:ext uri="{_PICTURE_KEY}">'
                f'<asvg:svgBlip xmlns:asvg="{_PICTURE}" r:embed="{key}"/></a:ext></a:extLst>'
            )
        )

    def table(self, table: Table) -> None:
        """A table whose first row is its heading on every page it reaches."""
        title = f"Table {self.tables[table.key]}: {table.title}"
        self.caption(table.basis, title)
        kinds = [column.kind for column in table.columns]
        rows = [[cell_words(cell, kind) for cell, kind in zip(row, kinds, strict=True)] for row in table.rows]
        heads = [showable(column.heading) or "(no heading)" for column in table.columns]
        made = self.book.add_table(rows=1 + len(rows), cols=len(kinds))
        made.style = self.book.styles["Model table" if table.basis.model else "Observed table"]
        made.autofit = False
        sides = [" number" if is_numeric(kind) else " text" for kind in kinds]
        widths = _widths([heads, *rows])
        for row, cells in zip(made._tbl.tr_lst, [heads, *rows], strict=True):
            style = ("Small table" if len(kinds) > MANY else "Table") + (" heading" if cells is heads else "")
            self.row(made, row, cells, [(style + side).replace("heading text", "heading") for side in sides], widths)
        for column, width in zip(made._tbl.tblGrid.gridCol_lst, widths, strict=True):
            column.w = width
        _say(made, title, f"{tag(table.basis)}. {table.basis.words}. {table.basis.period}.")
        for note in table.notes:
            self.text(note, "Table note")
        self.basis(table.basis)

    def row(self, table: Any, row: Any, cells: list[str], styles: list[str], widths: list[Any]) -> None:
        """One row; it is not parted by the end of a page, and the first is repeated there."""
        from docx.oxml import OxmlElement
        from docx.table import _Cell

        form = row.get_or_add_trPr()
        form.append(OxmlElement("w:cantSplit"))
        if row is table._tbl.tr_lst[0]:
            form.append(OxmlElement("w:tblHeader"))
        for corner, text, style, width in zip(row.tc_lst, cells, styles, widths, strict=True):
            corner.width = width
            paragraph = _Cell(corner, table).paragraphs[0]
            paragraph.style = self.book.styles[style]
            paragraph.add_run(text)

    def reading(self) -> None:
        """What holds for every table."""
        self.book.add_heading("How to read this", 1)
        for note in self.document.notes:
            self.text(note, "List Bullet")
        if self.document.shorthands:
            self.text("Where a number cannot stand:")
        for mark, words in self.document.shorthands:
            self.text(f"{mark.value} {words}", "List Bullet")


def _widths(rows: list[list[str]]) -> list[Any]:
    from docx.shared import Mm

    weights = shares(rows)
    return [Mm(TEXT_WIDTH * weight / sum(weights)) for weight in weights]


def _say(table: Any, title: str, words: str) -> None:
    """The table's own alternative text."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    for name, text in (("w:tblCaption", title), ("w:tblDescription", words)):
        element = OxmlElement(name)
        element.set(qn("w:val"), showable(text))
        table._tbl.tblPr.append(element)
