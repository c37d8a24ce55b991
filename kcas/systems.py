"""Differences between Linux, macOS and Windows: text streams, processes, limits, files, folders.

Nothing else in kcas asks which system it runs on. The two switches are read at each call, so that the tests can turn
them and run every branch on one machine; what only Windows has is reached through `_windows` and `msvcrt` alone.
"""

import errno
import importlib
import os
import shlex
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeVar

from kcas.errors import KcasError

Result = TypeVar("Result")


class InUse(KcasError, PermissionError):
    """A file that another program has open, on Windows: a matter of waiting or of a person, never of rights."""

    def __str__(self) -> str:
        return f"{self.filename}: {self.strerror}."


WINDOWS = os.name == "nt"
MACOS = sys.platform == "darwin"

PAUSES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8)
"""Seconds between attempts at a file that another process has open: a virus scanner or a reader is done sooner."""
IN_USE = "another program has it open; close that program, or try again when it is done"
FAR = 1 << 40
"""Locked bytes cannot be read on Windows, so the lock lies far behind the text."""


def use_utf_8() -> None:
    """Make the standard streams UTF-8, whatever the console or the pipe was set to; no character makes them fail.

    Without a console (Windows' `pythonw`) there are none; then what is written goes nowhere.
    """
    if sys.stdout is None or sys.stderr is None:
        nowhere = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
        sys.stdout, sys.stderr = sys.stdout or nowhere, sys.stderr or nowhere
    for stream in (sys.stdin, sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError, OSError):  # replaced by a test or a server, closed, or read already
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]


def one_thread_for_matrices() -> None:
    """Let the linear algebra below NumPy use one thread, unless the person has chosen. Call it before NumPy is there.

    Our matrices are small: a second thread gains nothing on an idle machine, and on a busy one the two wait for each
    other (a forecast took 20 s with two threads, 1.6 s with one, on two cores that others used).
    """
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")


def child_environment(**more: str) -> dict[str, str]:
    """The environment of a child process in Python: its text is UTF-8, whatever this one was started with.

    It imports nothing from the folder it is started in, where a file of a person's may have a library's name.
    """
    safe = {"PYTHONUTF8": "1", "PYTHONIOENCODING": "utf-8:backslashreplace", "PYTHONSAFEPATH": "1"}
    return {**os.environ, **safe, **more}


def shell_words(*words: object) -> str:
    """Words as a person types them at a prompt, quoted where one holds a blank."""
    plain = [str(word) for word in words]
    return subprocess.list2cmdline(plain) if WINDOWS else shlex.join(plain)


def apart() -> dict[str, Any]:
    """Options of `Popen` for a child that a Ctrl-C at our console does not reach."""
    if WINDOWS:
        return {"creationflags": 0x00000200 | 0x08000000}  # a new process group, no window
    return {"start_new_session": True}


@dataclass(frozen=True)
class Process:
    """A process by its number and its beginning: the number alone is given to another once the process is over."""

    number: int
    began: str

    def __str__(self) -> str:
        return f"{self.number} {self.began}"


def process(number: int) -> Process | None:
    """The running process with a number; None where there is none, or where the system does not say when it began."""
    began = _began(number)
    return Process(number, began) if began else None


def read_process(text: str) -> Process | None:
    """A process as `str` wrote it; None for other text."""
    number, _, began = text.strip().partition(" ")
    return Process(int(number), began) if number.isascii() and number.isdigit() and began else None


def is_running(known: Process) -> bool:
    """Whether this very process still runs, not another that was given its number."""
    return _began(known.number) == known.began


def end_process(known: Process) -> bool:
    """Ask a process to end; False, and nothing is done, where it is over or its number is another's."""
    if WINDOWS:
        return _windows_end(known)
    try:
        handle = _posix().pidfd_open(known.number)
    except ProcessLookupError:
        return False
    except (AttributeError, OSError):  # macOS and older Linux: what is left is the moment between these two lines
        return is_running(known) and _signal(known.number)
    try:  # held by its handle, the number cannot pass to another between the check and the signal
        if not is_running(known):
            return False
        _pidfd_signal(handle)
    except (ProcessLookupError, PermissionError):
        return False
    finally:
        os.close(handle)
    return True


def _pidfd_signal(handle: int) -> None:
    sender: Any = signal
    sender.pidfd_send_signal(handle, signal.SIGTERM)


