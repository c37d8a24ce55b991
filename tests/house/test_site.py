"""The house: the documentation's site is built without a warning, and opens from a folder without a network."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FETCHED = re.compile(r'<(?:script|img|link|iframe)\b[^>]*\b(?:src|href)="(https?:)?//[^"]*"')
"""What a browser would fetch from outside as soon as a page is opened; links that a person may follow are no such."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as a build machine does."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-q", "-E", "-W", "--keep-going", "-b", "html", "docs", folder]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return folder


@pytest.mark.slow
def test_every_page_is_reached_and_nothing_is_fetched_from_outside(site: Path) -> None:
    pages = {path.relative_to(site).as_posix(): path.read_text(encoding="utf-8") for path in site.rglob("*.html")}
    written = {
        path.relative_to(ROOT / "docs").with_suffix(".html").as_posix() for path in (ROOT / "docs").rglob("*.md")
    }
    linked = set(re.findall(r'href="([^"#]+\.html)', pages["index.html"]))
    assert written - set(pages) == set()
    assert written - linked - {"index.html"} == set()
    assert {name: FETCHED.search(text) for name, text in pages.items() if FETCHED.search(text)} == {}


@pytest.mark.slow
def test_pages_from_the_code_have_every_command_setting_and_name(site: Path) -> None:
    def text(name: str) -> str:
        return re.sub(r"<[^>]+>", "", (site / "reference" / name).read_text(encoding="utf-8"))

    assert "kcas evidence verify" in text("commands.html")
    assert "--unpack-at-most" in text("commands.html")
    settings = text("settings-keys.html")
    for key in ("day_begins", "equal_is_short", "outside", "small_counts", "at_most", "point"):
        assert re.search(rf"^{key}$", settings, re.MULTILINE)
    assert "kcas.plan_staff" in text("python-api.html")


def test_the_administrators_page_lists_every_variable_that_the_program_reads() -> None:
    sources = [
        *(ROOT / "kcas").rglob("*.py"),
        ROOT / "run.py",
        ROOT / ".ci" / "run",
        *(ROOT / "tests").rglob("conftest.py"),
    ]
    read = {name for path in sources for name in re.findall(r"\bKCAS_[A-Z_]+\b", path.read_text(encoding="utf-8"))}
    page = (ROOT / "docs" / "running.md").read_text(encoding="utf-8")
    assert {name for name in read if f"`{name}`" not in page} == set()
