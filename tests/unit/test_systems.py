"""Every branch for Linux, macOS and Windows: the switch of the platform is turned, its library is a small stand-in."""

import ctypes
import errno
import io
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from ctypes import wintypes
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from kcas import systems
from kcas.errors import KcasError

SLEEPS = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
POSIX = pytest.mark.skipif(os.name == "nt", reason="the stand-ins for Windows are for other systems")


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    running = subprocess.Popen(SLEEPS, stdout=subprocess.PIPE, **systems.apart())
    assert running.stdout is not None
    assert running.stdout.readline().strip() == b"up"
    yield running
    running.kill()
    running.wait()
    running.stdout.close()


# Text


def test_a_stream_in_a_windows_code_page_writes_every_character_as_utf_8(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="cp1252"))
    systems.use_utf_8()
    print("σ − Kaplan–Meier ╭", end="", flush=True)
    assert written.getvalue().decode("utf-8") == "σ − Kaplan–Meier ╭"


def test_a_file_name_that_is_no_text_is_written_with_escapes(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(written, encoding="ascii"))
    systems.use_utf_8()
    print("log-\udcff.csv", end="", file=sys.stderr, flush=True)
    assert written.getvalue() == b"log-\\udcff.csv"


def test_a_stream_that_cannot_be_changed_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", stream := io.StringIO())
    systems.use_utf_8()
    assert sys.stdout is stream


def test_where_there_is_no_console_what_is_written_goes_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, None)
    systems.use_utf_8()
    print("σ", file=sys.stdout, flush=True)
    print("σ", file=sys.stderr, flush=True)
    assert sys.stdout.name == sys.stderr.name == os.devnull


def test_a_child_writes_utf_8_whatever_its_parent_was_started_with(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "cp1252")
    monkeypatch.setenv("PYTHONUTF8", "0")
    code = "import locale; print('σ', locale.getpreferredencoding())"
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, env=systems.child_environment(), check=True
    )
    assert said.stdout.decode("utf-8").split() == ["σ", "utf-8"]


# Processes


def test_a_process_is_known_by_its_number_and_its_beginning(child: subprocess.Popen[bytes]) -> None:
    known = systems.process(child.pid)
    assert known is not None
    assert systems.is_running(known)
    assert systems.read_process(str(known)) == known
    assert not systems.is_running(systems.Process(child.pid, "another boot/1"))


def test_two_processes_begun_apart_are_told_apart(child: subprocess.Popen[bytes]) -> None:
    ours, theirs = systems.process(os.getpid()), systems.process(child.pid)
    assert ours is not None
    assert theirs is not None
    assert ours.began != theirs.began


def test_a_process_that_ended_is_not_running_though_its_parent_has_not_asked() -> None:
    over = subprocess.Popen([sys.executable, "-c", ""])
    deadline = time.monotonic() + 30
    while systems.process(over.pid) is not None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert systems.process(over.pid) is None  # a zombie, by its number still there
    over.wait()


def test_ending_a_process_signals_it_alone(child: subprocess.Popen[bytes]) -> None:
    known = systems.process(child.pid)
    assert known is not None
    assert systems.end_process(known)
    assert child.wait(timeout=30) == (1 if os.name == "nt" else -signal.SIGTERM)
    assert not systems.end_process(known)