def _signal(number: int) -> bool:
    try:
        os.kill(number, signal.SIGTERM)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def _began(number: int) -> str | None:
    if number <= 0:
        return None
    if WINDOWS:
        return _windows_began(number)
    if Path("/proc/self/stat").exists():
        return _linux_began(number)
    return _ps_began(number)


def _linux_began(number: int) -> str | None:
    """The boot and the clock tick at which it began (`man 5 proc`: fields 3 and 22; the name may hold blanks)."""
    try:
        fields = Path(f"/proc/{number}/stat").read_bytes().rpartition(b")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_bytes().decode("ascii").strip()
    except OSError:
        return None
    over = fields[0] in (b"Z", b"X", b"x")  # ended, and only not yet asked after by its parent
    return None if over else f"{boot}/{fields[19].decode('ascii')}"


def _ps_began(number: int) -> str | None:
    command = ["ps", "-o", "stat=", "-o", "lstart=", "-p", str(number)]
    plain = {**os.environ, "LC_ALL": "C", "TZ": "UTC"}
    try:
        done = subprocess.run(command, capture_output=True, encoding="ascii", errors="replace", env=plain, timeout=9)
    except (OSError, subprocess.SubprocessError):
        return None
    state, *began = done.stdout.split() or [""]
    return None if done.returncode or state.startswith("Z") else " ".join(began) or None


def _windows() -> Any:
    """The functions of kernel32, by their documented types."""
    import ctypes
    from ctypes import wintypes

    kernel = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined,unused-ignore]
    kernel.OpenProcess.restype = wintypes.HANDLE
    return kernel


@contextmanager
def _windows_process(number: int, *, rights: int) -> Iterator[tuple[Any, Any]]:
    """The functions, and a handle of a process or None; while the handle is open the number is no one else's."""
    from ctypes import wintypes

    kernel = _windows()
    handle = kernel.OpenProcess(wintypes.DWORD(rights), wintypes.BOOL(False), wintypes.DWORD(number))
    try:
        yield kernel, wintypes.HANDLE(handle) if handle else None
    finally:
        if handle:
            kernel.CloseHandle(wintypes.HANDLE(handle))


def _windows_began(number: int) -> str | None:
    query, synchronize = 0x1000, 0x100000
    with _windows_process(number, rights=query | synchronize) as (kernel, handle):
        return _windows_created(kernel, handle)


def _windows_created(kernel: Any, handle: Any) -> str | None:
    """When a process was created, in the system's ticks; None once it is over."""
    from ctypes import byref, wintypes

    still_running, times = 0x102, [wintypes.FILETIME() for _ in range(4)]
    if handle is None or kernel.WaitForSingleObject(handle, wintypes.DWORD(0)) != still_running:
        return None
    if not kernel.GetProcessTimes(handle, *(byref(each) for each in times)):
        return None
    return str(times[0].dwHighDateTime << 32 | times[0].dwLowDateTime)


def _windows_end(known: Process) -> bool:
    from ctypes import wintypes

    terminate, query, synchronize = 0x1, 0x1000, 0x100000
    with _windows_process(known.number, rights=terminate | query | synchronize) as (kernel, handle):
        if _windows_created(kernel, handle) != known.began:
            return False
        return bool(kernel.TerminateProcess(handle, wintypes.UINT(1)))


def limit(*, memory: int, processor: int) -> list[str]:
    """Bound this process's address space in bytes and processor time in seconds; what could not be bounded, in words.

    A bound that the system or the person has already set lower stays as it is.
    """
    try:
        resource: Any = importlib.import_module("resource")
    except ImportError:
        return ["Memory and processor time are not bounded: this system has no such limits."]
    bounds = (("Memory", "RLIMIT_AS", memory), ("Processor time", "RLIMIT_CPU", processor))
    return [words for what, name, wanted in bounds if (words := _bound(resource, name, wanted, what=what))]


def _bound(resource: Any, name: str, wanted: int, *, what: str) -> str | None:
    try:
        kind = getattr(resource, name)
        already = [each for each in resource.getrlimit(kind) if each not in (resource.RLIM_INFINITY, -1)]
        lowest = min([wanted, *already])
        resource.setrlimit(kind, (lowest, lowest))
    except (AttributeError, ValueError, OSError) as error:
        return f"{what} is not bounded: the system refuses the limit ({error})."
    return None


def write_through(paths: Iterable[Path]) -> None:
    """Make the files, and their names in their folders, outlast a power cut."""
    paths = list(paths)
    for path in paths:
        _flush(path)
    if not WINDOWS:  # which keeps names by itself and cannot open a folder
        for folder in {path.parent for path in paths}:
            _flush(folder)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDWR if WINDOWS else os.O_RDONLY)
    try:
        flush(handle)
    finally:
        os.close(handle)


