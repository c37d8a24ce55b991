"""The library's scenarios: they are changed, saved, simulated and compared as the commands do it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import kcas
from tests.commands import kcas_says

ROOT = Path(__file__).resolve().parents[3]
TODAY = ROOT / "scenarios" / "today.toml"


@pytest.fixture(scope="module")
def today() -> kcas.Scenario:
    return kcas.Scenario.load(TODAY)


def test_importing_the_library_imports_nothing_heavy() -> None:
    code = "import sys, kcas; print([name for name in ('polars', 'numpy', 'altair', 'scipy') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_is_there_and_no_other() -> None:
    assert [name for name in kcas.__all__ if not callable(getattr(kcas, name))] == []
    assert sorted(dir(kcas)) == sorted([*kcas.__all__, "__version__"])
    with pytest.raises(AttributeError, match="no attribute 'simulated'"):
        kcas.simulated  # noqa: B018


def test_a_simulation_is_what_the_command_prints(today: kcas.Scenario) -> None:
    printed = json.loads(kcas_says(ROOT, "simulate", TODAY, "--replications", 20, "--seed", 7, "--json").stdout)
    run = kcas.simulate(today, replications=20, seed=7)
    assert run.to_dict()["total"] == printed["total"]
    assert run.rate.mean == printed["total"]["rate"]["mean"]


def test_a_simulation_s_frame_has_a_row_for_each_group_and_measure(today: kcas.Scenario) -> None:
    run = kcas.simulate(today, replications=20)
    starts = run.to_frame("intervals").filter(measure="offered")["group"].to_list()
    assert starts[:3] == ["08:30", "09:00", "09:30"]
    offered = run.to_frame().filter(measure="offered")["mean"].item()
    assert run.to_frame("intervals").filter(measure="offered")["mean"].sum() == pytest.approx(offered)


def test_more_agents_between_two_times_lose_fewer_callers_and_nothing_else_changes(today: kcas.Scenario) -> None:
    more = today.change(agents="+3", between=("10:00", "12:00"))
    compared = kcas.compare([today, more], replications=60)
    change = compared.differences()[0]
    assert change["rate"].high is not None
    assert change["rate"].high < 0
    assert change["offered"].mean == pytest.approx(0, abs=0.5)  # the same callers ring; only redials may differ
    before, after = (run.to_frame("intervals") for run in (compared.first, compared.others[0]))
    opening = [frame.filter(group="08:30", measure="abandoned")["mean"].item() for frame in (before, after)]
    assert opening[0] == opening[1]


def test_a_changed_scenario_reads_back_the_same(today: kcas.Scenario, tmp_path: Path) -> None:
    more = today.change(agents=2, calls=1.1, handling=0.9)
    path = more.save(tmp_path / "more.toml")
    assert kcas.Scenario.load(path).checked == more.checked
    assert today.checked == kcas.Scenario.load(TODAY).checked
    with pytest.raises(kcas.KcasError, match="there is a file of that name"):
        more.save(path)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"agents": "two"}, "'two' is not a number of agents"),
        ({"agents": True}, "True is not a number of agents"),
        ({"agents": 1, "team": "nights"}, "'nights' is not a team"),
        ({"agents": 1, "between": ("ten", "12:00")}, "between"),
        ({"tables": {"demand": {"calls_per_day": -1}}}, "calls_per_day"),
    ],
)
def test_a_change_that_does_not_fit_is_refused_in_words(
    today: kcas.Scenario, change: dict[str, object], says: str
) -> None:
    with pytest.raises(kcas.KcasError, match=says):
        today.change(**change)  # type: ignore[arg-type]


def test_one_scenario_is_nothing_to_compare(today: kcas.Scenario) -> None:
    with pytest.raises(kcas.KcasError, match="two scenarios or more"):
        kcas.compare([today])


def test_a_plan_meets_its_target_in_its_own_proof() -> None:
    small = kcas.Scenario.load(TODAY).change(calls=0.25)
    plan = kcas.plan_staff(small, target=0.05, replications=40)
    found = plan.to_dict()
    assert found["met"]
    assert found["total"]["rate"]["high"] <= 0.05
    assert plan.to_frame()["start"].to_list()[:2] == ["08:30", "09:00"]
    assert plan.agent_hours == pytest.approx(found["agent_hours"])
