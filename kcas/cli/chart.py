"""`kcas chart` and `kcas since`: the control chart of the rate, and the rate before and after a date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from kcas.cli.context import open_calls, say
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
    duration,
    the_day,
)
from kcas.cli.printing import percent, print_json, print_sentences, print_table

if TYPE_CHECKING:
    from kcas.api.observed import ControlChart
    from kcas.monitoring.rate_chart import Point

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
    chosen = open_calls(store, standard, zone, queue=queue, since=since, until=until, as_at=as_at)
    answer = chosen.store.control_chart(
        **chosen.period,
        by=by.value,
        definition=definition,
        short=duration(short, option="--short"),
        baseline=(day(baseline_from, option="--baseline-from"), day(baseline_until, option="--baseline-until")),
        screen_outliers=screen,
        ewma=ewma,
        rebased=rebased,
    )
    say(answer.notes)
    if as_json:
        print_json(answer.to_dict())
    else:
        _show(answer, name=chosen.store.standard.name)


def _show(answer: ControlChart, *, name: str) -> None:
    from kcas.monitoring.drift import drift
    from kcas.monitoring.suggested_breaks import suggestions
    from kcas.reporting.coverage import chart_coverage
    from kcas.reporting.verdict_words import HOW_EWMA, drift_words, segment_words, suggestion_words

    chart = answer.chart
    asked = [point for point in chart.shown if point.rule]
    print_table(
        f"{name}: {answer.definition.key} by {chart.by}, points that ask for an explanation",
        headings=(chart.by, "rate", "of", "centre", "limits", "rule"),
        rows=[_line(point) for point in asked],
        beneath=[
            f"{len(asked)} of {len(chart.shown)} points.",
            *answer.sentences,
            *(drift_words(drift(chart), by=chart.by) if answer.ewma else []),
            *segment_words(chart),
            *(suggestion_words(each, by=chart.by) for each in suggestions(chart)),
            *chart_coverage(chart, answer.coverage),
            *chart.notes,
            *([HOW_EWMA] if answer.ewma else []),
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


def since_when(
    date_of_change: Annotated[str, typer.Argument(metavar="DATE", help="Day of the change, such as 2010-04-01.")],
    slope: Annotated[bool, typer.Option("--slope", help="Allow for an earlier trend.")] = False,
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
    """Compare the weeks before and after a date: lower, higher, no clear change or not enough data."""
    chosen = open_calls(store, standard, zone, queue=queue, since=since, until=until, as_at=as_at)
    change = chosen.store.change_since(
        the_day(date_of_change, option="DATE"),
        **chosen.period,
        slope=slope,
        definition=definition,
        short=duration(short, option="--short"),
    )
    say(change.notes)
    if as_json:
        print_json(change.to_dict())
    else:
        rate = change.definition
        print_sentences([change.sentence, *change.found.notes, f"By: {rate.key} ({rate.words})."])
