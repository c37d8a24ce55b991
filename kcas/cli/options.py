"""Options that commands share.

The caller that an option names, without the number being passed on, kept or shown.
"""

from __future__ import annotations

import enum
import getpass
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from kcas.cli.printing import say_beside
from kcas.desk.standard import DEFAULT_STORE, Standard, read_standard
from kcas.desk.toml_file import seconds
from kcas.errors import SettingError, StoreError

if TYPE_CHECKING:
    import polars as pl

    from kcas.calls.definitions import Definition
    from kcas.calls.store import Store
    from kcas.desk.standard import Standard
    from kcas.ingest.redact import Redactor


StoreFolder = Annotated[
    Path | None,
    typer.Option("--store", envvar="KCAS_STORE", help="Folder of the stored calls.", show_default="kcas-data"),
]
StandardFile = Annotated[
    Path | None,
    typer.Option("--standard", envvar="KCAS_STANDARD", help="Settings file (TOML): definitions, targets, hours."),
]
Zone = Annotated[
    str | None, typer.Option("--zone", envvar="KCAS_ZONE", help="Time zone to use instead of the one in the settings.")
]
Queues = Annotated[list[str] | None, typer.Option("--queue", help="Only this queue; may be repeated.")]
Since = Annotated[str | None, typer.Option("--since", help="First day, such as 2010-04-01.")]
Until = Annotated[str | None, typer.Option("--until", help="First day no longer included.")]
AsAt = Annotated[str | None, typer.Option("--as-at", help="The store as it was at this date and time.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]


class Spacing(enum.StrEnum):
    """How far apart the points of a chart are."""

    day = "day"
    week = "week"
    month = "month"


class Shape(enum.StrEnum):
    """How an answer is written."""

    table = "table"
    csv = "csv"
    json = "json"


Written = Annotated[Shape, typer.Option("--format", help="A table for people, CSV, or one JSON document.")]


def scenario_file(text: str) -> Path:
    """The file of a scenario or of shifts that a person names, theirs or the program's."""
    from kcas.simulation.scenario.folder import found

    return found(text)


_INVENTED = "Invented sample data. No figure here says anything about a real desk."


def the_standard(path: Path | None, *, zone: str | None) -> Standard:
    """The desk's standard, in another time zone where one is given."""
    return read_standard(path, zone=zone)


def the_models_standard(path: Path | None, *, zone: str | None) -> Standard:
    """The desk's standard for the model, whose days begin at midnight; where the desk's do not, that is said."""
    standard = the_standard(path, zone=zone)
    if standard.day_begins:
        print("The model's days begin at midnight, whatever the standard's day_begins.", file=sys.stderr)
    return replace(standard, day_begins=0)


def the_store(folder: Path | None) -> Store:
    """The store in a folder. Raises StoreError where nothing has been read in yet."""
    from kcas.calls.store import Store

    store = Store(folder or DEFAULT_STORE)
    if not store.exists:
        raise StoreError(f"{folder or DEFAULT_STORE}: no calls are kept here yet. Read a log in first: kcas ingest LOG")
    if any(batch.record.invented for batch in store.batches()):
        print(_INVENTED, file=sys.stderr)  # beside the answer: a program's document and a spreadsheet's rows stay whole
    say_beside(store.warnings())
    return store


def the_queues(store: Store, named: list[str] | None) -> tuple[str, ...]:
    """The queues an option names, held against those of the store; empty, for all of them, where it names none."""
    if not named:
        return ()
    from kcas.calls.query import held_queues, the_queues_named

    return the_queues_named(named, known=held_queues(store.calls(), store.intervals()))


def some_calls(
    store: Store, chosen: pl.LazyFrame, *, desk: Standard, days: tuple[date | None, date | None] = (None, None),
    queues: Sequence[str] = (), then: datetime | None = None,
) -> pl.LazyFrame:  # fmt: skip
    """The chosen calls. Raises SettingError where there is none, saying what was asked for and what is kept."""
    if chosen.head(1).collect().is_empty():
        raise SettingError(nothing_there(store, desk=desk, days=days, queues=queues, then=then))
    return chosen


def nothing_there(
    store: Store, *, desk: Standard, days: tuple[date | None, date | None] = (None, None),
    queues: Sequence[str] = (), then: datetime | None = None,
) -> str:  # fmt: skip
    """The sentence for a choice in which there are no calls: what was asked for, and which days the log covers."""
    from kcas.reporting.coverage import contents, nothing_chosen

    held = contents(store, zone=desk.time_zone, begins=desk.day_begins, as_at=then)
    return nothing_chosen(held, days=days, queues=queues, then=then)


def the_rate(desk: Standard, *, key: str | None, short: str | None, service_level: str | None = None) -> Definition:
    """The rate that the options name, or the desk's own. Raises SettingError for a threshold that nothing uses."""
    from kcas.calls.definitions import the_definition, the_service_level, unused_short

    limit = duration(short, option="--short")
    rate = the_definition(desk, key=key, short=limit)
    level = the_service_level(desk, key=service_level) if service_level else None
    if unused := unused_short(limit, definition=rate, service_level=level):
        raise SettingError(f"{unused} Leave --short out, or choose a definition with a threshold.")
    return rate


def say_what_is_gone(
    store: Store, *, desk: Standard, since: date | None = None, then: datetime | None = None, calls_alone: bool = False
) -> None:
    """Say, beside the answer, where it reaches into days whose calls have been permanently deleted."""
    from kcas.reporting.coverage import what_is_gone

    for sentence in what_is_gone(store, zone=desk.time_zone, since=since, then=then, calls_alone=calls_alone):
        print(sentence, file=sys.stderr)


def day(text: str | None, *, option: str) -> date | None:
    """The day an option names. Raises SettingError unless it is like 2010-04-01."""
    return None if text is None else the_day(text, option=option)


def the_day(text: str, *, option: str) -> date:
    """The day an option that must be given names."""
    try:
        return datetime.strptime(text.strip(), "%Y-%m-%d").date()  # noqa: DTZ007 (a day, not a moment)
    except ValueError:
        raise SettingError(f"{option}: {text!r} is not a day. Expected year-month-day, like 2010-04-01.") from None


def moment(text: str | None, *, option: str, zone: str) -> datetime | None:
    """The moment an option names, in the standard's zone where it bears no offset."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise SettingError(
            f"{option}: {text!r} is not a moment. Expected one like 2010-04-01T09:30 or 2010-04-01T09:30+01:00."
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))


def duration(text: str | None, *, option: str) -> float | None:
    """The seconds an option names, with a unit or bare. Raises SettingError unless like "20 s" or "20"."""
    if text is None:
        return None
    if re.fullmatch(r"\d+(\.\d+)?", text.strip(), re.ASCII):
        return float(text)
    try:
        return seconds(text, where=option)
    except SettingError:
        raise SettingError(
            f'{option}: {text!r} is not a duration. Expected seconds, like "20" or "20 s", or "1 min 30 s"; '
            "not below 0."
        ) from None


Caller = Annotated[
    str | None,
    typer.Option(
        "--caller",
        metavar="NUMBER",
        help="One caller's, by the number in any usual spelling; - asks for it, or reads it from standard input, so "
        "that it stands in no list of processes and no history of commands.",
    ),
]


def number_given(text: str) -> str:
    """The number itself, asked for where "-" stands for it."""
    if text.strip() != "-":
        return text
    if sys.stdin.isatty():
        return getpass.getpass("Number: ")
    return sys.stdin.readline().rstrip("\r\n")


def tokens_of_caller(store: Store, standard: Standard, text: str) -> tuple[Redactor, frozenset[str]]:
    """The tokens a caller may have in a store. Raises SettingError where there can be none."""
    from kcas.importing.tokens import redactor_for

    redactor = redactor_for(store, standard)
    tokens = redactor.tokens_of(number_given(text))
    if not tokens:
        raise SettingError(
            "--caller: not a number anybody rings from. Expected one like 01622 123456, or - to be asked."
        )
    return redactor, tokens
