"""`kcas rebase` and what it does to `kcas chart`, over a store of invented days."""

import json
from datetime import date
from pathlib import Path

import pytest

from kcas.calls.store import Store
from tests.unit.calls.store.rows import add
from tests.unit.cli.conftest import Run
from tests.unit.cli.test_monitor import invented

WHO = ("--name", "A. Smith", "--reason", "new [bold]telephone[/bold] system")


@pytest.fixture
def kept(tmp_path: Path) -> str:
    add(Store(tmp_path / "store"), "a-year.csv", invented(200))
    return str(tmp_path / "store")


def asked(kcas: Run, kept: str, *words: str) -> dict:
    code, out, wrong = kcas(*words, "--store", kept, "--json")
    assert code == 0, wrong
    return json.loads(out)


def test_a_re_basing_gives_the_chart_two_segments_and_undoing_gives_one_again(kcas: Run, kept: str) -> None:
    before = asked(kcas, kept, "chart")
    assert len(before["segments"]) == 1
    assert [each["day"] for each in before["suggestions"]] == ["2010-04-01"]
    act = asked(kcas, kept, "rebase", "add", "2010-04-01", *WHO)
    assert (act["number"], act["day"], act["name"]) == (1, "2010-04-01", "A. Smith")
    after = asked(kcas, kept, "chart")
    assert [(one["first"], one["rebased"] and one["rebased"]["number"]) for one in after["segments"]] == [
        ("2009-11-02", None), ("2010-04-01", 1),
    ]  # fmt: skip
    assert [one["centre"] for one in after["segments"]] == pytest.approx([0.2, 0.125], abs=0.005)
    assert after["signals"] == []
    assert after["suggestions"] == []
    assert len(asked(kcas, kept, "chart", "--not-rebased")["segments"]) == 1
    assert len(asked(kcas, kept, "chart", "--queue", "duty")["segments"]) == 1
    asked(kcas, kept, "rebase", "undo", "1", "--name", "B. Jones", "--reason", "the wrong day")
    assert asked(kcas, kept, "chart") == before
    acts = asked(kcas, kept, "rebase", "list")["acts"]
    assert [(one["number"], one["in_force"], one["undoes"]) for one in acts] == [(1, False, None), (2, False, 1)]
    then = acts[0]["recorded"]
    assert len(asked(kcas, kept, "chart", "--as-at", then)["segments"]) == 2


def test_a_person_reads_who_did_what_and_why(kcas: Run, kept: str) -> None:
    code, out, _ = kcas("rebase", "list", "--store", kept)
    assert code == 0
    assert "None so far." in out
    code, out, _ = kcas("rebase", "add", "2010-04-01", *WHO, "--store", kept)
    assert code == 0
    assert "No. 1 on record. Re-based from Thursday 1 April 2010 by A. Smith" in out
    _, out, _ = kcas("rebase", "list", "--store", kept)
    assert "new [bold]telephone[/bold] system" in out  # as it was typed
    _, out, _ = kcas("chart", "--store", kept)
    assert "2 November 2009 to 31 March 2010" in out
    assert "new [bold]telephone[/bold] system" in out
    code, out, _ = kcas("rebase", "undo", "1", "--name", "B", "--reason", "wrong", "--store", kept)
    assert code == 0
    assert "Re-basing no. 1 is undone by B: wrong." in out


def test_too_soon_or_without_a_name_is_refused_in_a_line(kcas: Run, kept: str) -> None:
    code, out, wrong = kcas("rebase", "add", "2010-05-10", *WHO, "--store", kept)
    assert (code, out) == (1, "")
    assert wrong.strip() == "2010-05-10: 9 days from there so far. Limits are recalculated from at least 12 days."
    code, _, wrong = kcas("rebase", "add", "2010-04-01", "--name", " ", "--reason", "x", "--store", kept)
    assert code == 1
    assert "the name is missing" in wrong
    code, _, wrong = kcas("rebase", "add", "April", *WHO, "--store", kept)
    assert code == 1
    assert "'April' is not a day" in wrong
    code, _, wrong = kcas("rebase", "undo", "5", *WHO, "--store", kept)
    assert code == 1
    assert "no re-basing has that number" in wrong


def test_a_queue_that_the_store_does_not_know_is_refused(kcas: Run, kept: str) -> None:
    for words in (("rebase", "add", "2010-04-01", *WHO), ("alerts",)):
        code, out, wrong = kcas(*words, "--queue", "dutty", "--store", kept)
        assert (code, out) == (1, "")
        assert "--queue: 'dutty' is no queue of this store. Did you mean 'duty'?" in wrong


def test_weeks_are_counted_where_they_are_what_is_looked_at(kcas: Run, kept: str) -> None:
    code, _, wrong = kcas("rebase", "add", "2010-04-01", *WHO, "--by", "week", "--store", kept)
    assert code == 1
    assert "weeks from there so far" in wrong


def test_a_drift_is_told_in_words_and_in_the_document(kcas: Run, kept: str) -> None:
    found = asked(kcas, kept, "chart", "--ewma", "--baseline-until", "2010-04-01")["ewma"]
    assert (found["weight"], found["limit"]) == (0.2, 2.86)
    assert found["points"][-1]["side"] == "low"
    assert "ewma" not in asked(kcas, kept, "chart")
    _, out, _ = kcas("chart", "--ewma", "--baseline-until", "2010-04-01", "--store", kept)
    assert "EWMA below its lower limit, since" in out
    assert "the rate has drifted down." in out


def test_alerts_hold_the_newest_day_against_the_newest_limits(kcas: Run, tmp_path: Path) -> None:
    folder = tmp_path / "store"
    # 10 of 40 on Thursday 13 May: ordinary where eight are lost as a rule, wild where four to six are
    add(Store(folder), "days.csv", invented(193, every_day={date(2010, 5, 13): 10}))
    code, out, _ = kcas("alerts", "--store", str(folder))
    assert code == 0, out
    asked(kcas, str(folder), "rebase", "add", "2010-04-01", *WHO)
    code, out, _ = kcas("alerts", "--store", str(folder))
    assert code == 3, out
    assert "Thursday 13 May 2010" in out
    assert "25.0% (10 of 40)" in out
