"""Does the report's page, in a real browser, hold to the rules of accessibility and keep to itself?"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kcas.evidence.document import Column, Document, Kind, Section, Table
from kcas.evidence.writers import html
from tests.unit.reporting.writers import example

playwright = pytest.importorskip("playwright.sync_api")
axe = pytest.importorskip("axe_playwright_python.sync_playwright")


def opened(page: Any, path: Path, noted: list[str]) -> None:
    """The page open, with every complaint, dialog and request noted."""
    page.on("console", lambda message: noted.append(f"console: {message.text}"))
    page.on("dialog", lambda dialog: (noted.append("a dialog"), dialog.dismiss()))
    page.on("request", lambda asked: noted.append(asked.url) if not asked.url.startswith(("file:", "data:")) else None)
    page.goto(path.as_uri())


@pytest.mark.parametrize("light", ["light", "dark"])
@pytest.mark.parametrize("name", ["report", "hostile"])
def test_nothing_serious_is_found_in_either_light_and_nothing_leaves(
    name: str, light: str, browser: playwright.Browser, tmp_path: Path
) -> None:
    (tmp_path / "report.html").write_bytes(html.write(getattr(example, name)()))
    noted: list[str] = []
    with browser.new_context(color_scheme=light, viewport={"width": 1100, "height": 900}) as profile:
        page = profile.new_page()
        opened(page, tmp_path / "report.html", noted)
        found = axe.Axe().run(page).response
        title = page.title()
    grave = [(rule["id"], rule["nodes"][0]["html"]) for rule in found["violations"]
             if rule["impact"] in ("serious", "critical")]  # fmt: skip
    assert grave == []
    assert {"image-alt", "color-contrast", "html-has-lang"} <= {rule["id"] for rule in found["passes"]}
    assert noted == []
    assert title.startswith(getattr(example, name)().title.split(" \x00")[0])


def test_a_narrow_screen_does_not_scroll_sideways(browser: playwright.Browser, tmp_path: Path) -> None:
    (tmp_path / "report.html").write_bytes(html.write(example.report()))
    with browser.new_context(viewport={"width": 360, "height": 740}) as profile:
        page = profile.new_page()
        opened(page, tmp_path / "report.html", [])
        widths = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert widths[0] <= widths[1]


LONG_QUEUE = "ChildrenAndFamilies_OutOfHours_DutyDesk_2"
FRAMES = """() => [...document.querySelectorAll('.scroll')].map(frame => ({
    table: frame.querySelector('table').getBoundingClientRect().width, frame: frame.clientWidth,
    inside: frame.getBoundingClientRect().right <= document.documentElement.clientWidth + 1}))"""


def a_wide_table() -> Document:
    """A table with as many columns as a pack has of calls by queue, and a queue's name of one long word."""
    report = example.report()
    headings = (
        "Queue", "Offered", "Answered", "Abandoned", "Ended otherwise", "Still open", "Counted as lost", "Out of",
        "Share lost", "Low (95%)", "High (95%)",
    )  # fmt: skip
    columns = (Column(headings[0]), *(Column(each, Kind.COUNT) for each in headings[1:]))
    rows = ((LONG_QUEUE, *(123_456 + n for n in range(10))), ("Adults", *range(10)))
    table = Table("by-queue", "Calls by queue", columns, rows, example.basis(), inline=True)
    return replace(report, sections=(Section("The figures in full", (table,)), *report.sections))


@pytest.mark.parametrize(("width", "media"), [(1440, "screen"), (1024, "screen"), (390, "screen"), (658, "print")])
def test_a_wide_table_fits_its_column_or_scrolls_within_it(
    width: int, media: str, browser: playwright.Browser, tmp_path: Path
) -> None:
    (tmp_path / "report.html").write_bytes(html.write(a_wide_table()))
    with browser.new_context(viewport={"width": width, "height": 900}) as profile:
        page = profile.new_page()
        page.emulate_media(media=media)
        opened(page, tmp_path / "report.html", [])
        frames = page.evaluate(FRAMES)
        widths = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert len(frames) >= 2
    assert widths[0] <= widths[1]
    assert all(frame["inside"] for frame in frames)
    if width != 390:  # a telephone scrolls the table's own frame; paper, 174 mm between its margins, cannot
        assert [frame for frame in frames if frame["table"] > frame["frame"] + 1] == []
