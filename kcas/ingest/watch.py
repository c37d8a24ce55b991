"""What in a folder is new: files that arrived whole, and the lines that a growing log has gained?

A growing log is known by its first line and by the bytes just before the place where we stopped, never by its name:

    queue_log ──▶ renamed to queue_log.1            the same log: only its unread tail is read
              ──▶ copied to queue_log.1, then cut   the copy is the same log, and `queue_log` is a new one
    places    ──▶ kept by whoever keeps the calls, in the same act: read once, whatever is killed when
"""

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import IO

from kcas.errors import LogError
from kcas.ingest.reading import BLOCK, HEAD_BYTES, Block, Head, Log, head_of, in_blocks, line_feeds, utf_8
from kcas.ingest.unpacking import CHUNK, Source

BEFORE = 4096
"""Bytes before the place we stopped that must be the same for a log to be the one we know."""
LIKENESSES = 16
"""Logs that begin with the very same line and are told apart."""
UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload", ".partial")
"""Ends of names that other programs give a file while they write it."""

Places = Callable[[str], int]
"""A number kept beside the calls under a name; 0 where there is none."""
Grows = Callable[[Head], bool]
State = tuple[int, int, int]
LEFT = 600.0
"""Seconds after which a growing log that nobody writes to is taken for left, and its last line for whole."""


@dataclass(frozen=True)
class Place:
    """Where the reading of a growing log stopped: bytes and lines from its beginning."""

    key: str
    offset: int = 0
    lines: int = 0


@dataclass
class Rest:
    """Since when each file has been as it is, and which were handed on as they are."""

    since: dict[Path, tuple[State, float]] = field(default_factory=dict)
    handed: dict[Path, State] = field(default_factory=dict)


class Tail(Log):
    """The whole lines a growing log has gained, numbered as in all of it.

    It keeps the file open, for by the time it is read its name may be another file's.
    """

    def __init__(self, path: Path, file: IO[bytes], *, place: Place, end: int, opening: bytes):
        super().__init__(Source(path))
        self.file, self.place, self.end, self.opening = file, place, end, opening

    @cached_property
    def fingerprint(self) -> tuple[str, int]:
        """SHA-256 of the lines and of where they stand, for the same lines may stand elsewhere too; and their size."""
        digest = sha256(f"{self.place.key} {self.place.offset}\n".encode())
        for chunk in self._stretch():
            digest.update(chunk)
        return digest.hexdigest(), self.expected_size

    @cached_property
    def expected_size(self) -> int:
        """Bytes gained."""
        return self.end - self.place.offset

    @cached_property
    def head(self) -> Head:
        """The first lines gained."""
        return head_of(next(self._stretch(), b"")[:HEAD_BYTES])

    def blocks(self, *, encoding: str = "utf-8", size: int = BLOCK) -> Iterator[Block]:
        """The lines gained, in blocks."""
        self.warnings.clear()
        text = utf_8(self._stretch(), encoding=encoding, warnings=self.warnings, name=self.name)
        lines = line_feeds(text, warnings=self.warnings)
        for block in in_blocks(lines, limit=self.limits.line, size=size):
            yield Block(block.first_line + self.place.lines, block.data, block.lines, block.plain, block.too_long)

    def positions(self) -> Mapping[str, int]:
        """What is to be kept by the same act as the calls of these lines."""
        key = self.place.key
        lines = self.place.lines + sum(chunk.count(b"\n") for chunk in self._stretch())
        return {key: self.end, f"{key}/lines": lines, f"{key}/check": check(self.file, self.end)}

    def _stretch(self) -> Iterator[bytes]:
        """The bytes gained. Raises LogError where the log was cut meanwhile: the next look begins anew."""
        at = self.place.offset
        while at < self.end:
            self.file.seek(at)
            chunk = self.file.read(min(CHUNK, self.end - at))
            if not chunk:
                raise LogError(f"{self.name}: was cut while it was read. It is looked at again.")
            at += len(chunk)
            yield chunk


