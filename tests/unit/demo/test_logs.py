"""Do the sample logs tell of the invented year, blemishes and all? Read here by a naive second reader."""

import csv
from collections import Counter
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from kcas.demo.prepare import SampleLogs

LONDON = ZoneInfo("Europe/London")
CLOSING = {"ABANDON": "abandoned", "EXITWITHTIMEOUT": "timed_out", "EXITWITHKEY": "exit_key"}
RESTART = datetime(2010, 6, 14, 10, 15, 7, tzinfo=LONDON).timestamp()


def lines_at(path: Path) -> list[bytes]:
    return path.read_bytes().split(b"\n")


def read_queue_log(path: Path) -> list[list[str]]:
    """Events of lines that are whole: a moment, a call, a queue, an agent, a verb."""
    told = []
    for line in lines_at(path):
        try:
            parts = line.decode("utf-8").split("|")
        except UnicodeDecodeError:
            continue
        if len(parts) >= 6 and parts[0].isdigit():
            told.append(parts)
    return told


def test_every_file_says_that_it_is_invented(sample: SampleLogs) -> None:
    for path in (*sample.old, *sample.new):
        assert path.name.startswith("invented-")
    assert all("INVENTED" in path.read_text(encoding="cp1252") for path in sample.old)
    assert b"INVENTED" in sample.new[0].read_bytes()
    assert (sample.old[0].parent.parent / "INVENTED.txt").read_text(encoding="utf-8").startswith("INVENTED DATA")


def test_five_months_are_of_the_old_system_and_seven_of_the_new(sample: SampleLogs) -> None:
    assert [path.name[-11:-4] for path in sample.old] == ["2009-10", "2009-11", "2009-12", "2010-01", "2010-02"]
    assert [path.name[-11:-4] for path in sample.new] == [f"2010-0{month}" for month in range(3, 10)]


def test_the_old_systems_rows_are_the_calls_of_its_months(sample: SampleLogs) -> None:
    words = {"Abandoned on ring": "abandoned_ringing", "Menu hang-up": "left_ivr", "Closed message": "blocked"}
    outcomes: Counter[str] = Counter()
    waits = 0
    seen = set()
    for path in sample.old:
        for row in csv.DictReader(path.read_text(encoding="cp1252").splitlines()):
            reference = row["Call ref"]
            if reference in seen or not reference.startswith("D"):
                continue
            seen.add(reference)
            outcomes[words.get(row["Outcome"], row["Outcome"].lower().replace(" ", "_"))] += 1
            minutes, _, seconds = row["Wait"].partition(":")
            waits += int(minutes or 0) * 60 + int(seconds or 0)
    old = sample.calls.filter(pl.col("entered") < datetime(2010, 3, 1, tzinfo=LONDON).astimezone(ZoneInfo("UTC")))
    assert dict(outcomes) == dict(old["outcome"].value_counts().iter_rows())
    assert waits == old["wait"].sum()


def test_the_new_systems_events_are_the_calls_of_its_months(sample: SampleLogs) -> None:
    entered: dict[str, int] = {}
    ended: dict[str, tuple[str, int]] = {}
    answered: dict[str, int] = {}
    talked: dict[str, int] = {}
    for path in sample.new:
        for at, call, _queue, agent, verb, *told in read_queue_log(path):
            if verb == "ENTERQUEUE":
                entered[call] = int(at)
            elif verb in CLOSING:
                ended[call] = ("abandoned_ringing" if agent != "NONE" else CLOSING[verb], int(told[-1]))
                assert int(at) == entered[call] + int(told[-1])
            elif verb == "CONNECT":
                answered[call] = int(told[0])
            elif verb.startswith("COMPLETE"):
                talked[call] = int(told[1])
            elif verb == "BLINDTRANSFER":
                talked[call] = int(told[3])
    taken = datetime(2010, 9, 30, 14, 27, 40, tzinfo=LONDON).timestamp()
    truth = [row for row in sample.calls.iter_rows(named=True) if row["wait"] is not None]
    truth = [row for row in truth if datetime(2010, 3, 1, tzinfo=LONDON) <= row["entered"]]
    truth = [row for row in truth if row["entered"].timestamp() < taken]
    came_in = {row["contact"]: int(row["entered"].timestamp()) for row in truth}
    assert [(call, came_in.get(call), entered.get(call)) for call in came_in.keys() ^ entered.keys()][:5] == []
    assert [(call, at, entered[call]) for call, at in came_in.items() if at != entered[call]][:5] == []
    unfinished = 0
    for row in truth:
        came, call = row["entered"].timestamp(), row["contact"]
        left = came + row["wait"]
        if (came < RESTART <= left) or left >= taken:
            unfinished += 1
            assert call not in ended
            assert call not in answered
        elif row["outcome"] == "answered":
            assert answered[call] == row["wait"]
            assert talked.get(call) in (None, row["talk"] + row["hold"])
        else:
            assert ended[call] == (row["outcome"], row["wait"])
    assert unfinished == 10  # six at the restart, four at the end
    assert 0 < sum(call not in talked for call in answered) <= 26  # thirteen talking at the restart and at the end


def test_every_blemish_is_on_the_line_that_is_named(sample: SampleLogs) -> None:
    paths = {path.name: path for path in (*sample.old, *sample.new)}
    expected = {
        "a blank line": b"",
        "a line cut short": b"kcas-pub",
        "a line cut short and the next run into it": b"12787127",
        "a name in another alphabet's bytes": b"Zo\xeb Marsh",
        "31 November": b"31/11/2009",
        'a wait of "3:7o", the letter o for a zero': b"3:7o",
    }
    found = set()
    for blemish in sample.blemishes:
        line = lines_at(paths[blemish.file])[blemish.line - 1]
        if blemish.words in expected:
            found.add(blemish.words)
            assert expected[blemish.words] in line
    assert found == set(expected)


def test_a_corrected_call_differs_from_its_first_telling_in_one_field(sample: SampleLogs) -> None:
    [corrected] = [blemish for blemish in sample.blemishes if blemish.fate == "superseded"]
    path = next(path for path in sample.old if path.name == corrected.file)
    now = lines_at(path)[corrected.line - 1].split(b",")
    november = next(path for path in sample.old if "2009-11" in path.name)
    before = next(line.split(b",") for line in lines_at(november) if line.startswith(now[0] + b","))
    assert sum(a != b for a, b in zip(now, before, strict=True)) == 1


def test_the_day_sent_twice_is_every_call_of_that_day(sample: SampleLogs) -> None:
    local_day = pl.col("entered").dt.convert_time_zone("Europe/London").dt.date()
    held = Counter(blemish.file for blemish in sample.blemishes if blemish.fate in ("already held", "superseded"))
    days = dict(sample.calls.group_by(local_day).len().iter_rows())
    not_told = sample.calls.filter(local_day == datetime(2010, 4, 30, tzinfo=LONDON).date())
    in_menu = not_told.filter(pl.col("outcome") == "left_ivr")
    assert held["invented-deskline-2009-12.csv"] == days[datetime(2009, 11, 30, tzinfo=LONDON).date()]
    assert held["invented-queue_log-2010-05.log"] == len(not_told) - len(in_menu)
