"""Options that commands share.

The caller that an option names, without the number being passed on, kept or shown.
"""

from __future__ import annotations

import enum
import getpass
import re
import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from kcas.desk.toml_file import seconds
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
