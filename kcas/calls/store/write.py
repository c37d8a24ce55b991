"""One act that changes both tables, safe against a power cut.

The commit in the calls table is the act. It names the interval files that belong to it; the intervals table
takes them over in a second commit, which the next writer makes if this one could not.
"""

import glob
import io
import json
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

import kcas
from kcas.calls.store.files import CALLS, INTERVALS, Change, DataFile, checksum, differing, expected, now, reason
from kcas.calls.store.ledger import newest_first
from kcas.calls.store.lock import let_go_for_good, one_writer
from kcas.calls.store.seal import (
    entry,
    finish_rewriting,
    last_whole,
    mark,
    owner_only,
    put_in_place,
    set_aside,
    write_through,
)
from kcas.calls.store.table import Overtaken, Table
from kcas.errors import StoreError

MARK = "kcas-store.json"
LOCK = "writer.lock"
MADE_FIRST = (
    f"{CALLS.name}.sealed", f"{CALLS.name}.sealed.new", f"{INTERVALS.name}.sealed", f"{INTERVALS.name}.sealed.new",
    "scratch", "loose", CALLS.name, INTERVALS.name, f"{MARK}.new", MARK, LOCK,
)  # fmt: skip
"""What is in the folder of a store before its first batch, in the order in which it can go."""

NEW_TABLE = 0
"""The version of a table that was made and holds nothing yet."""

LOOKS = 3
DIGESTS_FROM = LAYOUT = 2
"""The layout of the folder. A store of a later layout is not opened. In the first, references stood in clear."""

KEY, IDENTITIES = "kcas-key", "kcas-identities"
PLAIN, ESCAPED = 1, 2
"""Numbers kept in the log: the fingerprint of the key the tokens were made with, and how the parts of a reference were
joined before they were digested. Where there is none, references stand in the rows as their logs have them."""

FOLLOWED = "kcas-intervals"
LOOSE = "kcas-loose-"
FORGOTTEN = "kcas-forgotten"
"""Numbers kept in the log: the last batch that has interval files, the last that left events of a format, and the
second before which calls have been permanently deleted."""


@dataclass
class Tables:
    """Both tables, open for writing."""

    folder: Path
    calls: Table
    intervals: Table
    repairs: list[str] = field(default_factory=list)

    @property
    def scratch(self) -> Path:
        """A place for what need not last."""
        return self.folder / "scratch"

    def commit(self, calls: Change, intervals: Change, *, notes: Mapping[str, Any], numbers: Mapping[str, int]) -> None:
        """All of both changes or nothing, as the next batch."""
        batch = self.calls.batch + 1
        notes, numbers = dict(notes), dict(numbers)
        if intervals != Change():
            notes |= {"intervals": _told(intervals), "needs": _sizes(intervals)}
            numbers[FOLLOWED] = batch
        self.intervals.write_through(intervals)
        self.calls.commit(calls, batch=batch, notes=notes, numbers=numbers)
        self.follow()

    def follow(self) -> bool:
        """Let the intervals table take over what the last batch brought it. Returns whether there was anything."""
        change = pending(self.calls, self.intervals)
        if change is None:
            return False
        try:
            self.intervals.commit(change, batch=self.calls.number(FOLLOWED) or 0, notes={}, numbers={})
        except Overtaken:  # a writer on another machine did it for us
            self.intervals = Table(self.folder, INTERVALS)
        return True

    def moment(self) -> datetime:
        """Now, but always after the last batch, so that a clock put back cannot shuffle the ledger."""
        last = next((each["committed"] for each in self._notes() if "committed" in each), None)
        return max(now(), datetime.fromisoformat(last) + timedelta(microseconds=1)) if last else now()

    def _notes(self) -> Iterator[dict[str, Any]]:
        return newest_first(self.calls.folder, self.calls.version)


def pending(calls: Table, intervals: Table) -> Change | None:
    """What the calls table has promised the intervals table and it has not yet taken over."""
    promised = calls.number(FOLLOWED) or 0
    if promised <= intervals.batch:
        return None
    entry = next(each for each in newest_first(calls.folder, calls.version) if each.get("batch") == promised)
    return Change(*(tuple(map(DataFile.from_json, entry["intervals"][part])) for part in ("adds", "removes")))


