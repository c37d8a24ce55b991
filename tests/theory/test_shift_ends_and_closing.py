"""Whose agent goes when a team shrinks with calls in hand, and what becomes of promised callbacks at closing."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from kcas.simulation.engines import compiled_engine, simpy_engine
from kcas.simulation.engines.tables import (
    ANSWERED,
    CALLBACK,
    CUT_OFF,
    NEVER,
    STAY,
    TAKES_CALLBACK,
    WAIT_ON,
    Desk,
    Rows,
    Workload,
    plain_desk,
)

Engine = Callable[[Desk, Workload], Rows]
NEITHER = np.empty(0, np.int64)


def workload(
    calls: Sequence[tuple[int, int]], staff: Sequence[tuple[int, int]], *, callbacks: bool = False
) -> Workload:
    """One day of one type and one team: calls as (arrival, talk) and staff as (from, agents), all in seconds."""
    count = len(calls)
    at, talk = (1000 * np.array(column, np.int64) for column in zip(*calls, strict=True))
    from_, agents = (np.array(column, np.int64) for column in zip(*staff, strict=True))
    return Workload(
        first=np.array([0, count], np.int64),
        arrival=at,
        call_type=np.zeros(count, np.int64),
        talk=talk,
        wrap=np.zeros(count, np.int64),
        menu=NEITHER,
        attempts=1,
        patience=np.full(count, NEVER, np.int64),
        choices=np.full(count, TAKES_CALLBACK if callbacks else 0, np.int16),
        redial_delay=NEITHER,
        team_die=NEITHER,
        reached_on=np.ones(count, np.int64) if callbacks else NEITHER,
        staff_first=np.array([0, len(staff)], np.int64),
        staff_at=1000 * from_,
        staff_team=np.zeros(len(staff), np.int64),
        staff_agents=agents,
    )


@pytest.fixture(params=[simpy_engine.run, compiled_engine.run], ids=["simpy", "compiled"])
def run(request: pytest.FixtureRequest) -> Engine:
    """Each engine in turn."""
    engine: Engine = request.param
    return engine


@pytest.mark.parametrize(
    ("second_call", "answered_at"),
    [
        pytest.param(300, 300, id="both on calls: whose call ends first goes, so the caller waits for the other"),
        pytest.param(None, 100, id="one idle: the idle one goes at once, so the caller waits for the call in hand"),
    ],
)
def test_when_a_team_shrinks_the_idle_go_first_and_then_those_whose_calls_end_first(
    run: Engine, second_call: int | None, answered_at: int
) -> None:
    calls = [(0, 100), *([(0, second_call)] if second_call else []), (60, 10)]
    found = run(plain_desk(types=1, teams=1), workload(calls, [(0, 2), (50, 1)]))
    assert found.outcome[-1] == ANSWERED
    assert found.left[-1] == 1000 * answered_at


@pytest.mark.parametrize(
    ("at_close", "staff", "rung_at"),
    [
        pytest.param(STAY, [(0, 1), (90, 0)], 100, id="agents stay and ring back when the call in hand is over"),
        pytest.param(CUT_OFF, [(0, 1), (90, 0)], None, id="nobody is rostered after closing, so it is never tried"),
        pytest.param(WAIT_ON, [(0, 1), (90, 0)], None, id="the same where callers wait on"),
        pytest.param(WAIT_ON, [(0, 1), (90, 0), (200, 1)], 200, id="an agent rostered later keeps it"),
        pytest.param(CUT_OFF, [(0, 1), (90, 0), (200, 1)], 200, id="also where callers in the queue were cut off"),
    ],
)
def test_a_promise_is_kept_after_closing_only_by_agents_who_are_there(
    run: Engine, at_close: int, staff: list[tuple[int, int]], rung_at: int | None
) -> None:
    desk = plain_desk(types=1, teams=1)._replace(
        close=90_000, at_close=at_close, callback_waiting=np.zeros(1, np.int64), callback_ring=45_000
    )
    found = run(desk, workload([(0, 100), (10, 20)], staff, callbacks=True))
    assert found.outcome.tolist() == [ANSWERED, CALLBACK]
    assert found.rung_back[1] == (-1 if rung_at is None else 1000 * rung_at)
    assert found.tries[1] == (0 if rung_at is None else 1)
