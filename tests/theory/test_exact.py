"""Steady formulas against published figures, forty-digit chains, naive second implementations and laws."""

import math
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcas.errors import SettingError
from kcas.queueing.steady_state import Steady, erlang_b, erlang_b_lines, erlang_c, log_erlang_b, steady
from tests.theory.reference import CASES, cases

FIGURES = {
    "p_wait": "p_wait",
    "p_block": "p_block",
    "p_abandon": "p_abandon",
    "p_abandon_of_entered": "p_abandon",
    "p_abandon_of_all": "p_abandon_of_all",
    "p_lost_total": "p_lost_of_all",
    "mean_wait_all_s": "mean_wait_all",
    "mean_wait_answered_s": "mean_wait_answered",
    "mean_wait_abandoned_s": "mean_wait_abandoned",
    "mean_queue": "mean_queue",
    "occupancy": "occupancy",
    "answered_within_20s": "answered_within",
}


def meets(found: float | None, expected: float, tolerance: dict[str, float], name: str = "others") -> bool:
    """Within the case's own tolerance: absolute or relative, whichever is the wider."""
    assert found is not None
    allowed = max(tolerance.get("abs", 0.0), tolerance.get("rel", 0.0) * abs(expected))
    return math.isfinite(found) and abs(found - expected) <= tolerance.get(
        name, max(allowed, tolerance.get("others", 0.0))
    )


def compare(found: Steady, case: dict[str, Any]) -> None:
    names = [name for name in case["expected"] if name in FIGURES]
    assert names
    for name in names:
        assert meets(getattr(found, FIGURES[name]), case["expected"][name], case["tolerance"], name), name


def desk_of(params: dict[str, Any]) -> dict[str, Any]:
    """A case's arrivals, handling and patience in seconds, whatever the units its source used."""
    if "lam" in params:
        places = params.get("waiting_places")
        return {
            "arrivals": params["lam"], "handle": 1 / params["mu"], "patience": 1 / params["theta"],
            "agents": params["servers"], "lines": params["servers"] + places if places else None,
        }  # fmt: skip
    if "offered_erlangs" in params:
        arrivals = params["offered_erlangs"] / params.get("aht_s", 1)
        return {"arrivals": arrivals, "handle": params.get("aht_s", 1), "patience": params.get("patience_mean_s"),
                "agents": params["agents"], "lines": None}  # fmt: skip
    if "calls" in params:
        arrivals, handle = params["calls"] / params["interval_min"] / 60, params["aht_min"] * 60
        patience = params["patience_min"] * 60 if "patience_min" in params else None
        return {"arrivals": arrivals, "handle": handle, "patience": patience, "agents": params["agents"], "lines": None}
    arrivals = params.get("lambda_per_s") or params.get("lambda_per_hour", 0) / 3600 or params["lambda_per_min"] / 60
    patience = params.get("patience_mean_s") or params.get("patience_mean_min", 0) * 60 or None
    return {"arrivals": arrivals, "handle": params.get("aht_s") or params["aht_min"] * 60, "patience": patience,
            "agents": params["agents"], "lines": params.get("lines")}  # fmt: skip


@pytest.mark.parametrize("case", [c for c in cases("erlangB") if "p_block" in c["expected"]], ids=lambda c: c["name"])
def test_erlang_b_gives_the_reference_share_of_busy_tones(case: dict[str, Any]) -> None:
    params = case["params"]
    found = erlang_b(params["servers"], load=params["offered_erlangs"])
    assert meets(found, case["expected"]["p_block"], case["tolerance"])


@pytest.mark.parametrize("case", cases("erlangB_log"), ids=lambda c: c["name"])
def test_erlang_b_keeps_its_logarithm_where_the_share_is_very_small_or_nearly_one(case: dict[str, Any]) -> None:
    params = case["params"]
    found = log_erlang_b(params["servers"], load=params["offered_erlangs"])
    assert meets(found, case["expected"]["log_p_block"], case["tolerance"])


def test_erlang_b_of_the_published_load_of_fifteen_lines_is_one_per_cent() -> None:
    case = CASES["erlangB_erlangcom_15lines"]
    assert erlang_b(15, load=case["expected"]["offered_erlangs"]) == pytest.approx(0.01, rel=2e-3)


