"""The fitted desk as a scenario file in which every number says where it came from, and how sure it is."""

from collections.abc import Sequence

import numpy as np

from kcas.calls.proportion import Z95
from kcas.errors import KcasError
from kcas.simulation.calibrate.as_scenario import TEAM, heavier, own_shapes, tables
from kcas.simulation.calibrate.before_the_queue import WIDTH, BeforeTheQueue, comment
from kcas.simulation.calibrate.day_log import BLEMISHES, INTERVAL
from kcas.simulation.calibrate.fitted import Fitted
from kcas.simulation.calibrate.handling_seen import HALF_LIFE as TYPE_HALF_LIFE
from kcas.simulation.calibrate.handling_seen import by_time_of_day
from kcas.simulation.calibrate.outlook import LEVEL_HALF_LIFE, PATTERN_HALF_LIFE, Outlook
from kcas.simulation.calibrate.over_the_day import OverTheDay
from kcas.simulation.calibrate.patience_seen import spikes, told
from kcas.simulation.calibrate.redials_written import FEWER, redial_notes, unused, with_redials
from kcas.simulation.scenario import WEEKDAYS
from kcas.simulation.scenario_text import toml
from kcas.simulation.setting import clock

HARD = "\u2007"  # stands for a space at which no line may end
Notes = dict[tuple[str, str], list[str]]


def groups(found: Fitted) -> list[list[int]]:
    """Weekdays that are open for much the same hours and have calls of one size, the busiest group first."""
    together: list[list[int]] = []
    for day in sorted(found.weekdays, key=found.volume.expected, reverse=True):
        mine = found.profiles[day]
        for group in together:
            first = found.profiles[group[0]]
            alike = abs(mine.first - first.first) <= 3 and abs(mine.last - first.last) <= 3
            if alike and found.volume.expected(day) > 0.5 * found.volume.expected(group[0]):
                group.append(day)
                break
        else:
            together.append([day])
    return [sorted(group) for group in together]


def text(
    found: Fitted,
    before: BeforeTheQueue,
    weekdays: Sequence[int],
    *,
    others: Sequence[str] = (),
    invented: bool = False,
) -> str:
    """The file for weekdays of one kind; calls that were invented make a file that says so."""
    busiest = max(weekdays, key=found.volume.expected)
    lighter = heavier(found, busiest, by_type=True)
    question = f"How many callers hang up as things were until {found.until}?"
    supposed = tables(found, weekdays, lighter=lighter, question=question)
    if invented:
        supposed = {"question": supposed.pop("question"), "invented": ["everything"], **supposed}
    if before.left.count and before.menu_mean:
        stay = 1 - before.left.share
        supposed["demand"]["calls_per_day"] = round(supposed["demand"]["calls_per_day"] / stay, 1)
        menu = {"law": "lognormal", "mean": told(before.menu_mean), "cv": round(before.menu_cv, 3)}
        supposed["telephone"] = {"menu": {"length": menu, "hang_up": f"{before.left.share:.2%}"}}
    notes = notes_of(found, before, weekdays, strong=1 - share_of(supposed["teams"][TEAM]["shrinkage"]))
    seen, why = before.again, ""
    if seen is not None and seen.in_use:
        try:
            supposed = with_redials(supposed, seen)
            notes |= redial_notes(seen)
            notes["demand", "calls_per_day"].append(FEWER)
        except KcasError as error:  # theory has no such day, so how many are redials cannot be told
            why = str(error)
    after = [] if "redials" in supposed else ["", *unused(seen, why=why)]
    return "\n".join([*head(found, others), *commented(on_one_line(toml(supposed)), notes), *after]) + "\n"


