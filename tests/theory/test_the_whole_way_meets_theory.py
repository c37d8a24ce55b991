"""Does a scenario, through its own dice and either engine, give what theory expects, interval by interval?"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from kcas.desk.standard import Standard
from kcas.queueing.scenario_day import exact_day
from kcas.simulation.engines import compiled_engine, simpy_engine
from kcas.simulation.engines.layout import desk_of
from kcas.simulation.engines.sampling import sample_workload
from kcas.simulation.engines.tables import ABANDONED, ANSWERED, Desk, Rows, Workload
from kcas.simulation.projection import simulate
from kcas.simulation.scenario.file import merge_tables, scenario_of
from kcas.simulation.scenario.schema import Scenario

Engine = Callable[[Desk, Workload], Rows]
ENGINES = [
    pytest.param(compiled_engine.run, 1500, id="compiled"),
    pytest.param(simpy_engine.run, 400, id="simpy", marks=pytest.mark.slow),
]
DAY: dict[str, Any] = {
    "question": "What does theory say?",
    "day": {"opens": "09:00", "closes": "12:00", "weekdays": ["monday"], "after_closing": "serve queue"},
    "demand": {"calls_per_day": 240, "arrival_profile": [30, 40, 50, 45, 40, 35]},
    "types": {
        "public": {
            "share": "100%",
            "talk": {"distribution": "exponential", "mean": "5 min"},
            "patience": {"distribution": "exponential", "mean": "3 min"},
        }
    },
    "teams": {"desk": {"by_interval": [5, 6, 8, 7, 8, 6]}},
}


def scenario(**change: Any) -> Scenario:
    return scenario_of(merge_tables(DAY, change), where="day")


def lived(engine: Engine, asked: Scenario, *, days: int) -> tuple[Workload, Rows]:
    load = sample_workload(asked, seed=20_100_401, days=range(days))
    return load, engine(desk_of(asked), load)


def per_day(load: Workload, mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    call = np.flatnonzero(mask) % len(load.arrival)
    day = np.searchsorted(load.first, call, side="right") - 1
    return np.bincount(day, minlength=len(load.first) - 1).astype(float)


def near(days: NDArray[np.float64], expected: float) -> None:
    error = days.std(ddof=1) / math.sqrt(len(days))
    assert abs(days.mean() - expected) <= 4 * error, f"{days.mean()} ± {error}, expected {expected}"


@pytest.mark.parametrize(("engine", "days"), ENGINES)
def test_each_interval_of_a_day_has_the_calls_answers_and_hang_ups_of_theory(engine: Engine, days: int) -> None:
    """By arrival where they ring, and as they happen where they end: as `exact day` counts."""
    expected = exact_day(scenario())
    load, rows = lived(engine, scenario(), days=days)
    first, length, last = 9 * 3_600_000, 1_800_000, 5
    for number, part in enumerate(expected.intervals):
        rang = (rows.arrived - first) // length == number
        when = (rows.left - first) // length
        ended = when >= number if number == last else when == number
        near(per_day(load, rang), part.arrivals)
        near(per_day(load, ended & (rows.outcome == ABANDONED)), part.abandoned)
        near(per_day(load, ended & (rows.outcome == ANSWERED)), part.answered)
    near(per_day(load, rows.outcome == ABANDONED), expected.total.abandoned)


@pytest.mark.parametrize(("engine", "days"), ENGINES)
def test_endless_patience_with_enough_staff_is_erlang_c(engine: Engine, days: int) -> None:
    """A day of twelve hours at one rate, looked at from the third: 10 erlangs on 13 agents, by Erlang's formula."""
    load_of, agents = 10.0, 13
    steady = scenario(
        day={"opens": "08:00", "closes": "20:00"}, demand={"calls_per_day": 1440, "arrival_profile": [1] * 24},
        types={"public": {"patience": {"distribution": "endless"}}}, teams={"desk": {"agents": agents}},
    )  # fmt: skip
    blocked = 1.0
    for number in range(1, agents + 1):
        blocked = load_of * blocked / (number + load_of * blocked)
    waits = blocked / (1 - load_of / agents * (1 - blocked))
    load, rows = lived(engine, steady, days=days // 5)
    assert (rows.outcome == ANSWERED).all()
    settled = rows.arrived >= 10 * 3_600_000
    waited = rows.left > rows.arrived
    rang, had_to_wait = per_day(load, settled), per_day(load, settled & waited)
    share = had_to_wait.sum() / rang.sum()
    error = (had_to_wait - share * rang).std(ddof=1) / rang.mean() / math.sqrt(len(rang))
    assert abs(share - waits) <= 4 * error, f"{share} ± {error}, expected {waits}"


def test_more_agents_abandon_fewer_on_average_over_many_days_of_the_same_dice() -> None:
    lost = []
    for more in range(4):
        staff = [agents + more for agents in DAY["teams"]["desk"]["by_interval"]]
        load, rows = lived(compiled_engine.run, scenario(teams={"desk": {"by_interval": staff}}), days=300)
        lost.append(per_day(load, rows.outcome == ABANDONED).mean())
    assert lost == sorted(lost, reverse=True)
    assert lost[0] > 2 * lost[-1]


def test_agents_time_on_calls_is_that_of_theory_in_each_interval() -> None:
    expected = exact_day(scenario())
    run = simulate(scenario(), standard=Standard(), replications=1500, engine="compiled")
    for number, part in enumerate(expected.intervals):
        found = run.measure("occupancy", grouping="intervals", group=number)
        assert found.mean is not None
        assert found.half_width is not None
        error = found.half_width / 1.96
        assert part.occupancy is not None
        assert abs(found.mean - part.occupancy) <= 4 * error, f"{number}: {found}, expected {part.occupancy}"
