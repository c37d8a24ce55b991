"""Frames become Arrow tables without Polars' pool of threads, and lose nothing on the way."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pyarrow as pa
import pytest

from kcas.dashboard.display import specification
from kcas.dashboard.libraries import arrow_table
from kcas.reporting.charts import layer, layered
from kcas.reporting.palettes import LIGHT

ROOT = Path(__file__).resolve().parents[3]
POOL_TAKEN = """
import os, threading, time
import pandas, polars as pl, pyarrow
from datetime import date, datetime, UTC
from kcas.dashboard.display import specification
from kcas.dashboard.libraries import arrow_table
from kcas.reporting.charts import layer, layered
from kcas.reporting.palettes import LIGHT

gate, inside, ours = threading.Event(), [], set()
columns = "abcdefgh"
numbers = pl.DataFrame({name: list(range(1000)) for name in columns})
others = dict(
    text=pl.lit("x"), at=pl.lit(datetime(2010, 3, 1, tzinfo=UTC)), share=0.5, yes=True, day=pl.lit(date(2010, 3, 1)),
    kind=pl.lit("a").cast(pl.Categorical), one_of=pl.lit("a").cast(pl.Enum(["a"])), nothing=pl.lit(None),
)
frame = pl.concat([numbers.with_columns(**others)] * 3)
drawn = layered([layer(frame, "line", {"y": "share:Q"})], palette=LIGHT, height=100)

def hold(value):
    inside.append(threading.get_ident() not in ours)
    gate.wait()
    return value

def take_the_pool():
    ours.add(threading.get_ident())
    numbers.select(pl.col(name).map_elements(hold, return_dtype=pl.Int64) for name in columns)

for _ in range(2):
    threading.Thread(target=take_the_pool, daemon=True).start()
until = time.monotonic() + 30
while len(inside) < 2 and time.monotonic() < until:
    time.sleep(0.01)
assert inside == [True, True], inside

def answer(act):
    asked = threading.Thread(target=act, daemon=True)
    asked.start()
    asked.join(20 if act is not by_polars else 1)
    return not asked.is_alive()

def by_us():
    assert arrow_table(frame).num_rows == 3000
    assert specification(drawn)["datasets"]["frame_1"].num_rows == 3000

def by_polars():
    frame.to_pandas()

os.write(1, f"{answer(by_us)} {answer(by_polars)}".encode())
os._exit(0)
"""


def test_every_kind_of_column_keeps_its_values_and_nulls() -> None:
    london = ZoneInfo("Europe/London")
    columns = {
        "whole": ([1, None, -(2**62)], pl.Int64, pa.int64()),
        "count": ([1, None, 2**32 - 1], pl.UInt32, pa.uint32()),
        "share": ([0.1, None, 1e-300], pl.Float64, pa.float64()),
        "yes": ([True, None, False], pl.Boolean, pa.bool_()),
        "text": (["=1+1", None, "é\u2060"], pl.String, pa.string()),
        "kind": (["a", None, "b"], pl.Categorical, pa.string()),
        "one_of": (["a", None, "b"], pl.Enum(["a", "b"]), pa.string()),
        "day": ([date(2010, 3, 1), None, date(1970, 1, 1)], pl.Date, pa.date32()),
        "clock": ([time(9, 30), None, time(0)], pl.Time, pa.time64("ns")),
        "took": ([timedelta(seconds=90), None, timedelta(0)], pl.Duration("us"), pa.duration("us")),
        "at": (
            [datetime(2026, 10, 25, 1, 30, tzinfo=london), None, datetime(2026, 10, 25, 1, 30, tzinfo=london, fold=1)],
            pl.Datetime("us", "Europe/London"), pa.timestamp("us", tz="Europe/London"),
        ),
        "nothing": ([None, None, None], pl.Null, pa.null()),
    }  # fmt: skip
    frame = pl.DataFrame([pl.Series(name, values, dtype=kind) for name, (values, kind, _) in columns.items()])
    table = arrow_table(frame)
    assert {name: table.schema.field(name).type for name in columns} == {
        n: arrow for n, (_, _, arrow) in columns.items()
    }
    as_moments = [None if at is None else at.astimezone(UTC) for at in columns["at"][0]]
    assert [None if at is None else at.astimezone(UTC) for at in table["at"].to_pylist()] == as_moments
    others = [name for name in columns if name != "at"]
    assert {name: table[name].to_pylist() for name in others} == {name: columns[name][0] for name in others}


def test_no_rows_keep_their_columns() -> None:
    table = arrow_table(pl.DataFrame(schema={"day": pl.Date, "rate": pl.Float64}))
    assert (table.num_rows, table.schema) == (0, pa.schema({"day": pa.date32(), "rate": pa.float64()}))


def test_a_column_that_no_page_shows_is_refused_by_its_kind() -> None:
    with pytest.raises(TypeError, match="no page shows a column of List"):
        arrow_table(pl.DataFrame({"many": [[1, 2]]}))


def test_a_chart_reaches_streamlit_with_one_arrow_table_for_each_frame_and_only_the_columns_it_uses() -> None:
    one, other = pl.DataFrame({"x": [1], "unused": ["no"]}), pl.DataFrame({"x": [2, 3], "y": [0.5, 1.5]})
    layers = [
        layer(one, "rule", {"x": "x:Q"}),
        layer(other, "line", {"x": "x:Q", "size": {"condition": {"test": "datum.y > 1", "value": 9}, "value": 4}}),
        layer(one, "bar", {"x": "x:Q"}),
    ]
    sent = specification(layered(layers, palette=LIGHT, height=100))
    names = [part["data"]["name"] for part in sent["layer"]]
    assert names[0] == names[2] != names[1]
    assert {name: table.to_pydict() for name, table in sent["datasets"].items()} == {
        names[0]: {"x": [1]},
        names[1]: {"x": [2, 3], "y": [0.5, 1.5]},
    }


def test_a_frame_is_handed_over_while_every_thread_of_polars_waits_for_python() -> None:
    settings = {**os.environ, "POLARS_MAX_THREADS": "2", "PYTHONPATH": str(ROOT)}
    told = subprocess.run([sys.executable, "-c", POOL_TAKEN], env=settings, capture_output=True, text=True, timeout=120)
    assert told.stdout == "True False", told.stderr  # ours is done; Polars' own conversion waits
