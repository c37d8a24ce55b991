"""Are weeks cut short by the log left out, and only those?"""

from dataclasses import replace
from datetime import date, timedelta

from kcas.desk.opening_hours import Holidays, Opening
from kcas.desk.standard import Standard
from kcas.monitoring.from_measures import usual_weekdays, whole_weeks
from kcas.monitoring.rate_chart import PeriodCount
from kcas.monitoring.since import CAUTIONS, Week, since

MONDAY = date(2010, 1, 4)
SUNDAY = MONDAY + timedelta(days=27)
WEEKS = [Week(MONDAY + timedelta(weeks=n), 20, 200) for n in range(4)]
NO_HOLIDAYS = Standard(holidays=Holidays(of_england=False))


def days(*weekdays: int, but: dict[date, int] | None = None) -> list[PeriodCount]:
    """Forty calls on each of these weekdays of four weeks, but for some days."""
    every = [MONDAY + timedelta(days=n) for n in range(28)]
    return [PeriodCount(day, 4, (but or {}).get(day, 40)) for day in every if day.weekday() in weekdays]


def left(found: tuple[list[Week], int]) -> tuple[list[int], int]:
    return [(week.monday - MONDAY).days // 7 for week in found[0]], found[1]


def test_weeks_that_the_log_begins_or_ends_in_are_left_out_and_counted() -> None:
    wednesday, thursday = MONDAY + timedelta(days=2), MONDAY + timedelta(days=24)
    found = whole_weeks(WEEKS, days=days(0, 1, 2, 3, 4), desk=NO_HOLIDAYS, covered=(wednesday, thursday))
    assert left(found) == ([1, 2], 2)


def test_a_desk_without_stated_hours_is_closed_when_it_has_no_calls_as_a_rule() -> None:
    friday = MONDAY + timedelta(days=25)
    found = whole_weeks(WEEKS, days=days(0, 1, 2, 3, 4), desk=NO_HOLIDAYS, covered=(MONDAY, friday))
    assert left(found) == ([0, 1, 2, 3], 0)
    found = whole_weeks(WEEKS, days=days(*range(7)), desk=NO_HOLIDAYS, covered=(MONDAY, friday))
    assert left(found) == ([0, 1, 2], 1)


def test_stated_hours_say_which_days_must_be_covered() -> None:
    hours = (8 * 60, 20 * 60)
    desk = replace(NO_HOLIDAYS, opening=Opening((hours, hours, hours, hours, hours, hours, None)))
    friday = MONDAY + timedelta(days=25)
    found = whole_weeks(WEEKS, days=days(0, 1, 2, 3, 4, 5), desk=desk, covered=(MONDAY, friday))
    assert left(found) == ([0, 1, 2], 1)
    found = whole_weeks(WEEKS, days=days(0, 1, 2, 3, 4, 5), desk=desk, covered=(MONDAY, friday + timedelta(days=1)))
    assert left(found) == ([0, 1, 2, 3], 0)


def test_a_last_day_of_which_the_log_tells_the_morning_is_not_covered() -> None:
    friday = MONDAY + timedelta(days=25)
    told = days(0, 1, 2, 3, 4, but={friday: 12})
    assert left(whole_weeks(WEEKS, days=told, desk=NO_HOLIDAYS, covered=(MONDAY, friday))) == ([0, 1, 2], 1)


def test_a_week_with_a_day_missing_in_the_middle_of_the_log_is_no_whole_week() -> None:
    wednesday = MONDAY + timedelta(days=9)
    told = days(0, 1, 2, 3, 4, but={wednesday: 0})
    assert left(whole_weeks(WEEKS, days=told, desk=NO_HOLIDAYS, covered=(MONDAY, SUNDAY))) == ([0, 2, 3], 1)
    holiday = Standard(holidays=Holidays(of_england=False, also=(wednesday,)))
    assert left(whole_weeks(WEEKS, days=told, desk=holiday, covered=(MONDAY, SUNDAY))) == ([0, 1, 2, 3], 0)


def test_a_quiet_queue_may_have_a_day_without_a_call() -> None:
    told = [replace(day, denominator=3) for day in days(0, 1, 2, 3, 4) if day.start != MONDAY + timedelta(days=9)]
    assert left(whole_weeks(WEEKS, days=told, desk=NO_HOLIDAYS, covered=(MONDAY, SUNDAY))) == ([0, 1, 2, 3], 0)


def test_without_any_days_every_day_is_taken_for_open() -> None:
    assert usual_weekdays([]) == frozenset(range(7))


def test_the_verdict_says_how_many_weeks_are_left_out() -> None:
    found = since([], date(2010, 4, 1), partial_weeks=2)
    assert found.partial_weeks == 2
    assert found.notes == (
        "2 weeks of which the log does not cover every open day are left out.", *CAUTIONS
    )  # fmt: skip
    assert since([], date(2010, 4, 1), partial_weeks=1).notes[0].startswith("1 week of which")
    assert since([], date(2010, 4, 1)).notes == CAUTIONS
