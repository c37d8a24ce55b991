"""Estimates and tables of a fitted model, for the command and the page."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
import polars as pl

from kcas.calibration.day_records import BLEMISHES, INTERVAL
from kcas.calibration.estimate_notes import spread_interval
from kcas.calibration.fitted import Fitted
from kcas.calibration.handling_time import HandlingSeen, by_time_of_day
from kcas.calibration.level import Outlook
from kcas.calibration.outside_queue import BeforeTheQueue, Counted
from kcas.calibration.patience import PatienceSeen, spikes, waits_of
from kcas.calibration.scenario_file import cannot_tell, half_hours
from kcas.calibration.time_of_day import OverTheDay
from kcas.calls.rates import Z95, wilson
from kcas.reporting import waits as wait_tables
from kcas.reporting import words
from kcas.simulation.scenario.schema import WEEKDAYS

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
    yield _differing("How much days differ in calls", found.volume)
    yield trend("Calls, change in 30 days, not carried on", found.volume)
    for day in found.weekdays:
        handled = log.handled[(log.weekdays == day) & ~log.odd]
        behind = f"{words.count(handled.sum())} calls of {int((handled > 0).sum())} days"
        yield expected(f"Handling on a {words.WEEKDAYS[day]}", found.handling, day, say=_seconds, behind=behind)
    yield _differing("How much days differ in handling", found.handling)
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


def _differing(what: str, look: Outlook) -> Estimate:
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
        "Patience of all callers", _seconds(every.mean),
        _interval_words(every), gave_up(every.abandoned, every.calls),
    )  # fmt: skip
    if len(found.types) < 2:
        return
    for name, each in found.types.items():
        low, high = wilson(each.offered, found.log.calls.height)
        share = each.offered / found.log.calls.height
        yield Estimate(f"Type {name}: share of calls", words.percent(share), words.interval(low, high),
                       words.counts_words(each.offered, found.log.calls.height))  # fmt: skip
        hand, seen = each.handling, each.patience
        yield Estimate(f"Type {name}: handling", _seconds(hand.mean), _interval_words(hand),
                       f"{words.count(hand.calls)} calls")  # fmt: skip
        yield (
            Estimate(f"Type {name}: patience", "as all callers'", "", "too few gave up to tell")
            if seen is None
            else Estimate(
                f"Type {name}: patience", _seconds(seen.mean),
                _interval_words(seen), gave_up(seen.abandoned, seen.calls),
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
            f"{what}, of its type's: {which} from {words.clock(number * INTERVAL)}",
            words.percent(seen.factors[number]), words.interval(low, high), behind,
        )  # fmt: skip


def of_times(times: Times, faster: Sequence[Spike]) -> Iterator[Estimate]:
    """Handling and patience in parts of the day, types together, and where hang-ups come thick."""
    for name, (hand, seen) in times.items():
        if hand is not None:
            yield Estimate(f"{name.capitalize()}: handling", _seconds(hand.mean),
                           _interval_words(hand), f"{words.count(hand.calls)} calls")  # fmt: skip
        if seen is not None:
            yield Estimate(f"{name.capitalize()}: patience", _seconds(seen.mean),
                           _interval_words(seen), gave_up(seen.abandoned, seen.calls))  # fmt: skip
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
        yield _share_of("Hung up in the menu", before.left)
    if (again := before.again) is not None:
        yield Estimate(
            "Called again because they had given up", words.percent(again.share), words.interval(again.low, again.high),
            f"{words.percent(again.gave_up)} of {words.count(again.of_gave_up)} given up, "
            f"{words.percent(again.answered)} of {words.count(again.of_answered)} answered, rang within 2 h",
        )  # fmt: skip


def _share_of(what: str, counted: Counted) -> Estimate:
    """A share with its halves."""
    return Estimate(what, words.percent(counted.share), words.interval(*wilson(counted.count, counted.of)),
                    words.counts_words(counted.count, counted.of))  # fmt: skip


def gave_up(abandoned: int, calls: int) -> str:
    return f"{words.counts_words(abandoned, calls)} gave up"


def _seconds(value: float) -> str:
    """Seconds as a scenario has them, so that a table's columns can be compared."""
    return words.in_seconds(value)


def _interval_words(seen: HandlingSeen | PatienceSeen) -> str:
    return f"{_seconds(seen.low)} to {_seconds(seen.high)}"


_Report = Mapping[str, Any]
FITTED = "Fitted to the calls of the log: what the last days lead one to expect of the next."
COUNTS = (
    "Abandoned here is every abandoned call, of all offered (all_offered), regardless of the definition chosen "
    "elsewhere."
)
OF_A_DAY = (
    "Intervals of calls and handling on a weekday are those of a day to come; all are 95% intervals. "
    "Patience is the mean that an exponential distribution would have."
)


