"""A store keeps each call once, as last issued, and remembers how it stood."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcas.calls.call import SCHEMA
from kcas.calls.store import Record, Store
from kcas.errors import LogError, StoreError
from tests.unit.calls.store.rows import NINE, add, call, calls, content, counts, interval, intervals, ledger_names


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def test_an_absent_store_is_empty_and_is_not_made_by_looking(store: Store) -> None:
    assert not store.exists
    assert store.version() == -1
    assert store.calls().collect().is_empty()
    assert store.intervals().collect().is_empty()
    assert store.batches() == []
    assert not store.folder.exists()


def test_what_was_added_reads_back_with_the_columns_of_a_call(store: Store) -> None:
    given = calls(call("a", caller="token", clock="repeated hour", line=2), call("b", "abandoned", wait=31.25))
    assert counts(add(store, "march.csv", given)) == (2, 0, 0)
    back = store.calls().collect()
    assert back.schema == pl.Schema({**SCHEMA, "batch": pl.Int64()})
    assert back.drop("batch").sort("leg").equals(given)
    assert back["batch"].to_list() == [1, 1]


def test_a_file_taken_in_is_on_record(store: Store) -> None:
    before = datetime.now(UTC)
    refusals = ({"line": 4, "column": "Queue Time", "reason": '"3:7o" is not a duration.'},)
    add(store, "march.csv", calls(call("a"), call("b", at=NINE + timedelta(days=40))), lines=4, call_lines=2,
        used=0, ignored={"header": 1}, refused=1, refusals=refusals, warnings=("no zone",))  # fmt: skip
    (batch,) = store.batches()
    assert before <= batch.committed <= datetime.now(UTC)
    assert (batch.record.name, batch.record.lines, batch.record.ignored) == ("march.csv", 4, {"header": 1})
    assert batch.record.refusals == refusals
    assert batch.record.warnings == ("no zone",)
    assert (batch.added.new, batch.added.first, batch.added.last) == (2, NINE, NINE + timedelta(days=40))
    assert store.has(batch.record.sha256) == batch
    assert store.has("another") is None


def test_the_same_content_again_is_already_held(store: Store) -> None:
    add(store, "one.csv", calls(call("a"), call("b", "abandoned")))
    assert counts(add(store, "two.csv", calls(call("a", line=99), call("b", "abandoned"), call("c")))) == (1, 2, 0)
    assert content(store, "leg", "batch") == [("a", 1), ("b", 1), ("c", 2)]


def test_the_same_file_again_adds_nothing_not_even_to_the_ledger(store: Store) -> None:
    add(store, "one.csv", calls(call("a")))
    assert counts(add(store, "one.csv", calls(call("a")))) == (0, 1, 0)
    assert ledger_names(store.batches()) == ["one.csv"]


def test_other_content_supersedes_and_the_past_stays_as_it_stood(store: Store) -> None:
    add(store, "one.csv", calls(call("a", talk=60), call("b", "abandoned")))
    assert counts(add(store, "two.csv", calls(call("a", talk=61)))) == (0, 0, 1)
    assert content(store) == [("a", "answered", 61.0), ("b", "abandoned", None)]
    then = store.calls(as_at=store.batches()[0].committed).select("leg", "talk").collect()
    assert sorted(then.rows()) == [("a", 60.0), ("b", None)]
    assert store.calls(as_at=store.batches()[0].committed - timedelta(seconds=1)).collect().is_empty()


def test_a_correction_that_moves_a_call_to_another_month_does_not_double_it(store: Store) -> None:
    add(store, "one.csv", calls(call("a", at=NINE)))
    assert counts(add(store, "two.csv", calls(call("a", at=NINE + timedelta(days=300))))) == (0, 0, 1)
    assert content(store, "leg", "entered") == [("a", NINE + timedelta(days=300))]


@pytest.mark.parametrize("unfinished", [call("a", "open"), call("a", "answered", talk=None)])
def test_an_unfinished_copy_never_replaces_a_finished_call(store: Store, unfinished: dict) -> None:
    add(store, "whole.log", calls(call("a", talk=60)))
    assert counts(add(store, "older-copy.log", calls(unfinished))) == (0, 1, 0)
    assert content(store) == [("a", "answered", 60.0)]


def test_a_finished_call_replaces_its_unfinished_beginning(store: Store) -> None:
    add(store, "monday.log", calls(call("a", "open"), call("b", talk=None)))
    assert content(Store(store.folder), "leg") == [("a",), ("b",)]
    assert sorted(store.unfinished("made").calls["leg"]) == ["a", "b"]
    assert counts(add(store, "tuesday.log", calls(call("a", "abandoned"), call("b", talk=9)))) == (0, 0, 2)
    assert content(store) == [("a", "abandoned", None), ("b", "answered", 9.0)]
    assert store.unfinished("made").calls.is_empty()


def test_what_is_unfinished_is_asked_by_format(store: Store) -> None:
    events = ('{"verb": "CONNECT"}', '{"verb": "ABANDON"}')
    add(store, "one.log", calls(call("a", "open")), format="queue_log", loose=events)
    add(store, "two.log", calls(call("b", "open")), format="other")
    unfinished = store.unfinished("queue_log")
    assert unfinished.calls["leg"].to_list() == ["a"]
    assert unfinished.loose == events
    assert store.unfinished("other").loose == ()
    add(store, "three.log", calls(call("a", "abandoned")), format="queue_log", loose=())
    assert store.unfinished("queue_log").loose == ()


def test_how_far_a_growing_file_was_read_is_kept_with_its_rows(store: Store) -> None:
    assert store.position("queue_log") == 0
    add(store, "one", calls(call("a")), positions={"queue_log": 4096})
    assert store.position("queue_log") == 4096


def test_a_leg_told_twice_in_one_file_is_kept_once_as_last_told(store: Store) -> None:
    first, second = calls(call("a", talk=1), call("a", talk=2), call("b")), calls(call("a", talk=3), call("b"))
    assert counts(add(store, "one.csv", first, second)) == (2, 1, 2)
    assert content(store) == [("a", "answered", 3.0), ("b", "answered", 60.0)]


def test_interval_rows_are_kept_and_revised_like_calls(store: Store) -> None:
    rows = intervals(interval("offered", 10), interval("abandoned_over", 2, threshold=30))
    assert counts(add(store, "one.csv", rows)) == (2, 0, 0)
    assert counts(add(store, "two.csv", intervals(interval("offered", 11), *rows[1:].to_dicts()))) == (0, 1, 1)
    now = store.intervals().select("measure", "amount").collect()
    assert sorted(now.rows()) == [("abandoned_over", 2.0), ("offered", 11.0)]
    then = store.intervals(as_at=store.batches()[0].committed).select("measure", "amount").collect()
    assert sorted(then.rows()) == [("abandoned_over", 2.0), ("offered", 10.0)]


def test_a_file_that_fails_half_way_leaves_the_store_as_it_was(store: Store) -> None:
    add(store, "one.csv", calls(call("a")))

    def pieces() -> Iterator[pl.DataFrame]:
        yield calls(call("b"))
        raise LogError("two.csv: cut short.")

    def refuse() -> Record:
        raise LogError("three.csv: 1 row refused.")

    with pytest.raises(LogError):
        store.add(pieces(), record=refuse)
    with pytest.raises(LogError):
        store.add([calls(call("c"))], record=refuse)
    assert content(store, "leg") == [("a",)]
    assert len(list(store.folder.glob("calls/month=*/*.parquet"))) == 1


def test_a_folder_of_other_things_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear")
    with pytest.raises(StoreError, match="holds other things"):
        add(Store(tmp_path), "one.csv", calls(call("a")))


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot be written"):
        add(Store(tmp_path / "file" / "store"), "one.csv", calls(call("a")))


def test_a_store_of_a_later_version_is_refused(store: Store) -> None:
    add(store, "one.csv", calls(call("a")))
    (store.folder / "kcas-store.json").write_text(json.dumps({"layout": 3}))
    with pytest.raises(StoreError, match="later version"):
        store.calls()
    with pytest.raises(StoreError, match="later version"):
        add(store, "two.csv", calls(call("b")))


def test_a_moment_without_an_offset_is_refused(store: Store) -> None:
    add(store, "one.csv", calls(call("a")))
    with pytest.raises(StoreError, match="UTC offset"):
        store.calls(as_at=datetime(2026, 3, 1))  # noqa: DTZ001


ROW = st.builds(
    call,
    st.sampled_from("abcdef"),
    st.sampled_from(["answered", "abandoned", "open"]),
    talk=st.sampled_from([None, 1.0, 2.0]),
    at=st.sampled_from([NINE, NINE + timedelta(days=31), NINE + timedelta(days=90)]),
)
FILES = st.lists(st.lists(st.lists(ROW, min_size=1, max_size=5), min_size=1, max_size=3), min_size=1, max_size=4)


def is_finished(row: dict) -> bool:
    return row["outcome"] != "open" and not (row["outcome"] == "answered" and row["talk"] is None)


@settings(max_examples=40, deadline=None)
@given(files=FILES)
def test_any_files_in_any_order_give_the_union_with_the_last_issued_content(tmp_path_factory, files) -> None:
    store = Store(tmp_path_factory.mktemp("any") / "store")
    naive: dict[str, dict] = {}
    history = []
    for number, pieces in enumerate(files):
        added = add(store, f"file {number}", *(calls(*rows) for rows in pieces))
        assert sum(counts(added)) == sum(map(len, pieces))
        for row in (row for rows in pieces for row in rows):
            known = naive.get(row["leg"])
            if known is None or is_finished(row) or not is_finished(known):
                naive[row["leg"]] = row
        history.append(sorted((r["leg"], r["outcome"], r["talk"], r["entered"]) for r in naive.values()))
    columns = ("leg", "outcome", "talk", "entered")
    assert content(store, *columns) == sorted(history[-1], key=repr)
    for batch, then in zip(store.batches(), history, strict=True):
        rows = store.calls(as_at=batch.committed).select(columns).collect().rows()
        assert sorted(rows, key=repr) == sorted(then, key=repr)
