"""Which store `kcas dashboard` opens where none is named."""

from pathlib import Path
from typing import Any

import pytest

from kcas.calls.store import Store
from kcas.dashboard import server
from tests.unit.cli.conftest import Run

LOG = """1790000000|1790000000.1|kcas|NONE|ENTERQUEUE||100
1790000030|1790000000.1|kcas|NONE|ABANDON|1|1|30
"""


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Path]:
    """The stores that the dashboard was opened on, from an empty folder."""
    found: list[Path] = []

    def serve(store: Path, **_: Any) -> None:
        found.append(store)

    monkeypatch.setattr(server, "serve", serve)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KCAS_STORE", raising=False)
    for name in ("KCAS_KEY", "KCAS_STANDARD"):
        monkeypatch.setenv(name, str(tmp_path / "key"))  # so that what the command sets is put back
        monkeypatch.delenv(name)
    return found


def stored(kcas: Run, folder: str) -> None:
    Path("queue_log").write_text(LOG, encoding="utf-8")
    code, _, err = kcas("ingest", "queue_log", "--store", folder)
    assert code == 0, err


def test_the_demos_store_is_opened_where_there_is_no_other_and_that_is_said(kcas: Run, opened: list[Path]) -> None:
    stored(kcas, "kcas-demo")
    code, out, _ = kcas("dashboard", "--no-browser")
    assert code == 0
    assert opened == [Path("kcas-demo")]
    assert "No calls are stored in kcas-data. This opens the demo's invented calls, in kcas-demo." in out


def test_ones_own_store_goes_before_the_demos(kcas: Run, opened: list[Path]) -> None:
    stored(kcas, "kcas-demo")
    stored(kcas, "kcas-data")
    assert Store(Path("kcas-data")).exists
    code, out, _ = kcas("dashboard", "--no-browser")
    assert (code, opened) == (0, [Path("kcas-data")])
    assert "demo" not in out
