"""Do the waits, the giving up and the ringing again say what the calls say?"""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from streamlit.testing.v1 import AppTest

from tests.pages.conftest import LAST, calls_of, keep, text

Open = Callable[..., AppTest]


def figures(app: AppTest) -> dict[str, str]:
    """The page's figures by name."""
    return {metric.label: metric.value for metric in app.metric}


def test_the_waits_of_the_period_are_told(shown: Open) -> None:
    found = figures(shown("Waiting"))
    assert found["Mean wait, answered"] == "20 s"
    assert found["Longest wait"] == "1 min"
    assert found["Half answered by"] == "20 s"  # at 20 s the 1,452 of the 1,537 still there are answered
    # 83 gave up after 3 s and 85 after 60 s: of 168 in order the 84th and 85th are both 60 s.
    assert found["Gave up after"] == "1 min"


def test_the_service_level_follows_its_rule_and_its_time(page: Open) -> None:
    app = page("Waiting")
    # Within 20 s: 1,452 answered, of 1,452 + 168 less the 83 who left within 20 s.
    assert "Service level 94.5%: 1,452 of 1,537" in text(app)
    app.selectbox(key="service_level").select("sl_offered").run()
    assert "Service level 89.6%: 1,452 of 1,620" in text(app)
    app.number_input(key="within").set_value(19.0).run()
    assert "Service level 0.0%: 0 of 1,620" in text(app)
    assert "answered within 19 s ÷ offered" in text(app)


def test_the_two_charts_of_waits_say_their_commonest(shown: Open) -> None:
    said = text(shown("Waiting"))
    assert "Answered: 1,452 calls; the commonest wait is 20 s to under 25 s (1,452)." in said
    assert "Abandoned: 168 calls; the commonest wait is 1 min to under 1 min 5 s (85)." in said


def test_giving_up_is_told_by_time_of_day(shown: Open) -> None:
    assert "half had by 1 min when they rang from 10:00" in text(shown("Waiting"))


def test_patience_counts_an_answer_as_cutting_a_wait_short(shown: Open) -> None:
    # Kaplan and Meier by hand: 1 − 83/1620 = 0.949 at 3 s; at 60 s the 85 still there all hang up.
    said = text(shown("Waiting"))
    assert "Half of callers would have given up by 1 min, were no one answered." in said
    assert "From 168 who gave up among 1,620 offered" in said


def test_a_queue_narrows_the_waits(page: Open) -> None:
    app = page("Waiting")
    app.multiselect(key="queue").set_value(["staff"]).run()
    assert "From 2 who gave up among 20 offered" in text(app)


def test_who_rings_again_is_told_where_callers_are_known(page: Open) -> None:
    # Each day the same callers ring once each, so that nobody rings again the same day. The last day's twelve lost
    # calls fall in the log's last hour: they are left out of both.
    table = page("Waiting").dataframe[0].value
    assert table["Calls"].to_list() == ["0 of 156"] * 4


def test_who_rings_again_is_not_available_without_tokens(page: Open, tmp_path: Path) -> None:
    rows = [{**row, "caller": None} for row in calls_of(LAST, short=0, long=2, answered=18)]
    keep(tmp_path / "store", rows, name="no-callers.csv")
    app = page("Waiting", store=tmp_path / "store")
    assert "Not available" in text(app)
    assert not app.dataframe


def test_a_period_without_calls_says_what_to_do(page: Open) -> None:
    app = page("Waiting")
    app.selectbox(key="period").select("Chosen days").run()
    sunday = LAST - timedelta(days=5)
    app.date_input(key="days").set_value((sunday, sunday)).run()
    assert "Choose others in the sidebar" in app.info[0].value
    assert not app.metric
