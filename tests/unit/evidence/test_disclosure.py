"""Can a hidden count be had from those shown? An attacker who knows that rows and columns add up tries to."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from kcas.evidence.disclosure import SMALL, Count, hidden, rounded

ROWS, COLUMNS = ("Mon", "Tue", "Wed", "Thu"), ("answered", "abandoned", "else")


def table(cells: list[list[int]], *, grouping: str = "weekday", kept_back: tuple[str, ...] = ()) -> list[Count]:
    """The counts of a table with sums along both edges."""
    found = []
    for (name, row), (kind, column) in itertools.product(
        [*((name, [n]) for n, name in enumerate(ROWS[: len(cells)])), ("whole", list(range(len(cells))))],
        [*((kind, [n]) for n, kind in enumerate(COLUMNS)), ("offered", [0, 1, 2])],
    ):
        places = list(itertools.product(row, column))
        number = sum(cells[r][c] for r, c in places)
        found.append(Count((grouping, name, kind), number, dict.fromkeys(places, 1), shown=kind not in kept_back))
    return found


def possible(counts: list[Count], shut: frozenset[tuple[str, str, str]], wanted: Count) -> tuple[float, float]:
    """The least and the most that a count can be, to somebody who sees only what is shown."""
    atoms = sorted({atom for count in counts for atom in count.parts}, key=str)
    shown = [count for count in counts if count.shown and count.key not in shut]
    sums = np.array([[count.parts.get(atom, 0) for atom in atoms] for count in shown], dtype=float)
    told = [count.number for count in shown]
    aim = np.array([wanted.parts.get(atom, 0) for atom in atoms], dtype=float)
    ends = [
        linprog(
            sign * aim, A_eq=sums if shown else None, b_eq=told if shown else None, bounds=(0, None), method="highs"
        )
        for sign in (1, -1)
    ]
    assert ends[0].status == 0
    return float(ends[0].fun), float("inf") if ends[1].status == 3 else -float(ends[1].fun)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(0, 30), min_size=3, max_size=3), min_size=1, max_size=4))
def test_no_hidden_count_has_only_one_value_that_it_can_have(cells: list[list[int]]) -> None:
    counts = table(cells)
    shut = hidden(counts)
    assert {count.key for count in counts if 1 <= count.number <= SMALL} <= shut
    for count in counts:
        if count.key in shut:
            least, most = possible(counts, shut, count)
            assert most - least >= 1 - 1e-6, count


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.integers(0, 60), min_size=3, max_size=3), min_size=2, max_size=4))
def test_a_small_count_without_a_column_cannot_be_had_by_taking_away_either(cells: list[list[int]]) -> None:
    counts = table(cells, kept_back=("else",))
    shut = hidden(counts)
    for count in counts:
        if count.small:
            least, most = possible(counts, shut, count)
            assert most - least >= 1 - 1e-6, count


def test_one_small_count_takes_another_of_its_column_and_of_its_row_with_it() -> None:
    shut = hidden(table([[50, 3, 20], [60, 30, 10], [70, 40, 40]]))
    assert ("weekday", "Mon", "abandoned") in shut
    column = [key for key in shut if key[2] == "abandoned" and key[1] != "Mon"]
    row = [key for key in shut if key[1] == "Mon" and key[2] != "abandoned"]
    assert column
    assert row


def test_where_no_count_is_small_nothing_is_hidden() -> None:
    assert hidden(table([[50, 5, 20], [60, 30, 0]])) == frozenset()  # nought tells of nobody


def test_two_small_counts_that_can_only_be_one_each_are_not_left_alone_with_their_sum() -> None:
    counts = [
        Count(("queue", "a", "lost"), 1, {"a": 1}),
        Count(("queue", "b", "lost"), 1, {"b": 1}),
        Count(("queue", "c", "lost"), 40, {"c": 1}),
        Count(("queue", "all", "lost"), 42, {"a": 1, "b": 1, "c": 1}),
    ]
    shut = hidden(counts)
    assert {("queue", "a", "lost"), ("queue", "b", "lost")} <= shut
    least, most = possible(counts, shut, counts[0])
    assert (least, most) != (1, 1)


@pytest.mark.parametrize(("number", "nearest"), [(0, 0), (2, 0), (3, 5), (4, 5), (7, 5), (8, 10), (1671, 1670)])
def test_a_count_is_rounded_to_the_nearest_five(number: int, nearest: int) -> None:
    assert rounded(number) == nearest
