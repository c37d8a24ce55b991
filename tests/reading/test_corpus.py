"""Right figures of the corpus agree with what anyone counts in the files; the corpus covers what it says it covers."""

import csv
import io
import json
import re
from collections.abc import Iterable
from datetime import time, timedelta
from email import message_from_bytes, policy
from functools import cache
from pathlib import Path

import openpyxl
import pytest
from odfdo import Document

from benchmarks.reading_corpus.build import build
from benchmarks.reading_corpus.containers import ENDINGS
from benchmarks.reading_corpus.corpus import random_cases
from benchmarks.reading_corpus.fixed_files import recipes
from benchmarks.reading_corpus.forms import COUNTS, DAYS, DURATIONS, UTC_FORMS
from benchmarks.reading_corpus.random_files import draw
from benchmarks.reading_corpus.recipes import FAULTS, Recipe
from benchmarks.reading_corpus.truth import Case

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|", "all quoted": ",", "mail with comma": ","}
ONE_ROW_A_CALL = [
    recipe
    for recipe in recipes()
    if not recipe.interval
    and recipe.container in DELIMITERS
    and not recipe.faults & {"legs", "lines twice", "no header", "internal calls", "outbound calls", "header again"}
]
TABLES = [
    recipe
    for recipe in recipes()
    if recipe.interval
    and recipe.container in DELIMITERS
    and not recipe.faults & {"only shares", "whole shares", "no abandoned"}
]


@cache
def _built(recipe: Recipe) -> Case:
    return build(recipe)


@cache
def _generated() -> tuple[Case, ...]:
    return tuple(_built(recipe) for recipe in recipes())


def _rows(recipe: Recipe, case: Case, folder: Path) -> list[dict[str, str]]:
    """The rows of a delimited file below its header, read without kcas."""
    path = folder / case.name
    case.write(path)
    text = _attached(path) if path.suffix == ".eml" else path.read_bytes()
    lines = list(csv.reader(io.StringIO(text.decode(recipe.encoding)), delimiter=DELIMITERS[recipe.container]))
    top = next(n for n, line in enumerate(lines) if case.facts.get("column:queue", line[-1]) in line and len(line) > 2)
    return [dict(zip(lines[top], line, strict=True)) for line in lines[top + 1 :] if len(line) == len(lines[top])]


def _attached(path: Path) -> bytes:
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    (part,) = message.iter_attachments()
    found = part.get_payload(decode=True)
    assert isinstance(found, bytes)
    return found


def _counted(cells: Iterable[str]) -> int:
    return sum(int("".join(filter(str.isdigit, cell.removesuffix(".0")))) for cell in cells)


@pytest.mark.parametrize("recipe", ONE_ROW_A_CALL, ids=lambda recipe: recipe.name)
def test_a_count_of_the_words_in_a_call_log_gives_its_right_figures(recipe: Recipe, tmp_path: Path) -> None:
    case = _built(recipe)
    rows = [
        row for row in _rows(recipe, case, tmp_path) if "Total" not in row.values() and "Gesamt" not in row.values()
    ]
    outcomes = [row[case.facts["column:outcome"]].strip() for row in rows]
    means = {outcome: word for word, outcome in case.facts.items() if word.startswith("outcome:")}
    assert case.figures is not None
    assert len(outcomes) == case.figures.offered
    assert outcomes.count(means["answered"].removeprefix("outcome:")) == case.figures.answered
    assert outcomes.count(means["abandoned"].removeprefix("outcome:")) == case.figures.abandoned


@pytest.mark.parametrize("recipe", TABLES, ids=lambda recipe: recipe.name)
def test_a_sum_of_the_columns_of_an_interval_table_gives_its_right_figures(recipe: Recipe, tmp_path: Path) -> None:
    case = _built(recipe)
    rows = [row for row in _rows(recipe, case, tmp_path) if not {"Total", "Gesamt"} & set(row.values())]
    assert case.figures is not None
    for measure in ("offered", "answered", "abandoned"):
        assert _counted(row[case.facts[f"column:{measure}"]] for row in rows) == getattr(case.figures, measure)


def test_waits_in_seconds_average_to_the_right_mean_wait(tmp_path: Path) -> None:
    recipe = recipes()[0]
    case = _built(recipe)
    waits = [
        int(row[case.facts["column:wait"]])
        for row in _rows(recipe, case, tmp_path)
        if row[case.facts["column:outcome"]] == "Answered"
    ]
    assert case.figures is not None
    assert case.figures.mean_wait == pytest.approx(sum(waits) / len(waits))


def _typed_rows(path: Path) -> list[list[object]]:
    """The cells of a workbook's last sheet, or of a web page's table, read without kcas."""
    if path.suffix == ".xlsx":
        sheet = openpyxl.load_workbook(path).worksheets[-1]
        return [list(row) for row in sheet.iter_rows(values_only=True)]
    if path.suffix == ".ods":
        return [list(row) for row in Document(str(path)).body.get_table(0).get_values()]
    page = path.read_text(encoding="utf-8")
    return [re.findall(r"<t[dh]>(.*?)</t[dh]>", row) for row in re.findall(r"<tr>(.*?)</tr>", page)]


