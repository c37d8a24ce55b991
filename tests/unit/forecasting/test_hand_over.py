"""Does a day that is cut and taken up again go on as the whole day would have?"""

import numpy as np
import pytest

from kcas.errors import ScenarioError
from kcas.forecasting.current_state import Present, continued, present_of, residual
from kcas.queueing.transient import Stretch, day, total
from kcas.simulation.engines import compiled_engine, simpy_engine
from kcas.simulation.engines.layout import desk_of
from kcas.simulation.engines.sampling import sample_workload
from kcas.simulation.engines.tables import ABANDONED
from kcas.simulation.scenario.file import scenario_of

HOUR = 3_600_000
DAYS = 150


def scenario(*, talk, patience, roster, calls=300, after_closing="serve queue", **more):
    tables = {
        "question": "How does it go on?",
        "day": {"opens": "08:00", "closes": "14:00", "interval": "1 h", "after_closing": after_closing},
        "demand": {"calls_per_day": calls, "arrival_profile": [1, 2, 3, 2, 2, 1]},
        "types": {"all": {"share": "100%", "talk": talk, "patience": patience}},
        "teams": {"desk": {"by_interval": roster}},
    }
    return scenario_of(tables | more, where="test")


EXPONENTIAL = {
    "talk": {"distribution": "exponential", "mean": "4 min"},
    "patience": {"distribution": "exponential", "mean": "3 min"},
}
OTHERWISE = {
    "talk": {"distribution": "lognormal", "mean": "4 min", "cv": 0.7},
    "patience": {"distribution": "weibull", "mean": "3 min", "shape": 1.6},
}


def present(*, at, waited=(), busy_for=(), rostered):
    """One type, one team; times in seconds."""
    zeros = np.zeros(len(busy_for), np.int64)
    return Present(
        at=at,
        waiting_type=np.zeros(len(waited), np.int64),
        waited=np.array(waited, np.int64) * 1000,
        busy_type=zeros,
        busy_team=zeros,
        busy_for=np.array(busy_for, np.int64) * 1000,
        rostered=np.array([rostered]),
    )


def lost_of(load, rows):
    """Hang-ups of each day."""
    sums = np.concatenate([[0], np.cumsum(rows.outcome == ABANDONED)])
    return sums[load.first[1:]] - sums[load.first[:-1]]


@pytest.mark.parametrize(
    ("waited", "busy_for", "rostered"),
    [((), (10,), 4), ((300, 200, 100, 50, 10, 5), (600, 30, 200, 1), 4), ((), (), 0), ((40, 20), (60,) * 6, 4)],
)
def test_with_exponential_laws_it_loses_what_the_exact_day_expects_from_that_state(waited, busy_for, rostered):
    roster = [4, 4, 4, 6, 3, 3]
    supposed = scenario(**EXPONENTIAL, roster=roster)
    at = 10 * HOUR  # an hour's edge, so that the stretches of the exact day begin there
    desk, load = continued(
        supposed, present(at=at, waited=waited, busy_for=busy_for, rostered=rostered), seed=3, days=range(500)
    )
    found = lost_of(load, compiled_engine.run(desk, load))
    # agents beyond the roster finish the call in hand: the exact day begins with them and lets them go at once
    calls = [3, 2, 2, 1]
    stretches = [
        Stretch(3600, 300 * many / 11 / 3600, agents)
        for many, agents in zip(calls, [rostered, *roster[3:]], strict=True)
    ]
    if len(busy_for) > rostered:
        stretches.insert(0, Stretch(1e-3, 0.0, len(busy_for)))
    start = np.zeros(len(waited) + len(busy_for) + 1)
    start[-1] = 1.0
    expected = total(day(stretches, handle=240, patience=180, start=start)).abandoned
    assert found.mean() == pytest.approx(expected, abs=4 * found.std() / len(found) ** 0.5)


@pytest.mark.parametrize(("after_closing", "cut"), [("serve queue", 9.3), ("keep waiting", 11.8), ("disconnect", 13.6)])
def test_the_whole_days_end_is_an_ordinary_draw_of_the_days_continued(cut, after_closing):
    # lognormal calls and Weibull patience: how long each has lasted already must be handed over, not only how many.
    # Rank each day's true end among the ends of its continuations: every rank is then as likely as any other.
    supposed = scenario(**OTHERWISE, roster=[3, 5, 5, 6, 4, 3], after_closing=after_closing)
    desk, whole = desk_of(supposed), sample_workload(supposed, seed=1, days=range(DAYS))
    rows = compiled_engine.run(desk, whole)
    at, again, ranks = round(cut * HOUR), 20, []
    rng = np.random.default_rng(5)
    for number in range(DAYS):
        span = slice(whole.first[number], whole.first[number + 1])
        gone = (rows.outcome[span] == ABANDONED) & (rows.left[span] > at)
        _, load = continued(supposed, present_of(whole, rows, at=at, day=number), seed=1000 + number, days=range(again))
        ends = lost_of(load, compiled_engine.run(desk, load))
        below, level = (ends < gone.sum()).sum(), (ends == gone.sum()).sum()
        ranks.append((below + rng.random() * (level + 1)) / (again + 1))
    ranks = np.array(ranks)
    # uniform on 0 to 1: mean 1/2 and standard deviation 0.289, each within four standard errors over so many days
    assert ranks.mean() == pytest.approx(0.5, abs=4 * 0.289 / DAYS**0.5)
    assert ranks.std() == pytest.approx(0.289, abs=0.06)


def test_both_engines_take_the_day_up_alike():
    supposed = scenario(**OTHERWISE, roster=[3, 5, 5, 6, 4, 3])
    now = present(at=round(9.7 * HOUR), waited=(90, 30), busy_for=(400, 100, 30, 20, 10, 5), rostered=5)
    desk, load = continued(supposed, now, seed=9, days=range(20))
    one, other = simpy_engine.run(desk, load), compiled_engine.run(desk, load)
    for column, twin in zip(one, other, strict=True):
        assert np.array_equal(column, twin)


def test_callers_who_wait_are_taken_first_and_in_their_order():
    supposed = scenario(
        talk={"distribution": "fixed", "value": "5 min"}, patience={"distribution": "endless"}, roster=[1] * 6, calls=1
    )
    now = present(at=9 * HOUR, waited=(200, 100), busy_for=(60,), rostered=1)
    desk, load = continued(supposed, now, seed=1, days=range(1))
    rows = simpy_engine.run(desk, load)
    # the call in hand has four of its five minutes to go; then the first, and five minutes later the second
    assert (rows.left[:2] - 9 * HOUR).tolist() == [240_000, 540_000]


def test_what_is_left_of_an_exponential_time_does_not_depend_on_what_has_passed():
    rng = np.random.default_rng(4)
    pool = rng.exponential(100.0, 20_000)
    left = residual(pool, np.array([0.0, 50.0, 200.0]), draws=20_000, rng=rng)
    assert left.mean(axis=0) == pytest.approx([100, 100, 100], rel=0.06)


def test_what_is_left_of_a_fixed_time_is_the_rest_of_it():
    rng = np.random.default_rng(4)
    left = residual(np.full(1000, 300.0), np.array([0.0, 120.0]), draws=5, rng=rng)
    assert left.tolist() == [[300.0, 180.0]] * 5


def test_options_whose_state_is_not_known_are_refused():
    supposed = scenario(**EXPONENTIAL, roster=[2] * 6, telephone={"lines": 20})
    with pytest.raises(ScenarioError, match="cannot be taken up in its middle"):
        continued(supposed, present(at=9 * HOUR, rostered=2), seed=1, days=range(1))
