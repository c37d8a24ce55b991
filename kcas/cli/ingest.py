"""`kcas ingest`: files and folders become calls in the store, each file whole or not at all.

Messages that compiled libraries write past Python to the error stream, hidden while logs are read.

A library that panics (Polars, Arrow, Delta) prints its message to file descriptor 2 before Python sees an exception,
and the message may repeat the text at hand: a caller's number, on a screen or in a page's record of the job. So the
descriptor leads nowhere while logs are read, and Python's own `sys.stderr` goes on to where it led. This is done once
for a whole command, not around each call: descriptors belong to all threads.
"""

from __future__ import annotations

import csv
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from kcas.api.store import open_store
from kcas.cli.context import say
from kcas.cli.options import Json, StandardFile, StoreFolder, Zone
from kcas.cli.printing import count, print_json, print_table, write_progress
from kcas.desk.standard import DEFAULT_STORE
from kcas.errors import LogError

if TYPE_CHECKING:
    from kcas.ingest.log_format import Refusal
    from kcas.ingest.report import FileReport


ERRORS = 2
"""The descriptor of the error stream, by the C standard."""


@contextmanager
def native_messages_hidden() -> Iterator[None]:
    """Let nothing but Python's own words through to the error stream."""
    stream = sys.stderr
    try:
        led_to = os.dup(ERRORS)
    except OSError:  # the stream is closed: nothing can be written there
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    own = None
    try:
        if descriptor_of(stream) == ERRORS:
            stream.flush()
            own = open(led_to, "w", buffering=1, encoding=stream.encoding, errors=stream.errors, closefd=False)  # noqa: SIM115
            sys.stderr = own
        os.dup2(nowhere, ERRORS)
        yield
    finally:
        if own is not None:
            own.flush()
            sys.stderr = stream
        os.dup2(led_to, ERRORS)
        os.close(nowhere)
        os.close(led_to)


def descriptor_of(stream: object) -> int | None:
    """The file descriptor of a stream; None where it has none, as in a test."""
    try:
        return int(stream.fileno())  # type: ignore[attr-defined]
    except (AttributeError, OSError, ValueError):
        return None


REFUSALS_SHOWN, RULES_SHOWN = 5, 20
PROGRESS_EVERY = 0.2  # seconds

Paths = Annotated[list[Path], typer.Argument(help="Logs, or folders of them; .gz and .zip too.", show_default=False)]
Format = Annotated[str | None, typer.Option("--format", help="Log format, instead of recognising it from the content.")]
Mapping = Annotated[Path | None, typer.Option("--mapping", help="A TOML file that describes the columns.")]
Timezone = Annotated[
    str | None, typer.Option("--timezone", help="Time zone of the log's clock, instead of its format's own.")
]
Strict = Annotated[bool, typer.Option("--strict", help="Import nothing from a file that has a rejected row.")]
Refusals = Annotated[Path | None, typer.Option("--refusals", help="Write every rejected row to this CSV file.")]
_Progress = Annotated[Path | None, typer.Option("--progress", help="Write progress to this file, for other programs.")]
Unpacked = Annotated[
    float | None,
    typer.Option(
        "--unpack-at-most", min=0, help="Largest unpacked size of a compressed file, in GiB.", show_default="16"
    ),
]


def ingest(
    paths: Paths,
    form: Format = None,
    mapping: Mapping = None,
    timezone: Timezone = None,
    strict: Strict = False,
    refusals: Refusals = None,
    progress: _Progress = None,
    unpacked: Unpacked = None,
    as_json: Json = False,
    store: StoreFolder = None,
    standard: StandardFile = None,
    zone: Zone = None,
) -> None:
    """Import logs into the store; a file imported twice, or one that overlaps, doubles no call."""
    began = time.monotonic()
    opened = open_store(store or DEFAULT_STORE, standard=standard, zone=zone)
    from kcas.ingest.unpacking import GIB, LIMITS, printable

    limits = LIMITS if unpacked is None else replace(LIMITS, unpacked=int(unpacked * GIB))
    with (
        native_messages_hidden(),
        progress_shown(quiet=as_json) as shown,
        refusals_written(refusals) as refused,
    ):
        found = opened.ingest(
            paths, format=form, mapping=mapping, zone=timezone, strict=strict, limits=limits,
            progress=progress_written(progress) if progress else shown, refused=refused,
        )  # fmt: skip
    reports = found.reports
    say(found.repairs)
    if not reports:
        raise LogError(f"{', '.join(map(printable, paths))}: no files here.")
    if as_json:
        files = [report.to_json() for report in reports]
        print_json({"files": files, "seconds": round(time.monotonic() - began, 3)})
    else:
        _show(reports)
    for report in reports:
        if report.error:
            print(report.error, file=sys.stderr)
    if any(report.error and not report.passed_over for report in reports) or all(report.error for report in reports):
        raise typer.Exit(1)


