"""What was estimated of the desk, with which interval and from how many calls? For the command and for the page."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from kcas.calls.proportion import Z95, wilson
from kcas.evidence import wait_tables, words
from kcas.simulation.calibrate.before_the_queue import BeforeTheQueue, Counted
from kcas.simulation.calibrate.fitted import Fitted
from kcas.simulation.calibrate.handling_seen import by_time_of_day
from kcas.simulation.calibrate.outlook import Outlook
from kcas.simulation.calibrate.patience_seen import spikes, waits_of
from kcas.simulation.calibrate.written import cannot_tell, half_hours, spread_interval
from kcas.simulation.scenario import WEEKDAYS

Report = Mapping[str, Any]
FITTED = "Fitted to the calls of the log: what the last days lead one to expect of the next."
COUNTS = "Abandoned here is every call given up, of all offered (all_offered), whatever is chosen elsewhere."
OF_A_DAY = "Intervals of calls and handling on a weekday are those of a day to come; all are 95% intervals."
ON_DUTY = ("inferred from who took calls when; breaks guessed", "read from the roster")


@dataclass(frozen=True)
class Estimate:
    """One thing that was estimated, in words."""

    what: str
    value: str
    interval: str
    behind: str


def document(found: Fitted, before: BeforeTheQueue, files: Mapping[str, list[str]]) -> dict[str, Any]:
    """Everything that was estimated, with its interval and what stands behind it."""
    log = found.log
    days = sum(1 for miss in found.volume.misses.tolist() if miss == miss)
    return {
        "model": True,
        "files": [{"file": name, "weekdays": weekdays} for name, weekdays in files.items()],
        "from": log.dates[0], "to": log.dates[-1], "days": len(log.dates),
        "offered": int(log.volume.sum()), "abandoned": int(log.lost.sum()),
        "blemishes": dict(log.blemishes),
        "odd_days": [each for each, is_odd in zip(log.dates, log.odd, strict=True) if is_odd],
        "holidays": sorted(log.holidays),
        "estimates": [asdict(each) for each in estimates(found, before)],
        "arrivals": quantity(found.volume, found) | {"half_hours": half_hours(found)},
        "handling": quantity(found.handling, found)
        | {"by_type": {name: asdict(each.handling) for name, each in found.types.items()},
           "by_time_of_day": {name: asdict(hand) if hand else None
                              for name, (hand, _) in by_time_of_day(log).items()}},
        "patience": {"all": asdict(found.patience), "curve": curve_of(found),
                     "by_type": {name: asdict(each.patience) if each.patience else None
                                 for name, each in found.types.items()},
                     "by_time_of_day": {name: asdict(seen) if seen else None
                                        for name, (_, seen) in by_time_of_day(log).items()},
                     "spikes": [{"from": start, "to": end, "times": times} for start, end, times in spikes(log)]},
        "day_variation": {"calls": {"sd": found.between.volume, "interval": spread_interval(found.between.volume, days),
                                    "days": days}, "all": asdict(found.between), "days_to_come": asdict(found.spread)},
        "staff": {"inferred": found.inferred,
                  "availability": asdict(found.availability) if found.availability else None},
        "menu": asdict(before),
        "cannot_tell": cannot_tell(found),
    }  # fmt: skip


def quantity(look: Outlook, found: Fitted) -> dict[str, Any]:
    """A quantity's expected value by weekday, and its trend."""
    return {
        "expected": {WEEKDAYS[each]: look.expected(each) for each in found.weekdays},
        "spread": look.spread, "day_spread": look.day_spread,
        "trend": {"a_day": look.trend[0], "error": look.trend[1]},
    }  # fmt: skip


def estimates(found: Fitted, before: BeforeTheQueue) -> Iterator[Estimate]:
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
    middle, low, high = (f"{100 * float(np.expm1(30 * (steep + side * Z95 * error))):+.1f}%" for side in (0, -1, 1))
    days = int(np.isfinite(look.misses).sum())
    return Estimate(what, middle, f"{low} to {high}", f"{days} days")


