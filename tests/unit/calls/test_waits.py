"""Curves and laws of waits cut short, against published answers."""

from typing import Any

import numpy as np
import pytest
from scipy import stats

from kcas.calls.patience import patience
from kcas.calls.waits import Survival, log_rank, survival
from kcas.distributions import laws, measured
from kcas.distributions.fitting import Waits
from tests.calls_drawn import drawn
from tests.unit.calls.published_waits import (
    BOSTON,
    BOSTON_CURVES,
    EXPONENTIAL,
    LOCOMOTIVE,
    LUNG,
    MAINTAINED,
    NOT_MAINTAINED,
    OVARIAN_ONE,
    OVARIAN_TWO,
    Published,
)


def curve(published: Published) -> Survival:
    return survival(published.times, [bool(ended) for ended in published.ended])


def counted(published: Published) -> Waits:
    times, ended = np.array(published.times), np.array(published.ended)
    at = np.unique(times)
    return Waits(
        at,
        np.array([float(((times == t) & (ended == 1)).sum()) for t in at]),
        np.array([float(((times == t) & (ended == 0)).sum()) for t in at]),
    )


def test_the_curve_and_its_error_are_millers() -> None:
    found = curve(MAINTAINED)
    assert found.at.tolist() == [9, 13, 18, 23, 28, 31, 34, 45, 48, 161]
    assert found.at_risk.tolist() == [11, 10, 8, 7, 6, 5, 4, 3, 2, 1]
    assert found.censored.tolist() == [0, 1, 0, 0, 1, 0, 0, 1, 0, 1]
    assert np.round(found.remaining[[0, 1, 2, 3, 5, 6, 8]], 3).tolist() == [
        0.909, 0.818, 0.716, 0.614, 0.491, 0.368, 0.184,
    ]  # fmt: skip
    assert found.error[[0, 2, 8]] == pytest.approx([0.0866784172041448, 0.139664970557228, 0.153492745786294], abs=1e-8)


@pytest.mark.parametrize(
    ("scale", "low", "high"),
    [
        ("log-log", (0.50808020576993, 0.350190385907938, 0.0117384801231896),
         (0.986673822667823, 0.899023974191053, 0.525014842726641)),
        ("plain", (0.739204333133848, 0.442170778715077, 0.0), (1.0, 0.989647403103104, 0.484931162720207)),
        ("log", (0.754133845081525, 0.488426287422128, 0.0359178984891853), (1.0, 1.0, 0.943525769474552)),
    ],
)  # fmt: skip
def test_each_scale_of_interval_is_rs(scale: str, low: tuple[float, ...], high: tuple[float, ...]) -> None:
    below, above = curve(MAINTAINED).interval(scale=scale)
    assert below[[0, 2, 8]] == pytest.approx(low, abs=1e-8)
    assert above[[0, 2, 8]] == pytest.approx(high, abs=1e-8)


def test_a_curve_that_reaches_nought_has_no_error_there() -> None:
    found = curve(NOT_MAINTAINED)
    assert found.remaining[-1] == 0
    assert np.isnan(found.error[-1])
    assert found.remaining[1] == pytest.approx(2 / 3)


def test_medians_are_where_the_curve_first_falls_to_one_half() -> None:
    assert curve(MAINTAINED).quantile(0.5) == 31
    assert curve(NOT_MAINTAINED).quantile(0.5) == 23
    assert curve(BOSTON[1]).quantile(0.5) is None
    exactly_half = survival([1, 2, 3, 4], [True, True, False, False])
    assert exactly_half.quantile(0.5) == 2


@pytest.mark.parametrize(("published", "expected"), list(zip(BOSTON, BOSTON_CURVES, strict=True)))
def test_an_event_comes_before_a_cut_at_the_same_time(published: Published, expected: tuple[float, ...]) -> None:
    assert curve(published).remaining == pytest.approx(expected, abs=6e-4)


def test_log_rank_is_rs_on_both_published_trials() -> None:
    leukaemia = log_rank([curve(MAINTAINED), curve(NOT_MAINTAINED)])
    assert (leukaemia.statistic, leukaemia.p_value) == pytest.approx((3.3963886989776, 0.0653393220405052), abs=1e-8)
    ovarian = log_rank([curve(OVARIAN_ONE), curve(OVARIAN_TWO)])
    assert (ovarian.statistic, ovarian.p_value) == pytest.approx((1.06273986129141, 0.302591116989095), abs=1e-8)


