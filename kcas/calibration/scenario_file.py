"""The fitted desk as a scenario file in which every number says where it came from, and how sure it is.

Redials in the fitted scenario, with first calls lowered so that the total matches the log.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from kcas.arrays import Floats
from kcas.calibration.day_records import BLEMISHES, INTERVAL
from kcas.calibration.estimate_notes import Notes, notes_of
from kcas.calibration.fitted import Fitted
from kcas.calibration.handling_time import HALF_LIFE as TYPE_HALF_LIFE
from kcas.calibration.level import LEVEL_HALF_LIFE, PATTERN_HALF_LIFE
from kcas.calibration.outside_queue import FEWEST, WIDTH, WINDOW, BeforeTheQueue, RedialsSeen, comment
from kcas.calibration.patience import to_the_tenth
from kcas.calibration.scenario import MATCHING_DAYS, TEAM, heavier, rounded, tables
from kcas.calibration.simulated_days import simulated_days
from kcas.desk.units import clock, read_percentage
from kcas.distributions.law_table import read_patience
from kcas.errors import KcasError
from kcas.queueing.retrials import Again, comes_back
from kcas.queueing.scenario_day import exact_day
from kcas.simulation.scenario.file import scenario_of
from kcas.simulation.scenario.folder import toml
from kcas.simulation.scenario.handling_time import lengths
from kcas.simulation.scenario.schema import WEEKDAYS, Scenario

FEWER = "less those who call again, which [redials] adds: as many are offered in all as the log leads one to expect"
_Tables = Mapping[str, Any]
_NODES = 4  # days from quiet to busy
BUSIER = 1.2  # far enough that chance in as many days does not blur what more calls bring


def with_redials(supposed: _Tables, seen: RedialsSeen) -> dict[str, Any]:
    """The tables with redials, and so many first calls fewer that as many are offered in each interval as before.

    Raises ScenarioError where theory has no day for them.
    """
    before = scenario_of(supposed, where="the fitted desk")
    menu = before.telephone.menu
    reach = 1 - menu.hang_up if menu else 1.0
    expected = exact_day(before, nodes=_NODES)
    offered, lost = (
        np.array([getattr(part, name) for part in expected.intervals]) for name in ("arrivals", "abandoned")
    )
    first = np.maximum(1 - back(before, seen, lost) / np.maximum(offered, 1e-9), 0.0)
    calls = supposed["demand"]["calls_per_day"] * float(first @ offered / offered.sum())
    profile = thinned(supposed["demand"]["arrival_profile"], first)
    demand = supposed["demand"] | {"arrival_profile": profile}
    by_weekday = demand.get("arrival_profile_by_weekday", {})
    if by_weekday:
        thinner = {weekday: thinned(own, first) for weekday, own in by_weekday.items()}
        demand["arrival_profile_by_weekday"] = thinner
    redials = {
        "after_abandoning": f"{min(seen.share / reach, 1):.2%}", "delay": delay(seen), "max_redials": seen.times,
    }  # fmt: skip
    redialling = {**supposed, "demand": demand, "redials": redials}
    now, busier = (offered_with(redialling, calls * factor) for factor in (1.0, BUSIER))
    growth = float(np.log(busier / now) / np.log(BUSIER))
    redialling |= _differing(before, growth=growth, again=1 - float(first @ offered / offered.sum()), tables=redialling)
    redialling["demand"]["calls_per_day"] = round(calls, 1)
    more = simulated(redialling) / simulated(supposed)  # theory, whose staff do not differ, knows of too few redials
    redialling["demand"]["calls_per_day"] = round(calls * more ** (-1 / growth), 1)
    return redialling


def thinned(shape: Sequence[float], first_calls: Floats) -> list[float]:
    """The weights of first calls alone."""
    return rounded(np.array(shape) * first_calls)


def simulated(tables: _Tables) -> float:
    """Calls offered on an average day of a simulation, the same days for every table."""
    days = simulated_days(scenario_of(tables, where="the fitted desk"), days=MATCHING_DAYS)
    return float(days.offered.mean())


def _differing(before: Scenario, *, growth: float, again: float, tables: _Tables) -> dict[str, Any]:
    """Days that differ less in first calls and in staff, so that redials make them differ as the log's days did.

    A tenth more first calls is `growth` tenths more calls; a tenth more of any load is more by what redials add to it.
    """
    follows = max(each.demand_elasticity for each in before.teams.values())
    calls = before.demand.day_to_day_sd / (1 + (growth - 1) * (1 - follows))
    steep = growth / (1 - again)
    slow = before.demand.handling_variation * (1 - follows)
    teams = {
        name: each | {"day_to_day_sd": f"{100 * _strength(before.teams[name].day_to_day_sd, slow, steep):.2f}%"}
        for name, each in tables["teams"].items()
    }
    return {"demand": tables["demand"] | {"day_to_day_sd": f"{calls:.2%}"}, "teams": teams}


def _strength(variation: float, slow: float, steep: float) -> float:
    """How much staff differ, where days come out as different as before though redials add to both causes."""
    return float(np.sqrt(max((variation**2 + slow**2) / steep**2 - slow**2, 0.0)))


def offered_with(tables: _Tables, calls: float) -> float:
    """Calls offered on an average simulated day with so many first calls."""
    scenario = scenario_of(tables, where="the fitted desk")
    asked = replace(scenario, demand=replace(scenario.demand, calls_per_day=calls))
    return float(simulated_days(asked, days=MATCHING_DAYS).offered.mean())


def back(scenario: Scenario, seen: RedialsSeen, lost: Floats) -> Floats:
    """How many of those who hung up in each interval call again in each, before closing."""
    hours = scenario.day
    law = read_patience(delay(seen), where="redials, delay")
    again = Again(seen.share, 0.0, seen.times, delay=law, closes=hours.closes - hours.opens)
    return np.asarray(seen.share * lost @ comes_back(again, lengths(hours).tolist()))


def delay(seen: RedialsSeen) -> dict[str, Any]:
    """The delays that were seen, as a law."""
    return {
        "distribution": "empirical",
        "at": [to_the_tenth(moment) for moment, _ in seen.delays],
        "still_waiting": [f"{longer:.0%}" for _, longer in seen.delays],
    }


def redial_notes(seen: RedialsSeen) -> dict[tuple[str, str], list[str]]:
    """Comment lines for the keys of the table."""
    return {
        ("redials", "after_abandoning"): [redial_words(seen)],
        ("redials", "delay"): ["when they called again, what callers who had been answered did taken off"],
        ("redials", "max_redials"): ["all but a hundredth of the redials seen are within so many in a row"],
    }


def redial_words(seen: RedialsSeen) -> str:
    """The estimate with its interval, its counts and what it assumes."""
    return (
        f"{seen.gave_up:.1%} of {seen.of_gave_up:,} calls given up by known callers were followed by another of theirs "
        f"within {to_the_tenth(WINDOW)} on the same day, and {seen.answered:.1%} of {seen.of_answered:,} answered "
        "calls were. "
        f"So of those who would not have rung anyway {seen.share:.1%} ({seen.low:.1%} to {seen.high:.1%}) rang because "
        "they had given up; closing time is allowed for, the next day not counted. "
        f"{seen.known:,} of {seen.offered:,} calls have a token of their caller; the others are assumed to call again "
        "as these do, and a caller known by one call and not by the next is missed"
    )


def unused(seen: RedialsSeen | None, *, why: str = "") -> list[str]:
    """Comment lines that say why redials are not in use."""
    if seen is None:
        return comment("Redials: the log keeps no tokens of callers, so who called again cannot be told.")
    if not why:
        few = seen.of_gave_up < FEWEST
        why = f"Fewer than {FEWEST} are too few to go by" if few else "That is not more than chance may do"
    return [
        *comment(
            f"Redials, not in use: {redial_words(seen)}. {why}. They are counted among the calls above. To simulate "
            "them all the same, lower calls_per_day by as many and take the marks away:"
        ),
        "# [redials]",
        f'# after_abandoning = "{max(seen.share, 0.0):.2%}"',
        f'# delay = {{ distribution = "exponential", mean = "{to_the_tenth(middle(seen))}" }}',
    ]


def middle(seen: RedialsSeen) -> float:
    """The middle delay; a quarter of an hour where none is told."""
    return next((moment for moment, longer in seen.delays if longer <= 0.5), WINDOW / 8)


HARD = "\u2007"  # stands for a space at which no line may end


def groups(fitted: Fitted) -> list[list[int]]:
    """Weekdays that are open for much the same hours and have calls of one size, the busiest group first."""
    together: list[list[int]] = []
    for day in sorted(fitted.weekdays, key=fitted.volume.expected, reverse=True):
        mine = fitted.profiles[day]
        for group in together:
            first = fitted.profiles[group[0]]
            alike = abs(mine.first - first.first) <= 3 and abs(mine.last - first.last) <= 3
            if alike and fitted.volume.expected(day) > 0.5 * fitted.volume.expected(group[0]):
                group.append(day)
                break
        else:
            together.append([day])
    return [sorted(group) for group in together]


def text(
    fitted: Fitted,
    before: BeforeTheQueue,
    weekdays: Sequence[int],
    *,
    others: Sequence[str] = (),
    invented: bool = False,
) -> str:
    """The file for weekdays of one kind; calls that were invented make a file that says so."""
    busiest = max(weekdays, key=fitted.volume.expected)
    lighter = heavier(fitted, busiest, by_type=True)
    question = f"How many callers hang up as things were until {fitted.until}?"
    supposed = tables(fitted, weekdays, lighter=lighter, question=question)
    if invented:
        supposed = {"question": supposed.pop("question"), "invented": ["everything"], **supposed}
    if before.left.count and before.menu_mean:
        stay = 1 - before.left.share
        supposed["demand"]["calls_per_day"] = round(supposed["demand"]["calls_per_day"] / stay, 1)
        menu = {"distribution": "lognormal", "mean": to_the_tenth(before.menu_mean), "cv": round(before.menu_cv, 3)}
        supposed["telephone"] = {"menu": {"length": menu, "hang_up": f"{before.left.share:.2%}"}}
    notes = notes_of(
        fitted, before, weekdays, strong=1 - read_percentage(supposed["teams"][TEAM]["shrinkage"], where="shrinkage")
    )
    seen, why = before.again, ""
    if seen is not None and seen.in_use:
        try:
            supposed = with_redials(supposed, seen)
            notes |= redial_notes(seen)
            notes["demand", "calls_per_day"].append(FEWER)
        except KcasError as error:  # theory has no such day, so how many are redials cannot be told
            why = str(error)
    after = [] if "redials" in supposed else ["", *unused(seen, why=why)]
    return "\n".join([*head(fitted, others), *commented(on_one_line(toml(supposed)), notes), *after]) + "\n"


def head(fitted: Fitted, others: Sequence[str]) -> list[str]:
    """What the file is, from which days, what was treated how, and what could not be told."""
    log = fitted.log
    odd = [str(day) for day, is_odd in zip(log.dates, log.odd, strict=True) if is_odd and day not in log.holidays]
    holidays = [str(day) for day in sorted(log.holidays)]
    lines = [
        f"Fitted by kcas calibrate to {log.volume.sum():,.0f} offered calls of {len(log.dates)} days, {log.dates[0]} "
        f"to {log.dates[-1]}; {log.lost.sum():,.0f} were given up. Intervals hold with 95% confidence. Recent days "
        f"count more: a day counts half after {LEVEL_HALF_LIFE:.0f} days for the level, {TYPE_HALF_LIFE:.0f} for what "
        f"types of call differ by, {PATTERN_HALF_LIFE:.0f} for patterns of the week.",
        *(f"{count:,} {BLEMISHES[name]}." for name, count in log.blemishes.items() if count),
        *([f"Days with less than half their weekday's usual calls, or twice: left out of patterns: {', '.join(odd)}."]
          if odd else []),
        *([f"Holidays by the standard: left out of patterns: {', '.join(holidays)}."] if holidays else []),
        *([f"Days of other hours are in files of their own: {', '.join(others)}."] if others else []),
        *cannot_tell(fitted),
    ]  # fmt: skip
    return [*(line for each in lines for line in comment(each)), ""]


def cannot_tell(fitted: Fitted) -> list[str]:
    """What a log of calls does not show."""
    sentences = [
        "Not to be told from the log: lines (no busy tones are recorded unless blocked calls are), priorities, skills."
    ]
    for seen, what in ((fitted.handling_over_the_day, "handling"), (fitted.patience_over_the_day, "patience")):
        if not seen.differs:
            sentences.append(
                f"How {what} changes over the day: {seen.half_hours} half-hours with {seen.behind:,} calls that tell "
                "of it differ by no more than chance makes them, so none is in use."
            )
    if not fitted.log.calls["agent"].count():
        sentences.append("No agent is named: staff on duty are the most calls in hand at once, and may be too few.")
    return sentences


def commented(lines: str, notes: Notes) -> list[str]:
    """The file's lines with each key's comments above it."""
    lines_now, table = [], ""
    for line in lines.splitlines():
        if line.startswith("["):
            table = line.strip("[]").replace('"', "")
            lines_now += [line, *(each for note in notes.get((table, ""), []) for each in comment(note))]
            continue
        key = line.split(" = ")[0] if " = " in line and not line.startswith(" ") else ""
        lines_now += [each for note in notes.get((table, key), []) if key for each in comment(note)]
        lines_now.append(line)
    return lines_now


def on_one_line(lines: str) -> str:
    """Lists as they are read, many numbers to a line."""
    import re
    import textwrap

    def joined(match: re.Match[str]) -> str:
        inner = " ".join(line.strip().replace(" ", HARD) for line in match[1].splitlines()).rstrip(",")
        filled = textwrap.fill(inner, WIDTH, initial_indent="    ", subsequent_indent="    ")
        return "[\n" + filled.replace(HARD, " ") + "\n]"

    return re.sub(r"\[\n((?:    .*\n)+)\]", joined, lines)


def half_hours(fitted: Fitted) -> list[dict[str, object]]:
    """Mean calls and agents on duty of each weekday and half-hour."""
    return [
        {"weekday": WEEKDAYS[day], "start": clock(number * INTERVAL), "offered": float(shape.offered[number]),
         "on_duty": float(shape.on_duty[number]), "days": shape.days}
        for day, shape in fitted.profiles.items()
        for number in range(shape.first, shape.last)
    ]  # fmt: skip
