"""Counts shown in a pack and their sums, as disclosure control needs them."""

import itertools
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from kcas.calls.call import LOST, OUTCOMES, Outcome
from kcas.calls.definitions import Definition, ServiceLevel
from kcas.calls.histogram import tally
from kcas.calls.rates import with_rates
from kcas.evidence.disclosure import Count, Guard, Key, hidden, number_of
from kcas.evidence.facts import Facts, Group
from kcas.reporting.words import WEEKDAYS

_COUNTED = (
    "answered", "abandoned_all", "numerator", "denominator", "service_level_numerator", "service_level_denominator",
    "offered", "otherwise", "open",
)  # fmt: skip
"""Counts of every group."""
EVERY_OUTCOME = tuple(f"outcome {name}" for name in OUTCOMES)
READ_AT = (5, 10, 20, 30, 45, 60, 90, 120, 180, 300, 600)
"""Seconds at which the patience of callers is read off its curve."""
CALLERS = ("caller lost", "caller answered")
"""Of the definition that counts callers, who are no sum of calls."""


def one_of_each_kind(definition: Definition, level: ServiceLevel, *, edges: frozenset[float]) -> pl.DataFrame:
    """What one call of each kind adds to each count: the measures themselves are asked, of one call at a time.

    A column a count, a row a kind: an outcome and a wait at, or between, the edges.
    """
    waits = sorted(_waits(edges))
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
    kinds = kinds.select("kind", *_COUNTED, *EVERY_OUTCOME).fill_null(0)
    kinds = kinds.with_columns(one["outcome"].cast(pl.String), one["wait"])
    if definition.key != "lost_callers":
        return kinds
    callers = pl.DataFrame({"kind": CALLERS, "numerator": [1, 0], "denominator": [1, 1]})
    return pl.concat([kinds, callers.cast({"numerator": pl.Int64, "denominator": pl.Int64})], how="diagonal").fill_null(
        0
    )


def edges_of(definitions: Iterable[Definition], level: ServiceLevel) -> frozenset[float]:
    """The waits at which any table tells calls apart, in seconds."""
    shorts = {definition.short for definition in definitions}
    return frozenset(float(edge) for edge in {*shorts, level.within, level.short, *READ_AT} if edge)


def _waits(edges: frozenset[float]) -> Iterator[float]:
    """A wait at each edge and one on either side of it."""
    order = sorted(edges)
    yield order[0] / 2
    yield from order
    yield from ((low + high) / 2 for low, high in itertools.pairwise(order))
    yield order[-1] + 1


KEPT_BACK = ("offered", "otherwise", "open")
"""Counts that a public pack has no column for. Small ones among them must not follow from the others all the same:
few calls end otherwise, so that with a column of them hardly a rate could be shown."""
WORTH = {"denominator": 2, "numerator": 3, "abandoned_all": 3}
WITHOUT_WAITS = tuple(name for name in _COUNTED if not name.startswith("service_level"))
"""Of the weeks, which have no table of waits in a public pack."""
WHOLE, SIDES, DEFINED, VERDICT, PATIENCE = "whole", "sides", "definitions", "verdict", "patience"
STRETCH = "stretch"
"""Days between the ends of a week and a month, of which no table tells; weeks less months would."""
HALVES = ("numerator", "denominator")
A_WEEK = timedelta(days=7)
KEPT, SUMS_ALONE = "calls", "sums alone"
"""Where the whole's calls lie: among those kept with their waits, which the patience curve is of, or in sums alone."""


def guard_of(facts: Facts) -> Guard:
    """What a pack may show: everything if it is an internal one."""
    if not facts.asked.public:
        return Guard()
    if facts.standard.small_counts != "suppressed":
        return Guard(to_five=True)
    return Guard(protected(facts))


def protected(facts: Facts) -> frozenset[Key]:
    """The counts not to be shown."""
    kinds = one_of_each_kind(facts.definition, facts.level, edges=edges(facts))
    partitions = cuts(facts, kinds)
    counts = [*of_the_whole(facts, kinds), *(count for cut in partitions for count in cut.counts)]
    shut = hidden(counts, same=[tie for cut in partitions for tie in cut.ties(whole_places(facts))])
    for half in HALVES:  # where each caller rings once, callers tell of calls
        if shut & {(DEFINED, key, half) for key in ("all_offered", "unanswered")}:
            shut |= {(DEFINED, "lost_callers", half)}
    return shut


@dataclass(frozen=True)
class Partition:
    """The whole cut into places, and the counts of its pieces. A sort is so many kinds as those counts tell apart."""

    name: str
    places: Sequence[Hashable]
    sorts: pl.DataFrame  # what one call adds to each count; its kinds
    rows: Sequence[tuple[str, Group, Sequence[str], Sequence[Hashable]]]  # grouping, group, quantities, places
    callers_add: bool  # whether a caller is in one place only

    @property
    def counts(self) -> Iterator[Count]:
        """The counts, each by the sorts of call that are in it and where they lie."""
        for grouping, group, quantities, places in self.rows:
            for quantity in quantities:
                times = [(sort, n) for sort, n in enumerate(self.sorts[quantity]) if n]
                parts: dict[Hashable, int] = {(self.name, place, sort): n for place in places for sort, n in times}
                yield from known_count(grouping, group, quantity, parts)

    def ties(self, whole: Sequence[str]) -> Iterator[Mapping[Hashable, int]]:
        """All pieces together hold of each sort what the whole holds."""
        for sort, kinds in enumerate(self.sorts["kinds"]):
            if self.callers_add or not set(kinds) & set(CALLERS):
                pieces: dict[Hashable, int] = {(self.name, place, sort): 1 for place in self.places}
                yield pieces | {(place, kind): -1 for place in whole for kind in kinds}


