"""Rewriting of what a store already holds: rows, loose events, and what past commits said.

For what the law wants gone and for stores of older versions; every other writer only adds. Rows are rewritten by a
commit like any other. Entries of the log are prepared beside it first and then put in their places one by one, so
that a run that dies is finished by the next, and a reader accepts either form meanwhile.

Compaction of small data files, and removal of files that no reader needs.

Small files of a month become large ones, in the order of their moments. A file that no longer counts stays
an hour for the readers that have just opened it.

Publication of the store to object storage, for other engines to read while it is written here.

Data files go first, then the log's entries in their order: a reader who opens the copy at any time sees a
whole commit. What has been deleted here is deleted there, so that what was forgotten is forgotten everywhere.
"""

import json
import shutil
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from kcas.calls.store import damage
from kcas.calls.store.files import CALLS, INTERVALS, Change, DataFile, Shape, checksum, write_file
from kcas.calls.store.ledger import notes
from kcas.calls.store.read import read_file
from kcas.calls.store.seal import (
    COMPLETE,
    LOG,
    entry,
    finish_rewriting,
    newest_of,
    put_in_place,
    read_entry,
    seal,
    staging,
    write_through,
)
from kcas.calls.store.table import Table
from kcas.calls.store.write import LOOSE, Tables, loose_file, put_loose
from kcas.errors import StoreError
from kcas.systems import InUse, remove

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


_SMALL = 100_000
LARGE = 1_000_000
"""Rows. A large file takes some 300 MB while it is made."""

MANY = 16
"""So many small files in a month are made into large ones without being asked."""

VERSIONS_A_CHECKPOINT = 50
VERSIONS_A_SWEEP = 10
READERS_HAVE = 3600.0


def tidy(tables: Tables) -> None:
    """What every writer does once its own work is committed: nothing, most of the time."""
    if tables.calls.due(VERSIONS_A_SWEEP):
        sweep_loose(tables, older_than=READERS_HAVE)
    for table in (tables.calls, tables.intervals):
        crowded = [files for files in _small_by_month(table.files) if len(files) >= MANY]
        if crowded:
            merge(table, crowded)
        if crowded or table.due(VERSIONS_A_SWEEP):
            sweep(table, older_than=READERS_HAVE)
        if table.due(VERSIONS_A_CHECKPOINT):
            table.checkpoint()
        table.tidied = table.version


def compact(tables: Tables) -> tuple[int, int]:
    """Make every month's small files into large ones. Returns how many files there were and are.

    Raises StoreError where a data file is damaged, also one that need not be merged.
    """
    for table in (tables.calls, tables.intervals):
        damage.check(table.folder, table.files, shape=table.shape)
    sweep_loose(tables, older_than=READERS_HAVE)
    before = len(tables.calls.files) + len(tables.intervals.files)
    for table in (tables.calls, tables.intervals):
        merge(table, [files for files in _small_by_month(table.files) if len(files) > 1])
        give_checksums(table)
        sweep(table, older_than=READERS_HAVE)
        table.checkpoint()
    return before, len(tables.calls.files) + len(tables.intervals.files)


def merge(table: Table, months: Sequence[Sequence[DataFile]]) -> None:
    """Commit larger files in the place of small ones: the same rows, in the order of their moments."""
    groups = [group for files in months for group in _portions(files)]
    if not groups:
        return
    adds = tuple(_merged(table.folder, group, shape=table.shape) for group in groups)
    change = Change(adds, tuple(file for group in groups for file in group))
    notes = {"compacted": len(change.removes)}
    table.commit(change, batch=table.batch, notes=notes, numbers={}, same_rows=True)


def give_checksums(table: Table) -> None:
    """Write the files of older stores and other engines again, under names that carry their checksums."""
    for file in [file for file in table.files if file.sha256 is None and file.rows]:
        again = _merged(table.folder, [file], shape=table.shape)
        notes = {"given checksums": 1}
        table.commit(Change((again,), (file,)), batch=table.batch, notes=notes, numbers={}, same_rows=True)


def sweep(table: Table, *, older_than: float) -> int:
    """Delete data files that have not counted for so many seconds, and those of writers that died."""
    before = time.time() - older_than
    keep = {file.path for file in table.files} | set(_removed_since(table, before))
    gone = [
        path
        for path in table.folder.glob("month=*/*.parquet")
        if path.relative_to(table.folder).as_posix() not in keep and path.stat().st_mtime <= before
    ]
    return sum(map(_deleted, gone))


def sweep_loose(tables: Tables, *, older_than: float) -> None:
    """Delete events kept for a call that has since been told whole, or that a later file keeps again."""
    before = time.time() - older_than
    for path in (tables.folder / "loose").glob("*.parquet"):
        form, _, number = path.name.split(".")[0].rpartition("-")
        if int(number) != tables.calls.number(LOOSE + form) and path.stat().st_mtime <= before:
            _deleted(path)


def _deleted(path: Path) -> bool:
    """Whether a file is gone; one that a reader holds open, on Windows, stays until the next sweep."""
    try:
        remove(path)
    except InUse:
        return False
    return True


