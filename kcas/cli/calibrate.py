"""`kcas calibrate`: the desk's own log becomes the desk's own scenario."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kcas.cli.compare import ProgressFile, progress_written
from kcas.cli.context import open_calls, say
from kcas.cli.options import AsAt, Json, Queues, Since, StandardFile, StoreFolder, Until, Zone
from kcas.cli.printing import print_json, print_table

if TYPE_CHECKING:
    from collections.abc import Mapping

_Out = Annotated[Path, typer.Option("--out", help="Write the scenario to this file.", show_default=False)]
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
    chosen = open_calls(store, standard, zone, queue=queue, since=since, until=until, as_at=as_at)
    shown = progress_written(progress)
    model = chosen.store.calibrate(**chosen.period, roster=roster, progress=shown)
    say(model.notes)
    saved = model.save(out)
    if as_json:
        print_json(saved.to_dict())
    else:
        print_calibration(saved.report, name=chosen.store.standard.name)


def print_calibration(report: Mapping[str, Any], *, name: str) -> None:
    """The estimates for a person, as the page has them; the file has them all."""
    from kcas.reporting import calibration_tables

    print_table(
        f"{name}: {calibration_tables.fitted_to(report)}",
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
