"""`kcas watch`: files that arrive in a folder, and a log that grows there, become calls as they come."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kcas.cli.ingest import Timezone, import_sentences, native_messages_hidden
from kcas.cli.options import Json, StandardFile, StoreFolder, Zone
from kcas.cli.printing import count, print_json
from kcas.desk.standard import DEFAULT_STORE, read_standard
from kcas.errors import KcasError, LogError, StoreError

if TYPE_CHECKING:
    from kcas.calls.store import Store
    from kcas.desk.standard import Standard
    from kcas.importing.run import ImportRequest
    from kcas.importing.watch import Rest
    from kcas.ingest.report import FileReport

Folder = Annotated[Path, typer.Argument(help="Folder in which logs arrive or grow.", show_default=False)]
Every = Annotated[float, typer.Option("--every", help="Seconds between reads of a growing log.")]
Settle = Annotated[
    float, typer.Option("--settle", help="Seconds without change after which a file counts as complete.")
]
Once = Annotated[bool, typer.Option("--once", help="Import what is there, then stop.")]

LOOK = 1.0
"""Seconds between two looks at the folder."""
SILENT = 600.0
"""Seconds without a look after which a watch is no longer at work; one large log may take minutes."""


def heartbeat(store: Store) -> Path:
    """The file next to the store whose time of change is the last look of a watch; it goes when the watch ends."""
    return store.folder.with_name(f"{store.folder.name}-watch")


def watch(
    folder: Folder,
    every: Every = 30.0,
    settle: Settle = 5.0,
    once: Once = False,
    timezone: Timezone = None,
    as_json: Json = False,
    store: StoreFolder = None,
    standard: StandardFile = None,
    zone: Zone = None,
) -> None:
    """Watch a folder and import new and growing logs until stopped; a restart continues where it ended."""
    if not folder.is_dir():
        raise LogError(f"{folder}: there is no such folder to watch.")
    desk = read_standard(standard, zone=zone)
    from kcas.calls.store import Store
    from kcas.importing.run import ImportRequest
    from kcas.importing.watch import Rest

    calls, asked, rest = Store(store or DEFAULT_STORE), ImportRequest(zone=timezone), Rest()
    if sys.stdout.isatty() and not once:
        print(f"Watching {folder}. Stop with Ctrl-C; started again, it goes on where it was.")
    grown, errors = -every, dict[str, str | None]()
    with suppress(KeyboardInterrupt), native_messages_hidden(), beating(calls, beats=not once) as beat:
        while True:
            beat()
            now = time.monotonic()
            due = once or now - grown >= every
            grown = now if due else grown
            for report in poll(folder, calls, desk, asked=asked, rest=rest, settle=0 if once else settle, due=due):
                if not report.error or errors.get(report.file) != report.error:  # the same error is told once
                    print_report(report, as_json=as_json)
                errors[report.file] = report.error
            if once:
                return
            time.sleep(min(LOOK, every))


@contextmanager
def beating(store: Store, *, beats: bool) -> Iterator[Callable[[], None]]:
    """Keeps the heartbeat while a watch is at work, where it can be written."""
    path = heartbeat(store)

    def beat() -> None:
        with suppress(OSError):
            path.touch()

    try:
        yield beat if beats else lambda: None
    finally:
        if beats:
            with suppress(OSError):
                path.unlink(missing_ok=True)


def poll(
    folder: Path, store: Store, desk: Standard, *, asked: ImportRequest, rest: Rest, settle: float, due: bool
) -> Iterator[FileReport]:
    """What became of the files that are whole, and of what growing logs have gained if that is due.

    Whatever goes wrong, with a file or with the folder, is a report: the next look may do better.
    """
    from kcas.ingest.report import STOPS, FaultRecord, FileReport
    from kcas.ingest.unpacking import printable

    name = printable(folder.name)
    try:
        yield from poll_when_possible(folder, store, desk, asked=asked, rest=rest, settle=settle, due=due)
    except STOPS:
        raise
    except (LogError, StoreError) as error:  # the disk, or another program at the store
        yield FileReport(name, error=str(error))
    except BaseException as error:  # a library may raise past Exception
        yield FileReport(name, error=FaultRecord(store.folder).words(error, name=name))


def poll_when_possible(
    folder: Path, store: Store, desk: Standard, *, asked: ImportRequest, rest: Rest, settle: float, due: bool
) -> Iterator[FileReport]:
    """What one look at the folder brings, while nothing is wrong with the folder or the store."""
    from kcas.importing.run import import_files, import_tail
    from kcas.importing.watch import at_rest, files_in, tails
    from kcas.ingest.formats.asterisk.queue_log import AsteriskQueueLog
    from kcas.ingest.report import FaultRecord, FileReport
    from kcas.ingest.unpacking import printable

    form, now, faults, wrong = AsteriskQueueLog(), time.monotonic(), FaultRecord(store.folder), list[FileReport]()

    def failed(path: Path, error: BaseException) -> None:
        name = printable(path.name)
        words = str(error) if isinstance(error, KcasError) else faults.words(error, name=name)
        wrong.append(FileReport(name, error=words))

    files = files_in(folder, leave_out=store.owns)
    whole = at_rest(files, rest=rest, now=now, settle=settle, grows=form.claims, failed=failed)
    growing = files if due else []
    for tail in tails(growing, grows=form.claims, places=store.position, rest=rest, now=now, failed=failed):
        yield import_tail(tail, form, store=store, standard=desk, asked=asked)
    yield from wrong
    if not whole:
        return
    try:
        reports = import_files(whole, store=store, standard=desk, asked=asked)
    except StoreError:
        rest.hand_back(whole)
        raise
    if any(report.store_failed for report in reports):
        rest.hand_back(whole)  # those that were kept will be found to have been read
    yield from reports


def print_report(report: FileReport, *, as_json: bool) -> None:
    """One line for each reading."""
    if as_json:
        print_json(report.to_json())
        sys.stdout.flush()
    elif report.error:
        print(report.error, flush=True)
    elif report.lines and report.new + report.superseded + report.refused + report.forgotten:
        new = f"{count(report.new)} new calls, {count(report.superseded)} completed"
        print(f"{report.file}: {count(report.lines)} lines, {new}, {count(report.refused)} refused.", flush=True)
        for sentence in import_sentences(report) if report.refused or report.forgotten else ():
            print(f"  {sentence}", flush=True)
