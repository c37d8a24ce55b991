"""`kcas rebase`: recalculate a chart's limits at a known change, take that back, or see who did what and why."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from kcas.cli.context import open_calls
from kcas.cli.options import AsAt, Json, Queues, Spacing, StandardFile, StoreFolder, Zone, the_day
from kcas.cli.printing import print_json, print_sentences, print_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from kcas.calls.store import Store
    from kcas.desk.standard import Standard
    from kcas.monitoring.rebasing import Act

rebase = typer.Typer(
    no_args_is_help=True,
    help="Recalculate a chart's limits from a known change; recorded with name and reason, and can be undone.",
)
Name = Annotated[str, typer.Option("--name", help="Who does it.")]
Reason = Annotated[str, typer.Option("--reason", help="What is known to have changed.")]


@rebase.command("add")
def add(
    date_of_change: Annotated[str, typer.Argument(metavar="DATE", help="First day of the new limits.")],
    name: Name,
    reason: Reason,
    queue: Queues = None,
    by: Annotated[Spacing, typer.Option("--by", help="Unit of which at least twelve must follow.")] = Spacing.day,
    as_json: Json = False,
    store: StoreFolder = None,
    standard: StandardFile = None,
    zone: Zone = None,
) -> None:
    """Recalculate the limits from a day that at least twelve points follow."""
    from kcas.monitoring.rebasing import Rebasings

    chosen = open_calls(store, standard, zone, queue=queue)
    opened, queues = chosen.store.store, chosen.queues
    points = _points(opened, chosen.store.standard, by=by.value, queues=queues)
    changed = the_day(date_of_change, option="DATE")
    act = Rebasings(opened.folder).add(changed, name=name, reason=reason, points=points, by=by.value, queues=queues)
    _done(act, as_json=as_json)


@rebase.command("undo")
def undo(
    which: Annotated[
        str, typer.Argument(metavar="NUMBER|DATE", help="A re-basing's number in the list, or a recorded action's day.")
    ],
    name: Name,
    reason: Reason,
    queue: Queues = None,
    as_json: Json = False,
    store: StoreFolder = None,
    standard: StandardFile = None,
    zone: Zone = None,
) -> None:
    """Undo a re-basing, or a recalculation at a recorded action; both stay on record."""
    from kcas.monitoring.rebasing import Rebasings

    chosen = open_calls(store, standard, zone, queue=queue)
    opened = chosen.store.store
    record = Rebasings(opened.folder)
    if re.fullmatch(r"\d{1,7}", which, re.ASCII):
        _done(record.undo(int(which), name=name, reason=reason), as_json=as_json)
        return
    changed = the_day(which, option="NUMBER|DATE")
    days = _recalculated(opened, chosen.store.standard, queues=chosen.queues)
    act = record.decline(changed, name=name, reason=reason, recalculated=days, queues=chosen.queues)
    _done(act, as_json=as_json)


@rebase.command("list")
def list_acts(
    as_at: AsAt = None,
    as_json: Json = False,
    store: StoreFolder = None,
    standard: StandardFile = None,
    zone: Zone = None,
) -> None:
    """List every re-basing and undoing: who, when and why."""
    from kcas.monitoring.rebasing import Rebasings
    from kcas.reporting.verdict_words import record_table

    chosen = open_calls(store, standard, zone, as_at=as_at)
    acts = Rebasings(chosen.store.store.folder).acts(chosen.as_at)
    undone = {act.undoes for act in acts}
    if as_json:
        rows = [asdict(act) | {"in_force": act.day is not None and act.number not in undone} for act in acts]
        print_json({"acts": rows})
        return
    table = record_table(acts)
    print_table(
        "Re-basings on record, the latest first",
        headings=table.columns,
        rows=table.rows(),
        beneath=["Nothing is taken away: an undoing is an act of its own."] if acts else ["None so far."],
    )


def _points(opened: Store, desk: Standard, *, by: str, queues: Sequence[str]) -> list[date]:
    from kcas.calls.measures import measure
    from kcas.monitoring import from_measures

    rows = measure(opened.calls(), intervals=opened.intervals(), standard=desk, by=by, queues=queues)
    record = from_measures.Record(desk)
    return [point.start for point in from_measures.chart(rows, by=by, record=record).points]


def _recalculated(opened: Store, desk: Standard, *, queues: Sequence[str]) -> list[date]:
    """The days of recorded actions at which the chart of days, weeks or months is recalculated."""
    from kcas.calls.coverage import coverage
    from kcas.calls.measures import measure
    from kcas.monitoring import from_measures

    calls, intervals = opened.calls(), opened.intervals()
    lacking = coverage(calls, intervals=intervals, standard=desk)
    record = from_measures.record(opened.folder, desk=desk, queues=queues, lacking=lacking)
    days: set[date] = set()
    for by in Spacing:
        rows = measure(calls, intervals=intervals, standard=desk, by=by.value, queues=queues)
        chart = from_measures.chart(rows, by=by.value, record=record)
        days |= {segment.recalculated.day for segment in chart.segments if segment.recalculated}
    return sorted(days)


def _done(act: Act, *, as_json: bool) -> None:
    from kcas.reporting.verdict_words import begun

    if as_json:
        print_json(asdict(act))
    else:
        undone = f"Recalculation at {act.declines}" if act.declines else f"Re-basing no. {act.undoes}"
        sentence = begun(act) if act.day else f"{undone} is undone by {act.name}: {act.reason}."
        print_sentences([f"No. {act.number} on record. {sentence}"])
