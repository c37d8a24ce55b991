"""Styles of the Word file."""

from typing import Any

INK, QUIET, LINE, SEEN, MODEL = "1B2430", "4A5565", "C9D0D9", "14507F", "7A3A06"
FONT = "Arial"
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
        mark.font.bold, mark.font.size, mark.font.name = True, Pt(9), FONT
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
    font.name, font.size, font.bold, font.italic = FONT, Pt(size), bold, False
    font.color.rgb = _rgb(colour)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in list(fonts.attrib):
        if "heme" in name:
            del fonts.attrib[name]
    for script in ("w:hAnsi", "w:cs", "w:eastAsia"):
        fonts.set(qn(script), FONT)
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
