"""`kcas explain`: the causes of a day's or a period's rate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from kcas.cli.compare import ProgressFile, progress_written
from kcas.cli.context import open_calls, say
from kcas.cli.options import AsAt, Json, Queues, StandardFile, StoreFolder, Zone, day, duration, the_day
from kcas.cli.printing import percent, print_json, print_sentences, print_table
from kcas.errors import SettingError

if TYPE_CHECKING:
    from datetime import date

    from kcas.api.modelled import Explanation

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
    if period is not None and against == "normal":
        raise SettingError(f"--period: what is it compared with? Expected --against with {EXAMPLE}.")
    chosen = open_calls(store, standard, zone, queue=queue, as_at=as_at)
    from kcas.cli.simulate import bar

    with bar("explain", quiet=as_json, of="mixed days", done="asked about") as shown:
        explanation = chosen.store.explain(
            day(of_day, option="--day"),
            period=_span(period, option="--period") if period else None,
            since=day(since, option="--since"),
            against=None if against == "normal" else _span(against, option="--against"),
            definition=definition,
            short=duration(short, option="--short"),
            progress=progress_written(progress) or shown,
            **chosen.whole,
        )
    say(explanation.notes)
    if as_json:
        print_json(explanation.to_dict())
    else:
        _show(explanation)


def _span(text: str, *, option: str) -> _Span:
    """The two days of a period, both included."""
    first, dots, last = text.partition("..")
    if not dots:
        raise SettingError(f"{option}: {text!r} is not a period. Expected {EXAMPLE}.")
    ends = the_day(first, option=option), the_day(last, option=option)
    if ends[1] < ends[0]:
        raise SettingError(f"{option}: {text!r} ends before it begins. Expected {EXAMPLE}.")
    return ends


def _show(explanation: Explanation) -> None:
    from kcas.reporting import attribution, words

    why = explanation.why
    print_sentences([explanation.sentence, *attribution.of_holidays(why), attribution.whether_chance(why)])
    print_table(
        f"{explanation.name} against {explanation.against}: shares of the difference (model)",
        headings=("what", "points", "95% interval", "because"),
        rows=[
            (row["label"], words.signed(row["share"]), attribution.reach(row), row["cause"])
            for row in explanation.rows
        ],
        beneath=[f"Together {words.signed(why.difference)}, from {percent(why.against.rate)} to "
                 f"{percent(why.now.rate)}.", *attribution.method(why), attribution.definition_words(why)],
    )  # fmt: skip
