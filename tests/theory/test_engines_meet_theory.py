"""Do both engines lie within four standard errors of what theory and published simulations say?"""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from kcas.simulation.engines import compiled_engine, simpy_engine
from kcas.simulation.engines.tables import (
    ABANDONED,
    ANSWERED,
    BLOCKED,
    CALLBACK,
    NEVER,
    RINGS_AGAIN,
    TAKES_CALLBACK,
    Desk,
    Rows,
    Workload,
    lists,
    plain_desk,
)
from tests.theory.reference import CASES, cases
from tests.theory.steady_days import Callers, Draw, Seen, drawn, exponential, look

Engine = Callable[[Desk, Workload], Rows]
ENGINES = [
    pytest.param(compiled_engine.run, 400_000, id="compiled"),
    pytest.param(simpy_engine.run, 40_000, id="simpy", marks=pytest.mark.slow),
]
DAYS = 16
LONGEST = 10 * 86_400  # of one day here: the engines' clock ends after 24 real days


def close(found: tuple[float, float], expected: float, *, printed: float = 0.0) -> None:
    """Within four standard errors, and what the source rounded away."""
    value, error = found
    assert abs(value - expected) <= 4 * error + printed + 1e-12, f"{value} ± {error}, expected {expected}"


def settings(params: dict[str, Any]) -> dict[str, float]:
    """Arrivals a second, handling, patience, agents and lines of a case, whatever units its source used."""
    agents = params.get("agents", params.get("servers"))
    if "lam" in params:
        places = params.get("waiting_places")
        return {"rate": params["lam"] / 300, "handle": 300 / params["mu"], "patience": 300 / params["theta"],
                "agents": agents, "lines": agents + places if places else NEVER}  # fmt: skip
    if "offered_erlangs" in params:
        handle = params.get("aht_s", 300)
        return {"rate": params["offered_erlangs"] / handle, "handle": handle,
                "patience": params.get("patience_mean_s", 0), "agents": agents, "lines": NEVER}  # fmt: skip
    if "calls" in params:
        return {"rate": params["calls"] / params["interval_min"] / 60, "handle": params["aht_min"] * 60,
                "patience": params.get("patience_min", 0) * 60, "agents": agents, "lines": NEVER}  # fmt: skip
    if "lambda_per_min" in params:
        return {"rate": params["lambda_per_min"] / 60, "handle": params["aht_min"] * 60,
                "patience": params["patience_mean_min"] * 60, "agents": agents, "lines": NEVER}  # fmt: skip
    rate = params["lambda_per_s"] if "lambda_per_s" in params else params["lambda_per_hour"] / 3600
    patience = params.get("patience_mean_s", 0)
    return {"rate": rate, "handle": params["aht_s"] if "aht_s" in params else params["service"]["mean_s"],
            "patience": patience, "agents": agents, "lines": params.get("lines") or NEVER}  # fmt: skip


def steady(
    engine: Engine, calls: int, types: list[Callers], desk: Desk, *, staff: list[int], handle: float, **more: Any
) -> Seen:
    """Days long enough for so many calls, looked at once the desk has filled."""
    warm = max(20 * handle, 3600.0)
    needed = calls / sum(each.rate for each in types)
    days = max(DAYS, int(needed / LONGEST) + 1)
    length = warm + needed / days
    load = drawn(types, staff=staff, length=length, days=days, seed=20_100_401, **more)
    return look(engine, desk, load, warm=warm, length=length)


