"""What can be known of Windows and macOS without one: every module imports where the modules of POSIX are missing."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
POSIX = ("fcntl", "grp", "pty", "pwd", "resource", "syslog", "termios", "tty")
PAGE = re.compile(r"st\.Page\(_HERE / \"(\w+\.py)\"")
IMPORTS = """
import importlib, sys
for name in sys.argv[1].split():
    sys.modules[name] = None
for name in sys.argv[2].split():
    importlib.import_module(name)
print("all of them")
"""


def modules() -> list[str]:
    """Every module of the package but the pages and what starts the program: those act as soon as they are read."""
    package = ROOT / "kcas"
    pages = {
        package / "dashboard" / name for name in PAGE.findall((package / "dashboard" / "app.py").read_text("utf-8"))
    }
    assert pages
    found = [path for path in package.rglob("*.py") if path not in pages and path.stem != "__main__"]
    return [".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in found]


def test_every_module_is_imported_where_the_modules_of_posix_are_missing() -> None:
    asks = [sys.executable, "-c", IMPORTS, " ".join(POSIX), " ".join(sorted(modules()))]
    result = subprocess.run(asks, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert result.stdout.strip() == "all of them", result.stderr


def wrong_on(platform: str, folder: Path) -> set[str]:
    """What mypy finds in the package on a platform, third parties' types left out: they take most of its time, and
    what differs between platforms is the standard library's."""
    asks = [
        sys.executable, "-m", "mypy", "--config-file=", "--package", "kcas", "--platform", platform,
        "--no-site-packages", "--ignore-missing-imports", "--check-untyped-defs", "--warn-unreachable",
        "--cache-dir", str(folder / platform),
    ]  # fmt: skip
    result = subprocess.run(asks, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert "checked" in result.stdout, result.stdout + result.stderr
    return {line for line in result.stdout.splitlines() if ": error:" in line}


@pytest.fixture(scope="module")
def wrong_here(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """What it finds so on Linux, where the whole check with all types finds nothing."""
    return wrong_on("linux", tmp_path_factory.mktemp("mypy"))


@pytest.mark.slow
@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_the_types_hold_on_other_systems(platform: str, wrong_here: set[str], tmp_path: Path) -> None:
    assert wrong_on(platform, tmp_path) - wrong_here == set()
