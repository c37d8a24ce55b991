"""Does every widget of the Staff page change what is asked, and is what comes back shown, marked and kept?"""

import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from kcas.dashboard.job_requests import SIMULATIONS
from kcas.simulation.scenario.file import read_scenario
from tests.pages.conftest import text
from tests.pages.test_what_if import CALLBACK, TODAY, ended, until_done

Open = Callable[..., AppTest]

HOURS = """
invented = ["shifts"]
[shifts.hour]
starts = ["09:00", "09:30", "10:00"]
lengths = ["1 h"]
"""


@pytest.fixture
def staff(page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], AppTest]:
    """Opens the page on two scenarios and a file of shifts, with no calls in the store."""
    folder = tmp_path / "scenarios"
    (folder / "shifts").mkdir(parents=True)
    (folder / "today.toml").write_text(TODAY)
    (folder / "callback.toml").write_text(CALLBACK)
    (folder / "shifts" / "hours.toml").write_text(HOURS)
    monkeypatch.setenv("KCAS_SCENARIOS", str(folder))
    return lambda: page("Staffing", store=tmp_path / "store")


def found(app: AppTest) -> AppTest:
    """Press the button and wait."""
    app.segmented_control(key="staff_days").set_value("200 days").run()
    app.button(key="find").click().run()
    assert not app.exception, app.exception[0].message
    return until_done(app, "staffing")


def asked(app: AppTest) -> dict[str, object]:
    """What the child was asked, as its report tells it."""
    job = SIMULATIONS.state(app.session_state["staffing"])
    assert job is not None
    report: dict[str, object] = job.answer.to_dict()
    return report


def test_the_page_says_that_it_is_a_model_and_what_to_do(staff: Callable[[], AppTest]) -> None:
    app = staff()
    assert "MODEL, not observed" in app.warning[0].value
    assert "everything" in app.warning[0].value
    assert "Nothing has been asked here yet" in text(app)
    assert "Wanted: at most 5% abandoned over the day, in the long run." in text(app)


def test_each_part_of_the_target_is_said_as_it_will_be_asked(staff: Callable[[], AppTest]) -> None:
    app = staff()
    app.number_input(key="target").set_value(7.5).run()
    assert "Wanted: at most 7.5% abandoned over the day, in the long run." in text(app)
    app.segmented_control(key="keep_to").set_value(["Abandoned", "Service level"]).run()
    app.number_input(key="level").set_value(85.0).run()
    assert "at most 7.5% abandoned and a service level of at least 85% over the day" in text(app)
    app.segmented_control(key="over").set_value("Each half-hour").run()
    assert "in every interval of the day, in the long run" in text(app)
    app.segmented_control(key="surely").set_value("Most days").run()
    app.number_input(key="confidence").set_value(95.0).run()
    assert "on at least 95% of days" in text(app)
    app.segmented_control(key="keep_to").set_value(["Service level"]).run()
    assert "Wanted: a service level of at least 85% in every interval" in text(app)
    app.segmented_control(key="keep_to").set_value([]).run()
    assert "there is nothing to keep to" in app.error[0].value.replace("\\", "")


def test_another_scenario_is_another_question(staff: Callable[[], AppTest]) -> None:
    app = staff()
    app.selectbox(key="staffed").select("callback").run()
    assert "What if there were callbacks?" in text(app)


def test_the_fewest_agents_are_found_shown_and_outlive_the_page(staff: Callable[[], AppTest]) -> None:
    app = found(staff())
    report = asked(app)
    assert report["replications"] == 200
    assert "keep to at most 5% abandoned over the day" in app.header[0].value.replace("\\", "")
    assert "The aim is shown to be kept." in text(app)
    assert "MODEL, not observed. 200 days with the same simulated callers" in text(app)
    table = app.dataframe[0].value
    assert table["From"].to_list() == ["09:00", "09:30", "10:00", "10:30"]
    assert [int(n) for n in table["Needed"]] == [row["agents"] for row in report["intervals"]]  # type: ignore[attr-defined]
    app.segmented_control(key="staff_view").set_value("Shifts").run()
    assert "No shifts were asked for" in text(app)
    app.segmented_control(key="staff_view").set_value("What more would buy").run()
    assert app.dataframe[0].value["Agents more"].to_list() == ["+0", "+1", "+2", "+3", "+4", "+5"]
    today = app.dataframe[0].value["Abandoned"].to_list()
    app.segmented_control(key="further_from").set_value("Beyond those of the plan").run()
    assert app.dataframe[0].value["Abandoned"].to_list() != today
    app.switch_page("kcas/dashboard/what_if.py").run()
    app.switch_page("kcas/dashboard/staffing.py").run()
    assert "keep to at most 5% abandoned over the day" in app.header[0].value.replace("\\", "")


def test_one_weekday_is_asked_for_alone_and_saved_as_such(staff: Callable[[], AppTest], tmp_path: Path) -> None:
    app = staff()
    app.selectbox(key="staff_weekday").select("tuesday").run()
    app = found(app)
    assert asked(app)["weekday"] == "tuesday"
    assert "Asked of today, a Tuesday alone:" in text(app)
    app.segmented_control(key="staff_view").set_value("Save").run()
    app.text_input(key="staff_name").set_value("on tuesdays").run()
    app.button(key="staff_save").click().run()
    [saved] = (tmp_path / "scenarios").glob("*tuesdays*.toml")
    assert read_scenario(saved).day.weekdays == ("tuesday",)


