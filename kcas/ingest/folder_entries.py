"""Entries of a folder and its folders: the files, and what lies there that cannot be read as one.

Reading ahead in a thread, and the first lines of a log by themselves.
"""

import os
import queue
import stat
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from kcas.errors import LogError
from kcas.ingest.reading import Block, Log, scanned_block
from kcas.ingest.unpacking import check_is_file, printable, why_unreadable

Chosen = Callable[[Path], bool]


@dataclass
class Entries:
    """What a folder holds, in the order of the paths; nothing hidden."""

    files: list[Path] = field(default_factory=list)
    no_files: dict[Path, str] = field(default_factory=dict)  # a pipe, a link to nothing, a locked folder -> in words


def entries_in(folder: Path, *, leave_out: Chosen = lambda path: False) -> Entries:
    """The entries of a folder, each folder looked into once, however links lead."""
    found, folders, seen = Entries(), [folder], set[tuple[int, int]]()
    while folders:
        here = folders.pop()
        try:
            place = os.stat(here)
            names = os.listdir(here)
        except OSError as error:
            found.no_files[here] = f"{printable(here)}: {why_unreadable(error, here)}."
            continue
        number = (place.st_dev, place.st_ino)
        if place.st_ino and number in seen:  # where a file system has no such numbers, it has no links either
            continue
        seen.add(number)
        for path in (here / name for name in names if not name.startswith(".")):
            if not leave_out(path):
                _sort_in(path, found, folders)
    found.files.sort()
    return found


def _sort_in(path: Path, found: Entries, folders: list[Path]) -> None:
    try:
        kind = os.stat(path)
        if stat.S_ISDIR(kind.st_mode):
            folders.append(path)
            return
        check_is_file(kind, path)
        found.files.append(path)
    except LogError as error:
        found.no_files[path] = str(error)
    except OSError as error:
        found.no_files[path] = f"{printable(path)}: {why_unreadable(error, path)}."


Item = TypeVar("Item")
PIECES = 2
"""Pieces waiting at most: enough to keep both sides busy, few enough for memory to stay bounded."""


@dataclass(frozen=True)
class _Ended:
    """There are no more items, and why where something was raised."""

    raised: BaseException | None


class _Ahead(Generic[Item]):
    """What the two threads share: the items made, and whether anybody still wants more."""

    def __init__(self, items: Iterable[Item], *, pieces: int) -> None:
        self.items = items
        self.made: queue.Queue[Item | _Ended] = queue.Queue(maxsize=pieces)
        self.unwanted = threading.Event()

    def make(self) -> None:
        """Make items until there are no more or no one wants them, and say how it ended."""
        raised: BaseException | None = None
        try:
            for item in self.items:
                if not self.put(item):
                    return
        except BaseException as error:  # whatever it is belongs to the caller that asked for the items
            raised = error
        self.put(_Ended(raised))

    def put(self, item: Item | _Ended) -> bool:
        """Wait for room; False once no one wants it."""
        while not self.unwanted.is_set():
            try:
                self.made.put(item, timeout=0.1)
                return True
            except queue.Full:
                continue
        return False


def read_ahead(items: Iterable[Item], *, pieces: int = PIECES) -> Iterator[Item]:
    """The same items, made in a thread; what they raise is raised here, and the thread ends when we do."""
    shared = _Ahead(items, pieces=pieces)
    thread = threading.Thread(target=shared.make, name="reading ahead", daemon=True)
    thread.start()
    try:
        while not isinstance(item := shared.made.get(), _Ended):
            yield item
        if item.raised is not None:
            raise item.raised
    finally:
        shared.unwanted.set()
        thread.join()


class Beginning(Log):
    """The head of a log, read as if it were all of it."""

    only_head = True

    def __init__(self, log: Log) -> None:
        super().__init__(log.source, limits=log.limits)
        self.head = log.head

    def blocks(self, *, encoding: str = "utf-8", size: int = 0) -> Iterator[Block]:
        """One block of the first lines."""
        head = self.head
        lines = head.raw if head.encoding else [line.decode(encoding, "replace").encode() for line in head.raw]
        if lines:
            yield scanned_block(b"".join(line + b"\n" for line in lines), first_line=1)
