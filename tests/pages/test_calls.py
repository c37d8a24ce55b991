"""Does the list hold the calls behind the number, no more, no fewer, and nobody's telephone?"""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import ROOT, text

Open = Callable[..., AppTest]


def listed(app: AppTest) -> int:
    """How many rows the list shows."""
    return len(app.dataframe[0].value)


def test_the_list_opens_on_the_calls_that_count_as_lost(shown: Open) -> None:
    app = shown("Calls")
    assert listed(app) == 168
    assert "168 of 1,620 are counted as lost: 10.4%" in text(app)


def test_another_definition_changes_the_list(page: Open) -> None:
    app = page("Calls")
    app.selectbox(key="definition").select("short_excluded").run()
    assert listed(app) == 85  # the 83 who left after 3 s are gone
    assert set(app.dataframe[0].value["Waited (s)"]) == {60.0}


@pytest.mark.parametrize(
    ("show", "rows"),
    [("all the rate is made over", 1620), ("every call", 1620), ("answered", 1452), ("abandoned", 168)],
)
def test_each_way_to_show_lists_its_own(page: Open, show: str, rows: int) -> None:
    app = page("Calls")
    app.selectbox(key="show").select(show).run()
    assert listed(app) == rows


def test_a_day_a_weekday_a_half_hour_and_a_wait_narrow_the_list(page: Open) -> None:
    app = page("Calls")
    app.date_input(key="on").set_value(date(2026, 11, 20)).run()
    assert listed(app) == 12
    app.number_input(key="waited").set_value(30.0).run()
    assert listed(app) == 7
    app.selectbox(key="time").select("10:00").run()
    assert listed(app) == 7
    app.selectbox(key="weekday").select("Monday").run()
    assert not app.dataframe
    assert "No call matches" in app.info[0].value
    app.selectbox(key="time").select("any").run()
    app.selectbox(key="weekday").select("Friday").run()
    assert listed(app) == 7


def test_no_caller_is_shown_and_text_is_shown_as_text(shown: Open) -> None:
    app = shown("Calls")
    shown = app.dataframe[0].value
    assert "caller" not in {str(name).lower() for name in shown.columns}
    assert not shown.astype(str).stack().str.contains("caller ").any()
    assert (shown["Kind"] == "a [link](http://x.invalid)").all()  # a table cell renders no Markdown


def test_a_queue_in_the_address_that_nobody_knows_is_answered_with_the_names_there_are(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KCAS_STORE", str(desk))
    monkeypatch.delenv("KCAS_STANDARD", raising=False)
    for queue, said in (("stafff", True), ("staff", False)):
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=30)
        app.query_params["queue"] = queue
        app.run()
        words = " ".join(str(warning.value).replace("\\", "").replace("\u2060", "") for warning in app.warning)
        assert ("'stafff' is no queue of this store. Did you mean 'staff'?" in words) is said
