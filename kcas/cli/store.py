"""`kcas store` and `kcas forget`: what is stored, its check and repair, and permanent deletion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from kcas.cli.context import open_calls
from kcas.cli.options import Caller, Json, StandardFile, StoreFolder, Zone, the_day, tokens_of_caller
from kcas.cli.printing import count, print_json, print_sentences, print_table
from kcas.errors import SettingError

if TYPE_CHECKING:
    from kcas.calls.store import Batch, Store
    from kcas.desk.standard import Standard

from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from kcas.desk.standard import DEFAULT_STORE
from kcas.errors import StoreError

if TYPE_CHECKING:
    from kcas.calls.store import Checked, Store


def store(
    compact: Annotated[bool, typer.Option("--compact", help="Merge small data files into large ones first.")] = False,
    publish: Annotated[
        str | None,
        typer.Option("--publish", metavar="URL", help="Update a copy for other engines, such as s3://bucket/folder."),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Compare every file with its checksum, and the counts with the rows.")
    ] = False,
    repair: Annotated[
        bool, typer.Option("--repair", help="Remove damaged data files, so that their logs can be imported again.")
    ] = False,
    as_json: Json = False,
    store: StoreFolder = None,
    standard: StandardFile = None,
    zone: Zone = None,
) -> None:
    """List the imported files: when each was imported and what it added."""
    if check:
        checked(store, as_json=as_json)
        return
    if repair:
        repaired(store, as_json=as_json)
        return
    from kcas.ingest.report import of_forgotten_days

    opened = open_calls(store, standard, zone).store
    desk, opened_store = opened.standard, opened.store
    sentences = list(opened_store.recover()) if compact else []
    if compact:
        before, after = opened_store.compact()
        sentences.append(f"Data files before: {before:,}; now: {after:,}.")
    if publish:
        done = opened_store.publish(publish)
        sentences.append(
            f"Published to {publish}: {done.files:,} files, {done.size:,} bytes; deleted: {done.deleted:,}."
        )
    batches = opened_store.batches()
    sentences += [f"{batch.record.name}: {sentence}." for batch in batches
                  if (sentence := of_forgotten_days(batch.added.forgotten))]  # fmt: skip
    forgotten = opened_store.forgotten_before()
    if forgotten:
        local = forgotten.astimezone(ZoneInfo(desk.time_zone)).date()
        sentences.append(f"Calls before {local:%d %B %Y} have been permanently deleted; their figures are kept.")
    if as_json:
        rows = [as_document(batch) for batch in batches]
        print_json(
            {"store": str(opened_store.folder), "version": opened_store.version(), "files": rows, "notes": sentences}
        )
        return
    print_table(
        str(opened_store.folder),
        headings=("taken in", "file", "format", "lines", "new", "held", "superseded", "refused", "from", "to"),
        rows=[as_cells(batch, desk) for batch in batches],
        beneath=(f"Files taken in: {len(batches):,}.", *sentences),
    )


def as_document(batch: Batch) -> dict[str, Any]:
    """A line of the ledger for a program."""
    record, added = batch.record, batch.added
    return {
        "batch": batch.number,
        "committed": batch.committed,
        "file": record.name,
        "sha256": record.sha256,
        "size": record.size,
        "format": record.format,
        "lines": record.lines,
        "new": added.new,
        "already_held": added.already_held,
        "superseded": added.superseded,
        "forgotten": added.forgotten,
        "refused": record.refused,
        "refusals": record.refusals,
        "warnings": record.warnings,
        "from": added.first,
        "to": added.last,
    }


def as_cells(batch: Batch, desk: Standard) -> tuple[str, ...]:
    """A line of the ledger for a person."""
    record, added = batch.record, batch.added
    moments = [
        f"{moment.astimezone(ZoneInfo(desk.time_zone)):%Y-%m-%d %H:%M}" if moment else ""
        for moment in (added.first, added.last)
    ]
    return (
        f"{batch.committed.astimezone(ZoneInfo(desk.time_zone)):%Y-%m-%d %H:%M:%S}",
        record.name,
        record.format,
        *map(count, (record.lines, added.new, added.already_held, added.superseded, record.refused)),
        *moments,
    )


def forget(
    before: Annotated[
        str | None, typer.Option("--before", help="First day whose calls stay, such as 2024-04-01.")
    ] = None,
    caller: Caller = None,
    now: Annotated[bool, typer.Option("--now", help="Delete the files immediately; stop the dashboard first.")] = False,
    as_json: Json = False,
    store: StoreFolder = None,
    standard: StandardFile = None,
    zone: Zone = None,
) -> None:
    """Permanently delete calls before a date, or remove one caller from every call; all figures stay."""
    if (before is None) == (caller is None):
        raise SettingError("Say either --before DAY or --caller NUMBER: which days, or which caller, to forget.")
    opened = open_calls(store, standard, zone).store
    desk, opened_store = opened.standard, opened.store
    if caller is not None:
        forget_caller(opened_store, desk, caller, now=now, as_json=as_json)
        return
    first_kept = the_day(before or "", option="--before")
    thresholds = {desk.short, desk.within, *(each.short for each in desk.thresholds.values())}
    done = opened_store.forget(
        first_kept, zone=desk.time_zone, begins=desk.day_begins, thresholds=sorted(thresholds), at_once=now
    )
    if as_json:
        print_json(done.__dict__)
        return
    print_sentences(
        (
            f"Rows of calls before {first_kept:%d %B %Y} permanently deleted, corrected ones included: {done.calls:,}.",
            f"Rows of half-hourly and daily figures kept in their place, none of a person: {done.tallies:,}.",
            disk(done.files_deleted, done.files_waiting),
        )
    )


def forget_caller(opened_store: Store, desk: Standard, caller: str, *, now: bool, as_json: bool) -> None:
    """Take one caller out of every call that is kept."""
    from kcas.importing.tokens import bring_up_to_date

    redactor, tokens = tokens_of_caller(opened_store, desk, caller)
    bring_up_to_date(opened_store, redactor)
    digests = [redactor.erasure(token) for token in tokens]
    done = opened_store.erase(tokens, digests, zone=desk.time_zone, begins=desk.day_begins, at_once=now)
    if as_json:
        print_json(done.__dict__)
        return
    print_sentences(
        (
            f"Rows of calls that no longer bear this caller, corrected ones included: {done.calls:,}. They are "
            "counted as before; each day's distinct callers too.",
            "No token of this caller is kept again, whatever logs are read. The logs themselves, copies and backups "
            "are for you to deal with.",
            disk(done.files_deleted, done.files_waiting),
        )
    )


def disk(deleted: int, waiting: int) -> str:
    """What is off the disk, and what will be when."""
    if waiting:
        return (
            f"Data files that hold them still: {waiting:,}. They no longer count, and go an hour from now, with the "
            "next `kcas store --compact` or ingest, when no reader can have them open; --now deletes them at once."
        )
    return f"Data files deleted from the disk: {deleted:,}."


DAMAGED = 1
"""The exit of a check that found damage."""


def checked(folder: Path | None, *, as_json: bool) -> None:
    """Check everything, say what is damaged, and end with exit 1 where anything is."""
    from kcas.calls.store import Damage
    from kcas.monitoring.rebasing import FILE, Rebasings

    opened_store = _store(folder)
    result = opened_store.check()
    record = opened_store.folder / FILE
    if record.exists():
        why = Rebasings(opened_store.folder).damage()
        more = (Damage(FILE, why),) if why else ()
        result = replace(
            result, files=result.files + 1, size=result.size + record.stat().st_size, damaged=(*result.damaged, *more)
        )
    if as_json:
        print_json(
            {
                "files": result.files,
                "bytes": result.size,
                "damaged": [asdict(each) for each in result.damaged],
                "not_verifiable": list(result.not_verifiable),
                "tallies_equal": result.tallies_equal,
                "differing": list(result.differing),
            }
        )
    else:
        _show(result, opened_store.folder)
    if result.damaged or not result.tallies_equal:
        raise typer.Exit(DAMAGED)


def repaired(folder: Path | None, *, as_json: bool) -> None:
    """Take damaged data files out and say which logs to read again."""
    done = _store(folder).repair()
    if as_json:
        print_json(asdict(done))
    elif not done.files:
        print_sentences(("No data file is damaged; nothing was changed.",))
    else:
        print_sentences(
            (
                f"Damaged data files taken out, and kept in set-aside: {len(done.files):,}.",
                "Until their logs are read again, figures are without these rows. Read again, in this order:",
                *(f"  {name}" for name in done.read_again),
            )
        )


def _store(folder: Path | None) -> Store:
    from kcas.calls.store import Store

    opened_store = Store(folder or DEFAULT_STORE)
    if not opened_store.folder.is_dir() or not any(opened_store.folder.iterdir()):
        raise StoreError(f"{opened_store.folder}: no calls are kept here yet. Import a log first: kcas ingest LOG")
    return opened_store


def _show(result: Checked, folder: Path) -> None:
    sentences = [f"Files checked: {result.files:,}, of {result.size:,} bytes. Damaged: {len(result.damaged):,}."]
    if result.not_verifiable:
        sentences.append(
            f"Not verifiable, as they were written without a checksum: {len(result.not_verifiable):,}. They could be "
            "read. `kcas store --compact` gives them one."
        )
    if result.tallies_equal:
        sentences.append("Every log's counts are the numbers of rows that the data files hold.")
    sentences += result.differing
    if not result.damaged:
        print_sentences(sentences, title=str(folder))
        return
    print_table(
        str(folder),
        headings=("damaged", "why", "read again"),
        rows=[(each.file, each.why, ", ".join(each.read_again) or "restore from a copy") for each in result.damaged],
        beneath=(*sentences, "Restore these files from a copy, or: kcas store --repair, and read the logs again."),
    )
