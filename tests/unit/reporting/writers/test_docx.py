"""Is the Word file one that can be heard and gone on with: headings, alternative texts, styles, and texts as texts?

Its parts are read as XML, not by the library that wrote them, and once by LibreOffice where it is installed.
"""

import io
import itertools
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from PIL import Image

from kcas.evidence.writers import docx
from kcas.evidence.writers.cells import showable
from tests.unit.reporting.writers import example

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


class Parts:
    """The parts of a Word file, as XML."""

    def __init__(self, data: bytes) -> None:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            self.raw = {name: parts.read(name) for name in parts.namelist()}
            self.moments = {entry.date_time for entry in parts.infolist()}
        self.body = etree.fromstring(self.raw["word/document.xml"])

    def styled(self) -> list[tuple[str, str]]:
        """Each paragraph of the body with the id of its style."""
        return [(style_of(paragraph), words(paragraph)) for paragraph in self.body.iter(f"{W}p")]


def style_of(paragraph: Any) -> str:
    style = paragraph.find(f"{W}pPr/{W}pStyle")
    return "" if style is None else str(style.get(f"{W}val"))


def words(element: Any) -> str:
    """What a paragraph says, with its tabs and line ends."""
    said = {f"{W}tab": "\t", f"{W}br": "\n", f"{W}cr": "\n"}
    parts = (each.text or "" if each.tag == f"{W}t" else said.get(each.tag, "") for each in element.iter())
    return "".join(parts)


@pytest.fixture(scope="module")
def parts() -> Parts:
    return Parts(docx.write(example.report()))


@pytest.fixture(scope="module")
def hostile() -> Parts:
    return Parts(docx.write(example.hostile()))


def test_its_headings_are_headings_and_follow_each_other_without_a_gap(parts: Parts) -> None:
    headings = [(int(style[-1]), text) for style, text in parts.styled() if style.startswith("Heading")]
    assert headings == [
        (1, "Summary"),
        (1, "How the rate has moved"),
        (2, "By day"),
        (1, "What each action would do"),
        (1, "How to read this"),
    ]
    assert [text for style, text in parts.styled() if style == "Title"] == [example.report().title]


def test_every_picture_says_its_finding_and_has_two_dots_to_the_pixel(parts: Parts) -> None:
    said = [(each.get("descr"), each.get("title")) for each in parts.body.iter(f"{WP}docPr")]
    assert said == [(figure.alt, figure.title) for figure in example.report().figures]
    pictures = [Image.open(io.BytesIO(raw)) for name, raw in parts.raw.items() if name.endswith(".png")]
    assert all(picture.size[0] > 1280 for picture in pictures)
    assert len(pictures) == len([name for name in parts.raw if name.endswith(".svg")]) == 2


def test_every_table_repeats_its_heading_and_says_what_it_is(parts: Parts) -> None:
    tables = list(parts.body.iter(f"{W}tbl"))
    assert [table.find(f"{W}tblPr/{W}tblCaption").get(f"{W}val") for table in tables] == [
        "Table 1: Calls offered and abandoned in each week of 2010",
        "Table 3: What each action would do alone",
    ]
    assert [table.find(f"{W}tblPr/{W}tblDescription").get(f"{W}val").split(".")[0] for table in tables] == [
        "Observed",
        "Model",
    ]
    for table in tables:
        rows = table.findall(f"{W}tr")
        assert [row.find(f"{W}trPr/{W}tblHeader") is not None for row in rows] == [True] + [False] * (len(rows) - 1)
        assert not list(table.iter(f"{W}gridSpan", f"{W}vMerge"))
    first = [words(cell) for cell in tables[0].findall(f"{W}tr")[1].iter(f"{W}tc")]
    assert first == ["2010-01-04", "1,150", "232", "20.2%", "+1.2 points", "1 min 33 s"]


def test_every_look_is_a_style_so_that_one_change_changes_the_report(parts: Parts) -> None:
    runs = [each for each in parts.body.iter(f"{W}rPr") if [child for child in each if child.tag != f"{W}rStyle"]]
    assert runs == []
    names = {style.get(f"{W}styleId") for style in etree.fromstring(parts.raw["word/styles.xml"]).iter(f"{W}style")}
    used = {each.get(f"{W}val") for each in parts.body.iter(f"{W}pStyle", f"{W}rStyle", f"{W}tblStyle")}
    assert used <= names


