"""Day records: each day of the log by half-hour, with faults of the data named and treated."""

from collections.abc import Container, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kcas.arrays import Floats
from kcas.calls.call import LOST, OFFERED
from kcas.errors import LogError

INTERVAL = 1800.0
INTERVALS = 48
LONGEST_HANDLING = 3600.0
"""Seconds; an answered call that took an agent longer is an outlier: a set left off the hook, a missing end."""
LONGEST_WAIT = 3600.0
"""Seconds; who is said to have waited longer was left in the log overnight, or is otherwise not believed."""

ODD = 0.5

BLEMISHES = {
    "no talk": "answered calls without any talking time: kept as calls, left out of handling",
    "endless handling": "answered calls that took an agent over an hour: kept as calls, left out of handling",
    "endless wait": "waits of over an hour: kept as calls, taken as an hour, left out of patience",
    "no wait": "offered calls whose wait is not known: kept as calls, left out of patience",
    "no agent": "answered calls that name no agent: kept as calls, their agent is not on anybody's roster",
}
"""What real logs have, and the rule by which each is treated."""


@dataclass(frozen=True)
class DayLog:
    """Offered calls of each day and half-hour (rows are days, in order), and the calls themselves."""

    dates: tuple[date, ...]
    offered: Floats  # [day, interval]
    abandoned: Floats  # [day, interval], by queue entry
    handling: Floats  # [day] mean of the answered calls that have one; not a number where none has
    handled: Floats  # [day] how many those are
    mean_wait: Floats  # [day] in queue, over all who joined
    calls: pl.DataFrame  # day, at, wait, gone, end, lost, answered, handle, type, agent
    blemishes: Mapping[str, int]
    holidays: frozenset[date] = frozenset()  # those of these days that the standard names

    @property
    def weekdays(self) -> NDArray[np.int64]:
        """Monday is 0."""
        return np.array([day.weekday() for day in self.dates], np.int64)

    @property
    def numbers(self) -> NDArray[np.int64]:
        """The days as whole numbers that count days."""
        return np.array([day.toordinal() for day in self.dates], np.int64)

    @property
    def volume(self) -> Floats:
        """Calls offered on each day."""
        return np.asarray(self.offered.sum(axis=1))

    @property
    def lost(self) -> Floats:
        """Calls given up on each day."""
        return np.asarray(self.abandoned.sum(axis=1))

    @property
    def rate(self) -> Floats:
        """Given up of offered, day by day; not a number where no one rang."""
        return np.asarray(self.lost / np.where(self.volume > 0, self.volume, np.nan))

    @property
    def odd(self) -> NDArray[np.bool_]:
        """Holidays, and days with less than half their weekday's usual calls, or more than twice: an outage, a gap."""
        holidays = np.array([day in self.holidays for day in self.dates], bool)
        for weekday in set(self.weekdays.tolist()):
            mine = self.weekdays == weekday
            usual = float(np.median(self.volume[mine]))
            holidays |= mine & ((self.volume < ODD * usual) | (self.volume > usual / ODD))
        return holidays

    def before(self, day: date) -> "DayLog":
        """The days before one."""
        return self.only(np.array([each < day for each in self.dates], bool))

    def only(self, rows: NDArray[np.bool_]) -> "DayLog":
        """Some of the days; the data faults stay those of the whole log."""
        dates = tuple(day for day, keep in zip(self.dates, rows, strict=True) if keep)
        return DayLog(
            dates=dates,
            offered=self.offered[rows],
            abandoned=self.abandoned[rows],
            handling=self.handling[rows],
            handled=self.handled[rows],
            mean_wait=self.mean_wait[rows],
            calls=self.calls.filter(pl.col("day").is_in(dates)),
            blemishes=self.blemishes,
            holidays=self.holidays.intersection(dates),
        )


