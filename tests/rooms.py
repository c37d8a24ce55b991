"""Tests that a change in one room of kcas can break first: `python -m tests.rooms monitoring` prints their folders.

The whole suite stays the judge before a change lands; this is for the minute between two edits.
"""

import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parent
HOUSE = ("house/test_code.py", "house/test_structure.py", "house/test_papers.py")
ALSO = {
    "calls": ("spec",),
    "dashboard": ("pages",),
    "desk": ("unit/test_standard.py", "unit/test_change_log.py", "unit/test_text_file.py"),
    "importing": ("unit/test_intake.py", "unit/test_one_bad_file.py", "unit/test_older_stores.py"),
    "ingest": ("golden", "unit/test_intake.py"),
    "monitoring": ("theory/test_since.py", "theory/test_control_chart.py", "pages/test_moved.py"),
    "queueing": ("theory/test_exact.py", "theory/test_exact_day.py", "theory/test_exact_patience.py"),
    "reporting": ("pages/test_today.py", "pages/test_moved.py"),
    "simulation": ("theory/test_twin_engines.py", "theory/test_traces.py"),
}
"""Beside the folder of unit tests that bears the room's name."""


def paths(room: str) -> list[str]:
    """The tests of a room. Raises SystemExit with the rooms that there are where it is none of them."""
    rooms = sorted(path.name for path in (TESTS.parent / "kcas").iterdir() if (path / "__init__.py").exists())
    if room not in rooms:
        raise SystemExit(f"{room!r} is not a room of kcas. Rooms: {', '.join(rooms)}.")
    named = [f"unit/{room}", *ALSO.get(room, ()), *HOUSE]
    return [f"tests/{path}" for path in named if (TESTS / path).exists()]


if __name__ == "__main__":
    print(" ".join(paths(*sys.argv[1:])))
