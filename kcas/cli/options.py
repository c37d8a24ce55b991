"""Options that commands share.

The caller that an option names, without the number being passed on, kept or shown.
"""

from __future__ import annotations

import enum
import getpass
import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kcas.desk.units import (
    SECONDS_A_DAY,
    read_date_and_time,
    read_day,
    read_percentage,
    read_percentage_points,
    read_seconds,
    read_time_of_day,
)
from kcas.errors import SettingError

if TYPE_CHECKING:
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
    from kcas.simulation.scenario.folder import scenario_path

    return scenario_path(text)


def day(text: str | None, *, option: str) -> date | None:
    """The day an option names. Raises SettingError unless it is like 2010-04-01."""
    return None if text is None else the_day(text, option=option)


def the_day(text: str, *, option: str) -> date:
    """The day an option that must be given names."""
    return read_day(text, where=option)


def moment(text: str | None, *, option: str, zone: str) -> datetime | None:
    """The date and time an option names, in the standard's zone where it bears no offset."""
    return None if text is None else read_date_and_time(text, where=option, zone=zone)


def duration(text: str | None, *, option: str) -> float | None:
    """The seconds an option names, with a unit or bare. Raises SettingError unless like "20 s" or "20"."""
    return None if text is None else read_seconds(text, where=option)


def time_of_day(text: str, *, option: str) -> float:
    """Seconds after midnight, before the end of the day. Raises SettingError unless it is a time like "11:00"."""
    seconds = read_time_of_day(text, where=option)
    if seconds >= SECONDS_A_DAY:
        raise SettingError(f'{option}: {text!r} is the end of a day. Expected an earlier time, like "11:00".')
    return seconds


def percentage_points(text: str | None, *, option: str) -> float | None:
    """The difference of shares that an option names, as a fraction of one, from text like 0.5pp."""
    return None if text is None else read_percentage_points(text, where=option)


def percentage(text: str | None, *, option: str) -> float | None:
    """The share of one that an option names. Raises SettingError unless it is a percentage like "5%"."""
    return None if text is None else read_percentage(text, where=option)


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
