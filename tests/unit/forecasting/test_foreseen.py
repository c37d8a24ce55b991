"""Is the end of a simulated desk's day foreseen within the bounds, and is one more agent's worth found?"""

from datetime import timedelta
from functools import cache

import numpy as np
import polars as pl
import pytest

from kcas.calls.call import SCHEMA
from kcas.calls.definitions import the_definition, the_service_level
from kcas.desk.standard import Standard
from kcas.errors import ScenarioError
from kcas.forecasting.nowcast import closes, last_moment, log_of, nowcast
from kcas.forecasting.nowcast_backtest import actual_of, nowcast_trials, scores
from tests.unit.attribution.desk_log import FIRST
from tests.unit.attribution.desk_log import log_of as simulated

STANDARD = Standard(time_zone="UTC")
BY = {"definition": the_definition(STANDARD), "service_level": the_service_level(STANDARD)}
WEEKS = 12


@cache
def log():
    return log_of(simulated(days=5 * WEEKS, seed=4, variation="10%").select(*SCHEMA).lazy(), standard=STANDARD)


def seen(day, hour, **more):
    return nowcast(log(), day=day, now=hour * 3600.0, **BY, **more)


LAST = FIRST + timedelta(days=7 * (WEEKS - 1))


def test_days_end_within_the_bounds_as_often_as_the_bounds_say():
    days = [each for each in log().days.dates if each >= FIRST + timedelta(weeks=8)]
    found, out = nowcast_trials(log(), days=days, times=[11 * 3600.0, 15 * 3600.0], replications=80, **BY)
    made = scores(found)
    assert out == []
    assert [each.days for each in made] == [len(days)] * 2
    for each in made:
        # of 20 days: three standard errors of 80 % are 27 points, of 95 % fifteen
        assert each.coverage_80 > 0.80 - 0.27
        assert each.coverage_95 > 0.95 - 0.15
        assert abs(each.bias) < 0.02
    assert made[0].error < made[0].error_so_far
    assert made[1].width_95 < made[0].width_95
    assert made[1].error < made[0].error


def test_the_later_it_is_the_more_is_known_and_at_the_end_all_of_it():
    end = seen(LAST, 17.99)
    actual = actual_of(log(), LAST, **BY)
    assert end.ending.likely == pytest.approx(actual[0] / actual[1], abs=0.006)
    low, high = end.ending.within(0.95)
    assert high - low < 0.03


def test_one_more_agent_lowers_the_rate_about_as_much_as_one_more_on_the_roster():
    found = seen(LAST, 9.0, replications=300).ending.one_more
    # the same desk simulated whole, with six agents and with seven from nine on
    rates = {}
    for agents in (6, 7):
        calls = simulated(days=60, seed=9, variation="10%", agents=[6] * 2 + [agents] * 18)
        rates[agents] = calls["outcome"].eq("abandoned").mean()
    assert found.mean == pytest.approx(rates[7] - rates[6], abs=0.02)
    assert found.high < 0


def test_calls_after_the_moment_change_nothing():
    until = pl.col("entered") <= pl.datetime(LAST.year, LAST.month, LAST.day, 11, time_zone="UTC")
    cut = log_of(
        simulated(days=5 * WEEKS, seed=4, variation="10%").select(*SCHEMA).filter(until).lazy(), standard=STANDARD
    )
    one = seen(LAST, 11.0, replications=50).ending
    other = nowcast(cut, day=LAST, now=11 * 3600.0, replications=50, **BY).ending
    assert np.array_equal(one.numerators, other.numerators)
    assert one.denominator_so_far == other.denominator_so_far


def test_the_same_seed_foresees_the_same():
    one, other = seen(LAST, 12.0, replications=60), seen(LAST, 12.0, replications=60)
    assert np.array_equal(one.ending.numerators, other.ending.numerators)
    assert not np.array_equal(one.ending.numerators, seen(LAST, 12.0, replications=60, seed=2).ending.numerators)


def test_the_log_ends_with_its_last_caller_and_a_day_when_its_calls_usually_do():
    day, moment = last_moment(log())
    assert day == log().days.dates[-1]
    assert 17 * 3600 < moment < 18 * 3600
    assert 17.5 * 3600 < closes(log(), day) <= 18 * 3600


def test_too_few_days_before_it_are_refused():
    with pytest.raises(ScenarioError, match="only 1 day of its weekday"):
        seen(FIRST + timedelta(weeks=1), 11.0)


def test_a_rate_that_the_model_does_not_tell_is_refused():
    with pytest.raises(ScenarioError, match="with_ivr: the rest of the day is simulated from the queue on"):
        nowcast(log(), day=LAST, now=39600.0, definition=the_definition(STANDARD, key="with_ivr"),
                 service_level=BY["service_level"])  # fmt: skip
