"""Jobs of all kinds: one bound, an end whoever looks, no file read that another could write, no row of a call sent."""

import os
import pickle
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from kcas import jobs as runner
from kcas.errors import SettingError
from kcas.job_files import Run, read, without_folder, write
from kcas.jobs import (
    AT_ONCE,
    KEPT,
    NO_MEMORY,
    NO_RESULT,
    Job,
    Jobs,
    Limits,
    Request,
    TooManyJobs,
    in_a_sentence,
    place,
)
from kcas.systems import process

OVER = "1 an earlier boot/1"
POSIX = pytest.mark.skipif(os.name == "nt", reason="the temporary folder is the user's own there")


@dataclass(frozen=True)
class Sum(Request[int]):
    """Adds two numbers."""

    one: int
    other: int

    def work(self, run: Run) -> int:
        """Add them."""
        run.step(1, 2)
        return self.one + self.other


@dataclass(frozen=True)
class Mistake(Request[int]):
    """What a person can put right, or not."""

    mine: bool

    def work(self, run: Run) -> int:
        """Never done."""
        if self.mine:
            raise SettingError(f"{run.given}/roster.csv, line 2: no agents.")
        raise TypeError(f"07700 900001 in {run.folder}")


@dataclass(frozen=True)
class Size(Request[int]):
    """The size of what came with it."""

    def work(self, run: Run) -> int:
        """Add up the sizes of the files."""
        return sum(path.stat().st_size for path in run.given.iterdir())


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Jobs in a folder of this test's own, counted alone; what still runs afterwards is ended."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(runner, "_kinds", [])
    yield
    for child in [child for kind in runner._kinds for child in kind.children.values()]:
        child.kill()
        child.wait(timeout=30)


@pytest.fixture
def tried() -> Jobs:
    """A kind of job."""
    return Jobs("kcas-tried-")


@pytest.fixture
def endless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every child goes on for a minute."""
    command = tmp_path / "endless"
    command.write_text("#!/bin/sh\nexec sleep 60\n")
    command.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(command))


@pytest.fixture
def stranger() -> Iterator["subprocess.Popen[bytes]"]:
    """A process that is no one's job."""
    running = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield running
    running.kill()
    running.wait()


def until(true: Callable[[], bool]) -> bool:
    """Wait for something, half a minute at most; whether it came."""
    end = time.monotonic() + 30
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return true()


def ended(jobs: Jobs, name: str) -> Job[int]:
    """The job once it is over."""
    assert until(lambda: (job := jobs.state(name)) is not None and job.state != "running")
    job = jobs.state(name)
    assert job is not None
    return job


def left(jobs: Jobs, name: str, *, unused: float = 0.0, result: object = None, child: str = OVER) -> Path:
    """What a job left behind that no one has looked at for so many seconds."""
    folder = jobs.folder(name)
    folder.mkdir(mode=0o700)
    write(folder / "request", (Sum(2, 3), Limits()))
    if result is not None:
        write(folder / "result", result)
    (folder / "pid").write_text(child, encoding="ascii")
    then = time.time() - unused
    os.utime(folder, (then, then))
    return folder


def test_a_request_is_answered_by_a_child_and_found_by_its_name(tried: Jobs) -> None:
    name = tried.start(Sum(2, 3))
    job = ended(tried, name)
    assert (job.state, job.answer, job.request, job.words) == ("done", 5, Sum(2, 3), "")
    assert Jobs("kcas-tried-").state(name) == job  # as a server that comes after sees it
    assert job.folder.stat().st_mode & 0o077 == 0 or os.name == "nt"


def test_a_persons_mistake_is_told_as_it_is_by_the_names_the_person_knows(tried: Jobs) -> None:
    job = ended(tried, tried.start(Mistake(mine=True)))
    assert (job.state, job.words) == ("failed", "roster.csv, line 2: no agents.")


def test_an_error_of_ours_is_one_sentence_without_trace_folder_or_number(tried: Jobs) -> None:
    job = ended(tried, tried.start(Mistake(mine=False)))
    assert job.state == "failed"
    assert job.words.endswith("Tell the people who look after it: TypeError: ###### in what was uploaded")
    assert "\n" not in job.words


