"""Suggested mappings: what a file settles is in them, and what it does not is a question. All calls are invented."""

from pathlib import Path

import pytest

from kcas.api.guided import suggest_mapping, try_mapping
from kcas.errors import LogError, SettingError
from kcas.ingest.suggestion import toml_of

SEMICOLONS = """Contact centre report
Period: 16/03/2026 - 17/03/2026
Made by hand for this test
Call ID;Queue;Call Start;Wait Time;Agent;Caller Number;Result
1;Adults;16/03/2026 09:00:00;00:30;A11;01632 960001;Answered
2;Adults;16/03/2026 09:05:00;01:30;A12;01632 960002;Answered
3;Children;16/03/2026 10:00:00;02:00;;01632 960003;Abandoned
4;Children;17/03/2026 11:00:00;00:10;;01632 960004;Voicemail
"""
HALF_HOURS = """Date,Time,Queue,Calls Offered,Calls Answered,Calls Abandoned,ASA
16/03/2026,09:00,Adults,10,8,2,30
16/03/2026,09:30,Adults,20,15,4,60
17/03/2026,09:00,Adults,"1,010","1,000",5,20
Total,,,"1,040","1,023",11,
"""


def written(folder: Path, text: str, name: str = "log.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def mapped(folder: Path, log: Path, **answers: str) -> Path:
    path = folder / "suggested.toml"
    path.write_text(toml_of(suggest_mapping(log, answers=answers)), encoding="utf-8")
    return path


def test_three_title_lines_and_minutes_are_read_without_a_question(tmp_path: Path) -> None:
    log = written(tmp_path, SEMICOLONS)
    assert suggest_mapping(log).questions == []
    trial = try_mapping(log, mapped(tmp_path, log))
    assert (trial.offered, trial.abandoned, trial.mean_wait) == (4, 1, 60.0)
    assert trial.sentence == "4 calls from 16 to 17 March 2026, 1 abandoned (25.0%), mean wait 60 s: is that right?"


def test_a_table_of_half_hours_is_read_without_its_total(tmp_path: Path) -> None:
    log = written(tmp_path, HALF_HOURS)
    suggestion = suggest_mapping(log)
    assert (suggestion.questions, suggestion.table["length"]) == ([], "30 min")
    trial = try_mapping(log, mapped(tmp_path, log))
    assert (trial.kind, trial.offered, trial.abandoned) == ("intervals", 1040, 11)
    assert trial.mean_wait == pytest.approx((8 * 30 + 15 * 60 + 1000 * 20) / 1023)


def test_dates_that_may_be_either_are_asked_and_never_guessed(tmp_path: Path) -> None:
    log = written(tmp_path, SEMICOLONS.replace("16/03", "04/03").replace("17/03", "05/03"))
    (question,) = suggest_mapping(log).questions
    assert (question.topic, question.options) == ("date_order", ("day first", "month first"))
    with pytest.raises(SettingError, match="still open: date_order"):
        try_mapping(log, mapped(tmp_path, log))
    trial = try_mapping(log, mapped(tmp_path, log, date_order="month first"))
    assert trial.days is not None
    assert [day.isoformat() for day in trial.days] == ["2026-04-03", "2026-05-03"]


def test_a_word_that_the_glossary_does_not_settle_is_asked(tmp_path: Path) -> None:
    log = written(tmp_path, SEMICOLONS.replace("Voicemail", "Missed"))
    (question,) = suggest_mapping(log).questions
    assert question.topic == "outcome:Missed"
    trial = try_mapping(log, mapped(tmp_path, log, **{"outcome:Missed": "abandoned"}))
    assert (trial.offered, trial.abandoned) == (4, 2)


def test_unknown_words_are_one_list_with_what_their_talk_says_filled_in(tmp_path: Path) -> None:
    text = "Call ID,Queue,Start Time,Talk Time,Result\n" + "".join(
        f"{n},A,2026-03-16 09:{n:02}:00,{talk},{word}\n"
        for n, (talk, word) in enumerate([(60, "K1"), (0, "K2"), (90, "K1"), (0, "K2"), (0, "Out of hours")])
    )
    log = written(tmp_path, text)
    questions = suggest_mapping(log).questions
    likeliest = {question.topic: question.likeliest for question in questions}
    assert likeliest == {"outcome:K1": "answered", "outcome:K2": "abandoned", "outcome:Out of hours": "blocked"}
    assert {question.group for question in questions} == {"outcomes"}
    trial = try_mapping(log, mapped(tmp_path, log, outcomes="as suggested"))
    assert (trial.offered, trial.abandoned) == (4, 2)  # blocked calls were never offered


def test_fractions_without_a_unit_are_asked(tmp_path: Path) -> None:
    text = (
        SEMICOLONS.replace("00:30", "0.50").replace("01:30", "1.50").replace("02:00", "2.00").replace("00:10", "0.17")
    )
    log = written(tmp_path, text)
    (question,) = suggest_mapping(log).questions
    assert question.topic == "unit:Wait Time"
    assert try_mapping(log, mapped(tmp_path, log, **{"unit:Wait Time": "min"})).mean_wait == 60.0


def test_rows_that_are_the_same_are_asked_where_no_number_tells_them_apart(tmp_path: Path) -> None:
    lines = [line.split(";", 1)[1] for line in SEMICOLONS.splitlines()[3:]]
    log = written(tmp_path, "\n".join([*lines, lines[-1]]) + "\n")
    (question,) = suggest_mapping(log).questions
    assert question.topic == "repeated_rows"
    assert try_mapping(log, mapped(tmp_path, log, repeated_rows="count once")).offered == 4
    assert try_mapping(log, mapped(tmp_path, log, repeated_rows="count each")).offered == 5


@pytest.mark.parametrize(
    "text",
    ["Name,Shift,Hours\nA,Early,8\nB,Late,7\n", "Day,Monday,Tuesday\n09:00,10,20\n10:00,30,40\n", "nothing\n"],
)
def test_a_file_without_calls_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(LogError):
        suggest_mapping(written(tmp_path, text))


def test_no_callers_number_stands_in_a_question_or_in_the_mapping(tmp_path: Path) -> None:
    log = written(tmp_path, SEMICOLONS.replace("Voicemail", "Sent to 07700 900123"))
    suggestion = suggest_mapping(log)
    text = toml_of(suggestion)
    assert "900123" not in text
    assert "01632" not in text
    assert try_mapping(log, mapped(tmp_path, log)).report.refused == 1


def test_text_of_a_log_stays_text_in_the_mapping(tmp_path: Path) -> None:
    odd = 'Ended "so"\\ # [x]'
    log = written(tmp_path, SEMICOLONS.replace("Voicemail", odd))
    mapping = mapped(tmp_path, log, **{f"outcome:{odd}": "voicemail"})
    assert try_mapping(log, mapping).offered == 4


def test_a_day_that_only_a_title_says_is_that_of_every_row(tmp_path: Path) -> None:
    text = "Report\nPeriod: 17/03/2026\nInterval;Queue;Offered;Answered;Abandoned\n09:00;A;5;4;1\n09:30;A;7;5;2\n"
    log = written(tmp_path, text)
    assert suggest_mapping(log).questions == []
    trial = try_mapping(log, mapped(tmp_path, log))
    assert trial.days is not None
    assert (trial.offered, trial.abandoned, trial.days[0].isoformat()) == (12, 3, "2026-03-17")


def test_an_answer_that_is_no_column_is_refused(tmp_path: Path) -> None:
    log = written(tmp_path, SEMICOLONS.replace("Queue", "Where"))
    (question,) = suggest_mapping(log).questions
    assert (question.topic, question.options) == ("column:queue", ("Where", "none"))
    with pytest.raises(SettingError, match="expected one of Where, none"):
        suggest_mapping(log, answers={"column:queue": "Queue"})


def test_a_title_of_part_of_a_month_gives_no_day(tmp_path: Path) -> None:
    text = "Report\nPeriod: 02/03/2026 - 17/03/2026\nQueue;Offered;Answered;Abandoned\nA;5;4;1\nB;7;5;2\n"
    with pytest.raises(LogError, match="date and time"):
        suggest_mapping(written(tmp_path, text))


def test_a_databases_times_without_an_offset_are_asked_about(tmp_path: Path) -> None:
    rows = ("1,A,2026-06-15 08:00:00.000,answered", "2,A,2026-06-15 23:30:00.000,abandoned")
    text = "\n".join(("sessionId,queueName,startTime,result", *rows, ""))
    log = written(tmp_path, text)
    (question,) = suggest_mapping(log).questions
    assert question.topic == "zone"
    trial = try_mapping(log, mapped(tmp_path, log, zone="UTC"))
    assert trial.days is not None
    assert [day.day for day in trial.days] == [15, 16]
