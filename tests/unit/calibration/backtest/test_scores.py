"""Are scores what a hand makes them, and do the rivals say what they are meant to?"""

import numpy as np
import pytest

from kcas.calibration.backtest.baselines import erlang_a, regression, same_weekday, share_lost
from kcas.calibration.backtest.forecast import LEVELS, Facts
from kcas.calibration.backtest.scores import scored
from kcas.calibration.day_records import DayLog, day_log
from kcas.calibration.fitted import Fitted, fitted
from kcas.calibration.staff_on_duty import inferred
from kcas.queueing.steady_state import steady
from tests.unit.simulation.known_desk import known_calls


@pytest.fixture(scope="module")
def found() -> Fitted:
    """Six weeks of the known desk."""
    log = day_log(known_calls(30).lazy(), zone="Europe/London")
    return fitted(log, inferred(log))


def test_a_day_on_the_edge_of_an_interval_is_inside_it() -> None:
    score = scored([0.30, 0.05, 0.21], [(0.10, 0.15, 0.20, 0.25, 0.30)] * 3)
    assert (score.inside80, score.inside95, score.days) == (1, 2, 3)
    assert score.error == pytest.approx((0.10 + 0.15 + 0.01) / 3)
    assert score.bias == pytest.approx((-0.10 + 0.15 - 0.01) / 3)


def test_pinball_loss_is_what_a_hand_makes_it() -> None:
    # 0.3 against the quantiles 0.1, 0.2, 0.3, 0.4, 0.5 at 2.5, 10, 50, 90 and 97.5 %
    by_hand = (0.025 * 0.2 + 0.1 * 0.1 + 0.0 + 0.1 * 0.1 + 0.025 * 0.2) / 5
    assert LEVELS == (0.025, 0.1, 0.5, 0.9, 0.975)
    assert scored([0.3], [(0.1, 0.2, 0.3, 0.4, 0.5)]).pinball == pytest.approx(by_hand)


def test_a_rule_without_an_interval_has_no_coverage() -> None:
    assert scored([0.3, 0.2], [(0.25,) * 5] * 2).coverage95 is None


def test_the_same_weekday_adds_counts_and_never_averages_rates() -> None:
    log = few_days(offered=[100, 300, 50], lost=[10, 90, 50])  # a Monday, a Monday, a Tuesday
    assert same_weekday(log, 0).rate == pytest.approx(100 / 400)


def test_the_regression_finds_a_line_that_is_there() -> None:
    log = few_days(offered=[100, 200, 400], lost=[5, 20, 80])  # 5, 10, 20 %
    assert regression(log, 0, volume=300.0).rate == pytest.approx(0.15)


def test_erlang_a_of_a_part_of_an_agent_lies_between_the_whole_ones() -> None:
    five, six = (
        steady(0.03, handle=200.0, agents=agents, patience=150.0).p_abandon for agents in (5, 6)
    )  # fmt: skip
    assert share_lost(0.03, 5.25, handling=200.0, patience=150.0) == pytest.approx(0.75 * five + 0.25 * six)
    assert share_lost(0.03, 0.0, handling=200.0, patience=150.0) == 1.0


def test_hourly_erlang_a_is_the_mean_of_its_hours_by_their_calls(found: Fitted) -> None:
    offered, on_duty = np.zeros(48), np.zeros(48)
    offered[[20, 21, 22, 23]], on_duty[20:24] = [30, 40, 60, 60], [4, 4, 6, 6]
    hours = [
        (calls, steady(calls / 3600, handle=180.0, agents=agents, patience=found.patience.mean).p_abandon)
        for calls, agents in ((70, 4), (120, 6))
    ]
    said = erlang_a(found, 0, facts=Facts(offered, on_duty, 180.0), given=frozenset(("volume", "handling", "staff")))
    assert said == pytest.approx(sum(calls * share for calls, share in hours) / 190)


def few_days(*, offered: list[int], lost: list[int]) -> DayLog:
    """Days with these counts: two Mondays and a Tuesday."""
    from datetime import date

    import polars as pl

    counts, gone = np.zeros((2, 3, 48))
    counts[:, 20], gone[:, 20] = offered, lost
    some = np.full(3, 200.0)
    return DayLog((date(2010, 1, 4), date(2010, 1, 11), date(2010, 1, 12)), counts, gone, some, some, some,
                  pl.DataFrame(), {})  # fmt: skip
