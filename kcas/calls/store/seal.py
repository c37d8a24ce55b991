"""Is the last commit whole, after a power cut as after a kill?

The store's library never asks the disk to write through. We do, and then move a mark: entries at or below it
are known to be whole, entries above it are looked at before they are believed.
"""

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from kcas.errors import StoreError
from kcas.systems import replace
from kcas.systems import write_through as write_through

LOG = "_delta_log"
MAGIC = b"PAR1"
"""The first and last four bytes of every whole Parquet file."""

TORN_AT_MOST = 3
"""We write through after every commit, so a cut can tear the last; more than these few is another kind of damage."""


def entry(table: Path, version: int) -> Path:
    """Where the log keeps a version's commit."""
    return table / LOG / f"{version:020d}.json"


def put_in_place(path: Path, text: str) -> None:
    """Write a small file so that a reader sees the old text or the new, never a part."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(text, encoding="utf-8")
    write_through([fresh])
    replace(fresh, path)
    write_through([path])


def mark(table: Path) -> Path:
    """Beside the table: the last version known to be whole."""
    return table.with_name(table.name + ".sealed")


def seal(table: Path, version: int) -> None:
    """Write the commits above the mark through to the disk and move the mark up."""
    write_through(entry(table, each) for each in range(sealed(table) + 1, version + 1))
    with suppress(OSError):  # on a disk just now full the commit stands, and the mark is moved by the next
        put_in_place(mark(table), str(version))


def sealed(table: Path) -> int:
    """The last version known to be whole; -1 where nothing is."""
    try:
        return int(mark(table).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return -1


def last_whole(table: Path) -> int:
    """The last version that can be believed; -1 where there is no table.

    Raises StoreError where more is damaged than a power cut could have torn.
    """
    newest = _newest(table)
    for version in range(newest, max(newest - TORN_AT_MOST, -1) - 1, -1):
        if version < 0 or is_whole(table, version):
            return version
        if _newest(table) != newest:  # a writer has moved on while we looked
            return last_whole(table)
    raise StoreError(f"{table}: the last {TORN_AT_MOST + 1} commits are damaged. Restore this folder from a copy.")


def _newest(table: Path) -> int:
    version = sealed(table)
    if version < 0 or not entry(table, version).exists():
        version = max(map(_number, (table / LOG).glob("*.json")), default=-1)
    while entry(table, version + 1).exists():
        version += 1
    return version


def is_whole(table: Path, version: int) -> bool:
    """Whether a commit is there, holds all its lines, and its data files are as it says."""
    actions = read_entry(entry(table, version))
    if not actions or not any("commitInfo" in action for action in actions):
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
    bad = [path for path in checkpoints if _number(path) > whole or not _is_parquet(path)]
    pointer = log / "_last_checkpoint"
    if pointer.exists() and (bad or not read_entry(pointer)):
        bad.append(pointer)
    if not torn and not bad:
        return []
    into.mkdir(parents=True, exist_ok=True)
    moved = [replace(path, into / f"{table.name}-{path.name}") for path in (*reversed(torn), *bad)]
    write_through(moved)
    if torn:
        put_in_place(mark(table), str(whole))
    return moved


def _is_parquet(path: Path) -> bool:
    content = path.read_bytes()
    return len(content) > 8 and content[:4] == content[-4:] == MAGIC


def _number(path: Path) -> int:
    digits = path.name.split(".")[0]
    return int(digits) if digits.isdigit() else -1
