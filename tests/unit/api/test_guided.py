"""Rejected rows with what may be said of them, and a day that a person's own report counts otherwise."""

import tomllib
from datetime import date
from pathlib import Path

import pytest

from kcas.api.guided import Difference, differences, explained, try_mapping, with_remedies

DAY = date(2026, 3, 16)
CALLS = """key = "calls"
words = "Calls"
leg = ["Id", "Queue"]
contact = ["Id"]
queue = { column = "Queue" }
wait = { column = "Wait", format = "s" }

[[entered]]
column = "When"
format = "YYYY-MM-DD hh:mm:ss"

[[ignore]]
when = { Kind = "Internal" }
rule = "an internal call"

[[outcome]]
when = { End = ["Answered"] }
gives = "answered"

[[outcome]]
when = { End = ["Abandoned"] }
gives = "abandoned"
"""
HALVES = """key = "halves"
words = "Half-hours"
kind = "intervals"
length = "30 min"
queue = { column = "Queue" }
start = { column = "When", format = "YYYY-MM-DD hh:mm:ss" }

[[amount]]
column = "Offered"
measure = "offered"

[[amount]]
column = "Abandoned"
measure = "abandoned_total"
"""


def written(folder: Path, mapping: str, *rows: str, header: str = "Id,When,Queue,Kind,End,Wait") -> tuple[Path, Path]:
    """A file with these rows, and its mapping."""
    log, described = folder / "log.csv", folder / "mapping.toml"
    log.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    described.write_text(mapping, encoding="utf-8")
    return log, described


def call(number: int, *, end: str = "Answered", queue: str = "Front", kind: str = "Public", wait: str = "12") -> str:
    """A row of the log."""
    return f"{number},2026-03-16 09:{number:02}:00,{queue},{kind},{end},{wait}"


def test_each_word_that_rows_are_rejected_for_is_offered_with_its_rows(tmp_path: Path) -> None:
    rows = [call(1), call(2, end="Voicemail"), call(3, end="Voicemail"), call(4, end="Odd"), call(5, wait="n/a")]
    log, described = written(tmp_path, CALLS, *rows, call(6, queue=""), call(7, end="01632 960001"))
    trial = try_mapping(log, described)
    assert (trial.offered, trial.report.refused) == (1, 6)
    found = {(each.column, each.word): (each.rows, each.options[0], each.certain) for each in trial.remedies}
    assert found == {
        ("End", "Voicemail"): (2, "voicemail", True),
        ("End", "Odd"): (1, "answered", False),
        ("Wait", "n/a"): (1, "not known", False),
        ("Queue", ""): (1, "(no queue)", False),
    }  # the number is not among them
    chosen = {
        "rejected:End:Voicemail": "voicemail", "rejected:End:Odd": "leave these rows out",
        "rejected:Wait:n/a": "not known", "rejected:Queue:": "(no queue)",
    }  # fmt: skip
    described.write_text(with_remedies(CALLS, chosen, trial.remedies), encoding="utf-8")
    again = try_mapping(log, described)
    assert (again.offered, again.report.refused, sum(again.report.ignored.values())) == (5, 1, 2)  # with the header
    assert {row["queue"] for row in again.rows} == {"Front", "(no queue)"}


@pytest.mark.parametrize("option", ["voicemail", "answered", "leave these rows out"])
def test_the_lines_that_check_prints_do_what_the_option_says(tmp_path: Path, option: str) -> None:
    log, described = written(tmp_path, CALLS, call(1), call(2, end="Gone"))
    (remedy,) = try_mapping(log, described).remedies
    by_hand = tomllib.loads(f"{CALLS}\n{remedy.toml(option)}\n")
    by_choice = tomllib.loads(with_remedies(CALLS, {remedy.question.topic: option}, [remedy]))
    described.write_text(f"{CALLS}\n{remedy.toml(option)}\n", encoding="utf-8")
    assert try_mapping(log, described).report.refused == 0
    assert by_hand["leg"] == by_choice["leg"]
    described.write_text(with_remedies(CALLS, {remedy.question.topic: option}, [remedy]), encoding="utf-8")
    assert try_mapping(log, described).report.refused == 0


