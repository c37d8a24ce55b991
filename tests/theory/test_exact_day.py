"""A day's forward equations against reference days, a naive integration of every state, and laws that must hold."""

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from kcas.errors import SettingError
from kcas.queueing.steady_state import in_time, steady
from kcas.queueing.transient import Expected, Rates, Stretch, answered_in_time, busy_days, day, total
from tests.theory.reference import CASES, cases

BY_INTERVAL = {
    "arrivals_by_interval": "arrivals",
    "answered_by_interval": "answered",
    "abandoned_by_interval": "abandoned",
    "queue_time_by_interval_s": "queue_time",
    "end_queue_by_interval": "end_queue",
    "delayed_by_interval": "delayed",
}
DAYS = [c for c in cases("tv_") if "busyness" not in c["name"] and "sinusoid" not in c["name"]]


def stretches_of(params: dict[str, Any]) -> list[Stretch]:
    pairs = zip(params["rates_per_hour"], params["agents"], strict=True)
    return [Stretch(params["interval_s"], rate / 3600, agents) for rate, agents in pairs]


def desk_of(params: dict[str, Any]) -> dict[str, Any]:
    return {"handle": params["aht_s"], "patience": params["patience_mean_s"], "impatient": params.get("p_balk", 0.0)}


def check_intervals(found: list[Expected], case: dict[str, Any]) -> None:
    for name in BY_INTERVAL.keys() & case["expected"].keys():
        for part, expected in zip(found, case["expected"][name], strict=True):
            if expected is not None:
                tolerance = case["tolerance"]
                allowed = {"rel": tolerance.get("rel"), "abs": tolerance.get("abs")}
                assert getattr(part, BY_INTERVAL[name]) == pytest.approx(expected, **allowed), name


@pytest.mark.parametrize("case", DAYS, ids=lambda c: c["name"])
def test_a_day_gives_the_reference_counts_interval_by_interval(case: dict[str, Any]) -> None:
    found = day(stretches_of(case["params"]), **desk_of(case["params"]))
    whole, expected = total(found), case["expected"]
    check_intervals(found, case)
    assert whole.arrivals == pytest.approx(expected["arrivals_total"], rel=1e-6)
    assert whole.abandoned == pytest.approx(expected["abandoned_total"], rel=1e-6)
    assert whole.answered == pytest.approx(expected["answered_total"], rel=1e-6)
    assert whole.rate == pytest.approx(expected["p_abandon"], rel=1e-6)
    assert whole.mean_wait == pytest.approx(expected["mean_wait_all_s"], rel=1e-6)


@pytest.mark.parametrize("case", [c for c in cases("tv_") if "busyness" in c["name"]], ids=lambda c: c["name"])
def test_days_that_are_busy_and_quiet_give_the_reference_counts(case: dict[str, Any]) -> None:
    params, expected = case["params"], case["expected"]
    found = busy_days(stretches_of(params), shape=params["busyness_gamma_shape"], **desk_of(params))
    check_intervals(found, case)
    assert total(found).abandoned == pytest.approx(expected["abandoned_total"], rel=1e-5)
    assert total(found).rate == pytest.approx(expected["p_abandon_ratio_of_means"], rel=1e-5)
    assert total(found).mean_wait == pytest.approx(expected["mean_wait_all_s"], rel=1e-5)


def test_the_published_call_centre_with_busy_days_and_callers_who_hang_up_at_once() -> None:
    case = CASES["contactcenters_CallCC"]
    params, expected = case["params"], case["expected"]
    found = total(busy_days(stretches_of(params), shape=params["busyness_gamma_shape"], **desk_of(params)))
    low, high = expected["published_p_abandon_ci90"]
    assert found.abandoned / params["expected_calls"] == pytest.approx(expected["p_abandon"], abs=1e-5)
    assert low <= found.abandoned / params["expected_calls"] <= high
    assert found.mean_wait == pytest.approx(expected["mean_wait_all_s"], rel=1e-5)


def test_the_published_eight_hours_with_hang_ups_and_with_five_places_to_wait() -> None:
    shift = [Stretch(8 * 3600, 4.2 / 60, 12)]
    impatient, five = CASES["contactcenters_MMCAb"]["expected"], CASES["contactcenters_MMCBlocked"]["expected"]
    found = total(day(shift, handle=120, patience=60))
    assert found.abandoned == pytest.approx(impatient["abandoned_per_day"], abs=1e-6)
    found = total(day(shift, handle=120, lines=17))
    assert found.blocked == pytest.approx(five["blocked_per_day"], abs=1e-6)
    assert five["published"]["ci95"][0] <= found.blocked <= five["published"]["ci95"][1]


