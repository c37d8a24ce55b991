"""Does a sweep give for each pair what a simulation of that very pair gives?"""

import tomllib

import pytest

from kcas.desk.standard import Standard
from kcas.errors import ScenarioError
from kcas.simulation.projection import simulate
from kcas.simulation.scenario.file import scenario_of
from kcas.simulation.sweep import Axis, at, axis, sweep
from tests.unit.simulation.test_what_if import STEADY

TABLES = tomllib.loads(STEADY)


def test_an_axis_is_read_from_words() -> None:
    assert axis("agents=-2,0,2") == Axis("agents", (-2.0, 0.0, 2.0))


@pytest.mark.parametrize("words", ["agents", "agents=", "agents=x", "calls=0", "colour=1", "calls=nan"])
def test_an_axis_that_is_none_is_refused(words: str) -> None:
    with pytest.raises(ScenarioError):
        axis(words)


def test_each_cell_is_the_simulation_of_its_pair() -> None:
    cells = sweep(TABLES, across=Axis("agents", (0, 1)), down=Axis("calls", (1.0, 1.5)), standard=Standard(),
                  replications=5, engine="simpy")  # fmt: skip
    assert [(cell.across, cell.down) for cell in cells] == [(0, 1.0), (1, 1.0), (0, 1.5), (1, 1.5)]
    by_hand = {**TABLES, "demand": {"calls_per_day": 60.0}, "teams": {"desk": {"agents": 4}}}
    alone = simulate(scenario_of(by_hand, where=""), standard=Standard(), replications=5, engine="simpy")
    assert cells[3].measures["rate"] == alone.measure("rate")


def test_patience_is_stretched_by_the_lengths_its_law_names() -> None:
    scenario = at(TABLES, {"patience": 1.5})
    assert scenario.types["public"].patience.mean == pytest.approx(180)


def test_the_same_input_twice_or_too_many_pairs_are_refused() -> None:
    with pytest.raises(ScenarioError, match="two different"):
        sweep(TABLES, across=Axis("calls", (1,)), down=Axis("calls", (1,)), standard=Standard())
    many = tuple(1 + n / 100 for n in range(11))
    with pytest.raises(ScenarioError, match="121 pairs"):
        sweep(TABLES, across=Axis("calls", many), down=Axis("handling", many), standard=Standard())
