"""The verdict on a chart in one sentence, the same on a page, in a command, an alert and an evidence pack.

It holds no counts of calls, so that a public pack may give it whole; those belong beside it, in `beneath`.
"""

from kcas.monitoring.rate_chart import RateChart, Segment
from kcas.monitoring.segments import Recalculation
from kcas.monitoring.since import HIGHER, LOWER, NO_CHANGE, Since
from kcas.monitoring.verdict import State, Verdict, signals_beside
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

LONGEST_NAME = 80  # letters of an action or a reason within the sentence
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


def short(text: str, *, most: int = LONGEST_NAME) -> str:
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