def head(found: Fitted, others: Sequence[str]) -> list[str]:
    """What the file is, from which days, what was treated how, and what could not be told."""
    log = found.log
    odd = [str(day) for day, is_odd in zip(log.dates, log.odd, strict=True) if is_odd and day not in log.holidays]
    holidays = [str(day) for day in sorted(log.holidays)]
    lines = [
        f"Fitted by kcas calibrate to {log.volume.sum():,.0f} offered calls of {len(log.dates)} days, {log.dates[0]} "
        f"to {log.dates[-1]}; {log.lost.sum():,.0f} were given up. Intervals hold with 95 % confidence. Recent days "
        f"count more: a day counts half after {LEVEL_HALF_LIFE:.0f} days for the level, {TYPE_HALF_LIFE:.0f} for what "
        f"types of call differ by, {PATTERN_HALF_LIFE:.0f} for patterns of the week.",
        *(f"{count:,} {BLEMISHES[name]}." for name, count in log.blemishes.items() if count),
        *([f"Days with less than half their weekday's usual calls, or twice: left out of patterns: {', '.join(odd)}."]
          if odd else []),
        *([f"Holidays by the standard: left out of patterns: {', '.join(holidays)}."] if holidays else []),
        *([f"Days of other hours are in files of their own: {', '.join(others)}."] if others else []),
        *cannot_tell(found),
    ]  # fmt: skip
    return [*(line for each in lines for line in comment(each)), ""]


def cannot_tell(found: Fitted) -> list[str]:
    """What a log of calls does not show."""
    said = [
        "Not to be told from the log: lines (no busy tones are recorded unless blocked calls are), priorities, skills."
    ]
    for seen, what in ((found.handling_over_the_day, "handling"), (found.patience_over_the_day, "patience")):
        if not seen.differs:
            said.append(
                f"How {what} changes over the day: {seen.half_hours} half-hours with {seen.behind:,} calls that tell "
                "of it differ by no more than chance makes them, so none is in use."
            )
    if not found.log.calls["agent"].count():
        said.append("No agent is named: staff on duty are the most calls in hand at once, and may be too few.")
    return said


def notes_of(found: Fitted, before: BeforeTheQueue, weekdays: Sequence[int], *, strong: float) -> Notes:
    """Comment lines, by table and key."""
    log, spread = found.log, found.between
    days = int(np.isin(log.weekdays, list(weekdays)).sum())
    calls = f"{log.offered[np.isin(log.weekdays, list(weekdays))].sum():,.0f} calls of {days} days"
    notes: Notes = {
        ("day", "opens"): ["half-hours with at least 2 % of the calls of the busiest"],
        ("demand", "calls_per_day"): [f"from {calls}; expected next: {about(found.volume, weekdays)}",
                                      trend(found.volume, "calls"), *menu_note(before)],
        ("demand", "shape"): [f"mean calls of each half-hour from opening, {calls}"],
        ("demand.weekdays", ""): [f"each weekday's expected calls, of their mean; {calls}"],
        ("demand.shapes", ""): shapes_note(found, weekdays),
        (f"teams.{TEAM}.more_on", ""): [
            "each weekday's own roster, less the usual one above, from the same days; so strong that the weekday loses "
            "as many as it is to be expected to"],
        ("demand", "day_variation"): [f"{differ(found.volume)}; of which chance would make "
                                      f"{1 / np.sqrt(np.median(log.volume)):.1%}"],
        ("demand", "handling_variation"): [differ(found.handling), trend(found.handling, "handling")],
        ("demand", "handling_by_interval"): [over_the_day_note(found.handling_over_the_day, "answered calls")],
        ("demand", "patience_by_interval"): [over_the_day_note(found.patience_over_the_day, "hang-ups")],
        (f"teams.{TEAM}", "by_interval"): on_duty_note(found),
        (f"teams.{TEAM}", "shrinkage"): availability_note(found, strong),
        (f"teams.{TEAM}", "day_variation"): [
            f"so that all together a day's load differs by {spread.load:.1%}, as the days' rates did from what the "
            "weeks before led one to expect"],
        (f"teams.{TEAM}", "follows_demand"): ["how far, on busier days, there was more staff"],
    }  # fmt: skip
    for name, each in found.types.items():
        table = f"types.{name}"
        notes[table, "share"] = [f"{each.offered:,} of {log.calls.height:,} offered calls, recent ones counting more"]
        hand = each.handling
        notes[table, "talk"] = [
            f"mean {hand.mean:.1f} s ({hand.low:.1f} to {hand.high:.1f}) in recent weeks, of {hand.calls:,} calls; "
            "hold and wrap-up included where the log has them"
        ]
        seen = each.patience or found.patience
        own = "" if each.patience else "too few gave up, so everybody's is taken; "
        notes[table, "patience"] = [
            f"{own}{seen.chosen} by the least AIC of {seen.calls:,} calls, {seen.abandoned:,} given up; were it "
            f"exponential, its mean would be {seen.mean:.0f} s ({seen.low:.0f} to {seen.high:.0f})"
        ]
    notes |= first_type_notes(found)
    return notes | {("telephone.menu", "length"): [f"{before.menu_calls:,} calls with a menu time of up to 10 min"],
                    ("telephone.menu", "hang_up"): [before.left.words]}  # fmt: skip