@pytest.mark.parametrize("handles", [True, False], ids=["with process handles", "without"])
def test_a_number_that_passed_to_another_process_is_never_signalled(
    child: subprocess.Popen[bytes], handles: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not handles:
        monkeypatch.setattr(systems, "_posix", lambda: SimpleNamespace())
    assert not systems.end_process(systems.Process(child.pid, "another boot/1"))
    assert child.poll() is None


@POSIX
def test_without_process_handles_a_process_is_ended_by_its_number(
    child: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(systems, "_posix", lambda: SimpleNamespace())
    known = systems.process(child.pid)
    assert known is not None
    assert systems.end_process(known)
    assert child.wait(timeout=30) == -signal.SIGTERM


@pytest.mark.parametrize("text", ["", "12", "12 ", "-3 boot/1", "twelve boot/1", "pid", "¹ boot/1"])
def test_what_is_no_process_in_writing_is_none(text: str) -> None:
    assert systems.read_process(text) is None


@pytest.mark.parametrize("number", [0, -1, -(2**31)])
def test_the_numbers_that_mean_a_group_are_no_process(number: int) -> None:
    assert systems.process(number) is None
    assert not systems.end_process(systems.Process(number, "boot/1"))


@POSIX
def test_where_there_is_no_proc_the_system_is_asked_by_ps(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "ps").write_text('#!/bin/sh\n[ "$6" = 41 ] && exit 1\n[ "$6" = 42 ] && echo "Z    x" && exit 0\n'
                               'echo "Ss   Tue Dec  1 02:37:46 2026    "\n', encoding="utf-8")  # fmt: skip
    (folder / "ps").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    assert systems._ps_began(40) == "Tue Dec 1 02:37:46 2026"
    assert systems._ps_began(41) is None  # no such process
    assert systems._ps_began(42) is None  # a zombie
    monkeypatch.setenv("PATH", str(tmp_path))
    assert systems._ps_began(40) is None  # no ps


class Kernel32:
    """Windows' process functions as far as we call them: one process, which runs until it is terminated."""

    number, high, low = 77, 30, 1_000_000

    def __init__(self) -> None:
        self.running, self.open_handles, self.ended_with = True, 0, None

    def OpenProcess(self, rights: wintypes.DWORD, inherit: wintypes.BOOL, number: wintypes.DWORD) -> int | None:
        if number.value != self.number:
            return None
        self.open_handles += 1
        return 4242

    def CloseHandle(self, handle: wintypes.HANDLE) -> int:
        assert handle.value == 4242
        self.open_handles -= 1
        return 1

    def WaitForSingleObject(self, handle: wintypes.HANDLE, wait: wintypes.DWORD) -> int:
        return 0x102 if self.running else 0

    def GetProcessTimes(self, handle: wintypes.HANDLE, created: Any, *others: Any) -> int:
        created._obj.dwHighDateTime, created._obj.dwLowDateTime = self.high, self.low
        assert len(others) == 3
        return 1

    def TerminateProcess(self, handle: wintypes.HANDLE, code: wintypes.UINT) -> int:
        self.running, self.ended_with = False, code.value
        return 1


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> Kernel32:
    kernel = Kernel32()
    monkeypatch.setattr(systems, "WINDOWS", True)
    monkeypatch.setattr(systems, "PAUSES", (0.0, 0.0, 0.0))
    monkeypatch.setattr(systems, "_windows", lambda: kernel)
    return kernel


def test_on_windows_a_process_is_known_by_its_creation_and_ended_by_its_handle(windows: Kernel32) -> None:
    known = systems.process(77)
    assert known == systems.Process(77, str((30 << 32) + 1_000_000))
    assert known is not None
    assert systems.is_running(known)
    assert not systems.end_process(systems.Process(77, "another"))
    assert windows.running
    assert systems.end_process(known)
    assert (windows.running, windows.ended_with) == (False, 1)
    assert not systems.is_running(known)
    assert systems.process(78) is None
    assert windows.open_handles == 0


def test_the_functions_of_windows_are_asked_for_by_their_types(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def library(name: str, **options: bool) -> SimpleNamespace:
        asked.append(name)
        return SimpleNamespace(OpenProcess=SimpleNamespace())

    monkeypatch.setattr(ctypes, "WinDLL", library, raising=False)
    assert systems._windows().OpenProcess.restype is wintypes.HANDLE  # an int would cut a handle of 64 bits
    assert asked == ["kernel32"]


def test_on_windows_a_child_has_a_group_of_its_own_and_no_window(windows: Kernel32) -> None:
    assert systems.apart() == {"creationflags": 0x08000200}


# Limits

BOUND = """
import resource, sys
from kcas.systems import limit
said = limit(memory=12 * 2**30, processor=900)
print(said, resource.getrlimit(resource.RLIMIT_AS), resource.getrlimit(resource.RLIMIT_CPU))
"""


@POSIX
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", f"[] ({12 * 2**30}, {12 * 2**30}) (900, 900)"),
        ("ulimit -v 11000000; ulimit -t 600;", f"[] ({11_000_000 * 1024}, {11_000_000 * 1024}) (600, 600)"),
        ("ulimit -S -v 11000000; ulimit -H -t 1200;", f"[] ({11_000_000 * 1024}, {11_000_000 * 1024}) (900, 900)"),
    ],
    ids=["no limit", "hard limits below ours", "a soft limit below ours, a hard one above"],
)
def test_a_limit_is_ours_or_the_lower_one_that_is_there_already(before: str, after: str) -> None:
    script = f"{before} exec {sys.executable} -c '{BOUND}'"
    said = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == after


@POSIX
def test_a_limit_that_the_system_refuses_is_told_and_the_other_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    kept: dict[int, tuple[int, int]] = {}

    def refuses_memory(kind: int, bounds: tuple[int, int]) -> None:
        if kind == resource.RLIMIT_AS:
            raise ValueError("current limit exceeds maximum limit")
        kept[kind] = bounds

    monkeypatch.setattr(resource, "setrlimit", refuses_memory)
    monkeypatch.setattr(resource, "getrlimit", lambda kind: (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert systems.limit(memory=2**30, processor=900) == [
        "Memory is not bounded: the system refuses the limit (current limit exceeds maximum limit)."
    ]
    assert kept == {resource.RLIMIT_CPU: (900, 900)}


def test_where_a_system_has_no_limits_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resource", None)
    assert systems.limit(memory=2**30, processor=900) == [
        "Memory and processor time are not bounded: this system has no such limits."
    ]


# Files


def no_links(*_: object) -> None:
    raise OSError(errno.EPERM, os.strerror(errno.EPERM))


@pytest.mark.parametrize("links", [True, False], ids=["hard links", "no hard links"])
def test_a_new_file_is_put_there_whole(links: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not links:
        monkeypatch.setattr(os, "link", no_links)
    (tmp_path / "draft").write_bytes(b"whole")
    systems.put_new(tmp_path / "draft", tmp_path / "key")
    assert (tmp_path / "key").read_bytes() == b"whole"
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


@pytest.mark.parametrize("links", [True, False], ids=["hard links", "no hard links"])
def test_a_name_that_is_taken_stays_with_its_file(links: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not links:
        monkeypatch.setattr(os, "link", no_links)
    (tmp_path / "key").write_bytes(b"first")
    (tmp_path / "draft").write_bytes(b"second")
    with pytest.raises(FileExistsError):
        systems.put_new(tmp_path / "draft", tmp_path / "key")
    assert (tmp_path / "key").read_bytes() == b"first"
    assert not (tmp_path / "draft").exists()


RACE = """
import os, sys, time
from pathlib import Path
from kcas import systems
def no_links(*_): raise OSError(95, "no links here")
os.link = no_links
folder, mine = Path(sys.argv[1]), sys.argv[2]
draft = folder / f"draft-{mine}"
draft.write_text(mine * 1000)
while not (folder / "go").exists(): time.sleep(0.001)
try:
    systems.put_new(draft, folder / "key")
    print("won", mine)
except FileExistsError:
    print("lost", (folder / "key").read_text()[:1])
"""


def test_of_many_without_hard_links_one_wins_and_all_see_its_file(tmp_path: Path) -> None:
    racers = [
        subprocess.Popen([sys.executable, "-c", RACE, str(tmp_path), name], stdout=subprocess.PIPE, text=True)
        for name in "abcdef"
    ]
    time.sleep(0.5)
    (tmp_path / "go").touch()
    said = [racer.communicate(timeout=60)[0].split() for racer in racers]
    winner = (tmp_path / "key").read_text(encoding="ascii")
    assert len(winner) == 1000
    assert sorted(said) == sorted([["won", winner[0]], *[["lost", winner[0]]] * 5])


class InUse:
    """Windows' refusal to replace a file that another process reads, for the first few attempts."""

    def __init__(self, attempts: int) -> None:
        self.left = attempts

    def __call__(self) -> None:
        self.left -= 1
        if self.left >= 0:
            raise PermissionError(errno.EACCES, "Access is denied")


def test_on_windows_a_file_that_another_process_reads_is_replaced_once_it_is_free(
    windows: Kernel32, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse, really = InUse(3), Path.replace

    def replace(self: Path, target: Path) -> Path:
        refuse()
        return really(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    (tmp_path / "new").write_bytes(b"new")
    (tmp_path / "old").write_bytes(b"old")
    assert systems.replace(tmp_path / "new", tmp_path / "old") == tmp_path / "old"
    assert (tmp_path / "old").read_bytes() == b"new"


def test_on_windows_a_file_that_stays_in_use_is_told_in_plain_words(
    windows: Kernel32, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "unlink", lambda self, missing_ok: InUse(1)())
    with pytest.raises(PermissionError) as refused:
        systems.remove(tmp_path / "calls.parquet")
    assert isinstance(refused.value, KcasError)  # told without a traceback where nothing better is known
    assert str(refused.value).startswith(f"{tmp_path / 'calls.parquet'}: another program has it open; close that")
    assert refused.value.strerror == "another program has it open; close that program, or try again when it is done"
    assert refused.value.filename == str(tmp_path / "calls.parquet")


@POSIX
def test_elsewhere_a_refusal_is_a_matter_of_rights_and_tried_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse = InUse(1)
    monkeypatch.setattr(Path, "unlink", lambda self, missing_ok: refuse())
    with pytest.raises(PermissionError, match="Access is denied"):
        systems.remove(tmp_path / "calls.parquet")
    assert refuse.left == 0


@POSIX
@pytest.mark.parametrize(
    ("system", "folders"), [("LINUX", 1), ("MACOS", 1), ("WINDOWS", 0)], ids=["linux", "macos", "windows"]
)
def test_a_file_and_its_name_are_written_through_to_the_disk(
    system: str, folders: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    flushed: list[tuple[str, int]] = []
    monkeypatch.setattr(os, "fsync", lambda handle: flushed.append(("fsync", os.fstat(handle).st_ino)))
    monkeypatch.setattr(fcntl, "F_FULLFSYNC", 51, raising=False)
    monkeypatch.setattr(fcntl, "fcntl", lambda handle, act: flushed.append((str(act), os.fstat(handle).st_ino)))
    if system != "LINUX":
        monkeypatch.setattr(systems, system, True)
    (tmp_path / "file").touch()
    systems.write_through([tmp_path / "file"])
    how = "51" if system == "MACOS" else "fsync"
    assert flushed == [(how, (tmp_path / "file").stat().st_ino), *[(how, tmp_path.stat().st_ino)] * folders]


@POSIX
def test_on_macos_a_drive_without_a_full_flush_has_the_ordinary_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    flushed: list[int] = []
    monkeypatch.setattr(systems, "MACOS", True)
    monkeypatch.setattr(fcntl, "F_FULLFSYNC", 51, raising=False)
    monkeypatch.setattr(fcntl, "fcntl", no_links)
    monkeypatch.setattr(os, "fsync", flushed.append)
    systems.flush(7)
    assert flushed == [7]


def test_a_lock_keeps_another_process_out_until_it_is_let_go(tmp_path: Path) -> None:
    asks = "import sys; from kcas.systems import try_lock; print(try_lock(open(sys.argv[1], 'a+')))"

    def other() -> str:
        asked = [sys.executable, "-c", asks, str(tmp_path / "lock")]
        return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()

    with (tmp_path / "lock").open("a+", encoding="utf-8") as file:
        assert systems.try_lock(file)
        assert other() == "False"
        systems.unlock(file)
        assert other() == "True"


@POSIX
def test_on_windows_the_lock_lies_far_behind_the_text(
    windows: Kernel32, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: set[int] = set()

    def locking(handle: int, act: int, size: int) -> None:
        at = os.lseek(handle, 0, os.SEEK_CUR)
        assert size == 1
        if act == 0:
            held.remove(at)
        elif at in held:
            raise PermissionError(errno.EACCES, "locked")
        else:
            held.add(at)

    monkeypatch.setitem(sys.modules, "msvcrt", SimpleNamespace(locking=locking, LK_NBLCK=2, LK_UNLCK=0))  # type: ignore[arg-type]
    with (tmp_path / "lock").open("a+", encoding="utf-8") as file:
        file.write("12345")
        assert systems.try_lock(file)
        assert held == {1 << 40}
        assert not systems.try_lock(file)
        systems.unlock(file)
        assert held == set()


# People and folders


def test_settings_lie_where_each_system_keeps_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/zoë")
    for name in ("APPDATA", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    home = Path.home()
    monkeypatch.setattr(systems, "WINDOWS", False)
    monkeypatch.setattr(systems, "MACOS", False)
    assert systems.settings_folder() == home / ".config"
    monkeypatch.setenv("XDG_CONFIG_HOME", "/etc/zoë")
    assert systems.settings_folder() == Path("/etc/zoë")
    monkeypatch.setattr(systems, "MACOS", True)
    assert systems.settings_folder() == home / "Library" / "Application Support"
    monkeypatch.setattr(systems, "WINDOWS", True)
    assert systems.settings_folder() == home / "AppData" / "Roaming"
    monkeypatch.setenv("APPDATA", "C:/Users/Zoë/AppData/Roaming")
    assert systems.settings_folder() == Path("C:/Users/Zoë/AppData/Roaming")


@POSIX
def test_a_folder_is_only_ours_to_write_while_its_rights_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tmp_path.chmod(0o755)
    assert systems.only_ours_to_write(tmp_path)
    tmp_path.chmod(0o775)
    assert not systems.only_ours_to_write(tmp_path)
    assert systems.others_can_read(tmp_path)
    tmp_path.chmod(0o700)
    assert not systems.others_can_read(tmp_path)
    assert systems.person() == str(os.getuid())
    monkeypatch.setattr(systems, "WINDOWS", True)
    assert systems.person() == "own"
    assert systems.only_ours_to_write(tmp_path)
