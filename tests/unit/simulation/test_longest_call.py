"""Calls longer than twelve hours are cut there: in the dice, in the mean, in the exact day, and in words."""

from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import ndtr

from kcas.errors import ScenarioError
from kcas.queueing.pooled_scenario import Pooled
from kcas.simulation.engines.sampling import sample_workload
from kcas.simulation.scenario.assumptions import assumptions
from kcas.simulation.scenario.file import scenario_of
from kcas.simulation.scenario.handling_time import LONGEST_CALL, handling, uncut
from kcas.simulation.scenario.schema import Scenario

HEAVY = {"distribution": "log-logistic", "median": "5 min", "shape": 1.1}


def desk(talk: dict[str, Any], **more: Any) -> Scenario:
    return scenario_of(
        {
            "question": "?",
            "day": {"opens": "09:00", "closes": "17:00", "interval": "4 h"},
            "demand": {"calls_per_day": 1000} | more.pop("demand", {}),
            "types": {"public": {"share": "100%", "talk": talk, "patience": {"distribution": "endless"}} | more},
            "teams": {"desk": {"agents": 90}},
        },
        where="desk",
    )


def area_to(longest: float, remaining: Any) -> float:
    return float(sum(quad(remaining, a, b, limit=200)[0] for a, b in zip(*[np.append(0, np.geomspace(1, longest, 30))[s]
                     for s in (slice(None, -1), slice(1, None))], strict=True)))  # fmt: skip


@pytest.mark.parametrize(
    ("talk", "remaining"),
    [
        (HEAVY, lambda x: 1 / (1 + (x / 300) ** 1.1)),
        (
            {"distribution": "lognormal", "median": "5 min", "sigma": 2.5},
            lambda x: ndtr(-np.log(max(x, 1e-300) / 300) / 2.5),
        ),
        ({"distribution": "weibull", "shape": 0.3, "scale": "5 min"}, lambda x: np.exp(-((x / 300) ** 0.3))),
        ({"distribution": "exponential", "mean": "3 h"}, lambda x: np.exp(-x / 10800)),
    ],
)
def test_a_mean_is_that_of_calls_no_longer_than_twelve_hours(talk: dict[str, Any], remaining: Any) -> None:
    assert handling(desk(talk), "public") == pytest.approx(area_to(43_200, remaining), rel=1e-7)


def test_the_mean_and_the_exact_day_are_those_of_the_callers_that_are_drawn() -> None:
    slower = {"demand": {"handling_by_interval": ["100%", "500%"]}, "wrap": {"distribution": "fixed", "value": "1 min"}}
    heavy = desk(HEAVY, **slower)
    drawn = sample_workload(heavy, seed=3, days=range(300))
    each = (drawn.talk + drawn.wrap) / 1000
    error = float(each.std()) / each.size**0.5
    mean = handling(heavy, "public")
    assert abs(float(each.mean()) - mean) < 3 * error
    assert uncut(heavy, "public") - mean > 20 * error  # what was said before
    assert Pooled(heavy).handle == mean
    assert drawn.talk.max() == LONGEST_CALL * 1000


def test_a_scenario_says_where_the_cut_matters_and_only_there() -> None:
    (said,) = (each for each in assumptions(desk(HEAVY)) if "12 h" in each)
    # by hand: the mean of a log-logistic law is median * (pi / shape) / sin(pi / shape)
    without = 300 * (np.pi / 1.1) / np.sin(np.pi / 1.1)
    assert f"{1 - area_to(43_200, lambda x: 1 / (1 + (x / 300) ** 1.1)) / without:.1%} less" in said
    for mild in (
        {"distribution": "exponential", "mean": "1 h"},
        {"distribution": "lognormal", "mean": "7 min", "cv": 1.5},
    ):
        assert not [each for each in assumptions(desk(mild)) if "12 h" in each]


def test_a_law_without_a_mean_is_refused_although_the_cut_would_give_it_one() -> None:
    with pytest.raises(ScenarioError, match="has no mean"):
        desk({"distribution": "log-logistic", "median": "5 min", "shape": 1})
