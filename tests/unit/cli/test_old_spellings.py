"""Scenario files in the spellings of an earlier version: read, mixed with the new, and refused where both are given."""

import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import kcas
from kcas.errors import OldSpelling, ScenarioError
from kcas.simulation.scenario.file import read_scenario

Run = Callable[..., tuple[int, str, str]]
NOW = """
question = "What if?"
[day]
opens = "09:00"
closes = "11:00"
interval = "1 h"
weekdays = ["monday", "tuesday"]
after_closing = "keep waiting"
[demand]
calls_per_day = 60
arrival_profile = [1, 2]
day_to_day_sd = "8%"
[demand.arrival_profile_by_weekday]
tuesday = [3, 1]
[types.public]
share = "100%"
arrival_profile = [2, 1]
talk = { distribution = "weibull", mean = "3 min", shape = 0.8 }
patience = { distribution = "mixture", parts = [
    { share = "50%", distribution = "fixed", value = "2 min" },
    { share = "50%", distribution = "exponential", mean = "3 min" },
] }
[teams.desk]
by_interval = [3, 4]
day_to_day_sd = "5%"
demand_elasticity = "50%"
[teams.desk.extra_agents_by_weekday]
tuesday = [0, 1]
[telephone.menu]
length = { distribution = "fixed", value = "20 s" }
self_service_share = "8%"
[telephone.announcement]
announces = "wait"
balk_share = "40%"
[telephone.callback]
accepts = "40%"
offered_after = "1 min"
max_attempts = 2
[redials]
delay = { distribution = "exponential", mean = "10 min" }
after_abandoning = "30%"
max_redials = 2
[other_work.visits]
team = "desk"
agents = 1
stopped = true
"""
BEFORE = {  # longest first, so that a part of one is not taken for another
    "arrival_profile_by_weekday": "shapes", "extra_agents_by_weekday": "more_on", "arrival_profile": "shape",
    "demand_elasticity": "follows_demand", "self_service_share": "serves", "day_to_day_sd": "day_variation",
    "after_closing": "at_close", "distribution": "law", "max_attempts": "tries", "max_redials": "times",
    "balk_share": "leave", "announces": "tells", "stopped = true": "kept = false", "keep waiting": "wait on",
}  # fmt: skip


