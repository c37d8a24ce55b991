"""Jobs of all kinds together: one bound, whoever clicks when, and an end whoever looks."""

import io
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kcas.dashboard import attribution, evidence_session, import_job, job_folder, simulation_job
from kcas.dashboard.job_folder import AT_ONCE, Jobs, TooManyJobs, place, without_folder
from kcas.systems import process

KINDS = (evidence_session.jobs, import_job.jobs, attribution.jobs, simulation_job.jobs)
DAY = {"day": {"opens": "09:00", "closes": "10:00"}}


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Jobs in a folder of this test's own; whatever still runs afterwards is ended."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    yield
    for child in [child for kind in job_folder._kinds for child in kind.children.values()] + simulation_job.spare:
        child.kill()
        child.wait(timeout=30)
    for kind in KINDS:
        kind.children.clear()
    simulation_job.spare.clear()


@pytest.fixture
def endless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command that a job runs goes on for a minute."""
    command = tmp_path / "endless"
    command.write_text("#!/bin/sh\nexec sleep 60\n")
    command.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(command))


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


def running() -> int:
    """Children of jobs that run."""
    return sum(child.poll() is None for kind in KINDS for child in kind.children.values())


def simulate() -> str:
    return simulation_job.start([DAY], command="compare", options=[], asked={})


def until(true: Callable[[], bool]) -> bool:
    """Wait for something, half a minute at most; whether it came."""
    end = time.monotonic() + 30
    while not true() and time.monotonic() < end:
        time.sleep(0.02)
    return true()


@pytest.mark.usefixtures("endless")
def test_of_ten_who_simulate_in_the_same_moment_four_are_served() -> None:
    refused = at_once([simulate] * 10)
    assert (running(), len(refused)) == (AT_ONCE, 10 - AT_ONCE)
    assert {type(error) for error in refused} == {TooManyJobs}
    assert "4 jobs are running, which is the most" in str(refused[0])


@pytest.mark.usefixtures("endless")
def test_the_bound_is_one_for_all_kinds_together(tmp_path: Path) -> None:
    numbers = iter(range(100))
    acts: list[Callable[[], object]] = [
        simulate,
        lambda: evidence_session.make([], name="evidence-public", store=tmp_path),
        lambda: import_job.start([("a.log", io.BytesIO(b"x"))], store=tmp_path),
        lambda: attribution.start(f"{next(numbers):016x}", ["explain"]),
    ]
    refused = at_once(acts * 3)
    assert (running(), len(refused)) == (AT_ONCE, 12 - AT_ONCE)
    assert {type(error) for error in refused} == {TooManyJobs}
    kept = [folder for kind in KINDS for _, folder in kind.held()]
    assert len(kept) == AT_ONCE  # who was refused left nothing, no raw log either


@pytest.mark.usefixtures("endless")
def test_a_place_is_free_again_when_a_job_has_ended() -> None:
    names = [simulate() for _ in range(AT_ONCE)]
    with pytest.raises(TooManyJobs):
        simulate()
    simulation_job.stop(names[0])
    simulate()
    assert running() == AT_ONCE


def test_a_job_that_could_not_be_begun_keeps_no_place() -> None:
    for _ in range(AT_ONCE + 1):
        with pytest.raises(ZeroDivisionError), place():
            raise ZeroDivisionError


@pytest.mark.usefixtures("endless")
def test_one_question_asked_by_ten_at_once_is_worked_out_once() -> None:
    assert at_once([lambda: attribution.start("0" * 16, ["explain"])] * 10) == []
    assert running() == 1


def test_a_job_is_stopped_after_its_longest_time_though_nobody_looks() -> None:
    jobs = Jobs("kcas-tried-")
    name, folder = jobs.new()
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    jobs.follow(name, child, longest=0.2)
    assert until(lambda: child.poll() is not None)
    assert (folder / "stopped").read_text() == "Stopped: it took too long."


def test_a_child_that_pays_no_heed_is_ended_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_folder, "PATIENCE", 0.5)
    jobs = Jobs("kcas-tried-")
    name, _ = jobs.new()
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    )
    child = subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline() == b"deaf\n"
    jobs.follow(name, child)
    monkeypatch.setattr(job_folder, "PATIENCE", 30.0 if sys.platform == "win32" else 0.5)
    jobs.end(name, words="Stopped.")
    child.stdout.close()
    assert child.poll() is not None


def test_raw_logs_are_gone_when_the_reading_is_done_though_nobody_looks(tmp_path: Path) -> None:
    name = import_job.start([("week.csv", io.BytesIO(b"neither,a\nlog,of ours\n"))], store=tmp_path / "store")
    folder = import_job.jobs.folder(name)
    assert until(lambda: import_job.jobs.children[name].poll() is not None)
    assert until(lambda: not (folder / "logs").exists())
    assert (folder / "report.json").stat().st_size > 0
    assert [path for path in folder.rglob("*") if b"neither,a" in (path.read_bytes() if path.is_file() else b"")] == []


@pytest.mark.usefixtures("endless")
def test_raw_logs_are_gone_when_the_reading_was_killed(tmp_path: Path) -> None:
    name = import_job.start([("week.csv", io.BytesIO(b"raw"))], store=tmp_path / "store")
    logs = import_job.jobs.folder(name) / "logs"
    assert (logs / "week.csv").read_bytes() == b"raw"
    import_job.jobs.children[name].kill()
    assert until(lambda: not logs.exists())


OVER = "1 an earlier boot/1"


@pytest.mark.parametrize(
    ("server", "child", "stays"),
    [("gone", "gone", False), ("gone", "none", False), ("none", "gone", False), ("here", "none", True),
     ("gone", "here", True), ("here", "gone", True)],
)  # fmt: skip
def test_the_next_server_removes_raw_logs_that_nobody_else_will(server: str, child: str, stays: bool) -> None:
    here = str(process(job_folder.os.getpid()))
    folder = import_job.jobs.folder("0" * 16)
    (folder / "logs").mkdir(parents=True)
    (folder / "logs" / "week.csv").write_text("raw")
    for file, which in (("server", server), ("pid", child)):
        if which != "none":
            (folder / file).write_text({"here": here, "gone": OVER}[which])
    import_job.forget_after_a_crash()
    assert (folder / "logs" / "week.csv").exists() is stays


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{f}/m.toml, at its end: cannot be read.", "m.toml, at its end: cannot be read."),
        ("{f}/logs: no files here.", "what was uploaded: no files here."),
        ("{f}/logs/week.csv, line 3: bad. See {f}/logs/a.csv", "week.csv, line 3: bad. See a.csv"),
        ("cannot write '{f}/refusals.csv'", "cannot write 'refusals.csv'"),
        ("{f}: full", "what was uploaded: full"),
        ("--out {f}/made/evidence-public --store /srv/store", "--out evidence-public --store /srv/store"),
        ("{f}2/x and /srv/logs/x", "{f}2/x and /srv/logs/x"),
        ("{f}/logsbook.csv", "logsbook.csv"),
    ],
)
def test_no_message_names_the_servers_temporary_folder(text: str, said: str, tmp_path: Path) -> None:
    folder = tmp_path / "kcas-intake-0123456789abcdef"
    folder.mkdir()
    assert without_folder(text.format(f=folder), folder) == said.format(f=folder)
