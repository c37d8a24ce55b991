"""Control charts and the before-and-after verdict in the pack, as the dashboard shows them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import polars as pl

from kcas.evidence import document
from kcas.evidence.disclosure import Guard
from kcas.evidence.document import Basis, Block, Bullets, Cell, Column, Figure, Kind, Paragraph, Table
from kcas.evidence.facts import Facts, no_day_of_change
from kcas.evidence.protected_counts import HALVES, VERDICT
from kcas.monitoring import from_measures
from kcas.monitoring.rate_chart import PeriodCount, Point, RateChart, rate_chart
from kcas.monitoring.since import Since, wander_words
from kcas.monitoring.since import verdict as verdict_of
from kcas.reporting import control, control_charts, palettes, verdict_words, words
from kcas.reporting.coverage import chart_coverage
from kcas.reporting.tables import FEW, rate_target

MOST_SENTENCES = 6
MOST_LEFT_OUT = 0.1
"""Of the points of a chart: where more are kept back, the others do not stand for all."""


def control_section(*, facts: Facts, guard: Guard, basis: Basis) -> Iterator[Block]:
    """The verdict with its cautions, then the charts by month and week, each with its points in a table."""
    yield from _before_and_after(facts, basis=basis, guard=guard)
    for by in ("month", "week"):
        chart = facts.charts[by]
        drawn, notes = as_shown(chart, by=by, facts=facts, guard=guard)
        if not any(point.denominator >= FEW for point in drawn.shown):
            continue
        judged = verdict_of(drawn, lacking=facts.lacking)
        sure = drawn.centre is not None or drawn is chart
        judged_words = verdict_words.sentences(drawn, judged)[:MOST_SENTENCES] if sure else []
        notes = (*notes, *chart_coverage(drawn, facts.lacking))
        yield Paragraph(f"By {by}. {control.how_to_read(drawn, chosen=facts.first)} {' '.join((*notes, *drawn.notes))}")
        if paragraphs := (*judged_words, *segments(drawn, facts, counted=bool(judged_words))):
            yield Bullets(paragraphs)
        yield figure(drawn, by=by, facts=facts, basis=basis, sentences=judged_words)
        yield points_table(chart, drawn, by=by, guard=guard, basis=basis, notes=notes)


def _before_and_after(facts: Facts, *, basis: Basis, guard: Guard) -> Iterator[Block]:
    """The verdict on the day of change with its cautions, or that there is no such day."""
    if facts.since is None or facts.asked.changed is None:
        yield Paragraph(no_day_of_change(facts))
        yield Paragraph(verdict_words.by_day(facts.moved))
        return
    yield Paragraph(_verdict(facts.since, facts, guard))
    yield Paragraph(verdict_words.composed(facts.since, facts.moved, day=words.day(facts.asked.changed)))
    yield Bullets(control.cautions(facts.since))
    yield sides_table(facts.since, facts.asked.changed, facts, basis=basis, guard=guard)


def as_shown(chart: RateChart, *, by: str, facts: Facts, guard: Guard) -> tuple[RateChart, tuple[str, ...]]:
    """The chart of the points that may be told, and what must be said of the others.

    Centre and limits follow from all the points they are made of, so from those kept back too: they are made again of
    the others, or where many are kept back not at all, for those that are left would not stand for them.
    """
    points = [point for point in chart.shown if may_be_told(point, by=by, guard=guard)]
    left = len(chart.shown) - len(points)
    if not left:
        return chart, ()
    notes = (f"{left} of {len(chart.shown)} {by}s may not be told.",)
    if left > MOST_LEFT_OUT * len(chart.shown):
        bare = tuple(Point(point.start, point.numerator, point.denominator, point.value) for point in points)
        plain = replace(
            chart, points=bare, centre=None, sigma_z=None, variation=None, assurance=None, segments=(), notes=()
        )
        return plain, (f"{notes[0]} These are too many for a centre line or limits to be made of the others.",)
    counts = [PeriodCount(point.start, point.numerator, point.denominator) for point in points]
    target = rate_target(facts.standard, facts.definition)
    again = rate_chart(
        counts, by=by, holidays=from_measures.holidays(facts.standard, counts), charted=facts.standard.charts,
        at_most=target.at_most if target else None, rebased=[each.rebased for each in chart.segments if each.rebased],
        recalculated=[each.recalculated for each in chart.segments if each.recalculated], missing=facts.lacking.missing,
    )  # fmt: skip
    return again, (f"{notes[0]} The centre line and the limits are made of the others.",)


def segments(chart: RateChart, facts: Facts, *, counted: bool) -> list[str]:
    """Recalculations of limits, by whom and why, with the results of each segment whose points are all shown."""
    named = not facts.asked.public
    if counted:
        return verdict_words.segment_words(chart, named=named)
    return [verdict_words.why_begun(each, by=chart.by, named=named) for each in chart.segments
            if each.rebased or each.recalculated]  # fmt: skip


def _verdict(change: Since, facts: Facts, guard: Guard) -> str:
    """The verdict's own sentence; in a public pack without counts that may not be shown."""
    if hidden_sides(facts, guard):
        return f"{control.signal_verdict(change)}. The counts of both sides are withheld: they are small or rounded."
    sentence = change.sentence
    if hidden_weeks(facts, guard):  # a single hidden week could be solved for from how far the weeks differ
        sentence = sentence.removesuffix(f" {wander_words(change)}")
    return f"{control.signal_verdict(change)}. {sentence}"