def _seconds(span: object) -> float:
    if isinstance(span, timedelta):
        return span.total_seconds()
    assert isinstance(span, time)
    return span.hour * 3600 + span.minute * 60 + span.second


@pytest.mark.parametrize(
    "name",
    [
        "calls-workbook.xlsx", "calls-workbook-cover-sheet.xlsx", "calls-workbook-of-text.xlsx",
        "calls-open-document.ods", "calls-web-page-named-xls.xls",
    ],
)  # fmt: skip
def test_the_cells_of_a_workbook_give_its_right_figures(name: str, tmp_path: Path) -> None:
    case = next(case for case in _generated() if case.name == name)
    case.write(tmp_path / name)
    cells = [cell for row in _typed_rows(tmp_path / name) for cell in row]
    assert case.figures is not None
    for outcome in ("answered", "abandoned"):
        (word,) = (topic[8:] for topic, known in case.facts.items() if topic[:8] == "outcome:" and known == outcome)
        assert cells.count(word) == getattr(case.figures, outcome)


def test_durations_in_a_workbook_average_to_the_right_mean_wait(tmp_path: Path) -> None:
    case = next(case for case in _generated() if case.name == "calls-workbook.xlsx")
    case.write(tmp_path / case.name)
    header, *rows = _typed_rows(tmp_path / case.name)
    wait, outcome = (header.index(case.facts[f"column:{role}"]) for role in ("wait", "outcome"))
    spans = [row[wait] for row in rows if row[outcome] == "Answered"]
    seconds = [
        s.total_seconds() if isinstance(s, timedelta) else s.hour * 3600 + s.minute * 60 + s.second for s in spans
    ]
    assert case.figures is not None
    assert case.figures.mean_wait == pytest.approx(sum(seconds) / len(seconds))


def test_a_log_of_legs_has_as_many_call_numbers_as_offered_calls(tmp_path: Path) -> None:
    case = _built(next(recipe for recipe in recipes() if recipe.name == "calls-legs-json"))
    case.write(tmp_path / case.name)
    rows = [json.loads(line) for line in (tmp_path / case.name).read_text(encoding="utf-8").splitlines()]
    numbers = {next(value for value in row.values() if str(value).startswith("C1")) for row in rows}
    assert case.figures is not None
    assert len(numbers) == case.figures.offered < len(rows)


def test_the_corpus_covers_every_fault_form_and_kind_of_file_it_knows() -> None:
    covered = frozenset().union(*(case.faults for case in _generated()))
    wanted = {*FAULTS, *ENDINGS, *(f"count {form}" for form in COUNTS), *(f"duration {form}" for form in DURATIONS)}
    wanted |= {f"day {form}" for form in {*DAYS, *UTC_FORMS, "typed"}}
    wanted |= {f"language {language}" for language in ("en", "de", "fr", "es")}
    assert sorted(wanted - covered) == []


def test_there_are_fifty_files_and_eight_traps_with_names_of_their_own() -> None:
    cases = _generated()
    assert len({case.name for case in cases}) == len(cases) >= 50
    assert sum(case.is_trap for case in cases) >= 8


def test_a_person_can_answer_what_a_trap_leaves_open() -> None:
    for case in [*_generated(), *random_cases(40, seed=5)]:
        for topic in case.must_ask[:1]:
            assert [known for known in case.facts if known == topic or known.startswith(f"{topic}:")], case.name


def test_no_trap_of_dates_has_a_day_that_settles_the_order() -> None:
    traps = [recipe for recipe in [*recipes(), *draw(200, seed=7)] if "date_order" in recipe.must_ask]
    for recipe in traps:
        if recipe.interval == "month":
            continue  # the first day of each month, in either order
        assert recipe.days == 1
        assert recipe.first.day <= 12
        assert recipe.first.day != recipe.first.month


def test_a_file_that_settles_its_date_order_has_a_day_after_the_twelfth() -> None:
    for recipe in [*recipes(), *draw(40, seed=11)]:
        case = _built(recipe)
        short = recipe.interval not in ("week", "month") and recipe.moment != "typed"
        if case.figures and "date_order" in case.facts and not recipe.must_ask and short:
            assert max(case.figures.first_day.day, case.figures.last_day.day) > 12, case.name


def test_the_same_seed_makes_the_same_files_and_another_seed_others(tmp_path: Path) -> None:
    first, again, other = random_cases(12, seed=1), random_cases(12, seed=1), random_cases(12, seed=2)
    assert [case.figures for case in first] == [case.figures for case in again]
    assert [case.figures for case in first] != [case.figures for case in other]
    text = next(case for case in first if case.name.endswith(".csv"))
    twin = next(case for case in again if case.name == text.name)
    text.write(tmp_path / "a")
    twin.write(tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_any_seed_makes_files_that_can_be_written(tmp_path: Path) -> None:
    for case in random_cases(40, seed=17):
        case.write(tmp_path / case.name)
        assert (tmp_path / case.name).stat().st_size > 0


def test_every_heading_of_a_file_is_there_once() -> None:
    for case in [*_generated(), *random_cases(60, seed=13)]:
        headings = [heading for topic, heading in case.facts.items() if topic.startswith("column:")]
        assert len(headings) == len(set(headings)), (case.name, headings)
