"""Do the two engines agree on what came of every single call?"""

import numpy as np
import pytest

from kcas.simulation.engines import compiled_engine, simpy_engine
from kcas.simulation.engines.tables import CUT_OFF, OUTCOME_NAMES, STAY, Desk, Rows, Workload
from tests.theory.random_days import OPTIONS, random_day

TEN_SECONDS = 10_000


def both(desk: Desk, load: Workload) -> tuple[Rows, Rows]:
    return compiled_engine.run(desk, load), simpy_engine.run(desk, load)


def assert_equal_row_for_row(one: Rows, other: Rows) -> None:
    for name in Rows._fields:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


@pytest.mark.parametrize("tick", [1, TEN_SECONDS])
@pytest.mark.parametrize("group", range(10))
def test_both_engines_give_the_same_rows_on_random_desks_and_days(group: int, tick: int) -> None:
    for seed in range(group * 40, group * 40 + 40):
        desk, load, _ = random_day(seed, tick=tick)
        assert_equal_row_for_row(*both(desk, load))


def test_the_random_days_switch_every_option_on_and_off_and_meet_every_outcome() -> None:
    met: set[int] = set()
    options = []
    for seed in range(400):
        desk, load, on = random_day(seed)
        rows = compiled_engine.run(desk, load)
        met |= set(rows.outcome.tolist())
        options.append(on)
        if (rows.rung_back >= 0).any():
            met.add(-1)
        if rows.tries.max(initial=0) > 1:
            met.add(-2)
        if (rows.outcome[len(load.arrival) :] > 0).any():
            met.add(-3)
        if desk.at_close in (CUT_OFF, STAY):
            met.add(-10 - desk.at_close)
    assert met == set(range(len(OUTCOME_NAMES))) | {-1, -2, -3, -10 - CUT_OFF, -10 - STAY}
    for option in OPTIONS:
        share = np.mean([option in on for on in options])
        assert 0.3 < share < 0.7
