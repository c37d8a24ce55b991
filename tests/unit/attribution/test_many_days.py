"""Do many days at once lose the callers that the exact day loses?"""

import heapq

import numpy as np
import pytest

from kcas.attribution.fitted import Days, expected_abandoned, hung_up
from kcas.queueing.transient import Stretch, day, total

CALLS = np.array([5, 20, 60, 75, 80, 60, 40, 30, 20, 10.0])
AGENTS = np.array([2, 4, 8, 8, 9, 8, 5, 4, 3, 2])
INTERVAL = 1800.0


def exact(calls, agents, *, handle, patience):
    stretches = [Stretch(INTERVAL, many / INTERVAL, int(on)) for many, on in zip(calls, agents, strict=True)]
    return total(day(stretches, handle=handle, patience=patience))


@pytest.mark.parametrize("busy", [0.5, 1.0, 1.6])
@pytest.mark.parametrize("handle", [150.0, 260.0])
def test_a_day_loses_what_the_exact_day_loses(busy, handle):
    expected = exact(CALLS * busy, AGENTS, handle=handle, patience=300.0)
    found = expected_abandoned(
        Days(CALLS[None] * busy, AGENTS[None] * 1.0, np.array([handle]), np.array([300.0]), INTERVAL)
    )
    # a step of a minute lags by half a minute: a tenth of a point or so of the rate
    assert found.sum() / expected.arrivals == pytest.approx(expected.rate, abs=0.004)


def test_days_side_by_side_do_not_touch_each_other():
    alone = [
        expected_abandoned(Days(CALLS[None] * f, AGENTS[None] * 1.0, np.array([200.0]), np.array([300.0]), INTERVAL))[0]
        for f in (0.5, 1.5)
    ]
    both = expected_abandoned(
        Days(
            np.stack([CALLS * 0.5, CALLS * 1.5]), np.stack([AGENTS, AGENTS]) * 1.0, np.full(2, 200.0),
            np.full(2, 300.0), INTERVAL,
        )
    )  # fmt: skip
    assert both == pytest.approx(np.stack(alone), rel=1e-4, abs=1e-4)


def test_a_part_of_an_agent_lies_between_the_whole_ones():
    agents = np.stack([AGENTS, AGENTS + 0.5, AGENTS + 1.0]) * 1.0
    days = Days(np.stack([CALLS] * 3), agents, np.full(3, 220.0), np.full(3, 300.0), INTERVAL)
    fewer, between, more = expected_abandoned(days).sum(axis=1)
    assert more < between < fewer
    assert between == pytest.approx((fewer + more) / 2, rel=0.1)


def test_where_nobody_works_everybody_is_lost():
    found = expected_abandoned(Days(CALLS[None], AGENTS[None] * 0.0, np.array([200.0]), np.array([60.0]), INTERVAL))
    assert found.sum() == pytest.approx(CALLS.sum(), rel=1e-3)


def test_where_nobody_works_those_who_stay_beyond_a_wait_are_the_exponential_share():
    days = Days(CALLS[None], AGENTS[None] * 0.0, np.array([200.0]), np.array([60.0]), INTERVAL)
    gone, over = hung_up(days, after=30.0)
    assert over.sum() / gone.sum() == pytest.approx(np.exp(-30 / 60), rel=1e-3)


@pytest.mark.parametrize("after", [5.0, 30.0, 60.0])
def test_on_a_steady_desk_as_many_hang_up_after_a_wait_as_when_callers_are_followed_one_by_one(after):
    pace, handle, patience, agents = 0.05, 200.0, 240.0, 8
    days = Days(
        np.full((1, 40), pace * INTERVAL), np.full((1, 40), float(agents)), np.array([handle]), np.array([patience]),
        INTERVAL,
    )  # fmt: skip
    gone, over = hung_up(days, after=after)
    hang_ups = followed(pace=pace, handle=handle, patience=patience, agents=agents)
    arrived = pace * INTERVAL
    # 200,000 callers whose fates hang together: a standard error of about 0.002 of those who arrive
    assert gone[0, 30] / arrived == pytest.approx(len(hang_ups) / 200_000, abs=0.006)
    assert over[0, 30] / arrived == pytest.approx((hang_ups > after).sum() / 200_000, abs=0.006)


def followed(*, pace, handle, patience, agents):
    """The waits of those who hung up, of 200,000 callers served in turn."""
    rng = np.random.default_rng(1)
    came = np.cumsum(rng.exponential(1 / pace, 200_000))
    takes, stays = rng.exponential(handle, 200_000), rng.exponential(patience, 200_000)
    free, waits = [0.0] * agents, []
    for at, take, stay in zip(came, takes, stays, strict=True):
        begin = max(free[0], at)
        if begin - at > stay:
            waits.append(stay)
        else:
            heapq.heapreplace(free, begin + take)
    return np.array(waits)
