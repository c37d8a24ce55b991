"""Is a day set against days like it, holidays among themselves, with those left out named?"""

from datetime import date, timedelta

import numpy as np
import pytest

from kcas.attribution.comparators import holidays_left_out, kinds, normal_days, recent
from kcas.attribution.observed_days import Observed
from kcas.errors import ScenarioError

MONDAY = date(2010, 1, 4)
WEEKS = 20
LAST = MONDAY + timedelta(weeks=WEEKS)


def days_with(*holidays: date) -> Observed:
    """Twenty weeks and a Monday, every day of the week, some of them holidays."""
    dates = tuple(MONDAY + timedelta(days=number) for number in range(7 * WEEKS + 1))
    each, cells = np.ones(len(dates)), np.ones((len(dates), 2))
    return Observed(
        dates, cells, cells, each, each, each, each, each, each, 0.0, 1800.0, dict.fromkeys(holidays, "a feast")
    )


def test_a_holiday_is_no_normal_day_and_an_earlier_one_takes_its_place() -> None:
    holiday = LAST - timedelta(weeks=2)
    normal = normal_days(days_with(holiday), LAST)
    assert normal.dates == tuple(LAST - timedelta(weeks=week) for week in range(13, 0, -1) if week != 2)


def test_the_fit_learns_nothing_from_a_holiday() -> None:
    holiday = LAST - timedelta(days=10)  # a Friday
    fitted_to = recent(days_with(holiday), LAST).dates
    assert fitted_to == tuple(LAST - timedelta(days=number) for number in range(84, 0, -1) if number != 10)


def test_a_holiday_stands_against_the_holidays_before_it_whatever_their_weekday() -> None:
    before = tuple(LAST - timedelta(days=number) for number in (90, 60, 31, 3))
    days = days_with(*before, LAST)
    assert normal_days(days, LAST).dates == before
    assert holidays_left_out(days, LAST, normal=normal_days(days, LAST)) == {}


def test_a_holiday_with_fewer_than_four_before_it_stands_against_ordinary_days() -> None:
    before = tuple(LAST - timedelta(weeks=number) for number in (3, 2, 1))
    days = days_with(*before, LAST)
    normal = normal_days(days, LAST)
    assert normal.dates == tuple(LAST - timedelta(weeks=week) for week in range(15, 3, -1))
    assert tuple(holidays_left_out(days, LAST, normal=normal)) == before


def test_holidays_left_out_are_named_from_where_the_normal_days_begin_and_not_from_after() -> None:
    long_ago, within, after = (LAST - timedelta(days=number) for number in (100, 80, -7))
    days = days_with(long_ago, within, after)
    assert holidays_left_out(days, LAST, normal=normal_days(days, LAST)) == {within: "a feast"}


def test_too_few_days_are_refused_with_holidays_in_the_reason() -> None:
    day = MONDAY + timedelta(weeks=4)
    with pytest.raises(ScenarioError, match="only 3 days of its weekday before it, holidays left out"):
        normal_days(days_with(MONDAY), day)


def test_a_holiday_is_a_kind_of_its_own_only_where_asked() -> None:
    days = days_with(MONDAY + timedelta(days=1)).of([0, 1, 2])
    assert kinds(days, apart=True).tolist() == [0, 7, 2]
    assert kinds(days, apart=False).tolist() == [0, 1, 2]