def sides_table(since: Since, day: date, facts: Facts, *, basis: Basis, guard: Guard) -> Table:
    """Before and after by whole weeks, and the difference, as the verdict was reached."""
    rows: list[tuple[Cell, ...]] = []
    for name, side in (("Before", since.before), ("After", since.after)):
        top, bottom = int(side.numerator), int(side.denominator)
        shut = [guard.to_five or guard.shuts((VERDICT, name, half)) for half in HALVES]
        halves = tuple(document.CONFIDENTIAL if each else n for each, n in zip(shut, (top, bottom), strict=True))
        rows.append((name, side.weeks, *halves, document.rate(*halves)[0], *(document.NOT_APPLICABLE,) * 3))
    hidden = hidden_sides(facts, guard)
    change = (since.difference, since.low, since.high)
    coarse = not hidden and hidden_weeks(facts, guard)
    sentences = (
        (document.CONFIDENTIAL,) * 3
        if hidden
        else tuple(document.share(round(value, 3) if coarse and value is not None else value) for value in change)
    )
    rows.append(("Difference", *(document.NOT_APPLICABLE,) * 4, *sentences))
    columns = (
        Column("Side"), Column("Whole weeks", Kind.COUNT), Column("Counted as lost", Kind.COUNT),
        Column("Out of", Kind.COUNT), Column("Share lost", Kind.SHARE), Column("Difference", Kind.POINTS),
        Column("Low (95%)", Kind.POINTS), Column("High (95%)", Kind.POINTS),
    )  # fmt: skip
    notes = [
        "Quasi-binomial logistic regression of the days of whole ISO weeks with a step at the day, averaged over how "
        "persistent days may be; the week in which it falls belongs to neither side. The method was fixed beforehand.",
    ]
    if hidden:  # two equations, the difference and the ratio, would give both sides' counts
        notes.append("The difference is kept back with the counts, which could be worked out from it.")
    elif coarse:  # a single hidden week could be solved for from how far the weeks differ
        notes.append("To a tenth of a point, and without the spread of weeks, since some weeks may not be told.")
    elif since.dispersion is not None and since.lag1 is not None and since.relative_risk is not None:
        notes.append(
            f"Relative risk {since.relative_risk:.2f}; dispersion {since.dispersion:.2f} (1: no more than random "
            "variation); "
            f"likeness of neighbouring weeks {since.lag1:.2f}; interval {since.standard_error}."
        )
    return Table("since", f"Since {words.day(day)}", columns, tuple(rows), basis, tuple(notes))


