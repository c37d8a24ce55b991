"""Avaya's external call history as the switch hands it over: binary records of equal length after eight bytes.

    bytes 0-3  version of the record     little-endian, as every number here
    bytes 4-7  number of the file
    then       one record a segment; texts are padded with zero bytes

The record of version 12 is Avaya's own (its printout says record_size=493); those of versions 170 and 181 are as one
public converter reads them, and were not seen here in a file of their own. A record counts as a line.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from kcas.errors import LogError
from kcas.ingest.formats.avaya.ech_printed import OLDEST_RECORD, counted_moments
from kcas.ingest.formats.avaya.segments import FIELDS, RECORDS, refusals_of, sort_out
from kcas.ingest.log_format import Carried, Piece, ReadSettings, Refusal
from kcas.ingest.reading import Head, Log

_START = 8
_BLOCK = 20_000
"""Records made into calls at a time."""
INTEGERS = {1: "u1", 2: "<i2", 4: "<i4"}

Records = np.ndarray[Any, np.dtype[np.void]]


class RecordLayout(NamedTuple):
    """One version's record: its lengths in bytes, and where each field that we count by stands."""

    lengths: tuple[int, ...]
    record: np.dtype[np.void]


def layout_from(lengths: tuple[int, ...], widths: list[tuple[str, int]]) -> RecordLayout:
    """A record from the widths of its fields in their order; a name in brackets is not read."""
    ends = list(accumulate((width for _, width in widths), initial=0))
    placed = [(name, width, at) for (name, width), at in zip(widths, ends, strict=False) if name in FIELDS]
    kinds = [f"S{width}" if name in TEXT_FIELDS else INTEGERS[width] for name, width, _ in placed]
    names, offsets = [name for name, _, _ in placed], [at for _, _, at in placed]
    return RecordLayout(lengths, np.dtype({"names": names, "formats": kinds, "offsets": offsets}))


def after_the_times(*, more: int, wide: int, login: int, party: int, control: int) -> list[tuple[str, int]]:
    """The fields after the times, up to the calling party: those of all versions, with what differs."""
    return [
        ("[attributes]", 4 * more), ("[vectors]", 6), ("split1", 2), ("[splits, trunk, places, length]", 16),
        ("[flags]", 1), ("[released, acd]", 2), ("call_disp", 1), ("[priority, holds]", 2), ("segment", 1),
        ("[reasons, level, events]", 12 + control), ("ucid", 21), ("dispvdn", wide), ("[equipment]", 10),
        ("firstvdn", wide), ("[origin]", login), ("ans_logid", login), ("[observer]", login), ("[dialled]", 25),
        ("calling_party", party),
    ]  # fmt: skip


TEXT_FIELDS = ("ucid", "ans_logid", "calling_party", "firstvdn", "dispvdn")
TIMES = [("callid", 4), ("acwtime", 4), ("onholdtime", 4), ("[consult]", 4), ("disptime", 4), ("[duration]", 4)]
TALK = [("talktime", 4), ("[network, origin hold, queue]", 12), ("ringtime", 4)]
WITH_UTC = [("[local start]", 4), ("segstart", 4), ("[local and UTC stop]", 8)]
LAYOUTS = {
    12: layout_from(
        (493, 492),
        [
            *TIMES, ("segstart", 4), ("[stop]", 4), *TALK,
            *after_the_times(more=0, wide=8, login=10, party=13, control=0),
        ],
    ),
    170: layout_from(
        (629,), [*TIMES, *WITH_UTC, *TALK, *after_the_times(more=3, wide=16, login=16, party=25, control=0)]
    ),
    181: layout_from(
        (720,), [*TIMES, *WITH_UTC, *TALK, *after_the_times(more=2, wide=17, login=17, party=25, control=2)]
    ),
}  # fmt: skip


