"""Are the fewest agents the fewest? Held against published figures, and against every roster of a tiny day."""

import itertools

import numpy as np
import pytest

from kcas.queueing.scenario_day import exact_day
from kcas.staffing.evaluation import Roster, rostered
from kcas.staffing.initial_guess import InitialGuess, gauss
from kcas.staffing.requirement import Theory, agent_time, exact_requirement
from kcas.staffing.target import StaffingTarget
from tests.theory.reference import CASES
from tests.unit.staffing.desks import scenario


def quiet(words: str) -> None:
    """Tells nobody."""


def least(found: InitialGuess, aim: StaffingTarget) -> Roster:
    roster, why = exact_requirement(found, aim, progress=quiet)
    assert roster is not None, why
    return roster


def guide_of(
    calls: list[float], *, within: float = 20.0, lost: bool = True, soon: bool = False, **more: object
) -> InitialGuess:
    return InitialGuess(scenario(calls, **more), ["desk"], within=within, lost=lost, soon=soon)


STEADY = {
    "interval": "240 min",
    "closes": "21:00",
    "handle": "280 s",
    "patience": {"distribution": "exponential", "mean": "100 s"},
}
"""Twelve hours of 120 calls each: the desk of the Erlang R cases, long enough to forget that it began empty."""


@pytest.mark.parametrize(("target", "agents"), [(0.17, 10), (0.08, 12), (0.05, 13), (0.03, 14), (0.015, 15)])
def test_a_steady_desk_needs_as_many_as_erlang_a_says(target: float, agents: int) -> None:
    known = {n: CASES[f"erlangA_erlangR_n{n}"]["expected"]["p_abandon"] for n in (9, 11, 12, 13, 14, 15)}
    assert known[agents] < target if agents in known else known[9] > target > known[11]
    assert min(known.get(agents - 1, 1.0), known[9]) > target
    found = least(guide_of([480.0] * 3, **STEADY), StaffingTarget(abandoned=target, each="half-hour"))
    assert found == {"desk": (agents,) * 3}


@pytest.mark.parametrize(("level", "agents"), [(0.88, 14), (0.90, 15), (0.94, 15)])
def test_endless_patience_needs_as_many_as_the_published_erlang_c_says(level: float, agents: int) -> None:
    known = {n: CASES[f"erlangC_pyworkforce_{n}"]["expected"]["service_level"] for n in (14, 15)}
    assert known[agents] >= level
    assert agents == 14 or known[14] < level
    guide = guide_of([800.0] * 3, within=0.33 * 60, lost=False, soon=True, interval="240 min", closes="21:00",
                     handle="3 min", patience={"distribution": "endless"})  # fmt: skip
    assert least(guide, StaffingTarget(service_level=level, each="half-hour"))["desk"][1:] == (agents, agents)


@pytest.mark.parametrize(
    ("name", "variation"), [("tv_day1000_12agents", 0), ("tv_day1000_12agents_busyness_gamma10", 10)]
)
def test_theory_loses_as_many_callers_as_the_reference_day(name: str, variation: int) -> None:
    case = CASES[name]
    rates = case["params"]["rates_per_hour"]
    demand = {"calls_per_day": sum(rates), "arrival_profile": rates}
    if variation:
        demand["day_to_day_sd"] = f"{100 * variation**-0.5:.6f}%"
    theory = Theory(scenario(rates, interval="60 min", demand=demand), within=20.0)
    twelve = {"desk": (12,) * 12}
    theory.fit(twelve)
    found = sum(part.abandoned for part in theory.expected(twelve))
    assert found == pytest.approx(case["expected"]["abandoned_total"], rel=2e-3)


def test_theory_of_a_roster_has_the_redials_of_the_exact_day() -> None:
    again = {"after_abandoning": "50%", "delay": {"distribution": "exponential", "mean": "10 min"}}
    hours = scenario([60, 90, 60], interval="60 min", redials=again)
    theory, roster = Theory(hours, within=20.0), {"desk": (4, 5, 4)}
    theory.fit(roster)
    found, expected = theory.expected(roster), exact_day(rostered(hours, roster)).intervals
    assert sum(part.redials for part in found) > 10
    for mine, theirs in zip(found, expected, strict=True):
        assert mine.redials == pytest.approx(theirs.redials, rel=1e-6)
        assert mine.abandoned == pytest.approx(theirs.abandoned, rel=1e-6)


