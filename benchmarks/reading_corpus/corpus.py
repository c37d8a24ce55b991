"""The whole corpus: generated files, suppliers' files written by hand, and the cases from the field where at hand."""

import shutil
import tomllib
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.reading_corpus.build import build
from benchmarks.reading_corpus.demo_files import demo_cases
from benchmarks.reading_corpus.fixed_files import recipes
from benchmarks.reading_corpus.random_files import draw
from benchmarks.reading_corpus.truth import Case, Figures

HERE = Path(__file__).parent
SUPPLIER_FILES = HERE / "supplier_files"
FIELD_CASES = HERE / "field_cases.toml"

EVIDENT = {
    "zone": "Europe/London", "totals": "leave out", "outcome:answered": "answered", "outcome:Answered": "answered",
    "outcome:abandoned": "abandoned", "outcome:Abandoned": "abandoned",
}  # fmt: skip
"""What a person would answer about any of the files listed by hand, unless its entry says otherwise."""


def fixed_cases() -> list[Case]:
    """Every file that is the same in each run and needs nothing beside this folder."""
    suppliers = listed_cases(SUPPLIER_FILES / "right.toml", SUPPLIER_FILES)
    return [*(build(recipe) for recipe in recipes()), *suppliers, *demo_cases()]


def random_cases(count: int, *, seed: int) -> list[Case]:
    """Files of faults combined at random."""
    return [build(recipe) for recipe in draw(count, seed=seed)]


def field_cases(folder: Path) -> list[Case]:
    """Cases from public bug reports that concern reading, in the folder that holds them."""
    return listed_cases(FIELD_CASES, folder)


def listed_cases(listing: Path, folder: Path) -> list[Case]:
    """The files that a listing describes, each copied from the folder when it is written."""
    entries = tomllib.loads(listing.read_text(encoding="utf-8"))["file"]
    return [_listed(entry, folder / entry["name"]) for entry in entries]


def _listed(entry: Mapping[str, Any], source: Path) -> Case:
    figures = None if "refuse" in entry else _figures(entry)
    facts = EVIDENT | {"kind": entry.get("kind", "")} | entry.get("facts", {})
    copy = partial(shutil.copyfile, source)
    return Case(entry["name"].replace("/", "-"), copy, figures, frozenset(), tuple(entry.get("must_ask", ())), facts)


def _figures(entry: Mapping[str, Any]) -> Figures:
    first, last = entry["days"]
    hours = entry.get("hours", {})
    waits = [[entry["wait_total"] / entry["answered"], 1]] if "wait_total" in entry else entry.get("waits", ())
    return Figures(
        kind=entry["kind"], offered=entry["offered"], abandoned=entry["abandoned"], answered=entry.get("answered"),
        first_day=first, last_day=last, mean_wait=mean_wait(waits), queues=tuple(entry["queues"]),
        hours=tuple(hours.get(str(hour), 0) for hour in range(24)) if hours else None,
        last_start=entry.get("last_start"),
    )  # fmt: skip


def mean_wait(waits: Sequence[int] | Sequence[Sequence[int]]) -> float | None:
    """The mean of waits, or of averages each with its count; None of none."""
    pairs = [(wait, 1) if isinstance(wait, int) else (wait[0], wait[1]) for wait in waits]
    count = sum(times for _, times in pairs)
    return sum(wait * times for wait, times in pairs) / count if count else None
