"""On a real bank's months: does the model beat three simple rules, in both settings, and are its intervals right?"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.commands import kcas_says

ROOT = Path(__file__).parents[4]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def bank(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The bank's store, as settings."""
    folder = tmp_path_factory.mktemp("bank")
    settings = {**os.environ, "KCAS_STORE": str(folder / "store"),
                "KCAS_KEY": str(folder / "key"), "KCAS_ZONE": "Asia/Jerusalem", "COLUMNS": "200"}  # fmt: skip
    logs = sorted(map(str, (shared / "data" / "technion_bank_1999").glob("*.gz")))
    asked(settings, "ingest", *logs)
    return settings


def asked(settings: dict[str, str], *words: str) -> str:
    result = kcas_says(ROOT, *words, settings=settings)
    assert result.returncode == 0, result.stderr
    return result.stdout


def held(bank: dict[str, str], *words: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(asked(bank, "backtest", "--json", *words))
    return found


def test_april_is_foretold_from_january_to_march_better_than_by_three_rules(bank: dict[str, str]) -> None:
    scores = held(bank, "--fit-until", "1999-04-01")["scores"]
    errors = {name: score["mean_absolute_error"] for name, score in scores.items()}
    assert errors["model"] < min(errors["same weekday"], errors["erlang a"])


def test_the_queue_model_alone_is_within_two_and_a_half_points(bank: dict[str, str]) -> None:
    found = held(bank, "--fit-until", "1999-04-01", "--given", "volume,handling,staff")
    scores = found["scores"]
    assert scores["model"]["mean_absolute_error"] < 0.025
    assert scores["model"]["mean_absolute_error"] < scores["erlang a"]["mean_absolute_error"]
    assert scores["model"]["coverage_95"] >= 0.9
    assert not found["assumptions"]["availability"]["fails"]


def test_the_files_that_are_written_can_be_checked_and_simulated_to_what_was_seen(
    bank: dict[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "bank.toml"
    told = json.loads(asked(bank, "calibrate", "--out", str(path), "--json"))
    assert told["offered"] == 30161 + 31125 + 36451 + 29277  # the bank's own counts
    assert [each["weekdays"] for each in told["files"]][1:] == [["friday"], ["saturday"]]
    assert "Open from" in asked(bank, "scenario", "check", str(path))
    rate = json.loads(asked(bank, "simulate", str(path), "--replications", "300", "--json"))["total"]["rate"]["mean"]
    assert rate == pytest.approx(0.194, abs=0.03)  # April's, as counted by others