def sinusoid(beta: float, *, cuts: int) -> np.ndarray[Any, Any]:
    """Hang-ups and delayed callers a unit of time, the rate held at its mean over each of the small cuts."""
    parts = []
    for tenth in range(120):
        middle = 0.1 * tenth + 0.05
        load = 100 + 10 * (math.sin(middle) - math.cos(middle))
        for cut in range(cuts):
            begin = 0.1 * (tenth + cut / cuts)
            end = 0.1 * (tenth + (cut + 1) / cuts)
            rate = 100 + 20 * (math.cos(begin) - math.cos(end)) / (end - begin)
            parts.append(Stretch(end - begin, rate, math.ceil(load + beta * math.sqrt(load))))
    start = np.exp([n * math.log(90) - 90 - math.lgamma(n + 1) for n in range(250)])
    found = day(parts, handle=1, patience=1, finish_call=False, start=start, empty_at_close=False)
    return np.array([(p.abandoned, p.delayed) for p in found]).reshape(12, -1, 2).sum(axis=1)


@pytest.mark.parametrize("case", cases("tv_sinusoid"), ids=lambda c: c["name"])
def test_arrivals_in_a_wave_give_the_reference_hang_ups_and_delays(case: dict[str, Any]) -> None:
    beta = float(case["name"].rpartition("beta")[2])
    better = (4 * sinusoid(beta, cuts=8) - sinusoid(beta, cuts=4)) / 3  # the error falls as the square of the cut
    expected = np.array([case["expected"]["abandoned_by_interval"], case["expected"]["delayed_by_interval"]]).T
    assert np.abs(better - expected).max() < case["tolerance"]["abs"]


def naive_day(parts: list[Stretch], *, handle: float, patience: float, lines: int) -> dict[str, float]:
    """Every (at work, waiting) a state of its own, every move written out, integrated in small steps."""
    most = max(part.agents for part in parts)
    states = {(b, q): n for n, (b, q) in enumerate((b, q) for b in range(most + 1) for q in range(lines - b + 1))}
    chances, counts = np.zeros(len(states)), np.zeros(3)
    chances[states[0, 0]] = 1.0
    for part in parts:
        moved = np.zeros(len(states))
        for (b, q), n in states.items():
            taken = min(q, max(part.agents - b, 0))
            moved[states[b + taken, q - taken]] += chances[n]
        rates, seen = np.zeros((len(states), len(states))), np.zeros((3, len(states)))
        for (b, q), n in states.items():
            moves = [((b, q - 1), q / patience)]
            if b + q < lines:
                moves.append(((b + 1, q) if b < part.agents else (b, q + 1), part.arrivals))
            moves.append(((b, q - 1) if q and b <= part.agents else (b - 1, q), b / handle))
            for target, rate in moves:
                if rate:
                    rates[states[target], n] += rate
                    rates[n, n] -= rate
            seen[:, n] = q / patience, part.arrivals * (b + q == lines), b
        both = np.concatenate((moved, counts))
        step = np.vstack((rates, seen))
        answer = solve_ivp(lambda _, y, step=step: step @ y[:-3], (0, part.duration), both, rtol=1e-10, atol=1e-13)
        chances, counts = answer.y[:-3, -1], answer.y[-3:, -1]
    left = sum(q * chances[n] for (_, q), n in states.items())
    return {"abandoned": counts[0], "blocked": counts[1], "busy_time": counts[2], "end_queue": left}


def test_a_day_of_few_lines_and_falling_staff_equals_every_state_written_out() -> None:
    parts = [Stretch(900, 0.02, 4), Stretch(1200, 0.025, 1), Stretch(600, 0.015, 0), Stretch(900, 0.02, 3)]
    found = total(day(parts, handle=240, patience=150, lines=6, empty_at_close=False))
    for name, expected in naive_day(parts, handle=240, patience=150, lines=6).items():
        assert getattr(found, name) == pytest.approx(expected, rel=1e-7), name


def test_a_desk_with_fewer_lines_than_agents_equals_every_state_written_out() -> None:
    parts = [Stretch(900, 0.03, 5), Stretch(900, 0.03, 2)]
    found = total(day(parts, handle=200, patience=100, lines=3, empty_at_close=False))
    for name, expected in naive_day(parts, handle=200, patience=100, lines=3).items():
        assert getattr(found, name) == pytest.approx(expected, rel=1e-7), name


def test_a_desk_of_hundreds_that_loses_fifty_agents_for_a_minute_keeps_its_balance() -> None:
    parts = [Stretch(1800, 1.6, 500), Stretch(60, 1.6, 450), Stretch(60, 1.6, 500)]
    found = day(parts, handle=300, patience=180, empty_at_close=False)
    naive = (1.6 - 1.6 * found[1].answered / found[1].arrivals) * 60  # what came in and was not taken up
    assert all(part.answered >= 0 and part.abandoned >= 0 for part in found)
    assert found[1].abandoned + found[1].end_queue - found[0].end_queue == pytest.approx(naive, rel=1e-9)
    assert found[1].busy_time > 450 * 60
    assert 0.8 * found[1].arrivals < found[1].delayed < found[1].arrivals


