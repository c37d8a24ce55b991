"""What a person and a program are told of what is kept, and of what must go."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kcas.calls.store import Store
from kcas.reporting import import_summary
from tests.unit.calls.store.rows import add, call, calls, content


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Three calls: two on the last of March by the desk's clock, one in the first half-hour of April."""
    store = Store(tmp_path / "store")
    moments = [datetime(2026, 3, 31, hour, minute, tzinfo=UTC) for hour, minute in ((9, 0), (22, 59), (23, 0))]
    rows = [call(f"{number}", at=moment) for number, moment in enumerate(moments)]
    add(store, "march.csv", calls(*rows), lines=5, refused=1, warnings=("1 line was cut short",))
    return store


def test_the_ledger_is_shown_to_a_program(kcas: Any, store: Store) -> None:
    code, out, _ = kcas("store", "--store", str(store.folder), "--json")
    (file,) = json.loads(out)["files"]
    assert code == 0
    assert (file["file"], file["new"], file["refused"], file["lines"]) == ("march.csv", 3, 1, 5)
    assert len(file["sha256"]) == 64
    assert datetime.fromisoformat(file["from"]) == datetime(2026, 3, 31, 9, tzinfo=UTC)
    assert file["warnings"] == ["1 line was cut short"]


def test_the_ledger_is_shown_to_a_person_by_the_desks_clock(kcas: Any, store: Store) -> None:
    code, out, _ = kcas("store", "--compact", "--store", str(store.folder))
    assert code == 0
    assert "march.csv" in out
    assert "2026-03-31 10:00" in out, "nine o'clock UTC is ten in London by then"
    assert "Files taken in: 1." in out


def test_calls_before_a_day_are_forgotten_by_the_desks_clock(kcas: Any, store: Store) -> None:
    code, out, _ = kcas("forget", "--before", "2026-04-01", "--store", str(store.folder), "--json")
    told = json.loads(out)
    assert code == 0
    assert (told["before"], told["calls"], told["files_waiting"]) == ("2026-04-01", 2, 1)
    assert content(store, "leg") == [("2",)]
    _, out, _ = kcas("store", "--store", str(store.folder))
    assert "01 April 2026" in out
    _, out, _ = kcas("measures", "--by", "day", "--json", "--store", str(store.folder))
    assert [row["answered"] for row in json.loads(out)["rows"]] == [2, 1]


def test_forgetting_says_what_it_did(kcas: Any, store: Store) -> None:
    code, out, _ = kcas("forget", "--before", "2026-04-01", "--now", "--store", str(store.folder))
    words = " ".join(out.split())
    assert code == 0
    assert "Rows of calls before 01 April 2026 permanently deleted, corrected ones included: 2." in words
    assert "Data files deleted from the disk: 1." in words


def test_a_day_that_is_none_is_refused(kcas: Any, store: Store) -> None:
    code, out, err = kcas("forget", "--before", "yesterday", "--store", str(store.folder))
    assert (code, out) == (1, "")
    assert "--before: 'yesterday' is not a day" in err
    assert content(store, "leg") == [("0",), ("1",), ("2",)]


def test_a_store_that_is_not_there_is_said_and_not_made(kcas: Any, tmp_path: Path) -> None:
    for words in (("store",), ("forget", "--before", "2026-04-01")):
        code, _, err = kcas(*words, "--store", str(tmp_path / "none"))
        assert code == 1
        assert "no calls are kept here yet" in err
    assert not (tmp_path / "none").exists()


QUEUE_LOG = """\
1543570000|1543570000.1|duty|NONE|ENTERQUEUE||01622000000|1
1543570012|1543570000.1|duty|NONE|ABANDON|1|1|12
1543570100|1543570100.2|duty|NONE|ENTERQUEUE||01622000000|1
1543570103|1543570100.2|duty|Agent/7|CONNECT|3|1543570101.3|2
1543570203|1543570100.2|duty|Agent/7|COMPLETECALLER|3|100|1
"""


def test_calls_of_forgotten_days_in_a_new_file_are_told_by_command_ledger_and_page(
    kcas: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KCAS_KEY", str(tmp_path / "key"))
    log, folder = tmp_path / "queue_log", tmp_path / "store"
    log.write_text(QUEUE_LOG)  # two calls of 30 November 2018
    kcas("ingest", str(log), "--store", str(folder))
    kcas("forget", "--before", "2018-12-01", "--store", str(folder), "--now")
    log.write_text(QUEUE_LOG.replace("1543570", "1543571") + QUEUE_LOG.replace("1543570", "1543670"))
    said = "queue_log: 2 calls are of days whose calls have been permanently deleted (kcas forget), and are left out."
    for _ in range(2):  # the second time it is known as read before
        out = kcas("ingest", str(log), "--store", str(folder))[1]
        assert said in " ".join(out.split())
    assert said in " ".join(kcas("store", "--store", str(folder))[1].split())
    told = json.loads(kcas("ingest", str(log), "--store", str(folder), "--json")[1])["files"]
    assert (told[0]["calls"], told[0]["forgotten"]) == (4, 2)
    assert said in import_summary.file_notes(told)
    assert import_summary.report(told)["Forgotten"].to_list() == [2]


def test_a_log_whose_commit_a_power_cut_tore_is_read_again_and_that_is_said(
    kcas: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KCAS_KEY", str(tmp_path / "key"))
    log, folder = tmp_path / "queue_log", tmp_path / "store"
    log.write_text(QUEUE_LOG)
    reading = ("ingest", str(log), "--store", str(folder), "--json")
    assert json.loads(kcas(*reading)[1])["files"][0]["new"] == 2
    assert json.loads(kcas(*reading)[1])["files"][0]["new"] == 0
    entry = max(folder.glob("calls/_delta_log/*.json"))
    entry.write_bytes(entry.read_bytes()[:100])
    code, out, err = kcas(*reading)
    assert (code, json.loads(out)["files"][0]["new"]) == (0, 2)
    assert "1 commit was torn" in err
    assert "read the last files in again" in err
    assert sorted(Store(folder).calls().collect()["outcome"]) == ["abandoned", "answered"]
