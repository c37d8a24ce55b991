"""Files counted by hand: their listings are whole and agree with themselves, and kcas's own reading of some agrees."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest

from benchmarks.reading_corpus.adapter import figures_of_file
from benchmarks.reading_corpus.corpus import FIELD_CASES, SUPPLIER_FILES, field_cases, listed_cases, mean_wait
from benchmarks.reading_corpus.demo_files import demo_cases
from benchmarks.reading_corpus.truth import Figures, differences

ROOT = Path(__file__).resolve().parents[2]
LISTED = listed_cases(SUPPLIER_FILES / "right.toml", SUPPLIER_FILES)


def test_every_suppliers_file_is_listed_once() -> None:
    there = sorted(path.name for path in SUPPLIER_FILES.iterdir() if path.name != "right.toml")
    assert sorted(case.name for case in LISTED) == there


@pytest.mark.parametrize("figures", [case.figures for case in [*LISTED, *field_cases(Path("unread"))] if case.figures])
def test_the_hours_add_up_and_no_more_calls_end_than_were_offered(figures: Figures) -> None:
    assert figures.hours is None or sum(figures.hours) == figures.offered
    assert (figures.answered or 0) + figures.abandoned <= figures.offered
    assert figures.first_day <= figures.last_day


def test_averages_weigh_by_their_counts() -> None:
    assert mean_wait([[30, 1], [60, 3]]) == 52.5
    assert mean_wait([30, 60]) == 45
    assert mean_wait([]) is None


def test_the_figures_of_a_log_that_kcas_knows_are_those_counted_by_hand() -> None:
    case = next(case for case in LISTED if case.name == "asterisk-queue-log")
    read = figures_of_file(SUPPLIER_FILES / case.name).figures
    assert case.figures is not None
    assert read is not None
    assert differences(case.figures, read) == []


def test_the_demos_mapping_reads_the_figures_that_its_calls_came_to(tmp_path: Path) -> None:
    case = demo_cases()[1]
    case.write(tmp_path / case.name)
    read = figures_of_file(tmp_path / case.name, mapping=ROOT / "kcas" / "demo" / "old_switch.toml").figures
    assert case.figures is not None
    assert read is not None
    assert differences(case.figures, read) == []


def _expected(folder: Path) -> dict[str, Any]:
    """Counts of all calls that a field case's own document expects of its one file."""
    document = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    totals = [place for place, command in enumerate(document["commands"]) if command == "kcas measures --json"]
    return {
        want["path"].removeprefix("rows/0/"): want["value"]
        for want in document["expect"]
        if want["command"] in totals and want.get("path", "").startswith("rows/0/")
    }


def test_field_cases_agree_with_the_figures_their_documents_expect(shared: Path) -> None:
    entries = tomllib.loads(FIELD_CASES.read_text(encoding="utf-8"))["file"]
    compared = 0
    for entry in entries:
        expected = _expected((shared / "cases" / entry["name"]).parent)
        several = {"case-07", "case-21", "case-28", "case-30", "case-56"} & {entry["name"].split("/")[0]}
        for measure in {"offered", "answered", "abandoned"} & set(expected) if not several else ():
            assert entry[measure] == expected[measure], (entry["name"], measure)
            compared += 1
    assert compared > 30
