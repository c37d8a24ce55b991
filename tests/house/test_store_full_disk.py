"""A disk that is full, at whatever file: nothing is kept by halves, and what is wrong is said."""

import subprocess
import sys
from pathlib import Path

import pytest

from kcas.calls.store import Store
from tests.unit.calls.store.rows import add, call, calls, content, interval, intervals, ledger_names

resource = pytest.importorskip("resource", reason="no file-size limit to be set here")
ROOT = Path(__file__).resolve().parents[2]

WRITER = """
import resource, signal, sys
from pathlib import Path
from kcas.calls.store import Store
from kcas.errors import StoreError
from tests.unit.calls.store.rows import add, call, calls, interval, intervals

calls_of_two = calls(*(call(f"two {number}") for number in range(3000)))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
try:
    add(Store(Path(sys.argv[1])), "two", calls_of_two, intervals(interval("offered", 2)))
except StoreError as error:
    sys.exit(str(error))
"""


@pytest.mark.parametrize("limit", [0, 5, 1_000, 4_000])
def test_a_file_that_cannot_be_written_whole_leaves_the_store_as_it_was(tmp_path: Path, limit: int) -> None:
    store = Store(tmp_path / "store")
    add(store, "one", calls(call("one")), intervals(interval("offered", 1)))
    command = [sys.executable, "-c", WRITER, str(store.folder), str(limit)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert ended.returncode == 1, ended.stderr
    assert "cannot be written: File too large" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1, "without a traceback"
    assert content(store, "leg") == [("one",)]
    assert ledger_names(store.batches()) == ["one"]
    assert store.intervals().collect()["amount"].to_list() == [1.0]
    assert len(list(store.folder.glob("*/month=*/*.parquet"))) == 2, "nothing was left lying about"
    assert add(store, "two", calls(call("two"))).new == 1
