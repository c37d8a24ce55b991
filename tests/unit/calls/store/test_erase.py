"""Forgetting takes every trace with it, an erased caller is nobody's any more, and no figure moves."""

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from kcas.calls.measures import measure
from kcas.calls.store import Store
from kcas.desk.standard import Standard
from kcas.importing.run import ImportRequest, import_files
from kcas.importing.tokens import redactor_for
from kcas.ingest.report import FileReport
from tests.plants import texts_under

MAPPING = """
key = "desk"
words = "An invented desk"
leg = "Ref"
contact = ["From"]
queue = { column = "Queue" }
caller = { column = "From" }
wait = { column = "Wait", format = "m:ss" }
[[entered]]
column = "Started"
format = "YYYY-MM-DD hh:mm:ss"
[[outcome]]
when = { Left = "answered" }
gives = "answered"
[[outcome]]
when = { Left = "hung up" }
gives = "abandoned"
"""
OURS, OTHER = "01632960001", "01632960002"


class Desk:
    def __init__(self, folder: Path) -> None:
        self.folder, self.store = folder, Store(folder / "store")
        (folder / "desk.toml").write_text(MAPPING)

    def read(self, name: str, *rows: str) -> FileReport:
        log = self.folder / name
        log.write_text("\n".join(["Ref,Queue,From,Started,Wait,Left", *rows]) + "\n")
        asked = ImportRequest(mapping=self.folder / "desk.toml", key_file=self.folder / "key")
        (report,) = import_files([log], store=self.store, standard=Standard(), asked=asked)
        assert report.error is None
        return report

    def erase(self, number: str) -> int:
        redactor = redactor_for(self.store, Standard(), key_file=self.folder / "key")
        tokens = redactor.tokens_of(number)
        digests = [redactor.erasure(token) for token in tokens]
        return self.store.erase(tokens, digests, zone="Europe/London", at_once=True).calls

    def token(self, number: str) -> str | None:
        return redactor_for(self.store, Standard(), key_file=self.folder / "key").caller(number)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def row(ref: int, caller: str, at: str, *, wait: str = "0:10", left: str = "hung up") -> str:
    return f"R{ref},Adults,{caller},{at},{wait},{left}"


def figures(store: Store, by: str = "day") -> list[str]:
    return [
        str(measure(store.calls(), intervals=store.intervals(), standard=Standard(definition=each), by=by).rows())
        for each in ("all_offered", "lost_callers", "short_excluded")
    ]


THREE_DAYS = (
    row(1, OURS, "2026-03-01 09:00:00"),
    row(2, OURS, "2026-03-01 09:05:00", left="answered"),
    row(3, OURS, "2026-03-02 09:00:00"),
    row(4, OTHER, "2026-03-02 09:00:00"),
    row(5, "withheld", "2026-03-02 09:00:00"),
    row(6, OURS, "2026-03-03 09:00:00"),
)


def test_an_erased_caller_is_in_no_row_and_every_figure_is_as_before(desk: Desk) -> None:
    desk.read("a.csv", *THREE_DAYS)
    desk.read("b.csv", row(1, OURS, "2026-03-01 09:00:00", wait="0:20"))  # a correction: the first version stays too
    token, before = desk.token(OURS), figures(desk.store)
    contact = desk.store.calls().filter(pl.col("caller") == token).collect()["contact"][0]
    assert desk.erase(OURS) == 5
    assert figures(desk.store) == before
    texts = [text for _, text in texts_under(desk.store.folder)]
    assert not any(token in text or contact in text for text in texts if token)


def test_an_erased_callers_days_cannot_be_tied_to_each_other(desk: Desk) -> None:
    desk.read("a.csv", *THREE_DAYS)
    desk.erase(OURS)
    calls = desk.store.calls().sort("entered", "leg").collect()
    theirs = [row for row in calls.iter_rows(named=True) if row["line"] in (2, 3, 4, 7)]
    days = {row["entered"].date(): set() for row in theirs}
    for each in theirs:
        days[each["entered"].date()] |= {each["caller"], each["contact"]}
    assert [len(marks) for marks in days.values()] == [2, 2, 2]
    assert len(set.union(*days.values())) == 6


def test_other_callers_stay_as_they_are(desk: Desk) -> None:
    desk.read("a.csv", *THREE_DAYS)
    others = pl.col("line").is_in([5, 6])
    before = desk.store.calls().filter(others).collect()
    desk.erase(OURS)
    assert desk.store.calls().filter(others).sort("line").collect().equals(before.sort("line"))


def test_a_log_read_again_brings_no_token_of_an_erased_caller(desk: Desk) -> None:
    desk.read("a.csv", *THREE_DAYS)
    token = desk.token(OURS)
    desk.erase("+44 (0)1632 960001")
    again = desk.read("c.csv", *THREE_DAYS, row(7, OURS, "2026-03-04 09:00:00"))
    assert again.new == 1  # no call is doubled
    assert desk.store.calls().collect().height == 7
    assert not any(token in text for _, text in texts_under(desk.store.folder) if token)


