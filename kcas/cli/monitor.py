"""`kcas chart` and `kcas since`: has the rate really moved, or is it chance?"""

from __future__ import annotations

import enum
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kcas.cli.options import (
    AsAt,
    Json,
    Queues,
    Since,
    StandardFile,
    StoreFolder,
    Until,
    Zone,
    day,
    duration,
    moment,
    the_standard,
    the_store,
)
from kcas.cli.printing import percent, print_json, print_sentences, print_table
from kcas.errors import SettingError

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from kcas.calls.definitions import Definition
    from kcas.monitor.rate_chart import Counted, Point, RateChart
    from kcas.standard import Standard

Key = Annotated[str | None, typer.Option("--definition", help="Which abandonment rate.")]
Short = Annotated[str | None, typer.Option("--short", help='The short threshold, like "5 s".')]


class Spacing(enum.StrEnum):
    """How far apart the points of a chart are."""

    day = "day"
    week = "week"
    month = "month"


def chart(
    by: Annotated[Spacing, typer.Option("--by", help="One point for each of these.")] = Spacing.day,
    queue: Queues = None,
    since: Since = None,
    until: Until = None,
    definition: Key = None,
    short: Short = None,
    baseline_from: Annotated[str | None, typer.Option("--baseline-from", help="First day of the limits.")] = None,
    baseline_until: Annotated[str | None, typer.Option("--baseline-until", help="First day left out of them.")] = None,
    screen: Annotated[bool, typer.Option("--screen/--no-screen", help="Leave outliers out of the limits.")] = True,
    as_at: AsAt = None,
    as_json: Json = False,
    store: StoreFolder = None,
    standard: StandardFile = None,
    zone: Zone = None,
) -> None:
    """The control chart: which days, weeks or months are out of the ordinary, and by what rule."""
    from kcas.monitor import from_measures
    from kcas.monitor.rate_chart import rate_chart

    desk = the_standard(standard, zone=zone)
    rate = _definition(desk, definition, short)
    days = day(since, option="--since"), day(until, option="--until")
    counted = _counted(desk, rate, by=by.value, queues=queue, days=days, as_at=as_at, store=store)
    edges = day(baseline_from, option="--baseline-from"), day(baseline_until, option="--baseline-until")
    found = rate_chart(
        counted,
        by=by.value,
        holidays=from_measures.holidays(desk, counted),
        baseline=_baseline(edges, counted),
        screen_outliers=screen,
        at_most=_target(desk, rate),
    )
    if as_json:
        print_json(_document(found, rate))
    else:
        _show(found, rate, desk)


def since_when(
    date_of_change: Annotated[str, typer.Argument(metavar="DATE", help="The day of the change, like 2010-04-01.")],
    slope: Annotated[bool, typer.Option("--slope", help="Allow for a trend that was there before.")] = False,
    queue: Queues = None,
    since: Since = None,
    until: Until = None,
    definition: Key = None,
    short: Short = None,
    as_at: AsAt = None,
    as_json: Json = False,
    store: StoreFolder = None,
    standard: StandardFile = None,
    zone: Zone = None,
) -> None:
    """Before and after a date, by week: lower, higher, no clear change, or not enough data."""
    from kcas.monitor import from_measures
    from kcas.monitor.since import since as judge

    desk = the_standard(standard, zone=zone)
    rate = _definition(desk, definition, short)
    changed = day(date_of_change, option="DATE")
    if changed is None:
        raise SettingError("DATE: expected the day of the change, like 2010-04-01.")
    days = day(since, option="--since"), day(until, option="--until")
    counted = _counted(desk, rate, by="week", queues=queue, days=days, as_at=as_at, store=store)
    found = judge(from_measures.weeks(counted), changed, slope=slope)
    if as_json:
        sides = {name: asdict(side) | {"rate": side.rate} for name, side in _sides(found).items()}
        print_json(_key(rate) | asdict(found) | sides)
    else:
        print_sentences([found.sentence, *found.notes, f"By: {rate.key} ({rate.words})."])


def _sides(found: Any) -> dict[str, Any]:
    return {"before": found.before, "after": found.after}


def _definition(desk: Standard, key: str | None, short: str | None) -> Definition:
    from kcas.calls.definitions import the_definition

    return the_definition(desk, key=key, short=duration(short, option="--short"))


def _key(rate: Definition) -> dict[str, Any]:
    return {"definition": {"key": rate.key, "words": rate.words, "short": rate.short}}


def _counted(
    desk: Standard,
    rate: Definition,
    *,
    by: str,
    queues: list[str] | None,
    days: tuple[date | None, date | None],
    as_at: str | None,
    store: Path | None,
) -> list[Counted]:
    from kcas.calls.measures import measure
    from kcas.monitor import from_measures

    kept, then = the_store(store), moment(as_at, option="--as-at", zone=desk.time_zone)
    rows = measure(
        kept.calls(then),
        intervals=kept.intervals(then),
        standard=desk,
        by=by,
        queues=queues or (),
        since=days[0],
        until=days[1],
        definition=rate,
    )
    return from_measures.counted(rows)


def _baseline(edges: tuple[date | None, date | None], counted: list[Counted]) -> tuple[date, date] | None:
    if edges == (None, None) or not counted:
        return None
    return edges[0] or counted[0].start, edges[1] or counted[-1].start + timedelta(days=1)


def _target(desk: Standard, rate: Definition) -> float | None:
    for target in desk.targets:
        if target.measure == "rate" and (target.definition or desk.definition) == rate.key:
            return target.at_most
    return None


def _document(found: RateChart, rate: Definition) -> dict[str, Any]:
    asked = [point for point in found.points if point.rule]
    signals = [{"start": point.start, "rule": point.rule, "side": point.side, "value": point.value} for point in asked]
    return _key(rate) | asdict(found) | {"signals": signals}


def _show(found: RateChart, rate: Definition, desk: Standard) -> None:
    asked = [point for point in found.points if point.rule]
    print_table(
        f"{desk.name}: {rate.key} by {found.by}, points that ask for an explanation",
        headings=(found.by, "rate", "of", "centre", "limits", "rule"),
        rows=[_line(point) for point in asked],
        beneath=[f"{len(asked)} of {len(found.points)} points.", *found.notes],
    )


def _line(point: Point) -> tuple[str, ...]:
    return (
        point.start.isoformat(),
        percent(point.value),
        f"{point.numerator:,.0f}/{point.denominator:,.0f}",
        percent(point.centre),
        f"{percent(point.lower)} to {percent(point.upper)}",
        f"{point.rule} ({point.side})",
    )
