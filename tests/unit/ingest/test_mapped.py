"""Rows become calls or intervals as a mapping declares; every line is accounted for, fast or strictly read."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from kcas.errors import LogError, SettingError
from kcas.ingest import fields
from kcas.ingest.log_format import Carried, Piece, ReadSettings, Refusal
from kcas.ingest.mapped import Mapped
from kcas.ingest.mapping import mapping_of, read_mapping
from kcas.ingest.reading import Log
from kcas.ingest.redact import Redactor
from kcas.ingest.unpacking import Source
from tests.unit.ingest.formats.read_back import LogInBlocks, whole

DESK: dict[str, Any] = {
    "key": "desk", "words": "An invented desk", "leg": "Call", "queue": {"column": "Queue"},
    "wait": {"column": "Wait", "format": "m:ss"}, "talk": {"column": "Talk", "format": "m:ss"},
    "agent": {"column": "Agent"}, "caller": {"column": "Number"},
    "entered": [{"column": "Started", "format": "YYYY-MM-DD hh:mm:ss"}],
    "outcome": [
        {"when": {"Result": "Answered"}, "gives": "answered"},
        {"when": {"Result": ["Lost", "Gone"]}, "gives": "abandoned"},
        {"when": {"Result": "Menu"}, "gives": "left_ivr"},
    ],
    "ignore": [{"when": {"Result": "Test"}, "rule": "a test call"}],
}  # fmt: skip
HEADER = "Call,Queue,Started,Wait,Talk,Result,Agent,Number"
ONE = "1,Adults,2026-03-02 09:00:00,0:10,3:07,Answered,Ann,01622123456"


@pytest.fixture(scope="module")
def redactor(tmp_path_factory: pytest.TempPathFactory) -> Redactor:
    return Redactor(tmp_path_factory.mktemp("key") / "key")


def read(folder: Path, text: str | bytes, redactor: Redactor, **changes: Any) -> Piece:
    path = folder / "log.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    form = Mapped(mapping_of({**DESK, **changes}, where="desk"))
    pieces = list(form.read(Log(Source(path)), settings=ReadSettings(redactor), carried=Carried()))
    assert len(pieces) == 1
    return pieces[0]


def test_a_row_is_a_call(tmp_path: Path, redactor: Redactor) -> None:
    piece = read(tmp_path, f"{HEADER}\n{ONE}\n2,Adults,2026-07-02 09:00:00,0:45,0:00,Lost,Ann,\n", redactor)
    first, second = piece.calls.to_dicts()
    assert (first["leg"], first["queue"], first["outcome"], first["wait"], first["talk"], first["line"]) == (
        "desk/1", "Adults", "answered", 10.0, 187.0, 2,
    )  # fmt: skip
    assert f"{first['entered']:%H:%M%z}" == "09:00+0000"
    assert f"{second['entered']:%H:%M%z}" == "08:00+0000"  # summer time
    assert first["caller"] == redactor.caller("01622123456")
    assert first["agent"] == redactor.agent("Ann")
    assert (second["caller"], second["agent"], second["talk"], second["wait"]) == (None, None, None, 45.0)


def test_the_four_kinds_of_lines_add_up_to_the_lines_read(tmp_path: Path, redactor: Redactor) -> None:
    text = f"{HEADER}\n{ONE}\n\n3,Adults,2026-03-02 09:00:00,0:10,0:00,Test,,\nbroken\n{HEADER}\n   \n"
    piece = read(tmp_path, text, redactor)
    assert (piece.lines, piece.call_lines) == (7, 1)
    assert piece.ignored == {"header": 2, "blank line": 2, "a test call": 1}
    assert [(r.line, r.column, r.reason) for r in piece.refusals] == [(5, None, "has 1 fields where 8 were expected")]


@pytest.mark.parametrize(
    ("row", "column", "words"),
    [
        (
            "1,Adults,2026-03-02 09:00:00,3:7o,0:00,Lost,,",
            "Wait",
            'text of the form "9:9a" (4 characters) is not a duration',
        ),
        ("1,Adults,2026-03-02 09:00:00,-0:10,0:00,Lost,,", "Wait", "negative"),
        ("1,Adults,2106-02-07 06:28:15,0:10,0:00,Lost,,", "Started", "a moment in the future"),
        ("1,Adults,1969-12-31 23:00:00,0:10,0:00,Lost,,", "Started", "before 1970"),
        ("1,Adults,2026-02-30 09:00:00,0:10,0:00,Lost,,", "Started", "no day or time there is"),
        ("1,Adults,9999-12-31 23:59:59,0:10,0:00,Lost,,", "Started", "in the future"),
        (
            "1,Adults,2026-03-02 09:00:00,0:10,0:00,Vanished,,",
            "Result",
            'text of the form "Aaaaaaaa" (8 characters) is no outcome',
        ),
        ("1,,2026-03-02 09:00:00,0:10,0:00,Lost,,", "Queue", "is empty"),
        ("1,\u202eslluda,2026-03-02 09:00:00,0:10,0:00,Lost,,", "Queue", "cannot be seen"),
        (",Adults,2026-03-02 09:00:00,0:10,0:00,Lost,,", "Call", "cannot tell this call"),
        ("1,Adults,2026-03-02 09:00:00,nan,0:00,Lost,,", "Wait", "not a duration"),
        ('1,"Adults,2026-03-02 09:00:00,0:10,0:00,Lost,,', None, "not closed"),
        ('1,"Adults"x,2026-03-02 09:00:00,0:10,0:00,Lost,,', None, "text follows"),
        ("1,Ad\0ults,2026-03-02 09:00:00,0:10,0:00,Lost,,", None, "NUL"),
        ("1,Adults,2026-03-02 09:00:00,0:10,0:00,Lost,,,", None, "has 9 fields where 8"),
    ],
)
def test_a_refusal_has_its_line_column_and_reason(
    tmp_path: Path, redactor: Redactor, row: str, column: str | None, words: str
) -> None:
    piece = read(tmp_path, f"{HEADER}\n{ONE}\n{row}\n", redactor)
    (refusal,) = piece.refusals
    assert (refusal.line, refusal.column) == (3, column)
    assert words in refusal.reason
    assert piece.call_lines == 1


def test_latin_1_without_saying_so_is_refused_by_line_and_read_where_it_is_declared(
    tmp_path: Path, redactor: Redactor
) -> None:
    text = f"{HEADER}\n{ONE}\n{ONE.replace('1,Adults', '2,Café')}\n".encode("latin-1")
    assert [r.reason for r in read(tmp_path, text, redactor).refusals] == ["byte 6 (0xE9) is not UTF-8 text"]
    assert read(tmp_path, text, redactor, encoding="latin-1").calls["queue"].to_list() == ["Adults", "Café"]


def test_an_open_quotation_mark_costs_its_own_line_and_no_other(tmp_path: Path, redactor: Redactor) -> None:
    piece = read(tmp_path, f'{HEADER}\n9,"open,2026-03-02 09:00:00,0:10,0:00,Lost,,\n{ONE}\n', redactor)
    assert (len(piece.refusals), piece.call_lines) == (1, 1)


def test_quoted_fields_may_hold_delimiters_and_doubled_marks(tmp_path: Path, redactor: Redactor) -> None:
    piece = read(tmp_path, f'{HEADER}\n1,"Adults, ""urgent""",2026-03-02 09:00:00,0:10,3:07,Answered,,\n', redactor)
    assert piece.calls["queue"].to_list() == ['Adults, "urgent"']


