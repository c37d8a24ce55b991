"""Watching of a folder: new files, and new lines of a growing log.

A growing log is known by its first line and by the bytes just before the place where we stopped, never by its name:

    queue_log ──▶ renamed to queue_log.1            the same log: only its unread tail is read
              ──▶ copied to queue_log.1, then cut   the copy is the same log, and `queue_log` is a new one
    places    ──▶ stored with the calls, in the same commit: read once, whatever is killed when
"""

import os
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import IO

from kcas.errors import LogError, StoreError
from kcas.ingest.folder_entries import Chosen, entries_in
from kcas.ingest.reading import BLOCK, HEAD_BYTES, Block, Head, Log, head_of, in_blocks, line_feeds, utf_8
from kcas.ingest.report import STOPS
from kcas.ingest.unpacking import CHUNK, Source, file_at, observed_chunks, opened

_BEFORE = 4096
"""Bytes before the place we stopped that must be the same for a log to be the one we know."""
LIKENESSES = 16
"""Logs that begin with the very same line and are told apart."""
UNFINISHED = (".part", ".tmp", ".filepart", ".crdownload", ".partial")
"""Ends of names that other programs give a file while they write it."""

Places = Callable[[str], int]
"""A number kept beside the calls under a name; 0 where there is none."""
Grows = Callable[[Head], bool]
Failed = Callable[[Path, BaseException], None]
_State = tuple[int, int, int, int]
LEFT = 600.0
"""Seconds after which a growing log that no one writes to is taken for left, and its last line for whole."""


@dataclass(frozen=True)
class Place:
    """Where the reading of a growing log stopped: bytes and lines from its beginning."""

    key: str
    offset: int = 0
    lines: int = 0


@dataclass
class Rest:
    """Since when each file is as it is, which were handed on, and which logs were read to their end as they are."""

    since: dict[Path, tuple[_State, float]] = field(default_factory=dict)
    handed: dict[Path, _State] = field(default_factory=dict)
    settled: dict[Path, _State] = field(default_factory=dict)

    def hand_back(self, files: list[Path]) -> None:
        """Let files be handed on again as they are: it was for no fault of theirs that they were not read."""
        for path in files:
            self.handed.pop(path, None)


class Tail(Log):
    """The whole lines a growing log has gained, numbered as in all of it.

    It keeps the file open, for by the time it is read its name may be another file's.
    """

    def __init__(self, path: Path, file: IO[bytes], *, place: Place, end: int, opening: bytes):
        super().__init__(Source(path))
        self.file, self.place, self.end, self.opening = file, place, end, opening
        self._lines = 0

    @property
    def fingerprint(self) -> tuple[str, int]:
        """SHA-256 of the lines and of where they stand, for the same lines may stand elsewhere too; and their size."""
        digest = sha256(self._where)
        for chunk in self._stretch():
            digest.update(chunk)
        return digest.hexdigest(), self.expected_size

    @property
    def fingerprint_as_read(self) -> tuple[str, int]:
        """The same of the very bytes the last reading of the blocks was made of."""
        return self._digest.hexdigest(), self._size

    @property
    def handed_size(self) -> int:
        """Bytes gained."""
        return self.expected_size

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
        self._digest, self._size, self._lines = sha256(self._where), 0, 0
        text = utf_8(
            observed_chunks(self._stretch(), seen=self._note), encoding=encoding, warnings=self.warnings, name=self.name
        )
        lines = line_feeds(text, warnings=self.warnings)
        for block in in_blocks(lines, limit=self.limits.line, size=size):
            yield Block(block.first_line + self.place.lines, block.data, block.lines, block.plain, block.too_long)

    @property
    def is_read_to_its_end(self) -> bool:
        """Whether not even half a line was left."""
        return self.file.seek(0, os.SEEK_END) == self.place.offset

    def positions(self) -> Mapping[str, int]:
        """What is to be kept by the same act as the calls of these lines."""
        key = self.place.key
        lines = self.place.lines + self._lines
        return {key: self.end, f"{key}/lines": lines, f"{key}/check": _check(self.file, self.end)}

    @property
    def _where(self) -> bytes:
        return f"{self.place.key} {self.place.offset}\n".encode()

    def _note(self, data: bytes) -> None:
        super()._note(data)
        self._lines += data.count(b"\n")

    def _stretch(self) -> Iterator[bytes]:
        """The bytes gained. Raises LogError where the log was cut meanwhile: the next look starts again."""
        at = self.place.offset
        while at < self.end:
            self.file.seek(at)
            chunk = self.file.read(min(CHUNK, self.end - at))
            if not chunk:
                raise LogError(f"{self.name}: was cut while it was read. It is looked at again.")
            at += len(chunk)
            yield chunk


def raised(path: Path, error: BaseException) -> None:
    """Raise what went wrong with a file, where no one else is told."""
    raise error


