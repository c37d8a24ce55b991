"""Callers: those not answered that day, redials, and callbacks that reached no one. Needs caller tokens."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import polars as pl

from kcas.calls.call import ALL_QUEUES, LOST, OFFERED
from kcas.calls.definitions import Definition
from kcas.calls.desk_day import Calendar, date_of, day_of
from kcas.calls.grouping import Groups, at_any_hour, in_group
from kcas.calls.query import Query
from kcas.calls.rates import wilson

LONGEST_DAY = timedelta(hours=25)
_COUNTED = ("callers", "callers_lost")


def callers(calls: pl.LazyFrame, chosen: pl.LazyFrame, ask: Query, *, key: pl.Expr) -> pl.DataFrame:
    """Distinct callers of each group of the chosen calls, day by day, and those with no answered call that day.

    A caller lost in the menu or to a busy tone is a caller too; one whose only call is still open is not counted yet.
    """
    zone, begins = ask.standard.time_zone, ask.standard.day_begins
    day = day_of(pl.col("entered"), zone=zone, begins=begins).alias("day")
    everyone = at_any_hour(calls, standard=ask.standard, queues=(), since=ask.since, until=ask.until)
    known = chosen.filter(pl.col("caller").is_not_null() & (pl.col("outcome") != "open"))
    of_day = known.select(*ask.per, key, day, "caller").unique()
    reached = answered_that_day(everyone, zone=zone, begins=begins, per=ask.per).with_columns(reached=True)
    counted = of_day.join(reached, on=[*ask.per, "day", "caller"], how="left").group_by(ask.keys)
    lost = pl.col("reached").is_null().sum()
    return counted.agg(pl.len().cast(pl.Int64).alias("callers"), lost.cast(pl.Int64).alias("callers_lost")).collect(
        engine="streaming"
    )


def answered_that_day(calls: pl.LazyFrame, *, zone: str, begins: int = 0, per: Sequence[str] = ()) -> pl.LazyFrame:
    """Each day and caller with an answered call."""
    answered = calls.filter(pl.col("caller").is_not_null() & (pl.col("outcome") == "answered"))
    return answered.select(*per, day_of(pl.col("entered"), zone=zone, begins=begins).alias("day"), "caller").unique()


def with_callers(
    tallied: pl.DataFrame, of_calls: pl.DataFrame, table: pl.DataFrame, ask: Query, *, groups: Groups | None
) -> pl.DataFrame:
    """The tally with its distinct callers; null where part of a group came as a table that does not tell them."""
    keys = ask.keys
    matched = tallied.join(of_calls, on=keys, how="left")
    if not table.is_empty():
        counted = of_tables(table, ask, groups=groups)
        matched = matched.join(counted, on=keys, how="left").with_columns(
            pl.when(pl.col("untold").fill_null(value=False))
            .then(None)
            .otherwise(pl.sum_horizontal(name, f"{name}_told"))
            .alias(name)
            for name in _COUNTED
        )
    # a log with no tokens at all has no callers to tell, which is not the same as none
    tells = pl.col("callers") > 0
    return matched.with_columns(pl.when(tells).then(pl.col(name)).alias(name) for name in _COUNTED)


def of_tables(table: pl.DataFrame, ask: Query, *, groups: Groups | None) -> pl.DataFrame:
    """Callers that tables tell of each group, and whether some day in it has calls in a table but no callers."""
    zone, begins = ask.standard.time_zone, ask.standard.day_begins
    placed = in_group(table, groups, by=ask.by).with_columns(
        day=day_of(pl.col("start"), zone=zone, begins=begins),
        of_day=(pl.col("end") - pl.col("start")) <= LONGEST_DAY,
    )
    counts = pl.col("measure").is_in(_COUNTED)
    counted = of_this_choice(placed.filter(counts & pl.col("of_day")), ask, queues=table["queue"].n_unique())
    days = placed.filter(~counts).select(*ask.keys, "day").unique()
    missing = days.join(counted.select(*ask.keys, "day").unique(), on=[*ask.keys, "day"], how="anti")
    summed = counted.group_by(ask.keys).agg(
        pl.col("amount").filter(pl.col("measure") == name).sum().cast(pl.Int64).alias(f"{name}_told")
        for name in _COUNTED
    )
    untold = missing.select(*ask.keys, pl.lit(True).alias("untold")).unique()
    return summed.join(untold, on=ask.keys, how="full", coalesce=True)


def of_this_choice(rows: pl.DataFrame, ask: Query, *, queues: int) -> pl.DataFrame:
    """The rows that count callers over just the queues asked about, of a table that tells of so many queues."""
    if ask.by == "queue" or len(ask.queues) == 1 or queues == 1:
        return rows.filter(pl.col("queue") != ALL_QUEUES)
    return rows.filter(pl.col("queue") == ALL_QUEUES) if not ask.queues else rows.clear()


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
    """Of the calls given up whose caller is known: called again, and got through, within an hour and the same day."""

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
    totals, in_hour, in_day = pl.collect_all([counts, _shares(hour, "hour"), _shares(day, "that_day")])
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
    matched = the_contacts(legs(calls).join(given_up, on="contact", how="semi")).filter("lost")
    return matched.collect(engine="streaming").lazy()


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


def _shares(followed: pl.LazyFrame, when: str) -> pl.LazyFrame:
    """How many there are, called again and got through, in time."""
    return followed.select(
        pl.len().alias("of"),
        pl.col(f"again_{when}").sum().alias("again"),
        pl.col(f"through_{when}").sum().alias("through"),
    )


LEG = ("contact", "entered", "line")
_LAST = 2**62  # a line that is not known is taken for the later one
ALREADY_COUNTED = ("unanswered", "lost_callers")
"""Definitions that count an unreached callback as lost as they stand."""


def unreached(calls: pl.LazyFrame, chosen: pl.LazyFrame, *, key: pl.Expr, keys: Sequence[str]) -> pl.DataFrame:
    """Callbacks of each group whose caller was answered by no later leg of the same contact."""
    others = [name for name in keys if name not in ("number", "queue")]
    asked = chosen.filter(pl.col("outcome") == "callback").select(*others, key, *LEG)
    lost = with_reached(asked, calls, same=[*others, "contact"]).filter(~pl.col("reached"))
    return lost.group_by(*keys).agg(pl.len().cast(pl.Int64).alias("callback_unreached")).collect(engine="streaming")


def with_reached(asked: pl.LazyFrame, calls: pl.LazyFrame, *, same: Sequence[str] = ("contact",)) -> pl.LazyFrame:
    """Legs, each with whether a later leg of the same contact was answered.

    Of two legs that began at one moment the later is the one further down the log, where both lines are known.
    """
    answered = calls.filter(pl.col("outcome") == "answered", pl.col("contact").is_not_null())
    entered, line = pl.col("entered"), pl.col("line")
    of_contact = answered.join(asked.select(same).unique(), on=list(same), how="semi").group_by(same)
    last = of_contact.agg(
        entered.max().alias("last"), line.fill_null(_LAST).filter(entered == entered.max()).max().alias("last_line")
    )
    at_once = (pl.col("last") == entered) & (pl.col("last_line") > line.fill_null(-1))
    reached = ((pl.col("last") > entered) | at_once).fill_null(value=False)
    joined = asked.join(last, on=list(same), how="left")
    return joined.with_columns(reached=reached).drop("last", "last_line")


def with_callbacks(
    tallied: pl.DataFrame, calls: pl.LazyFrame, chosen: pl.LazyFrame, *, key: pl.Expr, keys: Sequence[str]
) -> pl.DataFrame:
    """The tally with the callbacks never reached; they are looked for only where there are callbacks."""
    if not tallied["callback"].sum():
        return tallied
    matched = unreached(calls, chosen, key=key, keys=keys).rename({"callback_unreached": "found"})
    both = pl.col("callback_unreached") + pl.col("found").fill_null(0)
    return tallied.join(matched, on=keys, how="left").with_columns(callback_unreached=both)


def with_sensitivity(rows: pl.DataFrame, *, definition: Definition) -> pl.DataFrame:
    """The rate with unreached callbacks among the lost; null where it cannot be told or is so already."""
    more = pl.col("callback_unreached")
    among = pl.lit(0) if "offered" in definition.rate.needs else more  # joins a denominator that had left it out
    numerator, denominator = pl.col("numerator") + more, pl.col("denominator") + among
    counted = pl.col("rate").is_not_null() & (denominator > 0) & pl.lit(definition.key not in ALREADY_COUNTED)
    return rows.with_columns(rate_with_callbacks=pl.when(counted).then(numerator / denominator))


def sensitivity(rows: pl.DataFrame) -> tuple[str, ...]:
    """The sensitivity line; nothing to say where there were no callbacks."""
    lost = rows["callback_unreached"].drop_nulls().sum()
    if not lost:
        return ()
    if rows.height > 1:
        return (f"{lost:,} callbacks were never reached; rate_with_callbacks (--json, csv) counts them as lost.",)
    rate = rows["rate_with_callbacks"][0]
    counted = "" if rate is None else f" With them counted as lost the rate would be {rate:.2%}."
    return (f"{lost:,} callbacks were never reached.{counted}",)