def test_seventeen_lines_are_the_fewest_for_ten_erlangs_at_two_per_cent() -> None:
    assert erlang_b_lines(10, p_block=0.02) == 17  # pyworkforce, tests/test_erlang_b.py
    assert erlang_b(16, load=10) > 0.02 >= erlang_b(17, load=10)


@given(agents=st.integers(1, 60), load=st.fractions(Fraction(1, 50), 80, max_denominator=50))
def test_erlang_b_equals_its_recursion_in_exact_fractions(agents: int, load: Fraction) -> None:
    share = Fraction(1)
    for n in range(1, agents + 1):
        share = load * share / (n + load * share)
    assert erlang_b(agents, load=float(load)) == pytest.approx(float(share), rel=1e-12)


@given(agents=st.floats(0.05, 40), load=st.floats(0.01, 60))
def test_erlang_b_of_part_of_an_agent_obeys_the_recursion_of_whole_ones(agents: float, load: float) -> None:
    before = erlang_b(agents, load=load)
    assert erlang_b(agents + 1, load=load) == pytest.approx(load * before / (agents + 1 + load * before), rel=1e-9)


def test_erlang_c_of_twenty_five_agents_at_twenty_erlangs_is_not_what_a_public_test_says() -> None:
    naive = 20.0**25 / math.factorial(25) * 25 / 5
    expected = naive / (naive + sum(20.0**k / math.factorial(k) for k in range(25)))
    assert erlang_c(25, load=20) == pytest.approx(expected, rel=1e-12)
    assert round(erlang_c(25, load=20), 4) == 0.2091
    assert abs(erlang_c(25, load=20) - 0.261) > 0.05


@pytest.mark.parametrize("case", cases("erlangC_n"), ids=lambda c: c["name"])
def test_erlang_c_gives_the_reference_waits(case: dict[str, Any]) -> None:
    compare(steady(**desk_of(case["params"])), case)


@pytest.mark.parametrize("case", cases("erlangC_pyworkforce"), ids=lambda c: c["name"])
def test_erlang_c_gives_the_published_staffing_example(case: dict[str, Any]) -> None:
    found = steady(**desk_of(case["params"]), within=case["params"]["asa_min"] * 60)
    compare(found, case)
    assert meets(found.answered_within, case["expected"]["service_level"], case["tolerance"])


def test_erlang_c_of_twelve_thousand_agents_gives_the_published_wait() -> None:
    compare(steady(**desk_of(CASES["erlangC_12345_12421"]["params"])), CASES["erlangC_12345_12421"])


@pytest.mark.parametrize("case", [*cases("erlangA"), *cases("lines")], ids=lambda c: c["name"])
def test_erlang_a_and_finite_lines_give_the_reference_figures(case: dict[str, Any]) -> None:
    desk = desk_of(case["params"])
    compare(steady(**desk), case)
    if "answered_within_60s" in case["expected"]:
        found = steady(**desk, within=60).answered_within
        assert meets(found, case["expected"]["answered_within_60s"], case["tolerance"])


def test_the_same_fifty_agents_wait_far_longer_where_nobody_hangs_up() -> None:
    case = CASES["erlangA_gans_koole_mandelbaum_50"]
    found = steady(0.8, handle=60, agents=50)
    assert found.mean_wait_all == pytest.approx(case["expected"]["erlangC_mean_wait_s"], rel=1e-9)
    assert found.mean_queue == pytest.approx(case["expected"]["erlangC_mean_queue"], rel=1e-9)
    assert found.p_wait == pytest.approx(case["expected"]["erlangC_p_wait"], rel=1e-9)


def test_three_services_called_answered_in_twenty_seconds_differ_by_a_point_and_each_is_itself() -> None:
    case = CASES["erlangA_28agents"]
    found = steady(**desk_of(case["params"]))
    out_of_queue = case["expected"]["p_time_in_queue_within_20s"]  # answered or hung up by then
    assert found.answered_within == pytest.approx(case["expected"]["answered_within_20s"], abs=1e-8)
    assert 0.01 < out_of_queue - found.answered_within < found.p_abandon


desks = st.tuples(st.floats(0.001, 0.2), st.floats(30, 900), st.integers(1, 30), st.floats(5, 2000))


