"""Asterisk's queue_log file: fields between bars, epoch seconds; and its call detail record, refused by name.

The call detail record (CDR) cannot show who abandoned. A caller whom the queue's music answered is ANSWERED, whether or
not an agent came; and each phone that rang has a row of its own, so that counting rows as calls multiplies the
abandoned. Source: Asterisk's CDR specification.
"""

import csv
import re
from collections.abc import Iterator
from datetime import UTC, datetime

from kcas.ingest.events.legs import RESTART, SECOND
from kcas.ingest.events.stream import Stays, from_text, last_piece, piece
from kcas.ingest.formats.asterisk.lines import CALLERS, STAFF, Copies, epoch, rows_of, sort_out
from kcas.ingest.log_format import Carried, NotALog, Piece, ReadSettings
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


DISPOSITIONS = {"ANSWERED", "NO ANSWER", "BUSY", "FAILED", "CONGESTION"}
_COLUMNS = {"lastapp", "disposition", "billsec"}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)
_FEWEST = 12
"""Fields of the shortest record; the disposition is the 14th or 15th, by which of two layouts it has."""


class AsteriskCallDetail:
    """The call detail record, from a file or from its database table."""

    key = "asterisk_cdr"
    words = "Asterisk call detail record (refused: the queue_log is the file to bring)"
    encoding = "utf-8"
    instead = (
        "a call detail record (CDR) of Asterisk. It cannot show who abandoned: a call is ANSWERED in it when the "
        "queue's music answers, whether or not an agent came. Bring the file queue_log instead, which lies in "
        "/var/log/asterisk."
    )

    def claims(self, head: Head) -> bool:
        """Whether the first line names the record's columns, or is a record in one of its two layouts."""
        first = next((line for line in head.lines if line.strip()), "")
        fields = _fields_of(first)
        moments = [field for field in fields if _MOMENT.fullmatch(field)]
        record = len(fields) >= _FEWEST and bool(moments) and bool(DISPOSITIONS & set(fields[13:15]))
        return record or {field.casefold() for field in fields} >= _COLUMNS

    def read(self, log: Log, *, settings: ReadSettings, carried: Carried) -> Iterator[Piece]:
        """Nothing: raises NotALog with the file to bring."""
        raise NotALog(f"{log.name}: {self.instead}")


def _fields_of(line: str) -> list[str]:
    """A line's fields, between commas, semicolons or tabs."""
    separator = max(",;\t", key=line.count)
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error:
        return []