def first_type_notes(found: Fitted) -> Notes:
    """Parts of the day as they were measured, and spikes, said once, above the first type of call."""
    lines = []
    for words, (hand, seen) in by_time_of_day(found.log).items():
        parts = [f"handling {hand.mean:.0f} s ({hand.low:.0f} to {hand.high:.0f})"] if hand else []
        parts += (
            [f"patience, were it exponential, {seen.mean:.0f} s ({seen.low:.0f} to {seen.high:.0f})"] if seen else []
        )
        lines += [f"{words}: {', '.join(parts)}"] if parts else []
    lines += [
        f"hang-ups come {times:.1f} times as fast from {start:g} to {end:g} s of waiting: an announcement?"
        for start, end, times in spikes(found.log)
    ]
    first = next(iter(found.types))
    return {
        (f"types.{first}", ""): [
            "As measured, types together (in use are the factors of each half-hour above): ",
            *lines,
        ]
    }


def shapes_note(found: Fitted, weekdays: Sequence[int]) -> list[str]:
    """By how much the weekdays that have a shape of their own differ, how surely, and how many calls say so."""
    said = ["weekdays whose calls spread over the day otherwise than the common shape by more than chance makes them:"]
    for day, seen in own_shapes(found, weekdays).items():
        known = seen.errors[np.isfinite(seen.errors)]
        said.append(
            f"{WEEKDAYS[day]}: half-hours differ by {seen.spread:.1%} beyond chance, from {seen.behind:,} calls in "
            f"{seen.half_hours} half-hours; each leans towards the common shape as far as its calls are few, and is "
            f"known to within {Z95 * float(np.median(known)):.0%} (median) to {Z95 * float(known.max()):.0%} of itself"
        )
    return said


def over_the_day_note(seen: OverTheDay, what: str) -> str:
    """How far half-hours differ, how surely, and how many calls say so."""
    known = np.flatnonzero(np.isfinite(seen.errors))
    widest, usual = (Z95 * float(at(seen.errors[known])) for at in (np.max, np.median))
    return (
        f"half-hours differ by {seen.spread:.1%} beyond chance and beyond their types of call, from {seen.behind:,} "
        f"{what} in {seen.half_hours} half-hours of all weekdays; each leans towards 100% as far as its calls are "
        f"few, and is known to within {usual:.0%} (median) to {widest:.0%} of itself"
    )


def about(look: Outlook, weekdays: Sequence[int]) -> str:
    """The middle value and the interval of each weekday."""
    said = []
    for day in weekdays:
        low, high = (float(np.exp(look.usual[day] + side * Z95 * look.spread)) for side in (-1, 1))
        said.append(f"{WEEKDAYS[day]} {look.expected(day):,.0f} ({low:,.0f} to {high:,.0f})")
    return ", ".join(said)


