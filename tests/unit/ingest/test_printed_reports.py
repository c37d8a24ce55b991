"""Reports as people print them: a day or a queue that stands once, several tables, sheets, clocks of twelve hours.

All calls are invented; the right figures are counted by hand beside each file.
"""

from datetime import datetime, timedelta
from pathlib import Path

import openpyxl
import pytest

from kcas.api.guided import Trial, suggest_mapping, try_mapping
from kcas.errors import LogError, SettingError
from kcas.ingest.column_roles import Suggestion
from kcas.ingest.mapping import mapping_of
from kcas.ingest.suggestion import toml_of
from tests.unit.ingest.test_suggestion import mapped, written

DAY_ONCE = """Date,Time,Queue,Result
16/03/2026,09:00,Front,Answered
,09:05,Front,Abandoned
,09:10,Back,Answered
17/03/2026,09:02,Front,Abandoned
,09:20,Back,Abandoned
"""
TABLES = """Queue: Front
Date,Offered,Answered,Abandoned
16/03/2026,10,8,2
17/03/2026,12,9,3

Queue: Back
Date,Offered,Answered,Abandoned
16/03/2026,5,4,1
17/03/2026,6,6,0
"""


def tried(folder: Path, log: Path, **answers: str) -> Trial:
    return try_mapping(log, mapped(folder, log, **answers))


def counted(trial: Trial) -> list[tuple[str, int, int]]:
    """Offered and abandoned calls by day."""
    return [(str(row["day"])[:10], row["offered"], row["abandoned"]) for row in trial.by_day]


def topics(log: Path, **answers: str) -> list[str]:
    return [question.topic for question in suggest_mapping(log, answers=answers).questions]


def test_a_day_in_the_first_of_its_rows_is_that_of_the_rows_below(tmp_path: Path) -> None:
    log = written(tmp_path, DAY_ONCE)
    assert topics(log) == []
    assert counted(tried(tmp_path, log)) == [("2026-03-16", 3, 1), ("2026-03-17", 2, 2)]


def test_below_a_rejected_row_no_day_is_filled_in(tmp_path: Path) -> None:
    log = written(tmp_path, DAY_ONCE.replace("17/03/2026,09:02,Front", "17/03/2026,09:02,Front,Oops"))
    mapping = mapped(tmp_path, written(tmp_path, DAY_ONCE, "sound.csv"))
    trial = try_mapping(log, mapping)
    assert counted(trial) == [("2026-03-16", 3, 1)]
    assert trial.report.refused == 2  # the row itself, and the one below it: its day is not known


def test_a_day_missing_here_and_there_is_no_day_printed_once(tmp_path: Path) -> None:
    rows = ["16/03/2026,09:00,A,Answered", "16/03/2026,09:05,A,Abandoned", ",09:10,A,Answered"]
    with pytest.raises(LogError, match="is empty in 1 of 3 rows"):
        suggest_mapping(written(tmp_path, "\n".join(["Date,Time,Queue,Result", *rows, ""])))


def test_tables_below_each_other_have_the_queue_of_the_line_above_each(tmp_path: Path) -> None:
    log = written(tmp_path, TABLES)
    assert topics(log) == []
    trial = tried(tmp_path, log)
    assert (trial.offered, trial.abandoned, trial.report.refused) == (33, 6, 0)
    assert sorted({row["queue"] for row in trial.rows}) == ["Back", "Front"]
    assert trial.report.ignored == {"before the header": 1, "header": 2, "blank line": 1, "title above rows": 1}


def test_tables_whose_lines_say_no_queue_are_refused(tmp_path: Path) -> None:
    text = TABLES.replace("Queue: Front", "Report of March\nFront").replace("Queue: ", "")
    with pytest.raises(LogError, match="several tables one below the other"):
        suggest_mapping(written(tmp_path, text))


def test_a_day_alone_on_a_line_is_that_of_the_rows_below_it(tmp_path: Path) -> None:
    text = (
        "Time,Queue,Offered,Answered,Abandoned\nMonday 16/03/2026\n09:00,Front,4,3,1\n09:30,Front,5,5,0\n"
        "Tuesday 17/03/2026\n09:00,Front,2,1,1\n09:30,Front,3,3,0\n"
    )
    log = written(tmp_path, text)
    assert topics(log) == []
    assert counted(tried(tmp_path, log)) == [("2026-03-16", 9, 1), ("2026-03-17", 5, 1)]