def test_a_queue_with_as_many_calls_as_all_others_may_be_a_total(tmp_path: Path) -> None:
    rows = [f"2026-03-16 09:00:00,{queue},{calls},{lost}" for queue, calls, lost in (
        ("Front", 30, 3), ("Back", 10, 2), ("Overall", 40, 5))]  # fmt: skip
    log, described = written(tmp_path, HALVES, *rows, header="When,Queue,Offered,Abandoned")
    trial = try_mapping(log, described)
    (remedy,) = trial.remedies
    assert remedy.question.words == (
        'The queue "Overall" has as many calls as all other queues together. Is it their total?'
    )
    (found,) = differences(log, described, DAY)
    assert (found.kind, found.offered, found.abandoned) == ("totals", -40, -5)
    described.write_text(with_remedies(HALVES, {remedy.question.topic: "leave these rows out"}, [remedy]))
    assert (try_mapping(log, described).offered, try_mapping(log, described).remedies) == (40, ())


def test_every_way_to_count_a_day_otherwise_is_tried_on_the_file(tmp_path: Path) -> None:
    rows = [
        call(1), call(2, end="Abandoned", wait="3"), call(3, end="Abandoned", wait="40"), call(4, kind="Internal"),
        call(5, end="Abandoned", wait="9"), call(5, queue="Back"),
    ]  # fmt: skip
    log, described = written(tmp_path, CALLS, *rows, "9,2026-03-17 09:00:00,Front,Internal,Answered,1")
    found = {(each.kind, each.words): (each.offered, each.abandoned) for each in differences(log, described, DAY)}
    assert found == {
        ("transfers", "counts a call that was passed on once, by how it ended last"): (-1, -1),
        ("short", "leaves out calls abandoned within 3 seconds"): (-1, -1),
        ("short", "does not count calls abandoned within 3 seconds as abandoned, but as offered"): (0, -1),
        ("short", "leaves out calls abandoned within 10 seconds"): (-2, -2),
        ("short", "does not count calls abandoned within 10 seconds as abandoned, but as offered"): (0, -2),
        ("left out", 'counts the rows left out here as "an internal call"'): (1, 0),
    }


def test_rows_of_totals_left_out_are_tried_as_calls(tmp_path: Path) -> None:
    rows = ("2026-03-16 09:00:00,Front,30,3", "2026-03-16 09:00:00,All queues,30,3")
    rule = '\n[[ignore]]\nwhen = { Queue = ["All queues"] }\nrule = "a total"\n'
    log, described = written(tmp_path, HALVES + rule, *rows, header="When,Queue,Offered,Abandoned")
    (found,) = differences(log, described, DAY)
    assert (found.words, found.offered, found.abandoned) == ("counts the rows of totals as calls too", 30, 3)


def test_one_call_in_several_rows_may_be_counted_in_each_queue(tmp_path: Path) -> None:
    one_call = CALLS.replace('leg = ["Id", "Queue"]', 'leg = ["Id"]\nsame_leg = "one call"')
    log, described = written(tmp_path, one_call, call(1), call(2, end="Abandoned"), call(2, queue="Back"))
    (found,) = [each for each in differences(log, described, DAY) if each.kind == "transfers"]
    assert (found.offered, found.abandoned) == (1, 1)  # call 2 was answered in the other queue


def test_a_reason_that_fits_exactly_is_named_alone_and_otherwise_what_each_would_give() -> None:
    short = Difference("short", "leaves out short ones", -2, -2)
    inside = Difference("left out", "counts internal ones", 5, 1)
    assert explained((40, 9), (38, 7), [short, inside]) == ["Your report's figures fit if it leaves out short ones."]
    assert explained((40, 9), (43, 8), [short, inside]) == [
        "Your report's figures fit if it leaves out short ones and counts internal ones."
    ]
    assert explained((40, 9), (None, 7), [short]) == ["Your report's figures fit if it leaves out short ones."]
    assert explained((40, 9), (30, 9), [short, inside]) == [
        "No usual reason gives exactly your figures. What each would give:",
        "If it leaves out short ones: 7 of 38",
        "If it counts internal ones: 10 of 45",
    ]
    assert explained((40, 9), (30, 9), [])[0].startswith("Nothing in the file explains it")
