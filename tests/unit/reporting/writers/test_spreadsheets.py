"""Do the workbooks hold what the tables hold, by the Government Analysis Function's rules, and nothing that runs?

Excel's is read by openpyxl, OpenDocument's by lxml, and both once more by LibreOffice where it is installed.
"""

import csv
import io
import shutil
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from lxml import etree

from kcas.evidence.document import Document
from kcas.evidence.writers import ods, sheets, xlsx
from kcas.evidence.writers.cells import showable
from tests.unit.reporting.writers import example

WRAP = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}wrap-option"
STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
TABLE, OFFICE, TEXT = (f"{{urn:oasis:names:tc:opendocument:xmlns:{name}:1.0}}" for name in ("table", "office", "text"))


@pytest.fixture(scope="module")
def book() -> Any:
    return openpyxl.load_workbook(io.BytesIO(xlsx.write(example.report())))


@pytest.fixture(scope="module")
def hostile() -> Any:
    return openpyxl.load_workbook(io.BytesIO(xlsx.write(example.hostile())))


@pytest.fixture(scope="module")
def content() -> Any:
    return opened(ods.write(example.report()))


@pytest.fixture(scope="module")
def hostile_content() -> Any:
    return opened(ods.write(example.hostile()))


def opened(data: bytes) -> Any:
    return etree.fromstring(zipfile.ZipFile(io.BytesIO(data)).read("content.xml"))


def said(cell: Any) -> str:
    """What a cell of OpenDocument says, its lines and its runs of spaces written out."""
    return "\n".join(_said(paragraph) for paragraph in cell.findall(f"{TEXT}p"))


def _said(element: Any) -> str:
    words = {f"{TEXT}s": " " * int(element.get(f"{TEXT}c", 1)), f"{TEXT}tab": "\t"}.get(element.tag, "")
    return words + (element.text or "") + "".join(_said(inner) + (inner.tail or "") for inner in element)


def sheet_rows(content: Any, name: str) -> list[list[Any]]:
    table = next(table for table in content.iter(f"{TABLE}table") if table.get(f"{TABLE}name") == name)
    return [list(row) for row in table.iter(f"{TABLE}table-row")]


def test_a_cover_the_contents_the_notes_then_one_table_to_a_sheet(book: Any, content: Any) -> None:
    expected = ["Cover", "Contents", "Notes", "Table 1", "Table 2", "Table 3"]
    assert book.sheetnames == expected
    assert [table.get(f"{TABLE}name") for table in content.iter(f"{TABLE}table")] == expected
    assert [list(sheet.tables) for sheet in book] == [
        [],
        ["contents"],
        ["notes"],
        ["table_1"],
        ["table_2"],
        ["table_3"],
    ]


def test_the_marked_table_is_the_table_and_has_no_blank_or_merged_cell(book: Any) -> None:
    for sheet in book.worksheets[1:]:
        [table] = sheet.tables.values()
        cells = sheet[table.ref]
        assert [cell.value for cell in cells[0]] == table.column_names
        assert [cell.coordinate for row in cells for cell in row if cell.value in (None, "")] == []
        assert cells[-1][-1].coordinate == f"{openpyxl.utils.get_column_letter(sheet.max_column)}{sheet.max_row}"
        assert not sheet.merged_cells.ranges
        rows = [row[0].value for row in sheet.iter_rows(max_row=cells[0][0].row - 1)]
        assert all(rows), "a line above the table is blank"


def test_the_ranges_of_open_document_are_the_tables(content: Any, book: Any) -> None:
    ranges = {each.get(f"{TABLE}name"): each.get(f"{TABLE}target-range-address")
              for each in content.iter(f"{TABLE}database-range")}  # fmt: skip
    for sheet in book.worksheets[1:]:
        [table] = sheet.tables.values()
        name, (first, last) = table.name, table.ref.split(":")
        assert ranges[name] == f"'{sheet.title}'.{first}:'{sheet.title}'.{last}"
    assert not [each for each in content.iter() if each.tag == f"{TABLE}covered-table-cell"]


