"""The house: README, documents, changelog, locks."""

import importlib.util
import json
import os
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

from kcas import __version__
from kcas.calls.call import OUTCOMES
from kcas.calls.definitions import RATES, SERVICE_LEVELS
from tests.commands import kcas_says

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
PAPERS = sorted([README, ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
LOCKS = sorted(ROOT.glob("requirements*.txt"))
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


@cache
def made_from_code() -> dict[Path, str]:
    """The reference pages that the site's build writes from the code; a fresh clone has none of them."""
    maker = ROOT / "docs" / "from_code.py"
    spec = importlib.util.spec_from_file_location("from_code", maker)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {maker.parent / "reference" / name: text for name, text in module.pages().items()}


def commands() -> list[str]:
    """Every command that kcas has, from its own help."""
    import typer

    from kcas.cli import app

    return sorted(typer.main.get_group(app).commands) if app.registered_commands or app.registered_groups else []


def anchors(paper: Path) -> set[str]:
    """The places in a paper that a link may name, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", paper.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_command_is_documented() -> None:
    words = "\n".join([*(paper.read_text(encoding="utf-8") for paper in PAPERS), *made_from_code().values()])
    assert [name for name in commands() if not re.search(rf"kcas {name}\b", words)] == []


def test_every_command_in_the_readme_exists() -> None:
    told = set(re.findall(r"\bkcas ([a-z][a-z-]+)\b", "\n".join(code_of(README))))
    assert told - set(commands()) == set()


def code_of(paper: Path) -> list[str]:
    """Commands in a paper: indented and fenced lines, and what stands between backquotes."""
    text = paper.read_text(encoding="utf-8")
    return [*re.findall(r"^    (.+)$", text, re.MULTILINE), *re.findall(r"`([^`\n]+)`", text)]


def test_reading_ones_own_log_in_one_line_works_as_the_readme_has_it(tmp_path: Path) -> None:
    [line] = [line for line in code_of(README) if line.startswith("python3 run.py kcas ingest")]
    log = tmp_path / line.split()[-1]
    log.write_text("1267432361|1.1|desk|NONE|ENTERQUEUE||5551|1\n1267432369|1.1|desk|NONE|ABANDON|1|1|8\n")
    settings = {**os.environ, "KCAS_KEY": str(tmp_path / "key"), "COLUMNS": "200"}
    settings.pop("KCAS_STORE", None)
    for words in (line.removeprefix("python3 run.py kcas ").split(), ["measures", "--json"]):
        result = kcas_says(tmp_path, *words, settings=settings)
        assert result.returncode == 0, result.stderr
    [row] = json.loads(result.stdout)["rows"]
    assert (row["offered"], row["abandoned"], row["numerator"], row["denominator"]) == (1, 1, 1, 1)


def test_every_picture_is_small_and_says_that_it_is_invented() -> None:
    for picture in (ROOT / "docs").rglob("*.png"):
        assert "invented" in picture.name
        assert picture.stat().st_size < 300_000


def test_the_readme_begins_with_the_two_commands() -> None:
    lines = [line.strip() for line in README.read_text(encoding="utf-8").splitlines() if line.startswith("    python3")]
    assert lines[0].split("  ")[0] == "python3 run.py demo"
    assert lines[1].split("  ")[0] == "python3 run.py test"


@pytest.mark.parametrize("command", ["demo", "test", "kcas", "setup"])
def test_the_launcher_knows_the_readmes_commands(command: str) -> None:
    result = subprocess.run([sys.executable, ROOT / "run.py", "--help"], capture_output=True, text=True, check=True)
    assert re.search(rf"^  {command}\b", result.stdout, re.MULTILINE)


@pytest.mark.parametrize("paper", PAPERS, ids=lambda paper: str(paper.relative_to(ROOT)))
def test_links_lead_somewhere(paper: Path) -> None:
    dead = []
    for link in LINK.findall(paper.read_text(encoding="utf-8")):
        if re.match(r"(https?|mailto):", link):
            continue
        path, _, anchor = link.partition("#")
        target = (paper.parent / path).resolve() if path else paper
        if target in made_from_code():
            continue
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            dead.append(link)
    assert dead == []


def test_the_changelog_tells_of_this_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert version == __version__
    assert re.search(rf"^## {re.escape(version)}\b", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)


def test_the_glossary_has_every_outcome_and_every_definition() -> None:
    words = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    assert [key for key in (*OUTCOMES, *RATES, *SERVICE_LEVELS) if f"`{key}`" not in words] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_a_lock_pins_every_package_with_hashes_and_holds_no_address(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert not re.search(r"https?://|--(extra-)?index-url|--find-links|@ file:", text)
    entries = re.split(
        r"\n(?=[a-z0-9])", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).strip(), flags=re.IGNORECASE
    )
    assert len(entries) > 30
    assert [entry.split()[0] for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []


def test_the_lock_holds_every_package_asked_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = {
        "requirements.txt": project["project"]["dependencies"],
        "requirements-dev.txt": [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]],
    }
    for lock, wanted in asked.items():
        held = set(re.findall(r"^([a-z0-9._-]+)==", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE))
        assert {re.split(r"[<>=\[]", package)[0] for package in wanted} <= held
