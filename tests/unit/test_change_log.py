"""Is what the desk did read with its day and point, and is everything else refused in plain words?"""

from datetime import date
from pathlib import Path

import pytest

from kcas.desk.change_log import LONGEST_WORDS, MOST_ACTIONS, Action
from kcas.desk.standard import read_standard
from kcas.errors import SettingError


def desk(folder: Path, text: str) -> Path:
    path = folder / "desk.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_actions_come_in_the_order_of_their_days_with_who_and_source(tmp_path: Path) -> None:
    text = """
    [[actions]]
    date = 2010-06-01
    point = "iii"
    what = "=1+1 <b>six</b> agents"
    [[actions]]
    date = 2010-04-01
    point = "i"
    what = "Assessment passed back"
    who = "Head of service"
    source = "Minutes"
    """
    assert read_standard(desk(tmp_path, text)).actions == (
        Action(date(2010, 4, 1), "i", "Assessment passed back", "Head of service", "Minutes"),
        Action(date(2010, 6, 1), "iii", "=1+1 <b>six</b> agents"),
    )


def test_no_action_is_set_for_this_desk_since_none_is_on_record() -> None:
    assert read_standard().actions == ()


@pytest.mark.parametrize(
    ("action", "message"),
    [
        ('point = "i"\nwhat = "x"', "number 1, date: None is not a day"),
        ('date = "2010-04-01"\npoint = "i"\nwhat = "x"', "without quotation marks, like 2010-04-01"),
        ('date = 1910-04-01\npoint = "i"\nwhat = "x"', "Expected one from 1990 to 2100"),
        ('date = 2010-04-01T09:00:00\npoint = "i"\nwhat = "x"', "is not a day"),
        ('date = 2010-04-01\npoint = "v"\nwhat = "x"', "'v' is not a point of recommendation 10. Did you mean 'iv'?"),
        ('date = 2010-04-01\npoint = "i"', "number 1, what: None is not text"),
        ('date = 2010-04-01\npoint = "i"\nwhat = " "', "Expected words in quotation marks"),
        ('date = 2010-04-01\npoint = "i"\nwhat = "x"\nwhy = "y"', "'why' is not a setting"),
        (f'date = 2010-04-01\npoint = "i"\nwhat = "{"x" * (LONGEST_WORDS + 1)}"', "10,001 characters; at most 10,000"),
    ],
)
def test_an_action_that_cannot_stand_is_refused_with_where_and_why(tmp_path: Path, action: str, message: str) -> None:
    with pytest.raises(SettingError) as refused:
        read_standard(desk(tmp_path, f"[[actions]]\n{action}\n"))
    assert message in str(refused.value)
    assert "desk.toml, [[actions]]" in str(refused.value)


def test_more_actions_than_a_report_can_hold_are_refused(tmp_path: Path) -> None:
    one = '[[actions]]\ndate = 2010-04-01\npoint = "i"\nwhat = "x"\n'
    with pytest.raises(SettingError, match=f"{MOST_ACTIONS + 1} actions; at most {MOST_ACTIONS}"):
        read_standard(desk(tmp_path, one * (MOST_ACTIONS + 1)))


def test_what_a_public_pack_does_with_small_counts_is_one_of_two_things(tmp_path: Path) -> None:
    assert read_standard().small_counts == "suppressed"
    assert read_standard(desk(tmp_path, '[privacy]\nsmall_counts = "rounded to 5"\n')).small_counts == "rounded to 5"
    with pytest.raises(SettingError, match="'shown' is not known"):
        read_standard(desk(tmp_path, '[privacy]\nsmall_counts = "shown"\n'))
