"""Does an independent checker find anything on a page that shuts somebody out? axe-core, on every page, light and dark.

It cannot see into pictures: the colours of charts are held to their contrast in tests/unit/reporting/test_palettes.py.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import Reader, playwright

SHUTS_OUT = ("serious", "critical")
NOT_OURS: dict[str, str] = {}
"""Rules that Streamlit itself breaks and no page of ours can mend, each with the reason. None is needed today."""
WHAT_IF = ("Save and load", "Compare several", "Two changes at once", "Watch a day", "Simulate")


def titles(reader: Reader) -> list[str]:
    """Every page there is, by the navigation."""
    found = reader.page.get_by_test_id("stSidebarNav").get_by_role("link").all_inner_texts()
    return [title.strip() for title in found]


def found_by(reader: Reader, *, where: str) -> Iterator[str]:
    """What the checker finds that shuts somebody out, a line for each element."""
    result: dict[str, Any] = Axe().run(reader.page).response
    assert result["passes"], f"{where}: the checker looked at nothing"
    for rule in result["violations"]:
        if rule["impact"] in SHUTS_OUT and rule["id"] not in NOT_OURS:
            yield from (f"{where}: {rule['id']} ({rule['help']}): {node['html'][:200]}" for node in rule["nodes"])


@pytest.mark.parametrize("reader", ["light", "dark"], indirect=True)
def test_the_checker_finds_nothing_serious_on_any_page(reader: Reader) -> None:
    reader.open()
    pages = titles(reader)
    assert {"Overview", "Trend", "Waiting", "Calls", "What if", "Model", "Data"} <= set(pages)
    found = []
    for title in pages:
        reader.turn_to(title)
        found += found_by(reader, where=title)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("reader", ["light", "dark"], indirect=True)
def test_the_checker_finds_nothing_serious_in_any_part_of_the_what_if_page(reader: Reader) -> None:
    reader.open("/what_if?agents=2&calls=140")
    found = []
    for part in WHAT_IF:
        reader.page.get_by_test_id("stButtonGroup").get_by_text(part, exact=True).click()
        reader.settled()
        if part == "Simulate":
            reader.page.get_by_role("button", name="Simulate", exact=True).last.click()
            playwright.expect(reader.page.get_by_text("simulated days").first).to_be_visible(timeout=120_000)
            reader.settled()
        found += found_by(reader, where=f"What if, {part}")
    for closed in reader.page.get_by_test_id("stExpander").all():
        closed.locator("summary").click()
    reader.settled()
    found += found_by(reader, where="What if, with everything unfolded")
    assert not found, "\n".join(found)
