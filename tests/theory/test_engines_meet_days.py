"""Do both engines give whole days whose arrivals and staff change, interval by interval, and published simulations?"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from kcas.arrays import Whole
from kcas.simulation.engines import compiled_engine, simpy_engine
from kcas.simulation.engines.tables import (
    ABANDONED,
    ANSWERED,
    BLOCKED,
    CUT_OFF,
    FAILED,
    NEVER,
    RINGS_AGAIN,
    RINGS_AGAIN_ENGAGED,
    STAY,
    VOICEMAIL,
    Desk,
    Rows,
    Workload,
    lists,
    plain_desk,
)
from tests.theory.reference import CASES, cases
from tests.theory.steady_days import ms

Engine = Callable[[Desk, Workload], Rows]
ENGINES = [
    pytest.param(compiled_engine.run, 0.25, id="compiled"),
    pytest.param(simpy_engine.run, 0.08, id="simpy", marks=pytest.mark.slow),
]


def days_of(
    rates: NDArray[np.float64],
    staff: list[list[int]],
    *,
    interval: float,
    days: int,
    service: Callable[[np.random.Generator, Whole], NDArray[np.float64]],
    patience: Callable[[np.random.Generator, Whole], NDArray[np.float64]],
    busyness: float | None = None,
    **more: Any,
) -> Workload:
    """Days of calls by type (row of `rates`, calls a second) and interval, with staff by team and interval."""
    rng = np.random.default_rng(20_100_401)
    intervals = rates.shape[1]
    factor = rng.gamma(busyness, 1 / busyness, days) if busyness else np.ones(days)
    counts = rng.poisson(rates[None] * interval * factor[:, None, None])
    day, kind, slot = (np.repeat(index.ravel(), counts.ravel()) for index in np.indices(counts.shape))
    arrival = (slot + rng.random(len(slot))) * interval * 1000
    order = np.lexsort((arrival, day))
    kind = kind[order]
    changes = len(staff) * intervals
    at = np.tile(np.repeat(np.arange(intervals), len(staff)), days) * interval * 1000
    none = np.empty(0, np.int64)
    load = Workload(
        first=np.concatenate([[0], np.cumsum(counts.sum(axis=(1, 2)))]).astype(np.int64),
        arrival=arrival[order].astype(np.int64),
        call_type=kind,
        talk=ms(service(rng, kind)),
        wrap=np.zeros(len(kind), np.int64),
        menu=none,
        attempts=1,
        patience=ms(patience(rng, kind)),
        choices=none.astype(np.int16),
        redial_delay=none,
        team_die=none,
        reached_on=none,
        staff_first=np.arange(days + 1, dtype=np.int64) * changes,
        staff_at=at.astype(np.int64),
        staff_team=np.tile(np.arange(len(staff), dtype=np.int64), days * intervals),
        staff_agents=np.tile(np.array(staff, np.int64).T.ravel(), days),
    )
    return load._replace(**more)


def exponentially(*means: float) -> Callable[[np.random.Generator, Whole], NDArray[np.float64]]:
    return lambda rng, kind: rng.exponential(np.array(means)[kind])


def per_day(load: Workload, mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """How many of the rows there are on each day."""
    call = np.flatnonzero(mask) % len(load.arrival)
    return np.bincount(np.searchsorted(load.first, call, side="right") - 1, minlength=len(load.first) - 1).astype(float)


def near(days: NDArray[np.float64], expected: float, *, spread: float = 0.0, slack: float = 0.0) -> None:
    """Within four standard errors: ours, and the source's own where it is a simulation."""
    error = math.hypot(days.std(ddof=1) / math.sqrt(len(days)), spread)
    assert abs(days.mean() - expected) <= 4 * error + slack, f"{days.mean()} ± {error}, expected {expected}"


