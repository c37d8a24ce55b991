"""The verdict on a chart in one sentence, the same on a page, in a command, an alert and an evidence pack.

It holds no counts of calls, so that a public pack may give it whole; those belong beside it, in `beneath`.

Recalculated limits, suggested breaks and drifts in plain words.
"""

from collections.abc import Sequence
from itertools import groupby

import polars as pl

from kcas.monitoring.drift import DriftPoint
from kcas.monitoring.rate_chart import RateChart, Segment
from kcas.monitoring.rebasing import Act
from kcas.monitoring.segments import Recalculation
from kcas.monitoring.since import HIGHER, LOWER, NO_CHANGE, Since, State, Verdict, signals_beside
from kcas.monitoring.suggested_breaks import Suggestion
from kcas.reporting import words
from kcas.reporting.control import (
    FEW_A_DAY,
    MORE_OFTEN,
    ORDINARY_DAYS,
    ORDINARY_DRIFTING_DAYS,
    PROVISIONAL,
    against_the_centre,
    period,
    what_happened,
)
from kcas.reporting.control import sentence as signal
from kcas.reporting.control_charts import ASKS_HIGHER, ASKS_LOWER, ORDINARY

_LONGEST_NAME = 80  # letters of an action or a reason within the sentence
NO_RATE = "No rate can be calculated here, so nothing can be said of change."
TOO_FEW = "Too few {by}s yet to say whether the rate has changed."
NOTHING_SINCE = "No {by} since then is outside expected variation."


def sentence(found: Verdict) -> str:
    """The verdict: whether the rate has changed, since when, and which days the log lacks."""
    if found.state is State.NO_RATE:
        return NO_RATE
    if found.segment is None:
        return TOO_FEW.format(by=found.by)
    return " ".join([*_level(found.segment, by=found.by), _now(found), *_missing(found)])


def _level(segment: Segment, *, by: str) -> list[str]:
    """From when the limits hold, where that is not the start of the record, and why."""
    if found := segment.recalculated:
        side, names = "higher" if found.higher else "lower", action_names(found)
        return [
            f"{by.capitalize()}s run {side} since {words.day(found.day)}, when {names} {was_recorded(found)}; the "
            "limits are recalculated from there."
        ]
    if segment.rebased:
        return [
            f"The limits are recalculated from {words.day(segment.rebased.begins)} by a named person: "
            f"{short(segment.rebased.reason)}."
        ]
    return []


def _now(found: Verdict) -> str:
    """What the points show, measured against the limits in force."""
    if found.episode is None:
        since = period(found.segment.first, by=found.by, inside=True) if found.segment else ""
        start = f"since {since}" if _of_all_the_record(found) else "since then, measured against its new level,"
        return f"No {found.by} {start} is outside expected variation."
    said = what_happened(found.episode, by=found.by)
    if not _of_all_the_record(found):
        said = f"Since then, measured against its new level: {said[0].lower()}{said[1:]}"
    return said if found.state is State.NOW else f"{said} {NOTHING_SINCE.format(by=found.by)}"


def _of_all_the_record(found: Verdict) -> bool:
    return found.segment is None or not (found.segment.recalculated or found.segment.rebased)


def _missing(found: Verdict) -> list[str]:
    """How many open days the log lacks since the limits in force, and which."""
    if not found.missing:
        return []
    count, latest = sum(each.days for each in found.missing), found.missing[-1]
    which = words.days(latest.first, latest.last)
    latest_of = which if len(found.missing) == 1 else f"the latest {which}"
    return [f"{count:,} open day{' is' if count == 1 else 's are'} missing from the log ({latest_of})."]


def action_names(found: Recalculation) -> str:
    """What was done on the day, in quotation marks."""
    return words.listed([f"“{short(action.what)}”" for action in found.actions])


def was_recorded(found: Recalculation) -> str:
    """The verb that goes with the actions' names."""
    return "were recorded" if len(found.actions) > 1 else "was recorded"


