"""docs/measures.md says what tests/spec holds the product to."""

from tests.spec.written import PAPER, paper


def test_the_published_definitions_are_written_from_the_spec() -> None:
    assert PAPER.read_text(encoding="utf-8") == paper(), "stale: python -m tests.spec.written"