def test_a_day_without_change_settles_to_the_steady_hour() -> None:
    settled = steady(115 / 3600, handle=300, agents=12, patience=180)
    found = day([Stretch(20_000, 115 / 3600, 12), Stretch(3600, 115 / 3600, 12)], handle=300, patience=180)[1]
    assert found.rate == pytest.approx(settled.p_abandon, rel=1e-8)
    assert found.mean_wait == pytest.approx(settled.mean_wait_all, rel=1e-8)
    assert found.delayed / found.arrivals == pytest.approx(settled.p_wait, rel=1e-8)
    assert found.occupancy == pytest.approx(settled.occupancy, rel=1e-8)
    assert found.answered_within / found.arrivals == pytest.approx(settled.answered_within, rel=1e-8)


def test_hour_by_hour_erlang_a_is_about_one_per_cent_from_the_exact_day() -> None:
    case = CASES["tv_day1000_staffcurve"]
    parts = stretches_of(case["params"])
    exact = total(day(parts, handle=300, patience=180)).abandoned
    hours = [steady(p.arrivals, handle=300, agents=p.agents, patience=180).p_abandon * p.arrivals * 3600 for p in parts]
    assert sum(hours) == pytest.approx(exact, rel=0.015)
    assert sum(hours) != pytest.approx(exact, rel=0.001)


def test_busy_and_quiet_days_abandon_more_than_twice_as_much_as_days_alike() -> None:
    parts = stretches_of(CASES["tv_day1000_12agents"]["params"])
    alike, busy = day(parts, handle=300, patience=180), busy_days(parts, shape=10, handle=300, patience=180)
    assert round(100 * (total(alike).rate or 0), 2) == 2.08
    assert round(100 * (total(busy).rate or 0), 2) == 4.82


def test_every_arrival_is_answered_hangs_up_meets_a_busy_tone_or_waits_still() -> None:
    found = total(day([Stretch(3600, 0.05, 9), Stretch(1800, 0.04, 3)], handle=300, patience=120, lines=14))
    assert found.arrivals == pytest.approx(found.answered + found.abandoned + found.blocked + found.end_queue, abs=1e-9)
    assert found.end_queue == pytest.approx(0, abs=1e-9)


def test_nobody_is_answered_where_nobody_works() -> None:
    found = day([Stretch(1800, 0.03, 0), Stretch(1800, 0.03, 0)], handle=300, patience=100)
    assert total(found).answered == pytest.approx(0, abs=1e-9)
    assert total(found).abandoned == pytest.approx(108, rel=1e-9)


def test_one_more_agent_all_day_saves_callers() -> None:
    parts = stretches_of(CASES["tv_smalldesk_lunchdip"]["params"])
    lost = [
        total(day([Stretch(p.duration, p.arrivals, p.agents + n) for p in parts], handle=420, patience=150)).abandoned
        for n in range(4)
    ]
    assert all(more < fewer for fewer, more in pairwise(lost))


def test_the_chance_of_an_answer_in_time_is_the_steady_formula_where_nobody_works_past_the_roster() -> None:
    rates = Rates(0.0, 1 / 300, 1 / 180, 0.0, 12, None)
    ahead = np.arange(40.0)
    served = (12 / 300) / (12 / 300 + (ahead + 1) / 180)
    expected = served * in_time(ahead, 12 / 300, 1 / 180, 20.0)
    assert answered_in_time(rates, extra=0, waiting=39, within=20.0)[0] == pytest.approx(expected, abs=1e-10)


def test_a_caller_behind_an_agent_past_the_roster_waits_for_two_calls_to_end() -> None:
    first, second, leaving, within = 2 / 300, 1 / 300, 1 / 180, 60.0  # two calls in hand and one agent rostered
    at = np.linspace(0, within, 200_001)
    density = first * second / (first - second) * (np.exp(-second * at) - np.exp(-first * at)) * np.exp(-leaving * at)
    found = answered_in_time(Rates(0.0, 1 / 300, leaving, 0.0, 1, None), extra=1, waiting=3, within=within)
    assert found[1][0] == pytest.approx(np.trapezoid(density, at), rel=1e-9)


def test_a_desk_with_endless_patience_and_too_few_agents_is_refused_rather_than_cut_short() -> None:
    with pytest.raises(SettingError, match="thousands of callers"):
        day([Stretch(36_000, 1.0, 1)], handle=300)


WRONG = [({"agents": -1}, "agents"), ({"arrivals": math.nan}, "arrivals"), ({"duration": 0}, "length")]


@pytest.mark.parametrize(("changed", "words"), [*WRONG, ({"agents": 10**9}, "agents")])
def test_a_stretch_that_cannot_be_is_refused_by_name(changed: dict[str, float], words: str) -> None:
    stretch = {"duration": 1800.0, "arrivals": 0.03, "agents": 12} | changed
    with pytest.raises(SettingError, match=f"^{words}: "):
        day([Stretch(**stretch)], handle=300, patience=180)
