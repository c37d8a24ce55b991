"""Are the bytes the same in another process, another zone, another language, with other hashes?"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[4]
PRINTED = """
import hashlib, sys
from importlib import import_module
from tests.unit.reporting.writers import example
for kind in sys.argv[1:]:
    writer = import_module(f"kcas.evidence.writers.{kind}")
    for document in (example.report(), example.hostile()):
        if kind == "csv":
            made = [writer.write(table) for table in document.tables]
        elif kind == "still":
            made = [draw(figure) for figure in document.figures for draw in (writer.svg, writer.png)]
        else:
            made = [writer.write(document)]
        print(kind, *[hashlib.sha256(data).hexdigest() for data in made])
"""


def written(kinds: list[str], **environment: str) -> list[str]:
    asked = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
    done = subprocess.run(
        [sys.executable, "-c", PRINTED, *kinds], env=asked, cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


@pytest.mark.slow
@pytest.mark.parametrize("kinds", [["csv", "html", "still", "xlsx", "ods", "pdf", "docx"]])
def test_a_second_run_elsewhere_gives_the_same_bytes(kinds: list[str]) -> None:
    here = written(kinds, TZ="Europe/London", LANG="en_GB.UTF-8", LC_ALL="C.UTF-8", PYTHONHASHSEED="1")
    there = written(kinds, TZ="Asia/Tokyo", LANG="C", LC_ALL="C", PYTHONHASHSEED="2")
    assert len(here) == 2 * len(kinds)
    assert here == there