def test_cumulative_hazard_is_nelson_and_aalens() -> None:
    found = curve(LUNG)
    at = np.searchsorted(found.at, [180, 365, 730], side="right") - 1
    expected = [0.32482808952932, 0.888324574368183, 2.12504279829714]
    assert found.cumulative_hazard[at] == pytest.approx(expected, abs=1e-8)


def test_the_exponential_is_all_the_waiting_shared_among_the_events() -> None:
    fit = laws.Exponential.fit(counted(EXPONENTIAL))
    assert fit is not None
    assert fit.parameters["mean"] == pytest.approx(19.85)
    assert fit.standard_error == pytest.approx(6.277119, abs=1e-5)
    lung = laws.Exponential.fit(counted(LUNG))
    assert lung is not None
    assert lung.parameters["mean"] == pytest.approx(69593 / 165)
    assert lung.log_likelihood == pytest.approx(-1162.33817578747, rel=1e-8)


def test_the_likeliest_laws_are_rs_survreg() -> None:
    """survreg(Surv(time, status) ~ 1): shape is 1/scale, scale is exp(intercept)."""
    weibull, lognormal, loglogistic = (
        law.fit(counted(LUNG)) for law in (laws.Weibull, laws.Lognormal, laws.LogLogistic)
    )
    assert weibull is not None
    assert lognormal is not None
    assert loglogistic is not None
    assert weibull.parameters == pytest.approx({"shape": 1.31684017157888, "scale": 417.758665373796}, rel=2e-5)
    assert weibull.log_likelihood == pytest.approx(-1153.85118808941, rel=1e-8)
    assert lognormal.parameters == pytest.approx({"mu": 5.66330496220637, "sigma": 1.09763926976839}, rel=2e-5)
    assert lognormal.log_likelihood == pytest.approx(-1169.2690553056, rel=1e-8)
    assert np.log(loglogistic.parameters["scale"]) == pytest.approx(5.710980387552, rel=2e-5)
    assert 1 / loglogistic.parameters["shape"] == pytest.approx(0.579455082551401, rel=2e-5)
    assert loglogistic.log_likelihood == pytest.approx(-1160.93062351123, rel=1e-8)


def test_a_lognormal_with_most_waits_cut_short_is_lawlesss() -> None:
    fit = laws.Lognormal.fit(counted(LOCOMOTIVE))
    assert fit is not None
    assert fit.parameters == pytest.approx({"mu": 5.1169, "sigma": 0.7055}, abs=3e-3)


def test_every_law_is_judged_on_the_same_waits_those_of_nought_seconds_included() -> None:
    """scipy's densities, caller by caller: who gave up in second nought waited half of one, whatever the law."""
    rng = np.random.default_rng(4)
    patient = np.floor(rng.weibull(0.8, 3000) * 20)
    served = np.floor(rng.exponential(30, 3000))
    gave_up, at = patient <= served, np.minimum(patient, served)
    told = gave_up | (at > 0)  # answered at once: nothing of patience
    gave_up, at = gave_up[told], at[told]
    assert (at == 0).sum() > 200
    values, place = np.unique(at, return_inverse=True)
    waits = Waits(values, np.bincount(place, gave_up), np.bincount(place, ~gave_up))
    x = np.where(at == 0, 0.5, at)

    def naive(law: Any) -> float:
        return float(law.logpdf(x[gave_up]).sum() + law.logsf(x[~gave_up]).sum())

    fits = [
        laws.Exponential.fit(waits),
        laws.Weibull.fit(waits),
        laws.Lognormal.fit(waits),
        laws.LogLogistic.fit(waits),
    ]
    found = {fit.law: fit for fit in fits if fit is not None}
    weibull, log, loglogistic = (found[name].parameters for name in ("weibull", "lognormal", "loglogistic"))
    frozen = {
        "exponential": stats.expon(scale=at.sum() / gave_up.sum()),
        "weibull": stats.weibull_min(weibull["shape"], scale=weibull["scale"]),
        "lognormal": stats.lognorm(log["sigma"], scale=np.exp(log["mu"])),
        "loglogistic": stats.fisk(loglogistic["shape"], scale=loglogistic["scale"]),
    }
    for name, law in frozen.items():
        assert found[name].log_likelihood == pytest.approx(naive(law), rel=1e-9), name
    stepwise = measured.PiecewiseExponential.fit(waits, edges=[0, 5, 20])
    assert stepwise is not None
    starts, ends = np.array([0, 5, 20]), np.array([5, 20, np.inf])
    bins = list(zip(starts, ends, strict=True))
    spent = np.array([np.clip(at - start, 0, end - start).sum() for start, end in bins])
    fell = np.array([(gave_up & (at <= end) & ((at > start) | (start == 0))).sum() for start, end in bins])
    spent_likely = spent + np.array([0.5 * (at == 0).sum(), 0, 0])
    expected = float(fell @ np.log(fell / spent) - (fell / spent) @ spent_likely)
    assert stepwise.log_likelihood == pytest.approx(expected, rel=1e-9)
    one_bin = measured.PiecewiseExponential.fit(waits, edges=[0])  # the same law by another name
    assert one_bin is not None
    assert one_bin.log_likelihood == pytest.approx(found["exponential"].log_likelihood, rel=1e-12)