def check_figures(seen: Seen, expected: dict[str, Any], *, agents: int, printed: float = 0.0) -> int:
    """Every figure of a steady queue that the case gives; how many there were."""
    answered, abandoned, blocked = (seen.outcome == code for code in (ANSWERED, ABANDONED, BLOCKED))
    entered = ~blocked
    delayed = entered & ((seen.wait > 0) | abandoned)
    found = {
        "p_abandon": lambda: seen.ratio(abandoned, entered),
        "p_abandon_of_all": lambda: seen.ratio(abandoned),
        "p_abandon_of_entered": lambda: seen.ratio(abandoned, entered),
        "p_lost_total": lambda: seen.ratio(abandoned | blocked),
        "p_block": lambda: seen.ratio(blocked),
        "p_wait": lambda: seen.ratio(delayed, entered),
        "mean_wait_all_s": lambda: seen.ratio(seen.wait * entered, entered),
        "mean_wait_answered_s": lambda: seen.ratio(seen.wait * answered, answered),
        "mean_wait_abandoned_s": lambda: seen.ratio(seen.wait * abandoned, abandoned),
        "mean_queue": lambda: seen.in_time(seen.wait * entered),
        "answered_within_20s": lambda: seen.ratio(answered & (seen.wait <= 20), entered),
        "answered_within_60s": lambda: seen.ratio(answered & (seen.wait <= 60), entered),
        "service_level": lambda: seen.ratio(answered & (seen.wait <= 20), entered),
        "p_time_in_queue_within_20s": lambda: seen.ratio(seen.wait <= 20, entered),
    }
    names = expected.keys() & found.keys()
    for name in sorted(names):
        close(found[name](), expected[name], printed=printed)
    if "occupancy" in expected:
        work = seen.in_time(seen.service * answered)
        close((work[0] / agents, work[1] / agents), expected["occupancy"], printed=printed)
    return len(names)


STEADY = [
    case
    for case in (*cases("erlangC"), *cases("erlangA"), *cases("lines_"))
    if case["name"] not in ("erlangC_12345_12421",)
]


@pytest.mark.parametrize(("engine", "calls"), ENGINES)
@pytest.mark.parametrize("case", STEADY, ids=lambda case: case["name"])
def test_a_steady_queue_gives_the_figures_of_theory(case: dict[str, Any], engine: Engine, calls: int) -> None:
    given = settings(case["params"])
    patience = exponential(given["patience"]) if given["patience"] else None
    desk = plain_desk(types=1, teams=1)._replace(lines=int(given["lines"]))
    types = [Callers(given["rate"], exponential(given["handle"]), patience)]
    seen = steady(engine, calls, types, desk, staff=[int(given["agents"])], handle=given["handle"])
    printed = 5e-4 if case["kind"] == "published" else 0.0
    assert check_figures(seen, case["expected"], agents=int(given["agents"]), printed=printed) >= 1


LOSS = [case for case in cases("erlangB") if "p_block" in case["expected"]]


@pytest.mark.parametrize(("engine", "calls"), ENGINES)
@pytest.mark.parametrize("case", LOSS, ids=lambda case: case["name"])
def test_with_as_many_lines_as_agents_callers_are_blocked_as_erlang_b_says(
    case: dict[str, Any], engine: Engine, calls: int
) -> None:
    agents = case["params"]["servers"]
    desk = plain_desk(types=1, teams=1)._replace(lines=agents)
    types = [Callers(case["params"]["offered_erlangs"] / 300, exponential(300))]
    seen = steady(engine, calls, types, desk, staff=[agents], handle=300)
    close(seen.ratio(seen.outcome == BLOCKED), case["expected"]["p_block"], printed=5e-5)


def law_of(table: dict[str, Any]) -> Draw:
    """The patience or service of a case, drawn here with numpy alone."""
    law = table["law"]
    if law == "exponential":
        return exponential(table["mean_s"])
    if law == "deterministic":
        return lambda rng, size: np.full(size, float(table["value_s"]))
    if law == "erlang":
        return lambda rng, size: rng.gamma(table["shape"], table["mean_s"] / table["shape"], size)
    if law == "lognormal":
        sigma = np.sqrt(np.log1p(table["cv"] ** 2))
        return lambda rng, size: rng.lognormal(np.log(table["mean_s"]) - sigma**2 / 2, sigma, size)
    if law.startswith("10%"):
        return lambda rng, size: np.where(rng.random(size) < table["p_zero"], 0, rng.exponential(table["mean_s"], size))
    if law == "mixture of exponentials":
        share, means = table["p"][0], table["means_s"]
    else:
        share, means = table["p"], (table["mean1_s"], table["mean2_s"])
    return lambda rng, size: rng.exponential(np.where(rng.random(size) < share, means[0], means[1]))


