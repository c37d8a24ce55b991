"""Does a switch's table of months show what it tells, and say of the rest why it cannot be told?"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from kcas.calls.call import INTERVAL_SCHEMA
from kcas.calls.store import Store
from kcas.calls.store.record import Record
from tests.pages.conftest import text

Open = Callable[..., AppTest]
MARCH, APRIL = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 31, 23, 0, tzinfo=UTC)


@pytest.fixture
def months(tmp_path: Path) -> Path:
    """An invented month: 1,000 offered, 900 answered, 40 abandoned after 30 s; 60 not accounted for."""
    told = (("offered", None, 1000.0), ("answered", None, 900.0), ("abandoned_over", 30.0, 40.0))
    rows = [
        {"start": MARCH, "end": APRIL, "queue": "111", "measure": measure, "threshold": limit, "amount": amount}
        for measure, limit, amount in told
    ]
    record = Record(name="invented-months.csv", sha256="0" * 64, size=1, format="test", lines=2, call_lines=1)
    Store(tmp_path / "store").add([pl.DataFrame(rows, schema=INTERVAL_SCHEMA)], record=lambda: record)
    return tmp_path / "store"


def test_the_month_is_told_by_the_definition_it_can_be_told_by(page: Open, months: Path) -> None:
    app = page(store=months)
    app.selectbox(key="definition").select("nhs111_mds").run()
    assert "Nothing is told by the day" in app.info[0].value
    row = app.dataframe[0].value.iloc[0]
    assert (row["Month"], row["Rate"], row["Made of"]) == ("March 2026", "4.0%", "40 of 1,000")
    assert "not accounted for by the interval table 60" in text(app)


def test_what_the_table_does_not_tell_is_not_available_and_says_why(page: Open, months: Path) -> None:
    app = page(store=months)
    assert app.dataframe[0].value.iloc[0]["Rate"] == "not available"
    assert "Not available: all_offered: the log does not tell abandoned_all" in text(app)


def test_waits_that_a_table_does_not_tell_are_not_noughts(page: Open, months: Path) -> None:
    app = page("Waits", store=months)
    assert {metric.value for metric in app.metric} == {"not available"}
    assert "Choose others in the sidebar" in app.info[0].value


def test_the_list_says_that_a_table_holds_no_calls(page: Open, months: Path) -> None:
    app = page("Calls", store=months)
    assert "hold counts and no calls" in text(app)
    assert not app.dataframe
