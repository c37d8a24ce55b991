"""`kcas backtest`: does the fitted model say what days it has not seen bring?"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kcas.cli.calibrate import Roster, the_calls
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
    the_standard,
    the_store,
)
from kcas.cli.printing import percent, print_json, print_table
from kcas.errors import SettingError

if TYPE_CHECKING:
    from kcas.simulation.backtest.run import Backtest, DayForetold
    from kcas.standard import Standard

FitUntil = Annotated[
    str | None,
    typer.Option("--fit-until", help="The first day not fitted to, like 2010-04-01; unless given, after four weeks."),
]
Rolling = Annotated[
    str | None, typer.Option("--rolling", help="week: fit anew each week. Unless --fit-until is given, so it is done.")
]
Given = Annotated[
    str | None,
    typer.Option("--given", help="Facts given of each day: volume, handling, staff, or several with commas."),
]
NAMES = {"model": "kcas, the fitted model", "same weekday": "same weekday's average", "erlang a": "Erlang A, hourly",
         "regression": "regression on volume"}  # fmt: skip


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
    store: StoreFolder = None,
    standard: StandardFile = None,
    zone: Zone = None,
) -> None:
    """Fit on one stretch of days, foretell the next day by day, and hold that against what came and three rules."""
    desk = the_standard(standard, zone=zone)
    facts, first = the_facts(given), day(fit_until, option="--fit-until")
    by_week = in_weeks(rolling) or first is None
    chosen = the_calls(the_store(store), queue, since, until, as_at, desk=desk)
    from kcas.cli.simulate import bar
    from kcas.simulation.backtest.run import backtest as foretell
    from kcas.simulation.calibrate.day_log import day_log
    from kcas.simulation.calibrate.on_duty import inferred, rostered

    log = day_log(chosen, zone=desk.time_zone)
    on_duty = rostered(roster, log) if roster else inferred(log)
    with bar("back-test", quiet=as_json) as progress:
        found = foretell(log, on_duty, fit_until=first, rolling=by_week, given=facts, progress=progress)
    if as_json:
        print_json(document(found))
        return
    show(found, desk=desk)


def the_facts(text: str | None) -> frozenset[str]:
    """The facts that are given. Raises SettingError for one that cannot be."""
    from kcas.simulation.backtest.forecast import GIVEN

    named = frozenset(each.strip() for each in text.split(",")) if text else frozenset()
    for each in sorted(named - set(GIVEN)):
        raise SettingError(f"--given: {each!r} cannot be given. Expected {', '.join(GIVEN)}, or several with commas.")
    return named


def in_weeks(text: str | None) -> bool:
    """Whether the fit is made anew each week."""
    if text not in (None, "week"):
        raise SettingError(f"--rolling: {text!r} will not do. Expected week.")
    return text == "week"


def document(found: Backtest) -> dict[str, Any]:
    """Every day with its intervals, the scores in one table, and each assumption's verdict."""
    from kcas.simulation.backtest.assumptions import verdicts

    return {
        "fitted_until": found.days[0].fitted_until,
        "rolling": "week" if found.rolling else None,
        "given": sorted(found.given),
        "days": [of_day(each) for each in found.days],
        "left_out": list(found.left_out),
        "scores": {name: score_of(each) for name, each in found.table().items()},
        "scores_ordinary_days": {name: score_of(each) for name, each in found.table(ordinary=True).items()},
        "volume": score_of(found.score("volume")),
        "wait": score_of(found.score("wait")),
        "assumptions": {
            each.name: asdict(each) | {"fails": each.fails, "words": each.words}
            for each in verdicts([day.misses for day in found.days])
        },
    }


def of_day(each: DayForetold) -> dict[str, Any]:
    """One day."""
    return {
        "day": each.day, "fitted_until": each.fitted_until, "odd": each.odd,
        "offered": int(each.offered), "abandoned": int(each.lost), "rate": each.actual, "mean_wait": each.mean_wait,
        "foretold": {"rate": asdict(each.rate), "volume": asdict(each.volume), "mean_wait": asdict(each.wait)},
        "rivals": {name: said.rate for name, said in each.rivals.items()},
        "misses": {name: asdict(miss) for name, miss in each.misses.items()},
    }  # fmt: skip


def score_of(score: Any) -> dict[str, Any]:
    """A score with its coverages."""
    named = {"mean_absolute_error": score.error, "bias": score.bias, "pinball_loss": score.pinball}
    return {"days": score.days} | named | {
        "coverage_80": score.coverage80, "coverage_95": score.coverage95,
        "inside_80": score.inside80, "inside_95": score.inside95,
    }  # fmt: skip


def show(found: Backtest, *, desk: Standard) -> None:
    """The days, then the scores in one table, then what failed."""
    from kcas.simulation.backtest.assumptions import verdicts

    known = f"; given of each day: {', '.join(sorted(found.given))}" if found.given else ""
    print_table(
        f"{desk.name}: MODEL, days foretold and what came{known}",
        headings=("day", "offered", "gave up", "rate", "foretold", "80 % interval", "95 % interval", ""),
        rows=[row_of(each) for each in found.days],
        beneath=[f"Left out, with too few calls or none before on that weekday: "
                 f"{', '.join(map(str, found.left_out))}."] if found.left_out else [],
    )  # fmt: skip
    print_table(
        "Daily rate: the model against three simple rules",
        headings=("", "mean absolute error", "bias", "pinball loss", "in 80 % interval", "in 95 % interval"),
        rows=[score_row(NAMES[name], each) for name, each in found.table().items()],
        beneath=[
            f"{len(found.days)} days, each counting the same. Errors in percentage points of abandoned of offered. "
            "Erlang A and the others are given the same facts; Erlang A tells no interval.",
            ordinary_words(found),
            *(each.words.capitalize() for each in verdicts([day.misses for day in found.days])),
        ],
    )


def row_of(each: DayForetold) -> tuple[str, ...]:
    """A day in the table."""
    rate = each.rate
    outside = "" if rate.low95 <= each.actual <= rate.high95 else "outside"
    return (
        each.day.strftime("%a %Y-%m-%d"), f"{each.offered:,.0f}", f"{each.lost:,.0f}", percent(each.actual),
        percent(rate.middle), f"{percent(rate.low80)} to {percent(rate.high80)}",
        f"{percent(rate.low95)} to {percent(rate.high95)}", ", ".join(filter(None, [outside, "odd" * each.odd])),
    )  # fmt: skip


def score_row(name: str, each: Any) -> tuple[str, ...]:
    """A row of scores."""
    inside = [f"{percent(share)} ({count} of {each.days})" if share is not None else "–"
              for share, count in ((each.coverage80, each.inside80), (each.coverage95, each.inside95))]  # fmt: skip
    return (name, f"{100 * each.error:.2f}", f"{100 * each.bias:+.2f}", f"{100 * each.pinball:.2f}", *inside)


def ordinary_words(found: Backtest) -> str:
    """The model's score without the odd days, whose holidays and gaps no log foretells."""
    odd = sum(each.odd for each in found.days)
    if not odd or odd == len(found.days):
        return "No day was odd (half its weekday's usual calls, or twice)."
    score = found.score(ordinary=True)
    return (
        f"Without the {odd} odd days (half their weekday's usual calls, or twice: holidays, gaps) the model's error is "
        f"{100 * score.error:.2f} points and {score.inside95} of {score.days} days lie in the 95 % interval."
    )
