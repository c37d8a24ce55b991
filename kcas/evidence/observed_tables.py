"""Tables of observed figures: by period, time of day, weekday and queue; before and after; by definition."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from kcas.calls.call import OFFERED, OUTCOMES
from kcas.evidence import cells
from kcas.evidence.document import Basis, Cell, Column, Kind, Table
from kcas.evidence.facts import Facts, Group
from kcas.evidence.guard import Guard
from kcas.evidence.protected_counts import DEFINED, SIDES, WHOLE
from kcas.reporting import words

HALVES = (
    "Abandoned: ringing included. Each share is “counted as lost” ÷ “out of”, the two columns beside it; its interval "
    "is Wilson's, which allows for chance alone and not for how days differ."
)
BETWEEN = (
    "Abandoned: ringing included. Each share is “counted as lost” ÷ “out of”, the two columns beside it; its interval "
    "is between days, from how far they differ, and is not told where counts are rounded."
)
FEW_CALLS = "No share is made of fewer than 20 calls."
WAITS = (
    "Mean wait: of answered calls, those answered at once included. Median and 90th: of the wait offered "
    "(Kaplan–Meier, giving up as censoring). Half gave up by: of those who did."
)
ONLY_INTERNAL = {"offered": "Offered", "otherwise": "Ended otherwise", "open": "Still open"}


def counts_table(
    key: str, title: str, grouping: str, groups: Sequence[Group], *, facts: Facts, guard: Guard, basis: Basis,
    heading: str = "Period", inline: bool = False, kind: Kind = Kind.TEXT, total: bool = True,
) -> Table:  # fmt: skip
    """Counts and the rate of each group, and of the whole beneath."""
    counted = ["answered", "abandoned_all"]
    if not facts.asked.public:
        counted = ["offered", *counted, "otherwise", "open"]
    names = {"answered": "Answered", "abandoned_all": "Abandoned", **ONLY_INTERNAL}
    columns = (
        Column(heading, kind if not total else Kind.TEXT),
        *(Column(names[name], Kind.COUNT) for name in counted),
        Column("Counted as lost", Kind.COUNT),
        Column("Out of", Kind.COUNT),
        Column("Share lost", Kind.SHARE),
        Column("Low (95%)", Kind.SHARE),
        Column("High (95%)", Kind.SHARE),
    )
    rows = [counts_row(group, grouping, counted, guard) for group in groups]
    if total:
        rows.append(counts_row(facts.whole, WHOLE, counted, guard))
    return Table(key, title, columns, tuple(rows), basis, (HALVES, FEW_CALLS), inline)


def with_days(table: Table, groups: Sequence[Group], *, facts: Facts, guard: Guard) -> Table:
    """The same table of periods with their intervals between days, as on the first page."""
    rows = []
    for group, row in zip(groups, table.rows, strict=True):
        found = cells.between_days_cell(group, facts=facts, guard=guard)
        ends = found or (cells.NOT_AVAILABLE,) * 2
        rows.append((*row[:-2], *ends) if isinstance(row[-3], float) else row)
    return replace(table, rows=tuple(rows), notes=(BETWEEN, FEW_CALLS))


def counts_row(group: Group, grouping: str, counted: Sequence[str], guard: Guard) -> tuple[Cell, ...]:
    """A row of counts with its rate."""
    found = [cells.count(group, name, grouping=grouping, guard=guard) for name in counted]
    top, bottom = (cells.count(group, name, grouping=grouping, guard=guard) for name in ("numerator", "denominator"))
    return (group.name, *found, top, bottom, *cells.rate(top, bottom))


def waits_table(
    key: str, title: str, grouping: str, groups: Sequence[Group], *, facts: Facts, guard: Guard, basis: Basis,
    heading: str = "Period", inline: bool = False, total: bool = True,
) -> Table:  # fmt: skip
    """Service level and waits of each group, and of the whole beneath."""
    columns = (
        Column(heading),
        Column("Answered in time", Kind.COUNT),
        Column("Out of", Kind.COUNT),
        Column("Service level", Kind.SHARE),
        Column("Mean wait", Kind.SECONDS),
        Column("Median", Kind.SECONDS),
        Column("90th", Kind.SECONDS),
        Column("Half gave up by", Kind.SECONDS),
        *([] if facts.asked.public else [Column("Longest wait", Kind.SECONDS)]),
    )
    rows = [waits_row(group, grouping, facts, guard) for group in groups]
    if total:
        rows.append(waits_row(facts.whole, WHOLE, facts, guard))
    notes = (f"In time: {facts.level.key}, {facts.level.words}.", WAITS)
    return Table(key, title, columns, tuple(rows), basis, notes, inline)


def waits_row(group: Group, grouping: str, facts: Facts, guard: Guard) -> tuple[Cell, ...]:
    """A row of service level and waits."""
    names = ("service_level_numerator", "service_level_denominator")
    top, bottom = (cells.count(group, name, grouping=grouping, guard=guard) for name in names)
    public = facts.asked.public
    times = [
        cells.time(group, measure, of=of, grouping=grouping, guard=guard, public=public)
        for measure, of in (
            ("average_speed_of_answer", "answered"), ("wait_p50", "answered"), ("wait_p90", "answered"),
            ("time_to_abandon_p50", "abandoned_all"),
        )
    ]  # fmt: skip
    longest = [] if public else [cells.seconds(group.row["longest_wait"])]
    return (group.name, top, bottom, cells.rate(top, bottom)[0], *times, *longest)


def before_and_after(day: date, point: str, *, facts: Facts, guard: Guard, basis: Basis) -> list[Table]:
    """Two tables: volumes and rates, and waits, before a day and from it on."""
    pair, grouping = facts.sides.get(day, ()), f"{SIDES} {day}"
    if not pair:
        return []
    common: dict[str, Any] = {"facts": facts, "guard": guard, "basis": basis, "inline": True, "total": False}
    when = f"before {words.day(day)} and from it on"
    found = [
        with_days(
            counts_table(f"{point}-calls", f"Calls {when}", grouping, pair, **common), pair, facts=facts, guard=guard
        ),
        waits_table(f"{point}-waits", f"Waits {when}", grouping, pair, **common),
    ]
    return [replace(table, notes=(days_of(pair), *table.notes)) for table in found]


def days_of(pair: Sequence[Group]) -> str:
    """Which days each side is of."""
    told = [
        f"{side.name}: {words.days(side.first, side.until - timedelta(days=1))}."
        for side in pair
        if side.first and side.until
    ]
    return " ".join(told)


def definitions_table(*, facts: Facts, guard: Guard, basis: Basis) -> Table:
    """The whole period by every definition there is."""
    rows = []
    for definition, row in facts.definitions:
        group = Group(definition.key, row)
        halves = (cells.count(group, name, grouping=DEFINED, guard=guard) for name in ("numerator", "denominator"))
        top, bottom = halves
        rows.append((definition.key, definition.words, definition.rate.published_by, top, bottom,
                     *cells.rate(top, bottom)))  # fmt: skip
    columns = (
        Column("Definition"), Column("In words"), Column("Published so by"), Column("Counted as lost", Kind.COUNT),
        Column("Out of", Kind.COUNT), Column("Share lost", Kind.SHARE), Column("Low (95%)", Kind.SHARE),
        Column("High (95%)", Kind.SHARE),
    )  # fmt: skip
    note = "The same calls, counted by every definition that is in use. Only like may be compared with like."
    return Table("by-definition", "The same calls by every definition", columns, tuple(rows), basis, (note, HALVES),
                 inline=False)  # fmt: skip


def outcomes_table(*, facts: Facts, guard: Guard, basis: Basis) -> Table:
    """What became of every call, before and after the day of change and in all."""
    day = facts.asked.changed
    pair = facts.sides.get(day, ()) if day else ()
    groups = [*((f"{SIDES} {day}", group) for group in pair), (WHOLE, facts.whole)]
    rows: list[tuple[Cell, ...]] = [
        (
            name.replace("_", " "), said, "yes" if name in OFFERED else "no",
            *(cells.count(group, f"outcome {name}", grouping=grouping, guard=guard) for grouping, group in groups),
        )
        for name, said in OUTCOMES.items()
    ]  # fmt: skip
    columns = (
        Column("Outcome"), Column("What happened"), Column("Offered to the queue"),
        *(Column(group.name, Kind.COUNT) for _, group in groups),
    )  # fmt: skip
    title = f"What became of every call{f', before and from {words.day(day)} on' if day else ''}"
    notes = (days_of(pair),) if pair else ()
    return Table("by-outcome", title, columns, tuple(rows), basis, notes, inline=False)
