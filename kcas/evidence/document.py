"""A report as data: headings, paragraphs, tables and figures, for every writer.

A document knows no file kind and a writer knows no call: every number arrives here already counted, in a cell that
keeps its kind, so that a spreadsheet holds a number where a page shows words. Text may hold anything, formulas and
markup included: it is text, and each writer must let it arrive as such.

Table cells: a figure, or the shorthand for why there is none.

Shares and means are rounded here, last, so that two machines that differ in a sixteenth digit write the same bytes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, TypeAlias

from kcas.calls.rates import wilson
from kcas.evidence.disclosure import Guard, number_of
from kcas.evidence.facts import Facts, Group
from kcas.monitoring.between_days import between_days
from kcas.reporting.tables import FEW


class Shorthand(StrEnum):
    """What stands where a number cannot, as the Government Analysis Function marks it."""

    CONFIDENTIAL = "[c]"
    NOT_AVAILABLE = "[x]"
    NOT_APPLICABLE = "[z]"
    REVISED = "[r]"
    PROVISIONAL = "[p]"


class Kind(StrEnum):
    """What a column holds: how a spreadsheet formats it and how a page writes it."""

    TEXT = "text"
    COUNT = "count"
    SHARE = "share"  # a fraction of one, written as a percentage
    POINTS = "points"  # a difference of shares, written in percentage points with its sign
    SECONDS = "seconds"
    DAY = "day"  # an ISO date, as text
    NUMBER = "number"


Cell: TypeAlias = str | int | float | Shorthand


@dataclass(frozen=True)
class Column:
    """A column of a table: its heading, with the unit in it where the kind does not say, and what its cells are."""

    heading: str
    kind: Kind = Kind.TEXT


@dataclass(frozen=True)
class Basis:
    """What stands beneath every figure, so that it can be checked. `run` names the making of the pack."""

    definition: str  # its key
    words: str  # what that counts
    period: str
    hours: str  # of the day that are covered
    cut_off: str  # the data as they were known then
    version: str  # of the software
    run: str
    source: str  # the logs, the scenario files, or what was written down where
    model: bool = False  # simulated, never observed
    recorded: bool = False  # written down by people or by the program, and counted from no call

    def on_record(self, source: str) -> "Basis":
        """The same of a record: what was written down, and where."""
        return replace(self, source=source, recorded=True)

    @property
    def mark(self) -> str:
        """Whether these are figures of calls or of a model, or no figures of either but a record."""
        return "Model, not observed" if self.model else "On record" if self.recorded else "Observed"


@dataclass(frozen=True)
class Paragraph:
    """Plain words."""

    text: str


@dataclass(frozen=True)
class Bullets:
    """Several short things."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A rectangle of cells with all that must stand beside it. `key` names its files: small letters and dashes.

    The first column names the row. No cell is empty: where there is no number, a shorthand stands. `inline` tables are
    short enough for the narrative; the others are in the spreadsheets and CSV alone.
    """

    key: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    basis: Basis
    notes: tuple[str, ...] = ()
    inline: bool = True


@dataclass(frozen=True)
class Figure:
    """A chart, as a Vega-Lite specification; the finding in words, for those who cannot see it; the table beside it."""

    key: str
    title: str
    chart: Mapping[str, Any]
    alt: str
    table: str  # the key of the table that holds its numbers
    basis: Basis


Block: TypeAlias = Paragraph | Bullets | Table | Figure


@dataclass(frozen=True)
class Section:
    """A heading and what stands beneath it; sections within it are one level down."""

    heading: str
    blocks: tuple[Block, ...] = ()
    sections: tuple["Section", ...] = ()

    def walk(self, level: int = 1) -> Iterator[tuple[int, "Section"]]:
        """This section and those within it, each with its level, in reading order."""
        yield level, self
        for section in self.sections:
            yield from section.walk(level + 1)


@dataclass(frozen=True)
class Document:
    """A whole report: at most five sentences first, then sections. `made` is an ISO moment, fixed by what it is of."""

    title: str
    subtitle: str
    desk: str
    made: str
    public: bool
    sentences: tuple[str, ...]
    sections: tuple[Section, ...]
    notes: tuple[str, ...]  # that hold for every table
    shorthands: tuple[tuple[Shorthand, str], ...]  # each one in use, in words
    invented: bool = False  # the data are a demonstration's
    language: str = "en-GB"

    def walk(self) -> Iterator[tuple[int, Section]]:
        """Every section with its level, in reading order."""
        for section in self.sections:
            yield from section.walk()

    def blocks(self) -> Iterator[Block]:
        """Every block, in reading order."""
        for _, section in self.walk():
            yield from section.blocks

    @property
    def tables(self) -> tuple[Table, ...]:
        """Every table, in reading order."""
        return tuple(block for block in self.blocks() if isinstance(block, Table))

    @property
    def figures(self) -> tuple[Figure, ...]:
        """Every figure, in reading order."""
        return tuple(block for block in self.blocks() if isinstance(block, Figure))


CONFIDENTIAL, NOT_AVAILABLE, NOT_APPLICABLE = Shorthand.CONFIDENTIAL, Shorthand.NOT_AVAILABLE, Shorthand.NOT_APPLICABLE


def share(value: float | None) -> Cell:
    """A share of one, or a difference of shares."""
    return NOT_AVAILABLE if value is None else round(float(value), 6) + 0.0


def seconds(value: float | None, *, places: int = 1) -> Cell:
    """A time in seconds."""
    return NOT_AVAILABLE if value is None else round(float(value), places) + 0.0


def number(value: float | None) -> Cell:
    """A count that may be a mean."""
    return NOT_AVAILABLE if value is None else round(float(value), 3) + 0.0


def text(value: object) -> Cell:
    """Words; where there are none, that."""
    return str(value) if value not in (None, "") else NOT_AVAILABLE


def count(group: Group, quantity: str, *, grouping: str, guard: Guard) -> Cell:
    """A count of a group, as it may be shown."""
    key = (grouping, group.name, quantity)
    if guard.shuts(key):
        return CONFIDENTIAL
    cell = guard(number_of(group.row, quantity), key)
    return NOT_AVAILABLE if cell is None else cell


def rate(numerator: Cell, denominator: Cell) -> tuple[Cell, Cell, Cell]:
    """A rate and its interval from the two counts that stand beside it; none of fewer than FEW calls."""
    if CONFIDENTIAL in (numerator, denominator):
        return CONFIDENTIAL, CONFIDENTIAL, CONFIDENTIAL
    if not isinstance(numerator, int) or not isinstance(denominator, int):
        return NOT_AVAILABLE, NOT_AVAILABLE, NOT_AVAILABLE
    if denominator < FEW or not 0 <= numerator <= denominator:
        return NOT_AVAILABLE, NOT_AVAILABLE, NOT_AVAILABLE
    low, high = wilson(numerator, denominator)
    return share(numerator / denominator), share(low), share(high)


def between_days_cell(group: Group, *, facts: Facts, guard: Guard) -> tuple[float, float] | None:
    """The interval of a period's rate between its days, to a tenth of a percent; none where counts are rounded.

    It is of the counts as they are, and from both its ends the rate of rounded ones could be had back.
    """
    days = [day for day in facts.days if group.first and group.until and group.first <= day.start < group.until]
    interval = None if guard.to_five else between_days(days)
    return (round(interval[0], 3), round(interval[1], 3)) if interval else None


def time(group: Group, measure: str, *, of: str, grouping: str, guard: Guard, public: bool) -> Cell:
    """A wait of a group's calls; in a public pack to the second, and none of fewer than FEW calls or a hidden count."""
    value = group.row[measure]
    if not public:
        return seconds(value)
    calls = number_of(group.row, of)
    if calls is None or value is None:
        return NOT_AVAILABLE
    return CONFIDENTIAL if calls < FEW or guard.shuts((grouping, group.name, of)) else seconds(value, places=0)


def in_use(rows: Sequence[Sequence[Cell]]) -> set[Shorthand]:
    """The shorthands in these rows."""
    return {cell for row in rows for cell in row if isinstance(cell, Shorthand)}
