"""Are weekdays that run otherwise found again, and none where all run alike?"""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from kcas.calibration.day_records import DayLog, day_log
from kcas.calibration.fitted import Fitted, fitted
from kcas.calibration.scenario import beyond_dice, shapes_apart, tables, whole_agents
from kcas.calibration.staff_on_duty import inferred
from kcas.simulation.scenario.file import scenario_of
from kcas.simulation.scenario.schema import on_weekday
from tests.unit.simulation.known_desk import known_calls

SHAPE = np.array([20.0, 40.0, 60.0, 60.0, 40.0, 20.0])
EARLY = np.array([2.0, 1.5, 1.0, 0.8, 0.7, 0.5])
FIRST = 18


def counted(*, early_on: int | None, dice: float = 1.0, weeks: int = 16, seed: int = 4) -> DayLog:
    """Days of calls by half-hour, one weekday of them early; with more than dice where `dice` is above one."""
    rng = np.random.default_rng(seed)
    dates = [date(2010, 4, 5) + timedelta(days=number) for number in range(7 * weeks)]
    dates = [day for day in dates if day.weekday() < 5]
    offered = np.zeros((len(dates), 48))
    for row, day in enumerate(dates):
        usual = SHAPE * (EARLY * SHAPE.sum() / (EARLY @ SHAPE) if day.weekday() == early_on else 1.0)
        own = rng.gamma(usual / (dice - 1)) * (dice - 1) if dice > 1 else usual  # variance: dice times the mean
        offered[row, FIRST : FIRST + 6] = rng.poisson(own)
    none = np.zeros(len(dates))
    return DayLog(tuple(dates), offered, offered * 0, none, none, none, pl.DataFrame(), {})


def test_the_weekday_that_is_early_is_found_and_by_how_much() -> None:
    log = counted(early_on=2)
    apart = shapes_apart(log, range(5), SHAPE, first=FIRST)
    early = EARLY * SHAPE.sum() / (EARLY @ SHAPE)
    assert [day for day, seen in apart.items() if seen.differs and seen.spread > 0.1] == [2]
    intervals = [apart[2].between(FIRST + number) for number in range(6)]
    inside = [low < truth < high for (low, high), truth in zip(intervals, early, strict=True)]
    assert sum(inside) >= 5  # of six of 95 %
    assert apart[2].behind == log.offered[log.weekdays == 2].sum()


@pytest.mark.parametrize("dice", [1.0, 3.0])
def test_where_weekdays_are_alike_few_are_told_apart_however_calls_come_together(dice: float) -> None:
    told = 0
    for seed in range(20):
        apart = shapes_apart(counted(early_on=None, dice=dice, seed=seed), range(5), SHAPE, first=FIRST)
        told += sum(seen.differs for seen in apart.values())
    assert told <= 12  # of a hundred at one in twenty; more happens once in four hundred


def test_calls_that_come_by_dice_alone_vary_by_one_and_others_by_as_much_as_they_were_made_to() -> None:
    assert beyond_dice(counted(early_on=None, weeks=60).offered) == pytest.approx(1.0, abs=0.1)
    assert beyond_dice(counted(early_on=None, dice=3.0, weeks=60).offered) == pytest.approx(3.0, rel=0.1)


@pytest.fixture(scope="module")
def found() -> Fitted:
    log = day_log(known_calls(60).lazy(), zone="Europe/London")
    return fitted(log, inferred(log))


def test_each_weekday_of_the_file_has_the_agent_hours_of_its_own_roster(found: Fitted) -> None:
    weekdays = found.weekdays
    scenario = scenario_of(tables(found, weekdays), where="the file")
    for day in weekdays:
        alone = tables(found, [day])["teams"]["desk"]
        kept = 1 - float(alone["shrinkage"].rstrip("%")) / 100
        mine = scenario.teams["desk"]
        team = on_weekday(scenario, scenario.day.weekdays[weekdays.index(day)]).teams["desk"]
        assert sum(team.by_interval) * (1 - mine.shrinkage) == pytest.approx(sum(alone["by_interval"]) * kept, abs=1.1)


def test_whole_numbers_keep_the_sum_of_what_is_more_and_what_is_fewer() -> None:
    assert whole_agents(np.array([0.4, 0.4, -0.7, -0.2, 0.3])) == [0, 1, -1, 0, 0]  # sums 0.4 0.8 0.1 -0.1 0.2