def test_a_header_only_and_a_missing_column_are_said_so(tmp_path: Path, redactor: Redactor) -> None:
    with pytest.raises(LogError, match="a header and no rows"):
        read(tmp_path, f"{HEADER}\n", redactor)
    with pytest.raises(LogError, match="no column 'Wait'"):
        read(tmp_path, f"{HEADER.replace('Wait', 'Delay')}\n{ONE}\n", redactor)
    with pytest.raises(LogError, match="more than one column 'Queue'"):
        read(tmp_path, f"{HEADER},Queue\n{ONE},x\n", redactor)


def test_a_header_in_another_encoding_is_said_with_its_line(tmp_path: Path, redactor: Redactor) -> None:
    text = f"{HEADER},Büro\n{ONE},x\n".encode("latin-1")
    with pytest.raises(
        LogError, match=r"log\.csv, line 1: byte 51 \(0xFC\) is not UTF-8 text\. Expected a header in utf-8"
    ):
        read(tmp_path, text, redactor)
    assert read(tmp_path, text, redactor, encoding="latin-1").call_lines == 1


def test_a_file_without_a_header_is_read_by_the_columns_it_is_said_to_have(tmp_path: Path, redactor: Redactor) -> None:
    assert read(tmp_path, f"{ONE}\n", redactor, columns=HEADER.split(",")).calls["line"].to_list() == [1]


