"""Libraries of the dashboard, all of them imported before its port opens.

Python lets one thread see a module that another is half way through importing: a library that asked whether pandas is
there found one without its `Timestamp`. A visitor's thread therefore imports nothing that another may import.

Arrow tables of frames, made from Python values for Streamlit.

Streamlit would convert a Polars frame by itself, and `st.cache_resource` would pickle it. Both wait for
Polars' pool of threads; pickling holds the interpreter lock meanwhile. A value taken out of a column one by one waits
for nothing, so that no redraw can stop another, whatever runs in the pool.
"""

import ast
import gc
import importlib
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

import polars as pl
import pyarrow as pa

_HERE = Path(__file__).parent
LATE = (
    "pandas", "pyarrow", "pyarrow.compute", "pyarrow.ipc", "pyarrow.pandas_compat",
    "pyarrow.vendored.version", "numpy", "polars",
    "scipy.stats", "deltalake", "holidays.countries", "PIL.ImageFile", "streamlit.material_icon_names",
    "streamlit.components.v2.manifest_scanner", "streamlit.runtime.scriptrunner.magic_funcs",
    "kcas.dashboard.app",
)  # fmt: skip
"""What is imported only when it is first used, by a library or by a function of ours; a test finds what is missing."""


@cache
def read_all() -> None:
    """Import all that any page needs."""
    for name in LATE:
        with suppress(ModuleNotFoundError):  # another version of a library has other inner parts
            importlib.import_module(name)
    for path in sorted(_HERE.glob("*.py")):
        for name in imports_of(path):
            importlib.import_module(name)
    gc.collect()
    gc.freeze()  # Streamlit collects after every run: what was imported need not be looked at again


def imports_of(path: Path) -> Iterator[str]:
    """The modules of ours that a file imports, read from its text: a page itself runs when it is imported."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("kcas"):
            yield node.module
            for name in node.names:
                if is_module(f"{node.module}.{name.name}"):
                    yield f"{node.module}.{name.name}"
        elif isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name.startswith("kcas"))


def is_module(name: str) -> bool:
    """Whether a dotted name of ours is a module, by the files there are."""
    place = _HERE.parents[1].joinpath(*name.split("."))
    return place.with_suffix(".py").is_file() or (place / "__init__.py").is_file()


TYPES: dict[type[pl.DataType], pa.DataType] = {
    pl.Int8: pa.int8(), pl.Int16: pa.int16(), pl.Int32: pa.int32(), pl.Int64: pa.int64(),
    pl.UInt8: pa.uint8(), pl.UInt16: pa.uint16(), pl.UInt32: pa.uint32(), pl.UInt64: pa.uint64(),
    pl.Float32: pa.float32(), pl.Float64: pa.float64(), pl.Boolean: pa.bool_(),
    pl.String: pa.string(), pl.Categorical: pa.string(), pl.Enum: pa.string(),
    pl.Date: pa.date32(), pl.Time: pa.time64("ns"), pl.Duration: pa.duration("us"), pl.Null: pa.null(),
}  # fmt: skip


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
