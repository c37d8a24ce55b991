"""Does the demo's standard say only what the invented year did, and that it is invented?"""

from dataclasses import replace

from kcas.demo import desk
from kcas.demo.prepare import STANDARD
from kcas.desk.standard import read_standard

DEMO = read_standard(STANDARD)


def test_the_demos_standard_counts_as_the_products_own_does() -> None:
    assert replace(DEMO, actions=()) == read_standard(None)


def test_every_action_of_the_demo_says_that_it_is_invented() -> None:
    assert [action.source for action in DEMO.actions] == ["invented for the demo"] * 3


def test_the_demos_actions_fall_on_the_days_on_which_its_year_changes() -> None:
    assert {(action.point, action.day) for action in DEMO.actions} == {
        ("ii", desk.NEW_TELEPHONES), ("i", desk.CHANGES_BEGIN), ("iv", desk.CHANGES_BEGIN),
    }  # fmt: skip
