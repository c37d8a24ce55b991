"""Where the last commit is torn, every page says beside its figures that they are without it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import LAST, calls_of, keep


@pytest.mark.parametrize("title", ["", "Calls", "Trend", "Data"])
def test_a_page_says_that_its_figures_are_without_the_torn_commit(
    desk: Path, page: Callable[..., AppTest], tmp_path: Path, title: str
) -> None:
    store = shutil.copytree(desk, tmp_path / "store")
    keep(store, calls_of(LAST, short=1, long=0, answered=0, queue="late"), name="late.csv")
    newest = max(store.glob("calls/_delta_log/*.json"))
    assert not [each for each in page(title, store=store).warning if "torn" in each.value]
    newest.write_bytes(newest.read_bytes()[:-20])
    warnings = [each.value for each in page(title, store=store).warning if "torn" in each.value]
    assert len(warnings) == 1
    assert "late" in warnings[0]
