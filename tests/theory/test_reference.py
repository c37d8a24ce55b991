"""The project's own copy of the reference figures is whole and says where each came from."""

import json
from pathlib import Path

from tests.theory.reference import CASES


def test_every_reference_case_names_its_source_and_how_it_was_obtained() -> None:
    assert len(CASES) == 101
    assert all(case["source"] and case["how_obtained"] and case["tolerance"] for case in CASES.values())


def test_our_copy_of_the_reference_figures_has_not_drifted(shared: Path) -> None:
    theirs = json.loads((shared / "reference" / "queueing.json").read_text(encoding="utf-8"))
    assert list(CASES.values()) == theirs
