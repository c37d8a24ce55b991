"""`kcas doctor`: whether this installation, its folders, key, store and services are as they should be."""

from __future__ import annotations

import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from kcas import __version__
from kcas.api.store import CallStore, open_store
from kcas.cli.dashboard import PORT
from kcas.cli.options import Json, StandardFile, StoreFolder, Zone
from kcas.cli.printing import print_json, print_sentences
from kcas.cli.watch import SILENT, heartbeat
from kcas.desk.standard import DEFAULT_STORE
from kcas.errors import KcasError

if TYPE_CHECKING:
    from kcas.calls.store import Batch, Store

OLDEST_PYTHON = (3, 11)
LEAST_FREE = 2**30  # bytes: a month's logs, their import and a pack fit in it
LONGEST_ANSWER = 2.0  # seconds that a dashboard on this machine may take
MARKS = {True: "ok", False: "NOT OK", None: "–"}


@dataclass(frozen=True)
class Check:
    """One thing looked at; `ok` is None where there is nothing to judge yet."""

    name: str
    ok: bool | None
    words: str


def doctor(
    port: Annotated[int, typer.Option("--port", min=1, max=65535, help="Port of the dashboard.")] = PORT,
    as_json: Json = False,
    store: StoreFolder = None,
    standard: StandardFile = None,
    zone: Zone = None,
) -> None:
    """Check the installation: Python, settings, store, key, folders, disk, clock, port and watch; exits 1 if not ok."""
    checks = list(_checks(store or DEFAULT_STORE, standard, zone, port=port))
    good = all(each.ok is not False for each in checks)
    if as_json:
        print_json({"version": __version__, "ok": good, "checks": [asdict(each) for each in checks]})
    else:
        widest = max(len(each.name) for each in checks)
        print_sentences(
            [f"{MARKS[each.ok]:<6}  {each.name:<{widest}}  {each.words}" for each in checks],
            title=f"kcas {__version__}: {'all is well.' if good else 'something needs your attention.'}",
        )
    if not good:
        raise typer.Exit(1)


def _checks(folder: Path, standard: Path | None, zone: str | None, *, port: int) -> Iterator[Check]:
    """Every check in the order in which one would mend things."""
    yield _python()
    try:
        opened = open_store(folder, standard=standard, zone=zone)
    except KcasError as error:
        yield Check("settings", False, str(error))
        opened = open_store(folder)
    else:
        yield Check("settings", True, f"{opened.standard.name}; what counts is {opened.standard.definition}.")
    for name, look in _LOOKS.items():
        yield _looked(name, look, opened)
    yield _port(port)


def _looked(name: str, look: Callable[[CallStore], Check], opened: CallStore) -> Check:
    """A check, or why it could not be made."""
    try:
        return look(opened)
    except (KcasError, OSError) as error:
        return Check(name, False, str(error))


def _python() -> Check:
    bits = 64 if sys.maxsize > 2**32 else 32
    words = f"Python {sys.version.split()[0]}, {bits}-bit."
    if sys.version_info[:2] < OLDEST_PYTHON or bits < 64:
        return Check("Python", False, f"{words} Expected 3.11 or later, 64-bit.")
    return Check("Python", True, words)


def _clock(opened: CallStore) -> Check:
    """The clock of the machine, which must not be before the newest import."""
    now, zone = datetime.now(UTC), opened.standard.time_zone
    words = f"{now.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} in {zone}."
    newest = max((batch.committed for batch in _batches(opened.store)), default=now)
    if newest > now:
        return Check("clock", False, f"{words} That is before the newest import ({newest:%Y-%m-%d %H:%M} UTC).")
    return Check("clock", True, words)


def _store(opened: CallStore) -> Check:
    """The store: readable, and its last commit whole."""
    store = opened.store
    if not store.exists:
        return Check("store", None, f"{store.folder}: no calls are kept here yet.")
    if warnings := store.warnings():
        return Check("store", False, " ".join(warnings))
    batches, calls = _batches(store), opened.calls().collect().height
    return Check(
        "store", True, f"{store.folder}: {calls:,} calls from {len(batches):,} files; its last commit is whole."
    )


def _newest(opened: CallStore) -> Check:
    """When a file was last imported: whether that is late, only the person knows."""
    batches = _batches(opened.store)
    if not batches:
        return Check("newest import", None, "none yet.")
    newest = max(batches, key=lambda batch: batch.committed)
    when = newest.committed.astimezone(ZoneInfo(opened.standard.time_zone))
    return Check("newest import", True, f"{newest.record.name}, {when:%Y-%m-%d %H:%M}.")


