"""Avaya's binary call history gives the calls of its printout: packed here, field by field, as Avaya lays it out."""

import re
import struct
from pathlib import Path

import pytest

from kcas.errors import LogError
from kcas.ingest.formats.avaya.ech_binary import AvayaCallHistoryBinary
from kcas.ingest.formats.avaya.ech_printed import AvayaCallHistoryPrinted
from kcas.ingest.reading import Log
from kcas.ingest.unpacking import Source
from tests.unit.ingest.formats.read_back import read_back, settings_in
from tests.unit.ingest.formats.test_avaya_ech import printed

BINARY, PRINTED = AvayaCallHistoryBinary(), AvayaCallHistoryPrinted()
FOURS = (
    "callid acwtime onholdtime consulttime disptime duration segstart segstop talktime netintime origholdtime queuetime"
)
TWOS = "dispivector dispsplit firstivector split1 split2 split3 trunkgroup tk_locid orig_locid answer_locid obs_locid u"
FLAGS = "assist audio_difficulty conference da_queued hold_abn malicious observing_call transferred"
ONES = "agt_released acdnum call_disp disppriority holds segment ansreason origreason dispsklevel"
TEXTS = {
    "ucid": 21, "dispvdn": 8, "eqloc": 10, "firstvdn": 8, "orig_logid": 10, "ans_logid": 10, "last_observer": 10,
    "dialed_number": 25, "calling_party": 13, "collect_digits": 17, "cwc_digits": 17, "calling_II": 3,
    **{f"first_cwcs[{n}]": 17 for n in range(5)}, **{f"vdn{n}": 8 for n in range(2, 10)}, "uui_hex": 96,
}  # fmt: skip


def records_of(text: str) -> list[dict[str, str]]:
    """The records of a printout, by their fields' names."""
    return [
        dict(re.findall(r"^\s*([\w\[\]]+) : ?(.*)$", one, re.MULTILINE)) for one in text.split("CALL RECORD: #")[1:]
    ]


def packed(record: dict[str, str], *, length: int) -> bytes:
    """One record of version 12."""
    fours = b"".join(struct.pack("<i", int(record.get(name, 0))) for name in [*FOURS.split(), "ringtime"])
    twos = b"".join(struct.pack("<h", int(record.get(name, 0))) for name in TWOS.split())
    flags = sum(int(record.get(name, 0)) << bit for bit, name in enumerate(FLAGS.split()))
    ones = [*ONES.split(), *(f"events[{n}]" for n in range(9))]
    rest = bytes([flags, *(int(record.get(name, 0)) & 255 for name in ones)])
    texts = b"".join(record.get(name, "").encode()[:width].ljust(width, b"\0") for name, width in TEXTS.items())
    return (fours + twos + rest + texts).ljust(length, b"\0")


def write(path: Path, records: list[dict[str, str]], *, length: int = 493, version: int = 12) -> Path:
    path.write_bytes(struct.pack("<ii", version, 15541) + b"".join(packed(one, length=length) for one in records))
    return path


def three() -> list[dict[str, str]]:
    left = {"acwtime": "0", "talktime": "0", "ringtime": "0", "ans_logid": "", "call_disp": "3"}
    return records_of(printed() + printed(callid="7002", **left) + printed(callid="7003", split1="-1", **left))


@pytest.mark.parametrize("length", [492, 493])
def test_a_record_with_or_without_the_further_byte_is_the_segment_of_the_printout(tmp_path: Path, length: int) -> None:
    told = read_back(
        BINARY, write(tmp_path / "chr0001", three(), length=length), settings=settings_in(tmp_path), by_line=False
    )
    assert told.calls.select("queue", "outcome", "wait", "ring", "talk", "hold", "wrap").rows() == [
        ("split 414", "answered", 78.0, 11.0, 183.0, 4.0, 31.0),
        ("split 414", "abandoned", 78.0, None, None, None, None),
        ("VDN 42000", "left_ivr", None, None, None, None, None),
    ]
    assert told.calls["line"].to_list() == [1, 2, 3]
    assert (told.lines, told.refused) == (3, [])


def test_a_record_cut_short_and_one_that_says_no_disposition_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "chr0002", [*three(), {**three()[0], "call_disp": "9"}])
    path.write_bytes(path.read_bytes() + b"\1" * 100)
    told = read_back(BINARY, path, settings=settings_in(tmp_path), by_line=False)
    assert told.calls.height == 3
    assert told.refused == [(4, "call_disp"), (5, None)]
    assert told.lines == 5


def test_it_is_recognised_by_its_version_and_first_record_only(tmp_path: Path) -> None:
    assert BINARY.claims(Log(Source(write(tmp_path / "a", three()))).head)
    assert not BINARY.claims(Log(Source(write(tmp_path / "b", three(), version=13))).head)
    assert not BINARY.claims(Log(Source(write(tmp_path / "c", [{**three()[0], "segstart": "7"}]))).head)
    assert not PRINTED.claims(Log(Source(tmp_path / "a")).head)


def test_a_version_that_is_not_known_is_named(tmp_path: Path) -> None:
    with pytest.raises(LogError, match=r"version 13, which kcas does not know\. Known: 12, 170, 181"):
        read_back(BINARY, write(tmp_path / "chr", three(), version=13), settings=settings_in(tmp_path), by_line=False)


def test_the_real_records_packed_are_the_calls_of_their_printout(tmp_path: Path, shared: Path) -> None:
    source = shared / "data/avaya_ech/chr0003.txt"
    records = records_of(source.read_text(encoding="latin-1"))
    binary = read_back(BINARY, write(tmp_path / "chr0003", records), settings=settings_in(tmp_path), by_line=False)
    printout = read_back(PRINTED, source, settings=settings_in(tmp_path), by_line=False)
    assert binary.calls.drop("line").equals(printout.calls.drop("line"))
    assert binary.calls["outcome"].value_counts().sort("outcome").rows() == [
        ("answered", 59), ("abandoned", 20), ("abandoned_ringing", 1), ("left_ivr", 27),
    ]  # fmt: skip
