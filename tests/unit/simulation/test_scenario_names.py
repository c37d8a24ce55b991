"""A scenario's name as a person types it: a file of theirs, or one that came with the program."""

from pathlib import Path

import pytest

from kcas.simulation.scenario import folder
from kcas.simulation.scenario.folder import scenario_path, shipped

SCENARIOS = Path(__file__).resolve().parents[3] / "scenarios"


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", ["today", "today.toml", "scenarios/today.toml", "scenarios/today"])
def test_a_scenario_that_came_with_the_program_is_found_from_any_folder(name: str) -> None:
    assert scenario_path(name) == SCENARIOS / "today.toml"


def test_shifts_that_came_with_the_program_are_found_as_the_papers_name_them() -> None:
    assert scenario_path("scenarios/shifts/example.toml") == SCENARIOS / "shifts" / "example.toml"


def test_a_persons_own_file_comes_first(elsewhere: Path) -> None:
    (elsewhere / "scenarios").mkdir()
    (elsewhere / "scenarios" / "today.toml").touch()
    assert scenario_path("scenarios/today.toml") == Path("scenarios/today.toml")


@pytest.mark.parametrize("name", ["todays", "../pyproject.toml", "scenarios/../pyproject.toml", "/today.toml", ""])
def test_a_name_of_neither_stays_as_it_is(name: str) -> None:
    assert scenario_path(name) == Path(name)


def test_in_an_installation_they_lie_in_the_package(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places = (elsewhere / "kcas" / "scenarios", elsewhere / "scenarios")
    monkeypatch.setattr(folder, "SHIPPED", places)
    assert shipped() is None
    assert scenario_path("today") == Path("today")
    places[0].mkdir(parents=True)
    (places[0] / "today.toml").touch()
    assert scenario_path("scenarios/today.toml") == places[0] / "today.toml"
