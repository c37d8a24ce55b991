"""Can what a word means be looked up from every page?"""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import text

Open = Callable[..., AppTest]


def test_the_glossary_is_a_shown(shown: Open) -> None:
    said = text(shown("Glossary"))
    assert "| leg | one caller's stay in one queue: the row that we count |" in said
    assert "Telling change from random variation" in said


@pytest.mark.parametrize("title", ["", "Waiting", "What if", "Evidence"])
def test_every_page_links_to_it(shown: Open, title: str) -> None:
    links = [link.proto.label for link in shown(title).sidebar.get("page_link")]
    assert "Glossary" in links
