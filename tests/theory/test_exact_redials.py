"""Do the redials of an exact day agree with a naive reckoning by half-seconds, with cases by hand, and with dice?"""

from typing import Any

import numpy as np
import pytest

from kcas.calibration.simulated_days import simulated_days
from kcas.distributions import distribution, laws
from kcas.errors import ScenarioError, SettingError
from kcas.queueing.retrials import Again, Returning
from kcas.queueing.scenario_day import exact_day
from kcas.queueing.transient import Stretch, day, total
from kcas.simulation.scenario.file import scenario_of
from kcas.simulation.scenario.schema import Scenario

HOUR = 3600.0
CALLS, AGENTS = (20, 45, 60, 50), (2, 2, 3, 3)  # by hour; staff never fall, so callers in the system are state enough
HANDLE, PATIENCE, DELAY, SHARE, TIMES = 240.0, 120.0, 600.0, 0.4, 2


def by_half_seconds(*, step: float = 0.5, most: int = 60) -> tuple[list[float], list[float]]:
    """Redials and hang-ups of each hour; who will ring again waits in an orbit, one for each attempt."""
    chances = np.eye(most + 1)[0]
    callers = np.arange(most + 1)
    orbit, queue = np.zeros(TIMES), np.zeros(TIMES + 1)
    again, lost = [], []
    for calls, agents in zip(CALLS, AGENTS, strict=True):
        waiting = np.maximum(callers - agents, 0)
        down = np.minimum(callers, agents) / HANDLE + waiting / PATIENCE
        rang = gone = 0.0
        queue *= (chances @ waiting) / queue.sum() if queue.sum() else 0.0  # a further agent took one
        for _ in range(round(HOUR / step)):
            rates = np.concatenate([[calls / HOUR], orbit / DELAY])
            leaving = queue / PATIENCE
            queue = queue + step * rates * chances[agents:].sum()
            up = np.where(callers < most, rates.sum(), 0.0)
            change = -chances * (up + down)
            change[1:] += (chances * up)[:-1]
            change[:-1] += (chances * down)[1:]
            chances = chances + step * change
            queue *= (chances @ waiting) / queue.sum() if queue.sum() else 0.0  # agents took the rest
            rang += step * float(rates[1:].sum())
            gone += step * float(leaving.sum())
            orbit = orbit + step * (SHARE * leaving[:-1] - orbit / DELAY)
        again.append(rang)
        lost.append(gone)
    return again, lost


def again(**changes: Any) -> Again:
    """Two in five ring again, ten minutes later on average."""
    supposed: dict[str, Any] = {
        "after_abandoning": SHARE, "after_busy_tone": 0.0, "times": TIMES, "delay": laws.Exponential(DELAY),
        "closes": 4 * HOUR,
    }  # fmt: skip
    return Again(**supposed | changes)


@pytest.mark.parametrize(("length", "within"), [(300.0, 0.002), (1800.0, 0.02)])
def test_redials_and_hang_ups_of_each_hour_are_those_of_a_naive_reckoning(length: float, within: float) -> None:
    pieces = round(HOUR / length)
    stretches = [
        Stretch(length, calls / HOUR, agents)
        for calls, agents in zip(CALLS, AGENTS, strict=True)
        for _ in range(pieces)
    ]
    found = day(stretches, handle=HANDLE, patience=PATIENCE, empty_at_close=False, again=again())
    redials, lost = by_half_seconds()
    for hour in range(4):
        mine = total(found[hour * pieces : (hour + 1) * pieces])
        assert mine.redials == pytest.approx(redials[hour], rel=within, abs=0.05)
        assert mine.abandoned == pytest.approx(lost[hour], rel=within, abs=0.05)
        assert mine.arrivals == pytest.approx(CALLS[hour] + mine.redials, rel=1e-9)


def test_nobody_rings_again_where_nobody_hangs_up() -> None:
    stretches = [Stretch(HOUR, 20 / HOUR, 3)] * 3
    with_them = day(stretches, handle=HANDLE, again=again(after_abandoning=0.9))
    assert total(with_them).redials == 0
    assert total(with_them).arrivals == pytest.approx(60, rel=1e-12)
    assert with_them == day(stretches, handle=HANDLE)


def test_without_agents_each_attempt_is_the_share_of_the_one_before() -> None:
    stretches = [Stretch(HOUR, 100 / HOUR, 0), *[Stretch(HOUR, 0.0, 0)] * 9]
    found = total(day(stretches, handle=HANDLE, patience=1.0, again=again(times=3, closes=10 * HOUR)))
    assert found.arrivals == pytest.approx(100 * (1 + 0.4 + 0.16 + 0.064), rel=1e-6)
    assert found.abandoned == pytest.approx(found.arrivals, rel=1e-9)


