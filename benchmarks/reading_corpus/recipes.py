"""Recipes of invented files: what a file holds, how it prints it, and the right figures that follow."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from benchmarks.reading_corpus.containers import ENDINGS, Table, write
from benchmarks.reading_corpus.forms import (
    CLOCKS,
    COUNTS,
    DAY_FIRST,
    DAYS,
    DURATIONS,
    MONTH_FIRST,
    UTC_FORMS,
    Cell,
    share,
)
from benchmarks.reading_corpus.invented import (
    UNANSWERED,
    Call,
    Interval,
    count_intervals,
    figures_of_calls,
    half_hour,
    hour,
    invent_calls,
    local,
    midnight,
    monday,
    month,
    weekdays,
)
from benchmarks.reading_corpus.truth import Case, Figures
from benchmarks.reading_corpus.words import CALLS, CLOSING, DIRECTIONS, INTERVALS, OUTCOMES, TITLES, TOTAL, word

STARTS: dict[str, tuple[Callable[[datetime], datetime], int]] = {
    "half-hour": (half_hour, 30),
    "hour": (hour, 60),
    "day": (midnight, 1440),
    "week": (monday, 7 * 1440),
    "month": (month, 31 * 1440),
}


@dataclass(frozen=True)
class Recipe:
    """A file to make. `faults` names what the file has besides its plain rows; `FAULTS` lists them.

    `moment` is "local" for a day and a clock by the forms named, "separate" for the two in columns of their own,
    "typed" for a workbook's dates, or a key of UTC_FORMS. `interval` is empty for a log of calls.
    """

    name: str
    seed: int
    interval: str = ""
    language: str = "en"
    wording: int = 0
    first: date = date(2026, 3, 9)
    days: int = 10
    a_day: int = 24
    day: str = "iso"
    clock: str = "hh:mm:ss"
    moment: str = "local"
    duration: str = "s"
    count: str = "plain"
    container: str = "comma"
    encoding: str = "utf-8"
    hours: tuple[int, int] = (8, 18)
    outcomes: tuple[str, ...] = UNANSWERED
    faults: frozenset[str] = frozenset()
    must_ask: tuple[str, ...] = ()
    every_day: bool = False
    outcome_words: tuple[tuple[str, str], ...] = ()
    """Words of the file in place of the usual ones, by outcome."""
    refuse: bool = False
    """Whether the file cannot be read rightly by anyone."""


FAULTS = {
    "titles": "title lines above the header",
    "totals": "a row of totals at the end",
    "closing line": "a line of text after the rows",
    "blank lines": "empty lines between the rows",
    "header again": "the header once more for each page",
    "legs": "a row for every telephone that rang",
    "lines twice": "every line twice",
    "transfers": "a second row where a caller is passed to another queue",
    "internal calls": "calls between extensions",
    "outbound calls": "calls that agents make",
    "no header": "no header",
    "notes": "free text with line breaks and quotation marks",
    "no waits": "no waits",
    "waits by difference": "the times of entry, answer and end in place of the wait",
    "ranges": "an interval as a range in one cell",
    "period above": "a period that only a title line gives",
    "shares": "percentages next to the counts",
    "only shares": "a percentage in place of the abandoned calls",
    "total waits": "total waits in place of averages",
    "two rows": "two rows of one queue and interval",
    "empty columns": "columns without a value",
    "no queue": "no queue",
    "no ids": "no call number",
    "spaces": "spaces around values",
    "no abandoned": "offered and answered calls only",
    "whole shares": "abandoned calls only as a whole percentage of many",
}


def dice_of(recipe: Recipe) -> random.Random:
    """The random numbers of a recipe, fixed by its seed."""
    return random.Random(recipe.seed)


def build(recipe: Recipe) -> Case:
    """The file of a recipe, its right figures, and what a person would answer."""
    dice = dice_of(recipe)
    calls = invent_calls(dice, days=_days(recipe), a_day=recipe.a_day, outcomes=recipe.outcomes, hours=recipe.hours)
    table, figures, facts = (_interval_table if recipe.interval else _call_table)(recipe, calls, dice)
    whole = _with_lines_around(recipe, table, calls)

    def write_file(path: Path) -> None:
        write(path, whole, container=recipe.container, encoding=recipe.encoding)

    named = f"{recipe.name}{ENDINGS[recipe.container]}"
    right = None if recipe.refuse else figures
    return Case(named, write_file, right, _faults(recipe), recipe.must_ask, _facts(recipe) | facts)


def _days(recipe: Recipe) -> list[date]:
    if recipe.every_day:
        return [recipe.first + timedelta(n) for n in range(recipe.days)]
    return weekdays(recipe.first, recipe.days)


def _faults(recipe: Recipe) -> frozenset[str]:
    """Everything that is special about the file, for the count of what the corpus covers."""
    day = recipe.day if recipe.moment in ("local", "separate") else recipe.moment
    forms = {f"day {day}", f"duration {recipe.duration}", f"count {recipe.count}", f"language {recipe.language}"}
    return recipe.faults | forms | {recipe.container, recipe.encoding, f"clock {recipe.clock}"}


def _facts(recipe: Recipe) -> dict[str, str]:
    facts = {"kind": "intervals" if recipe.interval else "calls", "zone": "Europe/London", "totals": "leave out"}
    facts |= {"clock_halves": "afternoon before 8"} if recipe.clock == "h:mm without half" else {}
    facts |= {"length": recipe.interval} if recipe.interval else {}
    if recipe.day in DAY_FIRST | MONTH_FIRST:
        facts["date_order"] = "day first" if recipe.day in DAY_FIRST else "month first"
    known = {
        "lines twice": ("repeated_rows", "count once"), "legs": ("legs", "one call"), "no header": ("header", "none"),
        "transfers": ("transfers", "count each queue"), "two rows": ("repeated_rows", "add"),
    }  # fmt: skip
    facts |= dict(pair for fault, pair in known.items() if fault in recipe.faults)
    return facts


# Calls


@dataclass(frozen=True)
class Line:
    """A row of a call log: a call, or one leg of it."""

    call: Call
    outcome: str
    direction: str = "in"
    leg: int = 1


@dataclass(frozen=True)
class Column:
    """A column by its role, its heading and how it prints a row."""

    role: str
    heading: str
    cell: Callable[[Line], Cell]


def _call_table(recipe: Recipe, calls: Sequence[Call], dice: random.Random) -> tuple[Table, Figures, dict[str, str]]:
    lines = _lines(recipe, calls, dice)
    columns = _columns(recipe)
    counted = [line.call for line in lines if line.direction == "in" and line.outcome != "no_answer"]
    if "lines twice" in recipe.faults:
        lines = [line for each in lines for line in (each, each)]
    rows = [[_spaced(recipe, column.cell(line)) for column in columns] for line in lines]
    header = () if "no header" in recipe.faults else tuple(column.heading for column in columns)
    figures = figures_of_calls(counted, waits="no waits" not in recipe.faults, queues="no queue" not in recipe.faults)
    return Table(header, rows), figures, _call_facts(recipe, columns)


def _spaced(recipe: Recipe, cell: Cell) -> Cell:
    return f" {cell}  " if "spaces" in recipe.faults and isinstance(cell, str) and cell else cell


def _lines(recipe: Recipe, calls: Sequence[Call], dice: random.Random) -> list[Line]:
    lines: list[Line] = []
    for call in calls:
        lines += _legs(call) if "legs" in recipe.faults else [Line(call, call.outcome)]
        if "transfers" in recipe.faults and call.outcome == "answered" and call.number % 9 == 0:
            lines.append(_passed_on(call, dice))
        if "internal calls" in recipe.faults and call.number % 7 == 0:
            lines.append(_between_extensions(call, dice, "internal"))
        if "outbound calls" in recipe.faults and call.number % 5 == 0:
            lines.append(_between_extensions(call, dice, "out"))
    return lines


def _legs(call: Call) -> list[Line]:
    """Up to two telephones that rang in vain, then how the call ended."""
    rang = [replace(call, agent=f"A{30 + n}", wait=call.wait * n // 3, talk=0, hold=0, wrap=0) for n in (1, 2)]
    missed = rang[: call.number % 3] if call.outcome in ("answered", "abandoned") else []
    legs = [Line(each, "no_answer", leg=n) for n, each in enumerate(missed, start=1)]
    return [*legs, Line(call, call.outcome, leg=len(legs) + 1)]


def _passed_on(call: Call, dice: random.Random) -> Line:
    other = "Duty team"
    wait, talk = dice.randint(3, 60), dice.randint(60, 400)
    return Line(
        replace(call, queue=other, entered=call.ended, wait=wait, talk=talk, hold=0, agent="A29"), "answered", leg=2
    )


def _between_extensions(call: Call, dice: random.Random, direction: str) -> Line:
    other = replace(call, number=call.number + 50_000, caller="2104", wait=0, talk=dice.randint(20, 300), agent="A28")
    answered = dice.random() < 0.7
    return Line(
        replace(other, outcome="answered" if answered else "abandoned"),
        "answered" if answered else "abandoned",
        direction,
    )


def _columns(recipe: Recipe) -> list[Column]:
    roles = ["id", "queue", "moment", "wait", "talk", "hold", "wrap", "agent", "caller", "outcome"]
    faults = recipe.faults
    if recipe.moment == "separate":
        roles[2:3] = ["day", "clock"]
    if "waits by difference" in faults:
        roles[roles.index("wait")] = "answered at"
        roles.insert(roles.index("talk"), "ended at")
    dropped = {"no waits": "wait", "no queue": "queue", "no ids": "id"}
    roles = [role for role in roles if role not in {dropped[fault] for fault in faults if fault in dropped}]
    roles += ["direction"] if faults & {"internal calls", "outbound calls"} else []
    roles += ["leg"] if faults & {"legs", "transfers"} else []
    roles += ["note"] if "notes" in faults else []
    columns = [Column(role, word(CALLS, recipe.language, role, recipe.wording), _cell(recipe, role)) for role in roles]
    blank = [Column("blank", f"Custom {n}", lambda line: "") for n in (1, 2)] if "empty columns" in faults else []
    return [*columns[:3], *blank, *columns[3:]]


def _cell(recipe: Recipe, role: str) -> Callable[[Line], Cell]:
    duration, when = DURATIONS[recipe.duration], moment_form(recipe)
    cells: dict[str, Callable[[Line], Cell]] = {
        "id": lambda line: f"C{100_000 + line.call.number}",
        "queue": lambda line: line.call.queue,
        "moment": lambda line: when(line.call.entered),
        "day": lambda line: DAYS[recipe.day](local(line.call.entered).date()),
        "clock": lambda line: CLOCKS[recipe.clock](local(line.call.entered)),
        "wait": lambda line: duration(line.call.wait),
        "talk": lambda line: duration(line.call.talk),
        "hold": lambda line: duration(line.call.hold),
        "wrap": lambda line: duration(line.call.wrap),
        "agent": lambda line: line.call.agent,
        "caller": lambda line: line.call.caller,
        "outcome": lambda line: outcome_word(recipe, line.outcome),
        "direction": lambda line: word(DIRECTIONS, recipe.language, line.direction, recipe.wording),
        "answered at": lambda line: when(line.call.left) if line.outcome == "answered" else "",
        "ended at": lambda line: when(line.call.ended),
        "leg": lambda line: line.leg,
        "note": lambda line: _note(line.call.number),
    }
    return cells[role]


def _note(number: int) -> str:
    return ("", 'said "soon"', "rang again\nlater, from work", "one; two\nthree | four", "=1+1")[number % 5]


def outcome_word(recipe: Recipe, outcome: str) -> str:
    """An outcome as the file words it."""
    special = dict(recipe.outcome_words)
    found = OUTCOMES[recipe.language].get(outcome, ())
    return special[outcome] if outcome in special else found[recipe.wording % len(found)]


def moment_form(recipe: Recipe) -> Callable[[datetime], Cell]:
    """How the file prints a moment that is given in UTC."""
    if recipe.moment in UTC_FORMS:
        return UTC_FORMS[recipe.moment]
    if recipe.moment == "typed":
        return lambda at: local(at).replace(tzinfo=None)
    return lambda at: f"{DAYS[recipe.day](local(at).date())} {CLOCKS[recipe.clock](local(at))}"


def _call_facts(recipe: Recipe, columns: Sequence[Column]) -> dict[str, str]:
    facts = {f"column:{column.role}": column.heading for column in columns}
    facts |= {f"outcome:{outcome_word(recipe, each)}": each for each in ("answered", "abandoned", *recipe.outcomes)}
    facts |= {f"outcome:{outcome_word(recipe, 'no_answer')}": "not an outcome"}
    for direction in ("out", "internal"):
        facts[f"direction:{word(DIRECTIONS, recipe.language, direction, recipe.wording)}"] = "leave out"
    if "no header" in recipe.faults:
        facts |= {f"column:{column.role}": f"column {place}" for place, column in enumerate(columns, start=1)}
    unit = {"ms": "ms", "minutes": "min", "day fraction": "days"}.get(recipe.duration, "s")
    return facts | {
        f"unit:{column.heading}": unit for column in columns if column.role in ("wait", "talk", "hold", "wrap")
    }


# Intervals


def _interval_table(
    recipe: Recipe, calls: Sequence[Call], dice: random.Random
) -> tuple[Table, Figures, dict[str, str]]:
    starts, minutes = STARTS[recipe.interval]
    found = count_intervals(calls, starts=starts, minutes=minutes)
    rows_of = [part for each in found for part in (_halves(each) if "two rows" in recipe.faults else [each])]
    columns = _interval_columns(recipe)
    header = tuple(heading for _, heading, _ in columns)
    rows = [[_spaced(recipe, cell(each)) for _, _, cell in columns] for each in rows_of]
    if "two rows" in recipe.faults:
        header = (*header, "Media Type")
        rows = [[*row, ("voice", "callback")[place % 2]] for place, row in enumerate(rows)]
    facts = {f"column:{role}": heading for role, heading, _ in columns} | {"abandoned": "offered less answered"}
    return Table(header, rows), _interval_figures(recipe, found), facts


def _halves(whole: Interval) -> list[Interval]:
    """An interval as its two rows, one for each kind of contact."""
    names = ("offered", "answered", "abandoned", "wait_answered", "wait_abandoned", "talk", "answered_within")
    small = {name: getattr(whole, name) // 4 for name in names}
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
        first_day=min(each.start for each in found).date(), last_day=_last_day(recipe, last.date()),
        mean_wait=None if "no waits" in recipe.faults else sum(each.wait_answered for each in found) / answered,
        queues=() if "no queue" in recipe.faults else tuple(sorted({each.queue for each in found})),
        hours=tuple(hours) if recipe.interval in ("half-hour", "hour") else None,
        last_start=last.date() if coarse else None,
    )  # fmt: skip


def _last_day(recipe: Recipe, start: date) -> date:
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
        return ["clock"] if recipe.interval in ("half-hour", "hour") else []
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


# Around the rows


def _with_lines_around(recipe: Recipe, table: Table, calls: Sequence[Call]) -> Table:
    """The table with the titles, totals and other lines that the recipe asks for."""
    faults, width = recipe.faults, len(table.rows[0])
    rows = _with_lines_between(recipe, list(table.rows))
    footers: list[Sequence[Cell]] = []
    if "totals" in faults:
        footers.append(_total_row(recipe, table, TOTAL[recipe.language]))
    if "closing line" in faults:
        footers.append([CLOSING[recipe.language]])
    titles = _titles(recipe, calls) if faults & {"titles", "period above"} else ()
    assert all(len(row) == width for row in table.rows)
    return Table(table.header, rows, titles, footers)


def _titles(recipe: Recipe, calls: Sequence[Call]) -> tuple[str, ...]:
    form = DAYS[recipe.day if recipe.day in DAYS else "d Mon yyyy"]
    first, last = local(calls[0].entered).date(), local(calls[-1].entered).date()
    if recipe.interval == "month":
        first, last = first.replace(day=1), _last_day(recipe, last)
    period = form(first) if first == last else f"{form(first)} - {form(last)}"
    return tuple(title.format(period=period) for title in TITLES[recipe.language])


def _with_lines_between(recipe: Recipe, rows: list[Sequence[Cell]]) -> list[Sequence[Cell]]:
    header = [word(INTERVALS if recipe.interval else CALLS, recipe.language, "queue", recipe.wording)]
    spread: list[Sequence[Cell]] = []
    for place, row in enumerate(rows):
        if place and place % 40 == 0 and "blank lines" in recipe.faults:
            spread.append([""] * len(row))
        if place and place % 50 == 0 and "header again" in recipe.faults:
            spread.append(_header_of(recipe) or header)
        spread.append(row)
    return spread


def _header_of(recipe: Recipe) -> Sequence[Cell]:
    return (
        [heading for _, heading, _ in _interval_columns(recipe)]
        if recipe.interval
        else [c.heading for c in _columns(recipe)]
    )


def _total_row(recipe: Recipe, table: Table, label: str) -> Sequence[Cell]:
    """The label in the first column, and the sum of every column that the table counts in."""
    if not recipe.interval:
        return [label, *[""] * (len(table.header) - 2), f"{len(table.rows)}"]
    count = COUNTS[recipe.count]
    counted = {word(INTERVALS, recipe.language, role, recipe.wording) for role in ("offered", "answered", "abandoned")}
    sums: list[Cell] = [label]
    for place, heading in enumerate(table.header[1:], start=1):
        sums.append(count(sum(number_of(row[place]) for row in table.rows)) if heading in counted else "")
    return sums


def number_of(cell: Cell) -> int:
    """A count as printed, as a number."""
    return int("".join(letter for letter in str(cell).removesuffix(".0") if letter.isdigit()) or 0)
