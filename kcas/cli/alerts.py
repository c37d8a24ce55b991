"""`kcas alerts`: new signals and missed targets; exits 3 where there is one, for cron and mail."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from kcas.cli.context import open_calls
from kcas.cli.options import Json, Queues, Spacing, StandardFile, StoreFolder, Zone
from kcas.cli.printing import print_json
from kcas.errors import StoreError

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    from kcas.desk.standard import Standard, Target
    from kcas.reporting.alerts import Alert

TOLD = 3
"""The exit when there is something to tell: 1 is a person's mistake, 2 a wrong option."""


def alerts(
    by: Annotated[Spacing, typer.Option("--by", help="Check the latest of these.")] = Spacing.day,
    queue: Queues = None,
    as_json: Json = False,
    store: StoreFolder = None,
    standard: StandardFile = None,
    zone: Zone = None,
) -> None:
    """Print one line: a new signal of concern, a missed target or nothing new; exits 3 if there is news."""
    from kcas.calls.measures import measure
    from kcas.monitoring import from_measures
    from kcas.reporting import alerts as reported
    from kcas.reporting import words
    from kcas.reporting.coverage import contents
    from kcas.reporting.verdict_words import sentence

    chosen = open_calls(store, standard, zone, queue=queue)
    desk, opened, queues = chosen.store.standard, chosen.store.store, chosen.queues
    held = contents(opened, zone=desk.time_zone, begins=desk.day_begins)
    if held is None:
        raise StoreError(f"{opened.folder}: the store holds no calls. Import a log first: kcas ingest LOG")
    last, until = held.last_day, held.last_day + timedelta(days=1)
    newest = max(from_measures.reach(last, by=by.value), held.first_day)

    def rows(of: Standard) -> pl.DataFrame:
        return measure(
            opened.calls(), intervals=opened.intervals(), standard=of, by=by.value, queues=queues, since=newest,
            until=until,
        )  # fmt: skip

    chart = chosen.store.control_chart(by=by.value, queues=queues, until=until)
    judged = chart.verdict
    alerts = reported.of_chart(chart.chart) + reported.of_missing(judged, chart.coverage)
    alerts += _missed(desk, rows, by=by.value)
    ends = f"The log ends on {words.day(held.last)} at {words.clock(held.last)}."
    line = reported.line(alerts, desk=desk, found=judged, ends=ends)
    if as_json:
        document = judged.document | {"sentence": sentence(judged)}
        rows_of = [asdict(alert) for alert in alerts]
        print_json({"by": by.value, "log_ends": held.last, "alerts": rows_of, "sentence": line, "verdict": document})
    else:
        print(line)  # one line: it may become the subject of a mail
    raise typer.Exit(TOLD if alerts else 0)


def _missed(desk: Standard, rows: Callable[[Standard], pl.DataFrame], *, by: str) -> list[Alert]:
    """Each target against the newest row, made by the target's own definition."""
    from kcas.reporting.alerts import of_target

    missed = []
    for target in desk.targets:
        newest = rows(_by_its_own(desk, target)).drop_nulls("start").sort("start").tail(1)
        missed += [of_target(target, row, by=by, name=_name(desk, target)) for row in newest.iter_rows(named=True)]
    return [alert for alert in missed if alert]


def _by_its_own(desk: Standard, target: Target) -> Standard:
    if target.definition is None:
        return desk
    if target.measure == "rate":
        return replace(desk, definition=target.definition)
    return replace(desk, service_level=target.definition)


def _name(desk: Standard, target: Target) -> str:
    from kcas.calls.definitions import the_definition, the_service_level
    from kcas.reporting.tables import lost_name

    if target.measure == "rate":
        definition = the_definition(desk, key=target.definition)
        return f"{lost_name(definition)} ({definition.rate.key})"
    level = the_service_level(desk, key=target.definition)
    return f"answered within {level.within:g} s ({level.key})"