def day_log(calls: pl.LazyFrame, *, zone: str, holidays: Container[date] = ()) -> DayLog:
    """The days of these calls, some of them holidays. Raises LogError where no call was ever offered to a queue."""
    calls_placed = plain_calls(calls, zone=zone)
    if calls_placed.is_empty():
        raise LogError("There are no calls in these days and queues, so there is nothing to fit.")
    blemishes = blemished(calls_placed)
    treated = calls_placed.with_columns(
        handle=pl.when(pl.col("handle").is_between(0, LONGEST_HANDLING, closed="right")).then("handle"),
        wait=pl.col("wait").clip(0, LONGEST_WAIT),
        known=pl.col("wait").is_not_null() & (pl.col("wait") <= LONGEST_WAIT),
    ).with_columns(gone=pl.col("at") + pl.col("wait").fill_null(0.0))
    usual = treated["handle"].median()
    ended = pl.col("gone") + pl.col("handle").fill_null(usual if isinstance(usual, float) else 0.0)
    treated = treated.with_columns(end=pl.when("answered").then(ended)).sort("day", "at")
    return gathered(treated, blemishes, holidays)


def plain_calls(calls: pl.LazyFrame, *, zone: str) -> pl.DataFrame:
    """Offered calls that did end, each with its day and the time of day at which it joined the queue."""
    local = pl.col("entered").dt.convert_time_zone(zone)
    clock = local.dt.hour().cast(pl.Float64) * 3600 + local.dt.minute().cast(pl.Float64) * 60 + local.dt.second()
    parts = [pl.col(name).fill_null(0.0) for name in ("talk", "hold", "wrap")]
    answered = pl.col("outcome") == "answered"
    return (
        calls.filter(pl.col("outcome").is_in(OFFERED) & (pl.col("outcome") != "open"))
        .select(
            "type", "agent", "wait",
            day=local.dt.date(),
            at=clock,
            answered=answered,
            lost=pl.col("outcome").is_in(LOST),
            handle=pl.when(answered & pl.col("talk").is_not_null()).then(pl.sum_horizontal(parts)),
        )
        .collect(engine="streaming")
    )  # fmt: skip


def blemished(calls: pl.DataFrame) -> dict[str, int]:
    """How many calls have each blemish."""
    tests = {
        "no talk": pl.col("handle") <= 0,
        "endless handling": pl.col("handle") > LONGEST_HANDLING,
        "endless wait": pl.col("wait") > LONGEST_WAIT,
        "no wait": pl.col("wait").is_null(),
        "no agent": pl.col("answered") & pl.col("agent").is_null(),
    }
    counts = calls.select(**{name: test.sum() for name, test in tests.items()}).row(0, named=True)
    return {name: int(count or 0) for name, count in counts.items()}


def gathered(calls: pl.DataFrame, blemishes: dict[str, int], holidays: Container[date]) -> DayLog:
    """The calls counted by day and half-hour."""
    dates = calls["day"].unique().sort().to_list()
    place = {day: number for number, day in enumerate(dates)}
    row = calls["day"].replace_strict(place, return_dtype=pl.Int64).to_numpy()
    column = np.minimum((calls["at"].to_numpy() // INTERVAL).astype(np.int64), INTERVALS - 1)
    offered, abandoned = np.zeros((len(dates), INTERVALS)), np.zeros((len(dates), INTERVALS))
    np.add.at(offered, (row, column), 1.0)
    np.add.at(abandoned, (row, column), calls["lost"].to_numpy().astype(float))
    by_day = calls.group_by("day").agg(
        handling=pl.col("handle").mean(), handled=pl.col("handle").count(), wait=pl.col("wait").mean()
    ).sort("day")  # fmt: skip
    handling, handled, wait = (
        by_day[name].cast(pl.Float64).fill_null(np.nan).to_numpy() for name in ("handling", "handled", "wait")
    )
    named = frozenset(day for day in dates if day in holidays)
    return DayLog(tuple(dates), offered, abandoned, handling, handled, wait, calls, blemishes, named)