def calibration_values(found: Fitted, before: BeforeTheQueue, files: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Everything that was estimated, with its interval and what stands behind it."""
    log = found.log
    days = sum(1 for miss in found.volume.misses.tolist() if miss == miss)
    times, faster = by_time_of_day(log), list(spikes(log))
    return {
        "model": True,
        "files": [{"file": name, "weekdays": weekdays} for name, weekdays in files.items()],
        "from": log.dates[0], "to": log.dates[-1], "days": len(log.dates),
        "offered": int(log.volume.sum()), "abandoned": int(log.lost.sum()),
        "blemishes": dict(log.blemishes),
        "odd_days": [each for each, is_odd in zip(log.dates, log.odd, strict=True) if is_odd],
        "holidays": sorted(log.holidays),
        "estimates": [asdict(each) for each in estimates(found, before, times=times, faster=faster)],
        "arrivals": quantity(found.volume, found) | {"half_hours": half_hours(found)},
        "handling": quantity(found.handling, found)
        | {"by_type": {name: asdict(each.handling) for name, each in found.types.items()},
           "over_the_day": _factors(found.handling_over_the_day),
           "by_time_of_day": {name: asdict(hand) if hand else None
                              for name, (hand, _) in times.items()}},
        "patience": {"all": asdict(found.patience), "curve": curve_of(found),
                     "by_type": {name: asdict(each.patience) if each.patience else None
                                 for name, each in found.types.items()},
                     "over_the_day": _factors(found.patience_over_the_day),
                     "by_time_of_day": {name: asdict(seen) if seen else None
                                        for name, (_, seen) in times.items()},
                     "spikes": [{"from": start, "to": end, "times": many} for start, end, many in faster]},
        "day_variation": {"calls": {"sd": found.between.volume, "interval": spread_interval(found.between.volume, days),
                                    "days": days}, "all": asdict(found.between), "days_to_come": asdict(found.spread)},
        "staff": {"inferred": found.inferred,
                  "availability": asdict(found.availability) if found.availability else None},
        "menu": asdict(before),
        "cannot_tell": cannot_tell(found),
    }  # fmt: skip


def _factors(seen: OverTheDay) -> dict[str, Any]:
    """Each half-hour's factor that is told by enough calls, with its interval."""
    known = [number for number, error in enumerate(seen.errors.tolist()) if error == error]
    rows = [(words.clock(number * INTERVAL), float(seen.factors[number]), *seen.between(number)) for number in known]
    return {
        "in_use": seen.differs, "spread": seen.spread, "by_chance": seen.by_chance, "calls": seen.behind,
        "half_hours": [{"start": at, "factor": factor, "low": low, "high": high} for at, factor, low, high in rows],
    }  # fmt: skip


def quantity(look: Outlook, found: Fitted) -> dict[str, Any]:
    """A quantity's expected value by weekday, and its trend."""
    return {
        "expected": {WEEKDAYS[each]: look.expected(each) for each in found.weekdays},
        "spread": look.spread, "day_spread": look.day_spread,
        "trend": {"a_day": look.trend[0], "error": look.trend[1]},
    }  # fmt: skip


def curve_of(found: Fitted) -> list[dict[str, float | None]]:
    """How many would still wait, by the wait, with its interval, up to what 98 in 100 waited."""
    survival = waits_of(found.log.calls).curve
    waits = found.log.calls.filter(pl.col("known") & (pl.col("wait") > 0))["wait"]
    longest = max(60.0, float(waits.quantile(0.98) or 0.0))
    return wait_tables.curve(survival, longest=longest).select("at", "share", "low", "high").to_dicts()


def calibration_headline(report: _Report) -> str:
    """What the desk is like, in a sentence."""
    expected = report["arrivals"]["expected"]
    busiest = max(expected, key=expected.get)
    there, patience = report["staff"]["availability"], words.duration(report["patience"]["all"]["mean"])
    could = ""
    if there:
        share = words.percent(there["mean"], places=0)
        could = f", and agents could take calls for {share} of their time"
        if there["mean"] > 1:
            could = f", as if agents had {share} of the time that the log shows: more were there than it tells"
    return (
        f"On a {busiest.capitalize()}, its busiest day, this desk is to expect {words.count(expected[busiest])} calls. "
        f"Callers hang up as if their patience were {patience} on average{could}."
    )


def fitted_to(report: _Report) -> str:
    """Which calls stand behind it."""
    first, last = (as_day(report[name]) for name in ("from", "to"))
    return (
        f"Fitted to {words.count(report['offered'])} offered calls of {report['days']} days, "
        f"{words.days(first, last)}; {words.count(report['abandoned'])} were abandoned."
    )


def days_left_out(report: _Report) -> list[str]:
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


def laws(report: _Report) -> str:
    """Which law of patience is in use for whom."""
    patience = report["patience"]
    every = patience["all"]["chosen"]
    used: dict[str, list[str]] = {}
    for name, seen in patience["by_type"].items():
        used.setdefault(seen["chosen"] if seen else every, []).append(name)
    each = [f"{law} for type{'s' * (len(names) > 1)} {words.listed(names)}" for law, names in used.items()]
    said = f"{every} for all callers" if len(used) < 2 else "; ".join(each)
    return f"Law of patience, the one with the least AIC: {said}."


def fault_treatments(report: _Report) -> list[str]:
    """Which data faults the log has, and by what rule each was treated."""
    return [f"{words.count(many)} {BLEMISHES[name]}." for name, many in report["blemishes"].items() if many]


def in_words(days: list[date]) -> list[str]:
    return [words.short_day(each) for each in days]


def as_day(value: object) -> date:
    """A day of a report, which may have been JSON."""
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def calibration_table(report: _Report) -> pl.DataFrame:
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
