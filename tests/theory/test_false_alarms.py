"""Do the chart and the verdict cry wolf no more often than is said of them? The study of the paper, in small."""

import math

import numpy as np
import pytest

from benchmarks.false_alarms import (
    BEFORE,
    CALLS,
    DESKS,
    RATE,
    WEEKDAY,
    asked,
    chart_alarms,
    days,
    days_to_find,
    drawn,
    first,
    restlessness,
    since_alarms,
)

DESK = {desk.key: desk for desk in DESKS}
SEED = 20100404


@pytest.mark.parametrize(("key", "most"), [("independent", 0.08), ("alike", 0.08), ("strongly", 0.13)])
def test_a_desk_on_which_nothing_changed_is_seldom_called_lower_or_higher(key: str, most: float) -> None:
    found = since_alarms(DESK[key], weeks=52, replications=600, seed=SEED)
    assert found["ours"].share <= most
    # nor is it merely timid: were nothing ever found, the bound would be met as well
    assert found["ours"].share >= 0.05 - 3 * math.sqrt(0.05 * 0.95 / 600)
    assert found["pooled"].share > 0.2  # the comparison of all calls with all calls does cry wolf


def test_a_real_fall_is_found() -> None:
    assert since_alarms(DESK["alike"], weeks=52, replications=100, seed=SEED, to=0.15)["ours"].share > 0.95
    assert since_alarms(DESK["independent"], weeks=52, replications=200, seed=SEED, to=0.18)["ours"].share > 0.65


def test_the_chart_speaks_up_on_few_ordinary_days_and_a_plain_one_on_many() -> None:
    found = chart_alarms(DESK["independent"], replications=60, seed=SEED)
    assert found["any rule"].share < 0.03
    assert found["outside the limits"].share < 0.01
    assert found["ewma"].share < 0.02
    assert found["plain"].share > 0.10
    assert found["suggested"].share < 0.10


def test_a_fall_from_twenty_to_fifteen_per_cent_is_seen_within_two_working_weeks_by_half_of_desks() -> None:
    for key in ("independent", "alike"):
        found = days_to_find(DESK[key], replications=60, seed=SEED)
        assert found["chart median"] <= 12
        assert found["ewma median"] <= 14


def test_the_simulated_desk_is_the_desk_it_is_said_to_be() -> None:
    dice = np.random.default_rng(SEED)
    lost, offered = (np.array(each) for each in days(dice, DESK["dice"], count=5000))
    assert offered.mean() == pytest.approx(CALLS, rel=0.01)
    by_weekday = lost.reshape(-1, 5).sum(axis=0) / offered.reshape(-1, 5).sum(axis=0)
    assert by_weekday == pytest.approx(RATE * WEEKDAY, abs=0.006)
    noise = restlessness(dice, alike=0.7, weeks=4000)
    assert noise.std() == pytest.approx(1.0, abs=0.03)
    weeks = noise.reshape(-1, 5)
    assert np.corrcoef(weeks[:, 0], weeks[:, 1])[0, 1] == pytest.approx(0.7, abs=0.03)
    assert np.corrcoef(weeks[:-1, 4], weeks[1:, 0])[0, 1] == pytest.approx(0.7**3, abs=0.05)  # over the weekend
    fallen, of = (np.array(each)[BEFORE:] for each in days(dice, DESK["dice"], count=3100, fall_from=BEFORE))
    assert fallen.sum() / of.sum() == pytest.approx(0.15, abs=0.003)


def test_what_is_said_on_the_day_needs_no_later_day() -> None:
    dice = np.random.default_rng(SEED)
    lost, offered = days(dice, DESK["alike"], count=120, fall_from=BEFORE)
    whole = asked(drawn(lost, offered, baseline=BEFORE))
    for cut in (105, 110, 119):
        shorter = asked(drawn(lost[:cut], offered[:cut], baseline=BEFORE))
        assert shorter.tolist() == whole[:cut].tolist()


def test_a_fall_that_nobody_saw_counts_as_longer_than_was_watched() -> None:
    assert first(np.zeros(160, dtype=bool)) == 61
    seen = np.zeros(160, dtype=bool)
    seen[[3, BEFORE + 4]] = True
    assert first(seen) == 5