def test_a_model_is_marked_where_it_stands(parts: Parts) -> None:
    captions = [text.split() for _, text in parts.styled() if text.startswith(("\xa0Observed", "\xa0MODEL"))]
    assert [(first, kind, number) for first, kind, number, *_ in captions] == [
        ("Observed", "Figure", "1:"), ("Observed", "Table", "1:"), ("Observed", "Table", "2:"),
        ("MODEL", "Figure", "2:"), ("MODEL", "Table", "3:"),
    ]  # fmt: skip
    assert [text for _, text in parts.styled() if text.startswith("Kind: ")] == [
        "Kind: Observed: counted from the logs.", "Kind: Observed: counted from the logs.",
        *["Kind: From a model, not observed: what the queue model says, never what happened."] * 2,
    ]  # fmt: skip


def test_it_is_in_british_english_and_of_its_own_moment(parts: Parts) -> None:
    styles = etree.fromstring(parts.raw["word/styles.xml"])
    assert {each.get(f"{W}val") for each in styles.iter(f"{W}lang")} == {"en-GB"}
    about = parts.raw["docProps/core.xml"].decode()
    assert about.count("2010-06-28T05:00:00Z") == 3
    assert example.report().title in about
    assert parts.moments == {(1980, 1, 1, 0, 0, 0)}


def test_the_foot_counts_the_pages_and_says_that_it_is_invented(parts: Parts) -> None:
    foot = etree.fromstring(next(raw for name, raw in parts.raw.items() if "footer" in name))
    assert [each.get(f"{W}instr") for each in foot.iter(f"{W}fldSimple")] == ["PAGE", "NUMPAGES"]
    assert "invented" in words(foot)


def test_hostile_text_is_text_letter_for_letter(hostile: Parts) -> None:
    body = hostile.styled()
    at = next(n for n, (style, _) in enumerate(body) if style == "Heading1" and _ != "Summary")
    written = [text for _, text in body[at + 1 : at + 1 + len(example.HOSTILE)]]
    assert written == [showable(text).replace("\r", "\n") for text in example.HOSTILE]
    rows = next(iter(hostile.body.iter(f"{W}tbl"))).findall(f"{W}tr")[1:]
    cells = [words(row.find(f"{W}tc")) for row in rows]
    assert cells == [showable(text).replace("\r", "\n") if text.strip() else "(blank)" for text in example.HOSTILE]


def test_nothing_in_it_runs_or_leads_out(hostile: Parts) -> None:
    for name, raw in hostile.raw.items():
        if not name.endswith((".xml", ".rels", ".svg")):
            continue
        root = etree.fromstring(raw)
        assert [each for each in root.iter(RELATION) if each.get("TargetMode") == "External"] == [], name
        tags = {etree.QName(each).localname for each in root.iter() if isinstance(each.tag, str)}
        assert tags & {"hyperlink", "instrText", "object", "OLEObject", "altChunk", "script"} == set(), name
    assert [name for name in hostile.raw if "vba" in name.lower() or "embeddings" in name] == []


@pytest.mark.slow
def test_libre_office_reads_the_same_texts(tmp_path: Path) -> None:
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not here: the Word file was not opened in it")
    (tmp_path / "report.docx").write_bytes(docx.write(example.hostile()))
    subprocess.run([office, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", "--convert-to",
                    "txt:Text (encoded):UTF8", "--outdir", str(tmp_path), str(tmp_path / "report.docx")],
                   check=True, capture_output=True, timeout=240)  # fmt: skip
    lines = (tmp_path / "report.txt").read_text(encoding="utf-8").splitlines()
    shown = [text for text in example.HOSTILE if showable(text) == text and text.strip()]
    plain = [text for text in shown if not set(text) & set("\t\r\n\ufeff")]
    assert len(plain) > 20
    assert [text for text in plain if text not in lines] == []


def test_the_entries_are_in_one_order_and_stored(parts: Parts) -> None:
    data = docx.write(example.report())
    entries = zipfile.ZipFile(io.BytesIO(data)).infolist()
    assert entries[0].filename == "[Content_Types].xml"
    assert {entry.compress_type for entry in entries} == {zipfile.ZIP_STORED}
    names = [entry.filename for entry in entries[2:]]
    assert all(sooner < later for sooner, later in itertools.pairwise(names))
