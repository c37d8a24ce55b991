"""The published and independently computed queueing figures that everything here is held against."""

import json
from pathlib import Path
from typing import Any

QUEUEING = Path(__file__).with_name("queueing.json")
CASES: dict[str, dict[str, Any]] = {case["name"]: case for case in json.loads(QUEUEING.read_text(encoding="utf-8"))}


def cases(prefix: str) -> list[dict[str, Any]]:
    """Every case whose name begins so."""
    return [case for name, case in CASES.items() if name.startswith(prefix)]


STATISTICS = Path(__file__).with_name("statistics.json")
"""Charts, runs, proportions and interrupted series; every case says where it is published."""


def statistic(name: str) -> dict[str, Any]:
    """One case of the statistics, by its name."""
    found = [case for case in json.loads(STATISTICS.read_text(encoding="utf-8"))["cases"] if case["id"] == name]
    assert len(found) == 1, name
    return dict(found[0])
