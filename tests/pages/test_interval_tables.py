"""Does a switch's table of months show what it tells, and say of the rest why it cannot be told?"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from kcas.calls.call import INTERVAL_SCHEMA
from kcas.calls.store import Store
from kcas.calls.store.files import Record
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
    app = page("Waiting", store=months)
    assert {metric.value for metric in app.metric} == {"not available"}
    assert "Choose others in the sidebar" in app.info[0].value


def test_the_list_says_that_a_table_holds_no_calls(page: Open, months: Path) -> None:
    app = page("Calls", store=months)
    assert "hold counts and no calls" in text(app)
    assert not app.dataframe


def two_months_of_half_hours(folder: Path, *, lost: str, amount: float | None) -> Path:
    """Half-hours of forty weekdays from Monday 5 October 2026: 50 offered, 41 answered, and what the table says."""
    days = [datetime(2026, 10, 5, 12, tzinfo=UTC) + timedelta(days=n) for n in range(56)]
    told = (("offered", 50.0), ("answered", 41.0), (lost, amount))
    rows = [
        {"start": day, "end": day + timedelta(minutes=30), "queue": "111", "measure": measure, "threshold": None,
         "amount": amount}
        for day in days if day.weekday() < 5 for measure, amount in told if amount is not None
    ]  # fmt: skip
    record = Record(name="invented-half-hours.csv", sha256="1" * 64, size=1, format="test", lines=2, call_lines=1)
    Store(folder).add([pl.DataFrame(rows, schema=INTERVAL_SCHEMA)], record=lambda: record)
    return folder


def test_abandoned_mapped_as_it_is_called_makes_the_rate_of_the_first_page(page: Open, tmp_path: Path) -> None:
    app = page(store=two_months_of_half_hours(tmp_path / "store", lost="abandoned", amount=9.0))
    assert "18.0% of calls abandoned on Friday 27 November 2026: 9 of 50" in app.header[0].value


def test_a_rate_that_cannot_be_calculated_is_not_worded_as_no_calls(page: Open, tmp_path: Path) -> None:
    app = page(store=two_months_of_half_hours(tmp_path / "store", lost="abandoned_ringing", amount=2.0))
    assert app.header[0].value.startswith("The rate for Friday 27 November 2026 cannot be calculated")
    assert "No calls were offered" not in text(app)
    assert "Not available: all_offered: the log does not tell abandoned_all" in text(app)


def test_a_day_on_which_none_were_offered_is_worded_so(page: Open, tmp_path: Path) -> None:
    store = two_months_of_half_hours(tmp_path / "store", lost="abandoned", amount=9.0)
    noon = datetime(2026, 11, 30, 12, tzinfo=UTC)
    rows = [{"start": noon, "end": noon + timedelta(minutes=30), "queue": "111", "measure": measure, "threshold": None,
             "amount": 0.0} for measure in ("offered", "answered", "abandoned")]  # fmt: skip
    record = Record(name="quiet.csv", sha256="2" * 64, size=1, format="test", lines=2, call_lines=1)
    Store(store).add([pl.DataFrame(rows, schema=INTERVAL_SCHEMA)], record=lambda: record)
    assert page(store=store).header[0].value == "No calls were offered on Monday 30 November 2026."