def _batches(store: Store) -> list[Batch]:
    return store.batches() if store.exists else []


def _folder(opened: CallStore) -> Check:
    """Whether the store's folder can be written to, or made."""
    folder = opened.store.folder.absolute()
    here = next(each for each in (folder, *folder.parents) if each.is_dir())
    return _writable("folder of the store", here)


def _temporary(opened: CallStore) -> Check:
    """Whether running jobs and uploads have a place."""
    return _writable("temporary folder", Path(tempfile.gettempdir()))


def _writable(name: str, folder: Path) -> Check:
    with tempfile.TemporaryFile(mode="w+b", dir=folder) as file:
        file.write(b"kcas")
    return Check(name, True, f"{folder} can be written to.")


def _disk(opened: CallStore) -> Check:
    """Whether there is room for the next imports."""
    folder = opened.store.folder.absolute()
    here = next(each for each in (folder, *folder.parents) if each.is_dir())
    free = shutil.disk_usage(here).free
    words = f"{free / 2**30:,.1f} GiB free."
    if free < LEAST_FREE:
        return Check("disk", False, f"{words} Expected {LEAST_FREE / 2**30:g} GiB at least.")
    return Check("disk", True, words)


def _key(opened: CallStore) -> Check:
    """The key: in its place, private, outside the store, and the one that the store was written with."""
    from kcas.ingest.keys import fingerprint_of, key_path, read_key

    path, store = key_path(), opened.store
    if not path.exists():
        if store.exists and store.key:
            return Check("key", False, f"{path}: there is none, but the store was written with {store.key}.")
        return Check("key", None, f"{path}: none yet; the first import makes it.")
    here = fingerprint_of(read_key(path, make=False))
    if store.owns(path):
        return Check("key", False, f"{path}: it is inside the store. Expected another folder.")
    if store.exists and store.key not in (None, here):
        return Check("key", False, f"{path}: {here}, but the store was written with {store.key}.")
    return Check("key", True, f"{path}: {here}.")


def _kernel(opened: CallStore) -> Check:
    """Whether simulations start at once, or compile first."""
    from kcas.simulation.engines.kernel_folder import is_ready, kernel_folder

    if is_ready():
        return Check("simulation code", True, f"compiled, in {kernel_folder()}.")
    return Check("simulation code", None, "not compiled yet; the first simulation of some size compiles it.")


def _faults(opened: CallStore) -> Check:
    """Whether kcas has had an error of its own."""
    record = opened.store.folder.with_name(f"{opened.store.folder.name}-faults.log")
    if record.exists():
        return Check(
            "program errors", False, f"{record} records some. Send it with a report; it holds no word of a log."
        )
    return Check("program errors", True, "none recorded.")


def _watch(opened: CallStore) -> Check:
    """Whether `kcas watch` still looks at its folder."""
    beat = heartbeat(opened.store)
    if not beat.exists():
        return Check("watch", None, "none is at work on this store.")
    silent = time.time() - beat.stat().st_mtime
    if silent > SILENT:
        return Check(
            "watch", False, f"it last looked {silent / 60:,.0f} minutes ago. Start it again, or delete {beat}."
        )
    return Check("watch", True, f"it looked {silent:,.0f} seconds ago.")


def _port(port: int) -> Check:
    """Whether a dashboard answers there, or could."""
    import http.client

    with socket.socket() as probe:
        probe.settimeout(LONGEST_ANSWER)
        if probe.connect_ex(("127.0.0.1", port)):
            return Check("port", None, f"{port}: free; no dashboard runs there.")
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=LONGEST_ANSWER)
    try:
        asked.request("GET", "/_stcore/health")
        healthy = asked.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        healthy = False
    finally:
        asked.close()
    if healthy:
        return Check("port", True, f"{port}: a dashboard answers.")
    return Check("port", False, f"{port}: another program has it. Choose another with --port.")


_LOOKS: dict[str, Callable[[CallStore], Check]] = {
    "clock": _clock, "folder of the store": _folder, "temporary folder": _temporary, "disk": _disk, "store": _store,
    "newest import": _newest, "key": _key, "simulation code": _kernel, "watch": _watch, "program errors": _faults,
}  # fmt: skip
