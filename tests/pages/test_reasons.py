"""Does the first page say why the last day was so, or how it will end, once it is asked?"""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from kcas.calls.call import SCHEMA
from kcas.calls.store import Store
from kcas.dashboard.job_requests import ANSWERS
from tests.pages.conftest import text
from tests.unit.attribution.desk_log import FIRST, log_of
from tests.unit.calls.store.rows import add

Open = Callable[..., AppTest]
WEEKS = 6
LAST = FIRST + timedelta(days=7 * WEEKS - 3)


def kept(folder: Path, *, until: int) -> Path:
    """Six weeks of a simulated desk, the last day until an hour of it."""
    end = pl.datetime(LAST.year, LAST.month, LAST.day, until, time_zone="UTC")
    calls = log_of(days=5 * WEEKS, seed=1, variation="8%").filter(pl.col("entered") < end)
    add(Store(folder / "store"), "desk.csv", calls.select(*SCHEMA))
    return folder / "store"


def answered(app: AppTest, key: str) -> AppTest:
    """Press the button, and look again once the answer is there."""
    app.button(key=key).click().run()
    deadline = time.monotonic() + 120
    while (app.get("progress") or "Working it out" in text(app)) and time.monotonic() < deadline:
        while any(child.poll() is None for child in [*ANSWERS.children.values()]):
            time.sleep(0.1)
        app.run()
    assert not app.exception
    return app


def test_a_day_that_is_over_is_explained_when_asked(page: Open, tmp_path: Path) -> None:
    app = answered(page(store=kept(tmp_path, until=20)), "why")
    said = text(app)
    assert "Why (model, not proof)." in said
    assert "Friday 12 February 2010 had " in said
    assert "a normal Friday" in said
    assert app.expander[0].label == "The figures, and how they were made"
    shares = next(frame.value for frame in app.dataframe if "Because" in frame.value.columns)
    assert shares["What"].to_list()[-1] == "Chance and the rest"
    again = page(store=tmp_path / "store")  # another visitor finds the answer there
    assert "Why (model, not proof)." in text(again)


def test_the_definition_chosen_is_explained_and_one_beyond_the_model_says_so(page: Open, tmp_path: Path) -> None:
    app = page(store=kept(tmp_path, until=20))
    app.selectbox(key="definition").select("nhs111_mds").run()
    app = answered(app, "why")
    assert "abandoned after 30 s ÷ offered" in text(app)
    assert "For 100 whom the model has hang up after more than 30 s" in text(app)
    app.selectbox(key="definition").select("with_blocked").run()
    assert "cannot tell with_blocked" in text(answered(app, "why")).replace("\\", "")


def test_a_holiday_says_on_its_card_that_it_is_one(page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = page(store=kept(tmp_path, until=20))
    desk = tmp_path / "standard.toml"
    desk.write_text(f'[holidays]\nof = "none"\nalso = [{LAST}]\n', encoding="utf-8")
    monkeypatch.setenv("KCAS_STANDARD", str(desk))
    said = text(answered(app.run(), "why"))
    assert said.count("This day is a holiday by the standard: the desk's own holiday. The log tells of fewer") == 2


def test_since_a_date_is_explained_where_it_is_judged(page: Open, tmp_path: Path) -> None:
    app = page("Trend", store=kept(tmp_path, until=20))
    app.date_input(key="changed").set_value(FIRST + timedelta(weeks=3)).run()
    said = text(answered(app, "why_since"))
    assert "25 January to 12 February 2010 had " in said
    assert " than 4 to 24 January 2010 (" in said.replace("\\", "")
    app.date_input(key="changed").set_value(FIRST + timedelta(weeks=4)).run()  # another date is another question
    label = app.button(key="why_since").label.replace("\\", "")
    assert label == "Why has it been so since Monday 1 February 2010? (model)"


def test_a_day_that_is_not_over_is_foreseen_when_asked(page: Open, tmp_path: Path) -> None:
    app = answered(page(store=kept(tmp_path, until=12)), "today")
    said = text(app)
    assert "How today will end (model)." in said
    assert "One more agent from now on" in said
    assert "Model: the rest of the day is simulated" in said


def test_a_log_that_names_no_agents_says_why_it_cannot_be_explained(page: Open, desk: Path) -> None:
    said = text(answered(page(store=desk), "why"))
    assert "does not say which agent took a call" in said or "a normal one needs" in said
