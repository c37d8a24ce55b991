"""Libraries of the dashboard, all of them imported before its port opens.

Python lets one thread see a module that another is half way through importing: Altair, asking whether pandas is there,
found one without its `Timestamp`. A visitor's thread therefore imports nothing that another may import.
"""

import ast
import gc
import importlib
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
LATE = (
    "pandas", "pyarrow", "pyarrow.compute", "pyarrow.ipc", "pyarrow.pandas_compat", "numpy", "polars", "altair",
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
    for path in sorted(HERE.glob("*.py")):
        for name in imports_of(path):
            importlib.import_module(name)
    rehearse()
    gc.collect()
    gc.freeze()  # Streamlit collects after every run: what was imported need not be looked at again


def rehearse() -> None:
    """Make a chart of nothing: its libraries choose their inner parts by what they are given."""
    import altair
    import polars as pl

    from kcas.dashboard.arrow import with_arrow_data

    chart = altair.Chart(pl.DataFrame({"x": [1.0]})).mark_point().encode(x="x:Q")
    with_arrow_data(chart).to_dict()


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
    place = HERE.parents[1].joinpath(*name.split("."))
    return place.with_suffix(".py").is_file() or (place / "__init__.py").is_file()