def test_nothing_of_a_forgotten_file_is_left_in_the_store(desk: Desk) -> None:
    desk.read("old-march.csv", row(1, OURS, "2026-03-01 09:00:11"), row(2, OTHER, "2026-03-01 09:00:12", wait="3:7o"))
    desk.read("both.csv", row(3, OURS, "2026-03-02 09:00:13"), row(4, OTHER, "2026-04-02 09:00:00", wait="x"),
              row(5, OURS, "2026-04-02 09:00:14"))  # fmt: skip
    for number in range(60):  # enough commits for a sum of the log
        desk.read("later.csv", row(10 + number, OTHER, f"2026-04-03 10:{number:02d}:00"))
    token = desk.token(OURS)
    (desk.store.folder / "set-aside").mkdir()
    (desk.store.folder / "set-aside" / "calls-1.json").write_text("old-march.csv")
    before = figures(desk.store, by="month")
    desk.store.forget(date(2026, 4, 1), zone="Europe/London", thresholds=[5.0], at_once=True)
    assert [len(each) for each in figures(desk.store, by="month")] == [len(each) for each in before]
    texts = list(texts_under(desk.store.folder))
    traces = ["old-march", "09:00:11", "09:00:12", "09:00:13", "9:9a", "not a duration"]
    assert [(where, trace) for where, text in texts for trace in traces if trace in text] == []
    names = [batch.record.name for batch in desk.store.batches()]
    assert names[:3] == ["forgotten", "both.csv", "later.csv"]
    assert [batch.record.refusals for batch in desk.store.batches()[:2]] == [(), ()]
    assert desk.store.calls().filter(pl.col("caller") == token).collect().height == 1
    checked = desk.store.check()
    assert (checked.damaged, checked.tallies_equal) == ((), True)


def test_events_of_a_forgotten_day_whose_call_is_not_whole_go_too(desk: Desk) -> None:
    log = desk.folder / "queue_log"
    log.write_text(
        "1772442110|1772442109.1|Duty|NONE|ENTERQUEUE||01632960004|1\n"  # 2 March 2026
        "1772442120|1772442000.9|Duty|NONE|ABANDON|1|1|14\n"
        "1775206910|1775206909.1|Duty|NONE|ENTERQUEUE||01632960005|1\n"  # 3 April 2026
    )
    import_files([log], store=desk.store, standard=Standard(), asked=ImportRequest(key_file=desk.folder / "key"))
    desk.store.forget(date(2026, 4, 1), zone="Europe/London", at_once=True)
    (loose,) = (desk.store.folder / "loose").glob("*.parquet")
    moments = [json.loads(event)[2] for event in pl.read_parquet(loose)["event"]]
    assert moments == [1775206910_000_000]


def test_a_published_copy_loses_what_was_forgotten(desk: Desk) -> None:
    desk.read("old-march.csv", row(1, OURS, "2026-03-01 09:00:11"), row(2, OTHER, "2026-03-01 09:00:12", wait="3:7o"))
    desk.read("later.csv", row(3, OTHER, "2026-04-03 10:00:00"))
    copy = desk.folder / "copy"
    desk.store.publish(f"file://{copy}")
    desk.store.forget(date(2026, 4, 1), zone="Europe/London", at_once=True)
    desk.store.publish(f"file://{copy}")
    assert not [where for where, text in texts_under(copy) if "old-march" in text or "not a duration" in text]
    desk.store.publish(f"file://{copy}")


def test_the_files_of_a_store_are_their_owners_alone(desk: Desk) -> None:
    desk.read("a.csv", *THREE_DAYS)
    desk.store.forget(date(2026, 3, 2), zone="Europe/London", at_once=True)
    paths = [desk.store.folder, *desk.store.folder.rglob("*")]
    assert {oct(path.stat().st_mode & 0o777) for path in paths} == {"0o700", "0o600"}


def test_a_store_whose_folder_was_opened_to_a_group_is_shared_with_it(desk: Desk) -> None:
    desk.store.folder.mkdir()
    desk.store.folder.chmod(0o770)
    desk.read("a.csv", *THREE_DAYS)
    files = [path for path in desk.store.folder.rglob("*") if path.is_file()]
    assert {oct(path.stat().st_mode & 0o777) for path in files} == {"0o660"}


def test_forgetting_the_same_days_again_changes_nothing(desk: Desk) -> None:
    desk.read("a.csv", *THREE_DAYS)
    for _ in range(2):
        desk.store.forget(date(2026, 3, 2), zone="Europe/London", at_once=True)
    assert desk.store.calls().collect().height == 4
