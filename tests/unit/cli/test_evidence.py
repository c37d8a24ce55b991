"""`kcas evidence` and `kcas evidence verify`, as a person and as a program use them."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kcas.calls.store import Store
from tests.unit.calls.store.rows import add
from tests.unit.cli.conftest import Run
from tests.unit.cli.test_monitor import invented

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def kept(tmp_path: Path) -> str:
    add(Store(tmp_path / "store"), "a-year.csv", invented(200))
    return str(tmp_path / "store")


def test_a_pack_is_made_and_verified_by_one_document_each(kcas: Run, kept: str, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    words = ("evidence", "--out", str(tmp_path / "pack"), "--scenarios", str(tmp_path / "none"), "--store", kept)
    code, out, wrong = kcas(*words, "--json")
    assert code == 0, wrong
    made = json.loads(out)
    assert made["public"] is True
    assert len(made["sentences"]) == 5
    assert {each["file"] for each in made["files"]} >= {"report.html", "figures.json", "inputs/standard.toml"}
    assert made["again"].startswith("kcas evidence --out ../again --public --since 2010-04-01 --as-at ")

    code, out, wrong = kcas("evidence", "verify", str(tmp_path / "pack"), "--store", kept, "--json")
    found = json.loads(out)
    assert (code, found["good"], found["made_again"], found["findings"]) == (0, True, True, [])

    (tmp_path / "pack" / "figures.json").write_text("{}")
    code, out, _ = kcas("evidence", "verify", str(tmp_path / "pack"), "--store", kept)
    assert code == 1
    assert "figures.json" in out
    assert "altered" in out


@pytest.fixture
def another(tmp_path: Path) -> str:
    """A desk whose calls all lie before April 2010: four weeks from 2 November 2009."""
    add(Store(tmp_path / "other"), "november.csv", invented(26))
    return str(tmp_path / "other")


def test_a_desk_whose_days_do_not_hold_the_standards_day_of_change_gets_a_pack_without_before_and_after(
    kcas: Run, another: str, tmp_path: Path
) -> None:
    (tmp_path / "none").mkdir()
    pack = ("evidence", "--scenarios", str(tmp_path / "none"), "--store", another)
    code, out, wrong = kcas(*pack, "--out", str(tmp_path / "pack"), "--json")
    assert code == 0, wrong
    made = json.loads(out)
    # 20 weekdays of 40 calls; 8 lost on each but for the day's wobble of one
    assert made["sentences"][0].startswith("From 2 to 27 November 2009, the share of calls abandoned was 20.")
    assert "of 800;" in made["sentences"][0]
    assert made["sentences"][1] == (
        "Nothing is said of before and after: the day of change in the desk's standard, Thursday 1 April 2010, is not "
        "within the days told of."
    )
    assert "--since" not in made["again"]
    report = (tmp_path / "pack" / "report.html").read_text(encoding="utf-8")
    assert "Recommendation 10 (iv)" in report
    assert "under point (iv)" not in report
    assert "verdict" not in report.lower()
    found = json.loads(kcas("evidence", "verify", str(tmp_path / "pack"), "--store", another, "--json")[1])
    assert (found["good"], found["made_again"]) == (True, True)
    code, _, wrong = kcas(*pack, "--out", str(tmp_path / "typed"), "--since", "2010-04-01")
    assert (code, "--since 2010-04-01: the calls asked for are of 2 to 27 November 2009." in wrong) == (1, True)


def test_the_day_of_change_is_the_standards_unless_another_is_asked_about(
    kcas: Run, another: str, tmp_path: Path
) -> None:
    (tmp_path / "none").mkdir()
    desk = tmp_path / "desk.toml"
    pack = ("evidence", "--scenarios", str(tmp_path / "none"), "--store", another, "--standard", str(desk), "--json")
    desk.write_text("[evidence]\nday_of_change = 2009-11-16\n", encoding="utf-8")
    made = json.loads(kcas(*pack, "--out", str(tmp_path / "usual"))[1])
    assert made["sentences"][0].startswith("From 16 to 27 November 2009, ")
    assert "--since 2009-11-16" in made["again"]
    made = json.loads(kcas(*pack, "--out", str(tmp_path / "asked"), "--since", "2009-11-09")[1])
    assert made["sentences"][0].startswith("From 9 to 27 November 2009, ")
    desk.write_text('name = "A desk"\n', encoding="utf-8")
    made = json.loads(kcas(*pack, "--out", str(tmp_path / "none-named"))[1])
    assert made["sentences"][1].endswith("no day of change was asked about, and the desk's standard names none.")
    desk.write_text('[evidence]\nday_of_change = "1 April"\n', encoding="utf-8")
    code, _, wrong = kcas(*pack, "--out", str(tmp_path / "wrong"))
    assert code == 1
    assert "day_of_change: '1 April' is not a day. Expected one without quotation marks, like 2010-04-01." in wrong


def test_the_mistakes_of_a_person_are_said_in_a_line(kcas: Run, kept: str, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "file").write_text("x")
    for words, message in (
        (("evidence", "--store", kept), "--out: expected a new folder"),
        (("evidence", "--out", str(tmp_path / "taken"), "--store", kept), "no pack is ever written over another"),
        (("evidence", "--out", str(tmp_path / "new"), "--since", "1 April", "--store", kept), "--since: '1 April'"),
        (("evidence", "--out", str(tmp_path / "new"), "--revises", str(tmp_path), "--store", kept), "no evidence pack"),
        (("evidence", "verify", str(tmp_path)), "no evidence pack"),
    ):
        code, _, wrong = kcas(*words)
        assert code == 1
        assert message in wrong
    assert not (tmp_path / "new").exists()


@pytest.mark.skipif(os.name == "nt", reason="signals are otherwise there")
def test_ctrl_c_leaves_no_half_of_a_pack(kept: str, tmp_path: Path) -> None:
    told, scenarios = tmp_path / "told.txt", str(ROOT / "scenarios")
    command = [sys.executable, "-m", "kcas", "evidence", "--out", str(tmp_path / "pack"),
               "--scenarios", scenarios, "--days", "9999", "--progress", str(told), "--store", kept]  # fmt: skip
    child = subprocess.Popen(command, stderr=subprocess.PIPE, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
                             preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))  # fmt: skip
    for _ in range(600):
        if told.exists():
            break
        time.sleep(0.1)
    child.send_signal(signal.SIGINT)
    child.communicate(timeout=60)
    assert child.returncode != 0
    assert [path.name for path in tmp_path.iterdir() if "pack" in path.name] == []
