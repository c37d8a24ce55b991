"""Thousands of small files are kept one after the other, without opening the whole store for each."""

from pathlib import Path
from typing import Any

import pytest

import kcas.calls.store.table as table
from kcas.calls.store import Store
from tests.house.store_writer import frames, record, sequentially
from tests.unit.calls.store.rows import add, call, calls, content


def take_in(store: Store, number: int) -> None:
    store.add(frames(number), record=lambda: record(number))


def assert_stands_as_after(store: Store, files: int) -> None:
    rows = store.calls().select("leg", "outcome", "talk").collect().rows()
    assert {leg: (outcome, talk) for leg, outcome, talk in rows} == sequentially(files)[0]
    assert len(rows) == len(sequentially(files)[0])
    assert len(store.batches()) == files
    amounts = dict(store.intervals().select("start", "amount").collect().rows())
    assert sorted(amounts.values()) == sorted(sequentially(files)[1].values())


def test_a_store_is_opened_once_for_many_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, opened = Store(tmp_path / "store"), list[object]()
    take_in(store, 0)
    real = table.DeltaTable

    class Counted(real):  # type: ignore[misc, valid-type]
        def __init__(self, *arguments: Any, **more: Any) -> None:
            opened.append(arguments)
            super().__init__(*arguments, **more)

    monkeypatch.setattr(table, "DeltaTable", Counted)
    for number in range(1, 12):
        take_in(store, number)
        store.unfinished("invented")
        store.has(record(number).sha256)
    assert opened == []
    monkeypatch.undo()
    assert_stands_as_after(store, 12)


def test_two_writers_that_take_turns_each_go_on_from_what_the_other_wrote(tmp_path: Path) -> None:
    first, second = Store(tmp_path / "store"), Store(tmp_path / "store")
    turns = [first, second, second, first, first, second, first, second] * 3
    for number, store in enumerate(turns):
        take_in(store, number)
        other = second if store is first else first
        if number % 5 == 0:
            other.compact()
    assert_stands_as_after(Store(tmp_path / "store"), len(turns))


def test_a_file_that_fails_between_others_leaves_no_trace_in_those_after_it(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    for number in range(6):
        take_in(store, number)
        with pytest.raises(ZeroDivisionError):
            store.add(frames(number + 1), record=lambda: 1 // 0)  # type: ignore[arg-type, return-value]
    assert_stands_as_after(store, 6)


def test_another_store_put_in_the_place_of_the_first_is_not_taken_for_it(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    add(store, "one.csv", calls(call("a")))
    other = Store(tmp_path / "other")
    add(other, "two.csv", calls(call("b")))
    (tmp_path / "store").rename(tmp_path / "away")
    (tmp_path / "other").rename(tmp_path / "store")
    add(store, "three.csv", calls(call("c")))
    assert sorted(content(Store(tmp_path / "store"), "leg")) == [("b",), ("c",)]


def test_a_store_that_only_stands_still_is_not_summed_up_again(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    for number in range(4):
        add(store, f"{number}.csv", calls(call(f"leg {number}")))
    assert list((tmp_path / "store").glob("intervals/_delta_log/*checkpoint*")) == []