def test_lines_before_the_header_are_ignored_by_rule(tmp_path: Path, redactor: Redactor) -> None:
    piece = read(tmp_path, f"Report of\nMarch\n{HEADER}\n{ONE}\n", redactor, before_header=2)
    assert piece.ignored == {"before the header": 2, "header": 1}
    assert piece.calls["line"].to_list() == [4]


def test_a_time_of_day_is_on_the_day_nearest_to_the_call_s_own(tmp_path: Path, redactor: Redactor) -> None:
    entered = [{"column": "Queued", "format": "h:mm:ss", "day": "Day", "day_format": "YYMMDD", "near": "Rang"}]
    text = "Call,Queue,Day,Rang,Queued,Wait,Talk,Result,Agent,Number\n" + "".join(
        f"{call},Adults,260302,{rang},{queued},0:10,0:00,Lost,,\n"
        for call, rang, queued in [(1, "23:59:50", "0:00:05"), (2, "0:00:05", "23:59:50"), (3, "9:00:00", "9:00:05")]
    )
    days = read(tmp_path, text, redactor, entered=entered).calls["entered"].dt.strftime("%d %H:%M:%S").to_list()
    assert days == ["03 00:00:05", "01 23:59:50", "02 09:00:05"]


def test_a_negative_duration_may_be_declared_as_not_known_and_is_counted(tmp_path: Path, redactor: Redactor) -> None:
    wait = {"column": "Wait", "format": "m:ss", "negative": "unknown"}
    piece = read(tmp_path, f"{HEADER}\n1,Adults,2026-03-02 09:00:00,-0:10,0:00,Lost,,\n", redactor, wait=wait)
    assert piece.calls["wait"].to_list() == [None]
    assert piece.warnings == {"Wait: negative, taken as not known": 1}


def test_the_time_between_two_moments_is_as_long_as_it_was_over_both_clock_changes(
    tmp_path: Path, redactor: Redactor
) -> None:
    spans = [
        ("2026-03-29 00:59:50", "2026-03-29 02:00:10", 20.0),
        ("2026-10-25 00:59:50", "2026-10-25 01:00:10", 20.0),
        ("2026-10-25 01:59:50", "2026-10-25 01:00:10", 20.0),  # into the second pass
        ("2026-10-25 01:59:50", "2026-10-25 02:00:10", 20.0),  # out of it
        ("2026-10-25 01:10:00", "2026-10-25 01:10:30", 30.0),
        ("2026-10-25 00:30:00", "2026-10-25 02:30:00", 10_800.0),
    ]
    rows = "".join(f"{n},Adults,{since},{until},Lost\n" for n, (since, until, _) in enumerate(spans))
    wait = {"since": "Started", "until": "Ended", "format": "YYYY-MM-DD hh:mm:ss"}
    columns, none = "Call,Queue,Started,Ended,Result\n", {"column": "Queue"}
    piece = read(tmp_path, columns + rows, redactor, wait=wait, talk=wait, agent=none, caller=none)
    assert piece.calls["wait"].to_list() == [length for *_, length in spans]


def test_both_clock_changes_are_flagged_and_the_file_s_order_tells_the_second_pass(
    tmp_path: Path, redactor: Redactor
) -> None:
    clocks = ["2026-03-29 01:30:00", "2026-10-25 00:59:00", "2026-10-25 01:40:00", "2026-10-25 01:10:00"]
    rows = "".join(f"{n},Adults,{clock},0:10,0:00,Lost,,\n" for n, clock in enumerate(clocks))
    calls = read(tmp_path, f"{HEADER}\n{rows}", redactor).calls
    assert calls["entered"].dt.strftime("%H:%M").to_list() == ["01:30", "23:59", "00:40", "01:10"]
    assert calls["clock"].to_list() == ["skipped hour", None, "repeated hour", "repeated hour"]


