"""Asterisk's call detail record (CDR), which is refused by name: it cannot show who abandoned.

A caller whom the queue's music answered is ANSWERED, whether or not an agent came; and each phone that rang has a
row of its own, so that counting rows as calls multiplies the abandoned. Source: Asterisk's CDR specification.
"""

import csv
import re
from collections.abc import Iterator

from kcas.ingest.log_format import Carried, NotALog, Piece, ReadSettings
from kcas.ingest.reading import Head, Log

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