@pytest.mark.parametrize(("engine", "part"), ENGINES)
@pytest.mark.parametrize("case", [c for c in cases("tv_") if "sinusoid" not in c["name"]], ids=lambda c: c["name"])
def test_a_day_gives_the_reference_counts_interval_by_interval(
    case: dict[str, Any], engine: Engine, part: float
) -> None:
    params, expected = case["params"], case["expected"]
    at_once, mean = params.get("p_balk", 0.0), params["patience_mean_s"]
    load = days_of(
        np.array([params["rates_per_hour"]]) / 3600,
        [params["agents"]],
        interval=params["interval_s"],
        days=int(2000 * part),
        service=exponentially(params["aht_s"]),
        patience=lambda rng, kind: np.where(rng.random(len(kind)) < at_once, 0, rng.exponential(mean, len(kind))),
        busyness=params.get("busyness_gamma_shape"),
    )
    rows = engine(plain_desk(types=1, teams=1), load)
    gone, answered = rows.outcome == ABANDONED, rows.outcome == ANSWERED
    near(per_day(load, gone), expected["abandoned_total"])
    slot = rows.left // int(params["interval_s"] * 1000)  # counted when it happens, as the source does
    last = len(expected["abandoned_by_interval"]) - 1
    for name, mask in (("abandoned_by_interval", gone), ("answered_by_interval", answered)):
        for number, value in enumerate(expected.get(name) or []):
            here = slot >= number if number == last else slot == number
            near(per_day(load, mask & here), value, slack=5 / len(load.first))
    waits = np.bincount(
        np.repeat(np.arange(len(load.first) - 1), np.diff(load.first)), weights=rows.left - rows.arrived
    )
    near(waits / 1000 / expected["arrivals_total"], expected["mean_wait_all_s"])


@pytest.mark.parametrize(("engine", "part"), ENGINES)
def test_the_published_call_centre_with_busy_days_is_given_back(engine: Engine, part: float) -> None:
    params, expected = CASES["contactcenters_CallCC"]["params"], CASES["contactcenters_CallCC"]["expected"]
    load = days_of(
        np.array([params["rates_per_hour"]]) / 3600,
        [params["agents"]],
        interval=3600,
        days=int(3000 * part),
        service=exponentially(params["aht_s"]),
        patience=lambda rng, kind: np.where(rng.random(len(kind)) < 0.1, 0, rng.exponential(1000, len(kind))),
        busyness=params["busyness_gamma_shape"],
    )
    rows = engine(plain_desk(types=1, teams=1), load)
    near(per_day(load, rows.outcome == ABANDONED) / params["expected_calls"], expected["p_abandon"])


@pytest.mark.parametrize(("engine", "part"), ENGINES)
@pytest.mark.parametrize(
    ("name", "outcome", "figure", "lines", "patience"),
    [("contactcenters_MMCAb", ABANDONED, "abandoned_per_day", NEVER, 60.0),
     ("contactcenters_MMCBlocked", BLOCKED, "blocked_per_day", 17, math.inf)],
)  # fmt: skip
def test_the_published_eight_hours_are_given_back(
    name: str, outcome: int, figure: str, lines: int, patience: float, engine: Engine, part: float
) -> None:
    load = days_of(
        np.full((1, 1), 4.2 / 60), [[12]], interval=8 * 3600, days=int(1000 * part), service=exponentially(120),
        patience=lambda rng, kind: rng.exponential(1, len(kind)) * patience,
    )  # fmt: skip
    rows = engine(plain_desk(types=1, teams=1)._replace(lines=lines), load)
    near(per_day(load, rows.outcome == outcome), CASES[name]["expected"][figure])


def spread_of(expected: dict[str, Any], name: str) -> float:
    """The standard error of a published mean, from its 95 % interval."""
    low, high = expected[f"{name}_ci95"]
    return float((high - low) / 2 / 1.96)


