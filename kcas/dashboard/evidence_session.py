"""Session state of the evidence page."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl
import streamlit as st

from kcas.dashboard import evidence_job, session, what_if_session
from kcas.dashboard.session import Choice
from kcas.desk.standard import Standard
from kcas.evidence import sentences as said
from kcas.evidence.facts import Model, PackRequest
from kcas.evidence.gather import gather
from kcas.evidence.guard import Guard
from kcas.evidence.verify import Finding, Verified
from kcas.evidence.verify import sentences as verified


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


def make(wanted: Wanted) -> str:
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
    return evidence_job.make(options, name=f"evidence-{kind}", store=session.store().folder)


def files_table(report: Mapping[str, Any]) -> pl.DataFrame:
    """The files of a pack, as a person reads them."""
    rows = [{"File": each["file"], "Bytes": each["size"], "SHA-256": each["sha256"]} for each in report["files"]]
    return pl.DataFrame(rows)


def findings_table(report: Mapping[str, Any]) -> pl.DataFrame:
    """The files that are not as they were made."""
    rows = [{"File": each["file"], "What": each["what"], "How": each["how"]} for each in report["findings"]]
    return pl.DataFrame(rows)


def verdict(report: Mapping[str, Any]) -> tuple[str, ...]:
    """A check's report in the words that the command line has for it."""
    findings = tuple(Finding(each["file"], each["what"], each["how"]) for each in report["findings"])
    return verified(
        Verified(
            report["run"], report["files"], findings, report["made_again"], tuple(report["differs"]),
            tuple(report["why"]),
        )
    )  # fmt: skip
