"""Where is a long job's folder, does its child process still run, and how is it ended?

A job's name is all that a page keeps, and names come from addresses: nothing but our own pattern is a name.
"""

import os
import re
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from kcas.systems import Process, child_environment, end_process, is_running, process, read_process

TRACED = "Traceback (most recent call last)"
FAULT = "kcas itself is at fault: whatever was asked, this should not have happened. Tell whoever looks after it:"
NAME = re.compile(r"[0-9a-f]{16}")
KEPT = 24 * 3600.0
"""Seconds for which what a job left is kept unused."""


@dataclass(frozen=True)
class Jobs:
    """All jobs of one kind: their folders begin with `prefix`, their children are held by name."""

    prefix: str
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def folder(self, name: str) -> Path:
        """Where a job's files are. Raises ValueError for what is not a job's name."""
        if not NAME.fullmatch(name):
            raise ValueError(name)
        return Path(tempfile.gettempdir()) / f"{self.prefix}{name}"

    def new(self) -> tuple[str, Path]:
        """A new job's name, and its folder, which nobody else can read."""
        self.clear_old()
        name = secrets.token_hex(8)
        self.folder(name).mkdir(mode=0o700)
        return name, self.folder(name)

    def follow(self, name: str, child: subprocess.Popen[bytes]) -> None:
        """Remember a job's child; its number and its beginning are written down for a server that comes after us."""
        known = process(child.pid) or f"{child.pid} ended at once"
        (self.folder(name) / "pid").write_text(str(known), encoding="ascii", newline="")
        self.children[name] = child

    def alive(self, name: str) -> bool:
        """Whether the child still runs, ours or that of a server before us."""
        if name in self.children:
            return self.children[name].poll() is None
        known = self.child_before_us(name)
        return known is not None and is_running(known)

    def child_before_us(self, name: str) -> Process | None:
        """The child that a server before us wrote down. Its number may be another's by now: see `is_running`."""
        return read_process(said(self.folder(name) / "pid"))

    def end(self, name: str, *, words: str) -> None:
        """End a job; `words` are what its page will say, from before the child is gone."""
        (self.folder(name) / "stopped").write_text(words, encoding="utf-8")
        if name in self.children:
            self.children[name].terminate()
            self.children[name].wait(timeout=30)
        elif known := self.child_before_us(name):
            end_process(known)

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
            if NAME.fullmatch(name):
                yield name, folder


def _used(folder: Path) -> float:
    """When a folder was made or last used; nought where another server has just deleted it."""
    try:
        return folder.stat().st_mtime
    except FileNotFoundError:
        return 0.0


def environment() -> dict[str, str]:
    """The settings of a child that runs a command of ours."""
    return child_environment(PYTHONPATH=os.pathsep.join(sys.path))


def words_of(path: Path) -> str:
    """What a child said to a person. A fault of ours is told in a sentence with its last line, not as it is traced."""
    words = said(path)
    if TRACED not in words:
        return words
    return f"{FAULT} {words.splitlines()[-1]}"


def said(path: Path) -> str:
    """What a file says; nothing where there is none."""
    return path.read_text(encoding="utf-8", errors="replace").strip() if path.exists() else ""
