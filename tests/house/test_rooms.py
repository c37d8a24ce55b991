"""The house: what must be true of the code as a whole."""

import kcas
from kcas.calls.call import INTERVAL_MEASURES, LOST, OFFERED, OUTCOMES, SCHEMA, check, empty


def test_every_outcome_is_offered_or_was_lost_before_the_queue() -> None:
    assert set(OFFERED) | {"left_ivr", "blocked", "self_served"} == set(OUTCOMES)
    assert set(LOST) == {"abandoned", "abandoned_ringing"}
    assert not set(INTERVAL_MEASURES) & set(OUTCOMES)


def test_an_empty_calls_frame_passes_its_own_check() -> None:
    assert check(empty()).schema == SCHEMA
    assert kcas.__version__ == "0.1.0"