def files_in(folder: Path) -> list[Path]:
    """The files in a folder and its folders, but hidden ones and those whose names say that they are not whole."""
    found = (path for path in sorted(folder.rglob("*")) if not path.name.endswith(UNFINISHED))
    return [path for path in found if path.is_file() and not hidden(path.relative_to(folder))]


def hidden(path: Path) -> bool:
    """Whether the path or a folder of it begins with a dot."""
    return any(part.startswith(".") for part in path.parts)


def tails(files: list[Path], *, grows: Grows, places: Places, rest: Rest, now: float) -> Iterator[Tail]:
    """The growing logs with lines that have not been read, the log that was rotated away before the one after it."""
    found = []
    for path in files:
        _, since = rest.since.get(path, (None, now))
        if tail := tail_of(path, grows=grows, places=places, left=now - since >= LEFT):
            found.append(tail)
    yield from sorted(found, key=lambda tail: tail.head.raw[:1])


def tail_of(path: Path, *, grows: Grows, places: Places, left: bool = False) -> Tail | None:
    """What a growing log has gained; nothing where it is no such log, or has gained no whole line.

    A log that was left long ago ends where it ends, with or without a line end.
    """
    try:
        file = path.open("rb")
    except OSError:  # renamed or removed since the folder was listed
        return None
    begins = file.read(HEAD_BYTES)
    if (b"\n" in begins or left) and is_growing(begins, grows):
        first = begins.partition(b"\n")[0]
        place = place_of(file, first=first, places=places)
        end = file.seek(0, 2) if left else end_of_lines(file, after=place.offset)
        if end > place.offset:
            return Tail(path, file, place=place, end=end, opening=first)
    file.close()
    return None


def is_growing(begins: bytes, grows: Grows) -> bool:
    """Whether a file with these first bytes, not packed, is a log that grows."""
    return bool(begins) and grows(head_of(begins[: begins.rfind(b"\n") + 1] or begins))


def place_of(file: IO[bytes], *, first: bytes, places: Places) -> Place:
    """Where the reading of this log stopped, if it is one we know by its first line and by what comes before there."""
    size = file.seek(0, 2)
    begins = f"watch/{sha256(first).hexdigest()[:24]}"
    for number in range(LIKENESSES):
        key = f"{begins}/{number}"
        offset = places(key)
        if not offset:
            return Place(key)
        if offset <= size and check(file, offset) == places(f"{key}/check"):
            return Place(key, offset, places(f"{key}/lines"))
    raise LogError(f"{file.name}: more than {LIKENESSES} logs here begin with the same line.")


def check(file: IO[bytes], end: int) -> int:
    """A checksum of the bytes just before a place, never nought."""
    start = max(0, end - BEFORE)
    file.seek(start)
    return zlib.crc32(file.read(end - start)) + 1


def end_of_lines(file: IO[bytes], *, after: int) -> int:
    """Where the last whole line ends: the rest of it waits until it is written."""
    at = file.seek(0, 2)
    while at > after:
        start = max(after, at - CHUNK)
        file.seek(start)
        found = file.read(at - start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        at = start
    return after


def at_rest(files: list[Path], *, rest: Rest, now: float, settle: float, grows: Grows) -> list[Path]:
    """The whole files that nobody has written to for a while, each handed on once as it is."""
    ready = []
    for path in files:
        state = state_of(path)
        if state is None or state[1] == 0:
            continue
        was, since = rest.since.setdefault(path, (state, now))
        if was != state:
            rest.since[path] = (state, now)
        elif now - since >= settle and rest.handed.get(path) != state and not is_growing(beginning(path), grows):
            rest.handed[path] = state
            ready.append(path)
    return ready


def beginning(path: Path) -> bytes:
    """A file's first bytes, none where it has gone or may not be read: reading it in will say so."""
    try:
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError:
        return b""


def state_of(path: Path) -> State | None:
    """Which file it is, how large, and when it was written; nothing where it has gone."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_size, stat.st_mtime_ns
