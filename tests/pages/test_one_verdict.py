"""The first page, the trend page, the command, the alert and the pack give one sentence, whatever period is shown."""

import html
import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from kcas.calls.store import Store
from tests.pages.conftest import PAGES, ROOT, text
from tests.unit.calls.store.rows import add
from tests.unit.cli.conftest import Run, kcas
from tests.unit.cli.test_monitor import FIRST, invented

__all__ = ["kcas"]
LOG_DAYS = 300
LAST = FIRST + timedelta(days=LOG_DAYS - 4)  # a Tuesday; the log's own last day is the Friday after it
FRIDAY = FIRST + timedelta(days=LOG_DAYS - 1)
PERIODS = {"1 week": 7, "4 weeks": 28, "13 weeks": 91, "52 weeks": 364, "Everything": 10_000}
SETTINGS = """
[[actions]]
date = 2010-04-01
point = "ii"
what = "New *telephone* system"
"""
SINCE_APRIL = (
    "Days run lower since Thursday 1 April 2010, when “New *telephone* system” was recorded; the limits are "
    "recalculated from there."
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Eight of forty calls lost on working days before April, five after; 30 on a day in February and one in June."""
    folder = tmp_path_factory.mktemp("one-verdict") / "store"
    wild = {date(2010, 2, 9): 30, date(2010, 6, 9): 30}
    add(Store(folder), "a-year.csv", invented(LOG_DAYS, every_day=wild))
    return folder


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: Path) -> Path:
    path = tmp_path / "standard.toml"
    path.write_text(SETTINGS)
    monkeypatch.setenv("KCAS_STANDARD", str(path))
    monkeypatch.setenv("KCAS_STORE", str(store))
    return path


Opened = Callable[[str], Callable[[date, date], str]]


@pytest.fixture
def opened(settings: Path) -> Opened:
    """Opens a page, which then says what it has to say of some days and of others."""

    def page(title: str) -> Callable[[date, date], str]:
        app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
        app.selectbox(key="period").select("Chosen days").run()
        if title:
            app.switch_page(PAGES[title]).run()

        def of(first: date, last: date) -> str:
            app.date_input(key="days").set_value((first, last)).run()
            assert not app.exception, app.exception[0].message
            return text(app)

        return of

    return page


def told(kcas: Run, *words: str) -> Any:
    code, out, wrong = kcas(*words, "--json")
    assert code in (0, 3), wrong
    return json.loads(out)


@pytest.mark.parametrize("last", [FRIDAY, LAST, date(2010, 6, 9), date(2010, 3, 31)])
def test_pages_and_command_say_one_sentence_for_one_last_day(kcas: Run, opened: Opened, last: date) -> None:
    until = (last + timedelta(days=1)).isoformat()
    sentence = told(kcas, "chart", "--until", until)["verdict"]["sentence"]
    assert sentence.startswith(SINCE_APRIL) == (last > date(2010, 4, 30))
    first_page, trend = opened(""), opened("Trend")
    for first in sorted({max(FIRST, last - timedelta(days=length - 1)) for length in PERIODS.values()}):
        shown = told(kcas, "chart", "--since", first.isoformat(), "--until", until)
        assert shown["verdict"]["sentence"] == sentence
        assert shown["points"][0]["start"] >= first.isoformat()
        _, out, _ = kcas("chart", "--since", first.isoformat(), "--until", until)
        assert sentence in " ".join(out.split())
        assert sentence in first_page(first, last)
        assert f"**{sentence}**" in trend(first, last)


@pytest.mark.usefixtures("settings")
def test_alert_and_pack_say_the_same(kcas: Run, tmp_path: Path) -> None:
    sentence = told(kcas, "chart")["verdict"]["sentence"]
    assert sentence == (
        f"{SINCE_APRIL} Since then, measured against its new level: one working day above the upper limit, Wednesday 9 "
        "June 2010: further than chance often goes. No day since then is outside expected variation."
    )
    alert = told(kcas, "alerts")
    assert alert["verdict"]["sentence"] == sentence
    assert alert["sentence"].startswith(f"Kent Contact and Assessment Service: {sentence} ")
    (tmp_path / "none").mkdir()
    for number, which in enumerate(("--public", "--internal")):
        out = tmp_path / f"pack{number}"
        words = ("evidence", which, "--since", "2010-04-01", "--scenarios", str(tmp_path / "none"), "--out", str(out))
        made = told(kcas, *words)
        assert made["sentences"][3].endswith(f"Within its present limits, day by day: {sentence}")
        report = html.unescape((out / "report.html").read_text())
        # the verdict on the date and that of the chart stand in one statement
        tied = "before against after: lower since Thursday 1 April 2010. Within its present limits, day by day:"
        assert f"{tied} {sentence}" in " ".join(report.split())
        assert "No point asks for an explanation" not in report


@pytest.mark.usefixtures("settings")
def test_a_named_person_undoes_the_recalculation_and_all_follow(kcas: Run, tmp_path: Path) -> None:
    other = tmp_path / "store"
    add(Store(other), "a-year.csv", invented(LOG_DAYS))
    words = ("--store", str(other))
    assert told(kcas, "chart", *words)["verdict"]["recalculated"]["day"] == "2010-04-01"
    code, out, wrong = kcas("rebase", "undo", "2010-04-01", "--name", "B. Jones", "--reason", "it came later", *words)
    assert code == 0, wrong
    assert "Recalculation at 2010-04-01 is undone by B. Jones: it came later." in out
    undone = told(kcas, "chart", *words)
    assert undone["verdict"]["recalculated"] is None
    assert len(undone["segments"]) == 1
    assert "run lower since" not in told(kcas, "alerts", *words)["verdict"]["sentence"]
    _, listed, _ = kcas("rebase", "list", *words)
    assert "Recalculation at Thu 1 Apr 2010 undone" in " ".join(listed.split())
    acts = told(kcas, "rebase", "list", *words)["acts"]
    assert [(act["declines"], act["name"]) for act in acts] == [("2010-04-01", "B. Jones")]
    told(kcas, "rebase", "undo", "1", "--name", "C. Brown", "--reason", "it did not", *words)
    assert told(kcas, "chart", *words)["verdict"]["recalculated"]["day"] == "2010-04-01"
    code, _, wrong = kcas("rebase", "undo", "2010-05-01", "--name", "B", "--reason", "x", *words)
    assert code == 1
    assert "2010-05-01: the chart is not recalculated at an action of that day." in wrong


def test_the_undoing_is_a_form_on_the_trend_page(
    settings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "store"
    add(Store(other), "a-year.csv", invented(LOG_DAYS))
    monkeypatch.setenv("KCAS_STORE", str(other))
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.run()
    app.switch_page(PAGES["Trend"]).run()
    assert SINCE_APRIL in text(app)
    assert app.selectbox(key="undo_number").options == ["At Thu 1 Apr 2010: “New *telephone* system”"]
    app.text_input(key="undo_name").set_value("B. Jones")
    app.text_input(key="undo_reason").set_value("it came later")
    next(button for button in app.button if button.label == "Undo it").click().run()
    assert not app.exception
    assert SINCE_APRIL not in text(app)
    assert not [box for box in app.selectbox if box.key == "undo_number"]
