"""Runner of long work in a child process: a typed request in; progress, stop and limits; a typed result out.

A job's name is all that a page keeps: it survives a rerun, another page, a reload and a server's restart. Names come
from addresses, so nothing but our own pattern is a name.
"""

import gc
import importlib
import json
import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from kcas.errors import KcasError
from kcas.ingest.masking import masked
from kcas.job_files import (
    CHILD,
    GIVEN,
    MADE,
    REQUEST,
    RESULT,
    SERVER,
    STOPPED,
    WORDS,
    Run,
    file_text,
    progress,
    read,
    read_if_ours,
    without_folder,
    words_of,
    write,
    write_small,
)
from kcas.simulation.engines import kernel_folder
from kcas.simulation.engines.kernel_folder import COMPILE
from kcas.systems import (
    Process,
    apart,
    child_environment,
    end_process,
    is_running,
    limit,
    one_thread_for_matrices,
    process,
    read_process,
    replace,
    use_utf_8,
)

Answer = TypeVar("Answer")
AT_ONCE = 4
"""Jobs that run at the same time, of all kinds and all viewers together."""
PATIENCE = 10.0
"""Seconds that a child is given to end when it is asked to."""
KEPT = 24 * 3600.0
"""Seconds for which what a job left is kept unused."""
FAULT = "kcas has an error: this should not happen, for any request. Tell the people who look after it:"
NO_RESULT = "It ended without a result: out of memory or time."
NO_MEMORY = "It needs more memory than a job may use. Nothing of it was kept."
_NAME = re.compile(r"[0-9a-f]{16}")


class TooManyJobs(RuntimeError):
    """As many jobs run as may."""


class Request(ABC, Generic[Answer]):
    """What is asked of a job: a frozen dataclass whose module the child can import."""

    @abstractmethod
    def work(self, run: Run) -> Answer:
        """Do it, in the child. What is shown of the answer must be worked out: frames in it stay behind."""


@dataclass(frozen=True)
class Limits:
    """Bounds of a kind of job: seconds by the clock and of the processor, bytes of memory, answers kept."""

    seconds: float = KEPT
    processor: int | None = None
    memory: int | None = None
    answers: int | None = None


@dataclass(frozen=True)
class Job(Generic[Answer]):
    """How far a job has got, or its result."""

    name: str
    folder: Path
    request: Request[Answer]
    state: str  # "running", "done", "failed" or "stopped"
    share: float | None = None  # None where it is not known
    words: str = ""
    result: Answer | None = None
    age: float = 0.0  # seconds since it was asked, while it runs

    @property
    def answer(self) -> Answer:
        """The result of a job that is done. Raises ValueError for another."""
        if self.result is None:
            raise ValueError(f"job {self.name} is {self.state}")
        return self.result

    def plain(self, text: str) -> str:
        """A text without the job's folder, by the names that a person knows."""
        return without_folder(text, self.folder)


_kinds: list["Jobs"] = []
_counting = threading.Lock()
_starting: list[object] = []


@contextmanager
def place() -> Iterator[None]:
    """Hold a place for a job while it is started; from then on its child holds it. Raises TooManyJobs."""
    mine = object()
    with _counting:
        running = sum(child.poll() is None for kind in _kinds for child in [*kind.children.values()])
        if running + len(_starting) >= AT_ONCE:
            raise TooManyJobs(f"{AT_ONCE} jobs are running, which is the most. Wait until one has ended, or stop one.")
        _starting.append(mine)
    try:
        yield
    finally:
        with _counting:
            _starting.remove(mine)


