"""Does every widget of the own model page change what is fitted or tried, and is what comes back shown and kept?"""

import time
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from kcas.calls.store import Store
from kcas.calls.store.record import Record
from kcas.dashboard import simulation_job
from kcas.simulation.scenario_file import read_scenario
from tests.pages.conftest import text
from tests.pages.test_what_if import until_done
from tests.unit.simulation.known_desk import known_calls

Open = Callable[..., AppTest]
TITLE = "The desk's own model"
DAYS = 60  # from Monday 4 January to Friday 26 March 2010
ROSTER = "day,from,to,agents\n" + "".join(
    f"{day},09:00,17:00,8\n" for day in ("monday", "tuesday", "wednesday", "thursday", "friday")
)


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with twelve weeks of a desk whose truth is known: 8 agents, 620 calls a day."""
    folder = tmp_path_factory.mktemp("known") / "store"
    calls = known_calls(DAYS).with_columns(line=pl.int_range(2, pl.len() + 2, dtype=pl.Int64))
    record = Record(name="known.csv", sha256="0" * 64, size=1, format="test", lines=calls.height + 1,
                    call_lines=calls.height, ignored={"header": 1})  # fmt: skip
    Store(folder).add([calls], record=lambda: record)
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
    job = simulation_job.look(app.session_state[kind])
    assert job is not None
    return job.report


def test_the_page_says_that_it_is_a_model_and_what_to_do(own: Callable[[], AppTest]) -> None:
    app = own()
    assert any("MODEL, not observed" in warning.value for warning in app.warning)
    assert "Calls of 4 January to 26 March 2010, all queues." in text(app)
    assert "Nothing has been asked here yet" in text(app)
    assert "(all_offered), whatever is chosen elsewhere" in text(app)


def test_a_fit_is_shown_outlives_the_page_and_is_kept_as_a_baseline(own: Callable[[], AppTest], tmp_path: Path) -> None:
    app = fit(own())
    report = report_of(app, "fitted")
    calls = known_calls(DAYS).filter(pl.col("outcome").is_in(["answered", "abandoned"])).height
    assert report["offered"] == calls
    assert f"Fitted to {calls:,} offered calls of 60 days, 4 January to 26 March 2010" in text(app)
    assert "On a Monday, its busiest day" in plainly(app.subheader[0].value)
    rows = next(frame.value for frame in app.dataframe if "Estimated" in frame.value.columns)
    assert "Calls on a Friday" in rows["Estimated"].to_list()
    assert "inferred from who took calls when; breaks guessed" in rows["Stands behind it"].to_list()
    assert "Not to be told from the log" in text(app)
    app.switch_page("kcas/dashboard/what_if.py").run()
    app.switch_page("kcas/dashboard/own_model.py").run()
    assert "On a Monday, its busiest day" in plainly(app.subheader[0].value)
    app.text_input(key="own_name_own-desk").set_value("Desk of March").run()
    app.button(key="keep_own").click().run()
    assert "Kept as desk-of-march.toml" in plainly(app.success[0].value)
    kept = read_scenario(tmp_path / "scenarios" / "desk-of-march.toml")
    assert kept.question == "How many callers hang up as things were until 2010-03-26?"
    app.switch_page("kcas/dashboard/what_if.py").run()
    assert app.selectbox(key="baseline").options == ["desk of march"]
    assert not app.exception


def test_fewer_days_at_the_side_make_another_fit_and_the_page_says_whose_is_shown(own: Callable[[], AppTest]) -> None:
    app = fit(own())
    app.selectbox(key="period").select("4 weeks").run()
    assert "This is of 4 January to 26 March 2010, all queues. Other calls are now chosen at the side" in text(app)
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
    while (job := simulation_job.look(app.session_state["fitted"])) and job.state == "running":
        time.sleep(0.1)
    app.run()
    assert "line 2, agents: 'eight' is not a number of agents" in plainly(app.error[0].value)
    assert "kcas-what-if" not in app.error[0].value
    app.file_uploader(key="own_roster").upload("roster.csv", b"\xff\xfe").run()
    assert "not UTF-8 text" in plainly(app.error[0].value)
