"""Is every card's name and figure read whole, on a desk's screen, a small one and a telephone?"""

import pytest

from tests.browser.conftest import Reader

CUT_OFF = """() => [...document.querySelectorAll('[data-testid="stMetric"] *')]
    .filter(each => getComputedStyle(each).overflowX !== 'visible' && each.scrollWidth > each.clientWidth + 1)
    .map(each => each.innerText)"""


@pytest.mark.parametrize("width", [1280, 900, 390])
def test_no_cards_name_or_figure_is_cut_off(reader: Reader, width: int) -> None:
    reader.page.set_viewport_size({"width": width, "height": 1000})
    for path in ("/", "/waits", "/what_if?agents=2"):
        reader.open(path)
        assert reader.page.get_by_test_id("stMetric").count() > 1, path
        assert reader.page.evaluate(CUT_OFF) == [], f"{path} at {width} pixels"
