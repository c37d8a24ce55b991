"""Logs of calls, one row a call or a leg, with the right figures that follow from the invented calls."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from benchmarks.reading_corpus.containers import Table
from benchmarks.reading_corpus.forms import CLOCKS, DAYS, DURATIONS, UTC_FORMS, Cell
from benchmarks.reading_corpus.invented import Call, figures_of_calls, local
from benchmarks.reading_corpus.recipes import Recipe, spaced
from benchmarks.reading_corpus.truth import Figures
from benchmarks.reading_corpus.words import CALLS, DIRECTIONS, OUTCOMES, word


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


def call_table(recipe: Recipe, calls: Sequence[Call], dice: random.Random) -> tuple[Table, Figures, dict[str, str]]:
    """The log as a table, its right figures, and what a person knows of its columns and words."""
    lines = _lines(recipe, calls, dice)
    columns = _columns(recipe)
    counted = [line.call for line in lines if line.direction == "in" and line.outcome != "no_answer"]
    if "lines twice" in recipe.faults:
        lines = [line for each in lines for line in (each, each)]
    rows = [[spaced(recipe, column.cell(line)) for column in columns] for line in lines]
    header = () if "no header" in recipe.faults else tuple(column.heading for column in columns)
    figures = figures_of_calls(counted, waits="no waits" not in recipe.faults, queues="no queue" not in recipe.faults)
    return Table(header, rows), figures, _call_facts(recipe, columns)


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

    def nothing(line: Line) -> str:
        return "-" if "dashes" in recipe.faults and not line.call.agent else ""

    cells: dict[str, Callable[[Line], Cell]] = {
        "id": lambda line: f"C{100_000 + line.call.number}",
        "queue": lambda line: line.call.queue,
        "moment": lambda line: when(line.call.entered),
        "day": lambda line: DAYS[recipe.day](local(line.call.entered).date()),
        "clock": lambda line: CLOCKS[recipe.clock](local(line.call.entered)),
        "wait": lambda line: duration(line.call.wait),
        "talk": lambda line: nothing(line) or duration(line.call.talk),
        "hold": lambda line: nothing(line) or duration(line.call.hold),
        "wrap": lambda line: nothing(line) or duration(line.call.wrap),
        "agent": lambda line: line.call.agent or nothing(line),
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
