"""Text columns and cells that a spreadsheet or browser must not run."""

import re
from collections.abc import Callable
from typing import Any

import polars as pl

FORMULA = "^[=+\\-@\t\r\n\uff1d\uff0b\uff0d\uff20\u2212]"
"""A first character that makes a spreadsheet take text for a formula: the list of OWASP's page on CSV injection, with
the full-width forms that some locales take for the plain ones, and the minus sign. Quoting does not help."""

_FORMULA = re.compile(FORMULA)


def as_text(text: str) -> str:
    """The text as it may stand in a CSV: with an apostrophe where a spreadsheet would run it."""
    return "'" + text if _FORMULA.match(text) else text


def text(rows: pl.DataFrame, column: str, write: Callable[[Any], str], *, nulls: bool = False) -> pl.Series:
    """A column in words; a null stays one, unless `nulls` hands them to the function too."""
    values = rows[column].to_list()
    return pl.Series(
        column, [None if value is None and not nulls else write(value) for value in values], dtype=pl.String
    )


def text_of_both(rows: pl.DataFrame, first: str, second: str, write: Callable[[Any, Any], str]) -> pl.Series:
    """Two columns in words together; nulls are handed to the function."""
    both = zip(rows[first].to_list(), rows[second].to_list(), strict=True)
    return pl.Series(first, [write(one, other) for one, other in both], dtype=pl.String)
