"""Is a scenario read as it was meant, and is a wrong one refused before anything runs, in words a planner can use?"""

from pathlib import Path
from typing import Any

import pytest

from kcas.errors import KcasError
from kcas.simulation.projection import batches, refuse_endless_work
from kcas.simulation.scenario.file import merge_tables, read_scenario, scenario_of
from kcas.simulation.scenario.schema import Scenario

SCENARIOS = Path(__file__).parents[3] / "scenarios"
SMALL: dict[str, Any] = {
    "question": "Does it run?",
    "day": {"opens": "09:00", "closes": "12:00"},
    "demand": {"calls_per_day": 60},
    "types": {
        "public": {
            "share": "100%",
            "talk": {"distribution": "exponential", "mean": "5 min"},
            "patience": {"distribution": "exponential", "mean": "3 min"},
        }
    },
    "teams": {"desk": {"agents": 2}},
}


def small(*keys: str, value: object) -> dict[str, Any]:
    """The small scenario with one value another."""
    change: Any = value
    for key in reversed(keys):
        change = {key: change}
    return merge_tables(SMALL, change)


def message(tables: dict[str, Any]) -> str:
    with pytest.raises(KcasError) as caught:
        scenario_of(tables, where="desk.toml")
    return str(caught.value)


def written(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text, encoding="utf-8")


def everything(scenario: Scenario) -> str:
    return repr(scenario)


def test_every_scenario_of_the_product_can_be_read_and_asks_its_own_question() -> None:
    questions = [read_scenario(path).question for path in sorted(SCENARIOS.glob("*.toml"))]
    assert len(questions) >= 12
    assert len(set(questions)) == len(questions)


def test_a_file_that_starts_from_another_says_only_what_differs() -> None:
    today, more = read_scenario(SCENARIOS / "today.toml"), read_scenario(SCENARIOS / "more-agents.toml")
    assert (today.teams["desk"].agents, more.teams["desk"].agents) == (15, 17)
    assert more.demand == today.demand
    assert more.day == today.day


def test_three_files_that_start_from_the_same_day_add_up() -> None:
    found = read_scenario(SCENARIOS / "all-three.toml")
    assert found.teams["desk"].agents == 17
    assert found.other_work["wider_assessment"].stopped
    assert found.training.handling == 0.94
    assert found.telephone.callback is not None
    assert found.types["public"].priority == 3


def test_today_is_marked_as_invented() -> None:
    assert read_scenario(SCENARIOS / "all-three.toml").invented == ("everything",)


def test_a_law_is_replaced_whole_and_a_roster_by_another_kind_of_roster(tmp_path: Path) -> None:
    changes = {
        "types": {"public": {"talk": {"distribution": "lognormal", "mean": "6 min", "cv": 0.5}}},
        "teams": {"desk": {"by_interval": [1, 2, 3, 3, 2, 1]}},
    }
    found = scenario_of(merge_tables(SMALL, changes), where="desk.toml")
    assert found.types["public"].talk.mean == pytest.approx(360)
    assert found.teams["desk"].agents is None
    assert found.teams["desk"].by_interval == (1, 2, 3, 3, 2, 1)