def hidden_sides(facts: Facts, guard: Guard) -> bool:
    """Whether a public pack may not tell a side's counts as they are, nor what they could be worked out from."""
    return facts.asked.public and any(kept_back(name, guard) for name in ("Before", "After"))


def hidden_weeks(facts: Facts, guard: Guard) -> bool:
    """Whether a week that the verdict rests on may not be told."""
    keys = (("week", monday.isoformat(), half) for monday in facts.mondays for half in HALVES)
    return any(guard.shuts(key) for key in keys)


def kept_back(name: str, guard: Guard) -> bool:
    """Whether a side's counts may not be told as they are."""
    return guard.to_five or any(guard.shuts((VERDICT, name, half)) for half in HALVES)


def may_be_told(point: Point, *, by: str, guard: Guard) -> bool:
    """Whether a point's counts may both be told, as they are."""
    name = _name_of(point, by=by)
    return not guard.to_five and not any(guard.shuts((by, name, half)) for half in HALVES)


def as_told(point: Point, half: str, *, by: str, guard: Guard) -> Cell:
    """A half of a point that is not drawn."""
    shut = guard.to_five or guard.shuts((by, _name_of(point, by=by), half))
    return document.CONFIDENTIAL if shut else int(getattr(point, half))


def _name_of(point: Point, *, by: str) -> str:
    """A point's name, as its row in the tables has it."""
    return control.period(point.start, by=by) if by == "month" else point.start.isoformat()


def figure(chart: RateChart, *, by: str, facts: Facts, basis: Basis, sentences: list[str]) -> Figure:
    """The control chart, with the desk's actions marked on it."""
    target = rate_target(facts.standard, facts.definition)
    shown = [point.start for point in chart.shown if point.denominator >= FEW]
    points = control.with_limits(chart).filter(pl.col("day").is_in(shown))
    drawn = control_charts.control_chart(
        points, by=by, palette=palettes.LIGHT, target=target.at_most if target else None,
        actions=[(action.day, f"({action.point})") for action in facts.standard.actions
                 if facts.first <= action.day <= facts.last],
        edges=verdict_words.edges(chart),
    )  # fmt: skip
    alt = (
        control.chart_words(chart, sentences[0])
        if sentences
        else f"Control chart of {len(shown)} {by}s; those with few calls left out."
    )
    return Figure(f"chart-by-{by}", f"Share lost by {by}, with control limits", drawn.to_dict(), alt,
                  f"chart-points-by-{by}", basis)  # fmt: skip


def points_table(
    chart: RateChart, drawn: RateChart, *, by: str, guard: Guard, basis: Basis, notes: tuple[str, ...]
) -> Table:
    """The points of a chart, as it is drawn, with both halves, centre and limits."""
    as_drawn = {point.start: point for point in drawn.shown}
    rows: list[tuple[Cell, ...]] = []
    for point in chart.shown:
        start = point.start
        if start not in as_drawn:
            halves = (as_told(point, half, by=by, guard=guard) for half in HALVES)
            rows.append((start.isoformat(), *halves, *(document.CONFIDENTIAL,) * 5))
            continue
        point = as_drawn[start]
        enough = point.denominator >= FEW
        shares = (point.value, point.centre, point.lower, point.upper) if enough else (None,) * 4
        counts = (int(point.numerator), int(point.denominator))
        rows.append((start.isoformat(), *counts, *map(document.share, shares), point.rule or "none"))
    columns = (
        Column(f"{by.capitalize()} from", Kind.DAY), Column("Counted as lost", Kind.COUNT),
        Column("Out of", Kind.COUNT), Column("Share lost", Kind.SHARE), Column("Centre line", Kind.SHARE),
        Column("Lower limit", Kind.SHARE), Column("Upper limit", Kind.SHARE), Column("Rule broken"),
    )  # fmt: skip
    return Table(f"chart-points-by-{by}", f"The points of the chart by {by}", columns, tuple(rows), basis,
                 (*notes, *drawn.notes),
                 inline=False)  # fmt: skip
