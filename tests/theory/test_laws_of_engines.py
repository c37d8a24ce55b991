"""What holds of every desk, whatever its figures? Laws, tried on random desks and on the compiled engine."""

import numpy as np
import pytest
from numpy.typing import NDArray

from kcas.simulation.engines import compiled_engine
from kcas.simulation.engines.tables import (
    ABANDONED,
    ANSWERED,
    BLOCKED,
    CALLBACK,
    LEFT_IVR,
    NEVER,
    NOT_USED,
    OPEN,
    SELF_SERVED,
    Workload,
    plain_desk,
)
from tests.theory.random_days import random_day
from tests.theory.steady_days import Callers, drawn, exponential

SEEDS = range(200)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_call_has_one_outcome_and_nobody_waits_less_than_nothing(seed: int) -> None:
    desk, load, _ = random_day(seed)
    rows = compiled_engine.run(desk, load)
    calls = len(load.arrival)
    assert (rows.outcome[:calls] != NOT_USED).all()
    used = rows.outcome != NOT_USED
    assert ((rows.arrived >= 0) == used).all()
    gone = used & (rows.outcome != OPEN)
    assert (rows.left[gone] >= rows.arrived[gone]).all()
    assert ((rows.team >= 0) == (rows.outcome == ANSWERED)).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_agents_at_work_never_outnumber_those_who_have_been_rostered(seed: int) -> None:
    desk, load, _ = random_day(seed)
    rows = compiled_engine.run(desk, load)
    for day, (first, last) in enumerate(zip(load.first[:-1], load.first[1:], strict=True)):
        changes = slice(*load.staff_first[day : day + 2])
        for team in range(desk.reserve.shape[1]):
            rostered = load.staff_agents[changes][load.staff_team[changes] == team].max(initial=0)
            index = np.flatnonzero((rows.outcome == ANSWERED) & (rows.team == team))
            call = index % len(load.arrival)
            mine = (call >= first) & (call < last)
            begin, end = rows.left[index[mine]], rows.left[index[mine]] + (load.talk + load.wrap)[call[mine]]
            assert most_at_once(begin, end) <= rostered


def most_at_once(begin: NDArray[np.int64], end: NDArray[np.int64]) -> int:
    """The most intervals that hold one moment; one that ends as another begins makes way for it."""
    moments = sorted([(time, 1) for time in begin] + [(time, -1) for time in end])
    present = np.cumsum([step for _, step in moments]) if moments else np.zeros(1)
    return int(present.max(initial=0))


@pytest.mark.parametrize("seed", SEEDS)
def test_no_more_lines_are_held_than_there_are(seed: int) -> None:
    desk, load, on = random_day(seed)
    if "lines" not in on:
        return
    rows = compiled_engine.run(desk, load)
    for first, last in zip(load.first[:-1], load.first[1:], strict=True):
        call = np.arange(len(rows.outcome)) % len(load.arrival)
        mine = (call >= first) & (call < last) & (rows.outcome != NOT_USED) & (rows.outcome != BLOCKED)
        talk = np.where(rows.outcome == ANSWERED, load.talk[call], 0)
        end = np.where(rows.outcome == OPEN, NEVER, rows.left + talk)
        assert most_at_once(rows.arrived[mine], end[mine]) <= desk.lines


@pytest.mark.parametrize("seed", SEEDS)
def test_nobody_is_answered_where_nobody_works(seed: int) -> None:
    desk, load, _ = random_day(seed)
    empty = load._replace(staff_agents=np.zeros_like(load.staff_agents))
    rows = compiled_engine.run(desk, empty)
    assert not (rows.outcome == ANSWERED).any()
    assert not (rows.rung_back >= 0).any()
    assert not rows.idle.any()


@pytest.mark.parametrize("seed", SEEDS)
def test_agents_time_is_idle_or_busy_and_nothing_else(seed: int) -> None:
    """On a desk without overtime the time rostered is the time idle and the time on calls."""
    rng = np.random.default_rng(seed)
    agents = int(rng.integers(1, 6))
    load = drawn([Callers(0.02, exponential(200), exponential(90))], staff=[agents], length=7200, days=3, seed=seed)
    end = 20_000_000
    rows = compiled_engine.run(plain_desk(types=1, teams=1)._replace(counts_until=end), load)
    day = np.searchsorted(load.first, np.arange(len(load.arrival)), side="right") - 1
    busy = np.bincount(day, weights=np.where(rows.outcome == ANSWERED, load.talk, 0), minlength=3)
    ends = rows.left + np.where(rows.outcome == ANSWERED, load.talk, 0)
    last = np.array([ends[day == each].max(initial=0) for each in range(3)])
    # the clock stops at the day's last event, which may be the stale hang-up of a caller who was answered
    joined = np.array([(rows.arrived + load.patience)[(day == d) & (rows.left > rows.arrived)].max(initial=0)
                       for d in range(3)])  # fmt: skip
    np.testing.assert_array_equal(rows.idle[:, 0] + busy, np.minimum(np.maximum(last, joined), end) * agents)


