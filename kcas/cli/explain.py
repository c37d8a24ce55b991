"""`kcas explain`: the causes of a day's or a period's rate."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kcas.cli.compare import ProgressFile, progress_written
from kcas.cli.options import (
    AsAt,
    Json,
    Queues,
    StandardFile,
    StoreFolder,
    Zone,
    day,
    moment,
    say_what_is_gone,
    some_calls,
    the_day,
    the_models_standard,
    the_queues,
    the_rate,
    the_store,
)
from kcas.cli.printing import percent, print_json, print_sentences, print_table
from kcas.errors import SettingError

if TYPE_CHECKING:
    from datetime import date

    from kcas.attribution.attribute import Why
    from kcas.attribution.observed_days import Observed

_Span = tuple["date", "date"]
EXAMPLE = "two days with two dots between, both included, like 2010-01-04..2010-03-31"


def explain(
    of_day: Annotated[str | None, typer.Option("--day", help="Day to explain, such as 2010-04-06.")] = None,
    period: Annotated[str | None, typer.Option("--period", help="Or the period: " + EXAMPLE + ".")] = None,
    since: Annotated[
        str | None, typer.Option("--since", help="Or compare everything from this day on with everything before.")
    ] = None,
    against: Annotated[
        str, typer.Option("--against", help="What it stands against: normal (the same weekday before), or " + EXAMPLE)
    ] = "normal",
    queue: Queues = None,
    definition: Annotated[str | None, typer.Option("--definition", help="Definition of the abandonment rate.")] = None,
    short: Annotated[str | None, typer.Option("--short", help='Short-abandonment threshold, such as "5 s".')] = None,
    as_at: AsAt = None,
    as_json: Json = False,
    progress: ProgressFile = None,
    store: StoreFolder = None,
    standard: StandardFile = None,
    zone: Zone = None,
) -> None:
    """Explain a difference in the rate by cause: calls, handling time, agents, random variation (Shapley attribution).

    The shares are estimates of a model, not proof.
    """
    asked = [each for each in (of_day, period, since) if each is not None]
    if len(asked) != 1:
        raise SettingError("explain what? Expected one of --day, --period and --since.")
    desk = the_models_standard(standard, zone=zone)
    kept, then = the_store(store), moment(as_at, option="--as-at", zone=desk.time_zone)
    from kcas.attribution.attribute import why_day, why_period
    from kcas.attribution.observed_days import observed_days
    from kcas.calls.measures import select
    from kcas.cli.simulate import bar
    from kcas.reporting import attribution, words

    rate = the_rate(desk, key=definition, short=short)
    queues = the_queues(kept, queue)
    say_what_is_gone(kept, desk=desk, calls_alone=True)
    some_calls(kept, select(kept.calls(then), standard=desk, queues=queues), desk=desk, queues=queues, then=then)
    days = observed_days(kept.calls(then), standard=desk, queues=queues, definition=rate)
    other = None if against == "normal" else _span(against, option="--against")
    with bar("explain", quiet=as_json, of="mixed days", done="asked about") as shown:
        told = progress_written(progress, number=0, of=1) or shown
        if of_day is not None:
            asked_day = the_day(of_day, option="--day")
            why = why_day(days, asked_day, against=within(days, other) if other else None, told=told)
            normal = attribution.normal(why)
            name, stands_against = words.day(asked_day), words.days(*other) if other else normal
        else:
            mine, theirs = the_periods(days, period=period, since=day(since, option="--since"), against=other)
            why = why_period(within(days, mine), within(days, theirs), told=told)
            name, stands_against = words.days(*mine), words.days(*theirs)
    _show(why, name=name, against=stands_against, as_json=as_json)


def the_periods(
    days: Observed, *, period: str | None, since: date | None, against: _Span | None
) -> tuple[_Span, _Span]:
    """The period asked about, and the one it stands against."""
    if not days.dates:
        raise SettingError("--since: no calls are kept. Read a log in first.")
    if period is not None:
        if against is None:
            raise SettingError(f"--period: what does it stand against? Expected --against with {EXAMPLE}.")
        return _span(period, option="--period"), against
    if since is None:
        raise SettingError("--since: expected a day, like 2010-04-01.")
    return (since, days.dates[-1]), against or (days.dates[0], since - timedelta(days=1))


def _span(text: str, *, option: str) -> _Span:
    """The two days of a period, both included."""
    first, dots, last = text.partition("..")
    if not dots:
        raise SettingError(f"{option}: {text!r} is not a period. Expected {EXAMPLE}.")
    ends = the_day(first, option=option), the_day(last, option=option)
    if ends[1] < ends[0]:
        raise SettingError(f"{option}: {text!r} ends before it begins. Expected {EXAMPLE}.")
    return ends


def within(days: Observed, period: _Span) -> Observed:
    """The days of a period. Raises SettingError where none has calls."""
    chosen = [number for number, each in enumerate(days.dates) if period[0] <= each <= period[1]]
    if not chosen:
        raise SettingError(f"{period[0]}..{period[1]}: no call was offered on any of these days.")
    return days.of(chosen)


def _show(why: Why, *, name: str, against: str, as_json: bool) -> None:
    from kcas.reporting import attribution, words

    said = attribution.attribution_sentence(why, name=name, against=against)
    if as_json:
        print_json(_document(why, said))
        return
    print_sentences([said, *attribution.of_holidays(why), attribution.whether_chance(why)])
    print_table(
        f"{name} against {against}: shares of the difference (model)",
        headings=("what", "points", "95% interval", "because"),
        rows=[
            (
                row["label"],
                words.signed(row["share"]),
                attribution.reach(row),
                row["cause"],
            )
            for row in attribution.attribution_rows(why)
        ],
        beneath=[f"Together {words.signed(why.difference)}, from {percent(why.against.rate)} to "
                 f"{percent(why.now.rate)}.", *attribution.method(why), definition_words(why)],
    )  # fmt: skip


def definition_words(why: Why) -> str:
    """What the rate counts."""
    return f"Rates are {why.definition.key}: {why.definition.words}."


def _document(why: Why, said: str) -> dict[str, Any]:
    """The answer for a program."""
    from dataclasses import asdict

    from kcas.reporting import attribution

    return {
        "sentence": said,
        "definition": {"key": why.definition.key, "words": definition_words(why), "short": why.definition.short},
        "model": True,
        "difference": why.difference,
        **attribution.sides(why.now, why.against),
        "shares": attribution.attribution_rows(why),
        "expected": why.expected,
        "chance": {"share": why.chance.share, "usual_low": why.chance.low, "usual_high": why.chance.high,
                   "within": why.within},
        "fitted": asdict(why.fitted),
        "dates": list(why.dates),
        "dates_against": list(why.dates_against),
        "holidays": attribution.holidays(why),
        "notes": [*attribution.of_holidays(why), attribution.whether_chance(why), *attribution.method(why)],
    }  # fmt: skip
