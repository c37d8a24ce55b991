"""Files handed over are recognised, read and kept, each whole or not at all; nothing doubles, nothing is lost."""

import csv
import gzip
import json
import subprocess
import zipfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kcas.calls.store import Store
from kcas.desk.standard import Standard
from kcas.errors import LogError, SettingError
from kcas.importing.run import LAST, Door, ImportRequest, RecognisedLog, import_files, import_log
from kcas.ingest.formats import formats
from kcas.ingest.log_format import Carried, Piece, ReadSettings
from kcas.ingest.reading import Head, Log
from kcas.ingest.redact import Redactor
from kcas.ingest.report import FileReport
from kcas.ingest.unpacking import Limits, Source, sources
from tests.commands import kcas_says

MAPPING = """
key = "desk"
words = "An invented desk"
leg = "Call"
queue = { column = "Queue" }
wait = { column = "Wait", format = "m:ss" }
talk = { column = "Talk", format = "m:ss" }
caller = { column = "Number" }
[[entered]]
column = "Started"
format = "YYYY-MM-DD hh:mm:ss"
[[outcome]]
when = { Result = "Answered" }
gives = "answered"
[[outcome]]
when = { Result = "Lost" }
gives = "abandoned"
"""
STANDARD = Standard()
HEADER = "Call,Queue,Started,Wait,Talk,Result,Number"
BANK = (
    "vru+line\tcall_id\tcustomer_id\tpriority\ttype\tdate\tvru_entry\tvru_exit\tvru_time\tq_start\tq_exit\tq_time\t"
    "outcome\tser_start\tser_exit\tser_time\tserver"
)
BANK_ROW = "ZZ01\t{}\t0\t0\tPS\t990301\t9:00:00\t9:00:10\t10\t0:00:00\t0:00:00\t0\tHANG\t0:00:00\t0:00:00\t0\tNO_SERVER"


def row(call: int, *, minute: int = 0, result: str = "Lost", wait: str = "0:30") -> str:
    talk = "3:00" if result == "Answered" else ""
    return f"{call},Adults,2026-03-02 09:{minute:02d}:00,{wait},{talk},{result},01632 960{call:03d}"