def of_callers(found: Fitted) -> Iterator[Estimate]:
    """Patience and handling, of everybody and of each type."""
    every = found.patience
    yield Estimate(
        "Patience of all callers, mean if exponential", seconds(every.mean),
        f"{seconds(every.low)} to {seconds(every.high)}", gave_up(every.abandoned, every.calls, law=every.chosen),
    )  # fmt: skip
    if len(found.types) < 2:
        return
    for name, each in found.types.items():
        low, high = wilson(each.offered, found.log.calls.height)
        share = each.offered / found.log.calls.height
        yield Estimate(f"Type {name}: share of calls", words.percent(share), words.interval(low, high),
                       words.halves(each.offered, found.log.calls.height))  # fmt: skip
        hand, seen = each.handling, each.patience
        yield Estimate(f"Type {name}: handling", seconds(hand.mean), f"{seconds(hand.low)} to {seconds(hand.high)}",
                       f"{words.count(hand.calls)} calls")  # fmt: skip
        yield (
            Estimate(f"Type {name}: patience", "as all callers'", "", "too few gave up to tell")
            if seen is None
            else Estimate(
                f"Type {name}: patience, mean if exponential", seconds(seen.mean),
                f"{seconds(seen.low)} to {seconds(seen.high)}", gave_up(seen.abandoned, seen.calls, law=seen.chosen),
            )
        )  # fmt: skip


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
            words.interval(there.low, there.high), f"{there.days} days, {words.count(there.calls)} calls",
        )
    )  # fmt: skip


def of_the_menu(before: BeforeTheQueue) -> Iterator[Estimate]:
    """What happened before the queue and after it."""
    if before.left.count:
        yield share_of("Hung up in the menu", before.left)
    if before.again is not None:
        yield share_of("Rang again the same day after giving up", before.again)


def share_of(what: str, counted: Counted) -> Estimate:
    """A share with its halves."""
    return Estimate(what, words.percent(counted.share), words.interval(*wilson(counted.count, counted.of)),
                    words.halves(counted.count, counted.of))  # fmt: skip


def curve_of(found: Fitted) -> list[dict[str, float | None]]:
    """How many would still wait, by the wait, with its interval, up to what 98 in 100 waited."""
    survival = waits_of(found.log.calls).curve
    waits = found.log.calls.filter(pl.col("known") & (pl.col("wait") > 0))["wait"]
    longest = max(60.0, float(waits.quantile(0.98) or 0.0))
    return wait_tables.curve(survival, longest=longest).select("at", "share", "low", "high").to_dicts()


def headline(report: Report) -> str:
    """What the desk is like, in a sentence."""
    expected = report["arrivals"]["expected"]
    busiest = max(expected, key=expected.get)
    there, patience = report["staff"]["availability"], words.duration(report["patience"]["all"]["mean"])
    could = f", and agents could take calls for {words.percent(there['mean'], places=0)} of their time" if there else ""
    return (
        f"On a {busiest.capitalize()}, its busiest day, this desk is to expect {words.count(expected[busiest])} calls. "
        f"Callers hang up as if their patience were {patience} on average{could}."
    )


def fitted_to(report: Report) -> str:
    """Which calls stand behind it."""
    first, last = (as_day(report[name]) for name in ("from", "to"))
    return (
        f"Fitted to {words.count(report['offered'])} offered calls of {report['days']} days, "
        f"{words.days(first, last)}; {words.count(report['abandoned'])} were abandoned."
    )


def left_out(report: Report) -> list[str]:
    """Which days taught no pattern."""
    holidays = [as_day(each) for each in report["holidays"]]
    odd = [each for each in map(as_day, report["odd_days"]) if each not in holidays]
    said = []
    if holidays:
        said.append(f"Holidays by the standard, left out of patterns: {words.listed(in_words(holidays))}.")
    if odd:
        said.append(
            "Odd days, with less than half their weekday's usual calls or more than twice, left out of patterns: "
            f"{words.listed(in_words(odd))}."
        )
    return said or ["No day was a holiday or odd: all taught the patterns of the week."]


def in_words(days: list[date]) -> list[str]:
    return [words.short_day(each) for each in days]


def as_day(value: object) -> date:
    """A day of a report, which may have been JSON."""
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def table(report: Report) -> pl.DataFrame:
    """The estimates as a person reads them."""
    rows = report["estimates"]
    return pl.DataFrame(
        {
            "Estimated": [row["what"] for row in rows],
            "Value": [row["value"] for row in rows],
            "95% interval": [row["interval"] or "not told" for row in rows],
            "Stands behind it": [row["behind"] for row in rows],
        }
    )


def gave_up(abandoned: int, calls: int, *, law: str) -> str:
    return f"{words.halves(abandoned, calls)} gave up; {law}"


def seconds(value: float) -> str:
    """Seconds as a scenario has them, so that a table's columns can be compared."""
    return f"{value:,.0f} s"
