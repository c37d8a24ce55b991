"""Is the PDF one that can be heard: tagged in order, each chart with its finding, and texts as texts?

The structure is read by pikepdf, which had no part in making it; the words by poppler, where it is installed.
"""

import io
import itertools
import re
import shutil
import subprocess
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import typst

from kcas.evidence.writers import pdf
from kcas.evidence.writers.cells import drawable, showable
from tests.unit.reporting.writers import example


@pytest.fixture(scope="module")
def made() -> bytes:
    return pdf.write(example.report())


@pytest.fixture(scope="module")
def book(made: bytes) -> Any:
    return pikepdf.open(io.BytesIO(made))


@pytest.fixture(scope="module")
def hostile() -> bytes:
    return pdf.write(example.hostile())


def walk(element: Any) -> Iterator[Any]:
    """Each element of the structure, in reading order."""
    if isinstance(element, pikepdf.Array):
        for inner in element:
            yield from walk(inner)
    elif isinstance(element, pikepdf.Dictionary) and ("/S" in element or element.get("/Type") == "/StructTreeRoot"):
        if "/S" in element:
            yield element
        if "/K" in element:
            yield from walk(element.K)


def kinds(book: Any) -> list[str]:
    return [str(element.S)[1:] for element in walk(book.Root.StructTreeRoot)]


def test_it_says_that_it_is_pdf_ua_and_in_what_language(book: Any) -> None:
    root = book.Root
    assert bool(root.MarkInfo.Marked)
    assert str(root.Lang) == "en-GB"
    assert bool(root.ViewerPreferences.DisplayDocTitle)
    with book.open_metadata() as metadata:
        assert metadata["pdfuaid:part"] == "1"
        assert metadata["dc:title"] == example.report().title


def test_its_headings_follow_each_other_without_a_gap(book: Any) -> None:
    levels = [int(kind[1]) for kind in kinds(book) if re.fullmatch("H[1-6]", kind)]
    assert len(levels) == 5  # in short, two sections, one within, how to read
    assert levels[0] == 1
    assert [later for sooner, later in itertools.pairwise(levels) if later > sooner + 1] == []
    assert "Title" in kinds(book)


def test_every_chart_has_its_finding_in_words(book: Any) -> None:
    figures = [element for element in walk(book.Root.StructTreeRoot) if element.S == "/Figure"]
    assert [str(figure.Alt) for figure in figures] == [figure.alt for figure in example.report().figures]


def test_every_table_has_headings_that_say_what_they_head_and_rows_of_one_length(book: Any) -> None:
    tables = [element for element in walk(book.Root.StructTreeRoot) if element.S == "/Table"]
    assert len(tables) == 2
    for table, expected in zip(tables, (example.weeks(), example.apart()), strict=True):
        rows = [[str(cell.S) for cell in row.K] for row in walk(table) if row.S == "/TR"]
        assert rows[0] == ["/TH"] * len(expected.columns)
        assert rows[1:] == [["/TD"] * len(expected.columns)] * len(expected.rows)
        heads = [cell for cell in walk(table) if cell.S == "/TH"]
        assert all("/Column" in [str(a.get("/Scope")) for a in cell.A] for cell in heads)


def test_each_table_and_chart_has_a_caption(book: Any) -> None:
    assert kinds(book).count("Caption") == 4


def test_nothing_in_it_runs_or_leads_out(hostile: bytes) -> None:
    book = pikepdf.open(io.BytesIO(hostile))
    for name in ("/JavaScript", "/JS", "/URI", "/Launch", "/GoToR", "/EmbeddedFiles"):
        found = [
            each for each in book.objects if isinstance(each, pikepdf.Dictionary | pikepdf.Stream) and name in each
        ]
        assert found == [], name
    assert "/OpenAction" not in book.Root
    named = (each for each in book.objects if isinstance(each, pikepdf.Dictionary) and "/BaseFont" in each)
    fonts = {str(each.BaseFont).split("+")[-1] for each in named}
    assert {name.removesuffix("-Identity-H") for name in fonts} <= {"LiberationSans", "LiberationSans-Bold"}


def squeezed(text: str) -> str:
    """The letters of a text in their order, whatever the lines and the spaces."""
    return re.sub(r"[\s\u200b\u202a-\u202e\u2066-\u2069\x00-\x1f]", "", unicodedata.normalize("NFC", text))


def test_hostile_text_is_read_back_as_text(hostile: bytes, tmp_path: Path) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not here: the words of the PDF were not read back")
    (tmp_path / "report.pdf").write_bytes(hostile)
    read = subprocess.run(["pdftotext", "-raw", str(tmp_path / "report.pdf"), "-"], capture_output=True, check=True)
    said = squeezed(read.stdout.decode())
    left_to_right = [text for text in example.HOSTILE if len(text) < 10_000 and "שלום" not in text]
    assert [text for text in left_to_right if squeezed(drawable(showable(text))) not in said] == []
    assert "WWWWWWWWWWWWWWWWWWWW" in said
    assert squeezed("shown by their code, such as [U+1F600]") in said


def test_no_word_runs_off_the_page(hostile: bytes, tmp_path: Path) -> None:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not here: where the words stand was not looked at")
    (tmp_path / "report.pdf").write_bytes(hostile)
    read = subprocess.run(["pdftotext", "-bbox", str(tmp_path / "report.pdf"), "-"], capture_output=True, check=True)
    ends = [float(end) for end in re.findall(r'xMax="([\d.]+)"', read.stdout.decode())]
    assert len(ends) > 500
    assert max(ends) < 595


def test_a_chart_without_a_finding_is_refused() -> None:
    from dataclasses import replace

    report = example.report()
    section = report.sections[0]
    figure = replace(report.figures[0], alt="")
    silent = replace(report, sections=(replace(section, blocks=(figure,)),))
    with pytest.raises(typst.TypstError, match="alt"):
        pdf.write(silent)
