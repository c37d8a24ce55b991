"""Day of the desk: the 24 hours, as a rule, from the time at which its day begins, by the clock of its time zone.

A desk that works through the night may let its day begin at 06:00: a call at 02:00 on Tuesday is then of Monday. Where
the clock changes, a day begins the first time that the clock shows its hour; where spring leaves that out, as long
after the day before as it would have come.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import polars as pl

FIRST, AFTER = date(1970, 1, 1), date(2101, 1, 1)
"""The days that are known of; dates are counted from the first."""


@dataclass(frozen=True)
class Calendar:
    """A time zone, and how many minutes after midnight a day begins there."""

    zone: str
    begins: int = 0

    def start(self, day: date) -> datetime:
        """The moment at which a day begins."""
        return day_start(day, zone=self.zone, begins=self.begins)

    def day(self, moment: pl.Expr) -> pl.Expr:
        """The day on which a moment falls."""
        return day_of(moment, zone=self.zone, begins=self.begins)


def day_start(day: date, *, zone: str, begins: int = 0) -> datetime:
    """The moment at which a day begins in a zone, so many minutes after midnight by its clock."""
    return datetime.combine(day, time(*divmod(begins, 60)), tzinfo=ZoneInfo(zone)).astimezone(UTC)


def day_of(moment: pl.Expr, *, zone: str, begins: int = 0) -> pl.Expr:
    """The day of the desk on which a moment (UTC) falls."""
    if not begins:
        return moment.dt.convert_time_zone(zone).dt.date()
    number = pl.lit(day_starts(zone, begins)).search_sorted(moment.dt.convert_time_zone("UTC"), side="right")
    return (number.cast(pl.Int32) - 1).cast(pl.Date)


def date_of(moment: datetime, *, zone: str, begins: int = 0) -> date:
    """The day of the desk on which one moment falls."""
    day = moment.astimezone(ZoneInfo(zone)).date()
    return day if moment >= day_start(day, zone=zone, begins=begins) else day - timedelta(days=1)


@lru_cache(maxsize=16)
def day_starts(zone: str, begins: int) -> pl.Series:
    """The moments at which the days begin, from the first that is known of."""
    days = pl.date_range(FIRST, AFTER, closed="left", eager=True)
    wall = days.cast(pl.Datetime("us")) + timedelta(minutes=begins)
    starts = wall.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")
    left_out = [day_start(days[at], zone=zone, begins=begins) for at in starts.is_null().arg_true()]
    return starts.scatter(starts.is_null().arg_true(), pl.Series(left_out, dtype=starts.dtype)) if left_out else starts
