"""The model's document suffices to rebuild it: its equations, written out naively, give what the code gives."""

import re
from pathlib import Path

import numpy as np
import pytest
from scipy.linalg import expm
from scipy.stats import t as student

from kcas.arrays import Floats
from kcas.calibration.level import weekday_levels
from kcas.calibration.staff_on_duty import lost_calls
from kcas.calls.rates import wilson
from kcas.distributions.laws import Exponential
from kcas.distributions.measured import PiecewiseExponential
from kcas.queueing.retrials import Again, comes_back
from kcas.queueing.transient import Stretch, day
from kcas.simulation.estimate import share_of

ROOT = Path(__file__).resolve().parents[2]
PAPER = (ROOT / "docs" / "model.md").read_text(encoding="utf-8")
ITEMS = {
    "1.1": "Purpose of the model", "1.2": "Model outputs", "1.3": "Experimentation aims",
    "2.1": "Base model overview diagram", "2.2": "Base model logic", "2.3": "Scenario logic", "2.4": "Algorithms",
    "2.5": "Components", "3.1": "Data sources", "3.2": "Pre-processing", "3.3": "Input parameters",
    "3.4": "Assumptions", "4.1": "Initialisation", "4.2": "Run length", "4.3": "Estimation approach", "5.1": "Software",
    "5.2": "Random sampling", "5.3": "Model execution", "5.4": "System specification",
    "6.1": "Computer model sharing statement",
}  # fmt: skip
"""The twenty items of STRESS-DES (Monks and others 2019)."""

ARRIVALS, FINISHING, LEAVING, AT_ONCE = 0.03, 1 / 400, 1 / 180, 0.05
ROSTER, BEYOND, ROOM, LENGTH = 9, 3, 60, 1800.0


def test_every_item_of_the_checklist_has_its_heading() -> None:
    headings = dict(re.findall(r"^### (\d\.\d) (.+)$", PAPER, re.MULTILINE))
    assert {number: headings.get(number) for number in ITEMS} == ITEMS


def test_every_file_that_the_document_names_exists() -> None:
    known = {path.as_posix() for path in (ROOT / "kcas").rglob("*.py")} | {
        path.as_posix() for folder in ("tests", "benchmarks") for path in (ROOT / folder).rglob("*.*")
    }
    named = re.findall(r"`((?:[\w-]+/)*[\w-]+\.(?:py|json))`", PAPER)
    assert [name for name in named if not any(path.endswith(f"/{name}") for path in known)] == []
    assert len(named) > 10


def chain() -> tuple[list[tuple[int, int]], Floats]:
    """Section 7: the states (agents beyond the roster, callers) and the rates between them, one dense matrix."""
    states = [(0, callers) for callers in range(ROSTER + ROOM + 1)]
    states += [(extra, waiting) for extra in range(1, BEYOND + 1) for waiting in range(ROOM + 1)]
    place = {state: number for number, state in enumerate(states)}
    rates = np.zeros((len(states), len(states)))

    def move(start: tuple[int, int], end: tuple[int, int], rate: float) -> None:
        if end in place:
            rates[place[start], place[end]] += rate
            rates[place[start], place[start]] -= rate

    for extra, j in states:
        if extra == 0:
            move((0, j), (0, j + 1), ARRIVALS * (1.0 if j < ROSTER else 1 - AT_ONCE))
            move((0, j), (0, j - 1), min(j, ROSTER) * FINISHING + max(j - ROSTER, 0) * LEAVING)
        else:
            if j < ROOM:
                move((extra, j), (extra, j + 1), ARRIVALS * (1 - AT_ONCE))
            move((extra, j), (extra, j - 1), j * LEAVING)
            below = (extra - 1, j) if extra > 1 else (0, ROSTER + j)
            move((extra, j), below, (ROSTER + extra) * FINISHING)
    return states, rates


