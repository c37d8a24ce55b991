"""Is the page one file that says everything, runs nothing and asks for nothing?"""

import itertools
import re
from base64 import b64decode
from typing import Any

import pytest
from lxml import html as reader

from kcas.evidence.writers import html
from kcas.evidence.writers.cells import showable
from tests.unit.reporting.writers import example


@pytest.fixture(scope="module")
def page() -> Any:
    return reader.document_fromstring(html.write(example.report()))


@pytest.fixture(scope="module")
def hostile() -> Any:
    return reader.document_fromstring(html.write(example.hostile()))


def words(element: Any) -> str:
    return " ".join(element.text_content().split())


def test_its_headings_follow_each_other_without_a_gap(page: Any) -> None:
    levels = [int(element.tag[1]) for element in page.iter("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert [later for sooner, later in itertools.pairwise(levels) if later > sooner + 1] == []


def test_the_five_sentences_stand_first(page: Any) -> None:
    first = page.xpath("//main/*")[0]
    assert [words(item) for item in first.iter("li")] == list(example.report().sentences)


def test_every_table_has_a_caption_and_headings_of_columns_and_rows(page: Any) -> None:
    captions = [words(table.find("caption")) for table in page.iter("table")]
    assert captions == [
        "Observed Table 1: Calls offered and abandoned in each week of 2010",
        "Model Table 3: What each action would do alone",
    ]
    for table in page.iter("table"):
        assert {cell.get("scope") for cell in table.xpath("./thead//th")} == {"col"}
        assert [len(row.xpath("./th[@scope='row']")) for row in table.xpath("./tbody/tr")] == [1] * len(
            table.xpath("./tbody/tr")
        )
        assert len({len(row) for row in table.iter("tr")}) == 1


def test_a_row_of_the_page_is_the_row_of_the_table(page: Any) -> None:
    rows = [[words(cell) for cell in row] for row in page.xpath("//table")[0].xpath("./tbody/tr")]
    assert rows[0] == ["2010-01-04", "1,150", "232", "20.2%", "+1.2 points", "1 min 33 s"]
    assert rows[-1] == ["2010-06-28", "[c]", "[c]", "[x]", "[z]", "[x]"]


def test_every_figure_and_table_says_what_it_rests_on(page: Any) -> None:
    for part in page.xpath("//figure | //div[contains(@class, 'table')]"):
        names = [words(name) for name in part.xpath("./dl/dt")]
        assert names == ["Kind", "Definition", "Period", "Hours covered", "Data as at", "Source", "Made by"]
        is_model = "model" in part.get("class")
        assert words(part.xpath("./dl/dd")[0]).startswith("From a model" if is_model else "Observed")


def test_every_chart_has_its_finding_in_words_and_its_numbers_beside(page: Any) -> None:
    pictures = list(page.iter("img"))
    assert [picture.get("alt") for picture in pictures] == [figure.alt for figure in example.report().figures]
    assert all(b64decode(picture.get("src").split(",")[1]).startswith(b"<svg") for picture in pictures)
    targets = [link.get("href")[1:] for link in page.xpath("//figure//a")]
    assert targets == ["table-weeks", "table-model-apart"]
    assert all(page.get_element_by_id(target) is not None for target in targets)


def test_it_says_whom_it_is_for_and_that_it_is_invented(page: Any) -> None:
    header = words(page.find(".//header"))
    assert "Public edition" in header
    assert "28 June 2010, 06:00" in header
    assert "Invented." in header


def test_hostile_text_makes_no_element_and_no_attribute(hostile: Any) -> None:
    tags = {element.tag for element in hostile.iter() if isinstance(element.tag, str)}
    assert tags & {"script", "iframe", "object", "embed", "form", "input", "svg", "b", "base", "link"} == set()
    assert [element for element in hostile.iter() if not isinstance(element.tag, str)] == []  # no comments
    names = {name for element in hostile.iter() for name in element.attrib}
    assert [name for name in names if name.startswith("on") or name == "style"] == []
    assert all(link.get("href").startswith("#") for link in hostile.iter("a"))
    assert all(picture.get("src").startswith("data:image/svg+xml;base64,") for picture in hostile.iter("img"))


def test_hostile_text_arrives_letter_for_letter(hostile: Any) -> None:
    kept = [paragraph.text_content() for paragraph in hostile.xpath("//main/section/p[bdi]")]
    expected = [showable(text) for text in example.HOSTILE]
    assert [text.replace("\r", "\n") for text in kept[: len(expected)]] == [t.replace("\r", "\n") for t in expected]


def test_nothing_is_asked_of_anybody(page: Any) -> None:
    written = html.write(example.report()).decode()
    assert re.findall(r"""(?:src|href)=["'](?!#|data:)[^"']*""", written) == []
    assert re.findall(r"@import|url\((?!#)", written) == []
    assert "default-src 'none'" in page.xpath("//meta[@http-equiv]/@content")[0]
