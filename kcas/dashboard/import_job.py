"""Background job that imports uploaded files in a child process.

The job's name is all that a page keeps: it survives a rerun, another page and a reload. The logs hold callers'
numbers in clear, so the folder is the user's alone, and they are deleted when the job is over, seen or not: by the
child itself, by us where it was stopped, and by the next server where both are gone.
"""

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from kcas.dashboard.job_folder import Jobs, environment, file_text, place, without_folder, words_of
from kcas.ingest.masking import masked
from kcas.systems import apart

UNSAFE = re.compile(r"[^\w.() -]+")
_LONGEST_NAME = 120  # bytes
_LONGEST = 4 * 3600.0
"""Seconds after which a reading is stopped: a year of a large desk takes minutes."""

_TOO_LONG = "Stopped: it took too long. Read it with kcas ingest."

jobs = Jobs("kcas-intake-")


@dataclass(frozen=True)
class Job:
    """How far a reading has got, or what became of it."""

    name: str
    state: str  # "running", "done", "failed" or "stopped"
    share: float = 0.0
    words: str = ""
    report: dict[str, Any] = field(default_factory=dict)

    @property
    def refusals(self) -> Path:
        """Every refused line, as CSV."""
        return jobs.folder(self.name) / "refusals.csv"


def start(files: Iterable[tuple[str, IO[bytes]]], *, store: Path) -> str:
    """Begin to read files, given with their names, into a store; the name of the job. Raises TooManyJobs."""
    with place():
        name, folder = jobs.new()
        try:
            child = _begin(files, folder, store)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        jobs.follow(
            name, child, longest=_LONGEST, late=lambda: stop(name, words=_TOO_LONG), over=lambda: _forget(folder)
        )
        return name


def _begin(files: Iterable[tuple[str, IO[bytes]]], folder: Path, store: Path) -> "subprocess.Popen[bytes]":
    logs = folder / "logs"
    logs.mkdir(mode=0o700)
    mapping: list[str] = []
    for number, (given, content) in enumerate(files):
        safe = safe_name(given)
        where = folder if safe.endswith(".toml") else logs
        path = where / (safe if not (where / safe).exists() else f"{number + 1}-{safe}")
        with path.open("wb") as kept:
            shutil.copyfileobj(content, kept)
        mapping = ["--mapping", str(path)] if where == folder else mapping
    command = [
        sys.executable, "-m", "kcas.cli.import_child", str(logs), "--json", *mapping,
        "--store", str(store.resolve()), "--refusals", str(folder / "refusals.csv"),
        "--progress", str(folder / "progress.json"),
    ]  # fmt: skip
    with (folder / "report.json").open("wb") as out, (folder / "words.txt").open("wb") as err:
        return subprocess.Popen(command, stdout=out, stderr=err, stdin=subprocess.DEVNULL, **apart(),
                                 env=environment())  # fmt: skip


def safe_name(given: str) -> str:
    """A file name without folders, marks that mean something to a shell, a spreadsheet or a page, or numbers of six
    digits or more: it stands in a folder of its own and among the arguments of a process."""
    name = masked(UNSAFE.sub("_", Path(given.replace("\\", "/")).name).lstrip(".-_ "))
    return name.encode()[-_LONGEST_NAME:].decode(errors="ignore").lstrip(".-_ ") or "log"  # systems count bytes


def job_state(name: str) -> Job | None:
    """How a job stands; None where there is none of that name, or no longer."""
    try:
        folder = jobs.folder(name)
    except ValueError:
        return None
    if not folder.is_dir():
        return None
    if (folder / "stopped").exists():
        return Job(name, "stopped", words=file_text(folder / "stopped"))
    if jobs.alive(name):
        if time.time() - folder.stat().st_ctime > _LONGEST and not (folder / "report.json").stat().st_size:
            stop(name, words=_TOO_LONG)
        return Job(name, "running", share=_progress(folder))
    _forget(folder)
    words = words_of(folder / "words.txt")
    try:
        report = json.loads(without_folder(file_text(folder / "report.json"), folder))
        return Job(name, "done", share=1.0, words=words, report=report)
    except ValueError:
        return Job(name, "failed", words=words or "The reading ended without an account. Nothing of it was kept.")


def _progress(folder: Path) -> float:
    """The share of the files that has been read."""
    try:
        told = json.loads((folder / "progress.json").read_text(encoding="utf-8"))
        files = sum(1 for _ in (folder / "logs").iterdir())
    except (OSError, ValueError):
        return 0.0
    return float(min(0.99, (told["number"] - 1 + told["done"] / max(1, told["of"])) / max(1, files)))


def stop(name: str, *, words: str = "Stopped. Files already read are kept; the one being read left nothing.") -> None:
    """End a reading. A file is kept whole or not at all, so that nothing is left half-read."""
    jobs.end(name, words=words)
    _forget(jobs.folder(name))


def _forget(folder: Path) -> None:
    """Remove the raw logs of a job that is over: they hold callers' numbers in clear."""
    shutil.rmtree(folder / "logs", ignore_errors=True)


def forget_after_a_crash() -> None:
    """Remove the raw logs that no one else will: of jobs that are over, and whose server is gone."""
    for name, folder in jobs.held():
        if not jobs.alive(name) and not jobs.of_a_server(name):
            _forget(folder)
