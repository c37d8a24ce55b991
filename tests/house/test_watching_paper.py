"""The house: the paper on telling change from noise says what its run found, and what the screen says holds by it."""

import json
from pathlib import Path

from benchmarks.false_alarms import END, with_tables
from kcas.evidence.moved import ORDINARY_DAYS

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
    assert FOUND["replications"] >= 4000
    assert FOUND["chart_replications"] >= 1000


def test_what_was_promised_of_false_alarms_holds() -> None:
    for row in FOUND["verdict"]:
        if row["to"] == FOUND["rate"]:
            assert share(row["ours"]) <= (0.13 if row["desk"] == "strongly" else 0.08), row


def test_the_first_page_claims_no_more_than_the_run_found() -> None:
    assert "fewer than 3 in 100 days on which nothing had changed" in ORDINARY_DAYS
    told = {row["desk"]: share(row["days"]["any rule"]) for row in FOUND["chart"]}
    assert max(told["dice"], told["independent"]) < 0.03
    assert told["strongly"] > told["alike"] > 0.03  # which is why the page says so where days are alike
