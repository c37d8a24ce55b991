"""Preparation of the demo: writes the sample logs, imports them and reports the result."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import polars as pl

from kcas.calls.measures import measure
from kcas.calls.store import Store
from kcas.demo import desk
from kcas.demo.desk import Blemish
from kcas.demo.new_switch import write_new_switch
from kcas.demo.old_switch import write_old_switch
from kcas.demo.year import SEED, invent_year
from kcas.desk.standard import Standard
from kcas.errors import LogError, StoreError
from kcas.importing.run import ImportRequest, import_files
from kcas.ingest.report import FileReport
from kcas.monitoring.between_days import between_days
from kcas.monitoring.rate_chart import PeriodCount
from kcas.systems import replace as put

ABOUT = """INVENTED DATA

These logs were made up by `kcas demo`. No one rang, no one hung up: the calls come from a seed, the people's
names are invented, and the telephone numbers are those that Ofcom keeps for drama. Nothing here was measured at
any real desk, and no figure made from it says anything about one.

  invented-deskline-*.csv    the old telephone system's monthly export, until February 2010 (read with a mapping)
  invented-queue_log-*.log   the new one's log, from March 2010: Asterisk's queue_log, recognised as it is

Both have their usual data faults, put there on purpose.
"""


@dataclass(frozen=True)
class SampleLogs:
    """The files written, the calls they tell of with names and numbers in clear, and what is wrong with them."""

    old: tuple[Path, ...]
    new: tuple[Path, ...]
    calls: pl.DataFrame
    blemishes: tuple[Blemish, ...]


def write_logs(folder: Path, *, seed: int = SEED) -> SampleLogs:
    """Make the year and write it as both suppliers would have."""
    logs = folder / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    (folder / "INVENTED.txt").write_text(ABOUT, encoding="utf-8")
    calls = invent_year(seed=seed)
    on_new = pl.col("entered").dt.convert_time_zone(desk.TIME_ZONE).dt.date() >= desk.NEW_TELEPHONES
    wrong = write_old_switch(calls.filter(~on_new), folder=logs) + write_new_switch(calls.filter(on_new), folder=logs)
    old, new = (tuple(sorted(logs.glob(pattern))) for pattern in ("invented-*.csv", "invented-*.log"))
    return SampleLogs(old, new, calls, tuple(wrong))


MAPPING = Path(__file__).with_name("old_switch.toml")
STANDARD = Path(__file__).with_name("standard.toml")
DEFAULT_STORE = Path("kcas-demo")
Say = Callable[[str], None]


def logs_folder(store: Path) -> Path:
    """Where the sample logs of a demo's store are."""
    return store.with_name(f"{store.name}-logs")


def key_file(store: Path) -> Path:
    """The demo's own key, beside its logs: nothing is left in the person's home."""
    return logs_folder(store) / "key"


def prepare(folder: Path, *, standard: Standard, say: Say) -> None:
    """Bring the store in this folder to hold the invented year, whatever of it is there already."""
    store = Store(folder)
    only_invented(store)
    logs = logs_folder(folder)
    say("All of this is INVENTED: the calls come from a seed, nobody rang, and no figure says anything of a real desk.")
    make_logs(logs, say=say)
    read_logs(logs / "logs", store=store, key=key_file(folder), standard=standard, say=say)
    _before_and_after(store, standard=standard, say=say)


def only_invented(store: Store) -> None:
    """Refuse a store with real calls: once mixed, nothing could tell the invented ones from them."""
    real = [batch.record.name for batch in store.batches() if not batch.record.invented]
    if real:
        raise StoreError(
            f"{store.folder}: holds calls that were not invented ({real[0]}). Name another folder: --store."
        )


def make_logs(folder: Path, *, say: Say) -> None:
    """Write the sample logs, unless they are there; all of them or none."""
    if folder.exists():
        say(f"The sample logs are in {folder} already.")
        return
    unfinished = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    made = write_logs(unfinished)
    put(unfinished, folder)
    say(f"Wrote {len(made.old)} files of the old telephone system and {len(made.new)} of the new one to {folder}.")


def read_logs(folder: Path, *, store: Store, key: Path, standard: Standard, say: Say) -> None:
    """Read the logs as anyone's would be read, the old system's with its mapping."""
    say(f"Reading them into {store.folder} …")
    old, new = sorted(folder.glob("*.csv")), sorted(folder.glob("*.log"))
    reports = [
        *import_files(old, store=store, standard=standard, asked=ImportRequest(mapping=MAPPING, key_file=key)),
        *import_files(new, store=store, standard=standard, asked=ImportRequest(key_file=key)),
    ]
    for report in reports:
        if report.error:
            raise LogError(report.error)
    fresh = [report for report in reports if report.new]
    for sentence in (sentence for report in fresh for sentence in _sentences(report)):
        say(sentence)
    if not fresh:
        say("  All of them had been read before: nothing new.")


def _sentences(report: FileReport) -> Iterator[str]:
    """What became of one file."""
    parts = [f"{report.new:,} calls"]
    parts += [f"{report.already_held:,} held already"] if report.already_held else []
    parts += [f"{report.superseded:,} completed or corrected"] if report.superseded else []
    parts += [f"{report.refused:,} line{'s' if report.refused > 1 else ''} refused"] if report.refused else []
    yield f"  {report.file}: {', '.join(parts)}."
    yield from (f"    line {refusal.line}: {refusal.reason}" for refusal in report.refusals)


def _before_and_after(store: Store, *, standard: Standard, say: Say) -> None:
    """The year's rate before and after the changes, with both halves."""
    whole = replace(standard, definition="all_offered")
    parts = (
        ("before April 2010", None, desk.CHANGES_BEGIN),
        ("from April to June 2010, while the desk changed", desk.CHANGES_BEGIN, desk.CHANGES_DONE),
        ("from July 2010", desk.CHANGES_DONE, None),
    )
    for words, since, until in parts:
        say(f"Invented calls {words}: {rate_of(store, standard=whole, since=since, until=until)}")


def rate_of(store: Store, *, standard: Standard, since: date | None, until: date | None) -> str:
    """A rate in words, with its halves and its interval between days."""
    rows = measure(store.calls(), standard=standard, by="day", since=since, until=until)
    days = [PeriodCount(*row) for row in rows.select("start", "numerator", "denominator").iter_rows()]
    lost, offered = (int(sum(getattr(day, half) for day in days)) for half in ("numerator", "denominator"))
    interval = between_days(days)
    apart = f"; 95% interval between days {interval[0]:.1%} to {interval[1]:.1%}" if interval else ""
    return f"{lost / offered:.1%} abandoned ({lost:,} of {offered:,} offered{apart})."
