"""Every law that `kcas patience` fits, as it is printed: drawn, in formulas and on both engines, against scipy."""

import json
import math
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

from kcas.api.observed import distribution as printed
from kcas.calls.patience import fitted_law
from kcas.distributions.fitting import Waits
from kcas.distributions.law_table import read_law, read_patience
from kcas.errors import KcasError
from tests.theory.reference import cases
from tests.theory.test_exact import meets
from tests.unit.cli.conftest import Run

BINS = ((0.0, 0.004), (10.0, 0.0), (30.0, 0.02), (60.0, 0.005))
FIT = {"log_likelihood": -1.5, "aic": 7.0}


def piecewise(x: float) -> float:
    """The share still waiting, by summing the hazard second by second of each bin."""
    ends = [start for start, _ in BINS[1:]] + [math.inf]
    return math.exp(-sum(pace * max(min(x, end) - start, 0) for (start, pace), end in zip(BINS, ends, strict=True)))


PRINTED: dict[str, tuple[dict[str, Any], Callable[[float], float]]] = {
    "exponential": ({"mean": 180.5}, stats.expon(scale=180.5).sf),
    "weibull": ({"shape": 0.7, "scale": 140.25}, stats.weibull_min(0.7, scale=140.25).sf),
    "lognormal": ({"mu": 4.6, "sigma": 1.3}, stats.lognorm(1.3, scale=math.exp(4.6)).sf),
    "loglogistic": ({"shape": 1.6, "scale": 95.5}, stats.fisk(1.6, scale=95.5).sf),
    "empirical hazard": ({f"from {start:g} s": pace for start, pace in BINS}, piecewise),
}


def as_printed(law: str) -> dict[str, Any]:
    return {"law": law, "parameters": PRINTED[law][0], **FIT}


@pytest.mark.parametrize("law", PRINTED)
def test_a_fitted_law_drawn_is_the_law_it_names(law: str) -> None:
    draws = read_law(as_printed(law), "patience").draw(np.random.default_rng(3), 40_000)
    for wait in (5.0, 20.0, 45.0, 120.0, 600.0):
        share = PRINTED[law][1](wait)
        assert (draws > wait).mean() == pytest.approx(share, abs=4 * math.sqrt(share * (1 - share) / 40_000)), wait


@pytest.mark.parametrize("law", PRINTED)
def test_a_fitted_law_in_formulas_has_the_survival_and_the_restricted_mean_of_its_name(law: str) -> None:
    found = read_patience(as_printed(law), where="patience")
    for wait in (0.0, 5.0, 10.0, 20.0, 45.0, 120.0, 900.0):
        assert float(found.survival(np.array([wait]))[0]) == pytest.approx(PRINTED[law][1](wait), rel=1e-9), wait
        edges = [edge for edge in (10.0, 30.0, 60.0) if edge < wait]
        mean = quad(PRINTED[law][1], 0, wait, points=edges or None, limit=200)[0]
        assert float(found.restricted_mean(np.array([wait]))[0]) == pytest.approx(mean, rel=1e-7, abs=1e-12), wait


@pytest.mark.parametrize("law", PRINTED)
def test_the_mean_of_a_fitted_law_is_that_of_its_name(law: str) -> None:
    mean = quad(PRINTED[law][1], 0, 60)[0] + quad(PRINTED[law][1], 60, np.inf, limit=500)[0]
    assert read_law(as_printed(law), "patience").mean == pytest.approx(mean, rel=1e-4)


def test_a_flat_last_hazard_leaves_callers_who_never_hang_up() -> None:
    table = {"law": "empirical hazard", "parameters": {"from 0 s": 0.01, "from 20 s": 0.0}}
    law = read_law(table, "patience")
    draws = law.draw(np.random.default_rng(1), 20_000)
    assert law.mean == math.inf
    assert np.isinf(draws).mean() == pytest.approx(math.exp(-0.2), abs=0.01)
    assert draws[np.isfinite(draws)].max() <= 20


