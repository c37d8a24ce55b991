"""Background job that makes or verifies an evidence pack in a child process.

The job's name is all that a page keeps. A pack that was handed in, and one that was made, are kept for a day.
"""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from kcas.dashboard.job_folder import Jobs, environment, file_text, place, without_folder, words_of
from kcas.evidence.folder import unzipped
from kcas.systems import apart

LONGEST = 3600.0
"""Seconds after which the making of a pack is stopped."""
TOO_LONG = "Stopped: it took too long. Make it with kcas evidence."
MAKE, CHECK = "make", "check"

jobs = Jobs("kcas-evidence-")


@dataclass(frozen=True)
class Job:
    """How far it has got, or what became of it."""

    name: str
    kind: str  # MAKE or CHECK
    state: str  # "running", "done", "failed" or "stopped"
    words: str = ""
    report: dict[str, Any] = field(default_factory=dict)

    @property
    def pack(self) -> Path:
        """The pack that was made."""
        return next(path for path in (jobs.folder(self.name) / "made").iterdir() if path.is_dir())


def make(options: Sequence[str], *, name: str, store: Path) -> str:
    """Begin to make a pack; the name of the job. Raises TooManyJobs."""
    with place():
        job, folder = jobs.new()
        (folder / "made").mkdir()
        out = folder / "made" / name
        _begin(job, folder, MAKE, ["--out", str(out), *options, "--store", str(store.resolve())])
        return job


def check(given: IO[bytes], *, store: Path) -> str:
    """Begin to check a pack that was handed in as a zip. Raises SettingError for what is none, and TooManyJobs."""
    with place():
        job, folder = jobs.new()
        try:
            pack = unzipped(given, folder / "given")
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        _begin(job, folder, CHECK, ["verify", str(pack), "--store", str(store.resolve())])
        return job


def _begin(job: str, folder: Path, kind: str, words: Sequence[str]) -> None:
    (folder / "kind").write_text(kind, encoding="ascii")
    command = [sys.executable, "-m", "kcas", "evidence", *words, "--json", "--progress", str(folder / "progress.txt")]
    with (folder / "report.json").open("wb") as out, (folder / "words.txt").open("wb") as err:
        child = subprocess.Popen(command, stdout=out, stderr=err, stdin=subprocess.DEVNULL, **apart(),
                                 env=environment())  # fmt: skip
    jobs.follow(job, child, longest=LONGEST, late=lambda: stop(job, words=TOO_LONG))


def job_state(name: str) -> Job | None:
    """How a job stands; None where there is none of that name, or no longer."""
    try:
        folder = jobs.folder(name)
    except ValueError:
        return None
    kind = file_text(folder / "kind")
    if kind not in (MAKE, CHECK):
        return None
    if (folder / "stopped").exists():
        return Job(name, kind, "stopped", file_text(folder / "stopped"))
    if jobs.alive(name):
        if time.time() - (folder / "kind").stat().st_ctime > LONGEST:
            stop(name, words=TOO_LONG)
        return Job(name, kind, "running", file_text(folder / "progress.txt") or "beginning")
    try:
        report = json.loads(without_folder(file_text(folder / "report.json"), folder))
    except ValueError:
        return Job(name, kind, "failed", words_of(folder / "words.txt") or "It ended without an account.")
    return Job(name, kind, "done", words_of(folder / "words.txt"), report)


def stop(name: str, *, words: str = "Stopped. No half of a pack is left.") -> None:
    """End a job."""
    jobs.end(name, words=words)
    shutil.rmtree(jobs.folder(name) / "made", ignore_errors=True)
