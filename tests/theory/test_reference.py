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


KINDS = {
    "erlangB": 13, "erlangC": 8, "erlangA": 26, "lines": 4, "MMnG": 13, "MPHn": 4, "priority": 4, "callback": 2,
    "redial": 2, "overflow": 2, "tv": 10, "contactcenters": 6, "trace": 7,
}  # fmt: skip
"""How many cases of each kind there are. Both engines meet 94 of the 101: all but three logarithms of odds, an inverse
and 12,345 erlangs, which are formulas alone, and two days in a wave whose source hands on the call in hand."""


def test_every_kind_of_case_is_known_and_none_of_the_days_is_left_out_without_a_word() -> None:
    kinds = [name.split("_")[0] for name in CASES]
    assert {kind: kinds.count(kind) for kind in kinds} == KINDS
    days = Path(__file__).with_name("test_engines_meet_days.py").read_text(encoding="utf-8")
    published = [name for name in CASES if name.startswith("contactcenters_")]
    assert [name for name in published if f'"{name}"' not in days] == []
    assert sum("sinusoid" in name for name in CASES) == 2