def files_in(folder: Path, *, leave_out: Chosen = lambda path: False) -> list[Path]:
    """The files in a folder and its folders, but hidden ones and those whose names say that they are not whole."""
    return [path for path in entries_in(folder, leave_out=leave_out).files if not path.name.endswith(UNFINISHED)]


def tails(
    files: list[Path], *, grows: Grows, places: Places, rest: Rest, now: float, failed: Failed = raised
) -> Iterator[Tail]:
    """The growing logs with lines that have not been read, the log that was rotated away before the one after it.

    What goes wrong with one of them is told to `failed`, and the others are gone on with.
    """
    found: list[tuple[bytes, Path]] = []
    for path in files:
        with one_of_many(path, failed):
            for tail in tail_at(path, grows=grows, places=places, rest=rest, now=now):
                found.append((tail.opening, path))
    for opening, path in sorted(found):
        with one_of_many(path, failed):
            for tail in tail_at(path, grows=grows, places=places, rest=rest, now=now):
                if tail.opening == opening:  # otherwise rotated meanwhile: its turn comes at the next look
                    yield tail


def tail_at(path: Path, *, grows: Grows, places: Places, rest: Rest, now: float) -> Iterator[Tail]:
    """What the log at a path has gained, open for as long as it is looked at; nothing where it has not."""
    state = state_of(path)
    if state is None or rest.settled.get(path) == state:
        return
    was, since = rest.since.get(path, (state, now))
    tail = tail_of(path, grows=grows, places=places, left=was == state and now - since >= LEFT)
    if tail is None:
        return
    with tail.file:
        if tail.expected_size:
            yield tail
        elif tail.is_read_to_its_end:
            rest.settled[path] = state


def tail_of(path: Path, *, grows: Grows, places: Places, left: bool = False) -> Tail | None:
    """What a growing log has gained, if only nothing; None where it is no such log, or has no whole line yet.

    A log that was left long ago ends where it ends, with or without a line end.
    """
    try:
        file = file_at(path)
    except (OSError, LogError):  # renamed or removed since the folder was listed
        return None
    try:
        begins = file.read(HEAD_BYTES)
        if (b"\n" in begins or left) and is_growing(begins, grows):
            first = begins.partition(b"\n")[0]
            place = place_of(file, first=first, places=places)
            end = file.seek(0, 2) if left else end_of_lines(file, after=place.offset)
            return Tail(path, file, place=place, end=end, opening=first)
    except BaseException:
        file.close()
        raise
    file.close()
    return None


@contextmanager
def one_of_many(path: Path, failed: Failed) -> Iterator[None]:
    """Let what goes wrong with one file be told, and end nothing else; the store's own errors go on up."""
    try:
        yield
    except (*STOPS, StoreError):
        raise
    except BaseException as error:  # a library may raise past Exception
        failed(path, error)


def is_growing(begins: bytes, grows: Grows) -> bool:
    """Whether a file with these first bytes, not packed, is a log that grows."""
    head = head_of(begins[: begins.rfind(b"\n") + 1] or begins)
    return bool(begins) and not head.packed and grows(head)


def place_of(file: IO[bytes], *, first: bytes, places: Places) -> Place:
    """Where the reading of this log stopped, if it is one we know by its first line and by what comes before there."""
    size = file.seek(0, 2)
    begins = f"watch/{sha256(first).hexdigest()[:24]}"
    for number in range(LIKENESSES):
        key = f"{begins}/{number}"
        offset = places(key)
        if not offset:
            return Place(key)
        if offset <= size and _check(file, offset) == places(f"{key}/check"):
            return Place(key, offset, places(f"{key}/lines"))
    raise LogError(f"{file.name}: more than {LIKENESSES} logs here begin with the same line.")


def _check(file: IO[bytes], end: int) -> int:
    """A checksum of the bytes just before a place, never zero."""
    start = max(0, end - _BEFORE)
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


def at_rest(
    files: list[Path], *, rest: Rest, now: float, settle: float, grows: Grows, failed: Failed = raised
) -> list[Path]:
    """The whole files that no one has written to for a while, each handed on once as it is."""
    ready = []
    for path in files:
        state = state_of(path)
        if state is None or state[1] == 0:
            continue
        was, since = rest.since.setdefault(path, (state, now))
        if was != state:
            rest.since[path] = (state, now)
        elif now - since >= settle and rest.handed.get(path) != state:
            rest.handed[path] = state
            with one_of_many(path, failed):
                if not is_growing(_beginning(path), grows):
                    ready.append(path)
    return ready


def _beginning(path: Path) -> bytes:
    """A file's first bytes, none where it has gone or may not be read: reading it in will say so."""
    try:
        with opened(path) as file:
            return file.read(HEAD_BYTES)
    except LogError:
        return b""


def state_of(path: Path) -> _State | None:
    """Which file it is, how large, when it was written and who may read it; nothing where it has gone."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_mode
