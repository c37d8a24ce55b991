"""Estimates of a fit, each with its interval and the calls behind it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from kcas.calibration.day_records import INTERVAL
from kcas.calibration.estimate_notes import spread_interval
from kcas.calibration.fitted import Fitted
from kcas.calibration.handling_time import HandlingSeen
from kcas.calibration.level import Outlook
from kcas.calibration.outside_queue import BeforeTheQueue, Counted
from kcas.calibration.patience import PatienceSeen
from kcas.calibration.time_of_day import OverTheDay
from kcas.calls.proportion import Z95, wilson
from kcas.desk.toml_fields import clock
from kcas.reporting import words

Times = Mapping[str, tuple[HandlingSeen | None, PatienceSeen | None]]
Spike = tuple[float, float, float]
ON_DUTY = ("inferred; breaks guessed", "read from the roster")


@dataclass(frozen=True)
class Estimate:
    """One thing that was estimated, in words."""

    what: str
    value: str
    interval: str
    behind: str


def estimates(found: Fitted, before: BeforeTheQueue, *, times: Times, faster: Sequence[Spike]) -> Iterator[Estimate]:
    """Each estimate in the order in which a manager would ask."""
    log = found.log
    for day in found.weekdays:
        calls = log.volume[(log.weekdays == day) & ~log.odd]
        behind = f"{words.count(calls.sum())} calls of {int((calls > 0).sum())} days"
        yield expected(f"Calls on a {words.WEEKDAYS[day]}", found.volume, day, say=words.count, behind=behind)
    yield differing("How much days differ in calls", found.volume)
    yield trend("Calls, change in 30 days, not carried on", found.volume)
    for day in found.weekdays:
        handled = log.handled[(log.weekdays == day) & ~log.odd]
        behind = f"{words.count(handled.sum())} calls of {int((handled > 0).sum())} days"
        yield expected(f"Handling on a {words.WEEKDAYS[day]}", found.handling, day, say=seconds, behind=behind)
    yield differing("How much days differ in handling", found.handling)
    yield trend("Handling, change in 30 days, not carried on", found.handling)
    yield from of_callers(found)
    yield from over_the_day("Handling", found.handling_over_the_day, "answered calls")
    yield from over_the_day("Patience", found.patience_over_the_day, "hang-ups")
    yield from of_times(times, faster)
    yield from of_staff(found)
    yield from of_the_menu(before)


def expected(what: str, look: Outlook, day: int, *, say: Any, behind: str) -> Estimate:
    """What to expect of a weekday to come."""
    low, high = (float(np.exp(look.usual[day] + side * Z95 * look.spread)) for side in (-1, 1))
    return Estimate(what, say(look.expected(day)), f"{say(low)} to {say(high)}", behind)


def differing(what: str, look: Outlook) -> Estimate:
    """How far days come out from their level."""
    days = int(np.isfinite(look.misses).sum())
    return Estimate(
        what, words.percent(look.day_spread), words.interval(*spread_interval(look.day_spread, days)), f"{days} days"
    )


def trend(what: str, look: Outlook) -> Estimate:
    """How much it grew in thirty days."""
    steep, error = look.trend
    middle, low, high = (
        f"{100 * float(np.expm1(30 * (steep + side * Z95 * error))):+.1f}%".replace("-", "−") for side in (0, -1, 1)
    )
    days = int(np.isfinite(look.misses).sum())
    return Estimate(what, middle, f"{low} to {high}", f"{days} days")


def of_callers(found: Fitted) -> Iterator[Estimate]:
    """Patience and handling, of everybody and of each type."""
    every = found.patience
    yield Estimate(
        "Patience of all callers", seconds(every.mean),
        interval_words(every), gave_up(every.abandoned, every.calls),
    )  # fmt: skip
    if len(found.types) < 2:
        return
    for name, each in found.types.items():
        low, high = wilson(each.offered, found.log.calls.height)
        share = each.offered / found.log.calls.height
        yield Estimate(f"Type {name}: share of calls", words.percent(share), words.interval(low, high),
                       words.counts_words(each.offered, found.log.calls.height))  # fmt: skip
        hand, seen = each.handling, each.patience
        yield Estimate(f"Type {name}: handling", seconds(hand.mean), interval_words(hand),
                       f"{words.count(hand.calls)} calls")  # fmt: skip
        yield (
            Estimate(f"Type {name}: patience", "as all callers'", "", "too few gave up to tell")
            if seen is None
            else Estimate(
                f"Type {name}: patience", seconds(seen.mean),
                interval_words(seen), gave_up(seen.abandoned, seen.calls),
            )
        )  # fmt: skip


def over_the_day(what: str, seen: OverTheDay, counted: str) -> Iterator[Estimate]:
    """The half-hours in which it is least and most of its type's, where half-hours differ beyond chance."""
    behind = f"{words.count(seen.behind)} {counted} in {seen.half_hours} half-hours"
    if not seen.differs:
        yield Estimate(f"{what} over the day", "alike", "", f"{behind}: no more than chance")
        return
    known = np.flatnonzero(np.isfinite(seen.errors))
    for which, at in (("least", np.argmin), ("most", np.argmax)):
        number = int(known[at(seen.factors[known])])
        low, high = seen.between(number)
        yield Estimate(
            f"{what}, of its type's: {which} from {clock(number * INTERVAL)}",
            words.percent(seen.factors[number]), words.interval(low, high), behind,
        )  # fmt: skip


