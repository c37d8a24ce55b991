"""A log cut short after its first lines: enough to see when it begins, so that files can be read in their order."""

from collections.abc import Iterator

from kcas.ingest.reading import Block, Log, scanned_block


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