def test_the_least_aic_names_the_law_that_made_the_waits() -> None:
    """Exact quantiles of each law, so that no dice are needed: half cut short at the law's median."""
    shares = (np.arange(4000) + 0.5) / 4000
    made = {
        "weibull": 100 * (-np.log1p(-shares)) ** (1 / 2.5),
        "loglogistic": 100 * (shares / (1 - shares)) ** (1 / 3),
        "exponential": -100 * np.log1p(-shares),
    }
    for law, patiences in made.items():
        cut = np.quantile(patiences, 0.9)
        lines = [f"{'abandoned' if p <= cut else 'answered'} {min(p, cut)}" for p in patiences]
        best = patience(drawn("outcome wait\n" + "\n".join(lines))).best_fit
        assert best is not None
        assert best.law == law


def test_naive_waits_of_those_who_gave_up_are_far_too_short() -> None:
    """Everybody would wait 100 s; half are answered at 10 s, and the rest are not told apart from impatient ones."""
    found = patience(
        drawn(
            """
            outcome    wait
            answered   10
            answered   10
            answered   10
            abandoned  5
            abandoned  100
            overflowed 60
            """
        )
    )
    assert found.curve.at.tolist() == [5, 10, 60, 100]
    assert found.curve.remaining == pytest.approx([5 / 6, 5 / 6, 5 / 6, 0])
    assert found.median == 100
    fits = {fit.law: fit.parameters for fit in found.fits}
    assert fits["exponential"]["mean"] == pytest.approx((10 + 10 + 10 + 5 + 100 + 60) / 2)


def test_callers_answered_at_once_say_nothing_of_patience() -> None:
    told = "outcome wait\nabandoned 5\nanswered 8\nabandoned 9"
    found, with_zeros = patience(drawn(told)), patience(drawn(told + "\nanswered 0" * 50))
    assert with_zeros.curve.at.tolist() == found.curve.at.tolist()
    assert with_zeros.curve.remaining.tolist() == found.curve.remaining.tolist()
    assert with_zeros.fits == found.fits


def test_hazard_bins_share_out_every_second_and_every_caller() -> None:
    found = patience(drawn("outcome wait\nabandoned 0\nabandoned 5\nabandoned 7\nanswered 12\nabandoned 50"))
    bins = {bin.start: bin for bin in found.hazard}
    assert (bins[0].abandoned, bins[0].exposure) == (2, 5 + 5 + 5 + 5)
    assert (bins[5].abandoned, bins[5].exposure) == (1, 2 + 5 + 5)
    assert bins[10].abandoned == 0
    assert (bins[45].abandoned, bins[45].exposure) == (1, 5)
    assert sum(bin.exposure for bin in found.hazard) == 0 + 5 + 7 + 12 + 50


def test_no_calls_have_no_patience() -> None:
    found = patience(drawn("outcome wait\nleft_ivr -"))
    assert (found.calls, found.median, found.best_fit, found.hazard) == (0, None, None, ())
