"""Do days differ in handling and strength as a scenario says, without moving any other die?"""

import numpy as np
import pytest

from kcas.simulation.engines.sampling import sample_workload
from tests.unit.simulation.known_desk import TABLES, known_scenario


def team(**keys: object) -> dict[str, dict[str, object]]:
    return {"desk": {"agents": 100} | keys}


def test_handling_differs_by_a_gamma_factor_of_the_whole_day() -> None:
    steady = sample_workload(known_scenario(), seed=2, days=range(300))
    slower = sample_workload(
        known_scenario(demand=TABLES["demand"] | {"handling_variation": "20%"}), seed=2, days=range(300)
    )
    assert np.array_equal(steady.arrival, slower.arrival)
    assert np.array_equal(steady.patience, slower.patience)
    factors = np.array(
        [slower.talk[a:b].sum() / steady.talk[a:b].sum() for a, b in zip(steady.first, steady.first[1:], strict=False)]
    )
    assert factors.mean() == pytest.approx(1.0, abs=3 * 0.2 / np.sqrt(300))
    assert factors.std() == pytest.approx(0.2, rel=0.15)


def test_strength_differs_from_day_to_day_about_the_roster() -> None:
    load = sample_workload(known_scenario(teams=team(day_to_day_sd="10%")), seed=2, days=range(400))
    first = load.staff_agents[load.staff_first[:-1]]
    assert first.mean() == pytest.approx(100, abs=3 * 10 / 20)
    assert first.std() == pytest.approx(10, rel=0.15)


def test_strength_that_follows_demand_wholly_keeps_calls_an_agent_the_same() -> None:
    demand = TABLES["demand"] | {"day_to_day_sd": "30%", "calls_per_day": 5000, "weekdays": {}}
    load = sample_workload(known_scenario(demand=demand, teams=team(demand_elasticity="100%")), seed=3, days=range(60))
    calls = np.diff(load.first) / load.staff_agents[load.staff_first[:-1]]
    assert np.diff(load.first).std() > 1000
    assert calls.std() / calls.mean() < 0.03  # Poisson's and rounding's
