"""Redials after abandoning, and whether they were answered. Needs caller tokens."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import polars as pl

from kcas.calls.call import LOST, OFFERED
from kcas.calls.desk_day import Calendar, date_of
from kcas.calls.proportion import wilson

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Share:
    """So many of so many, with the interval of their share."""

    count: int
    of: int

    @property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval; None of none."""
        return wilson(self.count, self.of) if self.of else None


@dataclass(frozen=True)
class RingsAgain:
    """Of the calls given up whose caller is known: rang again, and got through, within an hour and the same day."""

    lost: int
    known: int
    again_in_an_hour: Share
    through_in_an_hour: Share
    again_that_day: Share
    through_that_day: Share


def rings_again(calls: pl.LazyFrame, *, zone: str, begins: int = 0, until: datetime) -> RingsAgain:
    """What became of those who gave up. `until` is where the log ends.

    A contact's legs are one call, lost where one leg was given up and none answered. Those lost in the log's last hour,
    or on its last day, are left out of the shares that need to look so far ahead.
    """
    until = until.astimezone(UTC)
    lost = lost_contacts(calls)
    counts = lost.select(pl.len().alias("lost"), pl.col("caller").count().alias("known"))
    followed = followed_up(calls, lost, calendar=Calendar(zone, begins))
    last_day = pl.lit(date_of(until, zone=zone, begins=begins))
    hour, day = followed.filter(pl.col("entered") <= until - HOUR), followed.filter(pl.col("day") < last_day)
    totals, in_hour, in_day = pl.collect_all([counts, shares(hour, "hour"), shares(day, "that_day")])
    (hour_of, hour_again, hour_through), (day_of, day_again, day_through) = in_hour.row(0), in_day.row(0)
    given_up, known = totals.row(0)
    return RingsAgain(
        given_up,
        known,
        Share(hour_again, hour_of),
        Share(hour_through, hour_of),
        Share(day_again, day_of),
        Share(day_through, day_of),
    )


def the_contacts(calls: pl.LazyFrame) -> pl.LazyFrame:
    """One row a contact that was offered to a queue: its first moment, its caller, whether it was lost or answered."""
    answered = (pl.col("outcome") == "answered").any()
    return calls.group_by("contact").agg(
        pl.col("entered").min(),
        pl.col("caller").drop_nulls().first(),
        answered.alias("answered"),
        (pl.col("outcome").is_in(LOST).any() & ~answered).alias("lost"),
    )


def legs(calls: pl.LazyFrame) -> pl.LazyFrame:
    """The legs that were offered to a queue and have ended."""
    offered = calls.filter(pl.col("outcome").is_in(OFFERED), pl.col("outcome") != "open")
    return offered.select(pl.coalesce("contact", "leg").alias("contact"), "entered", "caller", "outcome")


def lost_contacts(calls: pl.LazyFrame) -> pl.LazyFrame:
    """The contacts that were lost; only contacts with a lost leg are looked at, and they are few."""
    given_up = legs(calls).filter(pl.col("outcome").is_in(LOST)).select("contact").unique()
    found = the_contacts(legs(calls).join(given_up, on="contact", how="semi")).filter("lost")
    return found.collect(engine="streaming").lazy()


def followed_up(calls: pl.LazyFrame, lost: pl.LazyFrame, *, calendar: Calendar) -> pl.LazyFrame:
    """The lost contacts of known callers, each with when the same caller next rang, and next got through."""
    losers = lost.select("caller").drop_nulls().unique()
    contacts = the_contacts(legs(calls).join(losers, on="caller", how="semi")).sort("caller", "entered")
    through = pl.when("answered").then("entered")
    followed = contacts.with_columns(
        again=pl.col("entered").shift(-1).over("caller"),
        through=through.shift(-1).fill_null(strategy="backward").over("caller"),
        day=calendar.day(pl.col("entered")),
    ).filter("lost")
    soon = {f"{name}_hour": pl.col(name) - pl.col("entered") <= HOUR for name in ("again", "through")}
    that_day = {f"{name}_that_day": calendar.day(pl.col(name)) == pl.col("day") for name in ("again", "through")}
    return followed.with_columns(**soon, **that_day).collect(engine="streaming").lazy()


def shares(followed: pl.LazyFrame, when: str) -> pl.LazyFrame:
    """How many there are, rang again and got through, in time."""
    return followed.select(
        pl.len().alias("of"),
        pl.col(f"again_{when}").sum().alias("again"),
        pl.col(f"through_{when}").sum().alias("through"),
    )
