"""The paper's section on the reading benchmark: its files are those of the corpus, and some come out as it says."""

import re
from pathlib import Path

import pytest

from benchmarks.reading import BEGIN, END, WITH_NONE, WITH_ONE, attempt
from benchmarks.reading_corpus.adapter import read_with_suggestion
from benchmarks.reading_corpus.corpus import fixed_cases
from benchmarks.reading_corpus.truth import FAILURES, Verdict

PAPER = Path(__file__).resolve().parents[2] / "docs" / "formats.md"
AGAIN = (
    "cms-split-interval.txt", "queues-one-below-the-other.csv", "genesys-conversations.json", "cxone-contacts.tsv",
    "days-printed-once.tsv", "agent-summary.csv", "trap-waits-in-minutes.csv",
)  # fmt: skip
"""Files that are read again here, of each way to come out."""


def section() -> str:
    return PAPER.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]


def listed() -> dict[str, str]:
    """How each file came out that was not simply read, by its name."""
    return dict(re.findall(r"^\| (\S+\.\w+|asterisk-queue-log) \| ([^|]+?) \| ", section(), re.MULTILINE))


def test_the_counts_of_the_papers_section_are_those_of_its_files() -> None:
    groups = {
        name: list(map(int, counts.split("|")))
        for name, counts in re.findall(r"^\| ([^|]+?) \| (\d+ (?:\| \d+ )+)\|$", section(), re.MULTILINE)
    }
    assert all(number == sum(ways) for number, *ways in groups.values())
    drawn = groups.pop("drawn at random", [0])
    assert sum(number for number, *_ in groups.values()) == len(fixed_cases())
    assert sum(ways[-1] for _, *ways in groups.values()) + drawn[-1] == 0  # none is read wrongly
    right = sum(no_choice + refused for _, no_choice, _, _, refused, *_ in groups.values())
    at_most_one = right + sum(one for _, _, one, *_ in groups.values())
    assert right / len(fixed_cases()) >= WITH_NONE
    assert at_most_one / len(fixed_cases()) >= WITH_ONE


def test_every_file_that_takes_a_choice_is_one_of_the_corpus() -> None:
    names = {case.name for case in fixed_cases()}
    assert {name for name in listed() if not name.startswith("drawn-")} <= names
    assert not {str(verdict) for verdict in FAILURES} & set(listed().values())


@pytest.mark.parametrize("name", AGAIN)
def test_a_file_comes_out_as_the_paper_says(name: str, tmp_path: Path) -> None:
    case = next(case for case in fixed_cases() if case.name == name)
    case.write(tmp_path / name)
    found = attempt(case, tmp_path / name, reader=read_with_suggestion).verdict
    simply = Verdict.REFUSED_RIGHTLY if case.figures is None else Verdict.RIGHT
    assert found == listed().get(name, simply)
