"""Tables of observed figures: by period, time of day, weekday and queue; before and after; by definition.

Patience of callers, as a pack may show it.

Evidence for each point of recommendation 10: action, observation, model.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from kcas.calls.call import OFFERED, OUTCOMES
from kcas.desk.change_log import POINTS, Action
from kcas.evidence import document, model_tables
from kcas.evidence.control import control_section
from kcas.evidence.disclosure import Guard
from kcas.evidence.document import Basis, Block, Cell, Column, Kind, Paragraph, Section, Table
from kcas.evidence.facts import Facts, Group, no_day_of_change
from kcas.evidence.protected_counts import DEFINED, PATIENCE, READ_AT, SIDES, WHOLE
from kcas.reporting import words
from kcas.reporting.tables import FEW

_HALVES = (
    "Abandoned: ringing included. Each share is “counted as lost” ÷ “out of”, the two columns beside it; its interval "
    "is Wilson's, which allows for chance alone and not for how days differ."
)
BETWEEN = (
    "Abandoned: ringing included. Each share is “counted as lost” ÷ “out of”, the two columns beside it; its interval "
    "is between days, from how far they differ, and is not told where counts are rounded."
)
FEW_CALLS = "No share is made of fewer than 20 calls."
_WAITS = (
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
    return Table(key, title, columns, tuple(rows), basis, (_HALVES, FEW_CALLS), inline)


def with_days(table: Table, groups: Sequence[Group], *, facts: Facts, guard: Guard) -> Table:
    """The same table of periods with their intervals between days, as on the first page."""
    rows = []
    for group, row in zip(groups, table.rows, strict=True):
        interval = document.between_days_cell(group, facts=facts, guard=guard)
        ends = interval or (document.NOT_AVAILABLE,) * 2
        rows.append((*row[:-2], *ends) if isinstance(row[-3], float) else row)
    return replace(table, rows=tuple(rows), notes=(BETWEEN, FEW_CALLS))


def counts_row(group: Group, grouping: str, counted: Sequence[str], guard: Guard) -> tuple[Cell, ...]:
    """A row of counts with its rate."""
    cells = [document.count(group, name, grouping=grouping, guard=guard) for name in counted]
    top, bottom = (document.count(group, name, grouping=grouping, guard=guard) for name in ("numerator", "denominator"))
    return (group.name, *cells, top, bottom, *document.rate(top, bottom))


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
    notes = (f"In time: {facts.level.key}, {facts.level.words}.", _WAITS)
    return Table(key, title, columns, tuple(rows), basis, notes, inline)


def waits_row(group: Group, grouping: str, facts: Facts, guard: Guard) -> tuple[Cell, ...]:
    """A row of service level and waits."""
    names = ("service_level_numerator", "service_level_denominator")
    top, bottom = (document.count(group, name, grouping=grouping, guard=guard) for name in names)
    public = facts.asked.public
    times = [
        document.time(group, measure, of=of, grouping=grouping, guard=guard, public=public)
        for measure, of in (
            ("average_speed_of_answer", "answered"), ("wait_p50", "answered"), ("wait_p90", "answered"),
            ("time_to_abandon_p50", "abandoned_all"),
        )
    ]  # fmt: skip
    longest = [] if public else [document.seconds(group.row["longest_wait"])]
    return (group.name, top, bottom, document.rate(top, bottom)[0], *times, *longest)


def _before_and_after(day: date, point: str, *, facts: Facts, guard: Guard, basis: Basis) -> list[Table]:
    """Two tables: volumes and rates, and waits, before a day and from it on."""
    pair, grouping = facts.sides.get(day, ()), f"{SIDES} {day}"
    if not pair:
        return []
    common: dict[str, Any] = {"facts": facts, "guard": guard, "basis": basis, "inline": True, "total": False}
    when = f"before {words.day(day)} and from it on"
    tables = [
        with_days(
            counts_table(f"{point}-calls", f"Calls {when}", grouping, pair, **common), pair, facts=facts, guard=guard
        ),
        waits_table(f"{point}-waits", f"Waits {when}", grouping, pair, **common),
    ]
    return [replace(table, notes=(days_of(pair), *table.notes)) for table in tables]


def days_of(pair: Sequence[Group]) -> str:
    """Which days each side is of."""
    ranges = [
        f"{side.name}: {words.days(side.first, side.until - timedelta(days=1))}."
        for side in pair
        if side.first and side.until
    ]
    return " ".join(ranges)


def definitions_table(*, facts: Facts, guard: Guard, basis: Basis) -> Table:
    """The whole period by every definition there is."""
    rows = []
    for definition, row in facts.definitions:
        group = Group(definition.key, row)
        halves = (document.count(group, name, grouping=DEFINED, guard=guard) for name in ("numerator", "denominator"))
        top, bottom = halves
        rows.append((definition.key, definition.words, definition.rate.published_by, top, bottom,
                     *document.rate(top, bottom)))  # fmt: skip
    columns = (
        Column("Definition"), Column("In words"), Column("Published so by"), Column("Counted as lost", Kind.COUNT),
        Column("Out of", Kind.COUNT), Column("Share lost", Kind.SHARE), Column("Low (95%)", Kind.SHARE),
        Column("High (95%)", Kind.SHARE),
    )  # fmt: skip
    note = "The same calls, counted by every definition that is in use. Only like may be compared with like."
    return Table("by-definition", "The same calls by every definition", columns, tuple(rows), basis, (note, _HALVES),
                 inline=False)  # fmt: skip


def outcomes_table(*, facts: Facts, guard: Guard, basis: Basis) -> Table:
    """What became of every call, before and after the day of change and in all."""
    day = facts.asked.changed
    pair = facts.sides.get(day, ()) if day else ()
    groups = [*((f"{SIDES} {day}", group) for group in pair), (WHOLE, facts.whole)]
    rows: list[tuple[Cell, ...]] = [
        (
            name.replace("_", " "), meaning, "yes" if name in OFFERED else "no",
            *(document.count(group, f"outcome {name}", grouping=grouping, guard=guard) for grouping, group in groups),
        )
        for name, meaning in OUTCOMES.items()
    ]  # fmt: skip
    columns = (
        Column("Outcome"), Column("What happened"), Column("Offered to the queue"),
        *(Column(group.name, Kind.COUNT) for _, group in groups),
    )  # fmt: skip
    title = f"What became of every call{f', before and from {words.day(day)} on' if day else ''}"
    notes = (days_of(pair),) if pair else ()
    return Table("by-outcome", title, columns, tuple(rows), basis, notes, inline=False)


HOW = (
    "Giving up is the event; an answer, or any other way out, only says that the caller was prepared to wait so long "
    "(Kaplan–Meier, 95% log-log interval)."
)
BEYOND = "Beyond the longest wait seen nothing is known, and [x] stands there; so it does where fewer than 20 gave up."
WHOLE_PERCENT = (
    "Shares are rounded to a whole percent, their intervals outwards, and end where fewer than 20 were still waiting, "
    "so that no single caller can be read off the curve."
)


def patience_table(*, facts: Facts, guard: Guard, basis: Basis) -> Table:
    """How many callers would still be waiting after so long, had no one answered."""
    columns = (Column("After waiting"), Column("Would still wait", Kind.SHARE),
               Column("Low (95%)", Kind.SHARE), Column("High (95%)", Kind.SHARE))  # fmt: skip
    rows = tuple((f"{at} s", *reading(at, facts=facts, guard=guard)) for at in READ_AT)
    notes = (HOW, BEYOND, *([WHOLE_PERCENT] if facts.asked.public else []))
    return Table("patience", "Caller patience", columns, rows, basis, notes, inline=False)


def reading(at: float, *, facts: Facts, guard: Guard) -> tuple[Cell, Cell, Cell]:
    """The curve at one wait, with its interval."""
    curve, public = facts.patience.curve, facts.asked.public
    if facts.patience.abandoned < FEW or at > curve.at[-1]:
        return (document.NOT_AVAILABLE,) * 3
    waiting = curve.at_risk[curve.at > at]
    few = public and (waiting[0] if waiting.size else 0) < FEW
    if few or guard.to_five or guard.shuts((PATIENCE, f"{at} s", "gone")):  # from the share follows how many gave up
        return (document.CONFIDENTIAL,) * 3
    if not (curve.at <= at).any():
        return document.share(1.0), document.NOT_APPLICABLE, document.NOT_APPLICABLE
    place = int((curve.at <= at).sum()) - 1
    low, high = curve.interval()
    share, ends = float(curve.remaining[place]), (float(low[place]), float(high[place]))
    if any(end != end for end in ends):  # where the curve is zero, it has no interval
        return document.share(share), document.NOT_AVAILABLE, document.NOT_AVAILABLE
    if not public:
        return document.share(share), document.share(ends[0]), document.share(ends[1])
    return (
        document.share(round(share, 2)),
        document.share(math.floor(100 * ends[0]) / 100),
        document.share(math.ceil(100 * ends[1]) / 100),
    )


OVERLAP = (
    "Other actions may have overlapped with these, so a difference before and after a day is not by itself the effect "
    "of what was done on it."
)
NO_DAY = "No day is on record from which to tell what was observed for this point by itself."
UNDER_FOUR = "What was observed before and after the day of change is under point (iv)."
_OUTSIDE = "The first action recorded for this point lies outside the days that are told of here."


def sections(*, facts: Facts, guard: Guard, seen: Basis, model: Basis) -> tuple[Section, ...]:
    """A section for each of the four points."""
    return tuple(_section(point, facts=facts, guard=guard, seen=seen, model=model) for point in POINTS)


def _section(point: str, *, facts: Facts, guard: Guard, seen: Basis, model: Basis) -> Section:
    """One point."""
    done = [action for action in facts.standard.actions if action.point == point]
    day = done[0].day if done and done[0].day in facts.sides else facts.asked.changed
    parts = [
        Section("What the desk did", tuple(what_was_done(point, done, basis=seen))),
        Section("What was observed", tuple(what_was_seen(point, day, done, facts=facts, guard=guard, basis=seen))),
    ]
    if point == "iv":
        parts.append(Section("What the charts say", tuple(control_section(facts=facts, guard=guard, basis=seen))))
        effect = model_tables.combined_effect(facts=facts, basis=model)
        parts.append(Section("What the model says of all of it together", tuple(effect)))
    else:
        effect = model_tables.blocks(point, facts=facts, basis=model)
        parts.append(Section("What the model says it would do alone", tuple(effect)))
    return Section(f"Recommendation 10 ({point}): {POINTS[point]}", sections=tuple(parts))


def what_was_done(point: str, done: list[Action], *, basis: Basis) -> list[Block]:
    """The dated actions of a point, or that none are on record."""
    if not done:
        return [
            Paragraph(
                f"No action is recorded for point ({point}) in the desk's standard, so nothing can be said here of "
                "what was done or when."
            )
        ]
    noted = basis.on_record("the change log that managers keep in the desk's standard")
    return [actions_table(f"{point}-actions", f"What the desk did for point ({point})", done, basis=noted)]


def actions_table(key: str, title: str, done: list[Action], *, basis: Basis, with_point: bool = False) -> Table:
    """Actions in the order of their days."""
    rows: list[tuple[Cell, ...]] = [
        (
            action.day.isoformat(), *([f"({action.point})"] if with_point else []), action.what,
            action.who or "not recorded", action.source or "not recorded",
        )
        for action in done
    ]  # fmt: skip
    point = [Column("Point")] if with_point else []
    columns = (Column("Day", Kind.DAY), *point, Column("What was done"), Column("By whom"), Column("Source"))
    note = "As managers recorded it in the desk's standard."
    return Table(key, title, columns, tuple(rows), basis, (note,), inline=True)


def what_was_seen(
    point: str, day: date | None, done: list[Action], *, facts: Facts, guard: Guard, basis: Basis
) -> list[Block]:
    """Rates, volumes and waits before a day and from it on, or why there is no such day."""
    outside = bool(done) and done[0].day not in facts.sides
    if not done and point != "iv":
        elsewhere = f" {UNDER_FOUR}" if facts.asked.changed else ""
        return [Paragraph(f"{NO_DAY}{elsewhere}")]
    if day is None:
        return [Paragraph(f"{_OUTSIDE} {no_day_of_change(facts)}" if outside else no_day_of_change(facts))]
    which = (
        f"the first action recorded for this point, on {words.day(day)}"
        if done and not outside
        else f"{words.day(day)}, the day of change that this pack was asked about"
    )
    paragraphs = [Paragraph(f"Before and after {which}. {OVERLAP}")]
    if outside:
        paragraphs.append(Paragraph(_OUTSIDE))
    return [*paragraphs, *_before_and_after(day, point, facts=facts, guard=guard, basis=basis)]