@pytest.mark.parametrize(("engine", "part"), ENGINES)
def test_the_published_telethon_is_given_back(engine: Engine, part: float) -> None:
    """Five evenings make its week; after two minutes a caller leaves a message; at close the queue is cut off."""
    expected = CASES["contactcenters_Telethon"]["expected"]
    load = days_of(
        np.full((1, 1), 50 / 3600), [[12]], interval=4 * 3600, days=5 * int(2000 * part), service=exponentially(600),
        patience=exponentially(120),
    )  # fmt: skip
    desk = plain_desk(types=1, teams=1)._replace(
        lines=24,
        longest_wait=np.array([120_000]),
        longest_wait_as=np.array([VOICEMAIL]),
        close=4 * 3_600_000,
        at_close=CUT_OFF,
    )
    rows = engine(desk, load)
    counted = {"served": ANSWERED, "abandoned": ABANDONED, "messages": VOICEMAIL, "disconnected": FAILED}
    for name, outcome in counted.items():
        week = per_day(load, rows.outcome == outcome).reshape(-1, 5).sum(axis=1)
        near(week, expected[name], spread=spread_of(expected, name))


@pytest.mark.parametrize(("engine", "part"), ENGINES)
def test_the_published_desk_of_two_languages_is_given_back(engine: Engine, part: float) -> None:
    """Callers keep their patience and their call when they ring again after twenty minutes."""
    params, expected = CASES["contactcenters_Bilingual"]["params"], CASES["contactcenters_Bilingual"]["expected"]
    attempts, hours = 6, 9
    rates = np.full((2, hours), 50 / 3600)
    rates[:, 0] = 100 / 3600
    load = days_of(
        rates, [[7] * hours, [7] * hours, [4] * hours], interval=3600, days=5 * int(1000 * part),
        service=lambda rng, kind: rng.uniform(np.where(kind == 0, 180, 240), np.where(kind == 0, 420, 360)),
        patience=exponentially(120, 120),
    )  # fmt: skip
    rng = np.random.default_rng(7)
    size = len(load.arrival)
    again = np.where(rng.random(size) < params["redial_probability"], RINGS_AGAIN | RINGS_AGAIN_ENGAGED, 0)
    load = load._replace(
        attempts=attempts,
        patience=np.tile(load.patience, attempts),
        choices=np.tile(again, attempts).astype(np.int16),
        redial_delay=np.full(attempts * size, 20 * 60_000, np.int64),
        team_die=rng.integers(0, 2**31, attempts * size),
    )
    desk = plain_desk(types=2, teams=3, teams_of=[[0, 2], [1, 2]] * 3, queues_of=[[0], [1], [0, 1]])._replace(
        lines=40, by_chance=1, close=9 * 3_600_000, at_close=CUT_OFF,
        level_of=lists([[0], [0], [0, 0]], width=6),
    )  # fmt: skip
    rows = engine(desk, load)
    week = {
        name: per_day(load, mask).reshape(-1, 5).sum(axis=1)
        for name, mask in {"served": rows.outcome == ANSWERED, "abandoned": rows.outcome == ABANDONED}.items()
    }
    for name, weeks in week.items():
        near(weeks, expected[name], spread=spread_of(expected, name))


@pytest.mark.parametrize(("engine", "part"), ENGINES)
def test_the_published_desk_of_three_types_and_two_teams_is_given_back(engine: Engine, part: float) -> None:
    params, expected = CASES["contactcenters_SimpleMSK"]["params"], CASES["contactcenters_SimpleMSK"]["expected"]
    load = days_of(
        np.array(params["lambda_per_min"]) / 60, params["agents"], interval=7200, days=int(2000 * part),
        service=exponentially(*(60 / mu for mu in params["mu_per_min"])),
        patience=exponentially(*(60 / rate for rate in params["patience_rate_per_min"])),
        busyness=params["busyness_gamma_shape"],
    )  # fmt: skip
    desk = plain_desk(types=3, teams=2, teams_of=[[0], [0, 1], [1]] * 3, queues_of=[[0, 1], [1, 2]])._replace(
        level_of=lists([[0, 0], [0, 0]], width=9), close=6 * 3_600_000, at_close=STAY
    )
    rows = engine(desk, load)
    for name, outcome in {"served": ANSWERED, "abandoned": ABANDONED}.items():
        near(per_day(load, rows.outcome == outcome), expected[name], spread=spread_of(expected, name))
