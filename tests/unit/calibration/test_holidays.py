"""Do days that the standard names as holidays teach no pattern, and is that said?"""

from datetime import date

import numpy as np
import pytest

from kcas.calibration.backtest.run import backtest
from kcas.calibration.day_records import DayLog, day_log
from kcas.calibration.fitted import fitted
from kcas.calibration.outside_queue import before_the_queue
from kcas.calibration.scenario_file import text
from kcas.calibration.staff_on_duty import inferred
from kcas.desk.opening_hours import Holidays
from tests.unit.simulation.known_desk import known_calls

DAYS = 60  # from Monday 4 January to Friday 26 March 2010
EARLY, LATE = date(2010, 2, 1), date(2010, 3, 22)  # Mondays
OWN = Holidays(of_england=False, also=(EARLY, LATE, date(2010, 12, 27)))


@pytest.fixture(scope="module")
def log() -> DayLog:
    """Twelve weeks in which two Mondays were holidays, on which as many rang as ever."""
    return day_log(known_calls(DAYS).lazy(), zone="Europe/London", holidays=OWN)


def test_holidays_are_odd_however_many_rang(log: DayLog) -> None:
    assert log.holidays == {EARLY, LATE}
    assert [day for day, odd in zip(log.dates, log.odd, strict=True) if odd] == [EARLY, LATE]
    assert not day_log(known_calls(DAYS).lazy(), zone="Europe/London").odd.any()


def test_a_part_of_the_log_knows_its_own_holidays_only(log: DayLog) -> None:
    assert log.before(LATE).holidays == {EARLY}


def test_a_holiday_leaves_its_weekday_one_day_fewer_and_the_file_names_it(log: DayLog) -> None:
    found = fitted(log, inferred(log))
    assert found.profiles[0].days == 12 - 2
    assert found.profiles[1].days == 12
    before = before_the_queue(known_calls(DAYS).lazy(), zone="Europe/London")
    said = text(found, before, [0, 1, 2, 3, 4])
    assert "# Holidays by the standard: left out of patterns: 2010-02-01, 2010-03-22." in said
    assert "Days with less than half" not in said


def test_a_holiday_is_foretold_and_marked(log: DayLog) -> None:
    some = log.only(np.array([day > date(2010, 1, 31) for day in log.dates]))
    days = backtest(some, inferred(some), fit_until=date(2010, 3, 18), rolling=False).days
    assert [each.day for each in days if each.holiday] == [LATE]
    assert all(each.odd == each.holiday for each in days)
