"""Background job that runs a simulation in a child process.

One child is kept ready, so that the first result is there within a second of the click. The job's name is all that
a page keeps: it survives a rerun, another page and a reload.
"""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from kcas.dashboard.job_folder import Jobs, environment, file_text, place, words_of
from kcas.simulation.engines import kernel_folder
from kcas.simulation.engines.kernel_folder import COMPILE
from kcas.simulation.scenario.folder import toml
from kcas.systems import apart

_LONGEST = 900.0
"""Seconds after which a simulation is stopped."""

_TOO_LONG = "Stopped: it took too long. Ask for fewer days, or use the command."

jobs = Jobs("kcas-what-if-")
spare: list[subprocess.Popen[bytes]] = []
compiling: list[subprocess.Popen[bytes]] = []
one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class Job:
    """How far a simulation has got, or what became of it; `asked` is what the page asked for, to say it again."""

    name: str
    state: str  # "running", "done", "failed" or "stopped"
    share: float = 0.0
    words: str = ""
    report: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, Any] = field(default_factory=dict)
    age: float = 0.0  # seconds since it was asked, while it runs

    def scenarios(self) -> list[Path]:
        """The scenario files that were simulated, as they were asked."""
        return sorted(jobs.folder(self.name).glob("*.toml"), key=lambda path: int(path.stem))


def new_child(*options: str) -> subprocess.Popen[bytes]:
    """A child that gets ready."""
    return subprocess.Popen(
        [sys.executable, "-m", "kcas.cli.simulation_child", *options],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **apart(),
        env=environment(),
    )  # fmt: skip


def get_ready() -> None:
    """Keep one child ready, and see to it that the engine is compiled."""
    with one_at_a_time:
        _get_ready()


def _get_ready() -> None:
    if not kernel_folder.is_ready() and not any(child.poll() is None for child in compiling):
        compiling[:] = [new_child(COMPILE)]
    if not any(child.poll() is None for child in spare):
        spare[:] = [new_child()]


def ready_child() -> subprocess.Popen[bytes]:
    """The child that is ready. Another gets ready once this one has answered: at the same time it would hold it up."""
    with one_at_a_time:
        _get_ready()
        return spare.pop()


def start(
    scenarios: Sequence[Mapping[str, Any]],
    *,
    command: str,
    options: Sequence[str],
    asked: Mapping[str, Any],
    beside: Mapping[str, str] = MappingProxyType({}),
    made: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """Begin to simulate these tables by a command of ours; the name of the job. Raises TooManyJobs.

    `beside` are options that name a file, with what the file is to say; `made` options that name one to be written.
    """
    with place():
        return _begin(scenarios, command, options, asked, beside, made)


def _begin(
    scenarios: Sequence[Mapping[str, Any]], command: str, options: Sequence[str], asked: Mapping[str, Any],
    beside: Mapping[str, str], made: Mapping[str, str],
) -> str:  # fmt: skip
    name, folder = jobs.new()
    files = []
    for number, tables in enumerate(scenarios):
        path = folder / f"{number}.toml"
        path.write_text(toml(tables), encoding="utf-8")
        files.append(str(path))
    named = []
    for option, text in beside.items():
        path = folder / f"{option.strip('-')}.text"
        path.write_text(text, encoding="utf-8")
        named += [option, str(path)]
    named += [word for option, file in made.items() for word in (option, str(folder / file))]
    (folder / "asked.json").write_text(json.dumps(dict(asked)), encoding="utf-8")
    arguments = [command, *files, *options, *named, "--json", "--progress", str(folder / "progress.json")]
    child = ready_child()
    jobs.follow(name, child, longest=_LONGEST, late=lambda: stop(name, words=_TOO_LONG))
    if child.stdin is not None:  # it always is: new_child opens it
        child.stdin.write(json.dumps({"folder": str(folder), "arguments": arguments}).encode() + b"\n")
        child.stdin.close()
    return name


def job_state(name: str) -> Job | None:
    """How a job stands; None where there is none of that name, or no longer."""
    try:
        folder = jobs.folder(name)
        asked = json.loads((folder / "asked.json").read_text(encoding="utf-8"))
    except (ValueError, OSError):
        return None
    if (folder / "stopped").exists():
        return Job(name, "stopped", words=file_text(folder / "stopped"), asked=asked)
    if jobs.alive(name):
        age = time.time() - (folder / "asked.json").stat().st_ctime
        if age > _LONGEST:
            stop(name, words=_TOO_LONG)
        return Job(name, "running", share=_progress(folder), asked=asked, age=age)
    get_ready()
    words = words_of(folder / "words.txt")
    try:
        return Job(
            name, "done", share=1.0, words=words, report=json.loads(file_text(folder / "report.json")), asked=asked
        )
    except ValueError:
        return Job(name, "failed", words=words or "It ended without a result: out of memory or time.", asked=asked)


def _progress(folder: Path) -> float:
    """The share of the days that has been simulated."""
    try:
        told = json.loads(file_text(folder / "progress.json"))
        return float(min(0.99, told["done"] / max(1, told["of"])))
    except ValueError:
        return 0.0


def stop(name: str, *, words: str = "Stopped before it had a result.") -> None:
    """End a simulation."""
    jobs.end(name, words=words)