@pytest.mark.parametrize(("engine", "calls"), ENGINES)
@pytest.mark.parametrize("case", cases("MMnG_"), ids=lambda case: case["name"])
def test_any_law_of_patience_gives_the_figures_of_theory(case: dict[str, Any], engine: Engine, calls: int) -> None:
    params = case["params"]
    types = [Callers(params["lambda_per_hour"] / 3600, exponential(params["aht_s"]), law_of(params["patience"]))]
    seen = steady(engine, calls, types, plain_desk(types=1, teams=1), staff=[params["agents"]], handle=params["aht_s"])
    assert check_figures(seen, case["expected"], agents=params["agents"]) >= 3


@pytest.mark.parametrize(("engine", "calls"), ENGINES)
@pytest.mark.parametrize("case", cases("MPHn_"), ids=lambda case: case["name"])
def test_handling_that_is_not_exponential_gives_the_figures_of_theory(
    case: dict[str, Any], engine: Engine, calls: int
) -> None:
    params = case["params"]
    patience = exponential(params["patience_mean_s"])
    types = [Callers(params["lambda_per_hour"] / 3600, law_of(params["service"]), patience)]
    seen = steady(engine, calls, types, plain_desk(types=1, teams=1), staff=[params["agents"]], handle=1000)
    assert check_figures(seen, case["expected"], agents=params["agents"]) >= 3


@pytest.mark.parametrize(("engine", "calls"), ENGINES)
@pytest.mark.parametrize("case", cases("priority_"), ids=lambda case: case["name"])
def test_two_priorities_give_the_figures_of_theory(case: dict[str, Any], engine: Engine, calls: int) -> None:
    params, expected = case["params"], case["expected"]
    types = [
        Callers(
            params[f"lambda_{name}_per_hour"] / 3600,
            exponential(params["aht_s"]),
            exponential(params[f"patience_{name}_s"]) if f"patience_{name}_s" in params else None,
        )
        for name in ("high", "low")
    ]
    seen = steady(engine, calls, types, plain_desk(types=2, teams=1), staff=[params["agents"]], handle=params["aht_s"])
    abandoned = seen.outcome == ABANDONED
    close(seen.ratio((seen.wait > 0) | abandoned), expected["p_wait"])
    for number, name in enumerate(("high", "low")):
        mine = seen.kind == number
        close(seen.ratio(seen.wait * mine, mine), expected[f"mean_wait_{name}_s"])
        if f"p_abandon_{name}" in expected:
            close(seen.ratio(abandoned & mine, mine), expected[f"p_abandon_{name}"])


@pytest.mark.parametrize(("engine", "calls"), ENGINES)
@pytest.mark.parametrize("case", cases("callback_"), ids=lambda case: case["name"])
def test_callbacks_when_nobody_waits_give_the_figures_of_theory(
    case: dict[str, Any], engine: Engine, calls: int
) -> None:
    params, expected = case["params"], case["expected"]
    desk = plain_desk(types=1, teams=1)._replace(callback_waiting=np.zeros(1, np.int64))
    types = [
        Callers(params["lambda_per_hour"] / 3600, exponential(params["aht_s"]), exponential(params["patience_mean_s"]))
    ]
    seen = steady(
        engine, calls, types, desk, staff=[params["agents"]], handle=params["aht_s"], callbacks=True,
        choices=lambda rng, shape: np.where(rng.random(shape) < params["p_accept"], TAKES_CALLBACK, 0).astype(np.int16),
    )  # fmt: skip
    close(seen.ratio(seen.outcome == ABANDONED), expected["p_abandon"])
    close(seen.ratio(seen.outcome == CALLBACK), expected["p_callback"])
    close(seen.in_time(seen.wait), expected["mean_live_queue"])
    promised = seen.outcome == CALLBACK
    assert np.isfinite(seen.rung_after[promised]).all()
    close(seen.ratio(np.nan_to_num(seen.rung_after), promised), expected["mean_callback_wait_s"])
    close(seen.in_time(np.nan_to_num(seen.rung_after)), expected["mean_callback_backlog"])