def test_calls_with_nothing_to_be_known_by_are_known_by_their_line_and_turn(tmp_path: Path, redactor: Redactor) -> None:
    row = "Adults,2026-03-02 09:00:00,0:10,0:00,Lost,,\n"
    header = HEADER.removeprefix("Call,")
    first = read(tmp_path, f"{header}\n{row}{row}", redactor, leg=[]).calls["leg"].to_list()
    again = read(tmp_path, f"{header}\n{row}{row}{row}", redactor, leg=[]).calls["leg"].to_list()
    assert len(set(again)) == 3
    assert again[:2] == first
    assert first[1] == first[0] + "/2"


def test_two_rows_that_are_one_call_by_the_mapping_are_warned_of(tmp_path: Path, redactor: Redactor) -> None:
    (warning,) = read(tmp_path, f"{HEADER}\n{ONE}\n{ONE.replace('Adults', 'Children')}\n", redactor).warnings.items()
    assert "needs another column" in warning[0]
    assert warning[1] == 1


def test_a_number_that_tells_a_call_from_others_is_not_stored(tmp_path: Path, redactor: Redactor) -> None:
    calls = read(tmp_path, f"{HEADER}\n{ONE}\n", redactor, leg=["Number", "Started"]).calls
    assert "1622123456" not in str(calls.to_dicts())


def test_an_interval_table_is_told_long_and_a_month_is_local(tmp_path: Path, redactor: Redactor) -> None:
    table: dict[str, Any] = {
        "key": "t", "words": "t", "kind": "intervals", "length": "month", "queue": {"column": "Who"},
        "start": {"column": "Month", "format": "Mon-YY"},
        "amount": [
            {"column": "In", "measure": "offered"},
            {"column": "Lost", "measure": "abandoned_over", "threshold": "30 s"},
        ],
    }  # fmt: skip
    path = tmp_path / "t.csv"
    path.write_text('Month,Who,In,Lost\nApr-15,"North, East",100,7\nMay-15,South,90,\nJun-15,South,x,1\n')
    form = Mapped(mapping_of(table, where="t"))
    piece = whole(form.read(Log(Source(path)), settings=ReadSettings(redactor), carried=Carried()))
    shown = piece.intervals.with_columns(pl.col("start", "end").dt.strftime("%m-%d %H:%M")).rows()
    assert sorted(shown) == [
        ("03-31 23:00", "04-30 23:00", "North, East", "abandoned_over", 30.0, 7.0),
        ("03-31 23:00", "04-30 23:00", "North, East", "offered", None, 100.0),
        ("04-30 23:00", "05-31 23:00", "South", "offered", None, 90.0),
    ]
    assert (piece.lines, piece.used, piece.refusals[0].line, piece.refusals[0].column) == (4, 2, 4, "In")


@pytest.mark.parametrize("by_queue", [True, False])
def test_both_passes_of_the_repeated_hour_keep_their_intervals(
    tmp_path: Path, redactor: Redactor, by_queue: bool
) -> None:
    table: dict[str, Any] = {
        "key": "t", "words": "t", "kind": "intervals", "length": "30 min", "queue": {"column": "Who"},
        "start": {"column": "From", "format": "DD/MM/YYYY hh:mm"}, "amount": [{"column": "In", "measure": "offered"}],
    }  # fmt: skip
    clocks = ["00:30", "01:00", "01:30", "01:00", "01:30", "02:00"]
    rows = [(who, n, f"25/10/2026 {clock},{who},{10 * n}") for who in ("A", "B") for n, clock in enumerate(clocks)]
    ordered = sorted(rows, key=lambda row: row[:2] if by_queue else row[1::-1])
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["From,Who,In", *(row[2] for row in ordered)]) + "\n")
    form = Mapped(mapping_of(table, where="t"))
    piece = whole(form.read(Log(Source(path)), settings=ReadSettings(redactor), carried=Carried()))
    for who in ("A", "B"):
        told = piece.intervals.filter(queue=who).sort("start").with_columns(pl.col("start").dt.strftime("%H:%M"))
        starts = ["23:30", "00:00", "00:30", "01:00", "01:30", "02:00"]
        assert list(zip(told["start"], told["amount"], strict=True)) == [(at, 10.0 * n) for n, at in enumerate(starts)]
    assert piece.warnings == {}


