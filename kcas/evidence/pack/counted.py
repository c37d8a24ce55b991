"""Which counts does a pack show, and of what does each add up? The tables' counts, for disclosure control to judge."""

import itertools
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import polars as pl

from kcas.calls.call import OUTCOMES, Outcome
from kcas.calls.definitions import Definition, ServiceLevel
from kcas.calls.rates import with_rates
from kcas.calls.tallies import tally
from kcas.evidence.pack.disclosure import Count, Key, hidden, rounded
from kcas.evidence.pack.facts import Facts, Group

COUNTED = (
    "answered", "abandoned_all", "numerator", "denominator", "service_level_numerator", "service_level_denominator",
    "offered", "otherwise", "open",
)  # fmt: skip
"""Counts of every group."""
KEPT_BACK = ("offered", "otherwise", "open")
"""Counts that a public pack has no column for. Small ones among them must not follow from the others all the same:
few calls end otherwise, so that with a column of them hardly a rate could be shown."""
WORTH = {"denominator": 2, "numerator": 3, "abandoned_all": 3}
WITHOUT_WAITS = tuple(name for name in COUNTED if not name.startswith("service_level"))
"""Of the weeks, which have no table of waits in a public pack."""
WHOLE, SIDES, DEFINED, VERDICT = "whole", "sides", "definitions", "verdict"
A_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Guard:
    """What may be shown of each count: itself, nothing, or itself to the nearest five."""

    shut: frozenset[Key] = frozenset()
    to_five: bool = False

    def __call__(self, number: int | None, key: Key) -> int | None:
        """The count as it may be shown; None where it may not or is not known."""
        if number is None or key in self.shut:
            return None
        return rounded(number) if self.to_five else number

    def shuts(self, key: Key) -> bool:
        """Whether a count is known and not shown."""
        return key in self.shut


def number_of(row: Mapping[str, Any], quantity: str) -> int | None:
    """A count of a row of measures; None where the log does not tell it."""
    if quantity == "otherwise":
        parts = [row["offered"], row["answered"], row["abandoned_all"]]
        if any(part is None for part in parts):
            return None
        rest = int(parts[0] - parts[1] - parts[2] - (row["open"] or 0))
        return rest if rest >= 0 else None
    value = row[quantity.removeprefix("outcome ")]
    return None if value is None else int(value)


def guard_of(facts: Facts) -> Guard:
    """What a pack may show: everything if it is an internal one."""
    if not facts.asked.public:
        return Guard()
    if facts.standard.small_counts != "suppressed":
        return Guard(to_five=True)
    return Guard(protected(facts))


def protected(facts: Facts) -> frozenset[Key]:
    """The counts not to be shown. What is hidden of the whole is hidden wherever the whole is one of the sums."""
    shut: set[Key] = set()
    blocks = [list(block) for block in counts_of(facts)]
    while True:
        whole = {key[2] for key in shut if key[0] == WHOLE}
        more = {key for block in blocks for key in hidden(block)} | {
            count.key for block in blocks for count in block if count.key[0] == WHOLE and count.key[2] in whole
        }
        if more <= shut:
            return frozenset(shut)
        shut |= more
        blocks = [[count for count in block if count.key not in shut or count.key[0] != WHOLE] for block in blocks]


def counts_of(facts: Facts) -> Iterator[Iterator[Count]]:
    """The counts of the pack's tables in blocks: within each, whatever adds up is told by its atoms."""
    kinds = one_of_each_kind(facts.definition, facts.level)
    pieces = calendar(facts)
    yield in_days(facts, kinds, pieces)
    for name in ("half-hour of day", "weekday", "queue"):
        yield in_groups(name, facts, kinds)


def in_days(facts: Facts, kinds: pl.DataFrame, pieces: Sequence[tuple[date, date]]) -> Iterator[Count]:
    """Counts of weeks, months, both sides of each change, the whole, and the whole by every definition."""
    outcomes = tuple(f"outcome {name}" for name in OUTCOMES)
    sides = [(f"{SIDES} {day}", group) for day, pair in facts.sides.items() for group in pair]
    plain = [("month", group) for group in facts.months] + [("week", group) for group in facts.weeks]
    rows: list[tuple[str, Group, tuple[str, ...]]] = [(name, group, ()) for name, group in plain]
    rows += [(name, group, outcomes) for name, group in (*sides, (WHOLE, facts.whole))]
    for grouping, group, more in rows:
        within = [piece for piece in pieces if group.first and group.until and group.first <= piece[0] < group.until]
        counted = COUNTED if grouping != "week" else WITHOUT_WAITS
        yield from counts(grouping, group, (*counted, *more), kinds, within)
    yield from of_the_verdict(facts, kinds, pieces)
    for definition, row in facts.definitions:
        of_it = one_of_each_kind(definition, facts.level)
        group = Group(definition.key, row)
        yield from counts(DEFINED, group, ("numerator", "denominator"), of_it, pieces)


