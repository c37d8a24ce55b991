"""Does the search live the very days that `kcas simulate` lives, and does it find what those days can do without?"""

import numpy as np
import pytest

from kcas.desk.standard import Standard
from kcas.errors import ScenarioError, SettingError
from kcas.simulation.projection import simulate
from kcas.simulation.scenario.file import scenario_of
from kcas.staffing.evaluation import RosterEvaluation, RosterOutcome
from kcas.staffing.initial_guess import Cell
from kcas.staffing.plan import agent_hours, bought, marginal_values, with_more
from kcas.staffing.requirement import moved, required
from kcas.staffing.target import StaffingTarget, days_kept, excess, met, share_of_days
from tests.unit.staffing.desks import desk, scenario
from tests.unit.staffing.test_theory_and_search import quiet

CALLS = [10, 25, 8]


def trial_of(tables: dict[str, object], *, days: int = 150) -> RosterEvaluation:
    return RosterEvaluation(scenario_of(tables, where="a small desk"), standard=Standard(), days=days, seed=1)


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"teams": {"desk": {"by_interval": [4, 5, 3], "absence": "10%", "shrinkage": "20%"}}},
        {"teams": {"desk": {"agents": 4, "day_to_day_sd": "30%"}}},
        {"teams": {"desk": {"shifts": [{"agents": 5, "from": "09:00", "to": "10:30",
                                        "breaks": [{"from": "09:45", "to": "10:00"}]}]}}},
        {"telephone": {"callback": {"offered_after": "30 s", "accepts": "50%"}},
         "redials": {"after_abandoning": "40%", "delay": {"distribution": "exponential", "mean": "5 min"},
          "max_redials": 2}},
    ],
    ids=["plain", "absence", "strength", "shifts", "callbacks and redials"],
)  # fmt: skip
def test_a_trial_counts_what_a_simulation_counts(more: dict[str, object]) -> None:
    trial = trial_of(desk(CALLS, **more), days=60)
    fared = trial.fares(trial.scenario)
    run = simulate(trial.scenario, standard=Standard(), replications=60, seed=1)
    assert (fared.rate, fared.service_level) == (run.measure("rate"), run.measure("service_level"))
    assert trial.projection(trial.scenario).measures() == run.measures()
    first = run.measure("rate", grouping="intervals", group=0)
    assert fared.part(0).rate.mean == pytest.approx(first.mean)


@pytest.mark.parametrize(
    "aim",
    [
        StaffingTarget(abandoned=0.06),
        StaffingTarget(abandoned=0.1, confidence=0.8),
        StaffingTarget(service_level=0.8, each="half-hour"),
        StaffingTarget(abandoned=0.15, service_level=0.7, confidence=0.7),
    ],
    ids=["long run", "days", "half-hours", "both"],
)
def test_the_requirement_is_met_and_no_agent_of_any_half_hour_can_be_spared(aim: StaffingTarget) -> None:
    trial = trial_of(desk(CALLS))
    found = required(trial, aim, teams=["desk"], progress=quiet).roster
    assert met(trial.with_roster(found), aim)
    for interval, agents in enumerate(found["desk"]):
        if agents:
            fewer = moved(found, [Cell("desk", interval)], -1)
            assert not met(trial.with_roster(fewer), aim), interval


def test_a_desk_that_theory_cannot_follow_is_searched_by_simulation() -> None:
    trial = trial_of(desk(CALLS, telephone={"callback": {"offered_after": "30 s", "accepts": "50%"}}))
    found = required(trial, StaffingTarget(abandoned=0.06), teams=["desk"], progress=quiet)
    assert found.by_theory is None
    assert "callbacks" in found.why_no_theory
    assert met(trial.with_roster(found.roster), StaffingTarget(abandoned=0.06))


def test_a_stricter_target_never_needs_fewer() -> None:
    trial = trial_of(desk(CALLS))
    times = [
        required(trial, StaffingTarget(abandoned=target), teams=["desk"], progress=quiet).agent_time
        for target in (0.2, 0.1, 0.05)
    ]
    assert times == sorted(times)


def test_what_no_number_of_agents_can_reach_says_so() -> None:
    trial = trial_of(desk(CALLS, telephone={"lines": 2}, day={
        "opens": "09:00", "closes": "10:30", "weekdays": ["monday"], "after_closing": "disconnect"}),
        days=60)  # fmt: skip
    trial = RosterEvaluation(trial.scenario, standard=Standard(definition="with_blocked"), days=60, seed=1)
    with pytest.raises(ScenarioError, match=r"no number of agents keeps to at most 1% abandoned.*lines"):
        required(trial, StaffingTarget(abandoned=0.01), teams=["desk"], progress=quiet)


def test_a_desk_too_large_to_search_is_refused() -> None:
    trial = trial_of(desk([30_000.0] * 24, interval="30 min"), days=1)
    with pytest.raises(ScenarioError, match="can be searched"):
        required(trial, StaffingTarget(abandoned=0.05), teams=["desk"], progress=quiet)


