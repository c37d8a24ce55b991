"""Avaya's interval report: its day, its halves of the day, and what cannot be read of it."""

from pathlib import Path

import pytest

from kcas.ingest.formats.avaya.cms_interval import AvayaIntervalReport
from kcas.ingest.log_format import Carried
from kcas.ingest.reading import Log
from kcas.ingest.unpacking import Source
from tests.unit.ingest.formats.read_back import settings_in

FORM = AvayaIntervalReport()
HEADING = '"Time","","","Avg Speed Ans","ACD Calls","Aban Calls","Flow Out"'


def read(
    folder: Path, *rows: str, day: str = "15/6/2026", zone: str = "Europe/London"
) -> tuple[list[tuple], list[str]]:
    path = folder / "report.csv"
    path.write_text("\n".join(['"Split/Skill: Adults"', f'"Date: {day}"', HEADING, *rows]) + "\n")
    log = Log(Source(path))
    assert FORM.claims(log.head)
    (piece,) = FORM.read(log, settings=settings_in(folder, zone=zone), carried=Carried())
    rows_told = piece.intervals.filter(piece.intervals["measure"] == "offered")
    spans = rows_told.select("start", "end").with_columns(
        rows_told["start"].dt.strftime("%d %b %H:%M"), rows_told["end"].dt.strftime("%d %b %H:%M")
    )
    return [*spans.rows(), *((r.line, r.reason) for r in piece.refusals)], list(piece.warnings)


@pytest.mark.parametrize(
    ("row", "span"),
    [
        ('"8:00","-","8:30AM"', ("15 Jun 07:00", "15 Jun 07:30")),
        ('"11:30","-","12:00PM"', ("15 Jun 10:30", "15 Jun 11:00")),
        ('"12:00","-","12:30PM"', ("15 Jun 11:00", "15 Jun 11:30")),
        ('"12:30","-","1:00PM"', ("15 Jun 11:30", "15 Jun 12:00")),
        ('"12:00","-","12:30AM"', ("14 Jun 23:00", "14 Jun 23:30")),
        ('"11:30","-","12:00AM"', ("15 Jun 22:30", "15 Jun 23:00")),
        ('"8:00AM- 8:30AM","",""', ("15 Jun 07:00", "15 Jun 07:30")),
        ('"23:30","-","00:00"', ("15 Jun 22:30", "15 Jun 23:00")),
    ],
)
def test_an_interval_has_its_half_of_the_day_from_its_end(tmp_path: Path, row: str, span: tuple[str, str]) -> None:
    told, _ = read(tmp_path, f'{row},":12","10","0","0"')
    assert told == [span]


@pytest.mark.parametrize(
    ("day", "zone", "start", "said"),
    [
        ("15/6/2026", "America/Chicago", "15 Jun 13:00", False),  # no month has the number 15
        ("6/15/2026", "Europe/London", "15 Jun 07:00", False),
        ("6/1/2026", "Europe/London", "06 Jan 08:00", True),
        ("6/1/2026", "America/Chicago", "01 Jun 13:00", True),
        ("6/6/2026", "Europe/London", "06 Jun 07:00", False),
        ("2026-06-15", "Europe/London", "15 Jun 07:00", False),
    ],
)
def test_a_day_that_reads_both_ways_is_read_as_the_zone_writes_it_and_said(
    tmp_path: Path, day: str, zone: str, start: str, said: bool
) -> None:
    told, warnings = read(tmp_path, '"8:00","-","8:30AM",":12","10","0","0"', day=day, zone=zone)
    assert told[0][0] == start
    assert any("month first or day first" in words for words in warnings) is said


def test_rows_that_do_not_say_what_they_should_are_refused_without_their_text(tmp_path: Path) -> None:
    told, _ = read(
        tmp_path, '"8:00","-","8:30AM",":12","10","0","0"', '"8:30","-","9:00AM","soon","1","0","0"',
        '"9:00","-","8:00AM",":12","1","0","0"', '"9:00","-","9:75AM",":12","1","0","0"', '"9:00",":12","1","0","0"',
    )  # fmt: skip
    assert [line for line, _ in told[1:]] == [5, 6, 7, 8]
    assert not any("soon" in reason for _, reason in told[1:])


def test_calls_offered_are_said_to_be_a_sum(tmp_path: Path) -> None:
    _, warnings = read(tmp_path, '"8:00","-","8:30AM",":12","10","0","0"')
    assert any(words.startswith("calls offered are those answered") for words in warnings)
