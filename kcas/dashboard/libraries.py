"""Libraries of the dashboard, all of them imported before its port opens.

Python lets one thread see a module that another is half way through importing: Altair, asking whether pandas is there,
found one without its `Timestamp`. A visitor's thread therefore imports nothing that another may import.
"""

import ast
import gc
import importlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
THIRD_PARTY = (
    "pandas", "pyarrow", "pyarrow.compute", "pyarrow.ipc", "pyarrow.pandas_compat", "numpy", "polars", "altair",
    "narwhals.stable.v1", "scipy.stats", "deltalake", "holidays", "PIL.Image", "streamlit.material_icon_names",
)  # fmt: skip
"""What is imported only when it is first used, by a library or by a function of ours."""


@cache
def read_all() -> None:
    """Import all that any page needs."""
    for name in THIRD_PARTY:
        importlib.import_module(name)
    for path in sorted(HERE.glob("*.py")):
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
    place = HERE.parents[1].joinpath(*name.split("."))
    return place.with_suffix(".py").is_file() or (place / "__init__.py").is_file()