def as_before(text: str) -> str:
    for now, then in BEFORE.items():
        assert now in text
        text = text.replace(now, then)
    return text


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str, str], Path]:
    def write(name: str, text: str) -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_file_in_the_spellings_of_before_is_the_same_scenario_and_is_warned_of(
    written: Callable[[str, str], Path],
) -> None:
    with pytest.warns(OldSpelling) as warned:
        before = read_scenario(written("before.toml", as_before(NOW)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        now = read_scenario(written("now.toml", NOW))
    assert before == now
    assert now.day.after_closing == "keep waiting"
    (message,) = [str(each.message) for each in warned]
    for part in ("before.toml", "law is now distribution", "kept = false is now stopped = true",
                 'at_close = "wait on" is now after_closing = "keep waiting"', "the next does not"):  # fmt: skip
        assert part in message


@pytest.mark.parametrize(
    ("then", "now"), [("cut off", "disconnect"), ("stay", "serve queue"), ("wait on", "keep waiting")]
)
def test_each_way_to_close_of_before_has_its_new_name(written: Callable[[str, str], Path], then: str, now: str) -> None:
    text = NOW.replace('after_closing = "keep waiting"', f'at_close = "{then}"')
    with pytest.warns(OldSpelling):
        assert read_scenario(written("day.toml", text)).day.after_closing == now


@pytest.mark.filterwarnings("ignore::kcas.errors.OldSpelling")
@pytest.mark.parametrize("old_below", [True, False])
def test_files_that_start_from_one_another_may_be_in_different_spellings(
    written: Callable[[str, str], Path], old_below: bool
) -> None:
    change = (
        'starts_from = "day.toml"\nquestion = "And now?"\n[demand]\narrival_profile = [5, 1]\n[demand.'
        "arrival_profile_by_weekday]\nmonday = [1, 1]\n[types.public]\npatience = "
        '{ distribution = "fixed", value = "1 min" }\n[other_work.visits]\nstopped = true\n'
    )
    then = change.replace("arrival_profile_by_weekday", "shapes").replace("arrival_profile", "shape")
    then = then.replace("distribution", "law").replace("stopped = true", "kept = false")
    written("day.toml", as_before(NOW) if old_below else NOW)
    found = read_scenario(written("change.toml", change if old_below else then))
    assert found.demand.arrival_profile == (5.0, 1.0)
    assert vars(found.demand.arrival_profile_by_weekday)["monday"] == (1.0, 1.0)
    assert vars(found.demand.arrival_profile_by_weekday)["tuesday"] == (3.0, 1.0)  # of the file below
    assert found.types["public"].patience.mean == 60.0  # a distribution is replaced whole, however it is spelled
    assert found.other_work["visits"].stopped


@pytest.mark.parametrize("then", sorted({"shape", "shapes", "law", "kept", "at_close", "times", "tries", "leave"}))
def test_a_table_with_one_key_in_both_spellings_is_refused(written: Callable[[str, str], Path], then: str) -> None:
    lines = as_before(NOW).splitlines()
    both = [new for old, new in zip(lines, NOW.splitlines(), strict=True) if old != new and old.startswith(then)]
    if then == "law":
        text = NOW.replace('{ distribution = "weibull"', '{ law = "weibull", distribution = "weibull"')
    elif then == "shapes":
        text = NOW.replace("[types.public]", "[demand.shapes]\nmonday = [1, 2]\n[types.public]")
    else:
        old = next(line for line in lines if line.startswith(f"{then} ="))
        text = NOW.replace(both[0], f"{both[0]}\n{old}", 1)
    with pytest.raises(ScenarioError, match=rf"and {then} are the same setting, spelled now and before\. Keep "):
        read_scenario(written("both.toml", text))


def test_a_value_that_was_never_valid_is_refused_under_the_key_of_now(written: Callable[[str, str], Path]) -> None:
    text = NOW.replace("stopped = true", "kept = 0")
    with pytest.warns(OldSpelling), pytest.raises(ScenarioError, match=r"visits, stopped: 0 is not valid"):
        read_scenario(written("odd.toml", text))


def test_a_command_says_it_once_on_standard_error_and_gives_the_same_figures(
    kcas: Run, written: Callable[[str, str], Path]
) -> None:
    found: dict[str, Any] = {}
    for name, text in (("before", as_before(NOW)), ("now", NOW)):
        file = written(f"{name}.toml", text)
        code, out, err = kcas("simulate", str(file), "--replications", "20", "--json")
        assert code == 0
        found[name] = json.loads(out)["total"]
        assert err.count("written for an earlier version") == (name == "before")
    assert found["before"] == found["now"]


def test_sweep_reads_both(kcas: Run, written: Callable[[str, str], Path]) -> None:
    file = written("before.toml", as_before(NOW))
    code, out, _ = kcas(
        "sweep", str(file), "--across", "patience=0.5,1", "--down", "agents=0,1", "--replications", "5", "--json"
    )
    assert code == 0, out


def test_a_library_change_in_old_spellings_is_laid_over_new_ones(written: Callable[[str, str], Path]) -> None:
    day = kcas.Scenario.load(written("now.toml", NOW))
    with pytest.warns(OldSpelling, match="shape is now arrival_profile"):
        moved = day.change(tables={"demand": {"shape": [9, 1]}})
    assert moved.to_dict()["demand"]["arrival_profile"] == [9, 1]
    assert "shape" not in moved.to_dict()["demand"]


def test_what_is_saved_is_in_the_spellings_of_now(written: Callable[[str, str], Path], tmp_path: Path) -> None:
    with pytest.warns(OldSpelling):
        day = kcas.Scenario.load(written("before.toml", as_before(NOW)))
    saved = day.save(tmp_path / "saved.toml")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_scenario(saved) == day.checked
