"""The launcher: set up once, then pass everything on. Tried on a tiny project of its own, without a network."""

import io
import os
import re
import runpy
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOLD = """import sys, time
try:
    print("told", sys.argv[1:], flush=True)
    time.sleep(30 if "wait" in sys.argv else 0)
except KeyboardInterrupt:
    sys.exit(7)
sys.exit(int(sys.argv[-1]))
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose locks ask for nothing, set up once."""
    folder = tmp_path_factory.mktemp("a project of ours")
    shutil.copy(ROOT / "run.py", folder)
    for lock in ("requirements.txt", "requirements-dev.txt"):
        (folder / lock).write_text("# nothing\n")
    (folder / "kcas").mkdir()
    (folder / "kcas" / "__main__.py").write_text(TOLD)
    result = launch(folder, "kcas", "first", "0")
    assert result.returncode == 0, result.stderr
    assert "Setting up" in result.stderr
    assert result.stdout == "told ['first', '0']\n"
    return folder


BARE = {name: value for name, value in os.environ.items() if name in ("PATH", "SYSTEMROOT")}


def launch(folder: Path, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, folder / "run.py", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=BARE, check=False)


def test_a_second_run_sets_up_nothing_and_is_quick(project: Path) -> None:
    began = time.monotonic()
    result = launch(project, "kcas", "0")
    assert time.monotonic() - began < 5
    assert result.stderr == ""


def test_the_exit_code_and_arguments_are_passed_on_from_any_folder(project: Path, tmp_path: Path) -> None:
    result = launch(project, "demo", "--port", "3", cwd=tmp_path)
    assert result.stdout == "told ['demo', '--port', '3']\n"
    assert result.returncode == 3


def test_a_folder_with_a_kcas_of_its_own_does_not_get_in_the_way(project: Path, tmp_path: Path) -> None:
    (tmp_path / "kcas").mkdir()
    (tmp_path / "kcas" / "__main__.py").write_text("print('the wrong one')")
    assert "told" in launch(project, "kcas", "0", cwd=tmp_path).stdout


def test_a_changed_lock_is_set_up_again(project: Path) -> None:
    (project / "requirements.txt").write_text("# nothing, newly\n")
    assert "Setting up" in launch(project, "kcas", "0").stderr
    assert launch(project, "kcas", "0").stderr == ""


def test_what_cannot_be_installed_is_said_and_not_stamped(project: Path) -> None:
    before = (project / "requirements.txt").read_text()
    (project / "requirements.txt").write_text("no-such-package==1 --hash=sha256:" + "0" * 64 + "\n--no-index\n")
    for _ in range(2):
        result = launch(project, "kcas", "0")
        assert result.returncode == 1
        assert "Could not install requirements.txt" in result.stderr
        assert "told" not in result.stdout
    (project / "requirements.txt").write_text(before)


def test_setting_up_for_the_tests_sets_up_for_the_demo_too(project: Path) -> None:
    (project / "requirements-dev.txt").write_text("# nothing, for the tests\n")
    assert "Setting up" in launch(project, "setup", "--dev").stderr
    assert launch(project, "kcas", "0").stderr == ""


PIP = """Collecting polars==2.0.1 (from -r requirements.txt (line 3))
  Downloading polars-2.0.1-cp311.whl (40 MB)
Requirement already satisfied: pip
Collecting numpy>=2 (from -r requirements.txt (line 9))
"""


def test_setting_up_shows_which_package_it_is_at() -> None:
    launcher = runpy.run_path(str(ROOT / "run.py"))
    progress = launcher["Progress"](48)
    progress.read(io.StringIO(PIP))
    assert progress.words == "package 2 of 48: numpy"
    progress.note("Installing collected packages: numpy, polars")
    assert progress.words == "all packages are here, installing them"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no pseudo-terminal here")
def test_a_terminal_sees_that_pip_is_at_work_and_a_pipe_does_not(tmp_path: Path) -> None:
    shutil.copy(ROOT / "run.py", tmp_path)
    (tmp_path / "requirements.txt").write_text("one==1 --hash=sha256:00\n")
    slow = "import sys, time; print('Collecting one==1', flush=True); time.sleep(2.5); sys.exit(3)"
    call = f"import run, sys; sys.exit(run.install([sys.executable, '-c', {slow!r}], 'requirements.txt'))"
    ours, theirs = os.openpty()
    done = subprocess.run(
        [sys.executable, "-c", call], cwd=tmp_path, stderr=theirs, stdout=subprocess.PIPE, check=False
    )
    os.close(theirs)
    seen = os.read(ours, 4096).decode()
    os.close(ours)
    assert (done.returncode, done.stdout) == (3, b"")
    assert "package 1 of 1: one (1 s)" in seen
    assert seen.endswith("\r")
    piped = subprocess.run([sys.executable, "-c", call], cwd=tmp_path, capture_output=True, check=False)
    assert (piped.returncode, piped.stderr) == (3, b"")


@pytest.mark.skipif(os.name == "nt", reason="Windows sends no SIGINT to a group")
def test_ctrl_c_is_the_childs_to_answer(project: Path) -> None:
    command = [sys.executable, project / "run.py", "kcas", "wait", "0"]
    child = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, start_new_session=True, env=BARE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL) and None,  # a background job ignores it
    )  # fmt: skip
    assert child.stdout is not None
    assert child.stdout.readline() == "told ['wait', '0']\n"
    os.killpg(child.pid, signal.SIGINT)
    assert child.wait(timeout=25) == 7


def test_an_unknown_command_is_wrong_usage(project: Path) -> None:
    result = launch(project, "fly")
    assert result.returncode == 2
    assert "usage: python3 run.py COMMAND" in result.stderr


def test_only_the_standard_library_is_needed() -> None:
    imported = re.findall(r"^(?:import|from) (\w+)", (ROOT / "run.py").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(imported) <= set(sys.stdlib_module_names)


def test_the_lock_for_the_tests_holds_the_other_lock() -> None:
    pins = [
        set(re.findall(r"^([a-z0-9._-]+==[^\s;\\]+)", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE))
        for lock in ("requirements.txt", "requirements-dev.txt")
    ]
    assert pins[0] <= pins[1]
