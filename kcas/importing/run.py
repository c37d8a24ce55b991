"""Import of files: each is recognised, read, and stored whole or not at all.

The only place that knows both how logs are read and where calls are kept.
"""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from kcas.calls.store import Batch, Record, Store
from kcas.calls.store.table import Overtaken
from kcas.desk.standard import Standard
from kcas.errors import AccountError, KcasError, LogError, SettingError, StoreError
from kcas.importing.kept_mappings import KeptMapping, changed_log, changes_of, kept_mappings
from kcas.importing.tokens import PLAIN, bring_up_to_date, pseudonymised, redactor_for
from kcas.importing.watch import Tail
from kcas.ingest.folder_entries import Beginning, entries_in, read_ahead
from kcas.ingest.formats import formats
from kcas.ingest.keys import key_path
from kcas.ingest.log_format import (
    Carried,
    LogFormat,
    NotALog,
    ReadSettings,
    Refusal,
    TellsItsBeginning,
    UnknownFormat,
    recognise,
)
from kcas.ingest.mapped import Mapped
from kcas.ingest.mapping import read_mapping
from kcas.ingest.moments import zone_named
from kcas.ingest.reading import Log
from kcas.ingest.report import STOPS, FaultRecord, FileReport, span
from kcas.ingest.unpacking import LIMITS, ChangedWhileRead, Limits, printable, sources

_OURS = Standard().time_zone
TRIES = 3
WORTH_A_THREAD = 1 << 20
"""Bytes of a log from which reading the next stretch while the last is kept saves time."""
LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class ImportRequest:
    """How the files are to be read, where it is not left to the formats and the standard."""

    format: str | None = None
    mapping: Path | None = None
    zone: str | None = None
    strict: bool = False
    key_file: Path | None = None
    limits: Limits = LIMITS
    progress: Callable[[str, int, int], None] = lambda name, done, total: None  # file, bytes done, bytes in all
    refused: Callable[[str, Sequence[Refusal]], None] = lambda name, refusals: None  # told of every refused line


@dataclass(frozen=True)
class RecognisedLog:
    """One log that was handed over, recognised."""

    log: Log
    form: LogFormat
    first: datetime
    written: float = 0.0  # when the file was last written to
    positions: Callable[[], Mapping[str, int]] = dict  # where a growing log has been read to, once this is kept


@dataclass(frozen=True)
class Door:
    """What every file meets on its way in."""

    store: Store
    settings: ReadSettings
    asked: ImportRequest
    zone: str  # of the desk, for what is told to people

    @cached_property
    def faults(self) -> FaultRecord:
        """Where a fault of ours is written down."""
        return FaultRecord(self.store.folder)

    @cached_property
    def mapping_mark(self) -> str:
        """A mark of the mapping's content."""
        return sha256(self.asked.mapping.read_bytes()).hexdigest()[:12] if self.asked.mapping else ""

    @cached_property
    def sizes_held(self) -> set[int]:
        """Sizes of the files read before. Another size is another file, and need not be read to be told apart."""
        return {batch.record.size for batch in self.store.batches()}


def import_files(
    paths: Sequence[Path], *, store: Store, standard: Standard, asked: ImportRequest | None = None
) -> list[FileReport]:
    """Read files and folders into the store, earliest first; a file that cannot be kept says so in its report.

    Raises SettingError or StoreError where no file can be read at all.
    """
    asked = asked or ImportRequest()
    door = Door(store, settings_of(standard, asked, store=store), asked, standard.time_zone)
    known = formats_asked(asked, door.store)
    reports: list[FileReport] = []
    handed: list[RecognisedLog] = []
    for log, found in logs_in(paths, door, reports=reports):
        with told_in(reports, log.name, door, found=found):
            handed.append(recognised_log(log, known, door))
    in_order = sorted(handed, key=lambda one: (one.first, one.written, one.log.name))
    for number, one in enumerate(in_order):
        try:
            with told_in(reports, one.log.name, door):
                reports.append(import_log(one, door))
        except StoreError as error:
            if not reports:
                raise
            reports += [FileReport(left.log.name, error=str(error), store_failed=True) for left in in_order[number:]]
            break
    return reports


