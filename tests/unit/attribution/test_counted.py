"""Is each definition counted by its own formula, of 100 offered: 90 answered, 10 hung up, 7 of them late?"""

import numpy as np
import pytest

from kcas.attribution.observed_days import rate_counts, supported_definitions
from kcas.calls.definitions import Definition

COUNTS = {name: np.array([value]) for name, value in
          {"offered": 100.0, "answered": 90.0, "lost": 10.0, "over": 7.0}.items()}  # fmt: skip


@pytest.mark.parametrize(
    ("key", "above", "below"),
    [
        ("all_offered", 10, 100), ("of_decided", 10, 100), ("unanswered", 10, 100), ("cisco_short", 7, 100),
        ("nhs111_mds", 7, 100), ("after_60s", 7, 100), ("short_excluded", 7, 97), ("nhs_direct", 7, 97),
    ],
)  # fmt: skip
def test_each_definition_has_the_halves_of_its_formula(key: str, above: int, below: int) -> None:
    found = rate_counts(Definition(key), **COUNTS)
    assert (found.numerator.tolist(), found.denominator.tolist()) == ([above], [below])


def test_menus_busy_tones_and_callers_are_beyond_the_model() -> None:
    assert not {"with_ivr", "with_blocked", "lost_callers"} & set(supported_definitions())
    assert len(supported_definitions()) == 8