def test_the_fewest_are_no_more_than_a_planner_had_drawn_by_hand() -> None:
    case = CASES["tv_day1000_staffcurve"]
    rates, drawn = case["params"]["rates_per_hour"], case["params"]["agents"]
    target = case["expected"]["p_abandon"]
    found = least(guide_of(rates, interval="60 min"), StaffingTarget(abandoned=target + 1e-6))
    assert sum(found["desk"]) <= sum(drawn)


ENDLESS = {"distribution": "endless"}


@pytest.mark.parametrize(
    ("calls", "aim", "patience"),
    [
        ([10, 25, 8], StaffingTarget(abandoned=0.05), None),
        ([4, 30, 2], StaffingTarget(abandoned=0.1), None),
        ([20, 6, 20], StaffingTarget(service_level=0.8), None),
        ([12, 12, 12], StaffingTarget(abandoned=0.08, service_level=0.85), None),
        ([10, 25, 8], StaffingTarget(abandoned=0.05, each="half-hour"), None),
        ([2, 1, 15], StaffingTarget(service_level=0.7, each="half-hour"), None),
        ([20, 6, 20], StaffingTarget(service_level=0.8), ENDLESS),
        ([8, 24, 8], StaffingTarget(service_level=0.7), ENDLESS),
        ([15, 15], StaffingTarget(service_level=0.9, each="half-hour"), ENDLESS),
    ],
)
def test_no_roster_at_all_of_a_tiny_day_does_with_fewer(
    calls: list[float], aim: StaffingTarget, patience: dict[str, str] | None
) -> None:
    guide = guide_of(calls, lost=aim.abandoned is not None, soon=aim.service_level is not None, patience=patience)
    found = least(guide, aim)
    theory = Theory(guide.scenario, within=20.0)
    theory.fit(found)
    assert not theory.excess(found, aim).any()
    fewer = [
        roster
        for roster in itertools.product(*(range(guide.most(cell) + 1) for cell in guide.cells))
        if sum(roster) == sum(found["desk"]) - 1
    ]
    assert len(fewer) > 5
    assert [roster for roster in fewer if not theory.excess({"desk": roster}, aim).any()] == []


def test_where_nobody_hangs_up_a_day_needs_no_more_than_its_half_hours_would_by_themselves() -> None:
    """Where a few agents save nobody until enough are there, the way to the fewest must not leave an hour to starve."""
    calls = [30.0, 45, 40, 28]
    guide = guide_of(calls, lost=False, soon=True, patience=ENDLESS, handle="9 min")
    each = least(guide, StaffingTarget(service_level=0.8, each="half-hour"))
    day = least(guide, StaffingTarget(service_level=0.8))
    assert agent_time(day, guide) <= agent_time(each, guide)


def test_agent_time_counts_a_last_interval_that_is_cut_short_for_what_it_is() -> None:
    guide = guide_of([10, 10], closes="09:45")
    assert [guide.length(cell) for cell in guide.cells] == [1800, 900]
    assert agent_time({"desk": (2, 4)}, guide) == 2 * 1800 + 4 * 900


def test_a_few_days_have_the_moments_of_many() -> None:
    values, weights = np.array([0.5, 0.8, 1.0, 1.1, 1.4, 2.0]), np.array([1, 2, 3, 3, 2, 1.0])
    points, mass = gauss(values, weights, nodes=3)
    assert len(points) == 3
    for power in range(6):
        expected = float((values**power) @ weights / weights.sum())
        assert float((points**power) @ mass) == pytest.approx(expected)


def test_absence_other_work_and_shrinkage_ask_for_more_rostered_agents() -> None:
    plain = least(guide_of([20, 20]), StaffingTarget(abandoned=0.1))
    lessened = guide_of([20, 20], teams={"desk": {"agents": 3, "shrinkage": "50%"}},
                        other_work={"forms": {"team": "desk", "agents": 1}})  # fmt: skip
    found = least(lessened, StaffingTarget(abandoned=0.1))
    assert sum(found["desk"]) >= 2 * (sum(plain["desk"]) - 1) + 2