def short(text: str, *, most: int = _LONGEST_NAME) -> str:
    """The text in one line, cut where it is long."""
    line = " ".join(text.split()).rstrip(".")
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def beneath(found: Verdict) -> list[str]:
    """What belongs beside the sentence: both halves of the signal's rate, and how far to trust it."""
    said = []
    if found.episode:
        said += [against_the_centre(found.episode)]
        if found.by == "day":
            said += _how_often(found)
    return [*said, *([PROVISIONAL] if found.provisional and found.segment else [])]


def _how_often(found: Verdict) -> list[str]:
    """How often chance gives a signal on such a desk."""
    if found.few:
        return [FEW_A_DAY]
    return [ORDINARY_DRIFTING_DAYS if found.follows else ORDINARY_DAYS, *([MORE_OFTEN] if found.alike else [])]


def sentences(chart: RateChart, found: Verdict) -> list[str]:
    """The verdict, what belongs beside it, and the other signals of the period shown, the latest first."""
    others = [signal(episode, by=chart.by) for episode in signals_beside(chart, found)]
    return [sentence(found), *beneath(found), *others]


def by_day(found: Verdict) -> str:
    """The verdict where it stands beside another: which question it answers."""
    return f"Within its present limits, {found.by} by {found.by}: {sentence(found)}"


def composed(since: Since, found: Verdict, *, day: str) -> str:
    """The verdict before and after a date and that of the chart in one statement: they answer two questions."""
    told = {LOWER: "lower since", HIGHER: "higher since", NO_CHANGE: "not clearly changed since"}.get(since.verdict)
    if told is None:
        return by_day(found)
    return f"Two questions are answered here. Whole weeks before against after: {told} {day}. {by_day(found)}"


ON_A_CHART = 40  # letters of an action's name beside its line
NO_DRIFT = "EWMA: no drift beyond its limits."
HOW_EWMA = (
    "EWMA: a mean of how many steps each point lies from its centre, in which the newest counts for a fifth and older "
    "ones for less and less (λ 0.2, limits 2.86)."
)


def segment_words(chart: RateChart, *, named: bool = True) -> list[str]:
    """What each segment is: from when to when, its centre, and who began it and why; empty where there is one alone.

    What is published may say that a person did it without their name.
    """
    if len(chart.segments) < 2:
        return []
    return [_segment(segment, by=chart.by, named=named) for segment in chart.segments]


def _segment(segment: Segment, *, by: str, named: bool) -> str:
    stretch = f"{words.days(segment.first, segment.last)}, {words.count(segment.points)} {by}s"
    centre = (
        f"centre line {words.percent(segment.centre)}"
        + (" for all kinds of day together" if by == "day" else "")
        + (", provisional" if segment.provisional else "")
        if segment.centre is not None
        else "too few for limits"
    )
    return f"{stretch}: {centre}. {why_begun(segment, by=by, named=named)}".rstrip()


def why_begun(segment: Segment, *, by: str, named: bool = True) -> str:
    """Who re-based the limits there, or at which recorded action they are recalculated; empty at the chart's start."""
    if segment.rebased:
        return begun(segment.rebased, named=named)
    return recalculated(segment.recalculated, by=by) if segment.recalculated else ""


def recalculated(found: Recalculation, *, by: str) -> str:
    """At which recorded action the limits are recalculated, and which run confirms a shift there."""
    side, names = "above" if found.higher else "below", action_names(found)
    return (
        f"Recalculated from {words.day(found.day)}, when {names} {was_recorded(found)}: {found.run} {by}s in a row "
        f"{side} the centre line of before, from {words.day(found.run_from)}. A named person can undo it."
    )


def begun(act: Act, *, named: bool = True) -> str:
    """Who recalculated the limits, when that was put on record, and why."""
    who = act.name if named else "a person whose name is on record"
    return f"Re-based from {words.day(act.begins)} by {who}, on record since {words.day(act.recorded)}: {act.reason}."


