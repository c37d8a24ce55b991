"""Notes that must appear next to figures."""

import polars as pl

from kcas.calls.grouping import MINUTES, at_any_hour, is_open
from kcas.calls.interval_tables import Tabled, untold_in_part
from kcas.calls.query import Query

NOTHING = "There is nothing in these days and queues."
MOST_MONTHS = 12  # by name, in one sentence


def outside_hours(calls: pl.LazyFrame, ask: Query) -> tuple[str, ...]:
    """How many calls entered the queue outside the stated opening hours, and what was done with them."""
    if not ask.standard.opening.stated:
        return ()
    everyone = at_any_hour(calls, standard=ask.standard, queues=ask.queues, since=ask.since, until=ask.until)
    outside = everyone.filter(~is_open("entered", standard=ask.standard))
    many = outside.select(pl.len()).collect(engine="streaming").item()
    done = "left out of" if ask.standard.opening.outside_left_out else "counted in"
    if not many:
        return ()
    return (f"{many:,} calls entered the queue outside the opening hours, and are {done} these figures.",)


def nothing_found(rows: pl.DataFrame) -> tuple[str, ...]:
    """That there is nothing at all in these days and queues."""
    seen = ("offered", "left_ivr", "blocked")
    if rows.select(pl.sum_horizontal(pl.col(seen).fill_null(0)).sum()).item() or rows["offered"].null_count():
        return ()
    return (NOTHING,)


def unknown_waits(rows: pl.DataFrame) -> tuple[str, ...]:
    """How many answered and abandoned calls bear no wait."""
    calls = rows["wait_not_known"].sum()
    if not calls:
        return ()
    return (f"{calls:,} answered or abandoned calls bear no wait: they count as longer than every threshold.",)


def counted_twice(chosen: pl.LazyFrame, table: pl.DataFrame) -> tuple[str, ...]:
    """How many calls lie in intervals of which a table tells too, queue by queue."""
    if table.is_empty():
        return ()
    cells = table.select("queue", "start", "end").unique().sort("start")
    # mostly a table ends where the calls begin, so that nothing is left to look at
    entered = chosen.filter(pl.col("entered").is_between(cells["start"].min(), cells["end"].max(), closed="left"))
    met = (
        entered.select("queue", "entered")
        .sort("entered")
        .join_asof(cells.lazy(), left_on="entered", right_on="start", by="queue", check_sortedness=False)
    )
    many = met.filter(pl.col("entered") < pl.col("end")).select(pl.len()).collect().item()
    if not many:
        return ()
    return (f"{many:,} calls lie in intervals of their queue that a table tells of too: they are counted twice.",)


def whole_intervals(of_table: Tabled | None, ask: Query) -> tuple[str, ...]:
    """That opening hours cannot be asked of an interval table."""
    if of_table is None or not ask.standard.opening.outside_left_out:
        return ()
    return ("Intervals of a table are counted whole, regardless of opening hours.",)


def within_a_day(ask: Query) -> tuple[str, ...]:
    """That groups finer than a day share their callers."""
    if ask.definition.key != "lost_callers" or ask.by not in (*MINUTES, "time-of-day", "queue"):
        return ()
    return (
        f"A caller counts in each {ask.by.replace('-', ' ')} in which they rang, and as lost where no call of theirs "
        "that day was answered, in whatever queue: these rows do not add up to the day's callers.",
    )


def from_a_table(of_table: Tabled | None) -> tuple[str, ...]:
    """How many intervals came as a switch's own table, which may attribute otherwise than we do."""
    if of_table is None or not of_table.own:
        return ()
    return (
        f"{of_table.own:,} intervals come from a switch's own table: it may count an answer or a hang-up in the "
        "interval in which it happened, where calls count in the interval of their queue entry.",
    )


def untold(table: pl.DataFrame, ask: Query) -> tuple[str, ...]:
    """Which counts a table tells of some intervals only, and the months in which it does not."""
    many = untold_in_part(table)
    month = pl.col("start").dt.convert_time_zone(ask.standard.time_zone).dt.strftime("%B %Y")
    named = many.group_by("measure", maintain_order=True).agg(month.unique(maintain_order=True).alias("months"))
    return tuple(
        f"The table does not give {measure.replace('_', ' ')} for every interval of {listed_months(months)}."
        for measure, months in named.iter_rows()
    )


def listed_months(months: list[str]) -> str:
    """The first months by name, and how many more there are."""
    more = len(months) - MOST_MONTHS
    return ", ".join(months[:MOST_MONTHS]) + (f" and {more} more months" if more > 0 else "")


def straddling(left_out: int, ask: Query) -> tuple[str, ...]:
    """How many intervals of a table lie in no one group."""
    if not left_out:
        return ()
    return (
        f"{left_out:,} intervals of a table are longer than one {ask.by}, or straddle two, and are left out "
        "of these figures: an interval is never shared out by guess.",
    )


def beyond_the_days(left_out: int, ask: Query) -> tuple[str, ...]:
    """How many intervals of a table reach beyond the days asked for."""
    if not left_out:
        return ()
    ends = (ask.since and f"before {ask.since}", ask.until and f"beyond {ask.until}")
    days = " or ".join(end for end in ends if end)
    return (f"{left_out:,} intervals of a table reach {days}, and are left out of these figures.",)
