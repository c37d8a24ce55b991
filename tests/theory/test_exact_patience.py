"""Any law of patience against reference integrals, the exponential chain, and laws that must hold."""

import math
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad

from kcas.distributions import distribution, laws, measured
from kcas.distributions.distribution import Distribution
from kcas.errors import SettingError
from kcas.queueing.general_patience import steady_with
from kcas.queueing.steady_state import steady
from tests.theory.reference import cases
from tests.theory.test_exact import compare, meets


def law_of(table: dict[str, Any]) -> Distribution:
    match table["law"]:
        case "mixture of exponentials":
            parts = zip(table["p"], table["means_s"], strict=True)
            return distribution.Mixture([(share, laws.Exponential(mean)) for share, mean in parts])
        case "deterministic":
            return distribution.Fixed(table["value_s"])
        case "exponential":
            return laws.Exponential(table["mean_s"])
        case "erlang":
            return laws.Gamma(table["shape"], table["mean_s"])
        case "lognormal":
            sigma = math.sqrt(math.log1p(table["cv"] ** 2))
            return laws.Lognormal(table["mean_s"] * math.exp(-(sigma**2) / 2), sigma)
    assert table["law"] == "10% leave at once if not answered, else exponential"
    return distribution.Mixture([(1 - table["p_zero"], laws.Exponential(table["mean_s"]))])


@pytest.mark.parametrize("case", cases("MMnG"), ids=lambda c: c["name"])
def test_any_law_of_patience_gives_the_reference_figures(case: dict[str, Any]) -> None:
    params = case["params"]
    desk = {"handle": params["aht_s"], "agents": params["agents"], "patience": law_of(params["patience"])}
    compare(steady_with(params["lambda_per_hour"] / 3600, **desk), case)
    found = steady_with(params["lambda_per_hour"] / 3600, **desk, within=60).answered_within
    assert meets(found, case["expected"]["answered_within_60s"], case["tolerance"])


@pytest.mark.parametrize(
    ("arrivals", "handle", "agents", "patience"),
    [(1020, 1, 1000, 2), (12345, 1, 12421, 100), (13000, 1, 12421, 0.3), (0.0001, 300, 3, 180), (0.02, 300, 8, 1e6)],
)
def test_exponential_patience_by_integrals_equals_the_chain(
    arrivals: float, handle: float, agents: int, patience: float
) -> None:
    integrals = steady_with(arrivals, handle=handle, agents=agents, patience=laws.Exponential(patience), within=1)
    chain = steady(arrivals, handle=handle, agents=agents, patience=patience, within=1)
    for figure in ("p_wait", "p_abandon", "mean_wait_all", "mean_wait_answered", "mean_wait_abandoned", "occupancy"):
        assert getattr(integrals, figure) == pytest.approx(getattr(chain, figure), rel=1e-9), figure
    assert integrals.answered_within == pytest.approx(chain.answered_within, rel=1e-9)


def test_endless_patience_is_erlang_c_and_too_little_staff_is_refused() -> None:
    found = steady_with(0.03, handle=300, agents=12, patience=distribution.Endless())
    assert found.mean_wait_all == pytest.approx(steady(0.03, handle=300, agents=12).mean_wait_all, rel=1e-12)
    with pytest.raises(SettingError, match="never hang up"):
        steady_with(0.05, handle=300, agents=12, patience=distribution.Endless())


@pytest.mark.parametrize(
    "law",
    [
        laws.Weibull(0.5, 100),
        laws.Weibull(2, 100),
        laws.Weibull(200, 40),
        laws.Weibull(1000, 200),
        laws.Gamma(900, 40),
        laws.Lognormal(40, 0.01),
        laws.LogLogistic(40, 200),
        laws.LogLogistic(33, 1000),
        laws.Gamma(2.5, 180),
        laws.Lognormal(100, 1.3),
        laws.LogLogistic(80, 0.9),
        distribution.Uniform(30, 90),
        distribution.Fixed(45),
        measured.Empirical([10, 20, 50], [0.9, 0.5, 0.2]),
        measured.Empirical([10, 20, 50], [0.9, 0.5, 0.2], tail=30),
        distribution.Mixture([(0.5, distribution.Fixed(45)), (0.3, laws.Exponential(20))]),
    ],
)
def test_the_mean_of_cut_off_patience_is_the_area_under_who_remains(law: Distribution) -> None:
    for end in (5.0, 33.0, 47.0, 200.0):
        cuts = [kink for kink in law.kinks if kink < end]
        area, _ = quad(lambda x: float(law.survival(np.array([x]))[0]), 0, end, points=cuts or None, limit=300)
        assert float(law.restricted_mean(np.array([end]))[0]) == pytest.approx(area, rel=1e-8)


