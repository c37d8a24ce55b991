"""Printing of results: one JSON document, CSV, or a table."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kcas.api.result import plain
from kcas.desk import units
from kcas.systems import replace

if TYPE_CHECKING:
    import polars as pl


WIDEST = 400  # columns

_beside: list[str] = []


def say_beside(sentences: Iterable[str]) -> None:
    """Sentences that belong beside every figure of this command: on standard error, and in what it prints."""
    _beside[:] = sentences
    for sentence in _beside:
        print(sentence, file=sys.stderr)


def _with_notes(document: Any) -> Any:
    if not _beside or not isinstance(document, Mapping):
        return document
    return {**document, "notes": _with_beside(document.get("notes", ()))}


def _with_beside(sentences: Iterable[str]) -> list[str]:
    """The sentences, and those that belong beside every figure unless they are among them."""
    lines = list(sentences)
    return [*lines, *(sentence for sentence in _beside if sentence not in lines)]


def print_json(document: object) -> None:
    """One JSON document on standard output: moments in ISO 8601 with their offset, no NaN."""
    sys.stdout.write(json.dumps(plain(_with_notes(document)), ensure_ascii=False, allow_nan=False) + "\n")


def print_json_rows(head: Mapping[str, object], *, name: str, rows: Iterable[Mapping[str, object]]) -> None:
    """One JSON document that ends in a list of any length, written row by row."""
    sys.stdout.write(f'{json.dumps(plain(_with_notes(head)), ensure_ascii=False)[:-1]}, "{name}": [')
    for number, row in enumerate(rows):
        sys.stdout.write(", " * bool(number) + json.dumps(plain(row), ensure_ascii=False, allow_nan=False))
    sys.stdout.write("]}\n")


def write_progress(path: Path, text: str) -> None:
    """Say in a file how far a command has got: a reader sees the old words or the new.

    Where it cannot be written just now, the next words will be: what is under way is worth more.
    """
    new = path.with_suffix(".new")
    with suppress(OSError):
        new.write_text(text, encoding="utf-8", newline="\n")
        replace(new, path)


def print_csv(rows: pl.DataFrame) -> None:
    """The rows as CSV, moments in ISO 8601 with their offset; text a spreadsheet would take for a formula is quoted."""
    sys.stdout.write(safe(rows).write_csv())


def safe(rows: pl.DataFrame) -> pl.DataFrame:
    """Moments as text with their offset, and an apostrophe before text that a spreadsheet would evaluate."""
    import polars as pl
    import polars.selectors as cs

    text = rows.with_columns(cs.datetime().dt.strftime("%Y-%m-%dT%H:%M:%S%.f%:z"), cs.enum().cast(pl.String))
    starts = cs.string()
    return text.with_columns(
        pl.when(starts.str.contains(r"^[=+\-@\t\r\n]")).then("'" + starts).otherwise(starts).name.keep()
    )


def print_table(title: str, *, headings: Sequence[str], rows: Iterable[Sequence[str]], beneath: Iterable[str]) -> None:
    """A table for a person with its title, and the sentences that belong beneath it. No markup in data is read."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for number, heading in enumerate(headings):
        table.add_column(Text(heading), justify="left" if number == 0 else "right", no_wrap=True)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    # as wide as its figures: a count is never cut short to fit a window
    console = Console(highlight=False, width=WIDEST)
    console.print(Text(title))
    console.print(table)
    print_sentences(_with_beside(beneath))


def print_sentences(sentences: Iterable[str], *, title: str = "") -> None:
    """Sentences for a person, under a title, and an empty line."""
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
    for sentence in ([title] if title else []) + list(sentences):
        console.print(Text(sentence))
    console.print()


def count(value: int | None) -> str:
    """A count, or that the log does not tell it."""
    return "n/a" if value is None else f"{value:,}"


def percent(value: float | None, *, places: int = 1, none: str = "n/a") -> str:
    """A share of one as a percentage, or that it cannot be calculated."""
    return units.percent(value, places=places, none=none)


def in_seconds(value: float | None, *, places: int = 0, none: str = "n/a") -> str:
    """Seconds, or that they are not known."""
    return units.in_seconds(value, places=places, none=none)
