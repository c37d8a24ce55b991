"""`kcas today`: a nowcast of today's rate, and the effect of one more agent."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from kcas.cli.context import Opened, open_calls, say
from kcas.cli.options import (
    AsAt,
    Json,
    Queues,
    Since,
    StandardFile,
    StoreFolder,
    Until,
    Zone,
    duration,
    moment,
    time_of_day,
)
from kcas.cli.printing import print_json, print_sentences, print_table
from kcas.errors import SettingError

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
    chosen = open_calls(store, standard, zone, queue=queue, since=since, until=until, as_at=as_at)
    times = [time_of_day(each, option="--at") for each in at or _TIMES]
    by: dict[str, Any] = {"definition": definition, "short": duration(short, option="--short")}
    if backtest:
        _show_scores(chosen, times=times, by=by, as_json=as_json)
        return
    if since or until or at:
        raise SettingError("--since, --until and --at go with --backtest. To ask about one moment, use --now.")
    asked = moment(now, option="--now", zone=chosen.store.standard.time_zone)
    nowcast = chosen.store.nowcast(asked, **chosen.whole, **by, replications=replications, seed=seed)
    say(nowcast.notes)
    if as_json:
        print_json(nowcast.to_dict())
        return
    from kcas.reporting.nowcast import MODEL

    print_sentences([*nowcast.sentences, MODEL, f"By: {nowcast.definition.key} ({nowcast.definition.words})."])


def _show_scores(chosen: Opened, *, times: list[float], by: dict[str, Any], as_json: bool) -> None:
    """Accuracy of past nowcasts."""
    from kcas.reporting import nowcast as words

    backtest = chosen.store.nowcast_backtest(at=times, **chosen.period, **by)
    say(backtest.warnings)
    if as_json:
        print_json(backtest.to_dict())
        return
    print_table(
        f"Accuracy of forecasts of a day under way, {backtest.first} until {backtest.until} (model)",
        headings=words.HEADINGS,
        rows=words.score_rows(backtest.scores),
        beneath=[*backtest.notes, *words.SCORES_IN_WORDS],
    )
