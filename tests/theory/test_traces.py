"""Are whole days of known calls, worked out elsewhere, given back call by call?"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from kcas.simulation.engines import compiled_engine, simpy_engine
from kcas.simulation.engines.tables import (
    ABANDONED,
    ANSWERED,
    BLOCKED,
    NEVER,
    NOT_USED,
    RINGS_AGAIN,
    TAKES_CALLBACK,
    Desk,
    Rows,
    Workload,
    lists,
    plain_desk,
)
from tests.theory.reference import CASES

Engine = Callable[[Desk, Workload], Rows]
ENGINES = [compiled_engine.run, simpy_engine.run]
HOUR_LONG = [name for name in CASES if name.startswith("trace_") and "config" in CASES[name]["params"]]
BY_HAND = [name for name in CASES if name.startswith("trace_") and "config" not in CASES[name]["params"]]
STATUS = {0: NOT_USED, 1: ANSWERED, 2: ABANDONED, 3: BLOCKED}


def whole(values: Any) -> NDArray[np.int64]:
    return np.array(values, np.int64)


def desk_of(config: dict[str, Any]) -> Desk:
    """The trace's tables in our shape; its one callback queue is unused by these traces."""
    types, teams = config["nt"] - 1, config["ng"]
    desk = plain_desk(types=types, teams=teams)
    served = [[g for g in config["type_groups"][k] if g >= 0] for k in range(types)]
    looks = [[k for k in row if 0 <= k < types] for row in config["group_types"]]
    reserve = np.zeros((3 * types, teams), np.int64)
    reserve[:types] = config["reserve"][:types]
    return desk._replace(
        lines=min(config["lines"], NEVER),
        teams_of=lists(served * 3, width=teams),
        queues_of=lists(looks, width=3 * types),
        level_of=lists([list(range(len(each))) for each in looks], width=3 * types),
        reserve=reserve,
    )


def load_of(config: dict[str, Any], calls: dict[str, Any]) -> Workload:
    teams, changes = config["ng"], len(config["sched_t"])
    takes = np.array(calls["u_callback"]) < config["p_callback"]
    again = np.array(calls["u_redial"]) < config["p_redial"]
    count = len(calls["arrival_ms"])
    choices = np.where(takes, TAKES_CALLBACK, 0) | np.where(again, RINGS_AGAIN, 0)
    return Workload(
        first=whole([0, count]),
        arrival=whole(calls["arrival_ms"]),
        call_type=whole(calls["type"]),
        talk=whole(calls["talk_ms"]),
        wrap=whole(calls["wrap_ms"]),
        menu=whole(calls["ivr_ms"]),
        attempts=2,
        patience=whole(calls["patience_ms"]),
        choices=np.concatenate([choices, np.zeros(count)]).astype(np.int16),
        redial_delay=np.resize(whole(calls["redial_delay_ms"]), 2 * count),
        team_die=whole([]),
        reached_on=whole([]),
        staff_first=whole([0, teams + changes]),
        staff_at=whole([0] * teams + config["sched_t"]),
        staff_team=whole(list(range(teams)) + config["sched_g"]),
        staff_agents=whole(config["cap0"] + config["sched_n"]),
    )


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", HOUR_LONG)
def test_an_hour_worked_out_elsewhere_comes_back_row_for_row(name: str, engine: Engine) -> None:
    config, calls = CASES[name]["params"]["config"], CASES[name]["params"]["calls"]
    expected = CASES[name]["expected"]
    load = load_of(config, calls)
    rows = engine(desk_of(config), load)
    entered = rows.arrived + np.tile(load.menu, 2)
    queued = (rows.outcome == ANSWERED) | (rows.outcome == ABANDONED)
    ended = rows.left + np.where(rows.outcome == ANSWERED, np.tile(load.talk, 2), 0)
    assert rows.outcome.tolist() == [STATUS[status] for status in expected["status"]]
    assert np.where(queued, rows.left - entered, 0).tolist() == expected["wait_ms"]
    used = rows.outcome != NOT_USED
    assert ended[used].tolist() == whole(expected["end_ms"])[used].tolist()
    assert (rows.outcome == ABANDONED).sum() == expected["abandons"]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", BY_HAND)
def test_a_day_published_with_ciw_comes_back_call_by_call(name: str, engine: Engine) -> None:
    params, expected = CASES[name]["params"], CASES[name]["expected"]
    staff = params.get("agents_schedule", [[0, params.get("agents")]])
    patience = [NEVER if each == "inf" else each * 1000 for each in params["patience"]]
    none = whole([])
    load = Workload(
        first=whole([0, len(patience)]),
        arrival=whole(params["arrivals"]) * 1000,
        call_type=np.zeros(len(patience), np.int64),
        talk=whole(params["service"]) * 1000,
        wrap=np.zeros(len(patience), np.int64),
        menu=none,
        attempts=1,
        patience=whole(patience),
        choices=np.empty(0, np.int16),
        redial_delay=none,
        team_die=none,
        reached_on=none,
        staff_first=whole([0, len(staff)]),
        staff_at=whole([at * 1000 for at, _ in staff]),
        staff_team=np.zeros(len(staff), np.int64),
        staff_agents=whole([agents for _, agents in staff]),
    )
    rows = engine(plain_desk(types=1, teams=1), load)
    answered = rows.outcome == ANSWERED
    started = [int(left) // 1000 if good else None for left, good in zip(rows.left, answered, strict=True)]
    ended = (rows.left + np.where(answered, load.talk, 0)) // 1000
    assert ["answered" if good else "abandoned" for good in answered] == expected["outcome"]
    assert started == expected["start"]
    assert ended.tolist() == expected["end"]
    assert ((rows.left - rows.arrived) // 1000).tolist() == expected["wait"]