@given(desks)
def test_one_more_agent_means_fewer_hang_ups_and_less_waiting(desk: tuple[float, float, int, float]) -> None:
    arrivals, handle, agents, patience = desk
    now = steady(arrivals, handle=handle, agents=agents, patience=patience)
    more = steady(arrivals, handle=handle, agents=agents + 1, patience=patience)
    assert more.p_abandon <= now.p_abandon * (1 + 1e-12)
    assert more.p_wait <= now.p_wait * (1 + 1e-12)
    assert more.mean_wait_all <= now.mean_wait_all * (1 + 1e-12)


@given(desks)
def test_littles_law_and_the_balance_of_calls_hold(desk: tuple[float, float, int, float]) -> None:
    arrivals, handle, agents, patience = desk
    found = steady(arrivals, handle=handle, agents=agents, patience=patience, lines=agents + 5)
    entered = arrivals * (1 - found.p_block)
    assert found.mean_queue == pytest.approx(entered * found.mean_wait_all, rel=1e-9)
    assert agents * found.occupancy == pytest.approx(entered * (1 - found.p_abandon) * handle, rel=1e-9)
    assert found.p_lost_of_all == pytest.approx(1 - (1 - found.p_block) * (1 - found.p_abandon), abs=1e-12)
    assert found.mean_wait_answered is not None
    assert found.mean_wait_abandoned is not None
    parts = found.p_abandon * found.mean_wait_abandoned + (1 - found.p_abandon) * found.mean_wait_answered
    assert parts == pytest.approx(found.mean_wait_all, rel=1e-7)


@pytest.mark.parametrize(("agents", "load"), [(3, 2.5), (12, 9.6), (60, 55.0)])
def test_endless_patience_is_erlang_c(agents: int, load: float) -> None:
    patient = steady(load / 300, handle=300, agents=agents, patience=1e12)
    endless = steady(load / 300, handle=300, agents=agents)
    for figure in ("p_wait", "mean_wait_all", "mean_queue", "occupancy", "answered_within"):
        assert getattr(patient, figure) == pytest.approx(getattr(endless, figure), rel=1e-7), figure


@pytest.mark.parametrize(("agents", "load"), [(3, 2.5), (12, 20.0)])
def test_no_place_to_wait_is_erlang_b(agents: int, load: float) -> None:
    found = steady(load / 300, handle=300, agents=agents, patience=100, lines=agents)
    assert found.p_block == pytest.approx(erlang_b(agents, load=load), rel=1e-12)
    assert found.p_wait == found.p_abandon == found.mean_queue == 0
    assert found.answered_within == pytest.approx(1)


def test_no_patience_at_all_loses_what_erlang_b_blocks() -> None:
    found = steady(10 / 300, handle=300, agents=12, patience=1e-6)
    assert found.p_abandon == pytest.approx(erlang_b(12, load=10), rel=1e-6)


def test_very_rare_hang_ups_keep_their_digits() -> None:
    found = steady(1 / 3600, handle=300, agents=12, patience=180)
    naive, chance = 0.0, 1.0
    for n in range(1, 60):
        chance *= (1 / 12) / (min(n, 12) + max(n - 12, 0) * 300 / 180)
        naive += max(n - 12, 0) * chance
    naive *= math.exp(-1 / 12) * 3600 / 180  # the empty desk's chance is e^(-1/12) to sixteen digits
    assert found.p_abandon == pytest.approx(naive, rel=1e-10)
    assert found.p_abandon < 1e-19


@pytest.mark.parametrize("figure", ["arrivals", "handle", "patience", "agents", "lines"])
@pytest.mark.parametrize("value", [0, -1, math.nan, math.inf])
def test_a_desk_that_cannot_be_is_refused_by_name(figure: str, value: float) -> None:
    desk: dict[str, Any] = {"arrivals": 0.03, "handle": 300.0, "patience": 180.0, "agents": 12, "lines": 20}
    words = {"handle": "handling time"}.get(figure, figure)
    with pytest.raises(SettingError, match=f"^{words}: "):
        steady(**desk | {figure: value})


def test_a_thousand_million_agents_are_refused_in_words() -> None:
    with pytest.raises(SettingError, match=r"1e\+09 is not valid. Expected a whole number from 1 to 1,000,000"):
        steady(0.03, handle=300, agents=1_000_000_000, patience=180)


def test_more_work_than_agents_without_hanging_up_is_refused_with_the_number_that_would_do() -> None:
    with pytest.raises(SettingError, match=r"25 agents cannot keep up with a load of 30.*at least 31 agents"):
        erlang_c(25, load=30)
