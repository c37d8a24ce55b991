"""Handling and patience that change over the day: in the dice, in the exact day, and refused where they cannot be."""

from typing import Any

import numpy as np
import pytest

from kcas.calibration.simulated_days import simulated_days
from kcas.errors import ScenarioError
from kcas.queueing.scenario_day import exact_day
from kcas.simulation.engines.sampling import sample_workload
from kcas.simulation.scenario.file import merge_tables, scenario_of
from kcas.simulation.scenario.handling_time import handling
from kcas.simulation.scenario.schema import Scenario

SLOWER, KEENER = ["50%", "100%", "200%", "100%"], ["100%", "50%", "100%", "300%"]
DESK: dict[str, Any] = {
    "question": "?",
    "day": {"opens": "09:00", "closes": "11:00", "interval": "30 min"},
    "demand": {"calls_per_day": 120, "arrival_profile": [1, 2, 2, 1]},
    "types": {
        "public": {
            "share": "100%",
            "talk": {"distribution": "exponential", "mean": "200 s"},
            "patience": {"distribution": "exponential", "mean": "90 s"},
        }
    },
    "teams": {"desk": {"by_interval": [2, 4, 5, 3]}},
}


def desk(**demand: Any) -> Scenario:
    return scenario_of(merge_tables(DESK, {"demand": demand}), where="desk")


def test_the_same_callers_take_and_wait_for_as_much_longer_as_their_own_half_hour_says() -> None:
    plain = sample_workload(desk(), seed=5, days=range(40))
    other = sample_workload(desk(handling_by_interval=SLOWER, patience_by_interval=KEENER), seed=5, days=range(40))
    half_hour = (plain.arrival / 1000 - 9 * 3600).astype(int) // 1800
    assert plain.arrival.tolist() == other.arrival.tolist()
    assert np.abs(other.talk - plain.talk * np.array([0.5, 1, 2, 1])[half_hour]).max() <= 1.5  # milliseconds, rounded
    assert np.abs(other.patience - plain.patience * np.array([1, 0.5, 1, 3])[half_hour]).max() <= 2
    assert set(half_hour.tolist()) == {0, 1, 2, 3}


def test_a_type_has_its_own_in_place_of_demands() -> None:
    own = scenario_of(
        merge_tables(
            DESK, {"demand": {"handling_by_interval": SLOWER}, "types": {"public": {"handling_by_interval": KEENER}}}
        ),
        where="desk",
    )
    mean = 200 * (1 * 1.0 + 2 * 0.5 + 2 * 1.0 + 1 * 3.0) / 6  # weighted by when calls come
    assert handling(own, "public") == pytest.approx(mean)


def test_alike_all_day_is_the_same_as_another_mean() -> None:
    slower = scenario_of(
        merge_tables(DESK, {"types": {"public": {"talk": {"distribution": "exponential", "mean": "240 s"},
                                         "patience": {"distribution": "exponential", "mean": "72 s"}}}}),
        where="desk",
    )  # fmt: skip
    factors = exact_day(desk(handling_by_interval=["120%"] * 4, patience_by_interval=["80%"] * 4))
    assert factors.total.abandoned == pytest.approx(exact_day(slower).total.abandoned, rel=1e-9)
    assert factors.total.busy_time == pytest.approx(exact_day(slower).total.busy_time, rel=1e-9)


def stepped_by_hand(handled: list[float], waits: list[float]) -> float:
    """Calls given up by small Euler steps of the same queue, staff handing a call over when they leave."""
    chance, lost, step = np.zeros(120), 0.0, 0.25
    chance[0] = 1.0
    callers = np.arange(120)
    for interval in [*range(4), 4, 5, 6]:
        at = min(interval, 3)
        pace = 0.0 if interval > 3 else 120 * [1, 2, 2, 1][at] / 6 / 1800
        agents = [2, 4, 5, 5][at]
        down = np.minimum(callers, agents) / handled[at] + np.maximum(callers - agents, 0) / waits[at]
        for _ in range(round(1800 / step)):
            lost += float(chance @ np.maximum(callers - agents, 0)) / waits[at] * step
            flow = chance * pace
            flow[-1] = 0.0
            ends = chance * down
            chance = chance - step * (flow + ends)
            chance[1:] += step * flow[:-1]
            chance[:-1] += step * ends[1:]
    return lost


