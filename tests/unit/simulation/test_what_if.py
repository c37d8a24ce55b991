"""Does a planner's change lie over the baseline as a file that says only what differs would?"""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from kcas.errors import ScenarioError
from kcas.simulation.scenario.changes import Change, agents_by_interval, baseline, changed, scenario_names, what_differs
from kcas.simulation.scenario.difference import differences
from kcas.simulation.scenario.file import read_scenario, scenario_of
from kcas.simulation.scenario.folder import bring_in, file_name, save, scenario_text, toml

ROOT = Path(__file__).resolve().parents[3]
SHIPPED = ROOT / "scenarios"
DAY = """
question = "How is it?"
[day]
opens = "09:00"
closes = "11:00"
[demand]
calls_per_day = 40
[types.public]
share = "100%"
talk = { distribution = "exponential", mean = "5 min" }
patience = { distribution = "exponential", mean = "2 min" }
"""
STEADY = DAY + "[teams.desk]\nagents = 3\n"
SHIFTS = (
    DAY
    + """
[[teams.desk.shifts]]
agents = 2
from = "09:00"
to = "11:00"
breaks = [{ from = "10:00", to = "10:15" }]
[[teams.desk.shifts]]
agents = 1
from = "10:00"
to = "11:00"
"""
)
CALLBACK = """
starts_from = "today.toml"
question = "What if there were callbacks?"
[telephone.callback]
offered_after = "60 s"
accepts = "40%"
"""
ALONE = STEADY.replace("How is it?", "What is another desk?")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A desk of three, an option that starts from it, one that does not fit, and a desk of its own."""
    (tmp_path / "today.toml").write_text(STEADY)
    (tmp_path / "callback.toml").write_text(CALLBACK)
    (tmp_path / "alone.toml").write_text(ALONE)
    (tmp_path / "unfit.toml").write_text('starts_from = "today.toml"\nquestion = "?"\n[types.nobody]\npriority = 2\n')
    return tmp_path


def desk(scenario: Any) -> tuple[int, ...]:
    return agents_by_interval(scenario, "desk")


def test_the_day_as_it_is_comes_first(folder: Path) -> None:
    assert scenario_names(folder) == ["today", "alone", "callback", "unfit"]


def test_only_files_of_the_same_family_that_fit_can_be_ticked(folder: Path) -> None:
    assert list(baseline(folder, "today").options) == ["callback"]


def test_a_ticked_option_says_over_the_baseline_what_its_file_says(folder: Path) -> None:
    start = baseline(folder, "today")
    ticked = scenario_of(changed(start, Change(options=("callback",))), where="")
    assert differences(ticked, read_scenario(folder / "callback.toml")) == []
    assert differences(start.scenario, ticked) == ["an offer to be rung back"]


def test_an_option_that_is_not_offered_is_refused(folder: Path) -> None:
    with pytest.raises(ScenarioError, match="alone"):
        changed(baseline(folder, "today"), Change(options=("alone",)))


def test_agents_are_added_only_between_the_times_given(folder: Path) -> None:
    start = baseline(folder, "today")
    change = Change(team="desk", agents=2, begin=9.5 * 3600, end=10.5 * 3600)
    after = scenario_of(changed(start, change), where="")
    assert desk(after) == (3, 5, 5, 3)
    assert differences(start.scenario, after) == ["two more agents from 09:30 to 10:30"]


def test_there_are_never_fewer_than_no_agents(folder: Path) -> None:
    start = baseline(folder, "today")
    after = scenario_of(changed(start, Change(team="desk", agents=-5, begin=0, end=10 * 3600)), where="")
    assert desk(after) == (0, 0, 3, 3)


def test_agents_come_on_top_of_an_edited_roster(folder: Path) -> None:
    start = baseline(folder, "today")
    change = Change(team="desk", agents=1, rosters={"desk": (1, 2, 3, 4)})
    assert desk(scenario_of(changed(start, change), where="")) == (2, 3, 4, 5)


def test_calls_and_handling_follow_their_sliders(folder: Path) -> None:
    start = baseline(folder, "today")
    after = scenario_of(changed(start, Change(calls=1.1, handling=0.94)), where="")
    assert after.demand.calls_per_day == pytest.approx(44)
    assert after.training.handling == pytest.approx(0.94)
    assert differences(start.scenario, after) == ["10% more calls", "calls that take 6% less of an agent's time"]


def test_more_agents_at_a_desk_of_shifts_are_a_shift_more(tmp_path: Path) -> None:
    (tmp_path / "today.toml").write_text(SHIFTS)
    start = baseline(tmp_path, "today")
    assert desk(start.scenario) == (2, 2, 1, 3)  # at 10:00 the two of the first shift are on their break
    after = scenario_of(changed(start, Change(team="desk", agents=2, begin=9 * 3600, end=10 * 3600)), where="")
    assert desk(after) == (4, 4, 1, 3)
    assert [len(shift.breaks) for shift in after.teams["desk"].shifts] == [1, 0, 0]


def test_fewer_agents_at_a_desk_of_shifts_are_taken_off_the_phones(tmp_path: Path) -> None:
    (tmp_path / "today.toml").write_text(SHIFTS)
    start = baseline(tmp_path, "today")
    after = scenario_of(changed(start, Change(team="desk", agents=-1, begin=9 * 3600, end=10 * 3600)), where="")
    assert differences(start.scenario, after) == ["one fewer agent from 09:00 to 10:00"]
    assert after.other_work["fewer_agents"].agents == 1


def test_an_edited_shift_keeps_the_break_that_still_lies_within(tmp_path: Path) -> None:
    (tmp_path / "today.toml").write_text(SHIFTS)
    start = baseline(tmp_path, "today")
    change = Change(shifts={"desk": (("09:00", "10:30", 4), ("10:30", "11:00", 1))})
    shifts = scenario_of(changed(start, change), where="").teams["desk"].shifts
    assert [(shift.agents, len(shift.breaks)) for shift in shifts] == [(4, 1), (1, 0)]
    later = Change(shifts={"desk": (("10:10", "11:00", 4),)})
    assert scenario_of(changed(start, later), where="").teams["desk"].shifts[0].breaks == ()


def test_a_saved_change_comes_back_as_the_same_scenario(folder: Path) -> None:
    start = baseline(folder, "today")
    change = Change(("callback",), "desk", 2, 9 * 3600, 10 * 3600, 1.1, 0.94)
    text = scenario_text(what_differs(start, change), question="What would it do?", starts_from="today")
    path = save(folder, "Two more, and callbacks!", text)
    assert path.name == "two-more-and-callbacks.toml"
    assert differences(read_scenario(path), scenario_of(changed(start, change), where="")) == []
    said = tomllib.loads(text)
    assert said["starts_from"] == "today.toml"
    assert "types" not in said  # only what differs


def test_a_name_that_is_taken_is_refused_and_the_file_left_alone(folder: Path) -> None:
    with pytest.raises(ScenarioError, match="there is a scenario of that name"):
        save(folder, "today", STEADY)
    assert (folder / "today.toml").read_text() == STEADY


def test_a_file_that_is_no_scenario_is_not_kept(folder: Path) -> None:
    with pytest.raises(ScenarioError, match="no types of call"):
        bring_in(folder, "bad.toml", b'question = "?"\nteams = {}\ntypes = {}\ndemand = { calls_per_day = 1 }\n'
                 b'day = { opens = "09:00", closes = "10:00" }\n')  # fmt: skip
    assert not (folder / "bad.toml").exists()


@pytest.mark.parametrize("given", ["../../up.toml", "C:\\up.toml", "up.toml"])
def test_a_handed_in_file_stays_in_the_folder(folder: Path, given: str) -> None:
    assert (
        bring_in(folder, given, STEADY.encode())
        == folder / f"{file_name(given.split('/')[-1].split(chr(92))[-1][:-5])}.toml"
    )


@pytest.mark.parametrize("name", ["", "..", "!!!", "a" * 61])
def test_a_name_of_nothing_or_too_much_is_refused(name: str) -> None:
    with pytest.raises(ScenarioError, match="as a name"):
        file_name(name)


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_scenario_is_written_and_read_back_alike(path: Path) -> None:
    tables = tomllib.loads(path.read_text(encoding="utf-8"))
    assert tomllib.loads(toml(tables)) == tables


def test_hostile_words_are_written_as_words() -> None:
    tables = {'a "b"\n[c]': {"question": 'quote " back \\ line\nend \x7f', "n": [1, 2.0, True, "é"]}}
    assert tomllib.loads(toml(tables)) == tables


def test_every_shipped_option_has_words_for_what_it_changes() -> None:
    start = baseline(SHIPPED, "today")
    said = {name: differences(start.scenario, scenario_of(changed(start, Change(options=(name,))), where=""))
            for name in start.options}  # fmt: skip
    assert said["more-agents"] == ["two more agents"]
    assert said["assessment-given-up"] == ["wider assessment given up"]
    assert said["wait-announcement"] == ["an announcement of the wait"]
    assert all(said.values()), said
