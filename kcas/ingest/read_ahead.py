"""Reading ahead in a thread, and the first lines of a log by themselves."""

import queue
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from kcas.ingest.reading import Block, Log, scanned_block

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

    def __init__(self, log: Log) -> None:
        super().__init__(log.source, limits=log.limits)
        self._log = log

    def blocks(self, *, encoding: str = "utf-8", size: int = 0) -> Iterator[Block]:
        """One block of the first lines."""
        head = self._log.head
        lines = head.raw if head.encoding else [line.decode(encoding, "replace").encode() for line in head.raw]
        if lines:
            yield scanned_block(b"".join(line + b"\n" for line in lines), first_line=1)
