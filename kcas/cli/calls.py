"""`kcas calls`: the calls behind a number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from kcas.cli.options import (
    AsAt,
    Caller,
    Json,
    Queues,
    Shape,
    Since,
    StandardFile,
    StoreFolder,
    Until,
    Written,
    Zone,
    day,
    moment,
    nothing_there,
    say_what_is_gone,
    the_queues,
    the_standard,
    the_store,
    tokens_of_caller,
)
from kcas.cli.printing import print_csv, print_json_rows, print_table, seconds_in_words

if TYPE_CHECKING:
    from kcas.desk.standard import Standard

_SHOWN = 50  # rows of calls in a table for a person; --format csv and --json have them all


def calls(
    outcome: Annotated[list[str] | None, typer.Option("--outcome", help="Only this outcome; may be repeated.")] = None,
    caller: Caller = None,
    queue: Queues = None,
    since: Since = None,
    until: Until = None,
    as_at: AsAt = None,
    shape: Written = Shape.table,
    as_json: Json = False,
    store: StoreFolder = None,
    standard: StandardFile = None,
    zone: Zone = None,
) -> None:
    """List the calls behind a number, one row per call; with --caller, all that is stored about one caller."""
    desk = the_standard(standard, zone=zone)
    import polars as pl

    from kcas.calls.measures import select

    kept, then = the_store(store), moment(as_at, option="--as-at", zone=desk.time_zone)
    queues, days = the_queues(kept, queue), (day(since, option="--since"), day(until, option="--until"))
    chosen = select(
        kept.calls(then), standard=desk, queues=queues, since=days[0], until=days[1], outcomes=outcome or ()
    )
    say_what_is_gone(kept, desk=desk, since=days[0], calls_alone=True)
    if caller is not None:
        _, tokens = tokens_of_caller(kept, desk, caller)
        chosen = chosen.filter(pl.col("caller").is_in(pl.Series(sorted(tokens), dtype=pl.String).implode()))
    local = pl.col("entered").dt.convert_time_zone(desk.time_zone)
    ordered = chosen.sort("entered", "leg").with_columns(local)
    if as_json or shape is Shape.json:
        rows = ordered.collect().iter_rows(named=True)
        print_json_rows({"time_zone": desk.time_zone}, name="calls", rows=rows)
    elif shape is Shape.csv:
        print_csv(ordered.collect())
    else:
        found = chosen.select(pl.len()).collect().item()
        none = "" if found else nothing_there(kept, desk=desk, days=days, queues=queues, then=then)
        show_calls(ordered.head(_SHOWN).collect().iter_rows(named=True), of=found, standard=desk, none=none)


def show_calls(rows: Any, *, of: int, standard: Standard, none: str) -> None:
    """The first calls as a table, and how many there are."""
    cells = [
        (
            f"{row['entered']:%Y-%m-%d %H:%M:%S %Z}",
            row["queue"],
            row["outcome"],
            seconds_in_words(row["wait"]),
            seconds_in_words(row["talk"]),
        )
        for row in rows
    ]
    more = f"The first {_SHOWN} of {of:,} calls; --format csv or --json gives them all." if of > _SHOWN else ""
    print_table(
        f"{standard.name} ({standard.time_zone})",
        headings=("entered the queue", "queue", "outcome", "wait", "talk"),
        rows=cells,
        beneath=(more or none or f"{of:,} calls.",),
    )
