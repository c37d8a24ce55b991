"""Sets up and runs kcas with nothing but Python and pip: `python3 run.py demo`, `test`, or `kcas …`.

Makes `.venv` beside this file, installs the hash-locked requirements when the lock has changed, and passes
arguments and exit code on. Standard library only.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
OLDEST = (3, 11)

USAGE = """usage: python3 run.py COMMAND

  demo [--no-browser] [--port N]   make sample logs (invented), read them in, open the dashboard
  test [pytest arguments]          set up all the tests need and run them
  kcas COMMAND …                   any command of kcas, e.g. kcas ingest my-log.csv
  setup                            set up only
"""


def main(arguments: list[str]) -> int:
    """Set up what the command needs, run it, and return its exit code."""
    if sys.version_info < OLDEST:
        print(
            f"kcas needs Python {OLDEST[0]}.{OLDEST[1]} or later; this is {sys.version.split()[0]}.",
            file=sys.stderr,
        )
        return 1
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(USAGE)
        return 0 if arguments else 2
    command, rest = arguments[0], arguments[1:]
    if command == "test":
        set_up("requirements-dev.txt")
        return run([PYTHON, "-m", "pytest", *(rest or ["-n", "2"])], cwd=HERE)
    if command == "setup":
        set_up("requirements-dev.txt" if "--dev" in rest else "requirements.txt")
        return 0
    if command in ("demo", "kcas"):
        set_up("requirements.txt")
        return run([PYTHON, "-m", "kcas", *(rest if command == "kcas" else [command, *rest])])
    print(USAGE, file=sys.stderr)
    return 2


def set_up(lock: str) -> None:
    """Install the locked requirements into `.venv`, unless the stamp says they are there already."""
    wanted = hashlib.sha256((HERE / lock).read_bytes() + sys.version.encode()).hexdigest()
    stamp = VENV / f"{lock}.stamp"
    if PYTHON.exists() and stamp.exists() and stamp.read_text() == wanted:
        return
    print(f"Setting up in {VENV} (once; a minute or so) …", file=sys.stderr, flush=True)
    if not PYTHON.exists():
        make_venv()
    pip = pip_command()
    code = run([*pip, "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", HERE / lock])
    if code:
        sys.exit(
            f"Could not install {lock}: see pip's message above. Is the network (or your package index) reachable?"
        )
    stamp.write_text(wanted)


def make_venv() -> None:
    """Make `.venv`; where the system Python lacks ensurepip, make it without pip."""
    if subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, check=False).returncode:
        subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(VENV)], check=True)


def pip_command() -> list[str]:
    """The environment's own pip, or the system's pip told to install into the environment."""
    if subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0:
        return [str(PYTHON), "-m", "pip"]
    return [sys.executable, "-m", "pip", "--python", str(PYTHON)]


def run(command: list[object], cwd: Path | None = None) -> int:
    """Run a command with the project importable and return its exit code; Ctrl-C is the child's to answer."""
    paths = [str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    child = subprocess.Popen([str(part) for part in command], env=environment, cwd=cwd)
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:
            continue


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
