"""The house: sentences of the documents are short, so that they are read once.

`python -m tests.house.test_sentences` prints each page's mean length and its share of long sentences.
"""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HISTORY = ("decisions.md",)
"""Pages whose older entries stay as they were written."""
PAGES = sorted(
    path
    for path in (ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md"))
    if path.name not in HISTORY
)
LONG = 25
"""Words beyond which a sentence is long (GOV.UK's limit)."""
MOST_LONG = 0.10
"""Share of a page's sentences that may be long."""
YET_TO_SHORTEN = {
    "formats.md": 0.26,
}
"""Pages written before the rule, with the share of long sentences that they may have. A number here only falls."""
ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|etc|No|vs|St|Dr|cf|al|approx)\.$")


def sentences(markdown: str) -> list[list[str]]:
    """The words of each sentence of running text: no code, tables, headings or addresses."""
    text = re.sub(r"^(```|~~~).*?^\1", "\n", markdown, flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"^#+ .*$", "\n", text, flags=re.MULTILINE)
    text = re.sub(r"`[^`\n]+`", "code", text)
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    found: list[list[str]] = []
    for block in re.split(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )", text):
        if re.match(r"\||    |:::|\$\$", block):
            continue
        words: list[str] = []
        for word in block.split():
            words.append(word)
            if re.search(r"[.!?]['\")*”’]*$", word) and not ABBREVIATION.search(word):
                found.append(words)
                words = []
        found.append(words)
    return [only for words in found if (only := [word for word in words if re.search(r"\w", word)])]


def share_of_long(lengths: list[int]) -> float:
    """How many of the sentences are long, of all."""
    return sum(length > LONG for length in lengths) / max(len(lengths), 1)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_few_sentences_of_a_page_are_long(page: Path) -> None:
    found = sentences(page.read_text(encoding="utf-8"))
    long = [" ".join(words) for words in found if len(words) > LONG]
    limit = YET_TO_SHORTEN.get(page.name, MOST_LONG)
    assert len(long) <= limit * len(found), "\n".join(sorted(long, key=len, reverse=True)[:10])


def test_words_are_counted_as_a_reader_would() -> None:
    text = (
        "# A heading\nOne two `a b c` three. Four\nfive!\n\n    code\n\n| a | table |\n\n- Six [seven](x.md) — eight\n"
    )
    assert [len(words) for words in sentences(text)] == [4, 2, 3]


if __name__ == "__main__":
    for path in PAGES:
        counts = [len(words) for words in sentences(path.read_text(encoding="utf-8"))]
        print(f"{sum(counts) / max(len(counts), 1):5.1f} words, {share_of_long(counts):4.0%} long: {path.name}")
