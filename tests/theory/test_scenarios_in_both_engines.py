"""Do both engines live every scenario that a planner can write in the same way, row for row?"""

from collections import Counter

import pytest

from kcas.errors import ScenarioError
from kcas.simulation.engines import compiled_engine, simpy_engine
from kcas.simulation.engines.layout import desk_of
from kcas.simulation.engines.sampling import sample_workload
from kcas.simulation.engines.tables import OUTCOME_NAMES
from kcas.simulation.scenario.file import scenario_of
from kcas.simulation.scenario.schema import Scenario
from tests.theory.random_days import rounded_desk, rounded_load
from tests.theory.random_scenarios import KEYS, random_scenario
from tests.theory.test_twin_engines import assert_equal_row_for_row

SEEDS = range(400)
DAYS = range(2)
ENOUGH, SOME = 40, 5
"""Scenarios with a key, and without it; scenarios in which an outcome is met."""


def written(seed: int) -> tuple[Scenario, set[str]] | None:
    """A random scenario and its keys; none where chance left nobody on the phones."""
    tables, on = random_scenario(seed)
    try:
        return scenario_of(tables, where="random"), on
    except ScenarioError as error:
        if "no one is on the phones" in str(error):
            return None
        raise


@pytest.mark.parametrize("tick", [1, 10_000])
@pytest.mark.parametrize("group", range(8))
def test_both_engines_give_the_same_rows_on_random_scenarios(group: int, tick: int) -> None:
    for seed in SEEDS[group * 50 : group * 50 + 50]:
        if (found := written(seed)) is None:
            continue
        desk = rounded_desk(desk_of(found[0]), tick=tick)
        load = rounded_load(sample_workload(found[0], seed=seed, days=DAYS), tick=tick)
        assert_equal_row_for_row(compiled_engine.run(desk, load), simpy_engine.run(desk, load))


def test_the_random_scenarios_have_every_key_on_and_off_and_meet_every_outcome() -> None:
    on, outcomes, scenarios = Counter[str](), Counter[str](), 0
    for seed in SEEDS:
        if (found := written(seed)) is None:
            continue
        scenarios += 1
        on.update(found[1])
        rows = compiled_engine.run(desk_of(found[0]), sample_workload(found[0], seed=seed, days=DAYS))
        met = {OUTCOME_NAMES[code] for code in set(rows.outcome.tolist())}
        met |= {"rung back"} if (rows.rung_back >= 0).any() else set()
        met |= {"rung back in vain"} if (rows.tries > 1).any() else set()
        calls = len(rows.outcome) // found[0].attempts
        met |= {"called again"} if (rows.outcome[calls:] > 0).any() else set()
        outcomes.update(met)
    assert scenarios >= 300
    assert {key: count for key in KEYS if not ENOUGH <= (count := on[key]) <= scenarios - ENOUGH} == {}
    wanted = {*OUTCOME_NAMES[1:], "rung back", "rung back in vain", "called again"}
    assert {name: outcomes[name] for name in wanted if outcomes[name] < SOME} == {}
