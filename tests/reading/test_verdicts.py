"""The benchmark of guided reading counts what it says: a guess fails it, a question answered does not."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from benchmarks.reading import attempt, shares
from benchmarks.reading_corpus.truth import Case, Figures, Question, Reading, Verdict, choices_of, differences

RIGHT = Figures("calls", 20, 4, 15, date(2026, 4, 3), date(2026, 4, 3), 41.0, ("Adults",))
SETTLED = Case("settled.csv", lambda path: None, RIGHT, facts={"outcome:Missed": "timed_out"})
OPEN = Case("open.csv", lambda path: None, RIGHT, must_ask=("date_order",), facts={"date_order": "day first"})
NO_LOG = Case("rota.csv", lambda path: None, None)
HERE = Path("unread")


def _says(figures: Figures | None, *topics: str, refusal: str | None = None) -> Reading:
    return Reading(figures, tuple(Question(topic) for topic in topics), refusal)


def _verdict(case: Case, *readings: Reading) -> Verdict:
    """The verdict on a reader that gives these readings in turn."""
    left = list(readings)
    return attempt(case, HERE, reader=lambda path, answers: left.pop(0)).verdict


def test_a_right_reading_without_a_question_is_right() -> None:
    assert _verdict(SETTLED, _says(RIGHT)) == Verdict.RIGHT


def test_a_wrong_reading_without_a_question_is_wrong_silently() -> None:
    assert _verdict(SETTLED, _says(replace(RIGHT, abandoned=5))) == Verdict.WRONG_SILENTLY


def test_right_figures_of_an_open_file_without_its_question_are_a_guess() -> None:
    assert _verdict(OPEN, _says(RIGHT)) == Verdict.WRONG_SILENTLY


def test_another_question_does_not_excuse_the_guess() -> None:
    case = replace(OPEN, facts={**OPEN.facts, "zone": "Europe/London"})
    assert _verdict(case, _says(RIGHT, "zone"), _says(RIGHT)) == Verdict.WRONG_SILENTLY


def test_an_open_file_read_rightly_after_its_question_takes_one_choice() -> None:
    assert _verdict(OPEN, _says(None, "date_order"), _says(RIGHT)) == Verdict.ONE_CHOICE


def test_two_questions_are_more_than_one_choice() -> None:
    case = replace(OPEN, facts={**OPEN.facts, "outcome:Missed": "timed_out"})
    assert _verdict(case, _says(None, "date_order", "outcome:Missed"), _says(RIGHT)) == Verdict.MORE_CHOICES


def test_a_list_takes_one_choice_and_one_more_for_each_answer_that_is_changed() -> None:
    case = replace(SETTLED, facts={"outcome:X": "answered", "outcome:Y": "abandoned"})
    right = [Question("outcome:X", (), "outcomes", "answered"), Question("outcome:Y", (), "outcomes", "abandoned")]
    assert choices_of(case, right) == 1
    assert choices_of(case, [right[0], replace(right[1], likeliest="")]) == 2
    assert choices_of(case, [replace(each, likeliest="failed") for each in right]) == 3
    assert choices_of(case, [replace(right[0], likeliest="failed")]) == 1  # it stands alone: the answer is the press
    assert choices_of(case, [*right, Question("zone")]) == 2


def test_a_wrong_reading_after_a_question_fails_too() -> None:
    assert _verdict(OPEN, _says(None, "date_order"), _says(replace(RIGHT, offered=21))) == Verdict.WRONG_ASKED


def test_a_question_that_no_one_can_answer_counts_as_refused() -> None:
    assert _verdict(SETTLED, _says(None, "column:patience")) == Verdict.REFUSED


def test_a_file_without_calls_must_be_refused() -> None:
    assert _verdict(NO_LOG, _says(None, refusal="no calls in it")) == Verdict.REFUSED_RIGHTLY
    assert _verdict(NO_LOG, _says(RIGHT)) == Verdict.WRONG_SILENTLY


def test_a_crash_is_no_answer() -> None:
    def broken(path: Path, answers: Mapping[str, str]) -> Reading:
        raise ValueError("bad cell")

    result = attempt(SETTLED, HERE, reader=broken)
    assert result.verdict == Verdict.CANNOT
    assert "bad cell" in result.remark


def test_a_missing_wait_is_incomplete_and_an_invented_one_is_wrong() -> None:
    assert _verdict(SETTLED, _says(replace(RIGHT, mean_wait=None))) == Verdict.INCOMPLETE
    without = replace(SETTLED, figures=replace(RIGHT, mean_wait=None))
    assert _verdict(without, _says(RIGHT)) == Verdict.WRONG_SILENTLY


def test_a_wait_within_a_second_is_right() -> None:
    assert differences(RIGHT, replace(RIGHT, mean_wait=41.9)) == []
    assert differences(RIGHT, replace(RIGHT, mean_wait=42.1)) == ["mean wait 42.1 s, not 41.0 s"]


def test_a_wrong_time_zone_shows_in_the_hours() -> None:
    summer = replace(RIGHT, hours=(0,) * 9 + (20,) + (0,) * 14)
    shifted = replace(RIGHT, hours=(0,) * 8 + (20,) + (0,) * 15)
    assert differences(summer, shifted) == ["hours of the day differ"]


def test_a_table_of_weeks_may_end_on_the_first_or_the_last_day_of_its_last_week() -> None:
    weeks = replace(RIGHT, last_day=date(2026, 4, 12), last_start=date(2026, 4, 6))
    assert differences(weeks, replace(weeks, last_day=date(2026, 4, 6))) == []
    assert differences(weeks, replace(weeks, last_day=date(2026, 4, 7))) != []


def test_one_wrong_reading_fails_a_benchmark_of_many_right_ones() -> None:
    right = [attempt(SETTLED, HERE, reader=lambda path, answers: Reading(RIGHT)) for _ in range(99)]
    wrong = attempt(OPEN, HERE, reader=lambda path, answers: Reading(RIGHT))
    assert shares(right).passed
    assert not shares([*right, wrong]).passed


def test_shares_are_of_the_files_that_can_be_read_so() -> None:
    asked = attempt(OPEN, HERE, reader=lambda path, answers: _says(RIGHT, *({"date_order"} - set(answers))))
    found = shares([asked, attempt(SETTLED, HERE, reader=lambda path, answers: Reading(RIGHT))])
    assert (found.right_with_none, found.settled) == (1, 1)
    assert (found.right_with_one, found.files) == (2, 2)