def suggestion_words(found: Suggestion, *, by: str) -> str:
    """A break that may be worth a thought, with what it rests on."""
    side = "above" if found.higher else "below"
    return (
        f"Suggested, not applied: from {words.day(found.day)} on, {found.on_that_side} of {found.points} {by}s lie "
        f"{side} the centre line, {found.run} of them in a row. If something is known to have changed then, limits may "
        "be recalculated from there."
    )


def drift_words(points: Sequence[DriftPoint], *, by: str) -> list[str]:
    """Each stretch beyond the limits, the latest first; where there is none, that."""
    said = []
    for (_, side), run in groupby(points, key=lambda point: (point.segment, point.side)):
        stretch = list(run)
        if side is None:
            continue
        lasts = stretch[-1] is points[-1]
        when = f"since {words.day(stretch[0].start)}" if lasts else words.days(stretch[0].start, stretch[-1].start)
        moved = ("has drifted" if lasts else "had drifted") + (" up" if side == "high" else " down")
        limit = "upper" if side == "high" else "lower"
        beyond = "above" if side == "high" else "below"
        said.append(
            f"EWMA {beyond} its {limit} limit, {when} ({len(stretch)} {by}s): the rate {moved}.".replace(
                f"(1 {by}s)", f"(1 {by})"
            )
        )
    return said[::-1] or [NO_DRIFT]


def record_table(acts: Sequence[Act]) -> pl.DataFrame:
    """Every act on record, the latest first: nothing is ever taken away."""
    undone = {act.undoes: act.number for act in acts}
    return pl.DataFrame(
        [_row(act, undone=undone.get(act.number)) for act in reversed(acts)],
        schema=dict.fromkeys(("No.", "What", "Queues", "By", "Reason", "Recorded"), pl.String),
    )


def _row(act: Act, *, undone: int | None) -> dict[str, str]:
    what = (
        f"Re-based from {words.short_day(act.day)}" if act.day
        else f"Recalculation at {words.short_day(act.declines)} undone" if act.declines
        else f"No. {act.undoes} undone"
    )  # fmt: skip
    return {
        "No.": str(act.number),
        "What": what + (f" (undone by no. {undone})" if undone else ""),
        "Queues": words.listed(list(act.queues)) if act.queues else "all",
        "By": act.name,
        "Reason": act.reason,
        "Recorded": f"{words.short_day(act.recorded)}, {words.clock(act.recorded)} UTC",
    }


def edges(chart: RateChart) -> pl.DataFrame:
    """Where limits are recalculated on a chart, as it draws them."""
    first = chart.shown[0].start if chart.shown else None
    begun_at = [
        segment
        for segment in chart.segments
        if (segment.rebased or segment.recalculated) and first and segment.first >= first
    ]
    return pl.DataFrame(
        {"day": [segment.first for segment in begun_at], "label": [_edge(segment) for segment in begun_at]},
        schema={"day": pl.Date, "label": pl.String},
    )


def _edge(segment: Segment) -> str:
    if segment.recalculated:
        what = short(segment.recalculated.actions[0].what, most=ON_A_CHART)
        return f"{what}, {words.short_day(segment.recalculated.day)}"
    return f"re-based: {words.short_day(segment.rebased.begins)}" if segment.rebased else ""


def drift_frame(points: Sequence[DriftPoint]) -> pl.DataFrame:
    """The drift as its chart draws it, the numbers as text beside them."""
    marks = {"high": ASKS_HIGHER, "low": ASKS_LOWER, None: ORDINARY}
    return pl.DataFrame(
        [
            {
                "day": point.start,
                "value": point.value,
                "lower": point.lower,
                "upper": point.upper,
                "segment": point.segment,
                "mark": marks[point.side],
                "when": words.short_day(point.start),
                "value_text": _steps(point.value),
                "limits_text": f"{_steps(point.lower)} to {_steps(point.upper)}",
            }
            for point in points
        ]
    )


def _steps(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")
