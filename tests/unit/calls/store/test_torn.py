"""A power cut tears the last commit: the state before it stands, and the file is read again."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from kcas.calls.store import Store
from kcas.calls.store.add import add as add_to
from kcas.calls.store.files import CALLS, INTERVALS, Change
from kcas.calls.store.table import Overtaken, Table
from kcas.calls.store.write import Tables, writing
from kcas.errors import StoreError
from tests.unit.calls.store.rows import add, call, calls, content, interval, intervals, ledger_names, record

ONE = (calls(call("a", talk=1), call("b", "open")), intervals(interval("offered", 2)))
TWO = (calls(call("a", talk=2), call("c")), intervals(interval("offered", 3), interval("answered", 3)))
AFTER_ONE = ([("a", "answered", 1.0), ("b", "open", None)], [("offered", 2.0)])
AFTER_TWO = (
    [("a", "answered", 2.0), ("b", "open", None), ("c", "answered", 60.0)],
    [("answered", 3.0), ("offered", 3.0)],
)

TEARS: dict[str, Callable[[bytes], bytes]] = {
    "emptied": lambda content: b"",
    "filled with zeros": lambda content: bytes(len(content)),
    "cut in the middle": lambda content: content[: len(content) // 2],
    "cut after its first line": lambda content: content.split(b"\n")[0] + b"\n",
    "without its last byte": lambda content: content[:-1] if content[-1:] != b"\n" else content[:-2],
}


def tear(path: Path, how: str) -> None:
    path.write_bytes(TEARS[how](path.read_bytes()))


def newest(folder: Path, pattern: str) -> Path:
    return max(
        folder.glob(pattern), key=lambda path: (path.name if path.suffix == ".json" else "", path.stat().st_ctime_ns)
    )


def state(store: Store) -> tuple[list[tuple], list[tuple]]:
    return content(store), sorted(store.intervals().select("measure", "amount").collect().rows())


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "store")
    add(store, "one", *ONE)
    add(store, "two", *TWO)
    assert state(store) == AFTER_TWO
    return store


@pytest.mark.parametrize("how", TEARS)
@pytest.mark.parametrize(
    "what",
    ["calls/_delta_log/*.json", "calls/month=*/00000002-*.parquet", "intervals/month=*/00000002-*.parquet"],
)
def test_a_torn_last_commit_is_set_aside_and_read_again(store: Store, what: str, how: str) -> None:
    tear(newest(store.folder, what), how)
    before = {path: path.stat().st_mtime_ns for path in store.folder.rglob("*")}
    again = Store(store.folder)
    assert state(again) == AFTER_ONE
    assert ledger_names(again.batches()) == ["one"]
    assert {path: path.stat().st_mtime_ns for path in store.folder.rglob("*")} == before, "a reader wrote something"
    (words,) = again.recover()
    assert "set aside" in words
    assert again.recover() == []
    assert state(again) == AFTER_ONE
    assert add(again, "two", *TWO).new == 2
    assert state(again) == AFTER_TWO
    assert list((store.folder / "set-aside").iterdir())


@pytest.mark.parametrize("how", TEARS)
def test_a_torn_commit_of_the_intervals_alone_is_made_again_from_the_ledger(store: Store, how: str) -> None:
    tear(newest(store.folder, "intervals/_delta_log/*.json"), how)
    assert state(Store(store.folder)) == AFTER_TWO
    store.recover()
    assert state(Store(store.folder)) == AFTER_TWO
    assert Table(store.folder, INTERVALS).batch == 2


@pytest.mark.parametrize("mark", ["calls.sealed", "intervals.sealed"])
def test_a_lost_or_emptied_mark_loses_nothing(store: Store, mark: str) -> None:
    (store.folder / mark).write_bytes(b"")
    assert state(Store(store.folder)) == AFTER_TWO
    (store.folder / mark).unlink()
    assert state(Store(store.folder)) == AFTER_TWO
    add(store, "three", calls(call("d")))
    assert len(content(store)) == 4


@pytest.mark.parametrize("how", ["emptied", "filled with zeros", "cut in the middle"])
def test_a_torn_checkpoint_is_put_away_by_the_next_writer(store: Store, how: str) -> None:
    store.compact()
    tear(newest(store.folder, "calls/_delta_log/*.checkpoint.parquet"), how)
    assert state(Store(store.folder)) == AFTER_TWO
    store.recover()
    assert state(Store(store.folder)) == AFTER_TWO
    add(store, "three", calls(call("d")))
    assert len(content(Store(store.folder))) == 4


def test_more_damage_than_a_cut_can_do_is_said_and_nothing_is_thrown_away(store: Store) -> None:
    for name in ("three", "four", "five"):
        add(store, name, calls(call(name)))
    for entry in sorted(store.folder.glob("calls/_delta_log/*.json"))[-4:]:
        entry.write_bytes(b"")
    with pytest.raises(StoreError, match="damaged"):
        Store(store.folder).calls()
    with pytest.raises(StoreError, match="damaged"):
        add(store, "six", calls(call("six")))


def test_a_run_that_died_between_the_two_tables_is_finished_by_the_next(store: Store) -> None:
    with writing(store.folder, patience=1) as tables:
        promised = Change(removes=tables.intervals.files)
        told = {"adds": [], "removes": [file.to_json() for file in promised.removes]}
        numbers = {"kcas-intervals": 3}
        tables.calls.commit(Change(), batch=3, notes={"batch": 3, "intervals": told}, numbers=numbers)
    assert state(Store(store.folder)) == (AFTER_TWO[0], [])
    assert store.recover() == ["Finished what an interrupted run had left half done."]
    assert Table(store.folder, INTERVALS).batch == 3
    assert state(Store(store.folder)) == (AFTER_TWO[0], [])


def test_of_two_writers_on_two_machines_one_is_told_to_begin_again(store: Store) -> None:
    mine, theirs = (Tables(store.folder, Table(store.folder, CALLS), Table(store.folder, INTERVALS)) for _ in range(2))

    def pieces() -> list[pl.DataFrame]:
        return [calls(call("d", talk=1))]

    add_to(mine, pieces(), record=record("mine"))
    with pytest.raises(Overtaken, match="another writer got in first"):
        add_to(theirs, pieces(), record=record("theirs"))
    assert ledger_names(store.batches()) == ["one", "two", "mine"]
    add(store, "theirs", *pieces())
    assert len(content(store)) == 4


def test_a_second_writer_is_told_who_is_writing(store: Store) -> None:
    with writing(store.folder, patience=1), pytest.raises(StoreError, match=r"another ingest is writing .*process \d+"):
        add(Store(store.folder, patience=0.1), "three", calls(call("d")))
