"""Text columns of a table, written by Python outside Polars.

A Python function that Polars runs on a thread of its pool waits there for the interpreter, while the interpreter's
holder may be waiting for the pool: the dashboard then stops for ever (Polars issue 26821). So the values are taken out
of the frame, written one by one, and put back as a column.
"""

from collections.abc import Callable
from typing import Any

import polars as pl


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