def of_times(times: Times, faster: Sequence[Spike]) -> Iterator[Estimate]:
    """Handling and patience in parts of the day, types together, and where hang-ups come thick."""
    for name, (hand, seen) in times.items():
        if hand is not None:
            yield Estimate(f"{name.capitalize()}: handling", seconds(hand.mean),
                           interval_words(hand), f"{words.count(hand.calls)} calls")  # fmt: skip
        if seen is not None:
            yield Estimate(f"{name.capitalize()}: patience", seconds(seen.mean),
                           interval_words(seen), gave_up(seen.abandoned, seen.calls))  # fmt: skip
    for start, end, many in faster:
        yield Estimate(f"Hang-ups from {start:g} to {end:g} s of waiting", f"{many:.1f} times", "",
                       "the pace before and after; an announcement?")  # fmt: skip


MORE_THAN_ALL = "; above 100%: more agents were there than the log shows"


def of_staff(found: Fitted) -> Iterator[Estimate]:
    """Who was there, and how much of their time they could take calls."""
    hours = np.median(found.on_duty.sum(axis=1)) / 2
    yield Estimate("Agent-hours on duty, middle day", f"{hours:,.0f}", "", ON_DUTY[0 if found.inferred else 1])
    there = found.availability
    yield (
        Estimate("Time on duty that could go to calls", "cannot be told", "", "too few days")
        if there is None
        else Estimate(
            "Time on duty that could go to calls", words.percent(there.mean),
            words.interval(there.low, there.high),
            f"{there.days} days, {words.count(there.calls)} calls{MORE_THAN_ALL if there.mean > 1 else ''}",
        )
    )  # fmt: skip


def of_the_menu(before: BeforeTheQueue) -> Iterator[Estimate]:
    """What happened before the queue and after it."""
    if before.left.count:
        yield share_of("Hung up in the menu", before.left)
    if (again := before.again) is not None:
        yield Estimate(
            "Rang again because they had given up", words.percent(again.share), words.interval(again.low, again.high),
            f"{words.percent(again.gave_up)} of {words.count(again.of_gave_up)} given up, "
            f"{words.percent(again.answered)} of {words.count(again.of_answered)} answered, rang within 2 h",
        )  # fmt: skip


def share_of(what: str, counted: Counted) -> Estimate:
    """A share with its halves."""
    return Estimate(what, words.percent(counted.share), words.interval(*wilson(counted.count, counted.of)),
                    words.counts_words(counted.count, counted.of))  # fmt: skip


def gave_up(abandoned: int, calls: int) -> str:
    return f"{words.counts_words(abandoned, calls)} gave up"


def seconds(value: float) -> str:
    """Seconds as a scenario has them, so that a table's columns can be compared."""
    return f"{value:,.0f} s"


def interval_words(seen: HandlingSeen | PatienceSeen) -> str:
    return f"{seconds(seen.low)} to {seconds(seen.high)}"
