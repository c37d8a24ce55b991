"""Where a data file is damaged, a page names it and shows no figure."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from kcas.calls.store.files import CALLS
from kcas.calls.store.table import Table
from tests.unit.calls.store.test_damage import flip


@pytest.mark.parametrize("title", ["", "Calls", "Waiting"])
def test_a_page_over_a_damaged_file_names_it_and_the_log_to_read_again(
    desk: Path, page: Callable[..., AppTest], tmp_path: Path, title: str
) -> None:
    store = shutil.copytree(desk, tmp_path / "store")
    file = Table(store, CALLS).files[0]
    flip(store / "calls" / file.path, file.size * 4)
    app = page(title, store=store)
    (said,) = [each.value for each in app.error]
    assert file.path in said.replace("\\", "")
    assert "desk.csv" in said.replace("\\", "")
    assert not app.metric
