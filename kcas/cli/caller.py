"""The caller that an option names, without the number being passed on, kept or shown."""

from __future__ import annotations

import getpass
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from kcas.errors import SettingError

if TYPE_CHECKING:
    from kcas.calls.store import Store
    from kcas.desk.standard import Standard
    from kcas.ingest.redact import Redactor

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