def test_a_folder_whose_name_is_full_of_digits_is_not_shown(tmp_path: Path) -> None:
    folder = tmp_path / "kcas-tried-1234567890123456"
    said = in_a_sentence(TypeError(f"01632960001 in {folder / 'given' / 'log.csv'}"), folder)
    assert said.endswith("TypeError: ###### in log.csv")


def test_too_little_memory_is_told_in_a_sentence(tmp_path: Path) -> None:
    assert in_a_sentence(MemoryError(), tmp_path) == NO_MEMORY


def test_a_child_that_was_killed_is_told_to_have_no_result(tried: Jobs) -> None:
    left(tried, "0" * 16)
    job = tried.state("0" * 16)
    assert job is not None
    assert (job.state, job.words) == ("failed", NO_RESULT)


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "0123", "0123456789abcdef"])
def test_a_name_from_an_address_that_is_no_jobs_is_no_job(name: str, tried: Jobs) -> None:
    assert tried.state(name) is None


@POSIX
@pytest.mark.parametrize("open_to_all", ["folder", "request", "result"])
def test_a_file_that_another_could_write_is_never_read(open_to_all: str, tried: Jobs) -> None:
    folder = left(tried, "0" * 16, result=5)
    assert tried.state("0" * 16) is not None
    for path in folder.iterdir():  # another content, or the one read before would be given
        os.utime(path, (1, 1))
    (folder if open_to_all == "folder" else folder / open_to_all).chmod(0o777)
    job = tried.state("0" * 16)
    assert job is None or job.state == "failed"


@POSIX
def test_a_folder_of_another_user_and_a_link_are_never_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "result", 5)
    assert read(tmp_path / "result") == 5
    (tmp_path / "linked").symlink_to(tmp_path / "result")
    with pytest.raises(OSError, match="symbolic link"):
        read(tmp_path / "linked")
    (tmp_path / "folder").symlink_to(tmp_path)
    with pytest.raises(PermissionError):
        read(tmp_path / "folder" / "result")
    monkeypatch.setattr(os, "getuid", lambda: 4321)
    with pytest.raises(PermissionError):
        read(tmp_path / "result")


def test_a_result_is_sent_without_its_frames(tmp_path: Path) -> None:
    calls = pl.DataFrame({"caller": ["07700900001"]})
    write(tmp_path / "result", {"calls": calls, "lazy": calls.lazy(), "rate": 0.25})
    assert read(tmp_path / "result") == {"calls": None, "lazy": None, "rate": 0.25}
    assert b"07700900001" not in (tmp_path / "result").read_bytes()


def test_what_cannot_be_read_as_a_request_is_no_job(tried: Jobs) -> None:
    folder = left(tried, "0" * 16)
    (folder / "request").write_bytes(pickle.dumps(5)[:-1])
    os.utime(folder / "request", (2, 2))
    assert tried.state("0" * 16) is None


def test_a_server_that_comes_after_sees_the_job_of_the_one_before_and_ends_it(
    stranger: "subprocess.Popen[bytes]", tried: Jobs
) -> None:
    left(tried, "0" * 16, child="")
    tried.follow("0" * 16, stranger)
    after = Jobs("kcas-tried-")
    assert after.alive("0" * 16)
    after.stop("0" * 16)
    stranger.wait(timeout=30)
    assert not after.alive("0" * 16)
    job = after.state("0" * 16)
    assert job is not None
    assert (job.state, job.words) == ("stopped", "Stopped before it had a result.")


@pytest.mark.parametrize("written", ["{pid}", "{pid} an earlier boot/12345", "{pid} ended at once", "", "-1 x", "0 x"])
def test_a_number_that_has_passed_to_a_stranger_is_not_the_job_and_is_never_signalled(
    written: str, stranger: "subprocess.Popen[bytes]", tried: Jobs
) -> None:
    left(tried, "0" * 16, child=written.format(pid=stranger.pid))
    assert not tried.alive("0" * 16)
    tried.stop("0" * 16)
    with pytest.raises(subprocess.TimeoutExpired):
        stranger.wait(timeout=0.5)


