"""Folder of a background job, the state of its child process, and stopping it.

A job's name is all that a page keeps, and names come from addresses: nothing but our own pattern is a name.
"""

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
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from kcas.systems import Process, child_environment, end_process, is_running, process, read_process

TRACED = "Traceback (most recent call last)"
FAULT = "kcas has an error: this should not happen, for any request. Tell the people who look after it:"
_NAME = re.compile(r"[0-9a-f]{16}")
AT_ONCE = 4
"""Jobs that run at the same time, of all kinds and all viewers together."""
PATIENCE = 10.0
"""Seconds that a child is given to end when it is told to."""
KEPT = 24 * 3600.0
"""Seconds for which what a job left is kept unused."""


_kinds: list["Jobs"] = []
_counting = threading.Lock()
_beginning: list[object] = []


class TooManyJobs(RuntimeError):
    """As many jobs run as may."""


@contextmanager
def place() -> Iterator[None]:
    """Hold a place for a job while it is begun; from then on its child holds it. Raises TooManyJobs."""
    mine = object()
    with _counting:
        running = sum(child.poll() is None for kind in _kinds for child in [*kind.children.values()])
        if running + len(_beginning) >= AT_ONCE:
            raise TooManyJobs(f"{AT_ONCE} jobs are running, which is the most. Wait until one has ended, or stop one.")
        _beginning.append(mine)
    try:
        yield
    finally:
        with _counting:
            _beginning.remove(mine)


@dataclass(frozen=True)
class Jobs:
    """All jobs of one kind: their folders begin with `prefix`, their children are held by name."""

    prefix: str
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _kinds.append(self)

    def folder(self, name: str) -> Path:
        """Where a job's files are. Raises ValueError for what is not a job's name."""
        if not _NAME.fullmatch(name):
            raise ValueError(name)
        return Path(tempfile.gettempdir()) / f"{self.prefix}{name}"

    def new(self) -> tuple[str, Path]:
        """A new job's name, and its folder, which no one else can read."""
        self.clear_old()
        name = secrets.token_hex(8)
        self.folder(name).mkdir(mode=0o700)
        (self.folder(name) / "server").write_text(str(process(os.getpid()) or ""), encoding="ascii", newline="")
        return name, self.folder(name)

    def follow(
        self, name: str, child: subprocess.Popen[bytes], *, longest: float = KEPT,
        late: Callable[[], None] | None = None, over: Callable[[], None] = lambda: None,
    ) -> None:  # fmt: skip
        """Remember a job's child; its number and its beginning are written down for a server that comes after us.

        Without anyone looking, `late` is called after the longest time in seconds, to end it, and `over` once it is
        over.
        """
        late = late or (lambda: self.end(name, words="Stopped: it took too long."))
        known = process(child.pid) or f"{child.pid} ended at once"
        (self.folder(name) / "pid").write_text(str(known), encoding="ascii", newline="")
        self.children[name] = child
        threading.Thread(target=_see_out, args=(child, longest, late, over), daemon=True, name=f"job {name}").start()

    def alive(self, name: str) -> bool:
        """Whether the child still runs, ours or that of a server before us."""
        if name in self.children:
            return self.children[name].poll() is None
        known = self.child_before_us(name)
        return known is not None and is_running(known)

    def child_before_us(self, name: str) -> Process | None:
        """The child that a server before us wrote down. Its number may be another's by now: see `is_running`."""
        return read_process(file_text(self.folder(name) / "pid"))

    def end(self, name: str, *, words: str) -> None:
        """End a job; `words` are what its page will say, from before the child is gone."""
        (self.folder(name) / "stopped").write_text(words, encoding="utf-8")
        if name in self.children:
            _end(self.children[name])
        elif known := self.child_before_us(name):
            end_process(known)

    def of_a_server(self, name: str) -> bool:
        """Whether the server that began a job still runs, and will see to what it leaves."""
        known = read_process(file_text(self.folder(name) / "server"))
        return known is not None and is_running(known)

    def keep(self, name: str) -> None:
        """Keep what a job left for as long again: it has been used."""
        os.utime(self.folder(name))

    def clear_old(self, *, most: int | None = None) -> None:
        """Delete what jobs long over left behind, and of more than `most` jobs the longest unused."""
        held = sorted(self.held(), key=lambda each: _used(each[1]), reverse=True)
        for place, (name, _) in enumerate(held):
            self.clear_if_old(name, sooner=most is not None and place >= most)

    def clear_if_old(self, name: str, *, sooner: bool = False) -> bool:
        """Delete what a job left, if it is over and unused for long, or is to go sooner; whether it was."""
        folder = self.folder(name)
        old = (sooner or time.time() - _used(folder) > KEPT) and not self.alive(name)
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


def _see_out(
    child: subprocess.Popen[bytes], longest: float, late: Callable[[], None], over: Callable[[], None]
) -> None:
    try:
        child.wait(timeout=longest)
    except subprocess.TimeoutExpired:
        late()
    over()


def _end(child: subprocess.Popen[bytes]) -> None:
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


def environment() -> dict[str, str]:
    """The settings of a child that runs a command of ours."""
    return child_environment(PYTHONPATH=os.pathsep.join(sys.path))


def words_of(path: Path) -> str:
    """What a child said to a person, by the names the person knows: no folder of a job's own is named.

    A fault of ours is told in a sentence with its last line, not as it is traced.
    """
    words = without_folder(file_text(path), path.parent)
    if TRACED not in words:
        return words
    return f"{FAULT} {words.splitlines()[-1]}"


def without_folder(text: str, folder: Path) -> str:
    """A text with the files of a job's folder by their own names, and the folder itself in words."""
    for place_of in sorted({str(folder), str(folder.resolve())}, key=len, reverse=True):
        for written in (place_of, json.dumps(place_of)[1:-1]):  # as it is, and as JSON has it on Windows
            within = re.escape(written) + r"(?:[/\\]+(?:logs|made|given)(?![\w.-]))?"
            text = re.sub(within + r"[/\\]*(?![\w./\\-])", "what was uploaded", text)
            text = re.sub(within + r"[/\\]+", "", text)
    return text


def file_text(path: Path) -> str:
    """What a file says; nothing where there is none."""
    return path.read_text(encoding="utf-8", errors="replace").strip() if path.exists() else ""
