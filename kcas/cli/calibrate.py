"""`kcas calibrate` and `kcas backtest`: a model fitted to the calls, and its accuracy on days it was not fitted to."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kcas.cli.compare import ProgressFile, progress_written
from kcas.cli.context import open_calls, say
from kcas.cli.options import AsAt, Json, Queues, Since, StandardFile, StoreFolder, Until, Zone, day
from kcas.cli.printing import print_json, print_table
from kcas.errors import SettingError

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


FitUntil = Annotated[
    str | None,
    typer.Option("--fit-until", help="First day not fitted to, such as 2010-04-01; default: after four weeks."),
]
Rolling = Annotated[
    str | None, typer.Option("--rolling", help="week: fit again each week; the default without --fit-until.")
]
Given = Annotated[
    str | None,
    typer.Option("--given", help="Known facts of each day, all of them: volume,handling,staff; default: none."),
]


def backtest(
    fit_until: FitUntil = None,
    rolling: Rolling = None,
    given: Given = None,
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
    """Fit on one stretch of days, forecast the next, and compare with what was observed and three baseline forecasts.

    For forecasts of a day already under way, see kcas today --backtest.
    """
    facts, first = the_facts(given), day(fit_until, option="--fit-until")
    again = in_weeks(rolling)
    chosen = open_calls(store, standard, zone, queue=queue, since=since, until=until, as_at=as_at)
    from kcas.cli.simulate import bar

    with bar("back-test", quiet=as_json) as shown:
        step = progress_written(progress) or shown
        trials = chosen.store.backtest(
            **chosen.period, fit_until=first, rolling=again, given=facts, roster=roster, progress=step
        )
    say(trials.notes)
    if as_json:
        print_json(trials.to_dict())
    else:
        _show(trials.report, name=chosen.store.standard.name)


def the_facts(text: str | None) -> frozenset[str]:
    """The facts that are given: all or none. Raises SettingError for one that cannot be, and for some of them."""
    from kcas.calibration.backtest.forecast import GIVEN, check_given

    named = frozenset(each.strip() for each in text.split(",")) if text else frozenset()
    for each in sorted(named - set(GIVEN)):
        raise SettingError(f"--given: {each!r} cannot be given. Expected {','.join(GIVEN)}, or no --given.")
    check_given(named)
    return named


def in_weeks(text: str | None) -> bool:
    """Whether the fit is made again each week."""
    if text not in (None, "week"):
        raise SettingError(f"--rolling: {text!r} is not valid. Expected week.")
    return text == "week"


def _show(report: Mapping[str, Any], *, name: str) -> None:
    """The days, then the scores in one table, then what failed: as the page has them."""
    from kcas.reporting import backtest as tables

    days = tables.days(report)
    print_table(
        f"{name}: MODEL, {tables.setting(report)}",
        headings=days.columns,
        rows=days.iter_rows(),
        beneath=tables.days_left_out(report),
    )
    scores = tables.scores(report)
    print_table(
        tables.backtest_sentence(report),
        headings=scores.columns,
        rows=scores.iter_rows(),
        beneath=[*tables.scores_in_words(report), *tables.assumptions(report)],
    )
