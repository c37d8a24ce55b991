"""Scenarios that people keep lie beside their data, never with the program."""

import threading
from pathlib import Path

import pytest

from kcas.errors import ScenarioError
from kcas.simulation.scenario import folder as scenario_folder
from kcas.simulation.scenario.changes import baseline, scenario_names
from kcas.simulation.scenario.file import read_scenario

ROOT = Path(__file__).resolve().parents[3]
MINE = scenario_folder.scenario_text(
    {"demand": {"calls_per_day": 70}}, question="And with fewer calls?", starts_from="today"
)


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program's own scenarios in a folder that nobody may write, one saved there by an earlier version."""
    folder = tmp_path / "program" / "scenarios"
    (folder / "shifts").mkdir(parents=True)
    for name in ("today.toml", "callback.toml", "shifts/early.toml"):
        source = ROOT / "scenarios" / name
        text = source.read_text(encoding="utf-8") if source.exists() else "# shifts\n"
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "saved-before.toml").write_text(MINE, encoding="utf-8")
    monkeypatch.setattr(scenario_folder, "SHIPPED", (folder,))
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_the_folder_is_next_to_the_stores_own_whatever_one_starts_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert scenario_folder.beside(Path("kcas-data")) == tmp_path / "kcas-data-scenarios"
    assert scenario_folder.beside(tmp_path / "a" / "desk") == tmp_path / "a" / "desk-scenarios"


def test_a_new_folder_holds_all_there_was_and_the_programs_own_is_left_as_it_is(program: Path, tmp_path: Path) -> None:
    before = contents(program)
    folder = scenario_folder.made(tmp_path / "desk-scenarios")
    kept = scenario_folder.save(folder, "Two more", MINE)
    assert contents(program) == before
    assert contents(folder) == before | {"two-more.toml": MINE.encode()}
    assert scenario_names(folder) == ["today", "callback", "saved-before", "two-more"]
    assert read_scenario(kept).demand.calls_per_day == 70
    assert "callback" in baseline(folder, "two-more").options
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".new")] == []


def test_a_folder_that_is_there_is_not_filled_again(program: Path, tmp_path: Path) -> None:
    folder = scenario_folder.made(tmp_path / "desk-scenarios")
    (folder / "callback.toml").unlink()
    assert scenario_names(scenario_folder.made(folder)) == ["today", "saved-before"]


def test_ten_who_keep_their_first_in_the_same_moment_share_one_folder(program: Path, tmp_path: Path) -> None:
    gate, failed = threading.Barrier(10), []

    def keep(number: int) -> None:
        gate.wait(timeout=30)
        try:
            scenario_folder.save(scenario_folder.made(tmp_path / "desk-scenarios"), f"mine {number}", MINE)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=keep, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failed == []
    mine = {f"mine-{number}.toml" for number in range(10)}
    assert set(contents(tmp_path / "desk-scenarios")) == set(contents(program)) | mine
    assert sorted(path.name for path in tmp_path.iterdir()) == ["desk-scenarios", "program"]


def test_where_no_folder_can_be_made_it_is_said_what_would_do(program: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(ScenarioError, match=r"cannot be made \(Not a directory\)\. Set KCAS_SCENARIOS to a folder"):
        scenario_folder.made(tmp_path / "file" / "desk-scenarios")
