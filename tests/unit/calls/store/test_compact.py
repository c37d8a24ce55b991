"""Many small files become few large ones, and nobody who counts notices."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest

from kcas import systems
from kcas.calls.store import Store, rewriting
from kcas.calls.store.files import CALLS
from kcas.calls.store.rewriting import _deleted
from kcas.calls.store.table import Table
from tests.unit.calls.store.rows import NINE, add, call, calls, content


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Ten files in two months, each correcting the one before."""
    store = Store(tmp_path / "store")
    last: list[dict] = []
    for number in range(10):
        at = NINE + timedelta(days=number * 4, hours=-number)
        add(store, f"file {number}", calls(call(f"{number}", "open", at=at), *last))
        last = [call(f"{number}", at=at)]
    return store


def test_compaction_keeps_every_row_and_every_past_state(store: Store) -> None:
    moments = [batch.committed for batch in store.batches()]
    pasts = [sorted(store.calls(as_at=moment).collect().rows(), key=repr) for moment in moments]
    files, fewer = store.compact()
    assert (files, fewer) == (11, 2), "the file that tells of the last of March and the first of April made two"
    assert [sorted(store.calls(as_at=moment).collect().rows(), key=repr) for moment in moments] == pasts
    assert [len(past) for past in pasts] == list(range(1, 11))


def test_a_compacted_file_is_in_the_order_of_its_moments(store: Store) -> None:
    store.compact()
    entered = store.calls().select("entered").collect()["entered"]
    assert entered.is_sorted()


def test_a_reader_that_opened_before_the_compaction_reads_on(store: Store) -> None:
    opened = store.calls()
    store.compact()
    assert opened.collect().height == 10


def test_files_that_no_longer_count_are_deleted_once_their_readers_have_had_their_time(store: Store) -> None:
    store.compact()
    assert len(list(store.folder.glob("calls/month=*/*.parquet"))) > 2
    assert rewriting.sweep(Table(store.folder, CALLS), older_than=3600) == 0
    assert rewriting.sweep(Table(store.folder, CALLS), older_than=-1) > 0
    assert len(list(store.folder.glob("calls/month=*/*.parquet"))) == 2
    assert len(content(store)) == 10


def test_what_a_killed_writer_left_is_deleted_an_hour_later(store: Store) -> None:
    orphan = store.folder / "calls" / "month=2026-03" / "00000099-left.parquet"
    orphan.write_bytes(b"half")
    store.compact()
    assert orphan.exists(), "it may be another writer's"
    os.utime(orphan, (time.time() - 3700,) * 2)
    store.compact()
    assert not orphan.exists()


def test_loose_events_are_deleted_once_a_later_file_of_their_format_has_taken_them_up(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    add(store, "one", calls(call("a")), format="queue_log", loose=("first",))
    add(store, "two", calls(call("b")), format="queue_log", loose=("second",))
    add(store, "three", calls(call("c")), format="avaya", loose=("other",))
    kept = sorted((tmp_path / "store" / "loose").iterdir())
    assert len(kept) == 3
    os.utime(kept[1], (time.time() - 3700,) * 2)
    store.compact()
    assert sorted((tmp_path / "store" / "loose").iterdir()) == [kept[0], kept[2]]
    assert store.unfinished("queue_log").loose == ("second",)


def test_a_month_of_many_small_files_is_compacted_unasked(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    for number in range(rewriting.MANY + 3):
        add(store, f"file {number}", calls(call(f"{number}")))
    assert len(Table(store.folder, CALLS).files) == 4
    assert len(content(store)) == rewriting.MANY + 3


def test_a_file_that_a_reader_holds_open_is_left_for_the_next_sweep(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "held.parquet").touch()
    monkeypatch.setattr(systems, "WINDOWS", True)
    monkeypatch.setattr(systems, "PAUSES", (0.0,))

    def unlink(self: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "Access is denied")

    with monkeypatch.context() as held:
        held.setattr(Path, "unlink", unlink)
        assert not _deleted(tmp_path / "held.parquet")
    assert _deleted(tmp_path / "held.parquet")
    assert list(tmp_path.iterdir()) == []