class Opened:
    """Tables left open by a writer, for the next act of the same process to go on with."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._tables: Tables | None = None
        self._stamp: object = None

    def tables(self) -> Tables | None:
        """The tables as they were left; None where there are none, or someone has written since."""
        if self._tables is not None and self._stamp != stamp(self._tables):
            self._tables = None
        return self._tables

    def keep(self, tables: Tables | None) -> None:
        """Leave tables open, or none."""
        self._tables, self._stamp = tables, stamp(tables) if tables else None


def stamp(tables: Tables) -> object:
    """What is another once anybody has written to the tables, or others lie in their place."""
    seen: list[object] = []
    for table in (tables.calls, tables.intervals):
        for path in (entry(table.folder, table.version), entry(table.folder, table.version + 1), mark(table.folder)):
            try:
                status = path.stat()
                seen.append((status.st_ino, status.st_size, status.st_mtime_ns))
            except OSError:
                seen.append(None)
    return seen


@contextmanager
def writing(folder: Path, *, patience: float, opened: Opened | None = None) -> Iterator[Tables]:
    """Hold the store for writing: made if need be, and repaired. Raises StoreError where that cannot be.

    A store that is still without a batch afterwards was made in vain, and is put away again. `opened` saves the opening
    of tables that this process has left open, where no one has written since.
    """
    made: list[bool] = []

    def make() -> None:
        made.append(_make_claimable(folder))

    opened = opened or Opened(folder)
    with owner_only(folder), _disk_errors_said(folder), one_writer(folder / LOCK, patience=patience, before=make):
        try:
            _claim(folder)
            shutil.rmtree(folder / "scratch", ignore_errors=True)
            for shape in (CALLS, INTERVALS):
                finish_rewriting(folder / shape.name)
            tables = opened.tables() or _opened(folder)
            opened.keep(tables)
            yield tables
            tables.repairs = []
            opened.keep(tables)
        except BaseException:
            opened.keep(None)
            raise
        finally:
            shutil.rmtree(folder / "scratch", ignore_errors=True)
            put_away_if_empty(folder, with_folder=any(made))


def put_away_if_empty(folder: Path, *, with_folder: bool) -> None:
    """Leave nothing of a store that holds nothing, while it is held; the mark goes last, for it says what the rest is.

    Anything in the folder that a first reading in vain does not leave is someone's, and the store stays as it is.
    """
    with suppress(OSError, StoreError):
        if last_whole(folder / CALLS.name) > NEW_TABLE or any(folder.glob("*/month=*/*.parquet")):
            return
        if any(path.name not in MADE_FIRST for path in folder.iterdir()):
            return
        for name in MADE_FIRST:
            if (folder / name).is_dir():
                shutil.rmtree(folder / name)
            elif name != LOCK:
                (folder / name).unlink(missing_ok=True)
        let_go_for_good(folder / LOCK)
        if with_folder:
            folder.rmdir()


def _opened(folder: Path) -> Tables:
    repairs = _set_aside(folder)
    tables = Tables(folder, Table(folder, CALLS), Table(folder, INTERVALS), repairs)
    for table in (tables.calls, tables.intervals):
        if table.version < 0:
            table.create()
    if tables.follow():
        repairs.append("Finished what an interrupted run had left half done.")
    return tables


@contextmanager
def _disk_errors_said(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.filename and not Path(str(error.filename)).is_relative_to(folder):
            raise  # what was being read in, not the store
        raise StoreError(f"{folder}: cannot be written: {error.strerror or reason(error)}. Nothing was kept.") from None


def loose_file(folder: Path, format_key: str, batch: int) -> Path:
    """Where the events are kept that a batch of a format left behind. Raises StoreError where they are damaged."""
    name = f"{format_key}-{batch:08d}"
    path = next(iter((folder / "loose").glob(f"{glob.escape(name)}.*parquet")), folder / "loose" / f"{name}.parquet")
    wanted = expected(path.name)
    if not path.exists() or (wanted and differing({path: wanted})):
        raise StoreError(f"{path}: missing or damaged. Restore it from a copy. See what else is: kcas store --check")
    return path


def put_loose(folder: Path, format_key: str, batch: int, events: Sequence[str]) -> None:
    """Keep the events that a batch of a format left behind; the file's name carries its checksum."""
    written = io.BytesIO()
    pl.DataFrame({"event": events}, schema={"event": pl.String}).write_parquet(written)
    path = folder / "loose" / f"{format_key}-{batch:08d}.{checksum(written.getbuffer())}.parquet"
    path.parent.mkdir(exist_ok=True)
    for left in path.parent.glob(f"{glob.escape(path.name.split('.')[0])}.*"):
        left.unlink()  # by a run that died before its commit
    path.write_bytes(written.getbuffer())
    write_through([path])