def naive(arrivals: float, *, handle: float, agents: int, shape: float, scale: float) -> tuple[float, float, float]:
    """Waits, hangs up, mean wait: Weibull patience, every integral a sum over thin slices.

    Slices are even in the cube root of time, so that they are thin at nought, where a shape below one falls like
    a cliff; patience cut off is itself summed up from who remains.
    """
    root = np.linspace(0, 1, 400_001)
    longest = 80 * handle / agents + 20 * scale * (100 if shape < 1 else 1)
    x = longest * root**3
    slope = 3 * longest * root**2
    remains = np.exp(-((x / scale) ** shape))

    def sums(y: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
        return np.concatenate(([0.0], np.cumsum((y[1:] * slope[1:] + y[:-1] * slope[:-1]) / 2 * root[1])))

    exponent = arrivals * sums(remains) - agents * x / handle
    density = np.exp(exponent - exponent.max())
    load = arrivals * handle
    logs = np.array([k * math.log(load) - math.lgamma(k + 1) for k in range(agents)])
    free = float(np.exp(logs - logs[-1] - exponent.max()).sum()) / arrivals
    every = free + sums(density)[-1]
    until = sums(remains)
    return sums(density)[-1] / every, sums(density * (1 - remains))[-1] / every, sums(density * until)[-1] / every


@pytest.mark.parametrize("shape", [0.5, 0.8, 1, 2, 5, 20, 60, 200])
@pytest.mark.parametrize(("agents", "load"), [(12, 4), (12, 11), (12, 14), (12, 60), (100, 95), (100, 300)])
def test_however_steep_patience_is_the_figures_are_those_of_a_naive_sum(shape: float, agents: int, load: float) -> None:
    desk = {"handle": 300.0, "agents": agents}
    found = steady_with(load / 300, **desk, patience=laws.Weibull(shape, 300))
    waits, hangs_up, mean_wait = naive(load / 300, **desk, shape=shape, scale=300)
    assert found.p_wait == pytest.approx(waits, rel=1e-6)
    assert found.p_abandon == pytest.approx(hangs_up, rel=1e-6)
    assert found.mean_wait_all == pytest.approx(mean_wait, rel=1e-6)
    assert found.occupancy <= 1 + 1e-12


@pytest.mark.parametrize("load", [4, 11, 14, 60, 600])
def test_a_patience_almost_the_same_for_all_comes_close_to_one_that_is(load: float) -> None:
    """M/M/n+D in closed form: a rising or falling exponential up to the patience, and a falling one beyond it."""
    agents, handle, patience = 12, 300.0, 300.0
    arrivals, finishing = load / handle, agents / handle
    gain = arrivals - finishing
    free = sum(math.exp((k - agents + 1) * math.log(load) + math.lgamma(agents) - math.lgamma(k + 1))
               for k in range(agents)) / arrivals  # fmt: skip
    before, beyond = math.expm1(gain * patience) / gain, math.exp(gain * patience) / finishing
    hangs_up = beyond / (free + before + beyond)
    exactly = steady_with(arrivals, handle=handle, agents=agents, patience=distribution.Fixed(patience))
    assert exactly.p_abandon == pytest.approx(hangs_up, rel=1e-9)
    law = laws.Weibull(1e4, patience)
    almost = steady_with(arrivals, handle=handle, agents=agents, patience=law)
    assert almost.p_abandon == pytest.approx(hangs_up, rel=2e-3)
    assert almost.occupancy <= 1 + 1e-12


def test_a_curve_of_many_steps_comes_close_to_the_law_it_was_taken_from() -> None:
    times = np.arange(0.5, 1500, 0.5)
    curve = measured.Empirical(times.tolist(), np.exp(-times / 180).tolist(), tail=180)
    found = steady_with(115 / 3600, handle=300, agents=12, patience=curve)
    theory = steady(115 / 3600, handle=300, agents=12, patience=180)
    assert found.p_abandon == pytest.approx(theory.p_abandon, rel=1e-5)


def test_the_shape_of_patience_alone_moves_hang_ups_from_under_two_to_nearly_seven_per_cent() -> None:
    by_law = {c["name"]: c for c in cases("MMnG_n12_l115")}
    rates = {
        name: steady_with(115 / 3600, handle=300, agents=12, patience=law_of(case["params"]["patience"])).p_abandon
        for name, case in by_law.items()
    }
    assert round(rates["MMnG_n12_l115_det180"], 3) == 0.019
    assert round(rates["MMnG_n12_l115_hyper"], 3) == 0.069


def test_shares_beyond_one_and_curves_that_rise_are_refused() -> None:
    with pytest.raises(SettingError, match=r"add up to 1\.2"):
        distribution.Mixture([(0.7, distribution.Fixed(3)), (0.5, distribution.Fixed(9))])
    with pytest.raises(SettingError, match="patience curve"):
        measured.Empirical([10, 5], [0.9, 0.5])
