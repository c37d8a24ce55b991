"""The sentences, five at most, that a reader who reads no further must have read."""

from datetime import date, timedelta

from kcas.evidence import control, document
from kcas.evidence.disclosure import Guard
from kcas.evidence.document import Cell
from kcas.evidence.facts import Facts, Group, no_day_of_change
from kcas.evidence.protected_counts import SIDES, WHOLE
from kcas.monitoring.since import HIGHER, LOWER, NO_CHANGE, Since
from kcas.reporting import tables, verdict_words, words
from kcas.reporting.tables import FEW

VERDICTS = {
    LOWER: "The verdict is “lower”: a fall of this size would rarely result from random variation alone",
    HIGHER: "The verdict is “higher”: a rise of this size would rarely result from random variation alone",
    NO_CHANGE: "The verdict is “no clear change”: ordinary ups and downs could have done as much",
}


def five(facts: Facts, guard: Guard) -> tuple[str, ...]:
    """The rate now, the rate then, the difference with its interval, the verdict, the definition.

    Where there is no day of change: the rate of all the days, that there is no such day, the definition.
    """
    name = tables.lost_name(facts.definition)
    counted = f"Counted by “{facts.definition.key}”: {facts.definition.words}."
    if facts.asked.changed is None or facts.since is None:
        whole = rate(facts.whole, facts, guard, grouping=WHOLE)
        rate_of_all = f"{days_of(facts.whole)}, the share {name} {whole}."
        return (rate_of_all, no_day_of_change(facts), verdict_words.by_day(facts.moved), counted)
    before, after = facts.sides[facts.asked.changed]
    return (
        f"{days_of(after)}, the share {name} {rate(after, facts, guard)}.",
        f"{days_of(before)}, it {rate(before, facts, guard)}.",
        difference(facts, facts.since, facts.asked.changed, guard),
        _verdict(facts.since, facts),
        counted,
    )


def days_of(group: Group) -> str:
    """A side's days at the beginning of a sentence."""
    if group.first is None or group.until is None:
        return group.name
    return f"From {words.days(group.first, group.until - timedelta(days=1))}"


def rate(group: Group, facts: Facts, guard: Guard, *, grouping: str | None = None) -> str:
    """What the rate was, with its halves and interval, or why it is not told."""
    grouping = grouping or f"{SIDES} {facts.asked.changed}"
    top, bottom = (document.count(group, half, grouping=grouping, guard=guard) for half in ("numerator", "denominator"))
    share = document.rate(top, bottom)[0]
    if isinstance(share, float):
        halves = f"{words.count(top)} of {words.count(bottom)}"  # type: ignore[arg-type]
        return f"was {words.percent(share)} ({halves}; {_interval(group, facts, guard)})"
    return why_not(top, bottom)


def _interval(group: Group, facts: Facts, guard: Guard) -> str:
    """The interval of a period's rate, from how far its days differ, or why there is none."""
    if guard.to_five:
        return "counts rounded to the nearest five, so no interval"
    interval = document.between_days_cell(group, facts=facts, guard=guard)
    if interval is None:
        return "too few days, or too few of them with calls lost, for an interval"
    return f"95% interval between days {words.interval(*interval)}"


def why_not(top: Cell, bottom: Cell) -> str:
    """Why a rate is not told."""
    if document.CONFIDENTIAL in (top, bottom):
        return "cannot be published: it, or a figure beside it, rests on so few calls that someone might be known by it"
    if isinstance(bottom, int) and bottom < FEW:
        return f"is not given: no share is made of fewer than {FEW} calls, and there were {bottom or 'none'}"
    return "is not known: the log does not tell what it would be made of"


def difference(facts: Facts, change: Since, day: date, guard: Guard) -> str:
    """The difference with its interval, and how it was found; kept back where a side's counts could be had from it."""
    if change.difference is None or change.low is None or change.high is None:
        return change.sentence
    if control.hidden_sides(facts, guard):
        return "The difference is not told, for the small or rounded counts of a side could be worked out from it."
    beyond = " beyond how the rate wanders without a cause" if change.drifts else ""
    return (
        f"The difference{beyond}, by whole weeks before and after {words.day(day)}, is "
        f"{words.signed(change.difference)} percentage points "
        f"(95% interval {words.signed(change.low)} to {words.signed(change.high)})."
    )


def _verdict(change: Since, facts: Facts) -> str:
    """The verdict word, what it does not say, and what the chart of days says within its present limits."""
    sentence = "The verdict is “not enough data”: nothing can be said of change yet."
    if change.verdict in VERDICTS:
        sentence = f"{VERDICTS[change.verdict]}; it does not say which action did it."
    return f"{sentence} {verdict_words.by_day(facts.moved)}"
