"""Is each kind of cell written as a person expects?"""

import pytest

from kcas.evidence.document import Cell, Kind, Shorthand
from kcas.evidence.writers import cells
from kcas.evidence.writers.cells import drawable, showable


@pytest.mark.parametrize(
    ("cell", "kind", "words"),
    [
        (1671, Kind.COUNT, "1,671"),
        (41.2, Kind.COUNT, "41.2"),
        (0.1376, Kind.SHARE, "13.8%"),
        (0.0123, Kind.POINTS, "+1.2 points"),
        (-0.0637, Kind.POINTS, "−6.4 points"),
        (0.0001, Kind.POINTS, "0.0 points"),
        (93.2, Kind.SECONDS, "1 min 33 s"),
        (20100628, Kind.NUMBER, "20100628"),
        (1.7345, Kind.NUMBER, "1.73"),
        (-0.0456, Kind.NUMBER, "−0.046"),
        (0.00031, Kind.NUMBER, "0.00031"),
        ("2010-06-28", Kind.DAY, "2010-06-28"),
        (Shorthand.CONFIDENTIAL, Kind.COUNT, "[c]"),
        ("", Kind.TEXT, "(blank)"),
    ],
)
def test_a_cell_in_words(cell: Cell, kind: Kind, words: str) -> None:
    assert cells.cell_words(cell, kind) == words


def test_what_no_file_can_hold_leaves_a_mark_and_the_rest_stays() -> None:
    assert showable("a\x00b\x1bc\x7fd\ud800e\ufffef\U0001ffffg\x85h\t\r\n=😀\u202e") == "a␀b␛c␡d�e�f�g�h\t\r\n=😀\u202e"


def test_what_the_typeface_does_not_have_is_written_as_its_code() -> None:
    assert drawable("50% – ≤ é שלום 😀 ＝\u202e\te\u0301\r\n") == "50% – ≤ é שלום [U+1F600] [U+FF1D][U+202E] é\n"
