"""`kcas since`: the rate before and after a date."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any

import typer

from kcas.cli.chart import Key, Short, counted_rows, definition_document, definition_of
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
    moment,
    say_what_is_gone,
    the_day,
    the_queues,
    the_standard,
    the_store,
)
from kcas.cli.printing import print_json, print_sentences


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
    from kcas.monitoring.from_measures import holidays, weeks, whole_weeks
    from kcas.monitoring.since import since as judge
    from kcas.reporting.coverage import contents

    desk, kept = the_standard(standard, zone=zone), the_store(store)
    rate, then = definition_of(desk, definition, short), moment(as_at, option="--as-at", zone=desk.time_zone)
    queues = the_queues(kept, queue)
    changed = the_day(date_of_change, option="DATE")
    first, last = day(since, option="--since"), day(until, option="--until")
    say_what_is_gone(kept, desk=desk, since=first, then=then)
    by_week, by_day = (
        counted_rows(kept, desk, rate, by=by, queues=queues, days=(first, last), then=then) for by in ("week", "day")
    )
    held = contents(kept, zone=desk.time_zone, begins=desk.day_begins, as_at=then)
    told, partial = weeks(by_week), 0
    if held:
        begins = max(first or held.first_day, held.first_day)
        ends = min(last - timedelta(days=1) if last else held.last_day, held.last_day)
        told, partial = whole_weeks(told, days=by_day, desk=desk, covered=(begins, ends))
    found = judge(told, changed, slope=slope, partial_weeks=partial, days=by_day, holidays=holidays(desk, by_day))
    if as_json:
        sides = {name: asdict(side) | {"rate": side.rate} for name, side in _sides(found).items()}
        print_json(definition_document(rate) | asdict(found) | sides)
    else:
        print_sentences([found.sentence, *found.notes, f"By: {rate.key} ({rate.words})."])


def _sides(found: Any) -> dict[str, Any]:
    return {"before": found.before, "after": found.after}
