"""Does `kcas staff` find, cover, prove and write what it says, and refuse in a line what it cannot?"""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from kcas.simulation.scenario.folder import toml
from tests.unit.cli.conftest import Run
from tests.unit.staffing.desks import desk

SHIFTS = """
invented = ["everything"]
[shifts.hour]
starts = ["09:00", "09:30", "10:00"]
lengths = ["1 h"]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small desk, the same with two more agents, and shifts."""
    tables = desk([10, 20, 20, 10], invented=["demand"])
    (tmp_path / "today.toml").write_text(toml(tables))
    (tmp_path / "more.toml").write_text('question = "Two more?"\nstarts_from = "today.toml"\nteams.desk.agents = 5\n')
    (tmp_path / "shifts.toml").write_text(SHIFTS)
    return tmp_path


def answer(kcas: Run, *words: object) -> dict[str, Any]:
    code, out, said = kcas("staff", *map(str, words), "--json")
    assert (code, said) == (0, "")
    found: dict[str, Any] = json.loads(out)
    return found


def test_the_whole_plan_is_one_document_and_its_roster_simulates_to_the_very_same(kcas: Run, folder: Path) -> None:
    out = folder / "roster.toml"
    found = answer(
        kcas, folder / "today.toml", "--target", "6%", "--shifts", folder / "shifts.toml", "--replications", 80,
        "--out", out, "--bought", folder / "more.toml", "--cost-per-hour", 20, "--further", 2,
    )  # fmt: skip
    assert found["aim"] | {"words": ""} == {
        "abandoned": 0.06, "service_level": None, "confidence": None, "each": "day", "within": 20.0, "words": "",
    }  # fmt: skip
    assert [row["start"] for row in found["intervals"]] == ["09:00", "09:30", "10:00", "10:30"]
    assert found["agent_hours"] == sum(row["agents"] for row in found["intervals"]) / 2
    assert (found["met"], found["roster"]["met"], found["today"]["met"]) == (True, True, False)
    for row in found["intervals"]:
        assert row["rostered_least"] >= row["agents"]
    assert found["roster"]["paid_hours_a_day"] == sum(each["agents"] for each in found["roster"]["shifts"])
    assert found["roster"]["cost_a_week"] == 20 * found["roster"]["paid_hours_a_week"]
    assert [each["agents"] for each in found["further"]["today"]] == [0, 1, 2]
    bought = found["bought"]
    assert (bought["hours_a_day"], bought["cost_a_day"]) == (4, 80)
    assert bought["saved"]["mean"] == found["further"]["today"][2]["saved"]["mean"]
    assert bought["cost_per_call_saved"]["mean"] == pytest.approx(80 / bought["saved"]["mean"])
    code, simulated, _ = kcas("simulate", str(out), "--replications", "80", "--json")
    assert code == 0
    assert json.loads(simulated)["total"]["rate"] == found["roster"]["total"]["rate"]
    assert "Written by kcas staff" in out.read_text()
    assert json.loads(simulated)["invented"] == ["demand", "teams.desk, shifts"]


def test_a_person_reads_the_plan_with_its_halves_and_that_it_is_a_model(kcas: Run, folder: Path) -> None:
    words = ["staff", str(folder / "today.toml"), "--target", "10%", "--confidence", "75%", "--replications", "60"]
    code, out, _ = kcas(*words, "--shifts", str(folder / "shifts.toml"), "--bought", str(folder / "more.toml"))
    assert code == 0
    assert "keep to at most 10% abandoned over the day, on at least 75% of days" in out
    assert "MODEL, not observed" in out
    assert re.search(r"As needed: \d+\.\d% \(.*\) abandoned, \d+\.\d of \d+\.\d calls a day", out)
    assert "Invented, not the desk's own, in the file of shifts: everything." in out
    assert "What a call saved costs is not said" in out
    assert re.search(r"\n \+5 +\d", out)


def test_without_shifts_the_requirement_itself_is_written(kcas: Run, folder: Path) -> None:
    out = folder / "needed.toml"
    words = ["--service-level", "80%", "--within", "30 s", "--each", "half-hour", "--replications", 60, "--further", 0]
    found = answer(kcas, folder / "today.toml", *words, "--out", out)
    assert found["roster"] is None
    agents = [row["agents"] for row in found["intervals"]]
    assert f"by_interval = {agents}" in out.read_text()
    for row in found["intervals"]:
        assert row["service_level"]["low"] >= 0.8
    again = answer(kcas, folder / "today.toml", *words, "--out", out)  # what we wrote we may write again
    assert [row["agents"] for row in again["intervals"]] == agents


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "nothing to keep to"),
        (["--target", "0%"], "no number of agents can promise"),
        (["--target", "100%"], "every desk keeps to it"),
        (["--target", "5"], "is not a percentage. Expected one like"),
        (["--target", "-5%"], "is not a percentage. Expected one like"),
        (["--target", "5%", "--confidence", "100%"], "every single day"),
        (["--target", "5%", "--each", "week"], "Expected day or half-hour"),
        (["--target", "5%", "--weekday", "someday"], "'someday' is not among its weekdays. Expected one of monday"),
        (["--target", "5%", "--team", "dask"], "Did you mean 'desk'"),
        (["--target", "5%", "--most-heads", "0"], "Expected 1 at least"),
        (["--target", "5%", "--most-heads", "3"], "--shifts FILE.toml"),
        (["--target", "5%", "--cost-per-hour", "-1"], "an amount above 0"),
        (["--target", "5%", "--cost-per-hour", "nan"], "an amount above 0"),
        (["--target", "5%", "--within", "soon"], "is not a duration"),
        (["--target", "5%", "--shifts", "none.toml"], "there is no such file"),
        (["--target", "5%", "--bought", "none.toml"], "there is no such file"),
        (["--target", "5%", "--out", "nowhere/roster.toml"], "there is no folder"),
        (["--target", "5%", "--replications", "1000000000"], "days"),
    ],
)
def test_a_planners_mistake_is_a_line_before_anything_runs(
    kcas: Run, folder: Path, words: list[str], said: str
) -> None:
    code, out, err = kcas("staff", str(folder / "today.toml"), *words)
    assert (code, out) == (1, "")
    assert said in err
    assert len(err.strip().splitlines()) <= 2


def test_a_file_that_we_did_not_write_is_not_overwritten(kcas: Run, folder: Path) -> None:
    code, _, err = kcas("staff", str(folder / "today.toml"), "--target", "5%", "--out", str(folder / "more.toml"))
    assert code == 1
    assert "not written by kcas staff" in err
    assert "Two more?" in (folder / "more.toml").read_text()


def test_a_requirement_that_the_heads_cannot_cover_says_where(kcas: Run, folder: Path) -> None:
    words = ["--target", "6%", "--shifts", str(folder / "shifts.toml"), "--most-heads", "2", "--replications", "60"]
    code, _, err = kcas("staff", str(folder / "today.toml"), *words)
    assert code == 1
    assert "most_heads 2" in err
    assert re.search(r"desk at \d\d:\d\d by \d", err)


def test_progress_is_kept_in_a_file_for_a_program(kcas: Run, folder: Path) -> None:
    told = folder / "progress.json"
    answer(kcas, folder / "today.toml", "--target", "10%", "--replications", 60, "--further", 1, "--progress", told)
    found = json.loads(told.read_text())
    assert 0 <= found["done"] <= found["of"] == 1000