def test_a_name_alone_on_a_line_may_be_a_queue_and_is_asked(tmp_path: Path) -> None:
    text = "Date,Offered,Answered,Abandoned\nFront\n16/03/2026,4,3,1\n17/03/2026,5,5,0\nBack\n16/03/2026,2,1,1\n"
    log = written(tmp_path, text)
    assert topics(log) == ["column:queue"]
    trial = tried(tmp_path, log, **{"column:queue": "Name above the rows"})
    assert (trial.offered, sorted({row["queue"] for row in trial.rows})) == (11, ["Back", "Front"])


def test_the_title_of_a_report_is_no_name_of_its_first_group(tmp_path: Path) -> None:
    text = (
        "Weekly\nDate,Offered,Answered,Abandoned\nFront\n16/03/2026,4,3,1\n17/03/2026,4,3,1\nBack\n16/03/2026,2,1,1\n"
    )
    log = written(tmp_path, text)
    trial = tried(tmp_path, log, **{"column:queue": "Name above the rows"})
    assert sorted({row["queue"] for row in trial.rows}) == ["Back", "Front"]


def test_a_short_line_among_calls_is_rejected_and_no_title(tmp_path: Path) -> None:
    whole = DAY_ONCE.replace("\n,", "\n16/03/2026,")
    log = written(tmp_path, whole.replace("17/03/2026,09:02", "cut off\n17/03/2026,09:02"))
    assert "above" not in suggest_mapping(log).table["file"]
    trial = tried(tmp_path, log)
    assert (trial.report.refused, trial.offered) == (1, 5)


QUEUE_ONCE = """Queue,Date,Offered,Answered,Abandoned
Front,16/03/2026,10,8,2
,17/03/2026,12,9,3
Back,16/03/2026,5,4,1
,17/03/2026,6,6,0
"""


def test_a_queue_in_the_first_of_its_rows_is_sure_where_days_start_again_with_each(tmp_path: Path) -> None:
    log = written(tmp_path, QUEUE_ONCE)
    assert topics(log) == []
    assert sorted({row["queue"] for row in tried(tmp_path, log).rows}) == ["Back", "Front"]


def test_a_row_without_a_queue_may_be_a_total_and_is_asked(tmp_path: Path) -> None:
    text = (
        "Queue,Date,Offered,Answered,Abandoned\nFront,16/03/2026,10,8,2\nBack,16/03/2026,5,4,1\n,16/03/2026,15,12,3\n"
        "Front,17/03/2026,4,4,0\nBack,17/03/2026,6,6,0\n,17/03/2026,10,10,0\n"
    )
    assert topics(written(tmp_path, text)) == ["empty:Queue"]


def twelve_hours(*, in_order: bool) -> str:
    """Two days of calls every half-hour from 8:00 to 17:30, the afternoon's on a clock of twelve hours."""
    rows = []
    for day in (16, 17):
        clocks = [(hour, minute) for hour in range(8, 18) for minute in (0, 30)]
        for at, (hour, minute) in enumerate(clocks if in_order else sorted(clocks, key=lambda each: each[1])):
            rows.append(f"{day}/03/2026,{(hour - 1) % 12 + 1}:{minute:02},A,{'Abandoned' if at == 0 else 'Answered'}")
    return "\n".join(["Date,Time,Queue,Result", *rows, ""])


def test_times_that_fall_at_one_oclock_prove_a_clock_of_twelve_hours(tmp_path: Path) -> None:
    log = written(tmp_path, twelve_hours(in_order=True))
    assert topics(log) == []
    assert suggest_mapping(log).table["entered"][0]["afternoon_before"] == 8
    trial = tried(tmp_path, log)
    assert (trial.offered, trial.abandoned) == (40, 2)
    hours = [row["entered"].hour for row in trial.rows]
    assert hours == [8, 8, 9, 9, 10, 10, 11, 11, 12, 12]


def test_a_clock_of_twelve_hours_in_no_order_is_asked(tmp_path: Path) -> None:
    log = written(tmp_path, twelve_hours(in_order=False))
    (question,) = suggest_mapping(log).questions
    assert (question.topic, question.options) == ("clock_halves", ("afternoon before 8", "24-hour clock"))