@contextmanager
def told_in(reports: list[FileReport], name: str, door: Door, *, found: bool = False) -> Iterator[None]:
    """Let whatever goes wrong with one file be that file's report; only the store's own errors end the others too."""
    try:
        yield
    except Overtaken as error:
        reports.append(FileReport(name, error=str(error), store_failed=True))
    except (*STOPS, StoreError, SettingError):
        raise
    except BaseException as error:  # a library may raise past Exception
        reports.append(failed(name, error, door=door, found=found))


def failed(name: str, error: BaseException, *, door: Door, found: bool = False) -> FileReport:
    """The report of a file that could not be read: what is wrong with it, or that the fault is ours."""
    if isinstance(error, KcasError):
        return FileReport(name, error=str(error), passed_over=found and isinstance(error, NotALog))
    return FileReport(name, error=door.faults.words(error, name=name))


def import_tail(
    tail: Tail, form: LogFormat, *, store: Store, standard: Standard, asked: ImportRequest | None = None
) -> FileReport:
    """Read what a growing log has gained into the store, and by the same act how far it has been read."""
    asked = asked or ImportRequest()
    door = Door(store, settings_of(standard, asked, store=store), asked, standard.time_zone)
    reports: list[FileReport] = []
    with told_in(reports, tail.name, door):
        reports.append(import_log(RecognisedLog(tail, form, LAST, positions=tail.positions), door))
    return reports[0]


def settings_of(standard: Standard, asked: ImportRequest, *, store: Store) -> ReadSettings:
    """What readers are told besides the logs."""
    if asked.zone:
        zone_named(asked.zone, where="--timezone")
    key = asked.key_file or key_path()
    if key.resolve().is_relative_to(store.folder.resolve()):
        raise SettingError(f"{key}: the key must not lie in the store it protects. Say another place in KCAS_KEY.")
    redactor = redactor_for(store, standard, key_file=key)
    plain = store.exists and bring_up_to_date(store, redactor) == PLAIN
    return ReadSettings(redactor, zone=asked.zone, default_zone=standard.time_zone, plain_joins=plain)


def formats_asked(asked: ImportRequest, store: Store) -> tuple[LogFormat, ...]:
    """The formats that may claim a file: all of them, those kept next to the store first, or the one asked for."""
    if asked.mapping and asked.format:
        raise SettingError("--mapping and --format: say one of them, a mapping is a format of its own.")
    if asked.mapping:
        return (Mapped(read_mapping(asked.mapping)),)
    every = (*kept_mappings(store), *formats())
    if asked.format is None:
        return every
    named = tuple(form for form in every if form.key == asked.format)
    if not named:
        known = ", ".join(sorted(form.key for form in every))
        raise SettingError(f"--format: {asked.format!r} is not a format. Known: {known}.")
    return named


def logs_in(paths: Sequence[Path], door: Door, *, reports: list[FileReport]) -> Iterator[tuple[Log, bool]]:
    """The logs in files, folders and zips, each file once, and whether it was found in a folder rather than named."""
    files: dict[Path, bool] = {}
    for path in reversed(paths):
        if not os.path.isdir(path):
            files[path] = False
            continue
        entries = entries_in(path, leave_out=door.store.owns)
        files |= dict.fromkeys(entries.files, True)
        reports += [FileReport(printable(each.name), error=error) for each, error in entries.no_files.items()]
    for file, found in files.items():
        with told_in(reports, printable(file.name), door):
            for source in sources(file, limits=door.asked.limits):
                yield Log(source, limits=door.asked.limits), found