def fared_by_hand() -> RosterOutcome:
    """Three days of two intervals: lost 1 of 20, 0 of 20, 4 of 20; answered in time 15, 20 and 10 of 20."""
    return RosterOutcome(
        lost=np.array([[1.0, 0], [0, 0], [3, 1]]), of=np.full((3, 2), 10.0),
        soon=np.array([[7.0, 8], [10, 10], [5, 5]]), soon_of=np.full((3, 2), 10.0),
    )  # fmt: skip


def test_days_are_judged_by_their_own_calls() -> None:
    assert days_kept(fared_by_hand(), StaffingTarget(abandoned=0.05)).tolist() == [True, True, False]
    assert days_kept(fared_by_hand(), StaffingTarget(abandoned=0.05, service_level=0.8)).tolist() == [
        False,
        True,
        False,
    ]
    assert days_kept(fared_by_hand().part(1), StaffingTarget(abandoned=0.05)).tolist() == [True, True, False]
    kept = share_of_days(fared_by_hand(), StaffingTarget(abandoned=0.05))
    assert (kept["days"], kept["of"]) == (2, 3)
    assert kept["low"] == pytest.approx(0.2077, abs=1e-4)  # Wilson's interval of 2 of 3
    assert kept["high"] == pytest.approx(0.9385, abs=1e-4)


def test_in_the_long_run_the_whole_interval_must_be_at_the_target() -> None:
    fared = fared_by_hand()
    assert fared.rate.mean == pytest.approx(5 / 60)
    assert fared.rate.high is not None
    assert met(fared, StaffingTarget(abandoned=fared.rate.high + 1e-9))
    assert not met(fared, StaffingTarget(abandoned=fared.rate.high - 1e-9))
    missed = excess(fared, StaffingTarget(abandoned=fared.rate.high - 1e-9, each="half-hour"))
    assert missed.shape == (2,)


def test_a_day_without_calls_keeps_to_any_aim() -> None:
    nobody = RosterOutcome(*(np.zeros((2, 1)) for _ in range(4)))
    assert met(nobody, StaffingTarget(abandoned=0.05))
    assert days_kept(nobody, StaffingTarget(abandoned=0.05, service_level=0.8)).all()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({}, "nothing to keep to"),
        ({"abandoned": 0.0}, "no one ever hangs up"),
        ({"abandoned": 1.0}, "every desk keeps to it"),
        ({"service_level": 1.0}, "no one ever waits"),
        ({"abandoned": 0.05, "confidence": 1.0}, "every single day"),
        ({"abandoned": 0.05, "each": "hour"}, "Expected day or half-hour"),
    ],
)
def test_an_aim_that_none_or_any_desk_keeps_is_refused(wrong: dict[str, object], words: str) -> None:
    with pytest.raises(SettingError, match=words):
        StaffingTarget(**wrong)  # type: ignore[arg-type]


def test_an_aim_says_itself() -> None:
    aim = StaffingTarget(abandoned=0.05, service_level=0.8, confidence=0.9)
    assert aim.words == "at most 5% abandoned and a service level of at least 80% over the day, on at least 90% of days"


def test_each_further_agent_is_there_all_day_and_saves_what_the_days_differ_by() -> None:
    trial = trial_of(desk(CALLS))
    found = marginal_values(trial, trial.scenario, team="desk", most=2)
    assert [each.agents for each in found] == [0, 1, 2]
    for each in found:
        alone = simulate(scenario(CALLS, agents=3 + each.agents), standard=Standard(), replications=trial.days, seed=1)
        assert each.fared.rate == alone.measure("rate")
    lost = [each.fared.lost.sum() / trial.days for each in found]
    assert found[2].saved.mean == pytest.approx(lost[0] - lost[2])
    assert found[2].last_saved.mean == pytest.approx(lost[1] - lost[2])
    assert lost == sorted(lost, reverse=True)
    assert (found[0].saved.mean, found[0].saved.low, found[0].saved.high) == (0, 0, 0)


def test_a_further_agent_joins_a_team_that_works_by_intervals_or_shifts() -> None:
    by_interval = scenario(CALLS, teams={"desk": {"by_interval": [1, 2, 3]}})
    assert with_more(by_interval, "desk", 2).teams["desk"].by_interval == (3, 4, 5)
    by_shift = scenario(CALLS, teams={"desk": {"shifts": [{"agents": 4, "from": "09:00", "to": "10:00"}]}})
    assert agent_hours(by_shift) == 4
    assert agent_hours(with_more(by_shift, "desk", 2)) == 4 + 2 * 1.5


def test_money_for_agents_buys_calls_and_a_price_only_where_one_is_given() -> None:
    before, after = trial_of(desk(CALLS)), trial_of(desk(CALLS, agents=5))
    found = bought(before, after, cost_per_hour=20.0)
    one, two = (each.fares(each.scenario).lost.sum() / each.days for each in (before, after))
    assert found.hours == 2 * 1.5
    assert found.saved.mean == pytest.approx(one - two)
    assert found.cost_per_call.mean == pytest.approx(3 * 20 / (one - two))
    assert found.cost_per_call.low == pytest.approx(60 / found.saved.high)  # type: ignore[operator]
    assert bought(before, after, cost_per_hour=None).cost_per_call.mean is None
    assert bought(after, before, cost_per_hour=20.0).cost_per_call.mean is None
