"""Does every widget of the what-if page change what it says it changes, and is every figure marked as a model's?"""

import os
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from kcas.dashboard.job_requests import SIMULATIONS
from tests.pages.conftest import text

Open = Callable[..., AppTest]

TODAY = """
question = "How is the desk, with *stars* and [a link](http://x.invalid)?"
invented = ["everything"]
[day]
opens = "09:00"
closes = "11:00"
[demand]
calls_per_day = 60
[types.public]
share = "100%"
talk = { distribution = "exponential", mean = "5 min" }
patience = { distribution = "exponential", mean = "2 min" }
[teams.desk]
agents = 3
"""
CALLBACK = """
starts_from = "today.toml"
question = "What if there were callbacks?"
[telephone.callback]
offered_after = "30 s"
accepts = "50%"
"""
AGAIN = """
starts_from = "today.toml"
question = "What if callers rang again?"
[redials]
after_abandoning = "40%"
delay = { distribution = "exponential", mean = "10 min" }
"""
SHIFTS = TODAY.replace("agents = 3", 'shifts = [{ agents = 3, from = "09:00", to = "11:00" }]')


@pytest.fixture
def what_if(page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], AppTest]:
    """Opens the page on four scenarios, with no calls in the store."""
    folder = tmp_path / "scenarios"
    folder.mkdir()
    for name, said in (("today", TODAY), ("callback", CALLBACK), ("again", AGAIN), ("shifts", SHIFTS)):
        (folder / f"{name}.toml").write_text(said)
    monkeypatch.setenv("KCAS_SCENARIOS", str(folder))
    return lambda: page("What if", store=tmp_path / "store")


def rates(app: AppTest) -> list[float]:
    """The two rates that theory gives, in percent."""
    return [float(metric.value.removesuffix("%")) for metric in app.metric]


def ended(app: AppTest, kind: str) -> AppTest:
    """Wait until the job has ended, well or not."""
    for _ in range(1200):
        job = SIMULATIONS.state(app.session_state[kind])
        assert job is not None
        if job.state != "running":
            return app
        time.sleep(0.1)
    raise AssertionError("it never ended")


def until_done(app: AppTest, kind: str) -> AppTest:
    """Wait until the simulation has ended, and show it."""
    job = SIMULATIONS.state(ended(app, kind).session_state[kind])
    assert job is not None
    assert job.state == "done", job.words
    return app.run()


def simulated(app: AppTest, *, button: str = "simulate", kind: str = "simulation") -> AppTest:
    """Press the button and wait."""
    app.button(key=button).click().run()
    assert not app.exception
    return until_done(app, kind)


def test_the_page_says_that_it_is_a_model_and_what_is_invented(what_if: Callable[[], AppTest]) -> None:
    app = what_if()
    assert "MODEL, not observed" in app.warning[0].value
    assert "everything" in app.warning[0].value
    assert "Nothing is changed" in text(app)


def test_words_of_a_file_are_shown_as_words(what_if: Callable[[], AppTest]) -> None:
    app = what_if()
    assert "with *stars* and [a link](http" in text(app)
    assert not any("[a link](http://x.invalid)" in str(each.value) for each in app.markdown)


def test_agents_are_added_between_the_times_chosen(what_if: Callable[[], AppTest]) -> None:
    app = what_if()
    before = rates(app)
    app.number_input(key="agents").set_value(2).run()
    assert "Two more agents would bring abandonment from" in text(app)
    whole = rates(app)
    app.select_slider(key="between").set_value(("09:00", "10:00")).run()
    assert "Two more agents from 09:00 to 10:00 would bring" in text(app)
    half = rates(app)
    assert before[0] == whole[0] == half[0]
    assert whole[1] < half[1] < before[1]


def test_more_calls_and_longer_calls_lose_more(what_if: Callable[[], AppTest]) -> None:
    app = what_if()
    start = rates(app)
    app.slider(key="calls").set_value(120).run()
    assert "72 callers on an average day" in text(app)
    assert "20% more calls would bring" in text(app)
    busier = rates(app)
    assert busier[1] > start[1]
    app.slider(key="handling").set_value(120).run()
    assert "6 min of an agent's time a call" in text(app)
    assert rates(app)[1] > busier[1]


def beyond(app: AppTest) -> list[str]:
    """What the page says lies beyond what any data support."""
    return [each.value for each in app.warning if "Beyond what any data support" in each.value]


def test_without_days_to_go_by_a_slider_dragged_far_is_said_to_be_beyond_the_data(
    what_if: Callable[[], AppTest],
) -> None:
    app = what_if()
    assert beyond(app) == []
    app.slider(key="calls").set_value(125).run()
    assert beyond(app) == []
    app.slider(key="calls").set_value(130).run()
    assert "Calls 30% above the baseline" in beyond(app)[0]


