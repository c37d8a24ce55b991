"""One bad file costs that file: whatever lies among the logs, the others are read and the reason is said."""

import gzip
import hashlib
import json
import os
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import kcas.importing.run
from kcas.calls.store import Store
from kcas.desk.standard import Standard
from kcas.importing.run import ImportRequest, import_files
from kcas.ingest.log_format import Carried, LogFormat, Piece, ReadSettings
from kcas.ingest.reading import Head, Log
from kcas.ingest.report import FileReport
from tests.commands import kcas_says

START = 1_772_442_000
posix = pytest.mark.skipif(sys.platform == "win32", reason="no such entries in a folder there")


def queue_log(first: int, calls: int = 3) -> str:
    """A log of callers answered after five seconds, one a minute."""
    lines = []
    for number in range(first, first + calls):
        at = START + number * 60
        lines += [
            f"{at}|{number}.1|duty|NONE|ENTERQUEUE||01632960121|1",
            f"{at + 5}|{number}.1|duty|SIP/101|CONNECT|5|x|4",
            f"{at + 25}|{number}.1|duty|SIP/101|COMPLETECALLER|5|20|1",
        ]
    return "\n".join(lines) + "\n"


class Desk:
    """A folder of logs, a store and a key."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.logs, self.store = folder, folder / "logs", Store(folder / "store")
        self.logs.mkdir()
        (self.logs / "good").write_text(queue_log(0))

    def take_in(self, *paths: Path) -> dict[str, FileReport]:
        asked = ImportRequest(key_file=self.folder / "key")
        reports = import_files(paths or [self.logs], store=self.store, standard=Standard(), asked=asked)
        return {report.file: report for report in reports}

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "KCAS_KEY": str(self.folder / "key"), "KCAS_STORE": str(self.store.folder)}
        return kcas_says(self.folder, *arguments, settings=environment)

    def legs(self) -> int:
        return self.store.calls().collect().height if self.store.exists else 0


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


class Faulty:
    """A format with a fault of ours in one of its steps, which claims the files that say so."""

    key, words, encoding = "faulty", "a reader at fault", "utf-8"

    def __init__(self, step: str, error: BaseException) -> None:
        self.step, self.error = step, error

    def claims(self, head: Head) -> bool:
        mine = head.lines[:1] == ("faulty",)
        if mine and self.step == "claims":
            raise self.error
        return mine

    def read(self, log: Log, *, settings: ReadSettings, carried: Carried) -> Iterator[Piece]:
        if self.step == "read":
            raise self.error
        for block in log.blocks():
            if type(log) is Log or self.step == "beginning":
                raise self.error
            yield Piece(lines=block.lines, ignored={"nothing": block.lines})


class PanicError(BaseException):
    """What a library written in another language raises: it is no `Exception`."""


@pytest.mark.parametrize("step", ["claims", "read", "beginning", "block"])
@pytest.mark.parametrize("error", [ZeroDivisionError("07700900123"), PanicError("07700900123"), RecursionError()])
def test_any_fault_of_ours_is_that_files_report_and_the_others_are_read(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, step: str, error: BaseException
) -> None:
    real = kcas.importing.run.formats()
    both: Callable[[], tuple[LogFormat, ...]] = lambda: (*real, Faulty(step, error))  # noqa: E731
    monkeypatch.setattr(kcas.importing.run, "formats", both)
    (desk.logs / "bad").write_text("faulty\n07700900123\n")
    (desk.logs / "later").write_text(queue_log(10))
    reports = desk.take_in()
    assert (reports["good"].new, reports["later"].new) == (3, 3)
    bad = reports["bad"].error or ""
    assert bad.startswith("bad: a fault in kcas, not in the file.")
    assert not reports["bad"].passed_over
    noted = (desk.folder / "store-faults.log").read_text()
    assert type(error).__name__ in noted
    assert "07700900123" not in noted + bad
    assert desk.legs() == 6


def test_ctrl_c_is_no_fault_of_a_file(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kcas.importing.run, "formats", lambda: (Faulty("claims", KeyboardInterrupt()),))
    (desk.logs / "bad").write_text("faulty\n")
    with pytest.raises(KeyboardInterrupt):
        desk.take_in()


def test_a_table_of_events_without_their_data_is_read_as_far_as_it_goes(desk: Desk) -> None:
    rows = "2026-03-02 09:00:00,1.1,q,NONE,ENTERQUEUE\n2026-03-02 09:00:30,1.1,q,NONE,ABANDON\n"
    (desk.logs / "bare.csv").write_text("time,callid,queuename,agent,event\n" + rows)
    assert desk.take_in()["bare.csv"].new == 1
    (lost,) = desk.store.calls().filter(queue="q").select("outcome", "wait").collect().rows()
    assert lost == ("abandoned", 30.0)  # 09:00:30 less 09:00:00: no column tells the wait


def fifo(path: Path) -> None:
    os.mkfifo(path)


def listening(path: Path) -> None:
    where = os.getcwd()
    os.chdir(path.parent)  # a socket's path is short
    socket.socket(socket.AF_UNIX).bind(path.name)
    os.chdir(where)


def device(path: Path) -> None:
    try:
        os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(1, 5))  # a zero for ever
    except PermissionError:
        pytest.skip("only root makes devices")


def locked(path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root reads everything")
    path.write_text(queue_log(20))
    path.chmod(0)


STRANGE: dict[str, tuple[Callable[[Path], object], str]] = {
    "a pipe": (fifo, "a pipe, where a file was expected"),
    "a socket": (listening, "a socket, where a file was expected"),
    "a device": (device, "a device, where a file was expected"),
    "a link to nothing": (lambda path: path.symlink_to("nowhere"), "a link to a file that is not there"),
    "a link to itself": (lambda path: path.symlink_to(path.name), "a link that leads in a circle"),
    "a locked file": (locked, "cannot be read (Permission denied)"),
    "a gzip cut short": (lambda path: path.write_bytes(gzip.compress(queue_log(0).encode())[:40]), "cut short"),
}


@posix
@pytest.mark.parametrize("kind", STRANGE)
def test_what_is_no_file_is_said_in_a_sentence_named_or_in_a_folder(desk: Desk, kind: str) -> None:
    make, words = STRANGE[kind]
    make(desk.logs / "strange")
    reports = desk.take_in()
    assert words in (reports["strange"].error or "")
    assert reports["good"].new == 3
    done = desk.run("ingest", desk.logs, "--json")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    entries = {file["file"]: file["error"] for file in json.loads(done.stdout)["files"]}
    assert words in entries["strange"]
    assert entries["good"] is None
    assert words in (desk.take_in(desk.logs / "strange")["strange"].error or "")


@posix
def test_a_folder_that_leads_back_into_itself_is_read_once(desk: Desk) -> None:
    (desk.logs / "again").symlink_to(desk.logs)
    elsewhere = desk.folder / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "linked").write_text(queue_log(30))
    (desk.logs / "linked").symlink_to(elsewhere)
    reports = desk.take_in()
    assert {name: report.new for name, report in reports.items()} == {"good": 3, "linked": 3}


def test_a_name_longer_than_any_file_system_has_is_said_to_be(desk: Desk) -> None:
    for name in ("x" * 300, "x" * 5000, "a\0b"):
        reports = desk.take_in(desk.logs / name, desk.logs / "good")
        assert [bool(report.error) for report in reports.values()].count(True) == 1
        assert reports["good"].error is None


def test_a_long_name_of_a_log_handed_in_on_the_page_fits_every_file_system() -> None:
    from kcas.dashboard.job_requests import safe_name

    for letter, ending in (("é", "log"), ("\N{CJK UNIFIED IDEOGRAPH-8A71}", "csv"), ("x", "toml")):
        name = safe_name(f"{letter * 250}.{ending}")
        assert len(name.encode()) <= 200
        assert name.endswith(f".{ending}")


@posix
def test_a_name_that_is_not_text_is_shown_with_marks_in_its_place(desk: Desk) -> None:
    with open(os.fsencode(desk.logs) + b"/log-\xff\xfe", "w") as file:
        file.write(queue_log(40))
    with open(os.fsencode(desk.logs) + b"/bad-\xff", "w") as file:
        file.write("no log\n")
    done = desk.run("ingest", desk.logs, "--json")
    files = {file["file"]: file for file in json.loads(done.stdout)["files"]}
    assert files["log-\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}"]["new"] == 3
    assert files["bad-\N{REPLACEMENT CHARACTER}"]["error"]
    assert "Traceback" not in done.stderr


def read_meanwhile(desk: Desk, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], object], times: int) -> None:
    """Change the log `good` between two chunks of its reading, so many times."""
    real, left = Log._counted, [times]

    def changing(log: Log) -> Iterator[bytes]:
        for number, chunk in enumerate(real(log)):
            yield chunk
            if number == 0 and left[0] and type(log) is Log:
                left[0] -= 1
                change(log.source.path)

    monkeypatch.setattr(Log, "_counted", changing)


def test_a_file_replaced_while_it_is_read_is_kept_as_it_came_to_be(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    other = queue_log(100, calls=3)
    read_meanwhile(desk, monkeypatch, lambda path: path.write_text(other), times=1)
    report = desk.take_in()["good"]
    assert (report.error, report.new) == (None, 3)
    assert report.sha256 == hashlib.sha256(other.encode()).hexdigest()
    entered = desk.store.calls().collect()["entered"].dt.epoch("s").sort().to_list()
    assert entered == [START + n * 60 for n in (100, 101, 102)]


def test_a_file_that_keeps_changing_is_not_kept_and_is_read_when_at_rest(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    turn = iter(range(200, 1000, 10))
    read_meanwhile(desk, monkeypatch, lambda path: path.write_text(queue_log(next(turn))), times=20)
    assert "changed while it was read" in (desk.take_in()["good"].error or "")
    assert desk.legs() == 0
    monkeypatch.undo()
    report = desk.take_in()["good"]
    assert (report.error, report.new, report.already_held) == (None, 3, 0)


def test_the_ledger_has_the_fingerprint_of_the_rows_and_the_right_file_is_not_read_before(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file looked at, then replaced before its lines are read: the first content was never kept."""
    right = (desk.logs / "good").read_text()
    real = Log.blocks

    def replaced(log: Log, **more: Any) -> Iterator[Any]:
        if type(log) is Log:
            log.source.path.write_text(queue_log(300))
        yield from real(log, **more)

    monkeypatch.setattr(Log, "blocks", replaced)
    desk.take_in()
    monkeypatch.undo()
    kept = {batch.record.sha256 for batch in desk.store.batches()}
    assert kept <= {hashlib.sha256(queue_log(300).encode()).hexdigest()}
    (desk.logs / "good").write_text(right)
    report = desk.take_in()["good"]
    assert (report.error, report.new) == (None, 3)