def flush(handle: int) -> None:
    """Make what was written to an open file outlast a power cut; on macOS `fsync` leaves it in the drive's memory."""
    if MACOS:
        fcntl: Any = importlib.import_module("fcntl")
        with suppress(OSError):  # a network drive knows no full flush; then the ordinary one is all there is
            fcntl.fcntl(handle, fcntl.F_FULLFSYNC)
            return
    os.fsync(handle)


def replace(source: Path, target: Path) -> Path:
    """Put a file or folder under another name, over a file that has it: a reader sees the old or the new, never a part.

    Windows refuses while another process has either open: we wait a little, then raise InUse.
    """
    return _patiently(lambda: source.replace(target), target)


def remove(path: Path) -> None:
    """Delete a file, if it is there. Raises InUse as `replace` does."""
    _patiently(lambda: path.unlink(missing_ok=True), path)


def _patiently(act: Callable[[], Result], path: Path) -> Result:
    for pause in PAUSES if WINDOWS else ():
        try:
            return act()
        except PermissionError:
            time.sleep(pause)
    try:
        return act()
    except PermissionError as error:
        if not WINDOWS:
            raise
        raise InUse(error.errno, IN_USE, str(path)) from None


def put_new(draft: Path, path: Path) -> None:
    """Give a complete file a name no one has taken; the draft's own name is gone afterwards. Raises FileExistsError.

    A hard link does both at once. Where the file system has none (exFAT, some network drives), a lock that the
    system lets go of when its holder dies keeps others of us out between the look and the renaming.
    """
    try:
        try:
            os.link(draft, path)
        except FileExistsError:
            raise
        except OSError:
            _put_new_by_lock(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    write_through([path])


def _put_new_by_lock(draft: Path, path: Path) -> None:
    lock = path.with_name(f"{path.name}.lock")
    with lock.open("a+", encoding="utf-8") as guard:
        for pause in (*PAUSES, *[1.0] * 10):
            if try_lock(guard):
                break
            time.sleep(pause)
        else:
            raise InUse(errno.EACCES, IN_USE, str(path))
        try:
            if path.exists():
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
            replace(draft, path)
        finally:
            unlock(guard)
            if path.exists():  # so does a process that still holds the lock's file open, or makes it again
                with suppress(OSError):
                    lock.unlink()


def try_lock(file: IO[Any]) -> bool:
    """Take the lock on an open file, unless another process has it; the system lets go of it when its holder dies."""
    if WINDOWS:
        msvcrt: Any = importlib.import_module("msvcrt")
        try:
            os.lseek(file.fileno(), FAR, os.SEEK_SET)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
    fcntl: Any = importlib.import_module("fcntl")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def unlock(file: IO[Any]) -> None:
    """Let go of the lock on a file."""
    if WINDOWS:
        msvcrt: Any = importlib.import_module("msvcrt")
        os.lseek(file.fileno(), FAR, os.SEEK_SET)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
        return
    fcntl: Any = importlib.import_module("fcntl")
    fcntl.flock(file, fcntl.LOCK_UN)


def _posix() -> Any:
    """The functions that only Linux and macOS have."""
    return os


def settings_folder() -> Path:
    """Where this person's settings of a program lie."""
    if WINDOWS:
        return Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming")
    if MACOS:
        return Path.home() / "Library" / "Application Support"
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")


def person() -> str:
    """This person's number, for names in a folder that all share; on Windows that folder is their own."""
    return "own" if WINDOWS else str(_posix().getuid())


def others_can_read(path: Path) -> bool:
    """Whether the file's rights let others read it; Windows keeps those elsewhere, by the folder."""
    return not WINDOWS and bool(path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO))


def only_ours_to_write(folder: Path) -> bool:
    """Whether we may write into a folder and no one else may."""
    if not os.access(folder, os.W_OK):
        return False
    facts = folder.stat()
    return WINDOWS or (facts.st_uid == _posix().getuid() and not facts.st_mode & (stat.S_IWGRP | stat.S_IWOTH))


def others_can_write(facts: os.stat_result) -> bool:
    """Whether a file or folder with these facts is another's, or another's to write; on Windows it lies in our own."""
    return not WINDOWS and (facts.st_uid != _posix().getuid() or bool(facts.st_mode & (stat.S_IWGRP | stat.S_IWOTH)))
