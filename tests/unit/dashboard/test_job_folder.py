"""What does a page tell of a child that ended with words, or with a fault of ours?"""

from pathlib import Path

from kcas.dashboard.job_folder import words_of


def test_a_mistake_is_told_as_the_command_told_it_and_nothing_of_a_file_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("today.toml, types: the shares add up to 90%.\n", encoding="utf-8")
    assert words_of(tmp_path / "words.txt") == "today.toml, types: the shares add up to 90%."
    assert words_of(tmp_path / "none.txt") == ""


def test_a_fault_of_ours_is_one_sentence_and_its_last_line_without_the_trace(tmp_path: Path) -> None:
    trace = 'A warning.\nTraceback (most recent call last):\n  File "x.py", line 3, in f\nTypeError: no JSON\n'
    (tmp_path / "words.txt").write_text(trace, encoding="utf-8")
    said = words_of(tmp_path / "words.txt")
    assert said.endswith("Tell whoever looks after it: TypeError: no JSON")
    assert "x.py" not in said
    assert "\n" not in said
