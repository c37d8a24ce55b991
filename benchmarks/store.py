"""What does keeping calls cost beside writing them down, and reading them back beside another engine?

`python benchmarks/store.py [CALLS]`. The same invented frames go into our store (each leg looked for, written
through, sealed, on record) and into a bare Delta table by the library's own writer; then both ours and DuckDB count
28 days and every day of the same files, and must agree before a time is printed. Each reading is its best of five.
"""

import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
from deltalake import write_deltalake

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from kcas.calls.call import SCHEMA
from kcas.calls.store import Record, Store
from kcas.calls.store.files import CALLS
from kcas.calls.store.table import Table

PIECE, DAYS, START = 500_000, 730, datetime(2024, 1, 1, tzinfo=UTC)
SINCE, UNTIL = datetime(2025, 3, 1, tzinfo=UTC), datetime(2025, 3, 29, tzinfo=UTC)
BEST_OF = 5


def pieces(calls: int, *, told: str = "first") -> Iterator[pl.DataFrame]:
    """Invented calls over two years, in order; told again, every talk is a second longer."""
    for first in range(0, calls, PIECE):
        rows = min(PIECE, calls - first)
        dice = np.random.default_rng(first)
        ids = pl.Series(np.arange(first, first + rows))
        token = pl.Series(dice.integers(0, 1_000_000, rows)).cast(pl.String).str.zfill(32)
        yield pl.DataFrame(
            {
                "leg": ids.cast(pl.String) + "/duty/1",
                "contact": ids.cast(pl.String),
                "queue": dice.choice(["duty", "adults", "children"], rows),
                "entered": START + pl.Series(ids * (DAYS * 86400 * 1_000_000 // calls)).cast(pl.Duration("us")),
                "outcome": pl.Series(dice.choice(["answered", "abandoned"], rows, p=[0.85, 0.15])),
                "wait": dice.exponential(40, rows).round(),
                "talk": dice.exponential(240, rows).round() + (told == "again"),
                "agent": pl.Series(dice.integers(0, 60, rows)).cast(pl.String).str.zfill(32),
                "caller": token,
                "line": ids + 2,
            }
        ).select(pl.col(name).cast(dtype) if name in COLUMNS else pl.lit(None, dtype).alias(name)
                 for name, dtype in SCHEMA.items())  # fmt: skip


COLUMNS = ("leg", "contact", "queue", "entered", "outcome", "wait", "talk", "agent", "caller", "line")


def timed(work: Callable[[], Any]) -> float:
    """Seconds that work took."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def kept(keep: Callable[[Iterator[pl.DataFrame]], Any], *, calls: int, told: str = "first") -> float:
    """Seconds that keeping the calls took, without the making of them."""
    making = 0.0

    def made() -> Iterator[pl.DataFrame]:
        nonlocal making
        source = pieces(calls, told=told)
        while True:
            began = time.perf_counter()
            piece = next(source, None)
            making += time.perf_counter() - began
            if piece is None:
                return
            yield piece

    return timed(lambda: keep(made())) - making


def loads(store: Store, bare: Path, *, calls: int) -> None:
    """Print what each way of keeping the calls took."""

    def ours(name: str) -> Callable[[Iterator[pl.DataFrame]], Any]:
        return lambda frames: store.add(frames, record=lambda: Record(name, name, 1, "invented"))

    def theirs(frames: Iterator[pl.DataFrame]) -> None:
        for frame in frames:
            write_deltalake(bare, frame.with_columns(pl.col("outcome").cast(pl.String)), mode="append")

    bare_seconds = kept(theirs, calls=calls)
    for name, told in (("new calls", "first"), ("the same again", "first"), ("all corrected", "again")):
        say(name, kept(ours(name), calls=calls, told=told), "written by deltalake alone", bare_seconds, calls=calls)
    print(f"most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


def readings(store: Store) -> None:
    """Print what counting took, ours and DuckDB's."""
    table = Table(store.folder, CALLS)
    paths = [str(table.folder / file.path) for file in table.files]
    source = f"read_parquet({paths}) where replaced_by is null"
    month = f"and entered >= '{SINCE:%Y-%m-%d}T00:00Z' and entered < '{UNTIL:%Y-%m-%d}T00:00Z'"
    every = f"select (epoch_us(entered) // 86400000000), outcome::varchar, count(*) from {source}"  # noqa: S608

    def ours(since: datetime = START, until: datetime = START + timedelta(days=DAYS)) -> list[tuple[Any, ...]]:
        chosen = store.calls().filter(pl.col("entered") >= since, pl.col("entered") < until)
        day = pl.col("entered").to_physical() // 86_400_000_000
        return chosen.group_by(day, pl.col("outcome")).len().collect().rows()

    duckdb.sql("set timezone = 'UTC'")
    for name, mine, query in (
        ("28 days counted", lambda: ours(SINCE, UNTIL), f"{every} {month} group by all"),
        ("every day counted", ours, f"{every} group by all"),
    ):
        assert sorted(mine()) == sorted(duckdb.sql(query).fetchall()), name
        say(name, best(mine), "by DuckDB", best(lambda query=query: duckdb.sql(query).fetchall()))


def best(work: Callable[[], Any]) -> float:
    """The least of a few times."""
    return min(timed(work) for _ in range(BEST_OF))


def say(name: str, ours: float, other: str, theirs: float, *, calls: int = 0) -> None:
    """One line: ours, the other's, and how many times the other's it is."""
    pace = f" ({calls / ours / 1000:,.0f} k rows/s)" if calls else ""
    print(f"{name}: {ours:.3f} s{pace}; {other}: {theirs:.3f} s; ratio {ours / theirs:.2f}", flush=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "store")
        loads(store, Path(folder) / "bare", calls=int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000)
        readings(store)
