"""Do the commands that simulate keep their contract, and say a planner's mistake in a line?"""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kcas.calls.call import OUTCOMES, SCHEMA
from tests.commands import kcas_says

ROOT = Path(__file__).parents[3]
TODAY, MORE = ROOT / "scenarios" / "today.toml", ROOT / "scenarios" / "more-agents.toml"
COMMAND = [sys.executable, "-m", "kcas"]


def kcas(*words: object, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return kcas_says(folder, *words, settings=os.environ | {"COLUMNS": "200"})


def answer(*words: object) -> dict[str, Any]:
    result = kcas(*words, "--json")
    assert result.returncode == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_simulate_gives_the_shape_that_was_promised_and_every_simulated_call(tmp_path: Path) -> None:
    file = tmp_path / "calls.parquet"
    found = answer("simulate", TODAY, "--replications", 12, "--seed", 3, "--engine", "simpy", "--calls", file)
    assert (found["engine"], found["replications"], found["seed"]) == ("simpy", 12, 3)
    assert set(found["total"]) >= {
        "offered", *OUTCOMES, "rate", "service_level", "average_speed_of_answer", "wait_all", "occupancy",
        "people_never_answered", "rate_per_person", "rate_with_unreached_callbacks",
    }  # fmt: skip
    assert set(found["total"]["rate"]) == {"mean", "low", "high", "sd"}
    assert [row["start"] for row in found["intervals"][:3]] == ["08:30", "09:00", "09:30"]
    assert set(found["by_type"]) == {"public", "professionals", "child_protection"}
    assert set(found["by_team"]) == {"desk"}
    assert set(found["by_team"]["desk"]) == {
        "answered", "average_speed_of_answer", "average_handle_time", "occupancy",
    }  # fmt: skip
    assert found["invented"] == ["everything"]
    calls = pl.read_parquet(file)
    assert set(calls.columns) >= {*SCHEMA, "replication", "type", "attempt"}
    assert calls.filter(pl.col("outcome") == "abandoned").height == round(found["total"]["abandoned"]["mean"] * 12)
    assert calls["replication"].unique().sort().to_list() == list(range(1, 13))


def test_the_same_seed_gives_the_same_figures_and_both_engines_agree() -> None:
    words = ("simulate", TODAY, "--replications", 8, "--seed", 5)
    one, two = answer(*words, "--engine", "simpy"), answer(*words, "--engine", "compiled")
    assert one["total"] == two["total"]
    assert one["intervals"] == two["intervals"]


def test_compare_gives_paired_differences_from_the_first() -> None:
    found = answer("compare", TODAY, MORE, "--replications", 10)
    first, other = found["from"], found["scenarios"][0]
    change = other["difference"]["rate"]
    assert change["mean"] == pytest.approx(other["total"]["rate"]["mean"] - first["total"]["rate"]["mean"])
    assert change["low"] < change["mean"] < change["high"] < 0


def test_a_person_is_told_that_it_is_a_model_how_long_it_ran_and_what_is_invented() -> None:
    said = kcas("simulate", TODAY, "--replications", 20).stdout
    assert "MODEL, not observed. 20 days simulated" in said
    assert "Invented, not measured: everything." in said
    assert "Never answered, per person" in said


def test_a_scenario_is_explained_in_words() -> None:
    said = kcas("scenario", "check", ROOT / "scenarios" / "all-three.toml").stdout
    assert "Open from 08:30 to 17:00" in said
    assert "Team desk: 17 agents all day." in said
    assert "is stopped, and gives back 2 agents of desk" in said


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("question = 3", "question: 3 is not valid"),
        ("nonsense", "cannot be read as TOML. Expected lines like name = "),
        ("", "question is missing"),
    ],
)
def test_a_wrong_file_is_one_line_and_exit_one(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(text, encoding="utf-8")
    for words in (("simulate", file), ("compare", TODAY, file, "--replications", 1), ("scenario", "check", file)):
        result = kcas(*words)
        assert result.returncode == 1
        assert says in result.stderr
        assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--precision", "0.5"), "Expected percentage points"),
        (("--engine", "fast"), "Expected compiled or simpy"),
        (("--backend", "spark://x"), "Expected dask://HOST:PORT"),
        (("--replications", "100000000000"), "Ask for fewer days"),
    ],
)
def test_a_wrong_option_is_said_plainly(words: tuple[str, ...], says: str) -> None:
    result = kcas("simulate", TODAY, *words)
    assert result.returncode == 1
    assert says in result.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to one process")
def test_ctrl_c_answers_at_once() -> None:
    command = [*COMMAND, "simulate", str(TODAY), "--replications", "200000"]
    settings = {**os.environ, "PYTHONPATH": str(ROOT)}
    child = subprocess.Popen(
        command, cwd=ROOT, env=settings, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler) and None,
    )  # fmt: skip
    time.sleep(8)
    assert child.poll() is None, child.communicate()
    child.send_signal(signal.SIGINT)
    asked = time.monotonic()
    _, said = child.communicate(timeout=60)
    assert time.monotonic() - asked < 10
    assert child.returncode not in (0, 1)
    assert "Traceback" not in said