def form_for(log: Log, known: tuple[LogFormat, ...], store: Store) -> LogFormat:
    """The format asked for, or the one that claims the log. Raises LogError where it is no log, or one that changed."""
    fits = log.head.sheets or (log.head.raw and (not log.head.binary or known[0].encoding.startswith("utf-16")))
    if len(known) == 1 and fits:
        return known[0]
    # of two kept descriptions of one form the later one holds: it was confirmed by a person after the other
    own = (form for form in known if isinstance(form, KeptMapping) and form.claims(log.head))
    if form := next(own, None):
        return form
    try:
        return recognise(log.head, known, name=log.name)
    except UnknownFormat:
        if changed := changed_log(log, store):
            raise LogError(changed.sentence) from None
        raise


def recognised_log(log: Log, known: tuple[LogFormat, ...], door: Door) -> RecognisedLog:
    """A log with the format that claims it and its first moment, as far as its first lines tell."""
    form = form_for(log, known, door.store)
    try:
        first = first_moment(log, form, door.settings)
    except (LogError, AccountError):
        first = None  # what is wrong with it is said when it is read
    return RecognisedLog(log, form, first or LAST, written=log.written)


def first_moment(log: Log, form: LogFormat, settings: ReadSettings) -> datetime | None:
    """When a log begins, as far as its first lines tell."""
    if isinstance(form, TellsItsBeginning):
        return form.begins(log.head)
    pieces = form.read(Beginning(log), settings=settings, carried=Carried())
    moments = [moment for piece in pieces for moment in span(piece.calls) if moment]
    return min(moments, default=None)


def import_log(one: RecognisedLog, door: Door) -> FileReport:
    """Read one log into the store; again where a writer on another machine got in first, or the file changed."""
    for _ in range(TRIES - 1):
        try:
            return import_once(one, door)
        except Overtaken:
            continue
        except ChangedWhileRead:
            if isinstance(one.log, Tail):  # it is looked at again
                break
            again = Log(one.log.source, limits=one.log.limits)
            one = recognised_log(again, formats_asked(door.asked, door.store), door)
    return import_once(one, door)


def import_once(one: RecognisedLog, door: Door) -> FileReport:
    """Read one log into the store, whole or not at all."""
    report = FileReport(one.log.name, one.form.key)
    reading = how_read(one.form, door)
    try:
        if held := held_already(one.log, door, reading=reading):
            report.sha256 = held.record.sha256
            return as_held(report, held, door=door, form=one.form)
        one.log.progress = progress_of(one.log, door.asked)
        loose: list[tuple[str, ...]] = []

        def record() -> Record:
            report.sha256, size = one.log.fingerprint_as_read
            positions = one.positions()
            check_refusals(report, strict=door.asked.strict, a_tail=bool(positions))
            told = record_of(report, size=size, reading=reading, loose=loose[-1] if loose else None)
            return replace(told, positions=positions)

        key = door.settings.redactor.fingerprint
        added = door.store.add(frames(one, door, report=report, loose=loose), record=record, key=key)
    except ChangedWhileRead:
        raise
    except (LogError, AccountError) as error:
        where = f"{report.file}: " if isinstance(error, AccountError) else ""
        return replace(report, error=f"{where}{error}", calls=0, intervals=0, first=None, last=None)
    report.new, report.already_held, report.superseded = added.new, added.already_held, added.superseded
    report.forgotten = added.forgotten
    door.sizes_held.add(one.log.handed_size)
    return report.at_the_desk(door.zone)


def held_already(log: Log, door: Door, *, reading: str) -> Batch | None:
    """What is on record of a log read before in this way, found by its content."""
    if log.handed_size not in door.sizes_held:
        return None
    return door.store.has(log.fingerprint[0], reading=reading)


