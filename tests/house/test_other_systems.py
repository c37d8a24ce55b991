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


@pytest.mark.slow
@pytest.mark.parametrize("platform", ["win32", "darwin"])
def test_the_types_hold_on_other_systems(platform: str) -> None:
    asks = [sys.executable, "-m", "mypy", "--platform", platform, "--cache-dir", ".mypy_cache/" + platform]
    result = subprocess.run(asks, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert result.returncode == 0, result.stdout
