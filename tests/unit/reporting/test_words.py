"""Does a figure read as a person would say it?"""

from datetime import date

import pytest

from kcas.reporting import words


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (93, "1 min 33 s"),
        (3599.6, "1 h"),
        (3600, "1 h"),
        (28693, "7 h 58 min"),
        (None, "not available"),
    ],
)
def test_seconds_are_said_in_the_largest_units(seconds: float | None, said: str) -> None:
    assert words.duration(seconds) == said


def test_a_rate_is_said_with_both_its_halves() -> None:
    assert words.percent(230 / 1671) == "13.8%"
    assert words.counts_words(230, 1671) == "230 of 1,671"
    assert words.counts_words(None, 1671) == "not available"


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (date(1999, 3, 1), date(1999, 3, 1), "Monday 1 March 1999"),
        (date(1999, 3, 1), date(1999, 3, 31), "1 to 31 March 1999"),
        (date(1999, 3, 29), date(1999, 4, 4), "29 March to 4 April 1999"),
        (date(1998, 12, 28), date(1999, 1, 3), "28 December 1998 to 3 January 1999"),
    ],
)
def test_a_run_of_days_repeats_nothing(first: date, last: date, said: str) -> None:
    assert words.days(first, last) == said


@pytest.mark.parametrize(
    ("difference", "said"),
    [
        (0.047, "4.7 points higher"),
        (-0.01, "1.0 point lower"),
        (0.0004, "no different"),
        (-0.0005001, "0.1 points lower"),
    ],
)
def test_a_difference_is_in_points_and_says_which_way(difference: float, said: str) -> None:
    assert words.points(difference) == said


def test_a_difference_keeps_its_sign_and_nothing_has_none() -> None:
    assert [words.signed(each) for each in (-0.042, 0.042, 0.0004, -0.0004)] == ["−4.2", "+4.2", "0.0", "0.0"]
