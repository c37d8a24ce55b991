"""Sets up and runs kcas with nothing but Python and pip: `python3 run.py demo`, `test`, or `kcas …`.

Makes `.venv` beside this file, installs the hash-locked requirements when the lock has changed, and passes
arguments and exit code on. Standard library only.
"""

from __future__ import annotations  # so that an older Python gets as far as being told that it is too old

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
OLDEST = (3, 11)
LOCKS = ("requirements.txt", "requirements-dev.txt")
"""Each lock holds all of the one before it, at the same versions."""
NOT_ELSEWHERE = {"PIP_USER": "0", "PIP_TARGET": "", "PIP_PREFIX": "", "PIP_REQUIRE_VIRTUALENV": "0"}
"""A person's own settings for pip that would put the packages somewhere else."""

USAGE = """usage: python3 run.py COMMAND

  demo [--no-browser] [--port N]   make sample logs (invented), read them in, open the dashboard
  test [pytest arguments]          set up all the tests need and run them
  kcas COMMAND …                   any command of kcas, e.g. kcas ingest my-log.csv
  setup [--dev]                    set up only (with --dev, all the tests need)
"""


def main(arguments: list[str]) -> int:
    """Set up what the command needs, run it, and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    if sys.version_info < OLDEST:
        print(f"kcas needs Python {OLDEST[0]}.{OLDEST[1]} or later; this is {sys.version.split()[0]}.", file=sys.stderr)
        return 1
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(USAGE)
        return 0 if arguments else 2
    command, rest = arguments[0], arguments[1:]
    shown = f'"{sys.argv[0]}"' if " " in sys.argv[0] else sys.argv[0]
    os.environ["KCAS_CALLED"] = f"{'py' if os.name == 'nt' else 'python3'} {shown} kcas"
    if command == "test":
        return set_up(LOCKS[1]) or run([PYTHON, "-m", "pytest", *(rest or in_parallel())], cwd=HERE)
    if command == "setup" and rest in ([], ["--dev"]):
        return set_up(LOCKS[1] if rest else LOCKS[0])
    if command in ("demo", "kcas"):
        return set_up(LOCKS[0]) or run([PYTHON, "-P", "-m", "kcas", *(rest if command == "kcas" else arguments)])
    print(USAGE, file=sys.stderr)
    return 2


def in_parallel() -> list[str]:
    """How many tests to run at once."""
    return ["-n", str(min(os.cpu_count() or 1, 4)), "--dist", "worksteal"]


def set_up(lock: str) -> int:
    """Install the locked requirements into `.venv`, unless the stamp says they are there already."""
    if PYTHON.exists() and stamp_of(lock).exists() and stamp_of(lock).read_text(encoding="ascii") == wanted(lock):
        return 0
    say(f"Setting up in {VENV} (once; a minute or so) …")
    try:
        make_venv()
        pip = pip_command()
    except (OSError, subprocess.CalledProcessError) as error:
        say(f"Could not make {VENV}: {error}. Is there room, and may you write here?")
        return 1
    if not pip:
        say("There is no pip. Install it (Debian, Ubuntu: apt install python3-pip), then run this again.")
        return 1
    options = ["--disable-pip-version-check", "--require-hashes", "--progress-bar", "off"]
    code = install([*pip, "install", *options, "-r", HERE / lock], lock)
    if code in (130, 128 + signal.SIGTERM):
        say("Stopped. Run this again to go on.")
    elif code:
        say(f"Could not install {lock}: see pip's message above. Is the network (or your package index) reachable?")
    else:
        for held in LOCKS[: LOCKS.index(lock) + 1]:
            stamp_of(held).write_text(wanted(held), encoding="ascii")
    return code


def stamp_of(lock: str) -> Path:
    """The file that says which lock has been installed."""
    return VENV / f"{lock}.stamp"


def wanted(lock: str) -> str:
    """What the stamp says when this very lock is installed for this very Python."""
    return hashlib.sha256((HERE / lock).read_bytes() + sys.version.encode()).hexdigest()


def make_venv() -> None:
    """Make `.venv` unless it is there and of this Python; where the system lacks ensurepip, without pip."""
    made_by = VENV / "made-by.txt"
    if PYTHON.exists() and made_by.exists() and made_by.read_text(encoding="utf-8") == sys.version:
        return
    shutil.rmtree(VENV, ignore_errors=True)
    made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, check=False)
    if made.returncode:
        subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(VENV)], check=True)
    made_by.write_text(sys.version, encoding="utf-8")


def pip_command() -> list[str]:
    """The environment's own pip, or the system's told to install into the environment; nothing where there is none."""
    own, systems = [str(PYTHON), "-m", "pip"], [sys.executable, "-m", "pip"]
    if answers([*own, "--version"]):
        return own
    return [*systems, "--python", str(PYTHON)] if answers([*systems, "--version"]) else []


def answers(command: list[str]) -> bool:
    """Whether a command runs at all."""
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def say(words: str) -> None:
    """Tell the person, not the program that reads our output."""
    print(words, file=sys.stderr, flush=True)


def install(command: list[object], lock: str) -> int:
    """Run pip; on a terminal one line shows each second that it is at work, elsewhere nothing but its errors."""
    if not sys.stderr.isatty():
        return run([*command, "--quiet"], NOT_ELSEWHERE)
    packages = re.findall(r"^[\w.-]+==", (HERE / lock).read_text(encoding="utf-8"), re.MULTILINE)
    return run(command, NOT_ELSEWHERE, progress=Progress(len(packages)))


class Progress:
    """What pip is doing, from its own output, in one line of the terminal."""

    def __init__(self, packages: int) -> None:
        self.packages, self.seen, self.words = packages, 0, "starting"
        self.over, self.began = threading.Event(), time.monotonic()

    def read(self, output: object) -> None:
        """Follow pip's output to its end."""
        for line in output:  # type: ignore[attr-defined]
            self.note(line)
        self.over.set()

    def note(self, line: str) -> None:
        """Take one line of pip's output into account."""
        words = line.split()
        if words[:1] == ["Collecting"] and len(words) > 1:
            self.seen += 1
            self.words = f"package {self.seen} of {self.packages}: {re.split('[=<>! (;]', words[1])[0]}"
        elif line.startswith("Installing collected packages"):
            self.words = "all packages are here, installing them"

    def show(self, output: object) -> None:
        """Write the line again each second until pip's output ends, then remove it."""
        threading.Thread(target=self.read, args=(output,), daemon=True).start()
        while not self.over.wait(1.0):
            line = f"  {self.words} ({time.monotonic() - self.began:.0f} s)"
            print(f"\r{line[:78]:<78}", end="", file=sys.stderr, flush=True)
        print(f"\r{'':<78}\r", end="", file=sys.stderr, flush=True)


def run(
    command: list[object],
    settings: dict[str, str] | None = None,
    cwd: Path | None = None,
    progress: Progress | None = None,
) -> int:
    """Run a command with the project importable and return its exit code; Ctrl-C is the child's to answer.

    Where its `progress` is shown, the command's output is read for that and not passed on.
    """
    paths = [str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])]
    text = {"PYTHONUTF8": "1"}  # a console or a pipe of Windows may know 256 characters
    environment = {**os.environ, **text, "PYTHONPATH": os.pathsep.join(paths), **(settings or {})}
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.SIG_IGN:  # a handler, not "ignore": the child would inherit that
        signal.signal(signal.SIGINT, lambda *_: None)
    output = {"stdout": subprocess.PIPE, "encoding": "utf-8", "errors": "replace"} if progress else {}
    child = subprocess.Popen([str(part) for part in command], env=environment, cwd=cwd, **output)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    if progress:
        progress.show(child.stdout)
    code = child.wait()  # never interrupted: an interrupted wait may lose the child's exit code
    signal.signal(signal.SIGINT, before)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
