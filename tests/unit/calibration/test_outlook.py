"""Is a quantity's weekday found, its level followed, and its spread told as it is?"""

import numpy as np
import pytest

from kcas.calibration.level import outlook

DAYS = np.arange(733_000, 733_000 + 84)
WEEKDAYS = (DAYS + 6) % 7
PATTERN = np.array([0.2, 0.1, 0.0, -0.1, -0.2, 0.0, 0.0])


def test_a_pattern_without_noise_is_foretold() -> None:
    found = outlook(6 + PATTERN[WEEKDAYS], numbers=DAYS, weekdays=WEEKDAYS, weights=np.ones(84))
    assert found.usual == pytest.approx(6 + PATTERN, abs=0.06)  # leans to the middle by one day's weight
    assert found.spread < 0.1


def test_a_level_that_moved_three_weeks_ago_is_followed() -> None:
    values = np.where(DAYS[-21] <= DAYS, 6.5, 6.0)
    found = outlook(values, numbers=DAYS, weekdays=WEEKDAYS, weights=np.ones(84))
    assert found.usual == pytest.approx(np.full(7, 6.5), abs=0.12)


def test_the_spread_of_days_about_their_level_is_what_it_was() -> None:
    dice = np.random.default_rng(4)
    found = [
        outlook(
            6 + PATTERN[WEEKDAYS] + dice.normal(0, 0.1, 84), numbers=DAYS, weekdays=WEEKDAYS, weights=np.ones(84)
        ).day_spread
        for _ in range(60)
    ]
    assert np.sqrt(np.mean(np.square(found))) == pytest.approx(0.1, rel=0.05)


def test_days_to_come_fall_within_their_interval_as_often_as_is_said() -> None:
    dice = np.random.default_rng(5)
    inside = []
    for _ in range(300):
        values = 6 + PATTERN[WEEKDAYS] + dice.normal(0, 0.1, 84)
        found = outlook(values[:77], numbers=DAYS[:77], weekdays=WEEKDAYS[:77], weights=np.ones(77))
        inside += (abs(values[77:] - found.usual[WEEKDAYS[77:]]) < 1.96 * found.spread).tolist()
    assert 0.95 <= np.mean(inside) <= 0.99  # a little wide: the level's days are few


def test_the_trend_is_told_with_its_error() -> None:
    values = 6 + 0.002 * (DAYS - DAYS[0]) + np.random.default_rng(6).normal(0, 0.05, 84)
    steep, error = outlook(values, numbers=DAYS, weekdays=WEEKDAYS, weights=np.ones(84)).trend
    assert abs(steep - 0.002) < 3 * error
