"""Session state of the evidence page.

Background job that makes or verifies an evidence pack in a child process.

The job's name is all that a page keeps. A pack that was handed in, and one that was made, are kept for a day.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import IO, Any

import polars as pl
import streamlit as st

from kcas.dashboard import session, what_if_session
from kcas.dashboard.job_folder import Jobs, environment, file_text, place, without_folder, words_of
from kcas.dashboard.session import Choice
from kcas.desk.standard import Standard
from kcas.evidence import sentences as said
from kcas.evidence.disclosure import Guard
from kcas.evidence.facts import Model, PackRequest
from kcas.evidence.folder import unzipped
from kcas.evidence.gather import gather
from kcas.evidence.verify import Finding, Verified
from kcas.evidence.verify import sentences as verified
from kcas.systems import apart

_LONGEST = 3600.0
"""Seconds after which the making of a pack is stopped."""
_TOO_LONG = "Stopped: it took too long. Make it with kcas evidence."
MAKE, CHECK = "make", "check"

jobs = Jobs("kcas-evidence-")


@dataclass(frozen=True)
class Job:
    """How far it has got, or what became of it."""

    name: str
    kind: str  # MAKE or CHECK
    state: str  # "running", "done", "failed" or "stopped"
    words: str = ""
    report: dict[str, Any] = field(default_factory=dict)

    @property
    def pack(self) -> Path:
        """The pack that was made."""
        return next(path for path in (jobs.folder(self.name) / "made").iterdir() if path.is_dir())


def make(options: Sequence[str], *, name: str, store: Path) -> str:
    """Begin to make a pack; the name of the job. Raises TooManyJobs."""
    with place():
        job, folder = jobs.new()
        (folder / "made").mkdir()
        out = folder / "made" / name
        _begin(job, folder, MAKE, ["--out", str(out), *options, "--store", str(store.resolve())])
        return job


def check(given: IO[bytes], *, store: Path) -> str:
    """Begin to check a pack that was handed in as a zip. Raises SettingError for what is none, and TooManyJobs."""
    with place():
        job, folder = jobs.new()
        try:
            pack = unzipped(given, folder / "given")
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        _begin(job, folder, CHECK, ["verify", str(pack), "--store", str(store.resolve())])
        return job


def _begin(job: str, folder: Path, kind: str, words: Sequence[str]) -> None:
    (folder / "kind").write_text(kind, encoding="ascii")
    command = [sys.executable, "-m", "kcas", "evidence", *words, "--json", "--progress", str(folder / "progress.txt")]
    with (folder / "report.json").open("wb") as out, (folder / "words.txt").open("wb") as err:
        child = subprocess.Popen(command, stdout=out, stderr=err, stdin=subprocess.DEVNULL, **apart(),
                                 env=environment())  # fmt: skip
    jobs.follow(job, child, longest=_LONGEST, late=lambda: stop(job, words=_TOO_LONG))


def job_state(name: str) -> Job | None:
    """How a job stands; None where there is none of that name, or no longer."""
    try:
        folder = jobs.folder(name)
    except ValueError:
        return None
    kind = file_text(folder / "kind")
    if kind not in (MAKE, CHECK):
        return None
    if (folder / "stopped").exists():
        return Job(name, kind, "stopped", file_text(folder / "stopped"))
    if jobs.alive(name):
        if time.time() - (folder / "kind").stat().st_ctime > _LONGEST:
            stop(name, words=_TOO_LONG)
        return Job(name, kind, "running", file_text(folder / "progress.txt") or "beginning")
    try:
        report = json.loads(without_folder(file_text(folder / "report.json"), folder))
    except ValueError:
        return Job(name, kind, "failed", words_of(folder / "words.txt") or "It ended without an account.")
    return Job(name, kind, "done", words_of(folder / "words.txt"), report)


def stop(name: str, *, words: str = "Stopped. No half of a pack is left.") -> None:
    """End a job."""
    jobs.end(name, words=words)
    shutil.rmtree(jobs.folder(name) / "made", ignore_errors=True)


@dataclass(frozen=True)
class Wanted:
    """What the page asks for. `first` and `until` are None for every day of the log."""

    changed: date
    public: bool
    first: date | None
    until: date | None


def sentences(wanted: Wanted) -> tuple[str, ...]:
    """The five sentences, with every count in them: the pack itself may have to keep some back."""
    return sentences_of(session.stamp(), session.standard(), session.choice(), wanted)


@st.cache_resource(max_entries=16, show_spinner="Counting before and after", hash_funcs={
    Standard: repr, Wanted: repr, Choice: lambda choice: repr((choice.queues, choice.definition))})  # fmt: skip
def sentences_of(stamp: str, standard: Standard, choice: Choice, wanted: Wanted) -> tuple[str, ...]:
    """The same, of a version of the store."""
    asked = PackRequest(
        wanted.changed, wanted.public, choice.queues, wanted.first, wanted.until, choice.definition.key,
        choice.definition.short,
    )  # fmt: skip
    facts = gather(session.store(), asked, standard=standard, model=Model(), told=lambda words: None)
    return said.five(facts, Guard())


def make_pack(wanted: Wanted) -> str:
    """Begin to make it; the name of the job."""
    choice, standard = session.choice(), os.environ.get("KCAS_STANDARD")
    options = ["--public" if wanted.public else "--internal", "--since", wanted.changed.isoformat()]
    for option, value in (
        ("--from", wanted.first), ("--until", wanted.until), ("--definition", choice.definition.key),
        ("--short", choice.definition.short), ("--service-level", choice.service_level.key),
        ("--within", choice.service_level.within), ("--standard", standard), ("--zone", os.environ.get("KCAS_ZONE")),
    ):  # fmt: skip
        options += [option, str(value)] if value not in (None, "") else []
    for queue in choice.queues:
        options.append(f"--queue={queue}")
    options += ["--scenarios", str(what_if_session.folder())]
    kind = "public" if wanted.public else "internal"
    return make(options, name=f"evidence-{kind}", store=session.store().folder)


def files_table(report: Mapping[str, Any]) -> pl.DataFrame:
    """The files of a pack, as a person reads them."""
    rows = [{"File": each["file"], "Bytes": each["size"], "SHA-256": each["sha256"]} for each in report["files"]]
    return pl.DataFrame(rows)


def findings_table(report: Mapping[str, Any]) -> pl.DataFrame:
    """The files that are not as they were made."""
    rows = [{"File": each["file"], "What": each["what"], "How": each["how"]} for each in report["findings"]]
    return pl.DataFrame(rows)


def check_verdict(report: Mapping[str, Any]) -> tuple[str, ...]:
    """A check's report in the words that the command line has for it."""
    findings = tuple(Finding(each["file"], each["what"], each["how"]) for each in report["findings"])
    return verified(
        Verified(
            report["run"], report["files"], findings, report["made_again"], tuple(report["differs"]),
            tuple(report["why"]),
        )
    )  # fmt: skip
