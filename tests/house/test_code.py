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
LONGEST_MODULE, LONGEST_FUNCTION = 440, 60


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
        if path.name != "display.py"
    ]
    assert found == []


PLATFORM = {
    "modules": {"resource", "fcntl", "msvcrt", "pwd", "grp", "termios", "ctypes", "winreg"},
    "os": {
        "name", "uname", "getuid", "geteuid", "getgid", "kill", "killpg", "link", "fork", "forkpty", "setsid", "nice",
        "fsync", "fdatasync", "rename", "replace", "pidfd_open", "startfile", "mkfifo", "getpgid", "wait",
    },
    "sys": {"platform", "getwindowsversion"},
    "signal": {"SIGKILL", "SIGHUP", "SIGQUIT", "SIGALRM", "SIGUSR1", "SIGUSR2", "SIGPIPE", "SIGCHLD", "alarm",
               "SIGBREAK", "CTRL_C_EVENT", "pidfd_send_signal", "pthread_kill", "setitimer"},
    "keywords": {"start_new_session", "creationflags", "preexec_fn", "process_group", "startupinfo"},
}  # fmt: skip
"""What is there on some systems only, or means something else on some."""


def asks_the_system(node: ast.AST) -> str | None:
    """What of a node belongs into the module of differences between systems."""
    if isinstance(node, ast.Import):
        return next((each.name for each in node.names if each.name.split(".")[0] in PLATFORM["modules"]), None)
    if isinstance(node, ast.ImportFrom) and (module := (node.module or "").split(".")[0]):
        taken = {each.name for each in node.names} & PLATFORM.get(module, set())
        return module if module in PLATFORM["modules"] or taken else None
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return node.attr if node.attr in PLATFORM.get(node.value.id, set()) - PLATFORM["modules"] else None
    if isinstance(node, ast.keyword):
        return node.arg if node.arg in PLATFORM["keywords"] else None
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value if re.match(r"/(tmp|proc|dev|etc|var)(/|$)", node.value) else None
    return None


def test_one_module_holds_what_differs_between_systems() -> None:
    found = [
        f"{name_of(path)}:{getattr(node, 'lineno', '')} {what}"
        for path in MODULES
        if name_of(path) not in ("kcas/systems.py", "run.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (what := asks_the_system(node))
    ]
    assert found == []


def without_its_encoding(node: ast.AST) -> bool:
    """Whether a call opens a text file and does not say in which encoding."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute | ast.Name):
        return False
    name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id
    said = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
    if name in ("run", "Popen") and "text" in said:
        return "encoding" not in said
    if isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) in ("os", "packed"):
        return False  # a file's number, or a member of a zip: bytes
    if isinstance(node.func, ast.Name) and name != "open":
        return False
    if name not in ("open", "fdopen", "read_text", "write_text", "NamedTemporaryFile", "TemporaryFile"):
        return False
    first = 1 if name == "fdopen" or isinstance(node.func, ast.Name) else 0
    mode = said.get("mode") or (ast.unparse(node.args[first]) if len(node.args) > first else "'r'")
    binary = name in ("open", "fdopen", "NamedTemporaryFile", "TemporaryFile") and "b" in mode
    return not binary and "encoding" not in said


def test_every_text_file_is_opened_in_a_stated_encoding() -> None:
    found = [
        f"{name_of(path)}:{getattr(node, 'lineno', '')}"
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if without_its_encoding(node)
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
