"""Recipes of invented files: what a file holds, how it prints it, and the data faults it has."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from benchmarks.reading_corpus.forms import Cell
from benchmarks.reading_corpus.invented import (
    UNANSWERED,
    half_hour,
    hour,
    midnight,
    monday,
    month,
    quarter_hour,
)

STARTS: dict[str, tuple[Callable[[datetime], datetime], int]] = {
    "quarter-hour": (quarter_hour, 15),
    "half-hour": (half_hour, 30),
    "hour": (hour, 60),
    "day": (midnight, 1440),
    "week": (monday, 7 * 1440),
    "month": (month, 31 * 1440),
}


@dataclass(frozen=True)
class Recipe:
    """A file to make. `faults` names what the file has besides its plain rows; `FAULTS` lists them.

    `moment` is "local" for a day and a clock by the forms named, "separate" for the two in columns of their own,
    "typed" for a workbook's dates, or a key of UTC_FORMS. `interval` is empty for a log of calls.
    """

    name: str
    seed: int
    interval: str = ""
    language: str = "en"
    wording: int = 0
    first: date = date(2026, 3, 9)
    days: int = 10
    a_day: int = 24
    day: str = "iso"
    clock: str = "hh:mm:ss"
    moment: str = "local"
    duration: str = "s"
    count: str = "plain"
    container: str = "comma"
    encoding: str = "utf-8"
    hours: tuple[int, int] = (8, 18)
    outcomes: tuple[str, ...] = UNANSWERED
    faults: frozenset[str] = frozenset()
    must_ask: tuple[str, ...] = ()
    every_day: bool = False
    outcome_words: tuple[tuple[str, str], ...] = ()
    """Words of the file in place of the usual ones, by outcome."""
    refuse: bool = False
    """Whether the file cannot be read rightly by anyone."""


FAULTS = {
    "titles": "title lines above the header",
    "totals": "a row of totals at the end",
    "closing line": "a line of text after the rows",
    "blank lines": "empty lines between the rows",
    "header again": "the header once more for each page",
    "legs": "a row for every telephone that rang",
    "lines twice": "every line twice",
    "transfers": "a second row where a caller is passed to another queue",
    "internal calls": "calls between extensions",
    "outbound calls": "calls that agents make",
    "no header": "no header",
    "notes": "free text with line breaks and quotation marks",
    "no waits": "no waits",
    "waits by difference": "the times of entry, answer and end in place of the wait",
    "ranges": "an interval as a range in one cell",
    "period above": "a period that only a title line gives",
    "shares": "percentages next to the counts",
    "only shares": "a percentage in place of the abandoned calls",
    "total waits": "total waits in place of averages",
    "two rows": "two rows of one queue and interval",
    "empty columns": "columns without a value",
    "no queue": "no queue",
    "no ids": "no call number",
    "spaces": "spaces around values",
    "no abandoned": "offered and answered calls only",
    "sep line": "a first line that names the delimiter for a spreadsheet",
    "dashes": "a dash where there is nothing",
    "trailing delimiter": "a delimiter at the end of each line",
    "groups above": "a second header line that groups the columns",
    "day once": "the day only in the first row of each day",
    "whole shares": "abandoned calls only as a whole percentage of many",
}


def dice_of(recipe: Recipe) -> random.Random:
    """The random numbers of a recipe, fixed by its seed."""
    return random.Random(recipe.seed)


def spaced(recipe: Recipe, cell: Cell) -> Cell:
    """A cell of text with spaces around it, where the recipe asks for them."""
    return f" {cell}  " if "spaces" in recipe.faults and isinstance(cell, str) and cell else cell