def _small_by_month(files: Sequence[DataFile]) -> list[list[DataFile]]:
    months: defaultdict[str, list[DataFile]] = defaultdict(list)
    for file in files:
        if file.rows < _SMALL:
            months[file.month].append(file)
    return list(months.values())


def _portions(files: Sequence[DataFile]) -> Iterator[list[DataFile]]:
    portion: list[DataFile] = []
    for file in sorted(files, key=lambda each: (each.first, each.path)):
        if portion and sum(each.rows for each in portion) + file.rows > LARGE:
            yield portion
            portion = []
        portion.append(file)
    if len(portion) > 1:
        yield portion


def _merged(folder: Path, files: Sequence[DataFile], *, shape: Shape) -> DataFile:
    frame = pl.concat(read_file(folder, file, shape=shape) for file in files).sort(shape.moment, maintain_order=True)
    batch = max(file.last_batch for file in files)
    return write_file(folder, frame, shape=shape, month=files[0].month, batch=batch)


def _removed_since(table: Table, moment: float) -> Iterator[str]:
    for version in range(table.version, -1, -1):
        actions = read_entry(entry(table.folder, version)) or []
        removed = [action["remove"] for action in actions if "remove" in action]
        yield from (each["path"] for each in removed if each["deletionTimestamp"] / 1000 >= moment)
        if any(action["commitInfo"]["timestamp"] / 1000 < moment for action in actions if "commitInfo" in action):
            return


@dataclass(frozen=True)
class Published:
    """What a publication did."""

    files: int  # data files and log entries copied
    size: int  # bytes of them
    deleted: int  # files removed there because they are gone here


def publish(folder: Path, url: str) -> Published:
    """Bring a copy up to date at an address like s3://bucket/folder. Raises StoreError where it cannot be."""
    from pyarrow import ArrowException
    from pyarrow.fs import FileSystem

    try:
        there, root = FileSystem.from_uri(url)
        done = [_publish(folder, shape, there=there, root=f"{root}/{shape.name}") for shape in (INTERVALS, CALLS)]
    except (ArrowException, OSError) as error:
        raise StoreError(f"{url}: cannot be published to: {str(error).splitlines()[0]}") from None
    return Published(*(sum(getattr(each, name) for each in done) for name in ("files", "size", "deleted")))


def _publish(folder: Path, shape: Shape, *, there: Any, root: str) -> Published:
    table = Table(folder, shape)
    damage.check(table.folder, table.files, shape=shape)
    held = _held(there, root)
    old = _rewritten_since(table, held, there=there, root=root)
    copied = [path for path in _wanted(table) if path not in held or path in old]
    if any("checkpoint" in path for path in copied):
        copied.append(f"{LOG}/_last_checkpoint")
    for path in copied:
        _copy(table.folder / path, there=there, to=f"{root}/{path}")
    gone = (path for path in held if path.startswith("month=") or ".checkpoint" in path)
    deleted = [path for path in gone if not (table.folder / path).exists()]
    for path in deleted:
        there.delete_file(f"{root}/{path}")
    return Published(len(copied), sum((table.folder / path).stat().st_size for path in copied), len(deleted))


def _held(there: Any, root: str) -> dict[str, int]:
    """What is there already, by its path in the table, and how large it is."""
    from pyarrow.fs import FileSelector

    entries = there.get_file_info(FileSelector(root, recursive=True, allow_not_found=True))
    return {each.path[len(root) :].lstrip("/"): each.size for each in entries if each.is_file}


def _wanted(table: Table) -> Iterator[str]:
    """The data files that count, then every commit in order, then the last sum of them, which is quicker to read."""
    yield from (file.path for file in table.files)
    for version in range(table.version + 1):
        yield entry(table.folder, version).relative_to(table.folder).as_posix()
    yield from sorted(f"{LOG}/{path.name}" for path in (table.folder / LOG).glob("*.checkpoint.parquet"))[-1:]


def _rewritten_since(table: Table, held: Mapping[str, int], *, there: Any, root: str) -> set[str]:
    """The commits that are there in a form they had here before something was taken out of them.

    Raises StoreError where what is there was not copied from here: a commit we do not have, or have otherwise.
    """
    old = set()
    for path, size in held.items():
        if not (path.startswith(LOG) and path.endswith(".json")):
            continue
        ours = table.folder / path
        forms = notes(table.folder, int(ours.stem)).get(REWRITTEN, []) if ours.exists() else []
        if ours.exists() and not forms and ours.stat().st_size == size:
            continue
        with there.open_input_stream(f"{root}/{path}") as stream:
            theirs = checksum(stream.read())
        if not ours.exists() or theirs not in (checksum(ours.read_bytes()), *forms):
            raise StoreError(f"{root}/{path}: not from this store. Publish to an empty place.")
        if theirs in forms:
            old.add(path)
    return old


def _copy(path: Path, *, there: Any, to: str) -> None:
    if there.type_name == "local":  # an object store has no folders
        there.create_dir(to.rpartition("/")[0], recursive=True)
    with there.open_output_stream(to) as stream:
        stream.write(path.read_bytes())
