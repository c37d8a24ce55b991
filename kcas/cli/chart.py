"""`kcas chart`: the control chart of the rate."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kcas.cli.options import (
    AsAt,
    Json,
    Queues,
    Since,
    Spacing,
    StandardFile,
    StoreFolder,
    Until,
    Zone,
    day,
    moment,
    nothing_there,
    say_what_is_gone,
    the_queues,
    the_rate,
    the_standard,
    the_store,
)
from kcas.cli.printing import percent, print_json, print_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from kcas.calls.coverage import Coverage
    from kcas.calls.definitions import Definition
    from kcas.calls.store import Store
    from kcas.desk.standard import Standard
    from kcas.monitoring.rate_chart import PeriodCount, Point, RateChart
    from kcas.monitoring.since import Verdict

NO_POINT = "The days chosen hold calls, but no point of this chart."

Key = Annotated[str | None, typer.Option("--definition", help="Definition of the abandonment rate.")]
Short = Annotated[str | None, typer.Option("--short", help='Short-abandonment threshold, such as "5 s".')]


def chart(
    by: Annotated[Spacing, typer.Option("--by", help="Point for each of these.")] = Spacing.day,
    queue: Queues = None,
    since: Since = None,
    until: Until = None,
    definition: Key = None,
    short: Short = None,
    baseline_from: Annotated[
        str | None, typer.Option("--baseline-from", help="First day that the limits are based on.")
    ] = None,
    baseline_until: Annotated[
        str | None, typer.Option("--baseline-until", help="First day no longer included in them.")
    ] = None,
    screen: Annotated[bool, typer.Option("--screen/--no-screen", help="Leave outliers out of the limits.")] = True,
    ewma: Annotated[bool, typer.Option("--ewma", help="Also watch for a slow drift (EWMA).")] = False,
    rebased: Annotated[
        bool, typer.Option("--rebased/--not-rebased", help="Use the recorded re-basings, or none.")
    ] = True,
    as_at: AsAt = None,
    as_json: Json = False,
    store: StoreFolder = None,
    standard: StandardFile = None,
    zone: Zone = None,
) -> None:
    """Control chart: which days, weeks or months are outside expected variation, and by which rule."""
    from kcas.calls.coverage import coverage
    from kcas.calls.grouping import check_days
    from kcas.monitoring import from_measures
    from kcas.monitoring.from_measures import Record
    from kcas.monitoring.since import verdict

    desk, kept = the_standard(standard, zone=zone), the_store(store)
    rate, then = definition_of(desk, definition, short), moment(as_at, option="--as-at", zone=desk.time_zone)
    days, queues = (day(since, option="--since"), day(until, option="--until")), the_queues(kept, queue)
    check_days(*days)
    counted = counted_rows(kept, desk, rate, by=by.value, queues=queues, days=(None, days[1]), then=then)
    say_what_is_gone(kept, desk=desk, since=None, then=then)  # the limits rest on all the days before
    edges = day(baseline_from, option="--baseline-from"), day(baseline_until, option="--baseline-until")
    lacking = coverage(kept.calls(then), intervals=kept.intervals(then), standard=desk).within(None, days[1])
    held = from_measures.record(kept.folder, desk=desk, queues=queues, lacking=lacking, as_at=then)
    found = from_measures.chart(
        counted,
        by=by.value,
        record=held if rebased else Record(replace(desk, actions=()), missing=held.missing),
        at_most=_target(desk, rate),
        baseline=_baseline(edges, counted),
        screen_outliers=screen,
        shown_from=days[0],
    )
    told = verdict(found, lacking=lacking)
    if not found.shown:
        none = nothing_there(kept, desk=desk, days=days, queues=queues, then=then)
        some = any_offered(kept, desk, queues=queues, days=days, then=then)
        found = replace(found, notes=(*found.notes, NO_POINT if some else none))
    if as_json:
        print_json(_document(found, rate, told=told, lacking=lacking, ewma=ewma))
    else:
        _show(found, rate, desk, told=told, lacking=lacking, ewma=ewma)


def definition_of(desk: Standard, key: str | None, short: str | None) -> Definition:
    """The definition that the options name, or the desk's own."""
    return the_rate(desk, key=key, short=short)


