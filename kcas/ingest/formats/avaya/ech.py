"""Avaya's external call history as comma-separated lines without a heading, one line a segment.

The order of the fields is the record's own, extended version 12: 77 of them. Times are local, without a zone.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterator

import polars as pl

from kcas.ingest.formats.avaya.segments import Records, refusals_of, sort_out
from kcas.ingest.log_format import Carried, Piece, ReadSettings, Refusal
from kcas.ingest.moments import Order, to_utc
from kcas.ingest.reading import Block, Head, Log, lines_of

WIDTH = 77
PLACES = {
    "callid": 0, "acwtime": 1, "onholdtime": 2, "disptime": 4, "segstart": 6, "talktime": 8, "ringtime": 12,
    "split1": 16, "call_disp": 35, "segment": 38, "ucid": 51, "dispvdn": 52, "firstvdn": 54, "ans_logid": 56,
    "calling_party": 59,
}  # fmt: skip
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}", re.ASCII)
UCID = re.compile(r"[0-9]{20}", re.ASCII)
FIRST_YEAR = 1990


class AvayaCallHistory:
    """The records of Avaya's external call history as comma-separated text."""

    key = "avaya_ech"
    words = "Avaya external call history (ECH), comma-separated, extended version 12"
    encoding = "utf-8"

    def claims(self, head: Head) -> bool:
        """Whether the first line that says anything has the fields of a record in their places."""
        first = next((line for line in head.lines if line.strip()), "")
        fields = fields_of(first) or []
        return bool(
            fields and _MOMENT.fullmatch(fields[6]) and _MOMENT.fullmatch(fields[7]) and UCID.fullmatch(fields[51])
        )

    def read(self, log: Log, *, settings: ReadSettings, carried: Carried) -> Iterator[Piece]:
        """The segments, block by block."""
        zone = settings.zone or settings.default_zone
        for block in log.blocks(encoding=self.encoding):
            yield piece_of(block, zone=zone, settings=settings)


def fields_of(text: str) -> list[str] | None:
    """A record's fields, of whatever is 77 of them; a comma may end the line."""
    try:
        fields = next(csv.reader([text], strict=True), [])
    except csv.Error:
        return None
    return fields[:WIDTH] if len(fields) == WIDTH or (len(fields) == WIDTH + 1 and not fields[-1]) else None


def piece_of(block: Block, *, zone: str, settings: ReadSettings) -> Piece:
    """A block's segments, and an account of its lines."""
    records, refusals, empty = Records(), [], 0
    for number, text, fault in lines_of(block):
        fields = None if fault else fields_of(text)
        if fields is not None:
            records.add(number, {name: fields[place] for name, place in PLACES.items()})
        elif fault or text.strip():
            refusals.append(Refusal(number, None, fault or f"not the {WIDTH} fields of a record of version 12"))
        else:
            empty += 1
    told = sort_out(records.frame(), moments=lambda rows: local(rows, zone=zone, settings=settings), settings=settings)
    refusals = sorted([*refusals, *refusals_of(told)], key=lambda refusal: refusal.line)
    ignored = Counter(told.ignored.values()) + Counter({"blank line": empty})
    return Piece(block.lines, told.calls, call_lines=told.calls.height, ignored=dict(ignored), refusals=tuple(refusals))


def local(records: pl.DataFrame, *, zone: str, settings: ReadSettings) -> pl.DataFrame:
    """Moments of local text. Records stand in the order they ended, which tells nothing of when they began: in the
    hour that comes twice the first pass is taken, and flagged."""
    written = pl.col("segstart").str.contains(f"^{_MOMENT.pattern}$")
    wall = pl.col("segstart").str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False)
    sane = wall.dt.year().is_between(FIRST_YEAR, settings.latest.year + 1)
    records = records.with_columns(wall=pl.when(written & sane).then(wall).dt.epoch("us"))
    known = records["wall"].is_not_null()
    utc, flags = to_utc(records["wall"].filter(known).to_numpy(), zone=zone, order=Order(repeated="first"))
    found = pl.DataFrame({"row": known.arg_true(), "utc": utc, "flag": flags})
    return with_moments(
        records.with_row_index("row").join(found, on="row", how="left", maintain_order="left"), settings
    )


def with_moments(records: pl.DataFrame, settings: ReadSettings) -> pl.DataFrame:
    """The moments that are not in the future, and why a clock is not certain."""
    past = pl.col("utc") <= int(settings.latest.timestamp()) * 1_000_000
    return records.with_columns(
        moment=pl.when(past).then("utc"),
        clock=pl.when(pl.col("flag") != "").then("flag"),
        not_a_moment=pl.lit("not a moment of the past, expected one like 2026-01-02 15:04:05"),
    )