@pytest.mark.parametrize("case", [c for c in cases("MMnG") if c["params"]["patience"]["law"] == "lognormal"])
def test_a_pasted_lognormal_meets_the_reference_queue(kcas: Run, case: dict[str, Any]) -> None:
    params, patience = case["params"], case["params"]["patience"]
    sigma = math.sqrt(math.log1p(patience["cv"] ** 2))
    mu = math.log(patience["mean_s"]) - sigma**2 / 2
    law = json.dumps({"law": "lognormal", "parameters": {"mu": mu, "sigma": sigma}, **FIT})
    code, out, err = kcas(
        "exact", "erlang-a", "--arrivals-per-hour", str(params["lambda_per_hour"]), "--handle", str(params["aht_s"]),
        "--agents", str(params["agents"]), "--patience-law", law, "--json",
    )  # fmt: skip
    assert code == 0, err
    assert meets(json.loads(out)["p_abandon"], case["expected"]["p_abandon"], case["tolerance"])


DESK = """question = "What then?"
[day]
opens = "09:00"
closes = "17:00"
[demand]
calls_per_day = 400
[types.public]
share = "100%"
teams = ["duty"]
talk = {{ distribution = "exponential", mean = "5 min" }}
patience = {patience}
[teams.duty]
agents = 4
"""


@pytest.mark.parametrize("law", PRINTED)
def test_every_printed_fit_runs_as_a_scenario_on_both_engines_alike(kcas: Run, tmp_path: Path, law: str) -> None:
    made = {}
    parameters = ", ".join(f'"{key}" = {value}' for key, value in PRINTED[law][0].items())
    pasted = f'{{ law = "{law}", parameters = {{ {parameters} }}, log_likelihood = -1.5, aic = 7.0 }}'
    file = tmp_path / "desk.toml"
    file.write_text(DESK.format(patience=pasted), encoding="utf-8")
    for engine in ("compiled", "simpy"):
        code, out, err = kcas("simulate", str(file), "--replications", "4", "--engine", engine, "--json")
        assert code == 0, err
        made[engine] = json.loads(out)["total"]
    assert made["compiled"] == made["simpy"]
    assert made["compiled"]["abandoned"]["mean"] > 0
    code, out, err = kcas("exact", "day", str(file), "--json")
    assert code == 0, err


def waits() -> Waits:
    """Waits by a known law, cut short at 200 s."""
    patience = np.random.default_rng(7).weibull(0.8, 2000) * 150
    at = np.round(np.minimum(patience, 200), 0)
    counts = np.unique(at)
    gone = np.array([((at == wait) & (patience < 200)).sum() for wait in counts], dtype=float)
    cut = np.array([((at == wait) & (patience >= 200)).sum() for wait in counts], dtype=float)
    return Waits(counts, gone, cut)


def test_each_fit_says_itself_as_a_scenario_writes_it() -> None:
    found = [printed(fit) for fit in fitted_law(waits())]
    assert len(found) == 5
    for each in found:
        written = tomllib.loads(f"patience = {each.pop('scenario')}")["patience"]
        ours = read_patience(written, where="patience").survival(np.array([10.0, 60.0, 400.0]))
        pasted = read_patience(each, where="patience").survival(np.array([10.0, 60.0, 400.0]))
        assert ours == pytest.approx(pasted, rel=1e-6)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"law": "loglogistic", "parameters": {"shape": 1.2}}, "median is missing"),
        ({"law": "loglogistic", "parameters": {"shape": "wide", "scale": 3}}, "shape: 'wide' is not a number"),
        ({"law": "lognormal", "parameters": {"mu": 1e9, "sigma": 1}}, "mu"),
        ({"law": "lognormal", "parameters": [1, 2]}, "not a table of numbers"),
        ({"law": "empirical hazard"}, "at is missing"),
        ({"law": "empirical hazard", "parameters": {"from 5 s": 0.1}}, 'begin with "0 s"'),
        ({"law": "empirical hazard", "parameters": {"from 0 s": -0.1}}, "per_second: expected numbers from 0"),
        ({"law": "weibull", "parameters": {"shape": float("nan"), "scale": 3}}, "is not a number"),
    ],
)
def test_a_fit_that_is_none_is_refused_in_words_by_scenarios_and_formulas(table: dict[str, Any], words: str) -> None:
    for read in (
        lambda: read_law(table, "patience"),
        lambda: read_patience(table, where="patience"),
    ):
        with pytest.raises(KcasError, match=words):
            read()
