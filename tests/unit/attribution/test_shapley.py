"""Is a difference shared out as Shapley's axioms ask, and as a naive walk through every order would?"""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some
from hypothesis.extra.numpy import arrays

from kcas.attribution.attribute import shares, subsets

FACTORS = 4
GAMES = arrays(float, 2**FACTORS, elements=some.floats(-100, 100))


def by_every_order(values, factors):
    """Swap the factors in one by one, in every order, and average what each adds."""
    found = np.zeros(factors)
    orders = list(itertools.permutations(range(factors)))
    for order in orders:
        choice = 0
        for factor in order:
            found[factor] += values[choice | 1 << factor] - values[choice]
            choice |= 1 << factor
    return found / len(orders)


@given(GAMES)
def test_the_shares_are_those_of_every_order_averaged(values):
    assert shares(values, factors=FACTORS) == pytest.approx(by_every_order(values, FACTORS), abs=1e-9)


@given(GAMES)
def test_the_shares_add_up_to_the_whole_difference(values):
    assert shares(values, factors=FACTORS).sum() == pytest.approx(values[-1] - values[0], abs=1e-9)


@given(GAMES, some.integers(0, FACTORS - 1))
def test_a_factor_that_changes_nothing_gets_nothing(values, dummy):
    without = np.arange(2**FACTORS) & ~(1 << dummy)
    assert shares(values[without], factors=FACTORS)[dummy] == pytest.approx(0, abs=1e-9)


@given(GAMES)
def test_two_factors_that_do_the_same_get_the_same(values):
    number = np.arange(2**FACTORS)
    swapped = number & ~3 | (number & 1) << 1 | (number & 2) >> 1
    alike = (values + values[swapped]) / 2
    found = shares(alike, factors=FACTORS)
    assert found[0] == pytest.approx(found[1], abs=1e-9)


@given(GAMES, GAMES)
def test_the_shares_of_two_differences_added_are_their_shares_added(one, other):
    both = shares(one + other, factors=FACTORS)
    assert both == pytest.approx(shares(one, factors=FACTORS) + shares(other, factors=FACTORS), abs=1e-9)


def test_many_differences_are_shared_out_side_by_side():
    values = np.random.default_rng(1).random((8, 5))
    apart = np.stack([shares(values[:, number], factors=3) for number in range(5)], axis=1)
    assert shares(values, factors=3) == pytest.approx(apart)


def test_a_gloves_game_from_the_textbook():
    # one left glove, two right ones; a pair is worth 1. Shapley: 2/3, 1/6, 1/6 (Osborne and Rubinstein, 1994)
    chosen = subsets(3)
    worth = np.array([float(left and (right or other)) for left, right, other in chosen])
    assert shares(worth, factors=3) == pytest.approx([2 / 3, 1 / 6, 1 / 6])


def test_more_factors_than_can_be_shared_out_are_refused():
    with pytest.raises(ValueError, match="from one to 10"):
        subsets(11)