def differ(look: Outlook) -> str:
    """How much days differ, with the interval of that."""
    days = int(np.isfinite(look.misses).sum())
    low, high = spread_interval(look.day_spread, days)
    return f"days differ by {look.day_spread:.1%} ({low:.1%} to {high:.1%}) from their level, over {days} days"


def spread_interval(spread: float, days: int) -> tuple[float, float]:
    """The interval of a standard deviation, by the chi-squared law."""
    from scipy.special import chdtri

    freedom = max(days - 1, 1)
    return spread * float(np.sqrt(freedom / chdtri(freedom, 0.025))), spread * float(
        np.sqrt(freedom / chdtri(freedom, 0.975))
    )


def trend(look: Outlook, what: str) -> str:
    """How much it grew in a month of thirty days, not carried on into the future."""
    steep, error = look.trend
    low, high = (float(np.expm1(30 * (steep + side * Z95 * error))) for side in (-1, 1))
    return f"trend: {np.expm1(30 * steep):+.1%} {what} in thirty days ({low:+.1%} to {high:+.1%}); not carried on"


def menu_note(before: BeforeTheQueue) -> list[str]:
    """That the calls that hung up in the menu are among them."""
    return ["with those who hang up in the menu"] if before.left.count and before.menu_mean else []


def on_duty_note(found: Fitted) -> list[str]:
    """Where the roster comes from."""
    if not found.inferred:
        return ["agents on duty in each half-hour, as the roster given has them"]
    return [
        "agents on duty in each half-hour, INFERRED from who took calls when: from the first call to the last, less "
        "gaps of over an hour, and gaps in which callers waited for five minutes or more together (breaks, guessed)"
    ]


def availability_note(found: Fitted, strong: float) -> list[str]:
    """What is taken off, and how much of that is the days' own availability."""
    said = [f"so that as many hang up as did: agents amount to {strong:.0%} of those on duty"]
    if (there := found.availability) is not None:
        said.append(
            f"of which wrap-up and short absences: available for {there.mean:.1%} of their time on duty "
            f"({there.low:.1%} to {there.high:.1%}), days differing by {there.spread:.1%}, from {there.days} days and "
            f"{there.calls:,} calls"
        )
    return [*said, "the rest is staff who were not there when the calls were"]


def share_of(text: str) -> float:
    """A percentage as a fraction."""
    return float(text.rstrip("%")) / 100


def commented(lines: str, notes: Notes) -> list[str]:
    """The file's lines with each key's comments above it."""
    found, table = [], ""
    for line in lines.splitlines():
        if line.startswith("["):
            table = line.strip("[]").replace('"', "")
            found += [line, *(each for note in notes.get((table, ""), []) for each in comment(note))]
            continue
        key = line.split(" = ")[0] if " = " in line and not line.startswith(" ") else ""
        found += [each for note in notes.get((table, key), []) if key for each in comment(note)]
        found.append(line)
    return found


def on_one_line(lines: str) -> str:
    """Lists as they are read, many numbers to a line."""
    import re
    import textwrap

    def joined(match: re.Match[str]) -> str:
        inner = " ".join(line.strip().replace(" ", HARD) for line in match[1].splitlines()).rstrip(",")
        filled = textwrap.fill(inner, WIDTH, initial_indent="    ", subsequent_indent="    ")
        return "[\n" + filled.replace(HARD, " ") + "\n]"

    return re.sub(r"\[\n((?:    .*\n)+)\]", joined, lines)


def half_hours(found: Fitted) -> list[dict[str, object]]:
    """Mean calls and agents on duty of each weekday and half-hour."""
    return [
        {"weekday": WEEKDAYS[day], "start": clock(number * INTERVAL), "offered": float(shape.offered[number]),
         "on_duty": float(shape.on_duty[number]), "days": shape.days}
        for day, shape in found.profiles.items()
        for number in range(shape.first, shape.last)
    ]  # fmt: skip