FIELD = st.sampled_from(["0:10", "3:7o", "-0:05", "", "12:00", "0:10 ", "é", "\x07", "９"])
WHEN = st.sampled_from(["2026-03-02 09:00:00", "2026-3-2 9:00", "2106-01-01 00:00:00", "2026-10-25 01:30:00", ""])
ROW = st.tuples(
    st.sampled_from(["1", "22", "", "ü", " 7", "x" * 300]), st.sampled_from(["Adults", "", "B\x1b", "Größe", "C "]),
    WHEN, FIELD, FIELD, st.sampled_from(["Answered", "Lost", " Gone", "Menu", "Test", "odd"]),
    st.sampled_from(["Ann", "", "Bob"]), st.sampled_from(["01622123456", "+441622123456", "", "0", "withheld"]),
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(rows=st.lists(ROW, min_size=1, max_size=12))
def test_the_fast_way_and_the_strict_way_give_identical_rows(
    tmp_path_factory: pytest.TempPathFactory, redactor: Redactor, rows: list[tuple[str, ...]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "both.csv"
    path.write_text("\n".join([HEADER, *map(",".join, rows)]) + "\n", newline="")
    form = Mapped(mapping_of(DESK, where="desk"))
    found = []
    for strictly in (False, True):
        with pytest.MonkeyPatch.context() as patch:
            if strictly:
                patch.setattr(fields, "is_regular", lambda block, cutting: False)
            found.append(list(form.read(Log(Source(path)), settings=ReadSettings(redactor), carried=Carried())))
    (fast,), (strict,) = found
    assert_frame_equal(fast.calls, strict.calls)
    assert (fast.refusals, fast.ignored, fast.warnings) == (strict.refusals, strict.ignored, strict.warnings)


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=300))
def test_any_bytes_after_a_header_are_accounted_for(
    tmp_path_factory: pytest.TempPathFactory, redactor: Redactor, data: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(HEADER.encode() + b"\n" + ONE.encode() + b"\n" + data)
    form = Mapped(mapping_of(DESK, where="desk"))
    lines = (HEADER.encode() + b"\n\n" + data).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    expected = lines.count(b"\n") + (not lines.endswith(b"\n"))
    pieces = list(form.read(Log(Source(path)), settings=ReadSettings(redactor), carried=Carried()))
    assert sum(piece.lines for piece in pieces) == expected


@settings(deadline=None, max_examples=40)
@given(rows=st.lists(ROW, min_size=1, max_size=30), block=st.integers(1, 400), named=st.booleans())
def test_however_the_file_is_cut_into_blocks_the_rows_are_those_of_the_whole(
    tmp_path_factory: pytest.TempPathFactory, redactor: Redactor, rows: list[tuple[str, ...]], block: int, named: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "blocks.csv"
    path.write_text("\n".join([HEADER, *map(",".join, rows)]) + "\n", newline="")
    form = Mapped(mapping_of({**DESK, "leg": ["Call"] if named else []}, where="desk"))

    def read_in(log: Log) -> tuple[pl.DataFrame, list[Refusal], int]:
        pieces = list(form.read(log, settings=ReadSettings(redactor), carried=Carried()))
        refusals = [refusal for piece in pieces for refusal in piece.refusals]
        return pl.concat([piece.calls for piece in pieces]), refusals, sum(piece.lines for piece in pieces)

    calls, *account = read_in(LogInBlocks(Source(path), size=block))
    whole, *expected = read_in(Log(Source(path)))
    assert_frame_equal(calls, whole)
    assert account == expected


BANK = (
    "vru+line call_id customer_id priority type date vru_entry vru_exit vru_time q_start q_exit q_time outcome "
    "ser_start ser_exit ser_time server"
).replace(" ", "\t")
TRANSFER = "AA0101 33116 9664491 0 TT 990501 10:00:31 10:00:36 5 10:00:36 10:03:09 153 HANG 0:00:00 0:00:00 0 NO_SERVER"
"""A row of the bank's log, tabs as single spaces: a caller who gave up after 153 seconds."""


def bank_row(**columns: str) -> list[str]:
    """That row's fields, some of them otherwise."""
    fields = dict(zip(BANK.split("\t"), TRANSFER.split(), strict=True))
    return list({**fields, **columns}.values())


def of_the_bank(folder: Path, redactor: Redactor, *rows: str) -> Piece:
    """The bank's log read by the mapping that ships with it."""
    path = folder / "may.txt"
    path.write_text("\n".join((BANK, *rows)) + "\n")
    mapping = read_mapping(Path(fields.__file__).parent / "formats" / "technion_bank.toml")
    (piece,) = Mapped(mapping).read(Log(Source(path)), settings=ReadSettings(redactor), carried=Carried())
    return piece


@pytest.mark.parametrize(
    "run_together",
    [
        TRANSFER.replace(" ", "\t").replace("0\tTT", "0       TT"),  # as some months have it
        TRANSFER.replace(" ", "\t").replace("0\tTT", "0 TT"),
        TRANSFER.replace(" ", "\t").replace("9664491\t0", "9664491  0"),
        TRANSFER.replace(" ", "\t").replace("TT\t990501", "TT      990501"),
        TRANSFER.replace(" ", "\t").replace("153\tHANG\t0:00:00", "153\tHANG    0:00:00"),
        TRANSFER.replace(" ", "\t").replace("0\tTT", " 0    TT ").replace("153\tHANG", "153 HANG"),
    ],
)
def test_columns_run_together_by_spaces_are_told_apart_where_fixed_codes_leave_one_way(
    run_together: str, tmp_path: Path, redactor: Redactor
) -> None:
    whole, parted = of_the_bank(tmp_path, redactor, TRANSFER.replace(" ", "\t"), run_together).calls.to_dicts()
    assert {**parted, "line": whole["line"]} == whole
    assert (parted["outcome"], parted["wait"], parted["type"]) == ("abandoned", 153.0, "TT")


def test_rows_told_apart_are_counted_in_the_account_of_the_file(tmp_path: Path, redactor: Redactor) -> None:
    sound, spoilt = "\t".join(bank_row()), "\t".join(bank_row()).replace("0\tTT", "0       TT")
    piece = of_the_bank(tmp_path, redactor, sound, spoilt, spoilt)
    assert (piece.lines, piece.calls.height, piece.refusals) == (4, 3, ())
    assert piece.warnings["columns run together by spaces, told apart by their fixed codes"] == 2


@pytest.mark.parametrize(
    "spoilt",
    [
        "\t".join(bank_row(type="XX")).replace("0\tXX", "0       XX"),  # no type of the bank's
        "\t".join(bank_row(priority="7")).replace("7\tTT", "7       TT"),
        "\t".join(bank_row()).replace("10:03:09\t153", "10:03:09     153"),  # neither is a code: a guess
        "\t".join(bank_row()).replace("0\tTT\t", "0       TT   PS\t"),  # as many fields as columns; which type?
        "\t".join(bank_row()).replace("9664491\t0\tTT", "9664491 0 TT"),  # two gaps, and one column has no codes
        "\t".join(bank_row()[:-1]),
        "\t".join(bank_row()[:-2]).replace("0\tTT", "0       TT"),
    ],
)
def test_a_row_that_codes_cannot_tell_apart_is_refused_as_before(
    spoilt: str, tmp_path: Path, redactor: Redactor
) -> None:
    piece = of_the_bank(tmp_path, redactor, "\t".join(bank_row()), spoilt)
    assert piece.calls.height == 1
    assert [refusal.line for refusal in piece.refusals] == [3]
    assert "run together" not in str(piece.warnings)


def test_any_mapping_may_declare_codes(tmp_path: Path, redactor: Redactor) -> None:
    codes = {"Result": ["Answered", "Lost", "Gone", "Menu", "Test"]}
    spoilt = ONE.replace("3:07,Answered", "3:07 Answered").replace("1,", "2,", 1)
    assert [refusal.line for refusal in read(tmp_path, f"{HEADER}\n{ONE}\n{spoilt}\n", redactor).refusals] == [3]
    piece = read(tmp_path, f"{HEADER}\n{ONE}\n{spoilt}\n", redactor, codes=codes)
    assert [(call["outcome"], call["talk"]) for call in piece.calls.to_dicts()] == [("answered", 187.0)] * 2


def test_codes_of_a_column_that_is_not_there_or_of_two_words_are_refused() -> None:
    with pytest.raises(SettingError, match="codes, Result: a code is one word"):
        mapping_of({**DESK, "codes": {"Result": ["Not answered"]}}, where="desk")
    with pytest.raises(SettingError, match="codes: 'Kind' is not among its columns"):
        mapping_of({**DESK, "columns": HEADER.split(","), "codes": {"Kind": ["a"]}}, where="desk")
