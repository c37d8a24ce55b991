"""What do the control charts and the verdict on the day of change say? The same charts that the screen shows."""

from collections.abc import Iterator

import polars as pl

from kcas.evidence import control_charts, moved, palettes, rebasing_words, words
from kcas.evidence.pack import cells
from kcas.evidence.pack.counted import VERDICT, Guard
from kcas.evidence.pack.document import Basis, Block, Bullets, Cell, Column, Figure, Kind, Paragraph, Table
from kcas.evidence.pack.facts import Facts
from kcas.evidence.tables import FEW, rate_target
from kcas.monitor.rate_chart import Point, RateChart

MOST_SENTENCES = 6


def watched(*, facts: Facts, guard: Guard, basis: Basis) -> Iterator[Block]:
    """The verdict with its cautions, then the charts by month and week, each with its points in a table."""
    yield Paragraph(verdict(facts, guard))
    yield Bullets(moved.cautions(facts.since))
    yield sides_table(facts, basis=basis, guard=guard)
    for by in ("month", "week"):
        chart = facts.charts[by]
        shown = [point for point in chart.points if may_be_shown(point, by=by, guard=guard)]
        said = moved.sentences(chart)[:MOST_SENTENCES] if len(shown) == len(chart.points) else []
        if not shown:
            continue
        yield Paragraph(f"By {by}. {moved.how_to_read(chart, chosen=facts.first)} {' '.join(chart.notes)}")
        if told := (*said, *segments(chart, facts, counted=bool(said))):
            yield Bullets(told)
        yield figure(chart, shown, by=by, facts=facts, basis=basis, said=said)
        yield points_table(chart, by=by, guard=guard, basis=basis)


def segments(chart: RateChart, facts: Facts, *, counted: bool) -> list[str]:
    """Where limits begin anew, who said so and why; with what each segment comes to where its points are all shown."""
    named = not facts.asked.public
    if counted:
        return rebasing_words.segment_words(chart, named=named)
    return [rebasing_words.begun(each.rebased, named=named) for each in chart.segments if each.rebased]


def verdict(facts: Facts, guard: Guard) -> str:
    """The verdict's own sentence; in a public pack without counts that may not be shown."""
    found = facts.since
    if hidden_sides(facts, guard):
        return f"{moved.verdict(found)}. The counts of both sides are not told here, for they are small or rounded."
    return f"{moved.verdict(found)}. {found.sentence}"


def sides_table(facts: Facts, *, basis: Basis, guard: Guard) -> Table:
    """Before and after by whole weeks, and the difference, as the verdict was reached."""
    found = facts.since
    rows: list[tuple[Cell, ...]] = []
    for name, side in (("Before", found.before), ("After", found.after)):
        top, bottom = int(side.numerator), int(side.denominator)
        small = facts.asked.public and kept_back(name, guard)
        halves: tuple[Cell, ...] = (cells.CONFIDENTIAL,) * 2 if small else (top, bottom)
        share = cells.CONFIDENTIAL if small else cells.rate(top, bottom)[0]
        rows.append((name, side.weeks, *halves, share, *(cells.NOT_APPLICABLE,) * 3))
    hidden = hidden_sides(facts, guard)
    change = (found.difference, found.low, found.high)
    told = (cells.CONFIDENTIAL,) * 3 if hidden else tuple(cells.share(value) for value in change)
    rows.append(("Difference", *(cells.NOT_APPLICABLE,) * 4, *told))
    columns = (
        Column("Side"), Column("Whole weeks", Kind.COUNT), Column("Counted as lost", Kind.COUNT),
        Column("Out of", Kind.COUNT), Column("Share lost", Kind.SHARE), Column("Difference", Kind.POINTS),
        Column("Low (95%)", Kind.POINTS), Column("High (95%)", Kind.POINTS),
    )  # fmt: skip
    notes = [
        "Quasi-binomial logistic regression of whole ISO weeks with a step at the day; the week in which it falls "
        "belongs to neither side. The method was fixed beforehand.",
    ]
    if hidden:  # two equations, the difference and the ratio, would give both sides' counts
        notes.append("The difference is kept back with the counts, which could be worked out from it.")
    elif found.dispersion is not None and found.lag1 is not None and found.relative_risk is not None:
        notes.append(
            f"Relative risk {found.relative_risk:.2f}; dispersion {found.dispersion:.2f} (1: no more than dice); "
            f"likeness of neighbouring weeks {found.lag1:.2f}; standard error {found.standard_error}."
        )
    return Table("since", f"Since {words.day(facts.asked.changed)}", columns, tuple(rows), basis, tuple(notes))