def test_the_exact_day_is_the_queue_stepped_by_hand() -> None:
    scenario = scenario_of(
        merge_tables(DESK, {"demand": {"handling_by_interval": SLOWER, "patience_by_interval": KEENER},
                    "teams": {"desk": {"by_interval": [2, 4, 5, 5]}}}),
        where="desk",
    )  # fmt: skip
    # the day's mean handling is 200 s × (1 × 0.5 + 2 × 1 + 2 × 2 + 1 × 1) / 6, and each half-hour's is its own
    by_hand = stepped_by_hand([100.0, 200.0, 400.0, 200.0], [90.0, 45.0, 90.0, 270.0])
    assert exact_day(scenario).total.abandoned == pytest.approx(by_hand, rel=2e-3)


def test_who_still_waits_after_closing_is_handled_as_long_and_waits_for_as_long_as_who_came_last() -> None:
    def on(profile: list[int], calls: float, **changes: Any) -> float:
        late = {"shifts": [{"agents": 3, "from": "09:00", "to": "12:00"}]}
        demand = {"arrival_profile": profile, "calls_per_day": calls} | changes
        tables = merge_tables(
            DESK, {"day": {"after_closing": "keep waiting"}, "demand": demand, "teams": {"desk": late}}
        )
        return exact_day(scenario_of(tables, where="desk")).total.abandoned

    # an hour without calls lies between the two half-hours, so the day is the sum of two days that have one each
    long, keen = ["50%", "50%", "200%", "200%"], ["100%", "100%", "300%", "300%"]
    whole = on([1, 0, 0, 1], 120, handling_by_interval=long, patience_by_interval=keen)
    first = on([1, 0, 0, 0], 60, handling_by_interval=["50%"] * 4)
    last = on([0, 0, 0, 1], 60, handling_by_interval=["200%"] * 4, patience_by_interval=["300%"] * 4)
    assert whole == pytest.approx(first + last, rel=1e-6)


def test_simulated_days_lose_about_as_many_as_the_exact_day_says() -> None:
    scenario = desk(handling_by_interval=["80%", "100%", "120%", "100%"], patience_by_interval=KEENER)
    days = simulated_days(scenario, days=3000)
    told = exact_day(scenario).total.abandoned
    error = days.lost.std() / np.sqrt(len(days.lost))
    # theory lets calls in hand go on at the pace of the new half-hour: a matter of some hundredths
    assert abs(days.lost.mean() - told) < 3 * error + 0.03 * told


def test_laws_that_are_not_exponential_are_matched_hour_by_hour_with_their_own_patience() -> None:
    def fixed(patience: str, **demand: Any) -> Scenario:
        laws = {
            "talk": DESK["types"]["public"]["talk"],
            "patience": {"distribution": "weibull", "shape": 2, "mean": patience},
        }
        return scenario_of(merge_tables(DESK, {"demand": demand, "types": {"public": laws}}), where="desk")

    longer = exact_day(fixed("60 s", patience_by_interval=["150%"] * 4)).total.abandoned
    assert longer == pytest.approx(exact_day(fixed("90 s")).total.abandoned, rel=1e-4)


@pytest.mark.parametrize("key", ["handling_by_interval", "patience_by_interval"])
def test_a_list_that_does_not_fit_the_day_is_refused_with_its_hours(key: str) -> None:
    with pytest.raises(ScenarioError, match=rf"desk, demand, {key}: 3 percentages. Expected 4, one for each interval"):
        desk(**{key: ["100%"] * 3})
    with pytest.raises(
        ScenarioError, match=r"number 2: '5%' is not a percentage. Expected one like.* from 10% to 1000%"
    ):
        desk(**{key: ["100%", "5%", "100%", "100%"]})
