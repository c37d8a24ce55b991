"""Any law of patience against reference integrals, the exponential chain, and laws that must hold."""

import math
from typing import Any

import numpy as np
import pytest
from scipy.integrate import quad

from kcas.distributions import survival
from kcas.distributions.survival import Patience
from kcas.errors import SettingError
from kcas.queueing.general_patience import steady_with
from kcas.queueing.steady_state import steady
from tests.theory.reference import cases
from tests.theory.test_exact import compare, meets


def law_of(table: dict[str, Any]) -> Patience:
    match table["law"]:
        case "mixture of exponentials":
            parts = zip(table["p"], table["means_s"], strict=True)
            return survival.mixture([(share, survival.exponential(mean)) for share, mean in parts])
        case "deterministic":
            return survival.fixed(table["value_s"])
        case "exponential":
            return survival.exponential(table["mean_s"])
        case "erlang":
            return survival.gamma_law(shape=table["shape"], mean=table["mean_s"])
        case "lognormal":
            sigma = math.sqrt(math.log1p(table["cv"] ** 2))
            return survival.lognormal(median=table["mean_s"] * math.exp(-(sigma**2) / 2), sigma=sigma)
    assert table["law"] == "10% leave at once if not answered, else exponential"
    return survival.mixture([(1 - table["p_zero"], survival.exponential(table["mean_s"]))])


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
    integrals = steady_with(arrivals, handle=handle, agents=agents, patience=survival.exponential(patience), within=1)
    chain = steady(arrivals, handle=handle, agents=agents, patience=patience, within=1)
    for figure in ("p_wait", "p_abandon", "mean_wait_all", "mean_wait_answered", "mean_wait_abandoned", "occupancy"):
        assert getattr(integrals, figure) == pytest.approx(getattr(chain, figure), rel=1e-9), figure
    assert integrals.answered_within == pytest.approx(chain.answered_within, rel=1e-9)


def test_endless_patience_is_erlang_c_and_too_little_staff_is_refused() -> None:
    found = steady_with(0.03, handle=300, agents=12, patience=survival.endless())
    assert found.mean_wait_all == pytest.approx(steady(0.03, handle=300, agents=12).mean_wait_all, rel=1e-12)
    with pytest.raises(SettingError, match="never hang up"):
        steady_with(0.05, handle=300, agents=12, patience=survival.endless())


@pytest.mark.parametrize(
    "law",
    [
        survival.weibull(shape=0.5, scale=100),
        survival.weibull(shape=2, scale=100),
        survival.weibull(shape=200, scale=40),
        survival.weibull(shape=1000, scale=200),
        survival.gamma_law(shape=900, mean=40),
        survival.lognormal(median=40, sigma=0.01),
        survival.log_logistic(median=40, shape=200),
        survival.log_logistic(median=33, shape=1000),
        survival.gamma_law(shape=2.5, mean=180),
        survival.lognormal(median=100, sigma=1.3),
        survival.log_logistic(median=80, shape=0.9),
        survival.uniform(30, 90),
        survival.fixed(45),
        survival.empirical([10, 20, 50], [0.9, 0.5, 0.2]),
        survival.empirical([10, 20, 50], [0.9, 0.5, 0.2], tail=30),
        survival.mixture([(0.5, survival.fixed(45)), (0.3, survival.exponential(20))]),
    ],
)
def test_the_mean_of_cut_off_patience_is_the_area_under_who_remains(law: Patience) -> None:
    for end in (5.0, 33.0, 47.0, 200.0):
        cuts = [kink for kink in law.kinks if kink < end]
        area, _ = quad(lambda x: float(law.remaining(np.array([x]))[0]), 0, end, points=cuts or None, limit=300)
        assert float(law.until(np.array([end]))[0]) == pytest.approx(area, rel=1e-8)


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
    found = steady_with(load / 300, **desk, patience=survival.weibull(shape=shape, scale=300))
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
    exactly = steady_with(arrivals, handle=handle, agents=agents, patience=survival.fixed(patience))
    assert exactly.p_abandon == pytest.approx(hangs_up, rel=1e-9)
    law = survival.weibull(shape=1e4, scale=patience)
    almost = steady_with(arrivals, handle=handle, agents=agents, patience=law)
    assert almost.p_abandon == pytest.approx(hangs_up, rel=2e-3)
    assert almost.occupancy <= 1 + 1e-12


def test_a_curve_of_many_steps_comes_close_to_the_law_it_was_taken_from() -> None:
    times = np.arange(0.5, 1500, 0.5)
    curve = survival.empirical(times.tolist(), np.exp(-times / 180).tolist(), tail=180)
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
        survival.mixture([(0.7, survival.fixed(3)), (0.5, survival.fixed(9))])
    with pytest.raises(SettingError, match="patience curve"):
        survival.empirical([10, 5], [0.9, 0.5])
