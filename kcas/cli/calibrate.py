"""`kcas calibrate`: the desk's own log becomes the desk's own scenario."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kcas.cli.compare import ProgressFile, progress_written
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
    some_calls,
    the_models_standard,
    the_queues,
    the_store,
)
from kcas.cli.printing import print_json, print_table
from kcas.errors import SettingError

if TYPE_CHECKING:
    import polars as pl

    from kcas.calibration.fitted import Fitted
    from kcas.calibration.outside_queue import BeforeTheQueue
    from kcas.calls.store import Store
    from kcas.desk.standard import Standard

_Out = Annotated[Path, typer.Option("--out", help="Write the scenario to this file.", show_default=False)]
STEPS = 3  # reading, fitting, and making the file simulate as many hang-ups as were seen
Roster = Annotated[
    Path | None, typer.Option("--roster", help="Who was on duty: a CSV file with day, from, to and agents.")
]


def calibrate(
    out: _Out,
    roster: Roster = None,
    queue: Queues = None,
    since: Since = None,
    until: Until = None,
    as_at: AsAt = None,
    as_json: Json = False,
    progress: ProgressFile = None,
    store: StoreFolder = None,
    standard: StandardFile = None,
    zone: Zone = None,
) -> None:
    """Fit a scenario to the calls of a period; every number has its source, interval and number of calls."""
    desk = the_models_standard(standard, zone=zone)
    kept = the_store(store)
    chosen = the_calls(kept, queue, since, until, as_at, desk=desk)
    from kcas.calibration.day_records import day_log
    from kcas.calibration.fitted import fitted
    from kcas.calibration.outside_queue import before_the_queue
    from kcas.calibration.staff_on_duty import inferred, rostered

    told = progress_written(progress, number=0, of=1) or (lambda _done, _of: None)
    log = day_log(chosen, zone=desk.time_zone, holidays=desk.holidays)
    told(1, STEPS)
    on_duty = rostered(roster, log) if roster else inferred(log)
    found = fitted(log, on_duty, inferred=roster is None)
    told(2, STEPS)
    before = before_the_queue(chosen, zone=desk.time_zone)
    invented = any(batch.record.invented for batch in kept.batches())
    from kcas.reporting.calibration_tables import calibration_document

    report = calibration_document(found, before, _write(found, before, out, invented=invented))
    if as_json:
        print_json(report)
        return
    print_calibration(report, desk=desk)


def the_calls(
    store: Store, queue: list[str] | None, since: str | None, until: str | None, as_at: str | None, *,
    desk: Standard,
) -> pl.LazyFrame:  # fmt: skip
    """The calls that the filters choose."""
    from kcas.calls.measures import select

    then, queues = moment(as_at, option="--as-at", zone=desk.time_zone), the_queues(store, queue)
    days = day(since, option="--since"), day(until, option="--until")
    chosen = select(store.calls(then), standard=desk, queues=queues, since=days[0], until=days[1])
    say_what_is_gone(store, desk=desk, since=days[0], calls_alone=True)
    return some_calls(store, chosen, desk=desk, days=days, queues=queues, then=then)


def _write(found: Fitted, before: BeforeTheQueue, out: Path, *, invented: bool) -> dict[str, list[str]]:
    """The file, and one beside it for each group of weekdays with other hours: names and weekdays."""
    from kcas.calibration.scenario_file import groups, text
    from kcas.simulation.scenario.schema import WEEKDAYS

    together = groups(found)
    paths = [out, *(out.with_name(f"{out.stem}-{WEEKDAYS[group[0]]}{out.suffix}") for group in together[1:])]
    for path, group in zip(paths, together, strict=True):
        others = [each.name for each in paths if each != path]
        try:
            path.write_text(text(found, before, group, others=others, invented=invented), encoding="utf-8")
        except OSError as error:
            raise SettingError(f"--out {path}: cannot be written ({error.strerror}).") from None
    return {str(path): [WEEKDAYS[each] for each in group] for path, group in zip(paths, together, strict=True)}


def print_calibration(report: dict[str, Any], *, desk: Standard) -> None:
    """The estimates for a person, as the page has them; the file has them all."""
    from kcas.reporting import calibration_tables

    print_table(
        f"{desk.name}: {calibration_tables.fitted_to(report)}",
        headings=("Estimated", "Value", "95% interval", "Stands behind it"),
        rows=[(each["what"], each["value"], each["interval"], each["behind"]) for each in report["estimates"]],
        beneath=[
            *(f"Written: {each['file']}, for {', '.join(each['weekdays'])}." for each in report["files"]),
            calibration_tables.OF_A_DAY + " The files say where each number came from.",
            calibration_tables.laws(report),
            *calibration_tables.fault_treatments(report),
            *calibration_tables.days_left_out(report),
            *report["cannot_tell"],
        ],
    )
