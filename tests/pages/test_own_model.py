"""Does every widget of the own model page change what is fitted or tried, and is what comes back shown and kept?"""

import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from kcas.calls.store import Store
from kcas.calls.store.files import Record
from kcas.dashboard.job_requests import SIMULATIONS
from kcas.simulation.scenario.file import read_scenario
from tests.pages.conftest import FIRST, calls_of, keep, text
from tests.pages.test_what_if import until_done
from tests.unit.simulation.known_desk import known_calls

Open = Callable[..., AppTest]
TITLE = "Model"
DAYS = 40  # from Monday 4 January to Friday 26 February 2010
ROSTER = "day,from,to,agents\n" + "".join(
    f"{day},09:00,17:00,8\n" for day in ("monday", "tuesday", "wednesday", "thursday", "friday")
)


def stored(folder: Path, calls: pl.DataFrame) -> None:
    """Keep these calls in a store."""
    lined = calls.with_columns(line=pl.int_range(2, pl.len() + 2, dtype=pl.Int64))
    record = Record(name="known.csv", sha256="0" * 64, size=1, format="test", lines=lined.height + 1,
                    call_lines=lined.height, ignored={"header": 1})  # fmt: skip
    Store(folder).add([lined], record=lambda: record)


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with eight weeks of a desk whose truth is known: 8 agents, 620 calls a day."""
    folder = tmp_path_factory.mktemp("known") / "store"
    stored(folder, known_calls(DAYS))
    return folder


@pytest.fixture
def own(page: Open, known: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], AppTest]:
    """Opens the page on that store, with a folder of scenarios that has none yet."""
    (tmp_path / "scenarios").mkdir()
    monkeypatch.setenv("KCAS_SCENARIOS", str(tmp_path / "scenarios"))

    def opened() -> AppTest:
        app = page(TITLE, store=known)
        app.selectbox(key="period").select("Everything").run()
        return app

    return opened


def fit(app: AppTest) -> AppTest:
    """Press the button and wait."""
    app.button(key="fit").click().run()
    assert not app.exception, app.exception[0].message
    return until_done(app, "fitted")


def plainly(value: str) -> str:
    """Words as a reader sees them."""
    return value.replace("\\", "").replace("\u2060", "")


def report_of(app: AppTest, kind: str) -> dict[str, object]:
    """What the child answered."""
    job = SIMULATIONS.state(app.session_state[kind])
    assert job is not None
    report: dict[str, object] = job.answer.to_dict()
    return report


def test_the_page_says_that_it_is_a_model_and_what_to_do(own: Callable[[], AppTest]) -> None:
    app = own()
    assert any("MODEL, not observed" in warning.value for warning in app.warning)
    assert "Calls of 4 January to 26 February 2010, all queues." in text(app)
    assert "Nothing has been asked here yet" in text(app)
    assert "(all_offered), regardless of the definition chosen elsewhere" in text(app)


def test_a_fit_is_shown_outlives_the_page_and_is_kept_as_a_baseline(own: Callable[[], AppTest], tmp_path: Path) -> None:
    app = fit(own())
    report = report_of(app, "fitted")
    calls = known_calls(DAYS).filter(pl.col("outcome").is_in(["answered", "abandoned"])).height
    assert report["offered"] == calls
    assert f"Fitted to {calls:,} offered calls of 40 days, 4 January to 26 February 2010" in text(app)
    assert "On a Monday, its busiest day" in plainly(app.subheader[0].value)
    rows = next(frame.value for frame in app.dataframe if "Estimated" in frame.value.columns)
    assert "Calls on a Friday" in rows["Estimated"].to_list()
    assert "inferred; breaks guessed" in rows["Stands behind it"].to_list()
    assert "Not to be told from the log" in text(app)
    app.switch_page("kcas/dashboard/what_if.py").run()
    app.switch_page("kcas/dashboard/model.py").run()
    assert "On a Monday, its busiest day" in plainly(app.subheader[0].value)
    app.text_input(key="own_name_own-desk").set_value("Desk of March").run()
    app.button(key="keep_own").click().run()
    assert "Kept as desk-of-march.toml" in plainly(app.success[0].value)
    kept = read_scenario(tmp_path / "scenarios" / "desk-of-march.toml")
    assert kept.question == "How many callers hang up as things were until 2010-02-26?"
    app.switch_page("kcas/dashboard/what_if.py").run()
    assert app.selectbox(key="baseline").options == ["desk of march"]
    assert not app.exception


def test_fewer_days_at_the_side_make_another_fit_and_the_page_says_whose_is_shown(own: Callable[[], AppTest]) -> None:
    app = fit(own())
    app.selectbox(key="period").select("4 weeks").run()
    assert "This is of 4 January to 26 February 2010, all queues. Other calls are now chosen in the sidebar" in text(
        app
    )
    app = fit(app)
    assert report_of(app, "fitted")["days"] == 20
    assert "Other calls are now chosen" not in text(app)


def test_a_roster_that_is_handed_in_is_read_and_a_wrong_one_refused_by_its_line(own: Callable[[], AppTest]) -> None:
    app = own()
    app.file_uploader(key="own_roster").upload("roster.csv", ROSTER.encode()).run()
    app = fit(app)
    rows = next(frame.value for frame in app.dataframe if "Estimated" in frame.value.columns)
    hours = rows[rows["Estimated"].str.startswith("Agent-hours")]
    assert hours["Value"].to_list() == ["64"]  # eight agents for eight hours
    assert hours["Stands behind it"].to_list() == ["read from the roster"]
    app.file_uploader(key="own_roster").upload("roster.csv", ROSTER.replace("17:00,8", "17:00,eight", 1).encode()).run()
    app.button(key="fit").click().run()
    while (job := SIMULATIONS.state(app.session_state["fitted"])) and job.state == "running":
        time.sleep(0.1)
    app.run()
    assert "line 2, agents: 'eight' is not a number of agents" in plainly(app.error[0].value)
    assert "kcas-what-if" not in app.error[0].value
    app.file_uploader(key="own_roster").upload("roster.csv", b"\xff\xfe").run()
    assert "not UTF-8 text" in plainly(app.error[0].value)


def tried(app: AppTest) -> AppTest:
    """Press the button of the second part and wait."""
    app.button(key="try_it").click().run()
    assert not app.exception, app.exception[0].message
    return until_done(app, "tried")


def test_days_gone_by_are_foretold_in_a_sentence_a_chart_and_one_table(own: Callable[[], AppTest]) -> None:
    app = own()
    app.segmented_control(key="part").set_value("Was it right before?").run()
    assert "each later week is forecast from all the days before it" in text(app)
    app = tried(app)
    report = report_of(app, "tried")
    assert (report["rolling"], report["given"]) == ("week", [])
    days = report["days"]
    assert isinstance(days, list)
    assert days[0]["day"] == "2010-02-01"  # four weeks after the first
    assert plainly(app.subheader[0].value).startswith(
        f"Over {len(days)} days that it had not seen, the model was out by"
    )
    scores = next(frame.value for frame in app.dataframe if "Error" in frame.value.columns)
    assert scores["Forecast by"].to_list() == [
        "Fitted model", "Same weekday's average", "Erlang A, hour by hour", "Regression on calls",
    ]  # fmt: skip
    assert "Arrivals" in text(app)
    app.switch_page("kcas/dashboard/staffing.py").run()
    app.switch_page("kcas/dashboard/model.py").run()
    app.segmented_control(key="part").set_value("Was it right before?").run()
    assert plainly(app.subheader[0].value).startswith(f"Over {len(days)} days")


def test_fitted_once_with_all_given_is_another_trial(own: Callable[[], AppTest]) -> None:
    app = own()
    app.segmented_control(key="part").set_value("Was it right before?").run()
    app.segmented_control(key="how_fitted").set_value("Once").run()
    app.date_input(key="first_foretold_2010-01-04_2010-02-26").set_value(date(2010, 2, 15)).run()
    app.segmented_control(key="given_of_day").set_value("All but hang-ups").run()
    assert "The queue model alone" in text(app)
    app.file_uploader(key="own_roster").upload("roster.csv", ROSTER.encode()).run()
    app = tried(app)
    report = report_of(app, "tried")
    assert (report["rolling"], report["given"]) == (None, ["handling", "staff", "volume"])
    days = report["days"]
    assert isinstance(days, list)
    assert (days[0]["day"], days[0]["fitted_until"], len(days)) == ("2010-02-15", "2010-02-12", 10)
    assert "fitted once, to the days until Fri 12 Feb 2010; given of each day: handling, staff and volume." in text(app)


def test_days_too_few_to_try_it_on_say_what_to_do(own: Callable[[], AppTest], page: Open, tmp_path: Path) -> None:
    few = tmp_path / "few"
    keep(few, calls_of(FIRST, short=2, long=2, answered=36), name="few.csv")
    app = page(TITLE, store=few)
    app.segmented_control(key="part").set_value("Was it right before?").run()
    assert "Choose four weeks or more in the sidebar" in app.info[0].value
    app.segmented_control(key="part").set_value("Fit").run()
    app.button(key="fit").click().run()
    while (job := SIMULATIONS.state(app.session_state["fitted"])) and job.state == "running":
        time.sleep(0.1)
    app.run()
    assert "1 days with 40 offered calls" in plainly(app.error[0].value)
    assert "upload more of the telephone system's log" in text(app)


def test_weekdays_with_other_hours_are_a_file_of_their_own_to_keep(
    page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = known_calls(DAYS)
    joined = pl.col("entered")
    fridays = calls.filter(joined.dt.weekday() == 5, joined.dt.hour() < 12)
    saturdays = fridays.with_columns(joined + pl.duration(days=1), leg=pl.col("leg") + "/saturday")
    together = pl.concat([calls, saturdays]).sort("entered")
    stored(tmp_path / "store", together)
    (tmp_path / "scenarios").mkdir()
    monkeypatch.setenv("KCAS_SCENARIOS", str(tmp_path / "scenarios"))
    app = fit(page(TITLE, store=tmp_path / "store"))
    assert app.selectbox(key="kept_days").options == ["Monday to Friday", "Saturday"]
    app.selectbox(key="kept_days").select("Saturday").run()
    app.button(key="keep_own").click().run()
    assert read_scenario(tmp_path / "scenarios" / "own-desk-saturday.toml").day.closes == 12 * 3600.0


def test_a_trial_can_be_stopped(own: Callable[[], AppTest]) -> None:
    app = own()
    app.segmented_control(key="part").set_value("Was it right before?").run()
    app.button(key="try_it").click().run()
    name = app.session_state["tried"]
    job = SIMULATIONS.state(name)
    assert job is not None
    if job.state == "running":
        app.button(key="stop_tried").click().run()
        stopped = SIMULATIONS.state(name)
        assert stopped is not None
        assert stopped.state == "stopped"
        assert "Stopped before it had a result" in "".join(plainly(warning.value) for warning in app.warning)
