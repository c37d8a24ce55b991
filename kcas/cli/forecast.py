"""`kcas forecast`: calls, handling time, agents and rate of the days to come, and how accurate such forecasts were."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from kcas.cli.context import open_calls, say
from kcas.cli.options import (
    AsAt,
    Json,
    Queues,
    Shape,
    Since,
    StandardFile,
    StoreFolder,
    Until,
    Written,
    Zone,
    day,
    duration,
)
from kcas.cli.printing import print_csv, print_json, print_table
from kcas.errors import SettingError

if TYPE_CHECKING:
    from kcas.api.forecast import ForecastBacktest, Forecasts


def forecast(
    start: Annotated[
        str | None, typer.Option("--from", help="First day forecast; the day after the log's last unless given.")
    ] = None,
    days: Annotated[int, typer.Option("--days", min=1, max=182, help="Number of days.")] = 14,
    by: Annotated[str, typer.Option("--by", help="day or half-hour.")] = "day",
    backtest: Annotated[
        bool, typer.Option("--backtest", help="Accuracy on past days: each forecast 1, 7 and 14 days ahead.")
    ] = False,
    queue: Queues = None,
    definition: Annotated[str | None, typer.Option("--definition", help="Definition of the abandonment rate.")] = None,
    short: Annotated[str | None, typer.Option("--short", help='Short-abandonment threshold, such as "5 s".')] = None,
    since: Since = None,
    until: Until = None,
    as_at: AsAt = None,
    shape: Written = Shape.table,
    as_json: Json = False,
    store: StoreFolder = None,
    standard: StandardFile = None,
    zone: Zone = None,
) -> None:
    """Forecast calls, handling time, agents and rate, from 1 day to 26 weeks ahead, from the log's own days."""
    chosen = open_calls(store, standard, zone, queue=queue, since=since, until=until, as_at=as_at)
    by_rate: dict[str, Any] = {"definition": definition, "short": duration(short, option="--short")}
    if backtest:
        scored = chosen.store.forecast_backtest(**chosen.period, **by_rate)
        say(scored.notes)
        if as_json or shape is Shape.json:
            print_json(scored.to_dict())
        elif shape is Shape.csv:
            print_csv(scored.to_frame())
        else:
            _show_scores(scored)
        return
    if since or until:
        raise SettingError("--since and --until go with --backtest. The first day forecast is named by --from.")
    found = chosen.store.forecast(
        days, start=day(start, option="--from"), by=by, **chosen.whole, **by_rate,
    )  # fmt: skip
    say(found.notes)
    if as_json or shape is Shape.json:
        print_json(found.to_dict())
    elif shape is Shape.csv:
        print_csv(found.to_frame())
    else:
        _show(found)


def _show(found: Forecasts) -> None:
    """The forecast as a table."""
    from kcas.reporting import forecast as words

    halves = bool(found.half_hours)
    print_table(
        f"Forecast from {found.origin} (model), from calls until {found.last_day}",
        headings=words.HALF_HOUR_HEADINGS if halves else words.DAY_HEADINGS,
        rows=words.half_hour_rows(found.half_hours) if halves else words.day_rows(found.days),
        beneath=(words.FORECAST_NOT_OBSERVED, f"Rate: {found.definition.key} ({found.definition.words})."),
    )


def _show_scores(found: ForecastBacktest) -> None:
    """The scores as a table, the error of the best simple rule beside the model's."""
    from kcas.reporting import forecast as words

    print_table(
        f"Accuracy of forecasts from {found.first} until {found.until} (model)",
        headings=words.SCORE_HEADINGS,
        rows=words.score_rows(found.scores),
        beneath=(words.SCORES_IN_WORDS, f"Rate: {found.definition.key} ({found.definition.words})."),
    )
