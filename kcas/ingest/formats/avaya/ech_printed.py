"""Avaya's external call history as printed: one line a field, some eighty to a record.

CALL RECORD: #1            the call line, or the whole record is ignored or refused
          callid : 9557402     an event used
        segstart : 1184914510  seconds since 1970, so no zone
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from kcas.ingest.formats.avaya.segments import FIELDS, Records, refusals_of, sort_out
from kcas.ingest.log_format import Carried, Piece, ReadSettings, Refusal
from kcas.ingest.reading import Head, Line, Log, lines_of

HEADING = re.compile(r"\s*CALL RECORD: #[0-9]+\s*", re.ASCII)
FIELD = re.compile(r"\s*([A-Za-z_]\w*(?:\[[0-9]+\])?)\s*:(?: (.*))?", re.ASCII)
SPELT = {
    "firstvector": "firstivector",
    "calldisp": "call_disp",
    "anslogid": "ans_logid",
    "callingparty": "calling_party",
}
OUTSIDE, EMPTY, SPOILT = "outside any record", "blank line", "of a record that was refused"
OLDEST_RECORD = 631_152_000
"""1990: before any switch that wrote such records."""


@dataclass
class Open:
    """The record being read: its heading's line, how many lines it has, and where each field we count by stands."""

    line: int
    lines: int = 1
    fields: dict[str, str] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)


@dataclass
class Account:
    """Records whole so far, and the lines that are no part of a record."""

    records: Records = field(default_factory=Records)
    lines: dict[int, int] = field(default_factory=dict)  # a record's heading -> how many lines it has
    places: dict[tuple[int, str], int] = field(default_factory=dict)
    ignored: Counter[str] = field(default_factory=Counter)
    refusals: list[Refusal] = field(default_factory=list)


class AvayaCallHistoryPrinted:
    """The printout of Avaya's external call history."""

    key = "avaya_ech_printed"
    words = "Avaya external call history (ECH), as printed field by field"
    encoding = "utf-8"

    def claims(self, head: Head) -> bool:
        """Whether a record begins among the first lines."""
        return any(
            HEADING.fullmatch(one) and (match := FIELD.fullmatch(two)) and match[1] in FIELDS
            for one, two in zip(head.lines, head.lines[1:], strict=False)
        )

    def read(self, log: Log, *, settings: ReadSettings, carried: Carried) -> Iterator[Piece]:
        """The segments, block by block; a record that goes on in the next block is told with that one."""
        record: Open | None = None
        for block in log.blocks(encoding=self.encoding):
            account = Account()
            for line in lines_of(block):
                record = next_record(line, record, account)
            yield piece_of(account, settings=settings)
        account = Account()
        close(record, account)
        yield piece_of(account, settings=settings)


def next_record(line: Line, record: Open | None, account: Account) -> Open | None:
    """The record being read once this line has been."""
    if HEADING.fullmatch(line.text):
        close(record, account)
        return Open(line.number)
    match = FIELD.fullmatch(line.text)
    if line.fault or (record and not match and line.text.strip()):
        account.refusals.append(Refusal(line.number, None, line.fault or 'expected "name : value" in a record'))
    elif not line.text.strip():
        account.ignored[EMPTY] += 1
    elif record is None:
        account.ignored[OUTSIDE] += 1
    elif match:
        record.lines += 1
        name = SPELT.get(match[1], match[1])
        if name in FIELDS:
            record.fields[name], record.places[name] = (match[2] or "").strip(), line.number
    return record


def close(record: Open | None, account: Account) -> None:
    """The record is whole."""
    if record:
        account.records.add(record.line, record.fields)
        account.lines[record.line] = record.lines
        account.places |= {(record.line, name): place for name, place in record.places.items()}


def piece_of(account: Account, *, settings: ReadSettings) -> Piece:
    """The records as calls, every line of each accounted for."""
    told = sort_out(account.records.frame(), moments=lambda rows: counted_moments(rows, settings), settings=settings)
    of_calls = [account.lines[line] for line in told.calls["line"]]
    for line, rule in told.ignored.items():
        account.ignored[rule] += account.lines[line]
    for line in told.refused:
        account.ignored[SPOILT] += account.lines[line] - 1
    refusals = sorted([*account.refusals, *refusals_of(told, places=account.places)], key=lambda one: one.line)
    return Piece(
        lines=sum(of_calls) + account.ignored.total() + len(refusals),
        calls=told.calls,
        call_lines=len(of_calls),
        used=sum(of_calls) - len(of_calls),
        ignored={rule: count for rule, count in account.ignored.items() if count},
        refusals=tuple(refusals),
    )


def counted_moments(records: pl.DataFrame, settings: ReadSettings) -> pl.DataFrame:
    """Moments counted in seconds since 1970."""
    number = pl.when(pl.col("segstart").str.contains("^[1-9][0-9]{8,9}$")).then("segstart").cast(pl.Int64)
    sane = number.is_between(OLDEST_RECORD, int(settings.latest.timestamp()))
    return records.with_columns(
        moment=pl.when(sane).then(number * 1_000_000),
        clock=pl.lit(None, pl.String),
        not_a_moment=pl.lit("not a moment since 1990, expected seconds since 1970 like 1184914510"),
    )
