"""The store is an open folder: an engine of another kind gets the same counts from it."""

import subprocess
import sys

import duckdb
import polars as pl
import pytest

from kcas.calls.store import Store
from kcas.calls.store_table import CALLS, Table
from tests.house.store_writer import take_in

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
    from deltalake import DeltaTable, QueryBuilder

    builder = QueryBuilder().register("calls", DeltaTable(store.folder / "calls"))
    answer = builder.execute(
        "select outcome, count(*) as n, coalesce(sum(talk), 0) from calls where replaced_by is null group by outcome"
    ).read_all()
    assert sorted(pl.DataFrame(answer).rows()) == ours(store)
