"""Avaya's call history tells the same calls printed field by field or one segment to a line."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kcas.errors import LogError
from kcas.ingest.formats.avaya.ech import PLACES, WIDTH, AvayaCallHistory
from kcas.ingest.formats.avaya.ech_printed import AvayaCallHistoryPrinted
from kcas.ingest.reading import Head
from tests.unit.ingest.formats.read_back import ReadBack, read_back, settings_in

COMMAS, PRINTED = AvayaCallHistory(), AvayaCallHistoryPrinted()
LAWS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
START = 1_767_348_000  # 2 January 2026, 10:00 in London
SEGMENT = {
    "callid": "7001", "acwtime": "31", "onholdtime": "4", "disptime": "78", "segstart": "2026-01-02 10:00:00",
    "talktime": "183", "ringtime": "11", "split1": "414", "call_disp": "2", "segment": "1",
    "ucid": "00001000011767348000", "firstvdn": "42000", "dispvdn": "41021", "ans_logid": "43031",
    "calling_party": "07700900001",
}  # fmt: skip
LEFT = {"acwtime": "0", "onholdtime": "0", "talktime": "0", "ringtime": "0", "ans_logid": ""}


def commas(**other: str) -> str:
    """A segment as one line of 77 fields, and the comma that real files end with."""
    cells = ["0"] * WIDTH
    cells[7] = "2026-01-02 10:05:00"
    for name, text in (SEGMENT | other).items():
        cells[PLACES[name]] = text
    return ",".join(cells) + ","


def printed(**other: str) -> str:
    """The same segment as a printed record, fields of no concern among the others."""
    told = SEGMENT | {"segstart": str(START), "uui_hex": ""} | other
    return "\n".join(["CALL RECORD: #1", *(f"{name:>20} : {text}" for name, text in told.items()), "", ""])


def read(folder: Path, text: str | bytes, form: object = COMMAS, size: int = 1 << 24) -> ReadBack:
    path = folder / "chr0001"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_back(form, path, settings=settings_in(folder), size=size)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("other", "outcome", "queue", "wait", "menu"),
    [
        ({}, "answered", "split 414", 78, None),
        ({**LEFT, "call_disp": "3"}, "abandoned", "split 414", 78, None),
        ({**LEFT, "call_disp": "3", "ringtime": "5"}, "abandoned_ringing", "split 414", 78, None),
        ({**LEFT, "call_disp": "3", "split1": "-1"}, "left_ivr", "VDN 42000", None, 78),
        ({**LEFT, "call_disp": "4"}, "overflowed", "split 414", 78, None),
        ({**LEFT, "call_disp": "4", "split1": "-1", "firstvdn": ""}, "overflowed", "no split", None, 78),
        ({**LEFT, "call_disp": "5", "split1": "-1", "disptime": "0"}, "blocked", "VDN 42000", None, 0),
        ({**LEFT, "call_disp": "6", "split1": "-1"}, "failed", "VDN 42000", None, 78),
        ({**LEFT, "call_disp": "1"}, "overflowed", "split 414", 78, None),
        ({**LEFT, "call_disp": "7"}, "failed", "split 414", 78, None),
    ],
)
@pytest.mark.parametrize("form", [COMMAS, PRINTED], ids=["commas", "printed"])
def test_each_disposition_has_its_outcome(
    tmp_path: Path,
    form: object,
    other: dict[str, str],
    outcome: str,
    queue: str,
    wait: float | None,
    menu: float | None,
) -> None:
    told = read(tmp_path, commas(**other) if form is COMMAS else printed(**other), form)
    (call,) = told.calls.to_dicts()
    assert (call["outcome"], call["queue"], call["wait"], call["menu"]) == (outcome, queue, wait, menu)
    assert call["entered"].timestamp() == START
    assert call["contact"] == "00001000011767348000"


@pytest.mark.parametrize("disposition", ["1", "7"])
def test_what_never_queued_and_never_sought_the_desk_is_ignored_by_rule(tmp_path: Path, disposition: str) -> None:
    told = read(tmp_path, commas(**LEFT, call_disp=disposition, split1="-1") + "\n" + commas())
    assert told.calls["line"].to_list() == [2]
    assert told.ignored.total() == 1


def test_talk_hold_wrap_and_ring_of_an_answered_segment(tmp_path: Path) -> None:
    told = read(tmp_path, commas())
    assert told.calls.select("talk", "hold", "wrap", "ring").rows() == [(183, 4, 31, 11)]


def test_the_segments_of_a_call_share_its_contact_and_a_record_sent_twice_is_one_leg(tmp_path: Path) -> None:
    told = read(tmp_path, "\n".join([commas(), commas(callid="7002"), commas(callid="7002")]))
    assert told.calls["contact"].n_unique() == 1
    assert told.calls["leg"].n_unique() == 2


def test_a_ucid_of_noughts_ties_nothing_together(tmp_path: Path) -> None:
    told = read(tmp_path, "\n".join(commas(ucid="0" * 20, callid=number) for number in ("1", "2")))
    assert told.calls["contact"].to_list() == [None, None]
    assert told.calls["leg"].n_unique() == 2


def test_a_trunks_own_name_is_no_caller(tmp_path: Path) -> None:
    told = read(
        tmp_path, "\n".join([commas(calling_party="005B13004"), commas(callid="7002"), commas(calling_party="")])
    )
    assert told.calls["caller"].is_null().to_list() == [True, False, True]
    assert "07700" not in told.calls.write_csv()


def test_refusals_of_the_comma_form_say_line_and_field(tmp_path: Path) -> None:
    lines = [
        commas(),
        commas(disptime="7o"),
        commas(segstart="02/01/26 10:00"),
        commas(call_disp="9"),
        "a,b",
        "",
        commas(segstart="2026-02-30 10:00:00"),
    ]
    told = read(tmp_path, "\n".join(lines))
    assert told.refused == [(2, "disptime"), (3, "segstart"), (4, "call_disp"), (5, None), (7, "segstart")]
    assert dict(told.ignored) == {"blank line": 1}


def test_refusals_of_the_printed_form_say_the_line_of_the_field(tmp_path: Path) -> None:
    text = (
        "printing data file: chr0001\n"
        + printed(disptime="7o")
        + printed()
        + "CALL RECORD: #3\n callid : 4\nwhat is this\n"
    )
    told = read(tmp_path, text, PRINTED)
    spoilt = len(SEGMENT) + 1  # its heading and the other fields, `uui_hex` with them
    assert told.refused == [(6, "disptime"), (40, None), (38, "acwtime")]
    assert told.calls["line"].to_list() == [20]
    assert told.used == len(SEGMENT) + 1
    assert dict(told.ignored) == {"blank line": 2, "outside any record": 1, "of a record that was refused": spoilt + 1}


@LAWS
@given(st.integers(1, 500), st.integers(1, 6))
def test_a_printed_record_may_go_on_in_the_next_block(tmp_path: Path, size: int, records: int) -> None:
    text = "".join(printed(callid=str(number)) for number in range(records))
    whole, in_parts = read(tmp_path, text, PRINTED), read(tmp_path, text, PRINTED, size)
    assert in_parts.calls.equals(whole.calls)
    assert in_parts.calls.height == records


@LAWS
@given(
    st.binary(max_size=300)
    | st.lists(
        st.sampled_from(
            [
                b"CALL RECORD: #1",
                b"callid : 1",
                b"split1 : ",
                b"\n",
                b"\xff",
                b"\0",
                b'"',
                b",",
                commas().encode(),
                printed().encode(),
            ]
        ),
        max_size=20,
    ).map(b"".join),
    st.sampled_from([COMMAS, PRINTED]),
)
def test_no_bytes_whatever_break_the_readers_or_their_account(tmp_path: Path, data: bytes, form: object) -> None:
    with suppress(LogError):  # what begins like a gzip or in UTF-32 is refused as a whole
        read(tmp_path, data, form, size=64)


def test_each_form_is_claimed_by_its_content() -> None:
    def head(text: str) -> Head:
        return Head(tuple(text.encode().splitlines()), None, "")

    assert COMMAS.claims(head(commas()))
    assert not COMMAS.claims(head(printed()))
    assert PRINTED.claims(head("printing data file: x\n" + printed()))
    assert not PRINTED.claims(head(commas()))
    assert not COMMAS.claims(head(",".join("0" * 77)))


# The real records. Figures: ../shared/data/README.md.


def test_the_real_printout_of_2007(shared: Path, tmp_path: Path) -> None:
    told = read_back(PRINTED, shared / "data/avaya_ech/chr0003.txt", settings=settings_in(tmp_path))
    counts = dict(told.calls["outcome"].value_counts().iter_rows())
    assert counts["answered"] == 59
    assert counts["abandoned"] + counts["abandoned_ringing"] == 21
    assert counts["left_ivr"] == 27
    assert told.calls.height == 59 + 21 + 27
    assert sum(count for rule, count in told.ignored.items() if "OTHER" in rule) == 78 * 78
    answered = told.calls.filter(told.calls["outcome"] == "answered")
    assert answered["wait"].mean() == pytest.approx(57.017, abs=0.0005)
    assert answered["talk"].mean() == pytest.approx(106.441, abs=0.0005)
    assert answered["wrap"].mean() == pytest.approx(43.593, abs=0.0005)
    assert told.refused == []


def test_the_real_segments_between_commas(shared: Path, tmp_path: Path) -> None:
    told = read_back(COMMAS, shared / "data/avaya_ech/chr5500.123", settings=settings_in(tmp_path))
    counts = dict(told.calls["outcome"].value_counts().iter_rows())
    assert counts == {"answered": 10, "overflowed": 4, "abandoned": 2, "failed": 1}
    assert dict(told.ignored) == {"connected outside any split (disposition CONN)": 1}
    assert told.lines == 18
