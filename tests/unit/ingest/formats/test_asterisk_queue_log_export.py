"""The table queue_log exported as CSV tells the same stays as the file, whatever the order of its rows."""

from contextlib import nullcontext, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kcas.errors import LogError
from kcas.ingest.formats.asterisk.database_export import AsteriskQueueLogExport
from kcas.ingest.formats.asterisk.queue_log import AsteriskQueueLog
from kcas.ingest.reading import Head
from tests.unit.ingest.formats.queue_logs import queue_logs
from tests.unit.ingest.formats.read_back import ReadBack, latest, read_back, settings_in

FORM = AsteriskQueueLogExport()
LAWS = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
HEADING = "id,time,callid,queuename,agent,event,data,data1,data2,data3,data4,data5"


def read(folder: Path, *lines: str, size: int = 1 << 24, **more: object) -> ReadBack:
    path = folder / "queue_log.csv"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return read_back(FORM, path, settings=settings_in(folder, **more), size=size)


def local(epoch: int, number: int) -> str:
    """The wall clock in London, with microseconds in the order the lines were written."""
    return f"{datetime.fromtimestamp(epoch, UTC) + timedelta(microseconds=number):%Y-%m-%d %H:%M:%S.%f}"


def exported(line: str, number: int) -> str:
    """A line of the file as a row of the table: the fifth argument keeps any further bars."""
    epoch, callid, queue, agent, event, *data = line.split("|", 9)
    cells = [str(number), local(int(epoch), number), callid, queue, agent, event, "", *data]
    return ",".join(cells + [""] * (12 - len(cells)))


@LAWS
@given(queue_logs(restarts=False), st.randoms(use_true_random=False), st.integers(1, 400))
def test_the_table_in_any_order_tells_what_the_file_tells(
    tmp_path: Path, lines: list[str], dice: object, size: int
) -> None:
    (tmp_path / "queue_log").write_text("".join(f"{line}\n" for line in lines))
    file = read_back(AsteriskQueueLog(), tmp_path / "queue_log", settings=settings_in(tmp_path))
    rows = [exported(line, number) for number, line in enumerate(lines)]
    dice.shuffle(rows)  # type: ignore[attr-defined]
    table = read(tmp_path, HEADING, *rows, size=size)
    assert latest([table.calls]) == latest([file.calls])
    assert table.call_lines == file.call_lines


def test_the_latest_row_first_with_whole_seconds_only(tmp_path: Path) -> None:
    told = read(
        tmp_path,
        "time,callid,queuename,agent,event,data1,data2,data3",
        "2026-01-02 10:00:20,c1,Duty,Ann,COMPLETEAGENT,0,20,1",
        "2026-01-02 10:00:00,c1,Duty,Ann,CONNECT,0,x,0",
        "2026-01-02 10:00:00,c1,Duty,NONE,ENTERQUEUE,,07700900001,1",
    )
    (call,) = told.calls.to_dicts()
    assert (call["line"], call["outcome"], call["wait"], call["talk"]) == (4, "answered", 0, 20)


def test_bars_inside_the_fifth_argument_are_further_arguments(tmp_path: Path) -> None:
    told = read(
        tmp_path,
        HEADING,
        "1,2026-01-02 10:00:00.5,c1,Duty,NONE,ENTERQUEUE,,,07700900001,1,,",
        "2,2026-01-02 10:00:09,c1,Duty,Ann,CONNECT,,9,x,2,,",
        "3,2026-01-02 10:01:49,c1,Duty,Ann,ATTENDEDTRANSFER,,LINK,PJSIP/1,PJSIP/2,9,100|1",
    )
    assert told.calls.select("wait", "talk").rows() == [(9, 100)]


def test_all_arguments_in_one_column_as_without_the_adaptive_table(tmp_path: Path) -> None:
    told = read(
        tmp_path,
        '"time";"callid";"queuename";"agent";"event";"data"',
        '"2026-01-02 10:00:00";"c1";"Duty";"NONE";"ENTERQUEUE";"|07700900001|1"',
        '"2026-01-02 10:00:31";"c1";"Duty";"NONE";"EXITWITHKEY";"1|1|1|31"',
    )
    assert told.calls.select("outcome", "wait").rows() == [("exit_key", 31)]


def test_null_and_an_empty_cell_are_nothing(tmp_path: Path) -> None:
    told = read(
        tmp_path,
        HEADING,
        r"1,2026-01-02 10:00:00,c1,Duty,NONE,ENTERQUEUE,NULL,NULL,\N,1,NULL,NULL",
        "2,2026-01-02 10:00:07,c1,Duty,NONE,ABANDON,NULL,1,1,NULL,NULL,NULL",
    )
    assert told.calls.select("outcome", "wait", "caller").rows() == [("abandoned", 7, None)]


