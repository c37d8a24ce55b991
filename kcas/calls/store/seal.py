"""Seal: proof that the last commit is whole, after a power cut or a kill.

The store's library never asks the disk to write through. We do, and then move a mark: entries at or below it
are known to be whole, entries above it are looked at before they are believed.
"""

import json
import os
import re
import shutil
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from kcas.calls.store.files import checksum, differing
from kcas.errors import StoreError
from kcas.systems import replace
from kcas.systems import write_through as write_through

LOG = "_delta_log"
MAGIC = b"PAR1"
"""The first and last four bytes of every whole Parquet file."""

COMPLETE = "complete"
"""The file that says that what is staged is all there."""

TORN_AT_MOST = 3
"""We write through after every commit, so a cut can tear the last; more than these few is another kind of damage."""


def entry(table: Path, version: int) -> Path:
    """Where the log keeps a version's commit."""
    return table / LOG / f"{version:020d}.json"


def staging(table: Path) -> Path:
    """Where entries of the log lie that are about to take the places of older forms of themselves."""
    return table.with_name(f"{table.name}.rewriting")


def staged(table: Path) -> dict[int, str]:
    """The checksums of entries that are about to take their places, by version: either form counts meanwhile."""
    if not (staging(table) / COMPLETE).exists():
        return {}
    with suppress(FileNotFoundError):  # they have all just been put there
        return {int(path.stem): checksum(path.read_bytes()) for path in staging(table).glob("*.json")}
    return {}


def put_in_place(path: Path, text: str) -> None:
    """Write a small file so that a reader sees the old text or the new, never a part."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(text, encoding="utf-8", newline="")  # its bytes are summed
    write_through([fresh])
    replace(fresh, path)
    write_through([path])


def mark(table: Path) -> Path:
    """Beside the table: the last version known to be whole."""
    return table.with_name(table.name + ".sealed")


@dataclass(frozen=True)
class Mark:
    """What the mark says: the last version known to be whole, and the checksums of files in the log.

    Those are the newest entry, which no later commit vouches for yet, and the checkpoints.
    """

    version: int = -1
    sums: Mapping[str, str] = field(default_factory=dict)
    damaged: bool = False

    def text(self) -> str:
        """Itself as the file holds it, with a checksum of its own."""
        lines = [str(self.version), *(f"{sha256} {name}" for name, sha256 in sorted(self.sums.items()))]
        content = "".join(line + "\n" for line in lines)
        return content + checksum(content.encode()) + "\n"


def read_mark(table: Path) -> Mark:
    """The mark beside a table; one of an older store holds a version and nothing more."""
    try:
        content = mark(table).read_bytes()
    except FileNotFoundError:
        return Mark()
    if re.fullmatch(rb"\d{1,18}", content):
        return Mark(int(content))
    try:
        version, *lines = content.decode("ascii").splitlines()[:-1]
        the_mark = Mark(int(version), {name: sha256 for sha256, name in (line.split(" ") for line in lines)})
    except ValueError:
        return Mark(damaged=True)
    return the_mark if the_mark.text().encode() == content else Mark(damaged=True)


def seal(table: Path, version: int, *, files: Sequence[Path] = ()) -> None:
    """Write the commits above the mark through to the disk and move the mark up.

    `files` are checkpoints, or entries written again, whose checksums the mark takes up; it keeps those it has
    of files that are still there, but for the entry that was the newest.
    """
    held = read_mark(table)
    write_through(entry(table, each) for each in range(held.version + 1, version + 1))
    log = table / LOG
    sums = {name: sha256 for name, sha256 in held.sums.items() if (log / name).exists()}
    if held.version < version:
        sums.pop(entry(table, held.version).name, None)  # the commit after it holds its checksum
    sums |= {path.name: checksum(path.read_bytes()) for path in (entry(table, version), *files)}
    with suppress(OSError):  # on a disk just now full the commit stands, and the mark is moved by the next
        put_in_place(mark(table), Mark(version, sums).text())


def finish_rewriting(table: Path) -> None:
    """Put what was prepared in its places; what was not prepared to the end is dropped."""
    folder = staging(table)
    if not folder.exists():
        return
    if (folder / COMPLETE).exists():
        done = []
        for path in sorted(folder.glob("*.json")):
            fresh = (table / LOG / path.name).with_suffix(".rewritten")
            fresh.write_bytes(path.read_bytes())
            write_through([fresh])
            done.append(replace(fresh, table / LOG / path.name))
        seal(table, newest_of(table), files=done)
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def owner_only(folder: Path) -> Iterator[None]:
    """Let what is written meanwhile be its owner's alone, or its group's too where the folder was opened to it.

    People who share a store on purpose make its folder writable for the group (chmod g+ws). Windows has no such mask.
    """
    shared = folder.exists() and folder.stat().st_mode & stat.S_IWGRP
    before = os.umask(0o007 if shared else 0o077)
    try:
        yield
    finally:
        os.umask(before)


def sealed(table: Path) -> int:
    """The last version known to be whole; -1 where nothing is."""
    return read_mark(table).version


def last_whole(table: Path) -> int:
    """The last version that can be believed; -1 where there is no table.

    Raises StoreError where more is damaged than a power cut could have torn.
    """
    newest = newest_of(table)
    for version in range(newest, max(newest - TORN_AT_MOST, -1) - 1, -1):
        if version < 0 or is_whole(table, version):
            return version
        if newest_of(table) != newest:  # a writer has moved on while we looked
            return last_whole(table)
    raise StoreError(f"{table}: the last {TORN_AT_MOST + 1} commits are damaged. Restore this folder from a copy.")


def newest_of(table: Path) -> int:
    """The last version that has an entry in the log, whole or not; -1 where there is no table."""
    version = sealed(table)
    if version < 0 or not entry(table, version).exists():
        version = max(map(_number, (table / LOG).glob("*.json")), default=-1)
    while entry(table, version + 1).exists():
        version += 1
    return version


def is_whole(table: Path, version: int) -> bool:
    """Whether a commit is there, is as it was written, and its data files are as it says."""
    path = entry(table, version)
    actions = read_entry(path)
    if (
        not _is_as_sealed(path, read_mark(table))
        or not actions
        or not any("commitInfo" in action for action in actions)
    ):
        return False
    info = next(action["commitInfo"] for action in actions if "commitInfo" in action)
    expected = info.get("kcas", {}).get("actions")
    if expected is not None and expected != len(actions):
        return False
    files = [(table / unquote(action["add"]["path"]), action["add"]["size"]) for action in actions if "add" in action]
    files += [(table.parent / path, size) for path, size in info.get("kcas", {}).get("needs", {}).items()]
    return all(_file_is_whole(path, size) for path, size in files)


def read_entry(path: Path) -> list[dict[str, Any]] | None:
    """A commit's actions, or None where there is no such commit or it does not parse."""
    try:
        lines = path.read_bytes().splitlines()
        actions = [json.loads(line) for line in lines]
    except (FileNotFoundError, ValueError):
        return None
    return actions if all(isinstance(action, dict) for action in actions) else None


