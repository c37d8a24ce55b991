"""Files of a job: what was asked, what came with it, how far it has got, its result and its words.

Requests and results are pickles: they are read only from a folder and a file that are ours and that no one else can
write. Rows of calls never leave the child: see `_Pickler`.
"""

import json
import os
import pickle
import re
import stat
import time
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import polars as pl

from kcas.systems import others_can_write, replace

PROGRESS_EVERY = 0.1  # seconds
REQUEST, RESULT, PROGRESS, WORDS, STOPPED = "request", "result", "progress.json", "words.txt", "stopped"
GIVEN, MADE, CHILD, SERVER = "given", "made", "pid", "server"


class Run:
    """What work is given while it runs: folders of its own, and a way to say how far it has got."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._said = folder, 0.0

    @property
    def given(self) -> Path:
        """The folder of files that came with the request. They are deleted once the work is over."""
        return self.folder / GIVEN

    @property
    def made(self) -> Path:
        """The folder of files that the work makes. They are deleted where it is stopped."""
        return self.folder / MADE

    def step(self, done: float, of: float) -> None:
        """So much is done, of so much."""
        self._say(done / max(1, of), "")

    def stage(self, words: str) -> None:
        """What is being done, where no share of it is known."""
        self._say(None, words)

    def _say(self, share: float | None, words: str) -> None:
        if time.monotonic() - self._said < PROGRESS_EVERY:
            return
        self._said = time.monotonic()
        write_small(self.folder / PROGRESS, json.dumps({"share": share, "words": words}))


class _Pickler(pickle.Pickler):
    """Writes what goes from one process to the other; frames stay behind, for they may hold calls row by row."""

    def reducer_override(self, value: object) -> Any:
        """None for a frame, and a plain mapping for a read-only one, which Python itself does not pickle."""
        if isinstance(value, pl.DataFrame | pl.LazyFrame | pl.Series):
            return type(None), ()
        if isinstance(value, MappingProxyType):
            return _read_only, (dict(value),)
        return NotImplemented


def _read_only(mapping: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(mapping)


def write(path: Path, value: object) -> None:
    """Write a request or a result, whole or not at all, for this user alone."""
    draft = path.with_name(f"{path.name}.new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        _Pickler(file, pickle.HIGHEST_PROTOCOL).dump(value)
    replace(draft, path)


def read(path: Path) -> Any:
    """A request or a result. Raises OSError where it or its folder is another's or another's to write."""
    folder = path.parent.lstat()
    with open(path, "rb", opener=_not_through_a_link) as file:
        if not stat.S_ISDIR(folder.st_mode) or others_can_write(folder) or others_can_write(os.fstat(file.fileno())):
            raise PermissionError(str(path))
        return pickle.load(file)  # noqa: S301 (ours alone: checked on the open file)


def _not_through_a_link(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NOFOLLOW", 0))


def read_if_ours(path: Path) -> Any:
    """The same, read once while it stays as it is; None where there is none, or none that this version can read."""
    try:
        return _read_once(str(path), path.stat().st_mtime_ns)
    except Exception:  # a pickle of another version can fail in any way
        return None


@lru_cache(maxsize=16)
def _read_once(path: str, _changed: int) -> Any:
    return read(Path(path))


def write_small(path: Path, text: str) -> None:
    """Put a small file where a reader sees the old or the new; where it cannot be written just now, the next will."""
    draft = path.with_name(f"{path.name}.new")
    with suppress(OSError):
        draft.write_text(text, encoding="utf-8", newline="\n")
        replace(draft, path)


def progress(folder: Path) -> tuple[float | None, str]:
    """The share that is done, None where it is not known, and what is being done."""
    try:
        said = json.loads(file_text(folder / PROGRESS))
        share = said["share"]
        return None if share is None else float(min(0.99, share)), without_folder(str(said["words"]), folder)
    except (ValueError, OSError):
        return None, ""


def words_of(folder: Path) -> str:
    """What the child says to a person."""
    return without_folder(file_text(folder / WORDS), folder)


def without_folder(text: str, folder: Path) -> str:
    """A text with the files of a job's folder by their own names, and the folder itself in words."""
    for place_of in sorted({str(folder), str(folder.resolve())}, key=len, reverse=True):
        for written in (place_of, json.dumps(place_of)[1:-1]):  # as it is, and as JSON has it on Windows
            within = re.escape(written) + rf"(?:[/\\]+(?:{MADE}|{GIVEN}(?:[/\\]+mapping)?)(?![\w.-]))?"
            text = re.sub(within + r"[/\\]*(?![\w./\\-])", "what was uploaded", text)
            text = re.sub(within + r"[/\\]+", "", text)
    return text


def file_text(path: Path) -> str:
    """The text of a file; empty where there is none."""
    return path.read_text(encoding="utf-8", errors="replace").strip() if path.exists() else ""