@dataclass(frozen=True)
class Jobs:
    """All jobs of one kind: their folders begin with `prefix`, their children are held by name.

    `rehearsal` names a function ("module:function") that a child kept ready runs beforehand, so that the first answer
    is there within a second of the click.
    """

    prefix: str
    limits: Limits = Limits()
    too_long: str = "Stopped: it took too long."
    stopped: str = "Stopped before it had a result."
    rehearsal: str = ""
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _once: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        _kinds.append(self)

    def get_ready(self) -> None:
        """Have a child ready for the next job of this kind, where they rehearse."""
        if self.rehearsal:
            ready.fill(self.rehearsal)

    def start(self, request: Request[Any], *, name: str = "", given: Callable[[Path], object] | None = None) -> str:
        """Start the work; the name of the job. Raises TooManyJobs.

        `given` fills the folder of files that come with the request. A job with a `name` that runs or is done already
        is not started again.
        """
        if not name:
            with place():
                return self._start(secrets.token_hex(8), request, given)
        with self._once:
            if self.state(name) is None:
                with place():
                    self._start(name, request, given)
        return name

    def _start(self, name: str, request: Request[Any], given: Callable[[Path], object] | None) -> str:
        self.clear_old(most=None if self.limits.answers is None else self.limits.answers - 1)
        folder = self.folder(name)
        folder.mkdir(mode=0o700)
        try:
            (folder / GIVEN).mkdir(mode=0o700)
            (folder / MADE).mkdir(mode=0o700)
            if given:
                given(folder / GIVEN)
            (folder / SERVER).write_text(str(process(os.getpid()) or ""), encoding="ascii", newline="")
            write(folder / REQUEST, (request, self.limits))
            child = ready.take(self.rehearsal) if self.rehearsal else new_child()
            self.follow(name, child)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        if child.stdin is not None:  # it always is: new_child opens it
            with suppress(OSError):  # it has ended already, and its job has failed
                child.stdin.write(json.dumps(str(folder)).encode() + b"\n")
                child.stdin.close()
        return name

    def follow(self, name: str, child: "subprocess.Popen[bytes]") -> None:
        """Remember a job's child; its number and its beginning are written down for a server that comes after us.

        Without anyone looking it is ended after its longest time, and what it was given removed once it is over.
        """
        known = process(child.pid) or f"{child.pid} ended at once"
        (self.folder(name) / CHILD).write_text(str(known), encoding="ascii", newline="")
        self.children[name] = child
        threading.Thread(target=self._see_out, args=(name, child), daemon=True, name=f"job {name}").start()

    def _see_out(self, name: str, child: "subprocess.Popen[bytes]") -> None:
        try:
            child.wait(timeout=self.limits.seconds)
        except subprocess.TimeoutExpired:
            self.stop(name, words=self.too_long)
        self._forget(name)

    def state(self, name: str) -> Job[Any] | None:
        """How a job stands; None where there is none of that name, or no longer. A look at an answer keeps it."""
        if not _NAME.fullmatch(name) or self.clear_if_old(name):
            return None
        folder = self.folder(name)
        asked = read_if_ours(folder / REQUEST)
        if asked is None:
            return None
        request: Request[Any] = asked[0]
        if (folder / STOPPED).exists():
            return Job(name, folder, request, "stopped", words=file_text(folder / STOPPED))
        if (folder / RESULT).exists():
            return self._done(name, folder, request)
        if self.alive(name):
            return self._running(name, folder, request)
        self._forget(name)
        return Job(name, folder, request, "failed", words=words_of(folder) or NO_RESULT)

    def _done(self, name: str, folder: Path, request: Request[Any]) -> Job[Any]:
        self.get_ready()
        result = read_if_ours(folder / RESULT)
        if result is None:
            return Job(name, folder, request, "failed", words=NO_RESULT)
        with suppress(OSError):
            os.utime(folder)
        return Job(name, folder, request, "done", share=1.0, words=words_of(folder), result=result)

    def _running(self, name: str, folder: Path, request: Request[Any]) -> Job[Any]:
        age = time.time() - (folder / REQUEST).stat().st_mtime
        if age > self.limits.seconds:  # the server that would have ended it is gone
            self.stop(name, words=self.too_long)
        share, words = progress(folder)
        return Job(name, folder, request, "running", share=share, words=words, age=age)

    def stop(self, name: str, *, words: str = "") -> None:
        """End a job; `words` are what its page will say, from before the child is gone."""
        folder = self.folder(name)
        (folder / STOPPED).write_text(words or self.stopped, encoding="utf-8")
        if name in self.children:
            _end(self.children[name])
        elif known := self.child_before_us(name):
            end_process(known)
        self._forget(name)
        shutil.rmtree(folder / MADE, ignore_errors=True)

    def _forget(self, name: str) -> None:
        """Remove what came with a request that is over: logs hold callers' numbers in clear."""
        shutil.rmtree(self.folder(name) / GIVEN, ignore_errors=True)

    def folder(self, name: str) -> Path:
        """Where a job's files are. Raises ValueError for what is not a job's name."""
        if not _NAME.fullmatch(name):
            raise ValueError(name)
        return Path(tempfile.gettempdir()) / f"{self.prefix}{name}"

    def alive(self, name: str) -> bool:
        """Whether the child still runs, ours or that of a server before us."""
        if name in self.children:
            return self.children[name].poll() is None
        known = self.child_before_us(name)
        return known is not None and is_running(known)

    def child_before_us(self, name: str) -> Process | None:
        """The child that a server before us wrote down. Its number may be another's by now: see `is_running`."""
        return read_process(file_text(self.folder(name) / CHILD))

    def of_a_server(self, name: str) -> bool:
        """Whether the server that started a job still runs, and will see to what it leaves."""
        known = read_process(file_text(self.folder(name) / SERVER))
        return known is not None and is_running(known)

    def clear_old(self, *, most: int | None = None) -> None:
        """Delete what jobs long over left, and of more than `most` jobs the longest unused."""
        held = sorted(self.held(), key=lambda each: _used(each[1]), reverse=True)
        for number, (name, _) in enumerate(held):
            self.clear_if_old(name, sooner=most is not None and number >= most)

    def clear_if_old(self, name: str, *, sooner: bool = False) -> bool:
        """Delete what a job left, if it is over and unused for long, or is to go sooner; whether it was."""
        folder = self.folder(name)
        old = folder.exists() and (sooner or time.time() - _used(folder) > KEPT) and not self.alive(name)
        if old:
            shutil.rmtree(folder, ignore_errors=True)
            self.children.pop(name, None)
        return old

    def held(self) -> Iterator[tuple[str, Path]]:
        """Every job that has a folder."""
        for folder in Path(tempfile.gettempdir()).glob(f"{self.prefix}*"):
            name = folder.name.removeprefix(self.prefix)
            if _NAME.fullmatch(name):
                yield name, folder

    def forget_after_a_crash(self) -> None:
        """Remove what came with requests and no one else will remove: of jobs that are over, whose server is gone."""
        for name, _ in self.held():
            if not self.alive(name) and not self.of_a_server(name):
                self._forget(name)