def _is_as_sealed(path: Path, mark: Mark) -> bool:
    """Whether a file of the log has the checksum that the mark holds of it, if it holds one."""
    return path.name not in mark.sums or not differing({path: mark.sums[path.name]})


def _file_is_whole(path: Path, size: int) -> bool:
    try:
        with path.open("rb") as file:
            head = file.read(4)
            actual = file.seek(0, os.SEEK_END)
            file.seek(max(actual - 4, 0))
            return actual == size and head == file.read(4) == MAGIC
    except FileNotFoundError:
        return False


def set_aside(table: Path, *, into: Path, whole: int) -> list[Path]:
    """Move commits above `whole`, and a checkpoint that cannot be read, out of the log. Returns where they went."""
    log = table / LOG
    checkpoints = list(log.glob("*.checkpoint*.parquet"))
    torn = [path for path in sorted(log.glob("*.json")) if _number(path) > whole]
    seen = read_mark(table)
    bad = [
        path for path in checkpoints if _number(path) > whole or not _is_parquet(path) or not _is_as_sealed(path, seen)
    ]
    pointer = log / "_last_checkpoint"
    if pointer.exists() and (bad or not read_entry(pointer)):
        bad.append(pointer)
    if not torn and not bad:
        return []
    into.mkdir(parents=True, exist_ok=True)
    moved = [replace(path, into / f"{table.name}-{path.name}") for path in (*reversed(torn), *bad)]
    write_through(moved)
    if torn:
        put_in_place(mark(table), Mark(whole).text())
        if whole >= 0:
            seal(table, whole, files=[path for path in checkpoints if path.exists()])
    return moved


def checkpoints_hold(table: Path) -> bool:
    """Whether every checkpoint is as it was written, as far as the mark can tell."""
    seen = read_mark(table)
    names = [name for name in seen.sums if name.endswith(".parquet") and (table / LOG / name).exists()]
    return not names or not differing({table / LOG / name: seen.sums[name] for name in names})


def _is_parquet(path: Path) -> bool:
    content = path.read_bytes()
    return len(content) > 8 and content[:4] == content[-4:] == MAGIC


def _number(path: Path) -> int:
    digits = path.name.split(".")[0]
    return int(digits) if digits.isdigit() else -1
