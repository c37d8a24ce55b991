"""The house: names, sizes, docstrings, and what may be imported where."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted([*(ROOT / "kcas").rglob("*.py"), ROOT / "run.py", *ROOT.glob("app.py")])
BANNED = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "manager",
    "managers",
    "service",
    "services",
    "models",
    "misc",
}
HEAVY = ("pandas", "altair", "streamlit", "scipy.stats", "polars", "deltalake", "numba", "simpy")
RUNS_PYTHON = {
    "map_elements", "map_batches", "map_rows", "map_groups", "map_columns", "rolling_map", "register_io_source",
}  # fmt: skip
"""What Polars calls Python with, from the threads of its pool."""
SHOWS_FRAMES = {
    "dataframe", "data_editor", "altair_chart", "vega_lite_chart", "line_chart", "area_chart", "bar_chart",
    "scatter_chart", "add_rows", "cache_data", "to_pandas", "to_arrow", "st.table", "st.write", "st.map",
}  # fmt: skip
LONGEST_MODULE, LONGEST_FUNCTION = 400, 60


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_every_module_opens_by_saying_what_it_answers() -> None:
    docstrings = {name_of(path): ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) for path in MODULES}
    assert [name for name, words in docstrings.items() if not words] == []


def test_no_module_is_longer_than_a_reader_can_hold() -> None:
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert {name: length for name, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_no_function_is_longer_than_a_screen() -> None:
    too_long = []
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                length = (node.end_lineno or node.lineno) - node.lineno + 1
                if length > LONGEST_FUNCTION:
                    too_long.append(f"{name_of(path)}:{node.lineno} {node.name} ({length} lines)")
    assert too_long == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [name_of(path) for path in MODULES if BANNED & set(path.stem.split("_")) or BANNED & set(path.parts)] == []


def test_no_folder_is_named_pages_in_the_package() -> None:
    assert [name_of(path) for path in (ROOT / "kcas").rglob("pages") if path.is_dir()] == []


def test_nothing_is_left_to_do_in_the_code() -> None:
    marks = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    found = [
        f"{name_of(path)}:{number}"
        for path in MODULES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if marks.search(line)
    ]
    assert found == []


@pytest.mark.parametrize(("library", "homes"), [("simpy", 1), ("numba", 1)])
def test_a_library_with_one_home_is_imported_in_one_file(library: str, homes: int) -> None:
    importing = re.compile(rf"^\s*(import|from) {library}\b", re.MULTILINE)
    found = [name_of(path) for path in MODULES if importing.search(path.read_text(encoding="utf-8"))]
    assert len(found) <= homes, found


def test_streamlit_is_imported_only_in_the_dashboard() -> None:
    importing = re.compile(r"^\s*(import|from) streamlit\b", re.MULTILINE)
    found = [name_of(path) for path in MODULES if importing.search(path.read_text(encoding="utf-8"))]
    assert [name for name in found if not name.startswith(("app.py", "kcas/dashboard"))] == []


def test_the_stores_library_is_imported_only_in_the_store() -> None:
    importing = re.compile(r"^\s*(import|from) deltalake\b", re.MULTILINE)
    found = [name_of(path) for path in MODULES if importing.search(path.read_text(encoding="utf-8"))]
    assert [name for name in found if not re.fullmatch(r"kcas/calls/store/\w+\.py", name)] == []


def test_no_python_function_runs_inside_polars() -> None:
    """A function that waits there for the interpreter, whose holder waits for Polars' pool, stops the dashboard."""
    found = [
        f"{name_of(path)}:{node.lineno} {node.attr}"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in RUNS_PYTHON
    ]
    assert found == []


def test_tables_and_charts_reach_streamlit_through_one_door() -> None:
    """Streamlit's own conversion of a frame, and the pickling of its cache, wait for Polars' pool of threads."""
    found = [
        f"{name_of(path)}:{node.lineno} {node.attr}"
        for path in sorted((ROOT / "kcas" / "dashboard").glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and {node.attr, ast.unparse(node)} & SHOWS_FRAMES
        if path.name != "showing.py"
    ]
    assert found == []


def test_imports_go_down_never_across_never_up() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def test_asking_for_help_imports_nothing_heavy() -> None:
    asks = (
        "import sys\nsys.argv = ['kcas', '--help']\nfrom kcas.cli import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert end.code in (0, None), end.code\n"
        f"print('LOADED', [name for name in {HEAVY!r} if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", asks], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip().endswith("LOADED []")
