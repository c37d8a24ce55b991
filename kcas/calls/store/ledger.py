"""What did each commit say of the file it brought?"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kcas.calls.store.record import Batch, from_metadata
from kcas.calls.store.seal import entry


class Ledger:
    """Reads each commit's notes once; what was read stays, since a sealed commit never changes."""

    def __init__(self, table: Path) -> None:
        self.table = table
        self._read: dict[int, Batch | None] = {}

    def batches(self, version: int) -> list[Batch]:
        """Every file taken in up to a version, oldest first."""
        self._read = {each: batch for each, batch in self._read.items() if each < version}
        for each in range(version + 1):
            if each not in self._read:
                told = notes(self.table, each)
                self._read[each] = from_metadata(told) if "file" in told else None
        return [batch for batch in self._read.values() if batch]


def notes(table: Path, version: int) -> dict[str, Any]:
    """What we wrote into a commit; empty where it is not ours or has nothing to say."""
    try:
        with entry(table, version).open(encoding="utf-8") as lines:
            for line in lines:
                if '"commitInfo"' in line:
                    return dict(json.loads(line)["commitInfo"].get("kcas", {}))
    except FileNotFoundError:
        pass
    return {}


def newest_first(table: Path, version: int) -> Iterator[dict[str, Any]]:
    """The notes of every commit, from a version back to the first."""
    return (notes(table, each) for each in range(version, -1, -1))
