"""`kcas today`: a nowcast of today's rate, and the effect of one more agent."""

from __future__ import annotations

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
    moment,
    say_what_is_gone,
    some_calls,
    the_models_standard,
    the_queues,
    the_rate,
    the_store,
)
from kcas.cli.printing import print_json, print_sentences, print_table
from kcas.desk.toml_file import time_of_day
from kcas.errors import SettingError

if TYPE_CHECKING:
    from datetime import date

    from kcas.forecasting.nowcast import Log

_TIMES = ("11:00", "14:00")


def today(
    now: Annotated[
        str | None, typer.Option("--now", help="The moment, like 2010-04-06T11:00; the log's last unless given.")
    ] = None,
    queue: Queues = None,
    definition: Annotated[str | None, typer.Option("--definition", help="Definition of the abandonment rate.")] = None,
    short: Annotated[str | None, typer.Option("--short", help='Short-abandonment threshold, such as "5 s".')] = None,
    replications: Annotated[
        int, typer.Option("--replications", min=50, max=20_000, help="Number of simulations of the rest of the day.")
    ] = 400,
    seed: Annotated[
        int, typer.Option("--seed", min=0, help="Random seed: the same seed gives the same simulated callers.")
    ] = 1,
    backtest: Annotated[
        bool, typer.Option("--backtest", help="Accuracy on past days: every day from --since to --until, at each --at.")
    ] = False,
    at: Annotated[list[str] | None, typer.Option("--at", help="With --backtest: a time of day, like 11:00.")] = None,
    since: Since = None,
    until: Until = None,
    as_at: AsAt = None,
    as_json: Json = False,
    store: StoreFolder = None,
    standard: StandardFile = None,
    zone: Zone = None,
) -> None:
    """Forecast for the rest of today, simulated from the present queue, agents and calls; with one more agent too.

    A model; nothing later than that time is used.
    """
    desk = the_models_standard(standard, zone=zone)
    kept, then = the_store(store), moment(as_at, option="--as-at", zone=desk.time_zone)
    from kcas.calls.definitions import the_service_level
    from kcas.calls.measures import select
    from kcas.forecasting.nowcast import log_of

    queues = the_queues(kept, queue)
    say_what_is_gone(kept, desk=desk, calls_alone=True)
    some_calls(kept, select(kept.calls(then), standard=desk, queues=queues), desk=desk, queues=queues, then=then)
    log = log_of(kept.calls(then), standard=desk, queues=queues)
    by: dict[str, Any] = {
        "definition": the_rate(desk, key=definition, short=short),
        "service_level": the_service_level(desk),
    }
    times = [clock_time(each) for each in at or _TIMES]
    if backtest:
        span = day(since, option="--since"), day(until, option="--until")
        show_scores(log, span=span, times=times, by=by, as_json=as_json)
        return
    if since or until or at:
        raise SettingError("--since, --until and --at go with --backtest. To ask about one moment, use --now.")
    _show(log, now=now, by=by | {"replications": replications, "seed": seed}, as_json=as_json)


def _show(log: Log, *, now: str | None, by: dict[str, Any], as_json: bool) -> None:
    """The day at a moment."""
    from kcas.desk.toml_fields import clock
    from kcas.forecasting.nowcast import closes, last_moment, moment_of, nowcast
    from kcas.reporting import nowcast as words
    from kcas.reporting.words import day as named

    asked = moment(now, option="--now", zone=log.standard.time_zone)
    on, at = moment_of(asked, standard=log.standard) if asked else last_moment(log)
    if at >= closes(log, on):
        raise SettingError(
            f"{named(on)} was over by {clock(at)}: the rest of it cannot be forecast. Ask about an earlier moment "
            f'with --now, like "{on}T11:00".'
        )
    seen = nowcast(log, day=on, now=at, **by)
    rate = by["definition"]
    if as_json:
        print_json(
            {"definition": {"key": rate.key, "words": rate.words, "short": rate.short}} | words.nowcast_document(seen)
        )
        return
    print_sentences([*words.nowcast_sentences(seen), words.MODEL, f"By: {rate.key} ({rate.words})."])


def show_scores(
    log: Log, *, span: tuple[date | None, date | None], times: list[float], by: dict[str, Any], as_json: bool
) -> None:
    """Accuracy of past nowcasts."""
    from dataclasses import asdict

    from kcas.forecasting.nowcast_backtest import nowcast_trials, scores
    from kcas.reporting import nowcast as words

    first, last = span[0] or date_min(log), span[1] or date_min(log, last=True) + timedelta(days=1)
    days = [each for each in log.days.dates if first <= each < last]
    found, out = nowcast_trials(log, days=days, times=times, **by)
    left_out = words.left_out(out, of=len(days))
    if not found:
        raise SettingError(
            f"no day from {first} until {last} could be forecast. Expected days of a hundred calls, six weeks after "
            f"the log begins. {' '.join(left_out)}".rstrip()
        )
    made = scores(found)
    if as_json:
        print_json(
            {"definition": {"key": by["definition"].key}, "scores": [asdict(each) for each in made],
             "days": [asdict(each) for each in found], "left_out": [asdict(each) for each in out], "notes": left_out}
        )  # fmt: skip
        return
    print_table(
        f"Accuracy of forecasts of a day under way, {first} until {last} (model)",
        headings=words.HEADINGS,
        rows=words.score_rows(made),
        beneath=[*left_out, *words.SCORES_IN_WORDS],
    )


def date_min(log: Log, *, last: bool = False) -> date:
    """The first or last day of the log."""
    if not log.days.dates:
        raise SettingError("no calls are kept. Read a log in first: kcas ingest LOG")
    return log.days.dates[-1 if last else 0]


def clock_time(text: str) -> float:
    """Seconds after midnight."""
    found = time_of_day(text, where="--at")
    if found >= 24 * 3600:
        raise SettingError(f'--at: {text!r} is the end of a day. Expected an earlier time, like "11:00".')
    return found
