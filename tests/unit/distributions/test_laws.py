"""Each law against scipy's distribution of the same name, and the table it writes read back as itself."""

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from kcas.distributions.distribution import Distribution, Endless, Fixed, Impatient, Mixture, Uniform
from kcas.distributions.law_table import read_law, read_patience, seconds_text
from kcas.distributions.laws import Exponential, Gamma, LogLogistic, Lognormal, Weibull
from kcas.distributions.measured import Empirical, PiecewiseExponential
from kcas.errors import SettingError

AT = np.array([1.0, 20.0, 45.0, 100.0, 700.0])
SCIPY: list[tuple[Distribution, Any]] = [
    (Exponential(180.5), stats.expon(scale=180.5)),
    (Weibull(0.7, 140.0), stats.weibull_min(0.7, scale=140.0)),
    (Weibull(2.5, 60.0), stats.weibull_min(2.5, scale=60.0)),
    (Lognormal(90.0, 1.3), stats.lognorm(1.3, scale=90.0)),
    (Gamma(2.5, 180.0), stats.gamma(2.5, scale=72.0)),
    (LogLogistic(95.5, 1.6), stats.fisk(1.6, scale=95.5)),
    (Uniform(30.0, 90.0), stats.uniform(30.0, 60.0)),
]
MEASURED: list[Distribution] = [
    Empirical([10.0, 20.0, 50.0], [0.9, 0.5, 0.2], 30.0),
    PiecewiseExponential(np.array([0.0, 10.0, 60.0]), np.array([0.004, 0.02, 0.005])),
    Mixture([(0.25, Exponential(30.0)), (0.75, Weibull(1.5, 200.0))]),
    Impatient(0.1, Exponential(120.0)),
]


@pytest.mark.parametrize(("law", "other"), SCIPY, ids=lambda each: getattr(each, "name", ""))
def test_a_law_is_scipys_of_the_same_name(law: Distribution, other: Any) -> None:
    assert law.survival(AT) == pytest.approx(other.sf(AT), rel=1e-9, abs=1e-300)
    assert law.density(AT) == pytest.approx(other.pdf(AT), rel=1e-9, abs=1e-300)
    assert law.mean == pytest.approx(other.mean(), rel=1e-9)
    for share in (0.05, 0.5, 0.9):
        assert law.quantile(share) == pytest.approx(other.ppf(share), rel=1e-7)


@pytest.mark.parametrize("law", [law for law, _ in SCIPY] + MEASURED, ids=lambda law: law.name)
def test_the_mean_of_many_draws_and_the_slope_of_survival_agree_with_the_formulas(law: Distribution) -> None:
    draws = law.draw(np.random.default_rng(11), 60_000)
    for wait in AT:
        share = float(law.survival(np.array([wait]))[0])
        give = 4.5 * math.sqrt(max(share * (1 - share), 1e-5) / draws.size)
        assert float((draws > wait).mean()) == pytest.approx(share, abs=give), wait
        cut = np.minimum(draws, wait)
        mean = float(law.restricted_mean(np.array([wait]))[0])
        assert float(cut.mean()) == pytest.approx(mean, abs=4.5 * float(cut.std()) / math.sqrt(draws.size) + 1e-4), wait
    step = 1e-4
    inside = np.array([13.0, 47.0, 130.0])
    slope = (law.survival(inside - step) - law.survival(inside + step)) / (2 * step)
    assert law.density(inside) == pytest.approx(slope, rel=1e-4, abs=1e-12)


@pytest.mark.parametrize(
    "law", [*(law for law, _ in SCIPY), *MEASURED, Fixed(45.0), Endless()], ids=lambda law: law.name
)
def test_the_table_of_a_law_is_read_back_as_the_law_by_scenarios_and_by_commands(law: Distribution) -> None:
    table = law.table(time=seconds_text)
    for found in (read_law(table, "patience").distribution, read_patience(table, where="patience")):
        assert found.survival(AT) == pytest.approx(law.survival(AT), rel=1e-6)
        assert found.mean == pytest.approx(law.mean, rel=1e-6)


def test_quantiles_of_laws_without_an_end_and_of_shares_at_once() -> None:
    assert Endless().quantile(0.1) == math.inf
    assert Empirical([10.0], [0.6]).quantile(0.5) == math.inf
    assert Impatient(0.2, Exponential(60.0)).quantile(0.1) == 0.0
    assert Impatient(0.2, Exponential(60.0)).quantile(0.6) == pytest.approx(60.0 * math.log(2))
    assert Fixed(45.0).quantile(0.5) == pytest.approx(45.0, abs=1e-6)
    with pytest.raises(SettingError, match="expected a share"):
        Fixed(45.0).quantile(1.0)


def test_a_table_names_its_distribution_by_the_key_of_before_too() -> None:
    table = {"distribution": "lognormal", "mean": "7 min", "cv": 0.8, "hang_up_at_once": "10%"}
    named = read_law(table, "talk")
    assert named == read_law({"law": table.pop("distribution"), **table}, "talk")
    assert named.mean == pytest.approx(0.9 * 420)
