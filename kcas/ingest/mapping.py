"""A mapping: the meaning of each column of a supplier's table, declared."""

import re
from collections.abc import Mapping as Table
from dataclasses import dataclass, field

from kcas.ingest.moments import Form


@dataclass(frozen=True)
class Condition:
    """What certain columns must say, all of them: column -> texts, any of which will do ("*": anything at all)."""

    texts: Table[str, tuple[str, ...]]


@dataclass(frozen=True)
class Rule:
    """Rows that meet a condition, and what follows: an outcome, or the words of the rule that leaves them out."""

    when: Condition
    gives: str


@dataclass(frozen=True)
class When:
    """Where a moment is told: a column, or a time of day with the column of its day beside it."""

    column: str
    form: Form
    day: str | None = None
    day_form: Form | None = None
    near: str | None = None  # the column whose time is on that day; this one is on the day nearest to it
    when: Condition | None = None
    unless: Condition | None = None


@dataclass(frozen=True)
class Duration:
    """A column of durations, which texts in it mean that nothing is known, and what a negative one means."""

    column: str
    form: str
    unknown: tuple[str, ...]
    negative_is_unknown: bool


@dataclass(frozen=True)
class Name:
    """A name in a column, or the same for every row; texts that mean none, and a pattern the others must have."""

    column: str | None
    constant: str | None = None
    unknown: tuple[str, ...] = ("",)
    only: re.Pattern[str] | None = None


@dataclass(frozen=True)
class Amount:
    """A column of an interval table, and which measure it is."""

    column: str
    measure: str
    threshold: float | None


@dataclass(frozen=True)
class Layout:
    """How the file is written, whatever its columns mean."""

    delimiter: str
    quote: str
    encoding: str
    before_header: int
    header: tuple[str, ...] | None  # the columns' names where the file does not hold them
    recognise: tuple[str, ...]
    codes: Table[str, frozenset[str]] = field(default_factory=dict)  # column -> every text it may hold


@dataclass(frozen=True)
class Mapping:
    """A whole mapping. `kind` is "calls" (a row is a call) or "intervals" (a row is a queue's interval)."""

    key: str
    words: str
    kind: str
    layout: Layout
    zone: str | None
    repeated_hour: str
    leg: tuple[str, ...]
    contact: tuple[str, ...]
    queue: Name
    names: Table[str, Name]  # type, agent, caller
    durations: Table[str, Duration]
    entered: tuple[When, ...]
    outcomes: tuple[Rule, ...]
    ignored: tuple[Rule, ...]
    length: float | str  # of an interval: seconds, "month" or "day"
    amounts: tuple[Amount, ...]

    @property
    def conditioned(self) -> tuple[str, ...]:
        """Every column that a condition looks at."""
        conditions = [rule.when for rule in (*self.outcomes, *self.ignored)]
        conditions += [c for when in self.entered for c in (when.when, when.unless) if c]
        return tuple(column for condition in conditions for column in condition.texts)

    @property
    def used(self) -> tuple[str, ...]:
        """Every column the mapping speaks of."""
        whens = [c for when in self.entered for c in (when.column, when.day, when.near)]
        named = [name.column for name in (self.queue, *self.names.values())]
        columns = [
            *self.leg, *self.contact, *whens, *self.conditioned, *named,
            *(duration.column for duration in self.durations.values()), *(amount.column for amount in self.amounts),
        ]  # fmt: skip
        return tuple(dict.fromkeys(column for column in columns if column))
