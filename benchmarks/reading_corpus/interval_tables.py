"""Tables of counts by interval, with the right figures that follow from the invented calls."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, timedelta

from benchmarks.reading_corpus.containers import Table
from benchmarks.reading_corpus.forms import CLOCKS, COUNTS, DAYS, DURATIONS, UTC_FORMS, Cell, share
from benchmarks.reading_corpus.invented import Call, Interval, count_intervals
from benchmarks.reading_corpus.recipes import STARTS, Recipe, spaced
from benchmarks.reading_corpus.truth import Figures
from benchmarks.reading_corpus.words import INTERVALS, word


def interval_table(recipe: Recipe, calls: Sequence[Call], dice: random.Random) -> tuple[Table, Figures, dict[str, str]]:
    """The table, its right figures, and what a person knows of its columns."""
    starts, minutes = STARTS[recipe.interval]
    found = count_intervals(calls, starts=starts, minutes=minutes)
    rows_of = [part for each in found for part in (_halves(each) if "two rows" in recipe.faults else [each])]
    columns = _interval_columns(recipe)
    header = tuple(heading for _, heading, _ in columns)
    rows = [[spaced(recipe, cell(each)) for _, _, cell in columns] for each in rows_of]
    if "two rows" in recipe.faults:
        header = (*header, "Media Type")
        rows = [[*row, ("voice", "callback")[place % 2]] for place, row in enumerate(rows)]
    facts = {f"column:{role}": heading for role, heading, _ in columns} | {"abandoned": "offered less answered"}
    return Table(header, rows), _interval_figures(recipe, found), facts


def _halves(whole: Interval) -> list[Interval]:
    """An interval as its two rows, one for each kind of contact."""
    names = ("offered", "answered", "abandoned", "wait_answered", "wait_abandoned", "talk", "answered_within")
    small = {name: getattr(whole, name) // 4 for name in names}
    small["wait_answered"] *= small["answered"] > 0  # no call, no wait
    small["wait_abandoned"] *= small["abandoned"] > 0
    small["talk"] *= small["answered"] > 0
    large = {name: getattr(whole, name) - small[name] for name in names}
    return [replace(whole, **large), replace(whole, **small)]


def _interval_figures(recipe: Recipe, found: Sequence[Interval]) -> Figures:
    offered, answered = sum(each.offered for each in found), sum(each.answered for each in found)
    last = max(each.start for each in found)
    hours = [0] * 24
    for each in found:
        hours[each.start.hour] += each.offered
    coarse = recipe.interval in ("week", "month")
    return Figures(
        kind="intervals", offered=offered, answered=answered, abandoned=sum(each.abandoned for each in found),
        first_day=min(each.start for each in found).date(), last_day=last_day(recipe, last.date()),
        mean_wait=None if "no waits" in recipe.faults else sum(each.wait_answered for each in found) / answered,
        queues=() if "no queue" in recipe.faults else tuple(sorted({each.queue for each in found})),
        hours=tuple(hours) if "hour" in recipe.interval else None,
        last_start=last.date() if coarse else None,
    )  # fmt: skip


def last_day(recipe: Recipe, start: date) -> date:
    """The last day of the interval that starts on a day."""
    if recipe.interval == "week":
        return start + timedelta(days=6)
    if recipe.interval == "month":
        return (start.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return start


IntervalColumn = tuple[str, str, Callable[[Interval], Cell]]


def _interval_columns(recipe: Recipe) -> list[IntervalColumn]:
    faults = recipe.faults
    roles = _when_roles(recipe) + (["queue"] if "no queue" not in faults else []) + ["offered", "answered"]
    roles += ["abandoned share"] if faults & {"only shares", "whole shares"} else ["abandoned"]
    roles = [role for role in roles if role != "abandoned" or "no abandoned" not in faults]
    roles += ["abandoned share", "service level"] if "shares" in faults else []
    if "no waits" not in faults:
        roles += ["wait"] if "total waits" in faults else ["asa", "ata", "aht"]
    return [
        (role, word(INTERVALS, recipe.language, role, recipe.wording), _interval_cell(recipe, role)) for role in roles
    ]


def _when_roles(recipe: Recipe) -> list[str]:
    if "period above" in recipe.faults:
        return ["clock"] if "hour" in recipe.interval else []
    if recipe.interval in ("day", "week", "month"):
        return ["day"]
    return ["day", "clock"] if recipe.moment == "separate" else ["moment"]


def _interval_cell(recipe: Recipe, role: str) -> Callable[[Interval], Cell]:
    duration, count, comma = DURATIONS[recipe.duration], COUNTS[recipe.count], recipe.language != "en"
    places = 0 if "whole shares" in recipe.faults else 1
    cells: dict[str, Callable[[Interval], Cell]] = {
        "queue": lambda each: each.queue,
        "moment": lambda each: _interval_start(recipe, each),
        "day": lambda each: _interval_day(recipe, each.start.date()),
        "clock": lambda each: _interval_clock(recipe, each),
        "offered": lambda each: count(each.offered),
        "answered": lambda each: count(each.answered),
        "abandoned": lambda each: count(each.abandoned),
        "asa": lambda each: duration(_mean(each.wait_answered, each.answered)),
        "ata": lambda each: duration(_mean(each.wait_abandoned, each.abandoned)),
        "aht": lambda each: duration(_mean(each.talk, each.answered)),
        "wait": lambda each: duration(each.wait_answered),
        "abandoned share": lambda each: share(each.abandoned, each.offered, comma=comma, places=places),
        "service level": lambda each: share(each.answered_within, each.answered, comma=comma),
    }
    return cells[role]


def _mean(total: int, count: int) -> int:
    return round(total / count) if count else 0


def _interval_start(recipe: Recipe, each: Interval) -> Cell:
    if recipe.moment == "typed":
        return each.start.replace(tzinfo=None)
    if recipe.moment in UTC_FORMS:
        return UTC_FORMS[recipe.moment](each.start.astimezone(UTC))
    return f"{DAYS[recipe.day](each.start.date())} {_interval_clock(recipe, each)}"


def _interval_day(recipe: Recipe, day: date) -> Cell:
    if recipe.moment == "typed":
        return day
    if recipe.interval == "month" and recipe.day == "Month YYYY":
        return f"{day:%B %Y}"
    if recipe.interval == "week" and recipe.day == "w/c":
        return f"w/c {day:%d/%m/%Y}"
    return DAYS[recipe.day](day)


def _interval_clock(recipe: Recipe, each: Interval) -> Cell:
    clock = CLOCKS[recipe.clock]
    return f"{clock(each.start)} - {clock(each.end)}" if "ranges" in recipe.faults else clock(each.start)