@pytest.mark.parametrize(
    ("keys", "value", "says"),
    [
        (("demand", "calls_per_day"), 0, "calls_per_day: 0 is not valid. Expected a number above 0"),
        (("demand", "calls_per_day"), float("nan"), "calls_per_day: nan is not valid"),
        (("demand", "calls_per_day"), 1e12, "up to 1,000,000"),
        (("teams", "desk", "agents"), 1_000_000_000, "a whole number from 0 to 20,000"),
        (("teams", "desk", "agents"), 0, "no one is on the phones at any time"),
        (("teams", "desk", "agents"), 2.5, "2.5 is not valid. Expected a whole number"),
        (("teams",), {"other": {}}, "needs exactly one of agents, by_interval and shifts. It has none of them"),
        (("teams", "desk"), 3, "teams.desk: 3 is not a table. Expected one with the keys agents, by_interval, shifts"),
        (("teams", "desk", "shifts"), [3], "shifts, number 1: 3 is not a table. Expected one with the keys"),
        (("teams", "desk", "by_interval"), [1, 2], "by_interval has 2 numbers. Expected 6"),
        (("types", "public", "talk"), {"distribution": "exponential", "mean": 300},
         'no unit. Expected a number and a unit'),
        (("types", "public", "talk"), {"distribution": "exponential", "mean": "300"}, "Expected a number and a unit"),
        (("types", "public", "talk"), {"distribution": "exponental", "mean": "3 min"}, "Did you mean 'exponential'?"),
        (("types", "public", "talk"), {"distribution": "lognormal", "mean": "3 min"}, "sd is missing"),
        (("types", "public", "patience"), {"distribution": "exponential", "mean": "0 s"},
         "is not valid. Expected a duration"),
        (("types", "public", "patience"), {"distribution": "fixed", "value": "0 s"},
         "is not valid. Expected a duration"),
        (
            ("types", "public", "patience"),
            {"distribution": "exponential", "mean": "3 min", "hang_up_at_once": "100%"},
            "no one would wait at all",
        ),
        (("types", "public", "patience"), {"distribution": "empirical", "at": ["1 min"], "still_waiting": ["50%"]},
         "50% outlast the curve"),
        (("types", "public", "share"), "80%", "the shares add up to 80.0000%. Expected 100%"),
        (("types", "public", "teams"), ["dsk"], "'dsk' is not defined. Did you mean 'desk'?"),
        (("types",), "many", "Expected up to 20 tables"),
        (("day", "closes"), "08:00", "the day ends at 08:00, not after it begins at 09:00"),
        (("day", "closes"), "25:00", "is not a time of day"),
        (("day", "weekdays"), [], "none is named"),
        (("demand", "arrival_profile"), [1, 2, 3], "3 weights. Expected 6"),
        (("demand", "arrival_profile"), [0, 0, 0, 0, 0, 0], "every weight is zero"),
        (("demand", "weekdays"), {"monday": "0%", "tuesday": "0%", "wednesday": "0%", "thursday": "0%",
                                  "friday": "0%"}, "no day that is simulated has any calls"),
        (("telephone", "lines"), 0, "Expected a whole number from 1"),
        (("telephone", "linez"), 3, "'linez' is not a setting. Did you mean 'lines'?"),
        (("telephone", "callback"), {"accepts": "40%"}, "it is never offered"),
        (("telephone", "callback"), {"accepts": 0.4, "offered_after": "1 min"}, "0.4 is not a percentage"),
        (("telephone", "menu"),
         {"length": {"distribution": "fixed", "value": "30 s"}, "self_service_share": "60%", "hang_up": "50%"},
         "more than 100%"),
        (("training", "types"), ["publik"], "Did you mean 'public'?"),
        (("redials",), {"delay": {"distribution": "fixed", "value": "5 min"}, "max_redials": 1000}, "from 1 to 20"),
        (("other_work",), {"post": {"team": "desk", "agents": 1, "from": "11:00", "to": "10:00"}},
         "the work ends at 10:00, not after it begins at 11:00"),
        (("run", "replications"), 10**9, "from 1 to 1,000,000"),
        (("types", "public", "talk"), {"distribution": "exponential", "mean": "30 h"},
         "takes an agent 30 h on average"),
        (("types", "public", "talk"), {"distribution": "lognormal", "median": "5 min", "sigma": 1000},
         "from 0.01 to 20"),
        (("demand",), {"calls_per_day": 1_000_000, "weekdays": {"monday": "1000%"}}, "fit in memory"),
        (("questoin",), "Why?", "Did you mean 'question'?"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_with_what_would_be_right(keys: tuple[str, ...], value: object, says: str) -> None:
    said = message(small(*keys, value=value))
    assert says in said
    assert said.startswith("desk.toml")


def test_a_shift_that_ends_before_it_starts_is_refused() -> None:
    shifts = [{"agents": 2, "from": "11:00", "to": "10:00"}]
    assert "the shift ends at 10:00, not after it begins at 11:00" in message(
        small("teams", "desk", "shifts", value=shifts)
    )


def test_a_break_outside_its_shift_is_refused() -> None:
    shifts = [{"agents": 2, "from": "09:00", "to": "10:00", "breaks": [{"from": "09:50", "to": "10:10"}]}]
    assert "a break at 09:50 is outside the shift. Expected a break between 09:00 and 10:00" in message(
        small("teams", "desk", "shifts", value=shifts)
    )


def test_a_missing_part_is_named_with_what_it_means() -> None:
    assert "demand is missing: how many callers" in message({k: v for k, v in SMALL.items() if k != "demand"})


def test_no_callers_and_no_teams_are_said_plainly() -> None:
    assert "there are no callers" in message({**SMALL, "types": {}})
    assert "no one answers" in message({**SMALL, "teams": {}})


def test_a_circle_of_starts_from_is_refused(tmp_path: Path) -> None:
    written(tmp_path, one='starts_from = "two.toml"', two='starts_from = "one.toml"')
    with pytest.raises(KcasError, match="goes round in a circle: one"):
        read_scenario(tmp_path / "one.toml")


@pytest.mark.parametrize("name", ["../secret.toml", "/etc/hostname", "inner/../../secret.toml"])
def test_a_path_that_climbs_out_of_its_folder_is_refused(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "scenarios"
    folder.mkdir()
    (tmp_path / "secret.toml").write_text("x = 1", encoding="utf-8")
    (folder / "mine.toml").write_text(f'starts_from = "{name}"', encoding="utf-8")
    with pytest.raises(KcasError, match="is outside"):
        read_scenario(folder / "mine.toml")


def test_a_link_that_leads_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "scenarios"
    folder.mkdir()
    (tmp_path / "secret.toml").write_text("x = 1", encoding="utf-8")
    (folder / "link.toml").symlink_to(tmp_path / "secret.toml")
    (folder / "mine.toml").write_text('starts_from = "link.toml"', encoding="utf-8")
    with pytest.raises(KcasError, match="is outside"):
        read_scenario(folder / "mine.toml")


def test_a_file_that_is_not_there_or_not_toml_is_said_plainly(tmp_path: Path) -> None:
    written(tmp_path, broken="question = ", start='starts_from = "gone.toml"')
    with pytest.raises(KcasError, match="no such file"):
        read_scenario(tmp_path / "start.toml")
    with pytest.raises(KcasError, match="broken"):
        read_scenario(tmp_path / "broken.toml")


def test_a_run_that_no_machine_would_finish_is_refused_before_it_starts() -> None:
    busy = scenario_of(small("demand", "calls_per_day", value=1_000_000), where="desk.toml")
    with pytest.raises(KcasError, match="Ask for fewer days"):
        refuse_endless_work(busy, 1_000_000)
    with pytest.raises(KcasError, match="one day at least"):
        refuse_endless_work(busy, 0)


def test_the_days_are_done_in_portions_that_lose_none_and_double_none() -> None:
    scenario = scenario_of(SMALL, where="desk.toml")
    days = [day for portion in batches(scenario, 12_345, jobs=2) for part in portion for day in part]
    assert days == list(range(12_345))


def test_a_law_of_handling_without_a_mean_is_refused_in_words() -> None:
    endless = {"distribution": "log-logistic", "median": "4 min", "shape": 0.9}
    assert "its handling has no mean" in message(small("types", "public", "talk", value=endless))
