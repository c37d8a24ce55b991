"""Can a planner fit the desk's model, keep it, start from it on the What if page, and come back by its address?"""

import pytest

from tests.browser.conftest import Reader, playwright
from tests.browser.test_every_page_is_accessible import found_by

SLOWEST = 180_000  # milliseconds, on a busy machine


@pytest.mark.parametrize("reader", ["light", "dark"], indirect=True)
def test_the_checker_finds_nothing_serious_in_a_fit_and_in_a_trial(reader: Reader) -> None:
    reader.open("/own_model")
    reader.page.get_by_role("button", name="Fit the model", exact=True).click()
    playwright.expect(reader.page.get_by_text("What was estimated", exact=True)).to_be_visible(timeout=SLOWEST)
    reader.settled()
    found = list(found_by(reader, where="a fit"))
    reader.page.get_by_test_id("stButtonGroup").get_by_text("Was it right before?", exact=True).click()
    reader.settled()
    reader.page.get_by_test_id("stButtonGroup").get_by_text("Once", exact=True).click()
    reader.settled()
    reader.page.get_by_role("button", name="Try it on past days", exact=True).click()
    playwright.expect(reader.page.get_by_text("Each assumption on its own")).to_be_visible(timeout=SLOWEST)
    reader.settled()
    found += found_by(reader, where="a trial")
    assert not found, "\n".join(found)


def test_a_fit_is_there_after_a_reload_and_is_a_baseline_once_kept(reader: Reader) -> None:
    reader.open("/own_model")
    reader.page.get_by_role("button", name="Fit the model", exact=True).click()
    playwright.expect(reader.page.get_by_text("What was estimated", exact=True)).to_be_visible(timeout=SLOWEST)
    assert "fitted=" in reader.page.url
    reader.page.reload()
    playwright.expect(reader.page.get_by_text("What was estimated", exact=True)).to_be_visible(timeout=SLOWEST)
    reader.settled()
    reader.page.get_by_role("button", name="Keep among my scenarios").click()
    reader.page.get_by_role("link", name="Change it on the What if page").click()
    playwright.expect(reader.page.get_by_role("heading", name="What if", level=1)).to_be_visible(timeout=30_000)
    reader.settled()
    assert "baseline=own+desk" in reader.page.url.replace("%20", "+")
    assert "How many callers hang up as things were until" in reader.said
    assert "everything" in reader.said  # fitted to invented calls, so invented