def test_a_log_that_grows_while_it_is_read_is_kept_as_far_as_it_went(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = (desk.logs / "good").read_text()

    def gain(path: Path) -> None:
        with path.open("a") as file:
            file.write(queue_log(50))

    read_meanwhile(desk, monkeypatch, gain, times=1)
    report = desk.take_in()["good"]
    assert (report.error, report.new) == (None, 3)
    assert report.sha256 == hashlib.sha256(first.encode()).hexdigest()
    monkeypatch.undo()
    report = desk.take_in()["good"]
    assert (report.error, report.new, report.already_held) == (None, 3, 3)


def test_a_file_cut_short_while_it_is_read_is_read_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kcas.ingest.unpacking.CHUNK", 64)
    read_meanwhile(desk, monkeypatch, lambda path: os.truncate(path, 0), times=1)
    assert "the file is empty" in (desk.take_in()["good"].error or "")
    assert desk.legs() == 0


def test_a_packed_file_has_the_fingerprint_of_the_file_as_handed_in(desk: Desk) -> None:
    packed = gzip.compress(queue_log(60).encode()) + gzip.compress(queue_log(70).encode()) + bytes(7)
    (desk.logs / "log.gz").write_bytes(packed)
    report = desk.take_in()["log.gz"]
    assert (report.new, report.sha256) == (6, hashlib.sha256(packed).hexdigest())
    assert desk.take_in()["log.gz"].already_held == 6


def test_nothing_is_hashed_before_it_is_read_unless_a_file_of_its_size_is_held(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = kcas.importing.run.held_already.__globals__["Log"].fingerprint.fget

    def counted(log: Log) -> tuple[str, int]:
        asked.append(log.name)
        return real(log)

    os.utime(desk.logs / "good", (START, START))
    monkeypatch.setattr(Log, "fingerprint", property(counted))
    desk.take_in()
    assert asked == []
    desk.take_in()
    assert asked == ["good"]


def test_two_first_readings_at_once_into_a_new_folder_lose_nothing(desk: Desk) -> None:
    for number in range(4):
        (desk.folder / f"log-{number}").write_text(queue_log(100 + number * 10))
    done: list[subprocess.CompletedProcess[str]] = []
    threads = [
        threading.Thread(target=lambda n=n: done.append(desk.run("ingest", desk.folder / f"log-{n}"))) for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(each.returncode, each.stderr) for each in done] == [(0, "")] * 4
    assert desk.legs() == 12
    assert len(desk.store.batches()) == 4


@pytest.mark.parametrize("before", ["nothing", "an empty folder"])
def test_a_first_reading_that_fails_leaves_no_store_behind(desk: Desk, before: str) -> None:
    if before == "an empty folder":
        desk.store.folder.mkdir()
    (desk.logs / "good").write_text("1772442000|1|q|NONE|NOTHING\nnonsense\n1772442001|nonsense\n")
    (desk.folder / "map.toml").write_text(
        'key = "k"\nwords = "w"\nleg = "Call"\nqueue = { column = "Queue" }\n[[entered]]\ncolumn = "At"\n'
        'format = "YYYY-MM-DD hh:mm:ss"\n[[outcome]]\nwhen = { Result = "Lost" }\ngives = "abandoned"\n'
    )
    (desk.folder / "calls.csv").write_text("Call,Queue,At,Result\n1,q,never,Lost\n")
    done = desk.run("ingest", "calls.csv", "--mapping", "map.toml")
    assert (done.returncode, "not one line could be taken" in done.stderr) == (1, True)
    assert desk.store.folder.exists() == (before == "an empty folder")
    assert not (desk.store.folder.exists() and os.listdir(desk.store.folder))
    assert "no calls are kept here yet" in desk.run("measures").stderr


def test_a_first_reading_that_fails_beside_one_that_waits_loses_nothing(desk: Desk) -> None:
    """Several at once into a new folder, every other one in vain: the store is put away and made under their hands."""
    results: list[str] = []

    def read(number: int) -> None:
        frame = pl.DataFrame({"leg": [f"leg {number}"]})
        store = Store(desk.store.folder)

        def pieces() -> Iterator[pl.DataFrame]:
            if number % 2:
                raise kcas.importing.run.LogError("in vain")
            yield call(frame)

        try:
            store.add(pieces(), record=lambda: kcas.importing.run.Record(f"{number}", f"{number}", number, "invented"))
            results.append("kept")
        except kcas.importing.run.LogError:
            results.append("in vain")

    for start in range(0, 40, 8):
        threads = [threading.Thread(target=read, args=(number,)) for number in range(start, start + 8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if start == 0:
            assert results.count("kept") == 4
    assert (results.count("kept"), results.count("in vain")) == (20, 20)
    assert len(desk.store.batches()) == 20


def call(frame: pl.DataFrame) -> pl.DataFrame:
    from datetime import UTC, datetime

    from kcas.calls.call import SCHEMA

    row = {"queue": "q", "entered": datetime(2026, 3, 2, 9, tzinfo=UTC), "outcome": "answered"}
    return pl.DataFrame([{**row, "leg": leg} for leg in frame["leg"]], schema=SCHEMA)
