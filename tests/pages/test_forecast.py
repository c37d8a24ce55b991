"""Does the page forecast the days after the log, say when it cannot, and compare past forecasts with what came?"""

import time
from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from tests.pages.conftest import FIRST, calls_of, keep, text

Open = Callable[..., AppTest]
LONGEST = 120.0  # seconds


def said(app: AppTest) -> str:
    """All that the page says, subheaders and information too."""
    return "\n".join([*(str(each.value) for each in (*app.subheader, *app.info)), text(app)])


def worked_out(app: AppTest, sign: str) -> AppTest:
    """The page once it shows this."""
    until = time.monotonic() + LONGEST
    while sign not in said(app) and time.monotonic() < until:
        time.sleep(0.2)
        app.run()
        assert not app.exception, app.exception[0].message
    assert sign in said(app)
    return app


def test_a_desk_that_never_changes_is_forecast_as_it_was(page: Open) -> None:
    app = worked_out(page("Forecast"), "eight days of ten")
    assert app.subheader[0].value.startswith("About 4")  # 40 calls on every weekday but the last, which had 60
    assert "Monday 23 November 2026" in app.subheader[0].value
    rows = app.dataframe[0].value
    assert list(rows["Day"])[:2] == ["Mon 23 Nov 2026", "Tue 24 Nov 2026"]
    assert len(rows) == 10  # two weeks, without the weekends, on which the desk never had a call
    assert set(rows["Handling"]) == {"1 min 40 s"}
    assert "Forecast, not observed" in text(app)

    app.segmented_control(key="forecast_by").set_value("Half-hours").run()
    worked_out(app, "eight days of ten")
    halves = app.dataframe[0].value
    assert halves["Half-hour"][0] == "Mon 23 Nov 2026 10:00"  # all calls come from 10:00 to 10:30
    assert len(halves) == 10


def test_past_forecasts_are_compared_with_what_came_and_with_simple_rules(page: Open) -> None:
    app = worked_out(page("Forecast"), "eight days of ten")
    app.toggle(key="forecast_try").set_value(True).run()
    worked_out(app, "Error of calls")
    scores = app.dataframe[1].value
    assert {"Calls of the day, 1 day ahead", "Rate of the day, 7 days ahead"} <= set(scores["Forecast of"])
    assert all("last four same weekdays" in rule or "weekday" in rule for rule in scores["Best simple rule"])


def test_a_log_too_short_to_forecast_from_is_said(page: Open, tmp_path: Path) -> None:
    keep(tmp_path / "store", calls_of(FIRST, short=1, long=1, answered=8), name="one day.csv")
    app = worked_out(page("Forecast", store=tmp_path / "store"), "Too few days to forecast from")
    assert not app.dataframe