class _Ready:
    """The child kept ready, and the one that compiles the engine where that was never done."""

    def __init__(self) -> None:
        self.spare: list[subprocess.Popen[bytes]] = []
        self.compiling: list[subprocess.Popen[bytes]] = []
        self.lock = threading.Lock()

    def fill(self, rehearsal: str) -> None:
        """Keep one child ready, and see to it that the engine is compiled."""
        with self.lock:
            self._fill(rehearsal)

    def take(self, rehearsal: str) -> "subprocess.Popen[bytes]":
        """The child that is ready. Another gets ready once this one has answered: sooner it would hold it up."""
        with self.lock:
            self._fill(rehearsal)
            return self.spare.pop()

    def _fill(self, rehearsal: str) -> None:
        if not kernel_folder.is_ready() and not any(child.poll() is None for child in self.compiling):
            self.compiling[:] = [new_child(rehearsal, COMPILE)]
        if not any(child.poll() is None for child in self.spare):
            self.spare[:] = [new_child(rehearsal)]


ready = _Ready()


def new_child(*options: str) -> "subprocess.Popen[bytes]":
    """A child that gets ready and waits for the folder of a job. The end of its input ends it too."""
    return subprocess.Popen(
        [sys.executable, "-m", "kcas.jobs", *options],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **apart(),
        env=child_environment(PYTHONPATH=os.pathsep.join(sys.path)),
    )  # fmt: skip


def _end(child: "subprocess.Popen[bytes]") -> None:
    child.terminate()
    try:
        child.wait(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait(timeout=PATIENCE)


def _used(folder: Path) -> float:
    """When a folder was made or last used; zero where another server has just deleted it."""
    try:
        return folder.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def child(options: list[str]) -> None:
    """Get ready by the rehearsal that the options name, then do the work of the one job that standard input names."""
    use_utf_8()
    one_thread_for_matrices()
    rehearsals = [option for option in options if option != COMPILE]
    for named in rehearsals:
        module, _, function = named.partition(":")
        getattr(importlib.import_module(module), function)(compiling=COMPILE in options)
    gc.collect()
    gc.freeze()  # what has been read need not be looked through again
    if COMPILE not in options and (line := sys.stdin.readline()):
        code = _answer(Path(json.loads(line)))
        os._exit(code)  # someone waits: to take the libraries down in order takes as long as to work


def _answer(folder: Path) -> int:
    """Do the work of a job; what came with it is gone before its result is there. The exit code."""
    words: list[str] = []
    result = None
    try:
        request, limits = read(folder / REQUEST)
        if limits.memory and limits.processor:
            words += limit(memory=limits.memory, processor=limits.processor)
        result = request.work(Run(folder))
        write(folder / f"{RESULT}.whole", result)
    except BaseException as error:  # a library may raise past Exception
        result, words = None, [in_a_sentence(error, folder)]
    finally:
        shutil.rmtree(folder / GIVEN, ignore_errors=True)
        write_small(folder / WORDS, "\n".join(words))
    if result is None:
        return 1
    replace(folder / f"{RESULT}.whole", folder / RESULT)
    return 0


def in_a_sentence(error: BaseException, folder: Path) -> str:
    """What a person is told: their mistake as it is, an error of ours in one sentence without its trace."""
    if isinstance(error, KcasError):
        return str(error)
    if isinstance(error, MemoryError):
        return NO_MEMORY
    last = without_folder(traceback.format_exception_only(error)[-1].strip(), folder)
    return f"{FAULT} {masked(last)}"  # after: a folder's name may hold digits enough to be masked


if __name__ == "__main__":
    from kcas.jobs import child as main  # by its own name, so that what is pickled there is read here

    main(sys.argv[1:])
