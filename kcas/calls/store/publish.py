"""Publication of the store to object storage, for other engines to read while it is written here.

Data files go first, then the log's entries in their order: a reader who opens the copy at any time sees a
whole commit. What has been deleted here is deleted there, so that what was forgotten is forgotten everywhere.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kcas.calls.store import damage
from kcas.calls.store.checksums import checksum
from kcas.calls.store.files import CALLS, INTERVALS, Shape
from kcas.calls.store.ledger import notes
from kcas.calls.store.rewriting import REWRITTEN
from kcas.calls.store.seal import LOG, entry
from kcas.calls.store.table import Table
from kcas.errors import StoreError


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

    found = there.get_file_info(FileSelector(root, recursive=True, allow_not_found=True))
    return {each.path[len(root) :].lstrip("/"): each.size for each in found if each.is_file}


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
