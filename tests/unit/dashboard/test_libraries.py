"""Everything a page needs is imported before the port opens."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.pages.conftest import PAGES

ROOT = Path(__file__).resolve().parents[3]
VISIT = """
import json, os, sys
from streamlit.testing.v1 import AppTest
from kcas.dashboard import server
server.middleware()
before = set(sys.modules)
app = AppTest.from_file("app.py", default_timeout=120)
app.run()
for page in json.loads(sys.argv[1]):
    app.switch_page(page).run()
    assert not app.exception, app.exception[0].message
print("LATE", json.dumps(sorted(set(sys.modules) - before)))
"""


def test_a_visit_to_every_page_imports_nothing_more(desk: Path) -> None:
    settings = {**os.environ, "PYTHONPATH": str(ROOT), "KCAS_STORE": str(desk)}
    for name in ("KCAS_STANDARD", "KCAS_ZONE", "KCAS_SCENARIOS"):
        settings.pop(name, None)
    visited = subprocess.run(
        [sys.executable, "-c", VISIT, json.dumps(list(PAGES.values()))], cwd=ROOT, env=settings,
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert visited.returncode == 0, visited.stderr
    late = json.loads(visited.stdout.rpartition("LATE ")[2])
    assert [name for name in late if name.partition(".")[0] not in sys.stdlib_module_names] == []
