"""Processes that need not import their libraries: each is a copy of one that has (multiprocessing's "forkserver").

A command of kcas spends 1.5 s of processor time on its imports and 0.1 s on its work. Where a test is of exit codes,
streams, folders or kills, and not of how the interpreter starts, its processes come from here.
"""

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from multiprocessing import forkserver
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any


@cache
def processes() -> Any:
    """How processes are started; where the system cannot copy one (Windows), each imports its libraries."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    copied = multiprocessing.get_context("forkserver")
    copied.set_forkserver_preload(["tests.warm"])
    return copied


def end_server() -> None:
    """End the process that is copied, and wait for it, so that its time and its copies' count as the tests'."""
    if hasattr(forkserver._forkserver, "_stop"):
        forkserver._forkserver._stop()


def time_of_server() -> float:
    """Processor time of the process that is copied and of the copies that have ended, while it runs."""
    pid = getattr(forkserver._forkserver, "_forkserver_pid", None)
    if not pid or not Path(f"/proc/{pid}/stat").exists():
        return 0.0
    ticks = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[11:15]
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")


def process(target: Any, *values: object) -> BaseProcess:
    """A process that has begun to run the function."""
    begun: BaseProcess = processes().Process(target=target, args=values, daemon=True)
    begun.start()
    return begun


def kcas_in(
    folder: Path, *words: object, settings: Mapping[str, str] = os.environ, given: bytes = b"", patience: float = 300
) -> subprocess.CompletedProcess[bytes]:
    """A command of kcas in a process of its own, in an environment of only these settings."""
    with tempfile.TemporaryDirectory() as beside:
        streams = [Path(beside, name) for name in ("in", "out", "wrong")]
        streams[0].write_bytes(given)
        child = process(_command, [*map(str, words)], folder, dict(settings), streams)
        child.join(patience)
        if child.exitcode is None:
            child.kill()
            raise subprocess.TimeoutExpired(["kcas", *map(str, words)], patience)
        out, wrong = (path.read_bytes() if path.exists() else b"" for path in streams[1:])
        return subprocess.CompletedProcess([*map(str, words)], child.exitcode, out, wrong)


def kcas_begun(folder: Path, *words: object, settings: Mapping[str, str] = os.environ) -> BaseProcess:
    """A command that runs on, to be killed; what it shows goes nowhere."""
    streams = [Path(os.devnull)] * 3
    return process(_command, [*map(str, words)], folder, dict(settings), streams)


def kcas_says(folder: Path, *words: object, **how: Any) -> subprocess.CompletedProcess[str]:
    """The same, with its words as text."""
    done = kcas_in(folder, *words, **how)
    out, wrong = (stream.decode("utf-8").replace("\r\n", "\n") for stream in (done.stdout, done.stderr))
    return subprocess.CompletedProcess(done.args, done.returncode, out, wrong)


def _command(words: list[str], folder: Path, settings: dict[str, str], streams: list[Path]) -> None:
    """In the copy: become the command that a shell would have started."""
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(settings)
    tempfile.tempdir = None
    encoding = settings.get("PYTHONIOENCODING", "utf-8")
    for number, (path, how) in enumerate(zip(streams, "rww", strict=True)):
        file = path.open(how, encoding=encoding)
        os.dup2(file.fileno(), number)
        setattr(sys, ("stdin", "stdout", "stderr")[number], open(number, how, encoding=encoding, closefd=False))  # noqa: SIM115
    sys.argv = ["kcas", *words]
    from kcas.cli import main

    main()
