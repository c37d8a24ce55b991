"""The house: words that no reader in this field would look for stay out of the program and its documents."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "kcas").rglob("*.py"))
PAPERS = [
    ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "kcas").rglob("*.toml")), *sorted((ROOT / "kcas").rglob("*.typ")),
    *sorted((ROOT / "scenarios").glob("*.toml")),
]  # fmt: skip
HISTORY = ("decisions.md",)
"""Papers whose older entries stay as they were written."""
BETTER = {
    "nought": "zero, none",
    "foretold": "forecast",
    "foretell": "forecast",
    "foresee": "forecast",
    "foreseen": "forecast",
    "rivals": "baseline forecasts",
    "dice": "random numbers, random variation, the same simulated callers",
    "lately": "recently",
    "reckon": "calculate, estimate",
    "anew": "again",
    "afresh": "again",
    "seldom": "rarely",
    "whoever": "anyone who, callers who",
    "whomever": "anyone whom",
    "whence": "from where",
    "hitherto": "so far",
    "thereof": "of it",
    "will not do": "is not valid",
}
ENDINGS = {"nought": "s?", "foretell": "(?:s|ing)?", "foresee": "(?:s|ing)?", "reckon": "(?:s|ed|ings?)?"}
ALLOWED = {
    "foretold": 3,  # a key of `kcas backtest --json`, written and read; and the key of a date on the page Model
    "foreseen": 2,  # a field of `kcas today --backtest --json`; and the key of a chart on the page What if
    "lately": 1,  # in a key of `kcas today --json`
    "rivals": 1,  # a key of `kcas backtest --json`
}
"""How often a word may still stand, because users hold it as a key. A number here only falls."""
TEST = re.compile(r"tests/\S+::\w+")
"""A test's address, as the registry of methods names it."""


def strings(path: Path) -> Iterator[str]:
    """Every text of a module: literals, parts of f-strings, docstrings."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@cache
def texts() -> tuple[tuple[str, str], ...]:
    """Each file with all of its text that people may read."""
    modules = ((path, "\n".join(strings(path))) for path in MODULES)
    papers = ((path, path.read_text(encoding="utf-8")) for path in PAPERS if path.name not in HISTORY)
    return tuple((str(path.relative_to(ROOT)), TEST.sub("", text)) for path, text in (*modules, *papers))


def pattern(word: str) -> re.Pattern[str]:
    """A word with its endings, where no other letter or digit is joined to it."""
    spaced = r"\s+".join(map(re.escape, word.split()))
    return re.compile(rf"(?<![a-zA-Z0-9]){spaced}{ENDINGS.get(word, '')}(?![a-zA-Z0-9])", re.IGNORECASE)


@pytest.mark.parametrize("word", BETTER)
def test_a_word_that_readers_must_puzzle_over_is_used_no_more_often_than_its_keys_need(word: str) -> None:
    found = {file: len(pattern(word).findall(text)) for file, text in texts()}
    where = {file: count for file, count in found.items() if count}
    assert sum(where.values()) == ALLOWED.get(word, 0), f"{word}: say {BETTER[word]}, not as in {where}"


@pytest.mark.parametrize(
    ("word", "text", "times"),
    [
        ("nought", "Nought is not noughts; doughnought is", 2),
        ("foretell", "it foretells, foretelling", 2),
        ("foretold", 'key=f"first_foretold_"', 1),
        ("will not do", "3 will\n    not do. Will not do", 2),
        ("dice", "Dice, dicey, same dice", 2),
        ("lately", "lately, philately", 1),
        ("reckon", "reckoned, a reckoning", 2),
    ],
)
def test_a_word_is_found_in_any_form_and_not_inside_another(word: str, text: str, times: int) -> None:
    assert len(pattern(word).findall(text)) == times


UNNAMED = {"found", "said", "told", "kept", "lately"}
"""Participles and adverbs that name a variable, an argument, a function or a field after nothing it is."""
ROOMS = {
    "attribution": 0, "calibration": 0, "demo": 0, "desk": 0, "distributions": 0, "monitoring": 0, "queueing": 0,
    "simulation": 0, "staffing": 0, "calls": 18, "evidence": 8,
}  # fmt: skip
"""How many such names a room may still have. A number here only falls; rooms that are not here come next."""


def names_given(tree: ast.Module) -> Iterator[str]:
    """Every name that a module gives to a value, an argument, a function, a class or a field."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            yield node.name


@pytest.mark.parametrize("room", ROOMS)
def test_a_name_is_a_noun_phrase_and_no_participle_alone(room: str) -> None:
    modules = {path: ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / "kcas" / room).rglob("*.py")}
    found = [(path.name, name) for path, tree in modules.items() for name in names_given(tree) if name in UNNAMED]
    assert len(found) <= ROOMS[room], f"name each after what it is: {found}"