def test_the_zone_is_a_setting(tmp_path: Path) -> None:
    row = "1,2026-07-02 10:00:00,c1,Duty,NONE,ENTERQUEUE,,,,1,,"
    london = read(tmp_path, HEADING, row).calls["entered"].item()
    assert london == datetime(2026, 7, 2, 9, 0, tzinfo=UTC)
    assert read(tmp_path, HEADING, row, zone="UTC").calls["entered"].item() == datetime(2026, 7, 2, 10, 0, tzinfo=UTC)
    new_york = read(tmp_path, HEADING, row, zone="America/New_York").calls["entered"].item()
    assert new_york == datetime(2026, 7, 2, 10, 0, tzinfo=ZoneInfo("America/New_York"))


def test_the_hour_that_comes_twice_is_told_by_the_order_of_the_rows_and_flagged(tmp_path: Path) -> None:
    told = read(
        tmp_path,
        HEADING,
        "1,2025-10-26 00:59:00,c1,Duty,NONE,ENTERQUEUE,,,,1,,",
        "2,2025-10-26 01:40:00,c2,Duty,NONE,ENTERQUEUE,,,,1,,",
        "3,2025-10-26 01:10:00,c3,Duty,NONE,ENTERQUEUE,,,,1,,",
        "4,2025-10-26 02:00:00,c4,Duty,NONE,ENTERQUEUE,,,,1,,",
    )
    assert told.calls.sort("line").select("entered", "clock").rows() == [
        (datetime(2025, 10, 25, 23, 59, tzinfo=UTC), None),
        (datetime(2025, 10, 26, 0, 40, tzinfo=UTC), "repeated hour"),
        (datetime(2025, 10, 26, 1, 10, tzinfo=UTC), "repeated hour"),
        (datetime(2025, 10, 26, 2, 0, tzinfo=UTC), None),
    ]


def test_old_tables_count_seconds_since_1970(tmp_path: Path) -> None:
    told = read(tmp_path, "time,callid,queuename,agent,event,data", "1767312000,c1,Duty,NONE,ENTERQUEUE,|x|1")
    assert told.calls["entered"].item() == datetime(2026, 1, 2, tzinfo=UTC)


def test_a_table_with_both_time_and_created_goes_by_time(tmp_path: Path) -> None:
    told = read(
        tmp_path,
        "created,id,time,callid,queuename,serverid,agent,event,data1,data2,data3,data4,data5,id",
        "2026-01-02 11:00:00,1,2026-01-02 10:00:00,c1,Duty,a,NONE,ENTERQUEUE,,,1,,,1",
    )
    assert told.calls["entered"].item() == datetime(2026, 1, 2, 10, 0, tzinfo=UTC)


def test_rows_that_cannot_be_taken_say_their_line_and_column_and_spoil_no_other(tmp_path: Path) -> None:
    told = read(
        tmp_path,
        "time,callid,queuename,agent,event,data1,data2,data3",
        '2026-01-02 10:00:00,"c1,Duty,NONE,ENTERQUEUE,,,1',
        "2026-01-02 10:00:00,c1,Duty,NONE,ENTERQUEUE,,1",
        "2026-02-30 10:00:00,c1,Duty,NONE,ENTERQUEUE,,,1",
        "02/01/2026 10:00,c1,Duty,NONE,ENTERQUEUE,,,1",
        "2026-01-02 10:00:00,c1,Duty,NONE,ENTERQUEUE,,,1",
        "",
        "time,callid,queuename,agent,event,data1,data2,data3",
        "2026-01-02 10:00:04,c1,Duty,NONE,ABANDON,1,1,4",
    )
    assert told.refused == [(2, None), (3, None), (4, "time"), (5, "time")]
    assert dict(told.ignored) == {"header": 2, "blank line": 1}
    assert told.calls.select("line", "outcome", "wait").rows() == [(6, "abandoned", 4)]


@LAWS
@given(
    st.binary(max_size=300)
    | st.lists(
        st.sampled_from(
            [
                b"2026-01-02 10:00:00",
                b",",
                b"c1",
                b"ENTERQUEUE",
                b"ABANDON",
                b"\n",
                b"\xff",
                b"\0",
                b'"',
                b"|",
                b"9" * 30,
            ]
        ),
        max_size=60,
    ).map(b"".join),
    st.booleans(),
)
def test_no_bytes_whatever_break_the_reader_or_its_account(tmp_path: Path, data: bytes, headed: bool) -> None:
    path = tmp_path / "queue_log.csv"
    path.write_bytes((HEADING.encode() + b"\n") * headed + data)
    with nullcontext() if headed else suppress(LogError):
        read_back(FORM, path, settings=settings_in(tmp_path), size=100)


@pytest.mark.parametrize(
    ("heading", "ours"),
    [
        (HEADING, True),
        ('"time";"callid";"queuename";"agent";"event";"data"', True),
        ("created\tcallid\tqueue\tagent\tevent", True),
        ("time,callid,agent,event", False),
        ("1767312000|NONE|NONE|NONE|QUEUESTART|", False),
    ],
)
def test_a_table_is_claimed_by_its_heading(heading: str, ours: bool) -> None:
    assert FORM.claims(Head((heading.encode(),), None, "")) is ours
