"""Rewriting of what a store already holds: rows, loose events, and what past commits said.

For what the law wants gone and for stores of older versions; every other writer only adds. Rows are rewritten by a
commit like any other. Entries of the log are prepared beside it first and then put in their places one by one, so
that a run that dies is finished by the next, and a reader accepts either form meanwhile.
"""

import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from kcas.calls.store.checksums import checksum
from kcas.calls.store.files import Change, write_file
from kcas.calls.store.read import read_file
from kcas.calls.store.seal import (
    COMPLETE,
    LOG,
    entry,
    finish_rewriting,
    newest_of,
    put_in_place,
    seal,
    staging,
    write_through,
)
from kcas.calls.store.table import Table
from kcas.calls.store.write import LOOSE, Tables, loose_file, put_loose

Action = dict[str, Any]
REWRITTEN = "rewritten"
"""The key in a commit's notes: checksums of the forms this entry had before, by which a published copy knows it."""


def rewrite_rows(
    table: Table, revise: Callable[[pl.DataFrame], pl.DataFrame], *, what: str, numbers: Mapping[str, int]
) -> int:
    """Put other rows in the place of those that `revise` changes. How many data files that took."""
    adds, removes = [], []
    for file in table.files:
        before = read_file(table.folder, file, shape=table.shape)
        after = revise(before)
        if not after.equals(before):
            removes.append(file)
            adds.append(write_file(table.folder, after, shape=table.shape, month=file.month, batch=file.last_batch))
    if removes or numbers:
        notes = {what: len(removes)}
        table.commit(Change(tuple(adds), tuple(removes)), batch=table.batch, notes=notes, numbers=numbers)
    return len(removes)


def rewrite_loose(tables: Tables, revise: Callable[[str], str | None]) -> None:
    """Put other events, or none, in the place of those kept for a call that is not whole yet."""
    folder = tables.folder / "loose"
    for form in {path.name.split(".")[0].rpartition("-")[0] for path in folder.glob("*.parquet")}:
        number = tables.calls.number(LOOSE + form)
        if number is None:
            continue
        before = pl.read_parquet(loose_file(tables.folder, form, number))["event"].to_list()
        after = [event for event in map(revise, before) if event is not None]
        if after != before:
            put_loose(tables.folder, form, number, after)


def rewrite_log(table: Path, revise: Callable[[Action], Action]) -> int:
    """Put other actions in the place of those of past commits that `revise` changes. How many entries that took.

    The newest entry stays as it is, and an action stays one action: readers count both.
    """
    prepared = {}
    for version in range(newest_of(table)):
        content = entry(table, version).read_bytes()
        if (after := rewritten(content, revise)) is not None:
            prepared[entry(table, version).name] = after
    if prepared:
        _prepare(table, prepared)
        finish_rewriting(table)
    return len(prepared)


def rewritten(content: bytes, revise: Callable[[Action], Action]) -> bytes | None:
    """An entry with other actions, and the checksum of what it was; None where nothing changes."""
    before: list[Action] = [json.loads(line) for line in content.splitlines()]
    after = [revise(json.loads(json.dumps(action))) for action in before]
    if after == before:
        return None
    for action in after:
        if "commitInfo" in action:
            notes = action["commitInfo"].setdefault("kcas", {})
            notes[REWRITTEN] = [*notes.get(REWRITTEN, []), checksum(content)]
    return b"".join(json.dumps(action, separators=(",", ":")).encode() + b"\n" for action in after)


def with_notes(action: Action, revise: Callable[[dict[str, Any]], dict[str, Any]]) -> Action:
    """An action of the log with other notes, where it is ours and has any of a file."""
    if "commitInfo" not in action or "file" not in action["commitInfo"].get("kcas", {}):
        return action
    return {"commitInfo": {**action["commitInfo"], "kcas": revise(action["commitInfo"]["kcas"])}}


def _prepare(table: Path, entries: Mapping[str, bytes]) -> None:
    folder = staging(table)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for name, content in entries.items():
        (folder / name).write_bytes(content)
    write_through([folder / name for name in entries])
    put_in_place(folder / COMPLETE, "")


def one_checkpoint(table: Table) -> None:
    """Summarise the log again and delete the sums made before, which hold what has been taken out of it."""
    table.checkpoint()
    for path in _older(table):
        path.unlink(missing_ok=True)
    seal(table.folder, table.version)


def _older(table: Table) -> Iterable[Path]:
    for path in (table.folder / LOG).glob("*.checkpoint*.parquet"):
        if int(path.name.split(".")[0]) < table.version:
            yield path