class Folder:
    """A folder with a store, a key and the desk's mapping, for files to be handed to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = Store(folder / "store")
        (folder / "desk.toml").write_text(MAPPING)

    def write(self, name: str, *rows: str, header: str = HEADER) -> Path:
        path = self.folder / name
        path.write_text("\n".join([header, *rows]) + "\n")
        return path

    def take_in(self, *paths: Path, mapped: bool = True, desk: Standard = STANDARD, **asked: Any) -> list[FileReport]:
        if mapped:
            asked.setdefault("mapping", self.folder / "desk.toml")
        asked.setdefault("key_file", self.folder / "key")
        return import_files(paths, store=self.store, standard=desk, asked=ImportRequest(**asked))

    def calls(self) -> pl.DataFrame:
        return self.store.calls().collect() if self.store.exists else pl.DataFrame({"leg": []})


@pytest.fixture
def desk(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_the_same_file_twice_brings_nothing_new(desk: Folder) -> None:
    path = desk.write("a.csv", row(1), row(2))
    (first,) = desk.take_in(path)
    (again,) = desk.take_in(path)
    assert (first.new, first.already_held) == (2, 0)
    assert (again.new, again.already_held, again.superseded, again.calls) == (0, 2, 0, 2)
    assert desk.calls().height == 2


def test_the_same_content_under_another_name_or_packed_brings_nothing_new(desk: Folder) -> None:
    path = desk.write("a.csv", row(1), row(2))
    packed = desk.folder / "b.csv.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    desk.take_in(path)
    (again,) = desk.take_in(packed)
    assert (again.new, again.already_held) == (0, 2)


def test_an_overlapping_file_brings_only_what_is_new(desk: Folder) -> None:
    desk.take_in(desk.write("a.csv", row(1), row(2)))
    (later,) = desk.take_in(desk.write("b.csv", row(2), row(3)))
    assert (later.new, later.already_held, later.superseded) == (1, 1, 0)
    assert desk.calls().height == 3


def test_a_corrected_re_issue_supersedes_what_it_corrects(desk: Folder) -> None:
    desk.take_in(desk.write("a.csv", row(1), row(2)))
    (later,) = desk.take_in(desk.write("b.csv", row(1), row(2, result="Answered")))
    assert (later.new, later.already_held, later.superseded) == (0, 1, 1)
    assert sorted(desk.calls()["outcome"].to_list()) == ["abandoned", "answered"]


def test_a_file_read_with_another_zone_is_not_the_same_reading(desk: Folder) -> None:
    path = desk.write("a.csv", row(1))
    desk.take_in(path)
    (again,) = desk.take_in(path, zone="Asia/Jerusalem")
    assert (again.new, again.superseded) == (0, 1)
    assert desk.calls()["entered"].dt.strftime("%H:%M").to_list() == ["07:00"]


def test_refused_lines_are_reported_and_the_others_kept(desk: Folder) -> None:
    (report,) = desk.take_in(desk.write("a.csv", row(1), row(2, wait="3:7o"), "fused"))
    assert (report.new, report.refused, report.lines, report.call_lines) == (1, 2, 4, 1)
    assert [(r.line, r.column) for r in report.refusals] == [(3, "Wait"), (4, None)]


def test_strictly_read_nothing_of_a_file_with_a_refused_line_is_kept(desk: Folder) -> None:
    paths = desk.write("a.csv", row(1), row(2, wait="3:7o")), desk.write("b.csv", row(3, minute=5))
    reports = {report.file: report for report in desk.take_in(*paths, strict=True)}
    assert "nothing was kept" in (reports["a.csv"].error or "")
    assert reports["a.csv"].refused == 1
    assert desk.calls()["line"].to_list() == [2]
    assert desk.calls()["entered"].dt.minute().to_list() == [5]


def test_nothing_of_a_gzip_cut_short_is_kept(desk: Folder) -> None:
    packed = desk.folder / "a.csv.gz"
    packed.write_bytes(gzip.compress(desk.write("a.csv", *(row(n) for n in range(1, 900))).read_bytes())[:-30])
    (report,) = desk.take_in(packed)
    assert "cut short" in (report.error or "")
    assert desk.calls().height == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (HEADER.encode() + b"\n", "a header and no rows"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "a PNG picture"),
        (b"PK\x03\x04 not a zip", "damaged"),
        (b"\x1f\x8b\x08\x00 not a gzip", "damaged"),
        (HEADER.encode("utf-32"), "UTF-32"),
    ],
)
def test_what_is_no_log_is_said_in_a_sentence_and_nothing_is_kept(desk: Folder, content: bytes, words: str) -> None:
    path = desk.folder / "a.csv"
    path.write_bytes(content)
    (report,) = desk.take_in(path)
    assert words in (report.error or "")
    assert desk.calls().height == 0


def test_a_picture_named_csv_is_called_a_picture_where_no_format_was_said(desk: Folder) -> None:
    path = desk.folder / "a.csv"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    (report,) = desk.take_in(path, mapped=False)
    assert "a PNG picture" in (report.error or "")


def test_a_csv_nobody_knows_says_what_is_known_and_what_to_do(desk: Folder) -> None:
    (report,) = desk.take_in(desk.write("a.csv", row(1)), mapped=False)
    assert "technion_bank" in (report.error or "")
    assert "--mapping" in (report.error or "")


def test_an_interval_table_read_twice_tells_of_figures_both_times(desk: Folder, shared: Path) -> None:
    path = shared / "data" / "nhs111_mds_2015_16" / "NHS_Calls.csv"
    (first,), (again,) = desk.take_in(path, mapped=False), desk.take_in(path, mapped=False)
    # 534 rows (provider and month) of four figures each; the year's offered is printed in the data's own README
    assert (first.calls, first.intervals, first.new, first.used) == (0, 534 * 4, 534 * 4, 534)
    assert (again.calls, again.intervals, again.new, again.already_held) == (0, 534 * 4, 0, 534 * 4)
    offered = desk.store.intervals().filter(measure="offered").select("amount").collect()
    assert offered["amount"].sum() == 14_039_579


def test_the_banks_months_come_to_the_figures_known_of_them(desk: Folder, shared: Path) -> None:
    known = {"january": (31599, 240, 27060, 3101, 1198), "march": (38801, 407, 27847, 8604, 1943)}
    for month, (rows, phantom, *outcomes) in known.items():
        path = shared / "data" / "technion_bank_1999" / f"{month}.txt.gz"
        (report,) = desk.take_in(path, mapped=False)
        assert (report.to_json()["rows"], report.ignored["phantom: not a call"], report.refused) == (rows, phantom, 0)
        calls = desk.calls().filter(pl.col("batch") == desk.store.batches()[-1].number)
        counts = dict(calls["outcome"].cast(pl.String).value_counts().rows())
        assert [counts[outcome] for outcome in ("answered", "abandoned", "left_ivr")] == outcomes


def test_a_shipped_layout_is_recognised_from_its_content(desk: Folder) -> None:
    (report,) = desk.take_in(desk.write("any.name", BANK_ROW.format(1), header=BANK), mapped=False)
    assert (report.format, report.new) == ("technion_bank", 1)


def test_utf_16_is_read_as_what_it_says(desk: Folder) -> None:
    path = desk.write("a.csv", row(1))
    path.write_bytes(path.read_text().encode("utf-16"))
    (report,) = desk.take_in(path)
    assert (report.new, report.refused) == (1, 0)


def test_a_zip_is_read_member_by_member_and_a_folder_file_by_file_earliest_first(desk: Folder) -> None:
    with zipfile.ZipFile(desk.folder / "in.zip", "w") as packed:
        packed.writestr("later.csv", f"{HEADER}\n{row(1, minute=40)}\n")
        packed.writestr("earlier.csv", f"{HEADER}\n{row(2, minute=10)}\n")
    folder = desk.folder / "folder"
    folder.mkdir()
    (folder / "middle.csv").write_text(f"{HEADER}\n{row(3, minute=20)}\n")
    reports = desk.take_in(desk.folder / "in.zip", folder)
    assert [report.file for report in reports] == ["in.zip/earlier.csv", "middle.csv", "in.zip/later.csv"]


def test_a_packed_file_over_the_limit_is_refused_whole(desk: Folder) -> None:
    packed = desk.folder / "a.csv.gz"
    packed.write_bytes(gzip.compress((HEADER + "\n" + row(1) + "\n").encode() * 2000))
    (report,) = desk.take_in(packed, limits=Limits(unpacked=10_000))
    assert "unpacks to more" in (report.error or "")


def test_callers_are_tokens_in_the_store_and_none_where_none_are_kept(desk: Folder, tmp_path: Path) -> None:
    desk.take_in(desk.write("a.csv", row(1)))
    assert desk.calls()["caller"].str.len_chars().to_list() == [32]
    assert b"960001" not in b"".join(path.read_bytes() for path in (tmp_path / "store").rglob("*") if path.is_file())
    bare = Folder(tmp_path)
    bare.store = Store(tmp_path / "other")
    bare.take_in(tmp_path / "a.csv", desk=Standard(keep_caller_tokens=False))
    assert bare.calls()["caller"].to_list() == [None]


def test_the_key_may_not_lie_in_the_store(desk: Folder) -> None:
    with pytest.raises(SettingError, match="must not lie in the store"):
        desk.take_in(desk.write("a.csv", row(1)), key_file=desk.folder / "store" / "key")


def test_a_format_nobody_knows_is_refused_at_once(desk: Folder) -> None:
    with pytest.raises(SettingError, match="'avayo' is not a format"):
        desk.take_in(desk.folder, mapped=False, format="avayo")


@settings(deadline=None, max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.lists(st.integers(0, 12), max_size=3), order=st.randoms(use_true_random=False))
def test_counts_add_over_any_split_of_the_rows_into_files_in_any_order(
    tmp_path_factory: pytest.TempPathFactory, cut: list[int], order: Any
) -> None:
    rows = [row(n, minute=n, result="Answered" if n % 3 else "Lost") for n in range(12)]
    desk = Folder(tmp_path_factory.mktemp("split"))
    ends = [0, *sorted(cut), 12]
    parts = [rows[a:b] for a, b in pairwise(ends) if b > a]
    paths = [desk.write(f"{n}.csv", *part) for n, part in enumerate(parts)]
    order.shuffle(paths)
    reports = [report for path in paths for report in desk.take_in(path)]
    assert sum(report.new for report in reports) == 12
    assert desk.calls()["outcome"].cast(pl.String).value_counts().sort("outcome").rows() == [
        ("abandoned", 4),
        ("answered", 8),
    ]


class LosesALine:
    """A reader at fault: it accounts for one line of the two it read."""

    key, words, encoding = "faulty", "a reader at fault", "utf-8"

    def claims(self, head: Head) -> bool:
        return True

    def read(self, log: Log, *, settings: ReadSettings, carried: Carried) -> Iterator[Piece]:
        yield Piece(lines=2, used=1)


def test_a_reader_that_loses_a_line_keeps_nothing_and_says_that_the_log_is_not_at_fault(desk: Folder) -> None:
    log = Log(Source(desk.write("a.csv", row(1))))
    door = Door(desk.store, ReadSettings(Redactor(desk.folder / "key")), ImportRequest(), "Europe/London")
    report = import_log(RecognisedLog(log, LosesALine(), LAST), door)
    assert (report.error or "").startswith("a.csv: 2 lines were read and 1 accounted for: a fault in kcas, not in the")
    assert desk.calls()["leg"].to_list() == []


@settings(deadline=None, max_examples=60)
@given(begins=st.sampled_from([b"", BANK.encode() + b"\n", b"1717397259|1|q|NONE|ENTERQUEUE||0|1\n"]), data=st.binary())
def test_any_bytes_at_all_raise_nothing_but_our_own_errors(
    tmp_path_factory: pytest.TempPathFactory, begins: bytes, data: bytes
) -> None:
    folder = tmp_path_factory.getbasetemp()
    path = folder / "any"
    path.write_bytes(begins + data)
    for form in formats():
        try:
            log = Log(sources(path)[0])
            form.claims(log.head)
            pieces = list(form.read(log, settings=ReadSettings(Redactor(folder / "key")), carried=Carried()))
        except LogError:
            continue
        text = b"".join(block.data for block in log.blocks(encoding=form.encoding))
        assert sum(piece.lines for piece in pieces) == text.count(b"\n")


def run(desk: Folder, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "KCAS_KEY": str(desk.folder / "key"),
        "PATH": "/usr/bin:/bin",
    }
    return kcas_says(desk.folder, "--store", desk.folder / "store", "ingest", *arguments, settings=environment)


def test_the_command_answers_with_one_json_document_and_exit_0(desk: Folder) -> None:
    desk.write("a.csv", row(1), row(2, wait="3:7o"))
    done = run(desk, "a.csv", "--mapping", "desk.toml", "--json", "--refusals", "refused.csv")
    assert (done.returncode, done.stderr) == (0, "")
    document = json.loads(done.stdout)
    (file,) = document["files"]
    expected = {"file": "a.csv", "format": "desk", "rows": 2, "calls": 1, "new": 1, "already_held": 0, "superseded": 0}
    assert {name: file[name] for name in (*expected, "refused")} == {**expected, "refused": 1}
    reason = 'text of the form "9:9a" (4 characters) is not a duration. Expected minutes and seconds, like "3:07".'
    assert file["refusals"] == [{"line": 3, "column": "Wait", "reason": reason}]
    assert file["from"] == file["to"] == "2026-03-02T09:00:00+00:00"
    assert list(csv.reader((desk.folder / "refused.csv").open(encoding="utf-8-sig"))) == [
        ["file", "line", "column", "reason"], ["a.csv", "3", "Wait", reason],
    ]  # fmt: skip


def test_the_command_says_a_mistake_without_a_traceback_and_exits_1(desk: Folder) -> None:
    desk.write("a.csv", row(1), row(2, wait="3:7o"))
    strict = run(desk, "a.csv", "--mapping", "desk.toml", "--strict", "--json")
    assert strict.returncode == 1
    assert strict.stderr == "a.csv: 1 line was refused, and nothing was kept.\n"
    assert json.loads(strict.stdout)["files"][0]["new"] == 0
    missing = run(desk, "none.csv")
    assert (missing.returncode, missing.stderr) == (1, "none.csv: there is no such file.\n")
    assert run(desk, "a.csv", "--formet", "x").returncode == 2


def test_the_command_can_be_told_how_much_a_packed_file_may_unpack_to(desk: Folder) -> None:
    packed = desk.folder / "a.csv.gz"
    packed.write_bytes(gzip.compress(desk.write("a.csv", *(row(n) for n in range(900))).read_bytes()))
    done = run(desk, "a.csv.gz", "--mapping", "desk.toml", "--unpack-at-most", "0.00001")
    assert (done.returncode, done.stderr) == (1, "a.csv.gz: unpacks to more than 1e-05 GiB. Not kept.\n")
    assert run(desk, "a.csv.gz", "--mapping", "desk.toml").returncode == 0


def test_a_stray_file_in_a_folder_is_told_of_and_the_logs_beside_it_are_read(desk: Folder) -> None:
    inbox = desk.folder / "inbox"
    inbox.mkdir()
    (inbox / "log.txt").write_text(f"{BANK}\n{BANK_ROW.format(1)}\n")
    (inbox / "README.md").write_text("What these are.\n")
    done = run(desk, "inbox", "--json")
    assert done.returncode == 0
    assert done.stderr.startswith("README.md: no known format claims it.")
    assert [(file["file"], file["new"]) for file in json.loads(done.stdout)["files"]] == [
        ("README.md", 0),
        ("log.txt", 1),
    ]
    assert run(desk, "inbox/README.md").returncode == 1


def test_a_file_of_which_no_line_can_be_taken_is_not_kept_as_read(desk: Folder) -> None:
    (report,) = desk.take_in(desk.write("a.csv", row(1, wait="x"), row(2, wait="y")))
    assert 'not one line could be taken. Line 2: text of the form "a" (1 character)' in (report.error or "")
    assert (report.refused, len(report.refusals)) == (2, 2)
    assert not desk.store.batches()


def test_the_store_itself_is_not_taken_for_logs(desk: Folder) -> None:
    desk.take_in(desk.write("a.csv", row(1)))
    names = {report.file for report in desk.take_in(desk.folder)}
    assert "a.csv" in names
    assert not any(name.endswith((".parquet", ".json")) for name in names)


def test_the_command_tells_a_person_in_a_table_and_sentences(desk: Folder) -> None:
    desk.write("=a.csv", row(1), row(2, wait="3:7o"))
    done = run(desk, "=a.csv", "--mapping", "desk.toml")
    assert done.returncode == 0
    assert '=a.csv, line 3, Wait: text of the form "9:9a" (4 characters) is not a duration.' in done.stdout