def test_numbers_are_numbers_and_are_shown_by_their_kind(book: Any, content: Any) -> None:
    first = next(row for row in book["Table 1"].iter_rows() if row[0].value == "2010-01-04")
    assert [cell.value for cell in first] == ["2010-01-04", 1150, 232, pytest.approx(232 / 1150),
                                              pytest.approx(100 * (232 / 1150 - 0.19)), 93.4]  # fmt: skip
    assert [cell.number_format for cell in first[1:]] == ["#,##0", "#,##0", "0.0%", '+0.0;"−"0.0;0.0', "#,##0.0"]
    row = next(row for row in sheet_rows(content, "Table 1") if said(row[0]) == "2010-01-04")
    assert [cell.get(f"{OFFICE}value-type") for cell in row] == ["string", *["float"] * 2, "percentage", *["float"] * 2]
    assert [float(cell.get(f"{OFFICE}value")) for cell in row[1:3]] == [1150, 232]


def test_a_shorthand_stands_where_a_number_cannot_and_is_explained(book: Any) -> None:
    assert [cell.value for cell in list(book["Table 1"].iter_rows())[-1]] == [
        "2010-06-28",
        "[c]",
        "[c]",
        "[x]",
        "[z]",
        "[x]",
    ]
    notes = {row[0].value: row[1].value for row in book["Notes"].iter_rows()}
    assert notes["[c]"] == "confidential: a count from 1 to 4, or one that would give it away"
    assert "[c] confidential" in " ".join(row[0].value for row in book["Cover"].iter_rows())


def test_each_sheet_says_whether_it_is_a_models_and_what_it_rests_on(book: Any, content: Any) -> None:
    for name, mark in (("Table 1", "OBSERVED"), ("Table 3", "MODEL")):
        above = [row[0].value for row in book[name].iter_rows(max_row=12)]
        assert above[1] == mark
        starts = [line.split(":")[0] for line in above[2:10]]
        assert starts == ["Kind", "Definition", "Period", "Hours covered", "Data as at", "Source", "Made by", "Units"]
        assert [said(row[0]) for row in sheet_rows(content, name)[:11]] == above[:11]


def test_the_note_that_a_title_names_is_the_tables_own(book: Any) -> None:
    assert book["Table 3"]["A1"].value.endswith("[note 4]")
    notes = {row[0].value: (row[1].value, row[2].value) for row in book["Notes"].iter_rows()}
    assert notes["[note 4]"] == ("Each row changes one thing and leaves the rest as it was.", "Table 3")


def test_hostile_cells_of_excel_are_texts_letter_for_letter(hostile: Any) -> None:
    assert {cell.data_type for sheet in hostile for row in sheet.iter_rows() for cell in row} <= {"s", "n"}
    links = [cell.hyperlink for sheet in hostile for row in sheet.iter_rows() for cell in row if cell.hyperlink]
    assert {link.target for link in links} == {None}
    assert [link.location for link in links] == ["'Notes'!A1", "'Table 1'!A1", "'Table 2'!A1"]
    [table] = hostile["Table 1"].tables.values()
    written = [row[0].value for row in hostile["Table 1"][table.ref][1:]]
    expected = [showable(text).replace("\r", "\n") if text.strip() else "(blank)" for text in example.HOSTILE]
    assert written == expected


def test_no_part_of_the_excel_file_holds_a_formula_or_a_way_out() -> None:
    with zipfile.ZipFile(io.BytesIO(xlsx.write(example.hostile()))) as parts:
        for name in parts.namelist():
            root = etree.fromstring(parts.read(name))
            assert [each for each in root.iter() if etree.QName(each).localname in ("f", "oleObject", "ddeLink")] == []
            assert [each for each in root.iter() if each.get("TargetMode") == "External"] == [], name