def test_what_no_day_kept_has_shown_is_said_beside_theory_and_beside_the_simulated_days(
    what_if: Callable[[], AppTest], page: Open
) -> None:
    what_if()
    app = page("What if")  # on the desk whose days have 40 to 60 calls, of 100 s each
    assert beyond(app) == []  # nothing is asked yet, so the stored calls are not read
    app.slider(key="calls").set_value(150).run()
    assert any("a call is outside" in each for each in beyond(app))
    assert any("90 calls on a Monday are more than any of the" in each for each in beyond(app))
    app = simulated(app)
    assert sum("90 calls on a Monday" in each for each in beyond(app)) == 2


def test_an_option_that_theory_cannot_follow_says_so(what_if: Callable[[], AppTest]) -> None:
    app = what_if()
    app.multiselect(key="options").set_value(["callback"]).run()
    assert not app.exception
    assert app.metric[1].value == "not available"
    assert "theory has no exact day for callbacks" in text(app)
    assert "What if there were callbacks?" in text(app)


def test_another_baseline_can_be_chosen(what_if: Callable[[], AppTest]) -> None:
    app = what_if()
    app.selectbox(key="baseline").select("callback").run()
    assert "What if there were callbacks?" in text(app)
    assert app.metric[0].value == "not available"


def test_theory_answers_at_once_where_callers_ring_again(what_if: Callable[[], AppTest]) -> None:
    app = what_if()
    once = rates(app)[0]
    app.selectbox(key="baseline").select("again").run()
    before, after = rates(app)
    assert before == after > once
    app.number_input(key="agents").set_value(2).run()
    assert rates(app)[0] == before > rates(app)[1]


def test_a_roster_written_into_the_table_is_what_is_supposed(what_if: Callable[[], AppTest]) -> None:
    app = what_if()
    app.session_state["roster_today_"] = {
        "edited_rows": {0: {"desk": 5}, 1: {"desk": 5}}, "added_rows": [], "deleted_rows": [],
    }  # fmt: skip
    app.run()
    assert "Two more agents from 09:00 to 10:00 would bring" in text(app)


def test_a_shift_written_into_the_table_is_what_is_supposed(what_if: Callable[[], AppTest]) -> None:
    app = what_if()
    app.selectbox(key="baseline").select("shifts").run()
    app.session_state["shifts_desk_shifts_"] = {
        "edited_rows": {0: {"To": "10:00"}}, "added_rows": [], "deleted_rows": [],
    }  # fmt: skip
    app.run()
    assert "Three fewer agents from 10:00 to 11:00 would bring" in text(app)


def test_both_are_simulated_side_by_side_and_the_result_outlives_the_page(what_if: Callable[[], AppTest]) -> None:
    app = what_if()
    app.number_input(key="agents").set_value(2).run()
    app = simulated(app)
    [said] = [each.value for each in app.header if "between" in each.value]
    assert said.startswith("Two more agents would bring abandonment from")
    assert "mean of 200 simulated days" in text(app)
    table, kinds = (each.value for each in app.dataframe if "Difference" in each.value.columns)
    assert table[""].iloc[0] == "Abandoned"
    assert table["Difference"].iloc[0].startswith("−")
    assert set(kinds["Callers"]) == {"public"}
    # Theory and the dice agree: 200 days of 60 calls know the rate to about a point.
    assert abs(float(table["What if"].iloc[0].removesuffix("%")) - rates(app)[1]) < 2.5
    app.number_input(key="agents").set_value(0).run()  # what was simulated keeps its own words
    assert any(each.value.startswith("Two more agents") for each in app.header)
    app.segmented_control(key="measure").set_value("wait_all").run()
    assert not app.exception


def test_the_number_of_days_can_be_chosen(what_if: Callable[[], AppTest]) -> None:
    app = what_if()
    app.segmented_control(key="days_simulated").set_value("1,000 days").run()
    assert "mean of 1,000 simulated days" in text(simulated(app))


def test_a_simulation_can_be_stopped(what_if: Callable[[], AppTest]) -> None:
    app = what_if()
    app.slider(key="calls").set_value(150).run()
    app.segmented_control(key="days_simulated").set_value("5,000 days").run()
    app.button(key="simulate").click().run()
    if app.get("progress"):
        app.button(key="stop_simulation").click().run()
        assert "Stopped" in app.warning[-1].value


def test_what_is_supposed_is_saved_and_can_be_chosen(what_if: Callable[[], AppTest], tmp_path: Path) -> None:
    app = what_if()
    app.number_input(key="agents").set_value(1).run()
    app.segmented_control(key="view").set_value("Save and load").run()
    app.text_input(key="save_name").set_value("One more").run()
    [question] = [each for each in app.text_input if str(each.key).startswith("question")]
    question.set_value("Would one more do?").run()
    app.button(key="save").click().run()
    assert not app.exception
    said = tomllib.loads((tmp_path / "scenarios" / "one-more.toml").read_text())
    assert said == {
        "starts_from": "today.toml", "question": "Would one more do?",
        "teams": {"desk": {"by_interval": [4, 4, 4, 4]}},
    }  # fmt: skip
    app.run()
    assert "one-more" in app.multiselect(key="options").options or "one more" in app.multiselect(key="options").options


