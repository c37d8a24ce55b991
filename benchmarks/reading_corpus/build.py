"""Files built from recipes: the table, the lines around its rows, the kind of file, and what a person would answer."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from benchmarks.reading_corpus.call_logs import call_table
from benchmarks.reading_corpus.containers import ENDINGS, Table, write
from benchmarks.reading_corpus.forms import COUNTS, DAY_FIRST, DAYS, MONTH_FIRST, Cell
from benchmarks.reading_corpus.interval_tables import interval_table, last_day
from benchmarks.reading_corpus.invented import Call, invent_calls, local, weekdays
from benchmarks.reading_corpus.recipes import Recipe, dice_of
from benchmarks.reading_corpus.truth import Case
from benchmarks.reading_corpus.words import CLOSING, GROUPS, INTERVALS, TITLES, TOTAL, word


def build(recipe: Recipe) -> Case:
    """The file of a recipe, its right figures, and what a person would answer."""
    dice = dice_of(recipe)
    calls = invent_calls(dice, days=_days(recipe), a_day=recipe.a_day, outcomes=recipe.outcomes, hours=recipe.hours)
    table, figures, facts = (interval_table if recipe.interval else call_table)(recipe, calls, dice)
    table = _day_once(table, facts["column:day"]) if "day once" in recipe.faults else table
    whole = _with_lines_around(recipe, table, calls)

    def write_file(path: Path) -> None:
        write(
            path,
            whole,
            container=recipe.container,
            encoding=recipe.encoding,
            names_delimiter="sep line" in recipe.faults,
        )

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
    facts |= _date_order(recipe)
    known = {
        "lines twice": ("repeated_rows", "count once"), "legs": ("legs", "one call"), "no header": ("header", "none"),
        "transfers": ("transfers", "count each queue"), "two rows": ("repeated_rows", "add"),
    }  # fmt: skip
    facts |= dict(pair for fault, pair in known.items() if fault in recipe.faults)
    return facts


def _date_order(recipe: Recipe) -> dict[str, str]:
    """Which comes first in the file's dates, where they are in figures."""
    printed = recipe.day if recipe.moment in ("local", "separate") else recipe.moment
    if printed in DAY_FIRST | {"GMT", "w/c"}:
        return {"date_order": "day first"}
    return {"date_order": "month first"} if printed in MONTH_FIRST else {}


def _with_lines_around(recipe: Recipe, table: Table, calls: Sequence[Call]) -> Table:
    """The table with the titles, totals and other lines that the recipe asks for."""
    faults = recipe.faults
    rows = _with_lines_between(recipe, table)
    footers: list[Sequence[Cell]] = []
    if "totals" in faults:
        footers.append(_total_row(recipe, table, TOTAL[recipe.language]))
    if "closing line" in faults:
        footers.append([CLOSING[recipe.language]])
    titles = _titles(recipe, calls) if faults & {"titles", "period above"} else ()
    groups = _groups(table, recipe.language) if "groups above" in faults else ()
    whole = Table(table.header, rows, titles, footers, groups)
    return _with_trailing_delimiter(whole) if "trailing delimiter" in faults else whole


def _titles(recipe: Recipe, calls: Sequence[Call]) -> tuple[str, ...]:
    form = DAYS[recipe.day if recipe.day in DAYS else "d Mon yyyy"]
    first, last = local(calls[0].entered).date(), local(calls[-1].entered).date()
    if recipe.interval == "month":
        first, last = first.replace(day=1), last_day(recipe, last)
    period = form(first) if first == last else f"{form(first)} - {form(last)}"
    return tuple(title.format(period=period) for title in TITLES[recipe.language])


def _with_lines_between(recipe: Recipe, table: Table) -> list[Sequence[Cell]]:
    spread: list[Sequence[Cell]] = []
    for place, row in enumerate(table.rows):
        if place and place % 40 == 0 and "blank lines" in recipe.faults:
            spread.append([""] * len(row))
        if place and place % 50 == 0 and "header again" in recipe.faults:
            spread.append(table.header)
        spread.append(row)
    return spread


def _groups(table: Table, language: str) -> Sequence[Cell]:
    """A line of group names above the header, each over the first column of its group."""
    middle = len(table.header) // 2
    return [GROUPS[language][place > 0] if place in (0, middle) else "" for place in range(len(table.header))]


def _day_once(table: Table, heading: str) -> Table:
    """The table with a day only in the first of its rows."""
    place = table.header.index(heading)
    days = [row[place] for row in table.rows]
    again = [number > 0 and day == days[number - 1] for number, day in enumerate(days)]
    rows = [
        [*row[:place], "" if same else row[place], *row[place + 1 :]]
        for row, same in zip(table.rows, again, strict=True)
    ]
    return replace(table, rows=rows)


def _with_trailing_delimiter(table: Table) -> Table:
    """The table with an empty cell at the end of each line."""
    return replace(
        table, header=(*table.header, ""), rows=[[*row, ""] for row in table.rows],
        footers=[[*row, ""] for row in table.footers],
    )  # fmt: skip


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
