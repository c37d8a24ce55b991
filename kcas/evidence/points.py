"""Evidence for each point of recommendation 10: action, observation, model."""

from datetime import date

from kcas.desk.change_log import POINTS, Action
from kcas.evidence import model_tables, observed_tables
from kcas.evidence.control import control_section
from kcas.evidence.document import Basis, Block, Cell, Column, Kind, Paragraph, Section, Table
from kcas.evidence.facts import Facts, no_day_of_change
from kcas.evidence.guard import Guard
from kcas.reporting import words

OVERLAP = (
    "Other actions may have overlapped with these, so a difference before and after a day is not by itself the effect "
    "of what was done on it."
)
NO_DAY = "No day is on record from which to tell what was observed for this point by itself."
UNDER_FOUR = "What was observed before and after the day of change is under point (iv)."
OUTSIDE = "The first action recorded for this point lies outside the days that are told of here."


def sections(*, facts: Facts, guard: Guard, seen: Basis, model: Basis) -> tuple[Section, ...]:
    """A section for each of the four points."""
    return tuple(section(point, facts=facts, guard=guard, seen=seen, model=model) for point in POINTS)


def section(point: str, *, facts: Facts, guard: Guard, seen: Basis, model: Basis) -> Section:
    """One point."""
    done = [action for action in facts.standard.actions if action.point == point]
    day = done[0].day if done and done[0].day in facts.sides else facts.asked.changed
    parts = [
        Section("What the desk did", tuple(what_was_done(point, done, basis=seen))),
        Section("What was observed", tuple(what_was_seen(point, day, done, facts=facts, guard=guard, basis=seen))),
    ]
    if point == "iv":
        parts.append(Section("What the charts say", tuple(control_section(facts=facts, guard=guard, basis=seen))))
        said = model_tables.combined_effect(facts=facts, basis=model)
        parts.append(Section("What the model says of all of it together", tuple(said)))
    else:
        said = model_tables.blocks(point, facts=facts, basis=model)
        parts.append(Section("What the model says it would do alone", tuple(said)))
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
        return [Paragraph(f"{OUTSIDE} {no_day_of_change(facts)}" if outside else no_day_of_change(facts))]
    which = (
        f"the first action recorded for this point, on {words.day(day)}"
        if done and not outside
        else f"{words.day(day)}, the day of change that this pack was asked about"
    )
    said = [Paragraph(f"Before and after {which}. {OVERLAP}")]
    if outside:
        said.append(Paragraph(OUTSIDE))
    return [*said, *observed_tables.before_and_after(day, point, facts=facts, guard=guard, basis=basis)]
