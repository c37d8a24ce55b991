"""One parser for times of day: the standard, scenarios, rosters and commands accept the same spellings."""

from pathlib import Path

import pytest

from kcas.desk.opening_hours import hours
from kcas.desk.toml_fields import CLOCK
from kcas.desk.units import read_time_of_day
from kcas.errors import KcasError
from kcas.simulation.scenario.file import read_scenario

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("8:30", 30600.0), ("08:30", 30600.0), (" 8:30 ", 30600.0), ("0:00", 0.0), ("00:00", 0.0), ("24:00", 86400.0)],
)
def test_a_time_of_day_is_the_same_everywhere(text: str, seconds: float) -> None:
    assert read_time_of_day(text, where="here") == seconds
    assert CLOCK.read(text, "here") == seconds


@pytest.mark.parametrize(
    "text", ["8", "8.30", "24:01", "25:00", "8:60", "８:30", "8:3", "-8:30", "", "8:30:00", None, 8.5]
)
def test_what_is_no_time_of_day_is_refused_everywhere(text: object) -> None:
    for read in (lambda: read_time_of_day(text, where="here"), lambda: CLOCK.read(text, "here")):
        with pytest.raises(KcasError, match="time of day"):
            read()


@pytest.mark.parametrize("text", ["8:30-17:00", "08:30-17:00", " 8:30 - 17:00 "])
def test_opening_hours_take_a_single_digit(text: str) -> None:
    assert hours(text, where="opening, monday") == (8 * 60 + 30, 17 * 60)


@pytest.mark.parametrize("text", ["8:30", "17:00-17:00", "8:31-17:00", "8:30-17:00-18:00", "-", "08:30-24:15"])
def test_hours_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(KcasError, match="are not hours"):
        hours(text, where="opening, monday")


def scenario(tmp_path: Path, *, patience: str, talk: str = "5 min") -> list[str]:
    from kcas.simulation.scenario.assumptions import assumptions

    file = tmp_path / "desk.toml"
    file.write_text(
        f"""question = "What then?"
[day]
opens = "8:30"
closes = "17:00"
[demand]
calls_per_day = 100
[types.public]
share = "100%"
teams = ["duty"]
talk = {{ distribution = "exponential", mean = "{talk}" }}
wrap = {{ distribution = "fixed", value = "1 s" }}
patience = {{ distribution = "exponential", mean = "{patience}" }}
[teams.duty]
agents = 3
""",
        encoding="utf-8",
    )
    return [note for note in assumptions(read_scenario(file)) if note.startswith("Warning")]


def test_a_patience_or_a_call_of_a_second_is_warned_of(tmp_path: Path) -> None:
    assert scenario(tmp_path, patience="3 min") == []
    (words,) = scenario(tmp_path, patience="1 s")
    assert "callers of public are prepared to wait 1 s on average" in words
    (words,) = scenario(tmp_path, patience="3 min", talk="1 s")
    assert "takes an agent 2 s on average" in words