def test_a_scenario_file_can_be_loaded_and_a_wrong_one_is_refused(
    what_if: Callable[[], AppTest], tmp_path: Path
) -> None:
    app = what_if()
    app.segmented_control(key="view").set_value("Save and load").run()
    app.file_uploader(key="scenario_file").upload("five.toml", TODAY.replace("agents = 3", "agents = 5").encode()).run()
    app.button(key="load").click().run()
    assert (tmp_path / "scenarios" / "five.toml").exists()
    app.file_uploader(key="scenario_file").upload("bad.toml", TODAY.replace("agents = 3", "agnets = 5").encode()).run()
    app.button(key="load").click().run()
    assert "agnets" in app.error[0].value.replace("\\", "")
    assert not (tmp_path / "scenarios" / "bad.toml").exists()


@pytest.mark.skipif(os.name == "nt", reason="there are no such files there")
def test_what_is_no_scenario_in_the_folder_is_no_option_and_says_why_where_it_is_chosen(
    what_if: Callable[[], AppTest], tmp_path: Path
) -> None:
    folder = tmp_path / "scenarios"
    os.mkfifo(folder / "pipe.toml")
    (folder / "gone.toml").symlink_to("/nowhere")
    (folder / "deep.toml").write_text('starts_from = "today.toml"\nquestion = "?"\nx = ' + "[" * 5000 + "]" * 5000)
    app = what_if()
    assert app.multiselect(key="options").options == ["again", "callback"]
    for name, says in {"pipe": "not a file", "gone": "no such file", "deep": "more than 50 deep"}.items():
        app.selectbox(key="baseline").select(name).run()
        assert not app.exception
        assert says in app.error[0].value


def test_several_scenarios_stand_in_one_table(what_if: Callable[[], AppTest]) -> None:
    app = what_if()
    app.segmented_control(key="view").set_value("Compare several").run()
    app.multiselect(key="compared").set_value(["callback", "shifts"]).run()
    app = simulated(app, button="compare", kind="several")
    table = next(each.value for each in app.dataframe if "Scenario" in each.value.columns)
    assert table["Scenario"].to_list() == ["today", "callback", "shifts"]
    assert table["Abandoned"].iloc[0] == table["Abandoned"].iloc[2]  # three in a shift are three all day


def test_two_inputs_are_swept_into_a_heat_map(what_if: Callable[[], AppTest]) -> None:
    app = what_if()
    app.segmented_control(key="view").set_value("Two changes at once").run()
    app.selectbox(key="across").select("calls").run()
    app.selectbox(key="down").select("agents").run()
    app = simulated(app, button="sweep_start", kind="sweep")
    assert not app.exception
    assert "Share abandoned by the definition all_offered, starting from the baseline as it is" in text(app)
    [table] = [each.value for each in app.dataframe if "Hung up, of calls" in each.value.columns]
    for told, halves in zip(table["Abandoned"], table["Hung up, of calls"], strict=True):
        above, below = (float(half) for half in halves.removesuffix(" a day").split(" of "))
        assert float(told.rstrip("%")) == pytest.approx(100 * above / below, abs=0.3)  # both are rounded


def test_a_day_can_be_watched(what_if: Callable[[], AppTest]) -> None:
    app = what_if()
    app.segmented_control(key="view").set_value("Watch a day").run()
    app.number_input(key="day_watched").set_value(3).run()
    app.select_slider(key="speed").set_value(10).run()
    app.select_slider(key="moment").set_value("10:00").run()
    assert "10:00." in text(app)
    assert "of 3 agents on a call" in text(app)
    app.toggle(key="playing").set_value(True).run()
    assert not app.exception
    assert "10:05." in text(app)  # ten minutes a second, looked at twice a second


def test_a_name_from_an_address_that_is_no_jobs_is_nobodys() -> None:
    assert SIMULATIONS.state("../../etc/passwd") is None
    assert SIMULATIONS.state("0123456789abcdef") is None


def test_what_is_saved_lies_beside_the_data_and_the_programs_own_scenarios_stay_listed(
    page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KCAS_SCENARIOS", raising=False)
    program = Path(__file__).resolve().parents[2] / "scenarios"
    before = sorted(path.name for path in program.rglob("*"))
    app = page("What if", store=tmp_path / "store")
    shipped = set(app.selectbox(key="baseline").options)
    app.segmented_control(key="view").set_value("Save and load").run()
    app.text_input(key="save_name").set_value("Two more at ten").run()
    app.button(key="save").click().run()
    assert not app.exception
    assert (tmp_path / "store-scenarios" / "two-more-at-ten.toml").exists()
    assert sorted(path.name for path in program.rglob("*")) == before
    again = page("What if", store=tmp_path / "store")
    assert set(again.selectbox(key="baseline").options) == shipped | {"two more at ten"}