def check_refusals(report: FileReport, *, strict: bool, a_tail: bool = False) -> None:
    """Raise LogError where refused lines mean that nothing is to be kept. A growing log goes on after a bad line."""
    if strict and report.refused:
        lines = "1 line was" if report.refused == 1 else f"{report.refused:,} lines were"
        raise LogError(f"{report.file}: {lines} refused, and nothing was kept.")
    if report.refused and not (report.call_lines or report.used or a_tail):
        first = report.refusals[0]
        raise LogError(f"{report.file}: not one line could be taken. Line {first.line}: {first.reason}")


def progress_of(log: Log, asked: ImportRequest) -> Callable[[int], None]:
    """Tells how many of a log's bytes have been read."""
    done, total = 0, log.expected_size

    def count_bytes(chunk: int) -> None:
        nonlocal done
        done += chunk
        asked.progress(log.name, min(done, total), total)

    return count_bytes


def frames(
    one: RecognisedLog, door: Door, *, report: FileReport, loose: list[tuple[str, ...]]
) -> Iterator[pl.DataFrame]:
    """The frames of a log for the store, each piece noted in the report as it goes by."""
    unfinished = door.store.unfinished(one.form.key)
    carried = Carried(unfinished.calls, unfinished.loose)
    pieces = one.form.read(one.log, settings=door.settings, carried=carried)
    for told in read_ahead(pieces) if one.log.expected_size > WORTH_A_THREAD else pieces:
        piece = pseudonymised(told, door.settings.redactor)
        report.note(piece)
        if piece.refusals:
            door.asked.refused(report.file, piece.refusals)
        if piece.carried is not None:
            loose.append(piece.carried.loose)
        yield from (frame for frame in (piece.calls, piece.intervals) if frame.height)
    report.warn(one.log.warnings)
    if isinstance(one.form, Mapped) and (note := changes_of(one.log.head, one.form.mapping).note):
        report.warn({note: 1})
    report.zone = zone_if_other(one.form, door)


def zone_if_other(form: LogFormat, door: Door) -> str:
    """The zone of a log's clock where that is not the settings' own; empty where it is, or cannot be said."""
    zone = form.clock(door.settings) if isinstance(form, Mapped) else door.settings.zone or ""
    return zone if zone != door.zone else ""


def how_read(form: LogFormat, door: Door) -> str:
    """A mark of how a file was read, where that was not left to a format of ours: reading it otherwise is no repeat."""
    own = isinstance(form, Mapped) and form.mapping.zone
    zone = door.settings.zone or ("" if own or door.zone == _OURS else door.zone)
    return "/".join(filter(None, [door.mapping_mark, zone]))


def as_held(report: FileReport, held: Batch, *, door: Door, form: LogFormat) -> FileReport:
    """The report of a file that was read before."""
    record, added = held.record, held.added
    rows = added.new + added.already_held + added.superseded
    told = rows + added.forgotten
    table = isinstance(form, Mapped) and form.mapping.kind == "intervals"
    warning = {f"read before, on {held.committed.astimezone(ZoneInfo(door.zone)):%d %B %Y at %H:%M}": 1}
    refusals = [Refusal(r["line"], r["column"], r["reason"]) for r in record.refusals]
    again = replace(
        report, lines=record.lines, call_lines=record.call_lines, used=record.used, ignored=dict(record.ignored),
        calls=0 if table else told, intervals=rows if table else 0, already_held=rows,
        forgotten=added.forgotten, refused=record.refused, refusals=refusals, warnings=warning,
        first=added.first, last=added.last,
    )  # fmt: skip
    return again.at_the_desk(door.zone)


def record_of(report: FileReport, *, size: int, reading: str, loose: tuple[str, ...] | None) -> Record:
    """What goes on record of a file read to its end."""
    return Record(
        report.file, report.sha256, size, report.format or "", lines=report.lines, call_lines=report.call_lines,
        used=report.used, ignored=dict(report.ignored), refused=report.refused,
        refusals=tuple({"line": r.line, "column": r.column, "reason": r.reason} for r in report.refusals),
        warnings=tuple(report.warnings_in_words), loose=loose, reading=reading,
    )  # fmt: skip