def test_what_is_asked_reaches_the_search(staff: Callable[[], AppTest]) -> None:
    app = staff()
    app.segmented_control(key="keep_to").set_value(["Abandoned", "Service level"]).run()
    app.number_input(key="target").set_value(20.0).run()
    app.number_input(key="level").set_value(60.0).run()
    app.number_input(key="in_time").set_value(45.0).run()
    app.segmented_control(key="surely").set_value("Most days").run()
    app.number_input(key="confidence").set_value(70.0).run()
    aim = asked(found(app))["aim"]
    assert isinstance(aim, dict)
    assert aim | {"words": ""} == {
        "abandoned": 0.2, "service_level": 0.6, "confidence": 0.7, "each": "day", "within": 45.0, "words": "",
    }  # fmt: skip


def test_shifts_cover_what_is_needed_and_the_roster_is_kept_as_a_scenario(
    staff: Callable[[], AppTest], tmp_path: Path
) -> None:
    app = staff()
    app.selectbox(key="shifts").select("hours").run()
    assert "Hour: 3 starts, 1 h." in text(app)
    assert "Invented in this file: shifts." in text(app)
    app.number_input(key="cost").set_value(12.5).run()
    app = found(app)
    report = asked(app)
    roster = report["roster"]
    assert isinstance(roster, dict)
    assert roster["cost_a_week"] == pytest.approx(12.5 * roster["paid_hours_a_week"])
    app.segmented_control(key="staff_view").set_value("Shifts").run()
    assert "No roster by these rules covers what is needed for less." in text(app)
    assert sum(app.dataframe[0].value["Agents"]) == roster["heads"]
    app.segmented_control(key="staff_view").set_value("Save").run()
    app.text_input(key="staff_question").set_value("Will it do?").run()
    app.text_input(key="staff_name").set_value("A cheap roster").run()
    app.button(key="staff_save").click().run()
    assert "a-cheap-roster.toml" in app.success[0].value.replace("\\", "")
    kept = tmp_path / "scenarios" / "a-cheap-roster.toml"
    assert tomllib.loads(kept.read_text())["question"] == "Will it do?"
    assert sum(shift.agents for shift in read_scenario(kept).teams["desk"].shifts) == roster["heads"]
    assert any("a cheap roster" in name for name in app.run().selectbox(key="staffed").options)


def test_what_money_buys_is_said_and_a_price_only_where_an_hour_has_one(
    staff: Callable[[], AppTest], tmp_path: Path
) -> None:
    (tmp_path / "scenarios" / "more.toml").write_text(
        'question = "Two more?"\nstarts_from = "today.toml"\nteams.desk.agents = 5\n'
    )
    app = found(staff())
    app.segmented_control(key="staff_view").set_value("What the money buys").run()
    assert "No scenario with more agents was chosen" in text(app)
    app.selectbox(key="bought").select("more").run()
    app = found(app)
    app.segmented_control(key="staff_view").set_value("What the money buys").run()
    assert "more against today" in text(app)
    assert "4 more rostered hours a day bring abandonment from" in text(app)
    assert "What a call saved costs is not said" in text(app)
    app.number_input(key="cost").set_value(10.0).run()
    app = found(app)
    bought = asked(app)["bought"]
    assert isinstance(bought, dict)
    assert bought["cost_a_day"] == 40
    assert f"{bought['cost_per_call_saved']['mean']:,.2f} for each call saved" in text(app)


def test_people_at_most_bind_and_the_half_hours_that_fall_short_are_named(staff: Callable[[], AppTest]) -> None:
    app = staff()
    app.selectbox(key="shifts").select("hours").run()
    app.number_input(key="heads").set_value(2).run()
    app.segmented_control(key="staff_days").set_value("200 days").run()
    app.button(key="find").click().run()
    ended(app, "staffing").run()
    assert "most_heads 2" in app.error[0].value.replace("\\", "")
    assert "desk at 09:" in app.error[0].value.replace("\\", "").replace("\u2060", "")


def test_shifts_written_into_the_box_are_those_asked_for_and_mistakes_are_said(staff: Callable[[], AppTest]) -> None:
    app = staff()
    app.selectbox(key="shifts").select("hours").run()
    [box] = app.text_area
    box.set_value(HOURS.replace('"1 h"', '"1 h", "2 h"').replace(', "10:00"', "")).run()
    assert "Hour: 2 starts, 1 h and 2 h." in text(app)
    [box] = app.text_area
    box.set_value(HOURS.replace("starts", "start")).run()
    assert "Did you mean 'starts'" in app.error[0].value.replace("\\", "")
    [box] = app.text_area
    box.set_value("not toml").run()
    assert "the shifts, line " in app.error[0].value.replace("\\", "")


def test_a_file_of_ones_own_is_asked_for_until_there_is_one(staff: Callable[[], AppTest]) -> None:
    app = staff()
    app.selectbox(key="shifts").select("A file of my own").run()
    assert "Upload a file of shifts" in text(app)
    app.file_uploader(key="shift_file").set_value(("mine.toml", HOURS.encode(), "application/toml")).run()
    assert "Hour: 3 starts, 1 h." in text(app)
    app.file_uploader(key="shift_file").set_value(("mine.toml", b"\xff\xfe", "application/toml")).run()
    assert "not UTF-8" in app.error[0].value.replace("\\", "")


def test_a_search_can_be_stopped(staff: Callable[[], AppTest]) -> None:
    app = staff()
    app.button(key="find").click().run()
    name = app.session_state["staffing"]
    job = SIMULATIONS.state(name)
    assert job is not None
    if job.state == "running":
        app.button(key="stop_staffing").click().run()
        job = SIMULATIONS.state(name)
        assert job is not None
        assert job.state == "stopped"
        assert "Stopped before it had a result" in app.warning[1].value.replace("\\", "")