def test_few_hours_of_one_morning_are_on_a_clock_of_24_hours(tmp_path: Path) -> None:
    rows = [f"16/03/2026,{hour}:{minute:02},A,Answered" for hour in range(5, 10) for minute in (0, 30)]
    log = written(tmp_path, "\n".join(["Date,Time,Queue,Result", *rows, ""]))
    suggestion = suggest_mapping(log)
    assert suggestion.questions == []
    assert "afternoon_before" not in suggestion.table["entered"][0]


def test_a_range_on_a_clock_of_twelve_hours_ends_after_it_starts(tmp_path: Path) -> None:
    spans = [("11:00", "12:00"), ("12:00", "1:00"), ("1:00", "2:00"), ("7:00", "8:00")]
    rows = [f"16/03/2026,{start} - {end},A,3,2,1" for start, end in spans]
    log = written(tmp_path, "\n".join(["Date,Time,Queue,Offered,Answered,Abandoned", *rows, ""]))
    said = suggest_mapping(log).table
    said["start"]["afternoon_before"] = 8
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(toml_of(Suggestion(said)), encoding="utf-8")
    found = [(row["start"].hour, row["end"].hour) for row in try_mapping(log, mapping).rows]
    assert found == [(11, 12), (12, 13), (13, 14), (19, 20)]
    with pytest.raises(SettingError, match="an hour from 1 to 12"):
        mapping_of({**said, "start": {**said["start"], "afternoon_before": 13}}, where="here")


def test_a_file_without_a_header_is_one_list_of_columns(tmp_path: Path) -> None:
    rows = [
        f"C{n},{'Front' if n % 3 else 'Back'},16/03/2026 09:{n:02}:00,{wait},{talk},01632 9600{n:02},{word}"
        for n, (wait, talk, word) in enumerate(
            [
                (20, 60, "Answered"),
                (45, 0, "Abandoned"),
                (5, 90, "Answered"),
                (70, 0, "Abandoned"),
                (11, 30, "Answered"),
            ]
        )
    ]
    log = written(tmp_path, "\n".join([*rows, ""]))
    questions = suggest_mapping(log).questions
    assert {question.group for question in questions} == {"columns"}
    assert {question.topic: question.likeliest for question in questions} == {
        "column:outcome": "column 7", "column:moment": "column 3", "column:caller": "column 6",
        "column:id": "column 1", "column:queue": "column 2", "column:wait": "column 4", "column:talk": "column 5",
    }  # fmt: skip
    assert "01632" not in str([question.to_dict() for question in questions])
    trial = tried(tmp_path, log, columns="as suggested")
    assert (trial.offered, trial.abandoned, trial.mean_wait) == (5, 2, 12.0)  # (20 + 5 + 11) / 3


def workbook(folder: Path, *sheets: str) -> Path:
    """A workbook with one call answered after 10.125 s and one abandoned on each sheet."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for day, name in enumerate(sheets, start=16):
        sheet = book.create_sheet(name)
        sheet.append([f"Calls of {name}"])
        sheet.append(["Call ID", "Start Time", "Wait Time (s)", "Result"])
        sheet.append([f"{name}-1", datetime(2026, 3, day, 9), 10.125, "Answered"])  # noqa: DTZ001
        sheet.append([f"{name}-2", datetime(2026, 3, day, 9) + timedelta(minutes=3), 20.5, "Abandoned"])  # noqa: DTZ001
    path = folder / "log.xlsx"
    book.save(path)
    return path


def test_sheets_with_the_same_columns_are_asked_about_and_read_together(tmp_path: Path) -> None:
    log = workbook(tmp_path, "Front", "Back")
    assert topics(log)[0] == "sheets"
    answers = {"sheets": "all of them", "column:queue": "Sheet"}
    trial = tried(tmp_path, log, **answers)
    assert counted(trial) == [("2026-03-16", 2, 1), ("2026-03-17", 2, 1)]
    assert sorted({row["queue"] for row in trial.rows}) == ["Back", "Front"]
    assert trial.report.lines == 8
    one = tried(tmp_path, log, sheets="only Front", **{"column:queue": "none"})
    assert one.offered == 2


def test_typed_fractions_are_read_with_a_point_whatever_the_country(tmp_path: Path) -> None:
    log = workbook(tmp_path, "Front")
    assert suggest_mapping(log).table["decimal"] == "point"
    assert tried(tmp_path, log).mean_wait == 10.125


def test_a_text_in_utf_16_without_a_mark_is_read_by_the_same_mapping(tmp_path: Path) -> None:
    log = tmp_path / "log.csv"
    log.write_bytes(DAY_ONCE.encode("utf-16-le"))
    mapping = mapped(tmp_path, log)
    assert try_mapping(log, mapping).offered == 5
    again = tmp_path / "april.csv"
    again.write_bytes(DAY_ONCE.replace("/03/", "/04/").encode("utf-16-le"))
    assert try_mapping(again, mapping).offered == 5
    assert try_mapping(again, mapping).report.warnings["read as UTF-16"] == 1


PRINTED = """                    Split Report