def of_the_verdict(facts: Facts, kinds: pl.DataFrame, pieces: Sequence[tuple[date, date]]) -> Iterator[Count]:
    """Both halves of both sides that the verdict rests on: sums over its weeks."""
    day = facts.asked.changed
    change = day - timedelta(days=day.weekday())
    first_after = change if day == change else change + A_WEEK
    sides = (
        ("Before", facts.since.before, [monday for monday in facts.mondays if monday < change]),
        ("After", facts.since.after, [monday for monday in facts.mondays if monday >= first_after]),
    )
    for name, side, mondays in sides:
        within = [piece for piece in pieces if any(monday <= piece[0] < monday + A_WEEK for monday in mondays)]
        group = Group(name, {"numerator": int(side.numerator), "denominator": int(side.denominator)})
        yield from counts(VERDICT, group, ("numerator", "denominator"), kinds, within)


def in_groups(name: str, facts: Facts, kinds: pl.DataFrame) -> Iterator[Count]:
    """Counts of groups that add up to the whole."""
    groups = facts.groupings[name]
    for group in groups:
        yield from counts(name, group, COUNTED, kinds, [group.name])
    yield from counts(WHOLE, facts.whole, COUNTED, kinds, [group.name for group in groups])


def counts(
    grouping: str, group: Group, quantities: Sequence[str], kinds: pl.DataFrame, places: Sequence[Hashable]
) -> Iterator[Count]:
    """The counts of a group, each by the kinds of call that are in it and where they lie."""
    for quantity in quantities:
        number = number_of(group.row, quantity)
        if number is not None:
            times = {kind: n for kind, n in zip(kinds["kind"], kinds[quantity], strict=True) if n}
            yield Count(
                (grouping, group.name, quantity),
                number,
                {(place, kind): int(n) for place in places for kind, n in times.items()},
                shown=quantity not in KEPT_BACK,
                worth=WORTH.get(quantity, 0) + 4 * (grouping in (WHOLE, VERDICT)),
            )


def calendar(facts: Facts) -> list[tuple[date, date]]:
    """The stretches of days into which weeks, months and changes cut the whole."""
    groups = [*facts.months, *facts.weeks, facts.whole, *(group for pair in facts.sides.values() for group in pair)]
    cuts = sorted({day for group in groups for day in (group.first, group.until) if day})
    return list(itertools.pairwise(cuts))


def one_of_each_kind(definition: Definition, level: ServiceLevel) -> pl.DataFrame:
    """What one call of each kind adds to each count: the measures themselves are asked, of one call at a time."""
    waits = sorted(
        _waits({edge for edge in (definition.short, level.within, level.short, 5.0, 20.0, 30.0, 60.0) if edge})
    )
    calls = [(outcome, wait) for outcome in OUTCOMES for wait in waits]
    one = pl.DataFrame(
        {
            "kind": [f"{outcome} {wait:g}" for outcome, wait in calls],
            "number": range(len(calls)),
            "outcome": pl.Series([outcome for outcome, _ in calls], dtype=Outcome),
            "wait": [wait for _, wait in calls],
            "calls": 1, "handled": 1, "handle": 0.0,
        },
        schema_overrides={"calls": pl.Int64, "handled": pl.Int64},
    )  # fmt: skip
    tallied = tally(one, keys=["number"], definition=definition, service_level=level)
    rows = with_rates(tallied, definition=definition, service_level=level).sort("number")
    rest = pl.col("offered") - pl.col("answered") - pl.col("abandoned_all") - pl.col("open")
    kinds = rows.with_columns(
        one["kind"], rest.alias("otherwise"), *(pl.col(o).alias(f"outcome {o}") for o in OUTCOMES)
    )
    kinds = kinds.select("kind", *COUNTED, *(f"outcome {outcome}" for outcome in OUTCOMES)).fill_null(0)
    if definition.key != "lost_callers":
        return kinds
    callers = pl.DataFrame({"kind": ["caller lost", "caller answered"], "numerator": [1, 0], "denominator": [1, 1]})
    return pl.concat([kinds, callers.cast({"numerator": pl.Int64, "denominator": pl.Int64})], how="diagonal").fill_null(
        0
    )


def _waits(edges: set[float]) -> Iterator[float]:
    """A wait at each edge and one on either side of it."""
    order = sorted(edges)
    yield order[0] / 2
    yield from order
    yield from ((low + high) / 2 for low, high in itertools.pairwise(order))
    yield order[-1] + 1