def contour(rates: Floats, start: Floats) -> tuple[Floats, Floats]:
    """Section 7: the end of a stretch and the time spent in each state, on Talbot's contour."""
    nodes = 24
    phi = (2 * np.arange(1, nodes // 2 + 1) - 1) * np.pi / nodes
    turn = 0.6407 * phi
    z = nodes * (0.5017 * phi / np.tan(turn) - 0.6122 + 0.2645j * phi)
    slope = nodes * (0.5017 / np.tan(turn) - 0.5017 * turn / np.sin(turn) ** 2 + 0.2645j)
    weight = 2 * np.exp(z) * slope / (1j * nodes)
    one = np.eye(len(start))
    solved = [np.linalg.solve(at / LENGTH * one - rates.T, start) for at in z]
    end = sum((w / LENGTH * x).real for w, x in zip(weight, solved, strict=True))
    spent = sum((w / at * x).real for w, at, x in zip(weight, z, solved, strict=True))
    return np.asarray(end), np.asarray(spent)


def test_a_stretch_after_the_roster_falls_has_the_documents_hang_ups_and_answers() -> None:
    states, rates = chain()
    start = np.zeros(len(states))
    start[states.index((3, 2))] = 1.0  # twelve at work on a roster of nine, two callers waiting
    end, spent = contour(rates, start)
    np.testing.assert_allclose(end, start @ expm(rates * LENGTH), atol=1e-12)
    waiting = np.array([j if extra else max(j - ROSTER, 0) for extra, j in states])
    free = np.array([extra == 0 and j < ROSTER for extra, j in states])
    abandoned = LEAVING * spent @ waiting + ARRIVALS * AT_ONCE * (LENGTH - spent @ free)
    answered = ARRIVALS * LENGTH - abandoned - (end @ waiting - start @ waiting)
    before = Stretch(1e-6, 1e-12, ROSTER + BEYOND)
    after = day(
        [before, Stretch(LENGTH, ARRIVALS, ROSTER)],
        handle=1 / FINISHING, patience=1 / LEAVING, impatient=AT_ONCE, start=np.eye(15)[14],
    )[1]  # fmt: skip
    assert after.abandoned == pytest.approx(abandoned, rel=1e-7)
    assert after.answered == pytest.approx(answered, rel=1e-7)


def test_redials_come_back_when_the_document_says() -> None:
    hung_up = (np.arange(200_000) + 0.5) / 200_000 * 1800

    def ended(delay: Floats) -> Floats:
        return np.asarray(-np.expm1(-np.maximum(delay, 0.0) / 600))

    same = np.mean(ended(1800 - hung_up))
    later = np.mean(ended(3600 - hung_up) - ended(1800 - hung_up))
    again = Again(0.4, 0.0, times=2, delay=Exponential(600), closes=3600.0)
    np.testing.assert_allclose(comes_back(again, [1800.0, 1800.0])[0], [same, later], rtol=1e-5)


def test_the_loss_chain_is_the_backward_euler_of_the_document() -> None:
    arrivals, agents, handling = np.array([40.0, 60.0, 50.0]), np.array([5.4, 6.2, 5.9]), 200.0
    starts, pace = np.array([0.0, 30.0, 120.0]), np.array([0.004, 0.006, 0.002])
    found = lost_calls(arrivals[None], agents[None], np.array([handling]), PiecewiseExponential(starts, pace))[0]
    callers = np.arange(120)
    chance, lost = (callers == 0) * 1.0, []
    for rate, on in zip(arrivals / 1800, agents, strict=True):
        busy = np.minimum(callers, on)
        waited = (callers - busy) / rate
        met = np.interp(waited, [0.0, 30.0, 120.0], [0.0, 0.12, 0.66]) + 0.002 * np.maximum(waited - 120, 0)
        leaving = rate * met
        rates = np.diag(np.full(119, rate), 1) + np.diag((busy / handling + leaving)[1:], -1)
        rates -= np.diag(rates.sum(axis=1))
        total = 0.0
        for _ in range(30):
            chance = np.linalg.solve(np.eye(120) - 60 * rates.T, chance)
            total += 60 * float(chance @ leaving)
        lost.append(total)
    np.testing.assert_allclose(found, lost, rtol=1e-8)


def test_a_weekdays_level_is_the_documents() -> None:
    numbers = np.arange(730_000, 730_060)
    weekdays, age = numbers % 7, 730_060 - numbers
    values = np.random.default_rng(1).normal(5.0, 0.2, 60)
    slow, quick = 0.5 ** (age / 84), 0.5 ** (age / 7)
    middle = slow @ values / slow.sum()
    usual = []
    for weekday in range(7):
        mine = slow * (weekdays == weekday)
        usual.append(mine @ (values - middle) / (mine.sum() + 1))
    rest = np.clip(values - middle - np.array(usual)[weekdays], -0.7, 0.7)
    expected = middle + np.array(usual) + quick @ rest / quick.sum()
    found, _ = weekday_levels(values, numbers=numbers, weekdays=weekdays, weights=np.ones(60), now=730_060, ahead=7)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_a_share_has_wilsons_interval_on_the_documents_effective_number() -> None:
    rng = np.random.default_rng(2)
    count, of = rng.poisson(12, 40).astype(float), rng.poisson(100, 40).astype(float)
    share = count.sum() / of.sum()
    residuals = (count - share * of) / of.mean()
    worth = min(of.sum(), share * (1 - share) / (residuals.var(ddof=1) / 40))
    low, high = wilson(share * worth, worth, quantile=float(student.ppf(0.975, 39)))
    found = share_of(count, of)
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-12)
