"""Whole weeks of a log: those in which it covers every open day."""

from collections.abc import Sequence
from datetime import date, timedelta
from statistics import median

from kcas.desk.standard import Standard
from kcas.monitoring.rate_chart import PeriodCount
from kcas.monitoring.since import Week

ALL_WEEK = frozenset(range(7))
CUT_SHORT = 0.5  # of the calls usual on such a day: fewer, at an end of the log, and the day is not told whole
BUSY = 20  # calls usual on such a day, from which a day without any was not told rather than quiet


def whole_weeks(
    weeks: Sequence[Week], *, days: Sequence[PeriodCount], desk: Standard, covered: tuple[date, date]
) -> tuple[list[Week], int]:
    """The weeks told whole, and how many are not. `covered`: the first and last day of the log, or of what was asked.

    Where the standard states no hours, a weekday is open if the days themselves have calls on it as a rule.
    """
    calls = {day.start: day.denominator for day in days}
    usual = [_usual(days, weekday) for weekday in range(7)]
    often = usual_weekdays(days)
    first, last = covered
    first += timedelta(days=calls.get(first, 0) < CUT_SHORT * usual[first.weekday()])
    last -= timedelta(days=calls.get(last, 0) < CUT_SHORT * usual[last.weekday()])

    def is_open(day: date) -> bool:
        if desk.opening.stated:
            return desk.opening.span(day, holidays=desk.holidays) is not None
        return day.weekday() in often

    def is_told(day: date) -> bool:
        quiet = usual[day.weekday()] < BUSY or day in desk.holidays
        return first <= day <= last and (quiet or calls.get(day, 0) > 0)

    def is_whole(week: Week) -> bool:
        return all(is_told(day) for n in range(7) if is_open(day := week.monday + timedelta(days=n)))

    kept = [week for week in weeks if is_whole(week)]
    return kept, len(weeks) - len(kept)


def usual_weekdays(days: Sequence[PeriodCount]) -> frozenset[int]:
    """The days of the week with calls at least half as often as the one that has them most often."""
    often = [sum(day.start.weekday() == n and day.denominator > 0 for day in days) for n in range(7)]
    return frozenset(n for n in range(7) if often[n] and often[n] * 2 >= max(often)) or ALL_WEEK


def _usual(days: Sequence[PeriodCount], weekday: int) -> float:
    """The middle number of calls on such a day; nought where there is none."""
    found = [day.denominator for day in days if day.start.weekday() == weekday and day.denominator > 0]
    return float(median(found)) if found else 0.0
