"""Are the words of the glossary read from its paper, each with what it means?"""

import tomllib
from pathlib import Path

from kcas.calls.call import OUTCOMES
from kcas.calls.definitions import RATES
from kcas.reporting import words

ROOT = Path(__file__).resolve().parents[3]


def test_each_word_has_its_part_and_its_meaning_without_marks() -> None:
    found = {word: (part, meaning) for part, word, meaning in words.words()}
    assert found["leg"] == ("A call", "one caller's stay in one queue: the row that we count")
    assert found["answered"] == ("What becomes of a call", "an agent took it; yes")
    assert not any("`" in text or "**" in text for pair in found.values() for text in pair)


def test_every_outcome_and_definition_is_among_the_words() -> None:
    told = " ".join(word for _, word, _ in words.words())
    assert [name for name in (*OUTCOMES, *RATES) if name not in told] == []


def test_an_installation_carries_the_paper_where_it_is_looked_for() -> None:
    built = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]
    places = [ROOT / place for place in words.PLACES]
    carried = built["targets"]["wheel"]["force-include"]["docs/glossary.md"]
    assert places == [ROOT / carried, ROOT / "docs" / "glossary.md"]