def endless(agents: int, seed: int) -> tuple[Workload, NDArray[np.int64]]:
    load = drawn([Callers(0.02, exponential(200))], staff=[agents], length=14_400, days=5, seed=seed)
    rows = compiled_engine.run(plain_desk(types=1, teams=1), load)
    assert (rows.outcome == ANSWERED).all()
    return load, rows.left - rows.arrived


@pytest.mark.parametrize("seed", range(60))
def test_without_abandonment_a_further_agent_lengthens_nobodys_wait(seed: int) -> None:
    _, fewer = endless(3, seed)
    _, more = endless(4, seed)
    assert (more <= fewer).all()


def test_more_agents_abandon_fewer_callers_on_average_over_many_days() -> None:
    """Never asserted of one day: a caller saved by the extra agent may hold a line for an hour."""
    rates = []
    for agents in range(6, 12):
        load = drawn(
            [Callers(0.03, exponential(300), exponential(120))], staff=[agents], length=14_400, days=400, seed=1
        )
        rates.append((compiled_engine.run(plain_desk(types=1, teams=1), load).outcome == ABANDONED).mean())
    assert rates == sorted(rates, reverse=True)


@pytest.mark.parametrize("seed", range(40))
def test_littles_law_holds_in_every_run(seed: int) -> None:
    """The area under the number waiting, walked moment by moment, is the sum of the waits."""
    desk, load, _ = random_day(seed)
    rows = compiled_engine.run(desk, load)
    menu = np.tile(load.menu, load.attempts) if load.menu.size else 0
    before = (NOT_USED, BLOCKED, LEFT_IVR, SELF_SERVED, OPEN)
    queued = ~np.isin(rows.outcome, before)
    entered, left = (rows.arrived + menu)[queued], rows.left[queued]
    steps = sorted([(int(t), 1) for t in entered] + [(int(t), -1) for t in left])
    area, present, clock = 0, 0, 0
    for moment, step in steps:
        area += present * (moment - clock)
        present, clock = present + step, moment
    assert present == 0
    assert area == int((left - entered).sum())


@pytest.mark.parametrize("seed", range(60))
def test_a_caller_who_took_a_callback_never_was_answered_in_the_queue_too(seed: int) -> None:
    desk, load, _ = random_day(seed)
    rows = compiled_engine.run(desk, load)
    outcome = rows.outcome.reshape(load.attempts, -1)
    promised = (outcome == CALLBACK).any(axis=0)
    assert not (promised & (outcome == ANSWERED).any(axis=0)).any()
    if rows.rung_back.size:
        back = rows.rung_back.reshape(load.attempts, -1)
        assert not ((back >= 0) & (outcome != CALLBACK)).any()


def test_a_caller_who_has_gone_takes_no_agent_with_him() -> None:
    """Three callers to one agent: the second hangs up while waiting, and the third is answered as soon as he can be."""
    none = np.empty(0, np.int64)
    load = Workload(
        first=np.array([0, 3]), arrival=np.array([0, 1000, 2000]), call_type=np.zeros(3, np.int64),
        talk=np.array([60_000, 60_000, 60_000]), wrap=np.zeros(3, np.int64), menu=none, attempts=1,
        patience=np.array([NEVER, 5_000, NEVER]), choices=none.astype(np.int16), redial_delay=none, team_die=none,
        reached_on=none, staff_first=np.array([0, 1]), staff_at=np.array([0]), staff_team=np.array([0]),
        staff_agents=np.array([1]),
    )  # fmt: skip
    rows = compiled_engine.run(plain_desk(types=1, teams=1), load)
    assert rows.outcome.tolist() == [ANSWERED, ABANDONED, ANSWERED]
    assert rows.left.tolist() == [0, 6000, 60_000]
