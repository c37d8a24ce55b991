"""The notebook of docs/ runs as it is written: on the bank's month where that is present, and on the invented logs."""

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOK = ROOT / "docs" / "a-month-at-a-bank.ipynb"
BANK = ROOT.parent / "shared" / "data" / "technion_bank_1999" / "january.txt.gz"


def printed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """What the cells show when they are run in a folder, all together."""
    nbformat, nbclient = pytest.importorskip("nbformat"), pytest.importorskip("nbclient")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(ROOT), os.environ.get("PYTHONPATH", ""))))
    book = nbformat.read(NOTEBOOK, as_version=4)
    nbclient.NotebookClient(book, timeout=600, resources={"metadata": {"path": str(folder)}}).execute()
    outputs = [output for cell in book.cells if cell.cell_type == "code" for output in cell.outputs]
    return "\n".join(str(each.get("text") or each.get("data", {}).get("text/plain")) for each in outputs)


@pytest.mark.slow
def test_it_counts_the_banks_month_as_its_publishers_do(monkeypatch: pytest.MonkeyPatch) -> None:
    if not BANK.exists():
        pytest.skip("the bank's month is not here")
    shown = printed(NOTEBOOK.parent, monkeypatch)
    assert "real calls of a bank" in shown
    assert "│ 30161   ┆ 27060    ┆ 3101 " in shown  # offered, answered, abandoned of January 1999
    assert "modelled" in shown


@pytest.mark.slow
def test_without_the_banks_month_it_runs_on_invented_calls_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = printed(Path(shutil.copytree(NOTEBOOK.parent, tmp_path / "a" / "docs")), monkeypatch)
    assert "INVENTED calls" in shown


def test_it_is_kept_without_what_it_printed() -> None:
    text = NOTEBOOK.read_text(encoding="utf-8")
    assert '"outputs": []' in text
    assert '"output_type"' not in text
