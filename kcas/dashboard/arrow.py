"""Arrow tables of frames and of charts' data, made from Python values for Streamlit.

Streamlit and Altair would convert a Polars frame by themselves, and `st.cache_resource` would pickle it. Both wait for
Polars' pool of threads; pickling holds the interpreter lock meanwhile. A value taken out of a column one by one waits
for nothing, so that no redraw can stop another, whatever runs in the pool.
"""

from typing import Any

import polars as pl
import pyarrow as pa

TYPES: dict[type[pl.DataType], pa.DataType] = {
    pl.Int8: pa.int8(), pl.Int16: pa.int16(), pl.Int32: pa.int32(), pl.Int64: pa.int64(),
    pl.UInt8: pa.uint8(), pl.UInt16: pa.uint16(), pl.UInt32: pa.uint32(), pl.UInt64: pa.uint64(),
    pl.Float32: pa.float32(), pl.Float64: pa.float64(), pl.Boolean: pa.bool_(),
    pl.String: pa.string(), pl.Categorical: pa.string(), pl.Enum: pa.string(),
    pl.Date: pa.date32(), pl.Time: pa.time64("ns"), pl.Duration: pa.duration("us"), pl.Null: pa.null(),
}  # fmt: skip
PARTS = ("layer", "hconcat", "vconcat", "concat")


def arrow_table(frame: pl.DataFrame) -> pa.Table:
    """The same columns as an Arrow table. Raises TypeError for a kind of column that no page shows."""
    columns = frame.get_columns()
    return pa.table(
        [pa.array(column.to_list(), type=arrow_type(column.dtype)) for column in columns],
        names=[column.name for column in columns],
    )


def arrow_type(kind: pl.DataType) -> pa.DataType:
    """Arrow's name for a kind of column."""
    if isinstance(kind, pl.Datetime):
        return pa.timestamp(kind.time_unit, tz=kind.time_zone)
    try:
        return TYPES[kind.base_type()]
    except KeyError:
        raise TypeError(f"no page shows a column of {kind}") from None


def with_arrow_data(chart: Any) -> Any:
    """The chart, its frames replaced by Arrow tables in place: charts are made again for each redraw."""
    if isinstance(chart.data, pl.DataFrame):
        chart.data = arrow_table(chart.data)
    for name in PARTS:
        for part in getattr(chart, name, ()):
            with_arrow_data(part)
    return chart
