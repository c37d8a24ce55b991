"""`kcas calls`: the calls behind a number."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from kcas.cli.context import open_calls, say
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
    import polars as pl

    opened = open_calls(store, standard, zone, queue=queue, since=since, until=until, as_at=as_at)
    desk, selection = opened.store.standard, opened.selection
    chosen = selection.calls(outcome or ())
    say(selection.deleted(calls_alone=True))
    if caller is not None:
        _, tokens = tokens_of_caller(opened.store.store, desk, caller)
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
        none = "" if found else selection.nothing
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