def hidden_sides(facts: Facts, guard: Guard) -> bool:
    """Whether a public pack may not tell a side's counts as they are, nor what they could be worked out from."""
    return facts.asked.public and any(kept_back(name, guard) for name in ("Before", "After"))


def kept_back(name: str, guard: Guard) -> bool:
    """Whether a side's counts may not be told as they are."""
    return guard.to_five or any(guard.shuts((VERDICT, name, half)) for half in ("numerator", "denominator"))


def may_be_shown(point: Point, *, by: str, guard: Guard) -> bool:
    """Whether a point's counts may all be shown, as they are."""
    name = name_of(point, by=by)
    halves = ((by, name, "numerator"), (by, name, "denominator"))
    return not guard.to_five and point.denominator >= FEW and not any(guard.shuts(key) for key in halves)


def name_of(point: Point, *, by: str) -> str:
    """A point's name, as its row in the tables has it."""
    return moved.period(point.start, by=by) if by == "month" else point.start.isoformat()


def figure(
    chart: RateChart, shown: list[Point], *, by: str, facts: Facts, basis: Basis, said: list[str]
) -> Figure:  # fmt: skip
    """The control chart, with the desk's actions marked on it."""
    target = rate_target(facts.standard, facts.definition)
    points = moved.with_limits(chart).filter(pl.col("day").is_in([point.start for point in shown]))
    drawn = control_charts.control_chart(
        points, by=by, palette=palettes.LIGHT, target=target.at_most if target else None,
        actions=[(action.day, f"({action.point})") for action in facts.standard.actions
                 if facts.first <= action.day <= facts.last],
        edges=rebasing_words.edges(chart),
    )  # fmt: skip
    alt = moved.chart_words(chart) if said else f"Control chart of {len(shown)} {by}s; those with few calls left out."
    return Figure(f"chart-by-{by}", f"Share lost by {by}, with control limits", drawn.to_dict(), alt,
                  f"chart-points-by-{by}", basis)  # fmt: skip


def points_table(chart: RateChart, *, by: str, guard: Guard, basis: Basis) -> Table:
    """The chart's points with both halves, centre and limits."""
    rows: list[tuple[Cell, ...]] = []
    for point in chart.points:
        if not may_be_shown(point, by=by, guard=guard):
            rows.append((point.start.isoformat(), *(cells.CONFIDENTIAL,) * 6, cells.CONFIDENTIAL))
            continue
        limits = (cells.share(value) for value in (point.value, point.centre, point.lower, point.upper))
        rows.append(
            (point.start.isoformat(), int(point.numerator), int(point.denominator), *limits, point.rule or "none")
        )
    columns = (
        Column(f"{by.capitalize()} from", Kind.DAY), Column("Counted as lost", Kind.COUNT),
        Column("Out of", Kind.COUNT), Column("Share lost", Kind.SHARE), Column("Centre line", Kind.SHARE),
        Column("Lower limit", Kind.SHARE), Column("Upper limit", Kind.SHARE), Column("Rule broken"),
    )  # fmt: skip
    notes = (*chart.notes,)
    return Table(f"chart-points-by-{by}", f"The points of the chart by {by}", columns, tuple(rows), basis, notes,
                 inline=False)  # fmt: skip
