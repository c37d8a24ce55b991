"""Ledger: what each commit records of the file that it imported."""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from kcas.calls.store import chain
from kcas.calls.store.record import Batch, from_metadata
from kcas.calls.store.seal import entry
from kcas.errors import StoreError


class Ledger:
    """Reads each commit's notes once; what was read stays, since a sealed commit never changes."""

    def __init__(self, table: Path) -> None:
        self.table = table
        self._read: dict[int, Batch | None] = {}

    def batches(self, version: int) -> list[Batch]:
        """Every file taken in up to a version, oldest first."""
        chain.check(self.table, version, all_entries=len(self._read) == 0)
        self._read = {each: batch for each, batch in self._read.items() if each < version}
        for each in range(version + 1):
            if each not in self._read:
                self._read[each] = self._batch(each)
        return [batch for batch in self._read.values() if batch]

    def clear(self) -> None:
        """Read all commits again when next asked: some have been rewritten."""
        self._read.clear()

    def _batch(self, version: int) -> Batch | None:
        told = notes(self.table, version)
        try:
            return from_metadata(told) if "file" in told else None
        except (ValueError, KeyError, TypeError):
            raise StoreError(_not_an_entry(self.table, version)) from None


def notes(table: Path, version: int) -> dict[str, Any]:
    """What we wrote into a commit; empty where it is not ours or has nothing to say."""
    try:
        with entry(table, version).open(encoding="utf-8") as lines:
            for line in lines:
                if '"commitInfo"' in line:
                    return dict(json.loads(line)["commitInfo"].get("kcas", {}))
    except FileNotFoundError:
        pass
    except (ValueError, KeyError, TypeError, AttributeError):
        raise StoreError(_not_an_entry(table, version)) from None
    return {}


def _not_an_entry(table: Path, version: int) -> str:
    return (
        f"{entry(table, version)}: damaged: not an entry of a log. Restore it from a copy. See what else is: "
        "kcas store --check"
    )


def newest_first(table: Path, version: int) -> Iterator[dict[str, Any]]:
    """The notes of every commit, from a version back to the first."""
    return (notes(table, each) for each in range(version, -1, -1))


def log_named_in(path: Path) -> tuple[str, ...]:
    """The log whose record an entry is, as far as that can still be read."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        text = path.read_bytes().decode("utf-8", errors="replace")
        start = text.index('"file":{') + len('"file":')
        name, _ = json.JSONDecoder().raw_decode(text, text.index('"name":', start) + len('"name":'))
        return (str(name),)
    return ()
