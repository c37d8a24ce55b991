"""docs/python.md: its examples run as they are written, and its table names all that the library offers."""

import re
from pathlib import Path

import pytest

import kcas
from tests.unit.api.test_store import LOG

ROOT = Path(__file__).resolve().parents[2]
PAPER = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")


def test_the_examples_run_in_order_as_they_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KCAS_KEY", str(tmp_path / "key"))
    Path("queue_log").write_text(LOG, encoding="utf-8")
    names: dict[str, object] = {"scenarios": ROOT / "scenarios"}
    blocks = re.findall(r"```python\n(.*?)```", PAPER, re.DOTALL)
    for block in blocks:
        exec(compile(block, "docs/python.md", "exec"), names)  # noqa: S102
    assert len(blocks) >= 8
    assert "plan" in names


def test_every_public_name_is_on_the_page() -> None:
    table = PAPER.split("## Names")[1]
    assert [name for name in kcas.__all__ if f"`{name}`" not in PAPER] == []
    assert "| name | what it is |" in table