def test_hostile_cells_of_open_document_are_texts_letter_for_letter(hostile_content: Any) -> None:
    attributes = {etree.QName(name).localname for each in hostile_content.iter() for name in each.attrib}
    assert attributes & {"formula", "string-value", "title"} == set()
    ways = [each.get("{http://www.w3.org/1999/xlink}href") for each in hostile_content.iter(f"{TEXT}a")]
    assert ways == ["#'Notes'.A1", "#'Table 1'.A1", "#'Table 2'.A1"]
    rows = sheet_rows(hostile_content, "Table 1")
    written = [said(row[0]) for row in rows[-len(example.HOSTILE) :]]
    expected = [showable(text).replace("\r", "\n") if text.strip() else "(blank)" for text in example.HOSTILE]
    assert written == expected


def test_a_text_too_long_for_a_cell_is_cut_where_it_can_be_seen() -> None:
    held = sheets.cell_text("😀" * 20_000)
    assert len(held.encode("utf-16-le")) // 2 <= 32_767
    assert held.startswith("😀" * 10_000)
    assert held.endswith("[cut: 40,000 characters, more than a cell can hold]")


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "write"), [("xlsx", xlsx.write), ("ods", ods.write)])
def test_libre_office_reads_the_same_texts_and_works_nothing_out(kind: str, write: Any, tmp_path: Path) -> None:
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not here: the workbooks were not opened in it")
    (tmp_path / f"book.{kind}").write_bytes(write(example.hostile()))
    # Every sheet, comma, quote, UTF-8, texts quoted, cells as shown, formulas as formulas.
    wanted = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,true,true,false,false,-1"
    subprocess.run([office, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", "--convert-to",
                    wanted, "--outdir", str(tmp_path), str(tmp_path / f"book.{kind}")],
                   check=True, capture_output=True, timeout=240)  # fmt: skip
    read = (tmp_path / "book-Table 1.csv").read_text(encoding="utf-8")
    written = [row[0] for row in csv.reader(io.StringIO(read, newline=""))][-len(example.HOSTILE) :]
    plain = [
        text
        for text in example.HOSTILE
        if showable(text) == text and not set(text) & set("\t\r\n\ufeff") and text.strip()
    ]
    assert len(plain) > 20
    assert [text for text in plain if text not in written] == []


LONG = " ".join(f"word{n:03}" for n in range(400))  # 3,199 characters: more than one screen line, by far
"""A note as long as those that tell of a method."""


def with_a_long_note(note: str) -> Document:
    return replace(example.report(), notes=(note, "A short one."))


@pytest.mark.parametrize("length", [399, 401, 1_000, 3_199])
def test_a_long_note_is_wrapped_in_a_row_tall_enough_for_all_of_it(length: int) -> None:
    note = LONG[:length]
    page = openpyxl.load_workbook(io.BytesIO(xlsx.write(with_a_long_note(note))))["Notes"]
    (cell,) = (cell for row in page.iter_rows() for cell in row if cell.value == note)
    assert cell.alignment.wrap_text
    width = page.column_dimensions[cell.column_letter].width
    height = page.row_dimensions[cell.row].height
    assert width <= 255  # Excel's widest column
    assert height <= 409  # and its tallest row
    assert height >= 15 * -(-length // width)  # as many lines as there are widths in it, and words break early


def test_a_long_note_is_wrapped_in_the_open_document_sheet_too() -> None:
    content = opened(ods.write(with_a_long_note(LONG)))
    (cell,) = (cell for row in sheet_rows(content, "Notes") for cell in row if said(cell) == LONG)
    name = cell.get(f"{TABLE}style-name")
    styles = opened_part(ods.write(with_a_long_note(LONG)), "styles.xml"), content
    found = [style for part in styles for style in part.iter(f"{STYLE}style") if style.get(f"{STYLE}name") == name]
    assert [properties.get(WRAP) for style in found for properties in style.iter(f"{STYLE}table-cell-properties")] == [
        "wrap"
    ]


def opened_part(data: bytes, name: str) -> Any:
    return etree.fromstring(zipfile.ZipFile(io.BytesIO(data)).read(name))
