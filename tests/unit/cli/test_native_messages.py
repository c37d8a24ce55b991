"""A compiled library that panics over a field's text says nothing of it while logs are read."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PANICS = """
import os, sys, threading
from kcas.cli import main
from kcas.importing import run

def panic(*arguments, **options):
    say = lambda: os.write(2, b"panicked at: byte index 3 is not a char boundary of `Jane Smith 01632 960 123`")
    other = threading.Thread(target=say)
    other.start()
    other.join()
    say()
    raise BaseException("Jane Smith 01632 960 123")

run.form_for = panic
sys.argv = ["kcas", *sys.argv[1:]]
main()
"""


@pytest.mark.parametrize("command", [["ingest"], ["ingest", "--json"], ["watch", "--once"]])
def test_what_a_panicking_library_writes_is_not_shown_and_our_words_are(command: list[str], tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "calls.csv").write_text("a,b\n1,2\n")
    done = subprocess.run(
        [sys.executable, "-c", PANICS, *command, str(logs), "--store", str(tmp_path / "store")],
        capture_output=True, text=True, cwd=ROOT, check=False,
        env=os.environ | {"KCAS_KEY": str(tmp_path / "key"), "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    shown = done.stdout + done.stderr
    assert "Jane" not in shown
    assert "960" not in shown
    assert "a fault in kcas, not in the file" in shown


def test_the_error_stream_leads_where_it_did_afterwards() -> None:
    program = """
import os, sys
from kcas.cli.ingest import native_messages_hidden
try:
    with native_messages_hidden():
        os.write(2, b"hidden")
        print("within", file=sys.stderr)
        raise ValueError
except ValueError:
    os.write(2, b"native ")
    print("after", file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stderr.split() == ["within", "native", "after"]


def test_a_closed_error_stream_stops_no_reading() -> None:
    program = """
import os
from kcas.cli.ingest import native_messages_hidden
os.close(2)
with native_messages_hidden():
    print("read")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout == "read\n"
