"""Does a chart become one picture, whatever the machine, that holds its finding and fetches nothing?"""

import io
import struct
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from lxml import etree
from PIL import Image

from kcas.errors import KcasError
from kcas.evidence.writers import cells, still
from kcas.evidence.writers.typefaces import FOLDER
from tests.unit.reporting.writers import example

SVG = "{http://www.w3.org/2000/svg}"


def drawn_by(path: Any) -> set[int]:
    """The characters a typeface has, read from its table of them (OpenType's cmap, format 4)."""
    data = path.read_bytes()
    tables = {data[at : at + 4]: struct.unpack(">L", data[at + 8 : at + 12])[0]
              for at in range(12, 12 + 16 * struct.unpack(">H", data[4:6])[0], 16)}  # fmt: skip
    start = tables[b"cmap"]
    for n in range(struct.unpack(">H", data[start + 2 : start + 4])[0]):
        table = start + struct.unpack(">L", data[start + 8 + 8 * n : start + 12 + 8 * n])[0]
        if struct.unpack(">H", data[table : table + 2])[0] == 4:
            count = struct.unpack(">H", data[table + 6 : table + 8])[0] // 2
            ends = struct.unpack(f">{count}H", data[table + 14 : table + 14 + 2 * count])
            starts = struct.unpack(f">{count}H", data[table + 16 + 2 * count : table + 16 + 4 * count])
            return {code for first, last in zip(starts, ends, strict=True) for code in range(first, last + 1)}
    raise AssertionError("no table of characters in it")


@pytest.mark.parametrize("name", ["Regular", "Bold"])
def test_the_typeface_has_every_character_that_is_said_to_be_drawn(name: str) -> None:
    said = {n for n in range(0x20, 0x10000) if not 0xD800 <= n < 0xE000 and cells.drawable(chr(n)) == chr(n)}
    assert len(said) > 1000
    assert {hex(n) for n in said - drawn_by(FOLDER / f"LiberationSans-{name}.ttf")} == set()


def test_the_picture_bears_its_title_and_its_finding() -> None:
    figure = example.report().figures[0]
    root = etree.fromstring(still.svg(figure))
    assert (root.get("role"), root.get("aria-label")) == ("img", figure.title)
    assert root.findtext(f"{SVG}title") == figure.title
    assert root.findtext(f"{SVG}desc") == figure.alt


def test_the_weeks_are_marked_where_they_are_and_not_an_hour_off() -> None:
    # 4 January to 21 June is 168 days over 640 pixels; the first of February is the 28th of them.
    root = etree.fromstring(still.svg(example.report().figures[0]))
    label = next(text for text in root.iter(f"{SVG}text") if text.text == "Feb 2010")
    assert float(label.get("transform").split("(")[1].split(",")[0]) == pytest.approx(640 * 28 / 168, abs=0.01)


def test_the_png_has_two_dots_to_the_pixel() -> None:
    figure = example.report().figures[0]
    root = etree.fromstring(still.svg(figure))
    picture = Image.open(io.BytesIO(still.png(figure)))
    assert picture.size == (2 * int(root.get("width")), 2 * int(root.get("height")))
    assert picture.convert("RGB").getpixel((3, 3)) == (255, 255, 255)


def links(root: Any) -> Iterator[str]:
    for element in root.iter():
        for name, text in element.attrib.items():
            if "href" in name or name.startswith("on") or ("url(" in text and "url(#" not in text):
                yield f"{element.tag} {name}={text}"


def test_hostile_names_are_letters_in_the_picture() -> None:
    root = etree.fromstring(still.svg(example.hostile().figures[0]))
    tags = {etree.QName(element).localname for element in root.iter() if isinstance(element.tag, str)}
    assert tags <= {"svg", "g", "rect", "path", "line", "text", "title", "desc", "tspan", "defs", "clipPath"}
    assert list(links(root)) == []
    texts = {element.text for element in root.iter(f"{SVG}text")}
    assert {"<script>alert(1)</script>", "=cmd|'/C calc'!A0", "@SUM(1)"} <= texts


@pytest.mark.parametrize(
    "outside",
    [
        {"data": {"url": "http://x.example/rows.csv"}},
        {"data": {"url": "file:///etc/passwd"}},
        {"mark": {"type": "image", "url": "http://x.example/a.png"}},
        {"encoding": {"href": {"field": "name"}}},
        {"layer": [{"mark": "bar", "data": {"url": "rows.csv"}}]},
    ],
)
def test_a_chart_that_names_something_outside_itself_is_refused(outside: dict[str, Any]) -> None:
    figure = example.report().figures[1]
    with pytest.raises(KcasError, match="bring its own data"):
        still.svg(replace(figure, chart={**figure.chart, **outside}))


def test_a_row_may_have_a_column_of_any_name() -> None:
    chart = {"data": {"values": [{"url": "a", "n": 1}]}, "mark": "bar", "encoding": {"x": {"field": "n"}}}
    assert still.svg(replace(example.report().figures[1], chart=chart)).startswith(b"<svg")
