"""`kcas backtest`: forecasts of days the model was not fitted to, scored against what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from kcas.cli.calibrate import Roster, the_calls
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
    the_models_standard,
    the_store,
)
from kcas.cli.printing import print_json, print_table
from kcas.errors import SettingError

if TYPE_CHECKING:
    from kcas.desk.standard import Standard

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
    desk = the_models_standard(standard, zone=zone)
    facts, first = the_facts(given), day(fit_until, option="--fit-until")
    by_week = in_weeks(rolling) or first is None
    chosen = the_calls(the_store(store), queue, since, until, as_at, desk=desk)
    from kcas.calibration.backtest.run import backtest as foretell
    from kcas.calibration.day_records import day_log
    from kcas.calibration.staff_on_duty import inferred, rostered
    from kcas.cli.simulate import bar

    log = day_log(chosen, zone=desk.time_zone, holidays=desk.holidays)
    on_duty = rostered(roster, log) if roster else inferred(log)
    with bar("back-test", quiet=as_json) as shown:
        told = progress_written(progress, number=0, of=1) or shown
        found = foretell(log, on_duty, fit_until=first, rolling=by_week, given=facts, progress=told)
    from kcas.reporting.backtest import backtest_document

    report = backtest_document(found)
    if as_json:
        print_json(report)
        return
    _show(report, desk=desk)


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


def _show(report: dict[str, Any], *, desk: Standard) -> None:
    """The days, then the scores in one table, then what failed: as the page has them."""
    from kcas.reporting import backtest as tables

    days = tables.days(report)
    print_table(
        f"{desk.name}: MODEL, {tables.setting(report)}",
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
