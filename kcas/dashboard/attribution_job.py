"""Background job that runs an attribution or a nowcast in a child process.

What was once worked out is there for every visitor, until no one has looked at it for a day. Another version of the
store, of the program or of the standard is another question.
"""

import hashlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import kcas
from kcas.dashboard.job_folder import Jobs, environment, file_text, place, words_of
from kcas.desk.standard import Standard
from kcas.systems import apart

LONGEST = 600.0
"""Seconds after which the child is stopped."""
MOST_KEPT = 200
"""Answers kept; of more the longest unused go."""

PROGRESS = "progress.json"

TOO_LONG = "It took too long."

one_at_a_time = threading.Lock()
jobs = Jobs("kcas-reason-")


@dataclass(frozen=True)
class Job:
    """Whether it is still worked out, or what came of it."""

    name: str
    state: str  # "running", "done" or "failed"
    words: str = ""
    share: float | None = None  # done so far, where the command tells it
    report: dict[str, Any] = field(default_factory=dict)


def name_of(stamp: str, words: Sequence[str], *, standard: Standard, program: str | None = None) -> str:
    """The job's name: the same question of the same store, by the same standard and program, has the same."""
    made_of = [stamp, program or this_program(), repr(standard), *words]
    return hashlib.blake2b(json.dumps(made_of).encode(), digest_size=8).hexdigest()


@cache
def this_program() -> str:
    """The program's version and a fingerprint of its code: a checkout changes without its version."""
    root = Path(kcas.__file__).parent
    code = hashlib.blake2b(digest_size=8)
    for path in sorted(root.rglob("*.py")):
        code.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return f"{kcas.__version__} {code.hexdigest()}"


def start(name: str, words: Sequence[str]) -> None:
    """Begin to work it out, unless it is under way or done. Raises TooManyJobs."""
    with one_at_a_time:
        if job_state(name) is None:
            with place():
                _begin(name, words)


def _begin(name: str, words: Sequence[str]) -> None:
    jobs.clear_old(most=MOST_KEPT - 1)
    folder = jobs.folder(name)
    folder.mkdir(mode=0o700, exist_ok=True)
    tells = ["--progress", str(folder / PROGRESS)] if words[0] == "explain" else []
    command = [sys.executable, "-m", "kcas", *words, "--json", *tells]
    with (folder / "report.json").open("wb") as out, (folder / "words.txt").open("wb") as err:
        child = subprocess.Popen(command, stdout=out, stderr=err, stdin=subprocess.DEVNULL, **apart(),
                                 env=environment())  # fmt: skip
    jobs.follow(name, child, longest=LONGEST, late=lambda: jobs.end(name, words=TOO_LONG))


def job_state(name: str) -> Job | None:
    """How it stands; None where no one asked, or no one has looked for a day. A look at an answer keeps it."""
    folder = jobs.folder(name)
    if not (folder / "pid").exists():
        return None
    if jobs.clear_if_old(name):
        return None
    if (report := answer(folder)) is not None:
        jobs.keep(name)
        return Job(name, "done", words=words_of(folder / "words.txt"), report=report)
    if jobs.alive(name):
        if time.time() - (folder / "pid").stat().st_mtime > LONGEST:
            jobs.end(name, words=TOO_LONG)
        return Job(name, "running", share=progress(folder))
    words = words_of(folder / "words.txt") or file_text(folder / "stopped")
    return Job(name, "failed", words=words or "It ended without an answer.")


def progress(folder: Path) -> float | None:
    """The share that is done; None where it is not told, or not yet."""
    try:
        told = json.loads(file_text(folder / PROGRESS))
        return float(min(0.99, told["done"] / max(1, told["of"])))
    except ValueError:
        return None


def answer(folder: Path) -> dict[str, Any] | None:
    """What was worked out; None where it is not there yet, or never will be."""
    try:
        return dict(json.loads(file_text(folder / "report.json")))
    except ValueError:
        return None