def is_store(folder: Path) -> bool:
    """Whether there is a store here at all. Raises StoreError where it is a later program's."""
    mark = folder / MARK
    try:
        layout = int(json.loads(mark.read_text(encoding="utf-8"))["layout"])
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (ValueError, KeyError, TypeError):
        raise StoreError(f"{mark}: not the mark of a store. Restore it, or choose another folder.") from None
    except OSError as error:
        raise StoreError(f"{folder}: cannot be read: {error.strerror}.") from None
    if layout > LAYOUT:
        raise StoreError(f"{folder}: written by a later version of kcas. Use that version to open it.")
    return True


def layout_of(folder: Path) -> int:
    """The layout of a store's folder; 0 where there is no store."""
    return int(json.loads((folder / MARK).read_text(encoding="utf-8"))["layout"]) if is_store(folder) else 0


def _make_claimable(folder: Path) -> bool:
    """Make the folder if need be, and tell whether that was so. Raises StoreError where it holds something else."""
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True)
        return True
    for _ in range(LOOKS):
        others = [path for path in folder.iterdir() if path.name not in (MARK, f"{MARK}.new", LOCK)]
        if not others or is_store(folder):
            return False
        time.sleep(0.05)  # another may just be making its store here, or putting it away
    raise StoreError(f"{folder}: holds other things than calls. Name an empty folder, or a new one.")


def _claim(folder: Path) -> None:
    """Make the held folder a store, unless it is one."""
    if not is_store(folder):
        raise_layout(folder)


def raise_layout(folder: Path) -> None:
    """Let no older version write here any more, which would put references in clear beside the digests."""
    mark = {"layout": LAYOUT, "made_by": f"kcas {kcas.__version__}"}
    put_in_place(folder / MARK, json.dumps({**mark, "sha256": _checksum_of(mark)}) + "\n")


def mark_is_sound(mark: Path) -> bool:
    """Whether the mark of a store is as it was written; one of an older kcas holds no checksum and is believed."""
    try:
        content = mark.read_text(encoding="utf-8")
        content_read = json.loads(content)
        given = content_read.pop("sha256", None)
        return given is None or content == json.dumps({**content_read, "sha256": _checksum_of(content_read)}) + "\n"
    except (OSError, ValueError, AttributeError):
        return False


def _checksum_of(mark: Mapping[str, Any]) -> str:
    return checksum(json.dumps(mark).encode())


def _set_aside(folder: Path) -> list[str]:
    into = folder / "set-aside"
    calls = folder / CALLS.name
    moved = set_aside(calls, into=into, whole=last_whole(calls))
    last = Table(folder, CALLS).batch
    intervals = Table(folder, INTERVALS, at_most=last)
    moved += set_aside(intervals.folder, into=into, whole=intervals.version)
    torn = [path for path in moved if path.suffix == ".json"]
    if not torn:
        return []
    were = "1 commit was" if len(torn) == 1 else f"{len(torn)} commits were"
    return [f"{were} torn, by a power cut most likely, and set aside in {into}: read the last files in again."]


def _told(change: Change) -> dict[str, Any]:
    return {part: [file.to_json() for file in getattr(change, part)] for part in ("adds", "removes")}


def _sizes(change: Change) -> dict[str, int]:
    return {f"{INTERVALS.name}/{file.path}": file.size for file in change.adds}