Date: 17/03/2026                         Split: Front
Printed: 18/03/2026 07:00

               Avg                    Flow
               Speed   ACD    Aban    Out
Time           Ans     Calls  Calls   Calls
-------------  ------  -----  ------  ------
8:30AM-9:00AM     :20     10       2       0
9:00AM-9:30AM    1: 0     20       5       1
SUMMARY          : 46     30       7       1
"""


def test_a_printed_report_with_headings_of_three_lines_asks_only_what_was_offered(tmp_path: Path) -> None:
    log = written(tmp_path, PRINTED, "report.txt")
    assert topics(log) == ["offered"]
    trial = tried(tmp_path, log, offered="answered plus abandoned plus flow out")
    assert (trial.offered, trial.abandoned) == (38, 7)  # 10 + 2, and 20 + 5 + 1
    assert trial.mean_wait == pytest.approx((10 * 20 + 20 * 60) / 30)
    assert {(row["queue"], f"{row['start']:%d %H:%M}") for row in trial.rows} == {
        ("Front", "17 08:30"), ("Front", "17 09:00"),
    }  # fmt: skip


def test_a_total_of_waits_is_in_the_unit_of_a_likely_mean(tmp_path: Path) -> None:
    text = "Date,Queue,Offered,Answered,Abandoned,Total wait of answered calls\n" + "".join(
        f"{day}/03/2026,A,120,100,20,6{day}0\n" for day in range(16, 22)
    )
    log = written(tmp_path, text)
    assert topics(log) == []
    assert tried(tmp_path, log).mean_wait == pytest.approx(sum((6160, 6170, 6180, 6190, 6200, 6210)) / 600)


def test_a_comma_in_every_row_does_not_cut_printed_columns(tmp_path: Path) -> None:
    rows = [
        f"{n}    Front   Mar 1{n}, 2026 09:00:00   0:2{n}   {'Lost' if n == 4 else 'Answered'}" for n in range(1, 6)
    ]
    rule = "---  ------  ---------------------  -----  --------"
    heading = "Ref  Queue   Call Start             Wait   Result"
    log = written(tmp_path, "\n".join([heading, rule, *rows, ""]), "a.txt")
    assert suggest_mapping(log).table["file"]["kind"] == "fixed"


def test_a_transfer_is_two_stays_though_the_file_holds_every_line_twice(tmp_path: Path) -> None:
    rows = [
        "1,Front,16/03/2026 09:00:00,Answered",
        "1,Back,16/03/2026 09:05:00,Answered",
        "2,Front,16/03/2026 09:10:00,Abandoned",
    ]
    twice = [row for row in rows for _ in range(2)]
    log = written(tmp_path, "\n".join(["Call ID,Queue,Call Start,Result", *twice, ""]))
    assert topics(log) == []
    assert (tried(tmp_path, log).offered, tried(tmp_path, log).abandoned) == (3, 1)


def test_a_share_is_known_by_its_values_where_its_heading_says_only_abandoned(tmp_path: Path) -> None:
    log = written(
        tmp_path, "Date,Queue,Offered,Answered,Abandoned\n16/03/2026,A,40,33,10.0%\n17/03/2026,A,20,17,5.0%\n"
    )
    assert topics(log) == []
    assert tried(tmp_path, log).abandoned == 5  # 4 and 1, not 7 and 3 as the difference would have it
