"""How sure is a share that few or none make up? Coverage on days whose truth is known, and the bounds."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.random import Generator

from kcas.arrays import Floats
from kcas.simulation.estimate import mean_of, ratio_of, share_of
from kcas.simulation.projection import simulate
from kcas.simulation.scenario.file import scenario_of
from tests.unit.simulation.test_projection import STANDARD

Days = tuple[Floats, Floats]
TIMES = 600


def alike(rng: Generator, *, share: float, days: int, calls: int) -> Days:
    """Every call is as likely to be lost as any other."""
    of = rng.poisson(calls, days)
    return rng.binomial(of, share).astype(float), of.astype(float)


def busy_and_quiet(rng: Generator, *, share: float, days: int, calls: int) -> Days:
    """A gamma factor of sd 0.5 multiplies what a day loses, calls unchanged."""
    of = rng.poisson(calls, days)
    factor = rng.gamma(4, 1 / 4, days)
    return rng.binomial(of, np.minimum(share * factor, 1)).astype(float), of.astype(float)


def now_and_then(rng: Generator, *, share: float, days: int, calls: int) -> Days:
    """Bad days lose one call in twenty, other days none; there are as many as make up the share."""
    of = rng.poisson(calls, days)
    bad = rng.random(days) < share * 20
    return rng.binomial(of, np.where(bad, 0.05, 0.0)).astype(float), of.astype(float)


@pytest.mark.parametrize(("days", "calls"), [(20, 60), (50, 200), (200, 1000)])
@pytest.mark.parametrize("share", [0.15, 0.02, 0.002, 0.0005, 0.00002])
@pytest.mark.parametrize("day", [alike, busy_and_quiet, now_and_then])
def test_the_interval_of_a_rare_share_holds_the_truth_as_often_as_it_says(
    day: Callable[..., Days], share: float, days: int, calls: int
) -> None:
    if day is now_and_then and share > 0.02:
        share = 0.03
    rng = np.random.default_rng(8)
    held = {"share": 0, "rest": 0}
    for _ in range(TIMES):
        lost, of = day(rng, share=share, days=days, calls=calls)
        found, rest = share_of(lost, of), share_of(of - lost, of)
        assert found.low is not None
        assert found.high is not None
        assert rest.low is not None
        assert rest.high is not None
        assert 0 <= found.low <= lost.sum() / of.sum() <= found.high <= 1
        held["share"] += found.low <= share <= found.high
        held["rest"] += rest.low <= 1 - share <= rest.high
    assert held["share"] == held["rest"]  # who was lost and who was not are one question
    assert held["share"] / TIMES > 0.92


def test_the_t_interval_that_was_used_before_fails_the_same_trial() -> None:
    rng, held = np.random.default_rng(8), 0
    for _ in range(TIMES):
        found = ratio_of(*alike(rng, share=0.0005, days=20, calls=60))
        held += bool(found.low is not None and found.high is not None and found.low <= 0.0005 <= found.high)
    assert held / TIMES < 0.6


def test_where_nobody_was_lost_on_any_day_the_interval_is_that_of_ten_calls_a_day() -> None:
    """Wilson of 0 in 10 x 20: nought to t² / (200 + t²), t of 19 degrees being 2.093 in the tables."""
    found = share_of(np.zeros(20), np.full(20, 500.0))
    assert (found.mean, found.low) == (0, 0)
    assert found.high == pytest.approx(2.093**2 / (200 + 2.093**2), rel=1e-3)
    few = share_of(np.zeros(20), np.full(20, 2.0))  # no more than there were
    assert few.high == pytest.approx(2.093**2 / (40 + 2.093**2), rel=1e-3)


def test_counts_and_waits_are_never_said_to_be_below_nought() -> None:
    once = np.array([0.0] * 19 + [30.0])
    assert mean_of(once).low == 0
    assert ratio_of(once, np.full(20, 100.0)).low == 0
    assert (mean_of(once - 5).low or 0) < 0  # a difference may be


def test_days_are_simulated_until_the_rate_is_known_as_well_as_asked_also_where_nobody_hangs_up() -> None:
    """Few calls, many agents: to half a point 0 in 10 x days is known from 77 days on, 1.99² / 0.005 - 1.99² / 10."""
    quiet = scenario_of(
        {
            "question": "?",
            "day": {"opens": "09:00", "closes": "17:00"},
            "demand": {"calls_per_day": 40},
            "types": {"public": {"share": "100%", "talk": {"distribution": "exponential", "mean": "1 min"},
                                 "patience": {"distribution": "endless"}}},
            "teams": {"desk": {"agents": 20}},
        },
        where="desk",
    )  # fmt: skip
    run = simulate(quiet, standard=STANDARD, replications=400, engine="compiled", precision=0.005)
    assert run.measure("rate").mean == 0
    assert 77 <= run.replications < 400
    assert run.measure("rate").reach == pytest.approx(0.005, rel=0.5)
