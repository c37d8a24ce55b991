"""`kcas measures`, `kcas calls` and `kcas patience`: counts, rates and waits, the calls behind them, and patience."""

from __future__ import annotations

import enum
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
    duration,
    tokens_of_caller,
)
from kcas.cli.printing import (
    count,
    in_seconds,
    percent,
    print_csv,
    print_json,
    print_json_rows,
    print_sentences,
    print_table,
)

if TYPE_CHECKING:
    from kcas.calls.measures import Measured
    from kcas.calls.patience import Patience
    from kcas.desk.standard import Standard
    from kcas.reporting.measures_report import MeasuresReport


class By(enum.StrEnum):
    """How calls are grouped."""

    total = "total"
    month = "month"
    week = "week"
    day = "day"
    hour = "hour"
    half_hour = "half-hour"
    quarter_hour = "quarter-hour"
    time_of_day = "time-of-day"
    weekday = "weekday"
    queue = "queue"


def measures(
    by: Annotated[By, typer.Option("--by", help="Row for each of these.")] = By.total,
    queue: Queues = None,
    since: Since = None,
    until: Until = None,
    definition: Annotated[str | None, typer.Option("--definition", help="Definition of the abandonment rate.")] = None,
    short: Annotated[str | None, typer.Option("--short", help='Short-abandonment threshold, such as "5 s".')] = None,
    within: Annotated[str | None, typer.Option("--within", help='The service level\'s time, like "20 s".')] = None,
    service_level: Annotated[
        str | None, typer.Option("--service-level", help="Definition of the service level.")
    ] = None,
    as_at: AsAt = None,
    shape: Written = Shape.table,
    as_json: Json = False,
    store: StoreFolder = None,
    standard: StandardFile = None,
    zone: Zone = None,
) -> None:
    """Abandonment rate, service level and waits, with the numerator and denominator of every rate."""
    chosen = open_calls(store, standard, zone, queue=queue, since=since, until=until, as_at=as_at)
    answer = chosen.store.measures(
        **chosen.period,
        by=by.value,
        definition=definition,
        short=duration(short, option="--short"),
        service_level=service_level,
        within=duration(within, option="--within"),
    )
    if as_json or shape is Shape.json:
        print_json(answer.to_dict())
    elif shape is Shape.csv:
        say(chosen.selection.deleted())
        print_csv(answer.to_frame())
    else:
        _show(answer.report, by=by.value)


def _show(report: MeasuresReport, *, by: str) -> None:
    """Two tables, rates and waits, with the definitions in words and the reconciliation beneath."""
    from kcas.calls.definitions import standard_in_words

    answer, standard = report.measured, report.standard
    title = f"{standard.name} ({standard.time_zone})"
    rows = list(answer.rows.iter_rows(named=True))
    rates = [
        (
            row["group"],
            count(row["offered"]),
            count(row["answered"]),
            count(row["abandoned_all"]),
            percent(row["rate"], places=2),
            _counts_words(row["numerator"], row["denominator"]),
            _interval(row["low"], row["high"]),
        )
        for row in rows
    ]
    waits = [
        (
            row["group"],
            percent(row["service_level"]),
            _counts_words(row["service_level_numerator"], row["service_level_denominator"]),
            *(in_seconds(row[name]) for name in _WAITS),
        )
        for row in rows
    ]
    print_table(
        f"{title}: abandonment, {answer.definition.key}",
        headings=(by, "offered", "answered", "abandoned", "rate", "of", "95% interval"),
        rows=rates,
        beneath=report.reconciliation,
    )
    print_table(
        f"{title}: service level, {answer.service_level.key}, and waits",
        headings=(by, "service level", "of", "mean wait", "median", "90th", "95th", "longest"),
        rows=waits,
        beneath=(WAITS_IN_WORDS, *cannot(answer), *answer.notes),
    )
    print_sentences(
        standard_in_words(standard, definition=answer.definition, service_level=answer.service_level), title="By:"
    )


def cannot(answer: Measured) -> list[str]:
    """Why a rate stands as n/a, each reason once."""
    return [f"n/a, {reason}." for reason in answer.rows["not_available"].drop_nulls().unique(maintain_order=True)]


_WAITS = ("average_speed_of_answer", "wait_p50", "wait_p90", "wait_p95", "longest_wait")
WAITS_IN_WORDS = (
    "Mean wait: of answered calls, zero waits included. Median, 90th and 95th: of the wait offered (Kaplan–Meier, "
    "giving up as censoring); n/a where too few were answered to tell."
)


def _interval(low: float | None, high: float | None) -> str:
    """The 95% interval of a rate."""
    return "n/a" if low is None else f"{percent(low, places=2)} to {percent(high, places=2)}"


def _counts_words(numerator: int | None, denominator: int | None) -> str:
    """The two counts of a rate."""
    return "n/a" if numerator is None or denominator is None else f"{numerator:,}/{denominator:,}"


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
        many = chosen.select(pl.len()).collect().item()
        none = "" if many else selection.nothing
        show_calls(ordered.head(_SHOWN).collect().iter_rows(named=True), of=many, standard=desk, none=none)


def show_calls(rows: Any, *, of: int, standard: Standard, none: str) -> None:
    """The first calls as a table, and how many there are."""
    cells = [
        (
            f"{row['entered']:%Y-%m-%d %H:%M:%S %Z}",
            row["queue"],
            row["outcome"],
            in_seconds(row["wait"]),
            in_seconds(row["talk"]),
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


def patience(
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
    """Caller patience: survival curve with censoring, fitted distributions and hazard."""
    chosen = open_calls(store, standard, zone, queue=queue, since=since, until=until, as_at=as_at)
    answer = chosen.store.patience(**chosen.period)
    say(answer.notes)
    if as_json or shape is Shape.json:
        print_json(answer.to_dict())
    elif shape is Shape.csv:
        print_csv(answer.to_frame())
    else:
        none = "" if answer.measured.calls else chosen.selection.nothing
        show_patience(answer.measured, standard=chosen.store.standard, none=none)


def show_patience(answer: Patience, *, standard: Standard, none: str) -> None:
    """The hazard bin by bin, and beneath it the median and the law that explains the waits best."""
    import numpy as np

    from kcas.api.observed import PATIENCE_IN_WORDS

    remaining = np.append(1.0, answer.curve.remaining)
    rows = []
    for bin in answer.hazard:
        still = float(remaining[np.searchsorted(answer.curve.at, bin.start, side="right")]) if bin.start else 1.0
        span = f"{bin.start:g} to {bin.end:g} s" if bin.end else f"over {bin.start:g} s"
        rows.append((span, percent(still), count(bin.abandoned), f"{bin.rate * 60:.2%}"))
    best = answer.best_fit
    outside = (
        f"{none} (An interval table has no calls.)"
        if not answer.calls
        else (
            f"Half would have given up by {in_seconds(answer.median)}."
            if answer.median is not None
            else "Too few gave up to tell by when half would have."
        )
    )
    beneath = [
        f"{answer.calls:,} offered calls, {answer.abandoned:,} abandoned. {outside}",
        f"Still waiting: {PATIENCE_IN_WORDS}.",
    ]
    if best:
        beneath.append(
            f"Of the distributions fitted, {best.law} explains these waits best (least AIC); --json has them all, each "
            "also as a scenario's patience takes it."
        )
    if answer.wait_not_known:
        beneath.append(f"{answer.wait_not_known:,} calls bear no wait and are left out.")
    print_table(
        f"{standard.name}: patience",
        headings=("waited", "still waiting", "gave up", "giving up each minute"),
        rows=rows,
        beneath=beneath,
    )
