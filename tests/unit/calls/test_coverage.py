"""Which open days a log lacks, on desks whose days are written down by hand."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import polars as pl
import pytest

from kcas.calls.call import INTERVAL_SCHEMA, SCHEMA, empty
from kcas.calls.coverage import Coverage, PartDay, Stretch, coverage
from kcas.desk.opening_hours import Holidays, Opening
from kcas.desk.standard import Standard

DESK = Standard(time_zone="Europe/London")
MONDAY = date(2010, 1, 4)
HOURS = range(8, 18)


def weekday(day: date) -> bool:
    return day.weekday() < 5


def calls_of(
    days: list[date], *, each: int = 4, queue: str = "desk", hours: Callable[[date], range] = lambda day: HOURS
) -> pl.LazyFrame:
    """So many calls in every opening hour of each day."""
    rows = [
        {"leg": f"{day}/{hour}/{n}/{queue}", "queue": queue, "outcome": "answered",
         "entered": datetime(day.year, day.month, day.day, hour, 10 * n % 60, tzinfo=UTC)}
        for day in days for hour in hours(day) for n in range(each)
    ]  # fmt: skip
    return pl.DataFrame([{name: row.get(name) for name in SCHEMA} for row in rows], schema=SCHEMA).lazy()


def a_quarter(open_on: Callable[[date], bool] = weekday) -> list[date]:
    """The open days of ninety, in winter time."""
    return [day for day in (MONDAY + timedelta(days=n) for n in range(80)) if open_on(day)]


def without(days: list[date], first: date, last: date) -> list[date]:
    return [day for day in days if not first <= day <= last]


def test_a_log_of_every_open_day_lacks_nothing() -> None:
    found = coverage(calls_of(a_quarter()), standard=DESK)
    assert (found.first, found.last) == (MONDAY, date(2010, 3, 24))
    assert (found.missing, found.partial) == ((), ())


def test_three_weeks_missing_are_fifteen_working_days_in_one_stretch() -> None:
    days = without(a_quarter(), date(2010, 2, 8), date(2010, 2, 26))
    found = coverage(calls_of(days), standard=DESK)
    assert len(found.missing) == 15
    assert all(day.weekday() < 5 for day in found.missing)
    assert found.stretches == (Stretch(date(2010, 2, 8), date(2010, 2, 26), 15),)


def test_two_stretches_are_told_apart_by_the_day_between_them() -> None:
    days = [day for day in a_quarter() if day not in (date(2010, 2, 9), date(2010, 2, 11))]
    found = coverage(calls_of(days), standard=DESK)
    assert [each.first for each in found.stretches] == [date(2010, 2, 9), date(2010, 2, 11)]


def test_a_day_on_which_another_queue_has_calls_is_not_missing() -> None:
    days = without(a_quarter(), date(2010, 2, 8), date(2010, 2, 12))
    other = calls_of([date(2010, 2, 8) + timedelta(days=n) for n in range(5)], each=1, queue="small")
    assert coverage(pl.concat([calls_of(days), other]), standard=DESK).missing == ()


@pytest.mark.parametrize(("each_day", "silent", "missing"), [(2, 1, 0), (2, 4, 0), (2, 5, 5), (10, 1, 1)])
def test_a_silence_is_missing_where_ten_calls_usually_come_in_it(each_day: int, silent: int, missing: int) -> None:
    gone = [date(2010, 2, 8) + timedelta(days=n) for n in range(silent)]
    days = [day for day in a_quarter() if day not in gone]
    found = coverage(calls_of(days, each=each_day, hours=lambda day: range(9, 10)), standard=DESK)
    assert len(found.missing) == missing


def test_weekends_on_which_nobody_calls_are_closed_days() -> None:
    assert coverage(calls_of(a_quarter()), standard=DESK).missing == ()


def test_stated_hours_say_which_days_are_open() -> None:
    span = (8 * 60, 18 * 60)
    closed_on_wednesdays = Standard(opening=Opening((span, span, None, span, span, None, None)))
    days = without(a_quarter(lambda day: weekday(day) and day.weekday() != 2), date(2010, 2, 8), date(2010, 2, 12))
    assert len(coverage(calls_of(days), standard=closed_on_wednesdays).missing) == 4
    with_saturdays = Standard(opening=Opening((*[span] * 6, None)))
    saturdays = coverage(calls_of(a_quarter()), standard=with_saturdays).missing
    assert {day.weekday() for day in saturdays} == {5}
    assert len(saturdays) == 11


def test_a_holiday_without_calls_is_missing_only_where_the_settings_give_it_hours() -> None:
    holiday = date(2010, 2, 10)
    span = (8 * 60, 18 * 60)
    days = [day for day in a_quarter() if day != holiday]
    assert coverage(calls_of(days), standard=DESK).missing == (holiday,)
    named = Holidays(also=(holiday,))
    assert coverage(calls_of(days), standard=Standard(holidays=named)).missing == ()
    worked = Opening((*[span] * 5, None, None), holiday=(9 * 60, 12 * 60))
    assert coverage(calls_of(days), standard=Standard(holidays=named, opening=worked)).missing == (holiday,)


def test_days_that_the_log_starts_and_breaks_off_in_are_partial() -> None:
    ends = {MONDAY: range(13, 18), date(2010, 2, 9): range(8, 12), date(2010, 3, 24): range(8, 13)}
    found = coverage(calls_of(a_quarter(), hours=lambda day: ends.get(day, HOURS)), standard=DESK)
    assert found.partial == (
        PartDay(MONDAY, begins=time(13)),
        PartDay(date(2010, 2, 9), ends=time(12)),
        PartDay(date(2010, 3, 24), ends=time(13)),
    )


def test_a_day_that_ends_a_little_early_is_whole() -> None:
    found = coverage(calls_of(a_quarter(), hours=lambda day: range(8, 16) if day == MONDAY else HOURS), standard=DESK)
    assert found.partial == ()  # eight calls usually come after four


def intervals(days: list[date], *, length: timedelta, offered: float = 100.0) -> pl.LazyFrame:
    rows = [
        (start := datetime.combine(day, time(), tzinfo=UTC), start + length, "desk", "offered", None, offered)
        for day in days
    ]
    return pl.DataFrame(rows, schema=INTERVAL_SCHEMA, orient="row").lazy()


def test_an_interval_of_no_calls_is_told_and_an_absent_one_is_missing() -> None:
    days = without(a_quarter(), date(2010, 2, 8), date(2010, 2, 10))
    table = intervals(days, length=timedelta(days=1))
    assert len(coverage(empty().lazy(), intervals=table, standard=DESK).missing) == 3
    quiet = intervals([date(2010, 2, 8)], length=timedelta(days=1), offered=0.0)
    found = coverage(empty().lazy(), intervals=pl.concat([table, quiet]), standard=DESK)
    assert found.missing == (date(2010, 2, 9), date(2010, 2, 10))


def test_a_table_of_months_holds_every_day_of_its_months() -> None:
    months = intervals([date(2010, 1, 1)], length=timedelta(days=31))
    months = pl.concat([months, intervals([date(2010, 3, 1)], length=timedelta(days=31), offered=3100.0)])
    found = coverage(empty().lazy(), intervals=months, standard=Standard(time_zone="UTC"))
    assert (found.first, found.last) == (date(2010, 1, 1), date(2010, 3, 31))
    assert (len(found.missing), found.missing[0], found.missing[-1]) == (28, date(2010, 2, 1), date(2010, 2, 28))


def test_an_empty_log_has_no_days() -> None:
    assert coverage(empty().lazy(), standard=DESK) == Coverage()


def test_only_what_lies_within_some_days_is_kept_of_a_longer_log() -> None:
    days = [day for day in a_quarter() if day not in (date(2010, 2, 9), date(2010, 2, 11))]
    found = coverage(calls_of(days), standard=DESK)
    assert found.within(date(2010, 2, 10), date(2010, 2, 11)).missing == ()
    assert found.within(date(2010, 2, 10), date(2010, 2, 12)).missing == (date(2010, 2, 11),)
    assert found.within(None, None) == found
