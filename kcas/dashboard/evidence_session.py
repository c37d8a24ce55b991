"""Session state of the evidence page: what is asked for, its sentences beforehand, and tables of the result."""

from dataclasses import dataclass
from datetime import date

import polars as pl
import streamlit as st

from kcas.api.evidence import EvidenceCheck
from kcas.dashboard import session, what_if_session
from kcas.dashboard.job_requests import MadePack, MakePack
from kcas.dashboard.session import Choice
from kcas.desk.standard import Standard
from kcas.evidence import sentences as said
from kcas.evidence.disclosure import Guard
from kcas.evidence.facts import Model, PackRequest
from kcas.evidence.gather import gather


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


def pack_request(wanted: Wanted) -> MakePack:
    """The pack that is wanted, of the queues and by the definitions chosen."""
    choice = session.choice()
    return MakePack(
        session.call_store(), wanted.changed, wanted.public, wanted.first, wanted.until, choice.queues,
        choice.definition.key, choice.definition.short, choice.service_level.key, choice.service_level.within,
        what_if_session.folder().resolve(),
    )  # fmt: skip


def files_table(pack: MadePack) -> pl.DataFrame:
    """The files of a pack, as a person reads them."""
    return pl.DataFrame([{"File": name, "Bytes": size, "SHA-256": checksum} for name, size, checksum in pack.files])


def findings_table(check: EvidenceCheck) -> pl.DataFrame:
    """The files that are not as they were made."""
    return pl.DataFrame([{"File": each.file, "What": each.what, "How": each.how} for each in check.found.findings])