def definition_document(rate: Definition) -> dict[str, Any]:
    """The definition as every document bears it."""
    return {"definition": {"key": rate.key, "words": rate.words, "short": rate.short}}


def counted_rows(
    kept: Store,
    desk: Standard,
    rate: Definition,
    *,
    by: str,
    queues: Sequence[str],
    days: tuple[date | None, date | None],
    then: datetime | None,
) -> list[PeriodCount]:
    """Both halves of the rate by day, week or month, of the calls asked for, as the store stood at a moment."""
    from kcas.calls.measures import measure
    from kcas.monitoring import from_measures

    rows = measure(
        kept.calls(then),
        intervals=kept.intervals(then),
        standard=desk,
        by=by,
        queues=queues,
        since=days[0],
        until=days[1],
        definition=rate,
    )
    return from_measures.chart_counts(rows)


def any_offered(
    kept: Store, desk: Standard, *, queues: Sequence[str], days: tuple[date | None, date | None], then: datetime | None
) -> bool:
    """Whether calls were offered, or may have been: a table need not tell how many."""
    from kcas.calls.measures import measure

    calls, tables = kept.calls(then), kept.intervals(then)
    rows = measure(
        calls, intervals=tables, standard=desk, by="total", queues=queues, since=days[0], until=days[1]
    )  # fmt: skip
    return any(offered is None or offered > 0 for offered in rows["offered"])


def _baseline(edges: tuple[date | None, date | None], counted: list[PeriodCount]) -> tuple[date, date] | None:
    if edges == (None, None) or not counted:
        return None
    return edges[0] or counted[0].start, edges[1] or counted[-1].start + timedelta(days=1)


def _target(desk: Standard, rate: Definition) -> float | None:
    for target in desk.targets:
        if target.measure == "rate" and (target.definition or desk.definition) == rate.key:
            return target.at_most
    return None


def _document(found: RateChart, rate: Definition, *, told: Verdict, lacking: Coverage, ewma: bool) -> dict[str, Any]:
    from kcas.monitoring.drift import LIMIT, WEIGHT, drift
    from kcas.monitoring.suggested_breaks import suggestions
    from kcas.reporting.coverage import chart_coverage
    from kcas.reporting.verdict_words import sentence, sentences

    shown = found.shown
    facts = ("start", "rule", "side", "value", "on_the_day")
    more: dict[str, Any] = {
        "points": [asdict(point) for point in shown],
        "limits": {name: [getattr(point, name) for point in shown] for name in ("lower", "upper")},
        "signals": [{name: getattr(point, name) for name in facts} for point in shown if point.rule],
        "sentences": sentences(found, told),
        "verdict": told.document | {"sentence": sentence(told)},
        "suggestions": [asdict(each) for each in suggestions(found)],
        "notes": [*chart_coverage(found, lacking), *found.notes],
    }
    if ewma:
        starts = {point.start for point in shown}
        points = [asdict(point) | {"side": point.side} for point in drift(found) if point.start in starts]
        more["ewma"] = {"weight": WEIGHT, "limit": LIMIT, "points": points}
    return definition_document(rate) | asdict(found) | more


def _show(found: RateChart, rate: Definition, desk: Standard, *, told: Verdict, lacking: Coverage, ewma: bool) -> None:
    from kcas.monitoring.drift import drift
    from kcas.monitoring.suggested_breaks import suggestions
    from kcas.reporting.coverage import chart_coverage
    from kcas.reporting.verdict_words import HOW_EWMA, drift_words, segment_words, sentences, suggestion_words

    asked = [point for point in found.shown if point.rule]
    print_table(
        f"{desk.name}: {rate.key} by {found.by}, points that ask for an explanation",
        headings=(found.by, "rate", "of", "centre", "limits", "rule"),
        rows=[_line(point) for point in asked],
        beneath=[
            f"{len(asked)} of {len(found.shown)} points.",
            *sentences(found, told),
            *(drift_words(drift(found), by=found.by) if ewma else []),
            *segment_words(found),
            *(suggestion_words(each, by=found.by) for each in suggestions(found)),
            *chart_coverage(found, lacking),
            *found.notes,
            *([HOW_EWMA] if ewma else []),
        ],
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