def test_a_share_of_one_with_as_many_tries_as_can_be_still_ends() -> None:
    found = total(day([Stretch(HOUR, 100 / HOUR, 0), Stretch(9 * HOUR, 0.0, 0)], handle=HANDLE, patience=1.0,
                      again=again(after_abandoning=1.0, times=20, closes=10 * HOUR,
                                  delay=distribution.Fixed(1.0))))  # fmt: skip
    assert found.arrivals == pytest.approx(2100, rel=1e-3)


def test_who_would_ring_after_closing_does_not() -> None:
    found = day([Stretch(HOUR, 100 / HOUR, 1)], handle=HANDLE, patience=PATIENCE,
                again=again(closes=HOUR, delay=distribution.Fixed(HOUR)))  # fmt: skip
    assert total(found).redials == 0


def test_half_of_those_who_hang_up_at_any_moment_of_an_hour_are_back_within_it_after_half_an_hour() -> None:
    found = day([Stretch(HOUR, 100 / HOUR, 0)], handle=HANDLE, patience=1.0, again=again(
        closes=HOUR, delay=distribution.Fixed(HOUR / 2), times=1))  # fmt: skip
    assert total(found).redials == pytest.approx(0.5 * SHARE * 100, rel=1e-3)


def test_callers_who_met_a_busy_tone_ring_again() -> None:
    found = total(day([Stretch(HOUR, 100 / HOUR, 0), Stretch(9 * HOUR, 0.0, 0)], handle=HANDLE, lines=1,
                      empty_at_close=False,
                      again=again(after_abandoning=0.0, after_busy_tone=0.5, times=1, closes=10 * HOUR)))  # fmt: skip
    # the first caller holds the only line for ever: the others are refused, and half of them are a second time
    assert found.redials == pytest.approx(0.5 * 99, rel=0.02)  # who it is that holds it is taken in the mean
    assert found.blocked == pytest.approx(found.arrivals - 1, rel=1e-6)


def scenario(**redials: Any) -> Scenario:
    """A morning and an afternoon in which about a quarter hang up."""
    weights = [20, 30, 45, 60, 65, 60, 50, 45, 45, 50, 55, 50, 45, 40, 35, 30, 20, 15]
    exponential = {"distribution": "exponential"}
    return scenario_of(
        {
            "question": "invented: who calls again?",
            "day": {"opens": "08:00", "closes": "17:00", "weekdays": ["monday"]},
            "demand": {"calls_per_day": 700, "arrival_profile": weights},
            "types": {"public": {"share": "100%", "talk": exponential | {"mean": "5 min"},
                                 "patience": exponential | {"mean": "3 min"}}},
            "teams": {"desk": {"by_interval": [4, 5, 6, 7, 8, 8, 6, 5, 5, 6, 7, 7, 6, 6, 5, 4, 3, 3]}},
            "redials": {"after_abandoning": "33%", "delay": {"distribution": "fixed", "value": "1 h"}} | redials,
        },
        where="test",
    )  # fmt: skip


def test_dice_give_as_many_redials_and_hang_ups_where_callers_ring_an_hour_later() -> None:
    days = simulated_days(scenario(), days=1000)
    found = exact_day(scenario()).total
    for exact, seen in ((found.arrivals, days.offered), (found.abandoned, days.lost)):
        assert abs(exact - seen.mean()) < 3 * seen.std() / 1000**0.5


def test_where_callers_ring_again_at_once_dice_lose_little_more_than_theory_says() -> None:
    at_once = scenario(delay={"distribution": "exponential", "mean": "5 min"})
    days = simulated_days(at_once, days=1000)
    rate = days.lost.sum() / days.offered.sum()
    assert 0 < rate - (exact_day(at_once).total.rate or 0) < 0.01  # they come just when the queue is long


def test_callers_whose_patience_stays_the_same_are_refused_by_name() -> None:
    with pytest.raises(ScenarioError, match=r"call again with the same patience.*kcas simulate"):
        exact_day(scenario(patience="same"))


def test_what_is_left_out_is_said() -> None:
    assert any("call again are taken in the mean" in note for note in exact_day(scenario()).notes)


def test_redials_that_never_agree_are_refused_in_words() -> None:
    class Growing:
        def __init__(self, further: float) -> None:
            self.arrivals = 10 + further * HOUR
            self.abandoned = 100 + self.arrivals**2
            self.blocked = self.end_queue = 0.0

    returning = Returning(again(after_abandoning=1.0, delay=distribution.Fixed(1.0)), [HOUR])
    with pytest.raises(SettingError, match=r"would call again.*Expected fewer who call again, or more agents"):
        returning.settle(0, lambda further: (Growing(further), np.zeros(1)))