@pytest.mark.parametrize(("engine", "calls"), ENGINES)
@pytest.mark.parametrize("case", cases("redial_"), ids=lambda case: case["name"])
def test_callers_who_ring_again_give_the_figures_of_theory(case: dict[str, Any], engine: Engine, calls: int) -> None:
    params, expected = case["params"], case["expected"]
    attempts = 16  # a share of 0.8 × 0.36 to the sixteenth is left out
    types = [
        Callers(
            params["lambda_primary_per_hour"] / 3600, exponential(params["aht_s"]),
            exponential(params["patience_mean_s"]),
        )
    ]  # fmt: skip
    seen = steady(
        engine, calls, types, plain_desk(types=1, teams=1), staff=[params["agents"]], handle=1000, attempts=attempts,
        redial_delay=params["redial_delay_mean_s"],
        choices=lambda rng, shape: np.where(rng.random(shape) < params["p_redial"], RINGS_AGAIN, 0).astype(np.int16),
    )  # fmt: skip
    abandoned, first = seen.outcome == ABANDONED, seen.attempt == 0
    answered = seen.outcome == ANSWERED
    close(seen.ratio(abandoned), expected["p_abandon_per_attempt"])
    close(seen.ratio(np.ones(len(first)), first), expected["attempts_per_primary"])
    close(seen.ratio(1.0 * first - answered, first), expected["p_primary_never_answered"])
    close(seen.in_time(seen.wait), expected["mean_queue"])


@pytest.mark.parametrize(("engine", "calls"), ENGINES)
@pytest.mark.parametrize("case", cases("overflow_"), ids=lambda case: case["name"])
def test_a_second_team_that_helps_out_gives_the_figures_of_theory(
    case: dict[str, Any], engine: Engine, calls: int
) -> None:
    params, expected = case["params"], case["expected"]
    desk = plain_desk(types=2, teams=2, teams_of=[[0, 1], [1]] * 3, queues_of=[[0], [1, 0]])
    reserve = desk.reserve.copy()
    reserve[0, 1] = params["reserve_idle_B"]
    types = [
        Callers(params[f"lambda_{name}_per_hour"] / 3600, exponential(params["aht_s"]),
                exponential(params["patience_mean_s"]))
        for name in ("A", "B")
    ]  # fmt: skip
    staff = [params["agents_A"], params["agents_B"]]
    seen = steady(engine, calls, types, desk._replace(reserve=reserve), staff=staff, handle=params["aht_s"])
    answered, abandoned = seen.outcome == ANSWERED, seen.outcome == ABANDONED
    for number, name in enumerate(("A", "B")):
        mine, theirs = seen.kind == number, answered & (seen.team == number)
        close(seen.ratio(abandoned & mine, mine), expected[f"p_abandon_{name}"])
        close(seen.in_time(seen.wait * mine), expected[f"mean_queue_{name}"])
        busy, error = seen.in_time(seen.service * theirs)
        close((busy / staff[number], error / staff[number]), expected[f"occupancy_{name}"])
    overflowed = answered & (seen.kind == 0) & (seen.team == 1) & (seen.wait == 0)  # sent over on arrival
    close(seen.ratio(overflowed, seen.kind == 0), expected["p_overflow_A"])


def test_the_lists_of_a_desk_end_with_minus_one() -> None:
    assert lists([[1, 0], []], width=2).tolist() == [[1, 0, -1], [-1, -1, -1]]


def test_every_steady_case_of_the_reference_is_tried() -> None:
    tried = {case["name"] for case in (*STEADY, *LOSS, *cases("MMnG_"), *cases("MPHn_"), *cases("priority_"))}
    tried |= {case["name"] for case in (*cases("callback_"), *cases("redial_"), *cases("overflow_"))}
    left = {name for name in CASES if not name.startswith(("tv_", "contactcenters_", "trace_"))} - tried
    assert left == {  # formulas only: an inverse, logarithms of odds beyond any simulation, 12,345 erlangs
        "erlangB_erlangcom_15lines",
        "erlangB_log_n100_a10000",
        "erlangB_log_n100_a20",
        "erlangB_log_n100_a120",
        "erlangC_12345_12421",
    }