def cuts(facts: Facts, kinds: pl.DataFrame) -> list[Partition]:
    """The pack's tables, of which each tells the whole in pieces: by days, and by each other grouping."""
    partitions = [Partition("days", pieces := calendar(facts), sorts(kinds, (*_COUNTED, *EVERY_OUTCOME)),
                list(in_days(facts, pieces)), True)]  # fmt: skip
    for name in ("half-hour of day", "weekday", "queue"):
        rows = [(name, group, _COUNTED, [group.name]) for group in facts.groupings[name]]
        places = [group.name for group in facts.groupings[name]]
        partitions.append(Partition(name, places, sorts(kinds, _COUNTED), rows, name == "weekday"))
    return partitions


def sorts(kinds: pl.DataFrame, quantities: Sequence[str]) -> pl.DataFrame:
    """Kinds that add the same to each of these counts, together."""
    alike = kinds.group_by(*quantities, maintain_order=True).agg(pl.col("kind").alias("kinds"))
    return alike.filter(pl.any_horizontal(pl.col(*quantities) != 0))


def in_days(
    facts: Facts, pieces: Sequence[tuple[date, date]]
) -> Iterator[tuple[str, Group, Sequence[str], Sequence[Hashable]]]:
    """What is told of weeks, months, both sides of each change, and both sides that the verdict rests on."""
    sides = [(f"{SIDES} {day}", group, (*_COUNTED, *EVERY_OUTCOME)) for day, pair in facts.sides.items()
             for group in pair]  # fmt: skip
    weeks = [("week", group, WITHOUT_WAITS) for group in facts.weeks]
    for grouping, group, quantities in [*(("month", group, _COUNTED) for group in facts.months), *weeks, *sides]:
        within = [piece for piece in pieces if group.first and group.until and group.first <= piece[0] < group.until]
        yield grouping, group, quantities, within
    for piece in pieces:
        days = [day for day in facts.days if piece[0] <= day.start < piece[1]]
        row = {half: int(sum(getattr(day, half) for day in days)) for half in HALVES}
        yield STRETCH, Group(f"{piece[0]}", row), HALVES, [piece]
    day = facts.asked.changed
    if day is None or facts.since is None:
        return
    change = day - timedelta(days=day.weekday())
    first_after = change if day == change else change + A_WEEK
    for name, side, mondays in (
        ("Before", facts.since.before, [monday for monday in facts.mondays if monday < change]),
        ("After", facts.since.after, [monday for monday in facts.mondays if monday >= first_after]),
    ):
        within = [piece for piece in pieces if any(monday <= piece[0] < monday + A_WEEK for monday in mondays)]
        row = {"numerator": int(side.numerator), "denominator": int(side.denominator)}
        yield VERDICT, Group(name, row), HALVES, within


def of_the_whole(facts: Facts, kinds: pl.DataFrame) -> Iterator[Count]:
    """What is told of the whole: every count, both halves by every definition, and who had given up by when."""

    def parts(kinds: pl.DataFrame, quantity: str, places: Sequence[str]) -> dict[Hashable, int]:
        return {(place, kind): n for place in places for kind, n in kinds.select("kind", quantity).iter_rows() if n}

    places = whole_places(facts)
    for quantity in (*_COUNTED, *EVERY_OUTCOME):
        yield from known_count(WHOLE, facts.whole, quantity, parts(kinds, quantity, places))
    for definition, row in facts.definitions:
        of_it = one_of_each_kind(definition, facts.level, edges=edges(facts))
        for half in HALVES:
            yield from known_count(DEFINED, Group(definition.key, row), half, parts(of_it, half, places))
    curve = facts.patience.curve
    for at in READ_AT:
        gone = kinds.filter(pl.col("outcome").is_in(LOST), pl.col("wait") <= at).with_columns(pl.lit(1).alias("gone"))
        row = {"gone": int(curve.events[curve.at <= at].sum())}
        yield from known_count(PATIENCE, Group(f"{at} s", row), "gone", parts(gone, "gone", [KEPT]))


def known_count(grouping: str, group: Group, quantity: str, parts: Mapping[Hashable, int]) -> Iterator[Count]:
    """A count, if the log tells it."""
    number = number_of(group.row, quantity)
    if number is not None:
        worth, shown = (
            WORTH.get(quantity, 0) + 4 * (grouping in (WHOLE, VERDICT)),
            quantity not in KEPT_BACK and grouping != STRETCH,
        )
        yield Count((grouping, group.name, quantity), number, parts, shown=shown, worth=worth)


def whole_places(facts: Facts) -> tuple[str, ...]:
    """Where the whole's calls lie."""
    of_the_curve = facts.patience.calls - facts.patience.wait_not_known
    return (KEPT,) if facts.whole.row["offered"] == of_the_curve else (KEPT, SUMS_ALONE)


def edges(facts: Facts) -> frozenset[float]:
    """The waits at which any table of the pack tells calls apart, in seconds."""
    return edges_of([facts.definition, *(definition for definition, _ in facts.definitions)], facts.level)


def calendar(facts: Facts) -> list[tuple[date, date]]:
    """The stretches of days into which weeks, months and changes cut the whole, without those that no one rings in."""
    groups = [*facts.months, *facts.weeks, facts.whole, *(group for pair in facts.sides.values() for group in pair)]
    cuts = sorted({day for group in groups for day in (group.first, group.until) if day})
    busy = {group.name for group in facts.weekdays if group.row["offered"] != 0}
    return [
        (first, until)
        for first, until in itertools.pairwise(cuts)
        if any(WEEKDAYS[(first + timedelta(days=n)).weekday()] in busy for n in range((until - first).days))
    ]
