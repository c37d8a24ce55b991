"""Asterisk's queue_log file: fields between bars, epoch seconds."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime

from kcas.ingest.events.legs import RESTART, SECOND
from kcas.ingest.events.stream import Stays, from_text, last_piece, piece
from kcas.ingest.formats.asterisk.lines import CALLERS, STAFF, Copies, epoch, rows_of, sort_out
from kcas.ingest.log_format import Carried, Piece, ReadSettings
from kcas.ingest.reading import Head, Log

LINE = re.compile(r"[1-9][0-9]{8,9}(?:\.[0-9]+)?\|[^|]*\|[^|]*\|[^|]*\|([A-Za-z_]+)(?:\||$)", re.ASCII)
BLOCK = 4 << 20
"""Bytes read at a time: a third of the memory of larger ones, and hardly slower."""


class AsteriskQueueLog:
    """The file queue_log, as Asterisk writes it."""

    key = "asterisk_queue_log"
    words = "Asterisk queue_log, the file"
    encoding = "utf-8"

    def claims(self, head: Head) -> bool:
        """Whether most of the first lines are events, and at least one is an event we know."""
        written = [line for line in head.lines if line.strip()]
        events = [match[1] for line in written if (match := LINE.match(line))]
        return 2 * len(events) >= len(written) and any(event in (*CALLERS, *STAFF, RESTART) for event in events)

    def begins(self, head: Head) -> datetime | None:
        """The earliest moment in the first lines."""
        told = [int(line.partition("|")[0].partition(".")[0]) for line in head.lines if LINE.match(line)]
        return datetime.fromtimestamp(min(told), UTC) if told else None

    def read(self, log: Log, *, settings: ReadSettings, carried: Carried) -> Iterator[Piece]:
        """The stays in queues, block by block."""
        stays = Stays(from_text(carried.loose), began=beginning_of(log.opening))
        rules, copies = set[str](), Copies(in_order=True)
        for block in log.blocks(encoding=self.encoding, size=BLOCK):
            rows, refusals = rows_of(block)
            rows, again = copies.without(rows)
            told = sort_out(rows, clock=epoch, settings=settings, rules=rules)
            told.ignored.update(again)
            yield piece(told, stays.take(told.events), refusals=refusals)
        yield last_piece(stays)


def beginning_of(opening: bytes) -> int | None:
    """The first moment of the log that this is a later part of: its parts are one file, not several."""
    written = re.match(rb"([0-9]{9,10})(?:\.[0-9]+)?\|", opening)
    return int(written[1]) * SECOND if written else None
