"""The paper on telling change from noise says what its run found, and what the screen says holds by it."""

import json
from pathlib import Path

from benchmarks.false_alarms import END, with_tables
from kcas.reporting.control import ORDINARY_DAYS, ORDINARY_DRIFTING_DAYS

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAPER = (DOCS / "watching.md").read_text(encoding="utf-8")
FOUND = json.loads((DOCS / "watching.json").read_text(encoding="utf-8"))


def share(told: dict[str, int]) -> float:
    return told["count"] / told["of"]


def test_the_paper_holds_the_figures_of_its_run_and_no_others() -> None:
    assert with_tables(PAPER, FOUND) == PAPER
    altered = json.loads(json.dumps(FOUND))
    altered["verdict"][0]["ours"]["count"] += 400
    assert with_tables(PAPER, altered) != PAPER
    assert PAPER.count(END) == 1


def test_the_run_was_long_enough_to_tell_the_bounds() -> None:
    assert FOUND["replications"] >= 1000
    assert FOUND["of_a_fall"] >= 500
    assert len(FOUND["fall"]) == len(FOUND["desks"]) == 8
    assert {row["weeks"] for row in FOUND["verdict"]} == {26, 34, 52, 104}


def test_what_was_promised_of_false_verdicts_holds() -> None:
    for row in FOUND["verdict"]:
        if row["to"] == FOUND["rate"]:
            most = 0.10 if row["weeks"] < 52 else 0.06
            error = (most * (1 - most) / row["ours"]["of"]) ** 0.5  # of the simulation itself
            assert share(row["ours"]) <= most + error, row


def test_what_was_promised_of_a_fall_holds() -> None:
    found = {row["desk"]: share(row["ours"]) for row in FOUND["verdict"] if (row["weeks"], row["to"]) == (52, 0.15)}
    assert found["independent"] >= 0.95
    assert found["independent wide"] >= 0.85


def test_the_first_page_claims_no_more_than_the_run_found() -> None:
    assert "fewer than 3 in 100 days on which nothing had changed" in ORDINARY_DAYS
    assert "fewer than 5 in 100 days on which nothing had changed" in ORDINARY_DRIFTING_DAYS
    told = {(row["desk"], row["count"]): share(row["days"]["any rule"]) for row in FOUND["chart"]}
    assert max(told[desk, count] for desk in ("dice", "independent") for count in (100, 250)) < 0.03
    assert max(told.values()) < 0.05
    fall = {row["desk"]: row["chart median"] for row in FOUND["fall"]}
    assert fall["independent"] <= 10
    assert fall["wide drift"] > fall["independent wide"]  # the trade that the page tells of
