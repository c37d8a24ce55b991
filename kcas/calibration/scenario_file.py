"""The fitted desk as a scenario file in which every number says where it came from, and how sure it is."""

from collections.abc import Sequence

from kcas.calibration.day_records import BLEMISHES, INTERVAL
from kcas.calibration.estimate_notes import Notes, notes_of
from kcas.calibration.fitted import Fitted
from kcas.calibration.handling_time import HALF_LIFE as TYPE_HALF_LIFE
from kcas.calibration.level import LEVEL_HALF_LIFE, PATTERN_HALF_LIFE
from kcas.calibration.outside_queue import WIDTH, BeforeTheQueue, comment
from kcas.calibration.patience import duration_text
from kcas.calibration.scenario import TEAM, heavier, tables
from kcas.calibration.scenario_redials import FEWER, redial_notes, unused, with_redials
from kcas.desk.toml_fields import clock
from kcas.errors import KcasError
from kcas.simulation.scenario.folder import toml
from kcas.simulation.scenario.schema import WEEKDAYS

HARD = "\u2007"  # stands for a space at which no line may end


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
        menu = {"law": "lognormal", "mean": duration_text(before.menu_mean), "cv": round(before.menu_cv, 3)}
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
        f"to {log.dates[-1]}; {log.lost.sum():,.0f} were given up. Intervals hold with 95% confidence. Recent days "
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
