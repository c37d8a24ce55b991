"""False alarms of the chart and the verdict are no more frequent than is said: the study of the paper, in small."""

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


@pytest.mark.parametrize(
    ("key", "most"), [("independent", 0.06), ("much alike", 0.06), ("drift", 0.06), ("wide drift", 0.06)]
)
def test_a_desk_on_which_nothing_changed_is_seldom_called_lower_or_higher(key: str, most: float) -> None:
    found = since_alarms(DESK[key], weeks=52, replications=200, seed=SEED)
    assert found["ours"].share <= most + 2.5 * math.sqrt(most * (1 - most) / 200)
    assert found["pooled"].share > 0.2  # the comparison of all calls with all calls does give false verdicts


@pytest.mark.parametrize("key", ["drift", "wide drift"])
def test_half_a_year_of_a_drifting_desk_is_seldom_called_lower_or_higher(key: str) -> None:
    found = since_alarms(DESK[key], weeks=26, replications=150, seed=SEED)
    assert found["ours"].share <= 0.10 + 2.5 * math.sqrt(0.10 * 0.90 / 150)
    assert found["wanders"].share > 0.8


def test_a_real_fall_is_found_where_days_are_independent() -> None:
    assert since_alarms(DESK["independent"], weeks=52, replications=60, seed=SEED, to=0.15)["ours"].share >= 0.95
    assert since_alarms(DESK["independent wide"], weeks=52, replications=150, seed=SEED, to=0.15)["ours"].share >= 0.80
    assert since_alarms(DESK["dice"], weeks=52, replications=60, seed=SEED, to=0.18)["ours"].share >= 0.95


def test_the_chart_speaks_up_on_few_ordinary_days_and_a_plain_one_on_many() -> None:
    found = chart_alarms(DESK["independent"], replications=60, seed=SEED)
    assert found["any rule"].share < 0.03
    assert found["outside the limits"].share < 0.01
    assert found["ewma"].share < 0.02
    assert found["plain"].share > 0.10
    assert found["suggested"].share < 0.10
    assert found["follows"].share < 0.10


@pytest.mark.parametrize("key", ["drift", "wide drift", "much alike"])
def test_the_chart_speaks_up_on_few_days_of_a_desk_whose_days_are_alike(key: str) -> None:
    for count in (100, 250):
        found = chart_alarms(DESK[key], replications=40, seed=SEED, count=count)
        assert found["any rule"].share < 0.05
        assert found["follows"].share > 0.7


def test_a_fall_from_twenty_to_fifteen_per_cent_is_seen_within_two_working_weeks_by_half_of_desks() -> None:
    found = days_to_find(DESK["independent"], replications=100, seed=SEED)
    assert found["chart median"] <= 10
    assert found["ewma median"] <= 14


def test_a_shift_of_the_last_days_is_not_taken_for_drift() -> None:
    follows, told = 0, 0
    for seed in range(20):
        dice = np.random.default_rng(seed)
        odds = np.log([0.12 / 0.88] * 252 + [0.25 / 0.75] * 8) + 0.3 * dice.standard_normal(260)
        chart = drawn(dice.binomial(120, 1 / (1 + np.exp(-odds))).tolist(), [120] * 260)
        follows += chart.follows
        told += any(point.on_the_day for point in chart.points[-8:])
    assert follows <= 2
    assert told >= 18


def test_the_simulated_desk_is_the_desk_it_is_said_to_be() -> None:
    dice = np.random.default_rng(SEED)
    lost, offered = (np.array(each) for each in days(dice, DESK["dice"], count=5000))
    assert offered.mean() == pytest.approx(CALLS, rel=0.01)
    by_weekday = lost.reshape(-1, 5).sum(axis=0) / offered.reshape(-1, 5).sum(axis=0)
    assert by_weekday == pytest.approx(RATE * WEEKDAY, abs=0.006)
    slow = restlessness(dice, alike=0.955, weeks=4000, share=0.5)
    assert slow.std() == pytest.approx(1.0, abs=0.05)
    weeks = slow.reshape(-1, 5)
    assert np.corrcoef(weeks[:, 0], weeks[:, 1])[0, 1] == pytest.approx(0.5 * 0.955, abs=0.05)
    assert np.corrcoef(weeks[:-2, 0], weeks[2:, 0])[0, 1] == pytest.approx(0.5 * 0.955**14, abs=0.05)
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
