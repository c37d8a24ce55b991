"""How are why and how today will end worked out without holding up the page? A child runs the command; one for all.

What was once worked out for a version of the store and a choice is there for every visitor, kept for a day.
"""

import hashlib
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from kcas.dashboard.job_folder import Jobs, environment, said

LONGEST = 600.0
"""Seconds after which the child is stopped."""
AT_ONCE = 2
"""Children at the same time, whoever asked for them."""

jobs = Jobs("kcas-reason-")


@dataclass(frozen=True)
class Job:
    """Whether it is still worked out, or what came of it."""

    name: str
    state: str  # "running", "done" or "failed"
    words: str = ""
    report: dict[str, Any] = field(default_factory=dict)


def name_of(stamp: str, words: Sequence[str]) -> str:
    """The job's name: the same question of the same version of the store has the same."""
    return hashlib.blake2b(json.dumps([stamp, *words]).encode(), digest_size=8).hexdigest()


def start(stamp: str, words: Sequence[str]) -> None:
    """Begin to work it out, unless it is under way or done. RuntimeError where too many are."""
    name = name_of(stamp, words)
    folder = jobs.folder(name)
    if folder.exists() and look(name) is not None:
        return
    if sum(child.poll() is None for child in jobs.children.values()) >= AT_ONCE:
        raise RuntimeError("Others are being worked out. Try again in a moment.")
    jobs.clear_old()
    folder.mkdir(mode=0o700, exist_ok=True)
    command = [sys.executable, "-m", "kcas", *words, "--json"]
    with (folder / "report.json").open("wb") as out, (folder / "words.txt").open("wb") as err:
        child = subprocess.Popen(command, stdout=out, stderr=err, stdin=subprocess.DEVNULL, start_new_session=True,
                                 env=environment())  # fmt: skip
    jobs.follow(name, child)


def look(name: str) -> Job | None:
    """How it stands; None where nobody asked."""
    folder = jobs.folder(name)
    if not (folder / "pid").exists():
        return None
    if jobs.alive(name):
        if time.time() - (folder / "pid").stat().st_mtime > LONGEST:
            jobs.end(name, words="It took too long.")
        return Job(name, "running")
    words = said(folder / "words.txt")
    try:
        return Job(name, "done", words=words, report=json.loads((folder / "report.json").read_bytes()))
    except ValueError:
        return Job(name, "failed", words=words or said(folder / "stopped") or "It ended without an answer.")
