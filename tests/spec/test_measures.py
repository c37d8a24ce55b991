"""Every drawing, held to the product."""

from fractions import Fraction

import pytest

from kcas.calls.definitions import RATES, SERVICE_LEVELS
from tests.spec.asking import answer, told
from tests.spec.drawn_measures import CHAPTERS, Drawn

ALL = [picture for chapter in CHAPTERS.values() for picture in chapter]


@pytest.mark.parametrize("picture", ALL, ids=lambda picture: f"{picture.heading}: {picture.says}"[:70])
def test_the_product_makes_of_the_calls_what_a_hand_makes_of_them(picture: Drawn) -> None:
    rows = list(answer(picture).rows.iter_rows(named=True))
    assert len(rows) == len(picture.rows)
    for row, expected in zip(rows, picture.rows, strict=True):
        for name, figure in expected.items():
            assert told(row, name) == (pytest.approx(figure) if isinstance(figure, float) else figure), name


@pytest.mark.parametrize("picture", [p for p in ALL if "rate" in p.rows[0] and p.rows[0]["rate"]])
def test_a_rate_is_its_two_halves(picture: Drawn) -> None:
    for row, expected in zip(answer(picture).rows.iter_rows(named=True), picture.rows, strict=True):
        assert row["rate"] == pytest.approx(float(Fraction(expected["rate"])))


def test_every_definition_and_service_level_is_drawn() -> None:
    assert {picture.rate.get("key") for picture in ALL} >= set(RATES)
    assert {picture.level.get("key") for picture in ALL} >= set(SERVICE_LEVELS)
