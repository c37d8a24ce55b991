"""Ledger: what each commit records of the file that it imported.

Chain of checksums over a table's log: each commit holds the SHA-256 of the entries before it.

The newest entry, which no commit follows yet, has its checksum in the mark beside the table (`seal`). A commit
covers every entry since the last commit of ours, so that those of older stores and other engines join the chain.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kcas.calls.store.files import Batch, checksum, from_metadata
from kcas.calls.store.seal import LOG, entry, read_mark, staged
from kcas.errors import StoreError

CHAIN = "chain"
"""The key in a commit's notes: `from`, the version of the first entry covered, and `sha256`, one for each."""

_REMEMBERED = 100_000
"""Entries whose checksum a process remembers; then it forgets them all and starts again."""

Covered = Mapping[int, str]
"""Checksums of entries, by version."""


@dataclass(frozen=True)
class _Verified:
    version: int
    tip: str  # the checksum of that version's entry
    looks: int  # of all files of the log; 0 where not all were looked at


_NOTHING = _Verified(-1, "none", 0)
_verified: dict[Path, _Verified] = {}
_read: dict[tuple[str, int, int], tuple[str, Covered]] = {}  # by path, size and time of change


@dataclass(frozen=True)
class _Log:
    """What a table's log looks like up to a version: entries that changed, entries that nothing vouches for."""

    damaged: tuple[Path, ...] = ()
    not_verifiable: tuple[Path, ...] = ()


def link(table: Path, version: int) -> dict[str, Any]:
    """What a commit that follows `version` holds: the checksums of the entries that no earlier commit covers."""
    first = version
    while first > 0 and not _entry(entry(table, first))[1]:
        first -= 1
    sums = [_entry(entry(table, each))[0] for each in range(first, version + 1)]
    return {CHAIN: {"from": first, "sha256": sums}}


def check(table: Path, version: int, *, all_entries: bool = True) -> None:
    """Raise StoreError where an entry up to a version has changed; one that looks as before is not read again.

    Without `all_entries` those that this process has verified before are not even looked at: a writer opens its
    tables many times in a run.
    """
    if version < 0:
        return
    before = _verified.get(table, _NOTHING)
    as_before = before.version <= version and _entry(entry(table, before.version))[0] == before.tip
    if as_before and not all_entries:
        log, looks = verify(table, version, down_to=before.version), 0
    else:
        looks = _looks(table)
        if as_before and (before.version, before.looks) == (version, looks):
            return
        log = verify(table, version)
    if log.damaged:
        raise StoreError(
            f"{log.damaged[0]}: damaged: this entry of the log is not what was written (its SHA-256 is another). "
            "Restore it from a copy. See what else is damaged: kcas store --check"
        )
    _verified[table] = _Verified(version, _entry(entry(table, version))[0], looks)


def verify(table: Path, version: int, *, down_to: int = 0) -> _Log:
    """Compare every entry up to a version with what the entries after it, and the mark, hold of it.

    From the newest back: an entry that is itself damaged vouches for none before it.
    """
    expected = _by_version(read_mark(table).sums)
    restaged = staged(table)
    damaged, unknown = [], []
    for each in range(version, down_to - 1, -1):
        path, wanted = entry(table, each), expected.get(each)
        entry_read, covered = _entry(path)
        if not entry_read or (wanted and entry_read not in (wanted, restaged.get(each))):
            damaged.append(path)
            continue
        if wanted is None:
            unknown.append(path)
        for version_covered, sha256 in covered.items():
            expected.setdefault(version_covered, sha256)
    return _Log(tuple(reversed(damaged)), tuple(reversed(unknown)))


def _looks(table: Path) -> int:
    """A number that is another where any file of a log, or the mark, has another size or time of change."""
    with suppress(FileNotFoundError), os.scandir(table / LOG) as files:
        seen = [(each.name, (stat := each.stat()).st_size, stat.st_mtime_ns) for each in files]
        return hash((tuple(sorted(seen)), read_mark(table).text()))
    return 0


def _by_version(sums: Mapping[str, str]) -> dict[int, str]:
    return {int(name.split(".")[0]): sha256 for name, sha256 in sums.items() if name.endswith(".json")}


def _entry(path: Path) -> tuple[str, Covered]:
    """An entry's checksum, and those it holds of others; an empty one where it is missing or empty."""
    try:
        stat = path.stat()
        key = (str(path), stat.st_size, stat.st_mtime_ns)
        if key not in _read:
            if len(_read) >= _REMEMBERED:
                _read.clear()
            content = path.read_bytes()
            _read[key] = (checksum(content) if content else "", _covered_by(content))
        return _read[key]
    except FileNotFoundError:
        return "", {}


def _covered_by(content: bytes) -> Covered:
    """The versions that an entry holds checksums of; none where it is not ours, or does not parse."""
    for line in content.splitlines():
        if b'"commitInfo"' in line:
            try:
                held = json.loads(line)["commitInfo"]["kcas"][CHAIN]
                return dict(enumerate(map(str, held["sha256"]), int(held["from"])))
            except (ValueError, KeyError, TypeError):
                return {}
    return {}


class Ledger:
    """Reads each commit's notes once; what was read stays, since a sealed commit never changes."""

    def __init__(self, table: Path) -> None:
        self.table = table
        self._read: dict[int, Batch | None] = {}

    def batches(self, version: int) -> list[Batch]:
        """Every file taken in up to a version, oldest first."""
        check(self.table, version, all_entries=len(self._read) == 0)
        self._read = {each: batch for each, batch in self._read.items() if each < version}
        for each in range(version + 1):
            if each not in self._read:
                self._read[each] = self._batch(each)
        return [batch for batch in self._read.values() if batch]

    def clear(self) -> None:
        """Read all commits again when next asked: some have been rewritten."""
        self._read.clear()

    def _batch(self, version: int) -> Batch | None:
        entry = notes(self.table, version)
        try:
            return from_metadata(entry) if "file" in entry else None
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