def _show(reports: Sequence[FileReport]) -> None:
    """What became of each file, and the first refused lines."""
    kept = [report for report in reports if not report.error]
    if not kept:
        return
    print_table(
        "Read in",
        headings=("file", "format", "lines", "calls", "new", "already held", "superseded", "ignored", "refused"),
        rows=[
            (
                report.file, report.format or "", count(report.lines), brought(report),
                count(report.new), count(report.already_held), count(report.superseded),
                count(sum(report.ignored.values())), count(report.refused),
            )
            for report in kept
        ],
        beneath=[sentence for report in kept for sentence in import_sentences(report)],
    )  # fmt: skip


def brought(report: FileReport) -> str:
    """How many calls a file tells of, or figures where it is an interval table."""
    return f"{report.intervals:,} figures" if report.intervals and not report.calls else count(report.calls)


def import_sentences(report: FileReport) -> Iterator[str]:
    """A file's period, rules, warnings and first refusals in plain sentences."""
    if report.first and report.last:
        yield f"{report.file}: {report.first:%d %B %Y %H:%M} to {report.last:%d %B %Y %H:%M}."
    if report.zone:
        from kcas.ingest.report import zone_words

        yield f"{report.file}: {zone_words(report.zone)}."
    if report.ignored:
        rules = [f"{rule} ({times:,})" for rule, times in report.ignored.items()]
        more = [f"{len(rules) - RULES_SHOWN} other rules"] if len(rules) > RULES_SHOWN else []
        yield f"{report.file}: ignored: {'; '.join(rules[:RULES_SHOWN] + more)}."
    if report.forgotten:
        yield f"{report.file}: {report.forgotten_in_words}."
    for warning in report.warnings_in_words:
        yield f"{report.file}: {warning}."
    for refusal in report.refusals[:REFUSALS_SHOWN]:
        column = f", {refusal.column}" if refusal.column else ""
        yield f"{report.file}, line {refusal.line}{column}: {refusal.reason.rstrip('.')}."
    if report.refused > REFUSALS_SHOWN:
        yield f"{report.file}: {report.refused:,} lines refused in all; --refusals FILE.csv writes every one."


@contextmanager
def progress_shown(*, quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on a terminal, nothing where the output is piped."""
    if quiet or not sys.stderr.isatty():
        yield lambda name, done, total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
    from rich.text import Text

    columns = (TextColumn("{task.description}", markup=False), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def show_progress(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = bar.add_task(Text(name).plain, total=total)
            bar.update(tasks[name], completed=done)

        yield show_progress


def progress_written(path: Path) -> Callable[[str, int, int], None]:
    """Keeps a file that says which file is being read, the how manieth it is, and how many of its bytes are read."""
    seen: dict[str, None] = {}
    last = 0.0

    def show_progress(name: str, done: int, total: int) -> None:
        nonlocal last
        seen[name] = None
        if time.monotonic() - last < PROGRESS_EVERY:
            return
        last = time.monotonic()
        write_progress(path, json.dumps({"file": name, "number": len(seen), "done": done, "of": total}))

    return show_progress


@contextmanager
def refusals_written(path: Path | None) -> Iterator[Callable[[str, Sequence[Refusal]], None]]:
    """Every refused line in a CSV file that a spreadsheet may open: no text in it is a formula."""
    if path is None:
        yield lambda name, refusals: None
        return
    try:
        file = path.open("w", encoding="utf-8-sig", newline="")
    except OSError as error:
        raise LogError(f"{path}: cannot be written ({error.strerror}).") from None
    with file:
        writer = csv.writer(file)
        writer.writerow(("file", "line", "column", "reason"))

        def write(name: str, refusals: Sequence[Refusal]) -> None:
            writer.writerows((harmless(name), r.line, harmless(r.column or ""), harmless(r.reason)) for r in refusals)

        yield write


def harmless(text: str) -> str:
    """Text a spreadsheet will not take for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