def at_once(acts: list[Callable[[], object]]) -> list[Exception]:
    """Do all of these in the same moment; what was refused."""
    gate, refused = threading.Barrier(len(acts)), []

    def act(one: Callable[[], object]) -> None:
        gate.wait(timeout=30)
        try:
            one()
        except Exception as error:
            refused.append(error)

    threads = [threading.Thread(target=act, args=(one,)) for one in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return refused


def running(*kinds: Jobs) -> int:
    """Children of jobs that run."""
    return sum(child.poll() is None for kind in kinds for child in kind.children.values())


@pytest.mark.usefixtures("endless")
def test_the_bound_is_one_for_all_kinds_together_and_who_is_refused_leaves_nothing(tried: Jobs) -> None:
    other = Jobs("kcas-other-")
    acts: list[Callable[[], object]] = [lambda: tried.start(Sum(1, 1)), lambda: other.start(Size())]
    refused = at_once(acts * 5)
    assert (running(tried, other), len(refused)) == (AT_ONCE, 10 - AT_ONCE)
    assert {type(error) for error in refused} == {TooManyJobs}
    assert "4 jobs are running, which is the most" in str(refused[0])
    assert len([*tried.held(), *other.held()]) == AT_ONCE


@pytest.mark.usefixtures("endless")
def test_a_place_is_free_again_when_a_job_has_ended(tried: Jobs) -> None:
    names = [tried.start(Sum(1, 1)) for _ in range(AT_ONCE)]
    with pytest.raises(TooManyJobs):
        tried.start(Sum(1, 1))
    tried.stop(names[0])
    tried.start(Sum(1, 1))
    assert running(tried) == AT_ONCE


def test_a_job_that_could_not_be_started_keeps_no_place_and_leaves_nothing(tried: Jobs) -> None:
    for _ in range(AT_ONCE + 1):
        with pytest.raises(ZeroDivisionError), place():
            raise ZeroDivisionError
        with pytest.raises(SettingError):
            tried.start(Size(), given=lambda folder: (_ for _ in ()).throw(SettingError("no zip")))
    assert list(tried.held()) == []


@pytest.mark.usefixtures("endless")
def test_one_question_asked_by_ten_at_once_is_worked_out_once(tried: Jobs) -> None:
    assert at_once([lambda: tried.start(Sum(1, 1), name="0" * 16)] * 10) == []
    assert running(tried) == 1


@pytest.mark.usefixtures("endless")
def test_a_job_is_stopped_after_its_longest_time_though_no_one_looks() -> None:
    short = Jobs("kcas-tried-", limits=Limits(seconds=0.2))
    name = short.start(Sum(1, 1))
    assert until(lambda: short.children[name].poll() is not None)
    assert (short.folder(name) / "stopped").read_text() == "Stopped: it took too long."


def test_a_child_that_pays_no_heed_is_ended_all_the_same(tried: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    )
    child = subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline() == b"deaf\n"
    left(tried, "0" * 16, child="")
    tried.follow("0" * 16, child)
    monkeypatch.setattr(runner, "PATIENCE", 30.0 if sys.platform == "win32" else 0.5)
    tried.stop("0" * 16)
    child.stdout.close()
    assert child.poll() is not None


def raw(folder: Path) -> None:
    """A log comes with the request."""
    (folder / "week.csv").write_bytes(b"07700900001")


def test_what_came_with_a_request_is_gone_when_it_is_answered_though_no_one_looks(tried: Jobs) -> None:
    name = tried.start(Size(), given=raw)
    folder = tried.folder(name)
    assert until(lambda: tried.children[name].poll() is not None)
    assert not (folder / "given").exists()
    assert (folder / "result").exists()
    job = tried.state(name)
    assert job is not None
    assert job.answer == 11
    assert not any(b"07700900001" in path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.mark.usefixtures("endless")
def test_what_came_with_a_request_is_gone_when_its_child_was_killed(tried: Jobs) -> None:
    name = tried.start(Size(), given=raw)
    given = tried.folder(name) / "given"
    assert (given / "week.csv").read_bytes() == b"07700900001"
    tried.children[name].kill()
    assert until(lambda: not given.exists())


@pytest.mark.parametrize(
    ("server", "child", "stays"),
    [("gone", "gone", False), ("gone", "none", False), ("none", "gone", False), ("here", "none", True),
     ("gone", "here", True), ("here", "gone", True)],
)  # fmt: skip
def test_the_next_server_removes_what_came_with_a_request_and_no_one_else_will(
    server: str, child: str, stays: bool, tried: Jobs
) -> None:
    here = str(process(os.getpid()))
    folder = tried.folder("0" * 16)
    (folder / "given").mkdir(parents=True)
    raw(folder / "given")
    for file, which in (("server", server), ("pid", child)):
        if which != "none":
            (folder / file).write_text({"here": here, "gone": OVER}[which])
    tried.forget_after_a_crash()
    assert (folder / "given" / "week.csv").exists() is stays


def test_an_answer_looked_at_within_a_day_is_kept_for_another(tried: Jobs) -> None:
    folder = left(tried, "0" * 16, unused=KEPT - 60, result=5)
    job = tried.state("0" * 16)
    assert job is not None
    assert (job.state, job.answer) == ("done", 5)
    assert time.time() - folder.stat().st_mtime < 60


def test_an_answer_that_no_one_looked_at_for_a_day_is_no_longer_there(tried: Jobs) -> None:
    folder = left(tried, "0" * 16, unused=KEPT + 60, result=5)
    assert tried.state("0" * 16) is None
    assert not folder.exists()


def test_a_failure_is_not_kept_by_looking_so_that_it_can_be_asked_again(tried: Jobs) -> None:
    folder = left(tried, "0" * 16, unused=KEPT - 60)
    job = tried.state("0" * 16)
    assert job is not None
    assert job.state == "failed"
    assert time.time() - folder.stat().st_mtime > KEPT - 120


def test_of_too_many_answers_the_longest_unused_go(tried: Jobs) -> None:
    names = [f"{number:016x}" for number in range(5)]
    for number, name in enumerate(names):
        left(tried, name, unused=100.0 - number, result=number)
    tried.state(names[0])  # the oldest, but now used
    tried.clear_old(most=3)
    assert sorted(name for name, _ in tried.held()) == [names[0], names[3], names[4]]


def test_while_it_runs_it_says_how_far_it_has_got(tried: Jobs) -> None:
    folder = left(tried, "0" * 16, child=str(process(os.getpid())))
    before = tried.state("0" * 16)
    Run(folder).step(3, 12)
    after = tried.state("0" * 16)
    Run(folder).stage(f"writing {folder}/made/report.html")
    last = tried.state("0" * 16)
    assert [(job.state, job.share, job.words) for job in (before, after, last) if job] == [
        ("running", None, ""), ("running", 0.25, ""), ("running", None, "writing report.html"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{f}/given/mapping/m.toml, at its end: cannot be read.", "m.toml, at its end: cannot be read."),
        ("{f}/given: no files here.", "what was uploaded: no files here."),
        ("{f}/given/week.csv, line 3: bad. See {f}/given/a.csv", "week.csv, line 3: bad. See a.csv"),
        ("cannot write '{f}/refusals.csv'", "cannot write 'refusals.csv'"),
        ("{f}: full", "what was uploaded: full"),
        ("--out {f}/made/evidence-public --store /srv/store", "--out evidence-public --store /srv/store"),
        ("{f}2/x and /srv/given/x", "{f}2/x and /srv/given/x"),
        ("{f}/givens.csv", "givens.csv"),
    ],
)
def test_no_message_names_the_servers_temporary_folder(text: str, said: str, tmp_path: Path) -> None:
    folder = tmp_path / "kcas-intake-0123456789abcdef"
    folder.mkdir()
    assert without_folder(text.format(f=folder), folder) == said.format(f=folder)
