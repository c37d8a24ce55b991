"""Do `kcas compare` and `kcas sweep` tell a program all that the what-if page shows?"""

import json
from pathlib import Path

import pytest

from tests.unit.cli.conftest import Run
from tests.unit.simulation.test_what_if import STEADY

MORE = 'starts_from = "today.toml"\nquestion = "One more?"\n[teams.desk]\nagents = 4\n'
DAYS = ("--replications", "30", "--engine", "simpy", "--json")


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    """A desk of three, and the same with one more."""
    (tmp_path / "today.toml").write_text(STEADY)
    (tmp_path / "more.toml").write_text(MORE)
    return str(tmp_path / "today.toml"), str(tmp_path / "more.toml")


def test_a_difference_is_told_of_each_type_and_half_hour_too(kcas: Run, files: tuple[str, str]) -> None:
    code, out, _ = kcas("compare", *files, *DAYS)
    assert code == 0
    told = json.loads(out)
    before, after = told["from"], told["scenarios"][0]
    for name in ("rate", "abandoned", "wait_all"):
        by_hand = after["total"][name]["mean"] - before["total"][name]["mean"]
        assert after["difference"][name]["mean"] == pytest.approx(by_hand)
        of_type = after["difference_by_type"]["public"][name]  # there is one type, so it is the whole
        assert of_type == pytest.approx(after["difference"][name])
    assert [part["start"] for part in after["difference_intervals"]] == ["09:00", "09:30", "10:00", "10:30"]
    lost = sum(part["abandoned"]["mean"] for part in after["difference_intervals"])
    assert lost == pytest.approx(after["difference"]["abandoned"]["mean"])


def test_a_rate_comes_with_both_halves(kcas: Run, files: tuple[str, str]) -> None:
    _, out, _ = kcas("compare", *files, *DAYS)
    total = json.loads(out)["from"]["total"]
    assert total["rate"]["mean"] == pytest.approx(total["numerator"]["mean"] / total["denominator"]["mean"])


def test_how_far_it_has_got_is_kept_in_a_file(kcas: Run, files: tuple[str, str], tmp_path: Path) -> None:
    kcas("compare", *files, *DAYS, "--progress", str(tmp_path / "progress.json"))
    told = json.loads((tmp_path / "progress.json").read_text())
    assert told["of"] == 60
    assert 30 <= told["done"] <= 60


def test_every_pair_of_a_sweep_is_told(kcas: Run, files: tuple[str, str]) -> None:
    code, out, _ = kcas("sweep", files[0], "--across", "agents=0,1", "--down", "calls=1", *DAYS)
    assert code == 0
    cells = json.loads(out)["cells"]
    _, compared, _ = kcas("compare", *files, *DAYS)
    told = json.loads(compared)
    assert cells[0]["rate"] == told["from"]["total"]["rate"]
    assert cells[1]["rate"] == told["scenarios"][0]["total"]["rate"]
    for rate, above, below in (
        ("rate", "numerator", "denominator"), ("wait_all", "wait_joined", "joined"),
        ("service_level", "service_level_numerator", "service_level_denominator"),
    ):  # fmt: skip
        assert cells[0][rate]["mean"] == pytest.approx(cells[0][above]["mean"] / cells[0][below]["mean"])
    assert json.loads(out)["definition"]
    _, table, _ = kcas("sweep", files[0], "--across", "agents=0,1", "--down", "calls=1", *DAYS[:-1])
    for cell in cells:
        assert f"{cell['numerator']['mean']:.1f} of {cell['denominator']['mean']:.1f}" in table


def test_what_lies_beyond_the_data_is_told_of_each_scenario_and_of_each_pair(
    kcas: Run, files: tuple[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("KCAS_STORE", str(tmp_path / "nothing"))
    _, out, _ = kcas("compare", *files, *DAYS)
    told = json.loads(out)
    assert told["from"]["beyond"] == []
    [line] = told["scenarios"][0]["beyond"]  # four agents instead of three
    assert line.startswith("Agents on the phones at 09:00 33% above the baseline")
    assert line in told["scenarios"][0]["notes"]
    _, out, _ = kcas("sweep", files[0], "--across", "agents=0,1", "--down", "calls=1,1.3", *DAYS)
    assert json.loads(out)["beyond"] == [
        "3 of 4 pairs leave what any data support; at agents +1 and calls 100%: "
        "Agents on the phones at 09:00 33% above the baseline: no calls are kept here to support more than 25% either "
        "way."
    ]


def test_a_sweep_reads_as_a_table(kcas: Run, files: tuple[str, str]) -> None:
    _, out, _ = kcas("sweep", files[0], "--across", "agents=0,1", "--down", "calls=1", *DAYS[:-1])
    assert "MODEL, not observed" in out


def test_what_cannot_be_swept_is_said(kcas: Run, files: tuple[str, str]) -> None:
    code, _, err = kcas("sweep", files[0], "--across", "colour=1")
    assert code == 1
    assert "cannot be swept" in err
