"""The store is an open folder: an engine of another kind gets the same counts from it."""

import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb
import polars as pl
import pytest
from deltalake import DeltaTable, QueryBuilder

from kcas.calls.store import Store
from kcas.calls.store.files import CALLS
from kcas.calls.store.table import Table
from kcas.errors import StoreError
from tests.house.store_writer import take_in
from tests.house.test_store_kills import assert_stands_as_after

pytest.importorskip("chdb")

ASK = "import sys, chdb; print(chdb.query(sys.argv[1], 'CSV'))"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Nine files with corrections, compacted on the way: replaced rows and data files removed from the log."""
    store = Store(tmp_path_factory.mktemp("engines") / "store")
    take_in(store, 9)
    return store


def clickhouse(store: Store, table: str, what: str) -> list[list[str]]:
    """What ClickHouse answers: in a process of its own, which may read only the folder it stands in."""
    query = what.replace("TABLE", f"deltaLakeLocal('{store.folder / table}') where replaced_by is null")
    asked = subprocess.run(
        [sys.executable, "-c", ASK, query], cwd=store.folder, capture_output=True, text=True, timeout=60
    )
    assert asked.returncode == 0, asked.stderr
    return [line.replace('"', "").split(",") for line in asked.stdout.split()]


def ours(store: Store) -> list[tuple]:
    counted = store.calls().group_by(pl.col("outcome").cast(pl.String)).agg(pl.len(), pl.col("talk").sum())
    return sorted(counted.collect().rows())


def test_clickhouse_counts_the_same_calls(store: Store) -> None:
    what = "select outcome, count(), coalesce(sum(talk), 0) from TABLE group by outcome order by outcome"
    rows = clickhouse(store, "calls", what)
    assert [(outcome, int(count), float(talk)) for outcome, count, talk in rows] == ours(store)


def test_clickhouse_reads_moments_and_months_as_we_do(store: Store) -> None:
    rows = clickhouse(store, "calls", "select month, toUnixTimestamp(max(entered)), count() from TABLE group by month")
    by_month = store.calls().group_by(month=pl.col("entered").dt.strftime("%Y-%m"))
    expected = by_month.agg(pl.col("entered").max().dt.epoch("s"), pl.len()).collect().rows()
    assert len(expected) == 1
    assert [(month, int(last), int(count)) for month, last, count in rows] == expected


def test_clickhouse_counts_the_same_intervals(store: Store) -> None:
    ((count, total),) = clickhouse(store, "intervals", "select count(), sum(amount) from TABLE")
    expected = store.intervals().select(pl.len(), pl.col("amount").sum()).collect().row(0)
    assert (int(count), float(total)) == expected


def test_duckdb_reads_the_data_files_the_log_names(store: Store) -> None:
    table = Table(store.folder, CALLS)
    paths = [str(table.folder / file.path) for file in table.files]
    rows = duckdb.sql(
        "select outcome, count(*), coalesce(sum(talk), 0) from read_parquet($paths) "
        "where replaced_by is null group by outcome order by outcome",
        params={"paths": paths},
    ).fetchall()
    assert sorted(rows) == ours(store)


def test_delta_s_own_reader_counts_the_same_calls(store: Store) -> None:
    builder = QueryBuilder().register("calls", DeltaTable(store.folder / "calls"))
    answer = builder.execute(
        "select outcome, count(*) as n, coalesce(sum(talk), 0) from calls where replaced_by is null group by outcome"
    ).read_all()
    assert sorted(pl.DataFrame(answer).rows()) == ours(store)


def test_a_folder_that_another_engine_has_tidied_up_is_read_and_written_on(store: Store, tmp_path: Path) -> None:
    copy = Store(shutil.copytree(store.folder, tmp_path / "copy"))
    before = ours(copy)
    assert DeltaTable(copy.folder / "calls").optimize.compact()["numFilesRemoved"] > 1
    assert not any(file.is_ours for file in Table(copy.folder, CALLS).files)
    assert ours(copy) == before
    take_in(copy, 11)
    assert_stands_as_after(copy, 11)
    moments = [batch.committed for batch in copy.batches()]
    assert copy.calls(as_at=moments[8]).collect().height == store.calls().collect().height
    copy.compact()
    assert_stands_as_after(copy, 11)
    removed = copy.forget(date(2027, 1, 1), zone="Europe/London")
    assert (removed.calls > 0, copy.calls().collect().height) == (True, 0)


def counted(table: Path) -> list[tuple]:
    """What Delta's own reader, which knows nothing of us, counts in a table."""
    query = "select outcome, count(*), coalesce(sum(talk), 0) from calls where replaced_by is null group by outcome"
    answer = QueryBuilder().register("calls", DeltaTable(table)).execute(query).read_all()
    return sorted(pl.DataFrame(answer).rows())


def test_a_published_copy_is_a_table_of_its_own_that_keeps_up_and_forgets(tmp_path: Path) -> None:
    store, bucket = Store(tmp_path / "store"), tmp_path / "bucket"
    take_in(store, 3)
    first = store.publish(bucket.as_uri())
    assert counted(bucket / "calls") == ours(store)
    assert DeltaTable(bucket / "intervals").count() > 0
    take_in(store, 9)  # which compacts, and sums the log up
    assert counted(bucket / "calls") != ours(store)
    second = store.publish(bucket.as_uri())
    assert counted(bucket / "calls") == ours(store)
    assert first.files > 0
    assert (bucket / "calls" / "_delta_log" / "_last_checkpoint").exists()
    assert second.deleted == 0
    assert store.publish(bucket.as_uri()).files == 0
    store.forget(date(2027, 1, 1), zone="Europe/London", at_once=True)
    assert store.publish(bucket.as_uri()).deleted > 0
    assert list((bucket / "calls").glob("month=*/*.parquet")) == []


def test_a_reader_of_a_copy_that_is_being_published_sees_a_whole_commit(tmp_path: Path) -> None:
    store, bucket = Store(tmp_path / "store"), tmp_path / "bucket"
    take_in(store, 4)
    states = [ours(store)]
    store.publish(bucket.as_uri())
    take_in(store, 5)
    states.append(ours(store))
    store.publish(bucket.as_uri())
    newest = max((bucket / "calls" / "_delta_log").glob("*.json"))
    newest.unlink()
    assert counted(bucket / "calls") == states[0], "all data files are there, and the last entry not yet"


def test_a_place_that_holds_another_store_is_not_published_to(tmp_path: Path) -> None:
    one, other = Store(tmp_path / "one"), Store(tmp_path / "other")
    take_in(one, 1)
    take_in(other, 2)
    other.publish((tmp_path / "bucket").as_uri())
    with pytest.raises(StoreError, match="not from this store"):
        one.publish((tmp_path / "bucket").as_uri())
    with pytest.raises(StoreError, match="cannot be published to"):
        one.publish("nowhere://bucket")