class AvayaCallHistoryBinary:
    """The records of Avaya's external call history as the switch hands them over."""

    key = "avaya_ech_binary"
    words = "Avaya external call history (ECH), binary (chr files)"
    encoding = "utf-8"

    def claims(self, head: Head) -> bool:
        """Whether the file begins with a known version and a record that makes sense."""
        return bool(head.binary) and self.begins(head) is not None

    def begins(self, head: Head) -> datetime | None:
        """The first record's moment; None where there is none that makes sense."""
        version = LAYOUTS.get(int.from_bytes(head.begins[:4], "little"))
        if not version or len(head.begins) < _START + min(version.lengths):
            return None
        records = records_in(head.begins[_START:], version, length=version.lengths[0], count=1)
        (second,) = records["segstart"].tolist()
        sound = makes_sense(records)[0] and second <= datetime.now(UTC).timestamp()
        return datetime.fromtimestamp(second, UTC) if sound else None

    def read(self, log: Log, *, settings: ReadSettings, carried: Carried) -> Iterator[Piece]:
        """The segments, some thousand at a time."""
        version, length, held, first = None, 0, b"", 1
        for chunk in log.chunks():
            held += chunk
            if version is None:
                if len(held) < _START + 2 * 720:
                    continue
                version, length = _layout_of(held, name=log.name)
                held = held[_START:]
            while len(held) >= _BLOCK * length:
                yield _piece_of(held[: _BLOCK * length], version, length=length, first=first, settings=settings)
                held, first = held[_BLOCK * length :], first + _BLOCK
        if version is None:
            version, length = _layout_of(held, name=log.name)
            held = held[_START:]
        yield _piece_of(held, version, length=length, first=first, settings=settings)


def _layout_of(begins: bytes, *, name: str) -> tuple[RecordLayout, int]:
    """The record's shape and length in this file: some releases add a byte to each record.

    Raises LogError naming the versions that are known.
    """
    number = int.from_bytes(begins[:4], "little")
    if number not in LAYOUTS:
        known = ", ".join(map(str, LAYOUTS))
        raise LogError(f"{name}: call history of version {number}, which kcas does not know. Known: {known}.")
    version, after = LAYOUTS[number], len(begins) - _START
    fitting = [
        length
        for length in version.lengths
        if after % length == 0 or (after >= 2 * length and makes_sense(records_in(begins[_START:], version, length))[1])
    ]
    return version, fitting[0] if fitting else version.lengths[0]


def records_in(data: bytes, version: RecordLayout, length: int, count: int = 2) -> Records:
    """The first whole records of the data."""
    size = min(count, len(data) // length)
    fields: Mapping[str, Any] = version.record.fields or {}
    names = list(version.record.names or ())
    kinds, places = [fields[name][0] for name in names], [fields[name][1] for name in names]
    kind = np.dtype({"names": names, "formats": kinds, "offsets": places, "itemsize": length})
    return np.frombuffer(data[: size * length], kind)


def makes_sense(records: Records) -> list[bool]:
    """Whether each record has a moment since 1990 and one of the seven dispositions."""
    known = (records["call_disp"] >= 1) & (records["call_disp"] <= 7) & (records["segstart"] >= OLDEST_RECORD)
    return [bool(one) for one in known]


def _piece_of(data: bytes, version: RecordLayout, *, length: int, first: int, settings: ReadSettings) -> Piece:
    """Records as calls, each of them accounted for; what is left over at the end is a record cut short."""
    records = records_in(data, version, length, count=len(data) // length)
    frame = as_texts(records, first=first)
    told = sort_out(frame, moments=lambda rows: counted_moments(rows, settings), settings=settings)
    refusals = refusals_of(told)
    if len(data) % length:
        refusals.append(Refusal(first + len(records), None, "the record is cut short"))
    return Piece(
        lines=told.calls.height + len(told.ignored) + len(refusals),
        calls=told.calls,
        call_lines=told.calls.height,
        ignored=dict(Counter(told.ignored.values())),
        refusals=tuple(sorted(refusals, key=lambda refusal: refusal.line)),
    )


def as_texts(records: Records, *, first: int) -> pl.DataFrame:
    """The records as the other two forms of the history have them: every field a text."""
    lines = pl.Series("line", np.arange(first, first + len(records), dtype=np.int64))
    columns = {name: text_column(records[name]) for name in FIELDS}
    return pl.DataFrame({"line": lines, **columns}, schema=RECORDS)


def text_column(values: np.ndarray[Any, Any]) -> pl.Series:
    """A column's numbers or padded texts as texts."""
    if values.dtype.kind != "S":
        return pl.Series(values.astype(np.int64)).cast(pl.String)
    return pl.Series(
        [bytes(one).partition(b"\0")[0].decode("ascii", "replace").strip() for one in values], dtype=pl.String
    )
