"""SHA-256 checksums of the store's files: given when a file is written, compared when it is first read.

A data file carries its checksum in its name, so that it is part of the commit that adds the file and passes
through checkpoints, compaction and publication. A process compares each file once, and again if the file's
size or time of change is another.
"""

import hashlib
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

IN_NAME = re.compile(r"[-.]([0-9a-f]{64})\.parquet")
REMEMBERED = 100_000
"""Files whose checksum a process remembers; then it forgets them all and starts again."""

_known: dict[tuple[str, int, int], str] = {}


def checksum(content: bytes | memoryview) -> str:
    """The SHA-256 of some bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def expected(path: str) -> str | None:
    """The checksum that a file's name carries; None where a file was written without one."""
    found = IN_NAME.search(path)
    return found[1] if found else None


def remember(path: Path, sha256: str) -> None:
    """Take a file for compared: its checksum was computed from the bytes just written."""
    if len(_known) >= REMEMBERED:
        _known.clear()
    _known[_key(path)] = sha256


def of_file(path: Path) -> str:
    """The checksum of a file's content. Raises OSError where it cannot be read."""
    found = _known.get(_key(path))
    if found is None:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        remember(path, found)
    return found


def differing(expected: Mapping[Path, str]) -> list[Path]:
    """The files that are missing, cannot be read, or whose content is not what it was, in the order given."""
    unseen = [path for path, sha256 in expected.items() if _seen(path) != sha256]
    if len(unseen) <= 1:
        return [path for path in unseen if not _is(path, expected[path])]
    with ThreadPoolExecutor(2) as pool:  # hashing lets go of the interpreter lock
        same = list(pool.map(lambda path: _is(path, expected[path]), unseen))
    return [path for path, is_same in zip(unseen, same, strict=True) if not is_same]


def _is(path: Path, sha256: str) -> bool:
    try:
        return of_file(path) == sha256
    except OSError:
        return False


def _seen(path: Path) -> str | None:
    try:
        return _known.get(_key(path))
    except OSError:
        return None


def _key(path: Path) -> tuple[str, int, int]:
    stat = path.stat()
    return str(path), stat.st_size, stat.st_mtime_ns
