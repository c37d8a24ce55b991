"""What does a page tell of a child that ended with words, or with a fault of ours?"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from kcas.dashboard.job_folder import Jobs, words_of


def test_a_mistake_is_told_as_the_command_told_it_and_nothing_of_a_file_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("today.toml, types: the shares add up to 90%.\n", encoding="utf-8")
    assert words_of(tmp_path / "words.txt") == "today.toml, types: the shares add up to 90%."
    assert words_of(tmp_path / "none.txt") == ""


def test_a_fault_of_ours_is_one_sentence_and_its_last_line_without_the_trace(tmp_path: Path) -> None:
    trace = 'A warning.\nTraceback (most recent call last):\n  File "x.py", line 3, in f\nTypeError: no JSON\n'
    (tmp_path / "words.txt").write_text(trace, encoding="utf-8")
    said = words_of(tmp_path / "words.txt")
    assert said.endswith("Tell the people who look after it: TypeError: no JSON")
    assert "x.py" not in said
    assert "\n" not in said


@pytest.fixture
def stranger() -> Iterator[subprocess.Popen[bytes]]:
    """A process that is nobody's job."""
    running = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield running
    running.kill()
    running.wait()


def jobs_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Jobs:
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(folder))
    return Jobs("kcas-tried-")


def test_a_server_that_comes_after_sees_the_job_of_the_one_before_and_ends_it(
    stranger: subprocess.Popen[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, _ = (before := jobs_in(tmp_path, monkeypatch)).new()
    before.follow(name, stranger)
    after = jobs_in(tmp_path, monkeypatch)
    assert after.alive(name)
    after.end(name, words="Stopped.")
    stranger.wait(timeout=30)
    assert not after.alive(name)


@pytest.mark.parametrize("written", ["{pid}", "{pid} an earlier boot/12345", "{pid} ended at once", "", "-1 x", "0 x"])
def test_a_number_that_has_passed_to_a_stranger_is_not_the_job_and_is_never_signalled(
    written: str, stranger: subprocess.Popen[bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = jobs_in(tmp_path, monkeypatch)
    name, folder = jobs.new()
    (folder / "pid").write_text(written.format(pid=stranger.pid), encoding="ascii")
    assert not jobs.alive(name)
    jobs.end(name, words="Stopped.")
    with pytest.raises(subprocess.TimeoutExpired):
        stranger.wait(timeout=0.5)
